#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <string.h>

static void assert_hash(struct base_hash hash, const char *hex)
{
	char text[2 * BASE_HASH_BYTES + 1];

	base_hex(text, base_hash_slice(&hash));
	ck_assert_str_eq(text, hex);
}

/* FIPS 180-4 examples. */
START_TEST(sha256_when_published_example_matches)
{
	struct base_buf million = BASE_BUF_INIT;

	assert_hash(base_sha256_of(base_slice(NULL, 0)),
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hash(base_sha256_of(base_slice_text("abc")),
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_hash(base_sha256_of(base_slice_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	for (int i = 0; i < 1000000; i++)
		base_buf_byte(&million, 'a');
	assert_hash(base_sha256_of(base_buf_slice(&million)),
		    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	base_buf_free(&million);
}
END_TEST

START_TEST(sha256_when_fed_in_pieces_is_the_same)
{
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		struct base_hash whole = base_sha256_of(base_slice(bytes, sizeof(bytes)));
		struct base_hash parts;
		struct base_sha256 sha;

		base_sha256_begin(&sha);
		base_sha256_add(&sha, base_slice(bytes, cut));
		base_sha256_add(&sha, base_slice(bytes + cut, sizeof(bytes) - cut));
		parts = base_sha256_end(&sha);
		ck_assert(base_hash_equal(&whole, &parts));
	}
}
END_TEST

START_TEST(sha256_tagged_when_any_lengths_hashes_the_concatenation)
{
	uint8_t bytes[1 + 400] = {5};
	static const size_t lens[] = {0, 1, 31, 32, 63, 64, 95, 127, 128, 200};

	for (size_t i = 1; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t a = 0; a < sizeof(lens) / sizeof(lens[0]); a++) {
		for (size_t b = 0; b < sizeof(lens) / sizeof(lens[0]); b++) {
			struct base_slice first = base_slice(lens[a] == 0 ? NULL : bytes + 1, lens[a]);
			struct base_slice second = base_slice(bytes + 1 + lens[a], lens[b]);
			struct base_hash tagged = base_sha256_tagged(5, first, second);
			struct base_hash whole = base_sha256_of(base_slice(bytes, 1 + lens[a] + lens[b]));

			ck_assert(base_hash_equal(&tagged, &whole));
		}
	}
}
END_TEST

START_TEST(hash_equal_when_one_bit_differs_says_false)
{
	struct base_hash a = base_sha256_of(base_slice_text("a"));
	struct base_hash b = a;

	ck_assert(base_hash_equal(&a, &b));
	b.bytes[31] ^= 1;
	ck_assert(!base_hash_equal(&a, &b));
	ck_assert_uint_eq(base_hash_slice(&a).len, 32);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		sha256_when_published_example_matches,
		sha256_when_fed_in_pieces_is_the_same,
		sha256_tagged_when_any_lengths_hashes_the_concatenation,
		hash_equal_when_one_bit_differs_says_false,
		NULL,
	};

	return suite_run("base/hash", tests);
}
