/* Map proofs. What is read is written again and must be the same bytes, and
 * it proves of a key what its end says, to the root that it leads to and to no other.
 * Input: key of 32 bytes, then the proof. */
#include "ledger/state/map_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool beside(const struct base_hash *a, const struct base_hash *b, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		if (map_bit(a, i) != map_bit(b, i))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct map_proof proof;
	struct base_buf again = BASE_BUF_INIT;
	struct base_hash key, root, wrong;
	struct base_slice bytes;
	bool absent;

	if (size < sizeof(key.bytes))
		return 0;
	memcpy(key.bytes, data, sizeof(key.bytes));
	bytes = base_slice(data + sizeof(key.bytes), size - sizeof(key.bytes));
	if (map_proof_decode(&proof, bytes, NULL) != BASE_OK) {
		memset(root.bytes, 0, sizeof(root.bytes));
		if (state_proof_verify(bytes, &root, &key, base_slice(NULL, 0), NULL) == BASE_OK)
			abort();
		return 0;
	}
	map_proof_encode(&again, &proof);
	if (!base_slice_equal(base_buf_slice(&again), bytes))
		abort();
	base_buf_free(&again);
	root = map_proof_root(&proof, &key);
	absent = !proof.has_leaf || (!base_hash_equal(&proof.leaf_key, &key) && beside(&proof.leaf_key, &key, proof.depth));
	if ((state_proof_verify(bytes, &root, &key, base_slice(NULL, 0), NULL) == BASE_OK) != absent)
		abort();
	/* No value is known that has the leaf's hash. */
	if (state_proof_verify(bytes, &root, &key, base_slice("value", 5), NULL) == BASE_OK &&
	    !(proof.has_leaf && base_hash_equal(&proof.leaf_key, &key)))
		abort();
	wrong = root;
	wrong.bytes[size % 32] ^= 1;
	if (state_proof_verify(bytes, &wrong, &key, base_slice(NULL, 0), NULL) == BASE_OK)
		abort();
	return 0;
}
