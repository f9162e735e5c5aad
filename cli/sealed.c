/* What an event carries sealed beside its items, for who may open it: the list of names, the text of a reason. */
#include <string.h>

#include "cli/cli.h"

#define NAMES_BYTES_MAX (16u << 20)

struct reading {
	struct base_buf *out;
	size_t max;
};

static enum base_code take(void *arg, struct base_slice bytes, struct base_error *err)
{
	struct reading *reading = arg;

	if (bytes.len > reading->max - reading->out->len)
		return base_fail(err, BASE_LIMIT, "it is longer than %zu bytes", reading->max);
	base_buf_append(reading->out, bytes);
	return BASE_OK;
}

/* The organisation and study that a payload of this event was sealed for. */
static void context_of(struct cli_session *s, const struct events_event *event, struct payload_context *context, char study[65],
		       char organisation[65])
{
	const uint8_t *slash = memchr(event->cose.issuer.data, '/', event->cose.issuer.len);

	snprintf(study, 65, "%.*s", (int)event->cose.subject.len, (const char *)event->cose.subject.data);
	snprintf(organisation, 65, "%.*s", slash != NULL ? (int)(slash - event->cose.issuer.data) : 0,
		 (const char *)event->cose.issuer.data);
	*context = (struct payload_context){*chain_id(s->chain), study, organisation};
}

static enum base_code read_one(struct cli_session *s, const struct events_event *event, const struct wire_cid *cid,
			       const struct base_hash *commitment, size_t max, struct base_buf *out, struct base_error *err)
{
	struct reading reading = {out, max};
	struct payload_context context;
	char study[65], organisation[65];
	uint8_t key[32];
	enum base_code code;

	context_of(s, event, &context, study, organisation);
	out->len = 0;
	code = cli_unwrap(s, study, event, cli_sole_participant_of(event), cid, commitment, key, err);
	if (code == BASE_OK)
		code = payload_store_open_stream(s->payloads, cid, key, &context, take, &reading, err);
	base_wipe(key, sizeof(key));
	return code;
}

bool cli_sealed_at(const struct events_event *event, size_t index, struct wire_cid *cid, struct base_hash *commitment)
{
	struct base_slice bytes = {NULL, 0};
	struct base_error ignored;
	struct wire_reader r;
	uint64_t count;

	if (event->envelope.sealed.len == 0)
		return false;
	wire_read(&r, event->envelope.sealed);
	count = wire_get_array(&r);
	if (index >= count)
		return false;
	for (size_t i = 0; i <= index; i++) {
		wire_expect_array(&r, 2);
		bytes = wire_get_bytes(&r);
		*commitment = wire_get_hash(&r);
	}
	return !r.failed && wire_cid_parse(cid, bytes, &ignored) == BASE_OK;
}

json_t *cli_sealed_names(struct cli_session *s, const struct events_event *event)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_hash commitment;
	struct base_error ignored;
	struct wire_cid cid;
	json_t *names = NULL;

	for (size_t i = 0; names == NULL && cli_sealed_at(event, i, &cid, &commitment); i++) {
		const char *format;
		json_t *json;

		if (read_one(s, event, &cid, &commitment, NAMES_BYTES_MAX, &text, &ignored) != BASE_OK)
			continue;
		json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
		format = json_string_value(json_object_get(json, "format"));
		if (format != NULL && strcmp(format, "regesta-manifest@v1") == 0)
			names = json_incref(json_object_get(json, "files"));
		json_decref(json);
	}
	base_buf_wipe(&text);
	return names;
}

enum base_code cli_sealed_text(struct cli_session *s, const struct events_event *event, const struct wire_cid *wanted, size_t max,
			       struct base_buf *out, struct base_error *err)
{
	struct base_hash commitment;
	struct wire_cid cid;

	for (size_t i = 0; cli_sealed_at(event, i, &cid, &commitment); i++) {
		if (wire_cid_equal(&cid, wanted))
			return read_one(s, event, &cid, &commitment, max, out, err);
	}
	return base_fail(err, BASE_NOT_FOUND, "the event carries no such sealed payload");
}
