/* report: the record of a participant, study, site or item, as a page to print and to file. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

#define TEXT_BYTES_MAX 65536

enum subject { PARTICIPANT, STUDY, SITE, ITEM };
static const char *const subjects[] = {"participant", "study", "site", "item"};

#define PRINTED_NAMES 64
struct printed_name {
	char actor[160];
	char name[CLI_PRINTED_NAME_BYTES_MAX + 1]; /* empty: none that opens */
};
struct report {
	struct cli_session *s;
	struct base_buf out;
	enum subject subject;
	const char *name, *study;
	struct base_hash reference; /* of a participant */
	uint64_t *indices;          /* leaves, ascending */
	size_t count, cap;
	bool opens;                 /* the caller's key is at hand */
	struct printed_name names[PRINTED_NAMES]; /* of authors, as they were looked up */
	size_t name_count;
};

/* ---- Which entries ---------------------------------------------------------- */

static void add(struct report *r, uint64_t index)
{
	if (r->count == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->indices = base_realloc(r->indices, r->cap * sizeof(*r->indices));
	}
	r->indices[r->count++] = index;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort(struct report *r)
{
	size_t kept = 0;

	if (r->count > 1)
		qsort(r->indices, r->count, sizeof(*r->indices), compare);
	for (size_t i = 0; i < r->count; i++) {
		if (kept == 0 || r->indices[kept - 1] != r->indices[i])
			r->indices[kept++] = r->indices[i];
	}
	r->count = kept;
}

static enum base_code by_term(struct report *r, uint64_t term, struct base_error *err)
{
	uint64_t *found = NULL;
	size_t count = 0;
	enum base_code code = chain_read_postings(r->s->read, term, &found, &count, err);

	for (size_t i = 0; code == BASE_OK && i < count; i++)
		add(r, found[i]);
	free(found);
	return code;
}

struct site_search {
	struct report *r;
	size_t kept; /* so many of the leaves before this one are of the site */
	bool names_site, found;
};

static bool first_site(void *arg, const struct state_fact *fact)
{
	struct site_search *search = arg;

	if ((fact->kind == EVENTS_PARTICIPANT_ENROL || fact->kind == EVENTS_PARTICIPANT_TRANSFER) && events_has(fact->content, 2) &&
	    base_slice_equal(events_text(fact->content, 2), base_slice_text(search->r->name)))
		search->found = true;
	return !search->found;
}

static void look_participant(struct site_search *search, struct base_slice reference_cbor)
{
	struct state_view view;
	struct base_error ignored;

	chain_read_view(search->r->s->read, &view);
	if (state_record_walk(&view, STATE_PARTICIPANT, base_slice_text(search->r->study), reference_cbor, first_site, search, &ignored) != BASE_OK)
		search->found = false;
}

static bool look_named_site(void *arg, const struct events_value *value)
{
	struct site_search *search = arg;
	struct wire_reader reader;

	wire_read(&reader, value->raw);
	if (value->type == EVENTS_TOKEN && (strcmp(value->field->name, "site") == 0 || strcmp(value->field->name, "sites") == 0))
		search->names_site = base_slice_equal(wire_get_text(&reader), base_slice_text(search->r->name));
	return !search->names_site;
}

/* The leaf of an event that was found to be of the site; they ascend. */
static bool is_kept(const struct site_search *search, const struct base_hash *id, uint64_t *index)
{
	struct base_error ignored;

	return chain_read_find(search->r->s->read, id, index, &ignored) == BASE_OK &&
	       bsearch(index, search->r->indices, search->kept, sizeof(*index), compare) != NULL;
}

struct item_search {
	struct site_search *search;
	uint64_t wanted;
};

static bool look_item_participant(void *arg, size_t index, const struct events_item *item)
{
	struct item_search *one = arg;
	struct base_buf reference = BASE_BUF_INIT;

	if (index != one->wanted)
		return true;
	if (item->participant.len == 0) {
		one->search->found = true;
	} else {
		wire_put_bytes(&reference, item->participant);
		look_participant(one->search, base_buf_slice(&reference));
		base_buf_free(&reference);
	}
	return false;
}

/* An item is of a site if the event that brought it names the site, or a participant of the site whose it is; an item of nobody, if its
 * event is of the site. */
static void look_item(struct site_search *search, const struct events_item_id *id)
{
	struct site_search named = {.r = search->r};
	struct item_search one = {search, id->index};
	struct chain_entry entry;
	struct events_event event;
	struct base_error ignored;
	uint64_t index;

	if (!is_kept(search, &id->event, &index) || cli_event_at(search->r->s, index, &entry, &event, &ignored) != BASE_OK)
		return;
	events_values(event.envelope.kind, event.envelope.body, look_named_site, &named);
	if (named.names_site)
		search->found = true;
	else
		events_items(&event, look_item_participant, &one);
}

/* An event is of a site if it names it, or a participant who was enrolled there or came to it, or an item or event that is. */
static bool look_site(void *arg, const struct events_value *value)
{
	struct site_search *search = arg;
	struct wire_reader reader;
	struct events_item_id item;
	struct base_hash id;
	uint64_t index;

	wire_read(&reader, value->raw);
	if (value->type == EVENTS_TOKEN) {
		search->found = !look_named_site(search, value);
	} else if (value->type == EVENTS_REFERENCE) {
		look_participant(search, value->raw);
	} else if (value->type == EVENTS_ITEM) {
		item = events_item_id_read(&reader);
		if (!reader.failed)
			look_item(search, &item);
	} else if (value->type == EVENTS_ID) {
		id = wire_get_hash(&reader);
		search->found = !reader.failed && is_kept(search, &id, &index);
	}
	return !search->found;
}

static enum base_code keep_site(struct report *r, struct base_error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct chain_entry entry;
		struct events_event event;
		struct site_search search = {r, kept, false, false};
		enum base_code code = cli_event_at(r->s, r->indices[i], &entry, &event, err);

		if (code == BASE_NOT_FOUND)
			continue;
		if (code != BASE_OK)
			return code;
		events_values(event.envelope.kind, event.envelope.body, look_site, &search);
		if (search.found)
			r->indices[kept++] = r->indices[i];
	}
	r->count = kept;
	return BASE_OK;
}

static enum base_code of_item(struct report *r, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_resolve(r->s, r->name, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(r->s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	add(r, index);
	code = by_term(r, state_term_named(&event.id), err);
	for (size_t i = 0; i < events_item_count(&event) && code == BASE_OK; i++) {
		if (item < 0 || (size_t)item == i)
			code = by_term(r, state_term_item(&event.id, i), err);
	}
	return code;
}

static enum base_code gather(struct report *r, struct base_error *err)
{
	enum base_code code = BASE_OK;

	switch (r->subject) {
	case PARTICIPANT:
		code = cli_participant(r->s, r->study, r->name, &r->reference, err);
		if (code == BASE_OK)
			code = by_term(r, state_term_participant(base_slice_text(r->study), base_hash_slice(&r->reference)), err);
		break;
	case STUDY:
		code = cli_study_check(r->s, r->name, err);
		if (code == BASE_OK)
			code = by_term(r, state_term_study(base_slice_text(r->name)), err);
		break;
	case SITE:
		code = cli_study_check(r->s, r->study, err);
		if (code == BASE_OK)
			code = by_term(r, state_term_study(base_slice_text(r->study)), err);
		break;
	case ITEM:
		code = of_item(r, err);
		break;
	}
	if (code != BASE_OK)
		return code;
	sort(r);
	if (r->subject == SITE && (code = keep_site(r, err)) != BASE_OK)
		return code;
	return r->count > 0 ? BASE_OK : base_fail(err, BASE_NOT_FOUND, "the ledger says nothing of \"%.80s\"", r->name);
}

/* ---- One entry ------------------------------------------------------------------ */

static void put_roles(struct report *r, const char *author)
{
	const struct events_codes *codes = events_codes_of(EVENTS_ROLES);
	struct base_buf roles = BASE_BUF_INIT;
	struct cli_actor actor;
	struct base_error ignored;

	if (cli_actor_find(r->s, author, &actor, &ignored) == BASE_OK) {
		for (size_t i = 0; i < codes->count; i++) {
			if ((actor.roles & EVENTS_ROLE(codes->codes[i].number)) != 0)
				base_buf_print(&roles, "%s%s", roles.len > 0 ? "; " : "", cli_message(codes->codes[i].words));
		}
	}
	if (roles.len > 0)
		page_row(&r->out, _("roles in the organisation"), "%.*s", (int)roles.len, (const char *)roles.data);
	base_buf_free(&roles);
}

/* Looked up once an author; of very many authors the last place is used again. */
static const char *printed_name(struct report *r, const char *author)
{
	struct printed_name *n;

	for (size_t i = 0; i < r->name_count; i++) {
		if (strcmp(r->names[i].actor, author) == 0)
			return r->names[i].name;
	}
	if (r->name_count < PRINTED_NAMES)
		r->name_count++;
	n = &r->names[r->name_count - 1];
	snprintf(n->actor, sizeof(n->actor), "%s", author);
	if (!r->opens || !cli_printed_name(r->s, author, n->name))
		n->name[0] = '\0';
	return n->name;
}

static void put_author(struct report *r, const struct events_event *event)
{
	const struct events_capacity *capacity = &event->envelope.capacity;
	char author[160], original[64];

	snprintf(author, sizeof(author), "%.*s", (int)event->cose.issuer.len, (const char *)event->cose.issuer.data);
	if (printed_name(r, author)[0] != '\0')
		page_row(&r->out, _("author"), "%s (%s)", printed_name(r, author), author);
	else
		page_row(&r->out, _("author"), "%s", author);
	put_roles(r, author);
	if (capacity->on_behalf_of.len > 0)
		page_row(&r->out, _("capacity"), "%s (%.*s)", cli_code_message(EVENTS_CAPACITIES, capacity->code), (int)capacity->on_behalf_of.len,
			 (const char *)capacity->on_behalf_of.data);
	else
		page_row(&r->out, _("capacity"), "%s", cli_code_message(EVENTS_CAPACITIES, capacity->code));
	if (capacity->has_original) {
		events_when_words(original, &capacity->original);
		page_row(&r->out, _("time in the source system"), "%s", original);
	}
	page_row(&r->out, _("meaning of the signature"), "%s", cli_code_message(EVENTS_MEANINGS, event->envelope.meaning));
}

static void put_times(struct report *r, uint64_t index, const struct chain_entry *entry, const struct events_event *event)
{
	char when[64], claimed[BASE_TIME_TEXT_BYTES], entered[BASE_TIME_TEXT_BYTES];

	events_when_words(when, &event->envelope.when);
	base_time_format(claimed, event->envelope.claimed, 0);
	base_time_format(entered, entry->time, 0);
	page_row(&r->out, _("happened (local time and offset)"), "%s", when);
	page_row(&r->out, _("signed (author's clock, UTC)"), "%s", claimed);
	page_row(&r->out, _("recorded (ledger's clock, UTC)"), _("%s, entry %" PRIu64 ", block %" PRIu64), entered, index, entry->height);
}

static void put_reason(struct report *r, const struct events_event *event)
{
	const struct events_envelope *e = &event->envelope;
	struct base_buf text = BASE_BUF_INIT;
	struct base_error ignored;

	if (!e->has_reason)
		return;
	page_row(&r->out, _("reason"), "%s", cli_code_message(EVENTS_REASONS, e->reason));
	if (!e->has_reason_text)
		return;
	if (r->opens && cli_sealed_text(r->s, event, &e->reason_text, TEXT_BYTES_MAX, &text, &ignored) == BASE_OK)
		page_row(&r->out, _("explanation"), "%.*s", (int)text.len, (const char *)text.data);
	else
		page_row(&r->out, _("explanation"), "%s", _("sealed; the reader of this page may not open it"));
	base_buf_wipe(&text);
}

static void put_outcome(struct report *r, uint64_t index, const struct events_event *event, const struct chain_entry *entry)
{
	struct state_outcome outcome;
	struct base_error ignored;
	char words[768];

	if (state_outcome_decode(&outcome, entry->outcome, &ignored) != BASE_OK)
		return;
	if (outcome.verdict == STATE_DENY) {
		cli_entry_outcome_words(r->s, index, event, &outcome, words, sizeof(words));
		page_row(&r->out, _("outcome"), "%s: %s (%s)", _("refused"), cli_code_message(EVENTS_DENIALS, outcome.denial), words);
	} else {
		page_row(&r->out, _("outcome"), "%s", cli_code_message(EVENTS_VERDICTS, outcome.verdict));
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		if ((outcome.flags >> bit & 1) != 0)
			page_row(&r->out, _("flag"), "%s", cli_code_message(EVENTS_FLAGS, bit));
	}
	state_outcome_free(&outcome);
}

/* What cli_item_state says. */
static const char *const item_states[] = {N_("normal"), N_("corrected"), N_("retracted"), N_("attested"), N_("unreadable")};

static const char *item_state(struct report *r, const struct events_event *event, size_t index)
{
	const char *state = cli_item_state(r->s, event, index);

	for (size_t i = 0; i < sizeof(item_states) / sizeof(item_states[0]); i++) {
		if (strcmp(item_states[i], state) == 0)
			return cli_message(item_states[i]);
	}
	return state;
}

struct items {
	struct report *r;
	const struct events_event *event;
	json_t *names;
};

static bool put_item(void *arg, size_t index, const struct events_item *item)
{
	struct items *items = arg;
	const char *name = json_string_value(json_object_get(json_array_get(items->names, index), "name"));
	char number[24], who[160], collected[64] = "", len[32], cid[WIRE_CID_TEXT_BYTES];

	snprintf(number, sizeof(number), "%zu", index);
	snprintf(len, sizeof(len), "%" PRIu64, item->len);
	cli_participant_words(items->r->s, item->participant, who, sizeof(who));
	if (item->has_collected)
		events_when_words(collected, &item->collected);
	wire_cid_text(cid, &item->cid);
	page_table_row(&items->r->out,
		       (const char *const[]){number, name != NULL ? name : _("(sealed)"), who, cli_code_message(EVENTS_CATEGORIES, item->category),
					     collected, len, item_state(items->r, items->event, index), cid},
		       8);
	return true;
}

static void put_items(struct report *r, const struct events_event *event)
{
	const char *const headings[] = {_("no."),       _("name"),  _("participant"), _("category"),
					_("collected"), _("bytes"), _("state now"),   _("address (CID)")};
	struct items items = {r, event, NULL};

	if (!event->envelope.kind->needs_study || events_item_count(event) == 0)
		return;
	if (r->opens)
		items.names = cli_sealed_names(r->s, event);
	page_table_begin(&r->out, _("Data"), headings, 8);
	events_items(event, put_item, &items);
	page_table_end(&r->out);
	json_decref(items.names);
}

/* Members of the body that are no items: each by its help's words and its value. */
struct values {
	struct report *r;
	bool brings;
};

static bool put_value(void *arg, const struct events_value *value)
{
	struct values *values = arg;
	struct base_buf words = BASE_BUF_INIT;
	char path[EVENTS_PATH_TEXT_BYTES];
	char who[160];

	events_value_path(path, value);
	if (values->brings && (strncmp(path, "items[", 6) == 0 || strncmp(path, "replacement.", 12) == 0))
		return true;
	if (value->type == EVENTS_CODE) {
		struct wire_reader reader;
		uint64_t number;

		wire_read(&reader, value->raw);
		number = wire_get_uint(&reader);
		for (size_t i = 0; i < value->field->codes->count; i++) {
			if (value->field->codes->codes[i].number == number)
				base_buf_print(&words, "%s", cli_message(value->field->codes->codes[i].words));
		}
	} else if (value->type == EVENTS_REFERENCE) {
		struct wire_reader reader;

		wire_read(&reader, value->raw);
		cli_participant_words(values->r->s, wire_get_bytes(&reader), who, sizeof(who));
		base_buf_print(&words, "%s", who);
	} else {
		events_value_words(&words, value);
	}
	page_row(&values->r->out, cli_message(value->field->help), "%.*s", (int)words.len, (const char *)words.data);
	base_buf_free(&words);
	return true;
}

/* A correction names the item that was wrong: before and after, one beside the other. */
static void put_change(struct report *r, const struct events_event *event)
{
	struct events_item_id target;
	struct chain_entry entry;
	struct events_event before;
	struct base_error ignored;
	struct wire_reader reader;
	uint64_t index;
	json_t *old_names, *new_names;
	const char *old_name, *new_name;

	if (event->envelope.kind->id != EVENTS_DATA_CORRECT || !events_find(event->envelope.body, 1, &reader))
		return;
	target = events_item_id_read(&reader);
	if (chain_read_find(r->s->read, &target.event, &index, &ignored) != BASE_OK ||
	    cli_event_at(r->s, index, &entry, &before, &ignored) != BASE_OK)
		return;
	old_names = r->opens ? cli_sealed_names(r->s, &before) : NULL;
	new_names = r->opens ? cli_sealed_names(r->s, event) : NULL;
	old_name = json_string_value(json_object_get(json_array_get(old_names, (size_t)target.index), "name"));
	new_name = json_string_value(json_object_get(json_array_get(new_names, 0), "name"));
	page_row(&r->out, _("before"), _("%s, entry %" PRIu64 ", item %" PRIu64), old_name != NULL ? old_name : _("(sealed)"), index,
		 target.index);
	page_row(&r->out, _("after"), "%s", new_name != NULL ? new_name : _("item 0 of this entry"));
	json_decref(old_names);
	json_decref(new_names);
}

static void put_entry(struct report *r, uint64_t index, const struct chain_entry *entry, const struct events_event *event)
{
	char id[65], anchor[32], heading[320], caption[64];
	struct values values = {r, events_item_count(event) > 0};

	base_hex(id, base_hash_slice(&event->id));
	snprintf(anchor, sizeof(anchor), "entry-%" PRIu64, index);
	snprintf(heading, sizeof(heading), "%" PRIu64 ". %s", index, cli_message(event->envelope.kind->words));
	base_buf_print(&r->out, "<section class=\"entry\">\n");
	page_heading(&r->out, 3, anchor, heading);
	snprintf(caption, sizeof(caption), _("Entry %" PRIu64), index);
	page_rows_begin(&r->out, caption);
	page_row(&r->out, _("event id"), "%s", id);
	put_times(r, index, entry, event);
	put_author(r, event);
	put_outcome(r, index, event, entry);
	put_reason(r, event);
	put_change(r, event);
	events_values(event->envelope.kind, event->envelope.body, put_value, &values);
	page_rows_end(&r->out);
	put_items(r, event);
	base_buf_print(&r->out, "</section>\n");
}

/* ---- The page ------------------------------------------------------------------- */

static void put_title(const struct report *r, char *out, size_t cap)
{
	switch (r->subject) {
	case PARTICIPANT:
		snprintf(out, cap, _("Record of participant %s in study %s"), r->name, r->study);
		return;
	case STUDY:
		snprintf(out, cap, _("Record of study %s"), r->name);
		return;
	case SITE:
		snprintf(out, cap, _("Record of site %s in study %s"), r->name, r->study);
		return;
	case ITEM:
		snprintf(out, cap, _("Record of item %s"), r->name);
		return;
	}
}

static enum base_code put_summary(struct report *r, struct base_error *err)
{
	struct chain_block_entry last;
	uint64_t index;
	char id[65], now[BASE_TIME_TEXT_BYTES], reference[65];
	enum base_code code = chain_read_block(r->s->read, chain_read_height(r->s->read), &last, &index, err);

	if (code != BASE_OK)
		return code;
	base_hex(id, base_hash_slice(chain_id(r->s->chain)));
	base_time_format(now, last.time, 0);
	page_heading(&r->out, 2, "ledger", _("What this page is taken from"));
	page_rows_begin(&r->out, _("The ledger"));
	page_row(&r->out, _("ledger"), "%s", id);
	page_row(&r->out, _("origin"), "%s", chain_origin(r->s->chain));
	page_row(&r->out, _("as of"), _("%s: %" PRIu64 " entries, block %" PRIu64), now, chain_read_size(r->s->read),
		 chain_read_height(r->s->read));
	page_row(&r->out, _("order and time"), "%s", _("by one operator; no other institution has confirmed them"));
	if (r->subject == PARTICIPANT) {
		base_hex(reference, base_hash_slice(&r->reference));
		page_row(&r->out, _("reference"), "%s", reference);
	}
	page_row(&r->out, _("entries on this page"), "%zu", r->count);
	page_rows_end(&r->out);
	return BASE_OK;
}

static enum base_code put_proof(struct report *r, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	page_heading(&r->out, 2, "proof", _("Proof, and how to check it"));
	base_buf_print(&r->out, "<p>");
	switch (r->subject) {
	case PARTICIPANT:
		page_print(&r->out, "%s", _("The file below proves that the entries of this page are all that concern the participant, and that each is signed by its "
					    "author. Save it as trail.txt and, with the policy file that you keep of this ledger, run: regesta verify trail.txt "
					    "--policy POLICY. The program needs no network and trusts no node."));
		code = chain_read_trail(r->s->read, r->study, &r->reference, &text, err);
		break;
	case ITEM:
		page_print(&r->out, "%s", _("The file below is the receipt of the entry that brought the item. Save it as receipt.tlog-proof and, with the policy file that "
					    "you keep of this ledger, run: regesta verify receipt.tlog-proof --policy POLICY. That no later entry "
					    "names the item is shown by an audit alone."));
		code = chain_read_receipt(r->s->read, r->indices[0], &text, err);
		break;
	case STUDY:
	case SITE:
		page_print(&r->out, "%s", _("No short proof shows that these are all entries: an audit does, with a copy of the ledger. The checkpoint below says which "
					    "ledger this page was taken from: keep it, and give it to regesta audit --since."));
		code = chain_read_checkpoint(r->s->read, chain_read_height(r->s->read), &text, err);
		break;
	}
	base_buf_print(&r->out, "</p>\n");
	if (code == BASE_OK)
		page_file(&r->out, r->subject == PARTICIPANT ? "trail.txt" : r->subject == ITEM ? "receipt.tlog-proof" : "checkpoint.txt",
			  _("Save this file"), base_buf_slice(&text));
	base_buf_free(&text);
	return code;
}

static enum base_code compose(struct report *r, struct base_error *err)
{
	struct cli_progress progress;
	char title[400];
	enum base_code code;

	put_title(r, title, sizeof(title));
	page_begin(&r->out, cli_language_name(), title);
	if ((code = put_summary(r, err)) != BASE_OK)
		return code;
	page_heading(&r->out, 2, "entries", _("What was recorded, in the ledger's order"));
	cli_progress_begin(&progress, r->s->cli, "writing", r->count, false);
	for (size_t i = 0; i < r->count && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;

		cli_progress_set(&progress, i);
		code = cli_event_at(r->s, r->indices[i], &entry, &event, err);
		if (code == BASE_OK)
			put_entry(r, r->indices[i], &entry, &event);
		else if (code == BASE_NOT_FOUND)
			code = BASE_OK;
	}
	cli_progress_end(&progress);
	if (code == BASE_OK)
		code = put_proof(r, err);
	page_end(&r->out);
	return code;
}

static enum base_code deliver(struct report *r, const char *language, struct base_error *err)
{
	const char *output = cli_get(r->s->cli, "output");
	enum base_code code;

	if (output == NULL || strcmp(output, "-") == 0)
		return base_write_all(1, base_buf_slice(&r->out), err);
	code = base_file_write(output, base_buf_slice(&r->out), 0600, cli_has(r->s->cli, "force"), err);
	if (code == BASE_EXISTS)
		return base_fail(err, BASE_EXISTS, "%s is there already; --force replaces it", output);
	if (code == BASE_OK && r->s->cli->json)
		cli_print_json(json_pack("{s:s, s:I, s:s}", "file", output, "entries", (json_int_t)r->count, "language", language));
	else if (code == BASE_OK)
		cli_note(r->s->cli, "%zu entries written to %s", r->count, output);
	return code;
}

static enum base_code parse(struct report *r, struct cli *cli, struct base_error *err)
{
	size_t i = 0;

	while (i < sizeof(subjects) / sizeof(subjects[0]) && strcmp(cli->argv[0], subjects[i]) != 0)
		i++;
	if (i == sizeof(subjects) / sizeof(subjects[0]))
		return base_fail(err, BASE_USAGE, "a report is of a participant, study, site or item, not of \"%.40s\"", cli->argv[0]);
	r->subject = (enum subject)i;
	r->name = cli->argv[1];
	r->study = cli_get(cli, "study");
	if ((r->subject == PARTICIPANT || r->subject == SITE) && r->study == NULL)
		return base_fail(err, BASE_USAGE, "--study is missing: a %s belongs to a study", subjects[i]);
	if (cli->json && cli_get(cli, "output") == NULL)
		return base_fail(err, BASE_USAGE, "--json tells of the file that was written: give --output FILE; the data itself is in history --json");
	return BASE_OK;
}

static enum base_code run_report(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct report r = {.s = &s};
	struct base_error ignored;
	char language[3];
	bool number;
	enum base_code code = parse(&r, cli, err);

	if (code != BASE_OK)
		return code;
	number = r.subject == PARTICIPANT && strlen(r.name) != 64;
	code = cli_session_open(&s, cli, number || cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ, err);
	if (code != BASE_OK)
		return code;
	if (s.identity.count > 0) {
		(void)!cli_session_register(&s, &ignored);
		r.opens = cli_session_payloads(&s, false, &ignored) == BASE_OK;
	}
	code = gather(&r, err);
	/* With --json messages are English; the page is what was asked for. */
	if (code == BASE_OK)
		code = cli_language(cli_get(cli, "language"), err);
	if (code == BASE_OK)
		code = compose(&r, err);
	memcpy(language, cli_language_name(), sizeof(language));
	if (code == BASE_OK && cli->json)
		code = cli_language("en", err);
	if (code == BASE_OK)
		code = deliver(&r, language, err);
	base_buf_wipe(&r.out);
	free(r.indices);
	cli_session_close(&s);
	return code;
}

static const struct cli_option report_options[] = {
	{"study", "STUDY", "the study that the participant or site belongs to", false},
	{"output", "FILE", "where to write the page (default: standard output)", false},
	{"names", NULL, "open sealed names and texts, and show participants' own numbers, where your key does", false},
	{"force", NULL, "replace a file that is there", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_report[] = {
	{"report", "Asking", "participant|study|site|item NAME", "write a page to print: the whole record, with its proof",
	 "One HTML page that needs nothing beside it: every entry with its author, times with their offset, meanings, flags and values in words, what was "
	 "before and after a correction, and the proof of completeness (of a participant) or the receipt (of an item) with how to check it. A browser "
	 "prints it. A page that was written with --names holds names: treat it like a paper that does.",
	 "regesta report participant P-001 --study rare-01 --names --output P-001.html\nregesta report study rare-01 --language de --output study.html",
	 report_options, 2, 2, run_report},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
