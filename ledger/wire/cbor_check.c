/* One whole item, checked without recursion: hostile nesting meets a limit, not the stack. */
#include "ledger/wire/wire_internal.h"

#include <string.h>

/* An array, map or tag whose children are being read. */
struct frame {
	uint64_t left;          /* items; of a map, pairs */
	bool map;
	bool bignum;            /* tag 2 or 3: of an integer beyond 64 bits */
	bool value_next;        /* map: the key has been read */
	size_t key_at;          /* map: where the key now read begins */
	struct base_slice last; /* map: the key before it; data NULL at first */
};

struct walk {
	struct base_slice bytes;
	size_t at;
	size_t depth;
	enum wire_rules rules;
	struct frame frames[WIRE_DEPTH_MAX];
};

static const char *key_order(struct frame *frame, struct base_slice key, enum wire_rules rules)
{
	/* Mostly the first byte decides. */
	if (rules == WIRE_STRICT && frame->last.data != NULL && frame->last.data[0] >= key.data[0]) {
		int order = base_slice_compare(frame->last, key);

		if (order == 0)
			return BASE_WORDS("a map has the same key twice");
		if (order > 0)
			return BASE_WORDS("map keys are not in ascending order");
	}
	frame->last = key;
	return NULL;
}

/* An item has ended: tells the frames above it, and leaves those that are now full. */
static const char *item_end(struct walk *walk, size_t *fault_at)
{
	const char *why;

	while (walk->depth > 0) {
		struct frame *frame = &walk->frames[walk->depth - 1];

		if (frame->map && !frame->value_next) {
			*fault_at = frame->key_at;
			why = key_order(frame, base_slice(walk->bytes.data + frame->key_at, walk->at - frame->key_at),
					walk->rules);
			frame->value_next = true;
			return why;
		}
		frame->value_next = false;
		frame->key_at = walk->at;
		if (--frame->left > 0)
			return NULL;
		walk->depth--;
	}
	return NULL;
}

static const char *frame_enter(struct walk *walk, const struct wire_head *head, size_t *fault_at)
{
	size_t left = walk->bytes.len - walk->at;
	uint64_t least = head->type == WIRE_MAP ? left / 2 : left; /* every item has a byte */
	struct frame *frame;

	if (walk->depth == WIRE_DEPTH_MAX)
		return BASE_WORDS("nested too deeply");
	if (head->type != WIRE_TAG && head->value > least)
		return BASE_WORDS("a count is larger than the bytes that follow");
	if (head->type != WIRE_TAG && head->value == 0)
		return item_end(walk, fault_at);
	frame = &walk->frames[walk->depth++];
	frame->left = head->type == WIRE_TAG ? 1 : head->value;
	frame->map = head->type == WIRE_MAP;
	frame->bignum = head->type == WIRE_TAG && (head->value == 2 || head->value == 3);
	frame->value_next = false;
	frame->key_at = walk->at;
	frame->last = base_slice(NULL, 0);
	return NULL;
}

/* RFC 8949 §3.4.3: what fits major type 0 or 1 is written so, and no leading zero. */
static const char *bignum_check(const struct walk *walk, const struct wire_head *head)
{
	if (walk->depth == 0 || !walk->frames[walk->depth - 1].bignum || walk->rules == WIRE_LAX)
		return NULL;
	if (head->type != WIRE_BYTES)
		return BASE_WORDS("a big integer (tag 2 or 3) is not a byte string");
	if (head->value <= 8 || head->bytes[0] == 0)
		return BASE_WORDS("a big integer (tag 2 or 3) is not in its shortest form");
	return NULL;
}

bool wire_item_walk(size_t *end, struct wire_fault *fault, struct base_slice bytes, size_t at, enum wire_rules rules)
{
	struct walk walk;
	struct wire_head head;

	walk.bytes = bytes;
	walk.at = at;
	walk.depth = 0;
	walk.rules = rules;
	do {
		fault->at = walk.at;
		wire_head_read(&head, wire_slice_from(bytes, walk.at), rules);
		if ((fault->why = head.why) != NULL)
			return false;
		if (head.type == WIRE_TEXT && !base_utf8_valid(base_slice(head.bytes, (size_t)head.value))) {
			fault->why = BASE_WORDS("a text is not UTF-8");
			return false;
		}
		if ((fault->why = bignum_check(&walk, &head)) != NULL)
			return false;
		walk.at += head.len;
		if (head.type == WIRE_TAG || head.type == WIRE_ARRAY || head.type == WIRE_MAP)
			fault->why = frame_enter(&walk, &head, &fault->at);
		else
			fault->why = item_end(&walk, &fault->at);
		if (fault->why != NULL)
			return false;
	} while (walk.depth > 0);
	*end = walk.at;
	return true;
}

enum base_code wire_check_first(struct base_slice bytes, size_t *len, struct base_error *err)
{
	struct wire_fault fault;

	if (!wire_item_walk(len, &fault, bytes, 0, WIRE_STRICT))
		return base_fail(err, BASE_MALFORMED, "CBOR at byte %zu of %zu: %s", fault.at, bytes.len, base_message(fault.why));
	return BASE_OK;
}

enum base_code wire_check(struct base_slice bytes, struct base_error *err)
{
	size_t len = 0;
	enum base_code code = wire_check_first(bytes, &len, err);

	if (code == BASE_OK && len != bytes.len)
		code = base_fail(err, BASE_MALFORMED, "CBOR at byte %zu of %zu: something follows the end of the item", len,
				 bytes.len);
	return code;
}
