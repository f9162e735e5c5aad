/* submit: seals files, signs and records them, up to 256 an event (fewer that are about many things); goes on where an interrupted run stopped. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/submit.h"

struct submission {
	struct cli_session session;
	struct cli *cli;
	const char *study, *site;
	struct submit_plan plan;
	struct submit_journal *journal;
	struct submit_done done;
	bool found; /* it was finished before; nothing is recorded */
	bool several; /* it takes more than one event */
	struct cli_progress progress;
	uint64_t bytes_done;
	json_t *events;  /* what was recorded */
	json_t *waiting; /* what was signed with --offline */
	size_t event_count, recorded_items;
	uint64_t flags;
	bool denied;
};

/* Ctrl-C ends the run between two files: everything so far is kept, and the same command goes on. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

/* ---- Sealing one file ---- */

struct source {
	struct submission *submission;
	int fd;
};

static enum base_code read_source(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct source *source = arg;
	ssize_t n;

	do
		n = read(source->fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return base_fail_errno(err, "reading");
	*got = (size_t)n;
	source->submission->bytes_done += (uint64_t)n;
	cli_progress_set(&source->submission->progress, source->submission->bytes_done);
	return BASE_OK;
}

static bool same_file(const struct submit_item *item, const struct stat *info)
{
	return (uint64_t)info->st_size == item->len && info->st_mtim.tv_sec == item->modified.tv_sec &&
	       info->st_mtim.tv_nsec == item->modified.tv_nsec;
}

static enum base_code open_source(struct submit_item *item, int *fd, struct base_error *err)
{
	struct stat info;

	if (item->path == NULL) {
		*fd = item->fd;
		item->fd = -1;
		return lseek(*fd, 0, SEEK_SET) == 0 ? BASE_OK : base_fail_errno(err, "standard input");
	}
	/* O_NONBLOCK: a pipe that took the file's place must not stop us. */
	*fd = open(item->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return base_fail_errno(err, "open");
	if (fstat(*fd, &info) != 0)
		return base_fail_errno(err, "stat");
	if (!S_ISREG(info.st_mode) || !same_file(item, &info))
		return base_fail(err, BASE_MALFORMED, "the file changed since it was listed; submit again when nobody writes to it");
	return BASE_OK;
}

static struct base_slice item_participant(const struct submit_item *item)
{
	return item->participant != NULL ? base_hash_slice(&item->reference) : base_slice(NULL, 0);
}

static enum base_code seal_item(struct submission *sub, struct submit_item *item, struct base_error *err)
{
	struct source source = {sub, -1};
	struct stat info;
	enum base_code code = open_source(item, &source.fd, err);

	if (code == BASE_OK)
		code = cli_seal(&sub->session, sub->study, item_participant(item), item->len, read_source, &source, &item->sealed, err);
	/* Written to while it was read, without a change of length. */
	if (code == BASE_OK && item->path != NULL && (fstat(source.fd, &info) != 0 || !same_file(item, &info)))
		code = base_fail(err, BASE_MALFORMED, "the file changed while it was read; submit again when nobody writes to it");
	if (source.fd >= 0)
		close(source.fd);
	item->sealed_done = code == BASE_OK;
	return base_wrap(err, code, "%s", item->path != NULL ? item->path : item->name);
}

/* ---- Events ---- */

static enum base_code items_json(const struct submission *sub, size_t first, size_t count, json_t **out)
{
	json_t *items = json_array();

	for (size_t i = first; i < first + count; i++) {
		const struct submit_item *item = &sub->plan.items[i];
		char cid[WIRE_CID_TEXT_BYTES], hex[65];
		json_t *json;

		wire_cid_text(cid, &item->sealed.cid);
		base_hex(hex, base_hash_slice(&item->sealed.commitment));
		json = json_pack("{s:s, s:s, s:I, s:s}", "cid", cid, "commitment", hex, "length", (json_int_t)item->sealed.len, "category",
				 item->category);
		if (item->participant != NULL) {
			base_hex(hex, base_hash_slice(&item->reference));
			json_object_set_new(json, "participant", json_string(hex));
		}
		if (item->collected != NULL)
			json_object_set_new(json, "collected", json_string(item->collected));
		json_array_append_new(items, json);
	}
	*out = items;
	return BASE_OK;
}

/* Names never stand on the ledger: they lie in a sealed payload beside the items. */
static enum base_code seal_manifest(struct submission *sub, size_t first, size_t count, struct cli_draft *draft, struct base_error *err)
{
	json_t *files = json_array();
	json_t *json;
	char *text;
	struct cli_sealed sealed;
	enum base_code code;

	for (size_t i = first; i < first + count; i++)
		json_array_append_new(files, json_pack("{s:s, s:I}", "name", sub->plan.items[i].name, "bytes",
						       (json_int_t)sub->plan.items[i].len));
	json = json_pack("{s:s, s:o}", "format", "regesta-manifest@v1", "files", files);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(json);
	code = cli_seal_bytes(&sub->session, sub->study, cli_sole_participant(draft), base_slice_text(text), &sealed, err);
	base_wipe(text, strlen(text));
	free(text);
	if (code == BASE_OK)
		cli_draft_sealed(draft, &sealed);
	return base_wrap(err, code, "names of the files");
}

static enum base_code sign_batch(struct submission *sub, size_t first, size_t count, struct cli_draft *draft, struct base_error *err)
{
	json_t *items, *body;
	enum base_code code = items_json(sub, first, count, &items);

	if (code != BASE_OK)
		return code;
	body = json_pack("{s:o}", "items", items);
	if (sub->site != NULL)
		json_object_set_new(body, "site", json_string(sub->site));
	code = cli_draft_json(sub->cli, draft, "data.submit", sub->study, body, err);
	if (code == BASE_OK)
		code = seal_manifest(sub, first, count, draft, err);
	if (code == BASE_OK)
		code = cli_sign(&sub->session, draft, 0, err);
	return code;
}

/* ---- What goes into one event ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_alike(const struct submit_item *a, const struct submit_item *b)
{
	return same_text(a->category, b->category) && same_text(a->collected, b->collected) &&
	       same_text(a->participant, b->participant);
}

/* How many items from `first` on go into one event: the ledger answers so many different questions about consent. */
static size_t batch_at(const struct submission *sub, size_t first)
{
	const struct submit_item *different[EVENTS_QUESTIONS_MAX], *items = sub->plan.items;
	size_t count = 0, kinds = 0, at;

	for (; count < EVENTS_ITEMS_MAX && first + count < sub->plan.count && !items[first + count].recorded; count++) {
		const struct submit_item *item = &items[first + count];

		for (at = kinds; at > 0 && !is_alike(item, different[at - 1]); at--)
			;
		if (at > 0)
			continue;
		if (kinds == EVENTS_QUESTIONS_MAX)
			break;
		different[kinds++] = item;
	}
	return count;
}

/* Before it is known what was recorded by an interrupted run. */
static size_t events_in_all(const struct submission *sub)
{
	size_t events = 0;

	for (size_t i = 0; i < sub->plan.count; events++) {
		size_t count = batch_at(sub, i);

		i += count > 0 ? count : 1;
	}
	return events;
}

static enum base_code receipt(struct submission *sub, uint64_t index, char *path, size_t cap, struct base_error *err)
{
	const char *given = cli_get(sub->cli, "receipt");
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code;

	path[0] = '\0';
	if (given == NULL)
		return BASE_OK;
	/* One event: the file as named; more: FILE.1, FILE.2 … Of few files too there may be a second event: one that changed after
	 * an interrupted run had signed the first. */
	if (sub->several || sub->event_count > 1)
		snprintf(path, cap, "%s.%zu", given, sub->event_count);
	else
		snprintf(path, cap, "%s", given);
	code = chain_read_receipt(sub->session.read, index, &text, err);
	if (code == BASE_OK)
		code = base_file_write(path, base_buf_slice(&text), 0600, true, err);
	base_buf_free(&text);
	return base_wrap(err, code, "the data is recorded, but not its receipt (`regesta receipt` writes it again)");
}

static enum base_code report_event(struct submission *sub, uint64_t index, size_t items, bool *refused, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct state_outcome outcome;
	char id[65], time[BASE_TIME_TEXT_BYTES], words[768], path[4200];
	enum base_code code = cli_event_at(&sub->session, index, &entry, &event, err);

	if (code == BASE_OK)
		code = state_outcome_decode(&outcome, entry.outcome, err);
	if (code != BASE_OK)
		return code;
	sub->event_count++;
	if (!sub->found && outcome.verdict != STATE_DENY)
		submit_done_add(&sub->done, index);
	sub->flags |= outcome.flags;
	*refused = outcome.verdict == STATE_DENY;
	sub->denied = sub->denied || *refused;
	sub->recorded_items += outcome.verdict == STATE_DENY ? 0 : items;
	cli_entry_outcome_words(&sub->session, index, &event, &outcome, words, sizeof(words));
	state_outcome_free(&outcome);
	code = receipt(sub, index, path, sizeof(path), err);
	if (sub->cli->json) {
		json_t *json = cli_entry_json(&sub->session, index, &entry, &event);

		if (path[0] != '\0')
			json_object_set_new(json, "receipt", json_string(path));
		json_array_append_new(sub->events, json);
		return code;
	}
	base_hex(id, base_hash_slice(&event.id));
	base_time_format(time, entry.time, 0);
	printf("%s%s%s  data.submit: %s%s\n", cli_style(sub->cli, CLI_GOOD), id, cli_style(sub->cli, CLI_PLAIN), words,
	       sub->found ? _(" (before; nothing was recorded now)") : "");
	printf(cli_message_plural("  %zu item, at %s, block %llu, entry #%llu\n", "  %zu items, at %s, block %llu, entry #%llu\n", items), items, time,
	       (unsigned long long)entry.height, (unsigned long long)index);
	if (path[0] != '\0')
		printf(_("  receipt: %s\n"), path);
	return code;
}

/* ---- The outbox ---- */

static void report_waiting(struct submission *sub, const struct base_hash *id, size_t items, bool aside)
{
	char hex[65];

	base_hex(hex, base_hash_slice(id));
	if (sub->cli->json)
		json_array_append_new(sub->waiting, json_pack("{s:s, s:s, s:b}", "event", hex, "kind", "data.submit", "refused", aside));
	else if (aside)
		printf(_("%s  data.submit: was refused and is kept aside; `regesta push --again` tries once more\n"), hex);
	else
		printf(_("%s  data.submit: signed, waits in the outbox; `regesta push` records it\n"), hex);
	if (!sub->cli->json && items > 0)
		printf(cli_message_plural("  %zu item\n", "  %zu items\n", items), items);
}

/* Whether an event that an interrupted run signed is on the ledger, in the outbox, or can go there: its number is still free. */
static enum base_code place_of(struct submission *sub, const struct events_event *event, enum cli_outbox_place *place, uint64_t *index, bool *recorded,
			       bool *taken, struct base_error *err)
{
	struct base_hash kid;
	uint64_t next;
	enum base_code code = cli_session_number(&sub->session, err);

	*recorded = *taken = false;
	if (code != BASE_OK)
		return code;
	code = chain_read_find(sub->session.read, &event->id, index, err);
	*recorded = code == BASE_OK;
	if (code != BASE_NOT_FOUND)
		return code;
	if ((code = cli_outbox_find(&sub->session, &event->id, place, err)) != BASE_OK || *place != CLI_OUTBOX_NONE)
		return code;
	memcpy(kid.bytes, event->cose.kid.data, sizeof(kid.bytes));
	code = cli_next_sequence(&sub->session, &kid, &next, err);
	*taken = code == BASE_OK && event->envelope.sequence < next;
	return code;
}

/* As record_event, into the outbox: once it is durable there, the journal's work is done. */
static enum base_code keep_event(struct submission *sub, struct base_slice bytes, size_t first, size_t count, bool *again, struct base_error *err)
{
	enum cli_outbox_place place = CLI_OUTBOX_NONE;
	struct cli_draft draft = {0};
	struct events_event event;
	uint64_t index;
	bool recorded, taken, refused = false;
	enum base_code code = events_decode(&event, bytes, err);

	if (code != BASE_OK || (code = place_of(sub, &event, &place, &index, &recorded, &taken, err)) != BASE_OK)
		return code;
	if (taken && again != NULL) {
		*again = true;
		cli_session_numbered(&sub->session);
		return BASE_OK;
	}
	base_buf_append(&draft.bytes, bytes);
	if (!recorded && place == CLI_OUTBOX_NONE)
		code = cli_outbox_put(&sub->session, &draft, err);
	base_buf_free(&draft.bytes);
	cli_session_numbered(&sub->session);
	if (code == BASE_OK && recorded) {
		code = report_event(sub, index, count, &refused, err);
	} else if (code == BASE_OK) {
		submit_done_wait(&sub->done, &event.id);
		report_waiting(sub, &event.id, count, place == CLI_OUTBOX_REFUSED);
	}
	return code == BASE_OK ? base_wrap(err, submit_journal_done(sub->journal, first, refused, err), "signed, but") : code;
}

/* Records one signed event; *again: it was signed by an interrupted run and its number has been used since, so sign anew. */
static enum base_code record_event(struct submission *sub, struct base_slice bytes, size_t first, size_t count, bool *again,
				   struct base_error *err)
{
	struct chain_submission event = {.bytes = bytes};
	bool refused = false;
	enum base_code code;

	if (cli_has(sub->cli, "offline"))
		return keep_event(sub, bytes, first, count, again, err);
	code = cli_record_quietly(&sub->session, &event, 1, err);
	if (event.code == BASE_OK)
		state_outcome_free(&event.outcome);
	/* Also when it is recorded and cannot be read again: the journal has it, and the next run reports it. */
	if (code != BASE_OK)
		return code;
	if (event.code != BASE_OK && event.code != BASE_EXISTS) {
		if (again != NULL) {
			*again = true;
			return BASE_OK;
		}
		return base_fail(err, event.code, "%.900s", event.err.text);
	}
	/* Whatever happens to the journal's line, the event is told of: without the line it is merely sent once more. */
	code = report_event(sub, event.index, count, &refused, err);
	if (code == BASE_OK)
		code = base_wrap(err, submit_journal_done(sub->journal, first, refused, err), "recorded, but");
	/* As the journal has it now; a refused event of this run is not tried twice in it. */
	for (size_t i = first; i < first + count && refused && again != NULL; i++)
		sub->plan.items[i].recorded = false;
	return code;
}

/* What an interrupted run signed: the very same events again, so that nothing is recorded twice. */
static enum base_code finish_pending(struct submission *sub, struct base_error *err)
{
	struct submit_pending *pending;
	size_t count = submit_journal_pending(sub->journal, &pending);
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		bool again = false;

		code = record_event(sub, base_buf_slice(&pending[i].event), pending[i].first, pending[i].count, &again, err);
		for (size_t n = 0; n < pending[i].count && again; n++)
			sub->plan.items[pending[i].first + n].recorded = false;
	}
	return code;
}

static enum base_code submit_batch(struct submission *sub, size_t first, size_t count, struct base_error *err)
{
	struct cli_draft draft = {0};
	enum base_code code = BASE_OK;

	for (size_t i = first; i < first + count && code == BASE_OK; i++) {
		struct submit_item *item = &sub->plan.items[i];

		if (interrupted)
			code = base_fail(err, BASE_INTERRUPTED, "interrupted after %zu of %zu files; run the same command again to go on", i,
					 sub->plan.count);
		else if (!item->sealed_done)
			code = seal_item(sub, item, err);
		else
			sub->bytes_done += item->len;
	}
	if (sub->session.payloads != NULL) {
		/* What is sealed is kept even when the batch cannot be completed. */
		struct base_error second;
		enum base_code sync = payload_store_sync(sub->session.payloads, code == BASE_OK ? err : &second);

		code = code == BASE_OK ? sync : code;
	}
	if (code == BASE_OK || code == BASE_INTERRUPTED) {
		struct base_error second;
		size_t sealed = 0;

		while (sealed < count && sub->plan.items[first + sealed].sealed_done)
			sealed++;
		enum base_code kept = submit_journal_sealed(sub->journal, &sub->plan, first, sealed, code == BASE_OK ? err : &second);

		code = code == BASE_OK ? kept : code;
	}
	if (code == BASE_OK)
		code = sign_batch(sub, first, count, &draft, err);
	if (code == BASE_OK && (code = payload_store_sync(sub->session.payloads, err)) == BASE_OK)
		code = submit_journal_event(sub->journal, base_buf_slice(&draft.bytes), first, count, err);
	if (code == BASE_OK)
		code = record_event(sub, base_buf_slice(&draft.bytes), first, count, NULL, err);
	cli_draft_free(&draft);
	return code;
}

/* ---- The command ---- */

static enum base_code resolve_participants(struct submission *sub, struct base_error *err)
{
	for (size_t i = 0; i < sub->plan.count; i++) {
		struct submit_item *item = &sub->plan.items[i];
		enum base_code code;

		if (item->participant == NULL)
			continue;
		/* Folders of one participant: the look-up is the last one's. */
		if (i > 0 && sub->plan.items[i - 1].participant != NULL && strcmp(item->participant, sub->plan.items[i - 1].participant) == 0) {
			item->reference = sub->plan.items[i - 1].reference;
			continue;
		}
		code = cli_participant(&sub->session, sub->study, item->participant, &item->reference, err);
		if (code != BASE_OK)
			return base_wrap(err, code, "%s", item->name);
	}
	return BASE_OK;
}

static enum base_code run_batches(struct submission *sub, struct base_error *err)
{
	enum base_code code = finish_pending(sub, err);
	size_t i = 0;

	while (i < sub->plan.count && code == BASE_OK) {
		size_t count = batch_at(sub, i);

		if (sub->plan.items[i].recorded) {
			i++;
			continue;
		}
		code = submit_batch(sub, i, count, err);
		i += count;
	}
	return code;
}

static void dry_run_print(const struct submission *sub)
{
	static const char *const headings[] = {N_("file"), N_("bytes"), N_("category"), N_("participant"), N_("collected")};
	struct cli_table *table = cli_table_open(headings, 5);
	size_t events = events_in_all(sub);
	char in[48];

	for (size_t i = 0; i < sub->plan.count; i++) {
		const struct submit_item *item = &sub->plan.items[i];
		char bytes[24];
		const char *cells[] = {item->name, bytes, item->category, item->participant != NULL ? item->participant : "",
				       item->collected != NULL ? item->collected : ""};

		snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)item->len);
		cli_table_row(table, cells);
	}
	cli_table_print(sub->cli, table);
	snprintf(in, sizeof(in), cli_message_plural("%zu event", "%zu events", events), events);
	if (sub->site != NULL)
		printf(cli_message_plural("%zu file, %llu bytes, would be submitted to %s at %s by %s in %s; nothing was sealed or recorded\n",
					  "%zu files, %llu bytes, would be submitted to %s at %s by %s in %s; nothing was sealed or recorded\n",
					  sub->plan.count),
		       sub->plan.count, (unsigned long long)sub->plan.bytes, sub->study, sub->site, sub->session.actor, in);
	else
		printf(cli_message_plural("%zu file, %llu bytes, would be submitted to %s by %s in %s; nothing was sealed or recorded\n",
					  "%zu files, %llu bytes, would be submitted to %s by %s in %s; nothing was sealed or recorded\n",
					  sub->plan.count),
		       sub->plan.count, (unsigned long long)sub->plan.bytes, sub->study, sub->session.actor, in);
}

static enum base_code dry_run(struct submission *sub)
{
	json_t *files;

	if (!sub->cli->json) {
		dry_run_print(sub);
		return BASE_OK;
	}
	files = json_array();
	for (size_t i = 0; i < sub->plan.count; i++) {
		const struct submit_item *item = &sub->plan.items[i];

		json_array_append_new(files, json_pack("{s:s, s:I, s:s, s:s*, s:s*}", "name", item->name, "bytes", (json_int_t)item->len,
						       "category", item->category, "participant", item->participant, "collected",
						       item->collected));
	}
	cli_print_json(json_pack("{s:b, s:s, s:s*, s:s, s:i, s:o}", "dry_run", 1, "study", sub->study, "site", sub->site, "actor",
				 sub->session.actor, "events", (int)events_in_all(sub), "files",
				 files));
	return BASE_OK;
}

static void finish(struct submission *sub, enum base_code *code, struct base_error *err)
{
	if (*code == BASE_OK && sub->denied && sub->found)
		*code = base_fail(err, BASE_DENIED, "some of it was recorded as refused, see above; --again submits all of it once more");
	else if (*code == BASE_OK && sub->denied)
		*code = base_fail(err, BASE_DENIED, "some of it was recorded as refused, see above; given again, the same command submits that part alone");
	if (*code != BASE_OK && *code != BASE_DENIED)
		return;
	if (sub->cli->json)
		cli_print_json(json_pack("{s:b, s:O, s:O, s:i, s:I}", "already", sub->found, "recorded", sub->events, "outbox", sub->waiting, "items",
					 (int)sub->recorded_items, "bytes", (json_int_t)sub->plan.bytes));
	else if (sub->event_count > 1)
		printf(_("%zu files in %zu events\n"), sub->recorded_items, sub->event_count);
	if (sub->found && sub->done.waiting_count > 0)
		cli_note(sub->cli, "this submission was signed before, and nothing was changed since; --again signs it once more");
	else if (sub->found)
		cli_note(sub->cli, "this submission was recorded before, and nothing was changed since; --again records it once more");
}

/* Finished before: the events that hold it are shown as if they had just been recorded. */
static enum base_code report_done(struct submission *sub, struct base_error *err)
{
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < sub->done.count && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;
		bool refused;

		code = cli_event_at(&sub->session, sub->done.indices[i], &entry, &event, err);
		if (code == BASE_OK)
			code = report_event(sub, sub->done.indices[i], events_item_count(&event), &refused, err);
	}
	for (size_t i = 0; i < sub->done.waiting_count && code == BASE_OK; i++) {
		enum cli_outbox_place place;

		code = cli_outbox_find(&sub->session, &sub->done.waiting[i], &place, err);
		if (code == BASE_OK)
			report_waiting(sub, &sub->done.waiting[i], 0, place == CLI_OUTBOX_REFUSED);
	}
	return code;
}

/* Returns whether the journal may go. */
static bool remember(struct submission *sub)
{
	struct base_error err;

	if (sub->found || submit_done_write(&sub->done, &sub->session, &err) == BASE_OK)
		return true;
	cli_warn(sub->cli, "recorded, but that it is finished could not be written down: %.900s", err.text);
	return false;
}

static enum base_code run_submit(struct cli *cli, struct base_error *err)
{
	struct submission sub = {.cli = cli};
	struct sigaction action = {.sa_handler = on_signal};
	bool opened = false, complete = false;
	enum base_code code = cli_need(cli, "study", &sub.study, err);

	if (code != BASE_OK || (code = submit_plan_make(&sub.plan, cli, err)) != BASE_OK)
		return code;
	sub.several = events_in_all(&sub) > 1;
	sub.site = cli_get(cli, "site");
	sub.events = json_array();
	sub.waiting = json_array();
	code = cli_session_open(&sub.session, cli, cli_has(cli, "dry-run") ? CLI_IDENTITY : CLI_RECORD, err);
	opened = code == BASE_OK;
	if (opened)
		code = cli_study_check(&sub.session, sub.study, err);
	if (code == BASE_OK)
		code = resolve_participants(&sub, err);
	if (code == BASE_OK && cli_has(cli, "dry-run")) {
		code = dry_run(&sub);
		goto out;
	}
	if (code == BASE_OK)
		code = submit_done_open(&sub.done, &sub.session, sub.study, sub.site, &sub.plan, err);
	if (code == BASE_OK)
		code = submit_journal_open(&sub.journal, &sub.session, &sub.done, cli_has(cli, "again"), &sub.plan, err);
	if (code != BASE_OK)
		goto out;
	sub.found = sub.done.count + sub.done.waiting_count > 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	cli_progress_begin(&sub.progress, cli, "submitting", sub.plan.bytes, true);
	code = sub.found ? report_done(&sub, err) : run_batches(&sub, err);
	cli_progress_end(&sub.progress);
	finish(&sub, &code, err);
	/* What was refused may be allowed when it is given again: the journal stays, and says what is held. */
	complete = code == BASE_OK && remember(&sub);
out:
	submit_journal_close(sub.journal, complete);
	submit_done_close(&sub.done);
	if (opened)
		cli_session_close(&sub.session);
	json_decref(sub.events);
	json_decref(sub.waiting);
	submit_plan_free(&sub.plan);
	return code;
}

static const struct cli_option submit_options[] = {
	{"study", "STUDY", "the study that the data belongs to", false},
	{"site", "SITE", "the site that submits", false},
	{"participant", "NUMBER", "whose data it is: the site's own number (resolved by the register) or a reference", false},
	{"category", "CODE", "clinical, genomic, imaging, laboratory, phenotypic, … (default: clinical)", false},
	{"collected", "TIME", "when the data was collected: 2026-03-01, 2026-03-01T09:30+01:00", false},
	{"manifest", "FILE.csv", "a table of files: columns file, participant, category, collected", true},
	{"name", "NAME", "what standard input is called in the sealed list of names", false},
	{"again", NULL, "record once more what was recorded completely before", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_submit[] = {
	{"submit", "Recording", "FILE|FOLDER|-...", "seal files and record their submission",
	 "Each file is encrypted under a key of its own, stored beside the ledger, and recorded by the address of its ciphertext. Neither its "
	 "name nor its content nor the participant's number reaches the ledger. Up to 256 files go into one signed event, of 128 that differ in participant, category or time. An interrupted "
	 "run goes on where it stopped when the same command is given again, and records nothing twice: a finished one, whose files were not "
	 "changed since, is shown and not recorded again unless --again is given.",
	 "regesta submit visit1.json --study rare-01 --participant P-001 --receipt visit1.receipt\n"
	 "regesta submit scans/ --study rare-01 --category imaging --participant P-001\n"
	 "regesta submit --study rare-01 --manifest march.csv\n"
	 "mysqldump registry | regesta submit - --name registry.sql --study rare-01", submit_options, 0, -1, run_submit},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
