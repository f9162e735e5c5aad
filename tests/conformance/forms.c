/* JSON forms of data models, written through wire and payload. */
#include <stdlib.h>
#include <string.h>

#include "ledger/payload/payload.h"
#include "tests/conformance/cbor.h"

#define TAG_CID 42

struct forms {
	enum cbor_form form;
	const char *why;
	bool narrower;
};

static bool cannot(struct forms *f, const char *why)
{
	if (f->why == NULL)
		f->why = why;
	return false;
}

/* ---- CBOR ----------------------------------------------------------------- */

static bool put_number(struct forms *f, struct base_buf *out, const struct json *json)
{
	struct base_slice text = base_buf_slice(&json->text);
	bool negative = text.len > 0 && text.data[0] == '-';
	uint64_t value;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '.' || text.data[i] == 'e' || text.data[i] == 'E') {
			f->narrower = true;
			return cannot(f, "a floating-point number");
		}
	}
	if (negative)
		text = base_slice(text.data + 1, text.len - 1);
	/* -2^64 is the only integer of CBOR whose magnitude does not fit. */
	if (negative && base_slice_equal(text, base_slice_text("18446744073709551616"))) {
		wire_put_nint(out, UINT64_MAX);
		return true;
	}
	if (!base_parse_u64(text, &value))
		return cannot(f, "an integer beyond 64 bits");
	if (negative && value > 0)
		wire_put_nint(out, value - 1);
	else
		wire_put_uint(out, value);
	return true;
}

static bool put_cid(struct forms *f, struct base_buf *out, const struct json *json)
{
	struct base_buf binary = BASE_BUF_INIT, tagged = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_cid_any cid;
	bool good =
		json_is(json, JSON_STRING) && wire_cid_any_parse_text(&cid, &binary, json_text(json), &err) == BASE_OK;

	base_buf_byte(&tagged, 0x00);
	base_buf_append(&tagged, base_buf_slice(&binary));
	if (good) {
		wire_put_tag(out, TAG_CID);
		wire_put_bytes(out, base_buf_slice(&tagged));
	}
	base_buf_free(&binary);
	base_buf_free(&tagged);
	return good || cannot(f, "a link that is no CID");
}

static bool put_base64(struct forms *f, struct base_buf *out, const struct json *json)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool good = json_base64(json, &bytes);

	if (good)
		wire_put_bytes(out, base_buf_slice(&bytes));
	base_buf_free(&bytes);
	return good || cannot(f, "bytes that are no base64");
}

static bool put_value(struct forms *f, struct base_buf *out, const struct json *json);

/* *special: the object stands for bytes or a CID; then the result is that of writing it. */
static bool put_special(struct forms *f, struct base_buf *out, const struct json *json, bool *special)
{
	const struct json *slash = json_get(json, "/"), *link = json_get(json, "$link"),
			  *bytes = json_get(json, "$bytes");

	*special = true;
	if (f->form == CBOR_ATPROTO && (link != NULL || bytes != NULL)) {
		if (json->count != 1)
			return cannot(f, "a link or bytes with other members");
		return link != NULL ? put_cid(f, out, link) : put_base64(f, out, bytes);
	}
	if (f->form == CBOR_DAG_JSON && slash != NULL && json->count == 1) {
		if (json_is(slash, JSON_OBJECT) && slash->count == 1 && json_get(slash, "bytes") != NULL)
			return put_base64(f, out, json_get(slash, "bytes"));
		return put_cid(f, out, slash);
	}
	*special = false;
	return true;
}

static bool put_object(struct forms *f, struct base_buf *out, const struct json *json)
{
	size_t at = out->len;
	bool special, good = put_special(f, out, json, &special);

	if (special)
		return good;
	wire_put_map(out, json->count);
	for (size_t i = 0; i < json->count; i++) {
		wire_put_text(out, base_buf_slice(&json->items[i].key));
		if (!put_value(f, out, &json->items[i]))
			return false;
	}
	return wire_sort_map(out, at) || cannot(f, "a member that occurs twice");
}

static bool put_value(struct forms *f, struct base_buf *out, const struct json *json)
{
	switch (json->type) {
	case JSON_NULL:
		wire_put_null(out);
		return true;
	case JSON_FALSE:
	case JSON_TRUE:
		wire_put_bool(out, json->type == JSON_TRUE);
		return true;
	case JSON_NUMBER:
		return put_number(f, out, json);
	case JSON_STRING:
		wire_put_text(out, json_text(json));
		return true;
	case JSON_ARRAY:
		wire_put_array(out, json->count);
		for (size_t i = 0; i < json->count; i++) {
			if (!put_value(f, out, &json->items[i]))
				return false;
		}
		return true;
	case JSON_OBJECT:
		break;
	}
	return put_object(f, out, json);
}

bool cbor_from_json(struct base_buf *out, const struct json *json, enum cbor_form form, const char **why,
		    bool *narrower)
{
	struct forms f = {.form = form};
	bool good = put_value(&f, out, json);

	*why = f.why;
	*narrower = f.narrower;
	return good;
}

/* ---- dag-pb --------------------------------------------------------------- */

static bool only_members(const struct json *object, const char *const *names)
{
	for (size_t i = 0; i < object->count; i++) {
		const char *const *at = names;

		while (*at != NULL && !base_slice_equal(base_buf_slice(&object->items[i].key), base_slice_text(*at)))
			at++;
		if (*at == NULL)
			return false;
	}
	return true;
}

/* Content of {"/": CID} or {"/": {"bytes": base64}}; NULL for another form. */
static const struct json *inside(const struct json *json, bool bytes)
{
	const struct json *slash = json_is(json, JSON_OBJECT) && json->count == 1 ? json_get(json, "/") : NULL;

	if (!bytes)
		return json_is(slash, JSON_STRING) ? slash : NULL;
	return json_is(slash, JSON_OBJECT) && slash->count == 1 ? json_get(slash, "bytes") : NULL;
}

/* cid: storage of this link alone, because links borrow from it. */
static const char *pb_link(struct payload_pb_link *out, struct base_buf *cid, const struct json *json)
{
	static const char *const names[] = {"Hash", "Name", "Tsize", NULL};
	const struct json *hash = inside(json_get(json, "Hash"), false), *name = json_get(json, "Name");
	const struct json *tsize = json_get(json, "Tsize");
	struct base_error err = {""};
	struct wire_cid_any any;

	*out = (struct payload_pb_link){.has_name = name != NULL, .has_tsize = tsize != NULL};
	if (!json_is(json, JSON_OBJECT) || !only_members(json, names))
		return "a link with other members";
	if (hash == NULL || wire_cid_any_parse_text(&any, cid, json_text(hash), &err) != BASE_OK)
		return "a link without a CID";
	if (name != NULL && !json_is(name, JSON_STRING))
		return "a link whose Name is no text";
	if (tsize != NULL && !json_u64(tsize, &out->tsize))
		return "a link whose Tsize is no number";
	out->cid = base_buf_slice(cid);
	out->name = json_text(name);
	return NULL;
}

enum base_code pb_from_json(struct base_buf *out, const struct json *json, struct base_error *err)
{
	static const char *const names[] = {"Data", "Links", NULL};
	const struct json *list = json_get(json, "Links"), *data_form = json_get(json, "Data");
	size_t count = json_is(list, JSON_ARRAY) ? list->count : 0;
	struct payload_pb_link *links = base_alloc((count + 1) * sizeof(*links));
	struct base_buf *cids = base_alloc((count + 1) * sizeof(*cids)), data = BASE_BUF_INIT;
	const char *why = NULL;
	enum base_code code;

	if (!json_is(json, JSON_OBJECT) || !only_members(json, names))
		why = "a node with other members";
	else if (!json_is(list, JSON_ARRAY))
		why = "Links that are no list";
	else if (data_form != NULL && (inside(data_form, true) == NULL || !json_base64(inside(data_form, true), &data)))
		why = "Data that are no bytes";
	for (size_t i = 0; i < count && why == NULL; i++)
		why = pb_link(&links[i], &cids[i], &list->items[i]);
	if (why != NULL)
		code = base_fail(err, BASE_MALFORMED, "%s", why);
	else
		code = payload_pb_encode(out, links, count, base_buf_slice(&data), data_form != NULL, err);
	for (size_t i = 0; i < count; i++)
		base_buf_free(&cids[i]);
	base_buf_free(&data);
	free(cids);
	free(links);
	return code;
}
