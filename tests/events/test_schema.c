/* Every member of every kind, and of the envelope: right, missing, of a wrong type, out of range, unknown, twice. */
#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <string.h>

static size_t refused, accepted;

/* Decodes an event with this payload. */
static enum base_code decode(const struct events_kind *kind, struct base_slice payload, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct events_event event;
	enum base_code code;

	sample_unsigned(&bytes, kind, payload);
	err->text[0] = '\0';
	code = events_decode(&event, base_buf_slice(&bytes), err);
	if (code == BASE_OK)
		ck_assert_ptr_eq(event.envelope.kind, kind);
	base_buf_free(&bytes);
	return code;
}

/* One change; false when there is no such place or no such bad value. */
static bool try_change(const struct events_kind *kind, size_t variant, enum sample_what what, size_t at, unsigned bad)
{
	struct sample_change change = {.what = what, .at = at, .bad = bad, .variant = variant};
	struct base_buf payload = BASE_BUF_INIT;
	struct base_error err;
	enum base_code code;

	sample_struct(&payload, &events_envelope_struct, kind, &change);
	/* A reason is the one member that some kinds need and the envelope's declaration does not. */
	if (change.applied && what == SAMPLE_MISSING && strcmp(change.field->name, "reason") == 0 && kind->needs_reason)
		change.must_fail = true;
	code = decode(kind, base_buf_slice(&payload), &err);
	if (change.applied && change.must_fail) {
		ck_assert_msg(code == BASE_MALFORMED || code == BASE_LIMIT, "%s: %s %zu/%u was taken", kind->name,
			      change.field->name, at, bad);
		/* What is unknown or twice is named by its key; of a body that is none, the kind. */
		if (what != SAMPLE_EXTRA && what != SAMPLE_TWICE && strcmp(change.field->name, "body") != 0)
			ck_assert_msg(strstr(err.text, change.field->name) != NULL || strstr(err.text, "says nothing"),
				      "%s: no \"%s\" in: %s", kind->name, change.field->name, err.text);
		refused++;
	} else {
		ck_assert_msg(code == BASE_OK, "%s: %s", kind->name, err.text);
		accepted++;
	}
	base_buf_free(&payload);
	return change.applied;
}

static size_t count_places(const struct events_kind *kind, size_t variant)
{
	struct sample_change change = {.what = SAMPLE_TYPE, .at = SIZE_MAX, .variant = variant};
	struct base_buf payload = BASE_BUF_INIT;

	sample_struct(&payload, &events_envelope_struct, kind, &change);
	base_buf_free(&payload);
	return change.seen;
}

static void try_places(const struct events_kind *kind, size_t variant)
{
	size_t places = count_places(kind, variant);

	for (size_t at = 0; at < places; at++) {
		(void)try_change(kind, variant, SAMPLE_MISSING, at, 0);
		ck_assert(try_change(kind, variant, SAMPLE_TYPE, at, 0));
		(void)try_change(kind, variant, SAMPLE_EXTRA, at, 0);
		(void)try_change(kind, variant, SAMPLE_TWICE, at, 0);
		for (unsigned bad = 0; try_change(kind, variant, SAMPLE_BAD, at, bad); bad++)
			;
	}
}

START_TEST(decode_when_member_is_wrong_names_it)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t k = 0; k < count; k++)
		for (size_t variant = 0; variant < sample_variants(kinds[k]); variant++)
			try_places(kinds[k], variant);
	/* The table grows; it does not shrink. */
	ck_assert_uint_ge(refused, 3000);
	ck_assert_uint_ge(accepted, 300);
}
END_TEST

START_TEST(decode_when_all_members_there_accepts)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t k = 0; k < count; k++) {
		struct base_buf bytes = BASE_BUF_INIT, payload = BASE_BUF_INIT, again = BASE_BUF_INIT;
		struct events_event event;

		sample_struct(&payload, &events_envelope_struct, kinds[k], NULL);
		sample_event(&bytes, kinds[k]);
		ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
		ck_assert(base_slice_equal(event.cose.payload, base_buf_slice(&payload)));
		events_envelope_encode(&again, &event.envelope);
		ck_assert(base_slice_equal(event.cose.payload, base_buf_slice(&again)));
		ck_assert_int_eq(wire_check(event.cose.payload, NULL), BASE_OK);
		base_buf_free(&bytes);
		base_buf_free(&payload);
		base_buf_free(&again);
	}
}
END_TEST

/* ---- Encodings that mean the same but are not the one ------------------- */

static const struct events_kind *vote(void)
{
	return events_kind_by_id(EVENTS_GOVERNANCE_VOTE);
}

static void least_payload(struct base_buf *out, const struct events_kind *kind)
{
	struct base_buf body = BASE_BUF_INIT;
	struct events_envelope envelope;

	sample_struct(&body, &kind->body, kind, NULL);
	envelope = sample_envelope(kind, base_buf_slice(&body));
	events_envelope_encode(out, &envelope);
	base_buf_free(&body);
}

/* Replaces the first occurrence of some bytes (given in hex) in a right payload; it must then be refused. */
static void assert_refused(const char *from_hex, const char *to_hex, const char *why)
{
	struct base_buf payload = BASE_BUF_INIT, from = BASE_BUF_INIT, to = BASE_BUF_INIT, wrong = BASE_BUF_INIT;
	struct base_error err;
	uint8_t *at;

	least_payload(&payload, vote());
	ck_assert_int_eq(decode(vote(), base_buf_slice(&payload), &err), BASE_OK);
	ck_assert(base_unhex(&from, base_slice_text(from_hex)) && base_unhex(&to, base_slice_text(to_hex)));
	at = memmem(payload.data, payload.len, from.data, from.len);
	ck_assert_ptr_nonnull(at);
	base_buf_append(&wrong, base_slice(payload.data, (size_t)(at - payload.data)));
	base_buf_append(&wrong, base_buf_slice(&to));
	base_buf_append(&wrong, base_slice(at + from.len, payload.len - (size_t)(at - payload.data) - from.len));
	ck_assert_int_eq(decode(vote(), base_buf_slice(&wrong), &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, why) != NULL, "\"%s\" not in: %s", why, err.text);
	base_buf_free(&payload);
	base_buf_free(&from);
	base_buf_free(&to);
	base_buf_free(&wrong);
}

START_TEST(decode_when_encoding_differs_refuses)
{
	assert_refused("0307", "031807", "shortest");
	assert_refused("0307",
		       "1803"
		       "07",
		       "shortest");		/* the key 3 in two bytes */
	assert_refused("0307", "03f94700", ""); /* 7.0 */
	assert_refused("02"
		       "6f676f7665726e616e63652e766f7465",
		       "02"
		       "7f6f676f7665726e616e63652e766f7465ff",
		       "");
	assert_refused("0307",
		       "0306"
		       "0307",
		       "repeated");
	assert_refused("06a10101"
		       "0701",
		       "0701"
		       "06a10101",
		       "missing");		      /* out of order: 6 is not where it belongs */
	assert_refused("06a10101", "06bf0101ff", ""); /* a map of indefinite length */
	assert_refused("0701",
		       "07d90001"
		       "01",
		       ""); /* a tag */
}
END_TEST

START_TEST(decode_when_bytes_follow_refuses)
{
	struct base_buf payload = BASE_BUF_INIT;
	struct base_error err;

	least_payload(&payload, vote());
	base_buf_byte(&payload, 0xf6);
	ck_assert_int_eq(decode(vote(), base_buf_slice(&payload), &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "follow"));
	base_buf_free(&payload);
}
END_TEST

START_TEST(decode_when_cut_short_refuses)
{
	struct base_buf payload = BASE_BUF_INIT;
	struct base_error err;

	sample_struct(&payload, &events_envelope_struct, events_kind_by_id(EVENTS_DATA_DERIVE), NULL);
	for (size_t len = 0; len < payload.len; len++)
		ck_assert_int_eq(decode(vote(), base_slice(payload.data, len), &err), BASE_MALFORMED);
	base_buf_free(&payload);
}
END_TEST

/* ---- Limits ------------------------------------------------------------- */

/* 256 items with every member at its longest. */
static void full_items(struct base_buf *body, size_t count)
{
	struct base_buf item = BASE_BUF_INIT;
	const struct events_when collected = {EVENTS_POINT, 253402214400000, true, -1439};
	uint8_t cid[WIRE_CID_BYTES];
	struct wire_cid any = {WIRE_DAG_PB, {{0}}};
	struct base_hash hash = {{0}};

	wire_cid_bytes(cid, &any);
	wire_put_map(&item, 6);
	wire_put_uint(&item, 1);
	wire_put_bytes(&item, base_slice(cid, sizeof(cid)));
	wire_put_uint(&item, 2);
	wire_put_hash(&item, &hash);
	wire_put_uint(&item, 3);
	wire_put_uint(&item, UINT64_MAX);
	wire_put_uint(&item, 4);
	wire_put_uint(&item, 13);
	wire_put_uint(&item, 5);
	wire_put_hash(&item, &hash);
	wire_put_uint(&item, 6);
	events_when_put(&item, &collected);
	ck_assert_uint_le(item.len, 150);
	wire_put_map(body, 2);
	wire_put_uint(body, 1);
	wire_put_array(body, count);
	for (size_t i = 0; i < count; i++)
		base_buf_append(body, base_buf_slice(&item));
	wire_put_uint(body, 2);
	wire_put_cstr(body, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	base_buf_free(&item);
}

static enum base_code sign_items(size_t count, size_t *len, struct base_error *err)
{
	static const char name[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct base_buf body = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct keys_private *key = sample_key();
	struct events_envelope envelope;
	char actor[130];
	enum base_code code;

	full_items(&body, count);
	(void)snprintf(actor, sizeof(actor), "%s/%s", name, name);
	envelope = sample_envelope(events_kind_by_id(EVENTS_DATA_SUBMIT), base_buf_slice(&body));
	envelope.sequence = UINT64_MAX;
	envelope.capacity.on_behalf_of = base_slice_text(actor);
	envelope.capacity.has_source = true;
	envelope.capacity.source.codec = WIRE_RAW;
	envelope.capacity.has_original = true;
	code = events_sign(&bytes, &envelope, actor, name, key, err);
	*len = bytes.len;
	keys_private_close(key);
	base_buf_free(&body);
	base_buf_free(&bytes);
	return code;
}

START_TEST(sign_when_256_full_items_fits)
{
	struct base_error err = {""};
	size_t len;

	ck_assert_msg(sign_items(EVENTS_ITEMS_MAX, &len, &err) == BASE_OK, "%s", err.text);
	/* Room is left for a manifest and ten more sealed payloads (73 bytes each). */
	ck_assert_uint_le(len, WIRE_EVENT_BYTES_MAX - 11 * 73);
	ck_assert_int_eq(sign_items(EVENTS_ITEMS_MAX + 1, &len, &err), BASE_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "items: 257 elements; at most 256"));
}
END_TEST

START_TEST(decode_when_over_40000_bytes_refuses)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};
	struct events_event event;

	base_buf_reserve(&bytes, WIRE_EVENT_BYTES_MAX + 1);
	memset(bytes.data, 0, WIRE_EVENT_BYTES_MAX + 1);
	bytes.len = WIRE_EVENT_BYTES_MAX + 1;
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), &err), BASE_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "40001"));
	bytes.len--;
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(decode_when_code_unknown_says_where)
{
	const struct events_kind *submit = events_kind_by_id(EVENTS_DATA_SUBMIT);
	struct base_buf body = BASE_BUF_INIT, payload = BASE_BUF_INIT;
	struct events_envelope envelope;
	struct base_error err;
	uint8_t *at;

	full_items(&body, 4);
	/* key 4, code 13 of the fourth item */
	at = memrchr(body.data, 0x0d, body.len);
	ck_assert_uint_eq(at[-1], 4);
	*at = 22;
	envelope = sample_envelope(submit, base_buf_slice(&body));
	events_envelope_encode(&payload, &envelope);
	ck_assert_int_eq(decode(submit, base_buf_slice(&payload), &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "data.submit: items[3].category: unknown code 22");
	base_buf_free(&body);
	base_buf_free(&payload);
}
END_TEST

START_TEST(decode_when_reason_missing_says_so)
{
	const struct events_kind *retract = events_kind_by_id(EVENTS_DATA_RETRACT);
	struct base_buf body = BASE_BUF_INIT, payload = BASE_BUF_INIT;
	struct events_envelope envelope;
	struct base_error err;

	sample_struct(&body, &retract->body, retract, NULL);
	envelope = sample_envelope(retract, base_buf_slice(&body));
	envelope.has_reason = false;
	events_envelope_encode(&payload, &envelope);
	ck_assert_int_eq(decode(retract, base_buf_slice(&payload), &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "data.retract: reason: missing; a retraction of data says why");
	base_buf_free(&body);
	base_buf_free(&payload);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		decode_when_member_is_wrong_names_it, decode_when_all_members_there_accepts,
		decode_when_encoding_differs_refuses, decode_when_bytes_follow_refuses,
		decode_when_cut_short_refuses,	      sign_when_256_full_items_fits,
		decode_when_over_40000_bytes_refuses, decode_when_code_unknown_says_where,
		decode_when_reason_missing_says_so,   NULL,
	};

	return suite_run("events/schema", tests);
}
