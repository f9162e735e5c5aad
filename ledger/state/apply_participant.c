#include "ledger/state/exec_internal.h"

#include <string.h>

/* participant.*: whose data it is. A reference belongs to the organisation that first recorded it, until it is
 * transferred. docs/formats/participant.md */

#define LINKS_MAX 256

/* ---- What several kinds do ---------------------------------------------------- */

struct state_participant *state_named(const struct state_judge *judge, uint64_t key)
{
	struct base_slice reference = events_bytes(judge->body, key);

	for (size_t i = 0; i < judge->concerned_count; i++) {
		struct state_participant *participant = judge->concerned[i].participant;
		struct wire_reader r;

		wire_read(&r, participant->record.reference);
		if (base_slice_equal(participant->record.study, judge->study->record.study) &&
		    base_slice_equal(wire_get_bytes(&r), reference))
			return participant;
	}
	BASE_ASSERT(false); /* what the body names was collected before */
	return NULL;
}

static void put_owner(struct base_buf *content, const struct state_judge *judge)
{
	wire_put_uint(content, STATE_PARTICIPANT_OWNER);
	wire_put_text(content, state_own_organisation(judge));
}

static bool is_others(const struct state_judge *judge, const struct state_participant *participant)
{
	return state_record_exists(&participant->record) &&
	       !state_is_own(judge, state_token_slice(&participant->owner));
}

enum base_code state_claim(struct state_judge *judge, struct state_participant *participant, struct base_error *err)
{
	struct base_buf *content;

	if (is_others(judge, participant))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (state_record_exists(&participant->record))
		return BASE_OK;
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	put_owner(content, judge);
	return state_fact_on(judge, &participant->record, err);
}

/* What may only be said of a participant who is on record, and by whom the participant belongs to. */
static enum base_code check_own(struct state_judge *judge, const struct state_participant *participant)
{
	if (!state_record_exists(&participant->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (is_others(judge, participant))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	return BASE_OK;
}

/* ---- enrol, status, transfer, represent --------------------------------------------- */

enum base_code state_apply_participant_enrol(struct state_judge *judge, struct base_error *err)
{
	struct base_slice code_of_site = events_text(judge->body, 2);
	const struct state_site *site = state_site_find(judge->study, code_of_site);
	struct state_participant *participant = judge->concerned[0].participant;
	struct base_buf *content;

	if (site == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_is_own(judge, state_token_slice(&site->organisation)) || is_others(judge, participant))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (participant->enrolled)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if (judge->study->closed)
		state_flag(judge, EVENTS_FLAG_STUDY_CLOSED);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	put_owner(content, judge);
	wire_put_uint(content, STATE_PARTICIPANT_SITE);
	wire_put_text(content, code_of_site);
	return state_fact_on(judge, &participant->record, err);
}

/* Screening comes before enrolment: it may be the first that is heard of somebody. */
enum base_code state_apply_participant_status(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = judge->concerned[0].participant;
	uint64_t status = events_uint(judge->body, 2);
	bool is_new = !state_record_exists(&participant->record);
	struct base_buf *content;

	if (is_others(judge, participant))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (!participant->enrolled && status != EVENTS_STATUS_SCREENED && status != EVENTS_STATUS_SCREEN_FAILED)
		state_flag(judge, EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED);
	if (participant->died && status != EVENTS_STATUS_DIED)
		state_flag(judge, EVENTS_FLAG_STATUS_CONTRADICTS);
	content = state_fact_begin(judge);
	wire_put_map(content, 1u + is_new);
	if (is_new)
		put_owner(content, judge);
	wire_put_uint(content, STATE_PARTICIPANT_STATUS);
	wire_put_uint(content, status);
	return state_fact_on(judge, &participant->record, err);
}

static enum base_code flag_agreement(struct state_judge *judge, struct base_slice from, struct base_slice to,
				     struct base_error *err)
{
	const struct base_time at = {judge->event->envelope.when.utc_ms};
	struct state_agreements *agreements;
	enum base_code code = state_agreements_open(judge->exec, judge->study->record.study, &agreements, err);

	if (code == BASE_OK && !base_slice_equal(from, to) &&
	    !state_agreement_at(agreements->facts.list, agreements->facts.count, from, to, at, judge->index).in_force)
		state_flag(judge, EVENTS_FLAG_NO_AGREEMENT);
	return code;
}

enum base_code state_apply_participant_transfer(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = judge->concerned[0].participant;
	const struct state_site *site = state_site_find(judge->study, events_text(judge->body, 2));
	struct base_buf *content;
	enum base_code code = check_own(judge, participant);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (site == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (state_token_is(&participant->site, state_token_slice(&site->site)))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (!participant->enrolled)
		state_flag(judge, EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED);
	code = flag_agreement(judge, state_own_organisation(judge), state_token_slice(&site->organisation), err);
	if (code != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, STATE_PARTICIPANT_OWNER);
	wire_put_text(content, state_token_slice(&site->organisation));
	wire_put_uint(content, STATE_PARTICIPANT_SITE);
	wire_put_text(content, state_token_slice(&site->site));
	return state_fact_on(judge, &participant->record, err);
}

enum base_code state_apply_participant_represent(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = judge->concerned[0].participant;
	bool is_new = !state_record_exists(&participant->record);
	struct base_buf *content;

	if (is_others(judge, participant))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	state_flag_period(judge, 4, 5);
	content = state_fact_begin(judge);
	wire_put_map(content, 1u + is_new);
	if (is_new)
		put_owner(content, judge);
	wire_put_uint(content, STATE_PARTICIPANT_REPRESENTED);
	base_buf_append(content, judge->body);
	return state_fact_on(judge, &participant->record, err);
}

/* ---- merge, split ----------------------------------------------------------------------- */

/* Whether the body's head is the one that the participant has before this entry. */
static enum base_code check_head(struct state_judge *judge, struct state_participant *participant, struct base_error *err)
{
	struct base_slice head = events_raw(judge->body, 3);
	enum base_code code = state_head_load(judge->exec, participant, err);

	if (code != BASE_OK)
		return code;
	if (events_uint(head, 1) != participant->head.count ||
	    !base_slice_equal(events_bytes(head, 2), base_hash_slice(&participant->head.chain)))
		return state_deny(judge, EVENTS_DENIAL_HEAD_MOVED);
	return BASE_OK;
}

static size_t merged_count(const struct state_participant *participant)
{
	return participant->bonds.count;
}

static bool goes_on(const struct state_participant *participant)
{
	for (size_t i = 0; i < participant->bonds.count; i++) {
		if (participant->bonds.list[i].into)
			return false;
	}
	return true;
}

/* {4: event id, key: the other reference, ? 8: true}, and of a new participant {1: organisation, ? 2: site} before. */
static enum base_code bond_fact(struct state_judge *judge, struct state_participant *participant, uint64_t key,
				struct base_slice other, bool in_effect, const struct state_participant *model,
				struct base_error *err)
{
	bool site = model != NULL && model->site.len > 0;
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 2u + in_effect + (model != NULL) + site);
	if (model != NULL)
		put_owner(content, judge);
	if (site) {
		wire_put_uint(content, STATE_PARTICIPANT_SITE);
		wire_put_text(content, state_token_slice(&model->site));
	}
	wire_put_uint(content, STATE_PARTICIPANT_ACT);
	wire_put_hash(content, &judge->event->id);
	wire_put_uint(content, key);
	wire_put_bytes(content, other);
	if (in_effect) {
		wire_put_uint(content, STATE_PARTICIPANT_IN_EFFECT);
		wire_put_bool(content, true);
	}
	return state_fact_on(judge, &participant->record, err);
}

/* Restrictions of both count, but so do permissions: so it may loosen, and takes a second organisation. */
enum base_code state_apply_participant_merge(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = state_named(judge, 1), *other = state_named(judge, 2);
	bool needs;
	enum base_code code;

	if (participant == other)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if ((code = check_own(judge, participant)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = check_own(judge, other)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (!goes_on(participant) || merged_count(other) > 0)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (merged_count(participant) >= STATE_SAME_MAX - 1)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	if ((code = check_head(judge, other, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = state_needs_second(judge, &needs, err)) != BASE_OK)
		return code;
	if (needs)
		state_flag(judge, EVENTS_FLAG_UNCONFIRMED);
	code = bond_fact(judge, participant, STATE_PARTICIPANT_MERGED, events_bytes(judge->body, 2), !needs, NULL, err);
	if (code != BASE_OK)
		return code;
	return bond_fact(judge, other, STATE_PARTICIPANT_INTO, events_bytes(judge->body, 1), !needs, NULL, err);
}

/* A merge that is not in effect yet, or a reference that is new: nothing is loosened. */
enum base_code state_apply_participant_split(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = state_named(judge, 1), *other = state_named(judge, 2);
	bool is_new = !state_record_exists(&other->record), needs = false;
	const struct state_bond *bond;
	enum base_code code;

	if ((code = check_own(judge, participant)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (is_others(judge, other))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	bond = state_bond_find(&participant->bonds, events_bytes(judge->body, 2).data);
	if (!is_new && (bond == NULL || bond->into || bond->splitting))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if ((code = check_head(judge, participant, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (bond != NULL && bond->in_effect && (code = state_needs_second(judge, &needs, err)) != BASE_OK)
		return code;
	if (needs)
		state_flag(judge, EVENTS_FLAG_UNCONFIRMED);
	code = bond_fact(judge, participant, STATE_PARTICIPANT_SPLIT, events_bytes(judge->body, 2), !needs, NULL, err);
	if (code != BASE_OK)
		return code;
	return bond_fact(judge, other, STATE_PARTICIPANT_SPLIT, events_bytes(judge->body, 1), !needs,
			 is_new ? participant : NULL, err);
}

/* ---- link, unlink -------------------------------------------------------------------------- */

/* A linkage service that is assigned in the study links whose participants it is told to. */
static enum base_code check_linker(struct state_judge *judge, const struct state_participant *participant)
{
	enum base_code code;

	if (!state_record_exists(&participant->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if ((state_assigned(judge) & EVENTS_ROLE(EVENTS_ROLE_LINKAGE_SERVICE)) != 0)
		return BASE_OK;
	code = check_own(judge, participant);
	return code;
}

static enum base_code open_links(struct state_judge *judge, struct state_links **links, struct base_error *err)
{
	return state_links_open(judge->exec, judge->study->record.study, events_bytes(judge->body, 1).data, links, err);
}

enum base_code state_apply_participant_link(struct state_judge *judge, struct base_error *err)
{
	struct state_links *links;
	struct base_buf *content;
	enum base_code code = check_linker(judge, judge->concerned[0].participant);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (!state_seals(judge, events_bytes(judge->body, 2)))
		return state_deny(judge, EVENTS_DENIAL_NOT_SEALED);
	if ((code = open_links(judge, &links, err)) != BASE_OK)
		return code;
	if (links->count >= LINKS_MAX)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	content = state_fact_begin(judge);
	wire_put_map(content, 3);
	wire_put_uint(content, 1);
	wire_put_hash(content, &judge->event->id);
	wire_put_uint(content, 2);
	wire_put_uint(content, events_uint(judge->body, 3));
	wire_put_uint(content, 3);
	wire_put_uint(content, events_uint(judge->body, 4));
	return state_fact_on(judge, &links->record, err);
}

enum base_code state_apply_participant_unlink(struct state_judge *judge, struct base_error *err)
{
	const struct base_hash *id = &judge->names.ids[0];
	const struct state_link *link = NULL;
	struct state_links *links;
	struct base_buf *content;
	enum base_code code = check_linker(judge, judge->concerned[0].participant);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = open_links(judge, &links, err)) != BASE_OK)
		return code;
	for (size_t i = 0; i < links->count; i++) {
		if (base_hash_equal(&links->list[i].id, id))
			link = &links->list[i];
	}
	if (link == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (link->ended)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, 1);
	wire_put_hash(content, id);
	return state_fact_on(judge, &links->record, err);
}
