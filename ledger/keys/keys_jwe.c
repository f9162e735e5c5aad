/* JWE compact (RFC 7516): ECDH-ES+A256KW over X25519 (RFC 7518 §4.6, RFC 8037), A256GCM. docs/formats/keys.md §5 */
#include "ledger/keys/keys_internal.h"

#include <jansson.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>

#define JWE_BYTES_MAX 2048
#define HEADER_BYTES_MAX 1024
#define WRAPPED_BYTES 40
#define IV_BYTES 12
#define KEY_BYTES 32
#define TAG_BYTES 16
#define KID_CHARS ((size_t)2 * BASE_HASH_BYTES)

static const char jwe_alg[] = "ECDH-ES+A256KW";

/* ---- Key agreement and key wrap ----------------------------------------- */

static void prefixed_add(struct base_sha256 *sha, struct base_slice data)
{
	uint8_t len[4];

	base_put_u32be(len, (uint32_t)data.len);
	base_sha256_add(sha, base_slice(len, 4));
	base_sha256_add(sha, data);
}

void keys_concat_kdf(uint8_t *out, size_t len, const uint8_t z[32], const char *algorithm, struct base_slice apu,
		     struct base_slice apv)
{
	static const uint8_t round_one[4] = {0, 0, 0, 1};
	struct base_sha256 sha;
	struct base_hash derived;
	uint8_t bits[4];

	BASE_ASSERT(len <= sizeof(derived.bytes));
	/* "AlgorithmID || PartyUInfo || PartyVInfo || SuppPubInfo"; for key wrapping AlgorithmID is "alg". */
	base_sha256_begin(&sha);
	base_sha256_add(&sha, base_slice(round_one, 4));
	base_sha256_add(&sha, base_slice(z, 32));
	prefixed_add(&sha, base_slice_text(algorithm));
	prefixed_add(&sha, apu);
	prefixed_add(&sha, apv);
	base_put_u32be(bits, (uint32_t)(len * 8));
	base_sha256_add(&sha, base_slice(bits, 4));
	derived = base_sha256_end(&sha);
	memcpy(out, derived.bytes, len);
	base_wipe(&derived, sizeof(derived));
	base_wipe(&sha, sizeof(sha));
}

static EVP_CIPHER *aes_256_wrap;
static pthread_once_t aes_256_wrap_once = PTHREAD_ONCE_INIT;

static void aes_256_wrap_fetch(void)
{
	aes_256_wrap = EVP_CIPHER_fetch(NULL, "id-aes256-wrap", NULL);
}

static bool wrap_run(uint8_t *out, size_t out_len, const uint8_t kek[32], const uint8_t *in, size_t in_len, int wrap)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0, last = 0;
	bool ok;

	BASE_ASSERT(pthread_once(&aes_256_wrap_once, aes_256_wrap_fetch) == 0 && aes_256_wrap != NULL && ctx != NULL);
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = EVP_CipherInit_ex2(ctx, aes_256_wrap, kek, NULL, wrap, NULL) == 1 &&
	     EVP_CipherUpdate(ctx, out, &len, in, (int)in_len) == 1 && EVP_CipherFinal_ex(ctx, out + len, &last) == 1 &&
	     (size_t)len + (size_t)last == out_len;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

enum base_code keys_wrap(uint8_t out[40], const uint8_t kek[32], const uint8_t key[32], struct base_error *err)
{
	uint8_t room[WRAPPED_BYTES + 16]; /* OpenSSL may write a block beyond */

	if (!wrap_run(room, WRAPPED_BYTES, kek, key, KEY_BYTES, 1))
		return keys_openssl_failed(err, "AES key wrap");
	memcpy(out, room, WRAPPED_BYTES);
	return BASE_OK;
}

enum base_code keys_unwrap(uint8_t key[32], const uint8_t kek[32], const uint8_t wrapped[40], struct base_error *err)
{
	uint8_t room[WRAPPED_BYTES + 16];
	bool ok = wrap_run(room, KEY_BYTES, kek, wrapped, WRAPPED_BYTES, 0);

	if (ok)
		memcpy(key, room, KEY_BYTES);
	base_wipe(room, sizeof(room));
	return ok ? BASE_OK : base_fail(err, BASE_MISMATCH, "the JWE does not open: it was altered");
}

/* ---- Sealing ------------------------------------------------------------ */

static void header_put(struct base_buf *out, const struct keys_public *recipient, const uint8_t ephemeral[32])
{
	char kid[KID_CHARS + 1];
	struct base_hash hash = keys_kid(recipient);

	base_hex(kid, base_hash_slice(&hash));
	base_buf_print(out,
		       "{\"alg\":\"%s\",\"enc\":\"A256GCM\",\"kid\":\"%s\",\"epk\":{\"kty\":\"OKP\",\"crv\":\"X25519\","
		       "\"x\":\"",
		       jwe_alg, kid);
	base_base64url(out, base_slice(ephemeral, 32));
	base_buf_print(out, "\"}}");
}

/* The content encryption: a fresh key for one message. */
static void content_seal(uint8_t out[KEY_BYTES + TAG_BYTES], const struct keys_jwe_random *random,
			 struct base_slice aad, const uint8_t key[32])
{
	struct keys_gcm *gcm = keys_gcm_open(random->cek);

	keys_gcm_seal(gcm, out, random->iv, aad, base_slice(key, KEY_BYTES));
	keys_gcm_close(gcm);
}

static enum base_code kek_agree(uint8_t kek[32], EVP_PKEY *own, const uint8_t peer[32], struct base_error *err)
{
	struct base_slice none = base_slice(NULL, 0);
	uint8_t z[32];
	enum base_code code = keys_x25519_shared(z, own, peer, err);

	if (code == BASE_OK)
		keys_concat_kdf(kek, 32, z, jwe_alg, none, none);
	base_wipe(z, sizeof(z));
	return code;
}

enum base_code keys_jwe_seal_with(struct base_buf *out, const struct keys_public *recipient, const uint8_t key[32],
				  const struct keys_jwe_random *random, struct base_error *err)
{
	uint8_t ephemeral[32], kek[32], wrapped[WRAPPED_BYTES], sealed[KEY_BYTES + TAG_BYTES];
	struct base_buf header = BASE_BUF_INIT, aad = BASE_BUF_INIT;
	EVP_PKEY *pkey = NULL;
	enum base_code code;

	if (recipient->alg != KEYS_X25519 || recipient->len != 32)
		return base_fail(err, BASE_USAGE, "a %s key cannot be sealed to",
				 keys_purpose_name(recipient->purpose));
	pkey = keys_25519_private(KEYS_X25519, random->ephemeral);
	if (pkey == NULL || !keys_25519_public(ephemeral, pkey)) {
		code = keys_openssl_failed(err, "X25519");
		goto out;
	}
	if ((code = kek_agree(kek, pkey, recipient->bytes, err)) != BASE_OK ||
	    (code = keys_wrap(wrapped, kek, random->cek, err)) != BASE_OK)
		goto out;
	header_put(&header, recipient, ephemeral);
	base_base64url(&aad, base_buf_slice(&header));
	content_seal(sealed, random, base_buf_slice(&aad), key);
	base_buf_append(out, base_buf_slice(&aad));
	base_buf_byte(out, '.');
	base_base64url(out, base_slice(wrapped, sizeof(wrapped)));
	base_buf_byte(out, '.');
	base_base64url(out, base_slice(random->iv, IV_BYTES));
	base_buf_byte(out, '.');
	base_base64url(out, base_slice(sealed, KEY_BYTES));
	base_buf_byte(out, '.');
	base_base64url(out, base_slice(sealed + KEY_BYTES, TAG_BYTES));
out:
	EVP_PKEY_free(pkey);
	base_wipe(kek, sizeof(kek));
	base_buf_free(&header);
	base_buf_free(&aad);
	return code;
}

enum base_code keys_jwe_seal(struct base_buf *out, const struct keys_public *recipient, const uint8_t key[32],
			     struct base_error *err)
{
	struct keys_jwe_random random;
	enum base_code code;

	if ((code = keys_random(random.ephemeral, sizeof(random.ephemeral), err)) == BASE_OK &&
	    (code = keys_random(random.cek, sizeof(random.cek), err)) == BASE_OK &&
	    (code = keys_random(random.iv, sizeof(random.iv), err)) == BASE_OK)
		code = keys_jwe_seal_with(out, recipient, key, &random, err);
	base_wipe(&random, sizeof(random));
	return code;
}

/* ---- Opening ------------------------------------------------------------ */

struct jwe {
	struct base_slice aad; /* the protected header as it stands */
	struct base_hash kid;
	uint8_t ephemeral[32];
	uint8_t wrapped[WRAPPED_BYTES];
	uint8_t iv[IV_BYTES];
	uint8_t sealed[KEY_BYTES + TAG_BYTES];
};

static bool member_is(const json_t *object, const char *name, const char *value)
{
	const json_t *member = json_object_get(object, name);

	return json_is_string(member) && json_string_length(member) == strlen(value) &&
	       memcmp(json_string_value(member), value, strlen(value)) == 0;
}

static struct base_slice member_text(const json_t *object, const char *name)
{
	const json_t *member = json_object_get(object, name);

	return json_is_string(member) ? base_slice(json_string_value(member), json_string_length(member))
				      : base_slice(NULL, 0);
}

static bool hex_lower(struct base_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= 'A' && text.data[i] <= 'F')
			return false;
	return true;
}

/* text decodes to exactly len bytes. */
static bool exact_get(uint8_t *out, size_t len, struct base_slice text)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool ok = text.len == (len * 4 + 2) / 3 && base_unbase64url(&bytes, text) && bytes.len == len;

	if (ok)
		memcpy(out, bytes.data, len);
	base_buf_free(&bytes);
	return ok;
}

/* Exactly the members that sealing writes, in any order: anything else (zip, crit, apu …) would
 * change what is meant. */
static const char *header_read(struct jwe *jwe, const json_t *root)
{
	const json_t *epk = json_object_get(root, "epk");
	struct base_buf kid = BASE_BUF_INIT;
	struct base_slice text;
	bool ok;

	if (!json_is_object(root) || json_object_size(root) != 4)
		return BASE_WORDS("its header must have the members alg, enc, kid and epk and no others");
	if (!member_is(root, "alg", jwe_alg) || !member_is(root, "enc", "A256GCM"))
		return BASE_WORDS("its algorithms are not ECDH-ES+A256KW with A256GCM");
	if (!json_is_object(epk) || json_object_size(epk) != 3 || !member_is(epk, "kty", "OKP") ||
	    !member_is(epk, "crv", "X25519") || !exact_get(jwe->ephemeral, 32, member_text(epk, "x")))
		return BASE_WORDS("its epk is not an X25519 public key");
	text = member_text(root, "kid");
	ok = text.len == KID_CHARS && hex_lower(text) && base_unhex(&kid, text);
	if (ok)
		memcpy(jwe->kid.bytes, kid.data, BASE_HASH_BYTES);
	base_buf_free(&kid);
	return ok ? NULL : BASE_WORDS("its kid is not 64 digits of lower-case hex");
}

static enum base_code header_decode(struct jwe *jwe, struct base_slice text, struct base_error *err)
{
	struct base_buf header = BASE_BUF_INIT;
	const char *wrong = BASE_WORDS("its header is not base64url");
	json_t *root = NULL;

	if (text.len <= HEADER_BYTES_MAX * 4 / 3 && base_unbase64url(&header, text)) {
		root = json_loadb((const char *)header.data, header.len, JSON_REJECT_DUPLICATES, NULL);
		wrong = root == NULL ? BASE_WORDS("its header is not JSON") : header_read(jwe, root);
	}
	json_decref(root);
	base_buf_free(&header);
	return wrong == NULL ? BASE_OK : base_fail(err, BASE_MALFORMED, "not a JWE that Regesta reads: %s", base_message(wrong));
}

static enum base_code jwe_decode(struct jwe *out, struct base_slice text, struct base_error *err)
{
	struct base_slice parts[5];
	size_t count = 0, from = 0;

	if (text.len > JWE_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "a JWE of %zu bytes; at most %d", text.len, JWE_BYTES_MAX);
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.data[i] != '.')
			continue;
		if (count == 5)
			return base_fail(err, BASE_MALFORMED, "not a compact JWE: more than five parts");
		parts[count++] = base_slice(text.data + from, i - from);
		from = i + 1;
	}
	if (count != 5)
		return base_fail(err, BASE_MALFORMED, "not a compact JWE: %zu parts instead of five", count);
	if (!exact_get(out->wrapped, WRAPPED_BYTES, parts[1]) || !exact_get(out->iv, IV_BYTES, parts[2]) ||
	    !exact_get(out->sealed, KEY_BYTES, parts[3]) || !exact_get(out->sealed + KEY_BYTES, TAG_BYTES, parts[4]))
		return base_fail(err, BASE_MALFORMED,
				 "not the JWE of a 32-byte key: a part is not clean base64url of its length");
	out->aad = parts[0];
	return header_decode(out, parts[0], err);
}

enum base_code keys_jwe_kid(struct base_hash *kid, struct base_slice jwe, struct base_error *err)
{
	struct jwe parts = {0};
	enum base_code code = jwe_decode(&parts, jwe, err);

	if (code == BASE_OK)
		*kid = parts.kid;
	return code;
}

enum base_code keys_jwe_open(uint8_t key[32], const struct keys_private *recipient, struct base_slice jwe,
			     struct base_error *err)
{
	uint8_t kek[32], cek[32];
	struct keys_gcm *gcm = NULL;
	struct base_hash kid;
	struct jwe parts = {0};
	enum base_code code;

	if ((code = jwe_decode(&parts, jwe, err)) != BASE_OK)
		return code;
	kid = keys_kid(&recipient->public);
	if (recipient->public.alg != KEYS_X25519 || !base_hash_equal(&kid, &parts.kid))
		return base_fail(err, BASE_KEY, "the JWE is sealed to another key");
	if ((code = kek_agree(kek, recipient->pkey, parts.ephemeral, err)) != BASE_OK ||
	    (code = keys_unwrap(cek, kek, parts.wrapped, err)) != BASE_OK)
		goto out;
	gcm = keys_gcm_open(cek);
	code = keys_gcm_unseal(gcm, key, parts.iv, parts.aad, base_slice(parts.sealed, sizeof(parts.sealed)), err);
out:
	keys_gcm_close(gcm);
	base_wipe(cek, sizeof(cek));
	base_wipe(kek, sizeof(kek));
	return code;
}
