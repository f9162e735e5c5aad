/* Every value of docs/formats/keys.md, computed again. Run from the project's root. */
#include "tests/keys/help.h"

#include <string.h>

#include "ledger/keys/keys_internal.h"
#include "ledger/wire/wire.h"

#define DOC "docs/formats/keys.md"

static void doc_bytes(uint8_t *out, size_t len, const char *name)
{
	struct base_buf text = support_doc(DOC, name);

	help_hex_into(out, len, (const char *)text.data);
	base_buf_free(&text);
}

static void doc_equals(const char *prefix, const char *name, const void *bytes, size_t len)
{
	char full[60];
	struct base_buf text;

	(void)snprintf(full, sizeof(full), "%s%s", prefix, name);
	text = support_doc(DOC, full);
	help_equal_hex(bytes, len, (const char *)text.data);
	base_buf_free(&text);
}

static struct keys_private *doc_key(const char *name)
{
	struct keys_private *key;
	enum keys_purpose purpose;
	char full[60];
	uint8_t raw[32];

	(void)snprintf(full, sizeof(full), "%s-private", name);
	doc_bytes(raw, 32, full);
	ck_assert(keys_purpose_by_name(&purpose, base_slice_text(name)));
	ck_assert_int_eq(keys_private_import(&key, purpose, keys_purpose_alg(purpose), raw, NULL), BASE_OK);
	return key;
}

static const char *const names[] = {"sign", "seal", "log"};

START_TEST(keys_are_those_of_the_document)
{
	struct keys_private *key = doc_key(names[_i]);
	const struct keys_public *public = keys_private_public(key);
	struct base_hash kid = keys_kid(public);
	struct base_buf cbor = BASE_BUF_INIT;
	uint8_t signature[64];

	doc_equals(names[_i], "-public", public->bytes, public->len);
	wire_put_array(&cbor, 2);
	wire_put_int(&cbor, public->alg);
	wire_put_bytes(&cbor, base_slice(public->bytes, public->len));
	doc_equals(names[_i], "-kid-preimage", cbor.data, cbor.len);
	doc_equals(names[_i], "-kid", kid.bytes, 32);
	cbor.len = 0;
	keys_public_put(&cbor, public);
	doc_equals(names[_i], "-cbor", cbor.data, cbor.len);
	cbor.len = 0;
	keys_pkcs8_encode(&cbor, key);
	doc_equals(names[_i], "-pkcs8", cbor.data, cbor.len);
	if (public->alg != KEYS_X25519) {
		ck_assert_int_eq(keys_sign(key, signature, base_slice_text("regesta"), NULL), BASE_OK);
		doc_equals(names[_i], "-signature", signature, 64);
	}
	base_buf_free(&cbor);
	keys_private_close(key);
}
END_TEST

START_TEST(identity_is_that_of_the_document)
{
	struct base_buf want = support_doc_block(DOC, "identity-plain"), got = BASE_BUF_INIT;
	struct keys_identity id = {.count = 3};

	for (size_t i = 0; i < 3; i++)
		id.keys[i] = doc_key(names[i]);
	ck_assert_int_eq(keys_identity_encode(&got, &id, base_slice(NULL, 0), NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&want), base_buf_slice(&got)));
	keys_identity_close(&id);
	base_buf_free(&want);
	base_buf_free(&got);
}
END_TEST

static enum base_code passphrase(void *arg, struct base_buf *out, struct base_error *err)
{
	(void)arg;
	(void)err;
	base_buf_append(out, base_slice_text("correct horse"));
	return BASE_OK;
}

START_TEST(encrypted_identity_of_the_document_opens)
{
	struct base_buf file = support_doc_block(DOC, "identity-encrypted");
	struct base_error err = {""};
	struct keys_identity id;
	uint8_t raw[32];

	ck_assert_msg(keys_identity_parse(&id, base_buf_slice(&file), passphrase, NULL, &err) == BASE_OK, "%s",
		      err.text);
	ck_assert_uint_eq(id.count, 1);
	doc_bytes(raw, 32, "sign-private");
	ck_assert_mem_eq(id.keys[0]->raw, raw, 32);
	keys_identity_close(&id);
	base_buf_free(&file);
}
END_TEST

START_TEST(jwe_is_that_of_the_document)
{
	struct keys_private *recipient = doc_key("seal"), *ephemeral;
	struct base_buf want = support_doc(DOC, "jwe"), header = support_doc(DOC, "jwe-header"), got = BASE_BUF_INIT;
	struct base_slice none = base_slice(NULL, 0);
	struct keys_jwe_random random;
	uint8_t key[32], opened[32], z[32], kek[32], wrapped[40];
	const uint8_t *dot;

	doc_bytes(key, 32, "jwe-plaintext");
	doc_bytes(random.ephemeral, 32, "jwe-ephemeral-private");
	doc_bytes(random.cek, 32, "jwe-cek");
	doc_bytes(random.iv, 12, "jwe-iv");
	ck_assert_int_eq(keys_jwe_seal_with(&got, keys_private_public(recipient), key, &random, NULL), BASE_OK);
	base_buf_byte(&got, '\0');
	ck_assert_str_eq((const char *)got.data, (const char *)want.data);
	want.len--; /* the NUL */
	ck_assert_int_eq(keys_jwe_open(opened, recipient, base_buf_slice(&want), NULL), BASE_OK);
	ck_assert_mem_eq(opened, key, 32);
	/* The steps. */
	ck_assert_int_eq(keys_private_import(&ephemeral, KEYS_SEAL, KEYS_X25519, random.ephemeral, NULL), BASE_OK);
	doc_equals("jwe", "-ephemeral-public", keys_private_public(ephemeral)->bytes, 32);
	ck_assert_int_eq(keys_x25519_shared(z, ephemeral->pkey, keys_private_public(recipient)->bytes, NULL), BASE_OK);
	doc_equals("jwe", "-z", z, 32);
	keys_concat_kdf(kek, 32, z, "ECDH-ES+A256KW", none, none);
	doc_equals("jwe", "-kek", kek, 32);
	ck_assert_int_eq(keys_wrap(wrapped, kek, random.cek, NULL), BASE_OK);
	doc_equals("jwe", "-wrapped", wrapped, 40);
	dot = memchr(want.data, '.', want.len);
	got.len = 0;
	ck_assert(base_unbase64url(&got, base_slice(want.data, (size_t)(dot - want.data))));
	base_buf_byte(&got, '\0');
	ck_assert_str_eq((const char *)got.data, (const char *)header.data);
	keys_private_close(recipient);
	keys_private_close(ephemeral);
	base_buf_free(&want);
	base_buf_free(&header);
	base_buf_free(&got);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, keys_are_those_of_the_document, 0, 3);
	tcase_add_test(tc, identity_is_that_of_the_document);
	tcase_add_test(tc, encrypted_identity_of_the_document_opens);
	tcase_add_test(tc, jwe_is_that_of_the_document);
}

int main(void)
{
	return support_run("keys/docs", fill);
}
