/* list rights, holds, incidents, suspects: what somebody still has to do, or must not. */
#include <string.h>

#include "cli/list.h"

static const char *name_of(enum events_list list, uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	return code != NULL ? code->name : "unknown";
}

static bool wanted(const struct listing *l, const struct events_event *event, enum events_kind_id kind)
{
	return event->envelope.kind->id == kind && (l->study == NULL || base_slice_equal(event->cose.subject, base_slice_text(l->study)));
}

static void walk_record(struct listing *l, enum state_table table, struct base_slice study, const struct base_hash *id, state_fact_fn visit,
			void *arg)
{
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	struct base_error ignored;

	if (id != NULL)
		wire_put_hash(&reference, id);
	chain_read_view(l->s->read, &view);
	(void)!state_record_walk(&view, table, study, base_buf_slice(&reference), visit, arg, &ignored);
	base_buf_free(&reference);
}

/* ---- rights ---- */

struct right_walk {
	uint64_t due;
	bool open, overdue;
	const char *state;
};

static bool right_fact(void *arg, const struct state_fact *fact)
{
	static const char *const states[] = {"", N_("fulfilled"), N_("refused"), N_("extended")};
	struct right_walk *w = arg;
	struct base_slice act = {NULL, 0};
	struct events_when until;
	struct wire_reader r;
	uint64_t number;

	if (fact->kind == EVENTS_RIGHTS_REQUEST) {
		w->due = events_uint(fact->content, 3);
		return true;
	}
	if (!events_find(fact->content, 6, &r) || wire_get_map(&r) != 1)
		return true;
	number = wire_get_uint(&r);
	act = wire_get_raw(&r);
	if (r.failed || number == 0 || number >= sizeof(states) / sizeof(states[0]))
		return true;
	w->state = states[number];
	w->open = number == EVENTS_RIGHTS_EXTENDED;
	if (w->open && events_find(act, 1, &r)) {
		until = events_when_read(&r);
		w->due = until.utc_ms + (until.precision == EVENTS_POINT ? 0 : UINT64_C(86400000));
	}
	return true;
}

void list_right(struct listing *l, const struct events_event *event)
{
	struct right_walk w = {.open = true, .state = N_("open")};
	struct base_slice body = event->envelope.body;
	char id[65], due[BASE_TIME_TEXT_BYTES], who[160], state[48];

	if (!wanted(l, event, EVENTS_RIGHTS_REQUEST))
		return;
	walk_record(l, STATE_RIGHTS, event->cose.subject, &event->id, right_fact, &w);
	w.overdue = w.open && base_time_now().ms >= w.due;
	base_hex(id, base_hash_slice(&event->id));
	base_time_format(due, (struct base_time){w.due}, 0);
	cli_participant_words(l->s, events_bytes(body, 1), who, sizeof(who));
	snprintf(state, sizeof(state), w.overdue ? _("%s, overdue") : "%s", _(w.state));
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:b, s:b, s:s, s:o}", "request", id, "right",
							 name_of(EVENTS_RIGHTS, events_uint(body, 2)), "state", w.state, "open", w.open, "overdue",
							 w.overdue, "due", due, "participant", cli_json_hex(events_bytes(body, 1))));
	else
		cli_table_row(l->table, (const char *const[]){id, name_of(EVENTS_RIGHTS, events_uint(body, 2)), state, w.open ? due : "-", who});
}

/* ---- holds ---- */

struct hold_walk {
	const struct base_hash *id;
	bool lifted, wide;
};

static bool hold_fact(void *arg, const struct state_fact *fact)
{
	struct hold_walk *w = arg;
	struct wire_reader r;
	struct base_hash id;

	if (events_find(fact->content, fact->kind == EVENTS_HOLD_LIFT ? 8 : 0, &r)) {
		id = wire_get_hash(&r);
		if (!r.failed && base_hash_equal(&id, w->id)) {
			w->lifted = w->lifted || fact->kind == EVENTS_HOLD_LIFT;
			w->wide = w->wide || events_has(fact->content, 10);
		}
	}
	return true;
}

static void hold_scope(struct listing *l, struct base_slice body, bool wide, char *out, size_t cap)
{
	struct wire_reader r;
	uint64_t participants = events_find(body, 1, &r) ? wire_get_array(&r) : 0;
	uint64_t items = events_find(body, 2, &r) ? wire_get_array(&r) : 0;
	char who[160];

	if (participants == 0 && items == 0) {
		snprintf(out, cap, "%s", wide ? _("everything") : _("what its organisation recorded"));
	} else if (participants == 1 && items == 0 && events_find(body, 1, &r)) {
		(void)wire_get_array(&r);
		cli_participant_words(l->s, wire_get_bytes(&r), who, sizeof(who));
		snprintf(out, cap, _("participant %s"), who);
	} else {
		snprintf(out, cap, _("%llu participants, %llu items"), (unsigned long long)participants, (unsigned long long)items);
	}
}

void list_hold(struct listing *l, const struct events_event *event)
{
	struct hold_walk w = {.id = &event->id};
	struct base_slice body = event->envelope.body;
	char id[65], until[64] = "", scope[200];
	const char *basis, *state;
	struct events_when when;
	struct wire_reader r;

	if (!wanted(l, event, EVENTS_HOLD_PLACE))
		return;
	walk_record(l, STATE_HOLD, event->cose.subject, NULL, hold_fact, &w);
	base_hex(id, base_hash_slice(&event->id));
	basis = name_of(EVENTS_HOLD_BASES, events_uint(body, 4));
	state = w.lifted ? "lifted" : "in-force";
	if (events_find(body, 3, &r)) {
		when = events_when_read(&r);
		events_when_format(until, &when);
		if (!w.lifted && base_time_now().ms >= when.utc_ms + (when.precision == EVENTS_POINT ? 0 : UINT64_C(86400000)))
			state = "ended";
	}
	hold_scope(l, body, w.wide, scope, sizeof(scope));
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "hold", id, "basis", basis, "state", state, "until", until,
							 "covers", scope, "study", cli_json_slice(event->cose.subject)));
	else
		cli_table_row(l->table, (const char *const[]){id, basis, state, until[0] != '\0' ? until : "-", scope});
}

/* ---- incidents ---- */

struct incident_walk {
	uint64_t due, stage;
	bool notified;
};

static bool incident_fact(void *arg, const struct state_fact *fact)
{
	struct incident_walk *w = arg;

	if (events_has(fact->content, 2))
		w->due = events_uint(fact->content, 2);
	w->stage = events_uint(fact->content, 3);
	w->notified = w->notified || w->stage == EVENTS_INCIDENT_NOTIFIED;
	return true;
}

void list_incident(struct listing *l, const struct events_event *event)
{
	struct incident_walk w = {0};
	struct base_slice body = event->envelope.body;
	char id[65], due[BASE_TIME_TEXT_BYTES], stage[48], by[160];
	bool overdue;

	if (!wanted(l, event, EVENTS_DATA_INCIDENT) || events_has(body, 6))
		return;
	walk_record(l, STATE_INCIDENT, event->cose.subject, &event->id, incident_fact, &w);
	overdue = !w.notified && w.stage != EVENTS_INCIDENT_CLOSED && base_time_now().ms > w.due;
	base_hex(id, base_hash_slice(&event->id));
	base_time_format(due, (struct base_time){w.due}, 0);
	snprintf(stage, sizeof(stage), overdue ? _("%s, overdue") : "%s", name_of(EVENTS_INCIDENT_STAGES, w.stage));
	snprintf(by, sizeof(by), "%.*s", (int)event->cose.issuer.len, (const char *)event->cose.issuer.data);
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:b, s:s, s:s}", "incident", id, "kind",
							 name_of(EVENTS_INCIDENT_KINDS, events_uint(body, 1)), "stage",
							 name_of(EVENTS_INCIDENT_STAGES, w.stage), "overdue", overdue, "due", due, "by", by));
	else
		cli_table_row(l->table, (const char *const[]){id, name_of(EVENTS_INCIDENT_KINDS, events_uint(body, 1)), stage, due, by});
}

/* ---- suspects ---- */

void list_suspect(struct listing *l, const struct events_event *event)
{
	char id[65], by[160], time[BASE_TIME_TEXT_BYTES];
	struct cli_suspicion suspicion;

	if (l->study != NULL && !base_slice_equal(event->cose.subject, base_slice_text(l->study)))
		return;
	suspicion = cli_suspicion_of(l->s, event, l->time);
	if (!suspicion.suspect || suspicion.affirmed || suspicion.repudiated)
		return;
	base_hex(id, base_hash_slice(&event->id));
	snprintf(by, sizeof(by), "%.*s", (int)event->cose.issuer.len, (const char *)event->cose.issuer.data);
	base_time_format(time, l->time, 0);
	if (l->json != NULL)
		json_array_append_new(l->json, json_pack("{s:s, s:s, s:s, s:s}", "event", id, "kind", event->envelope.kind->name, "author", by, "time", time));
	else
		cli_table_row(l->table, (const char *const[]){id, event->envelope.kind->name, by, time});
}
