/* Leaf 0 and the founders' signatures over it: docs/formats/genesis.md. */
#include "ledger/chain/chain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ORDERING "solo"
#define TITLE_BYTES_MAX 200
#define ADMINISTRATOR EVENTS_ROLE(1)

/* ---- Writing ------------------------------------------------------------ */

static void put_founder(struct base_buf *out, const struct chain_founder *founder)
{
	wire_put_map(out, 5);
	wire_put_uint(out, 1);
	wire_put_cstr(out, founder->organisation);
	wire_put_uint(out, 2);
	wire_put_cstr(out, founder->title);
	wire_put_uint(out, 3);
	wire_put_cstr(out, founder->country);
	wire_put_uint(out, 4);
	keys_public_put(out, &founder->recovery);
	wire_put_uint(out, 5);
	wire_put_bytes(out, founder->enrolment);
}

static void put_node(struct base_buf *out, const struct chain_node *node)
{
	wire_put_map(out, 4);
	wire_put_uint(out, 1);
	wire_put_cstr(out, node->name);
	wire_put_uint(out, 2);
	keys_public_put(out, &node->log);
	wire_put_uint(out, 3);
	keys_public_put(out, &node->cosign);
	wire_put_uint(out, 4);
	keys_public_put(out, &node->sign);
}

static void put_genesis(struct base_buf *out, const struct chain_genesis *genesis)
{
	const struct state_limits defaults = STATE_LIMITS_DEFAULT;
	size_t i;

	wire_put_array(out, 4);
	wire_put_uint(out, CHAIN_GENESIS);
	wire_put_uint(out, 0);
	wire_put_uint(out, genesis->time.ms);
	wire_put_map(out, 5);
	wire_put_uint(out, 1);
	wire_put_uint(out, CHAIN_FORMAT);
	wire_put_uint(out, 2);
	wire_put_cstr(out, genesis->origin);
	wire_put_uint(out, 3);
	wire_put_array(out, genesis->founder_count);
	for (i = 0; i < genesis->founder_count; i++)
		put_founder(out, &genesis->founders[i]);
	wire_put_uint(out, 4);
	wire_put_array(out, genesis->node_count);
	for (i = 0; i < genesis->node_count; i++)
		put_node(out, &genesis->nodes[i]);
	wire_put_uint(out, 5);
	wire_put_map(out, 4);
	wire_put_uint(out, 1);
	wire_put_cstr(out, ORDERING);
	wire_put_uint(out, 2);
	wire_put_uint(out, CHAIN_TOLERANCE_MS);
	wire_put_uint(out, 3);
	wire_put_uint(out, CHAIN_EXECUTOR);
	wire_put_uint(out, 4);
	state_limits_put(out, genesis->limits.key.burst == 0 ? &defaults : &genesis->limits);
}

/* What the caller composed is text of people: it may be anything. */
static bool texts_valid(const struct chain_genesis *genesis)
{
	bool valid = base_utf8_valid(base_slice_text(genesis->origin));
	size_t i;

	for (i = 0; i < genesis->founder_count; i++) {
		const struct chain_founder *founder = &genesis->founders[i];

		valid = valid && base_utf8_valid(base_slice_text(founder->organisation)) &&
			base_utf8_valid(base_slice_text(founder->title)) && base_utf8_valid(base_slice_text(founder->country));
	}
	for (i = 0; i < genesis->node_count; i++)
		valid = valid && base_utf8_valid(base_slice_text(genesis->nodes[i].name));
	return valid;
}

enum base_code chain_genesis_encode(struct base_buf *out, const struct chain_genesis *genesis, struct base_error *err)
{
	struct chain_genesis *check = NULL;
	size_t start = out->len;
	enum base_code code;

	if (!texts_valid(genesis))
		return base_fail(err, BASE_MALFORMED, "genesis: a name is not UTF-8");
	put_genesis(out, genesis);
	code = chain_genesis_decode(&check, base_slice(out->data + start, out->len - start), err);
	chain_genesis_close(check);
	if (code != BASE_OK)
		out->len = start;
	return code;
}

/* ---- Reading ------------------------------------------------------------ */

/* One piece: the public struct first, so that the caller's pointer is ours. */
struct box {
	struct chain_genesis genesis;
	struct chain_founder founders[CHAIN_FOUNDERS_MAX];
	struct chain_node nodes[CHAIN_NODES_MAX];
	char *texts; /* NUL-terminated copies, and the enrolments */
	size_t used;
};

static uint8_t *keep(struct box *box, struct base_slice bytes)
{
	char *kept = box->texts + box->used;

	if (bytes.len > 0)
		memcpy(kept, bytes.data, bytes.len);
	kept[bytes.len] = '\0';
	box->used += bytes.len + 1;
	return (uint8_t *)kept;
}

/* Text without a NUL inside, which a C string could not carry. */
static const char *read_text(struct box *box, struct wire_reader *r)
{
	struct base_slice text = wire_get_text(r);

	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
		wire_fail(r, "a name holds a zero byte");
	return r->failed ? "" : (const char *)keep(box, text);
}

static struct keys_public read_key(struct wire_reader *r, enum keys_purpose purpose, enum keys_alg alg)
{
	struct base_slice raw = wire_get_raw(r);
	struct keys_public key = {0};

	if (!r->failed && (keys_public_parse(&key, raw, NULL) != BASE_OK || key.purpose != purpose || key.alg != alg))
		wire_fail(r, "a public key is not one of the purpose and algorithm that belongs here");
	return key;
}

static void expect(struct wire_reader *r, uint64_t key)
{
	if (wire_get_uint(r) != key)
		wire_fail(r, "a member is missing or unknown");
}

static void expect_map(struct wire_reader *r, uint64_t pairs)
{
	if (wire_get_map(r) != pairs)
		wire_fail(r, "a member is missing or unknown");
}

static void read_founder(struct box *box, struct wire_reader *r, struct chain_founder *out)
{
	struct base_slice enrolment;

	expect_map(r, 5);
	expect(r, 1);
	out->organisation = read_text(box, r);
	expect(r, 2);
	out->title = read_text(box, r);
	expect(r, 3);
	out->country = read_text(box, r);
	expect(r, 4);
	out->recovery = read_key(r, KEYS_RECOVERY, KEYS_X25519);
	expect(r, 5);
	enrolment = wire_get_bytes(r);
	if (!r->failed)
		out->enrolment = base_slice(keep(box, enrolment), enrolment.len);
}

static void read_node(struct box *box, struct wire_reader *r, struct chain_node *out)
{
	expect_map(r, 4);
	expect(r, 1);
	out->name = read_text(box, r);
	expect(r, 2);
	out->log = read_key(r, KEYS_LOG, KEYS_ED25519);
	expect(r, 3);
	out->cosign = read_key(r, KEYS_COSIGN, KEYS_ED25519);
	expect(r, 4);
	out->sign = read_key(r, KEYS_SIGN, KEYS_ES256K);
}

static size_t read_count(struct wire_reader *r, size_t max)
{
	uint64_t count = wire_get_array(r);

	if (count == 0 || count > max)
		wire_fail(r, "genesis names 1 to 64 organisations and 1 to 64 nodes");
	return r->failed ? 0 : (size_t)count;
}

static void read_governance(struct chain_genesis *g, struct wire_reader *r)
{
	expect_map(r, 4);
	expect(r, 1);
	if (!base_slice_equal(wire_get_text(r), base_slice_text(ORDERING)))
		wire_fail(r, "the ordering is \"solo\" in this version");
	expect(r, 2);
	if (wire_get_uint(r) != CHAIN_TOLERANCE_MS)
		wire_fail(r, "the time tolerance is 60000 ms in this version");
	expect(r, 3);
	if (wire_get_uint(r) != CHAIN_EXECUTOR)
		wire_fail(r, "the executor version is 1 in this version");
	expect(r, 4);
	state_limits_read(&g->limits, r);
}

static void read_genesis(struct box *box, struct wire_reader *r)
{
	struct chain_genesis *g = &box->genesis;
	size_t i;

	expect_map(r, 5);
	expect(r, 1);
	(void)wire_get_uint(r);
	expect(r, 2);
	g->origin = read_text(box, r);
	expect(r, 3);
	g->founders = box->founders;
	g->founder_count = read_count(r, CHAIN_FOUNDERS_MAX);
	for (i = 0; i < g->founder_count; i++)
		read_founder(box, r, &box->founders[i]);
	expect(r, 4);
	g->nodes = box->nodes;
	g->node_count = read_count(r, CHAIN_NODES_MAX);
	for (i = 0; i < g->node_count; i++)
		read_node(box, r, &box->nodes[i]);
	expect(r, 5);
	read_governance(g, r);
}

/* The version decides how the rest is read, so it is looked at first. */
static enum base_code check_version(struct base_slice map, struct base_error *err)
{
	struct wire_reader r;
	uint64_t key, version;

	wire_read(&r, map);
	(void)wire_get_map(&r);
	key = wire_get_uint(&r);
	version = wire_get_uint(&r);
	if (r.failed || key != 1 || version == 0)
		return base_fail(err, BASE_MALFORMED, "genesis: the format version is missing");
	if (version > CHAIN_FORMAT)
		return base_fail(err, BASE_VERSION,
				 "the ledger has format %" PRIu64 ", this program reads up to %d: use a newer version of Regesta",
				 version, CHAIN_FORMAT);
	if (version < CHAIN_FORMAT)
		return base_fail(err, BASE_VERSION,
				 "the ledger has format %" PRIu64 " of an early version of Regesta, which this one does not read any more (it reads %d)",
				 version, CHAIN_FORMAT);
	return BASE_OK;
}

/* ---- Rules -------------------------------------------------------------- */

static bool origin_valid(const char *origin)
{
	struct base_slice text = base_slice_text(origin);

	return text.len <= CHAIN_ORIGIN_BYTES_MAX && events_text_valid(EVENTS_URL, text) && proof_name_valid(text) &&
	       strstr(origin, "://") == NULL;
}

static enum base_code check_founder(const struct chain_genesis *g, size_t i, struct base_error *err)
{
	const struct chain_founder *f = &g->founders[i];
	size_t len = strlen(f->organisation), j;
	struct events_enrolment enrolment;
	enum base_code code;

	if (!events_text_valid(EVENTS_ORGANISATION, base_slice_text(f->organisation)))
		return base_fail(err, BASE_MALFORMED, "genesis: organisation %zu has no valid code", i);
	if (!events_text_valid(EVENTS_LABEL, base_slice_text(f->title)) || strlen(f->title) > TITLE_BYTES_MAX)
		return base_fail(err, BASE_MALFORMED, "genesis: the title of %s is not 1 to %d bytes of plain text", f->organisation,
				 TITLE_BYTES_MAX);
	if (!events_text_valid(EVENTS_COUNTRY, base_slice_text(f->country)))
		return base_fail(err, BASE_MALFORMED, "genesis: the country of %s is not two capital letters", f->organisation);
	for (j = 0; j < i; j++) {
		if (strcmp(g->founders[j].organisation, f->organisation) == 0)
			return base_fail(err, BASE_MALFORMED, "genesis: %s is named twice", f->organisation);
	}
	if ((code = events_enrolment_open(&enrolment, f->enrolment, err)) != BASE_OK)
		return base_wrap(err, code, "genesis: enrolment of %s", f->organisation);
	if (!enrolment.founder || !base_slice_equal(enrolment.ledger, base_slice_text(g->origin)))
		return base_fail(err, BASE_MISMATCH, "genesis: the enrolment of %s was made for another ledger", f->organisation);
	if (enrolment.actor.len <= len || memcmp(enrolment.actor.data, f->organisation, len) != 0 || enrolment.actor.data[len] != '/')
		return base_fail(err, BASE_MISMATCH, "genesis: the founder of %s is an actor of another organisation", f->organisation);
	if ((enrolment.roles & ADMINISTRATOR) == 0)
		return base_fail(err, BASE_MALFORMED, "genesis: the founder of %s is not its administrator", f->organisation);
	return BASE_OK;
}

/* The organisation of a node's name "organisation/code" must be a founder. */
static bool node_owned(const struct chain_genesis *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->founder_count; i++) {
		size_t len = strlen(g->founders[i].organisation);

		if (strncmp(name, g->founders[i].organisation, len) == 0 && name[len] == '/')
			return true;
	}
	return false;
}

static bool same_bytes(const struct keys_public *a, const struct keys_public *b)
{
	return base_slice_equal(base_slice(a->bytes, a->len), base_slice(b->bytes, b->len));
}

/* One key under two names would let one node count twice (C2SP tlog-policy: duplicates are refused). */
static enum base_code check_node(const struct chain_genesis *g, size_t i, struct base_error *err)
{
	const struct chain_node *node = &g->nodes[i];
	size_t j;

	if (!events_text_valid(EVENTS_ACTOR, base_slice_text(node->name)) || !node_owned(g, node->name))
		return base_fail(err, BASE_MALFORMED, "genesis: node %zu is not named \"organisation/code\" after a founder", i);
	if (same_bytes(&node->log, &node->cosign))
		return base_fail(err, BASE_MALFORMED, "genesis: %s uses one key for the log and for cosigning", node->name);
	for (j = 0; j < i; j++) {
		const struct chain_node *other = &g->nodes[j];

		if (strcmp(node->name, other->name) == 0 || same_bytes(&node->log, &other->log) ||
		    same_bytes(&node->log, &other->cosign) || same_bytes(&node->cosign, &other->log) ||
		    same_bytes(&node->cosign, &other->cosign) || same_bytes(&node->sign, &other->sign))
			return base_fail(err, BASE_MALFORMED, "genesis: %s and %s share a name or a key", other->name, node->name);
	}
	return BASE_OK;
}

static enum base_code check_rules(const struct chain_genesis *g, struct base_error *err)
{
	enum base_code code = BASE_OK;
	size_t i;

	if (!origin_valid(g->origin))
		return base_fail(err, BASE_MALFORMED,
				 "genesis: the origin is not a URL without scheme of 1 to %d printable characters, none of them '+'",
				 CHAIN_ORIGIN_BYTES_MAX);
	for (i = 0; i < g->founder_count && code == BASE_OK; i++)
		code = check_founder(g, i, err);
	for (i = 0; i < g->node_count && code == BASE_OK; i++)
		code = check_node(g, i, err);
	return code;
}

enum base_code chain_genesis_decode(struct chain_genesis **out, struct base_slice entry, struct base_error *err)
{
	struct chain_entry decoded;
	struct wire_reader r;
	struct box *box = NULL;
	enum base_code code;

	*out = NULL;
	if ((code = chain_entry_decode(&decoded, entry, err)) != BASE_OK)
		return base_wrap(err, code, "genesis");
	if (decoded.type != CHAIN_GENESIS)
		return base_fail(err, BASE_MALFORMED, "genesis: this is another entry");
	if ((code = check_version(decoded.genesis, err)) != BASE_OK)
		return code;
	box = base_alloc(sizeof(*box));
	/* Each kept text has an encoding of its own in the entry, of at least one byte more than the text. */
	box->texts = base_alloc(entry.len + 1);
	box->genesis.time = decoded.time;
	wire_read(&r, decoded.genesis);
	read_genesis(box, &r);
	if ((code = wire_done(&r, "genesis", err)) != BASE_OK)
		goto out;
	if ((code = check_rules(&box->genesis, err)) != BASE_OK)
		goto out;
	*out = &box->genesis;
	box = NULL;
out:
	if (box != NULL)
		chain_genesis_close(&box->genesis);
	return code;
}

void chain_genesis_close(struct chain_genesis *genesis)
{
	struct box *box = (struct box *)genesis;

	if (box == NULL)
		return;
	free(box->texts);
	free(box);
}

/* ---- Signatures --------------------------------------------------------- */

enum base_code chain_genesis_sign(struct base_buf *out, struct base_slice entry, const char *origin, const char *actor,
				  const struct keys_private *key, struct base_error *err)
{
	struct base_buf protected_bytes = BASE_BUF_INIT, tbs = BASE_BUF_INIT;
	struct base_hash kid = keys_kid(keys_private_public(key));
	uint8_t signature[64];
	enum base_code code;

	wire_sign1_protected(&protected_bytes, CHAIN_GENESIS_TYPE, base_hash_slice(&kid), base_slice_text(actor), base_slice_text(origin));
	wire_sig_structure(&tbs, base_buf_slice(&protected_bytes), base_slice(NULL, 0), entry);
	if ((code = keys_sign(key, signature, base_buf_slice(&tbs), err)) == BASE_OK)
		wire_sign1_encode(out, base_buf_slice(&protected_bytes), base_slice(NULL, 0), base_slice(signature, sizeof(signature)));
	base_buf_free(&protected_bytes);
	base_buf_free(&tbs);
	return base_wrap(err, code, "sign genesis");
}

static enum base_code verify_one(const struct chain_genesis *genesis, const struct chain_founder *founder, struct base_slice entry,
				 struct base_slice bytes, struct base_error *err)
{
	struct events_enrolment enrolment;
	struct base_buf tbs = BASE_BUF_INIT;
	struct wire_sign1 cose;
	struct base_hash kid, digest;
	enum base_code code;

	if ((code = events_enrolment_open(&enrolment, founder->enrolment, err)) != BASE_OK)
		return code;
	if ((code = wire_sign1_decode(&cose, bytes, err)) != BASE_OK)
		return code;
	kid = keys_kid(&enrolment.sign);
	if (cose.payload.data != NULL || !base_slice_equal(cose.content_type, base_slice_text(CHAIN_GENESIS_TYPE)) ||
	    !base_slice_equal(cose.kid, base_hash_slice(&kid)) || !base_slice_equal(cose.issuer, enrolment.actor) ||
	    !base_slice_equal(cose.subject, base_slice_text(genesis->origin)))
		return base_fail(err, BASE_MISMATCH, "it is not a detached signature of this founder over this genesis");
	wire_sig_structure(&tbs, cose.protected_bytes, base_slice(NULL, 0), entry);
	digest = base_sha256_of(base_buf_slice(&tbs));
	base_buf_free(&tbs);
	return keys_es256k_verify(&enrolment.sign, &digest, cose.signature, err);
}

enum base_code chain_genesis_verify(const struct chain_genesis *genesis, struct base_slice entry, struct base_slice signatures,
				    struct base_error *err)
{
	enum base_code code;
	size_t i, len;

	for (i = 0; i < genesis->founder_count; i++) {
		const struct chain_founder *founder = &genesis->founders[i];

		if (signatures.len == 0)
			return base_fail(err, BASE_MISMATCH, "genesis.sig: the signature of %s is missing", founder->organisation);
		if ((code = wire_check_first(signatures, &len, err)) != BASE_OK)
			return base_wrap(err, code, "genesis.sig");
		if ((code = verify_one(genesis, founder, entry, base_slice(signatures.data, len), err)) != BASE_OK)
			return base_wrap(err, code, "genesis.sig: signature of %s", founder->organisation);
		signatures = base_slice(signatures.data + len, signatures.len - len);
	}
	if (signatures.len > 0)
		return base_fail(err, BASE_MALFORMED, "genesis.sig: bytes follow the last founder's signature");
	return BASE_OK;
}
