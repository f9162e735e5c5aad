/* Events as signed statements. */
#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <string.h>

static const struct events_kind *submit(void)
{
	return events_kind_by_id(EVENTS_DATA_SUBMIT);
}

/* Signs any payload under any header. */
static void sign_raw(struct base_buf *out, const char *content_type, const char *issuer, const char *subject,
		     struct base_slice payload, bool detached)
{
	struct base_buf header = BASE_BUF_INIT, message = BASE_BUF_INIT;
	struct keys_private *key = sample_key();
	struct base_hash kid = keys_kid(keys_private_public(key));
	uint8_t signature[64];

	wire_sign1_protected(&header, content_type, base_hash_slice(&kid), base_slice_text(issuer),
			     base_slice_text(subject));
	wire_sig_structure(&message, base_buf_slice(&header), base_slice(NULL, 0), payload);
	ck_assert_int_eq(keys_sign(key, signature, base_buf_slice(&message), NULL), BASE_OK);
	wire_sign1_encode(out, base_buf_slice(&header), detached ? base_slice(NULL, 0) : payload,
			  base_slice(signature, sizeof(signature)));
	keys_private_close(key);
	base_buf_free(&header);
	base_buf_free(&message);
}

static void payload_of(struct base_buf *out, const struct events_kind *kind)
{
	sample_struct(out, &events_envelope_struct, kind, NULL);
}

START_TEST(sign_when_right_verifies)
{
	struct base_buf bytes = BASE_BUF_INIT, message = BASE_BUF_INIT;
	struct keys_public key = sample_public(KEYS_SIGN);
	struct base_error err = {""};
	struct events_event event;
	struct base_hash id;

	sample_event(&bytes, submit());
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), &err), BASE_OK);
	ck_assert_int_eq(events_verify(&event, &key, &err), BASE_OK);
	/* The id is the hash of what is signed. */
	wire_sig_structure(&message, event.cose.protected_bytes, base_slice(NULL, 0), event.cose.payload);
	id = base_sha256_of(base_buf_slice(&message));
	ck_assert(base_hash_equal(&id, &event.id));
	ck_assert(base_slice_equal(event.cose.issuer, base_slice_text(SAMPLE_ISSUER)));
	ck_assert(base_slice_equal(event.cose.subject, base_slice_text(SAMPLE_STUDY)));
	base_buf_free(&bytes);
	base_buf_free(&message);
}
END_TEST

/* Heads of byte strings of every length class in the Sig_structure. */
START_TEST(id_when_payload_has_any_size_is_the_hash_of_the_sig_structure)
{
	for (size_t items = 1; items <= EVENTS_ITEMS_MAX; items = items < 4 ? items + 1 : items * 2) {
		struct base_buf bytes = BASE_BUF_INIT, payload = BASE_BUF_INIT, message = BASE_BUF_INIT,
				body = BASE_BUF_INIT;
		const struct events_kind *retract = events_kind_by_id(EVENTS_DATA_RETRACT);
		struct events_item_id item = {{{0}}, 0};
		struct events_envelope envelope;
		struct events_event event;
		struct base_hash id;

		wire_put_map(&body, 1);
		wire_put_uint(&body, 1);
		wire_put_array(&body, items);
		for (size_t i = 0; i < items; i++)
			events_item_id_put(&body, &item);
		envelope = sample_envelope(retract, base_buf_slice(&body));
		events_envelope_encode(&payload, &envelope);
		sample_unsigned(&bytes, retract, base_buf_slice(&payload));
		ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
		wire_sig_structure(&message, event.cose.protected_bytes, base_slice(NULL, 0), event.cose.payload);
		id = base_sha256_of(base_buf_slice(&message));
		ck_assert(base_hash_equal(&id, &event.id));
		base_buf_free(&bytes);
		base_buf_free(&payload);
		base_buf_free(&message);
		base_buf_free(&body);
	}
}
END_TEST

START_TEST(verify_when_any_byte_changed_fails)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct keys_public key = sample_public(KEYS_SIGN);
	struct events_event event;

	sample_event(&bytes, submit());
	for (size_t i = 0; i < bytes.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes.data[i] ^= (uint8_t)(1u << bit);
			if (events_decode(&event, base_buf_slice(&bytes), NULL) == BASE_OK)
				ck_assert_int_eq(events_verify(&event, &key, NULL), BASE_MISMATCH);
			bytes.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	base_buf_free(&bytes);
}
END_TEST

START_TEST(verify_when_key_is_another_says_so)
{
	static const uint8_t other[32] = {[31] = 9};
	struct base_buf bytes = BASE_BUF_INIT;
	struct keys_private *key;
	struct base_error err;
	struct events_event event;

	sample_event(&bytes, submit());
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, other, NULL), BASE_OK);
	ck_assert_int_eq(events_verify(&event, keys_private_public(key), &err), BASE_MISMATCH);
	ck_assert_ptr_nonnull(strstr(err.text, "another key"));
	keys_private_close(key);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(verify_when_s_is_high_fails)
{
	/* n of secp256k1 */
	static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
					  0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
	struct base_buf bytes = BASE_BUF_INIT;
	struct keys_public key = sample_public(KEYS_SIGN);
	struct events_event event;
	unsigned borrow = 0;
	uint8_t *s;

	sample_event(&bytes, submit());
	s = bytes.data + bytes.len - 32;
	for (int i = 31; i >= 0; i--) {
		unsigned v = 256u + order[i] - s[i] - borrow;

		borrow = v < 256;
		s[i] = (uint8_t)v;
	}
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_int_eq(events_verify(&event, &key, NULL), BASE_MISMATCH);
	base_buf_free(&bytes);
}
END_TEST

static void assert_header_refused(const char *content_type, const char *issuer, const char *subject,
				  const struct events_kind *kind, bool detached, const char *why)
{
	struct base_buf payload = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct base_error err = {""};
	struct events_event event;

	payload_of(&payload, kind);
	sign_raw(&bytes, content_type, issuer, subject, base_buf_slice(&payload), detached);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, why) != NULL, "\"%s\" not in: %s", why, err.text);
	base_buf_free(&payload);
	base_buf_free(&bytes);
}

START_TEST(decode_when_header_is_wrong_refuses)
{
	const char *type = EVENTS_CONTENT_TYPE;

	assert_header_refused("application/cbor", SAMPLE_ISSUER, SAMPLE_STUDY, submit(), false, "content type");
	assert_header_refused(EVENTS_ENROLMENT_TYPE, SAMPLE_ISSUER, SAMPLE_STUDY, submit(), false, "content type");
	assert_header_refused(type, SAMPLE_ISSUER, SAMPLE_STUDY, submit(), true, "payload");
	assert_header_refused(type, "hospital-a", SAMPLE_STUDY, submit(), false, "issuer");
	assert_header_refused(type, "Hospital/a", SAMPLE_STUDY, submit(), false, "issuer");
	assert_header_refused(type, SAMPLE_ISSUER, SAMPLE_ORIGIN, submit(), false, "subject: a submission of data");
	assert_header_refused(type, SAMPLE_ISSUER, "with space", events_kind_by_id(EVENTS_STUDY_REGISTER), false,
			      "origin");
}
END_TEST

START_TEST(sign_when_names_are_wrong_refuses)
{
	struct base_buf body = BASE_BUF_INIT, out = BASE_BUF_INIT;
	struct keys_private *key = sample_key();
	struct events_envelope envelope;
	struct base_error err;

	sample_struct(&body, &submit()->body, submit(), NULL);
	envelope = sample_envelope(submit(), base_buf_slice(&body));
	ck_assert_int_eq(events_sign(&out, &envelope, "no actor", SAMPLE_STUDY, key, &err), BASE_MALFORMED);
	ck_assert_int_eq(events_sign(&out, &envelope, "a/\xff", SAMPLE_STUDY, key, &err), BASE_MALFORMED);
	ck_assert_int_eq(events_sign(&out, &envelope, SAMPLE_ISSUER, "", key, &err), BASE_MALFORMED);
	ck_assert_int_eq(events_sign(&out, &envelope, SAMPLE_ISSUER, "\xff", key, &err), BASE_MALFORMED);
	envelope.capacity.on_behalf_of = base_slice_text("\xff\xfe");
	ck_assert_int_eq(events_sign(&out, &envelope, SAMPLE_ISSUER, SAMPLE_STUDY, key, &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "on_behalf_of"));
	envelope.capacity.on_behalf_of = base_slice(NULL, 0);
	envelope.sequence = 0;
	ck_assert_int_eq(events_sign(&out, &envelope, SAMPLE_ISSUER, SAMPLE_STUDY, key, &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "event: sequence: 0 is outside 1 to 18446744073709551615");
	envelope.sequence = 1;
	envelope.body = base_slice(NULL, 0);
	ck_assert_int_eq(events_sign(&out, &envelope, SAMPLE_ISSUER, SAMPLE_STUDY, key, &err), BASE_MALFORMED);
	ck_assert_uint_eq(out.len, 0);
	keys_private_close(key);
	base_buf_free(&body);
	base_buf_free(&out);
}
END_TEST

START_TEST(sign_when_repeated_gives_the_same_bytes)
{
	struct base_buf a = BASE_BUF_INIT, b = BASE_BUF_INIT;

	sample_event(&a, submit());
	base_buf_byte(&b, 0x55);
	sample_event(&b, submit()); /* appended to what is there */
	ck_assert_uint_eq(b.len, a.len + 1);
	ck_assert(base_slice_equal(base_buf_slice(&a), base_slice(b.data + 1, b.len - 1)));
	base_buf_free(&a);
	base_buf_free(&b);
}
END_TEST

START_TEST(decode_when_full_gives_every_part)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct events_event event;
	const struct events_envelope *e = &event.envelope;
	struct wire_reader r;

	sample_event(&bytes, submit());
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_ptr_eq(e->kind, submit());
	ck_assert_uint_eq(e->ledger.bytes[0], 0x10);
	ck_assert_uint_eq(e->sequence, UINT64_MAX);
	ck_assert_uint_eq(e->claimed.ms, 1772355600123);
	ck_assert_int_eq(e->when.precision, EVENTS_DAY);
	ck_assert_int_eq(e->when.offset_min, 60);
	ck_assert_uint_eq(e->capacity.code, EVENTS_CAPACITY_OWN);
	ck_assert(base_slice_equal(e->capacity.on_behalf_of, base_slice_text("hospital-a/pi-01")));
	ck_assert(e->capacity.has_source && e->capacity.has_original);
	ck_assert_int_eq(e->capacity.source.codec, WIRE_RAW);
	ck_assert_uint_eq(e->meaning, EVENTS_MEANING_AUTHORED);
	ck_assert(e->has_reason && e->has_reason_text);
	ck_assert_uint_eq(e->reason, 1);
	wire_read(&r, e->refs);
	ck_assert_uint_eq(wire_get_array(&r), 2);
	wire_read(&r, e->sealed);
	ck_assert_uint_eq(wire_get_array(&r), 2);
	ck_assert_ptr_eq(e->body.data + e->body.len, event.cose.payload.data + event.cose.payload.len);
	ck_assert(events_has(e->body, 1) && events_has(e->body, 2));
	ck_assert_uint_eq(events_item_count(&event), 2);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(decode_when_least_said_leaves_the_rest_empty)
{
	const struct events_kind *close = events_kind_by_id(EVENTS_STUDY_CLOSE);
	static const uint8_t empty_map = 0xa0;
	struct events_envelope envelope = sample_envelope(close, base_slice(&empty_map, 1));
	struct base_buf bytes = BASE_BUF_INIT;
	struct keys_private *key = sample_key();
	struct events_event event;

	ck_assert_int_eq(events_sign(&bytes, &envelope, SAMPLE_ISSUER, SAMPLE_STUDY, key, NULL), BASE_OK);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_uint_eq(event.envelope.capacity.on_behalf_of.len, 0);
	ck_assert(!event.envelope.capacity.has_source && !event.envelope.capacity.has_original);
	ck_assert(!event.envelope.has_reason && !event.envelope.has_reason_text);
	ck_assert_uint_eq(event.envelope.refs.len, 0);
	ck_assert_uint_eq(event.envelope.sealed.len, 0);
	ck_assert_uint_eq(event.envelope.body.len, 1);
	ck_assert_uint_eq(events_item_count(&event), 0);
	keys_private_close(key);
	base_buf_free(&bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		sign_when_right_verifies,
		id_when_payload_has_any_size_is_the_hash_of_the_sig_structure,
		verify_when_any_byte_changed_fails,
		verify_when_key_is_another_says_so,
		verify_when_s_is_high_fails,
		decode_when_header_is_wrong_refuses,
		sign_when_names_are_wrong_refuses,
		sign_when_repeated_gives_the_same_bytes,
		decode_when_full_gives_every_part,
		decode_when_least_said_leaves_the_rest_empty,
		NULL,
	};

	return suite_run("events/event", tests);
}
