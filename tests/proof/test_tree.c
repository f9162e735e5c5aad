#include "tests/proof/support.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIZES 70

static void tree_fill(struct tree *tree, unsigned leaves)
{
	for (unsigned i = 0; i < leaves; i++) {
		char entry[16];

		snprintf(entry, sizeof(entry), "entry %u", i);
		tree_add(tree, TEXT(entry));
	}
}

/* ---- Own checks ---- */

START_TEST(hashes_of_known_inputs_are_those_of_the_rfc)
{
	char hex[65];
	struct base_hash hash = proof_empty_root();

	base_hex(hex, base_hash_slice(&hash));
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash = proof_leaf(TEXT(""));
	base_hex(hex, base_hash_slice(&hash));
	ck_assert_str_eq(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}
END_TEST

START_TEST(stored_index_of_every_hash_is_its_place_in_the_sequence)
{
	uint64_t next = 0;

	for (uint64_t leaf = 0; leaf < 3000; leaf++) {
		ck_assert_uint_eq(proof_stored_count(leaf), next);
		for (unsigned level = 0;; level++) {
			ck_assert_uint_eq(proof_stored_index(level, leaf >> level), next++);
			if ((leaf >> level & 1) == 0)
				break;
		}
	}
}
END_TEST

START_TEST(stored_index_at_the_end_does_not_overflow)
{
	uint64_t half = UINT64_C(1) << 63;

	ck_assert_uint_eq(proof_stored_index(63, 0), UINT64_MAX - 1);
	ck_assert_uint_eq(proof_stored_index(0, half - 1), UINT64_MAX - 1 - 63);
	ck_assert_uint_eq(proof_stored_count(half), UINT64_MAX);
	ck_assert_uint_eq(proof_stored_count(half - 1), proof_stored_index(0, half - 1));
	ck_assert_uint_eq(proof_stored_index(0, half), UINT64_MAX);
	ck_assert_uint_eq(proof_stored_index(63, 1), UINT64_MAX);
	ck_assert_uint_eq(proof_stored_index(64, 0), UINT64_MAX);
	ck_assert_uint_eq(proof_stored_index(1, UINT64_MAX), UINT64_MAX);
	ck_assert_uint_eq(proof_stored_count(UINT64_MAX), UINT64_MAX);
}
END_TEST

START_TEST(root_when_grown_loaded_stored_or_recursive_is_the_same)
{
	struct tree tree = {0};

	for (unsigned size = 0; size <= 300; size++) {
		struct base_hash grown = proof_frontier_root(&tree.frontier), stored,
				 naive = naive_root(&tree, 0, size), loaded;
		struct proof_frontier again;

		OK(proof_root(&stored, size, tree_get, &tree, ERR));
		OK(proof_frontier_load(&again, size, tree_get, &tree, ERR));
		loaded = proof_frontier_root(&again);
		ck_assert(base_hash_equal(&grown, &naive));
		ck_assert(base_hash_equal(&stored, &naive));
		ck_assert(base_hash_equal(&loaded, &naive));
		ck_assert_uint_eq(again.size, size);
		ck_assert_uint_eq(again.depth, tree.frontier.depth);
		ck_assert_uint_eq(tree.count, proof_stored_count(size));
		tree_fill(&tree, 1);
	}
	tree_free(&tree);
}
END_TEST

START_TEST(root_when_a_stored_hash_is_missing_says_so)
{
	struct tree tree = {0};
	struct proof_frontier frontier;
	struct base_hash root;
	struct proof_path path;

	tree_fill(&tree, 6);
	tree.count--;
	tree.count--;
	REFUSED(BASE_NOT_FOUND, proof_root(&root, 6, tree_get, &tree, ERR));
	REFUSED(BASE_NOT_FOUND, proof_frontier_load(&frontier, 6, tree_get, &tree, ERR));
	ck_assert_uint_eq(frontier.size, 0);
	REFUSED(BASE_NOT_FOUND, proof_inclusion(&path, 0, 6, tree_get, &tree, ERR));
	REFUSED(BASE_NOT_FOUND, proof_consistency(&path, 3, 6, tree_get, &tree, ERR));
	tree_free(&tree);
}
END_TEST

/* RFC 9162 §2.1.3.1 and §2.1.4.1, as they are written. */
static void naive_path(struct proof_path *out, const struct tree *tree, uint64_t m, uint64_t low, uint64_t high)
{
	uint64_t k = 1;

	if (high - low == 1)
		return;
	while (k * 2 < high - low)
		k *= 2;
	if (m < k) {
		naive_path(out, tree, m, low, low + k);
		out->hashes[out->count++] = naive_root(tree, low + k, high);
	} else {
		naive_path(out, tree, m - k, low + k, high);
		out->hashes[out->count++] = naive_root(tree, low, low + k);
	}
}

static void naive_subproof(struct proof_path *out, const struct tree *tree, uint64_t m, uint64_t low, uint64_t high,
			   bool b)
{
	uint64_t k = 1;

	if (m == high - low) {
		if (!b)
			out->hashes[out->count++] = naive_root(tree, low, high);
		return;
	}
	while (k * 2 < high - low)
		k *= 2;
	if (m <= k) {
		naive_subproof(out, tree, m, low, low + k, b);
		out->hashes[out->count++] = naive_root(tree, low + k, high);
	} else {
		naive_subproof(out, tree, m - k, low + k, high, false);
		out->hashes[out->count++] = naive_root(tree, low, low + k);
	}
}

static bool paths_equal(const struct proof_path *a, const struct proof_path *b)
{
	return a->count == b->count && memcmp(a->hashes, b->hashes, a->count * sizeof(a->hashes[0])) == 0;
}

START_TEST(inclusion_of_every_index_in_every_size_is_the_rfcs_and_verifies_only_there)
{
	struct tree tree = {0};

	tree_fill(&tree, SIZES);
	for (uint64_t size = 1; size <= SIZES; size++) {
		struct base_hash root = naive_root(&tree, 0, size);

		for (uint64_t index = 0; index < size; index++) {
			struct base_hash leaf = tree.hashes[proof_stored_index(0, index)];
			struct proof_path path, naive = {0};

			OK(proof_inclusion(&path, index, size, tree_get, &tree, ERR));
			naive_path(&naive, &tree, index, 0, size);
			ck_assert(paths_equal(&path, &naive));
			OK(proof_inclusion_verify(&path, index, size, &leaf, &root, ERR));
			for (uint64_t other = 0; other <= size; other++)
				if (other != index)
					REFUSED(BASE_MISMATCH,
						proof_inclusion_verify(&path, other, size, &leaf, &root, ERR));
			/* Every hash counts. */
			for (size_t i = 0; i < path.count; i++) {
				struct proof_path bad = path;

				bad.hashes[i].bytes[index % 32] ^= 1;
				REFUSED(BASE_MISMATCH, proof_inclusion_verify(&bad, index, size, &leaf, &root, ERR));
			}
			path.hashes[path.count++] = root;
			REFUSED(BASE_MISMATCH, proof_inclusion_verify(&path, index, size, &leaf, &root, ERR));
			path.count--;
			if (path.count > 0) {
				path.count--;
				REFUSED(BASE_MISMATCH, proof_inclusion_verify(&path, index, size, &leaf, &root, ERR));
			}
		}
	}
	tree_free(&tree);
}
END_TEST

START_TEST(consistency_of_every_two_sizes_is_the_rfcs_and_verifies_only_there)
{
	struct tree tree = {0};

	tree_fill(&tree, SIZES);
	for (uint64_t size = 1; size <= SIZES; size++) {
		struct base_hash root = naive_root(&tree, 0, size);

		for (uint64_t old = 1; old <= size; old++) {
			struct base_hash old_root = naive_root(&tree, 0, old), bad_root = old_root;
			struct proof_path path, naive = {0};

			OK(proof_consistency(&path, old, size, tree_get, &tree, ERR));
			naive_subproof(&naive, &tree, old, 0, size, true);
			ck_assert(paths_equal(&path, &naive));
			OK(proof_consistency_verify(&path, old, size, &old_root, &root, ERR));
			bad_root.bytes[31] ^= 0x80;
			REFUSED(BASE_MISMATCH, proof_consistency_verify(&path, old, size, &bad_root, &root, ERR));
			REFUSED(BASE_MISMATCH, proof_consistency_verify(&path, old, size, &old_root, &bad_root, ERR));
			for (size_t i = 0; i < path.count; i++) {
				struct proof_path bad = path;

				bad.hashes[i].bytes[old % 32] ^= 1;
				REFUSED(BASE_MISMATCH,
					proof_consistency_verify(&bad, old, size, &old_root, &root, ERR));
			}
			path.hashes[path.count++] = root;
			REFUSED(BASE_MISMATCH, proof_consistency_verify(&path, old, size, &old_root, &root, ERR));
			path.count--;
			if (path.count > 0) {
				path.count--;
				REFUSED(BASE_MISMATCH,
					proof_consistency_verify(&path, old, size, &old_root, &root, ERR));
			}
		}
	}
	tree_free(&tree);
}
END_TEST

START_TEST(proofs_of_what_does_not_exist_are_refused)
{
	struct tree tree = {0};
	struct proof_path path = {0};
	struct base_hash root;

	tree_fill(&tree, 4);
	root = naive_root(&tree, 0, 4);
	REFUSED(BASE_NOT_FOUND, proof_inclusion(&path, 4, 4, tree_get, &tree, ERR));
	REFUSED(BASE_NOT_FOUND, proof_inclusion(&path, 0, 0, tree_get, &tree, ERR));
	REFUSED(BASE_NOT_FOUND, proof_consistency(&path, 0, 4, tree_get, &tree, ERR));
	REFUSED(BASE_NOT_FOUND, proof_consistency(&path, 0, 0, tree_get, &tree, ERR));
	REFUSED(BASE_NOT_FOUND, proof_consistency(&path, 5, 4, tree_get, &tree, ERR));
	REFUSED(BASE_MISMATCH, proof_inclusion_verify(&path, 0, 0, &root, &root, ERR));
	REFUSED(BASE_MISMATCH, proof_inclusion_verify(&path, UINT64_MAX, 0, &root, &root, ERR));
	REFUSED(BASE_MISMATCH, proof_consistency_verify(&path, 0, 0, &root, &root, ERR));
	REFUSED(BASE_MISMATCH, proof_consistency_verify(&path, 0, 4, &root, &root, ERR));
	REFUSED(BASE_MISMATCH, proof_consistency_verify(&path, 5, 4, &root, &root, ERR));
	tree_free(&tree);
}
END_TEST

/* ---- Sizes up to 2^64 - 1: a tree whose leaves are all equal ---- */

static struct base_hash level_hash[65];

static void level_hashes_make(void)
{
	level_hash[0] = proof_leaf(TEXT("the same"));
	for (int i = 1; i <= 64; i++)
		level_hash[i] = proof_node(&level_hash[i - 1], &level_hash[i - 1]);
}

/* Root of a subtree of that many leaves. */
static struct base_hash equal_root(uint64_t width)
{
	struct base_hash root = {{0}};
	bool any = false;

	for (unsigned level = 0; level < 64; level++) {
		if ((width >> level & 1) == 0)
			continue;
		root = any ? proof_node(&level_hash[level], &root) : level_hash[level];
		any = true;
	}
	return root;
}

static uint64_t below(uint64_t width)
{
	uint64_t k = UINT64_C(1) << 63;

	while (k >= width)
		k >>= 1;
	return k;
}

static void equal_path(struct proof_path *out, uint64_t m, uint64_t width)
{
	uint64_t k;

	if (width == 1)
		return;
	k = below(width);
	equal_path(out, m < k ? m : m - k, m < k ? k : width - k);
	out->hashes[out->count++] = equal_root(m < k ? width - k : k);
}

static void equal_subproof(struct proof_path *out, uint64_t m, uint64_t width, bool b)
{
	uint64_t k;

	if (m == width) {
		if (!b)
			out->hashes[out->count++] = equal_root(width);
		return;
	}
	k = below(width);
	if (m <= k)
		equal_subproof(out, m, k, b);
	else
		equal_subproof(out, m - k, width - k, false);
	out->hashes[out->count++] = equal_root(m <= k ? width - k : k);
}

/* The inverse of proof_stored_index: only the level matters here. */
static enum base_code equal_get(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	uint64_t low = 0, high = UINT64_C(1) << 63;

	(void)arg;
	(void)err;
	ck_assert_uint_ne(stored_index, UINT64_MAX);
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (proof_stored_index(0, middle) <= stored_index)
			low = middle;
		else
			high = middle;
	}
	*out = level_hash[stored_index - proof_stored_index(0, low)];
	return BASE_OK;
}

static const uint64_t far_sizes[] = {
	1,
	2,
	3,
	255,
	256,
	257,
	UINT64_C(1) << 32,
	(UINT64_C(1) << 62) + 1,
	(UINT64_C(1) << 63) - 1,
	UINT64_C(1) << 63,
	(UINT64_C(1) << 63) + 1,
	UINT64_MAX - 1,
	UINT64_MAX,
};
#define FAR_COUNT (sizeof(far_sizes) / sizeof(far_sizes[0]))

START_TEST(inclusion_at_sizes_up_to_the_end_verifies)
{
	level_hashes_make();
	for (size_t s = 0; s < FAR_COUNT; s++) {
		uint64_t size = far_sizes[s];
		struct base_hash root = equal_root(size);

		for (size_t i = 0; i <= FAR_COUNT; i++) {
			uint64_t index = i == FAR_COUNT ? size - 1 : far_sizes[i] - 1;
			struct proof_path path = {0}, made;

			if (index >= size)
				continue;
			equal_path(&path, index, size);
			OK(proof_inclusion_verify(&path, index, size, &level_hash[0], &root, ERR));
			path.hashes[path.count / 2].bytes[0] ^= 1;
			if (path.count > 0)
				REFUSED(BASE_MISMATCH,
					proof_inclusion_verify(&path, index, size, &level_hash[0], &root, ERR));
			path.hashes[path.count / 2].bytes[0] ^= 1;
			if (size > PROOF_STORED_LEAVES_MAX) {
				REFUSED(BASE_LIMIT, proof_inclusion(&made, index, size, equal_get, NULL, ERR));
				continue;
			}
			OK(proof_inclusion(&made, index, size, equal_get, NULL, ERR));
			ck_assert(paths_equal(&path, &made));
		}
	}
}
END_TEST

START_TEST(consistency_at_sizes_up_to_the_end_verifies)
{
	size_t longest = 0;

	level_hashes_make();
	for (size_t s = 0; s < FAR_COUNT; s++) {
		for (size_t o = 0; o <= s; o++) {
			struct base_hash root = equal_root(far_sizes[s]), old_root = equal_root(far_sizes[o]);
			struct proof_path path = {0}, made;

			equal_subproof(&path, far_sizes[o], far_sizes[s], true);
			longest = path.count > longest ? path.count : longest;
			OK(proof_consistency_verify(&path, far_sizes[o], far_sizes[s], &old_root, &root, ERR));
			if (far_sizes[s] > PROOF_STORED_LEAVES_MAX) {
				REFUSED(BASE_LIMIT,
					proof_consistency(&made, far_sizes[o], far_sizes[s], equal_get, NULL, ERR));
				continue;
			}
			OK(proof_consistency(&made, far_sizes[o], far_sizes[s], equal_get, NULL, ERR));
			ck_assert(paths_equal(&path, &made));
		}
	}
	ck_assert_uint_eq(longest, PROOF_HASHES_MAX);
}
END_TEST

START_TEST(root_at_the_largest_stored_size_is_right_and_beyond_it_refused)
{
	struct base_hash root, want;
	struct proof_frontier frontier;

	level_hashes_make();
	OK(proof_root(&root, PROOF_STORED_LEAVES_MAX, equal_get, NULL, ERR));
	ck_assert(base_hash_equal(&root, &level_hash[63]));
	OK(proof_frontier_load(&frontier, PROOF_STORED_LEAVES_MAX - 1, equal_get, NULL, ERR));
	ck_assert_uint_eq(frontier.depth, 63);
	proof_frontier_add(&frontier, &level_hash[0], NULL, NULL);
	root = proof_frontier_root(&frontier);
	ck_assert(base_hash_equal(&root, &level_hash[63]));
	/* A frontier goes on, without storage, to the last size. */
	frontier.size = UINT64_MAX - 1;
	frontier.depth = 63;
	for (unsigned i = 0; i < 63; i++)
		frontier.stack[i] = level_hash[63 - i];
	proof_frontier_add(&frontier, &level_hash[0], NULL, NULL);
	root = proof_frontier_root(&frontier);
	want = equal_root(UINT64_MAX);
	ck_assert(base_hash_equal(&root, &want));
	REFUSED(BASE_LIMIT, proof_root(&root, PROOF_STORED_LEAVES_MAX + 1, equal_get, NULL, ERR));
	REFUSED(BASE_LIMIT, proof_frontier_load(&frontier, UINT64_MAX, equal_get, NULL, ERR));
}
END_TEST

/* ---- Vectors ---- */

/* An integer up to 2^64 - 1 after "key":, from the text, because jansson's integers end at 2^63. */
static uint64_t json_u64(struct base_slice text, const char *key)
{
	char *copy = strndup((const char *)text.data, text.len), quoted[32];
	uint64_t out;
	char *at;
	size_t digits;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(copy, quoted);
	ck_assert_ptr_nonnull(at);
	at += strlen(quoted);
	at += strspn(at, " \t\n");
	digits = strspn(at, "0123456789");
	ck_assert(base_parse_u64(base_slice(at, digits), &out));
	free(copy);
	return out;
}

/* Hashes of the suite that are not 32 bytes long stand for themselves: padded, they stay equal or unequal. */
static bool json_hash(struct base_hash *out, const json_t *value)
{
	const char *text = json_is_null(value) ? "" : json_string_value(value);
	struct base_buf bytes = BASE_BUF_INIT;
	bool full;

	ck_assert(base_unbase64(&bytes, TEXT(text)));
	memset(out, 0, sizeof(*out));
	if (bytes.len > 0)
		memcpy(out->bytes, bytes.data, bytes.len < 32 ? bytes.len : 32);
	full = bytes.len == 32;
	base_buf_free(&bytes);
	return full;
}

static int vectors_right, vectors_wrong;

static void vector_check(const char *path)
{
	struct base_buf text = file_read(path);
	json_error_t error;
	json_t *json = json_loadb((const char *)text.data, text.len, JSON_DECODE_INT_AS_REAL, &error), *item;
	struct proof_path proof = {0};
	struct base_hash a, b;
	enum base_code code = BASE_OK;
	size_t i;

	ck_assert_ptr_nonnull(json);
	json_array_foreach(json_object_get(json, "proof"), i, item)
	{
		if (i >= PROOF_HASHES_MAX || !json_hash(&proof.hashes[i], item))
			code = BASE_MALFORMED;
		else
			proof.count++;
	}
	if (json_object_get(json, "leafIdx") != NULL) {
		json_hash(&a, json_object_get(json, "leafHash"));
		json_hash(&b, json_object_get(json, "root"));
		if (code == BASE_OK)
			code = proof_inclusion_verify(&proof, json_u64(BYTES_OF(text), "leafIdx"),
						      json_u64(BYTES_OF(text), "treeSize"), &a, &b, NULL);
	} else {
		json_hash(&a, json_object_get(json, "root1"));
		json_hash(&b, json_object_get(json, "root2"));
		if (code == BASE_OK)
			code = proof_consistency_verify(&proof, json_u64(BYTES_OF(text), "size1"),
							json_u64(BYTES_OF(text), "size2"), &a, &b, NULL);
	}
	ck_assert_msg((code != BASE_OK) == json_is_true(json_object_get(json, "wantErr")), "%s: %s", path,
		      base_code_name(code));
	if (code == BASE_OK)
		vectors_right++;
	else
		vectors_wrong++;
	json_decref(json);
	base_buf_free(&text);
}

static void vectors_walk(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char *path = base_path(folder, entry->d_name);
		struct stat st;

		ck_assert_int_eq(stat(path, &st), 0);
		if (entry->d_name[0] != '.' && S_ISDIR(st.st_mode))
			vectors_walk(path);
		else if (S_ISREG(st.st_mode))
			vector_check(path);
		free(path);
	}
	closedir(dir);
}

START_TEST(foreign_proofs_verify_or_not_as_expected)
{
	char *root = vectors_folder("merkle"), *folder;

	if (root == NULL)
		return;
	folder = base_path(root, "inclusion");
	vectors_walk(folder);
	free(folder);
	folder = base_path(root, "consistency");
	vectors_walk(folder);
	free(folder);
	ck_assert_int_gt(vectors_right, 0);
	ck_assert_int_gt(vectors_wrong, 0);
	free(root);
}
END_TEST

static struct base_hash hex_hash(const json_t *value)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_hash out;

	ck_assert(base_unhex(&bytes, TEXT(json_string_value(value))));
	ck_assert_uint_eq(bytes.len, 32);
	memcpy(out.bytes, bytes.data, 32);
	base_buf_free(&bytes);
	return out;
}

static void path_expect(const struct proof_path *path, const json_t *want)
{
	const json_t *item;
	size_t i;

	ck_assert_uint_eq(path->count, json_array_size(want));
	json_array_foreach(want, i, item)
	{
		struct base_hash hash = hex_hash(item);

		ck_assert(base_hash_equal(&hash, &path->hashes[i]));
	}
}

static uint64_t number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

START_TEST(derived_proofs_are_generated_exactly)
{
	char *folder = vectors_folder("merkle"), *path;
	struct tree tree = {0};
	json_t *json, *item;
	json_error_t error;
	size_t i;

	if (folder == NULL)
		return;
	path = base_path(folder, "derived/rfc6962_proofs.json");
	json = json_load_file(path, 0, &error);
	ck_assert_msg(json != NULL, "%s", error.text);
	json_array_foreach(json_object_get(json, "leaves_hex"), i, item)
	{
		struct base_buf entry = BASE_BUF_INIT;

		ck_assert(base_unhex(&entry, TEXT(json_string_value(item))));
		tree_add(&tree, BYTES_OF(entry));
		base_buf_free(&entry);
	}
	json_array_foreach(json_object_get(json, "roots"), i, item)
	{
		struct base_hash want = hex_hash(json_object_get(item, "root")), root;

		OK(proof_root(&root, number(item, "size"), tree_get, &tree, ERR));
		ck_assert(base_hash_equal(&root, &want));
	}
	json_array_foreach(json_object_get(json, "inclusion"), i, item)
	{
		struct base_hash leaf = hex_hash(json_object_get(item, "leafHash")),
				 root = hex_hash(json_object_get(item, "root"));
		uint64_t index = number(item, "leafIndex"), size = number(item, "treeSize");
		struct proof_path proof;

		OK(proof_inclusion(&proof, index, size, tree_get, &tree, ERR));
		path_expect(&proof, json_object_get(item, "proof"));
		OK(proof_inclusion_verify(&proof, index, size, &leaf, &root, ERR));
	}
	json_array_foreach(json_object_get(json, "consistency"), i, item)
	{
		struct base_hash old = hex_hash(json_object_get(item, "root1")),
				 root = hex_hash(json_object_get(item, "root2"));
		struct proof_path proof;

		OK(proof_consistency(&proof, number(item, "size1"), number(item, "size2"), tree_get, &tree, ERR));
		path_expect(&proof, json_object_get(item, "proof"));
		OK(proof_consistency_verify(&proof, number(item, "size1"), number(item, "size2"), &old, &root, ERR));
	}
	json_decref(json);
	tree_free(&tree);
	free(path);
	free(folder);
}
END_TEST

SUITE_RUN("tree", hashes_of_known_inputs_are_those_of_the_rfc, stored_index_of_every_hash_is_its_place_in_the_sequence,
	  stored_index_at_the_end_does_not_overflow, root_when_grown_loaded_stored_or_recursive_is_the_same,
	  root_when_a_stored_hash_is_missing_says_so,
	  inclusion_of_every_index_in_every_size_is_the_rfcs_and_verifies_only_there,
	  consistency_of_every_two_sizes_is_the_rfcs_and_verifies_only_there, proofs_of_what_does_not_exist_are_refused,
	  inclusion_at_sizes_up_to_the_end_verifies, consistency_at_sizes_up_to_the_end_verifies,
	  root_at_the_largest_stored_size_is_right_and_beyond_it_refused, foreign_proofs_verify_or_not_as_expected,
	  derived_proofs_are_generated_exactly)
