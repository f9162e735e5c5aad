#include "ledger/state/exec_internal.h"

/* docs/formats/consent.md, "Cover": whether approval and consent cover data that is recorded, when it was collected.
 * What they do not is recorded all the same, and flagged. */

static void flag_status(struct state_judge *judge, enum state_approval_status status)
{
	switch (status) {
	case STATE_APPROVAL_IN_FORCE:
		return;
	case STATE_APPROVAL_EXPIRED:
	case STATE_APPROVAL_ENDED:
		state_flag(judge, EVENTS_FLAG_AFTER_EXPIRY);
		return;
	case STATE_APPROVAL_NONE:
	case STATE_APPROVAL_PENDING:
	case STATE_APPROVAL_SUSPENDED:
	case STATE_APPROVAL_REFUSED:
		state_flag(judge, EVENTS_FLAG_NO_APPROVAL);
		return;
	}
}

void state_flag_approval(struct state_judge *judge, const struct state_approvals *approvals, struct base_slice site,
			 const struct events_when *when)
{
	uint64_t instants[2];
	size_t count = state_when_instants(when, instants);

	for (size_t i = 0; i < count; i++)
		flag_status(judge, state_approval_at(approvals->facts.list, approvals->facts.count, site,
						     (struct base_time){instants[i]}, judge->index)
					   .status);
}

struct cover {
	struct state_judge *judge;
	struct base_error *err;
	struct base_slice site; /* that the event names; empty: none */
	struct state_approvals *approvals;
	struct events_item before; /* what was asked last: items of an event are mostly alike */
	bool any;
	enum base_code code;
};

static bool is_alike(const struct events_item *a, const struct events_item *b)
{
	return a->category == b->category && base_slice_equal(a->participant, b->participant) &&
	       a->has_collected == b->has_collected &&
	       (!a->has_collected || (a->collected.utc_ms == b->collected.utc_ms &&
				  a->collected.precision == b->collected.precision));
}

static enum base_code consent_of(struct cover *cover, const struct state_participant *participant, struct base_slice site,
				 const struct state_question *question, struct state_answer *out)
{
	struct state_consents *consents;
	struct wire_reader r;
	enum base_code code;

	wire_read(&r, participant->record.reference);
	code = state_consents_open(cover->judge->exec, participant->record.study, wire_get_bytes(&r).data, &consents,
				   cover->err);
	if (code == BASE_OK)
		*out = state_consent_at(consents->facts.list, consents->facts.count, cover->approvals->facts.list,
					cover->approvals->facts.count, site, question);
	return code;
}

/* Of every reference of the person. */
static struct state_answer ask(struct cover *cover, struct state_participant *participant, struct base_slice site,
			       const struct state_question *question)
{
	struct state_participant *same[STATE_SAME_MAX];
	struct state_answer answer = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	size_t count = 0;

	cover->code = state_same_open(cover->judge->exec, cover->judge->study->record.study, participant, same, &count,
				      cover->err);
	for (size_t i = 0; cover->code == BASE_OK && i < count; i++) {
		struct state_answer one = {STATE_SILENT, STATE_GROUND_NOTHING, 0};

		cover->code = consent_of(cover, same[i], site, question, &one);
		answer = state_answer_join(&answer, &one);
	}
	return answer;
}

static void cover_consent(struct cover *cover, const struct events_item *item, struct state_participant *participant,
			  struct base_slice site, const struct events_when *when)
{
	struct state_judge *judge = cover->judge;
	uint64_t instants[2];
	size_t count = state_when_instants(when, instants);

	for (size_t i = 0; i < count; i++) {
		const struct state_question question = {.at = {instants[i]},
							.known = judge->index,
							.category = item->category,
							.has_collected = true,
							.collected = {when->utc_ms},
							.collected_to = {state_when_last(when)}};
		struct state_answer answer = ask(cover, participant, site, &question);

		if (cover->code != BASE_OK)
			return;
		/* Research in the public interest needs no consent; whoever says no is heard all the same. */
		if (answer.stance == STATE_DENIED ||
		    (answer.stance == STATE_SILENT && judge->study->legal_basis == EVENTS_BASIS_CONSENT))
			state_flag(judge, answer.ground == STATE_GROUND_FORM ? EVENTS_FLAG_FORM_NOT_APPROVED
									     : EVENTS_FLAG_NO_CONSENT_EVIDENCED);
	}
}

static bool cover_item(void *arg, size_t index, const struct events_item *item)
{
	struct cover *cover = arg;
	struct state_judge *judge = cover->judge;
	const struct events_when *when = item->has_collected ? &item->collected : &judge->event->envelope.when;
	struct state_participant *participant;
	struct base_slice site = cover->site;

	(void)index;
	if (item->participant.len == 0 || (cover->any && is_alike(item, &cover->before)))
		return true;
	cover->before = *item;
	cover->any = true;
	cover->code = state_participant_open(judge->exec, judge->study->record.study, item->participant.data,
					     &participant, cover->err);
	if (cover->code != BASE_OK)
		return false;
	if (participant->site.len > 0)
		site = state_token_slice(&participant->site);
	state_flag_approval(judge, cover->approvals, site, when);
	cover_consent(cover, item, participant, site, when);
	return cover->code == BASE_OK;
}

/* Research on consent or in the public interest needs an approval; what a law or an authority orders does not. */
static bool needs_approval(const struct state_study *study)
{
	return study->legal_basis == EVENTS_BASIS_CONSENT || study->legal_basis == EVENTS_BASIS_PUBLIC_INTEREST;
}

enum base_code state_flag_cover(struct state_judge *judge, struct base_slice site, struct base_error *err)
{
	struct cover cover = {.judge = judge, .err = err, .site = site};

	if (!needs_approval(judge->study))
		return BASE_OK;
	cover.code = state_approvals_open(judge->exec, judge->study->record.study, &cover.approvals, err);
	if (cover.code == BASE_OK)
		events_items(judge->event, cover_item, &cover);
	return cover.code;
}
