/* The Merkle tree of RFC 9162 §2.1 (docs/formats/tree.md).
 *
 * Sizes run to 2^64 - 1 in verification. Where hashes are stored they end at
 * PROOF_STORED_LEAVES_MAX, so that no index below overflows.
 */
#include "ledger/proof/proof_internal.h"

#include <string.h>

#define TAG_LEAF 0x00
#define TAG_NODE 0x01

struct base_hash proof_leaf(struct base_slice entry)
{
	return base_sha256_tagged(TAG_LEAF, entry, base_slice(NULL, 0));
}

struct base_hash proof_node(const struct base_hash *left, const struct base_hash *right)
{
	return base_sha256_tagged(TAG_NODE, base_hash_slice(left), base_hash_slice(right));
}

struct base_hash proof_empty_root(void)
{
	return base_sha256_of(base_slice(NULL, 0));
}

/* ---- Stored hashes ------------------------------------------------------ */

static unsigned bits_set(uint64_t v)
{
	return (unsigned)__builtin_popcountll(v);
}

/* v > 0 */
static unsigned bit_highest(uint64_t v)
{
	return 63u - (unsigned)__builtin_clzll(v);
}

/* Leaf n is followed by as many hashes as n has trailing ones, so before leaf n
 * there are n + n/2 + n/4 + ... = 2n - popcount(n) hashes. The hash of a subtree
 * follows its last leaf by its level. */
uint64_t proof_stored_index(unsigned level, uint64_t n)
{
	uint64_t last;

	if (level > 63 || n >= PROOF_STORED_LEAVES_MAX >> level)
		return UINT64_MAX;
	last = ((n + 1) << level) - 1;
	return 2 * last - bits_set(last) + level;
}

uint64_t proof_stored_count(uint64_t leaves)
{
	if (leaves >= PROOF_STORED_LEAVES_MAX)
		return UINT64_MAX; /* right for 2^63 itself, too */
	return 2 * leaves - bits_set(leaves);
}

static enum base_code size_check(uint64_t size, struct base_error *err)
{
	if (size > PROOF_STORED_LEAVES_MAX)
		return base_fail(err, BASE_LIMIT, "a tree of %llu leaves is larger than can be stored (2^63)",
				 (unsigned long long)size);
	return BASE_OK;
}

/* ---- Roots -------------------------------------------------------------- */

/* The perfect subtrees of leaves [low, high), left to right. low is a multiple of
 * the largest power of two that fits, as in every range that RFC 9162 splits off. */
static enum base_code perfect_subtrees(struct base_hash stack[64], unsigned *depth, uint64_t low, uint64_t high,
				       proof_hash_fn get, void *arg, struct base_error *err)
{
	enum base_code code;

	*depth = 0;
	while (low < high) {
		unsigned level = bit_highest(high - low);

		code = get(arg, proof_stored_index(level, low >> level), &stack[*depth], err);
		if (code != BASE_OK)
			return code;
		(*depth)++;
		low += UINT64_C(1) << level;
	}
	return BASE_OK;
}

static struct base_hash fold(const struct base_hash *stack, unsigned depth)
{
	struct base_hash root;

	if (depth == 0)
		return proof_empty_root();
	root = stack[--depth];
	while (depth > 0)
		root = proof_node(&stack[--depth], &root);
	return root;
}

static enum base_code range_root(struct base_hash *out, uint64_t low, uint64_t high, proof_hash_fn get, void *arg,
				 struct base_error *err)
{
	struct base_hash stack[64];
	unsigned depth;
	enum base_code code = perfect_subtrees(stack, &depth, low, high, get, arg, err);

	if (code == BASE_OK)
		*out = fold(stack, depth);
	return code;
}

enum base_code proof_root(struct base_hash *out, uint64_t size, proof_hash_fn get, void *arg, struct base_error *err)
{
	enum base_code code = size_check(size, err);

	return code != BASE_OK ? code : range_root(out, 0, size, get, arg, err);
}

enum base_code proof_frontier_load(struct proof_frontier *f, uint64_t size, proof_hash_fn get, void *arg,
				   struct base_error *err)
{
	enum base_code code = size_check(size, err);

	memset(f, 0, sizeof(*f));
	if (code == BASE_OK)
		code = perfect_subtrees(f->stack, &f->depth, 0, size, get, arg, err);
	if (code == BASE_OK)
		f->size = size;
	else
		f->depth = 0;
	return code;
}

void proof_frontier_add(struct proof_frontier *f, const struct base_hash *leaf,
			void (*stored)(void *arg, uint64_t stored_index, const struct base_hash *hash), void *arg)
{
	struct base_hash hash = *leaf;
	uint64_t n = f->size;
	unsigned level = 0;

	BASE_ASSERT(f->size != UINT64_MAX);
	for (;;) {
		if (stored != NULL)
			stored(arg, proof_stored_index(level, n), &hash);
		if ((n & 1) == 0)
			break;
		hash = proof_node(&f->stack[--f->depth], &hash);
		n >>= 1;
		level++;
	}
	f->stack[f->depth++] = hash;
	f->size++;
}

struct base_hash proof_frontier_root(const struct proof_frontier *f)
{
	return fold(f->stack, f->depth);
}

/* ---- Making proofs ------------------------------------------------------ */

/* Both proofs walk down from the root and are written leaf first. */
static void path_reverse(struct proof_path *path)
{
	for (size_t i = 0, j = path->count; i + 1 < j; i++) {
		struct base_hash t = path->hashes[i];

		path->hashes[i] = path->hashes[--j];
		path->hashes[j] = t;
	}
}

/* The largest power of two smaller than width; width > 1. */
static uint64_t split(uint64_t width)
{
	return UINT64_C(1) << bit_highest(width - 1);
}

/* RFC 9162 §2.1.3.1 */
enum base_code proof_inclusion(struct proof_path *out, uint64_t index, uint64_t size, proof_hash_fn get, void *arg,
			       struct base_error *err)
{
	uint64_t low = 0, high = size;
	enum base_code code = size_check(size, err);

	out->count = 0;
	if (code != BASE_OK)
		return code;
	if (index >= size)
		return base_fail(err, BASE_NOT_FOUND, "there is no leaf %llu in a tree of %llu leaves",
				 (unsigned long long)index, (unsigned long long)size);
	while (high - low > 1) {
		uint64_t middle = low + split(high - low);
		struct base_hash *sibling = &out->hashes[out->count++];

		if (index < middle) {
			code = range_root(sibling, middle, high, get, arg, err);
			high = middle;
		} else {
			code = range_root(sibling, low, middle, get, arg, err);
			low = middle;
		}
		if (code != BASE_OK)
			return code;
	}
	path_reverse(out);
	return BASE_OK;
}

/* RFC 9162 §2.1.4.1: SUBPROOF, where `old root known` is its argument b. */
enum base_code proof_consistency(struct proof_path *out, uint64_t old_size, uint64_t size, proof_hash_fn get, void *arg,
				 struct base_error *err)
{
	uint64_t low = 0, high = size;
	enum base_code code = size_check(size, err);

	out->count = 0;
	if (code != BASE_OK)
		return code;
	if (old_size == 0 || old_size > size)
		return base_fail(err, BASE_NOT_FOUND,
				 "no proof shows that a tree of %llu leaves is the beginning of one of %llu",
				 (unsigned long long)old_size, (unsigned long long)size);
	while (high != old_size) {
		uint64_t middle = low + split(high - low);
		struct base_hash *sibling = &out->hashes[out->count++];

		if (old_size <= middle) {
			code = range_root(sibling, middle, high, get, arg, err);
			high = middle;
		} else {
			code = range_root(sibling, low, middle, get, arg, err);
			low = middle;
		}
		if (code != BASE_OK)
			return code;
	}
	/* The verifier holds the old root; any other subtree it must be given. */
	if (low != 0) {
		code = range_root(&out->hashes[out->count++], low, high, get, arg, err);
		if (code != BASE_OK)
			return code;
	}
	path_reverse(out);
	return BASE_OK;
}

/* ---- Verifying proofs --------------------------------------------------- */

/* RFC 9162 §2.1.3.2 */
enum base_code proof_inclusion_verify(const struct proof_path *path, uint64_t index, uint64_t size,
				      const struct base_hash *leaf, const struct base_hash *root,
				      struct base_error *err)
{
	uint64_t fn = index, sn = size - 1;
	struct base_hash r = *leaf;

	if (index >= size)
		return base_fail(err, BASE_MISMATCH, "leaf %llu cannot be in a tree of %llu leaves",
				 (unsigned long long)index, (unsigned long long)size);
	for (size_t i = 0; i < path->count; i++) {
		if (sn == 0)
			return base_fail(err, BASE_MISMATCH, "the inclusion proof has %zu hashes too many",
					 path->count - i);
		if ((fn & 1) != 0 || fn == sn) {
			r = proof_node(&path->hashes[i], &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = proof_node(&r, &path->hashes[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return base_fail(err, BASE_MISMATCH, "the inclusion proof ends before it reaches the root");
	if (!base_hash_equal(&r, root))
		return base_fail(err, BASE_MISMATCH,
				 "the inclusion proof of leaf %llu does not lead to the root of %llu leaves",
				 (unsigned long long)index, (unsigned long long)size);
	return BASE_OK;
}

/* RFC 9162 §2.1.4.2, sizes different. */
static enum base_code growth_verify(const struct proof_path *path, uint64_t old_size, uint64_t size,
				    const struct base_hash *old_root, const struct base_hash *root,
				    struct base_error *err)
{
	uint64_t fn = old_size - 1, sn = size - 1;
	bool old_is_perfect = (old_size & (old_size - 1)) == 0;
	size_t i = old_is_perfect ? 0 : 1;
	struct base_hash fr, sr;

	if (path->count == 0)
		return base_fail(err, BASE_MISMATCH, "the consistency proof is empty");
	fr = sr = old_is_perfect ? *old_root : path->hashes[0];
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; i < path->count; i++) {
		const struct base_hash *c = &path->hashes[i];

		if (sn == 0)
			return base_fail(err, BASE_MISMATCH, "the consistency proof has %zu hashes too many",
					 path->count - i);
		if ((fn & 1) != 0 || fn == sn) {
			fr = proof_node(c, &fr);
			sr = proof_node(c, &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = proof_node(&sr, c);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return base_fail(err, BASE_MISMATCH, "the consistency proof ends before it reaches the root");
	if (!base_hash_equal(&fr, old_root))
		return base_fail(err, BASE_MISMATCH,
				 "the consistency proof does not lead to the earlier root of %llu leaves",
				 (unsigned long long)old_size);
	if (!base_hash_equal(&sr, root))
		return base_fail(err, BASE_MISMATCH,
				 "the consistency proof does not lead to the later root of %llu leaves",
				 (unsigned long long)size);
	return BASE_OK;
}

enum base_code proof_consistency_verify(const struct proof_path *path, uint64_t old_size, uint64_t size,
					const struct base_hash *old_root, const struct base_hash *root,
					struct base_error *err)
{
	if (old_size == 0 || old_size > size)
		return base_fail(err, BASE_MISMATCH,
				 "no proof shows that a tree of %llu leaves is the beginning of one of %llu",
				 (unsigned long long)old_size, (unsigned long long)size);
	if (old_size < size)
		return growth_verify(path, old_size, size, old_root, root, err);
	if (path->count != 0)
		return base_fail(err, BASE_MISMATCH,
				 "the consistency proof of a tree with itself has %zu hashes; it has none",
				 path->count);
	if (!base_hash_equal(old_root, root))
		return base_fail(err, BASE_MISMATCH, "there are two different roots for %llu leaves",
				 (unsigned long long)size);
	return BASE_OK;
}
