/* Entries in words: for people, and as JSON (docs/json.md). */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const char *code_words(enum events_list list, uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	return code != NULL ? _(code->words) : _("unknown to this version");
}

static const char *code_name(enum events_list list, uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	return code != NULL ? code->name : "unknown";
}

void cli_outcome_words(const struct state_outcome *outcome, char *out, size_t cap)
{
	static const char *const verdicts[] = {N_("recorded"), N_("permit"), "", N_("refer")};
	size_t at;

	if (outcome->verdict == STATE_DENY)
		at = (size_t)snprintf(out, cap, _("recorded as refused: %s"), code_words(EVENTS_DENIALS, outcome->denial));
	else
		at = (size_t)snprintf(out, cap, "%s", outcome->verdict <= STATE_REFER ? _(verdicts[outcome->verdict]) : _("unknown"));
	for (unsigned bit = 0; bit < 64; bit++)
		if ((outcome->flags >> bit & 1) != 0 && at < cap)
			at += (size_t)snprintf(out + at, cap - at, "%s%s", (outcome->flags & ((UINT64_C(1) << bit) - 1)) == 0 ? _("; flags: ") : ", ",
					       code_words(EVENTS_FLAGS, bit));
}

static void milestones_json(const struct state_outcome *outcome, json_t *json)
{
	struct wire_reader r;
	json_t *list;

	if (outcome->milestones.len == 0)
		return;
	list = json_array();
	wire_read(&r, base_buf_slice(&outcome->milestones));
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--)
		json_array_append_new(list, cli_json_slice(wire_get_text(&r)));
	json_object_set_new(json, "milestones", list);
}

json_t *cli_outcome_json(const struct state_outcome *outcome)
{
	json_t *flags = json_array();
	json_t *json;

	for (unsigned bit = 0; bit < 64; bit++)
		if ((outcome->flags >> bit & 1) != 0)
			json_array_append_new(flags, json_string(code_name(EVENTS_FLAGS, bit)));
	json = json_pack("{s:s, s:o}", "verdict", code_name(EVENTS_VERDICTS, outcome->verdict), "flags", flags);
	if (outcome->verdict == STATE_DENY)
		json_object_set_new(json, "denial", json_string(code_name(EVENTS_DENIALS, outcome->denial)));
	milestones_json(outcome, json);
	return json;
}

static json_t *entry_outcome_json(struct cli_session *s, uint64_t index, const struct events_event *event, const struct state_outcome *outcome)
{
	json_t *json = cli_outcome_json(outcome);
	char words[768];

	cli_judged_json(s, event, outcome, json);

	if (outcome->verdict == STATE_DENY) {
		cli_entry_outcome_words(s, index, event, outcome, words, sizeof(words));
		json_object_set_new(json, "words", cli_json_slice(base_slice_text(words)));
	}
	return json;
}

json_t *cli_entry_json(struct cli_session *s, uint64_t index, const struct chain_entry *entry, const struct events_event *event)
{
	struct base_buf text = BASE_BUF_INIT;
	struct state_outcome outcome;
	struct base_error ignored;
	json_t *json;

	events_to_json(&text, event);
	json = json_pack("{s:I, s:I, s:o, s:o}", "index", (json_int_t)index, "height", (json_int_t)entry->height, "time",
			 cli_json_time(entry->time), "event", json_loadb((const char *)text.data, text.len, 0, NULL));
	base_buf_free(&text);
	json_object_set_new(json, "id", cli_json_hex(base_hash_slice(&event->id)));
	if (state_outcome_decode(&outcome, entry->outcome, &ignored) == BASE_OK) {
		json_object_set_new(json, "outcome", entry_outcome_json(s, index, event, &outcome));
		state_outcome_free(&outcome);
	}
	return json;
}

static uint64_t list_count(struct base_slice body, uint64_t key)
{
	struct wire_reader r;

	return events_find(body, key, &r) ? wire_get_array(&r) : 0;
}

static const char *short_id(struct base_slice id, char out[13])
{
	base_hex(out, base_slice(id.data, 6));
	return out;
}

static void answer_gist(struct base_slice body, char *out, size_t cap)
{
	struct base_slice act = events_raw(body, 2), said;
	char until[64] = "";
	const char *ground;
	struct wire_reader r;
	uint64_t number;

	wire_read(&r, act);
	(void)wire_get_map(&r);
	number = wire_get_uint(&r);
	said = wire_get_raw(&r);
	if (!r.failed && number > 1 && events_find(said, number == EVENTS_RIGHTS_REFUSED ? 2 : 1, &r)) {
		struct events_when when = events_when_read(&r);

		events_when_words(until, &when);
	}
	ground = number == EVENTS_RIGHTS_REFUSED ? code_words(EVENTS_GROUNDS, events_uint(said, 1)) : "";
	if (number == EVENTS_RIGHTS_REFUSED && until[0] != '\0')
		snprintf(out, cap, _("a request is refused until %s: %s"), until, ground);
	else if (number == EVENTS_RIGHTS_REFUSED)
		snprintf(out, cap, _("a request is refused: %s"), ground);
	else if (number == EVENTS_RIGHTS_FULFILLED)
		snprintf(out, cap, "%s", _("a request is fulfilled"));
	else if (until[0] != '\0')
		snprintf(out, cap, _("a request is put off until %s"), until);
	else
		snprintf(out, cap, "%s", _("a request is answered"));
}

/* Of one participant. */
static void right_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	const enum events_kind_id kind = event->envelope.kind->id;
	const struct base_slice body = event->envelope.body;
	char who[160];

	if (kind == EVENTS_RIGHTS_ANSWER) {
		answer_gist(body, out, cap);
		return;
	}
	cli_participant_words(s, events_bytes(body, 1), who, sizeof(who));
	if (kind == EVENTS_RIGHTS_REQUEST)
		snprintf(out, cap, _("%s asks: %s"), who, code_words(EVENTS_RIGHTS, events_uint(body, 2)));
	else if (kind == EVENTS_FINDING_REPORT)
		snprintf(out, cap, _("%s: a finding, for %s"), who, code_words(EVENTS_FINDING_RECIPIENTS, events_uint(body, 2)));
	else
		snprintf(out, cap, _("%s was unblinded, %s"), who, code_words(EVENTS_UNBLINDINGS, events_uint(body, 2)));
}

/* Of items and of events: how many, and what becomes of them. */
static void custody_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	const enum events_kind_id kind = event->envelope.kind->id;
	const struct base_slice body = event->envelope.body;
	struct base_slice holder = events_has(body, 2) && (kind == EVENTS_DATA_HOLD || kind == EVENTS_DATA_MOVE || kind == EVENTS_DATA_DESTROYED)
					   ? events_text(body, 2)
					   : base_slice(NULL, 0);
	unsigned long long count = list_count(body, 1);
	char noun[40];
	char who[160], id[13];

	snprintf(noun, sizeof(noun), cli_message_plural("%llu item", "%llu items", count), count);
	if (kind == EVENTS_HOLD_PLACE)
		snprintf(out, cap, _("to be kept: %s"), code_words(EVENTS_HOLD_BASES, events_uint(body, 4)));
	else if (kind == EVENTS_HOLD_LIFT)
		snprintf(out, cap, _("no longer to be kept under hold %s"), short_id(events_bytes(body, 1), id));
	else if (kind == EVENTS_DATA_ERASE)
		snprintf(out, cap, _("%s to be erased"), noun);
	else if (kind == EVENTS_DATA_RECALL)
		snprintf(out, cap, _("%s recalled, from %llu recipients"), noun, (unsigned long long)list_count(body, 2));
	else if (kind == EVENTS_DATA_HOLD)
		snprintf(out, cap, _("%.*s keeps a copy of %s"), (int)holder.len, (const char *)holder.data, noun);
	else if (kind == EVENTS_DATA_MOVE)
		snprintf(out, cap, _("%s: from %.*s to %.*s"), noun, (int)holder.len, (const char *)holder.data,
			 (int)events_text(body, 3).len, (const char *)events_text(body, 3).data);
	else if (kind == EVENTS_DATA_DESTROYED)
		snprintf(out, cap, _("%.*s destroyed, of %s: %s"), (int)holder.len, (const char *)holder.data, noun,
			 code_words(EVENTS_DESTRUCTIONS, events_uint(body, 3)));
	else if (kind == EVENTS_DATA_INCIDENT)
		snprintf(out, cap, "%s (%s)", code_words(EVENTS_INCIDENT_KINDS, events_uint(body, 1)),
			 code_name(EVENTS_INCIDENT_STAGES, events_uint(body, 3)));
	else if (kind == EVENTS_ACTOR_AFFIRM || kind == EVENTS_ACTOR_REPUDIATE)
		snprintf(out, cap, kind == EVENTS_ACTOR_AFFIRM ? cli_message_plural("%llu suspect event affirmed", "%llu suspect events affirmed", count)
							       : cli_message_plural("%llu suspect event repudiated", "%llu suspect events repudiated", count),
			 count);
	if (kind != EVENTS_DATA_REASSIGN)
		return;
	cli_participant_words(s, events_bytes(body, 3), who, sizeof(who));
	snprintf(out, cap, _("an item turns out to be of %s"), who);
}

static void parties_words(struct base_slice body, char *out, size_t cap)
{
	char parties[640] = "";
	struct wire_reader r;
	uint64_t count;
	size_t at = 0;

	(void)events_find(body, 1, &r);
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed && at < sizeof(parties); i++) {
		struct base_slice party = wire_get_text(&r);

		at += (size_t)snprintf(parties + at, sizeof(parties) - at, "%s%.*s", i == 0 ? "" : i + 1 == count ? _(" and ") : ", ",
				       (int)party.len, (const char *)party.data);
	}
	snprintf(out, cap, _("agreement between %s"), parties);
}

/* What was recorded of somebody, apart from data and consent. */
static void participant_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	struct base_slice body = event->envelope.body;
	enum events_kind_id kind = event->envelope.kind->id;
	char who[160], other[160];

	cli_participant_words(s, events_bytes(body, 1), who, sizeof(who));
	if (kind == EVENTS_PARTICIPANT_ENROL) {
		snprintf(out, cap, _("%s at %.*s"), who, (int)events_text(body, 2).len, (const char *)events_text(body, 2).data);
	} else if (kind == EVENTS_PARTICIPANT_STATUS) {
		snprintf(out, cap, "%s %s", who, code_words(EVENTS_PARTICIPANT_STATUS_LIST, events_uint(body, 2)));
	} else if (kind == EVENTS_PARTICIPANT_TRANSFER) {
		snprintf(out, cap, _("%s goes to site %.*s"), who, (int)events_text(body, 2).len, (const char *)events_text(body, 2).data);
	} else if (kind == EVENTS_PARTICIPANT_MERGE || kind == EVENTS_PARTICIPANT_SPLIT) {
		cli_participant_words(s, events_bytes(body, 2), other, sizeof(other));
		snprintf(out, cap, kind == EVENTS_PARTICIPANT_MERGE ? _("%s and %s are one person") : _("%s and %s are two people"), who, other);
	} else if (kind == EVENTS_PARTICIPANT_REPRESENT) {
		snprintf(out, cap, _("%.*s represents %s %s"), (int)events_text(body, 2).len, (const char *)events_text(body, 2).data, who,
			 code_words(EVENTS_REPRESENTATIONS, events_uint(body, 3)));
	} else {
		snprintf(out, cap, "%s: %s", who, _(event->envelope.kind->words));
	}
}

static void consent_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	const struct base_slice body = event->envelope.body;
	static const char *const acts[] = {"", N_("gave consent"), N_("refused consent"), N_("withdrew consent"), N_("objected"),
					   N_("a consent event is annulled"), N_("it was tried to reach the participant")};
	struct base_slice act = events_raw(body, 2);
	struct wire_reader r;
	uint64_t number;
	char who[160];

	wire_read(&r, act);
	(void)wire_get_map(&r);
	number = wire_get_uint(&r);
	cli_participant_words(s, events_bytes(body, 1), who, sizeof(who));
	snprintf(out, cap, "%s: %s", who, number < sizeof(acts) / sizeof(acts[0]) ? _(acts[number]) : "?");
}

static unsigned long long used_count(struct base_slice what)
{
	return list_count(what, 1) + list_count(what, 3);
}

/* Who used what, and what for. */
static void access_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	enum events_kind_id kind = event->envelope.kind->id;
	struct base_slice body = event->envelope.body, who = event->cose.issuer;
	const char *purpose;
	unsigned long long count;
	char id[13];

	(void)s;
	if (kind == EVENTS_CONTRACT_PROPOSE)
		snprintf(out, cap, _("contract %s is proposed"), short_id(events_bytes(body, 1), id));
	else if (kind == EVENTS_ACCESS_REVOKE || kind == EVENTS_ACCESS_CLOSE)
		snprintf(out, cap, kind == EVENTS_ACCESS_REVOKE ? _("access %s is revoked") : _("access %s is over"), short_id(events_bytes(body, 1), id));
	else if (kind == EVENTS_ACCESS_DECIDE || kind == EVENTS_MODEL_TRAIN)
		snprintf(out, cap, "%s", _(event->envelope.kind->words));
	else {
		count = used_count(events_raw(body, 1));
		purpose = kind == EVENTS_ACCESS_DISCLOSE ? "" : code_words(EVENTS_PURPOSES, events_uint(body, 3));
		if (events_has(body, 2))
			who = events_text(body, 2);
		snprintf(out, cap, cli_message_plural("%s: %.*s, %llu item or participant%s%s", "%s: %.*s, %llu items or participants%s%s", count),
			 _(event->envelope.kind->words), (int)who.len, (const char *)who.data, count, purpose[0] != '\0' ? ", " : "", purpose);
	}
}

static void items_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	struct base_slice sole = cli_sole_participant_of(event);
	size_t items = events_item_count(event);
	char who[160] = "";

	if (sole.len > 0)
		cli_participant_words(s, sole, who, sizeof(who));
	if (who[0] != '\0')
		snprintf(out, cap, cli_message_plural("%zu item of %s", "%zu items of %s", items), items, who);
	else
		snprintf(out, cap, cli_message_plural("%zu item", "%zu items", items), items);
}

/* The text that stands first in the body: whom or what it makes. */
static void first_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	const struct base_slice text = events_text(event->envelope.body, 1);

	(void)s;
	snprintf(out, cap, "%.*s", (int)text.len, (const char *)text.data);
}

static void committee_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	const struct base_slice committee = events_text(event->envelope.body, 1);

	(void)s;
	snprintf(out, cap, _("decision of %.*s"), (int)committee.len, (const char *)committee.data);
}

static void agreement_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	(void)s;
	parties_words(event->envelope.body, out, cap);
}

typedef void (*gist_fn)(struct cli_session *s, const struct events_event *event, char *out, size_t cap);
/* Kinds that have no line are said by their words alone. */
static const gist_fn gists[] = {
	[EVENTS_DATA_SUBMIT] = items_gist,
	[EVENTS_DATA_DERIVE] = items_gist,
	[EVENTS_CONSENT] = consent_gist,
	[EVENTS_RIGHTS_REQUEST] = right_gist,
	[EVENTS_RIGHTS_ANSWER] = right_gist,
	[EVENTS_FINDING_REPORT] = right_gist,
	[EVENTS_BLINDING_UNBLIND] = right_gist,
	[EVENTS_HOLD_PLACE] = custody_gist,
	[EVENTS_HOLD_LIFT] = custody_gist,
	[EVENTS_DATA_REASSIGN] = custody_gist,
	[EVENTS_DATA_ERASE] = custody_gist,
	[EVENTS_DATA_RECALL] = custody_gist,
	[EVENTS_DATA_HOLD] = custody_gist,
	[EVENTS_DATA_MOVE] = custody_gist,
	[EVENTS_DATA_DESTROYED] = custody_gist,
	[EVENTS_DATA_INCIDENT] = custody_gist,
	[EVENTS_ACTOR_AFFIRM] = custody_gist,
	[EVENTS_ACTOR_REPUDIATE] = custody_gist,
	[EVENTS_CONTRACT_PROPOSE] = access_gist,
	[EVENTS_ACCESS_REQUEST] = access_gist,
	[EVENTS_ACCESS_DECIDE] = access_gist,
	[EVENTS_ACCESS_DISCLOSE] = access_gist,
	[EVENTS_ACCESS_OBSERVE] = access_gist,
	[EVENTS_ACCESS_OVERRIDE] = access_gist,
	[EVENTS_ACCESS_REVOKE] = access_gist,
	[EVENTS_ACCESS_CLOSE] = access_gist,
	[EVENTS_MODEL_TRAIN] = access_gist,
	[EVENTS_ETHICS_DECIDE] = committee_gist,
	[EVENTS_PARTICIPANT_ENROL] = participant_gist,
	[EVENTS_PARTICIPANT_STATUS] = participant_gist,
	[EVENTS_PARTICIPANT_TRANSFER] = participant_gist,
	[EVENTS_PARTICIPANT_MERGE] = participant_gist,
	[EVENTS_PARTICIPANT_SPLIT] = participant_gist,
	[EVENTS_PARTICIPANT_REPRESENT] = participant_gist,
	[EVENTS_PARTICIPANT_LINK] = participant_gist,
	[EVENTS_PARTICIPANT_UNLINK] = participant_gist,
	[EVENTS_AGREEMENT_RECORD] = agreement_gist,
	[EVENTS_ACTOR_ENROL] = first_gist,
	[EVENTS_ACTOR_ASSIGN] = first_gist,
	[EVENTS_ACTOR_ROTATE] = first_gist,
	[EVENTS_ACTOR_REVOKE] = first_gist,
	[EVENTS_STUDY_REGISTER] = first_gist,
};

/* "12 items" or what else one line can say of a body. */
static void event_gist(struct cli_session *s, const struct events_event *event, char *out, size_t cap)
{
	const struct events_kind *kind = event->envelope.kind;

	if ((size_t)kind->id < sizeof(gists) / sizeof(gists[0]) && gists[kind->id] != NULL)
		gists[kind->id](s, event, out, cap);
	else
		snprintf(out, cap, "%s", _(kind->words));
}

void cli_entry_line(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event, char *out, size_t cap)
{
	struct state_outcome outcome;
	struct base_error ignored;
	size_t at;

	event_gist(s, event, out, cap);
	at = strlen(out);
	if (state_outcome_decode(&outcome, entry->outcome, &ignored) != BASE_OK)
		return;
	if ((outcome.verdict == STATE_DENY || outcome.flags != 0) && at + 3 < cap) {
		snprintf(out + at, cap - at, "; ");
		cli_outcome_words(&outcome, out + at + 2, cap - at - 2);
	}
	state_outcome_free(&outcome);
}

/* ---- An event on a page ---- */

static void line(const struct cli *cli, const char *label, const char *format, ...) BASE_PRINTF(3, 4);

static void line(const struct cli *cli, const char *label, const char *format, ...)
{
	struct base_buf shown = BASE_BUF_INIT;
	char buffer[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), _(format), args);
	va_end(args);
	base_printable(&shown, base_slice_text(buffer));
	cli_label(cli, "", _(label), 12);
	printf("%.*s\n", (int)shown.len, (const char *)shown.data);
	base_buf_free(&shown);
}

static void print_roles(struct cli_session *s, const struct events_event *event)
{
	char name[160], roles[512] = "";
	struct cli_actor actor;
	struct base_error ignored;
	const struct events_codes *codes = events_codes_of(EVENTS_ROLES);

	snprintf(name, sizeof(name), "%.*s", (int)event->cose.issuer.len, (const char *)event->cose.issuer.data);
	if (cli_actor_find(s, name, &actor, &ignored) == BASE_OK)
		for (size_t i = 0; i < codes->count; i++)
			if ((actor.roles & EVENTS_ROLE(codes->codes[i].number)) != 0)
				snprintf(roles + strlen(roles), sizeof(roles) - strlen(roles), "%s%s", roles[0] != '\0' ? ", " : "",
					 _(codes->codes[i].words));
	line(s->cli, "author", "%s%s%s%s", name, roles[0] != '\0' ? " (" : "", roles, roles[0] != '\0' ? ")" : "");
}

static void print_capacity(struct cli_session *s, const struct events_envelope *e)
{
	char original[64];

	if (e->capacity.on_behalf_of.len > 0)
		line(s->cli, "capacity", "%s for %.*s", code_words(EVENTS_CAPACITIES, e->capacity.code), (int)e->capacity.on_behalf_of.len,
		     (const char *)e->capacity.on_behalf_of.data);
	else
		line(s->cli, "capacity", "%s", code_words(EVENTS_CAPACITIES, e->capacity.code));
	if (e->capacity.has_original) {
		events_when_format(original, &e->capacity.original);
		line(s->cli, " ", "in the source system: %s", original);
	}
}

/* What comes from outside, fit for a terminal. */
static void put_printable(const char *text)
{
	struct base_buf shown = BASE_BUF_INIT;

	base_printable(&shown, base_slice_text(text));
	fwrite(shown.data, 1, shown.len, stdout);
	base_buf_free(&shown);
}

static bool print_item(void *arg, size_t index, const struct events_item *item)
{
	struct cli_session *s = arg;
	char cid[WIRE_CID_TEXT_BYTES], who[160], collected[64] = "";

	wire_cid_text(cid, &item->cid);
	cli_participant_words(s, item->participant, who, sizeof(who));
	if (item->has_collected)
		events_when_format(collected, &item->collected);
	printf(_("  #%-4zu %s  %s, participant "), index, cid, code_name(EVENTS_CATEGORIES, item->category));
	put_printable(who);
	if (collected[0] != '\0')
		printf(_(", collected %s, %llu bytes sealed\n"), collected, (unsigned long long)item->len);
	else
		printf(_(", %llu bytes sealed\n"), (unsigned long long)item->len);
	return true;
}

static void print_body(struct cli_session *s, const struct events_event *event)
{
	struct base_buf text = BASE_BUF_INIT;
	json_t *json, *body;

	if (event->envelope.kind->needs_study && events_item_count(event) > 0) {
		printf(_("%sitems%s\n"), cli_style(s->cli, CLI_DIM), cli_style(s->cli, CLI_PLAIN));
		events_items(event, print_item, s);
	}
	events_to_json(&text, event);
	json = json_loadb((const char *)text.data, text.len, 0, NULL);
	base_buf_free(&text);
	body = json_object_get(json, "body");
	if (body != NULL && json_is_object(body)) {
		char *dump;

		if (events_item_count(event) > 0)
			json_object_del(body, "items");
		dump = cli_json_dump(body);
		if (json_object_size(body) > 0)
			printf(_("%sbody%s %s\n"), cli_style(s->cli, CLI_DIM), cli_style(s->cli, CLI_PLAIN), dump);
		free(dump);
	}
	json_decref(json);
}

static void print_refs(struct cli_session *s, const struct events_envelope *e)
{
	struct wire_reader r;

	if (e->refs.len == 0)
		return;
	wire_read(&r, e->refs);
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
		char hex[65];
		uint64_t type;
		struct base_hash id;

		wire_expect_array(&r, 2);
		type = wire_get_uint(&r);
		id = wire_get_hash(&r);
		base_hex(hex, base_hash_slice(&id));
		line(s->cli, "reference", "%s %s", code_words(EVENTS_REF_TYPES, type), hex);
	}
}

/* Each flag by itself, with what would cover it. */
static void print_flags(struct cli_session *s, uint64_t flags)
{
	for (unsigned bit = 0; bit < 64; bit++)
		if ((flags >> bit & 1) != 0)
			line(s->cli, "flag", "%s: %s; what covers it: %s", code_name(EVENTS_FLAGS, bit), code_words(EVENTS_FLAGS, bit),
			     cli_flag_cover((enum events_flag)bit));
}

static void print_judged(void *arg, const char *verdict, const char *items, const char *words)
{
	line(arg, "judged", N_("item %s: %s, %s"), items, verdict, words);
}

void cli_entry_print(struct cli_session *s, uint64_t index, const struct chain_entry *entry, const struct events_event *event)
{
	const struct events_envelope *e = &event->envelope;
	char id[65], kid[65], when[64], claimed[BASE_TIME_TEXT_BYTES], entered[BASE_TIME_TEXT_BYTES], words[768];
	struct state_outcome outcome;
	struct base_error ignored;

	base_hex(id, base_hash_slice(&event->id));
	base_hex(kid, event->cose.kid);
	events_when_format(when, &e->when);
	base_time_format(claimed, e->claimed, 0);
	base_time_format(entered, entry->time, 0);
	printf("%s%s%s\n", cli_style(s->cli, CLI_BOLD), id, cli_style(s->cli, CLI_PLAIN));
	line(s->cli, "kind", "%s (%s)", e->kind->name, _(e->kind->words));
	line(s->cli, e->kind->needs_study ? "study" : "ledger", "%.*s", (int)event->cose.subject.len, (const char *)event->cose.subject.data);
	if (state_outcome_decode(&outcome, entry->outcome, &ignored) == BASE_OK) {
		cli_entry_outcome_words(s, index, event, &outcome, words, sizeof(words));
		line(s->cli, "outcome", "%s", words);
		print_flags(s, outcome.flags);
		cli_judged_visit(s, event, &outcome, print_judged, s->cli);
		state_outcome_free(&outcome);
	}
	print_roles(s, event);
	print_capacity(s, e);
	line(s->cli, "signature", "%s, with the key %s, number %llu", code_words(EVENTS_MEANINGS, e->meaning), kid,
	     (unsigned long long)e->sequence);
	line(s->cli, "happened", "%s", when);
	line(s->cli, "signed", "%s by the author's clock", claimed);
	line(s->cli, "recorded", "%s, block %llu, entry #%llu", entered, (unsigned long long)entry->height, (unsigned long long)index);
	if (e->has_reason)
		line(s->cli, "reason", e->has_reason_text ? N_("%s (explanation sealed)") : N_("%s"), code_words(EVENTS_REASONS, e->reason));
	print_refs(s, e);
	print_body(s, event);
}
