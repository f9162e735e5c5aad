#include "tests/events/sample.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char cid_text[] = "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna";

/* ---- Right values ------------------------------------------------------- */

static void put_value(struct base_buf *out, const struct events_field *field, enum events_type type,
		      const struct events_kind *kind, struct sample_change *change, size_t variant);

static struct base_hash filled(uint8_t byte)
{
	struct base_hash hash;

	memset(hash.bytes, byte, sizeof(hash.bytes));
	return hash;
}

static void put_cid(struct base_buf *out)
{
	uint8_t bytes[WIRE_CID_BYTES];
	struct wire_cid cid;

	ck_assert_int_eq(wire_cid_parse_text(&cid, base_slice_text(cid_text), NULL), BASE_OK);
	wire_cid_bytes(bytes, &cid);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
}

static void put_scalar(struct base_buf *out, const struct events_field *field, enum events_type type,
		       const struct events_kind *kind, size_t variant)
{
	const struct events_when when = {EVENTS_DAY, 1772319600000, true, 60}; /* 2026-03-01+01:00 */
	const struct events_when month = {EVENTS_MONTH, 1772319600000, true, 60};
	const struct events_item_id item = {filled((uint8_t)(0x40 + variant)), 255};
	struct base_hash hash = filled((uint8_t)(0x10 + variant));
	const struct events_code *code;
	struct keys_public key;

	switch (type) {
	case EVENTS_UINT:
		wire_put_uint(out, field->max == UINT64_MAX ? UINT64_MAX : field->max);
		break;
	case EVENTS_BOOL:
		wire_put_bool(out, true);
		break;
	case EVENTS_CODE:
		code = &field->codes->codes[variant % field->codes->count];
		wire_put_uint(out, (code->reserved ? field->codes->codes : code)->number);
		break;
	case EVENTS_TOKEN:
	case EVENTS_STUDY:
	case EVENTS_ORGANISATION:
		wire_put_cstr(out, "a-token_1.0");
		break;
	case EVENTS_ACTOR:
	case EVENTS_PARTY:
		wire_put_cstr(out, "hospital-a/pi-01");
		break;
	case EVENTS_COUNTRY:
		wire_put_cstr(out, "FR");
		break;
	case EVENTS_SOURCE:
		wire_put_cstr(out, "contract \"x\" version 1\r\n\tclause");
		break;
	case EVENTS_LABEL:
		wire_put_cstr(out, "H\xc3\xb4pital \xe2\x80\x9e"
				   "A\xe2\x80\x9c");
		break;
	case EVENTS_URL:
		wire_put_cstr(out, SAMPLE_ORIGIN);
		break;
	case EVENTS_KIND:
		wire_put_cstr(out, kind->name);
		break;
	case EVENTS_ID:
	case EVENTS_HASH:
	case EVENTS_REFERENCE:
		wire_put_hash(out, &hash);
		break;
	case EVENTS_CID:
		put_cid(out);
		break;
	case EVENTS_ITEM:
		events_item_id_put(out, &item);
		break;
	case EVENTS_WHEN:
		events_when_put(out, field->min == EVENTS_MONTH ? &month : &when);
		break;
	case EVENTS_TIME:
		wire_put_uint(out, 1772355600123);
		break;
	case EVENTS_PUBLIC:
		key = sample_public((enum keys_purpose)field->min);
		keys_public_put(out, &key);
		break;
	case EVENTS_PROOF:
		wire_put_bytes(out, base_slice_text("proof"));
		break;
	case EVENTS_STRUCT:
	case EVENTS_LIST:
	case EVENTS_BODY:
		ck_abort();
	}
}

/* ---- Wrong values ------------------------------------------------------- */

static bool put_bad_text(struct base_buf *out, unsigned n, const char *const *texts)
{
	for (unsigned i = 0; i <= n; i++)
		if (texts[i] == NULL)
			return false;
	wire_put_cstr(out, texts[n]);
	return true;
}

static void put_zeros(struct base_buf *out, size_t len)
{
	uint8_t *zeros = base_alloc(len);

	wire_put_bytes(out, base_slice(zeros, len));
	free(zeros);
}

static bool put_bad_cid(struct base_buf *out, unsigned n)
{
	struct base_buf right = BASE_BUF_INIT;
	size_t at = 2;

	if (n >= 5)
		return false;
	put_cid(&right);
	if (n == 0)
		wire_put_bytes(out, base_slice(right.data + at, 35));
	else
		right.data[at + n - 1]++; /* version, codec, hash function, its length */
	if (n > 0)
		base_buf_append(out, base_buf_slice(&right));
	base_buf_free(&right);
	return true;
}

static bool put_bad_item(struct base_buf *out, unsigned n)
{
	struct base_hash hash = filled(1);

	if (n >= 4)
		return false;
	wire_put_array(out, n == 0 ? 1 : n == 1 ? 3 : 2);
	if (n == 2)
		put_zeros(out, 31);
	else
		wire_put_hash(out, &hash);
	if (n > 0)
		wire_put_uint(out, n == 3 ? EVENTS_ITEMS_MAX : 0);
	if (n == 1)
		wire_put_uint(out, 0);
	return true;
}

static bool put_bad_when(struct base_buf *out, unsigned n)
{
	static const struct {
		uint64_t precision;
		int64_t ms;
		int64_t offset;
	} bad[] = {
		{3, 0, 0},
		{0, INT64_C(253402300800000), 0}, /* year 10000 */
		{0, INT64_C(253402300799999), 1}, /* where it happened */
		{0, -1, 0},
		{0, 0, -1}, /* 1969 where it happened */
		{0, 0, 1440},
		{0, 86400000, -1440},
		{1, 1, 0},	   /* not midnight */
		{1, 86400000, 60}, /* midnight elsewhere */
		{2, 86400000, 0},  /* second of January */
	};

	if (n == SCHEMA_COUNT(bad)) {
		wire_put_array(out, 2);
		wire_put_uint(out, 0);
		wire_put_uint(out, 0);
		return true;
	}
	if (n > SCHEMA_COUNT(bad))
		return false;
	wire_put_array(out, 3);
	wire_put_uint(out, bad[n].precision);
	wire_put_int(out, bad[n].ms);
	wire_put_int(out, bad[n].offset);
	return true;
}

static bool put_bad_public(struct base_buf *out, const struct events_field *field, unsigned n)
{
	struct keys_public key = sample_public((enum keys_purpose)field->min);

	if (n == 0)
		key = sample_public(field->min == KEYS_RECOVERY ? KEYS_SEAL : KEYS_RECOVERY);
	else if (n == 1)
		key.len--;
	else if (n == 2)
		key.alg = KEYS_ED25519;
	else if (n == 3)
		memset(key.bytes, 0, sizeof(key.bytes)); /* no point, or one of small order */
	else
		return false;
	keys_public_put(out, &key);
	return true;
}

static bool put_bad_list(struct base_buf *out, const struct events_field *field, unsigned n)
{
	if (n == 0) {
		wire_put_array(out, 0);
	} else if (n == 1) {
		wire_put_array(out, field->max + 1);
		for (uint64_t i = 0; i <= field->max; i++)
			wire_put_uint(out, 1);
	} else if (n <= 3 && field->element == EVENTS_CODE) {
		wire_put_array(out, 2);
		wire_put_uint(out, n == 2 ? 2 : 1);
		wire_put_uint(out, 1);
	} else {
		return false;
	}
	return true;
}

static bool put_bad_code(struct base_buf *out, const struct events_field *field, unsigned n)
{
	if (n == 0) {
		wire_put_uint(out, 251);
		return true;
	}
	for (size_t i = 0; i < field->codes->count; i++) {
		if (field->codes->codes[i].reserved && --n == 0) {
			wire_put_uint(out, field->codes->codes[i].number);
			return true;
		}
	}
	return false;
}

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The n-th value of the right CBOR type that must be refused all the same; false if there are no more. */
static bool put_bad(struct base_buf *out, const struct events_field *field, enum events_type type, unsigned n)
{
	static const char *const tokens[] = {"", "A", "-a", "a b", "a/b", "\xc3\xa4", LONG_64 "0", NULL};
	static const char *const actors[] = {"",  "a", "a/", "/b", "a/b/c", "A/b", LONG_64 "0/a", "a/" LONG_64 "0",
					     NULL};
	static const char *const parties[] = {"", "a/", "a/b/c", "A", NULL};
	static const char *const countries[] = {"", "de", "D", "DEU", "D1", NULL};
	static const char *const sources[] = {"", "a\rb", "a\x7f", "a\xc2\x85", "a\r", "\xe2\x80\xa8", NULL};
	static const char *const labels[] = {"",
					     "a\nb",
					     "a\x7f",
					     "a\xc2\x85",
					     "\xe2\x80\xae"
					     "a",
					     "\xe2\x80\xa8",
					     "\xe2\x81\xa6"
					     "a",
					     LONG_64 LONG_64 LONG_64 "012345678",
					     NULL};
	static const char *const urls[] = {"", "a b", "\xc3\xbc", LONG_64 LONG_64 LONG_64 LONG_64, NULL};
	static const char *const kinds[] = {"", "data.nothing", "Data.submit", NULL};

	switch (type) {
	case EVENTS_UINT:
		if (n == 0 && field->min > 0)
			wire_put_uint(out, field->min - 1);
		else if (n == (field->min > 0 ? 1u : 0u) && field->max < UINT64_MAX)
			wire_put_uint(out, field->max + 1);
		else
			return false;
		return true;
	case EVENTS_CODE:
		return put_bad_code(out, field, n);
	case EVENTS_TOKEN:
	case EVENTS_STUDY:
	case EVENTS_ORGANISATION:
		return put_bad_text(out, n, tokens);
	case EVENTS_ACTOR:
		return put_bad_text(out, n, actors);
	case EVENTS_PARTY:
		return put_bad_text(out, n, parties);
	case EVENTS_COUNTRY:
		return put_bad_text(out, n, countries);
	case EVENTS_LABEL:
		return put_bad_text(out, n, labels);
	case EVENTS_SOURCE:
		return put_bad_text(out, n, sources);
	case EVENTS_URL:
		return put_bad_text(out, n, urls);
	case EVENTS_KIND:
		return put_bad_text(out, n, kinds);
	case EVENTS_ID:
	case EVENTS_HASH:
	case EVENTS_REFERENCE:
		put_zeros(out, n == 0 ? 31 : n == 1 ? 33 : 0);
		return n < 3;
	case EVENTS_CID:
		return put_bad_cid(out, n);
	case EVENTS_ITEM:
		return put_bad_item(out, n);
	case EVENTS_WHEN:
		return put_bad_when(out, n);
	case EVENTS_TIME:
		wire_put_uint(out, 253402300800000);
		return n == 0;
	case EVENTS_PUBLIC:
		return put_bad_public(out, field, n);
	case EVENTS_PROOF:
		put_zeros(out, n == 0 ? 0 : (size_t)field->max + 1);
		return n < 2;
	case EVENTS_LIST:
		return put_bad_list(out, field, n);
	case EVENTS_BOOL:
	case EVENTS_STRUCT:
	case EVENTS_BODY:
		break;
	}
	return false;
}

/* ---- Composing ---------------------------------------------------------- */

/* Counts a member or element; whether this is the one to change. */
static bool here(struct sample_change *change, const struct events_field *field)
{
	if (change == NULL || change->what == SAMPLE_NOTHING || change->seen++ != change->at)
		return false;
	change->field = field;
	return true;
}

/* A value, changed if it is the one. */
static void put_changed(struct base_buf *out, const struct events_field *field, enum events_type type,
			const struct events_kind *kind, struct sample_change *change, size_t variant, bool hit)
{
	struct base_buf bad = BASE_BUF_INIT;

	if (hit && change->what == SAMPLE_TYPE) {
		change->applied = change->must_fail = true;
		if (type == EVENTS_BOOL)
			wire_put_uint(out, 1);
		else
			wire_put_bool(out, false);
		return;
	}
	if (hit && change->what == SAMPLE_BAD && put_bad(&bad, field, type, change->bad)) {
		change->applied = change->must_fail = true;
		base_buf_append(out, base_buf_slice(&bad));
	} else {
		put_value(out, field, type, kind, change, variant);
	}
	base_buf_free(&bad);
}

static void put_list(struct base_buf *out, const struct events_field *field, const struct events_kind *kind,
		     struct sample_change *change)
{
	wire_put_array(out, 2);
	for (size_t i = 0; i < 2; i++) {
		bool hit = here(change, field);

		put_changed(out, field, field->element, kind, change, i, hit);
	}
}

static void put_struct(struct base_buf *out, const struct events_struct *of, const struct events_kind *kind,
		       struct sample_change *change, size_t variant)
{
	struct base_buf members = BASE_BUF_INIT;
	bool extra = false;
	uint64_t count = 0;

	for (size_t i = 0; i < of->count; i++) {
		const struct events_field *field = &of->fields[i];
		bool hit, leave_out;
		unsigned times = 1;

		if (of->at_most == 1 && i != variant % of->count)
			continue;
		hit = here(change, field);
		leave_out = hit && change->what == SAMPLE_MISSING;
		if (hit && !of->positional && change->what == SAMPLE_TWICE)
			times = 2;
		extra = extra || (hit && !of->positional && change->what == SAMPLE_EXTRA);
		if (hit && (leave_out || extra || times == 2))
			change->applied = true;
		if (leave_out)
			change->must_fail = !field->optional;
		if (leave_out && of->positional)
			wire_put_null(&members);
		if (leave_out)
			continue;
		for (unsigned n = 0; n < times; n++, count++) {
			if (!of->positional)
				wire_put_uint(&members, field->key);
			put_changed(&members, field, field->type, kind, change, variant, hit);
		}
		if (times == 2 || extra)
			change->must_fail = true;
	}
	if (extra) {
		wire_put_uint(&members, 200);
		wire_put_uint(&members, 1);
		count++;
	}
	if (count < of->at_least && change != NULL && change->applied)
		change->must_fail = true;
	if (of->positional)
		wire_put_array(out, of->count);
	else
		wire_put_map(out, count);
	base_buf_append(out, base_buf_slice(&members));
	base_buf_free(&members);
}

static void put_value(struct base_buf *out, const struct events_field *field, enum events_type type,
		      const struct events_kind *kind, struct sample_change *change, size_t variant)
{
	if (type == EVENTS_STRUCT)
		put_struct(out, field->of, kind, change, variant);
	else if (type == EVENTS_BODY)
		put_struct(out, &kind->body, kind, change, variant);
	else if (type == EVENTS_LIST)
		put_list(out, field, kind, change);
	else
		put_scalar(out, field, type, kind, variant);
}

void sample_struct(struct base_buf *out, const struct events_struct *of, const struct events_kind *kind,
		   struct sample_change *change)
{
	put_struct(out, of, kind, change, change == NULL ? 0 : change->variant);
}

size_t sample_variants(const struct events_kind *kind)
{
	size_t most = 1;

	for (size_t i = 0; i < kind->body.count; i++) {
		const struct events_field *field = &kind->body.fields[i];

		if (field->type == EVENTS_STRUCT && field->of->at_most == 1 && field->of->count > most)
			most = field->of->count;
	}
	return most;
}

/* ---- Events ------------------------------------------------------------- */

struct keys_private *sample_key(void)
{
	struct keys_private *key;
	uint8_t raw[32];

	for (unsigned i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(i + 1);
	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw, NULL), BASE_OK);
	return key;
}

struct keys_public sample_public(enum keys_purpose purpose)
{
	/* RFC 7748 §6.1, Alice's public key */
	static const uint8_t x25519[] = {0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
					 0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
					 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
	struct keys_public key = {.purpose = purpose, .alg = KEYS_X25519, .len = sizeof(x25519)};
	struct keys_private *private_key;

	memcpy(key.bytes, x25519, sizeof(x25519));
	if (purpose == KEYS_SIGN) {
		private_key = sample_key();
		key = *keys_private_public(private_key);
		keys_private_close(private_key);
	}
	return key;
}

const char *sample_subject(const struct events_kind *kind)
{
	return kind->needs_study ? SAMPLE_STUDY : SAMPLE_ORIGIN;
}

void sample_unsigned(struct base_buf *out, const struct events_kind *kind, struct base_slice payload)
{
	struct keys_public key = sample_public(KEYS_SIGN);
	struct base_hash kid = keys_kid(&key);
	struct base_buf header = BASE_BUF_INIT;
	uint8_t signature[64] = {0};

	wire_sign1_protected(&header, EVENTS_CONTENT_TYPE, base_hash_slice(&kid), base_slice_text(SAMPLE_ISSUER),
			     base_slice_text(sample_subject(kind)));
	wire_sign1_encode(out, base_buf_slice(&header), payload, base_slice(signature, sizeof(signature)));
	base_buf_free(&header);
}

struct events_envelope sample_envelope(const struct events_kind *kind, struct base_slice body)
{
	struct events_envelope envelope;

	memset(&envelope, 0, sizeof(envelope));
	envelope.ledger = filled(0x22);
	envelope.kind = kind;
	envelope.sequence = 7;
	envelope.claimed.ms = 1772355600000;
	envelope.when = (struct events_when){EVENTS_POINT, 1772353800000, true, 60};
	envelope.capacity.code = EVENTS_CAPACITY_OWN;
	envelope.meaning = EVENTS_MEANING_AUTHORED;
	envelope.has_reason = kind->needs_reason;
	envelope.reason = kind->needs_reason ? 1 : 0;
	envelope.body = body;
	return envelope;
}

void sample_event(struct base_buf *out, const struct events_kind *kind)
{
	struct base_buf payload = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct keys_private *key = sample_key();
	struct base_error err = {""};
	struct events_event event;

	sample_struct(&payload, &events_envelope_struct, kind, NULL);
	sample_unsigned(&bytes, kind, base_buf_slice(&payload));
	ck_assert_msg(events_decode(&event, base_buf_slice(&bytes), &err) == BASE_OK, "%s: %s", kind->name, err.text);
	ck_assert_msg(events_sign(out, &event.envelope, SAMPLE_ISSUER, sample_subject(kind), key, &err) == BASE_OK,
		      "%s: %s", kind->name, err.text);
	keys_private_close(key);
	base_buf_free(&payload);
	base_buf_free(&bytes);
}

void sample_document(struct base_buf *out, const struct events_event *event)
{
	static const char *const set_when_signed[] = {"id", "origin", "issuer", "key", "ledger", "sequence", "claimed"};
	struct base_buf line = BASE_BUF_INIT;
	json_t *json;
	char *text;

	events_to_json(&line, event);
	json = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(json);
	for (size_t i = 0; i < SCHEMA_COUNT(set_when_signed); i++)
		(void)json_object_del(json, set_when_signed[i]);
	text = json_dumps(json, JSON_INDENT(2));
	base_buf_append(out, base_slice_text(text));
	free(text);
	json_decref(json);
	base_buf_free(&line);
}
