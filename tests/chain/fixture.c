#include "tests/chain/fixture.h"

#include <dirent.h>
#include <ftw.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Folders ------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void fix_remove(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *make_folder(void)
{
	const char *base = getenv("TMPDIR");
	char *path = base_path(base != NULL ? base : "/tmp", "regesta-chain-XXXXXX");

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

/* ---- Keys and genesis --------------------------------------------------- */

struct keys_private *fix_key(enum keys_purpose purpose, enum keys_alg alg, uint8_t seed)
{
	struct keys_private *key = NULL;
	uint8_t raw[32];

	memset(raw, seed, sizeof(raw));
	ck_ok(keys_private_import(&key, purpose, alg, raw, &ck_err));
	return key;
}

static void enrolment(struct fix *f, struct base_buf *out, bool founder, const char *actor, unsigned role, const struct keys_private *sign,
		      const struct keys_private *seal)
{
	struct events_enrolment e = {
		.ledger = founder ? base_slice_text(FIX_ORIGIN) : base_hash_slice(&f->id),
		.founder = founder,
		.actor = base_slice_text(actor),
		.roles = EVENTS_ROLE(role),
		.sign = *keys_private_public(sign),
		.seal = *keys_private_public(seal),
	};

	ck_ok(events_enrolment_sign(out, &e, sign, &ck_err));
}

struct state_limits fix_limits;

static void make_genesis(struct fix *f)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct chain_founder founder = {
		.organisation = FIX_ORGANISATION,
		.title = "Hôpital des Essais",
		.country = "FR",
		.recovery = *keys_private_public(f->recovery),
	};
	struct chain_node node = {
		.name = FIX_NODE,
		.log = *keys_private_public(f->log),
		.cosign = *keys_private_public(f->cosign),
		.sign = *keys_private_public(f->node_sign),
	};
	struct chain_genesis genesis = {
		.origin = FIX_ORIGIN,
		.time = {FIX_TIME},
		.founders = &founder,
		.founder_count = 1,
		.nodes = &node,
		.node_count = 1,
		.limits = fix_limits,
	};

	enrolment(f, &proof, true, FIX_ADMIN, 1, f->sign, f->seal);
	founder.enrolment = base_buf_slice(&proof);
	ck_ok(chain_genesis_encode(&f->genesis, &genesis, &ck_err));
	ck_ok(chain_genesis_sign(&f->signatures, base_buf_slice(&f->genesis), FIX_ORIGIN, FIX_ADMIN, f->sign, &ck_err));
	f->id = base_sha256_of(base_buf_slice(&f->genesis));
	base_buf_free(&proof);
}

void fix_open(struct fix *f)
{
	*f = (struct fix){.now = FIX_TIME};
	f->folder = make_folder();
	f->ledger_path = base_path(f->folder, "ledger");
	f->signed_path = base_path(f->folder, "signed");
	f->sign = fix_key(KEYS_SIGN, KEYS_ES256K, 1);
	f->seal = fix_key(KEYS_SEAL, KEYS_X25519, 2);
	f->recovery = fix_key(KEYS_RECOVERY, KEYS_X25519, 3);
	f->log = fix_key(KEYS_LOG, KEYS_ED25519, 4);
	f->cosign = fix_key(KEYS_COSIGN, KEYS_ED25519, 5);
	f->node_sign = fix_key(KEYS_SIGN, KEYS_ES256K, 6);
	f->manager = fix_key(KEYS_SIGN, KEYS_ES256K, 7);
	f->manager_seal = fix_key(KEYS_SEAL, KEYS_X25519, 8);
	f->signer = (struct chain_signer){.log = f->log, .cosign = f->cosign, .cosign_name = FIX_NODE, .signed_path = f->signed_path};
	make_genesis(f);
}

void fix_ledger(struct fix *f)
{
	fix_open(f);
	ck_ok(chain_create(f->ledger_path, base_buf_slice(&f->genesis), base_buf_slice(&f->signatures), &ck_err));
	fix_chain_open(f);
}

void fix_chain_open(struct fix *f)
{
	ck_ok(chain_open(&f->chain, f->ledger_path, 0, &f->signer, &ck_err));
}

void fix_chain_close(struct fix *f)
{
	chain_close(f->chain);
	f->chain = NULL;
}

void fix_close(struct fix *f)
{
	fix_chain_close(f);
	keys_private_close(f->sign);
	keys_private_close(f->seal);
	keys_private_close(f->recovery);
	keys_private_close(f->log);
	keys_private_close(f->cosign);
	keys_private_close(f->node_sign);
	keys_private_close(f->manager);
	keys_private_close(f->manager_seal);
	base_buf_free(&f->genesis);
	base_buf_free(&f->signatures);
	fix_remove(f->folder);
	free(f->folder);
	free(f->ledger_path);
	free(f->signed_path);
}

/* ---- Events ------------------------------------------------------------- */

void fix_event(struct fix *f, struct base_buf *out, const char *kind, const char *subject, struct base_slice body, bool manager,
	       uint64_t sequence)
{
	uint64_t *last = manager ? &f->manager_sequence : &f->sequence;
	struct events_envelope envelope = {
		.ledger = f->id,
		.kind = events_kind_by_name(base_slice_text(kind)),
		.sequence = sequence != 0 ? sequence : ++*last,
		.claimed = {FIX_TIME},
		.when = {.precision = EVENTS_POINT, .utc_ms = FIX_TIME, .has_offset = true, .offset_min = 60},
		.capacity = {.code = 1},
		.meaning = 1,
		.body = body,
	};

	ck_assert_ptr_nonnull(envelope.kind);
	ck_ok(events_sign(out, &envelope, manager ? FIX_MANAGER : FIX_ADMIN, subject != NULL ? subject : FIX_ORIGIN,
			  manager ? f->manager : f->sign, &ck_err));
}

void fix_enrol(struct fix *f, struct base_buf *out)
{
	struct base_buf body = BASE_BUF_INIT, proof = BASE_BUF_INIT;

	enrolment(f, &proof, false, FIX_MANAGER, 6, f->manager, f->manager_seal);
	wire_put_map(&body, 3);
	wire_put_uint(&body, 1);
	wire_put_cstr(&body, FIX_MANAGER);
	wire_put_uint(&body, 2);
	wire_put_array(&body, 1);
	wire_put_uint(&body, 6);
	wire_put_uint(&body, 3);
	wire_put_bytes(&body, base_buf_slice(&proof));
	fix_event(f, out, "actor.enrol", NULL, base_buf_slice(&body), false, 0);
	base_buf_free(&body);
	base_buf_free(&proof);
}

void fix_study(struct fix *f, struct base_buf *out)
{
	struct base_buf body = BASE_BUF_INIT;

	wire_put_map(&body, 6);
	wire_put_uint(&body, 1);
	wire_put_cstr(&body, FIX_STUDY);
	wire_put_uint(&body, 2);
	wire_put_cstr(&body, "Registry of rare diseases");
	wire_put_uint(&body, 3);
	wire_put_cstr(&body, FIX_ORGANISATION);
	wire_put_uint(&body, 4);
	wire_put_array(&body, 1);
	wire_put_map(&body, 2);
	wire_put_uint(&body, 1);
	wire_put_cstr(&body, "site-01");
	wire_put_uint(&body, 2);
	wire_put_cstr(&body, FIX_ORGANISATION);
	wire_put_uint(&body, 5);
	wire_put_cstr(&body, "1.0");
	wire_put_uint(&body, 7);
	wire_put_uint(&body, 2); /* a legal obligation: neither approval nor consent is asked for */
	fix_event(f, out, "study.register", NULL, base_buf_slice(&body), false, 0);
	base_buf_free(&body);
}

struct base_hash fix_reference(uint8_t participant)
{
	return base_sha256_of(base_slice(&participant, 1));
}

void fix_participant(struct fix *f, struct base_buf *out, uint8_t participant)
{
	struct base_buf body = BASE_BUF_INIT;
	struct base_hash reference = fix_reference(participant);

	wire_put_map(&body, 2);
	wire_put_uint(&body, 1);
	wire_put_hash(&body, &reference);
	wire_put_uint(&body, 2);
	wire_put_cstr(&body, "site-01");
	fix_event(f, out, "participant.enrol", FIX_STUDY, base_buf_slice(&body), false, 0);
	base_buf_free(&body);
}

void fix_submit(struct fix *f, struct base_buf *out, uint64_t cid, uint8_t participant, bool manager)
{
	struct base_buf body = BASE_BUF_INIT;
	struct base_hash reference = fix_reference(participant), commitment = base_sha256_of(base_slice_text("kc"));
	struct wire_cid address = {.codec = WIRE_RAW};
	uint8_t bytes[WIRE_CID_BYTES], seed[8];

	base_put_u64be(seed, cid);
	address.hash = base_sha256_of(base_slice(seed, sizeof(seed)));
	wire_cid_bytes(bytes, &address);
	wire_put_map(&body, 1);
	wire_put_uint(&body, 1);
	wire_put_array(&body, 1);
	wire_put_map(&body, participant != 0 ? 5 : 4);
	wire_put_uint(&body, 1);
	wire_put_bytes(&body, base_slice(bytes, sizeof(bytes)));
	wire_put_uint(&body, 2);
	wire_put_hash(&body, &commitment);
	wire_put_uint(&body, 3);
	wire_put_uint(&body, 4096);
	wire_put_uint(&body, 4);
	wire_put_uint(&body, 1);
	if (participant != 0) {
		wire_put_uint(&body, 5);
		wire_put_hash(&body, &reference);
	}
	fix_event(f, out, "data.submit", FIX_STUDY, base_buf_slice(&body), manager, 0);
	base_buf_free(&body);
}

/* ---- Blocks ------------------------------------------------------------- */

uint64_t fix_block(struct fix *f, struct base_buf *events, size_t count)
{
	struct chain_submission *submissions = base_alloc(count * sizeof(*submissions));
	uint64_t height = 0;
	size_t i;

	for (i = 0; i < count; i++)
		submissions[i].bytes = base_buf_slice(&events[i]);
	f->now += 1000;
	ck_ok(chain_block(f->chain, (struct base_time){f->now}, submissions, count, &height, &ck_err));
	for (i = 0; i < count; i++) {
		ck_assert_msg(submissions[i].code == BASE_OK, "event %zu: %s: %s", i, base_code_name(submissions[i].code),
			      submissions[i].err.text);
		ck_assert_msg(submissions[i].outcome.verdict == STATE_RECORDED, "event %zu: denied %" PRIu64, i,
			      submissions[i].outcome.denial);
		state_outcome_free(&submissions[i].outcome);
		base_buf_free(&events[i]);
	}
	free(submissions);
	return height;
}

void fix_study_ready(struct fix *f)
{
	struct base_buf events[3] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};

	fix_enrol(f, &events[0]);
	ck_assert_uint_eq(fix_block(f, events, 1), 1);
	fix_study(f, &events[0]);
	ck_assert_uint_eq(fix_block(f, events, 1), 2);
	for (uint8_t i = 0; i < 3; i++)
		fix_participant(f, &events[i], (uint8_t)(i + 1));
	ck_assert_uint_eq(fix_block(f, events, 3), 3);
}

uint64_t fix_submission(struct fix *f, uint64_t cid, uint8_t participant)
{
	struct base_buf event = BASE_BUF_INIT;
	struct chain_read *read;
	uint64_t size;

	fix_submit(f, &event, cid, participant, false);
	(void)fix_block(f, &event, 1);
	read = fix_read(f);
	size = chain_read_size(read);
	chain_read_end(&read);
	return size - 2;
}

/* ---- Reading ------------------------------------------------------------ */

struct chain_read *fix_read(struct fix *f)
{
	struct chain_read *read = NULL;

	ck_ok(chain_read_begin(&read, f->chain, &ck_err));
	return read;
}

struct proof_policy *fix_policy(struct chain_read *read)
{
	struct proof_policy *policy = NULL;
	struct base_buf text = BASE_BUF_INIT;

	ck_ok(chain_read_policy(read, false, &text, &ck_err));
	ck_ok(proof_policy_parse(&policy, base_buf_slice(&text), &ck_err));
	base_buf_free(&text);
	return policy;
}

void fix_check_receipt(struct fix *f, uint64_t index)
{
	struct chain_read *read = fix_read(f);
	struct proof_policy *policy = fix_policy(read);
	struct base_buf text = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct proof_receipt receipt;
	struct proof_verdict verdict;
	struct chain_extra extra;
	struct base_slice entry;
	struct base_hash leaf;

	ck_ok(chain_read_receipt(read, index, &text, &ck_err));
	ck_ok(proof_receipt_parse(&receipt, base_buf_slice(&text), &ck_err));
	ck_ok(chain_extra_decode(&extra, base_buf_slice(&receipt.extra), &ck_err));
	ck_ok(chain_read_entry(read, index, &entry, &ck_err));
	ck_assert(base_slice_equal(entry, extra.entry_bytes));
	if (extra.has_key)
		ck_ok(events_verify(&extra.event, &extra.key, &ck_err));
	leaf = proof_leaf(extra.entry_bytes);
	ck_ok(proof_receipt_check(&receipt, policy, &leaf, &checkpoint, &verdict, &ck_err));
	ck_assert_uint_eq(receipt.index, index);
	ck_assert_uint_eq(verdict.logs, 1);
	ck_assert_uint_eq(verdict.cosigners, 1);
	proof_receipt_free(&receipt);
	proof_policy_close(policy);
	base_buf_free(&text);
	chain_read_end(&read);
}

/* All that follows from the entries; not the checkpoints, which only their signer has. */
struct base_hash fix_digest(const char *ledger_path)
{
	struct chain *chain = NULL;
	struct chain_read *read = NULL;
	struct base_sha256 sha;
	uint64_t i, size;

	ck_ok(chain_open(&chain, ledger_path, CHAIN_READ_ONLY, NULL, &ck_err));
	ck_ok(chain_read_begin(&read, chain, &ck_err));
	size = chain_read_size(read);
	base_sha256_begin(&sha);
	for (i = 0; i < size; i++) {
		struct base_slice entry;

		ck_ok(chain_read_entry(read, i, &entry, &ck_err));
		base_sha256_add(&sha, entry);
	}
	for (i = 0; i < proof_stored_count(size); i++) {
		struct base_hash hash;

		ck_ok(chain_read_stored_hash(read, i, &hash, &ck_err));
		base_sha256_add(&sha, base_hash_slice(&hash));
	}
	chain_read_end(&read);
	chain_close(chain);
	return base_sha256_end(&sha);
}

struct entries {
	struct chain_read *read;
	uint64_t index;
};

static enum base_code next_entry(void *arg, struct base_slice *entry, struct base_error *err)
{
	struct entries *e = arg;

	if (e->index == chain_read_size(e->read))
		return BASE_NOT_FOUND;
	return chain_read_entry(e->read, e->index++, entry, err);
}

void fix_check_rebuild(struct fix *f)
{
	struct chain *chain = NULL;
	struct entries e = {0};
	struct base_hash before = fix_digest(f->ledger_path), after;
	char *folder = base_path(f->folder, "check-rebuilt");

	ck_ok(chain_open(&chain, f->ledger_path, CHAIN_READ_ONLY, NULL, &ck_err));
	ck_ok(chain_read_begin(&e.read, chain, &ck_err));
	ck_ok(chain_rebuild(folder, next_entry, &e, base_buf_slice(&f->signatures), base_slice(NULL, 0), &ck_err));
	chain_read_end(&e.read);
	chain_close(chain);
	after = fix_digest(folder);
	ck_assert(base_hash_equal(&before, &after));
	fix_remove(folder);
	free(folder);
}

int fix_run(const char *name, const TTest *const *tests, int timeout_s)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, timeout_s);
	for (size_t i = 0; tests[i] != NULL; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
