/* What the commands that record something about items and events that exist have in common. */
#include <string.h>

#include "cli/custody.h"

#define TEXT_BYTES_MAX (16u << 20)

enum base_code custody_study(struct cli_session *s, const char *target, char study[65], struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code;

	if (cli_get(s->cli, "study") != NULL) {
		snprintf(study, 65, "%s", cli_get(s->cli, "study"));
		return base_wrap(err, cli_study_check(s, cli_get(s->cli, "study"), err), "--study");
	}
	code = cli_resolve(s, target, &index, &item, err);
	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code == BASE_OK && !event.envelope.kind->needs_study)
		code = base_fail(err, BASE_USAGE, "%.80s belongs to no study", target);
	if (code == BASE_OK)
		snprintf(study, 65, "%.*s", (int)event.cose.subject.len, (const char *)event.cose.subject.data);
	return code;
}

static enum base_code add_items(struct cli_session *s, const char *text, bool one, json_t *list, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	char hex[65], name[96];
	size_t first, last;
	enum base_code code = cli_resolve(s, text, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	first = item >= 0 ? (size_t)item : 0;
	last = item >= 0 ? first + 1 : events_item_count(&event);
	if (last == 0)
		return base_fail(err, BASE_USAGE, "%.80s brought no items", text);
	if (one && last - first != 1)
		return base_fail(err, BASE_USAGE, "%.80s has %zu items; say which: %.12s#0", text, last, text);
	base_hex(hex, base_hash_slice(&event.id));
	for (size_t i = first; i < last; i++) {
		snprintf(name, sizeof(name), "%s#%zu", hex, i);
		json_array_append_new(list, json_string(name));
	}
	return BASE_OK;
}

enum base_code custody_item(struct cli_session *s, const char *text, char out[96], struct base_error *err)
{
	json_t *list = json_array();
	enum base_code code = add_items(s, text, true, list, err);

	if (code == BASE_OK)
		snprintf(out, 96, "%s", json_string_value(json_array_get(list, 0)));
	json_decref(list);
	return code;
}

enum base_code custody_items(struct cli_session *s, const char *const *texts, size_t count, json_t **out, struct base_error *err)
{
	enum base_code code = BASE_OK;

	*out = json_array();
	for (size_t i = 0; i < count && code == BASE_OK; i++)
		code = add_items(s, texts[i], false, *out, err);
	if (code != BASE_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return code;
}

json_t *custody_texts(const struct cli *cli, const char *option)
{
	json_t *list = NULL;
	const char *text;

	for (size_t i = 0; (text = cli_get_nth(cli, option, i)) != NULL; i++) {
		if (list == NULL)
			list = json_array();
		json_array_append_new(list, json_string(text));
	}
	return list;
}

enum base_code custody_participants(struct cli_session *s, const char *study, const char *option, json_t **out, struct base_error *err)
{
	enum base_code code = BASE_OK;
	const char *text;

	*out = NULL;
	for (size_t i = 0; (text = cli_get_nth(s->cli, option, i)) != NULL && code == BASE_OK; i++) {
		struct base_hash reference;

		code = cli_participant(s, study, text, &reference, err);
		if (code != BASE_OK)
			break;
		if (*out == NULL)
			*out = json_array();
		json_array_append_new(*out, cli_json_hex(base_hash_slice(&reference)));
	}
	if (code != BASE_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return code;
}

enum base_code custody_event(struct cli_session *s, const char *text, char out[65], struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_resolve(s, text, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code == BASE_OK)
		base_hex(out, base_hash_slice(&event.id));
	return code;
}

static enum base_code seal_text(struct cli_session *s, const char *study, struct cli_draft *draft, const char *option, struct base_error *err)
{
	const char *path = cli_get(s->cli, option);
	struct base_buf text = BASE_BUF_INIT;
	struct cli_sealed sealed;
	enum base_code code;

	code = base_wrap(err, base_file_read(&text, strcmp(path, "-") == 0 ? "/dev/stdin" : path, TEXT_BYTES_MAX, err), "--%s", option);
	if (code == BASE_OK && text.len == 0)
		code = base_fail(err, BASE_USAGE, "--%s: %.200s is empty", option, path);
	if (code == BASE_OK)
		code = cli_seal_bytes(s, study, cli_sole_participant(draft), base_buf_slice(&text), &sealed, err);
	if (code == BASE_OK)
		cli_draft_sealed(draft, &sealed);
	base_buf_wipe(&text);
	return code;
}

enum base_code custody_record(struct cli_session *s, const char *kind, const char *study, json_t *body, const char *option,
			      struct base_error *err)
{
	struct cli_draft draft = {0};
	enum base_code code = cli_draft_json(s->cli, &draft, kind, study, body, err);

	if (code == BASE_OK && study != NULL)
		code = cli_study_check(s, study, err);
	if (code == BASE_OK && option != NULL && cli_get(s->cli, option) != NULL)
		code = seal_text(s, study, &draft, option, err);
	if (code == BASE_OK)
		code = cli_sign_and_record(s, &draft, err);
	cli_draft_free(&draft);
	return code;
}

enum base_code custody_run(struct cli *cli, custody_fn run, struct base_error *err)
{
	struct cli_session s;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code == BASE_OK) {
		code = run(&s, err);
		cli_session_close(&s);
	}
	return code;
}
