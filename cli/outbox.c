/* The outbox: events that were signed while the ledger could not be written, in HOME/ledgers/ID16/outbox.
 *
 *   SEQUENCE-KID16.event            one signed event, synced before the command that made it says so
 *   refused/SEQUENCE-KID16.event    those that the ledger refused for a technical reason, each with a .why beside it
 *   refused/SEQUENCE-KID16-SHA16.event   another one of that number
 *
 * The same principle as the journal's (submit_journal.c): the signed bytes are durable before they are sent, and the very same
 * bytes are sent until the ledger has answered; a file goes away after that answer alone. The names reserve the sequence numbers,
 * also of what is kept aside: cli_next_sequence looks here too, under the lock that numbers are given out under.
 * From one folder to the other an event goes by link, sync, unlink: whenever it is stopped, it is in one of them or in both, and
 * what is in both goes away from both with the ledger's answer. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define FOLDER "outbox"
#define REFUSED "refused"
#define NAME_FORMAT "%020" PRIu64 "-%s.event"
#define STEM_LEN (20 + 1 + 16)
#define NAME_LEN (STEM_LEN + 6)
#define LONG_LEN (STEM_LEN + 1 + 16 + 6)
#define EVENT_BYTES_MAX 65536

static bool is_name(const char *name)
{
	const char *rest = name + STEM_LEN;

	if (strspn(name, "0123456789") != 20 || name[20] != '-' || strspn(name + 21, "0123456789abcdef") != 16)
		return false;
	if (*rest == '-' && strspn(rest + 1, "0123456789abcdef") == 16)
		rest += 17;
	return strcmp(rest, ".event") == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order of the sequence numbers, so that none is too far ahead of those before it. */
static enum base_code names_of(const char *folder, char ***out, size_t *count, struct base_error *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char **names = NULL;
	size_t cap = 0;

	*count = 0;
	*out = NULL;
	if (dir == NULL)
		return errno == ENOENT ? BASE_OK : base_fail_errno(err, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_name(entry->d_name))
			continue;
		if (*count == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			names = base_realloc(names, cap * sizeof(*names));
		}
		names[*count] = base_alloc(LONG_LEN + 1);
		snprintf(names[(*count)++], LONG_LEN + 1, "%.*s", LONG_LEN, entry->d_name);
	}
	closedir(dir);
	if (*count > 0)
		qsort(names, *count, sizeof(*names), compare_names);
	*out = names;
	return BASE_OK;
}

static void free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static enum base_code numbers_of(const char *folder, const char *hex, uint64_t *next, struct base_error *err)
{
	char **names;
	size_t count;
	uint64_t number;
	enum base_code code = names_of(folder, &names, &count, err);

	for (size_t i = 0; i < count; i++) {
		size_t zeros = strspn(names[i], "0");

		if (strncmp(names[i] + 21, hex, 16) == 0 && base_parse_u64(base_slice(names[i] + zeros, 20 - zeros), &number) && number >= *next)
			*next = number + 1;
	}
	free_names(names, count);
	return code;
}

enum base_code cli_outbox_next(struct cli_session *s, const struct base_hash *kid, uint64_t *next, struct base_error *err)
{
	char *folder = base_path(s->state_dir, FOLDER), *refused = base_path(folder, REFUSED);
	char hex[17];
	enum base_code code;

	base_hex(hex, base_slice(kid->bytes, 8));
	code = numbers_of(folder, hex, next, err);
	if (code == BASE_OK)
		code = numbers_of(refused, hex, next, err);
	free(folder);
	free(refused);
	return code;
}

enum base_code cli_outbox_put(struct cli_session *s, const struct cli_draft *draft, struct base_error *err)
{
	char *folder = base_path(s->state_dir, FOLDER), *path = NULL;
	struct events_event event;
	char hex[17], name[NAME_LEN + 1];
	enum base_code code = events_decode(&event, base_buf_slice(&draft->bytes), err);

	if (code == BASE_OK && (code = base_make_folder(folder, 0700, err)) == BASE_OK) {
		base_hex(hex, base_slice(event.cose.kid.data, 8));
		snprintf(name, sizeof(name), NAME_FORMAT, event.envelope.sequence, hex);
		path = base_path(folder, name);
		code = base_file_write(path, base_buf_slice(&draft->bytes), 0600, false, err);
	}
	free(path);
	free(folder);
	return base_wrap(err, code, "outbox");
}

static bool is_there(const char *folder, char *const *names, size_t count, const struct base_hash *id)
{
	bool found = false;

	for (size_t i = 0; i < count && !found; i++) {
		char *path = base_path(folder, names[i]);
		struct base_buf bytes = BASE_BUF_INIT;
		struct events_event event;
		struct base_error ignored;

		found = base_file_read(&bytes, path, EVENT_BYTES_MAX, &ignored) == BASE_OK &&
			events_decode(&event, base_buf_slice(&bytes), &ignored) == BASE_OK && base_hash_equal(&event.id, id);
		base_buf_free(&bytes);
		free(path);
	}
	return found;
}

enum base_code cli_outbox_find(struct cli_session *s, const struct base_hash *id, enum cli_outbox_place *place, struct base_error *err)
{
	char *folder = base_path(s->state_dir, FOLDER), *refused = base_path(folder, REFUSED), **names;
	size_t count;
	enum base_code code = names_of(folder, &names, &count, err);

	*place = CLI_OUTBOX_NONE;
	if (code == BASE_OK) {
		*place = is_there(folder, names, count, id) ? CLI_OUTBOX_WAITS : CLI_OUTBOX_NONE;
		free_names(names, count);
		code = names_of(refused, &names, &count, err);
	}
	if (code == BASE_OK) {
		if (*place == CLI_OUTBOX_NONE && is_there(refused, names, count, id))
			*place = CLI_OUTBOX_REFUSED;
		free_names(names, count);
	}
	free(folder);
	free(refused);
	return code;
}

static char *why_of(const char *path)
{
	size_t len = strlen(path) + 5;
	char *why = base_alloc(len);

	snprintf(why, len, "%s.why", path);
	return why;
}

/* ---- list outbox ---- */

static void describe(const char *folder, const char *name, bool refused, struct cli_table *table, json_t *list)
{
	struct base_buf bytes = BASE_BUF_INIT, why = BASE_BUF_INIT;
	struct events_event event;
	struct base_error ignored;
	char id[65], time[BASE_TIME_TEXT_BYTES], who[160], subject[300];
	char *path = base_path(folder, name), *why_path = why_of(path);

	if (refused && base_file_read(&why, why_path, 4096, &ignored) != BASE_OK)
		why.len = 0;
	base_buf_byte(&why, 0);
	if (base_file_read(&bytes, path, EVENT_BYTES_MAX, &ignored) == BASE_OK && events_decode(&event, base_buf_slice(&bytes), &ignored) == BASE_OK) {
		base_hex(id, base_hash_slice(&event.id));
		base_time_format(time, event.envelope.claimed, 0);
		snprintf(who, sizeof(who), "%.*s", (int)event.cose.issuer.len, (const char *)event.cose.issuer.data);
		snprintf(subject, sizeof(subject), "%.*s", (int)event.cose.subject.len, (const char *)event.cose.subject.data);
		if (list != NULL)
			json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "event", id, "kind", event.envelope.kind->name, "by",
							      who, "subject", subject, "signed", time, "file", path, "refused", (char *)why.data));
		id[12] = '\0';
		if (table != NULL)
			cli_table_row(table, (const char *const[]){id, event.envelope.kind->name, who, time, refused ? (char *)why.data : _("waits")});
	} else if (table != NULL) {
		cli_table_row(table, (const char *const[]){"", "", "", "", refused ? (char *)why.data : _("is damaged; `regesta push` sets it aside")});
	}
	free(path);
	free(why_path);
	base_buf_free(&bytes);
	base_buf_free(&why);
}

enum base_code cli_outbox_list(struct cli_session *s, struct base_error *err)
{
	static const char *const headings[] = {N_("EVENT"), N_("KIND"), N_("BY"), N_("SIGNED"), N_("STATE")};
	json_t *list = s->cli->json ? json_array() : NULL;
	struct cli_table *table = list == NULL ? cli_table_open(headings, 5) : NULL;
	char *folder = base_path(s->state_dir, FOLDER), *refused = base_path(folder, REFUSED), **names;
	size_t count;
	enum base_code code = names_of(folder, &names, &count, err);

	for (size_t i = 0; i < count; i++)
		describe(folder, names[i], false, table, list);
	free_names(names, count);
	if (code == BASE_OK)
		code = names_of(refused, &names, &count, err);
	for (size_t i = 0; code == BASE_OK && i < count; i++)
		describe(refused, names[i], true, table, list);
	if (code == BASE_OK)
		free_names(names, count);
	if (code == BASE_OK && list != NULL)
		cli_print_json(json_pack("{s:O}", "outbox", list));
	else if (code == BASE_OK)
		cli_table_print(s->cli, table);
	if (code != BASE_OK)
		cli_table_close(table);
	json_decref(list);
	free(folder);
	free(refused);
	return code;
}

/* ---- push ---- */

struct push {
	struct cli_session *s;
	char *folder, *refused;
	json_t *list, *aside;
	size_t recorded, denied, refusals;
};

static enum base_code remove_file(const char *path, struct base_error *err)
{
	return unlink(path) == 0 || errno == ENOENT ? BASE_OK : base_fail_errno(err, "%s", path);
}

static bool same_bytes(const char *a, const char *b)
{
	struct base_buf one = BASE_BUF_INIT, other = BASE_BUF_INIT;
	struct base_error ignored;
	bool same = base_file_read(&one, a, EVENT_BYTES_MAX, &ignored) == BASE_OK && base_file_read(&other, b, EVENT_BYTES_MAX, &ignored) == BASE_OK &&
		    base_slice_equal(base_buf_slice(&one), base_buf_slice(&other));

	base_buf_free(&one);
	base_buf_free(&other);
	return same;
}

/* Puts a file under another name too, durably. BASE_EXISTS: that name is another file's. BASE_NOT_FOUND: it is gone. */
static enum base_code put_also(const char *from, const char *folder, const char *to, struct base_error *err)
{
	if (link(from, to) != 0 && errno != EEXIST)
		return base_fail_errno(err, "%s", from);
	if (!same_bytes(from, to))
		return base_fail(err, BASE_EXISTS, "%s is there already, and is another event", to);
	return base_sync_folder(folder, err);
}

/* Where an event is kept aside: under its own name, or with its digest when that is another's. */
static char *aside_path(struct push *p, const char *name, const char *from)
{
	char *path = base_path(p->refused, name), longer[LONG_LEN + 1], hex[17];
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error ignored;
	struct base_hash hash;

	if (access(path, F_OK) != 0 || same_bytes(from, path) || base_file_read(&bytes, from, EVENT_BYTES_MAX, &ignored) != BASE_OK)
		return path;
	hash = base_sha256_of(base_buf_slice(&bytes));
	base_buf_free(&bytes);
	base_hex(hex, base_slice(hash.bytes, 8));
	snprintf(longer, sizeof(longer), "%.*s-%s.event", STEM_LEN, name, hex);
	free(path);
	return base_path(p->refused, longer);
}

/* The reason first: what is in refused/ alone always has one. */
static enum base_code set_aside(struct push *p, const char *name, const char *text, struct base_error *err)
{
	char *from = base_path(p->folder, name), *to = aside_path(p, name, from), *why = why_of(to);
	enum base_code code = base_make_folder(p->refused, 0700, err);

	if (code == BASE_OK)
		code = base_file_write(why, base_slice_text(text), 0600, true, err);
	if (code == BASE_OK)
		code = put_also(from, p->refused, to, err);
	if (code == BASE_OK && (code = remove_file(from, err)) == BASE_OK)
		code = base_sync_folder(p->folder, err);
	if (code == BASE_NOT_FOUND) { /* another push was faster */
		code = access(to, F_OK) == 0 ? BASE_OK : remove_file(why, err);
		goto out;
	}
	p->refusals++;
	if (p->aside != NULL)
		json_array_append_new(p->aside, json_pack("{s:s, s:s}", "file", to, "why", text));
	else if (code == BASE_OK)
		printf(_("%.20s: %s\n  kept in %s\n"), name, text, to);
out:
	free(from);
	free(to);
	free(why);
	return code;
}

/* What the ledger has answered for is kept aside no more: `push --again` was stopped between two steps. */
static enum base_code drop_aside(struct push *p, const char *name, struct base_error *err)
{
	char *from = base_path(p->folder, name), *to = aside_path(p, name, from), *why = why_of(to);
	enum base_code code = BASE_OK;

	if (access(to, F_OK) == 0 && same_bytes(from, to) && (code = remove_file(why, err)) == BASE_OK)
		code = remove_file(to, err);
	free(from);
	free(to);
	free(why);
	return code;
}

static void show_pushed(struct push *p, const struct events_event *event, uint64_t index)
{
	struct chain_entry entry;
	struct events_event decoded;
	struct base_error ignored;
	char id[65], line[1024];

	base_hex(id, base_hash_slice(&event->id));
	if (cli_event_at(p->s, index, &entry, &decoded, &ignored) != BASE_OK)
		return;
	if (p->list != NULL) {
		json_array_append_new(p->list, cli_entry_json(p->s, index, &entry, &decoded));
		return;
	}
	cli_entry_line(p->s, &entry, &decoded, line, sizeof(line));
	printf(_("%.12s  %s: %s, entry #%" PRIu64 "\n"), id, decoded.envelope.kind->name, line, index);
}

/* One event, one block: an answer, and then the file goes. A crash in between sends it again, and the ledger knows it. */
static enum base_code push_one(struct push *p, const char *name, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct chain_submission sent = {0};
	struct events_event event;
	struct base_error why = {{0}};
	char *path = base_path(p->folder, name);
	enum base_code code = base_file_read(&bytes, path, EVENT_BYTES_MAX, err);

	if (code == BASE_NOT_FOUND) { /* another push was faster */
		code = BASE_OK;
		goto out;
	}
	if (code != BASE_OK)
		goto out;
	if (events_decode(&event, base_buf_slice(&bytes), &why) != BASE_OK) {
		code = set_aside(p, name, why.text, err);
		goto out;
	}
	sent.bytes = base_buf_slice(&bytes);
	if ((code = cli_record_quietly(p->s, &sent, 1, err)) != BASE_OK)
		goto out;
	if (sent.code != BASE_OK && sent.code != BASE_EXISTS) {
		code = sent.code == BASE_REFUSED || sent.code == BASE_MISMATCH || sent.code == BASE_MALFORMED || sent.code == BASE_LIMIT
			       ? set_aside(p, name, sent.err.text, err)
			       : base_fail(err, sent.code, "%s", sent.err.text);
		goto out;
	}
	p->recorded++;
	show_pushed(p, &event, sent.index);
	if (sent.code == BASE_OK) {
		p->denied += sent.outcome.verdict == STATE_DENY;
		state_outcome_free(&sent.outcome);
	}
	if ((code = drop_aside(p, name, err)) == BASE_OK)
		code = remove_file(path, err);
out:
	base_buf_free(&bytes);
	free(path);
	return code;
}

/* What was kept aside goes back: a limit is no longer reached, a key is enrolled by now. One whose number another event has by
 * now stays where it is. */
static enum base_code take_back(struct push *p, struct base_error *err)
{
	char **names, name[NAME_LEN + 1];
	size_t count;
	enum base_code code = names_of(p->refused, &names, &count, err);

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		char *from, *to, *why;

		snprintf(name, sizeof(name), "%.*s.event", STEM_LEN, names[i]);
		from = base_path(p->refused, names[i]);
		to = base_path(p->folder, name);
		why = why_of(from);
		code = put_also(from, p->folder, to, err);
		/* The reason first: the event is in both places by now, and no reason is left alone. */
		if (code == BASE_OK && (code = remove_file(why, err)) == BASE_OK && (code = remove_file(from, err)) == BASE_OK)
			code = base_sync_folder(p->refused, err);
		else if (code == BASE_EXISTS || code == BASE_NOT_FOUND)
			code = BASE_OK;
		free(from);
		free(to);
		free(why);
	}
	free_names(names, count);
	return code;
}

static enum base_code push(struct cli_session *s, struct base_error *err)
{
	struct push p = {.s = s};
	char **names;
	size_t count;
	enum base_code code;

	p.folder = base_path(s->state_dir, FOLDER);
	p.refused = base_path(p.folder, REFUSED);
	if (s->cli->json) {
		p.list = json_array();
		p.aside = json_array();
	}
	code = cli_has(s->cli, "again") ? take_back(&p, err) : BASE_OK;
	count = 0;
	names = NULL;
	if (code == BASE_OK)
		code = names_of(p.folder, &names, &count, err);
	for (size_t i = 0; i < count && code == BASE_OK; i++)
		code = push_one(&p, names[i], err);
	free_names(names, count);
	if (code == BASE_OK && s->cli->json)
		cli_print_json(json_pack("{s:O, s:O}", "recorded", p.list, "refused", p.aside));
	else if (code == BASE_OK && p.recorded + p.refusals == 0)
		printf(_("nothing waits in the outbox\n"));
	if (code == BASE_OK && p.refusals > 0)
		code = base_fail(err, BASE_REFUSED, "%zu of %zu were refused and are kept aside; `regesta list outbox` says why", p.refusals,
				 p.refusals + p.recorded);
	else if (code == BASE_OK && p.denied > 0)
		code = base_fail(err, BASE_DENIED, "%zu of %zu were recorded as refused: their authors have no authority for them", p.denied, p.recorded);
	json_decref(p.list);
	json_decref(p.aside);
	free(p.folder);
	free(p.refused);
	return code;
}

static enum base_code run_push(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code == BASE_OK) {
		code = push(&s, err);
		cli_session_close(&s);
	}
	return code;
}

static const struct cli_option push_options[] = {
	{"again", NULL, "try once more what was refused and kept aside", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_outbox[] = {
	{"push", "Recording", "", "record what --offline signed, each event once",
	 "Sends what waits in the outbox in the order of its numbers. It can be stopped at any instant and run again. What the ledger refuses for a "
	 "technical reason is kept aside with the reason; `regesta list outbox` shows it.",
	 "regesta push\nregesta push --again", push_options, 0, 0, run_push},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
