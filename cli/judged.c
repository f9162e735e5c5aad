/* What contracts said of the items of an access event: read from its outcome, with the clauses by name and their reasons. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "contracts/contracts.h"

enum { CONTRACTS = 5, JUDGED = 6, OBLIGATIONS = 7, EXPIRES = 8, SEALING_KEY = 9 };

/* docs/formats/access.md §2: codes and words. */
static const struct ground {
	const char *code, *words;
} grounds[] = {
	{"unknown", N_("unknown to this version")},
	{"clause", N_("a clause of the contract decided")},
	{"silence", N_("no clause of the contract permits it")},
	{"fault", N_("a clause of the contract could not be judged")},
	{"no-contract", N_("no contract is in force")},
	{"quarantined", N_("the data is quarantined")},
	{"retracted", N_("the data was retracted")},
	{"erased", N_("the data is to be erased, or is")},
	{"unconfirmed", N_("a reassignment of the data is not confirmed")},
	{"too-new", N_("the data was recorded in the same block")},
	{"sources", N_("the data was derived from more than is followed")},
	{"outside", N_("the permit does not have it")},
	{"expired", N_("what would permit it is over")},
};

struct judged {
	struct cli_session *s;
	struct base_slice study;
	struct base_hash contracts[EVENTS_ITEMS_MAX];
	size_t count;
	struct contracts_arena *arenas[EVENTS_ITEMS_MAX]; /* of those that were found */
	const struct contracts_program *programs[EVENTS_ITEMS_MAX];
	bool looked[EVENTS_ITEMS_MAX];
};
struct group {
	uint64_t verdict, ground, contract, clause, fault;
	bool has_contract, has_clause;
	struct base_slice items;
};

static bool member(const struct state_outcome *outcome, uint64_t key, struct wire_reader *r)
{
	wire_read(r, base_buf_slice(&outcome->judgement));
	while (!r->failed && r->at < r->all.len) {
		if (wire_get_uint(r) == key)
			return true;
		(void)wire_get_raw(r);
	}
	return false;
}

static void judged_open(struct judged *j, struct cli_session *s, const struct events_event *event, const struct state_outcome *outcome)
{
	struct wire_reader r;

	*j = (struct judged){.s = s, .study = event->cose.subject};
	if (!member(outcome, CONTRACTS, &r))
		return;
	for (uint64_t n = wire_get_array(&r); n > 0 && j->count < EVENTS_ITEMS_MAX; n--)
		j->contracts[j->count++] = wire_get_hash(&r);
}

static void judged_close(struct judged *j)
{
	for (size_t i = 0; i < j->count; i++)
		contracts_arena_close(j->arenas[i]);
}

struct proposal {
	struct base_hash contract, event;
	bool found;
};

static bool look_proposal(void *arg, const struct state_fact *fact)
{
	struct proposal *p = arg;
	struct base_slice id;

	if (fact->kind != EVENTS_CONTRACT_PROPOSE)
		return true;
	id = events_bytes(fact->content, 1);
	if (id.len != sizeof(p->contract.bytes) || memcmp(id.data, p->contract.bytes, id.len) != 0)
		return true;
	memcpy(p->event.bytes, events_bytes(fact->content, 0).data, sizeof(p->event.bytes));
	p->found = true;
	return false;
}

enum base_code cli_contract_proposal(struct cli_session *s, struct base_slice study, const struct base_hash *contract,
				     struct events_event *out, struct base_error *err)
{
	struct proposal p = {.contract = *contract};
	struct chain_entry entry;
	struct state_view view;
	char hex[65];
	uint64_t index;
	int64_t item;
	enum base_code code;

	chain_read_view(s->read, &view);
	code = state_record_walk(&view, STATE_CONTRACT, study, base_slice(NULL, 0), look_proposal, &p, err);
	base_hex(hex, base_hash_slice(p.found ? &p.event : contract));
	if (code == BASE_NOT_FOUND || (code == BASE_OK && !p.found))
		return base_fail(err, BASE_NOT_FOUND, "nobody proposed contract %s for study %.*s", hex, (int)study.len, (const char *)study.data);
	if (code == BASE_OK)
		code = cli_resolve(s, hex, &index, &item, err);
	return code == BASE_OK ? cli_event_at(s, index, &entry, out, err) : code;
}

/* Proposed for the study of the event; contracts of other studies, which sources came from, are named by their ids alone. */
static const struct contracts_program *program_of(struct judged *j, size_t i)
{
	struct contracts_reject reject;
	struct events_event event;
	struct base_error ignored;
	struct base_slice code;

	if (j->looked[i])
		return j->programs[i];
	j->looked[i] = true;
	if (cli_contract_proposal(j->s, j->study, &j->contracts[i], &event, &ignored) != BASE_OK)
		return NULL;
	code = events_bytes(event.envelope.body, 3);
	j->arenas[i] = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	if (j->arenas[i] == NULL ||
	    contracts_load(j->arenas[i], &j->programs[i], (struct contracts_bytes){code.data, code.len}, &reject) != CONTRACTS_OK)
		j->programs[i] = NULL;
	return j->programs[i];
}

static struct group group_read(struct wire_reader *r)
{
	struct group g = {.verdict = 0};

	wire_expect_array(r, 6);
	g.verdict = wire_get_uint(r);
	g.ground = wire_get_uint(r);
	if ((g.has_contract = wire_peek(r) != WIRE_NULL))
		g.contract = wire_get_uint(r);
	else
		wire_get_null(r);
	if ((g.has_clause = wire_peek(r) != WIRE_NULL))
		g.clause = wire_get_uint(r);
	else
		wire_get_null(r);
	g.fault = wire_get_uint(r);
	g.items = wire_get_bytes(r);
	return g;
}

static bool clause_of(struct judged *j, const struct group *g, struct contracts_clause *out)
{
	const struct contracts_program *program = g->has_contract && g->has_clause ? program_of(j, (size_t)g->contract) : NULL;

	if (program == NULL || g->clause >= contracts_program_clauses(program))
		return false;
	*out = contracts_program_clause(program, (size_t)g->clause);
	return true;
}

/* "consent date is not known"; empty without fault. */
static void fault_words(uint64_t fault, char *out, size_t cap)
{
	const char *fact = contracts_fact_name((unsigned)(fault & 0xff));

	*out = '\0';
	switch ((enum contracts_fault_kind)(fault >> 8)) {
	case CONTRACTS_FAULT_NONE:
		break;
	case CONTRACTS_FAULT_UNKNOWN:
		snprintf(out, cap, _("\"%s\" is not known"), fact != NULL ? fact : "?");
		break;
	case CONTRACTS_FAULT_OVERFLOW:
		snprintf(out, cap, _("a number or a date is out of range"));
		break;
	case CONTRACTS_FAULT_IMPRECISE:
		snprintf(out, cap, _("a date is not known precisely enough"));
		break;
	case CONTRACTS_FAULT_CODE:
		snprintf(out, cap, _("\"%s\" has a code that the contract does not know"), fact != NULL ? fact : "?");
		break;
	case CONTRACTS_FAULT_TALLY:
		snprintf(out, cap, _("a tally is not known"));
		break;
	case CONTRACTS_FAULT_GAS:
		snprintf(out, cap, _("it costs more than is given"));
		break;
	}
}

static const struct ground *ground_of(uint64_t number)
{
	return &grounds[number < sizeof(grounds) / sizeof(grounds[0]) ? number : 0];
}

static const char *verdict_code(uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(EVENTS_VERDICTS), number);

	return code != NULL ? code->name : "unknown";
}

/* ---- JSON ---- */

static json_t *group_json(struct judged *j, const struct group *g)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "verdict", verdict_code(g->verdict), "ground", ground_of(g->ground)->code, "words",
				 _(ground_of(g->ground)->words));
	json_t *items = json_array();
	struct contracts_clause clause;
	char words[160];

	if (g->has_contract && g->contract < j->count)
		json_object_set_new(json, "contract", cli_json_hex(base_hash_slice(&j->contracts[g->contract])));
	if (clause_of(j, g, &clause)) {
		json_object_set_new(json, "clause", json_stringn(clause.name.data, clause.name.len));
		json_object_set_new(json, "because", json_stringn(clause.because.data, clause.because.len));
	}
	fault_words(g->fault, words, sizeof(words));
	if (words[0] != '\0')
		json_object_set_new(json, "fault", json_string(words));
	for (size_t i = 0; i < g->items.len * 8; i++)
		if ((g->items.data[i / 8] >> (i % 8) & 1) != 0)
			json_array_append_new(items, json_integer((json_int_t)i));
	json_object_set_new(json, "items", items);
	return json;
}

static const char *duty_code(uint64_t duty)
{
	static const char *const codes[] = {"unknown", "notify", "expire", "report-back", "publish", "not-publish-before", "return-data"};

	return codes[duty < sizeof(codes) / sizeof(codes[0]) ? duty : 0];
}

static json_t *obligation_json(struct wire_reader *r)
{
	json_t *json;

	wire_expect_array(r, 3);
	json = json_pack("{s:s}", "duty", duty_code(wire_get_uint(r)));
	if (wire_peek(r) == WIRE_NULL)
		wire_get_null(r);
	else
		json_object_set_new(json, "when", cli_json_time((struct base_time){wire_get_uint(r)}));
	if (wire_peek(r) == WIRE_NULL) {
		wire_get_null(r);
	} else if (wire_peek(r) == WIRE_TEXT) {
		json_object_set_new(json, "organisation", cli_json_slice(wire_get_text(r)));
	} else {
		const struct events_code *role = events_code_by_number(events_codes_of(EVENTS_ROLES), wire_get_uint(r));

		json_object_set_new(json, "role", json_string(role != NULL ? role->name : "unknown"));
	}
	return json;
}

void cli_judged_json(struct cli_session *s, const struct events_event *event, const struct state_outcome *outcome, json_t *json)
{
	struct judged *j = base_alloc(sizeof(*j));
	struct wire_reader r;
	json_t *list;

	judged_open(j, s, event, outcome);
	if (member(outcome, JUDGED, &r)) {
		list = json_array();
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
			struct group g = group_read(&r);

			json_array_append_new(list, group_json(j, &g));
		}
		json_object_set_new(json, "judged", list);
	}
	if (member(outcome, OBLIGATIONS, &r)) {
		list = json_array();
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--)
			json_array_append_new(list, obligation_json(&r));
		json_object_set_new(json, "obligations", list);
	}
	if (member(outcome, EXPIRES, &r))
		json_object_set_new(json, "until_before", cli_json_time((struct base_time){wire_get_uint(&r)}));
	if (member(outcome, SEALING_KEY, &r)) {
		struct base_hash kid = wire_get_hash(&r);

		json_object_set_new(json, "sealing_key", cli_json_hex(base_hash_slice(&kid)));
	}
	judged_close(j);
	free(j);
}

/* ---- Words ---- */

/* "0, 2-5" */
static void items_words(struct base_slice items, char *out, size_t cap)
{
	size_t at = 0, count = items.len * 8;

	*out = '\0';
	for (size_t i = 0; i < count && at + 16 < cap; i++) {
		size_t last = i;

		if ((items.data[i / 8] >> (i % 8) & 1) == 0)
			continue;
		while (last + 1 < count && (items.data[(last + 1) / 8] >> ((last + 1) % 8) & 1) != 0)
			last++;
		at += (size_t)snprintf(out + at, cap - at, last == i ? "%s%zu" : "%s%zu-%zu", at == 0 ? "" : ", ", i, last);
		i = last;
	}
}

static void group_words(struct judged *j, const struct group *g, char *out, size_t cap)
{
	struct contracts_clause clause;
	char fault[160];
	size_t at;

	fault_words(g->fault, fault, sizeof(fault));
	if (clause_of(j, g, &clause))
		at = (size_t)snprintf(out, cap, _("clause \"%.*s\": %.*s"), (int)clause.name.len, clause.name.data, (int)clause.because.len,
				      clause.because.data);
	else
		at = (size_t)snprintf(out, cap, "%s", _(ground_of(g->ground)->words));
	if (fault[0] != '\0' && at < cap)
		snprintf(out + at, cap - at, " (%s)", fault);
}

void cli_judged_visit(struct cli_session *s, const struct events_event *event, const struct state_outcome *outcome,
		      void (*visit)(void *arg, const char *verdict, const char *items, const char *words), void *arg)
{
	struct judged *j = base_alloc(sizeof(*j));
	struct wire_reader r;

	judged_open(j, s, event, outcome);
	if (member(outcome, JUDGED, &r)) {
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
			struct group g = group_read(&r);
			char items[256], words[1500];

			items_words(g.items, items, sizeof(items));
			group_words(j, &g, words, sizeof(words));
			visit(arg, verdict_code(g.verdict), items, words);
		}
	}
	judged_close(j);
	free(j);
}
