#include "ledger/wire/wire_internal.h"

#include <stdlib.h>
#include <string.h>

/* Major types, RFC 8949 §3.1, in the place where a first byte has them. */
enum major {
	MAJOR_UINT = 0x00,
	MAJOR_NINT = 0x20,
	MAJOR_BYTES = 0x40,
	MAJOR_TEXT = 0x60,
	MAJOR_ARRAY = 0x80,
	MAJOR_MAP = 0xa0,
	MAJOR_TAG = 0xc0,
};

static void put_head(struct base_buf *out, enum major major, uint64_t value)
{
	uint8_t head[9];
	size_t len = wire_head_bytes(value);

	base_put_u64be(head + 1, value);
	switch (len) {
	case 1:
		base_buf_byte(out, (uint8_t)(major | value));
		return;
	case 2:
		head[8 - 1] = (uint8_t)(major | 24);
		break;
	case 3:
		head[8 - 2] = (uint8_t)(major | 25);
		break;
	case 5:
		head[8 - 4] = (uint8_t)(major | 26);
		break;
	default:
		head[8 - 8] = (uint8_t)(major | 27);
		break;
	}
	base_buf_append(out, base_slice(head + sizeof(head) - len, len));
}

void wire_put_uint(struct base_buf *out, uint64_t v)
{
	put_head(out, MAJOR_UINT, v);
}

void wire_put_nint(struct base_buf *out, uint64_t n)
{
	put_head(out, MAJOR_NINT, n);
}

void wire_put_int(struct base_buf *out, int64_t v)
{
	if (v >= 0)
		put_head(out, MAJOR_UINT, (uint64_t)v);
	else
		put_head(out, MAJOR_NINT, (uint64_t)(-1 - v));
}

void wire_put_bytes(struct base_buf *out, struct base_slice v)
{
	put_head(out, MAJOR_BYTES, v.len);
	base_buf_append(out, v);
}

void wire_put_text(struct base_buf *out, struct base_slice v)
{
	BASE_ASSERT(base_utf8_valid(v));
	put_head(out, MAJOR_TEXT, v.len);
	base_buf_append(out, v);
}

void wire_put_cstr(struct base_buf *out, const char *v)
{
	wire_put_text(out, base_slice_text(v));
}

void wire_put_array(struct base_buf *out, uint64_t count)
{
	put_head(out, MAJOR_ARRAY, count);
}

void wire_put_map(struct base_buf *out, uint64_t pairs)
{
	put_head(out, MAJOR_MAP, pairs);
}

void wire_put_tag(struct base_buf *out, uint64_t tag)
{
	put_head(out, MAJOR_TAG, tag);
}

void wire_put_bool(struct base_buf *out, bool v)
{
	base_buf_byte(out, v ? 0xf5 : 0xf4);
}

void wire_put_null(struct base_buf *out)
{
	base_buf_byte(out, 0xf6);
}

void wire_put_hash(struct base_buf *out, const struct base_hash *v)
{
	wire_put_bytes(out, base_hash_slice(v));
}

struct pair {
	struct base_slice key;
	struct base_slice both;
};

static int pair_compare(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;

	return base_slice_compare(left->key, right->key);
}

bool wire_sort_map(struct base_buf *buf, size_t map_at)
{
	struct base_buf sorted = BASE_BUF_INIT;
	struct base_slice map;
	struct wire_reader r;
	struct pair *pairs;
	size_t count, head_len;
	bool unique = true;

	BASE_ASSERT(map_at < buf->len);
	map = base_slice(buf->data + map_at, buf->len - map_at);
	wire_read(&r, map);
	count = (size_t)wire_get_map(&r);
	head_len = r.at;
	pairs = base_alloc(count * sizeof(*pairs));
	for (size_t i = 0; i < count; i++) {
		pairs[i].key = wire_get_raw(&r);
		pairs[i].both = base_slice(pairs[i].key.data, pairs[i].key.len + wire_get_raw(&r).len);
	}
	BASE_ASSERT(wire_done(&r, "map", NULL) == BASE_OK);
	qsort(pairs, count, sizeof(*pairs), pair_compare);
	for (size_t i = 0; i < count; i++) {
		unique = unique && (i == 0 || !base_slice_equal(pairs[i - 1].key, pairs[i].key));
		base_buf_append(&sorted, pairs[i].both);
	}
	if (sorted.len > 0)
		memcpy(buf->data + map_at + head_len, sorted.data, sorted.len);
	free(pairs);
	base_buf_free(&sorted);
	return unique;
}
