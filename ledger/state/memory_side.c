#include "ledger/state/memory_internal.h"

#include <stdlib.h>
#include <string.h>

/* Authors choose the keys: a hash that they cannot make collide costs 0.1 µs and no surprise. */
static uint64_t hash_of(struct base_slice key)
{
	struct base_hash hash = base_sha256_of(key);
	uint64_t h = base_get_u64be(hash.bytes);

	return h == 0 ? 1 : h;
}

/* Where key is, or the free place for it. */
static struct memory_pair *place(const struct memory_side *side, uint64_t hash, struct base_slice key)
{
	size_t i = hash & (side->cap - 1);

	while (side->pairs[i].hash != 0) {
		const struct memory_pair *pair = &side->pairs[i];

		if (pair->hash == hash && base_slice_equal(base_slice(pair->key, pair->key_len), key))
			break;
		i = (i + 1) & (side->cap - 1);
	}
	return &side->pairs[i];
}

static void grow(struct memory_side *side)
{
	struct memory_side old = *side;

	side->cap = old.cap == 0 ? 256 : old.cap * 2;
	side->pairs = base_alloc(side->cap * sizeof(*side->pairs));
	for (size_t i = 0; i < old.cap; i++) {
		const struct memory_pair *pair = &old.pairs[i];

		if (pair->hash != 0)
			*place(side, pair->hash, base_slice(pair->key, pair->key_len)) = *pair;
	}
	free(old.pairs);
}

void memory_side_put(struct memory_side *side, struct base_slice key, struct base_slice value)
{
	uint64_t hash = hash_of(key);
	struct memory_pair *pair;

	if (side->count >= side->cap / 2)
		grow(side);
	pair = place(side, hash, key);
	if (pair->hash == 0) {
		side->count++;
		pair->hash = hash;
		pair->key = base_alloc(key.len + 1);
		pair->key_len = key.len;
		if (key.len > 0)
			memcpy(pair->key, key.data, key.len);
	}
	if (value.len > pair->value_cap || pair->value == NULL) {
		pair->value_cap = value.len + 8;
		pair->value = base_realloc(pair->value, pair->value_cap);
	}
	if (value.len > 0)
		memcpy(pair->value, value.data, value.len);
	pair->value_len = value.len;
}

bool memory_side_get(const struct memory_side *side, struct base_slice key, struct base_slice *value)
{
	const struct memory_pair *pair;

	if (side->count == 0)
		return false;
	pair = place(side, hash_of(key), key);
	if (pair->hash == 0)
		return false;
	*value = base_slice(pair->value, pair->value_len);
	return true;
}

void memory_side_free(struct memory_side *side)
{
	for (size_t i = 0; i < side->cap; i++) {
		free(side->pairs[i].key);
		free(side->pairs[i].value);
	}
	free(side->pairs);
}
