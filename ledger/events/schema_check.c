/* One strict walk over a value along its declaration: docs/formats/event.md §4. */
#include "ledger/events/schema.h"

static enum base_code check_value(struct schema_check *check, const struct events_path *at,
				  const struct events_field *field, enum events_type type, struct wire_reader *r);

/* The reader's own first failure, at its place in the value. */
static enum base_code reader_ok(struct schema_check *check, const struct events_path *at, const struct wire_reader *r)
{
	if (!r->failed)
		return BASE_OK;
	return schema_fail(at, check->err, BASE_MALFORMED, "%s", base_message(r->why));
}

static enum base_code check_uint(struct schema_check *check, const struct events_path *at,
				 const struct events_field *field, struct wire_reader *r)
{
	uint64_t v = wire_get_uint(r);

	if (r->failed)
		return reader_ok(check, at, r);
	if (v < field->min || v > field->max)
		return schema_fail(at, check->err, BASE_MALFORMED, "%llu is outside %llu to %llu",
				   (unsigned long long)v, (unsigned long long)field->min,
				   (unsigned long long)field->max);
	return BASE_OK;
}

static enum base_code check_code(struct schema_check *check, const struct events_path *at,
				 const struct events_field *field, uint64_t *number, struct wire_reader *r)
{
	*number = wire_get_uint(r);
	if (r->failed)
		return reader_ok(check, at, r);
	if (events_code_by_number(field->codes, *number) == NULL)
		return schema_fail(at, check->err, BASE_MALFORMED, "unknown code %llu", (unsigned long long)*number);
	return BASE_OK;
}

static enum base_code check_text(struct schema_check *check, const struct events_path *at,
				 const struct events_field *field, enum events_type type, struct wire_reader *r)
{
	struct base_slice text = wire_get_text(r);

	if (r->failed)
		return reader_ok(check, at, r);
	if (type == EVENTS_KIND) {
		check->kind = events_kind_by_name(text);
		if (check->kind == NULL)
			return schema_fail(at, check->err, BASE_MALFORMED, "a kind that this version does not know");
		return BASE_OK;
	}
	if ((type == EVENTS_LABEL || type == EVENTS_SOURCE) && text.len > field->max)
		return schema_fail(at, check->err, BASE_LIMIT, "%zu bytes; at most %llu", text.len,
				   (unsigned long long)field->max);
	if (!events_text_valid(type, text))
		return schema_fail(at, check->err, BASE_MALFORMED, "not %s", base_message(schema_type_name(type)));
	return BASE_OK;
}

static enum base_code check_bytes(struct schema_check *check, const struct events_path *at,
				  const struct events_field *field, enum events_type type, struct wire_reader *r)
{
	struct base_slice bytes = wire_get_bytes(r);
	struct wire_cid cid;

	if (r->failed)
		return reader_ok(check, at, r);
	if (type == EVENTS_CID)
		return schema_wrap(at, check->err, wire_cid_parse(&cid, bytes, check->err));
	if (type == EVENTS_PROOF && bytes.len > field->max)
		return schema_fail(at, check->err, BASE_LIMIT, "%zu bytes; at most %llu", bytes.len,
				   (unsigned long long)field->max);
	if (type == EVENTS_PROOF ? bytes.len < field->min : bytes.len != BASE_HASH_BYTES)
		return schema_fail(at, check->err, BASE_MALFORMED, "%zu bytes, not %llu", bytes.len,
				   type == EVENTS_PROOF ? (unsigned long long)field->min : BASE_HASH_BYTES);
	return BASE_OK;
}

static enum base_code check_item(struct schema_check *check, const struct events_path *at, struct wire_reader *r)
{
	struct events_item_id item = events_item_id_read(r);

	if (r->failed)
		return reader_ok(check, at, r);
	if (item.index >= EVENTS_ITEMS_MAX)
		return schema_fail(at, check->err, BASE_MALFORMED, "item %llu; the last of an event is %d",
				   (unsigned long long)item.index, EVENTS_ITEMS_MAX - 1);
	return BASE_OK;
}

static enum base_code check_when(struct schema_check *check, const struct events_path *at,
				 const struct events_field *field, struct wire_reader *r)
{
	struct events_when when = events_when_read(r);
	const char *why = r->failed ? r->why : schema_when_problem(&when);

	if (why == NULL && when.precision < field->min)
		why = field->min == EVENTS_MONTH ? BASE_WORDS("finer than a month, which is all that may be said here")
						 : BASE_WORDS("finer than a day, which is all that may be said here");
	return why == NULL ? BASE_OK : schema_fail(at, check->err, BASE_MALFORMED, "%s", base_message(why));
}

static enum base_code check_time(struct schema_check *check, const struct events_path *at, struct wire_reader *r)
{
	struct events_when when = {EVENTS_POINT, wire_get_uint(r), false, 0};
	const char *why = r->failed ? r->why : schema_when_problem(&when);

	return why == NULL ? BASE_OK : schema_fail(at, check->err, BASE_MALFORMED, "%s", base_message(why));
}

static enum base_code check_public(struct schema_check *check, const struct events_path *at,
				   const struct events_field *field, struct wire_reader *r)
{
	struct base_slice raw = wire_get_raw(r);
	struct keys_public key;
	enum base_code code;

	if (r->failed)
		return reader_ok(check, at, r);
	if ((code = keys_public_parse(&key, raw, check->err)) != BASE_OK)
		return schema_wrap(at, check->err, code);
	if (key.purpose != field->min)
		return schema_fail(at, check->err, BASE_MALFORMED, "a %s key; a %s key is wanted",
				   keys_purpose_name(key.purpose), keys_purpose_name((enum keys_purpose)field->min));
	return BASE_OK;
}

/* Codes stand in ascending order, so that one set has one encoding. */
static enum base_code check_list(struct schema_check *check, const struct events_path *at,
				 const struct events_field *field, struct wire_reader *r)
{
	uint64_t count = wire_get_array(r), number = 0, before = 0;
	enum base_code code;

	if (r->failed)
		return reader_ok(check, at, r);
	if (count > field->max)
		return schema_fail(at, check->err, BASE_LIMIT, "%llu elements; at most %llu", (unsigned long long)count,
				   (unsigned long long)field->max);
	if (count < field->min)
		return schema_fail(at, check->err, BASE_MALFORMED, "%llu elements; at least %llu",
				   (unsigned long long)count, (unsigned long long)field->min);
	for (uint64_t i = 0; i < count; i++) {
		const struct events_path here = {at, NULL, (size_t)i};

		if (field->element != EVENTS_CODE) {
			code = check_value(check, &here, field, field->element, r);
		} else {
			code = check_code(check, &here, field, &number, r);
			if (code == BASE_OK && i > 0 && number <= before)
				code = schema_fail(&here, check->err, BASE_MALFORMED,
						   "codes stand in ascending order, each once");
			before = number;
		}
		if (code != BASE_OK)
			return code;
	}
	return BASE_OK;
}

static enum base_code check_body(struct schema_check *check, const struct events_path *at, struct wire_reader *r)
{
	const struct events_path root = {NULL, check->kind == NULL ? "" : check->kind->name, 0};

	if (check->kind == NULL)
		return schema_fail(at, check->err, BASE_MALFORMED, "stands before the kind");
	return schema_check_struct(check, &root, &check->kind->body, r);
}

static enum base_code check_value(struct schema_check *check, const struct events_path *at,
				  const struct events_field *field, enum events_type type, struct wire_reader *r)
{
	uint64_t number;

	switch (type) {
	case EVENTS_UINT:
		return check_uint(check, at, field, r);
	case EVENTS_BOOL:
		(void)wire_get_bool(r);
		return reader_ok(check, at, r);
	case EVENTS_CODE:
		return check_code(check, at, field, &number, r);
	case EVENTS_TOKEN:
	case EVENTS_STUDY:
	case EVENTS_ORGANISATION:
	case EVENTS_ACTOR:
	case EVENTS_COUNTRY:
	case EVENTS_LABEL:
	case EVENTS_SOURCE:
	case EVENTS_URL:
	case EVENTS_PARTY:
	case EVENTS_KIND:
		return check_text(check, at, field, type, r);
	case EVENTS_ID:
	case EVENTS_HASH:
	case EVENTS_REFERENCE:
	case EVENTS_CID:
	case EVENTS_PROOF:
		return check_bytes(check, at, field, type, r);
	case EVENTS_ITEM:
		return check_item(check, at, r);
	case EVENTS_WHEN:
		return check_when(check, at, field, r);
	case EVENTS_TIME:
		return check_time(check, at, r);
	case EVENTS_PUBLIC:
		return check_public(check, at, field, r);
	case EVENTS_STRUCT:
		return schema_check_struct(check, at, field->of, r);
	case EVENTS_LIST:
		return check_list(check, at, field, r);
	case EVENTS_BODY:
		return check_body(check, at, r);
	}
	return schema_fail(at, check->err, BASE_MALFORMED, "of no known type");
}

static enum base_code missing(struct schema_check *check, const struct events_path *at,
			      const struct events_field *field)
{
	const struct events_path here = {at, field->name, 0};

	return schema_fail(&here, check->err, BASE_MALFORMED, "missing");
}

static enum base_code check_tuple(struct schema_check *check, const struct events_path *at,
				  const struct events_struct *of, struct wire_reader *r)
{
	enum base_code code;

	wire_expect_array(r, of->count);
	if (r->failed)
		return reader_ok(check, at, r);
	for (size_t i = 0; i < of->count; i++) {
		const struct events_path here = {at, of->fields[i].name, 0};

		if (wire_peek(r) == WIRE_NULL) {
			if (!of->fields[i].optional)
				return missing(check, at, &of->fields[i]);
			wire_get_null(r);
			continue;
		}
		if ((code = check_value(check, &here, &of->fields[i], of->fields[i].type, r)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}

static enum base_code check_count(struct schema_check *check, const struct events_path *at,
				  const struct events_struct *of, uint64_t members)
{
	if (members < of->at_least)
		return schema_fail(at, check->err, BASE_MALFORMED, "says nothing; it needs %s of its members",
				   base_message(of->at_most == of->at_least ? BASE_WORDS("exactly one") : BASE_WORDS("at least one")));
	if (of->at_most > 0 && members > of->at_most)
		return schema_fail(at, check->err, BASE_MALFORMED, "%llu members; at most %u",
				   (unsigned long long)members, (unsigned)of->at_most);
	return BASE_OK;
}

enum base_code schema_check_struct(struct schema_check *check, const struct events_path *at,
				   const struct events_struct *of, struct wire_reader *r)
{
	const struct events_field *next = of->fields, *end = of->count == 0 ? next : next + of->count;
	uint64_t members;
	enum base_code code;

	if (of->positional)
		return check_tuple(check, at, of, r);
	members = wire_get_map(r);
	if (r->failed)
		return reader_ok(check, at, r);
	for (uint64_t i = 0; i < members; i++) {
		uint64_t key = wire_get_uint(r);

		if (r->failed)
			return reader_ok(check, at, r);
		for (; next != end && next->key < key; next++)
			if (!next->optional)
				return missing(check, at, next);
		if (next == end || next->key != key)
			return schema_fail(at, check->err, BASE_MALFORMED, "member %llu %s", (unsigned long long)key,
					   base_message(schema_field_by_key(of, key) == NULL ? BASE_WORDS("is unknown")
										: BASE_WORDS("is repeated or out of order")));
		{
			const struct events_path here = {at, next->name, 0};

			if ((code = check_value(check, &here, next, next->type, r)) != BASE_OK)
				return code;
		}
		next++;
	}
	for (; next != end; next++)
		if (!next->optional)
			return missing(check, at, next);
	return check_count(check, at, of, members);
}

enum base_code schema_check_bytes(const struct events_path *at, const struct events_struct *of, struct base_slice bytes,
				  struct base_error *err)
{
	struct schema_check check = {err, NULL};
	struct wire_reader r;
	enum base_code code;

	wire_read(&r, bytes);
	if ((code = schema_check_struct(&check, at, of, &r)) != BASE_OK)
		return code;
	if (r.at != bytes.len)
		return schema_fail(at, err, BASE_MALFORMED, "%zu bytes follow its end", bytes.len - r.at);
	return BASE_OK;
}
