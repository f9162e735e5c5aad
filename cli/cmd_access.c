/* access, contract, used-by: who used data and what for; contracts that are proposed. */
#include <stdlib.h>
#include <string.h>

#include "contracts/contracts.h"
#include "cli/custody.h"
#include "cli/paper.h"

/* ---- Recording ---- */

static enum base_code what_json(struct cli_session *s, const char *study, json_t **out, struct base_error *err)
{
	json_t *what = json_object(), *items = json_array(), *participants = json_array();
	const char *text;
	char item[96], hex[65];
	struct base_hash reference;
	enum base_code code = BASE_OK;

	for (int i = 0; i < s->cli->argc && code == BASE_OK; i++)
		if ((code = cli_item_text(s, s->cli->argv[i], item, err)) == BASE_OK)
			json_array_append_new(items, json_string(item));
	for (size_t i = 0; code == BASE_OK && (text = cli_get_nth(s->cli, "participant", i)) != NULL; i++)
		if ((code = cli_participant(s, study, text, &reference, err)) == BASE_OK)
			json_array_append_new(participants, cli_json_hex(base_hash_slice(&reference)));
	if (json_array_size(items) > 0)
		json_object_set(what, "items", items);
	if (json_array_size(participants) > 0)
		json_object_set(what, "participants", participants);
	if (code == BASE_OK && (text = cli_get(s->cli, "dataset")) != NULL && (code = paper_event(s, "dataset", text, hex, err)) == BASE_OK)
		json_object_set_new(what, "dataset", json_string(hex));
	if (code == BASE_OK && json_object_size(what) == 0)
		code = base_fail(err, BASE_USAGE, "say which data: items, --participant NUMBER or --dataset ID");
	json_decref(items);
	json_decref(participants);
	if (code == BASE_OK)
		*out = what;
	else
		json_decref(what);
	return code;
}

static enum base_code use(struct cli_session *s, bool override, struct base_error *err)
{
	const char *study, *purpose, *system = NULL, *basis = NULL, *recipient = cli_get(s->cli, "recipient"), *mode = cli_get(s->cli, "mode");
	json_t *what, *body;
	uint64_t number;
	enum base_code code;

	if ((code = cli_need(s->cli, "study", &study, err)) != BASE_OK || (code = base_wrap(err, cli_study_check(s, study, err), "--study")) != BASE_OK ||
	    (code = cli_need(s->cli, "purpose", &purpose, err)) != BASE_OK ||
	    (code = override ? cli_need(s->cli, "legal-basis", &basis, err) : cli_need(s->cli, "system", &system, err)) != BASE_OK ||
	    (override && (code = cli_need(s->cli, "recipient", &recipient, err)) != BASE_OK) ||
	    (code = what_json(s, study, &what, err)) != BASE_OK)
		return code;
	if ((code = base_wrap(err, paper_purpose(purpose, &number, err), "--purpose")) != BASE_OK) {
		json_decref(what);
		return code;
	}
	purpose = events_code_by_number(events_codes_of(EVENTS_PURPOSES), number)->name;
	body = json_pack("{s:o, s:s, s:s}", "what", what, "purpose", purpose, "mode", mode != NULL ? mode : "view");
	if (recipient != NULL)
		json_object_set_new(body, "recipient", json_string(recipient));
	if (override)
		json_object_set_new(body, "legal_basis", json_string(basis));
	else
		json_object_set_new(body, "system", json_string(system));
	return custody_record(s, override ? "access.override" : "access.observe", study, body, NULL, err);
}

static enum base_code observe(struct cli_session *s, struct base_error *err) { return use(s, false, err); }
static enum base_code override(struct cli_session *s, struct base_error *err) { return use(s, true, err); }

/* The access that is named, in the study that it belongs to. */
static enum base_code end(struct cli_session *s, bool close, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	char hex[65], study[65];
	uint64_t index;
	int64_t item;
	json_t *body;
	enum base_code code = cli_resolve(s, s->cli->argv[0], &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	if (!event.envelope.kind->needs_study)
		return base_fail(err, BASE_USAGE, "%.80s opened no access", s->cli->argv[0]);
	base_hex(hex, base_hash_slice(&event.id));
	snprintf(study, sizeof(study), "%.*s", (int)event.cose.subject.len, (const char *)event.cose.subject.data);
	body = json_pack("{s:s}", "grant", hex);
	if (close)
		json_object_set_new(body, "destroyed", json_boolean(cli_has(s->cli, "destroyed")));
	return custody_record(s, close ? "access.close" : "access.revoke", study, body, NULL, err);
}

static enum base_code revoke(struct cli_session *s, struct base_error *err) { return end(s, false, err); }
static enum base_code finish(struct cli_session *s, struct base_error *err) { return end(s, true, err); }

enum base_code cli_contract_compile(struct base_buf *out, const char *path, struct base_slice source, struct base_error *err)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_report *report = base_alloc(sizeof(*report));
	struct contracts_bytes bytes;
	enum contracts_code compiled = CONTRACTS_MEMORY;
	enum base_code code = BASE_OK;

	if (arena != NULL)
		compiled = contracts_compile(arena, &bytes, (struct contracts_text){(const char *)source.data, source.len}, report);
	if (compiled == CONTRACTS_OK)
		base_buf_append(out, base_slice(bytes.data, bytes.len));
	else if (compiled == CONTRACTS_REFUSED && report->count > 0)
		code = base_fail(err, BASE_MALFORMED, "%.200s:%u:%u: %s; %s", path, report->list[0].line, report->list[0].column,
				 report->list[0].wrong, report->list[0].right);
	else
		code = base_fail(err, BASE_IO, "%.200s cannot be compiled: no memory", path);
	contracts_arena_close(arena);
	free(report);
	return code;
}

/* What the committee reads, and what is executed. */
static enum base_code contract_body(struct cli *cli, json_t **body, struct base_error *err)
{
	struct base_buf source = BASE_BUF_INIT, bytes = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct base_hash id;
	char hex[65];
	enum base_code code = base_file_read(&source, cli->argv[0], EVENTS_CONTRACT_BYTES_MAX, err);

	if (code == BASE_OK)
		code = cli_contract_compile(&bytes, cli->argv[0], base_buf_slice(&source), err);
	if (code != BASE_OK)
		goto out;
	id = base_sha256_of(base_buf_slice(&bytes));
	base_hex(hex, base_hash_slice(&id));
	base_base64(&text, base_buf_slice(&bytes));
	*body = json_pack("{s:s, s:s%, s:s%}", "contract", hex, "source", (const char *)source.data, source.len, "code",
			  (const char *)text.data, text.len);
out:
	base_buf_free(&source);
	base_buf_free(&bytes);
	base_buf_free(&text);
	return code;
}

static enum base_code propose(struct cli_session *s, struct base_error *err)
{
	json_t *body = NULL;
	const char *study;
	enum base_code code = cli_need(s->cli, "study", &study, err);

	if (code != BASE_OK || (code = contract_body(s->cli, &body, err)) != BASE_OK)
		return code;
	return custody_record(s, "contract.propose", study, body, NULL, err);
}

static enum base_code run_observe(struct cli *cli, struct base_error *err) { return custody_run(cli, observe, err); }
static enum base_code run_override(struct cli *cli, struct base_error *err) { return custody_run(cli, override, err); }
static enum base_code run_revoke(struct cli *cli, struct base_error *err) { return custody_run(cli, revoke, err); }
static enum base_code run_close(struct cli *cli, struct base_error *err) { return custody_run(cli, finish, err); }
static enum base_code run_propose(struct cli *cli, struct base_error *err) { return custody_run(cli, propose, err); }

/* ---- used-by ---- */

#define USES_MAX 10000

struct use {
	uint64_t index;
	char through[96]; /* the derived item that it was of; "": of the data itself */
};
struct uses {
	struct cli_session *s;
	struct use *list;
	size_t count, cap;
	bool cut;
};

static enum base_code add_leaves(struct uses *u, uint64_t term, const char *through, struct base_error *err)
{
	uint64_t *leaves = NULL;
	size_t count;
	enum base_code code = chain_read_postings(u->s->read, term, &leaves, &count, err);

	for (size_t i = 0; code == BASE_OK && i < count; i++) {
		bool known = false;

		for (size_t j = 0; j < u->count && !known; j++)
			known = u->list[j].index == leaves[i];
		if (known)
			continue;
		if (u->count == USES_MAX) {
			u->cut = true;
			break;
		}
		if (u->count == u->cap) {
			u->cap = u->cap == 0 ? 64 : u->cap * 2;
			u->list = base_realloc(u->list, u->cap * sizeof(*u->list));
		}
		u->list[u->count].index = leaves[i];
		snprintf(u->list[u->count++].through, sizeof(u->list->through), "%s", through);
	}
	free(leaves);
	return code;
}

static bool is_use(enum events_kind_id kind)
{
	return kind == EVENTS_DATA_DERIVE || kind == EVENTS_ACCESS_OBSERVE || kind == EVENTS_ACCESS_OVERRIDE ||
	       kind == EVENTS_ACCESS_DISCLOSE || kind == EVENTS_MODEL_TRAIN;
}

static bool was_recorded(const struct chain_entry *entry)
{
	struct state_outcome outcome;
	struct base_error ignored;
	bool recorded;

	if (state_outcome_decode(&outcome, entry->outcome, &ignored) != BASE_OK)
		return false;
	recorded = outcome.verdict != STATE_DENY;
	state_outcome_free(&outcome);
	return recorded;
}

static void why(const struct events_event *event, char *out, size_t cap)
{
	const struct events_code *purpose = NULL, *reason = NULL;
	enum events_kind_id kind = event->envelope.kind->id;

	if (kind == EVENTS_ACCESS_OBSERVE || kind == EVENTS_ACCESS_OVERRIDE)
		purpose = events_code_by_number(events_codes_of(EVENTS_PURPOSES), events_uint(event->envelope.body, 3));
	if (event->envelope.has_reason)
		reason = events_code_by_number(events_codes_of(EVENTS_REASONS), event->envelope.reason);
	snprintf(out, cap, "%s%s%s", purpose != NULL ? _(purpose->words) : "", purpose != NULL && reason != NULL ? "; " : "",
		 reason != NULL ? _(reason->words) : "");
}

static void show_use(struct uses *u, const struct use *one, const struct chain_entry *entry, const struct events_event *event,
		     struct cli_table *table, json_t *list)
{
	struct base_slice who = event->cose.issuer;
	char name[160], time[BASE_TIME_TEXT_BYTES], reason[256], id[65];

	(void)u;
	if (event->envelope.kind->id != EVENTS_DATA_DERIVE && event->envelope.kind->id != EVENTS_MODEL_TRAIN &&
	    events_has(event->envelope.body, 2))
		who = events_text(event->envelope.body, 2);
	snprintf(name, sizeof(name), "%.*s", (int)who.len, (const char *)who.data);
	base_time_format(time, entry->time, 0);
	why(event, reason, sizeof(reason));
	base_hex(id, base_hash_slice(&event->id));
	if (list != NULL) {
		json_t *use = json_pack("{s:s, s:s, s:s, s:s, s:I}", "time", time, "who", name, "kind", event->envelope.kind->name, "event", id,
					"index", (json_int_t)one->index);

		if (reason[0] != '\0')
			json_object_set_new(use, "why", json_string(reason));
		if (one->through[0] != '\0')
			json_object_set_new(use, "through", json_string(one->through));
		json_array_append_new(list, use);
		return;
	}
	id[12] = '\0';
	cli_table_row(table, (const char *const[]){time, name, _(event->envelope.kind->words), reason, id, one->through});
}

/* What was derived is looked up in turn: who uses it, uses what it was derived from. */
static enum base_code follow(struct uses *u, const struct events_event *event, struct base_error *err)
{
	size_t count = event->envelope.kind->id == EVENTS_DATA_DERIVE ? events_item_count(event) : 0;
	struct base_hash id = event->id;
	char through[96], hex[65];
	enum base_code code = BASE_OK;

	base_hex(hex, base_slice(id.bytes, 6));
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		snprintf(through, sizeof(through), "%s#%zu", hex, i);
		code = add_leaves(u, state_term_item(&id, i), through, err);
	}
	return code;
}

static enum base_code begin_uses(struct uses *u, struct base_error *err)
{
	const char *text = u->s->cli->argv[0], *study = cli_get(u->s->cli, "study");
	struct base_hash reference;
	char item[96];
	struct base_buf id = BASE_BUF_INIT;
	uint64_t number = 0;
	enum base_code code;

	if (study != NULL) {
		code = cli_participant(u->s, study, text, &reference, err);
		return code != BASE_OK ? code
				       : add_leaves(u, state_term_participant(base_slice_text(study), base_hash_slice(&reference)), "", err);
	}
	if ((code = cli_item_text(u->s, text, item, err)) != BASE_OK)
		return base_wrap(err, code, "an item, or with --study a participant");
	if (base_unhex(&id, base_slice(item, 64)) && base_parse_u64(base_slice_text(item + 65), &number)) {
		memcpy(reference.bytes, id.data, sizeof(reference.bytes));
		code = add_leaves(u, state_term_item(&reference, number), "", err);
	}
	base_buf_free(&id);
	return code;
}

static enum base_code run_used_by(struct cli *cli, struct base_error *err)
{
	static const char *const headings[] = {N_("WHEN"), N_("WHO"), N_("HOW"), N_("WHY"), N_("EVENT"), N_("THROUGH")};
	struct cli_session s;
	struct uses u = {.s = &s};
	struct cli_table *table = NULL;
	json_t *list = cli->json ? json_array() : NULL;
	size_t shown = 0;
	/* A site's own number is in its register, which opens with its key; references and items need none. */
	enum base_code code = cli_session_open(&s, cli, cli_has(cli, "study") && strlen(cli->argv[0]) != 64 ? CLI_IDENTITY : CLI_READ, err);

	if (code != BASE_OK) {
		json_decref(list);
		return code;
	}
	table = cli_table_open(headings, 6);
	code = begin_uses(&u, err);
	for (size_t i = 0; i < u.count && code == BASE_OK; i++) {
		struct use one = u.list[i]; /* the list moves while it is followed */
		struct chain_entry entry;
		struct events_event event;

		code = cli_event_at(&s, one.index, &entry, &event, err);
		if (code != BASE_OK || !is_use(event.envelope.kind->id) || !was_recorded(&entry))
			continue;
		shown++;
		show_use(&u, &one, &entry, &event, table, list);
		code = follow(&u, &event, err);
	}
	if (code == BASE_OK && list != NULL)
		cli_print_json(json_pack("{s:O, s:b}", "uses", list, "complete", !u.cut));
	else if (code == BASE_OK && shown == 0)
		printf(_("nobody used it, as far as this ledger knows\n"));
	else if (code == BASE_OK)
		cli_table_print(cli, table);
	if (code == BASE_OK && list == NULL && shown > 0)
		table = NULL;
	if (code == BASE_OK && u.cut)
		cli_warn(cli, "there is more; it was cut at %d entries", USES_MAX);
	cli_table_close(table);
	json_decref(list);
	free(u.list);
	cli_session_close(&s);
	return code;
}

/* ---- The commands ---- */

#define WHAT_OPTIONS                                                                                                           \
	{"study", "STUDY", "the study", false},                                                                                \
	{"participant", "NUMBER", "whatever there is of this participant", true},                                              \
	{"dataset", "ID", "a data set: the event id of its first part", false},                                                \
	{"recipient", "WHO", "the actor or organisation that had access", false},                                              \
	{"purpose", "CODE", "what for, such as duo.hmb or HRESCH", false},                                                     \
	{"mode", "CODE", "view, compute or download (default: view)", false}

static const struct cli_option observe_options[] = {
	WHAT_OPTIONS,
	{"system", "CODE", "the system in which it was read, such as edc-1", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option override_options[] = {
	WHAT_OPTIONS,
	{"legal-basis", "CODE", "vital-interest, legal-obligation, public-health, …", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option revoke_options[] = {
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option close_options[] = {
	{"destroyed", NULL, "every copy was destroyed", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option propose_options[] = {
	{"study", "STUDY", "the study", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option used_options[] = {
	{"study", "STUDY", "what is named is a participant of this study: the site's number or a reference", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_access[] = {
	{"access observe", "Recording", "[ITEM...]", "record that data was read in a system that reports it", NULL,
	 "regesta access observe 3f2a91c07d11#0 --study rare-01 --purpose HSYSADMIN --system edc-1 --recipient cro-1/monitor", observe_options, 0,
	 EVENTS_ITEMS_MAX, run_observe},
	{"access override", "Recording", "[ITEM...]", "record access in an emergency, to be reviewed", NULL,
	 "regesta access override --study rare-01 --participant 07 --recipient charite/on-call --purpose ETREAT --legal-basis vital-interest --reason "
	 "other", override_options, 0, EVENTS_ITEMS_MAX, run_override},
	{"access revoke", "Recording", "EVENT", "end an access", NULL, "regesta access revoke 3f2a91c07d11 --reason participant-request",
	 revoke_options, 1, 1, run_revoke},
	{"access close", "Recording", "EVENT", "say that an access is over, and whether copies are left", NULL,
	 "regesta access close 3f2a91c07d11 --destroyed", close_options, 1, 1, run_close},
	{"contract propose", "Recording", "SOURCE", "compile a contract and propose it for a study", NULL,
	 "regesta contract propose registry.contract --study rare-01", propose_options, 1, 1, run_propose},
	{"used-by", "Asking", "ITEM|PARTICIPANT", "who received or derived from data, when and why",
	 "Reads, disclosures, trainings and derivations that are recorded, also of what was derived. With --study the argument is a participant.",
	 "regesta used-by 07 --study rare-01", used_options, 1, 1, run_used_by},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
