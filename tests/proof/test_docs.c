/* The worked examples of docs/formats/tree.md, checkpoint.md, policy.md, receipt.md and tiles.md, recomputed. */
#include "tests/proof/support.h"

#include <stdlib.h>
#include <string.h>

#define LEAVES 7
#define ORIGIN "ledger.example/00112233445566778899aabbccddeeff"
#define COSIGNED_AT 1772354400

static struct base_slice example_entry(unsigned i)
{
	static uint8_t bytes[LEAVES + 1];

	memset(bytes, (int)i, i + 1);
	return base_slice(bytes, i + 1);
}

static void example_tree(struct tree *tree)
{
	for (unsigned i = 0; i < LEAVES; i++)
		tree_add(tree, example_entry(i));
}

static void example_note(struct base_buf *note)
{
	struct base_buf text = BASE_BUF_INIT;
	struct tree tree = {0};
	struct base_hash root;

	example_tree(&tree);
	root = proof_frontier_root(&tree.frontier);
	proof_checkpoint_format(&text, ORIGIN, LEAVES, &root);
	base_buf_append(note, BYTES_OF(text));
	base_buf_byte(note, '\n');
	note_sign(note, BYTES_OF(text), 1, ORIGIN);
	note_cosign(note, BYTES_OF(text), 2, "clinic-a/node", COSIGNED_AT);
	base_buf_free(&text);
	tree_free(&tree);
}

static void expect_block(const char *file, const char *name, struct base_buf *want)
{
	struct base_buf block = document_block(file, name);

	ck_assert_msg(base_slice_equal(BYTES_OF(block), BYTES_OF(*want)), "%s, %s:\n%.*s\nbut it should be\n%.*s", file,
		      name, (int)block.len, (const char *)block.data, (int)want->len, (const char *)want->data);
	base_buf_free(&block);
	base_buf_free(want);
}

static void hex_line(struct base_buf *out, const struct base_hash *hash)
{
	char hex[65];

	base_hex(hex, base_hash_slice(hash));
	base_buf_print(out, "%s\n", hex);
}

START_TEST(tree_document_is_right)
{
	struct base_buf want = BASE_BUF_INIT;
	struct proof_path path;
	struct tree tree = {0};

	example_tree(&tree);
	for (unsigned size = 0; size <= LEAVES; size++) {
		struct base_hash root = naive_root(&tree, 0, size);

		base_buf_print(&want, "%u  ", size);
		hex_line(&want, &root);
	}
	expect_block("tree.md", "tree-roots", &want);
	OK(proof_inclusion(&path, 4, LEAVES, tree_get, &tree, ERR));
	for (size_t i = 0; i < path.count; i++)
		hex_line(&want, &path.hashes[i]);
	expect_block("tree.md", "tree-inclusion", &want);
	OK(proof_consistency(&path, 3, LEAVES, tree_get, &tree, ERR));
	for (size_t i = 0; i < path.count; i++)
		hex_line(&want, &path.hashes[i]);
	expect_block("tree.md", "tree-consistency", &want);
	for (uint64_t i = 0; i < tree.count; i++) {
		base_buf_print(&want, "%2u  ", (unsigned)i);
		hex_line(&want, &tree.hashes[i]);
	}
	expect_block("tree.md", "tree-stored", &want);
	tree_free(&tree);
}
END_TEST

START_TEST(checkpoint_document_is_right)
{
	struct base_buf want = BASE_BUF_INIT, note = BASE_BUF_INIT;
	struct proof_note parsed;

	example_note(&note);
	OK(proof_note_parse(&parsed, BYTES_OF(note), ERR));
	base_buf_append(&want, parsed.text);
	expect_block("checkpoint.md", "checkpoint-text", &want);
	base_buf_append(&want, BYTES_OF(note));
	expect_block("checkpoint.md", "checkpoint-note", &want);
	vkey_text(&want, 1, ORIGIN, PROOF_ED25519);
	base_buf_byte(&want, '\n');
	vkey_text(&want, 2, "clinic-a/node", PROOF_COSIGNATURE);
	base_buf_byte(&want, '\n');
	expect_block("checkpoint.md", "checkpoint-vkeys", &want);
	base_buf_free(&note);
}
END_TEST

/* The note of checkpoint.md with cosignatures of clinics a to e, as the bits say. */
static bool accepts(const char *block, unsigned clinics)
{
	struct base_buf text = document_block("policy.md", block), bytes = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct proof_verdict verdict;
	struct proof_policy *policy;
	struct proof_note note;
	struct base_slice signed_text;
	enum base_code code;

	example_note(&bytes);
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	signed_text = TEXT(strndup((const char *)note.text.data, note.text.len));
	base_buf_free(&bytes);
	base_buf_append(&bytes, signed_text);
	base_buf_byte(&bytes, '\n');
	note_sign(&bytes, signed_text, 1, ORIGIN);
	for (unsigned i = 0; i < 5; i++) {
		char name[32];

		snprintf(name, sizeof(name), "clinic-%c/node", 'a' + (int)i);
		if (clinics >> i & 1)
			note_cosign(&bytes, signed_text, (uint8_t)(2 + i), name, COSIGNED_AT);
	}
	OK(proof_policy_parse(&policy, BYTES_OF(text), ERR));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	code = proof_policy_check(policy, &note, &checkpoint, &verdict, NULL);
	proof_policy_close(policy);
	free((void *)(uintptr_t)signed_text.data);
	base_buf_free(&bytes);
	base_buf_free(&text);
	return code == BASE_OK;
}

START_TEST(policy_document_is_right)
{
	struct base_buf want = BASE_BUF_INIT;
	struct proof_vkey log, cosigners[3];

	vkey_of(&log, 1, ORIGIN, PROOF_ED25519);
	vkey_of(&cosigners[0], 2, "clinic-a/node", PROOF_COSIGNATURE);
	vkey_of(&cosigners[1], 3, "clinic-b/node", PROOF_COSIGNATURE);
	vkey_of(&cosigners[2], 4, "clinic-c/node", PROOF_COSIGNATURE);
	proof_policy_write(&want, &log, 1, cosigners, 1, 1);
	expect_block("policy.md", "policy-solo", &want);
	proof_policy_write(&want, &log, 1, cosigners, 3, 2);
	expect_block("policy.md", "policy-quorum", &want);
	for (unsigned clinics = 0; clinics < 32; clinics++) {
		int of_x = __builtin_popcount(clinics & 7), of_y = __builtin_popcount(clinics & 24);

		ck_assert(accepts("policy-solo", clinics) == ((clinics & 1) != 0));
		ck_assert(accepts("policy-quorum", clinics) == (of_x >= 2));
		ck_assert(accepts("policy-groups", clinics) == (of_x >= 2 && of_y >= 1));
	}
}
END_TEST

START_TEST(receipt_document_is_right_and_verifies)
{
	struct base_buf want = BASE_BUF_INIT, note = BASE_BUF_INIT, text, policy_text;
	struct proof_checkpoint checkpoint;
	struct proof_receipt receipt;
	struct proof_verdict verdict;
	struct proof_policy *policy;
	struct proof_path path;
	struct tree tree = {0};
	struct base_hash leaf = proof_leaf(example_entry(4));

	example_tree(&tree);
	example_note(&note);
	OK(proof_inclusion(&path, 4, LEAVES, tree_get, &tree, ERR));
	proof_receipt_format(&want, example_entry(4), 4, &path, BYTES_OF(note));
	expect_block("receipt.md", "receipt", &want);
	text = document_block("receipt.md", "receipt");
	policy_text = document_block("policy.md", "policy-solo");
	OK(proof_policy_parse(&policy, BYTES_OF(policy_text), ERR));
	OK(proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	OK(proof_receipt_check(&receipt, policy, &leaf, &checkpoint, &verdict, ERR));
	ck_assert_uint_eq(verdict.latest_s, COSIGNED_AT);
	ck_assert_str_eq(verdict.names, "clinic-a/node");
	proof_receipt_free(&receipt);
	proof_policy_close(policy);
	base_buf_free(&policy_text);
	base_buf_free(&text);
	base_buf_free(&note);
	tree_free(&tree);
}
END_TEST

START_TEST(tiles_document_is_right)
{
	struct base_buf want = BASE_BUF_INIT, bundle = BASE_BUF_INIT, paths = document_block("tiles.md", "tile-paths");
	char *line, *rest = strndup((const char *)paths.data, paths.len), *all = rest, *hex;
	size_t count = 0;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		char path[96], made[96];
		unsigned long long n;
		unsigned width, width_read;
		int level, level_read;
		uint64_t n_read;

		ck_assert_int_eq(sscanf(line, "%95s %d %llu %u", path, &level, &n, &width), 4);
		proof_tile_path(made, level, n, width);
		ck_assert_str_eq(made, path);
		OK(proof_tile_path_parse(&level_read, &n_read, &width_read, TEXT(path), ERR));
		ck_assert(level_read == level && n_read == n && width_read == width);
		count++;
	}
	ck_assert_uint_eq(count, 5);
	for (unsigned i = 0; i < LEAVES; i++)
		proof_bundle_add(&bundle, example_entry(i));
	hex = base_alloc(bundle.len * 2 + 1);
	base_hex(hex, BYTES_OF(bundle));
	base_buf_print(&want, "%s\n", hex);
	expect_block("tiles.md", "tile-bundle", &want);
	free(hex);
	free(all);
	base_buf_free(&bundle);
	base_buf_free(&paths);
}
END_TEST

SUITE_RUN("docs", tree_document_is_right, checkpoint_document_is_right, policy_document_is_right,
	  receipt_document_is_right_and_verifies, tiles_document_is_right)
