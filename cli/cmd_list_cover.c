/* list approvals, quarantine, reconsent: what papers there are, what they cover, and what is due. */
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"

struct rows {
	struct cli_session s;
	const char *study;
	struct cli_table *table;
	json_t *json;
	struct state_question question; /* now */
};

/* ---- Approvals ---- */

/* Forms of the committee's newest approval that names any. */
static json_t *forms_json(const struct asking *a, struct base_slice committee)
{
	json_t *list = json_array();

	for (size_t i = a->approvals.count; i > 0 && json_array_size(list) == 0; i--) {
		struct base_slice content = a->approvals.list[i - 1].content, body;
		struct wire_reader r;
		uint64_t act;

		if (!events_has(content, 1) || !base_slice_equal(events_text(content, 1), committee) || !events_find(content, 4, &r) ||
		    wire_get_map(&r) != 1)
			continue;
		act = wire_get_uint(&r);
		body = wire_get_raw(&r);
		if (r.failed || (act != EVENTS_ETHICS_APPROVE && act != EVENTS_ETHICS_CONDITIONAL) || !events_find(body, 2, &r))
			continue;
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
			struct base_slice form = wire_get_raw(&r);
			const struct events_code *audience =
				r.failed ? NULL : events_code_by_number(events_codes_of(EVENTS_AUDIENCES), events_uint(form, 4));

			if (audience != NULL)
				json_array_append_new(list, json_pack("{s:o, s:o, s:s}", "version", cli_json_slice(events_text(form, 2)), "language",
								      cli_json_slice(events_text(form, 3)), "audience", audience->name));
		}
	}
	return list;
}

static void add_approval(struct rows *rows, const struct asking *a, struct base_slice site)
{
	struct state_approval approval = asking_approval(a, site, &rows->question);
	char committee[80] = "-", until[BASE_TIME_TEXT_BYTES] = "-", forms[512] = "", name[80], entry[24] = "-";
	json_t *list = NULL;

	for (size_t i = 0; i < a->approvals.count && approval.status != STATE_APPROVAL_NONE; i++) {
		const struct state_fact *fact = &a->approvals.list[i];

		if (fact->index == approval.index && events_has(fact->content, 1)) {
			snprintf(committee, sizeof(committee), "%.*s", (int)events_text(fact->content, 1).len,
				 (const char *)events_text(fact->content, 1).data);
			snprintf(entry, sizeof(entry), "#%llu", (unsigned long long)fact->index);
			list = forms_json(a, events_text(fact->content, 1));
		}
	}
	if (approval.has_until)
		base_time_format(until, (struct base_time){approval.until}, 0);
	snprintf(name, sizeof(name), "%.*s", (int)site.len, (const char *)site.data);
	if (rows->json != NULL) {
		json_t *row = json_pack("{s:s, s:s, s:s}", "site", name, "status", asking_approval_name(approval.status), "words",
					asking_approval_words(approval.status));

		if (approval.status != STATE_APPROVAL_NONE) {
			json_object_set_new(row, "committee", json_string(committee));
			json_object_set_new(row, "index", json_integer((json_int_t)approval.index));
		}
		if (approval.has_until)
			json_object_set_new(row, "until_before", json_string(until));
		if (list != NULL)
			json_object_set(row, "forms", list);
		json_array_append_new(rows->json, row);
	} else {
		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *form = json_array_get(list, i);
			size_t at = strlen(forms);

			snprintf(forms + at, sizeof(forms) - at, "%s%s %s %s", i > 0 ? ", " : "", json_string_value(json_object_get(form, "version")),
				 json_string_value(json_object_get(form, "language")), json_string_value(json_object_get(form, "audience")));
		}
		cli_table_row(rows->table, (const char *const[]){name, committee, asking_approval_words(approval.status), until, forms, entry});
	}
	json_decref(list);
}

struct site_walk {
	struct rows *rows;
	const struct asking *a;
};

static bool study_fact(void *arg, const struct state_fact *fact)
{
	struct site_walk *walk = arg;
	struct wire_reader r;

	if ((fact->kind == EVENTS_STUDY_REGISTER || fact->kind == EVENTS_STUDY_AMEND) && events_find(fact->content, 4, &r))
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
			struct base_slice site = wire_get_raw(&r);

			if (!r.failed && events_has(site, 1))
				add_approval(walk->rows, walk->a, events_text(site, 1));
		}
	return true;
}

static enum base_code approvals(struct rows *rows, struct base_error *err)
{
	struct asking a;
	struct site_walk walk = {rows, &a};
	struct state_view view;
	enum base_code code = asking_open(&a, &rows->s, rows->study, NULL, err);

	if (code != BASE_OK)
		return code;
	chain_read_view(rows->s.read, &view);
	code = state_record_walk(&view, STATE_STUDY, base_slice_text(rows->study), base_slice(NULL, 0), study_fact, &walk, err);
	asking_close(&a);
	return code;
}

/* ---- Quarantine ---- */

static bool find_site(void *arg, const struct events_value *value)
{
	struct base_slice *site = arg;
	struct wire_reader r;

	if (value->type == EVENTS_TOKEN && value->field != NULL && strcmp(value->field->name, "site") == 0) {
		wire_read(&r, value->raw);
		*site = wire_get_text(&r);
	}
	return site->len == 0;
}

/* Beside what approval, consent and enrolment cover (docs/formats/consent.md §8). */
#define INPUT_FLAGS                                                                                                                              \
	(UINT64_C(1) << EVENTS_FLAG_INPUT_RETRACTED | UINT64_C(1) << EVENTS_FLAG_ITEM_ERASED | UINT64_C(1) << EVENTS_FLAG_ITEM_REASSIGNED)
#define QUARANTINE_FLAGS (STATE_COVER_FLAGS | INPUT_FLAGS | UINT64_C(1) << EVENTS_FLAG_KEY_SUSPECT | UINT64_C(1) << EVENTS_FLAG_STUDY_CLOSED)

struct quarantined {
	struct rows *rows;
	const struct events_event *event;
	uint64_t index, flags; /* flags: as recorded, and key-suspect if the key turned out to be so later */
	struct base_slice site;
	struct cli_suspicion suspicion;
	char sponsor[STATE_ACTOR_BYTES_MAX + 1];
	struct base_error *err;
	enum base_code code;
};

static json_t *flags_json(uint64_t flags)
{
	json_t *list = json_array();

	for (unsigned bit = 0; bit < 64; bit++) {
		const struct events_code *code = (flags >> bit & 1) != 0 ? events_code_by_number(events_codes_of(EVENTS_FLAGS), bit) : NULL;

		if (code != NULL)
			json_array_append_new(list, json_string(code->name));
	}
	return list;
}

static void put_quarantined(const struct quarantined *q, size_t number, const struct events_item *item, uint64_t lacks, uint64_t since)
{
	char hex[65], name[96], who[160], flags[256] = "", now[1024] = "";

	base_hex(hex, base_hash_slice(&q->event->id));
	if (q->rows->json != NULL) {
		json_t *row = json_pack("{s:o, s:b, s:o, s:o}", "item", json_sprintf("%s#%zu", hex, number), "covered", lacks == 0, "flags",
					flags_json(q->flags), "lacks", cli_flags_explained(lacks));

		if (item->participant.len > 0)
			json_object_set_new(row, "participant", cli_json_hex(item->participant));
		if (lacks == 0)
			json_object_set_new(row, "since", json_integer((json_int_t)since));
		json_array_append_new(q->rows->json, row);
		return;
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		const struct events_code *code = events_code_by_number(events_codes_of(EVENTS_FLAGS), bit);

		if (code != NULL && (q->flags >> bit & 1) != 0)
			snprintf(flags + strlen(flags), sizeof(flags) - strlen(flags), "%s%s", flags[0] != '\0' ? ", " : "", code->name);
		if (code != NULL && (lacks >> bit & 1) != 0)
			snprintf(now + strlen(now), sizeof(now) - strlen(now), "%s%s", now[0] != '\0' ? "; " : _("needs "),
				 bit == EVENTS_FLAG_KEY_SUSPECT && q->suspicion.repudiated ? _("nothing: its event was repudiated")
											   : cli_flag_cover((enum events_flag)bit));
	}
	if (lacks == 0)
		snprintf(now, sizeof(now), _("covered since entry #%llu"), (unsigned long long)since);
	snprintf(name, sizeof(name), "%.12s#%zu", hex, number);
	cli_participant_words(&q->rows->s, item->participant, who, sizeof(who));
	cli_table_row(q->rows->table, (const char *const[]){name, item->participant.len > 0 ? who : "-", flags, now});
}

/* What the item's own record says: who approved it. */
struct approved {
	const struct quarantined *q;
	uint64_t index; /* of the sponsor's attestation; 0: none */
};

static bool attest_fact(void *arg, const struct state_fact *fact)
{
	struct approved *approved = arg;
	struct base_slice actor, sponsor = base_slice_text(approved->q->sponsor);

	if (fact->kind != EVENTS_ATTEST || !events_has(fact->content, 3) || !events_has(fact->content, 4) ||
	    events_uint(fact->content, 3) != EVENTS_MEANING_APPROVED || fact->index >= approved->q->rows->question.known)
		return true;
	actor = events_text(fact->content, 4);
	if (actor.len > sponsor.len && actor.data[sponsor.len] == '/' && memcmp(actor.data, sponsor.data, sponsor.len) == 0)
		approved->index = fact->index;
	return true;
}

static uint64_t sponsors_approval(const struct quarantined *q, size_t number)
{
	struct approved approved = {q, 0};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	struct base_error ignored;

	wire_put_array(&reference, 2);
	wire_put_hash(&reference, &q->event->id);
	wire_put_uint(&reference, number);
	chain_read_view(q->rows->s.read, &view);
	if (state_record_walk(&view, STATE_ITEM, base_slice_text(q->rows->study), base_buf_slice(&reference), attest_fact, &approved, &ignored) != BASE_OK)
		approved.index = 0;
	base_buf_free(&reference);
	return approved.index;
}

/* Of what is not about consent, approval and enrolment. since: raised to the entry that covered the last of it. */
static uint64_t others_lacked(const struct quarantined *q, size_t number, uint64_t *since)
{
	uint64_t lacks = q->flags & INPUT_FLAGS, by = 0;

	if ((q->flags >> EVENTS_FLAG_KEY_SUSPECT & 1) != 0) {
		if (!q->suspicion.affirmed || q->suspicion.repudiated || q->suspicion.index >= q->rows->question.known)
			lacks |= UINT64_C(1) << EVENTS_FLAG_KEY_SUSPECT;
		else
			by = q->suspicion.index;
	}
	*since = by > *since ? by : *since;
	if ((q->flags >> EVENTS_FLAG_STUDY_CLOSED & 1) != 0 && (by = sponsors_approval(q, number)) == 0)
		lacks |= UINT64_C(1) << EVENTS_FLAG_STUDY_CLOSED;
	*since = by > *since ? by : *since;
	return lacks;
}

static bool add_quarantined(void *arg, size_t number, const struct events_item *item)
{
	struct quarantined *q = arg;
	struct asking a;
	struct base_hash reference;
	struct state_cover_facts facts;
	struct state_cover cover;
	struct state_cover_question question = {.category = item->category,
						.collected = item->has_collected ? item->collected : q->event->envelope.when,
						.now = q->rows->question.at,
						.known = q->rows->question.known};
	uint64_t lacks, since = q->index;

	if (item->participant.len == sizeof(reference.bytes) && (q->flags & STATE_COVER_FLAGS) != 0) {
		memcpy(reference.bytes, item->participant.data, sizeof(reference.bytes));
		if ((q->code = asking_open(&a, &q->rows->s, q->rows->study, &reference, q->err)) != BASE_OK)
			return false;
		facts = asking_cover_facts(&a, q->site);
		cover = state_cover_at(&facts, &question);
		since = cover.lacks == 0 ? state_cover_since(&facts, &question, q->index) : 0;
		lacks = cover.lacks;
		asking_close(&a);
	} else if ((q->flags & ~STATE_COVER_FLAGS) != 0) {
		lacks = 0;
	} else {
		return true;
	}
	lacks |= others_lacked(q, number, &since);
	put_quarantined(q, number, item, lacks, since);
	return true;
}

static bool sponsor_fact(void *arg, const struct state_fact *fact)
{
	struct quarantined *q = arg;

	if (fact->kind == EVENTS_STUDY_REGISTER && events_has(fact->content, 3))
		snprintf(q->sponsor, sizeof(q->sponsor), "%.*s", (int)events_text(fact->content, 3).len, (const char *)events_text(fact->content, 3).data);
	return q->sponsor[0] == '\0';
}

static enum base_code quarantine_of(struct rows *rows, uint64_t index, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct state_outcome outcome;
	struct quarantined q = {.rows = rows, .event = &event, .index = index, .err = err, .code = BASE_OK};
	struct state_view view;
	bool denied;
	enum base_code code = cli_event_at(&rows->s, index, &entry, &event, err);

	if (code != BASE_OK || (code = state_outcome_decode(&outcome, entry.outcome, err)) != BASE_OK)
		return code == BASE_NOT_FOUND ? BASE_OK : code;
	q.flags = outcome.flags & QUARANTINE_FLAGS;
	denied = outcome.verdict == STATE_DENY;
	state_outcome_free(&outcome);
	if (denied || events_item_count(&event) == 0 || !event.envelope.kind->needs_study || index >= rows->question.known ||
	    !base_slice_equal(event.cose.subject, base_slice_text(rows->study)))
		return BASE_OK;
	q.suspicion = cli_suspicion_of(&rows->s, &event, entry.time);
	if (q.suspicion.suspect)
		q.flags |= UINT64_C(1) << EVENTS_FLAG_KEY_SUSPECT;
	if (q.flags == 0)
		return BASE_OK;
	chain_read_view(rows->s.read, &view);
	code = state_record_walk(&view, STATE_STUDY, base_slice_text(rows->study), base_slice(NULL, 0), sponsor_fact, &q, err);
	if (code != BASE_OK)
		return code;
	events_values(event.envelope.kind, event.envelope.body, find_site, &q.site);
	events_items(&event, add_quarantined, &q);
	return q.code;
}

static enum base_code quarantine(struct rows *rows, struct base_error *err)
{
	uint64_t *indices = NULL;
	size_t count = 0;
	enum base_code code = chain_read_postings(rows->s.read, state_term_study(base_slice_text(rows->study)), &indices, &count, err);

	for (size_t i = 0; i < count && code == BASE_OK; i++)
		code = quarantine_of(rows, indices[i], err);
	free(indices);
	return code;
}

/* ---- Who is to be asked again ---- */

static void add_due(struct rows *rows, const struct asking *a)
{
	struct state_answer answer = asking_answer(a, &rows->question);
	struct events_when month = {EVENTS_POINT, 0, false, 0};
	unsigned attempts = 0;
	char who[160], text[64] = "-", tried[24];
	bool passed;

	for (size_t i = 0; i < a->consents.count; i++) {
		struct base_slice body;
		struct wire_reader r;
		uint64_t act;

		if (!events_find(a->consents.list[i].content, 2, &r) || wire_get_map(&r) != 1)
			continue;
		act = wire_get_uint(&r);
		body = wire_get_raw(&r);
		if (act == EVENTS_CONSENT_GIVE) {
			month.utc_ms = 0; /* a newer consent speaks for itself */
			attempts = 0;
			if (!r.failed && events_find(body, 5, &r))
				month = events_when_read(&r);
		}
		attempts += act == EVENTS_CONSENT_ATTEMPT;
	}
	passed = month.utc_ms != 0 && month.utc_ms <= rows->question.at.ms;
	if (!passed && answer.ground != STATE_GROUND_ASK_AGAIN)
		return;
	if (passed)
		events_when_format(text, &month);
	snprintf(tried, sizeof(tried), "%u", attempts);
	cli_participant_words(&rows->s, base_hash_slice(&a->reference), who, sizeof(who));
	if (rows->json != NULL) {
		json_t *row = json_pack("{s:o, s:s, s:s, s:i}", "participant", cli_json_hex(base_hash_slice(&a->reference)), "now",
					asking_stance_name(answer.stance), "ground", asking_ground_name(answer.ground), "attempts", (int)attempts);

		if (passed)
			json_object_set_new(row, "ask_again", json_string(text));
		json_array_append_new(rows->json, row);
		return;
	}
	cli_table_row(rows->table, (const char *const[]){who, text, tried, _(asking_stance_name(answer.stance)), asking_ground_words(answer.ground)});
}

static enum base_code reconsent(struct rows *rows, struct base_error *err)
{
	struct base_hash *list = NULL;
	size_t count = 0;
	enum base_code code = asking_participants(&rows->s, rows->study, &list, &count, err);

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		struct asking a;

		if ((code = asking_open(&a, &rows->s, rows->study, &list[i], err)) != BASE_OK)
			break;
		add_due(rows, &a);
		asking_close(&a);
	}
	free(list);
	return code;
}

/* ---- The commands ---- */

static enum base_code run(struct cli *cli, const char *name, const char *const *headings, size_t columns,
			  enum base_code (*fill)(struct rows *rows, struct base_error *err), struct base_error *err)
{
	struct rows rows = {.table = NULL};
	struct base_error ignored;
	enum base_code code = cli_need(cli, "study", &rows.study, err);

	if (code != BASE_OK || (code = cli_session_open(&rows.s, cli, cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ, err)) != BASE_OK)
		return code;
	if (rows.s.identity.count > 0)
		(void)!cli_session_register(&rows.s, &ignored);
	if (cli->json)
		rows.json = json_array();
	else
		rows.table = cli_table_open(headings, columns);
	if ((code = cli_study_check(&rows.s, rows.study, err)) == BASE_OK && (code = asking_times(&rows.s, &rows.question, err)) == BASE_OK)
		code = fill(&rows, err);
	if (rows.json != NULL && code == BASE_OK)
		cli_print_json(json_pack("{s:O}", name, rows.json));
	json_decref(rows.json);
	if (rows.table != NULL && code == BASE_OK)
		cli_table_print(cli, rows.table);
	else
		cli_table_close(rows.table);
	cli_session_close(&rows.s);
	return code;
}

static enum base_code run_approvals(struct cli *cli, struct base_error *err)
{
	static const char *const headings[] = {N_("SITE"), N_("COMMITTEE"), N_("IS"), N_("UNTIL BEFORE"), N_("FORMS"), N_("ENTRY")};

	return run(cli, "approvals", headings, 6, approvals, err);
}

static enum base_code run_quarantine(struct cli *cli, struct base_error *err)
{
	static const char *const headings[] = {N_("ITEM"), N_("PARTICIPANT"), N_("FLAGS"), N_("NOW")};

	return run(cli, "quarantine", headings, 4, quarantine, err);
}

static enum base_code run_reconsent(struct cli *cli, struct base_error *err)
{
	static const char *const headings[] = {N_("PARTICIPANT"), N_("ASK AGAIN"), N_("ATTEMPTS"), N_("NOW"), N_("WHY")};

	return run(cli, "reconsent", headings, 5, reconsent, err);
}

static const struct cli_option cover_options[] = {
	{"study", "STUDY", "code of the study", false},
	ASKING_TIME_OPTIONS,
	{"names", NULL, "show participants by the site's own numbers (needs your key and the register)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_list_cover[] = {
	{"list approvals", "Asking", "", "list a study's sites with their approval, until when, and with which forms", NULL,
	 "regesta list approvals --study rare-01 --on 2026-12-31", cover_options, 0, 0, run_approvals},
	{"list quarantine", "Asking", "", "list data that was flagged when it was recorded, and what covers it or would",
	 "Data for which approval, consent or enrolment was missing, whose study was closed, whose author's key is suspect or whose inputs do not "
	 "stand is recorded, and nothing releases it. A consent or an approval that is "
	 "recorded later covers it if it held when the data was collected; a consent that permits its use now does, too.",
	 "regesta list quarantine --study rare-01 --names", cover_options, 0, 0, run_quarantine},
	{"list reconsent", "Asking", "", "list participants who are to be asked again",
	 "Those whose month for asking again has come, and those whom a committee wants to be asked.",
	 "regesta list reconsent --study rare-01 --names", cover_options, 0, 0, run_reconsent},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
