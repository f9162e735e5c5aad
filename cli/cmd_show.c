/* show, log, history: what the ledger holds, event by event. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* ---- Filters ---- */

struct filter {
	const char *kind, *study, *actor;
	bool has_since, has_until;
	uint64_t since_ms, until_ms;
	uint64_t limit;
	bool oldest_first;
};

static enum base_code time_option(const struct cli *cli, const char *option, bool *has, uint64_t *ms, struct base_error *err)
{
	const char *text = cli_get(cli, option);
	struct events_when when;
	enum base_code code;

	if (text == NULL)
		return BASE_OK;
	code = cli_when_parse(&when, text, err);
	if (code != BASE_OK)
		return base_wrap(err, BASE_USAGE, "--%s", option);
	*has = true;
	*ms = when.utc_ms;
	return BASE_OK;
}

static enum base_code filter_make(struct filter *f, const struct cli *cli, struct base_error *err)
{
	const char *limit = cli_get(cli, "limit");
	enum base_code code;

	*f = (struct filter){.kind = cli_get(cli, "kind"), .study = cli_get(cli, "study"), .actor = cli_get(cli, "actor"), .limit = UINT64_MAX,
			     .oldest_first = cli_has(cli, "oldest-first")};
	if (limit != NULL && !base_parse_u64(base_slice_text(limit), &f->limit))
		return base_fail(err, BASE_USAGE, "--limit is a number");
	if (f->kind != NULL && events_kind_by_name(base_slice_text(f->kind)) == NULL)
		return base_fail(err, BASE_USAGE, "there is no kind \"%.60s\"; `regesta template` lists them", f->kind);
	code = time_option(cli, "since", &f->has_since, &f->since_ms, err);
	return code == BASE_OK ? time_option(cli, "until", &f->has_until, &f->until_ms, err) : code;
}

static bool text_is(struct base_slice text, const char *wanted)
{
	return wanted == NULL || base_slice_equal(text, base_slice_text(wanted));
}

static bool filter_passes(const struct filter *f, const struct chain_entry *entry, const struct events_event *event)
{
	return (f->kind == NULL || strcmp(event->envelope.kind->name, f->kind) == 0) && text_is(event->cose.subject, f->study) &&
	       text_is(event->cose.issuer, f->actor) && (!f->has_since || entry->time.ms >= f->since_ms) &&
	       (!f->has_until || entry->time.ms <= f->until_ms);
}

/* ---- Printing a list of entries ---- */

struct printer {
	struct cli_session *s;
	struct cli_table *table;
	json_t *json;
	uint64_t count;
};

static void printer_begin(struct printer *p, struct cli_session *s)
{
	static const char *const headings[] = {N_("ENTRY"), N_("RECORDED"), N_("ID"), N_("KIND"), N_("AUTHOR"), N_("SUBJECT"), N_("WHAT")};

	*p = (struct printer){.s = s};
	if (s->cli->json)
		p->json = json_array();
	else
		p->table = cli_table_open(headings, 7);
}

static void printer_add(struct printer *p, uint64_t index, const struct chain_entry *entry, const struct events_event *event)
{
	char number[24], time[BASE_TIME_TEXT_BYTES], id[13], author[160], subject[80], what[512];
	bool study = event->envelope.kind->needs_study;

	p->count++;
	if (p->json != NULL) {
		json_array_append_new(p->json, cli_entry_json(p->s, index, entry, event));
		return;
	}
	snprintf(number, sizeof(number), "#%llu", (unsigned long long)index);
	base_time_format(time, entry->time, 0);
	base_hex(id, base_slice(event->id.bytes, 6));
	snprintf(author, sizeof(author), "%.*s", (int)event->cose.issuer.len, (const char *)event->cose.issuer.data);
	snprintf(subject, sizeof(subject), "%.*s", study ? (int)event->cose.subject.len : 1,
		 study ? (const char *)event->cose.subject.data : "-");
	cli_entry_line(p->s, entry, event, what, sizeof(what));
	cli_table_row(p->table, (const char *const[]){number, time, id, event->envelope.kind->name, author, subject, what});
}

static void printer_end(struct printer *p, enum base_code code)
{
	if (p->json != NULL && code == BASE_OK)
		cli_print_json(json_pack("{s:O}", "entries", p->json));
	json_decref(p->json);
	if (p->table != NULL && code == BASE_OK)
		cli_table_print(p->s->cli, p->table);
	else
		cli_table_close(p->table);
}

/* ---- Walking ---- */

static enum base_code time_at(struct cli_session *s, uint64_t index, uint64_t *ms, struct base_error *err)
{
	struct base_slice bytes;
	struct chain_entry entry;
	enum base_code code = chain_read_entry(s->read, index, &bytes, err);

	if (code == BASE_OK)
		code = chain_entry_decode(&entry, bytes, err);
	*ms = code == BASE_OK ? entry.time.ms : 0;
	return base_wrap(err, code, "entry #%llu", (unsigned long long)index);
}

/* *out: the first of indices[0 … count) whose entry is not before ms. Entries' times never go back. */
static enum base_code first_at(struct cli_session *s, const uint64_t *indices, uint64_t count, uint64_t ms, uint64_t *out, struct base_error *err)
{
	uint64_t low = 0;

	while (low < count) {
		uint64_t middle = low + (count - low) / 2;
		uint64_t time;
		enum base_code code = time_at(s, indices != NULL ? indices[middle] : middle, &time, err);

		if (code != BASE_OK)
			return code;
		if (time < ms)
			low = middle + 1;
		else
			count = middle;
	}
	*out = low;
	return BASE_OK;
}

/* Cuts the range to --since and --until. */
static enum base_code in_period(struct cli_session *s, const struct filter *f, const uint64_t *indices, uint64_t *first, uint64_t *count,
				struct base_error *err)
{
	enum base_code code = BASE_OK;

	if (f->has_until)
		code = first_at(s, indices, *count, f->until_ms + 1, count, err);
	if (code == BASE_OK && f->has_since)
		code = first_at(s, indices, *count, f->since_ms, first, err);
	return code;
}

/* indices NULL: all entries. Newest first unless the filter says otherwise. */
static enum base_code walk(struct cli_session *s, const struct filter *f, const uint64_t *indices, uint64_t count, struct printer *p,
			   struct base_error *err)
{
	struct cli_progress progress;
	uint64_t first = 0;
	enum base_code code;

	if ((code = in_period(s, f, indices, &first, &count, err)) != BASE_OK)
		return code;
	cli_progress_begin(&progress, s->cli, "reading", count - first, false);
	for (uint64_t i = 0; i < count - first && p->count < f->limit; i++) {
		uint64_t at = f->oldest_first ? first + i : count - 1 - i;
		uint64_t index = indices != NULL ? indices[at] : at;
		struct chain_entry entry;
		struct events_event event;

		cli_progress_set(&progress, i);
		code = cli_event_at(s, index, &entry, &event, err);
		if (code == BASE_NOT_FOUND) {
			code = BASE_OK;
			continue;
		}
		if (code != BASE_OK)
			break;
		/* Postings may share a term: the entry itself decides. */
		if (filter_passes(f, &entry, &event))
			printer_add(p, index, &entry, &event);
	}
	cli_progress_end(&progress);
	return code;
}

static enum base_code by_term(struct cli_session *s, const struct filter *f, uint64_t term, struct printer *p,
			      struct base_error *err)
{
	uint64_t *indices = NULL;
	size_t count = 0;
	enum base_code code = chain_read_postings(s->read, term, &indices, &count, err);

	if (code == BASE_OK && indices != NULL)
		code = walk(s, f, indices, count, p, err);
	free(indices);
	return code;
}

/* Names of participants are shown when the caller's key opens the register; otherwise references. */
static void try_register(struct cli_session *s)
{
	struct base_error ignored;

	if (s->identity.count > 0)
		(void)!cli_session_register(s, &ignored);
}

static unsigned wanted_session(const struct cli *cli)
{
	return cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ;
}

/* ---- log ---- */

static enum base_code run_log(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct filter f;
	struct printer p;
	struct cli_actor actor;
	enum base_code code = filter_make(&f, cli, err);

	if (code != BASE_OK || (code = cli_session_open(&s, cli, wanted_session(cli), err)) != BASE_OK)
		return code;
	try_register(&s);
	printer_begin(&p, &s);
	if (f.actor != NULL)
		code = by_term(&s, &f, state_term_actor(base_slice_text(f.actor)), &p, err);
	else if (f.study != NULL)
		code = by_term(&s, &f, state_term_study(base_slice_text(f.study)), &p, err);
	else
		code = walk(&s, &f, NULL, chain_read_size(s.read), &p, err);
	/* Nothing found is an answer, unless what was asked for is not there. */
	if (code == BASE_OK && p.count == 0 && f.actor != NULL)
		code = cli_actor_find(&s, f.actor, &actor, err);
	if (code == BASE_OK && p.count == 0 && f.study != NULL)
		code = cli_study_check(&s, f.study, err);
	printer_end(&p, code);
	cli_session_close(&s);
	return code;
}

/* ---- history ---- */

static enum base_code participant_history(struct cli_session *s, const struct filter *f, const char *study, const char *who,
					  struct printer *p, struct base_error *err)
{
	struct base_hash reference;
	enum base_code code = cli_participant(s, study, who, &reference, err);

	if (code != BASE_OK)
		return code;
	return by_term(s, f, state_term_participant(base_slice_text(study), base_hash_slice(&reference)), p, err);
}

/* The event that brought an item, and those that name it. */
static enum base_code item_history(struct cli_session *s, const struct filter *f, const char *what, struct printer *p, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct base_hash id;
	uint64_t index;
	uint64_t *named = NULL;
	size_t count = 0;
	int64_t item;
	enum base_code code = cli_resolve(s, what, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	id = event.id;
	if (f->oldest_first)
		printer_add(p, index, &entry, &event);
	code = chain_read_postings(s->read, state_term_named(&id), &named, &count, err);
	if (code == BASE_OK && count > 0)
		code = walk(s, f, named, count, p, err);
	free(named);
	for (size_t i = 0; i < events_item_count(&event) && code == BASE_OK; i++)
		if (item < 0 || (size_t)item == i)
			code = by_term(s, f, state_term_item(&id, i), p, err);
	if (code == BASE_OK && !f->oldest_first)
		printer_add(p, index, &entry, &event);
	return code;
}

static enum base_code run_history(struct cli *cli, struct base_error *err)
{
	const char *what = cli->argv[0];
	const char *study = cli_get(cli, "study");
	struct cli_session s;
	struct filter f;
	struct printer p;
	bool participant = cli_has(cli, "participant");
	enum base_code code = filter_make(&f, cli, err);

	if (code == BASE_OK && participant && study == NULL)
		code = base_fail(err, BASE_USAGE, "--study is missing: a participant's number belongs to a study");
	if (code != BASE_OK)
		return code;
	code = cli_session_open(&s, cli, (participant && strlen(what) != 64) || cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ, err);
	if (code != BASE_OK)
		return code;
	if (study != NULL && (code = base_wrap(err, cli_study_check(&s, study, err), "--study")) != BASE_OK) {
		cli_session_close(&s);
		return code;
	}
	try_register(&s);
	f.oldest_first = !cli_has(cli, "newest-first");
	printer_begin(&p, &s);
	if (participant) {
		code = participant_history(&s, &f, study, what, &p, err);
	} else if (events_text_valid(EVENTS_ACTOR, base_slice_text(what))) {
		code = by_term(&s, &f, state_term_actor(base_slice_text(what)), &p, err);
	} else {
		f.study = NULL;
		code = item_history(&s, &f, what, &p, err);
		/* What is no id may be the code of a study. */
		if ((code == BASE_USAGE || code == BASE_NOT_FOUND) && events_text_valid(EVENTS_STUDY, base_slice_text(what)))
			code = by_term(&s, &f, state_term_study(base_slice_text(what)), &p, err);
	}
	if (code == BASE_OK && p.count == 0)
		code = base_fail(err, BASE_NOT_FOUND, participant ? N_("the ledger says nothing of this participant") : N_("the ledger says nothing of \"%.80s\""), what);
	else if (code == BASE_USAGE && !participant)
		code = base_fail(err, BASE_USAGE, "\"%.80s\" is no item (ID#0), no event's id, no entry (#12), no actor (organisation/code) and no "
				 "study; of a participant: `regesta history NUMBER --participant --study STUDY`", what);
	printer_end(&p, code);
	cli_session_close(&s);
	return code;
}

/* ---- show ---- */

static json_t *node_json(const struct chain_node *node)
{
	struct base_hash log = keys_kid(&node->log);
	struct base_hash cosign = keys_kid(&node->cosign);

	return json_pack("{s:s, s:o, s:o}", "name", node->name, "log_kid", cli_json_hex(base_hash_slice(&log)), "cosign_kid",
			 cli_json_hex(base_hash_slice(&cosign)));
}

static enum base_code show_ledger(struct cli_session *s, struct base_error *err)
{
	const struct chain_genesis *genesis = chain_founding(s->chain);
	struct chain_block_entry last;
	uint64_t index;
	char id[65], began[BASE_TIME_TEXT_BYTES], now[BASE_TIME_TEXT_BYTES];
	json_t *founders = json_array();
	json_t *nodes = json_array();
	enum base_code code = chain_read_block(s->read, chain_read_height(s->read), &last, &index, err);

	if (code != BASE_OK)
		goto out;
	base_hex(id, base_hash_slice(chain_id(s->chain)));
	base_time_format(began, genesis->time, 0);
	base_time_format(now, last.time, 0);
	for (size_t i = 0; i < genesis->founder_count; i++)
		json_array_append_new(founders, json_pack("{s:s, s:s, s:s}", "organisation", genesis->founders[i].organisation, "title",
							  genesis->founders[i].title, "country", genesis->founders[i].country));
	for (size_t i = 0; i < genesis->node_count; i++)
		json_array_append_new(nodes, node_json(&genesis->nodes[i]));
	if (s->cli->json) {
		cli_print_json(json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:O, s:O}", "ledger", id, "origin", chain_origin(s->chain),
					 "size", (json_int_t)chain_read_size(s->read), "height", (json_int_t)chain_read_height(s->read),
					 "founded", began, "last_block", now, "ordering", "solo", "founders", founders, "nodes", nodes));
		goto out;
	}
	printf(_("%sledger      %s%s\norigin      %s\nfounded     %s\nlast block  %llu, %s; %llu entries\nordering    solo: one operator, on whom order and "
	       "time rest, however many organisations record\n"), cli_style(s->cli, CLI_BOLD), id, cli_style(s->cli, CLI_PLAIN), chain_origin(s->chain), began,
	       (unsigned long long)chain_read_height(s->read), now, (unsigned long long)chain_read_size(s->read));
	for (size_t i = 0; i < genesis->founder_count; i++)
		printf(_("founder     %s (%s), %s\n"), genesis->founders[i].organisation, genesis->founders[i].title, genesis->founders[i].country);
	for (size_t i = 0; i < genesis->node_count; i++)
		printf(_("node        %s\n"), genesis->nodes[i].name);
out:
	json_decref(founders);
	json_decref(nodes);
	return code;
}

static enum base_code show_block(struct cli_session *s, uint64_t index, struct base_error *err)
{
	struct base_slice bytes;
	struct chain_entry entry;
	char time[BASE_TIME_TEXT_BYTES], tree[65], state[65], prev[65];
	enum base_code code = chain_read_entry(s->read, index, &bytes, err);

	if (code == BASE_OK)
		code = chain_entry_decode(&entry, bytes, err);
	if (code != BASE_OK || entry.type == CHAIN_GENESIS)
		return code != BASE_OK ? code : show_ledger(s, err);
	base_time_format(time, entry.time, 0);
	base_hex(tree, base_hash_slice(&entry.block.tree));
	base_hex(state, base_hash_slice(&entry.block.state));
	base_hex(prev, base_hash_slice(&entry.block.prev));
	if (s->cli->json)
		cli_print_json(json_pack("{s:I, s:I, s:s, s:I, s:I, s:s, s:s, s:s}", "index", (json_int_t)index, "height", (json_int_t)entry.height,
					 "time", time, "first", (json_int_t)entry.block.first, "count", (json_int_t)entry.block.count, "prev",
					 prev, "tree", tree, "state", state));
	else
		printf(_("%sblock %llu%s, %s\nevents      %llu, from entry #%llu\nprevious    %s\ntree        %s\nstate       %s\n"),
		       cli_style(s->cli, CLI_BOLD), (unsigned long long)entry.height, cli_style(s->cli, CLI_PLAIN), time,
		       (unsigned long long)entry.block.count, (unsigned long long)entry.block.first, prev, tree, state);
	return BASE_OK;
}

/* An item is shown with its state first, then the event that brought it. */
static enum base_code show_event(struct cli_session *s, uint64_t index, int64_t item, const struct chain_entry *entry,
				 const struct events_event *event, struct base_error *err)
{
	json_t *json, *one = NULL;
	struct state_outcome outcome;
	enum base_code code = BASE_OK;

	if (s->cli->json) {
		if (item >= 0)
			code = cli_item_json(s, entry, event, (size_t)item, &one, err);
		if (code != BASE_OK)
			return code;
		json = cli_entry_json(s, index, entry, event);
		if (state_outcome_decode(&outcome, entry->outcome, err) == BASE_OK) {
			json_object_set_new(json, "flags", cli_flags_explained(outcome.flags));
			state_outcome_free(&outcome);
		}
		if (one != NULL)
			json_object_set_new(json, "item", one);
		cli_print_json(json);
		return BASE_OK;
	}
	if (item >= 0)
		code = cli_item_print(s, entry, event, (size_t)item, err);
	if (code == BASE_OK)
		cli_entry_print(s, index, entry, event);
	return code;
}

static enum base_code run_show(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_session_open(&s, cli, wanted_session(cli), err);

	if (code != BASE_OK)
		return code;
	try_register(&s);
	if (strcmp(cli->argv[0], "ledger") == 0) {
		code = show_ledger(&s, err);
	} else if ((code = cli_resolve(&s, cli->argv[0], &index, &item, err)) == BASE_OK) {
		code = cli_event_at(&s, index, &entry, &event, err);
		if (code == BASE_NOT_FOUND)
			code = show_block(&s, index, err);
		else if (code == BASE_OK)
			code = show_event(&s, index, item, &entry, &event, err);
	}
	cli_session_close(&s);
	return code;
}

#define FILTER_OPTIONS                                                                                                         \
	{"kind", "KIND", "only this kind of event", false},                                                                     \
	{"study", "STUDY", "only this study", false},                                                                           \
	{"since", "TIME", "recorded at or after", false},                                                                       \
	{"until", "TIME", "recorded at or before", false},                                                                      \
	{"limit", "N", "at most N entries", false},                                                                             \
	{"names", NULL, "show participants by the site's own numbers (needs your key and the register)", false}
static const struct cli_option show_options[] = {
	{"names", NULL, "show participants by the site's own numbers (needs your key and the register)", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option log_options[] = {
	FILTER_OPTIONS,
	{"actor", "ACTOR", "only by this author", false},
	{"oldest-first", NULL, "in the ledger's order", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option history_options[] = {
	FILTER_OPTIONS,
	{"participant", NULL, "what is named is a participant of --study", false},
	{"newest-first", NULL, "the newest first", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_show[] = {
	{"show", "Asking", "ID|ITEM|#ENTRY|CID|ledger", "show an event, an item, a block or the ledger in words",
	 "ITEM (ID#0) or CID: its state first, with the events that corrected, retracted or attested it, then the event that brought it. A full ID, "
	 "an #ENTRY and the CID of a recorded item are looked up; an abbreviation of an ID (4 digits or more) is searched for in every entry. Exit "
	 "code 6: what is named does not exist; 2: it is no name of anything.",
	 "regesta show 3f2a91c07d11\nregesta show ledger", show_options, 1, 1, run_show},
	{"log", "Asking", "", "list events, newest first",
	 "With --actor or --study, what concerns that actor or study is read; --since and --until cut what is read to that time, and --limit ends it "
	 "when there are enough. --kind alone reads every entry, for there is no index of kinds.", "regesta log --study rare-01 --kind data.submit --since 2026-03-01", log_options,
	 0, 0, run_log},
	{"history", "Asking", "ID|ITEM|ACTOR|STUDY|NUMBER", "list what happened to an item, by an actor, in a study, to a participant", NULL,
	 "regesta history 3f2a91c07d11#0\nregesta history charite/dm1\nregesta history P-001 --participant --study rare-01", history_options,
	 1, 1, run_history},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
