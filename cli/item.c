/* An item and what became of it: corrected, retracted, attested, by which events. */
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

static bool state_fact(void *arg, const struct state_fact *fact)
{
	const char **state = arg;

	/* Of several, the one that says most about whether the item may be used. */
	if (fact->kind == EVENTS_DATA_RETRACT)
		*state = "retracted";
	else if (fact->kind == EVENTS_DATA_CORRECT && strcmp(*state, "retracted") != 0)
		*state = "corrected";
	else if (fact->kind == EVENTS_ATTEST && strcmp(*state, "normal") == 0)
		*state = "attested";
	return true;
}

const char *cli_item_state(struct cli_session *s, const struct events_event *event, size_t index)
{
	struct base_error ignored;
	const char *state = "normal";

	return walk(s, event, index, state_fact, &state, &ignored) == BASE_OK ? state : "unreadable";
}

/* ---- Everything that is known of one ---- */

struct telling {
	struct cli_session *s;
	json_t *facts; /* NULL: for people */
};

static void tell_person(const struct state_fact *fact, const char *id, const char *replacement)
{
	char time[BASE_TIME_TEXT_BYTES];

	base_time_format(time, fact->time, 0);
	if (fact->kind == EVENTS_DATA_CORRECT)
		printf("  corrected by %s (%s)", replacement, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else if (fact->kind == EVENTS_DATA_RETRACT)
		printf("  retracted by %.12s (%s)", id, code_name(EVENTS_REASONS, events_uint(fact->content, 2)));
	else if (fact->kind == EVENTS_ATTEST)
		printf("  attested by %.12s (%s, %.*s)", id, code_name(EVENTS_MEANINGS, events_uint(fact->content, 3)),
		       (int)events_text(fact->content, 4).len, (const char *)events_text(fact->content, 4).data);
	else
		printf("  named by %.12s", id);
	printf(", %s, entry #%llu\n", time, (unsigned long long)fact->index);
}

static json_t *fact_json(const struct state_fact *fact, const char *id, const char *replacement)
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
		json_array_append_new(telling->facts, fact_json(fact, id, replacement));
	else
		tell_person(fact, id, replacement);
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
	struct telling telling = {s, json_array()};
	char name[EVENTS_ITEM_ID_TEXT_BYTES], cid[WIRE_CID_TEXT_BYTES];
	enum base_code code = walk(s, event, index, tell_fact, &telling, err);

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
	if (picking.item.participant.len > 0)
		json_object_set_new(*out, "participant", cli_json_hex(picking.item.participant));
	return BASE_OK;
}

enum base_code cli_item_print(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event, size_t index,
			      struct base_error *err)
{
	const struct events_item_id id = {event->id, index};
	struct picking picking = {.index = index};
	struct telling telling = {s, NULL};
	struct base_buf who = BASE_BUF_INIT;
	char name[EVENTS_ITEM_ID_TEXT_BYTES], cid[WIRE_CID_TEXT_BYTES], words[160];
	enum base_code code;

	events_items(event, pick, &picking);
	events_item_id_format(name, &id);
	wire_cid_text(cid, &picking.item.cid);
	cli_participant_words(s, picking.item.participant, words, sizeof(words));
	base_printable(&who, base_slice_text(words));
	printf("%s%s%s\n  %s, participant %.*s, %s\n  state: %s\n", cli_style(s->cli, CLI_BOLD), name, cli_style(s->cli, CLI_PLAIN),
	       code_name(EVENTS_CATEGORIES, picking.item.category), (int)who.len, (const char *)who.data, cid,
	       was_denied(entry) ? "refused; see the event" : cli_item_state(s, event, index));
	base_buf_free(&who);
	code = walk(s, event, index, tell_fact, &telling, err);
	if (code == BASE_OK)
		printf("It came with the event\n");
	return code;
}
