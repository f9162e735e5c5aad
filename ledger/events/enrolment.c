/* Proofs of possession and their countersignatures: docs/formats/enrolment.md. */
#include "ledger/events/schema.h"
#include "ledger/events/envelope.h"

#include <string.h>

/* Founders enrol before the ledger has an id: they name its origin instead. */
/* clang-format off */
#define ENROLMENT_FIELDS \
	{.key = 2, .name = "actor", .type = EVENTS_ACTOR, .help = "who asks to be enrolled"}, \
	{.key = 3, .name = "roles", .type = EVENTS_LIST, .element = EVENTS_CODE, .min = 1, .max = 16, \
	 .codes = &events_roles, .help = "roles asked for"}, \
	{.key = 4, .name = "sign", .type = EVENTS_PUBLIC, .min = KEYS_SIGN, \
	 .help = "public key that signs its events"}, \
	{.key = 5, .name = "seal", .type = EVENTS_PUBLIC, .min = KEYS_SEAL, \
	 .help = "public key that payload keys are wrapped to"}
/* clang-format on */

static const struct events_field enrolment_fields[] = {
	{.key = 1, .name = "ledger", .type = EVENTS_HASH, .help = "the ledger's id"},
	ENROLMENT_FIELDS,
};
static const struct events_field founder_fields[] = {
	{.key = 1, .name = "origin", .type = EVENTS_URL, .help = "the origin of the ledger to be founded"},
	ENROLMENT_FIELDS,
};
const struct events_struct events_enrolment_struct = SCHEMA_STRUCT("enrolment", enrolment_fields);
const struct events_struct events_founder_struct = SCHEMA_STRUCT("founder", founder_fields);

/* The subject of the protected header: the origin, or the ledger id in hex. Room for 255 bytes and NUL. */
static enum base_code subject_of(char out[256], const struct events_enrolment *enrolment, struct base_error *err)
{
	if (enrolment->founder) {
		if (!events_text_valid(EVENTS_URL, enrolment->ledger))
			return base_fail(err, BASE_MALFORMED, "enrolment: the origin is not %s",
					 schema_type_name(EVENTS_URL));
		(void)snprintf(out, 256, "%.*s", (int)enrolment->ledger.len, (const char *)enrolment->ledger.data);
		return BASE_OK;
	}
	if (enrolment->ledger.len != BASE_HASH_BYTES)
		return base_fail(err, BASE_MALFORMED, "enrolment: a ledger id has 32 bytes, not %zu",
				 enrolment->ledger.len);
	base_hex(out, enrolment->ledger);
	return BASE_OK;
}

static void roles_put(struct base_buf *out, uint64_t roles)
{
	uint64_t count = 0;

	for (uint64_t rest = roles; rest != 0; rest &= rest - 1)
		count++;
	wire_put_array(out, count);
	for (unsigned i = 0; i < 64; i++)
		if ((roles & EVENTS_ROLE(i)) != 0)
			wire_put_uint(out, i);
}

static void enrolment_put(struct base_buf *out, const struct events_enrolment *enrolment)
{
	wire_put_map(out, 5);
	wire_put_uint(out, 1);
	if (enrolment->founder)
		wire_put_text(out, enrolment->ledger);
	else
		wire_put_bytes(out, enrolment->ledger);
	wire_put_uint(out, 2);
	wire_put_text(out, enrolment->actor);
	wire_put_uint(out, 3);
	roles_put(out, enrolment->roles);
	wire_put_uint(out, 4);
	keys_public_put(out, &enrolment->sign);
	wire_put_uint(out, 5);
	keys_public_put(out, &enrolment->seal);
}

/* Reads bytes that the schema accepted. */
static void enrolment_read(struct events_enrolment *out, struct base_slice payload)
{
	struct wire_reader r;
	uint64_t count;
	bool ok;

	memset(out, 0, sizeof(*out));
	ok = events_find(payload, 1, &r);
	out->founder = wire_peek(&r) == WIRE_TEXT;
	out->ledger = out->founder ? wire_get_text(&r) : wire_get_bytes(&r);
	out->actor = events_text(payload, 2);
	ok = ok && events_find(payload, 3, &r);
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++)
		out->roles |= EVENTS_ROLE(wire_get_uint(&r));
	ok = ok && keys_public_parse(&out->sign, events_raw(payload, 4), NULL) == BASE_OK;
	ok = ok && keys_public_parse(&out->seal, events_raw(payload, 5), NULL) == BASE_OK;
	BASE_ASSERT(ok);
}

static enum base_code check_header(const struct events_enrolment *enrolment, const struct wire_sign1 *cose,
				   struct base_error *err)
{
	struct base_hash kid = keys_kid(&enrolment->sign);
	char subject[256];
	enum base_code code;

	if ((code = subject_of(subject, enrolment, err)) != BASE_OK)
		return code;
	if (!base_slice_equal(cose->kid, base_hash_slice(&kid)))
		return base_fail(err, BASE_MALFORMED, "enrolment: signed by another key than the one that it carries");
	if (!base_slice_equal(cose->issuer, enrolment->actor))
		return base_fail(err, BASE_MALFORMED, "enrolment: its issuer is not the actor that it names");
	if (!base_slice_equal(cose->subject, base_slice_text(subject)))
		return base_fail(err, BASE_MALFORMED, "enrolment: its subject is not the ledger that it names");
	return BASE_OK;
}

enum base_code events_enrolment_open(struct events_enrolment *out, struct base_slice bytes, struct base_error *err)
{
	static const struct events_path root = {NULL, "enrolment", 0};
	struct events_enrolment enrolment;
	struct wire_sign1 cose;
	struct base_hash digest;
	struct wire_reader r;
	bool founder;
	enum base_code code;

	if (bytes.len > EVENTS_PROOF_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "enrolment: %zu bytes; at most %d", bytes.len,
				 EVENTS_PROOF_BYTES_MAX);
	if ((code = wire_sign1_decode(&cose, bytes, err)) != BASE_OK)
		return base_wrap(err, code, "enrolment");
	if (!base_slice_equal(cose.content_type, base_slice_text(EVENTS_ENROLMENT_TYPE)))
		return base_fail(err, BASE_MALFORMED, "enrolment: its content type is not %s", EVENTS_ENROLMENT_TYPE);
	if (cose.payload.data == NULL)
		return base_fail(err, BASE_MALFORMED, "enrolment: its payload is not in it");
	founder = events_find(cose.payload, 1, &r) && wire_peek(&r) == WIRE_TEXT;
	code = schema_check_bytes(&root, founder ? &events_founder_struct : &events_enrolment_struct, cose.payload,
				  err);
	if (code != BASE_OK)
		return code;
	enrolment_read(&enrolment, cose.payload);
	if ((code = check_header(&enrolment, &cose, err)) != BASE_OK)
		return code;
	digest = envelope_digest(cose.protected_bytes, cose.payload);
	if ((code = keys_es256k_verify(&enrolment.sign, &digest, cose.signature, err)) != BASE_OK)
		return base_wrap(err, code, "enrolment");
	*out = enrolment;
	return BASE_OK;
}

/* Signs payload and appends the COSE_Sign1, its payload left out if detached. */
static enum base_code sign(struct base_buf *out, const char *content_type, const char *issuer, const char *subject,
			   struct base_slice payload, bool detached, const struct keys_private *key,
			   struct base_error *err)
{
	struct base_hash kid = keys_kid(keys_private_public(key));
	struct base_buf header = BASE_BUF_INIT, message = BASE_BUF_INIT;
	uint8_t signature[64];
	enum base_code code;

	wire_sign1_protected(&header, content_type, base_hash_slice(&kid), base_slice_text(issuer),
			     base_slice_text(subject));
	wire_sig_structure(&message, base_buf_slice(&header), base_slice(NULL, 0), payload);
	if ((code = keys_sign(key, signature, base_buf_slice(&message), err)) == BASE_OK)
		wire_sign1_encode(out, base_buf_slice(&header), detached ? base_slice(NULL, 0) : payload,
				  base_slice(signature, sizeof(signature)));
	base_buf_free(&header);
	base_buf_free(&message);
	return code;
}

enum base_code events_enrolment_sign(struct base_buf *out, const struct events_enrolment *enrolment,
				     const struct keys_private *key, struct base_error *err)
{
	struct base_buf payload = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct events_enrolment again;
	char subject[256], issuer[130];
	enum base_code code;

	if ((code = subject_of(subject, enrolment, err)) != BASE_OK)
		return code;
	if (!events_text_valid(EVENTS_ACTOR, enrolment->actor))
		return base_fail(err, BASE_MALFORMED, "enrolment: actor: not %s", schema_type_name(EVENTS_ACTOR));
	(void)snprintf(issuer, sizeof(issuer), "%.*s", (int)enrolment->actor.len, (const char *)enrolment->actor.data);
	enrolment_put(&payload, enrolment);
	code = sign(&bytes, EVENTS_ENROLMENT_TYPE, issuer, subject, base_buf_slice(&payload), false, key, err);
	if (code == BASE_OK)
		code = events_enrolment_open(&again, base_buf_slice(&bytes), err);
	if (code == BASE_OK)
		base_buf_append(out, base_buf_slice(&bytes));
	base_buf_free(&payload);
	base_buf_free(&bytes);
	return code;
}

enum base_code events_countersign(struct base_buf *out, struct base_slice proof, const struct base_hash *ledger,
				  const char *issuer, const struct keys_private *key, struct base_error *err)
{
	char subject[2 * BASE_HASH_BYTES + 1];

	if (!events_text_valid(EVENTS_ACTOR, base_slice_text(issuer)))
		return base_fail(err, BASE_MALFORMED, "countersignature: issuer: not %s",
				 schema_type_name(EVENTS_ACTOR));
	base_hex(subject, base_hash_slice(ledger));
	return sign(out, EVENTS_COUNTERSIGNATURE_TYPE, issuer, subject, proof, true, key, err);
}

enum base_code events_countersignature_decode(struct wire_sign1 *cose, struct base_hash *digest,
					      struct base_slice bytes, struct base_slice proof,
					      const struct base_hash *ledger, struct base_error *err)
{
	char subject[2 * BASE_HASH_BYTES + 1];
	enum base_code code;

	if (bytes.len > EVENTS_PROOF_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "countersignature: %zu bytes; at most %d", bytes.len,
				 EVENTS_PROOF_BYTES_MAX);
	if ((code = wire_sign1_decode(cose, bytes, err)) != BASE_OK)
		return base_wrap(err, code, "countersignature");
	if (!base_slice_equal(cose->content_type, base_slice_text(EVENTS_COUNTERSIGNATURE_TYPE)))
		return base_fail(err, BASE_MALFORMED, "countersignature: its content type is not %s",
				 EVENTS_COUNTERSIGNATURE_TYPE);
	if (cose->payload.data != NULL)
		return base_fail(err, BASE_MALFORMED, "countersignature: a payload is in it; it is detached");
	if (!events_text_valid(EVENTS_ACTOR, cose->issuer))
		return base_fail(err, BASE_MALFORMED, "countersignature: issuer: not %s",
				 schema_type_name(EVENTS_ACTOR));
	base_hex(subject, base_hash_slice(ledger));
	if (!base_slice_equal(cose->subject, base_slice_text(subject)))
		return base_fail(err, BASE_MALFORMED, "countersignature: for another ledger");
	*digest = envelope_digest(cose->protected_bytes, proof);
	return BASE_OK;
}
