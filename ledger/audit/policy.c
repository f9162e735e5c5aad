/* Which keys vouch for a checkpoint: those of a policy, or those that genesis names. */
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

bool audit_policy_altered(const struct proof_policy *policy, const struct proof_note *note)
{
	struct base_error ignored;

	for (size_t i = 0; i < proof_policy_logs(policy); i++)
		if (proof_note_verify(note, proof_policy_log(policy, i), NULL, &ignored) == BASE_MISMATCH)
			return true;
	for (size_t i = 0; i < proof_policy_witnesses(policy); i++)
		if (proof_note_verify(note, proof_policy_witness(policy, i), NULL, &ignored) == BASE_MISMATCH)
			return true;
	return false;
}

bool audit_policy_names(const struct proof_policy *policy, struct base_slice origin)
{
	for (size_t i = 0; i < proof_policy_logs(policy); i++)
		if (base_slice_equal(base_slice_text(proof_policy_log(policy, i)->name), origin))
			return true;
	return false;
}

enum base_code audit_policy_genesis(struct proof_policy **policy, const struct chain_genesis *genesis, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code;

	for (size_t i = 0; i < genesis->node_count; i++) {
		struct proof_vkey *vkey = base_alloc(sizeof(*vkey));

		proof_vkey_make(vkey, genesis->origin, PROOF_ED25519, &genesis->nodes[i].log);
		base_buf_print(&text, "log ");
		proof_vkey_format(&text, vkey);
		base_buf_byte(&text, '\n');
		free(vkey);
	}
	base_buf_print(&text, "quorum none\n");
	code = proof_policy_parse(policy, base_buf_slice(&text), err);
	base_buf_free(&text);
	return code;
}

enum base_code audit_policy_fits(const struct proof_policy *policy, const char *origin, struct base_error *err)
{
	if (audit_policy_names(policy, base_slice_text(origin)))
		return BASE_OK;
	if (proof_policy_logs(policy) == 0)
		return base_fail(err, BASE_MISMATCH, "the policy names no log: no checkpoint can be believed under it; nothing was audited");
	return base_fail(err, BASE_MISMATCH, "the policy is for the ledger %s, and this is the ledger %s; nothing was audited: give the policy of "
					     "this ledger, or the ledger of this policy", proof_policy_log(policy, 0)->name, origin);
}
