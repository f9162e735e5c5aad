#include "tests/payload/pb_form.h"

#include <stdlib.h>
#include <string.h>

/* {"/": {"bytes": base64 without padding}} */
static bool form_bytes(struct base_buf *out, const json_t *form)
{
	const json_t *inner = json_object_get(form, "/"), *text = json_object_get(inner, "bytes");
	struct base_buf padded = BASE_BUF_INIT;
	bool good;

	if (json_object_size(form) != 1 || json_object_size(inner) != 1 || !json_is_string(text))
		return false;
	base_buf_append(&padded, base_slice(json_string_value(text), json_string_length(text)));
	while (padded.len % 4 != 0)
		base_buf_byte(&padded, '=');
	good = base_unbase64(out, base_buf_slice(&padded));
	base_buf_free(&padded);
	return good;
}

/* {"/": CID}; the binary CID is appended. */
static bool form_cid(struct base_buf *out, const json_t *form)
{
	const json_t *text = json_object_get(form, "/");
	struct wire_cid_any cid;

	return json_object_size(form) == 1 && json_is_string(text) &&
	       wire_cid_any_parse_text(&cid, out, base_slice(json_string_value(text), json_string_length(text)),
				       NULL) == BASE_OK;
}

static bool only_keys(const json_t *form, const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)form, key, value)
	{
		const char *const *at = keys;

		while (*at != NULL && strcmp(*at, key) != 0)
			at++;
		if (*at == NULL)
			return false;
	}
	return true;
}

/* cids is not moved while links borrow from it: each link has its own. */
static const char *form_link(struct payload_pb_link *out, struct base_buf *cid, const json_t *form)
{
	static const char *const keys[] = {"Hash", "Name", "Tsize", NULL};
	const json_t *hash = json_object_get(form, "Hash"), *name = json_object_get(form, "Name");
	const json_t *tsize = json_object_get(form, "Tsize");

	memset(out, 0, sizeof(*out));
	if (!json_is_object(form) || !only_keys(form, keys))
		return "a link with other properties";
	if (hash == NULL || !form_cid(cid, hash))
		return "a link whose Hash is no CID";
	out->cid = base_buf_slice(cid);
	if (name != NULL) {
		if (!json_is_string(name))
			return "a link whose Name is no text";
		out->has_name = true;
		out->name = base_slice(json_string_value(name), json_string_length(name));
	}
	if (tsize != NULL) {
		if (!json_is_integer(tsize) || json_integer_value(tsize) < 0)
			return "a link whose Tsize is no number";
		out->has_tsize = true;
		out->tsize = (uint64_t)json_integer_value(tsize);
	}
	return NULL;
}

enum base_code pb_form_encode(struct base_buf *out, const json_t *form, struct base_error *err)
{
	static const char *const keys[] = {"Data", "Links", NULL};
	const json_t *data_form = json_object_get(form, "Data"), *list = json_object_get(form, "Links");
	size_t count = json_array_size(list);
	struct payload_pb_link *links = base_alloc((count + 1) * sizeof(*links));
	struct base_buf *cids = base_alloc((count + 1) * sizeof(*cids)), data = BASE_BUF_INIT;
	const char *why = NULL;
	enum base_code code;

	if (!json_is_object(form) || !only_keys(form, keys))
		why = "a node with other properties";
	else if (!json_is_array(list))
		why = "Links that are no list";
	else if (data_form != NULL && !form_bytes(&data, data_form))
		why = "Data that are no bytes";
	for (size_t i = 0; i < count && why == NULL; i++)
		why = form_link(&links[i], &cids[i], json_array_get(list, i));
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
