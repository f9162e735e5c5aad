/* The worked example of docs/formats/map.md, computed anew. */
#include "ledger/state/map_internal.h"
#include "tests/state/map_naive.h"

#define DOCUMENT "docs/formats/map.md"

static const struct store_spec tables[] = {{"rows", true}};
static struct base_buf document;
static size_t compared;

/* The bytes of the line "name = hex" in a map-example block. */
static void assert_line(const char *name, struct base_slice expected)
{
	struct base_buf bytes = BASE_BUF_INIT;
	size_t len = strlen(name);
	bool inside = false;

	for (const char *line = (const char *)document.data; line != NULL; line = strchr(line, '\n')) {
		const char *at;

		line += *line == '\n';
		if (strncmp(line, "```", 3) == 0)
			inside = strncmp(line, "```map-example", 14) == 0;
		if (*line == '\0')
			break;
		if (!inside || strncmp(line, name, len) != 0)
			continue;
		at = line + len + strspn(line + len, " ");
		if (strncmp(at, "= ", 2) != 0)
			continue;
		ck_assert(base_unhex(&bytes, base_slice(at + 2, strcspn(at + 2, "\n"))));
		ck_assert_msg(base_slice_equal(base_buf_slice(&bytes), expected), "%s: \"%s\" is out of date", DOCUMENT, name);
		base_buf_free(&bytes);
		compared++;
		return;
	}
	ck_abort_msg("%s has no line \"%s\"", DOCUMENT, name);
}

static struct base_hash key_of(uint8_t participant)
{
	uint8_t reference[34] = {0x58, 0x20};

	memset(reference + 2, participant, 32);
	return state_map_key(STATE_HEAD, base_slice_text("rd-17"), base_slice(reference, sizeof(reference)), 0);
}

static void assert_key(uint8_t participant, bool with_cbor)
{
	uint8_t cbor[] = {0x84, 7, 0x65, 'r', 'd', '-', '1', '7', 0x58, 0x20, [42] = 0};
	struct base_hash key = key_of(participant);
	char name[32];

	memset(cbor + 10, participant, 32);
	(void)snprintf(name, sizeof(name), "key %02x", participant);
	assert_line(name, base_hash_slice(&key));
	(void)snprintf(name, sizeof(name), "cbor %02x", participant);
	if (with_cbor)
		assert_line(name, base_slice(cbor, sizeof(cbor)));
}

static void assert_leaf(const char *name, uint8_t participant, const char *value)
{
	struct base_hash key = key_of(participant);
	struct base_hash value_hash = base_sha256_of(base_slice_text(value));
	struct base_hash leaf = map_leaf_hash(&key, &value_hash);

	assert_line(name, base_hash_slice(&leaf));
}

static void assert_proof(struct store_txn *txn, const char *name, uint8_t participant, uint64_t height, const char *value)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct base_hash key = key_of(participant), root;

	ASSERT_OK(state_map_root(txn, 0, height, &root, &err));
	ASSERT_OK(state_map_prove(txn, 0, height, &key, &proof, &err));
	ASSERT_OK(state_proof_verify(base_buf_slice(&proof), &root, &key,
				     value == NULL ? base_slice(NULL, 0) : base_slice_text(value), &err));
	assert_line(name, base_buf_slice(&proof));
	base_buf_free(&proof);
}

static void assert_block(struct store_txn *txn, uint64_t height, uint8_t a, const char *value_a, uint8_t b, const char *value_b)
{
	struct state_write writes[2] = {{key_of(a), base_slice_text(value_a)}, {key_of(b), base_slice_text(value_b)}};
	struct base_hash root;
	struct base_slice row;
	char name[16];

	qsort(writes, 2, sizeof(writes[0]), naive_order);
	ASSERT_OK(state_map_update(txn, 0, height, writes, 2, &root, &err));
	ASSERT_CODE(BASE_OK, store_get_u64(txn, 0, height, &row));
	(void)snprintf(name, sizeof(name), "root %u", (unsigned)height);
	assert_line(name, base_hash_slice(&root));
	(void)snprintf(name, sizeof(name), "row %u", (unsigned)height);
	assert_line(name, row);
}

START_TEST(example_when_computed_anew_is_the_document)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct store_txn *txn = NULL;
	size_t lines = 0;

	ASSERT_OK(base_file_read(&document, DOCUMENT, 1 << 20, &err));
	base_buf_byte(&document, 0);
	assert_key(6, true);
	assert_key(2, true);
	assert_key(8, true);
	assert_key(10, false);
	assert_key(1, false);
	assert_leaf("leaf 06", 6, "one");
	assert_leaf("leaf 02", 2, "two");
	assert_leaf("leaf 02 at 6", 2, "two again");
	assert_leaf("leaf 08", 8, "three");
	ASSERT_OK(store_begin(&txn, store, true, &err));
	assert_block(txn, 5, 6, "one", 2, "two");
	assert_block(txn, 6, 2, "two again", 8, "three");
	assert_proof(txn, "proof present 06 at 6", 6, 6, "one");
	assert_proof(txn, "proof present 02 at 5", 2, 5, "two");
	assert_proof(txn, "proof absent 0a at 6", 10, 6, NULL);
	assert_proof(txn, "proof absent 01 at 6", 1, 6, NULL);
	assert_proof(txn, "proof absent 08 at 5", 8, 5, NULL);
	store_abort(&txn);
	/* Nothing stands there that was not computed. */
	for (const char *at = strstr((char *)document.data, "```map-example"); at != NULL; at = strstr(at, "```map-example")) {
		for (at = strchr(at, '\n') + 1; strncmp(at, "```", 3) != 0; at = strchr(at, '\n') + 1)
			lines++;
		at += 3;
	}
	ck_assert_uint_eq(lines, compared);
	base_buf_free(&document);
	store_close(store);
}
END_TEST

int main(void)
{
	static const TTest *tests[2];

	tests[0] = example_when_computed_anew_is_the_document;
	tests[1] = NULL;
	return suite_run("map_doc", tests, 60);
}
