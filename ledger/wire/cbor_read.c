#include "ledger/wire/wire_internal.h"

#include <string.h>

void wire_read(struct wire_reader *r, struct base_slice bytes)
{
	*r = (struct wire_reader){.all = bytes};
}

static struct base_slice rest(const struct wire_reader *r)
{
	return wire_slice_from(r->all, r->at);
}

static void fail_at(struct wire_reader *r, const char *why, size_t at)
{
	if (r->failed)
		return;
	r->failed = true;
	r->why = why;
	r->why_at = at;
}

void wire_fail(struct wire_reader *r, const char *why)
{
	fail_at(r, why, r->at);
}

enum wire_type wire_peek(const struct wire_reader *r)
{
	struct wire_head head;

	if (r->failed)
		return WIRE_INVALID;
	if (r->at == r->all.len)
		return WIRE_END;
	wire_head_read(&head, rest(r), WIRE_STRICT);
	return head.type;
}

/* Takes the next head if it is of that type; else latches why_not. */
static bool take(struct wire_reader *r, struct wire_head *head, enum wire_type type, const char *why_not)
{
	if (r->failed)
		return false;
	wire_head_read(head, rest(r), WIRE_STRICT);
	if (head->why != NULL || head->type != type) {
		wire_fail(r, head->why != NULL ? head->why : why_not);
		return false;
	}
	r->at += head->len;
	return true;
}

static uint64_t take_value(struct wire_reader *r, enum wire_type type, const char *why_not)
{
	struct wire_head head;

	return take(r, &head, type, why_not) ? head.value : 0;
}

uint64_t wire_get_uint(struct wire_reader *r)
{
	return take_value(r, WIRE_UINT, "an unsigned integer is expected here");
}

uint64_t wire_get_nint(struct wire_reader *r)
{
	return take_value(r, WIRE_NINT, "a negative integer is expected here");
}

int64_t wire_get_int(struct wire_reader *r)
{
	struct wire_head head;

	if (r->failed)
		return 0;
	wire_head_read(&head, rest(r), WIRE_STRICT);
	if (head.why == NULL && head.type != WIRE_UINT && head.type != WIRE_NINT)
		head.why = BASE_WORDS("an integer is expected here");
	if (head.why == NULL && head.value > INT64_MAX)
		head.why = BASE_WORDS("an integer is beyond 64 bits with sign");
	if (head.why != NULL) {
		wire_fail(r, head.why);
		return 0;
	}
	r->at += head.len;
	return head.type == WIRE_UINT ? (int64_t)head.value : -1 - (int64_t)head.value;
}

struct base_slice wire_get_bytes(struct wire_reader *r)
{
	struct wire_head head;

	if (!take(r, &head, WIRE_BYTES, "a byte string is expected here"))
		return base_slice(NULL, 0);
	return base_slice(head.bytes, (size_t)head.value);
}

struct base_slice wire_get_text(struct wire_reader *r)
{
	size_t at = r->at;
	struct wire_head head;

	if (!take(r, &head, WIRE_TEXT, "a text is expected here"))
		return base_slice(NULL, 0);
	if (!base_utf8_valid(base_slice(head.bytes, (size_t)head.value))) {
		fail_at(r, "a text is not UTF-8", at);
		return base_slice(NULL, 0);
	}
	return base_slice(head.bytes, (size_t)head.value);
}

/* A count that the bytes left cannot hold is refused here, so that no caller
 * allocates or loops for it. */
static uint64_t take_count(struct wire_reader *r, enum wire_type type, size_t item_bytes_min, const char *why_not)
{
	size_t at = r->at;
	struct wire_head head;

	if (!take(r, &head, type, why_not))
		return 0;
	if (head.value > (r->all.len - r->at) / item_bytes_min) {
		fail_at(r, "a count is larger than the bytes that follow", at);
		return 0;
	}
	return head.value;
}

uint64_t wire_get_array(struct wire_reader *r)
{
	return take_count(r, WIRE_ARRAY, 1, "an array is expected here");
}

uint64_t wire_get_map(struct wire_reader *r)
{
	return take_count(r, WIRE_MAP, 2, "a map is expected here");
}

uint64_t wire_get_tag(struct wire_reader *r)
{
	return take_value(r, WIRE_TAG, "a tag is expected here");
}

bool wire_get_bool(struct wire_reader *r)
{
	return take_value(r, WIRE_BOOL, "true or false is expected here") != 0;
}

void wire_get_null(struct wire_reader *r)
{
	(void)take_value(r, WIRE_NULL, "null is expected here");
}

struct base_hash wire_get_hash(struct wire_reader *r)
{
	struct base_hash hash = {{0}};
	size_t at = r->at;
	struct base_slice bytes = wire_get_bytes(r);

	if (!r->failed && bytes.len != BASE_HASH_BYTES)
		fail_at(r, "a byte string of 32 bytes is expected here", at);
	if (!r->failed)
		memcpy(hash.bytes, bytes.data, BASE_HASH_BYTES);
	return hash;
}

struct base_slice wire_get_raw(struct wire_reader *r)
{
	struct wire_fault fault;
	struct base_slice raw;
	size_t end;

	if (r->failed)
		return base_slice(NULL, 0);
	if (!wire_item_walk(&end, &fault, r->all, r->at, WIRE_STRICT)) {
		fail_at(r, fault.why, fault.at);
		return base_slice(NULL, 0);
	}
	raw = base_slice(r->all.data + r->at, end - r->at);
	r->at = end;
	return raw;
}

void wire_expect_array(struct wire_reader *r, uint64_t count)
{
	size_t at = r->at;
	uint64_t got = wire_get_array(r);

	if (!r->failed && got != count)
		fail_at(r, "an array has the wrong number of items", at);
}

enum base_code wire_done(const struct wire_reader *r, const char *what, struct base_error *err)
{
	if (r->failed)
		return base_fail(err, BASE_MALFORMED, "%s at byte %zu of %zu: %s", base_message(what), r->why_at, r->all.len,
				 base_message(r->why));
	if (r->at != r->all.len)
		return base_fail(err, BASE_MALFORMED, "%s at byte %zu of %zu: something follows the end of the item", base_message(what),
				 r->at, r->all.len);
	return BASE_OK;
}
