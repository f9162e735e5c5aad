#include "ledger/state/map_internal.h"
#include "tests/state/map_naive.h"

/* A proof of depth 9 for key 0x55…: siblings at steps 0, 3 and 8, ending in a leaf. */
static struct map_proof sample(const struct base_hash *leaf_key)
{
	struct map_proof proof = {.depth = 9, .has_leaf = leaf_key != NULL};
	unsigned steps[3] = {0, 3, 8};

	for (unsigned i = 0; i < 3; i++)
		memset(proof.siblings[steps[i]].bytes, (int)(i + 1), 32);
	if (leaf_key != NULL)
		proof.leaf_key = *leaf_key;
	proof.leaf_value = base_sha256_of(base_slice("value", 5));
	return proof;
}

static struct base_hash some_key(void)
{
	struct base_hash key;

	memset(key.bytes, 0x55, sizeof(key.bytes));
	return key;
}

static void assert_refused(enum base_code expected, const struct base_buf *proof, const struct base_hash *root)
{
	struct base_hash key = some_key();
	struct base_error err = {""};

	ck_assert_int_eq(state_proof_verify(base_buf_slice(proof), root, &key, base_slice("value", 5), &err), expected);
	ck_assert_uint_gt(strlen(err.text), 20);
}

START_TEST(verify_when_the_proof_is_right_agrees)
{
	struct base_hash key = some_key(), other = key, root;
	struct base_buf bytes = BASE_BUF_INIT;
	struct map_proof proof = sample(&key);

	map_proof_encode(&bytes, &proof);
	ck_assert_uint_eq(bytes.len, 2 + 2 + 3 * 32 + 1 + 64);
	root = map_proof_root(&proof, &key);
	ASSERT_OK(state_proof_verify(base_buf_slice(&bytes), &root, &key, base_slice("value", 5), &err));
	ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&bytes), &root, &key, base_slice("valuf", 5), &err));
	ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&bytes), &root, &key, base_slice(NULL, 0), &err));
	/* The same leaf shows that its neighbours below depth 9 are absent, and nothing of anybody farther away. */
	other.bytes[1] ^= 0x40;
	ASSERT_OK(state_proof_verify(base_buf_slice(&bytes), &root, &other, base_slice(NULL, 0), &err));
	other = key;
	other.bytes[1] ^= 0x80;
	ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&bytes), &root, &other, base_slice(NULL, 0), &err));
	base_buf_free(&bytes);
}
END_TEST

START_TEST(verify_when_the_end_is_empty_shows_absence_alone)
{
	struct base_hash key = some_key(), root;
	struct base_buf bytes = BASE_BUF_INIT;
	struct map_proof proof = sample(NULL);

	map_proof_encode(&bytes, &proof);
	root = map_proof_root(&proof, &key);
	ASSERT_OK(state_proof_verify(base_buf_slice(&bytes), &root, &key, base_slice(NULL, 0), &err));
	assert_refused(BASE_MISMATCH, &bytes, &root);
	root.bytes[31] ^= 1;
	ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&bytes), &root, &key, base_slice(NULL, 0), &err));
	base_buf_free(&bytes);
}
END_TEST

/* Rules 1 to 4 of docs/formats/map.md: each refused for itself, though the hashes would fit. */
START_TEST(verify_when_the_form_is_not_the_one_form_is_malformed)
{
	struct base_hash key = some_key(), root;
	struct base_buf good = BASE_BUF_INIT, bad = BASE_BUF_INIT;
	struct map_proof proof = sample(&key);
	uint8_t zeros[32] = {0};

	map_proof_encode(&good, &proof);
	root = map_proof_root(&proof, &key);
	for (size_t len = 0; len < good.len; len++) {
		bad.len = 0;
		base_buf_append(&bad, base_slice(good.data, len));
		assert_refused(BASE_MALFORMED, &bad, &root);
	}
	bad.len = 0;
	base_buf_append(&bad, base_buf_slice(&good));
	base_buf_byte(&bad, 0);
	assert_refused(BASE_MALFORMED, &bad, &root); /* a byte follows */
	bad.len--;
	bad.data[3] |= 0x01;
	assert_refused(BASE_MALFORMED, &bad, &root); /* a stray bit */
	bad.data[3] = 0x80;
	bad.data[100] = 2;
	assert_refused(BASE_MALFORMED, &bad, &root); /* an end of no kind */
	bad.data[100] = 1;
	base_put_u16be(bad.data, 257);
	assert_refused(BASE_MALFORMED, &bad, &root); /* deeper than a key */
	/* An empty sibling, announced and written out. */
	bad.len = 0;
	base_buf_append(&bad, base_slice("\0\x09\xd0\x80", 4));
	base_buf_append(&bad, base_hash_slice(&proof.siblings[0]));
	base_buf_append(&bad, base_slice(zeros, 32));
	base_buf_append(&bad, base_slice(good.data + 36, good.len - 36));
	assert_refused(BASE_MALFORMED, &bad, &root);
	/* Ten steps, of which the last has nothing beside it. */
	proof.depth = 10;
	root = map_proof_root(&proof, &key);
	bad.len = 0;
	map_proof_encode(&bad, &proof);
	assert_refused(BASE_MALFORMED, &bad, &root);
	proof.depth = 1;
	proof.has_leaf = false;
	memset(proof.siblings[0].bytes, 0, 32);
	root = map_proof_root(&proof, &key);
	bad.len = 0;
	map_proof_encode(&bad, &proof);
	assert_refused(BASE_MALFORMED, &bad, &root);
	base_buf_free(&good);
	base_buf_free(&bad);
}
END_TEST

START_TEST(verify_when_the_proof_is_the_longest_agrees_and_a_byte_more_is_a_limit)
{
	struct base_hash key = some_key(), root;
	struct base_buf bytes = BASE_BUF_INIT;
	struct map_proof proof = {.depth = MAP_BITS, .has_leaf = true, .leaf_key = key,
				  .leaf_value = base_sha256_of(base_slice("value", 5))};

	for (unsigned i = 0; i < MAP_BITS; i++)
		memset(proof.siblings[i].bytes, (int)(i | 1), 32);
	map_proof_encode(&bytes, &proof);
	ck_assert_uint_eq(bytes.len, MAP_PROOF_BYTES_MAX);
	ck_assert_uint_eq(bytes.len, 8291);
	root = map_proof_root(&proof, &key);
	ASSERT_OK(state_proof_verify(base_buf_slice(&bytes), &root, &key, base_slice("value", 5), &err));
	base_buf_byte(&bytes, 0);
	assert_refused(BASE_LIMIT, &bytes, &root);
	base_buf_free(&bytes);
}
END_TEST

int main(void)
{
	static const TTest *tests[5];
	size_t n = 0;

	tests[n++] = verify_when_the_proof_is_right_agrees;
	tests[n++] = verify_when_the_end_is_empty_shows_absence_alone;
	tests[n++] = verify_when_the_form_is_not_the_one_form_is_malformed;
	tests[n++] = verify_when_the_proof_is_the_longest_agrees_and_a_byte_more_is_a_limit;
	tests[n] = NULL;
	return suite_run("map_proof", tests, 60);
}
