/* consent show: what a participant, or everybody in a study, had consented to on a day, as known when. */
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"

/* ---- What provisions speak of ---- */

#define AXIS_MAX 128
#define COMBINATIONS_MAX 20000
enum provision_member { USES = 2, CATEGORIES = 3, PURPOSES = 4, RECIPIENTS = 7, COUNTRIES = 8, MODES = 9, COLLECTED = 11, NESTED = 12 };

struct axis {
	uint64_t codes[AXIS_MAX];
	struct base_slice texts[AXIS_MAX];
	size_t count;
};
static void read_axis(struct axis *axis, struct base_slice provision, uint64_t key)
{
	struct wire_reader r;

	*axis = (struct axis){.count = 0};
	if (provision.len > 0 && events_find(provision, key, &r)) {
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed && axis->count < AXIS_MAX; n--) {
			if (key == RECIPIENTS || key == COUNTRIES)
				axis->texts[axis->count++] = wire_get_text(&r);
			else
				axis->codes[axis->count++] = wire_get_uint(&r);
		}
	}
	if (axis->count == 0)
		axis->count = 1; /* STATE_ANY, or an empty text: any */
}

/* What one provision speaks of, and one use of it at a time. */
struct scope {
	struct axis uses, categories, purposes, modes, recipients, countries;
	bool has_collected; /* a period: asked about data from its beginning, or its end */
	struct base_time collected;
};

static void read_scope(struct scope *scope, struct base_slice provision)
{
	struct base_slice period;
	struct wire_reader r;

	read_axis(&scope->uses, provision, USES);
	read_axis(&scope->categories, provision, CATEGORIES);
	read_axis(&scope->purposes, provision, PURPOSES);
	read_axis(&scope->modes, provision, MODES);
	read_axis(&scope->recipients, provision, RECIPIENTS);
	read_axis(&scope->countries, provision, COUNTRIES);
	scope->has_collected = false;
	if (provision.len == 0 || !events_has(provision, COLLECTED))
		return;
	period = events_raw(provision, COLLECTED);
	if (events_find(period, 1, &r) || events_find(period, 2, &r)) {
		scope->has_collected = true;
		scope->collected.ms = events_when_read(&r).utc_ms;
	}
}

/* ---- Answers ---- */

struct showing {
	const struct asking *a;
	struct state_question question; /* at, known */
	json_t *rows;
};

static bool same_answer(const struct state_answer *a, const struct state_answer *b)
{
	return a->stance == b->stance && a->ground == b->ground && a->index == b->index;
}

/* Over everything that a scope speaks of with one use, category and purpose (or NULL: all of them): whether the answer is one. */
static bool one_answer(const struct showing *show, const struct scope *scope, struct state_question q, const uint64_t *category,
		       const uint64_t *purpose, struct state_answer *out)
{
	size_t categories = category != NULL ? 1 : scope->categories.count, purposes = purpose != NULL ? 1 : scope->purposes.count;
	size_t recipients = scope->recipients.count, countries = scope->countries.count, total = 0;

	if (categories * purposes * scope->modes.count * recipients * countries > COMBINATIONS_MAX)
		recipients = countries = 1;
	for (size_t c = 0; c < categories; c++)
		for (size_t p = 0; p < purposes; p++)
			for (size_t m = 0; m < scope->modes.count; m++)
				for (size_t i = 0; i < recipients * countries; i++) {
					struct state_answer answer;

					q.category = category != NULL ? *category : scope->categories.codes[c];
					q.purpose = purpose != NULL ? *purpose : scope->purposes.codes[p];
					q.mode = scope->modes.codes[m];
					q.recipient = scope->recipients.texts[i % recipients];
					q.country = scope->countries.texts[i / recipients];
					answer = asking_answer(show->a, &q);
					if (total++ > 0 && !same_answer(&answer, out))
						return false;
					*out = answer;
				}
	return true;
}

static json_t *codes_json(const struct axis *axis, enum events_list list, const uint64_t *only)
{
	json_t *json = json_array();

	for (size_t i = 0; i < axis->count; i++) {
		uint64_t number = only != NULL ? *only : axis->codes[i];
		const struct events_code *code = number != STATE_ANY ? events_code_by_number(events_codes_of(list), number) : NULL;

		if (code != NULL)
			json_array_append_new(json, json_string(code->name));
		if (only != NULL)
			break;
	}
	return json;
}

static json_t *texts_json(const struct axis *axis)
{
	json_t *json = json_array();

	for (size_t i = 0; i < axis->count; i++)
		if (axis->texts[i].len > 0)
			json_array_append_new(json, cli_json_slice(axis->texts[i]));
	return json;
}

static void set_list(json_t *row, const char *name, json_t *list)
{
	if (json_array_size(list) > 0)
		json_object_set(row, name, list);
	json_decref(list);
}

json_t *asking_answer_json(const struct asking *a, const struct state_answer *answer)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "answer", asking_stance_name(answer->stance), "ground", asking_ground_name(answer->ground),
				 "words", asking_ground_words(answer->ground));
	struct chain_entry entry;
	struct events_event event;
	struct base_error ignored;

	if (answer->ground != STATE_GROUND_NOTHING && cli_event_at(a->s, answer->index, &entry, &event, &ignored) == BASE_OK) {
		json_object_set_new(json, "index", json_integer((json_int_t)answer->index));
		json_object_set_new(json, "event", cli_json_hex(base_hash_slice(&event.id)));
	}
	return json;
}

/* Uses of one provision with the same answer stand in one row, and the same row stands once. */
static void put_row(struct showing *show, json_t *row, uint64_t use)
{
	const struct events_code *code = use != STATE_ANY ? events_code_by_number(events_codes_of(EVENTS_USES), use) : NULL;
	json_t *uses = json_array();

	for (size_t i = 0; i < json_array_size(show->rows); i++) {
		json_t *other = json_array_get(show->rows, i), *theirs = json_object_get(other, "uses");
		size_t members = json_object_size(other) - (theirs != NULL);
		bool same = members == json_object_size(row) && (theirs != NULL) == (code != NULL);
		const char *key;
		json_t *value;

		json_object_foreach(row, key, value)
			same = same && json_equal(value, json_object_get(other, key));
		if (!same)
			continue;
		for (size_t j = 0; j < json_array_size(theirs) && code != NULL; j++)
			if (strcmp(json_string_value(json_array_get(theirs, j)), code->name) == 0)
				code = NULL;
		if (code != NULL)
			json_array_append_new(theirs, json_string(code->name));
		json_decref(row);
		json_decref(uses);
		return;
	}
	if (code != NULL) {
		json_array_append_new(uses, json_string(code->name));
		json_object_set(row, "uses", uses);
	}
	json_decref(uses);
	json_array_append_new(show->rows, row);
}

static void add_row(struct showing *show, const struct scope *scope, const struct state_question *q, const uint64_t *category,
		    const uint64_t *purpose, const struct state_answer *answer, uint64_t before)
{
	json_t *row = asking_answer_json(show->a, answer);

	set_list(row, "categories", codes_json(&scope->categories, EVENTS_CATEGORIES, category));
	set_list(row, "purposes", codes_json(&scope->purposes, EVENTS_PURPOSES, purpose));
	set_list(row, "modes", codes_json(&scope->modes, EVENTS_MODES, NULL));
	set_list(row, "recipients", texts_json(&scope->recipients));
	set_list(row, "countries", texts_json(&scope->countries));
	if (before != 0)
		json_object_set_new(row, "collected_before", cli_json_time((struct base_time){before}));
	else if (q->has_collected)
		json_object_set_new(row, "collected", cli_json_time(q->collected));
	put_row(show, row, q->use);
}

/* before: of data that was collected before that instant; 0: of data as the scope says. */
static void add_scope(struct showing *show, const struct scope *scope, uint64_t before)
{
	for (size_t u = 0; u < scope->uses.count; u++) {
		struct state_question q = show->question;
		struct state_answer answer = {STATE_SILENT, STATE_GROUND_NOTHING, 0};

		q.use = scope->uses.codes[u];
		q.has_collected = before != 0 || scope->has_collected;
		q.collected.ms = before != 0 ? before - 1 : scope->collected.ms;
		if (one_answer(show, scope, q, NULL, NULL, &answer)) {
			add_row(show, scope, &q, NULL, NULL, &answer, before);
			continue;
		}
		for (size_t c = 0; c < scope->categories.count; c++)
			for (size_t p = 0; p < scope->purposes.count; p++) {
				const uint64_t *category = &scope->categories.codes[c], *purpose = &scope->purposes.codes[p];

				(void)one_answer(show, scope, q, category, purpose, &answer);
				add_row(show, scope, &q, category, purpose, &answer, before);
			}
	}
}

/* The member of an act, by its number. */
static bool act_of(const struct state_fact *fact, uint64_t *act, struct base_slice *body)
{
	struct wire_reader r;

	if (!events_find(fact->content, 2, &r) || wire_get_map(&r) != 1)
		return false;
	*act = wire_get_uint(&r);
	*body = wire_get_raw(&r);
	return !r.failed;
}

static void add_everywhere(struct showing *show, const struct scope *scope)
{
	add_scope(show, scope, 0);
	if (scope->has_collected)
		return;
	/* A withdrawal may leave what was collected before to be used on. */
	for (size_t i = 0; i < show->a->consents.count; i++) {
		const struct state_fact *fact = &show->a->consents.list[i];
		struct base_slice body;
		uint64_t act;

		if (fact->index < show->question.known && fact->when.utc_ms <= show->question.at.ms && act_of(fact, &act, &body) &&
		    (act == EVENTS_CONSENT_WITHDRAW || act == EVENTS_CONSENT_OBJECT) && events_uint(body, 3) == EVENTS_EXISTING_KEEP)
			add_scope(show, scope, fact->when.utc_ms);
	}
}

static void add_provisions(struct showing *show, struct base_slice holder, uint64_t key, unsigned depth)
{
	struct wire_reader r;
	struct scope *scope;

	if (depth > 4 || !events_find(holder, key, &r))
		return;
	scope = base_alloc(sizeof(*scope));
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
		struct base_slice provision = wire_get_raw(&r);

		if (r.failed)
			break;
		read_scope(scope, provision);
		add_everywhere(show, scope);
		add_provisions(show, provision, NESTED, depth + 1);
	}
	free(scope);
}

/* Where the provisions of an act stand; 0: it has none, and is about everything. */
static uint64_t scope_key(uint64_t act)
{
	return act == EVENTS_CONSENT_GIVE ? 4 : act == EVENTS_CONSENT_REFUSE ? 3 : 2;
}

static json_t *answers_json(const struct asking *a, const struct state_question *question, bool about)
{
	struct showing show = {a, *question, json_array()};
	struct scope *any = base_alloc(sizeof(*any));

	read_scope(any, base_slice(NULL, 0));
	if (about) {
		struct state_answer answer = asking_answer(a, question);

		json_array_append_new(show.rows, asking_answer_json(a, &answer));
		free(any);
		return show.rows;
	}
	for (size_t i = 0; i < a->consents.count; i++) {
		const struct state_fact *fact = &a->consents.list[i];
		struct base_slice body;
		uint64_t act;

		if (fact->index >= question->known || fact->when.utc_ms > question->at.ms || !act_of(fact, &act, &body) ||
		    act == EVENTS_CONSENT_ANNUL || act == EVENTS_CONSENT_ATTEMPT)
			continue;
		if (events_has(body, scope_key(act)))
			add_provisions(&show, body, scope_key(act), 0);
		else
			add_everywhere(&show, any);
	}
	if (json_array_size(show.rows) == 0)
		add_scope(&show, any, 0);
	free(any);
	return show.rows;
}

/* ---- The participant ---- */

static json_t *approval_json(const struct asking *a, struct base_slice site, const struct state_question *question)
{
	struct state_approval approval = asking_approval(a, site, question);
	json_t *json = json_pack("{s:s, s:s}", "status", asking_approval_name(approval.status), "words", asking_approval_words(approval.status));
	struct chain_entry entry;
	struct events_event event;
	struct base_error ignored;

	if (approval.status != STATE_APPROVAL_NONE && cli_event_at(a->s, approval.index, &entry, &event, &ignored) == BASE_OK) {
		json_object_set_new(json, "index", json_integer((json_int_t)approval.index));
		json_object_set_new(json, "event", cli_json_hex(base_hash_slice(&event.id)));
		json_object_set_new(json, "committee", cli_json_slice(events_text(event.envelope.body, 1)));
	}
	if (approval.has_until)
		json_object_set_new(json, "until", cli_json_time((struct base_time){approval.until}));
	return json;
}

/* A consent event as it was recorded, what it said, and whether its form counts. */
static json_t *consent_json(const struct asking *a, const struct state_fact *fact, const struct state_question *question)
{
	struct base_buf text = BASE_BUF_INIT;
	struct chain_entry entry;
	struct events_event event;
	struct base_error ignored;
	struct base_slice body;
	uint64_t act = 0;
	json_t *json, *whole;

	if (cli_event_at(a->s, fact->index, &entry, &event, &ignored) != BASE_OK)
		return json_object();
	events_to_json(&text, &event);
	whole = json_loadb((const char *)text.data, text.len, 0, NULL);
	base_buf_free(&text);
	json = json_pack("{s:I, s:o, s:o, s:o, s:O}", "index", (json_int_t)fact->index, "event", cli_json_hex(base_hash_slice(&event.id)), "when",
			 cli_json_when(&fact->when), "recorded", cli_json_time(fact->time), "act",
			 json_object_get(json_object_get(whole, "body"), "act"));
	json_decref(whole);
	if (act_of(fact, &act, &body) && act == EVENTS_CONSENT_GIVE)
		json_object_set_new(json, "form_accepted",
				    json_boolean(state_consent_form_accepted(fact, a->approvals.list, a->approvals.count,
									     asking_site(a, question->known), question->known)));
	return json;
}

/* The month from which to ask again: of the newest consent that names one. */
static void set_ask_again(const struct asking *a, const struct state_question *question, json_t *json)
{
	for (size_t i = 0; i < a->consents.count; i++) {
		const struct state_fact *fact = &a->consents.list[i];
		struct wire_reader r;
		struct base_slice body;
		uint64_t act;

		if (fact->index < question->known && fact->when.utc_ms <= question->at.ms && act_of(fact, &act, &body) &&
		    act == EVENTS_CONSENT_GIVE && events_find(body, 5, &r)) {
			struct events_when when = events_when_read(&r);

			json_object_set_new(json, "ask_again", cli_json_when(&when));
		}
	}
}

static json_t *participant_json(const struct asking *a, const struct state_question *question, bool about)
{
	struct base_slice site = asking_site(a, question->known);
	json_t *consents = json_array();
	char number[160], hex[13];
	json_t *json = json_pack("{s:o, s:s, s:b}", "participant", cli_json_hex(base_hash_slice(&a->reference)), "study", a->study, "enrolled",
				 site.len > 0);

	base_hex(hex, base_slice(a->reference.bytes, 6));
	cli_participant_words(a->s, base_hash_slice(&a->reference), number, sizeof(number));
	if (strncmp(number, hex, 12) != 0)
		json_object_set_new(json, "number", json_string(number));
	if (site.len > 0)
		json_object_set_new(json, "site", cli_json_slice(site));
	json_object_set_new(json, "approval", approval_json(a, site, question));
	for (size_t i = 0; i < a->consents.count; i++)
		if (a->consents.list[i].index < question->known)
			json_array_append_new(consents, consent_json(a, &a->consents.list[i], question));
	json_object_set_new(json, "consents", consents);
	set_ask_again(a, question, json);
	json_object_set_new(json, "answers", answers_json(a, question, about));
	return json;
}

/* ---- For people ---- */

static const char *text_member(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text != NULL ? text : "";
}

static void join(char *out, size_t cap, const json_t *list, const char *before)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t at = strlen(out);

		snprintf(out + at, cap - at, "%s%s", i > 0 ? ", " : before, json_string_value(json_array_get(list, i)));
	}
}

/* "gave consent: form 2.1 de adult, approved" */
static void act_words(const json_t *consent, char *out, size_t cap)
{
	const json_t *act = json_object_get(consent, "act"), *accepted = json_object_get(consent, "form_accepted"), *body, *form;
	void *iter = json_object_iter((json_t *)(uintptr_t)act);
	const char *name = iter != NULL ? json_object_iter_key(iter) : "?";
	size_t at;

	body = json_object_get(act, name);
	form = json_object_get(body, "form");
	at = (size_t)snprintf(out, cap, "%s", name);
	if (form != NULL && at < cap)
		at += (size_t)snprintf(out + at, cap - at,
				       accepted == NULL	       ? _(": form %s %s %s")
				       : json_is_true(accepted) ? _(": form %s %s %s, approved")
								: _(": form %s %s %s, NOT approved"),
				       text_member(form, "version"), text_member(form, "language"), text_member(form, "audience"));
	if (json_object_get(body, "existing_data") != NULL && at < cap)
		at += (size_t)snprintf(out + at, cap - at, _(": existing data %s"), text_member(body, "existing_data"));
	if (json_object_get(body, "samples") != NULL && at < cap)
		at += (size_t)snprintf(out + at, cap - at, _(", samples %s"), text_member(body, "samples"));
	if (json_object_get(body, "target") != NULL && at < cap)
		at += (size_t)snprintf(out + at, cap - at, "s %.12s", text_member(body, "target"));
	if (json_object_get(body, "replaces") != NULL && at < cap)
		at += (size_t)snprintf(out + at, cap - at, _(", replaces %.12s"), text_member(body, "replaces"));
	if (json_object_get(body, "result") != NULL && at < cap)
		snprintf(out + at, cap - at, _(" by %s: %s"), text_member(body, "means"), text_member(body, "result"));
}

static void print_consents(const struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {N_("ENTRY"), N_("EVENT"), N_("HAPPENED"), N_("RECORDED"), N_("WHAT")};
	struct cli_table *table;

	if (json_array_size(list) == 0)
		return;
	table = cli_table_open(headings, 5);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *consent = json_array_get(list, i);
		char entry[24], event[13], what[512];

		snprintf(entry, sizeof(entry), "#%lld", (long long)json_integer_value(json_object_get(consent, "index")));
		snprintf(event, sizeof(event), "%.12s", text_member(consent, "event"));
		act_words(consent, what, sizeof(what));
		cli_table_row(table, (const char *const[]){entry, event, text_member(consent, "when"), text_member(consent, "recorded"), what});
	}
	cli_table_print(cli, table);
}

static void print_answers(const struct cli *cli, const json_t *rows, const char *about)
{
	static const char *const headings[] = {N_("USE"), N_("DATA"), N_("PURPOSE"), N_("ANSWER"), N_("WHY"), N_("ENTRY")};
	struct cli_table *table = cli_table_open(headings, 6);

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		char uses[256] = "", data[512] = "", purposes[1024] = "", entry[24] = "-";

		join(uses, sizeof(uses), json_object_get(row, "uses"), "");
		join(data, sizeof(data), json_object_get(row, "categories"), "");
		join(purposes, sizeof(purposes), json_object_get(row, "purposes"), "");
		join(purposes, sizeof(purposes), json_object_get(row, "modes"), purposes[0] != '\0' ? "; " : _("any; "));
		join(purposes, sizeof(purposes), json_object_get(row, "recipients"), purposes[0] != '\0' ? _("; by ") : _("any; by "));
		join(purposes, sizeof(purposes), json_object_get(row, "countries"), purposes[0] != '\0' ? _("; in ") : _("any; in "));
		if (json_object_get(row, "collected_before") != NULL)
			snprintf(data + strlen(data), sizeof(data) - strlen(data), data[0] != '\0' ? _(" before %.10s") : _("collected before %.10s"),
				 text_member(row, "collected_before"));
		else if (json_object_get(row, "collected") != NULL)
			snprintf(data + strlen(data), sizeof(data) - strlen(data), data[0] != '\0' ? _(" on %.10s") : _("collected on %.10s"),
				 text_member(row, "collected"));
		if (json_object_get(row, "index") != NULL)
			snprintf(entry, sizeof(entry), "#%lld", (long long)json_integer_value(json_object_get(row, "index")));
		cli_table_row(table, (const char *const[]){uses[0] != '\0' ? uses : about != NULL ? about : _("anything"), data[0] != '\0' ? data : _("any"),
							   purposes[0] != '\0' ? purposes : _("any"), _(text_member(row, "answer")),
							   text_member(row, "words"), entry});
	}
	cli_table_print(cli, table);
}

static void print_line(const struct cli *cli, const char *label, const char *text)
{
	cli_label(cli, "  ", label, 11);
	printf("%s\n", text);
}

static void print_participant(const struct asking *a, const json_t *json, const struct state_question *question, bool about)
{
	const struct cli *cli = a->s->cli;
	const json_t *approval = json_object_get(json, "approval");
	char who[160], text[512];

	cli_participant_words(a->s, base_hash_slice(&a->reference), who, sizeof(who));
	printf("%s%s%s", cli_style(cli, CLI_BOLD), who, cli_style(cli, CLI_PLAIN));
	if (json_object_get(json, "site") != NULL)
		printf(_(", study %s, site %s\n"), a->study, text_member(json, "site"));
	else
		printf(_(", study %s, not enrolled\n"), a->study);
	asking_times_words(question, chain_read_size(a->s->read), text, sizeof(text));
	print_line(cli, _("asked"), text);
	snprintf(text, sizeof(text), "%s%s%s", text_member(approval, "words"), json_object_get(approval, "committee") != NULL ? ": " : "",
		 text_member(approval, "committee"));
	if (json_object_get(approval, "index") != NULL)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), 
			 json_object_get(approval, "until") != NULL ? _(", entry #%lld, until before %s") : _(", entry #%lld"),
			 (long long)json_integer_value(json_object_get(approval, "index")), text_member(approval, "until"));
	print_line(cli, _("approval"), text);
	if (json_object_get(json, "ask_again") != NULL)
		print_line(cli, _("ask again"), text_member(json, "ask_again"));
	print_consents(cli, json_object_get(json, "consents"));
	if (about)
		asking_about_words(question, text, sizeof(text));
	print_answers(cli, json_object_get(json, "answers"), about ? text : NULL);
}

/* ---- The command ---- */

static enum base_code show_one(struct cli_session *s, const char *study, const struct base_hash *reference,
			       const struct state_question *question, bool about, json_t *list, struct base_error *err)
{
	struct asking a;
	json_t *json;
	enum base_code code = asking_open(&a, s, study, reference, err);

	if (code != BASE_OK)
		return code;
	json = participant_json(&a, question, about);
	if (list != NULL)
		json_array_append(list, json);
	else
		print_participant(&a, json, question, about);
	json_decref(json);
	asking_close(&a);
	return BASE_OK;
}

static enum base_code who_is_asked(struct cli_session *s, const char *study, struct base_hash **list, size_t *count, struct base_error *err)
{
	if (s->cli->argc == 0)
		return asking_participants(s, study, list, count, err);
	*list = base_alloc(sizeof(**list));
	*count = 1;
	return cli_participant(s, study, s->cli->argv[0], *list, err);
}

static enum base_code run_show(struct cli *cli, struct base_error *err)
{
	struct state_question question = {.at = {0}};
	struct base_hash *list = NULL;
	struct cli_session s;
	struct base_error ignored;
	size_t count = 0;
	const char *study;
	json_t *json = NULL;
	bool about;
	bool register_needed = cli->argc > 0 && strlen(cli->argv[0]) != 64;
	enum base_code code = cli_need(cli, "study", &study, err);

	if (code == BASE_OK)
		code = asking_about(cli, &question, &about, err);
	if (code != BASE_OK || (code = cli_session_open(&s, cli, register_needed || cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ, err)) != BASE_OK)
		return code;
	if (s.identity.count > 0)
		(void)!cli_session_register(&s, &ignored);
	if ((code = cli_study_check(&s, study, err)) == BASE_OK && (code = asking_times(&s, &question, err)) == BASE_OK)
		code = who_is_asked(&s, study, &list, &count, err);
	if (cli->json)
		json = json_array();
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		if (i > 0 && json == NULL)
			putchar('\n');
		code = show_one(&s, study, &list[i], &question, about, json, err);
	}
	if (code == BASE_OK && json != NULL)
		cli_print_json(json_pack("{s:s, s:o, s:I, s:O}", "study", study, "on", cli_json_time(question.at), "known_entries",
					 (json_int_t)question.known, "participants", json));
	else if (code == BASE_OK && count == 0)
		cli_note(cli, "nobody is enrolled in study %s, and nobody has consented", study);
	json_decref(json);
	free(list);
	cli_session_close(&s);
	return code;
}

static const struct cli_option show_options[] = {
	{"study", "STUDY", "code of the study", false},
	ASKING_TIME_OPTIONS,
	ASKING_ABOUT_OPTIONS,
	{"names", NULL, "show participants by the site's own numbers (needs your key and the register)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_consent_show[] = {
	{"consent show", "Asking", "[PARTICIPANT]", "what was consented to on a day, as known when",
	 "For a participant, or for everybody in the study: the approval at the site, what was declared, and for each use that the consents "
	 "speak of whether it is permitted, why, and by which entry. --on asks what held on a day; --known-at what was known of it then, so "
	 "that a paper that came later does not count. With --use, --purpose and so on one question is answered.",
	 "regesta consent show P-001 --study rare-01\n"
	 "regesta consent show P-001 --study rare-01 --on 2026-03-03 --known-at 2026-03-04\n"
	 "regesta consent show --study rare-01 --use read --purpose HMB --category genomic",
	 show_options, 0, 1, run_show},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
