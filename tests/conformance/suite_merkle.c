/* merkle: inclusion and consistency proofs of RFC 6962 and 9162.
 *
 * Single proofs carry wantErr. Files of many proofs carry leaves: these proofs must also be the ones that we make. */
#include <stdlib.h>
#include <string.h>

#include "ledger/proof/proof.h"
#include "tests/conformance/conformance.h"

typedef bool (*decode_fn)(const struct json *json, struct base_buf *out);

/* false: it is no hash, so that no verifier can be asked. */
static bool take_hash(const struct json *json, struct base_hash *out, decode_fn decode)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool good = json != NULL && decode(json, &bytes) && bytes.len == sizeof(out->bytes);

	if (good)
		memcpy(out->bytes, bytes.data, sizeof(out->bytes));
	base_buf_free(&bytes);
	return good;
}

static bool take_path(const struct json *json, struct proof_path *out, decode_fn decode)
{
	out->count = 0;
	if (json == NULL || json_is(json, JSON_NULL))
		return true;
	if (!json_is(json, JSON_ARRAY) || json->count > PROOF_HASHES_MAX)
		return false;
	for (size_t i = 0; i < json->count; i++) {
		if (!take_hash(&json->items[i], &out->hashes[out->count++], decode))
			return false;
	}
	return true;
}

/* ---- One proof a file ------------------------------------------------------- */

/* A root that must verify may be a text that stands for "whatever": its SHA-256 then stands for it, equal for equal
 * ones. Otherwise what is not of 32 bytes is no hash, and is refused. */
static bool take_root(const struct json *json, struct base_hash *out, bool any)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool good = take_hash(json, out, json_base64);

	if (!good && any && json_base64(json, &bytes)) {
		*out = base_sha256_of(base_buf_slice(&bytes));
		good = true;
	}
	base_buf_free(&bytes);
	return good;
}

static bool inclusion_verifies(const struct json *json, bool any)
{
	struct base_hash leaf, root;
	struct proof_path path;
	uint64_t index, size;

	return json_u64(json_get(json, "leafIdx"), &index) && json_u64(json_get(json, "treeSize"), &size) &&
	       take_root(json_get(json, "root"), &root, any) && take_root(json_get(json, "leafHash"), &leaf, any) &&
	       take_path(json_get(json, "proof"), &path, json_base64) &&
	       proof_inclusion_verify(&path, index, size, &leaf, &root, NULL) == BASE_OK;
}

static bool consistency_verifies(const struct json *json, bool any)
{
	struct base_hash old_root, root;
	struct proof_path path;
	uint64_t old_size, size;

	return json_u64(json_get(json, "size1"), &old_size) && json_u64(json_get(json, "size2"), &size) &&
	       take_root(json_get(json, "root1"), &old_root, any) && take_root(json_get(json, "root2"), &root, any) &&
	       take_path(json_get(json, "proof"), &path, json_base64) &&
	       proof_consistency_verify(&path, old_size, size, &old_root, &root, NULL) == BASE_OK;
}

static void single(struct suite *s, const struct json *json)
{
	static const char *const inclusion[] = {"leafIdx", "leafHash", NULL}, *const consistency[] = {"size1", "root1",
												      NULL};
	bool refuse, verifies;

	if (!json_is_bool(json_get(json, "wantErr"), &refuse) ||
	    (!json_has_key(json, inclusion) && !json_has_key(json, consistency))) {
		case_payload(s, "JSON without a proof and wantErr");
		return;
	}
	verifies =
		json_has_key(json, inclusion) ? inclusion_verifies(json, !refuse) : consistency_verifies(json, !refuse);
	case_end(s, NULL,
		 verifies == !refuse ? NULL
		 : refuse	     ? "it must be refused, and verifies"
				     : "it must verify, and is refused");
}

/* ---- Many proofs, with leaves ------------------------------------------------ */

struct tree {
	struct base_hash *stored;
	uint64_t stored_count;
	struct base_hash *leaves, *roots; /* roots[n]: of the first n leaves */
	size_t count;
};

static void keep_stored(void *arg, uint64_t index, const struct base_hash *hash)
{
	struct tree *tree = arg;

	BASE_ASSERT(index == tree->stored_count);
	tree->stored[tree->stored_count++] = *hash;
}

static enum base_code get_stored(void *arg, uint64_t index, struct base_hash *out, struct base_error *err)
{
	const struct tree *tree = arg;

	if (index >= tree->stored_count)
		return base_fail(err, BASE_NOT_FOUND, "no such hash");
	*out = tree->stored[index];
	return BASE_OK;
}

static bool tree_make(struct tree *tree, const struct json *leaves)
{
	struct proof_frontier frontier = {0};
	struct base_buf leaf = BASE_BUF_INIT;
	bool good = true;

	*tree = (struct tree){.count = json_count(leaves)};
	tree->stored = base_alloc((2 * tree->count + 1) * sizeof(*tree->stored));
	tree->leaves = base_alloc((tree->count + 1) * sizeof(*tree->leaves));
	tree->roots = base_alloc((tree->count + 1) * sizeof(*tree->roots));
	tree->roots[0] = proof_empty_root();
	for (size_t i = 0; i < tree->count && good; i++) {
		leaf.len = 0;
		good = json_hex(&leaves->items[i], &leaf);
		tree->leaves[i] = proof_leaf(base_buf_slice(&leaf));
		proof_frontier_add(&frontier, &tree->leaves[i], keep_stored, tree);
		tree->roots[i + 1] = proof_frontier_root(&frontier);
	}
	base_buf_free(&leaf);
	return good;
}

static void tree_free(struct tree *tree)
{
	free(tree->stored);
	free(tree->leaves);
	free(tree->roots);
}

static bool same_path(const struct proof_path *a, const struct proof_path *b)
{
	return a->count == b->count && memcmp(a->hashes, b->hashes, a->count * sizeof(a->hashes[0])) == 0;
}

static const char *root_check(struct tree *tree, const struct json *one)
{
	struct base_hash root, again;
	uint64_t size;

	if (!json_u64(json_get(one, "size"), &size) || !take_hash(json_get(one, "root"), &root, json_hex))
		return "no size and root";
	if (size > tree->count)
		return "more leaves than the file has";
	if (!base_hash_equal(&root, &tree->roots[size]))
		return "growing leaf by leaf, the root is another";
	if (size > 0 &&
	    (proof_root(&again, size, get_stored, tree, NULL) != BASE_OK || !base_hash_equal(&root, &again)))
		return "from stored hashes, the root is another";
	return NULL;
}

static const char *inclusion_check(struct tree *tree, const struct json *one)
{
	struct base_hash leaf, root;
	struct proof_path path, made;
	uint64_t index, size;

	if (!json_u64(json_get(one, "leafIndex"), &index) || !json_u64(json_get(one, "treeSize"), &size) ||
	    !take_hash(json_get(one, "leafHash"), &leaf, json_hex) ||
	    !take_hash(json_get(one, "root"), &root, json_hex) || !take_path(json_get(one, "proof"), &path, json_hex))
		return "no leafIndex, treeSize, leafHash, root and proof";
	if (proof_inclusion_verify(&path, index, size, &leaf, &root, NULL) != BASE_OK)
		return "it must verify, and is refused";
	if (size > tree->count)
		return NULL;
	if (!base_hash_equal(&leaf, &tree->leaves[index]))
		return "the hash of the leaf is another";
	if (proof_inclusion(&made, index, size, get_stored, tree, NULL) != BASE_OK || !same_path(&made, &path))
		return "we make another proof";
	return NULL;
}

static const char *consistency_check(struct tree *tree, const struct json *one)
{
	struct base_hash old_root, root;
	struct proof_path path, made;
	uint64_t old_size, size;

	if (!json_u64(json_get(one, "size1"), &old_size) || !json_u64(json_get(one, "size2"), &size) ||
	    !take_hash(json_get(one, "root1"), &old_root, json_hex) ||
	    !take_hash(json_get(one, "root2"), &root, json_hex) || !take_path(json_get(one, "proof"), &path, json_hex))
		return "no size1, size2, root1, root2 and proof";
	if (proof_consistency_verify(&path, old_size, size, &old_root, &root, NULL) != BASE_OK)
		return "it must verify, and is refused";
	if (size > tree->count)
		return NULL;
	if (proof_consistency(&made, old_size, size, get_stored, tree, NULL) != BASE_OK || !same_path(&made, &path))
		return "we make another proof";
	return NULL;
}

static void each(struct suite *s, struct tree *tree, const struct json *file, const char *list,
		 const char *(*check)(struct tree *tree, const struct json *one))
{
	const struct json *array = json_get(file, list);

	for (size_t i = 0; i < json_count(array); i++) {
		char which[64];

		(void)snprintf(which, sizeof(which), "%s[%zu]", list, i);
		case_end(s, which, check(tree, &array->items[i]));
	}
}

static void many(struct suite *s, const struct json *file)
{
	struct tree tree;

	if (!tree_make(&tree, json_get(file, "leaves_hex"))) {
		case_payload(s, "leaves_hex holds what is no hexadecimal");
	} else {
		each(s, &tree, file, "roots", root_check);
		each(s, &tree, file, "inclusion", inclusion_check);
		each(s, &tree, file, "consistency", consistency_check);
	}
	tree_free(&tree);
}

void suite_merkle(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		struct json json;

		s->file = &s->files->list[i];
		if (!file_ends(s->file, ".json")) {
			case_payload(s, "not JSON");
			continue;
		}
		if (!suite_json(s, &json))
			continue;
		if (json_is(json_get(&json, "leaves_hex"), JSON_ARRAY))
			many(s, &json);
		else
			single(s, &json);
		json_free(&json);
	}
}
