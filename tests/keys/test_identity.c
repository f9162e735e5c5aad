#include "tests/keys/help.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/keys/keys_internal.h"

static char *folder; /* of the whole program */

static char *at(const char *name)
{
	return base_path(folder, name);
}

static void identity_make(struct keys_identity *id, size_t count)
{
	static const enum keys_purpose purposes[] = {KEYS_SIGN,	    KEYS_SEAL,	 KEYS_LOG,
						     KEYS_RECOVERY, KEYS_COSIGN, KEYS_VALIDATOR};

	id->count = count;
	for (size_t i = 0; i < count; i++)
		id->keys[i] = help_key(purposes[i], (uint8_t)(1 + 32 * i));
}

static void same_keys(const struct keys_identity *a, const struct keys_identity *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		struct base_hash kid_a = keys_kid(keys_private_public(a->keys[i])),
				 kid_b = keys_kid(keys_private_public(b->keys[i]));

		ck_assert(base_hash_equal(&kid_a, &kid_b));
		ck_assert_int_eq(keys_private_public(a->keys[i])->purpose, keys_private_public(b->keys[i])->purpose);
		ck_assert_mem_eq(a->keys[i]->raw, b->keys[i]->raw, 32);
	}
}

struct asked {
	const char *passphrase;
	int times;
};

static enum base_code ask(void *arg, struct base_buf *out, struct base_error *err)
{
	struct asked *asked = arg;

	asked->times++;
	if (asked->passphrase == NULL)
		return base_fail(err, BASE_INTERRUPTED, "no answer");
	base_buf_append(out, base_slice_text(asked->passphrase));
	return BASE_OK;
}

START_TEST(read_when_written_gives_the_same_keys)
{
	struct base_slice passphrase = base_slice_text(_i == 0 ? "" : "wachtwoord met spaties é");
	struct asked asked = {"wachtwoord met spaties é", 0};
	struct keys_identity id, back;
	struct base_error err = {""};
	char *path = at("identity.pem");
	struct stat st;

	identity_make(&id, _i == 0 ? 6 : 2);
	ck_assert_msg(keys_identity_write(&id, path, passphrase, &err) == BASE_OK, "%s", err.text);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_msg(keys_identity_read(&back, path, ask, &asked, &err) == BASE_OK, "%s", err.text);
	ck_assert_int_eq(asked.times, _i == 0 ? 0 : 1);
	same_keys(&id, &back);
	ck_assert_ptr_nonnull(keys_identity_find(&back, KEYS_SEAL));
	ck_assert_ptr_null(keys_identity_find(&back, (enum keys_purpose)99));
	/* Never over another file. */
	ck_assert_int_eq(keys_identity_write(&id, path, passphrase, &err), BASE_EXISTS);
	keys_identity_close(&id);
	keys_identity_close(&back);
	ck_assert_int_eq(unlink(path), 0);
	free(path);
}
END_TEST

START_TEST(read_when_encrypted_holds_no_key_in_clear)
{
	struct base_slice passphrase = base_slice_text("correct horse");
	struct base_buf file = BASE_BUF_INIT, plain = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct asked wrong = {"correct hors", 0}, none = {NULL, 0}, empty = {"", 0};
	struct keys_identity id, back;
	struct keys_public publics[KEYS_IDENTITY_KEYS_MAX];
	struct base_error err;
	size_t count;

	identity_make(&id, 1);
	ck_assert_int_eq(keys_identity_encode(&file, &id, passphrase, &err), BASE_OK);
	keys_pkcs8_encode(&plain, id.keys[0]);
	/* 30 bytes of the key in each of base64's three phases would show in the file. */
	for (size_t phase = 0; phase < 3; phase++) {
		text.len = 0;
		base_base64(&text, base_slice(id.keys[0]->raw + phase, 30));
		ck_assert_ptr_null(memmem(file.data, file.len, text.data, 36));
	}
	ck_assert_int_eq(keys_identity_parse(&back, base_buf_slice(&file), ask, &wrong, &err), BASE_KEY);
	ck_assert_str_eq(err.text, "sign key: the passphrase is wrong");
	ck_assert_int_eq(keys_identity_parse(&back, base_buf_slice(&file), NULL, NULL, &err), BASE_KEY);
	ck_assert_int_eq(keys_identity_parse(&back, base_buf_slice(&file), ask, &none, &err), BASE_INTERRUPTED);
	ck_assert_int_eq(keys_identity_parse(&back, base_buf_slice(&file), ask, &empty, &err), BASE_KEY);
	ck_assert_int_eq(keys_identity_publics(publics, &count, base_buf_slice(&file), &err), BASE_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_mem_eq(publics[0].bytes, keys_private_public(id.keys[0])->bytes, 33);
	base_buf_free(&file);
	base_buf_free(&plain);
	base_buf_free(&text);
	keys_identity_close(&id);
}
END_TEST

static bool only_seal_key_differs(const struct keys_identity *a, const struct keys_identity *b)
{
	bool seal = false;

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		bool same = memcmp(a->keys[i]->raw, b->keys[i]->raw, 32) == 0;

		if (memcmp(&a->keys[i]->public, &b->keys[i]->public, sizeof(struct keys_public)) != 0)
			return false;
		if (!same && a->keys[i]->public.purpose != KEYS_SEAL)
			return false;
		seal |= !same;
	}
	return seal;
}

START_TEST(parse_when_any_character_of_a_plain_file_differs_refuses)
{
	static const char others[] = "AQz09+/= \n-:purlosi";
	struct base_buf file = BASE_BUF_INIT;
	struct keys_identity id, back;
	struct base_error err;

	identity_make(&id, 3);
	ck_assert_int_eq(keys_identity_encode(&file, &id, base_slice(NULL, 0), &err), BASE_OK);
	ck_assert_int_eq(keys_identity_parse(&back, base_buf_slice(&file), NULL, NULL, &err), BASE_OK);
	keys_identity_close(&back);
	for (size_t i = 0; i < file.len; i++) {
		uint8_t held = file.data[i];

		for (size_t j = 0; j < sizeof(others) - 1; j++) {
			if ((uint8_t)others[j] == held)
				continue;
			file.data[i] = (uint8_t)others[j];
			if (keys_identity_parse(&back, base_buf_slice(&file), NULL, NULL, &err) != BASE_OK)
				continue;
			/* X25519 ignores five bits of a private key (RFC 7748 §5): another writing of the same key. */
			ck_assert_msg(only_seal_key_differs(&id, &back), "read with %c for %c at %zu", others[j], held,
				      i);
			keys_identity_close(&back);
		}
		file.data[i] = held;
	}
	/* Whole keys may be cut off, as no file says how many it should have; nothing else may. */
	for (size_t len = 0; len < file.len; len++) {
		bool whole = len > 5 && memcmp(file.data + len - 6, "-----\n", 6) == 0 && file.data[len] == '\n';
		enum base_code code = keys_identity_parse(&back, base_slice(file.data, len), NULL, NULL, &err);

		ck_assert_msg((code == BASE_OK) == whole, "cut to %zu: %d", len, (int)code);
		if (code == BASE_OK)
			keys_identity_close(&back);
	}
	base_buf_free(&file);
	keys_identity_close(&id);
}
END_TEST

/* Encrypted as cheaply as the format allows, by OpenSSL itself. */
static struct base_buf cheaply_encrypted(const struct keys_private *key, uint64_t n, uint64_t r, uint64_t p,
					 const EVP_CIPHER *cipher)
{
	struct base_buf plain = BASE_BUF_INIT, file = BASE_BUF_INIT;
	const unsigned char *from;
	unsigned char salt[8] = {1}, *bytes = NULL;
	PKCS8_PRIV_KEY_INFO *info;
	X509_SIG *sealed;
	int len;

	keys_pkcs8_encode(&plain, key);
	from = plain.data;
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &from, (long)plain.len);
	ck_assert_ptr_nonnull(info);
	sealed = PKCS8_set0_pbe_ex("pw", 2, info,
				   n == 0 ? PKCS5_pbe2_set_iv(cipher, 2048, salt, 8, NULL, NID_hmacWithSHA256)
					  : PKCS5_pbe2_set_scrypt(cipher, salt, 8, NULL, n, r, p),
				   NULL, NULL);
	ck_assert_ptr_nonnull(sealed);
	len = i2d_X509_SIG(sealed, &bytes);
	ck_assert_int_gt(len, 0);
	keys_pem_write(&file, keys_private_public(key), true, base_slice(bytes, (size_t)len));
	OPENSSL_free(bytes);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(info);
	base_buf_free(&plain);
	return file;
}

START_TEST(parse_when_any_character_of_an_encrypted_file_differs_refuses)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1);
	struct base_buf file = cheaply_encrypted(key, 16, 8, 1, EVP_aes_256_cbc());
	struct asked asked = {"pw", 0};
	struct keys_identity back;
	struct base_error err = {""};

	ck_assert_msg(keys_identity_parse(&back, base_buf_slice(&file), ask, &asked, &err) == BASE_OK, "%s", err.text);
	ck_assert_mem_eq(back.keys[0]->raw, key->raw, 32);
	keys_identity_close(&back);
	for (size_t i = 0; i < file.len; i++) {
		static const char others[] = "AQz9=\n";
		uint8_t held = file.data[i];

		for (size_t j = 0; j < sizeof(others) - 1; j++) {
			if ((uint8_t)others[j] == held)
				continue;
			file.data[i] = (uint8_t)others[j];
			ck_assert_msg(keys_identity_parse(&back, base_buf_slice(&file), ask, &asked, &err) != BASE_OK,
				      "read with %c for %c at %zu", others[j], held, i);
		}
		file.data[i] = held;
	}
	base_buf_free(&file);
	keys_private_close(key);
}
END_TEST

START_TEST(parse_when_encryption_is_not_ours_refuses_before_working)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1);
	struct asked asked = {"pw", 0};
	struct base_error err = {""};
	struct keys_identity back;
	const struct {
		uint64_t n, r, p;
		const EVP_CIPHER *cipher;
	} bad[] = {{16, 1, 1, EVP_aes_256_cbc()}, {16, 8, 17, EVP_aes_256_cbc()}, {16, 16, 1, EVP_aes_256_cbc()},
		   {16, 8, 1, EVP_aes_128_cbc()}, {16, 8, 1, EVP_des_ede3_cbc()}, {0, 0, 0, EVP_aes_256_cbc()}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct base_buf file = cheaply_encrypted(key, bad[i].n, bad[i].r, bad[i].p, bad[i].cipher);

		ck_assert_int_eq(keys_identity_parse(&back, base_buf_slice(&file), ask, &asked, &err), BASE_MALFORMED);
		ck_assert_msg(strstr(err.text, "openssl pkcs8 -topk8 -scrypt") != NULL, "%zu: %s", i, err.text);
		base_buf_free(&file);
	}
	keys_private_close(key);
}
END_TEST

/* What another program sees of our file: OpenSSL reads the first PEM block, text before it and all. */
START_TEST(openssl_reads_what_we_write)
{
	struct base_slice passphrase = base_slice_text(_i < 3 ? "" : "sésame");
	static const enum keys_purpose purposes[] = {KEYS_SIGN, KEYS_SEAL, KEYS_LOG};
	struct keys_identity id = {.count = 1};
	struct base_buf file = BASE_BUF_INIT;
	struct base_error err;
	unsigned char raw[33] = {0};
	size_t len = 32;
	EVP_PKEY *pkey;
	BIO *bio;

	id.keys[0] = help_key(purposes[_i % 3], 1);
	ck_assert_int_eq(keys_identity_encode(&file, &id, passphrase, &err), BASE_OK);
	bio = BIO_new_mem_buf(file.data, (int)file.len);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, _i < 3 ? NULL : "s\303\251same");
	ck_assert_ptr_nonnull(pkey);
	if (_i % 3 == 0) {
		BIGNUM *number = NULL;
		char group[32];

		ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
		ck_assert_int_eq(BN_bn2binpad(number, raw, 32), 32);
		ck_assert_int_eq(EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL), 1);
		ck_assert_str_eq(group, "secp256k1");
		BN_free(number);
	} else {
		ck_assert_int_eq(EVP_PKEY_get_raw_private_key(pkey, raw, &len), 1);
	}
	ck_assert_mem_eq(raw, id.keys[0]->raw, 32);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	base_buf_free(&file);
	keys_identity_close(&id);
}
END_TEST

START_TEST(parse_when_openssl_made_the_key_reads_it)
{
	static const struct {
		const char *name, *group, *purpose;
	} made[] = {{"EC", "secp256k1", "sign"}, {"X25519", NULL, "seal"}, {"ED25519", NULL, "log"}};
	EVP_PKEY *pkey = made[_i].group != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, made[_i].name, made[_i].group)
						: EVP_PKEY_Q_keygen(NULL, NULL, made[_i].name);
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	struct keys_private *key = NULL;
	unsigned char *bytes = NULL;
	enum keys_purpose purpose;
	struct base_error err = {""};
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &bytes);

	ck_assert(keys_purpose_by_name(&purpose, base_slice_text(made[_i].purpose)));
	ck_assert_msg(keys_pkcs8_decode(&key, purpose, base_slice(bytes, (size_t)len), &err) == BASE_OK, "%s",
		      err.text);
	keys_private_close(key);
	OPENSSL_free(bytes);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pkey);
}
END_TEST

#define BODY "MC4CAQAwBQYDK2VwBCIEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n"
#define LOG_PUBLIC "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664"
#define LOG_KEY "purpose: log\npublic: " LOG_PUBLIC "\n-----BEGIN PRIVATE KEY-----\n" BODY "-----END PRIVATE KEY-----\n"
static const struct {
	const char *file, *why;
} refused[] = {
	{"", "the file is empty"},
	{"\n", "line 1: \"purpose: ...\" is missing"},
	{"hello\n", "line 1: \"purpose: ...\" is missing"},
	{"purpose: sing\n", "purpose \"sing\" is unknown"},
	{"purpose: log\n", "line 2: \"public: ...\" is missing"},
	{"purpose: log\npublic: 00\n", "BEGIN PRIVATE KEY"},
	{LOG_KEY "\n" LOG_KEY, "two log keys in one file"},
	{LOG_KEY LOG_KEY, "line 6: an empty line must stand between two keys"},
	{LOG_KEY "\n", "line 7: \"purpose: ...\" is missing"},
	{"purpose: log\r\npublic: " LOG_PUBLIC "\r\n", "lines that end in LF alone"},
	{"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "this file holds a certificate, which"},
	{"purpose: log\npublic: 00\n-----BEGIN CERTIFICATE-----\nMIIB\n",
	 "line 3 holds a certificate, which holds no private key"},
	{"text\n-----BEGIN X509 CRL-----\r\nMIIB\n", "this file holds a certificate revocation list"},
	{"-----BEGIN EC PRIVATE KEY-----\nMIIB\n", "openssl pkcs8 -topk8"},
	{"-----BEGIN OPENSSH PRIVATE KEY-----\nMIIB\n", "an OpenSSH key"},
	{"-----BEGIN PGP MESSAGE-----\nMIIB\n", "PEM of the kind \"PGP MESSAGE\""},
	{"-----BEGIN PRIVATE KEY-----\n" BODY "-----END PRIVATE KEY-----\n", "line 1: \"purpose: ...\" is missing"},
	{"purpose: sign\npublic: " LOG_PUBLIC "\n-----BEGIN PRIVATE KEY-----\n" BODY "-----END PRIVATE KEY-----\n",
	 "sign key: a sign key is an ES256K key, not algorithm -19"},
	{"purpose: log\npublic: 00" LOG_PUBLIC "\n-----BEGIN PRIVATE KEY-----\n" BODY "-----END PRIVATE KEY-----\n",
	 "the public key that is written above it is not its own"},
	{"purpose: log\npublic: " LOG_PUBLIC "\n-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
	 "must follow"},
	{"purpose: log\npublic: " LOG_PUBLIC "\n-----BEGIN PRIVATE KEY-----\n" BODY
	 "-----END ENCRYPTED PRIVATE KEY-----\n",
	 "must follow"},
	{"purpose: log\npublic: " LOG_PUBLIC "\n-----BEGIN PRIVATE KEY-----\nMC4C\n" BODY "-----END PRIVATE KEY-----\n",
	 "must follow"},
};

START_TEST(parse_when_file_is_something_else_says_what)
{
	struct base_error err = {""};
	struct keys_identity id;

	ck_assert_int_eq(keys_identity_parse(&id, base_slice_text(refused[_i].file), NULL, NULL, &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, refused[_i].why) != NULL, "%d: \"%s\" does not say \"%s\"", _i, err.text,
		      refused[_i].why);
}
END_TEST

START_TEST(read_when_others_may_read_refuses)
{
	struct base_error err = {""};
	struct keys_identity id;
	char *path = at("open.pem"), *big = at("big.pem");
	struct base_buf bytes = BASE_BUF_INIT;

	ck_assert_int_eq(base_file_write(path, base_slice_text(LOG_KEY), 0600, false, &err), BASE_OK);
	ck_assert_msg(keys_identity_read(&id, path, NULL, NULL, &err) == BASE_OK, "%s", err.text);
	keys_identity_close(&id);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_int_eq(keys_identity_read(&id, path, NULL, NULL, &err), BASE_KEY);
	ck_assert_ptr_nonnull(strstr(err.text, "mode 640"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(keys_identity_read(&id, path, NULL, NULL, &err), BASE_NOT_FOUND);
	ck_assert_int_eq(keys_identity_read(&id, folder, NULL, NULL, &err), BASE_IO);
	base_buf_reserve(&bytes, 65537);
	memset(bytes.data, '\n', 65537);
	ck_assert_int_eq(base_file_write(big, base_slice(bytes.data, 65537), 0600, false, &err), BASE_OK);
	ck_assert_int_eq(keys_identity_read(&id, big, NULL, NULL, &err), BASE_LIMIT);
	ck_assert_int_eq(keys_identity_parse(&id, base_slice(bytes.data, 65537), NULL, NULL, &err), BASE_LIMIT);
	ck_assert_int_eq(unlink(big), 0);
	base_buf_free(&bytes);
	free(path);
	free(big);
}
END_TEST

START_TEST(encode_when_identity_is_not_one_refuses)
{
	struct keys_identity id = {.count = 0};
	struct base_buf out = BASE_BUF_INIT;
	struct base_error err;

	ck_assert_int_eq(keys_identity_encode(&out, &id, base_slice(NULL, 0), &err), BASE_USAGE);
	id.count = 2;
	id.keys[0] = help_key(KEYS_SIGN, 1);
	id.keys[1] = help_key(KEYS_SIGN, 2);
	ck_assert_int_eq(keys_identity_encode(&out, &id, base_slice(NULL, 0), &err), BASE_USAGE);
	ck_assert_uint_eq(out.len, 0);
	keys_identity_close(&id);
	base_buf_free(&out);
}
END_TEST

START_TEST(parse_when_vectors_hold_certificates_refuses_each_clearly)
{
	const char *path = help_vectors("x509/mbedtls");
	DIR *dir = path == NULL ? NULL : opendir(path);
	struct dirent *entry;
	size_t count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct base_buf file = BASE_BUF_INIT;
		struct base_error err = {""};
		struct keys_identity id;
		char *name;

		if (entry->d_name[0] == '.')
			continue;
		name = base_path(path, entry->d_name);
		ck_assert_int_eq(base_file_read(&file, name, 1 << 20, &err), BASE_OK);
		ck_assert_int_eq(keys_identity_parse(&id, base_buf_slice(&file), NULL, NULL, &err), BASE_MALFORMED);
		ck_assert_msg(strstr(err.text, "certificate") != NULL || strstr(err.text, "binary") != NULL, "%s: %s",
			      name, err.text);
		count++;
		base_buf_free(&file);
		free(name);
	}
	if (dir != NULL) {
		ck_assert_uint_gt(count, 0);
		(void)closedir(dir);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, read_when_written_gives_the_same_keys, 0, 2);
	tcase_add_test(tc, read_when_encrypted_holds_no_key_in_clear);
	tcase_add_test(tc, parse_when_any_character_of_a_plain_file_differs_refuses);
	tcase_add_test(tc, parse_when_any_character_of_an_encrypted_file_differs_refuses);
	tcase_add_test(tc, parse_when_encryption_is_not_ours_refuses_before_working);
	tcase_add_loop_test(tc, openssl_reads_what_we_write, 0, 6);
	tcase_add_loop_test(tc, parse_when_openssl_made_the_key_reads_it, 0, 3);
	tcase_add_loop_test(tc, parse_when_file_is_something_else_says_what, 0,
			    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tc, read_when_others_may_read_refuses);
	tcase_add_test(tc, encode_when_identity_is_not_one_refuses);
	tcase_add_test(tc, parse_when_vectors_hold_certificates_refuses_each_clearly);
}

int main(void)
{
	int rc;

	if ((folder = support_folder_make()) == NULL)
		return EXIT_FAILURE;
	rc = support_run("keys/identity", fill);
	support_folder_remove(folder);
	return rc;
}
