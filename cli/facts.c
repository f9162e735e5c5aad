/* What a record of state says, for people and as JSON. Nothing here relies on a record's being one that this version would write: a
 * proof brings the bytes, and its ledger may be newer. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static json_t *any(struct wire_reader *r);
static json_t *members(const struct events_field *fields, size_t count, struct wire_reader *r);

/* A kind's content that is its body, or has one inside: which members its keys have. */
static const struct events_kind *body_of(enum state_table table, uint64_t kind)
{
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	for (size_t i = 0; i < count; i++) {
		enum events_kind_id id = kinds[i]->id;

		if ((uint64_t)id != kind)
			continue;
		if ((table == STATE_STUDY && (id == EVENTS_STUDY_REGISTER || id == EVENTS_STUDY_AMEND || id == EVENTS_STUDY_CLOSE)) ||
		    (table == STATE_ACTOR && id == EVENTS_ACTOR_ASSIGN) || (table == STATE_GOVERNANCE && id == EVENTS_GOVERNANCE_RECOVER) ||
		    (table == STATE_PROPOSAL && id == EVENTS_GOVERNANCE_PROPOSE) || (table == STATE_APPROVAL && id == EVENTS_ETHICS_DECIDE) ||
		    (table == STATE_HOLD && id == EVENTS_HOLD_PLACE))
			return kinds[i];
	}
	return NULL;
}

static const char *kind_name(uint64_t kind, const char **words)
{
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	*words = kind == 0 ? _("the ledger's beginning") : _("a kind that this version does not know");
	for (size_t i = 0; i < count; i++) {
		if ((uint64_t)kinds[i]->id == kind) {
			*words = _(kinds[i]->words);
			return kinds[i]->name;
		}
	}
	return kind == 0 ? "genesis" : "unknown";
}

/* ---- Values ---- */

static json_t *number(uint64_t v)
{
	char digits[24];

	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	return json_string(digits);
}

static json_t *bytes(struct base_slice value)
{
	struct wire_cid cid;
	char text[WIRE_CID_TEXT_BYTES];
	struct base_error ignored;

	if (value.len == WIRE_CID_BYTES && wire_cid_parse(&cid, value, &ignored) == BASE_OK) {
		wire_cid_text(text, &cid);
		return json_string(text);
	}
	return cli_json_hex(value);
}

static json_t *any_map(struct wire_reader *r)
{
	json_t *object = json_object();
	uint64_t count = wire_get_map(r);

	for (uint64_t i = 0; i < count && !r->failed; i++) {
		char key[24];

		if (wire_peek(r) != WIRE_UINT) {
			(void)wire_get_raw(r);
			(void)wire_get_raw(r);
			continue;
		}
		snprintf(key, sizeof(key), "%llu", (unsigned long long)wire_get_uint(r));
		json_object_set_new(object, key, any(r));
	}
	return object;
}

/* As deep as wire_check allows. */
static json_t *any(struct wire_reader *r)
{
	json_t *list;
	uint64_t count;

	switch (wire_peek(r)) {
	case WIRE_UINT: return number(wire_get_uint(r));
	case WIRE_BYTES: return bytes(wire_get_bytes(r));
	case WIRE_TEXT: return cli_json_slice(wire_get_text(r));
	case WIRE_BOOL: return json_boolean(wire_get_bool(r));
	case WIRE_MAP: return any_map(r);
	case WIRE_ARRAY:
		list = json_array();
		count = wire_get_array(r);
		for (uint64_t i = 0; i < count && !r->failed; i++)
			json_array_append_new(list, any(r));
		return list;
	case WIRE_NINT:
	case WIRE_TAG:
	case WIRE_NULL:
	case WIRE_END:
	case WIRE_INVALID: break;
	}
	(void)wire_get_raw(r);
	return json_null();
}

static json_t *code_name(const struct events_codes *codes, uint64_t code)
{
	for (size_t i = 0; codes != NULL && i < codes->count; i++)
		if (codes->codes[i].number == code)
			return json_string(codes->codes[i].name);
	return number(code);
}

static json_t *when(struct wire_reader *r)
{
	struct wire_reader inner;
	struct events_when value;

	wire_read(&inner, wire_get_raw(r));
	value = events_when_read(&inner);
	return inner.failed ? json_null() : cli_json_when(&value);
}

/* By the field's type where the bytes are of it; else as they are. */
static json_t *value(const struct events_field *field, enum events_type type, struct wire_reader *r)
{
	enum wire_type found = wire_peek(r);
	json_t *list;
	uint64_t count;

	if (type == EVENTS_CODE && found == WIRE_UINT)
		return code_name(field->codes, wire_get_uint(r));
	if (type == EVENTS_TIME && found == WIRE_UINT)
		return cli_json_time((struct base_time){wire_get_uint(r)});
	if (type == EVENTS_WHEN && found == WIRE_ARRAY)
		return when(r);
	if (type == EVENTS_STRUCT && found == WIRE_MAP && !field->of->positional)
		return members(field->of->fields, field->of->count, r);
	if (type != EVENTS_LIST || found != WIRE_ARRAY)
		return any(r);
	list = json_array();
	count = wire_get_array(r);
	for (uint64_t i = 0; i < count && !r->failed; i++)
		json_array_append_new(list, value(field, field->element, r));
	return list;
}

static json_t *members(const struct events_field *fields, size_t count, struct wire_reader *r)
{
	json_t *object = json_object();
	uint64_t there = wire_get_map(r);

	for (uint64_t i = 0; i < there && !r->failed; i++) {
		const struct events_field *field = NULL;
		char digits[24];
		uint64_t key;

		if (wire_peek(r) != WIRE_UINT) {
			(void)wire_get_raw(r);
			(void)wire_get_raw(r);
			continue;
		}
		key = wire_get_uint(r);
		for (size_t j = 0; j < count && field == NULL; j++)
			field = fields[j].key == key ? &fields[j] : NULL;
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)key);
		/* Where a body stands with more beside it, 0 is the event's id. */
		json_object_set_new(object, field != NULL ? field->name : key == 0 ? "event" : digits, field != NULL ? value(field, field->type, r) : any(r));
	}
	return object;
}

/* ---- Facts ---- */

/* Consents and agreements: {1: event id, 2: the act, or the body}. */
static bool inner(enum state_table table, uint64_t kind, struct events_field fields[2])
{
	fields[0] = (struct events_field){.key = 1, .type = EVENTS_ID, .name = "event"};
	fields[1] = (struct events_field){.key = 2, .type = EVENTS_STRUCT};
	if (table == STATE_AGREEMENT && kind == (uint64_t)EVENTS_AGREEMENT_RECORD) {
		fields[1].name = "agreement";
		fields[1].of = &events_kind_by_id(EVENTS_AGREEMENT_RECORD)->body;
	} else if (table == STATE_CONSENT && kind == (uint64_t)EVENTS_CONSENT) {
		const struct events_struct *body = &events_kind_by_id(EVENTS_CONSENT)->body;

		for (size_t i = 0; i < body->count; i++)
			if (strcmp(body->fields[i].name, "act") == 0 && body->fields[i].type == EVENTS_STRUCT)
				fields[1] = (struct events_field){.key = 2, .type = EVENTS_STRUCT, .name = "act", .of = body->fields[i].of};
	}
	return fields[1].of != NULL;
}

/* Tables whose contents are no bodies (docs/formats/state.md, 3). A list: the member is a code of it. */
struct named {
	enum state_table table;
	uint8_t key;
	const char *name;
	bool is_code;
	enum events_list list;
};
static const struct named names[] = {
	{STATE_ITEM, 1, "replacement", false, 0}, {STATE_ITEM, 2, "reason", true, EVENTS_REASONS}, {STATE_ITEM, 3, "meaning", true, EVENTS_MEANINGS},
	{STATE_ITEM, 4, "actor", false, 0}, {STATE_ITEM, 5, "answer", false, 0}, {STATE_ITEM, 6, "holder", false, 0},
	{STATE_ITEM, 7, "destroyed", true, EVENTS_DESTRUCTIONS}, {STATE_ITEM, 8, "erased", false, 0}, {STATE_ITEM, 9, "from", false, 0},
	{STATE_ITEM, 10, "to", false, 0}, {STATE_ITEM, 11, "in_effect", false, 0}, {STATE_ITEM, 12, "recipients", false, 0},
	{STATE_ITEM, 13, "repudiated", false, 0},
	{STATE_EVENT, 1, "actor", false, 0}, {STATE_EVENT, 2, "item", false, 0}, {STATE_EVENT, 3, "study", false, 0},
	{STATE_EVENT, 4, "organisation", false, 0}, {STATE_EVENT, 5, "in_effect", false, 0}, {STATE_EVENT, 6, "recipients", false, 0},
	{STATE_EVENT, 7, "meaning", true, EVENTS_MEANINGS},
	{STATE_COPY, 1, "holder", false, 0}, {STATE_COPY, 2, "from", false, 0}, {STATE_COPY, 3, "to", false, 0},
	{STATE_COPY, 4, "destroyed", true, EVENTS_DESTRUCTIONS},
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static size_t fields_of(enum state_table table, struct events_field fields[NAMES])
{
	size_t count = 0;

	for (size_t i = 0; i < NAMES; i++)
		if (names[i].table == table)
			fields[count++] = (struct events_field){.key = names[i].key, .name = names[i].name, .type = names[i].is_code ? EVENTS_CODE : EVENTS_LABEL,
								.codes = names[i].is_code ? events_codes_of(names[i].list) : NULL};
	return count;
}

static json_t *content(enum state_table table, const struct state_fact *fact)
{
	const struct events_kind *body = body_of(table, fact->kind);
	struct events_field fields[NAMES];
	size_t count = fields_of(table, fields);
	struct wire_reader r;

	wire_read(&r, fact->content);
	if (count > 0)
		return members(fields, count, &r);
	if (inner(table, fact->kind, fields))
		return members(fields, 2, &r);
	return body != NULL ? members(body->body.fields, body->body.count, &r) : any(&r);
}

json_t *cli_facts_json(enum state_table table, struct base_slice record)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_hash leaf;
	struct base_error ignored;
	json_t *list = json_array();
	size_t count;
	const char *words;

	if (table == STATE_HEAD || state_record_decode(facts, &count, &leaf, record, &ignored) != BASE_OK)
		return list;
	for (size_t i = 0; i < count; i++) {
		const char *name = kind_name(facts[i].kind, &words);

		json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:s, s:s, s:o}", "index", (json_int_t)facts[i].index, "time",
						      cli_json_time(facts[i].time), "when", cli_json_when(&facts[i].when), "kind", name, "words",
						      words, "content", content(table, &facts[i])));
	}
	return list;
}

static void print_member(const struct cli *cli, const char *name, const json_t *member)
{
	struct base_buf shown = BASE_BUF_INIT;
	char *text = json_is_string(member) ? NULL : json_dumps(member, JSON_ENCODE_ANY);

	base_printable(&shown, base_slice_text(text != NULL ? text : json_is_string(member) ? json_string_value(member) : ""));
	printf("    %s%s:%s %.*s\n", cli_style(cli, CLI_DIM), name, cli_style(cli, CLI_PLAIN), (int)shown.len, (const char *)shown.data);
	base_buf_free(&shown);
	free(text);
}

void cli_facts_print(const struct cli *cli, enum state_table table, struct base_slice record)
{
	json_t *list = cli_facts_json(table, record), *fact, *member;
	struct state_head head;
	struct base_error ignored;
	const char *name;
	size_t i;

	if (table == STATE_HEAD && state_head_decode(&head, record, &ignored) == BASE_OK)
		printf(_("  %llu entries concern the participant, no more and no less: a trail shows them\n"), (unsigned long long)head.count);
	json_array_foreach(list, i, fact) {
		printf(_("  %sentry #%lld%s  %s: %s (%s), happened %s\n"), cli_style(cli, CLI_BOLD), (long long)json_integer_value(json_object_get(fact, "index")),
		       cli_style(cli, CLI_PLAIN), json_string_value(json_object_get(fact, "time")),
		       json_string_value(json_object_get(fact, "kind")), json_string_value(json_object_get(fact, "words")),
		       json_string_value(json_object_get(fact, "when")));
		json_object_foreach(json_object_get(fact, "content"), name, member)
			print_member(cli, name, member);
	}
	json_decref(list);
}
