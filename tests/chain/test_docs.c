/* The worked examples of docs/formats/genesis.md, entry.md, block.md and trail.md, recomputed: the ledger of
 * fixture.c with the first blocks that fix_study_ready makes. */
#include "tests/chain/fixture.h"

#include <inttypes.h>
#include <string.h>

#define HEX_LINE_BYTES 60

static void put_hex(struct base_buf *out, struct base_slice bytes)
{
	char hex[2 * HEX_LINE_BYTES + 1];

	for (size_t at = 0; at < bytes.len; at += HEX_LINE_BYTES) {
		size_t len = bytes.len - at < HEX_LINE_BYTES ? bytes.len - at : HEX_LINE_BYTES;

		base_hex(hex, base_slice(bytes.data + at, len));
		base_buf_print(out, "%s\n", hex);
	}
}

static void put_named(struct base_buf *out, const char *name, const struct base_hash *hash)
{
	char hex[65];

	base_hex(hex, base_hash_slice(hash));
	base_buf_print(out, "%-6s %s\n", name, hex);
}

/* ---- The examples ------------------------------------------------------- */

static void genesis_entry(struct fix *f, struct base_buf *out)
{
	put_hex(out, base_buf_slice(&f->genesis));
}

static void genesis_id(struct fix *f, struct base_buf *out)
{
	put_hex(out, base_hash_slice(&f->id));
}

static void genesis_signatures(struct fix *f, struct base_buf *out)
{
	put_hex(out, base_buf_slice(&f->signatures));
}

static struct base_slice entry_of(struct chain_read *read, uint64_t index)
{
	struct base_slice bytes;

	ck_ok(chain_read_entry(read, index, &bytes, &ck_err));
	return bytes;
}

static void entry_event(struct fix *f, struct base_buf *out)
{
	struct chain_read *read = fix_read(f);

	put_hex(out, entry_of(read, 6));
	chain_read_end(&read);
}

static void entry_parts(struct fix *f, struct base_buf *out)
{
	struct chain_read *read = fix_read(f);
	struct chain_entry entry;
	struct base_hash leaf = proof_leaf(entry_of(read, 6));
	char hex[64];

	ck_ok(chain_entry_decode(&entry, entry_of(read, 6), &ck_err));
	base_hex(hex, entry.outcome);
	base_buf_print(out, "height  %" PRIu64 "\ntime    %" PRIu64 "\nevent   %zu bytes\noutcome %s\n", entry.height, entry.time.ms,
		       entry.event.len, hex);
	base_buf_print(out, "leaf    ");
	put_hex(out, base_hash_slice(&leaf));
	chain_read_end(&read);
}

static void block_entry(struct fix *f, struct base_buf *out)
{
	struct chain_read *read = fix_read(f);

	put_hex(out, entry_of(read, 3));
	chain_read_end(&read);
}

static void block_parts(struct fix *f, struct base_buf *out)
{
	struct chain_read *read = fix_read(f);
	struct chain_block_entry block;
	struct base_hash leaf, app;
	uint64_t index;

	ck_ok(chain_read_block(read, 1, &block, &index, &ck_err));
	leaf = proof_leaf(entry_of(read, index));
	app = chain_app_hash(entry_of(read, index));
	base_buf_print(out, "height %" PRIu64 "\ntime   %" PRIu64 "\n", block.height, block.time.ms);
	put_named(out, "prev", &block.prev);
	base_buf_print(out, "first  %" PRIu64 "\ncount  %" PRIu64 "\n", block.first, block.count);
	put_named(out, "tree", &block.tree);
	put_named(out, "state", &block.state);
	put_named(out, "side", &block.side);
	put_named(out, "nodes", &block.nodes);
	base_buf_print(out, "engine null\n");
	put_named(out, "leaf", &leaf);
	put_named(out, "app", &app);
	chain_read_end(&read);
}

static void put_bucket(uint8_t *at, uint64_t tokens, uint64_t time)
{
	base_put_u64be(at, tokens * 1000);
	base_put_u64be(at + 8, time);
}

/* Block 1 uses number 1 of the administrator's key, and a token of the key and of its organisation. */
static void block_side(struct fix *f, struct base_buf *out)
{
	struct base_slice organisation = base_slice_text(FIX_ORGANISATION);
	struct base_hash kid = keys_kid(keys_private_public(f->sign)), side;
	struct chain_read *read = fix_read(f);
	struct base_buf bytes = BASE_BUF_INIT;
	struct chain_block_entry block;
	uint8_t value[168] = {0}, bucket[16], number[4];
	uint64_t index;

	base_put_u64be(value, 1);
	value[8] = 1 << 1;
	ck_ok(chain_read_block(read, 1, &block, &index, &ck_err));
	put_bucket(value + 136, 99999, block.time.ms);
	put_bucket(bucket, 999999, block.time.ms);
	base_buf_byte(&bytes, 0x05);
	base_put_u32be(number, 33);
	base_buf_append(&bytes, base_slice(number, 4));
	base_buf_byte(&bytes, 0x01);
	base_buf_append(&bytes, base_hash_slice(&kid));
	base_put_u32be(number, sizeof(value));
	base_buf_append(&bytes, base_slice(number, 4));
	base_buf_append(&bytes, base_slice(value, sizeof(value)));
	base_put_u32be(number, (uint32_t)(1 + organisation.len));
	base_buf_append(&bytes, base_slice(number, 4));
	base_buf_byte(&bytes, 0x02);
	base_buf_append(&bytes, organisation);
	base_put_u32be(number, sizeof(bucket));
	base_buf_append(&bytes, base_slice(number, 4));
	base_buf_append(&bytes, base_slice(bucket, sizeof(bucket)));
	put_hex(out, base_buf_slice(&bytes));
	side = base_sha256_of(base_buf_slice(&bytes));
	ck_assert(base_hash_equal(&side, &block.side));
	base_buf_free(&bytes);
	chain_read_end(&read);
}

/* The nodes stand last but one in genesis, as they were written there. */
static void block_nodes(struct fix *f, struct base_buf *out)
{
	struct chain_read *read = fix_read(f);
	struct chain_block_entry block;
	struct chain_entry genesis;
	struct wire_reader r;
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_hash nodes;
	uint64_t index;

	ck_ok(chain_entry_decode(&genesis, base_buf_slice(&f->genesis), &ck_err));
	ck_assert(events_find(genesis.genesis, 4, &r));
	base_buf_byte(&bytes, 0x06);
	base_buf_append(&bytes, wire_get_raw(&r));
	put_hex(out, base_buf_slice(&bytes));
	nodes = base_sha256_of(base_buf_slice(&bytes));
	ck_ok(chain_read_block(read, 1, &block, &index, &ck_err));
	ck_assert(base_hash_equal(&nodes, &block.nodes));
	base_buf_free(&bytes);
	chain_read_end(&read);
}

static void trail_of(struct fix *f, struct base_buf *out, uint8_t participant)
{
	struct base_hash reference = fix_reference(participant);
	struct chain_read *read = fix_read(f);

	ck_ok(chain_read_trail(read, FIX_STUDY, &reference, out, &ck_err));
	chain_read_end(&read);
}

static void trail_file(struct fix *f, struct base_buf *out)
{
	trail_of(f, out, 1);
}

static void trail_empty(struct fix *f, struct base_buf *out)
{
	trail_of(f, out, 9);
}

static void state_absent(struct fix *f, struct base_buf *out)
{
	struct chain_read *read = fix_read(f);
	struct base_buf reference = BASE_BUF_INIT;

	wire_put_cstr(&reference, "hospital/nobody");
	ck_ok(chain_read_evidence(read, STATE_ACTOR, base_slice(NULL, 0), base_buf_slice(&reference), 0, out, &ck_err));
	base_buf_free(&reference);
	chain_read_end(&read);
}

static const struct example {
	const char *file, *name;
	void (*make)(struct fix *f, struct base_buf *out);
} examples[] = {
	{"genesis.md", "genesis-entry", genesis_entry},
	{"genesis.md", "genesis-id", genesis_id},
	{"genesis.md", "genesis-signatures", genesis_signatures},
	{"entry.md", "entry-event", entry_event},
	{"entry.md", "entry-parts", entry_parts},
	{"block.md", "block-entry", block_entry},
	{"block.md", "block-parts", block_parts},
	{"block.md", "block-side", block_side},
	{"block.md", "block-nodes", block_nodes},
	{"trail.md", "trail-file", trail_file},
	{"trail.md", "trail-empty", trail_empty},
	{"trail.md", "state-absent", state_absent},
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

/* ---- The documents ------------------------------------------------------ */

static struct base_buf document_block(const struct example *example)
{
	char *path = base_path("docs/formats", example->file);
	struct base_buf text = BASE_BUF_INIT, out = BASE_BUF_INIT;
	const char *start, *end;
	char fence[64];

	(void)snprintf(fence, sizeof(fence), "\n```%s\n", example->name);
	ck_ok(base_file_read(&text, path, 1u << 20, &ck_err));
	base_buf_byte(&text, '\0');
	start = strstr((const char *)text.data, fence);
	ck_assert_msg(start != NULL, "%s has no block %s", path, example->name);
	start += strlen(fence);
	end = strstr(start, "```\n");
	ck_assert_ptr_nonnull(end);
	base_buf_append(&out, base_slice(start, (size_t)(end - start)));
	base_buf_free(&text);
	free(path);
	return out;
}

START_TEST(documents_when_recomputed_are_right)
{
	size_t wrong = 0;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	for (size_t i = 0; i < EXAMPLES; i++) {
		struct base_buf want = BASE_BUF_INIT, got = document_block(&examples[i]);

		examples[i].make(&f, &want);
		if (!base_slice_equal(base_buf_slice(&want), base_buf_slice(&got))) {
			wrong++;
			(void)fprintf(stderr, "docs/formats/%s: the block should be\n```%s\n%.*s```\n", examples[i].file,
				      examples[i].name, (int)want.len, (const char *)want.data);
		}
		base_buf_free(&want);
		base_buf_free(&got);
	}
	ck_assert_uint_eq(wrong, 0);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		documents_when_recomputed_are_right,
		NULL,
	};

	return fix_run("chain/docs", tests, 60);
}
