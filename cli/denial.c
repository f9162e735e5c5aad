/* What a denial is about: the thing that is missing, is there already, or is somebody else's. The ledger's outcome is a code
 * alone (docs/formats/state.md, section 8); what it names is found again here, in the state as it was before the entry. */
#include <stdarg.h>
#include <string.h>

#include "cli/cli.h"

struct denied {
	struct cli_session *s;
	uint64_t index; /* of the denied entry: what came later was not there yet */
	const struct events_event *event;
	uint64_t denial;
	char *out;
	size_t cap;
	bool found;
};

static void found(struct denied *d, const char *format, ...) BASE_PRINTF(2, 3);

static void found(struct denied *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->out, d->cap, _(format), args);
	va_end(args);
	d->found = true;
}

static struct base_slice organisation_of(struct base_slice actor)
{
	const uint8_t *slash = actor.len > 0 ? memchr(actor.data, '/', actor.len) : NULL;

	return base_slice(actor.data, slash != NULL ? (size_t)(slash - actor.data) : actor.len);
}

static bool is_own(const struct denied *d, struct base_slice organisation)
{
	return base_slice_equal(organisation, organisation_of(d->event->cose.issuer));
}

/* ---- State before the entry ---- */

struct facts {
	uint64_t before;
	bool any, closed, revoked, belongs;
	struct base_slice own, study;   /* in: of the author; of an assignment */
	struct base_slice site;         /* in: a site's code */
	char owner[65];                 /* of the site, or of a participant; empty: none */
	char sponsor[65];
	char actor[STATE_ACTOR_BYTES_MAX + 1]; /* of a key */
};

static void copy(char *out, size_t cap, struct base_slice text)
{
	snprintf(out, cap, "%.*s", (int)text.len, (const char *)text.data);
}

static void look_at_sites(struct facts *f, struct base_slice content)
{
	struct wire_reader r;

	if (!events_find(content, 4, &r))
		return;
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
		struct base_slice raw = wire_get_raw(&r);

		if (base_slice_equal(events_text(raw, 1), f->site))
			copy(f->owner, sizeof(f->owner), events_text(raw, 2));
	}
}

/* The sponsor, who runs a site, or a committee. */
static bool names_own(const struct facts *f, struct base_slice content)
{
	struct wire_reader r;

	if (base_slice_equal(events_text(content, 3), f->own))
		return true;
	if (events_find(content, 4, &r)) {
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--)
			if (base_slice_equal(events_text(wire_get_raw(&r), 2), f->own))
				return true;
	}
	if (events_find(content, 8, &r)) {
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--)
			if (base_slice_equal(wire_get_text(&r), f->own))
				return true;
	}
	return false;
}

static bool part_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	if (fact->index >= f->before)
		return false;
	f->any = true;
	f->belongs = f->belongs || (fact->kind != EVENTS_STUDY_CLOSE && names_own(f, fact->content));
	return true;
}

static bool assigned_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	if (fact->index >= f->before)
		return false;
	f->belongs = f->belongs || (fact->kind == EVENTS_ACTOR_ASSIGN && base_slice_equal(events_text(fact->content, 2), f->study));
	return true;
}

static bool successor_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	if (fact->index >= f->before)
		return false;
	f->belongs = f->belongs || events_has(fact->content, 7);
	return true;
}

static bool study_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	if (fact->index >= f->before)
		return false;
	f->any = true;
	f->closed = f->closed || fact->kind == EVENTS_STUDY_CLOSE;
	if (fact->kind == EVENTS_STUDY_REGISTER)
		copy(f->sponsor, sizeof(f->sponsor), events_text(fact->content, 3));
	if (f->site.len > 0)
		look_at_sites(f, fact->content);
	return true;
}

static bool owner_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	if (fact->index >= f->before)
		return false;
	/* A transfer gives another owner. */
	if (events_has(fact->content, 1))
		copy(f->owner, sizeof(f->owner), events_text(fact->content, 1));
	return true;
}

static bool key_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	if (fact->index >= f->before)
		return false;
	f->any = true;
	f->revoked = f->revoked || events_has(fact->content, 7);
	if (events_has(fact->content, 2))
		copy(f->actor, sizeof(f->actor), events_text(fact->content, 2));
	return true;
}

static bool any_fact(void *arg, const struct state_fact *fact)
{
	struct facts *f = arg;

	f->any = fact->index < f->before;
	return false;
}

static void walk(const struct denied *d, enum state_table table, struct base_slice study, struct base_slice reference_cbor,
		 state_fact_fn visit, struct facts *f)
{
	struct state_view view;
	struct base_error ignored;

	f->before = d->index;
	chain_read_view(d->s->read, &view);
	(void)!state_record_walk(&view, table, study, reference_cbor, visit, f, &ignored);
}

static void study_facts(const struct denied *d, struct base_slice study, struct base_slice site, struct facts *f)
{
	*f = (struct facts){.site = site};
	walk(d, STATE_STUDY, study, base_slice(NULL, 0), study_fact, f);
}

/* An organisation or actor. */
static bool was_there(const struct denied *d, enum state_table table, struct base_slice name)
{
	struct base_buf reference = BASE_BUF_INIT;
	struct facts f = {0};

	wire_put_text(&reference, name);
	walk(d, table, base_slice(NULL, 0), base_buf_slice(&reference), any_fact, &f);
	base_buf_free(&reference);
	return f.any;
}

/* ---- One value of the body each ---- */

/* The entry of an event that was recorded before this one; false: there is none. */
static bool recorded_before(const struct denied *d, const struct base_hash *id, struct events_event *event)
{
	struct chain_entry entry;
	struct state_outcome outcome;
	struct base_error ignored;
	uint64_t index;
	bool recorded;

	if (chain_read_find(d->s->read, id, &index, &ignored) != BASE_OK || index >= d->index ||
	    cli_event_at(d->s, index, &entry, event, &ignored) != BASE_OK || state_outcome_decode(&outcome, entry.outcome, &ignored) != BASE_OK)
		return false;
	recorded = outcome.verdict != STATE_DENY;
	state_outcome_free(&outcome);
	return recorded;
}

static void about_item(struct denied *d, const struct events_value *value)
{
	struct events_item_id item;
	struct events_event brought;
	struct wire_reader r;
	char hex[13];
	bool there;

	wire_read(&r, value->raw);
	item = events_item_id_read(&r);
	base_hex(hex, base_slice(item.event.bytes, 6));
	there = recorded_before(d, &item.event, &brought) && item.index < events_item_count(&brought);
	if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && !there)
		found(d, "no item %s#%llu was recorded", hex, (unsigned long long)item.index);
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && d->event->envelope.kind->id != EVENTS_DATA_DERIVE &&
		 !base_slice_equal(brought.cose.subject, d->event->cose.subject))
		found(d, "item %s#%llu is of study %.*s", hex, (unsigned long long)item.index, (int)brought.cose.subject.len,
		      (const char *)brought.cose.subject.data);
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && there && !is_own(d, organisation_of(brought.cose.issuer)))
		found(d, "item %s#%llu was recorded by %.*s", hex, (unsigned long long)item.index, (int)brought.cose.issuer.len,
		      (const char *)brought.cose.issuer.data);
}

/* A proposal, the first part of a data set, or what somebody attests. */
static void about_event(struct denied *d, const struct events_value *value)
{
	enum events_kind_id kind = d->event->envelope.kind->id;
	const char *what = kind == EVENTS_ATTEST	    ? N_("event")
			   : kind == EVENTS_DATASET_FREEZE	    ? N_("data set")
			   : kind == EVENTS_AGREEMENT_END	    ? N_("agreement")
			   : kind == EVENTS_PARTICIPANT_UNLINK ? N_("link")
							       : N_("proposal");
	struct events_event named;
	struct base_hash id;
	struct wire_reader r;
	char hex[13];
	bool there;

	wire_read(&r, value->raw);
	id = wire_get_hash(&r);
	base_hex(hex, base_slice(id.bytes, 6));
	there = recorded_before(d, &id, &named);
	if (d->denial == EVENTS_DENIAL_PROPOSAL_NOT_PASSED || d->denial == EVENTS_DENIAL_ALREADY_VOTED || d->denial == EVENTS_DENIAL_WRONG_STATE ||
	    d->denial == EVENTS_DENIAL_EXISTS_ALREADY)
		found(d, "%s %s", _(what), hex);
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && kind == EVENTS_ORGANISATION_SUCCEED)
		found(d, "an administrator of the successor records it");
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && there)
		found(d, "%s %s is of %.*s", _(what), hex, (int)named.cose.issuer.len, (const char *)named.cose.issuer.data);
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && !there)
		found(d, "no %s %s was recorded", _(what), hex);
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET &&
		 (kind == EVENTS_GOVERNANCE_VOTE || kind == EVENTS_ORGANISATION_ADMIT || kind == EVENTS_ORGANISATION_SUSPEND || kind == EVENTS_ORGANISATION_SUCCEED || kind == EVENTS_DATASET_FREEZE))
		found(d, "event %s is no %s", hex, _(what));
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && !base_slice_equal(named.cose.subject, d->event->cose.subject))
		found(d, "event %s is not of this study", hex);
}

static void about_site(struct denied *d, struct base_slice site)
{
	bool assign = d->event->envelope.kind->id == EVENTS_ACTOR_ASSIGN;
	struct base_slice study = assign ? events_text(d->event->envelope.body, 2) : d->event->cose.subject;
	struct facts f;

	study_facts(d, study, site, &f);
	if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && f.owner[0] == '\0')
		found(d, "study %.*s has no site %.*s", (int)study.len, (const char *)study.data, (int)site.len, (const char *)site.data);
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && f.owner[0] != '\0' && !is_own(d, base_slice_text(f.owner)))
		found(d, "site %.*s is run by %s", (int)site.len, (const char *)site.data, f.owner);
}

static void about_actor(struct denied *d, struct base_slice actor)
{
	bool there = was_there(d, STATE_ACTOR, actor);
	int len = (int)actor.len;
	const char *name = (const char *)actor.data;

	if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && !there)
		found(d, "no actor %.*s is enrolled", len, name);
	else if (d->denial == EVENTS_DENIAL_EXISTS_ALREADY && there)
		found(d, "actor %.*s", len, name);
	else if (d->denial == EVENTS_DENIAL_EXISTS_ALREADY)
		found(d, "the key that is to be %.*s's is another's", len, name);
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && !is_own(d, organisation_of(actor)))
		found(d, "actor %.*s", len, name);
}

static void about_organisation(struct denied *d, const struct events_value *value, struct base_slice organisation)
{
	bool there = was_there(d, STATE_ORGANISATION, organisation);
	bool proposed = d->event->envelope.kind->id == EVENTS_GOVERNANCE_PROPOSE;

	if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && !there)
		found(d, "no organisation %.*s is admitted", (int)organisation.len, (const char *)organisation.data);
	else if (d->denial == EVENTS_DENIAL_EXISTS_ALREADY && there && proposed)
		found(d, "organisation %.*s", (int)organisation.len, (const char *)organisation.data);
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && strcmp(value->field->name, "sponsor") == 0)
		found(d, "the sponsor is %.*s", (int)organisation.len, (const char *)organisation.data);
}

static void about_participant(struct denied *d, const struct events_value *value)
{
	struct facts f = {0};
	struct wire_reader r;
	char who[160];

	walk(d, STATE_PARTICIPANT, d->event->cose.subject, value->raw, owner_fact, &f);
	wire_read(&r, value->raw);
	cli_participant_words(d->s, wire_get_bytes(&r), who, sizeof(who));
	if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && f.owner[0] != '\0' && !is_own(d, base_slice_text(f.owner)))
		found(d, "participant %s belongs to %s", who, f.owner);
	else if (d->denial == EVENTS_DENIAL_EXISTS_ALREADY)
		found(d, "participant %s", who);
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && f.owner[0] == '\0')
		found(d, "nothing was recorded about participant %s", who);
}

static bool about_value(void *arg, const struct events_value *value)
{
	struct denied *d = arg;
	enum events_kind_id kind = d->event->envelope.kind->id;
	struct wire_reader r;

	wire_read(&r, value->raw);
	if (value->type == EVENTS_ITEM)
		about_item(d, value);
	else if (value->type == EVENTS_ID)
		about_event(d, value);
	else if (value->type == EVENTS_REFERENCE)
		about_participant(d, value);
	else if (value->type == EVENTS_ACTOR)
		about_actor(d, wire_get_text(&r));
	else if (value->type == EVENTS_ORGANISATION)
		about_organisation(d, value, wire_get_text(&r));
	else if (value->type == EVENTS_TOKEN && strcmp(value->field->name, "site") == 0 && kind != EVENTS_STUDY_REGISTER && kind != EVENTS_STUDY_AMEND)
		about_site(d, wire_get_text(&r));
	return !d->found;
}

/* ---- What is not in one value ---- */

static void about_key(struct denied *d)
{
	struct base_slice kid = events_bytes(d->event->envelope.body, 2);
	struct base_slice actor = events_text(d->event->envelope.body, 1);
	struct base_buf reference = BASE_BUF_INIT;
	struct facts f = {0};
	char hex[65];

	base_hex(hex, kid);
	wire_put_bytes(&reference, kid);
	walk(d, STATE_KEY, base_slice(NULL, 0), base_buf_slice(&reference), key_fact, &f);
	base_buf_free(&reference);
	if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET && !f.any)
		found(d, "no key %s is enrolled", hex);
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_TARGET)
		found(d, "the key %s is not %.*s's but %s's", hex, (int)actor.len, (const char *)actor.data, f.actor);
	else if (d->denial == EVENTS_DENIAL_WRONG_STATE && f.revoked)
		found(d, "the key %s is revoked already", hex);
}

static void about_study(struct denied *d)
{
	bool by_body = d->event->envelope.kind->id == EVENTS_ACTOR_ASSIGN || d->event->envelope.kind->id == EVENTS_STUDY_REGISTER;
	struct base_slice study = by_body ? events_text(d->event->envelope.body, d->event->envelope.kind->id == EVENTS_ACTOR_ASSIGN ? 2 : 1)
					  : d->event->cose.subject;
	struct facts f;

	if (d->denial == EVENTS_DENIAL_NO_SUCH_STUDY) {
		found(d, "study %.*s", (int)study.len, (const char *)study.data);
		return;
	}
	study_facts(d, study, base_slice(NULL, 0), &f);
	if (d->denial == EVENTS_DENIAL_EXISTS_ALREADY && f.any && d->event->envelope.kind->id == EVENTS_STUDY_REGISTER)
		found(d, "study %.*s", (int)study.len, (const char *)study.data);
	else if (d->denial == EVENTS_DENIAL_EXISTS_ALREADY)
		found(d, "one of the sites that it adds");
	else if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && f.sponsor[0] != '\0')
		found(d, "the sponsor of study %.*s is %s", (int)study.len, (const char *)study.data, f.sponsor);
	else if (d->denial == EVENTS_DENIAL_WRONG_STATE && f.closed)
		found(d, "study %.*s is closed", (int)study.len, (const char *)study.data);
}

/* Neither its organisation nor an assignment connects the author with the study. (One that took over from others may be
 * connected by them: then nothing is said.) */
static void about_outsider(struct denied *d)
{
	struct base_slice who = d->event->cose.issuer, study = d->event->cose.subject, own = organisation_of(who);
	struct base_buf actor = BASE_BUF_INIT, organisation = BASE_BUF_INIT;
	struct facts f = {.own = own, .study = study};

	wire_put_text(&actor, who);
	wire_put_text(&organisation, own);
	walk(d, STATE_STUDY, study, base_slice(NULL, 0), part_fact, &f);
	walk(d, STATE_ACTOR, base_slice(NULL, 0), base_buf_slice(&actor), assigned_fact, &f);
	walk(d, STATE_ORGANISATION, base_slice(NULL, 0), base_buf_slice(&organisation), successor_fact, &f);
	base_buf_free(&actor);
	base_buf_free(&organisation);
	if (f.any && !f.belongs)
		found(d, "%.*s has no part in study %.*s, and %.*s is not assigned in it", (int)own.len, (const char *)own.data, (int)study.len,
		      (const char *)study.data, (int)who.len, (const char *)who.data);
}

static void about_author(struct denied *d)
{
	struct base_slice who = d->event->cose.issuer;
	struct base_slice study = d->event->cose.subject;

	if (d->denial == EVENTS_DENIAL_NOT_ASSIGNED)
		found(d, "%.*s has no assignment in force in study %.*s", (int)who.len, (const char *)who.data, (int)study.len,
		      (const char *)study.data);
	else
		found(d, "%.*s; %s is recorded by %s", (int)who.len, (const char *)who.data, d->event->envelope.kind->name,
		      _(d->event->envelope.kind->who));
}

static void about(struct denied *d)
{
	enum events_kind_id kind = d->event->envelope.kind->id;

	if (d->denial == EVENTS_DENIAL_OTHER_ORGANISATION && d->event->envelope.kind->needs_study)
		about_outsider(d);
	if (d->found)
		return;
	if (d->denial == EVENTS_DENIAL_NO_AUTHORITY || d->denial == EVENTS_DENIAL_NOT_ASSIGNED)
		about_author(d);
	else if (d->denial == EVENTS_DENIAL_NO_SUCH_STUDY)
		about_study(d);
	else if (kind == EVENTS_ACTOR_REVOKE && d->denial != EVENTS_DENIAL_OTHER_ORGANISATION)
		about_key(d);
	else if (kind == EVENTS_STUDY_CLOSE || (kind == EVENTS_STUDY_AMEND && d->denial != EVENTS_DENIAL_NO_SUCH_TARGET))
		about_study(d);
	else if (d->denial != EVENTS_DENIAL_BAD_PROOF && d->denial != EVENTS_DENIAL_TOO_MANY)
		events_values(d->event->envelope.kind, d->event->envelope.body, about_value, d);
	if (!d->found && kind == EVENTS_STUDY_REGISTER)
		about_study(d);
}

/* The first group's reason stands for the rest. */
static void about_judged(void *arg, const char *verdict, const char *items, const char *words)
{
	struct denied *d = arg;

	(void)verdict;
	if (!d->found)
		found(d, "item %s: %.300s", items, words);
}

void cli_entry_outcome_words(struct cli_session *s, uint64_t index, const struct events_event *event, const struct state_outcome *outcome,
			     char *out, size_t cap)
{
	char thing[512];
	struct denied d = {.s = s, .index = index, .event = event, .denial = outcome->denial, .out = thing, .cap = sizeof(thing)};
	size_t at;

	cli_outcome_words(outcome, out, cap);
	if (outcome->verdict != STATE_DENY)
		return;
	about(&d);
	if (!d.found)
		cli_judged_visit(s, event, outcome, about_judged, &d);
	at = strlen(out);
	if (d.found && at < cap)
		snprintf(out + at, cap - at, ": %s", thing);
}

enum base_code cli_denied(struct cli_session *s, uint64_t index, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct state_outcome outcome;
	struct base_error ignored;
	char words[768];

	if (cli_event_at(s, index, &entry, &event, &ignored) != BASE_OK || state_outcome_decode(&outcome, entry.outcome, &ignored) != BASE_OK)
		return base_fail(err, BASE_DENIED, "recorded as refused");
	cli_entry_outcome_words(s, index, &event, &outcome, words, sizeof(words));
	state_outcome_free(&outcome);
	return base_fail(err, BASE_DENIED, "%s: %s", event.envelope.kind->name, words);
}
