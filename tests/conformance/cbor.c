#include "tests/conformance/cbor.h"

#include <string.h>

#define DEPTH_MAX 200

/* ---- Looking -------------------------------------------------------------- */

struct look {
	struct base_slice bytes;
	size_t at;
	struct cbor_facts facts;
};

/* Head of an item: major type, argument, additional information. False if cut or reserved. */
static bool head(struct look *l, unsigned *major, unsigned *info, uint64_t *value)
{
	size_t more;

	if (l->at >= l->bytes.len)
		return false;
	*major = l->bytes.data[l->at] >> 5;
	*info = l->bytes.data[l->at] & 31;
	*value = *info;
	l->at++;
	if (*info < 24 || *info == 31)
		return true;
	if (*info > 27)
		return false;
	more = (size_t)1 << (*info - 24);
	if (l->bytes.len - l->at < more)
		return false;
	*value = 0;
	while (more-- > 0)
		*value = *value << 8 | l->bytes.data[l->at++];
	return true;
}

static bool look_item(struct look *l, unsigned depth);

/* Chunks of a string of indefinite length, up to the break. */
static bool look_chunks(struct look *l, unsigned of)
{
	unsigned major, info;
	uint64_t value;

	for (;;) {
		if (!head(l, &major, &info, &value))
			return false;
		if (major == 7 && info == 31)
			return true;
		if (major != of || info == 31 || value > l->bytes.len - l->at)
			return false;
		l->at += (size_t)value;
	}
}

static bool look_until_break(struct look *l, bool pairs, unsigned depth)
{
	for (;;) {
		if (l->at < l->bytes.len && l->bytes.data[l->at] == 0xff) {
			l->at++;
			return true;
		}
		if (!look_item(l, depth) || (pairs && !look_item(l, depth)))
			return false;
	}
}

static bool look_simple(struct look *l, unsigned info, uint64_t value)
{
	if (info == 31)
		return false; /* a break with nothing to break off */
	if (info == 24 && value < 32)
		return false;
	if (info >= 24 || value < 20 || value == 23)
		l->facts.narrower = true;
	return true;
}

static bool look_item(struct look *l, unsigned depth)
{
	unsigned major, info;
	uint64_t value;

	if (!head(l, &major, &info, &value) || depth > DEPTH_MAX)
		return false;
	if (major == 7)
		return look_simple(l, info, value);
	if (major < 2)
		return info != 31;
	if (major < 4) {
		if (info == 31)
			return look_chunks(l, major);
		if (value > l->bytes.len - l->at)
			return false;
		l->at += (size_t)value;
		return true;
	}
	if (l->facts.depth < depth + 1)
		l->facts.depth = depth + 1;
	if (major == 6)
		return info != 31 && look_item(l, depth + 1);
	if (info == 31)
		return look_until_break(l, major == 5, depth + 1);
	for (uint64_t i = 0; i < value; i++) {
		if (!look_item(l, depth + 1) || (major == 5 && !look_item(l, depth + 1)))
			return false;
	}
	return true;
}

struct cbor_facts cbor_look(struct base_slice bytes)
{
	struct look l = {.bytes = bytes};

	l.facts.well_formed = look_item(&l, 0) && l.at == bytes.len;
	return l.facts;
}

/* ---- There and back ------------------------------------------------------- */

/* One item from wire's reader to wire's writer. */
static void copy(struct wire_reader *r, struct base_buf *out)
{
	enum wire_type type = wire_peek(r);
	uint64_t count = 0;

	switch (type) {
	case WIRE_UINT:
		wire_put_uint(out, wire_get_uint(r));
		return;
	case WIRE_NINT:
		wire_put_nint(out, wire_get_nint(r));
		return;
	case WIRE_BYTES:
		wire_put_bytes(out, wire_get_bytes(r));
		return;
	case WIRE_TEXT:
		wire_put_text(out, wire_get_text(r));
		return;
	case WIRE_BOOL:
		wire_put_bool(out, wire_get_bool(r));
		return;
	case WIRE_NULL:
		wire_get_null(r);
		wire_put_null(out);
		return;
	case WIRE_TAG:
		wire_put_tag(out, wire_get_tag(r));
		count = 1;
		break;
	case WIRE_ARRAY:
		count = wire_get_array(r);
		wire_put_array(out, count);
		break;
	case WIRE_MAP:
		count = wire_get_map(r);
		wire_put_map(out, count);
		count *= 2; /* wire_check has seen that there are so many */
		break;
	case WIRE_END:
	case WIRE_INVALID:
		wire_fail(r, "an item that wire_check accepted cannot be read");
		return;
	}
	while (count-- > 0 && !r->failed)
		copy(r, out);
}

const char *cbor_round_trip(struct base_slice bytes, bool *refused)
{
	struct base_buf again = BASE_BUF_INIT;
	const char *why = NULL;
	struct wire_reader r;

	*refused = wire_check(bytes, NULL) != BASE_OK;
	if (*refused)
		return "wire refuses it";
	wire_read(&r, bytes);
	copy(&r, &again);
	if (wire_done(&r, "item", NULL) != BASE_OK)
		why = "wire_check accepts it, but it cannot be read";
	else if (!base_slice_equal(base_buf_slice(&again), bytes))
		why = "written again it is not the same";
	base_buf_free(&again);
	return why;
}
