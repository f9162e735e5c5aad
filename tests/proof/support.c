#include "tests/proof/support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- A tree in memory ---- */

static void tree_store(void *arg, uint64_t stored_index, const struct base_hash *hash)
{
	struct tree *tree = arg;

	ck_assert_uint_eq(stored_index, tree->count);
	tree->hashes = base_realloc(tree->hashes, (tree->count + 1) * sizeof(*tree->hashes));
	tree->hashes[tree->count++] = *hash;
}

void tree_add_leaf(struct tree *tree, const struct base_hash *leaf)
{
	proof_frontier_add(&tree->frontier, leaf, tree_store, tree);
}

void tree_add(struct tree *tree, struct base_slice entry)
{
	struct base_hash leaf = proof_leaf(entry);

	tree_add_leaf(tree, &leaf);
}

void tree_free(struct tree *tree)
{
	free(tree->hashes);
	memset(tree, 0, sizeof(*tree));
}

enum base_code tree_get(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	const struct tree *tree = arg;

	if (stored_index >= tree->count)
		return base_fail(err, BASE_NOT_FOUND, "no stored hash %llu", (unsigned long long)stored_index);
	*out = tree->hashes[stored_index];
	return BASE_OK;
}

struct base_hash naive_root(const struct tree *tree, uint64_t low, uint64_t high)
{
	struct base_hash left, right;
	uint64_t k = 1;

	if (low == high)
		return base_sha256_of(TEXT(""));
	if (high - low == 1)
		return tree->hashes[proof_stored_index(0, low)];
	while (k * 2 < high - low)
		k *= 2;
	left = naive_root(tree, low, low + k);
	right = naive_root(tree, low + k, high);
	return base_sha256_tagged(1, base_hash_slice(&left), base_hash_slice(&right));
}

/* ---- Keys and notes ---- */

struct keys_private *key_of(uint8_t seed, enum keys_purpose purpose)
{
	struct keys_private *key;
	uint8_t raw[32];

	memset(raw, seed, sizeof(raw));
	OK(keys_private_import(&key, purpose, KEYS_ED25519, raw, ERR));
	return key;
}

void vkey_of(struct proof_vkey *out, uint8_t seed, const char *name, enum proof_note_alg alg)
{
	struct keys_private *key = key_of(seed, alg == PROOF_COSIGNATURE ? KEYS_COSIGN : KEYS_LOG);

	proof_vkey_make(out, name, alg, keys_private_public(key));
	keys_private_close(key);
}

void vkey_text(struct base_buf *out, uint8_t seed, const char *name, enum proof_note_alg alg)
{
	struct proof_vkey vkey;

	vkey_of(&vkey, seed, name, alg);
	proof_vkey_format(out, &vkey);
}

void note_sign(struct base_buf *note, struct base_slice text, uint8_t seed, const char *name)
{
	struct keys_private *key = key_of(seed, KEYS_LOG);

	OK(proof_note_sign(note, text, name, key, ERR));
	keys_private_close(key);
}

void note_cosign(struct base_buf *note, struct base_slice text, uint8_t seed, const char *name, uint64_t time_s)
{
	struct keys_private *key = key_of(seed, KEYS_COSIGN);

	OK(proof_note_cosign(note, text, name, time_s, key, ERR));
	keys_private_close(key);
}

void note_line(struct base_buf *note, const char *name, uint32_t key_id, struct base_slice signature)
{
	struct base_buf bytes = BASE_BUF_INIT;
	uint8_t id[4];

	base_put_u32be(id, key_id);
	base_buf_append(&bytes, base_slice(id, 4));
	base_buf_append(&bytes, signature);
	base_buf_print(note, "\xe2\x80\x94 %s ", name);
	base_base64(note, BYTES_OF(bytes));
	base_buf_byte(note, '\n');
	base_buf_free(&bytes);
}

void ml_dsa_vkey_text(struct base_buf *out, uint8_t seed, const char *name, uint32_t *key_id)
{
	struct base_buf hashed = BASE_BUF_INIT, key = BASE_BUF_INIT;
	struct base_hash hash;

	base_buf_byte(&key, 0x06);
	for (int i = 0; i < 1312; i++)
		base_buf_byte(&key, seed);
	base_buf_print(&hashed, "%s\n", name);
	base_buf_append(&hashed, BYTES_OF(key));
	hash = base_sha256_of(BYTES_OF(hashed));
	*key_id = base_get_u32be(hash.bytes);
	base_buf_print(out, "%s+%08x+", name, *key_id);
	base_base64(out, BYTES_OF(key));
	base_buf_free(&hashed);
	base_buf_free(&key);
}

/* ---- Files ---- */

struct base_buf file_read(const char *path)
{
	struct base_buf out = BASE_BUF_INIT;

	OK(base_file_read(&out, path, 1 << 24, ERR));
	return out;
}

char *vectors_folder(const char *name)
{
	const char *root = getenv("REGESTA_VECTORS");
	char *folder = base_path(root != NULL ? root : "../shared/data", name);

	if (access(folder, R_OK) == 0)
		return folder;
	printf("skipped: no test vectors at %s (set REGESTA_VECTORS)\n", folder);
	free(folder);
	return NULL;
}

struct base_buf document_block(const char *file, const char *name)
{
	char *path = base_path("docs/formats", file);
	struct base_buf text = file_read(path), out = BASE_BUF_INIT;
	struct base_buf fence = BASE_BUF_INIT;
	const char *start, *end;

	base_buf_byte(&text, '\0');
	base_buf_print(&fence, "\n```%s\n", name);
	base_buf_byte(&fence, '\0');
	start = strstr((const char *)text.data, (const char *)fence.data);
	ck_assert_msg(start != NULL, "%s has no block %s", path, name);
	start += fence.len - 1;
	end = strstr(start, "```\n");
	ck_assert_ptr_nonnull(end);
	base_buf_append(&out, base_slice(start, (size_t)(end - start)));
	base_buf_free(&text);
	base_buf_free(&fence);
	free(path);
	return out;
}

int suite_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *cases = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(cases, 120);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
