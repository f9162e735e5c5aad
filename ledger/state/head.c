#include "ledger/state/exec_internal.h"

/* docs/formats/state.md, "Heads":  head = [count : uint, chain : bstr .size 32, leaf : bstr .size 32] */

void state_head_encode(struct base_buf *out, const struct state_head *head)
{
	wire_put_array(out, 3);
	wire_put_uint(out, head->count);
	wire_put_hash(out, &head->chain);
	wire_put_hash(out, &head->leaf);
}

enum base_code state_head_decode(struct state_head *out, struct base_slice value, struct base_error *err)
{
	struct wire_reader r;

	wire_read(&r, value);
	wire_expect_array(&r, 3);
	out->count = wire_get_uint(&r);
	out->chain = wire_get_hash(&r);
	out->leaf = wire_get_hash(&r);
	if (!r.failed && out->count == 0)
		wire_fail(&r, "a head counts at least one entry");
	return wire_done(&r, "a participant's head", err);
}

struct base_hash state_head_step(const struct base_hash *chain, const struct base_hash *leaf)
{
	return base_sha256_tagged(0x04, base_hash_slice(chain), base_hash_slice(leaf));
}
