/* ecdsa: signatures and keys on secp256k1, from Wycheproof, atproto and Web5.
 *
 * A signature is judged twice: by mathematics (any s) and by the ledger's rule (low s only). What a suite calls valid
 * must pass the first, and the second unless s is high; what it calls invalid must fail the ledger's rule. */
#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/foreign.h"

#define OTHER_CURVE "a key on another curve than secp256k1"
#define MULTICODEC_SECP256K1 0xe7
#define COSE_ES256 (-7)

enum encoding { RAW, DER };

static enum base_code verify(const struct keys_public *key, enum encoding encoding, bool any_s,
			     const struct base_hash *digest, struct base_slice sig)
{
	if (encoding == DER)
		return keys_es256k_verify_der(key, digest, sig, any_s, NULL);
	return any_s ? keys_es256k_verify_any_s(key, digest, sig, NULL) : keys_es256k_verify(key, digest, sig, NULL);
}

/* r || s with s over half of the group's order. */
static bool is_high_s(struct base_slice sig)
{
	static const uint8_t half[32] = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
					 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

	return sig.len == 64 && memcmp(sig.data + 32, half, sizeof(half)) > 0;
}

/* low_s: the suite has the ledger's own rule. */
static const char *judge(const struct keys_public *key, enum encoding encoding, bool low_s,
			 const struct base_hash *digest, struct base_slice sig, bool valid)
{
	bool strict = verify(key, encoding, false, digest, sig) == BASE_OK;
	bool any = verify(key, encoding, true, digest, sig) == BASE_OK;

	if (strict && !any)
		return "the ledger's rule takes what mathematics refuses";
	if (!valid && (strict || (any && !low_s)))
		return "it must be refused, and verifies";
	if (valid && !any)
		return "it must verify, and is refused";
	if (valid && low_s && !strict)
		return "it must verify under the low-s rule, and is refused";
	if (valid && encoding == RAW && strict == is_high_s(sig))
		return strict ? "a high s passes the ledger's rule" : "the ledger's rule refuses a low s";
	return NULL;
}

/* ---- Wycheproof: ECDSA ------------------------------------------------------- */

/* A number of a case, for messages. */
static void name_case(char *out, size_t cap, const struct json *test)
{
	char id[32], comment[96];

	(void)snprintf(out, cap, "tcId %s (%s)", json_cstr(json_get(test, "tcId"), id, sizeof(id)),
		       json_cstr(json_get(test, "comment"), comment, sizeof(comment)));
}

static void ecdsa_test(struct suite *s, const struct json *test, const struct keys_public *key, enum encoding encoding,
		       bool low_s, const char *sha)
{
	struct base_buf message = BASE_BUF_INIT, sig = BASE_BUF_INIT;
	struct base_hash digest;
	bool valid = json_equals(json_get(test, "result"), "valid");
	char which[160];

	name_case(which, sizeof(which), test);
	if (!json_hex(json_get(test, "msg"), &message) || !json_hex(json_get(test, "sig"), &sig) ||
	    (!valid && !json_equals(json_get(test, "result"), "invalid")))
		case_skip(s, "a test without message, signature and a result of valid or invalid");
	else if (!foreign_digest(&digest, sha, base_buf_slice(&message)))
		case_skip(s, "digest %.40s, which is not known here", sha);
	else
		case_end(s, which, judge(key, encoding, low_s, &digest, base_buf_slice(&sig), valid));
	base_buf_free(&message);
	base_buf_free(&sig);
}

static void ecdsa_group(struct suite *s, const struct json *group)
{
	const struct json *public = json_get(group, "publicKey"), *tests = json_get(group, "tests");
	struct base_buf sec1 = BASE_BUF_INIT;
	struct base_slice type = json_text(json_get(group, "type"));
	struct keys_public key;
	char sha[40];
	bool ours;

	if (public == NULL)
	public = json_get(group, "key");
	ours = json_equals(json_get(public, "curve"), "secp256k1");
	if (!json_hex(json_get(public, "uncompressed"), &sec1))
		sec1.len = 0;
	for (size_t i = 0; i < json_count(tests); i++) {
		bool imported = keys_es256k_import(&key, base_buf_slice(&sec1), NULL) == BASE_OK;
		char which[160];

		name_case(which, sizeof(which), &tests->items[i]);
		if (sec1.len == 0)
			case_skip(s, "a group without an uncompressed public key");
		else if (ours && !imported)
			case_fail(s, which, "the public key is refused");
		else if (ours)
			ecdsa_test(s, &tests->items[i], &key, slice_has(type, "P1363") ? RAW : DER,
				   slice_has(type, "Bitcoin"), json_cstr(json_get(group, "sha"), sha, sizeof(sha)));
		else if (imported)
			case_fail(s, which, "a point of another curve is taken as one of secp256k1");
		else
			case_refused(s, OTHER_CURVE);
	}
	base_buf_free(&sec1);
}

/* ---- Wycheproof: ECDH -------------------------------------------------------- */

/* SEC1 point of a SubjectPublicKeyInfo that names secp256k1 and nothing else, or of the bytes themselves. */
static bool take_point(struct base_slice *out, struct base_slice public, bool asn)
{
	static const uint8_t oids[] = {0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
				       0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a, 0x03};
	size_t head = 2 + sizeof(oids) + 2;

	*out = public;
	if (!asn)
		return true;
	if (public.len <= head || public.data[0] != 0x30 || public.data[1] != public.len - 2 ||
	    memcmp(public.data + 2, oids, sizeof(oids)) != 0 || public.data[head - 2] != public.len - head + 1 ||
	    public.data[head - 1] != 0)
		return false;
	*out = base_slice(public.data + head, public.len - head);
	return true;
}

/* Regesta has no ECDH on this curve. That a key is read as the point that it is, or refused, shows in the secret. */
static void ecdh_test(struct suite *s, const struct json *test, bool asn)
{
	struct base_buf public = BASE_BUF_INIT, private = BASE_BUF_INIT, shared = BASE_BUF_INIT;
	const struct json *result = json_get(test, "result");
	struct base_slice point;
	struct keys_public key;
	uint8_t secret[32];
	char which[160];

	name_case(which, sizeof(which), test);
	if (!json_hex(json_get(test, "public"), &public) || !json_hex(json_get(test, "private"), &private) ||
	    !json_hex(json_get(test, "shared"), &shared) || result == NULL) {
		case_skip(s, "a test without public, private and shared in hexadecimal");
	} else if (!take_point(&point, base_buf_slice(&public), asn) ||
		   keys_es256k_import(&key, point, NULL) != BASE_OK) {
		if (json_equals(result, "valid"))
			case_fail(s, which, "a valid public key is refused");
		else
			case_refused(
				s,
				"a public key that is no point of secp256k1 in SEC1, or stands in another structure");
	} else if (json_equals(result, "invalid")) {
		case_fail(s, which, "an invalid public key is taken");
	} else if (!foreign_ecdh_secp256k1(secret, base_slice(key.bytes, key.len), base_buf_slice(&private)) ||
		   !base_slice_equal(base_slice(secret, sizeof(secret)), base_buf_slice(&shared))) {
		case_fail(s, which, "the public key is read as another point");
	} else {
		case_pass(s);
	}
	base_buf_free(&public);
	base_buf_wipe(&private);
	base_buf_free(&shared);
}

static void ecdh_group(struct suite *s, const struct json *group)
{
	const struct json *tests = json_get(group, "tests");
	bool asn = json_equals(json_get(group, "encoding"), "asn"),
	     point = json_equals(json_get(group, "encoding"), "ecpoint");
	bool ours = json_equals(json_get(group, "curve"), "secp256k1");

	for (size_t i = 0; i < json_count(tests); i++) {
		if (!ours || (!asn && !point))
			case_skip(s, "ECDH on another curve, or keys in another encoding than ASN.1 and points");
		else
			ecdh_test(s, &tests->items[i], asn);
	}
}

static void wycheproof(struct suite *s, const struct json *file)
{
	const struct json *groups = json_get(file, "testGroups");

	for (size_t i = 0; i < json_count(groups); i++) {
		const struct json *group = &groups->items[i];
		struct base_slice type = json_text(json_get(group, "type"));
		char name[64];

		if (slice_has(type, "Ecdsa") && slice_has(type, "Verify"))
			ecdsa_group(s, group);
		else if (slice_has(type, "Ecdh"))
			ecdh_group(s, group);
		else
			for (size_t n = 0; n < json_count(json_get(group, "tests")); n++)
				case_skip(s, "tests of type %s, which are not about signatures or keys on secp256k1",
					  json_cstr(json_get(group, "type"), name, sizeof(name)));
	}
}

/* ---- atproto ------------------------------------------------------------------- */

/* Multicodec and key of "did:key:z…". */
static bool did_key(const struct json *did, struct base_buf *storage, uint64_t *codec, struct base_slice *key)
{
	struct base_slice text = json_text(did), prefix = base_slice_text("did:key:");
	size_t used;

	if (text.len <= prefix.len || memcmp(text.data, prefix.data, prefix.len) != 0)
		return false;
	if (wire_multibase_decode(storage, base_slice(text.data + prefix.len, text.len - prefix.len), NULL) !=
		    BASE_OK ||
	    wire_get_varint(codec, &used, base_buf_slice(storage), NULL) != BASE_OK)
		return false;
	*key = base_slice(storage->data + used, storage->len - used);
	return true;
}

/* A key of another algorithm must not get into the registry of keys. */
static bool registry_takes(struct base_slice key, int64_t alg)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct keys_public out;
	bool taken;

	wire_put_array(&cbor, 3);
	wire_put_uint(&cbor, KEYS_SIGN);
	wire_put_int(&cbor, alg);
	wire_put_bytes(&cbor, key);
	taken = keys_public_parse(&out, base_buf_slice(&cbor), NULL) == BASE_OK;
	base_buf_free(&cbor);
	return taken;
}

static void signature_fixture(struct suite *s, const struct json *one, const char *which)
{
	struct base_buf storage = BASE_BUF_INIT, message = BASE_BUF_INIT, sig = BASE_BUF_INIT;
	struct base_slice bytes;
	struct base_hash digest;
	struct keys_public key;
	uint64_t codec;
	bool valid;

	if (!did_key(json_get(one, "publicKeyDid"), &storage, &codec, &bytes) ||
	    !json_base64(json_get(one, "messageBase64"), &message) ||
	    !json_base64(json_get(one, "signatureBase64"), &sig) ||
	    !json_is_bool(json_get(one, "validSignature"), &valid)) {
		case_skip(s, "a case without key, message, signature and verdict");
	} else if (codec != MULTICODEC_SECP256K1) {
		if (registry_takes(bytes, COSE_ES256))
			case_fail(s, which, "the registry takes a key of another algorithm");
		else
			case_refused(s, OTHER_CURVE);
	} else if (keys_es256k_import(&key, bytes, NULL) != BASE_OK || !registry_takes(bytes, KEYS_ES256K)) {
		case_fail(s, which, "the public key is refused");
	} else {
		digest = base_sha256_of(base_buf_slice(&message));
		case_end(s, which, judge(&key, RAW, true, &digest, base_buf_slice(&sig), valid));
	}
	base_buf_free(&storage);
	base_buf_free(&message);
	base_buf_free(&sig);
}

/* Private key bytes and the did:key that follows from them. */
static void private_fixture(struct suite *s, const struct json *one, const char *which)
{
	struct base_buf raw = BASE_BUF_INIT, storage = BASE_BUF_INIT;
	struct keys_private *key = NULL;
	struct base_slice bytes;
	uint64_t codec;

	if (!json_hex(json_get(one, "privateKeyBytesHex"), &raw) ||
	    !did_key(json_get(one, "publicDidKey"), &storage, &codec, &bytes)) {
		case_skip(s, "a case without private key in hexadecimal and did:key");
	} else if (codec != MULTICODEC_SECP256K1) {
		if (registry_takes(bytes, COSE_ES256))
			case_fail(s, which, "the registry takes a key of another algorithm");
		else
			case_refused(s, OTHER_CURVE);
	} else if (raw.len != 32 || keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw.data, NULL) != BASE_OK) {
		case_fail(s, which, "the private key is refused");
	} else {
		const struct keys_public *public = keys_private_public(key);

		case_end(s, which,
			 base_slice_equal(bytes, base_slice(public->bytes, public->len))
				 ? NULL
				 : "another public key follows from it");
	}
	keys_private_close(key);
	base_buf_wipe(&raw);
	base_buf_free(&storage);
}

/* ---- Web5 ---------------------------------------------------------------------- */

static const char *web5_sign(const struct json *one, bool fails)
{
	const struct json *input = json_get(one, "input"), *jwk = json_get(input, "key");
	struct base_buf data = BASE_BUF_INIT, expected = BASE_BUF_INIT;
	struct keys_private *key = NULL;
	uint8_t d[32], signature[64];
	const char *why = NULL;
	bool made = json_equals(json_get(jwk, "crv"), "secp256k1") && foreign_member(jwk, "d", d, sizeof(d)) &&
		    keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, d, NULL) == BASE_OK;

	if (fails || !made) {
		why = fails ? made ? "the private key must be refused, and is taken" : NULL
			    : "the private key is refused";
	} else if (!json_hex(json_get(input, "data"), &data) || !json_hex(json_get(one, "output"), &expected)) {
		why = "data and output are not in hexadecimal";
	} else if (keys_sign(key, signature, base_buf_slice(&data), NULL) != BASE_OK) {
		why = "it cannot be signed";
	} else if (!base_slice_equal(base_slice(signature, sizeof(signature)), base_buf_slice(&expected))) {
		why = "the signature has other bytes";
	}
	keys_private_close(key);
	base_wipe(d, sizeof(d));
	base_buf_free(&data);
	base_buf_free(&expected);
	return why;
}

static const char *web5_verify(const struct json *one, bool fails)
{
	const struct json *input = json_get(one, "input"), *jwk = json_get(input, "key");
	struct base_buf data = BASE_BUF_INIT, sig = BASE_BUF_INIT;
	struct base_hash digest;
	struct keys_public key;
	uint8_t point[65] = {0x04};
	bool valid = json_is(json_get(one, "output"), JSON_TRUE) && !fails;
	const char *why = NULL;

	if (!json_equals(json_get(jwk, "crv"), "secp256k1") || !foreign_member(jwk, "x", point + 1, 32) ||
	    !foreign_member(jwk, "y", point + 33, 32) ||
	    keys_es256k_import(&key, base_slice(point, sizeof(point)), NULL) != BASE_OK) {
		why = valid ? "the public key is refused" : NULL;
	} else if (!json_hex(json_get(input, "data"), &data) || !json_hex(json_get(input, "signature"), &sig)) {
		why = valid ? "data and signature are not in hexadecimal" : NULL;
	} else {
		digest = base_sha256_of(base_buf_slice(&data));
		/* Whether a high s is valid, the suite's own word says. */
		why = judge(&key, RAW, !valid, &digest, base_buf_slice(&sig), valid);
	}
	base_buf_free(&data);
	base_buf_free(&sig);
	return why;
}

/* ---- Files ---------------------------------------------------------------------- */

static void web5(struct suite *s, const struct json *file)
{
	static const char *const verdict[] = {"output", "errors", NULL};
	const struct json *vectors = json_get(file, "vectors");

	for (size_t i = 0; i < json_count(vectors); i++) {
		const struct json *one = &vectors->items[i];
		bool fails = json_is(json_get(one, "errors"), JSON_TRUE);
		char which[128];

		(void)json_cstr(json_get(one, "description"), which, sizeof(which));
		if (json_get(json_get(one, "input"), "key") == NULL || !json_has_key(one, verdict))
			case_skip(s, "a vector without the members input.key and output or errors");
		else if (json_get(json_get(one, "input"), "signature") != NULL)
			case_end(s, which, web5_verify(one, fails));
		else
			case_end(s, which, web5_sign(one, fails));
	}
}

static void fixtures(struct suite *s, const struct json *file)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct json *one = &file->items[i];
		char which[128], comment[96];

		(void)snprintf(which, sizeof(which), "#%zu %s", i,
			       json_cstr(json_get(one, "comment"), comment, sizeof(comment)));
		if (json_get(one, "publicKeyDid") != NULL)
			signature_fixture(s, one, which);
		else if (json_get(one, "publicDidKey") != NULL)
			private_fixture(s, one, which);
		else
			case_skip(s, "a case without a did:key");
	}
}

void suite_ecdsa(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		struct json json;

		s->file = &s->files->list[i];
		if (!file_ends(s->file, ".json")) {
			case_payload(s, "not JSON");
			continue;
		}
		if (!suite_json(s, &json))
			continue;
		if (json_is(json_get(&json, "testGroups"), JSON_ARRAY))
			wycheproof(s, &json);
		else if (json_is(json_get(&json, "vectors"), JSON_ARRAY))
			web5(s, &json);
		else if (json_is(&json, JSON_ARRAY))
			fixtures(s, &json);
		else
			case_payload(s, "JSON, but of no suite of signatures");
		json_free(&json);
	}
}
