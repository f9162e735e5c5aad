/* An item and what became of it: corrected, retracted, attested, erased …, by which events; who keeps it. */
#include <string.h>

#include "cli/cli.h"

static const char *code_name(enum events_list list, uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	return code != NULL ? code->name : "unknown";
}

static enum base_code walk(struct cli_session *s, const struct events_event *event, size_t index, state_fact_fn visit, void *arg,
			   struct base_error *err)
{
	const struct events_item_id item = {event->id, index};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	enum base_code code;

	events_item_id_put(&reference, &item);
	chain_read_view(s->read, &view);
	code = state_record_walk(&view, STATE_ITEM, event->cose.subject, base_buf_slice(&reference), visit, arg, err);
	base_buf_free(&reference);
	return code == BASE_NOT_FOUND ? BASE_OK : code; /* only what is not as it was submitted has a record */
}

/* Of several, the one that says most about whether the item may be used: the last of these. */
static const char *const states[] = {N_("normal"), N_("attested"), N_("recalled"), N_("reassigned"), N_("corrected"), N_("retracted"), N_("repudiated"), N_("to-be-erased"), N_("erased")};

static size_t rank_of(const struct state_fact *fact)
{
	if (events_has(fact->content, 8))
		return 8;
	if (fact->kind == EVENTS_DATA_ERASE)
		return 7;
	if (fact->kind == EVENTS_ACTOR_REPUDIATE)
		return 6;
	if (fact->kind == EVENTS_DATA_RETRACT)
		return 5;
	if (fact->kind == EVENTS_DATA_CORRECT)
		return 4;
	if (fact->kind == EVENTS_DATA_REASSIGN)
		return 3;
	if (fact->kind == EVENTS_DATA_RECALL)
		return 2;
	return fact->kind == EVENTS_ATTEST ? 1 : 0;
}

static bool state_fact(void *arg, const struct state_fact *fact)
{
	size_t *rank = arg, one = rank_of(fact);

	*rank = one > *rank ? one : *rank;
	return true;
}

const char *cli_item_state(struct cli_session *s, const struct events_event *event, size_t index)
{
	struct base_error ignored;
	size_t rank = 0;

	return walk(s, event, index, state_fact, &rank, &ignored) == BASE_OK ? states[rank] : N_("unreadable");
}

/* ---- Who keeps it ---- */

static bool copy_fact(void *arg, const struct state_fact *fact)
{
	bool given = events_has(fact->content, 2);
	struct base_slice first = events_text(fact->content, given ? 2 : 1);
	json_t *list = arg;

	if (given)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "from", cli_json_slice(first), "to",
						      cli_json_slice(events_text(fact->content, 3)), "time", cli_json_time(fact->time)));
	else if (fact->kind == EVENTS_DATA_DESTROYED)
		json_array_append_new(list, json_pack("{s:o, s:s, s:o}", "holder", cli_json_slice(first), "destroyed",
						      code_name(EVENTS_DESTRUCTIONS, events_uint(fact->content, 4)), "time", cli_json_time(fact->time)));
	else
		json_array_append_new(list, json_pack("{s:o, s:o}", "holder", cli_json_slice(first), "time", cli_json_time(fact->time)));
	return true;
}

/* What is known of copies, oldest first; empty: nothing but that who recorded it keeps it. */
static json_t *copies_of(struct cli_session *s, const struct events_event *event, size_t index)
{
	const struct events_item_id item = {event->id, index};
	struct base_buf reference = BASE_BUF_INIT;
	json_t *list = json_array();
	struct state_view view;
	struct base_error ignored;

	events_item_id_put(&reference, &item);
	chain_read_view(s->read, &view);
	(void)!state_record_walk(&view, STATE_COPY, event->cose.subject, base_buf_slice(&reference), copy_fact, list, &ignored);
	base_buf_free(&reference);
	return list;
}

static void print_copies(struct cli_session *s, const struct events_event *event, size_t index)
{
	json_t *list = copies_of(s, event, index), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const char *holder = json_string_value(json_object_get(one, "holder")), *what = json_string_value(json_object_get(one, "destroyed"));

		if (holder == NULL)
			printf(_("  a copy went from %s to %s"), json_string_value(json_object_get(one, "from")), json_string_value(json_object_get(one, "to")));
		else if (what == NULL)
			printf(_("  %s keeps a copy"), holder);
		else
			continue; /* said with the item's own facts */
		printf(", %s\n", json_string_value(json_object_get(one, "time")));
	}
	json_decref(list);
}

/* ---- Everything that is known of one ---- */

struct telling {
	struct cli_session *s;
	json_t *facts; /* NULL: for people */
	uint64_t in_effect[STATE_FACTS_MAX]; /* leaves of the reassignments that are */
	size_t count;
	uint64_t waiting; /* the last reassignment, until it is in effect; 0: none */
};

/* What puts a reassignment into effect is a later fact, so that all are looked at before the first is told. */
static bool effect_fact(void *arg, const struct state_fact *fact)
{
	struct telling *telling = arg;

	if (fact->kind == EVENTS_DATA_REASSIGN)
		telling->waiting = fact->index;
	if (events_has(fact->content, 11) && telling->waiting != 0 && telling->count < STATE_FACTS_MAX)
		telling->in_effect[telling->count++] = telling->waiting;
	return true;
}

static bool is_in_effect(const struct telling *telling, const struct state_fact *fact)
{
	for (size_t i = 0; i < telling->count; i++)
		if (telling->in_effect[i] == fact->index)
			return true;
	return false;
}

static void tell_person(const struct state_fact *fact, const char *id, const char *replacement, bool in_effect)
{
	char time[BASE_TIME_TEXT_BYTES];

	base_time_format(time, fact->time, 0);
	if (fact->kind == EVENTS_DATA_CORRECT)
		printf(_("  corrected by %s (%s)"), replacement, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else if (fact->kind == EVENTS_DATA_RETRACT)
		printf(_("  retracted by %.12s (%s)"), id, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else if (fact->kind == EVENTS_ATTEST)
		printf(_("  attested by %.12s (%s, %.*s)"), id, code_name(EVENTS_MEANINGS, events_uint(fact->content, 3)),
		       (int)events_text(fact->content, 4).len, (const char *)events_text(fact->content, 4).data);
	else if (fact->kind == EVENTS_DATA_REASSIGN)
		printf(in_effect ? _("  said to be another participant's by %.12s (%s)")
						     : _("  said to be another participant's by %.12s (%s), once a second organisation attests it"),
		       id, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else if (fact->kind == EVENTS_DATA_RECALL)
		printf(_("  recalled by %.12s (%s)"), id, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else if (fact->kind == EVENTS_DATA_ERASE)
		printf(_("  ordered to be erased by %.12s"), id);
	else if (fact->kind == EVENTS_DATA_DESTROYED)
		printf(events_has(fact->content, 8) ? _("  destroyed by %.*s (%s), as attested by %.12s; with it the item is erased")
						    : _("  destroyed by %.*s (%s), as attested by %.12s"), (int)events_text(fact->content, 6).len,
		       (const char *)events_text(fact->content, 6).data, code_name(EVENTS_DESTRUCTIONS, events_uint(fact->content, 7)), id);
	else if (fact->kind == EVENTS_ACTOR_REPUDIATE)
		printf(_("  repudiated by %.12s (%s)"), id, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else
		printf(_("  named by %.12s"), id);
	printf(_(", %s, entry #%llu\n"), time, (unsigned long long)fact->index);
}

static json_t *fact_json(const struct state_fact *fact, const char *id, const char *replacement, bool in_effect)
{
	const struct events_kind *kind = events_kind_by_id((enum events_kind_id)fact->kind);
	json_t *json = json_pack("{s:s, s:s, s:I, s:o}", "kind", kind != NULL ? kind->name : "unknown", "event", id, "index",
				 (json_int_t)fact->index, "time", cli_json_time(fact->time));

	if (replacement[0] != '\0')
		json_object_set_new(json, "replacement", json_string(replacement));
	if (events_has(fact->content, 2))
		json_object_set_new(json, "reason", json_string(code_name(EVENTS_REASONS, events_uint(fact->content, 2))));
	if (events_has(fact->content, 3))
		json_object_set_new(json, "meaning", json_string(code_name(EVENTS_MEANINGS, events_uint(fact->content, 3))));
	if (events_has(fact->content, 6))
		json_object_set_new(json, "holder", cli_json_slice(events_text(fact->content, 6)));
	if (events_has(fact->content, 7))
		json_object_set_new(json, "destroyed", json_string(code_name(EVENTS_DESTRUCTIONS, events_uint(fact->content, 7))));
	if (events_has(fact->content, 10))
		json_object_set_new(json, "to", cli_json_hex(events_bytes(fact->content, 10)));
	if (fact->kind == EVENTS_DATA_REASSIGN || events_has(fact->content, 11))
		json_object_set_new(json, "in_effect", json_boolean(in_effect || events_has(fact->content, 11)));
	if (events_has(fact->content, 4))
		json_object_set_new(json, "actor", cli_json_slice(events_text(fact->content, 4)));
	return json;
}

static bool tell_fact(void *arg, const struct state_fact *fact)
{
	struct telling *telling = arg;
	struct chain_entry entry;
	struct events_event event;
	struct events_item_id by;
	struct wire_reader r;
	struct base_error ignored;
	char id[65] = "", replacement[EVENTS_ITEM_ID_TEXT_BYTES] = "";

	if (cli_event_at(telling->s, fact->index, &entry, &event, &ignored) == BASE_OK)
		base_hex(id, base_hash_slice(&event.id));
	if (fact->kind == EVENTS_DATA_CORRECT && events_find(fact->content, 1, &r)) {
		by = events_item_id_read(&r);
		events_item_id_format(replacement, &by);
	}
	if (telling->facts != NULL)
		json_array_append_new(telling->facts, fact_json(fact, id, replacement, is_in_effect(telling, fact)));
	else
		tell_person(fact, id, replacement, is_in_effect(telling, fact));
	return true;
}

struct picking {
	size_t index;
	struct events_item item;
};

static bool pick(void *arg, size_t index, const struct events_item *item)
{
	struct picking *picking = arg;

	if (index != picking->index)
		return true;
	picking->item = *item;
	return false;
}

static bool was_denied(const struct chain_entry *entry)
{
	struct state_outcome outcome;
	struct base_error ignored;
	bool denied;

	if (state_outcome_decode(&outcome, entry->outcome, &ignored) != BASE_OK)
		return false;
	denied = outcome.verdict == STATE_DENY;
	state_outcome_free(&outcome);
	return denied;
}

enum base_code cli_item_json(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event, size_t index, json_t **out,
			     struct base_error *err)
{
	const struct events_item_id id = {event->id, index};
	struct picking picking = {.index = index};
	struct telling telling = {.s = s, .facts = json_array()};
	char name[EVENTS_ITEM_ID_TEXT_BYTES], cid[WIRE_CID_TEXT_BYTES];
	enum base_code code = walk(s, event, index, effect_fact, &telling, err);

	if (code == BASE_OK)
		code = walk(s, event, index, tell_fact, &telling, err);

	*out = NULL;
	if (code != BASE_OK) {
		json_decref(telling.facts);
		return code;
	}
	events_items(event, pick, &picking);
	events_item_id_format(name, &id);
	wire_cid_text(cid, &picking.item.cid);
	*out = json_pack("{s:s, s:s, s:s, s:s, s:o}", "item", name, "cid", cid, "category", code_name(EVENTS_CATEGORIES, picking.item.category),
			 "state", was_denied(entry) ? "refused" : cli_item_state(s, event, index), "facts", telling.facts);
	json_object_set_new(*out, "copies", copies_of(s, event, index));
	if (picking.item.participant.len > 0)
		json_object_set_new(*out, "participant", cli_json_hex(picking.item.participant));
	return BASE_OK;
}

enum base_code cli_item_print(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event, size_t index,
			      struct base_error *err)
{
	const struct events_item_id id = {event->id, index};
	struct picking picking = {.index = index};
	struct telling telling = {.s = s};
	struct base_buf who = BASE_BUF_INIT;
	char name[EVENTS_ITEM_ID_TEXT_BYTES], cid[WIRE_CID_TEXT_BYTES], words[160];
	enum base_code code;

	events_items(event, pick, &picking);
	events_item_id_format(name, &id);
	wire_cid_text(cid, &picking.item.cid);
	cli_participant_words(s, picking.item.participant, words, sizeof(words));
	base_printable(&who, base_slice_text(words));
	printf(_("%s%s%s\n  %s, participant %.*s, %s\n  state: %s\n"), cli_style(s->cli, CLI_BOLD), name, cli_style(s->cli, CLI_PLAIN),
	       code_name(EVENTS_CATEGORIES, picking.item.category), (int)who.len, (const char *)who.data, cid,
	       was_denied(entry) ? _("refused; see the event") : _(cli_item_state(s, event, index)));
	base_buf_free(&who);
	code = walk(s, event, index, effect_fact, &telling, err);
	if (code == BASE_OK)
		code = walk(s, event, index, tell_fact, &telling, err);
	print_copies(s, event, index);
	if (code == BASE_OK)
		printf(_("It came with the event\n"));
	return code;
}
