/* open: decrypts what the caller's key, or the organisation's recovery key, may open. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

struct opening {
	struct cli_session *s;
	struct chain_entry entry;
	struct events_event event;
	char study[65], organisation[65];
	json_t *names; /* of the sealed manifest, or NULL */
};

static enum base_code write_fd(void *arg, struct base_slice bytes, struct base_error *err)
{
	return base_write_all(*(int *)arg, bytes, err);
}

static void set_context(const struct opening *o, struct payload_context *context)
{
	*context = (struct payload_context){*chain_id(o->s->chain), o->study, o->organisation};
}

static const char *item_name(const struct opening *o, size_t index)
{
	return json_string_value(json_object_get(json_array_get(o->names, index), "name"));
}

/* A name from the sealed list becomes a path below folder: nothing in it may lead out. */
static enum base_code safe_path(const char *folder, const char *name, size_t index, char **out, struct base_error *err)
{
	char fallback[32];
	const char *part = name;

	snprintf(fallback, sizeof(fallback), "item-%zu", index);
	if (name == NULL || name[0] == '\0') {
		*out = base_path(folder, fallback);
		return BASE_OK;
	}
	while (*part != '\0') {
		size_t len = strcspn(part, "/");

		if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
			return base_fail(err, BASE_MALFORMED, "the sealed name of item #%zu would lead out of the folder; open it alone with --output "
							      "FILE", index);
		part += len + (part[len] == '/');
	}
	*out = base_path(folder, name);
	return BASE_OK;
}

/* The folders above path. Its first `trusted` bytes the caller gave; names below come from the sealed list, and no link is
 * followed there. */
static enum base_code make_parents(const char *path, size_t trusted, struct base_error *err)
{
	char *folder = base_path("", path);
	enum base_code code = BASE_OK;
	struct stat st;

	for (size_t at = 1; folder[0] != '\0' && folder[at] != '\0' && code == BASE_OK; at++) {
		if (folder[at] != '/' || at + 1 < trusted)
			continue;
		folder[at] = '\0';
		if (at > trusted && lstat(folder, &st) == 0 && S_ISLNK(st.st_mode))
			code = base_fail(err, BASE_EXISTS, "%s is a link, and would lead out of the folder; remove it or choose another folder", folder);
		else
			code = base_make_folder(folder, 0700, err);
		folder[at] = '/';
	}
	free(folder);
	return code;
}

/* The name is given when everything verified: half a plaintext is never left under it. */
static enum base_code open_to_file(struct opening *o, const struct events_item *item, const uint8_t key[32], const char *path,
				   size_t trusted, struct base_error *err)
{
	struct payload_context context;
	struct cli_target target;
	enum base_code code = make_parents(path, trusted, err);

	if (code != BASE_OK)
		return code;
	set_context(o, &context);
	if ((code = cli_target_open(&target, path, cli_has(o->s->cli, "force"), err)) == BASE_OK)
		code = payload_store_open_stream(o->s->payloads, &item->cid, key, &context, write_fd, &target.fd, err);
	return cli_target_close(&target, 0600, code, err);
}

/* Standard output gets plaintext only after the whole payload verified: a first pass writes nowhere. */
static enum base_code discard(void *arg, struct base_slice bytes, struct base_error *err)
{
	(void)arg;
	(void)bytes;
	(void)err;
	return BASE_OK;
}

static enum base_code open_to_stdout(struct opening *o, const struct events_item *item, const uint8_t key[32], struct base_error *err)
{
	struct payload_context context;
	int fd = STDOUT_FILENO;
	enum base_code code;

	set_context(o, &context);
	code = payload_store_open_stream(o->s->payloads, &item->cid, key, &context, discard, NULL, err);
	if (code == BASE_OK)
		code = payload_store_open_stream(o->s->payloads, &item->cid, key, &context, write_fd, &fd, err);
	return code;
}

static enum base_code open_item(struct opening *o, size_t index, const struct events_item *item, const char *path, size_t trusted,
				json_t *report, struct base_error *err)
{
	uint8_t key[32];
	enum base_code code = cli_unwrap(o->s, o->study, &o->event, item->participant, &item->cid, &item->commitment, key, err);

	if (code == BASE_OK)
		code = path == NULL ? open_to_stdout(o, item, key, err) : open_to_file(o, item, key, path, trusted, err);
	base_wipe(key, sizeof(key));
	if (code == BASE_OK && path != NULL) {
		json_array_append_new(report, json_pack("{s:I, s:s}", "item", (json_int_t)index, "file", path));
		if (!o->s->cli->json) {
			struct base_buf shown = BASE_BUF_INIT;

			/* The name in it is somebody else's: no escape sequence of it reaches the terminal. */
			base_printable(&shown, base_slice_text(path));
			printf("#%zu  %.*s\n", index, (int)shown.len, (const char *)shown.data);
			base_buf_free(&shown);
		}
	}
	if (code != BASE_OK && strcmp(cli_item_state(o->s, &o->event, index), "erased") == 0)
		return base_fail(err, BASE_NOT_FOUND, "item #%zu was erased: `regesta show` says on which ground, and who attests it", index);
	return base_wrap(err, code, "item #%zu", index);
}

struct collecting {
	struct events_item *items;
	size_t count;
};

static bool collect(void *arg, size_t index, const struct events_item *item)
{
	struct collecting *c = arg;

	(void)index;
	c->items[c->count++] = *item;
	return true;
}

/* Of an event without items, what is sealed beside it: a scan, a letter, a source. */
static void collect_sealed(const struct events_event *event, struct collecting *c)
{
	struct events_item item = {.participant = cli_sole_participant_of(event)};

	while (c->count < EVENTS_SEALED_MAX && cli_sealed_at(event, c->count, &item.cid, &item.commitment))
		c->items[c->count++] = item;
}

static enum base_code open_items(struct opening *o, int64_t wanted, struct base_error *err)
{
	const char *output = cli_get(o->s->cli, "output");
	const char *slash = output != NULL ? strrchr(output, '/') : NULL;
	struct collecting c = {.items = base_alloc((EVENTS_ITEMS_MAX + 1) * sizeof(struct events_item))};
	json_t *report = json_array();
	enum base_code code = BASE_OK;

	events_items(&o->event, collect, &c);
	if (c.count == 0)
		collect_sealed(&o->event, &c);
	if (c.count == 0)
		code = base_fail(err, BASE_NOT_FOUND, "a %s brings no data", _(o->event.envelope.kind->words));
	else if (wanted < 0 && c.count == 1)
		wanted = 0;
	if (code == BASE_OK && wanted < 0 && (output == NULL || strcmp(output, "-") == 0))
		code = base_fail(err, BASE_USAGE, "the event has %zu items: say which (ID#0), or give --output FOLDER for all", c.count);
	for (size_t i = 0; i < c.count && code == BASE_OK; i++) {
		char *path = NULL;
		size_t trusted = output == NULL ? 0 : wanted < 0 ? strlen(output) : slash != NULL ? (size_t)(slash - output) : 0;

		if (wanted >= 0 && (size_t)wanted != i)
			continue;
		if (wanted < 0)
			code = safe_path(output, item_name(o, i), i, &path, err);
		if (code == BASE_OK)
			code = open_item(o, i, &c.items[i], wanted < 0 ? path : output != NULL && strcmp(output, "-") != 0 ? output : NULL,
					 trusted, report, err);
		free(path);
	}
	if (code == BASE_OK && o->s->cli->json && output != NULL)
		cli_print_json(json_pack("{s:O}", "opened", report));
	json_decref(report);
	free(c.items);
	return code;
}

static enum base_code list_names(struct opening *o, struct base_error *err)
{
	size_t count = events_item_count(&o->event);

	if (o->names == NULL)
		return base_fail(err, BASE_KEY, "the names are sealed for somebody else, or there are none");
	if (o->s->cli->json) {
		cli_print_json(json_pack("{s:O}", "files", o->names));
		return BASE_OK;
	}
	for (size_t i = 0; i < count; i++) {
		struct base_buf shown = BASE_BUF_INIT;
		const char *name = item_name(o, i);

		base_printable(&shown, base_slice_text(name != NULL ? name : "?"));
		printf("#%-4zu %.*s\n", i, (int)shown.len, (const char *)shown.data);
		base_buf_free(&shown);
	}
	return BASE_OK;
}

static enum base_code run_open(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct opening o = {.s = &s};
	const uint8_t *slash;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	code = cli_resolve(&s, cli->argv[0], &index, &item, err);
	if (code == BASE_OK)
		code = cli_event_at(&s, index, &o.entry, &o.event, err);
	if (code == BASE_OK && !o.event.envelope.kind->needs_study)
		code = base_fail(err, BASE_NOT_FOUND, "a %s brings no data", _(o.event.envelope.kind->words));
	if (code == BASE_OK)
		code = cli_session_payloads(&s, false, err);
	if (code == BASE_OK) {
		slash = memchr(o.event.cose.issuer.data, '/', o.event.cose.issuer.len);
		snprintf(o.study, sizeof(o.study), "%.*s", (int)o.event.cose.subject.len, (const char *)o.event.cose.subject.data);
		snprintf(o.organisation, sizeof(o.organisation), "%.*s",
			 slash != NULL ? (int)(slash - o.event.cose.issuer.data) : 0, (const char *)o.event.cose.issuer.data);
		if (item < 0 || cli_has(cli, "names"))
			o.names = cli_sealed_names(&s, &o.event);
		code = cli_has(cli, "names") ? list_names(&o, err) : open_items(&o, item, err);
	}
	json_decref(o.names);
	cli_session_close(&s);
	return code;
}

static const struct cli_option open_options[] = {
	{"output", "FILE|FOLDER", "where to: a file for one item, a folder for a whole event (default: standard output)", false},
	{"names", NULL, "list the sealed names of the items instead", false},
	{"force", NULL, "replace files that are there", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_open[] = {
	{"open", "Asking", "ID|ITEM|CID", "decrypt what you may open",
	 "Uses your sealing key, one that you had before a rotation, or your organisation's recovery key if it rests here, and checks that "
	 "the key is the one that the author "
	 "committed to and that the ciphertext is the one that was recorded. Of an event without items, what is sealed beside it is opened: a "
	 "scan, a letter, a source record.",
	 "regesta open 3f2a91c07d11#0 --output visit1.json\nregesta open 3f2a91c07d11 --output folder/", open_options, 1, 1, run_open},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
