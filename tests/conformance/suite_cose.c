/* cose: COSE_Sign1 of others.
 *
 * Regesta's events are COSE_Sign1 under ES256K with exactly four protected headers; nothing else passes. So every
 * message here must be refused by that profile (wire_sign1_decode), and a case that passes, passes by being refused.
 * Before that, what the vector claims is checked as far as it is about COSE_Sign1: structure, Sig_structure, and the
 * signature: ours for ES256K, OpenSSL's for the others. COSE_Sign, COSE_Mac, COSE_Encrypt must not be taken for
 * COSE_Sign1. */
#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/foreign.h"

#define OTHER_STRUCTURE "a COSE structure that is not COSE_Sign1"
#define OTHER_ALGORITHM "a COSE_Sign1 that is right by its vector, under an algorithm other than ES256K (-47)"
#define BAD_SIGN1 "a COSE_Sign1 that its vector calls wrong"
#define NOT_A_PROFILE "a COSE_Sign1 under ES256K that is right by its vector, without the headers of an event"

/* One COSE_Sign1 and what is said of it. */
struct message {
	struct base_buf bytes, external, detached, to_be_signed; /* to_be_signed: empty if it is not given */
	const struct json *key;					 /* JWK; NULL if it is not given */
	int64_t alg;						 /* 0: not said beside the message */
	bool valid;
};

static void message_free(struct message *m)
{
	base_buf_free(&m->bytes);
	base_buf_free(&m->external);
	base_buf_free(&m->detached);
	base_buf_free(&m->to_be_signed);
}

static struct base_slice payload_of(const struct message *m, const struct wire_sign1_any *any)
{
	return any->payload.data != NULL ? any->payload : base_buf_slice(&m->detached);
}

static enum foreign_verdict verify_es256k(const struct json *jwk, struct base_slice to_be_signed,
					  struct base_slice signature)
{
	struct base_hash digest = base_sha256_of(to_be_signed);
	struct keys_public key;
	uint8_t point[65] = {0x04};

	if (!foreign_member(jwk, "x", point + 1, 32) || !foreign_member(jwk, "y", point + 33, 32) ||
	    keys_es256k_import(&key, base_slice(point, sizeof(point)), NULL) != BASE_OK)
		return FOREIGN_UNKNOWN;
	return keys_es256k_verify(&key, &digest, signature, NULL) == BASE_OK ? FOREIGN_VALID : FOREIGN_INVALID;
}

/* The message and, if it has them, its protected headers are deterministic CBOR. */
static bool deterministic(const struct message *m, const struct wire_sign1_any *any)
{
	return wire_check(base_buf_slice(&m->bytes), NULL) == BASE_OK &&
	       (any->protected_bytes.len == 0 || wire_check(any->protected_bytes, NULL) == BASE_OK);
}

/* An algorithm that is protected decides, else the one that the vector says beside the message. Critical headers
 * (RFC 9052 §3.1) are not understood, so that nothing with them is valid. */
static enum foreign_verdict verify(const struct message *m, const struct wire_sign1_any *any,
				   struct base_slice to_be_signed)
{
	bool secp256k1 =
		json_equals(json_get(m->key, "crv"), "secp256k1") || json_equals(json_get(m->key, "crv"), "P-256K");
	int64_t alg = any->has_alg ? any->alg : m->alg;

	if (any->has_crit)
		return FOREIGN_INVALID;
	if (secp256k1)
		return alg == KEYS_ES256K ? verify_es256k(m->key, to_be_signed, any->signature) : FOREIGN_INVALID;
	return foreign_verify(alg, m->key, to_be_signed, any->signature);
}

static const char *check_valid(const struct message *m, const struct wire_sign1_any *any, enum foreign_verdict verdict,
			       struct base_slice to_be_signed)
{
	if (any == NULL)
		return "its structure is refused";
	if (m->to_be_signed.len > 0 && !base_slice_equal(to_be_signed, base_buf_slice(&m->to_be_signed)))
		return "our Sig_structure is not that of the vector";
	return verdict == FOREIGN_INVALID ? "its signature does not verify over our Sig_structure" : NULL;
}

/* Everything that is said of a message, and our profile. */
static void message_case(struct suite *s, const char *which, const struct message *m, bool untagged_ok)
{
	struct base_buf to_be_signed = BASE_BUF_INIT;
	enum foreign_verdict verdict = FOREIGN_UNKNOWN;
	struct base_error err = {""};
	struct wire_sign1_any any;
	struct wire_sign1 own;
	const char *why = NULL;
	bool decoded = wire_sign1_any_decode(&any, base_buf_slice(&m->bytes), untagged_ok, &err) == BASE_OK;

	if (decoded) {
		wire_sig_structure(&to_be_signed, any.protected_bytes, base_buf_slice(&m->external),
				   payload_of(m, &any));
		verdict = verify(m, &any, base_buf_slice(&to_be_signed));
	}
	if (m->valid)
		why = check_valid(m, decoded ? &any : NULL, verdict, base_buf_slice(&to_be_signed));
	else if (decoded && verdict == FOREIGN_VALID && deterministic(m, &any))
		why = "it must be refused, and verifies";
	else if (!decoded && err.text[0] == '\0')
		why = "refused without a sentence";
	if (why == NULL && wire_sign1_decode(&own, base_buf_slice(&m->bytes), &err) == BASE_OK)
		why = "our profile takes it";
	if (why != NULL)
		case_fail(s, which, "%s", why);
	else if (!m->valid)
		case_refused(s, BAD_SIGN1);
	else
		case_refused(s, decoded && any.has_alg && any.alg == KEYS_ES256K ? NOT_A_PROFILE : OTHER_ALGORITHM);
	base_buf_free(&to_be_signed);
}

/* A message that is no COSE_Sign1, valid or not. */
static void other_case(struct suite *s, const char *which, struct base_slice bytes)
{
	struct base_error err = {""};
	struct wire_sign1_any any;
	struct wire_sign1 own;

	if (wire_sign1_decode(&own, bytes, &err) == BASE_OK)
		case_fail(s, which, "our profile takes it");
	else if (wire_sign1_any_decode(&any, bytes, false, &err) == BASE_OK)
		case_fail(s, which, "it is taken for a COSE_Sign1");
	else if (err.text[0] == '\0')
		case_fail(s, which, "refused without a sentence");
	else
		case_refused(s, OTHER_STRUCTURE);
}

/* ---- ES256K: {"key", "vectors": [{"title", "valid", "cose_sign1", …}]} ----------------- */

/* With the private key, the same signature. */
static const char *sign_again(const struct message *m, bool untagged_ok)
{
	struct base_buf to_be_signed = BASE_BUF_INIT;
	struct wire_sign1_any any;
	struct keys_private *key = NULL;
	uint8_t d[32], signature[64];
	const char *why = NULL;

	if (!foreign_member(m->key, "d_TEST_ONLY", d, sizeof(d)) && !foreign_member(m->key, "d", d, sizeof(d)))
		return NULL;
	if (wire_sign1_any_decode(&any, base_buf_slice(&m->bytes), untagged_ok, NULL) != BASE_OK)
		return "its structure is refused";
	wire_sig_structure(&to_be_signed, any.protected_bytes, base_buf_slice(&m->external), payload_of(m, &any));
	if (keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, d, NULL) != BASE_OK)
		why = "the private key is refused";
	else if (keys_sign(key, signature, base_buf_slice(&to_be_signed), NULL) != BASE_OK)
		why = "it cannot be signed";
	else if (!base_slice_equal(base_slice(signature, sizeof(signature)), any.signature))
		why = "we sign otherwise";
	keys_private_close(key);
	base_wipe(d, sizeof(d));
	base_buf_free(&to_be_signed);
	return why;
}

/* x and y of this key are in hexadecimal: as members x_hex and y_hex they are read so. */
static void key_in_hex(struct json *key)
{
	for (size_t i = 0; i < key->count; i++) {
		struct base_buf *name = &key->items[i].key;

		if ((name->len == 1 || slice_has(base_buf_slice(name), "TEST")) && json_text(&key->items[i]).len == 64)
			base_buf_append(name, base_slice_text("_hex"));
	}
}

static void es256k_vector(struct suite *s, const struct json *key, const struct json *one)
{
	struct message m = {.key = key};
	const char *why = NULL;
	char which[160];

	(void)json_cstr(json_get(one, "title"), which, sizeof(which));
	(void)json_hex(json_get(one, "external_aad"), &m.external);
	(void)json_hex(json_get(one, "detached_payload"), &m.detached);
	(void)json_hex(json_get(one, "tbs"), &m.to_be_signed);
	if (!json_is_bool(json_get(one, "valid"), &m.valid) || !json_hex(json_get(one, "cose_sign1"), &m.bytes)) {
		case_skip(s, "a vector without the members valid and cose_sign1");
	} else {
		if (m.valid)
			why = sign_again(&m, true);
		if (why != NULL)
			case_fail(s, which, "%s", why);
		else
			message_case(s, which, &m, true);
	}
	message_free(&m);
}

static void es256k_file(struct suite *s, struct json *file)
{
	const struct json *vectors = json_get(file, "vectors");
	struct json *key = (struct json *)(uintptr_t)json_get(file, "key");

	if (key != NULL)
		key_in_hex(key);
	for (size_t i = 0; i < json_count(vectors); i++)
		es256k_vector(s, key, &vectors->items[i]);
}

/* ---- The working group: {"title", "fail", "input", "intermediates", "output"} ---------- */

/* A valid example may say how it signed something that it then wrapped in another structure or tag (nested CWTs). */
static bool is_wrapped(struct base_slice bytes)
{
	return bytes.len > 0 && bytes.data[0] >> 5 == 6 && bytes.data[0] != 0xd2;
}

static void group_file(struct suite *s, const struct json *file)
{
	const struct json *input = json_get(file, "input"), *sign = json_get(input, "sign0");
	struct message m = {.valid = !json_is(json_get(file, "fail"), JSON_TRUE)};

	if (sign == NULL)
		sign = json_get(input, "sign1");
	if (!json_hex(json_get(json_get(file, "output"), "cbor"), &m.bytes)) {
		case_payload(s, "an example without output.cbor in hexadecimal");
	} else if (sign == NULL || (m.valid && is_wrapped(base_buf_slice(&m.bytes)))) {
		other_case(s, NULL, base_buf_slice(&m.bytes));
	} else {
		m.key = json_get(sign, "key");
		m.alg = foreign_alg(json_get(sign, "alg"));
		(void)json_hex(json_get(sign, "external"), &m.external);
		if (!json_hex(json_get(input, "plaintext_hex"), &m.detached))
			base_buf_append(&m.detached, json_text(json_get(input, "plaintext")));
		/* A failing example was signed right, then changed: what was to be signed is then no longer what it
		 * holds. */
		if (m.valid)
			(void)json_hex(json_get(json_get(file, "intermediates"), "ToBeSign_hex"), &m.to_be_signed);
		message_case(s, NULL, &m, true);
	}
	message_free(&m);
}

/* ---- Glue: {"key", "alg", "sign1::sign" | "sign1::verify"} ----------------------------- */

static bool glue_hex(const struct json *object, const char *name, struct base_buf *out)
{
	const struct json *member = json_get(object, name);

	return json_hex(json_is(member, JSON_OBJECT) ? json_get(member, "cborHex") : member, out);
}

static void glue_sign1(struct suite *s, const struct json *file, const struct json *sign, const struct json *check)
{
	const struct json *of = sign != NULL ? sign : check;
	struct message m = {.key = json_get(file, "key"), .alg = foreign_alg(json_get(file, "alg")), .valid = true};
	struct base_buf payload = BASE_BUF_INIT;
	struct wire_sign1_any any;

	(void)glue_hex(of, "external", &m.external);
	(void)glue_hex(of, "payload", &m.detached);
	(void)glue_hex(of, "tbsHex", &m.to_be_signed);
	if (!glue_hex(of, sign != NULL ? "expectedOutput" : "taggedCOSESign1", &m.bytes) ||
	    (sign == NULL && !json_is_bool(json_get(check, "shouldVerify"), &m.valid))) {
		case_skip(s, "a vector without message and verdict");
	} else if (sign != NULL && wire_sign1_any_decode(&any, base_buf_slice(&m.bytes), false, NULL) == BASE_OK &&
		   any.payload.data != NULL && glue_hex(of, "payload", &payload) &&
		   !base_slice_equal(any.payload, base_buf_slice(&payload))) {
		case_fail(s, NULL, "the payload is split off wrong");
	} else {
		message_case(s, NULL, &m, false);
	}
	base_buf_free(&payload);
	message_free(&m);
}

/* "sign::sign", "mac0::create" and the like: their messages are those with cborHex that are no header. */
static void glue_other(struct suite *s, const struct json *file)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct json *of = &file->items[i];

		if (!slice_has(base_buf_slice(&of->key), "::"))
			continue;
		for (size_t n = 0; n < of->count; n++) {
			struct base_slice name = base_buf_slice(&of->items[n].key);
			struct base_buf bytes = BASE_BUF_INIT;

			if ((slice_has(name, "Output") || slice_has(name, "COSE")) &&
			    json_hex(json_get(&of->items[n], "cborHex"), &bytes))
				other_case(s, NULL, base_buf_slice(&bytes));
			base_buf_free(&bytes);
		}
	}
}

static bool is_glue(const struct json *file)
{
	for (size_t i = 0; i < json_count(file); i++) {
		if (slice_has(base_buf_slice(&file->items[i].key), "::"))
			return true;
	}
	return false;
}

/* ---- Files ------------------------------------------------------------------------------ */

static void json_file(struct suite *s)
{
	const struct json *sign, *check;
	struct json json;
	size_t before = s->cases;

	if (!suite_json(s, &json))
		return;
	sign = json_get(&json, "sign1::sign");
	check = json_get(&json, "sign1::verify");
	if (json_is(json_get(&json, "vectors"), JSON_ARRAY))
		es256k_file(s, &json);
	else if (json_get(&json, "output") != NULL && json_get(&json, "input") != NULL)
		group_file(s, &json);
	else if (sign != NULL || check != NULL)
		glue_sign1(s, &json, sign, check);
	else if (is_glue(&json))
		glue_other(s, &json);
	else
		case_payload(s, "JSON without a COSE message");
	if (is_glue(&json) && s->cases == before)
		case_payload(s, "JSON without a COSE message");
	json_free(&json);
}

void suite_cose(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		if (file_ends(s->file, ".json"))
			json_file(s);
		else if (file_ends(s->file, ".crt") || file_ends(s->file, ".der") || file_ends(s->file, ".pem"))
			x509_case(s);
		else
			case_payload(s, "no message: the examples that need its keys carry them");
	}
}
