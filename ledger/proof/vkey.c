/* Verifier keys (C2SP signed-note): name+key id+base64(type || public key).
 * docs/formats/checkpoint.md
 */
#include "ledger/proof/proof_internal.h"

#include <string.h>

#define ED25519_BYTES 32
#define BASE64_MAX ((size_t)(PROOF_VKEY_BYTES_MAX + 1 + 2) / 3 * 4)

/* SHA-256(name || LF || type || public key)[:4] */
static uint32_t key_id(const struct proof_vkey *vkey)
{
	struct base_sha256 sha;
	struct base_hash hash;
	uint8_t middle[2] = {'\n', (uint8_t)vkey->alg};

	base_sha256_begin(&sha);
	base_sha256_add(&sha, base_slice_text(vkey->name));
	base_sha256_add(&sha, base_slice(middle, sizeof(middle)));
	base_sha256_add(&sha, base_slice(vkey->material, vkey->material_len));
	hash = base_sha256_end(&sha);
	return base_get_u32be(hash.bytes);
}

static bool unhex_key_id(uint32_t *out, struct base_slice text)
{
	uint32_t v = 0;

	if (text.len != 8)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

/* Through keys_public_parse, which knows what a sound Ed25519 key is. */
static enum base_code ed25519_set(struct proof_vkey *out, struct base_error *err)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct keys_public key = {.purpose = out->alg == PROOF_COSIGNATURE ? KEYS_COSIGN : KEYS_LOG,
				  .alg = KEYS_ED25519,
				  .len = ED25519_BYTES};
	enum base_code code;

	memcpy(key.bytes, out->material, ED25519_BYTES);
	keys_public_put(&cbor, &key);
	code = keys_public_parse(&out->key, base_buf_slice(&cbor), err);
	base_buf_free(&cbor);
	return base_wrap(err, code, "verifier key of %s", out->name);
}

/* bytes: type || public key */
static enum base_code material_set(struct proof_vkey *out, struct base_slice bytes, struct base_error *err)
{
	size_t want;

	switch (bytes.data[0]) {
	case PROOF_ED25519:
	case PROOF_COSIGNATURE:
		want = ED25519_BYTES;
		break;
	case PROOF_ML_DSA:
		want = PROOF_VKEY_BYTES_MAX;
		break;
	default:
		return base_fail(
			err, BASE_VERSION,
			"the verifier key of %s is of type 0x%02x; known are 0x01, 0x04 (Ed25519) and 0x06 (ML-DSA-44)",
			out->name, bytes.data[0]);
	}
	if (bytes.len - 1 != want)
		return base_fail(err, BASE_MALFORMED,
				 "the verifier key of %s has %zu bytes of public key; type 0x%02x has %zu", out->name,
				 bytes.len - 1, bytes.data[0], want);
	out->alg = (enum proof_note_alg)bytes.data[0];
	out->material_len = want;
	memcpy(out->material, bytes.data + 1, want);
	return out->alg == PROOF_ML_DSA ? BASE_OK : ed25519_set(out, err);
}

enum base_code proof_vkey_parse(struct proof_vkey *out, struct base_slice text, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_slice name, id, base64;
	const uint8_t *plus;
	enum base_code code = BASE_MALFORMED;

	memset(out, 0, sizeof(*out));
	plus = text.len == 0 ? NULL : memchr(text.data, '+', text.len);
	/* base64 has '+' of its own, so the id is taken by its length. */
	if (plus == NULL || text.data + text.len - plus < 10 || plus[9] != '+')
		return base_fail(err, code,
				 "a verifier key is NAME+KEYID+BASE64, the key id 8 hex digits; this is \"%.*s\"",
				 PROOF_SHOW(text));
	name = base_slice(text.data, (size_t)(plus - text.data));
	id = base_slice(plus + 1, 8);
	base64 = base_slice(plus + 10, text.len - name.len - 10);
	if (!proof_name_valid(name))
		return base_fail(
			err, code,
			"the name of verifier key \"%.*s\" is empty, too long, or has a space or control character",
			PROOF_SHOW(text));
	memcpy(out->name, name.data, name.len);
	if (!unhex_key_id(&out->key_id, id))
		return base_fail(err, code, "the key id of %s is not 8 lower-case hex digits", out->name);
	if (base64.len > BASE64_MAX || !base_unbase64(&bytes, base64) || bytes.len < 2) {
		code = base_fail(err, code, "the verifier key of %s is not base64 of a type and a public key",
				 out->name);
		goto out;
	}
	if ((code = material_set(out, base_buf_slice(&bytes), err)) != BASE_OK)
		goto out;
	if (key_id(out) != out->key_id)
		code = base_fail(err, BASE_MALFORMED,
				 "the key id of %s is %08x but its name and key give %08x; was it copied whole?",
				 out->name, out->key_id, key_id(out));
out:
	base_buf_free(&bytes);
	return code;
}

void proof_vkey_format(struct base_buf *out, const struct proof_vkey *vkey)
{
	struct base_buf bytes = BASE_BUF_INIT;

	base_buf_byte(&bytes, (uint8_t)vkey->alg);
	base_buf_append(&bytes, base_slice(vkey->material, vkey->material_len));
	base_buf_print(out, "%s+%08x+", vkey->name, vkey->key_id);
	base_base64(out, base_buf_slice(&bytes));
	base_buf_free(&bytes);
}

void proof_vkey_make(struct proof_vkey *out, const char *name, enum proof_note_alg alg, const struct keys_public *key)
{
	struct keys_public copy = *key; /* which may be out->key */

	BASE_ASSERT(proof_name_valid(base_slice_text(name)));
	BASE_ASSERT(alg != PROOF_ML_DSA && copy.alg == KEYS_ED25519 && copy.len == ED25519_BYTES);
	memset(out, 0, sizeof(*out));
	memcpy(out->name, name, strlen(name));
	out->alg = alg;
	out->key = copy;
	out->material_len = copy.len;
	memcpy(out->material, copy.bytes, copy.len);
	out->key_id = key_id(out);
}
