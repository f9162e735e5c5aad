/* list: what there is, by kind of thing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"

static void text_of(struct base_slice map, uint64_t key, char *out, size_t cap)
{
	out[0] = '\0';
	if (events_has(map, key))
		snprintf(out, cap, "%.*s", (int)events_text(map, key).len, (const char *)events_text(map, key).data);
}

/* ---- One row a thing ---- */

struct organisation_walk {
	char title[256], country[8];
};

static bool organisation_fact(void *arg, const struct state_fact *fact)
{
	struct organisation_walk *w = arg;

	text_of(fact->content, 1, w->title, sizeof(w->title));
	text_of(fact->content, 2, w->country, sizeof(w->country));
	return false;
}

static bool list_organisation(void *arg, const char *code)
{
	struct listing *l = arg;
	struct organisation_walk w = {0};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	struct base_error ignored;

	wire_put_cstr(&reference, code);
	chain_read_view(l->s->read, &view);
	(void)!state_record_walk(&view, STATE_ORGANISATION, base_slice(NULL, 0), base_buf_slice(&reference), organisation_fact, &w, &ignored);
	base_buf_free(&reference);
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s}", "organisation", code, "title", w.title, "country", w.country));
	else
		cli_table_row(l->table, (const char *const[]){code, w.title, w.country});
	return true;
}

static void add_actor(struct listing *l, const char *name)
{
	const struct events_codes *codes = events_codes_of(EVENTS_ROLES);
	struct cli_actor actor;
	struct base_error ignored;
	char roles[512] = "", kid[65];
	json_t *names;

	if (cli_actor_find(l->s, name, &actor, &ignored) != BASE_OK)
		return;
	names = json_array();
	for (size_t i = 0; i < codes->count; i++)
		if ((actor.roles & EVENTS_ROLE(codes->codes[i].number)) != 0) {
			snprintf(roles + strlen(roles), sizeof(roles) - strlen(roles), "%s%s", roles[0] != '\0' ? "," : "", codes->codes[i].name);
			json_array_append_new(names, json_string(codes->codes[i].name));
		}
	base_hex(kid, base_hash_slice(&actor.kid));
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:O, s:s, s:b}", "actor", name, "roles", names, "kid", kid, "active", actor.active));
	else
		cli_table_row(l->table, (const char *const[]){name, roles, actor.active ? _("active") : _("revoked"), kid});
	json_decref(names);
}

static void list_actor(struct listing *l, const struct events_event *event)
{
	char name[160];

	if (event->envelope.kind->id == EVENTS_ACTOR_ENROL) {
		text_of(event->envelope.body, 1, name, sizeof(name));
		add_actor(l, name);
	} else if (event->envelope.kind->id == EVENTS_ORGANISATION_ADMIT) {
		/* The newcomer's administrator signs itself from here on; its enrolment lies in the proposal. */
		struct chain_entry entry;
		struct events_event proposal;
		struct events_enrolment enrolment;
		struct base_error ignored;
		struct base_hash id;
		uint64_t index;

		memcpy(id.bytes, events_bytes(event->envelope.body, 1).data, sizeof(id.bytes));
		if (chain_read_find(l->s->read, &id, &index, &ignored) != BASE_OK ||
		    cli_event_at(l->s, index, &entry, &proposal, &ignored) != BASE_OK || !events_has(proposal.envelope.body, 2) ||
		    events_enrolment_open(&enrolment, events_bytes(events_raw(proposal.envelope.body, 2), 6), &ignored) != BASE_OK)
			return;
		snprintf(name, sizeof(name), "%.*s", (int)enrolment.actor.len, (const char *)enrolment.actor.data);
		add_actor(l, name);
	}
}

static void list_founding_actors(struct listing *l)
{
	const struct chain_genesis *genesis = chain_founding(l->s->chain);

	for (size_t i = 0; i < genesis->founder_count; i++) {
		struct events_enrolment enrolment;
		struct base_error ignored;
		char name[160];

		if (events_enrolment_open(&enrolment, genesis->founders[i].enrolment, &ignored) != BASE_OK)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)enrolment.actor.len, (const char *)enrolment.actor.data);
		add_actor(l, name);
	}
}

struct study_walk {
	char title[256], sponsor[80], protocol[80];
	bool closed;
};

/* What amendments say takes the place of what was registered. */
static bool study_fact(void *arg, const struct state_fact *fact)
{
	struct study_walk *w = arg;

	if (events_has(fact->content, 2))
		text_of(fact->content, 2, w->title, sizeof(w->title));
	if (events_has(fact->content, 3))
		text_of(fact->content, 3, w->sponsor, sizeof(w->sponsor));
	if (events_has(fact->content, 5))
		text_of(fact->content, 5, w->protocol, sizeof(w->protocol));
	w->closed = w->closed || fact->kind == EVENTS_STUDY_CLOSE;
	return true;
}

static void list_study(struct listing *l, const struct events_event *event)
{
	struct study_walk w = {0};
	struct state_view view;
	struct base_error ignored;
	char study[80];

	if (event->envelope.kind->id != EVENTS_STUDY_REGISTER)
		return;
	text_of(event->envelope.body, 1, study, sizeof(study));
	chain_read_view(l->s->read, &view);
	(void)!state_record_walk(&view, STATE_STUDY, base_slice_text(study), base_slice(NULL, 0), study_fact, &w, &ignored);
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:s, s:b}", "study", study, "title", w.title, "sponsor", w.sponsor,
							 "protocol_version", w.protocol, "closed", w.closed));
	else
		cli_table_row(l->table, (const char *const[]){study, w.title, w.sponsor, w.protocol, w.closed ? "closed" : "open"});
}

struct item_row {
	struct listing *l;
	const struct events_event *event;
};

static bool list_one_item(void *arg, size_t index, const struct events_item *item)
{
	struct item_row *row = arg;
	const struct events_code *category = events_code_by_number(events_codes_of(EVENTS_CATEGORIES), item->category);
	char id[65], name[80], cid[WIRE_CID_TEXT_BYTES], who[160];

	base_hex(id, base_hash_slice(&row->event->id));
	wire_cid_text(cid, &item->cid);
	cli_participant_words(row->l->s, item->participant, who, sizeof(who));
	if (row->l->json != NULL) {
		json_t *json;

		snprintf(name, sizeof(name), "%s#%zu", id, index);
		json = json_pack("{s:s, s:s, s:s, s:s}", "item", name, "cid", cid, "category",
				 category != NULL ? category->name : "unknown", "state", cli_item_state(row->l->s, row->event, index));
		if (item->participant.len > 0)
			json_object_set_new(json, "participant", cli_json_hex(item->participant));
		/* With --names; the reference stays what it is. */
		if (row->l->s->reg != NULL && item->participant.len > 0)
			json_object_set_new(json, "number", json_string(who));
		json_array_append_new(row->l->json, json);
		return true;
	}
	snprintf(name, sizeof(name), "%.12s#%zu", id, index);
	cli_table_row(row->l->table, (const char *const[]){name, category != NULL ? category->name : "unknown", who,
							   _(cli_item_state(row->l->s, row->event, index)), cid});
	return true;
}

static void list_items(struct listing *l, const struct events_event *event)
{
	struct item_row row = {l, event};

	if (event->envelope.kind->needs_study && (l->study == NULL || base_slice_equal(event->cose.subject, base_slice_text(l->study))))
		events_items(event, list_one_item, &row);
}

static void list_dataset(struct listing *l, const struct events_event *event)
{
	struct base_slice body = event->envelope.body;
	char id[65], count[24], root[65];

	if (event->envelope.kind->id != EVENTS_DATASET_FREEZE || events_uint(body, 3) != 1 ||
	    (l->study != NULL && !base_slice_equal(event->cose.subject, base_slice_text(l->study))))
		return;
	base_hex(id, base_hash_slice(&event->id));
	base_hex(root, events_bytes(body, 2));
	snprintf(count, sizeof(count), "%llu", (unsigned long long)events_uint(body, 1));
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:o, s:I, s:s}", "dataset", id, "study", cli_json_slice(event->cose.subject), "count",
							 (json_int_t)events_uint(body, 1), "root", root));
	else
		cli_table_row(l->table, (const char *const[]){id, count, root});
}

/* "100000:1000 a key, …", as `init` takes them. */
static void limits_text(struct base_slice cbor, char *out, size_t size)
{
	struct state_limits limits = {0};
	struct wire_reader r;

	wire_read(&r, cbor);
	state_limits_read(&limits, &r);
	snprintf(out, size, "%" PRIu64 ":%" PRIu64 " key, %" PRIu64 ":%" PRIu64 " organisation, %" PRIu64 ":%" PRIu64 " restrictions",
		 limits.key.burst, limits.key.refill, limits.organisation.burst, limits.organisation.refill, limits.restrictions.burst,
		 limits.restrictions.refill);
}

/* To suspend, to lift it, to succeed. */
static void list_other_proposal(struct listing *l, const struct events_event *event, const char *id, const char *is)
{
	const struct events_code *action = events_code_by_number(events_codes_of(EVENTS_ACTIONS), events_uint(event->envelope.body, 1));
	const char *name = action != NULL ? action->name : "unknown";
	char code[80], successor[80], both[176];

	text_of(event->envelope.body, 4, code, sizeof(code));
	text_of(event->envelope.body, 5, successor, sizeof(successor));
	snprintf(both, sizeof(both), successor[0] != '\0' ? _("%s by %s") : "%s", code, successor);
	if (l->json == NULL) {
		cli_table_row(l->table, (const char *const[]){id, name, both, is});
		return;
	}
	json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:s}", "proposal", id, "action", name, "organisation", code, "state", is));
	if (successor[0] != '\0')
		json_object_set_new(json_array_get(l->json, json_array_size(l->json) - 1), "successor", json_string(successor));
}

static bool proposal_fact(void *arg, const struct state_fact *fact)
{
	const char **is = arg;

	if (fact->kind == EVENTS_ORGANISATION_ADMIT || fact->kind == EVENTS_ORGANISATION_SUSPEND || fact->kind == EVENTS_ORGANISATION_SUCCEED)
		*is = "enacted";
	else if (fact->kind == EVENTS_GOVERNANCE_VOTE && events_has(fact->content, 3) && strcmp(*is, "open") == 0)
		*is = "passed";
	return true;
}

/* "open", "passed" or "enacted": limits are in force by the vote that passes them. */
static const char *proposal_is(struct cli_session *s, const struct events_event *event)
{
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	struct base_error ignored;
	const char *is = "open";

	wire_put_hash(&reference, &event->id);
	chain_read_view(s->read, &view);
	if (state_record_walk(&view, STATE_PROPOSAL, base_slice(NULL, 0), base_buf_slice(&reference), proposal_fact, &is, &ignored) != BASE_OK)
		is = "unreadable";
	else if (events_uint(event->envelope.body, 1) == EVENTS_ACTION_LIMITS && strcmp(is, "passed") == 0)
		is = "enacted";
	base_buf_free(&reference);
	return is;
}

static void list_proposal(struct listing *l, const struct events_event *event)
{
	char id[65], code[160];
	struct base_slice body = event->envelope.body;
	const char *is;

	if (event->envelope.kind->id != EVENTS_GOVERNANCE_PROPOSE)
		return;
	is = proposal_is(l->s, event);
	base_hex(id, base_hash_slice(&event->id));
	if (events_uint(body, 1) == EVENTS_ACTION_LIMITS) {
		limits_text(events_raw(body, 3), code, sizeof(code));
		if (l->json != NULL)
			json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:s}", "proposal", id, "action", "change-limits", "limits", code, "state",
								 is));
		else
			cli_table_row(l->table, (const char *const[]){id, "change-limits", code, is});
		return;
	}
	if (events_has(body, 4)) {
		list_other_proposal(l, event, id, is);
		return;
	}
	text_of(events_raw(body, 2), 1, code, sizeof(code));
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:s}", "proposal", id, "action", "admit-organisation", "organisation", code,
							 "state", is));
	else
		cli_table_row(l->table, (const char *const[]){id, "admit-organisation", code, is});
}

struct agreement_walk {
	struct base_hash id;
	bool ended;
};

static bool agreement_fact(void *arg, const struct state_fact *fact)
{
	struct agreement_walk *w = arg;

	if (events_has(fact->content, 3) && base_slice_equal(events_bytes(fact->content, 3), base_hash_slice(&w->id)) &&
	    fact->when.utc_ms <= base_time_now().ms)
		w->ended = true;
	return !w->ended;
}

static bool agreement_ended(struct cli_session *s, const struct events_event *event)
{
	struct agreement_walk w = {event->id, false};
	struct state_view view;
	struct base_error ignored;

	chain_read_view(s->read, &view);
	(void)!state_record_walk(&view, STATE_AGREEMENT, event->cose.subject, base_slice(NULL, 0), agreement_fact, &w, &ignored);
	return w.ended;
}

static void when_text(struct base_slice body, uint64_t key, char out[64])
{
	struct events_when when;
	struct wire_reader r;

	out[0] = '\0';
	if (!events_find(body, key, &r))
		return;
	when = events_when_read(&r);
	events_when_format(out, &when);
}

static void list_agreement(struct listing *l, const struct events_event *event)
{
	struct base_slice body = event->envelope.body;
	const struct events_code *instrument;
	char id[65], from[64], to[64], parties[2048] = "";
	json_t *json_parties;
	struct wire_reader r;
	size_t at = 0;
	bool ended;

	if (event->envelope.kind->id != EVENTS_AGREEMENT_RECORD || (l->study != NULL && !base_slice_equal(event->cose.subject, base_slice_text(l->study))))
		return;
	instrument = events_code_by_number(events_codes_of(EVENTS_INSTRUMENTS), events_uint(body, 4));
	base_hex(id, base_hash_slice(&event->id));
	when_text(body, 2, from);
	when_text(body, 3, to);
	ended = agreement_ended(l->s, event);
	json_parties = json_array();
	(void)events_find(body, 1, &r);
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed && at < sizeof(parties); n--) {
		struct base_slice party = wire_get_text(&r);

		json_array_append_new(json_parties, cli_json_slice(party));
		at += (size_t)snprintf(parties + at, sizeof(parties) - at, "%s%.*s", at == 0 ? "" : ",", (int)party.len, (const char *)party.data);
	}
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:o, s:O, s:s, s:s, s:s, s:b}", "agreement", id, "study",
							 cli_json_slice(event->cose.subject), "parties", json_parties, "from", from, "until", to,
							 "instrument", instrument != NULL ? instrument->name : "unknown", "ended", ended));
	else
		cli_table_row(l->table, (const char *const[]){id, parties, from, to, ended ? _("ended") : _("recorded")});
	json_decref(json_parties);
}

/* ---- The command ---- */

struct list_kind {
	const char *name;
	size_t columns;
	const char *headings[5];
	enum scope { STATE_ALONE, SURVEY, STUDY, EVERYTHING } scope; /* where they are looked for */
	void (*begin)(struct listing *l);
	void (*add)(struct listing *l, const struct events_event *event);
};
static const struct list_kind list_kinds[] = {
	{"organisations", 3, {N_("CODE"), N_("TITLE"), N_("COUNTRY")}, STATE_ALONE, NULL, NULL},
	{"actors", 4, {N_("ACTOR"), N_("ROLES"), N_("KEY IS"), N_("KID")}, SURVEY, list_founding_actors, list_actor},
	{"studies", 5, {N_("STUDY"), N_("TITLE"), N_("SPONSOR"), N_("PROTOCOL"), N_("IS")}, SURVEY, NULL, list_study},
	{"items", 5, {N_("ITEM"), N_("CATEGORY"), N_("PARTICIPANT"), N_("STATE"), N_("CID")}, STUDY, NULL, list_items},
	{"datasets", 3, {N_("DATA SET"), N_("ITEMS"), N_("ROOT")}, STUDY, NULL, list_dataset},
	{"agreements", 5, {N_("AGREEMENT"), N_("PARTIES"), N_("FROM"), N_("UNTIL"), N_("IS")}, STUDY, NULL, list_agreement},
	{"proposals", 4, {N_("PROPOSAL"), N_("ACTION"), N_("ORGANISATION"), N_("IS")}, SURVEY, NULL, list_proposal},
	{"rights", 5, {N_("REQUEST"), N_("RIGHT"), N_("STATE"), N_("DUE"), N_("PARTICIPANT")}, STUDY, NULL, list_right},
	{"holds", 5, {N_("HOLD"), N_("BASIS"), N_("STATE"), N_("UNTIL"), N_("COVERS")}, STUDY, NULL, list_hold},
	{"incidents", 5, {N_("INCIDENT"), N_("KIND"), N_("STAGE"), N_("DUE"), N_("BY")}, STUDY, NULL, list_incident},
	{"suspects", 4, {N_("EVENT"), N_("KIND"), N_("AUTHOR"), N_("RECORDED")}, EVERYTHING, NULL, list_suspect},
};

static enum base_code add_leaf(struct listing *l, const struct list_kind *kind, uint64_t index, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct state_outcome outcome;
	enum base_code code = cli_event_at(l->s, index, &entry, &event, err);

	if (code == BASE_OK && (code = state_outcome_decode(&outcome, entry.outcome, err)) == BASE_OK) {
		/* What was refused made nothing. */
		l->time = entry.time;
		if (outcome.verdict != STATE_DENY)
			kind->add(l, &event);
		state_outcome_free(&outcome);
	}
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* indices NULL: every entry. */
static enum base_code walk(struct listing *l, const struct list_kind *kind, const uint64_t *indices, uint64_t count, struct base_error *err)
{
	struct cli_progress progress;
	enum base_code code = BASE_OK;

	cli_progress_begin(&progress, l->s->cli, "reading", count, false);
	for (uint64_t i = 0; i < count && code == BASE_OK; i++) {
		cli_progress_set(&progress, i);
		code = add_leaf(l, kind, indices != NULL ? indices[i] : i, err);
	}
	cli_progress_end(&progress);
	return code;
}

static enum base_code look(struct listing *l, const struct list_kind *kind, struct base_error *err)
{
	enum scope scope = kind->scope == STUDY && l->study == NULL ? EVERYTHING : kind->scope;
	uint64_t *indices = NULL;
	size_t count = 0;
	enum base_code code = l->study != NULL ? cli_study_check(l->s, l->study, err) : BASE_OK;

	if (code != BASE_OK)
		return code;
	if (kind->begin != NULL)
		kind->begin(l);
	if (scope == STATE_ALONE)
		return cli_organisations(l->s, list_organisation, l, err);
	if (scope == EVERYTHING)
		return walk(l, kind, NULL, chain_read_size(l->s->read), err);
	if (scope == STUDY)
		code = chain_read_postings(l->s->read, state_term_study(base_slice_text(l->study)), &indices, &count, err);
	else
		code = cli_survey(l->s, &indices, &count, err);
	if (code == BASE_OK && count > 0)
		code = walk(l, kind, indices, count, err);
	free(indices);
	return code;
}

static enum base_code list_outbox(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	enum base_code code = cli_session_open(&s, cli, CLI_READ, err);

	if (code == BASE_OK) {
		code = cli_outbox_list(&s, err);
		cli_session_close(&s);
	}
	return code;
}

static enum base_code run_list(struct cli *cli, struct base_error *err)
{
	const struct list_kind *kind = NULL;
	struct cli_session s;
	struct listing l = {.s = &s, .study = cli_get(cli, "study")};
	struct base_error ignored;
	enum base_code code;

	if (strcmp(cli->argv[0], "outbox") == 0)
		return list_outbox(cli, err);
	for (size_t i = 0; i < sizeof(list_kinds) / sizeof(list_kinds[0]); i++)
		if (strcmp(cli->argv[0], list_kinds[i].name) == 0)
			kind = &list_kinds[i];
	if (kind == NULL)
		return base_fail(err, BASE_USAGE, "\"%.60s\" is none of organisations, actors, studies, items, datasets, agreements, proposals, "
					"rights, holds, incidents, suspects, outbox", cli->argv[0]);
	code = cli_session_open(&s, cli, cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ, err);
	if (code != BASE_OK)
		return code;
	if (s.identity.count > 0)
		(void)!cli_session_register(&s, &ignored);
	if (cli->json)
		l.json = json_array();
	else
		l.table = cli_table_open(kind->headings, kind->columns);
	code = look(&l, kind, err);
	if (l.json != NULL && code == BASE_OK)
		cli_print_json(json_pack("{s:O}", kind->name, l.json));
	json_decref(l.json);
	if (l.table != NULL && code == BASE_OK)
		cli_table_print(cli, l.table);
	else
		cli_table_close(l.table);
	cli_session_close(&s);
	return code;
}

static const struct cli_option list_options[] = {
	{"study", "STUDY", "of this study alone (items, datasets, agreements, rights, holds, incidents, suspects)", false},
	{"names", NULL, "show participants by the site's own numbers (needs your key and the register)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_list[] = {
	{"list", "Asking", "WHAT", "list organisations, actors, studies, items, …, or what is still to be done: rights, holds, incidents, suspects, outbox",
	 "Items, data sets and agreements of all studies are found by reading every entry; with --study, those of the study alone are read. Actors, studies and "
	 "proposals are found in what administrators and sponsors signed, organisations in the state. rights: what participants asked for, with the "
	 "deadline of what is open; suspects: events that were signed when others may have had the key, and that nobody has affirmed or repudiated.",
	 "regesta list actors\nregesta list items --study rare-01 --names\nregesta list rights --study rare-01", list_options, 1, 1, run_list},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
