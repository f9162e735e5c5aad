/* What an event carries sealed beside its items, for who may open it: the list of names, the text of a reason, an actor's printed name. */
#include <stdlib.h>
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
	/* What belongs to no study was sealed for none. */
	*context = (struct payload_context){*chain_id(s->chain), event->envelope.kind->needs_study ? study : NULL, organisation};
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
	code = cli_unwrap(s, context.study, event, cli_sole_participant_of(event), cid, commitment, key, err);
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

/* ---- Printed names ---- */

#define PRINTED_NAME "regesta-name@v1"

enum base_code cli_printed_name_seal(struct cli_session *s, struct cli_draft *draft, struct base_error *err)
{
	const char *name = cli_get(s->cli, "printed-name");
	struct cli_sealed sealed;
	enum base_code code;
	json_t *json;
	char *text;

	if (name == NULL)
		return BASE_OK;
	if (name[0] == '\0' || strlen(name) > CLI_PRINTED_NAME_BYTES_MAX || strpbrk(name, "\t\n\r") != NULL)
		return base_fail(err, BASE_USAGE, "--printed-name: a name has 1 to %d bytes in one line", CLI_PRINTED_NAME_BYTES_MAX);
	if ((json = json_pack("{s:s, s:s}", "format", PRINTED_NAME, "name", name)) == NULL)
		return base_fail(err, BASE_USAGE, "--printed-name is not UTF-8");
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(json);
	code = cli_seal_bytes(s, draft->study, base_slice(NULL, 0), base_slice_text(text), &sealed, err);
	base_wipe(text, strlen(text));
	free(text);
	if (code == BASE_OK)
		cli_draft_sealed(draft, &sealed);
	return base_wrap(err, code, "--printed-name");
}

/* The organisation's own word for its actor, by an enrolment or assignment that was recorded. */
static bool names_actor(const struct chain_entry *entry, const struct events_event *event, const char *actor)
{
	size_t organisation = strcspn(actor, "/") + 1;
	struct state_outcome outcome;
	struct base_error ignored;
	bool recorded;

	if ((event->envelope.kind->id != EVENTS_ACTOR_ENROL && event->envelope.kind->id != EVENTS_ACTOR_ASSIGN) ||
	    event->envelope.sealed.len == 0 || !base_slice_equal(events_text(event->envelope.body, 1), base_slice_text(actor)) ||
	    event->cose.issuer.len < organisation || memcmp(event->cose.issuer.data, actor, organisation) != 0 ||
	    state_outcome_decode(&outcome, entry->outcome, &ignored) != BASE_OK)
		return false;
	recorded = outcome.verdict == STATE_RECORDED;
	state_outcome_free(&outcome);
	return recorded;
}

static bool read_name(struct cli_session *s, const struct events_event *event, char name[CLI_PRINTED_NAME_BYTES_MAX + 1])
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_hash commitment;
	struct base_error ignored;
	struct wire_cid cid;
	bool found = false;

	for (size_t i = 0; !found && cli_sealed_at(event, i, &cid, &commitment); i++) {
		const char *format, *value;
		json_t *json;

		if (read_one(s, event, &cid, &commitment, 65536, &text, &ignored) != BASE_OK)
			continue;
		json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
		format = json_string_value(json_object_get(json, "format"));
		value = json_string_value(json_object_get(json, "name"));
		found = format != NULL && strcmp(format, PRINTED_NAME) == 0 && value != NULL && strlen(value) <= CLI_PRINTED_NAME_BYTES_MAX;
		if (found)
			snprintf(name, CLI_PRINTED_NAME_BYTES_MAX + 1, "%s", value);
		json_decref(json);
	}
	base_buf_wipe(&text);
	return found;
}

bool cli_printed_name(struct cli_session *s, const char *actor, char name[CLI_PRINTED_NAME_BYTES_MAX + 1])
{
	struct events_event event;
	struct chain_entry entry;
	struct base_error ignored;
	uint64_t *indices = NULL;
	size_t count = 0;
	bool found = false;

	if (chain_read_postings(s->read, state_term_actor(base_slice_text(actor)), &indices, &count, &ignored) != BASE_OK)
		return false;
	while (!found && count-- > 0)
		found = cli_event_at(s, indices[count], &entry, &event, &ignored) == BASE_OK && names_actor(&entry, &event, actor) &&
			read_name(s, &event, name);
	free(indices);
	return found;
}
