/* Policies: what is read judges a note, and its keys written as a policy of our own are read again. */
#include "ledger/proof/proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Signed by the keys of the seeds log.example and w.example (all bytes of the private keys 1 and 2). */
static const char signed_text[] = "log.example\n"
				  "1\n"
				  "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

static struct keys_private *key_of(uint8_t seed, enum keys_purpose purpose)
{
	struct keys_private *key;
	uint8_t raw[32];

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = seed;
	if (keys_private_import(&key, purpose, KEYS_ED25519, raw, NULL) != BASE_OK)
		abort();
	return key;
}

static struct base_buf *note(void)
{
	static struct base_buf note;
	struct keys_private *log, *cosigner;

	if (note.len > 0)
		return &note;
	log = key_of(1, KEYS_LOG);
	cosigner = key_of(2, KEYS_COSIGN);
	base_buf_print(&note, "%s\n", signed_text);
	if (proof_note_sign(&note, base_slice_text(signed_text), "log.example", log, NULL) != BASE_OK ||
	    proof_note_cosign(&note, base_slice_text(signed_text), "w.example", 1, cosigner, NULL) != BASE_OK)
		abort();
	keys_private_close(log);
	keys_private_close(cosigner);
	return &note;
}

static void judge(const struct proof_policy *policy)
{
	struct proof_checkpoint checkpoint;
	struct proof_verdict verdict;
	struct proof_note parsed;
	enum base_code code;

	if (proof_note_parse(&parsed, base_buf_slice(note()), NULL) != BASE_OK)
		abort();
	code = proof_policy_check(policy, &parsed, &checkpoint, &verdict, NULL);
	if (code != BASE_OK && code != BASE_MISMATCH)
		abort();
	if (code == BASE_OK && verdict.logs == 0)
		abort();
	if (verdict.logs > 1 || verdict.cosigners > 1)
		abort();
}

static void write_again(const struct proof_policy *policy)
{
	size_t logs = proof_policy_logs(policy), witnesses = proof_policy_witnesses(policy);
	struct proof_vkey *keys = base_alloc((logs + witnesses + 1) * sizeof(*keys));
	struct base_buf text = BASE_BUF_INIT;
	struct proof_policy *again;

	for (size_t i = 0; i < logs; i++)
		keys[i] = *proof_policy_log(policy, i);
	for (size_t i = 0; i < witnesses; i++)
		keys[logs + i] = *proof_policy_witness(policy, i);
	if (witnesses < PROOF_POLICY_LINES_MAX) {
		proof_policy_write(&text, keys, logs, keys + logs, witnesses, witnesses / 2);
		if (proof_policy_parse(&again, base_buf_slice(&text), NULL) != BASE_OK)
			abort();
		if (proof_policy_logs(again) != logs || proof_policy_witnesses(again) != witnesses)
			abort();
		proof_policy_close(again);
	}
	base_buf_free(&text);
	free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proof_policy *policy;

	if (proof_policy_parse(&policy, base_slice(data, size), NULL) != BASE_OK)
		return 0;
	judge(policy);
	write_again(policy);
	proof_policy_close(policy);
	return 0;
}
