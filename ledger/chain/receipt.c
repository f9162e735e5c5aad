/* What an author keeps: receipts and the policy that they are verified under. docs/formats/receipt.md */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum base_code chain_read_receipt(struct chain_read *read, uint64_t index, struct base_buf *out, struct base_error *err)
{
	struct base_buf extra = BASE_BUF_INIT;
	struct events_event event;
	struct chain_entry entry;
	struct proof_path path;
	struct keys_public key;
	struct base_slice bytes;
	struct base_hash kid;
	enum base_code code;

	if ((code = chain_read_entry(read, index, &bytes, err)) != BASE_OK)
		goto out;
	if (!read->has_signed || index >= read->signed_size) {
		code = base_fail(err, BASE_NOT_FOUND, "entry %" PRIu64 " is recorded, but no signed checkpoint covers it yet", index);
		goto out;
	}
	base_buf_append(&extra, bytes);
	if ((code = chain_entry_decode(&entry, bytes, err)) != BASE_OK)
		goto out;
	if (entry.type == CHAIN_EVENT) {
		if ((code = events_decode(&event, entry.event, err)) != BASE_OK)
			goto out;
		memcpy(kid.bytes, event.cose.kid.data, sizeof(kid.bytes));
		if ((code = chain_read_key(read, &kid, &key, err)) != BASE_OK)
			goto out;
		keys_public_put(&extra, &key);
	}
	if ((code = proof_inclusion(&path, index, read->signed_size, chain_read_stored_hash, read, err)) != BASE_OK)
		goto out;
	proof_receipt_format(out, base_buf_slice(&extra), index, &path, base_buf_slice(&read->note));
out:
	base_buf_free(&extra);
	return base_wrap(err, code, "receipt");
}

enum base_code chain_extra_decode(struct chain_extra *out, struct base_slice extra, struct base_error *err)
{
	struct base_hash kid;
	enum base_code code;
	size_t len;

	*out = (struct chain_extra){0};
	if ((code = wire_check_first(extra, &len, err)) != BASE_OK)
		return base_wrap(err, code, "extra");
	out->entry_bytes = base_slice(extra.data, len);
	extra = base_slice(extra.data + len, extra.len - len);
	if ((code = chain_entry_decode(&out->entry, out->entry_bytes, err)) != BASE_OK)
		return base_wrap(err, code, "extra");
	if (out->entry.type != CHAIN_EVENT) {
		if (extra.len > 0)
			return base_fail(err, BASE_MALFORMED, "extra: nothing may follow an entry that is no event");
		return BASE_OK;
	}
	if ((code = events_decode(&out->event, out->entry.event, err)) != BASE_OK)
		return base_wrap(err, code, "extra: event");
	if ((code = keys_public_parse(&out->key, extra, err)) != BASE_OK)
		return base_wrap(err, code, "extra: the signer's public key");
	out->has_key = true;
	kid = keys_kid(&out->key);
	if (out->key.purpose != KEYS_SIGN || !base_slice_equal(base_hash_slice(&kid), out->event.cose.kid))
		return base_fail(err, BASE_MISMATCH, "extra: the public key is not the one that the event names");
	return BASE_OK;
}

/* ---- Policy ------------------------------------------------------------- */

enum base_code chain_read_policy(struct chain_read *read, bool single, struct base_buf *out, struct base_error *err)
{
	struct chain_node nodes[CHAIN_NODES_MAX];
	const struct chain_genesis *genesis = read->chain->genesis;
	size_t count = genesis->node_count, i;
	struct proof_vkey *logs, *cosigners;
	enum base_code code;

	if ((code = chain_nodes_load(read->chain, &read->source, nodes, err)) != BASE_OK)
		return code;
	logs = base_alloc(count * sizeof(*logs));
	cosigners = base_alloc(count * sizeof(*cosigners));
	for (i = 0; i < count; i++) {
		proof_vkey_make(&logs[i], genesis->origin, PROOF_ED25519, &nodes[i].log);
		proof_vkey_make(&cosigners[i], nodes[i].name, PROOF_COSIGNATURE, &nodes[i].cosign);
	}
	/* floor(2n/3) + 1: more than two thirds, so that any two quorums share an honest node. */
	proof_policy_write(out, logs, single ? 1 : count, cosigners, count, 2 * count / 3 + 1);
	free(logs);
	free(cosigners);
	return BASE_OK;
}
