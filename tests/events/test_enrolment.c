#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <string.h>

static const struct base_hash ledger = {{0x22, 0x22}};

static struct events_enrolment request(bool founder)
{
	struct events_enrolment enrolment;

	memset(&enrolment, 0, sizeof(enrolment));
	enrolment.founder = founder;
	enrolment.ledger = founder ? base_slice_text(SAMPLE_ORIGIN) : base_hash_slice(&ledger);
	enrolment.actor = base_slice_text(SAMPLE_ISSUER);
	enrolment.roles = EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR);
	enrolment.sign = sample_public(KEYS_SIGN);
	enrolment.seal = sample_public(KEYS_SEAL);
	return enrolment;
}

static void proof_of(struct base_buf *out, const struct events_enrolment *enrolment)
{
	struct keys_private *key = sample_key();
	struct base_error err = {""};

	ck_assert_msg(events_enrolment_sign(out, enrolment, key, &err) == BASE_OK, "%s", err.text);
	keys_private_close(key);
}

START_TEST(open_when_signed_gives_back_what_was_said)
{
	for (int founder = 0; founder < 2; founder++) {
		struct events_enrolment said = request(founder != 0), got;
		struct base_buf proof = BASE_BUF_INIT;
		struct base_error err = {""};

		proof_of(&proof, &said);
		ck_assert_msg(events_enrolment_open(&got, base_buf_slice(&proof), &err) == BASE_OK, "%s", err.text);
		ck_assert_int_eq(got.founder, said.founder);
		ck_assert(base_slice_equal(got.ledger, said.ledger));
		ck_assert(base_slice_equal(got.actor, said.actor));
		ck_assert_uint_eq(got.roles, said.roles);
		ck_assert_mem_eq(got.sign.bytes, said.sign.bytes, 33);
		ck_assert_mem_eq(got.seal.bytes, said.seal.bytes, 32);
		ck_assert_int_eq(got.seal.purpose, KEYS_SEAL);
		base_buf_free(&proof);
	}
}
END_TEST

START_TEST(open_when_any_bit_changed_refuses)
{
	struct events_enrolment said = request(false), got;
	struct base_buf proof = BASE_BUF_INIT;

	proof_of(&proof, &said);
	for (size_t i = 0; i < proof.len; i++) {
		uint8_t bit = (uint8_t)(1u << (i % 8));
		enum base_code code;

		proof.data[i] ^= bit;
		code = events_enrolment_open(&got, base_buf_slice(&proof), NULL);
		ck_assert_msg(code == BASE_MISMATCH || code == BASE_MALFORMED, "byte %zu: %d", i, (int)code);
		proof.data[i] ^= bit;
	}
	for (size_t len = 0; len < proof.len; len++)
		ck_assert_int_ne(events_enrolment_open(&got, base_slice(proof.data, len), NULL), BASE_OK);
	base_buf_free(&proof);
}
END_TEST

START_TEST(sign_when_request_is_wrong_refuses)
{
	static const uint8_t other[32] = {[31] = 9};
	struct base_buf proof = BASE_BUF_INIT;
	struct keys_private *key = sample_key(), *stranger;
	struct events_enrolment bad;
	struct base_error err;

	bad = request(false);
	bad.ledger.len = 31;
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, key, &err), BASE_MALFORMED);
	bad = request(true);
	bad.ledger = base_slice_text("two words");
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, key, &err), BASE_MALFORMED);
	bad = request(false);
	bad.actor = base_slice_text("\xff");
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, key, &err), BASE_MALFORMED);
	bad = request(false);
	bad.roles = 0;
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, key, &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "roles"));
	bad = request(false);
	bad.roles = EVENTS_ROLE(21); /* reserved */
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, key, &err), BASE_MALFORMED);
	bad = request(false);
	bad.seal = sample_public(KEYS_RECOVERY);
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, key, &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "seal"));
	/* Possession is what it proves. */
	bad = request(false);
	ck_assert_int_eq(keys_private_import(&stranger, KEYS_SIGN, KEYS_ES256K, other, NULL), BASE_OK);
	ck_assert_int_eq(events_enrolment_sign(&proof, &bad, stranger, &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "another key"));
	ck_assert_uint_eq(proof.len, 0);
	keys_private_close(key);
	keys_private_close(stranger);
	base_buf_free(&proof);
}
END_TEST

/* A request under a header that says something else. */
static void assert_header_refused(const char *type, const char *issuer, const char *subject, const char *why)
{
	struct events_enrolment said = request(false), got;
	struct base_buf proof = BASE_BUF_INIT, header = BASE_BUF_INIT, message = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct keys_private *key = sample_key();
	struct base_hash kid = keys_kid(keys_private_public(key));
	struct base_error err = {""};
	struct wire_sign1 cose;
	uint8_t signature[64];

	proof_of(&proof, &said);
	ck_assert_int_eq(wire_sign1_decode(&cose, base_buf_slice(&proof), NULL), BASE_OK);
	wire_sign1_protected(&header, type, base_hash_slice(&kid), base_slice_text(issuer), base_slice_text(subject));
	wire_sig_structure(&message, base_buf_slice(&header), base_slice(NULL, 0), cose.payload);
	ck_assert_int_eq(keys_sign(key, signature, base_buf_slice(&message), NULL), BASE_OK);
	wire_sign1_encode(&bytes, base_buf_slice(&header), cose.payload, base_slice(signature, sizeof(signature)));
	ck_assert_int_eq(events_enrolment_open(&got, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, why) != NULL, "\"%s\" not in: %s", why, err.text);
	keys_private_close(key);
	base_buf_free(&proof);
	base_buf_free(&header);
	base_buf_free(&message);
	base_buf_free(&bytes);
}

START_TEST(open_when_header_contradicts_refuses)
{
	char id[65];

	base_hex(id, base_hash_slice(&ledger));
	assert_header_refused(EVENTS_CONTENT_TYPE, SAMPLE_ISSUER, id, "content type");
	assert_header_refused(EVENTS_ENROLMENT_TYPE, "hospital-a/dm-08", id, "issuer");
	assert_header_refused(EVENTS_ENROLMENT_TYPE, SAMPLE_ISSUER, SAMPLE_ORIGIN, "subject");
}
END_TEST

START_TEST(open_when_an_event_is_given_refuses)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct events_enrolment got;

	sample_event(&bytes, events_kind_by_id(EVENTS_ACTOR_ENROL));
	ck_assert_int_eq(events_enrolment_open(&got, base_buf_slice(&bytes), NULL), BASE_MALFORMED);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(open_when_too_long_refuses)
{
	uint8_t zeros[EVENTS_PROOF_BYTES_MAX + 1] = {0};
	struct events_enrolment got;

	ck_assert_int_eq(events_enrolment_open(&got, base_slice(zeros, sizeof(zeros)), NULL), BASE_LIMIT);
}
END_TEST

/* The longest names and all roles still make a proof that fits its place. */
START_TEST(sign_when_everything_is_longest_fits)
{
	struct events_enrolment said = request(true);
	struct base_buf proof = BASE_BUF_INIT;
	char origin[256], actor[130];

	memset(origin, 'o', 255);
	origin[255] = '\0';
	memset(actor, 'a', 129);
	actor[64] = '/';
	actor[129] = '\0';
	said.ledger = base_slice_text(origin);
	said.actor = base_slice_text(actor);
	said.roles = 0;
	for (unsigned role = 5; role <= 20; role++)
		said.roles |= EVENTS_ROLE(role);
	proof_of(&proof, &said);
	ck_assert_uint_le(proof.len, EVENTS_PROOF_BYTES_MAX);
	base_buf_free(&proof);
}
END_TEST

START_TEST(countersign_when_right_verifies)
{
	struct events_enrolment said = request(false);
	struct base_buf proof = BASE_BUF_INIT, signed_bytes = BASE_BUF_INIT;
	const struct base_hash elsewhere = {{0x33}};
	struct keys_private *key = sample_key();
	struct base_error err = {""};
	struct base_hash digest;
	struct wire_sign1 cose;

	proof_of(&proof, &said);
	ck_assert_int_eq(
		events_countersign(&signed_bytes, base_buf_slice(&proof), &ledger, "hospital-a/admin", key, &err),
		BASE_OK);
	ck_assert_msg(events_countersignature_decode(&cose, &digest, base_buf_slice(&signed_bytes),
						     base_buf_slice(&proof), &ledger, &err) == BASE_OK,
		      "%s", err.text);
	ck_assert(base_slice_equal(cose.issuer, base_slice_text("hospital-a/admin")));
	ck_assert_int_eq(keys_es256k_verify(keys_private_public(key), &digest, cose.signature, NULL), BASE_OK);
	/* For another proof the digest is another. */
	ck_assert_int_eq(events_countersignature_decode(&cose, &digest, base_buf_slice(&signed_bytes),
							base_slice(proof.data, proof.len - 1), &ledger, &err),
			 BASE_OK);
	ck_assert_int_eq(keys_es256k_verify(keys_private_public(key), &digest, cose.signature, NULL), BASE_MISMATCH);
	ck_assert_int_eq(events_countersignature_decode(&cose, &digest, base_buf_slice(&signed_bytes),
							base_buf_slice(&proof), &elsewhere, &err),
			 BASE_MALFORMED);
	/* An enrolment is no countersignature. */
	ck_assert_int_eq(events_countersignature_decode(&cose, &digest, base_buf_slice(&proof), base_buf_slice(&proof),
							&ledger, &err),
			 BASE_MALFORMED);
	ck_assert_int_eq(events_countersign(&signed_bytes, base_buf_slice(&proof), &ledger, "nobody", key, &err),
			 BASE_MALFORMED);
	keys_private_close(key);
	base_buf_free(&proof);
	base_buf_free(&signed_bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		open_when_signed_gives_back_what_was_said,
		open_when_any_bit_changed_refuses,
		sign_when_request_is_wrong_refuses,
		open_when_header_contradicts_refuses,
		open_when_an_event_is_given_refuses,
		open_when_too_long_refuses,
		sign_when_everything_is_longest_fits,
		countersign_when_right_verifies,
		NULL,
	};

	return suite_run("events/enrolment", tests);
}
