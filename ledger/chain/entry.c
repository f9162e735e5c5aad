/* Leaves of the tree: docs/formats/entry.md, docs/formats/block.md. */
#include "ledger/chain/chain.h"

/* Block entry = [2, height, time, {1: prev, 2: first, 3: count, 4: tree, 5: state, 6: side, 7: nodes, 8: engine}],
 * engine = null or [height, hash]. */
enum { BLOCK_PREV = 1, BLOCK_FIRST, BLOCK_COUNT, BLOCK_TREE, BLOCK_STATE, BLOCK_SIDE, BLOCK_NODES, BLOCK_ENGINE };

static void expect_key(struct wire_reader *r, uint64_t key)
{
	if (wire_get_uint(r) != key)
		wire_fail(r, "a block entry has exactly the members 1 to 8");
}

static void read_block(struct wire_reader *r, const struct chain_entry *entry, struct chain_block_entry *out)
{
	*out = (struct chain_block_entry){.height = entry->height, .time = entry->time};
	if (wire_get_map(r) != BLOCK_ENGINE)
		wire_fail(r, "a block entry has exactly the members 1 to 8");
	expect_key(r, BLOCK_PREV);
	out->prev = wire_get_hash(r);
	expect_key(r, BLOCK_FIRST);
	out->first = wire_get_uint(r);
	expect_key(r, BLOCK_COUNT);
	out->count = wire_get_uint(r);
	expect_key(r, BLOCK_TREE);
	out->tree = wire_get_hash(r);
	expect_key(r, BLOCK_STATE);
	out->state = wire_get_hash(r);
	expect_key(r, BLOCK_SIDE);
	out->side = wire_get_hash(r);
	expect_key(r, BLOCK_NODES);
	out->nodes = wire_get_hash(r);
	expect_key(r, BLOCK_ENGINE);
	if (wire_peek(r) == WIRE_NULL) {
		wire_get_null(r);
	} else {
		wire_expect_array(r, 2);
		out->has_engine = true;
		out->engine_height = wire_get_uint(r);
		out->engine_hash = wire_get_hash(r);
	}
	/* No later than leaf 2^63: what follows may add without a check. */
	if (out->count == 0 || out->first > INT64_MAX || out->count > INT64_MAX)
		wire_fail(r, "a block has at least one entry, and indices below 2^63");
}

static void read_event(struct wire_reader *r, struct chain_entry *out)
{
	if (out->height == 0)
		wire_fail(r, "height 0 has genesis alone");
	out->event = wire_get_bytes(r);
	if (out->event.len == 0 || out->event.len > WIRE_EVENT_BYTES_MAX)
		wire_fail(r, "an event is 1 to 40000 bytes");
	if (wire_peek(r) != WIRE_MAP)
		wire_fail(r, "the outcome is a map");
	out->outcome = wire_get_raw(r);
	if (out->outcome.len > CHAIN_OUTCOME_BYTES_MAX)
		wire_fail(r, "an outcome is at most 7900 bytes");
}

static void read_genesis(struct wire_reader *r, struct chain_entry *out)
{
	if (out->height != 0)
		wire_fail(r, "genesis has height 0");
	if (wire_peek(r) != WIRE_MAP)
		wire_fail(r, "genesis says what it says in a map");
	out->genesis = wire_get_raw(r);
}

enum base_code chain_entry_decode(struct chain_entry *out, struct base_slice bytes, struct base_error *err)
{
	struct wire_reader r;
	enum base_code code;
	uint64_t count, type;

	*out = (struct chain_entry){0};
	if (bytes.len > CHAIN_ENTRY_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "entry: %zu bytes; at most %d", bytes.len, CHAIN_ENTRY_BYTES_MAX);
	if ((code = wire_check(bytes, err)) != BASE_OK)
		return base_wrap(err, code, "entry");
	wire_read(&r, bytes);
	count = wire_get_array(&r);
	type = wire_get_uint(&r);
	out->height = wire_get_uint(&r);
	out->time.ms = wire_get_uint(&r);
	if (r.failed)
		return wire_done(&r, "entry", err);
	if (out->height > INT64_MAX || out->time.ms > INT64_MAX)
		wire_fail(&r, "heights and times are below 2^63");
	if (type == CHAIN_GENESIS && count == 4) {
		out->type = CHAIN_GENESIS;
		read_genesis(&r, out);
	} else if (type == CHAIN_EVENT && count == 5) {
		out->type = CHAIN_EVENT;
		read_event(&r, out);
	} else if (type == CHAIN_BLOCK && count == 4) {
		out->type = CHAIN_BLOCK;
		read_block(&r, out, &out->block);
	} else {
		wire_fail(&r, "an entry is [0, …] genesis, [1, …] an event or [2, …] a block entry");
	}
	return wire_done(&r, "entry", err);
}

static void put_head(struct base_buf *out, uint64_t count, enum chain_entry_type type, uint64_t height, struct base_time time)
{
	wire_put_array(out, count);
	wire_put_uint(out, type);
	wire_put_uint(out, height);
	wire_put_uint(out, time.ms);
}

void chain_entry_encode_event(struct base_buf *out, uint64_t height, struct base_time time, struct base_slice event,
			      struct base_slice outcome)
{
	put_head(out, 5, CHAIN_EVENT, height, time);
	wire_put_bytes(out, event);
	base_buf_append(out, outcome);
}

static void put_member_hash(struct base_buf *out, uint64_t key, const struct base_hash *hash)
{
	wire_put_uint(out, key);
	wire_put_hash(out, hash);
}

void chain_entry_encode_block(struct base_buf *out, const struct chain_block_entry *block)
{
	put_head(out, 4, CHAIN_BLOCK, block->height, block->time);
	wire_put_map(out, BLOCK_ENGINE);
	put_member_hash(out, BLOCK_PREV, &block->prev);
	wire_put_uint(out, BLOCK_FIRST);
	wire_put_uint(out, block->first);
	wire_put_uint(out, BLOCK_COUNT);
	wire_put_uint(out, block->count);
	put_member_hash(out, BLOCK_TREE, &block->tree);
	put_member_hash(out, BLOCK_STATE, &block->state);
	put_member_hash(out, BLOCK_SIDE, &block->side);
	put_member_hash(out, BLOCK_NODES, &block->nodes);
	wire_put_uint(out, BLOCK_ENGINE);
	if (!block->has_engine) {
		wire_put_null(out);
		return;
	}
	wire_put_array(out, 2);
	wire_put_uint(out, block->engine_height);
	wire_put_hash(out, &block->engine_hash);
}

struct base_hash chain_app_hash(struct base_slice block_entry)
{
	return base_sha256_tagged(0x00, block_entry, base_slice(NULL, 0));
}
