#include "tests/keys/help.h"

#include <string.h>

#include "ledger/keys/keys_internal.h"

static const uint8_t payload_key[32] = "the key of a payload: 32 bytes.";

static struct base_buf sealed_to(const struct keys_private *recipient)
{
	struct base_buf jwe = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_msg(keys_jwe_seal(&jwe, keys_private_public(recipient), payload_key, &err) == BASE_OK, "%s",
		      err.text);
	return jwe;
}

START_TEST(concat_kdf_is_that_of_rfc_7518)
{
	struct base_buf text = BASE_BUF_INIT;
	uint8_t z[32], out[16];

	help_hex_into(z, 32, "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
	keys_concat_kdf(out, 16, z, "A128GCM", base_slice_text("Alice"), base_slice_text("Bob"));
	base_base64url(&text, base_slice(out, 16));
	base_buf_byte(&text, '\0');
	ck_assert_str_eq((const char *)text.data, "VqqN6vgjbSBcIijNcacQGg");
	base_buf_free(&text);
}
END_TEST

START_TEST(wrap_is_that_of_rfc_3394)
{
	uint8_t kek[32], key[32], wrapped[40], back[32];
	struct base_error err;

	/* §4.6: 256 bits with 256 bits */
	help_hex_into(kek, 32, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	help_hex_into(key, 32, "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
	ck_assert_int_eq(keys_wrap(wrapped, kek, key, &err), BASE_OK);
	help_equal_hex(wrapped, 40, "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
	ck_assert_int_eq(keys_unwrap(back, kek, wrapped, &err), BASE_OK);
	ck_assert_mem_eq(back, key, 32);
	for (size_t i = 0; i < 40 * 8; i++) {
		wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_int_eq(keys_unwrap(back, kek, wrapped, &err), BASE_MISMATCH);
		wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}
END_TEST

START_TEST(open_when_sealed_to_us_gives_the_key)
{
	struct keys_private *recipient = help_key(_i == 0 ? KEYS_SEAL : KEYS_RECOVERY, 33);
	struct base_buf jwe = sealed_to(recipient), again = sealed_to(recipient);
	struct base_hash kid, want = keys_kid(keys_private_public(recipient));
	struct base_error err;
	uint8_t key[32];

	ck_assert_int_eq(keys_jwe_open(key, recipient, base_buf_slice(&jwe), &err), BASE_OK);
	ck_assert_mem_eq(key, payload_key, 32);
	ck_assert_int_eq(keys_jwe_kid(&kid, base_buf_slice(&jwe), &err), BASE_OK);
	ck_assert(base_hash_equal(&kid, &want));
	ck_assert(!base_slice_equal(base_buf_slice(&jwe), base_buf_slice(&again)));
	ck_assert_uint_lt(jwe.len, 600);
	base_buf_free(&jwe);
	base_buf_free(&again);
	keys_private_close(recipient);
}
END_TEST

/* Made with jwcrypto 1.6.1 (Python), for the X25519 key 21 22 … 40; the text is 00 01 … 1f. */
START_TEST(open_when_another_library_sealed_gives_the_key)
{
	static const char jwe[] =
		"eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2IjoiWDI1NTE5Iiwia3R5IjoiT0tQ"
		"IiwieCI6Ik5INkl4UXhvWDBkTmFYSi1xUHlSbVVhZTlUbDJtVHN6R2lkdzlSYW82eEUifSwia2lkIjoiZjk2M2I5MjRkNTMz"
		"ZmIwMGY4OWVmODRhZmM0ZGQ1MmI0MjVmN2E0ZWU5MjE5YmZlYTBjZGQ0NGRhNDIzZmYwNyJ9.imAlCuLLfY9-"
		"HEIkIt02hkBl5r6wZgtWj3Ib6KoQ6Va2E0LhhmNsFQ.cDi7nwumzR7mLeZh.RWAP9L_OK-"
		"Lj22ONd4ecIB80u1JLJZ7kjRQtFGwgluM.7QeG6r8vulAdt2NEIO-Z7g";
	struct keys_private *recipient = help_key(KEYS_SEAL, 33);
	struct base_error err = {""};
	uint8_t key[32], want[32];

	help_count(want, 0);
	ck_assert_msg(keys_jwe_open(key, recipient, base_slice_text(jwe), &err) == BASE_OK, "%s", err.text);
	ck_assert_mem_eq(key, want, 32);
	keys_private_close(recipient);
}
END_TEST

START_TEST(open_when_any_character_differs_refuses)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
	struct keys_private *recipient = help_key(KEYS_SEAL, 33);
	struct base_buf jwe = sealed_to(recipient);
	uint8_t key[32];

	for (size_t i = 0; i < jwe.len; i++) {
		uint8_t held = jwe.data[i];

		for (size_t j = 0; j < 12; j++) {
			uint8_t other = (uint8_t)alphabet[(i * 7 + j * 11) % (sizeof(alphabet) - 1)];

			if (other == held)
				continue;
			jwe.data[i] = other;
			ck_assert_msg(keys_jwe_open(key, recipient, base_buf_slice(&jwe), NULL) != BASE_OK,
				      "opened with %c for %c at %zu", other, held, i);
		}
		jwe.data[i] = held;
	}
	for (size_t len = 0; len < jwe.len; len++)
		ck_assert_int_ne(keys_jwe_open(key, recipient, base_slice(jwe.data, len), NULL), BASE_OK);
	base_buf_byte(&jwe, 'A');
	ck_assert_int_ne(keys_jwe_open(key, recipient, base_buf_slice(&jwe), NULL), BASE_OK);
	base_buf_free(&jwe);
	keys_private_close(recipient);
}
END_TEST

START_TEST(open_when_key_is_another_names_that)
{
	struct keys_private *recipient = help_key(KEYS_SEAL, 33), *other = help_key(KEYS_SEAL, 34),
			    *signer = help_key(KEYS_SIGN, 33);
	struct base_buf jwe = sealed_to(recipient);
	struct base_error err;
	uint8_t key[32];

	ck_assert_int_eq(keys_jwe_open(key, other, base_buf_slice(&jwe), &err), BASE_KEY);
	ck_assert_str_eq(err.text, "the JWE is sealed to another key");
	ck_assert_int_eq(keys_jwe_open(key, signer, base_buf_slice(&jwe), &err), BASE_KEY);
	ck_assert_int_eq(keys_jwe_seal(&jwe, keys_private_public(signer), payload_key, &err), BASE_USAGE);
	base_buf_free(&jwe);
	keys_private_close(recipient);
	keys_private_close(other);
	keys_private_close(signer);
}
END_TEST

/* A JWE as another program would make it, with any header: %s are the kid and the epk's x. */
static struct base_buf compose(const struct keys_private *recipient, const char *format, const char *x)
{
	struct base_slice none = base_slice(NULL, 0);
	struct keys_private *ephemeral = help_key(KEYS_SEAL, 65);
	struct base_buf header = BASE_BUF_INIT, jwe = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct base_hash hash = keys_kid(keys_private_public(recipient));
	uint8_t z[32], kek[32], cek[32] = {5}, wrapped[40], iv[12] = {6}, sealed[48];
	struct keys_gcm *gcm = keys_gcm_open(cek);
	struct base_error err;
	char kid[65];

	base_hex(kid, base_hash_slice(&hash));
	base_base64url(&text, base_slice(keys_private_public(ephemeral)->bytes, 32));
	base_buf_byte(&text, '\0');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	base_buf_print(&header, format, kid, x != NULL ? x : (const char *)text.data);
#pragma GCC diagnostic pop
	base_base64url(&jwe, base_buf_slice(&header));
	ck_assert_int_eq(keys_x25519_shared(z, ephemeral->pkey, keys_private_public(recipient)->bytes, &err), BASE_OK);
	keys_concat_kdf(kek, 32, z, "ECDH-ES+A256KW", none, none);
	ck_assert_int_eq(keys_wrap(wrapped, kek, cek, &err), BASE_OK);
	keys_gcm_seal(gcm, sealed, iv, base_buf_slice(&jwe), base_slice(payload_key, 32));
	base_buf_byte(&jwe, '.');
	base_base64url(&jwe, base_slice(wrapped, 40));
	base_buf_byte(&jwe, '.');
	base_base64url(&jwe, base_slice(iv, 12));
	base_buf_byte(&jwe, '.');
	base_base64url(&jwe, base_slice(sealed, 32));
	base_buf_byte(&jwe, '.');
	base_base64url(&jwe, base_slice(sealed + 32, 16));
	keys_gcm_close(gcm);
	keys_private_close(ephemeral);
	base_buf_free(&header);
	base_buf_free(&text);
	return jwe;
}

START_TEST(open_when_header_is_written_otherwise_reads_it)
{
	static const char *const good[] = {
		"{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"kid\":\"%s\",\"epk\":{\"kty\":\"OKP\",\"crv\":"
		"\"X25519\",\"x\":\"%s\"}}",
		" { \"enc\":\"A256GCM\",\n\"alg\" : \"ECDH-ES\\u002bA256KW\", "
		"\"kid\":\"%s\",\"epk\":{\"x\":\"%2$s\",\"crv\":\"X25519\",\"kty\":\"OKP\"}}",
	};
	struct keys_private *recipient = help_key(KEYS_SEAL, 33);
	struct base_error err = {""};
	uint8_t key[32];

	for (size_t i = 0; i < 2; i++) {
		char format[300];
		struct base_buf jwe;

		/* "%s … %2$s" may not be mixed: number the first too. */
		(void)snprintf(format, sizeof(format), "%s", good[i]);
		if (strstr(format, "%2$s") != NULL) {
			char *first = strstr(format, "%s");

			memmove(first + 4, first + 2, strlen(first + 2) + 1);
			memcpy(first, "%1$s", 4);
		}
		jwe = compose(recipient, format, NULL);
		ck_assert_msg(keys_jwe_open(key, recipient, base_buf_slice(&jwe), &err) == BASE_OK, "%s", err.text);
		ck_assert_mem_eq(key, payload_key, 32);
		base_buf_free(&jwe);
	}
	keys_private_close(recipient);
}
END_TEST

#define EPK ",\"epk\":{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"%s\"}"
#define ALG "\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"kid\":\"%s\""
static const struct {
	const char *format, *x, *why;
} refused[] = {
	{"{" ALG EPK ",\"zip\":\"DEF\"}", NULL, "no others"},
	{"{" ALG EPK ",\"apu\":\"QWxpY2U\"}", NULL, "no others"},
	{"{" ALG EPK ",\"crit\":[\"b64\"]}", NULL, "no others"},
	{"{" ALG EPK ",\"enc\":\"A256GCM\"}", NULL, "not JSON"},
	{"{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"kid\":\"%s\"" EPK "}", NULL, "algorithms"},
	{"{\"alg\":\"ECDH-ES+A256KW\\u0000\",\"enc\":\"A256GCM\",\"kid\":\"%s\"" EPK "}", NULL, "JSON"},
	{"{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A128GCM\",\"kid\":\"%s\"" EPK "}", NULL, "algorithms"},
	{"{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"kid\":\"00%s\"" EPK "}", NULL, "kid"},
	{"{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"kid\":7,\"x%s\":0" EPK "}", NULL, "no others"},
	{"{" ALG ",\"epk\":{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"%s\",\"d\":\"AA\"}}", NULL, "epk"},
	{"{" ALG ",\"epk\":{\"kty\":\"EC\",\"crv\":\"X25519\",\"x\":\"%s\"}}", NULL, "epk"},
	{"{" ALG ",\"epk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}}", NULL, "epk"},
	{"{" ALG EPK "}", "AAAA", "epk"},
	{"{" ALG EPK "}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "small order"},
	{"{" ALG EPK "}", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "small order"},
	{"[\"%s\",\"%s\"]", NULL, "members"},
	{"%s%s", NULL, "JSON"},
};

START_TEST(open_when_header_says_more_or_less_refuses)
{
	struct keys_private *recipient = help_key(KEYS_SEAL, 33);
	struct base_buf jwe = compose(recipient, refused[_i].format, refused[_i].x);
	struct base_error err = {""};
	uint8_t key[32];

	ck_assert_int_eq(keys_jwe_open(key, recipient, base_buf_slice(&jwe), &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, refused[_i].why) != NULL, "%d: \"%s\" does not say \"%s\"", _i, err.text,
		      refused[_i].why);
	base_buf_free(&jwe);
	keys_private_close(recipient);
}
END_TEST

START_TEST(open_when_parts_or_size_are_wrong_refuses)
{
	struct keys_private *recipient = help_key(KEYS_SEAL, 33);
	struct base_buf jwe = sealed_to(recipient), more = BASE_BUF_INIT;
	struct base_error err;
	uint8_t key[32];

	base_buf_append(&more, base_buf_slice(&jwe));
	base_buf_print(&more, ".AAAA");
	ck_assert_int_eq(keys_jwe_open(key, recipient, base_buf_slice(&more), &err), BASE_MALFORMED);
	while (more.len <= 2048)
		base_buf_byte(&more, 'A');
	ck_assert_int_eq(keys_jwe_open(key, recipient, base_buf_slice(&more), &err), BASE_LIMIT);
	ck_assert_int_eq(keys_jwe_open(key, recipient, base_slice(NULL, 0), &err), BASE_MALFORMED);
	ck_assert_int_eq(keys_jwe_open(key, recipient, base_slice_text("...."), &err), BASE_MALFORMED);
	base_buf_free(&jwe);
	base_buf_free(&more);
	keys_private_close(recipient);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, concat_kdf_is_that_of_rfc_7518);
	tcase_add_test(tc, wrap_is_that_of_rfc_3394);
	tcase_add_loop_test(tc, open_when_sealed_to_us_gives_the_key, 0, 2);
	tcase_add_test(tc, open_when_another_library_sealed_gives_the_key);
	tcase_add_test(tc, open_when_any_character_differs_refuses);
	tcase_add_test(tc, open_when_key_is_another_names_that);
	tcase_add_test(tc, open_when_header_is_written_otherwise_reads_it);
	tcase_add_loop_test(tc, open_when_header_says_more_or_less_refuses, 0,
			    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tc, open_when_parts_or_size_are_wrong_refuses);
}

int main(void)
{
	return support_run("keys/jwe", fill);
}
