/* A real ledger in a folder that goes away again: genesis, node keys, one study. */
#include "tests/conformance/vault.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit.h"

static enum base_code make_keys(struct vault *v, struct base_error *err)
{
	const struct {
		struct keys_private **key;
		enum keys_purpose purpose;
		enum keys_alg alg;
	} keys[] = {
		{&v->sign, KEYS_SIGN, KEYS_ES256K},	    {&v->seal, KEYS_SEAL, KEYS_X25519},
		{&v->recovery, KEYS_RECOVERY, KEYS_X25519}, {&v->log, KEYS_LOG, KEYS_ED25519},
		{&v->cosign, KEYS_COSIGN, KEYS_ED25519},    {&v->node_sign, KEYS_SIGN, KEYS_ES256K},
	};
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && code == BASE_OK; i++)
		code = keys_private_make(keys[i].key, keys[i].purpose, keys[i].alg, err);
	if (code == BASE_OK)
		v->author = keys_kid(keys_private_public(v->sign));
	return code;
}

static enum base_code make_genesis(struct vault *v, struct base_error *err)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct events_enrolment enrolment = {
		.ledger = base_slice_text(VAULT_ORIGIN),
		.founder = true,
		.actor = base_slice_text(VAULT_ACTOR),
		.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
		.sign = *keys_private_public(v->sign),
		.seal = *keys_private_public(v->seal),
	};
	struct chain_founder founder = {.organisation = VAULT_ORGANISATION,
					.title = "Laboratory",
					.country = "FR",
					.recovery = *keys_private_public(v->recovery)};
	struct chain_node node = {
		.name = VAULT_NODE,
		.log = *keys_private_public(v->log),
		.cosign = *keys_private_public(v->cosign),
		.sign = *keys_private_public(v->node_sign),
	};
	struct chain_genesis genesis = {.origin = VAULT_ORIGIN,
					.time = base_time_now(),
					.founders = &founder,
					.founder_count = 1,
					.nodes = &node,
					.node_count = 1};
	enum base_code code = events_enrolment_sign(&proof, &enrolment, v->sign, err);

	founder.enrolment = base_buf_slice(&proof);
	if (code == BASE_OK)
		code = chain_genesis_encode(&v->genesis, &genesis, err);
	if (code == BASE_OK)
		code = chain_genesis_sign(&v->signatures, base_buf_slice(&v->genesis), VAULT_ORIGIN, VAULT_ACTOR,
					  v->sign, err);
	v->id = base_sha256_of(base_buf_slice(&v->genesis));
	base_buf_free(&proof);
	return code;
}

enum base_code vault_record(struct vault *v, const char *kind, const char *subject, struct base_slice body,
			    uint64_t *index, struct base_error *err)
{
	struct base_time now = base_time_now();
	struct events_envelope envelope = {
		.ledger = v->id,
		.kind = events_kind_by_name(base_slice_text(kind)),
		.sequence = ++v->sequence,
		.claimed = now,
		.when = {.precision = EVENTS_POINT, .utc_ms = now.ms, .has_offset = true},
		.capacity = {.code = EVENTS_CAPACITY_OWN},
		.meaning = EVENTS_MEANING_AUTHORED,
		.body = body,
	};
	struct base_buf bytes = BASE_BUF_INIT;
	struct chain_submission submission = {.code = BASE_OK};
	uint64_t height;
	enum base_code code = events_sign(&bytes, &envelope, VAULT_ACTOR, subject, v->sign, err);

	submission.bytes = base_buf_slice(&bytes);
	if (code == BASE_OK)
		code = chain_block(v->chain, now, &submission, 1, &height, err);
	if (code == BASE_OK && submission.code != BASE_OK)
		code = base_fail(err, submission.code, "%.900s", submission.err.text);
	if (code == BASE_OK && submission.outcome.verdict != STATE_RECORDED)
		code = base_fail(err, BASE_DENIED, "denied with code %llu",
				 (unsigned long long)submission.outcome.denial);
	*index = submission.index;
	state_outcome_free(&submission.outcome);
	base_buf_free(&bytes);
	return base_wrap(err, code, "%s", kind);
}

static enum base_code register_study(struct vault *v, struct base_error *err)
{
	struct base_buf body = BASE_BUF_INIT;
	enum base_code code;
	uint64_t index;

	wire_put_map(&body, 5);
	wire_put_uint(&body, 1);
	wire_put_cstr(&body, VAULT_STUDY);
	wire_put_uint(&body, 2);
	wire_put_cstr(&body, "Vectors of others");
	wire_put_uint(&body, 3);
	wire_put_cstr(&body, VAULT_ORGANISATION);
	wire_put_uint(&body, 4);
	wire_put_array(&body, 1);
	wire_put_map(&body, 2);
	wire_put_uint(&body, 1);
	wire_put_cstr(&body, "site-01");
	wire_put_uint(&body, 2);
	wire_put_cstr(&body, VAULT_ORGANISATION);
	wire_put_uint(&body, 5);
	wire_put_cstr(&body, "1.0");
	code = vault_record(v, "study.register", VAULT_ORIGIN, base_buf_slice(&body), &index, err);
	base_buf_free(&body);
	return code;
}

static enum base_code open_ledger(struct vault *v, struct base_error *err)
{
	struct chain_signer signer = {
		.log = v->log, .cosign = v->cosign, .cosign_name = VAULT_NODE, .signed_path = v->signed_path};

	return chain_open(&v->chain, v->ledger_path, 0, &signer, err);
}

static enum base_code vault_open(struct vault *v, struct base_error *err)
{
	const char *base = getenv("TMPDIR");
	char *payloads = NULL;
	enum base_code code;

	v->folder = base_path(base != NULL ? base : "/tmp", "regesta-conformance-XXXXXX");
	if (mkdtemp(v->folder) == NULL) {
		code = base_fail_errno(err, "%s", v->folder);
		v->folder[0] = '\0'; /* nothing to remove */
		return code;
	}
	v->ledger_path = base_path(v->folder, "ledger");
	v->signed_path = base_path(v->folder, "signed");
	payloads = base_path(v->ledger_path, "payload");
	if ((code = make_keys(v, err)) != BASE_OK || (code = make_genesis(v, err)) != BASE_OK)
		goto out;
	if ((code = chain_create(v->ledger_path, base_buf_slice(&v->genesis), base_buf_slice(&v->signatures), err)) !=
	    BASE_OK)
		goto out;
	if ((code = open_ledger(v, err)) != BASE_OK ||
	    (code = payload_store_open(&v->store, payloads, true, err)) != BASE_OK)
		goto out;
	code = register_study(v, err);
out:
	free(payloads);
	return code;
}

enum base_code vault_of(struct run *run, struct base_error *err)
{
	if (run->vault != NULL)
		return BASE_OK;
	run->vault = base_alloc(sizeof(*run->vault));
	return base_wrap(err, vault_open(run->vault, err), "a ledger for payloads");
}

enum base_code vault_imports(struct run *run, struct payload_store **out, struct base_error *err)
{
	enum base_code code = vault_of(run, err);
	char *path;

	if (code == BASE_OK && run->vault->imports == NULL) {
		path = base_path(run->vault->folder, "imports");
		code = payload_store_open(&run->vault->imports, path, true, err);
		free(path);
	}
	*out = run->vault->imports;
	return code;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

void vault_close(struct vault *v)
{
	if (v == NULL)
		return;
	payload_store_close(v->store);
	payload_store_close(v->imports);
	chain_close(v->chain);
	keys_private_close(v->sign);
	keys_private_close(v->seal);
	keys_private_close(v->recovery);
	keys_private_close(v->log);
	keys_private_close(v->cosign);
	keys_private_close(v->node_sign);
	base_buf_free(&v->genesis);
	base_buf_free(&v->signatures);
	if (v->folder[0] != '\0')
		(void)nftw(v->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(v->folder);
	free(v->ledger_path);
	free(v->signed_path);
	free(v);
}

/* ---- The audit ------------------------------------------------------------ */

static void deviation_print(void *arg, const struct audit_deviation *deviation)
{
	(void)arg;
	printf("FAILED audit, entry %llu: %s\n", (unsigned long long)deviation->index, deviation->what);
}

/* As an auditor would find it: closed, then read from its folder alone. */
enum base_code vault_audit(struct vault *v, struct base_error *err)
{
	struct audit_options options = {.signatures = true, .payloads = v->store, .deviation = deviation_print};
	struct audit_report report = {0};
	enum base_code code = chain_flush(v->chain, err);

	chain_close(v->chain);
	v->chain = NULL;
	if (code == BASE_OK)
		code = audit_ledger(v->ledger_path, &options, &report, err);
	if (code == BASE_OK && (!report.complete || report.payloads != v->payloads || report.payloads_missing != 0))
		code = base_fail(err, BASE_MISMATCH,
				 "%llu payloads are recorded; the audit checked %llu and misses %llu",
				 (unsigned long long)v->payloads, (unsigned long long)report.payloads,
				 (unsigned long long)report.payloads_missing);
	if (code == BASE_OK)
		printf("audit of the ledger that holds all payloads: %llu events in %llu blocks, %llu payloads, no "
		       "deviation\n",
		       (unsigned long long)report.events, (unsigned long long)report.blocks,
		       (unsigned long long)report.payloads);
	return code;
}
