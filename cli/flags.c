/* What would cover a flag, or what is to be done about it (docs/formats/consent.md §8). */
#include <string.h>

#include "cli/cli.h"

const char *cli_flag_cover(enum events_flag flag)
{
	switch (flag) {
	case EVENTS_FLAG_LATE:
		return _("nothing: both times stand there for whoever judges it");
	case EVENTS_FLAG_FORM_NOT_APPROVED:
		return _("an approval or waiver of the form, or a consent on an approved one");
	case EVENTS_FLAG_NO_CONSENT_EVIDENCED:
		return _("a consent that permits it");
	case EVENTS_FLAG_AFTER_EXPIRY:
	case EVENTS_FLAG_NO_APPROVAL:
		return _("an approval of the site that held when it was collected");
	case EVENTS_FLAG_KEY_SUSPECT:
		return _("an affirmation of its event by an administrator of its author's organisation (`actor affirm`)");
	case EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED:
		return _("the participant's enrolment");
	case EVENTS_FLAG_STUDY_CLOSED:
		return _("an attestation of the item, approved, by the study's sponsor");
	case EVENTS_FLAG_INPUT_RETRACTED:
	case EVENTS_FLAG_ITEM_ERASED:
	case EVENTS_FLAG_ITEM_REASSIGNED:
		return _("nothing: derive it anew from inputs that stand, and retract this");
	case EVENTS_FLAG_SUPERSEDES_CORRECTED:
		return _("nothing: the latest correction counts; retract the one that is wrong");
	case EVENTS_FLAG_DATASET_INCOMPLETE:
		return _("the parts that are missing");
	case EVENTS_FLAG_PARTICIPANT_MERGED:
		return _("nothing: whoever asks about the person finds it under either reference");
	case EVENTS_FLAG_STATUS_CONTRADICTS:
		return _("a status that corrects whichever is wrong");
	case EVENTS_FLAG_NEVER_IN_FORCE:
		return _("a record with the right period");
	case EVENTS_FLAG_NO_AGREEMENT:
		return _("an agreement between the two organisations that held then");
	case EVENTS_FLAG_OVERDUE:
		return _("nothing: the deadline had passed");
	case EVENTS_FLAG_NOT_ORDERED:
	case EVENTS_FLAG_HELD:
		return _("nothing: what was destroyed is gone; report it (`data incident`)");
	case EVENTS_FLAG_UNCONFIRMED:
		return _("an attestation, approved, by an actor of a second organisation");
	case EVENTS_FLAG_TO_REVIEW:
		return _("a review, recorded as an attestation of it");
	case EVENTS_FLAG_COPIES_REMAIN:
		return _("the destruction of the copies that are left");
	}
	return _("nothing that this version knows");
}

json_t *cli_flags_explained(uint64_t flags)
{
	json_t *list = json_array();

	for (unsigned bit = 0; bit < 64; bit++) {
		const struct events_code *code = (flags >> bit & 1) != 0 ? events_code_by_number(events_codes_of(EVENTS_FLAGS), bit) : NULL;

		if (code != NULL)
			json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "flag", code->name, "words", _(code->words), "covered_by",
							      cli_flag_cover((enum events_flag)bit)));
	}
	return list;
}

static bool said_fact(void *arg, const struct state_fact *fact)
{
	struct cli_suspicion *out = arg;

	out->affirmed = out->affirmed || fact->kind == EVENTS_ACTOR_AFFIRM;
	out->repudiated = out->repudiated || fact->kind == EVENTS_ACTOR_REPUDIATE;
	if (fact->kind == EVENTS_ACTOR_AFFIRM || fact->kind == EVENTS_ACTOR_REPUDIATE)
		out->index = fact->index;
	return true;
}

struct cli_suspicion cli_suspicion_of(struct cli_session *s, const struct events_event *event, struct base_time entered)
{
	struct cli_suspicion out = {false, false, false, 0};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	struct state_key key;
	struct base_hash kid;
	struct base_error ignored;

	if (event->cose.kid.len != sizeof(kid.bytes))
		return out;
	memcpy(kid.bytes, event->cose.kid.data, sizeof(kid.bytes));
	chain_read_view(s->read, &view);
	out.suspect = state_key_read(&view, &kid, &key, &ignored) == BASE_OK &&
		      (key.suspect || (key.has_compromised && entered.ms >= key.compromised.utc_ms));
	wire_put_hash(&reference, &event->id);
	if (out.suspect && state_record_walk(&view, STATE_EVENT, base_slice(NULL, 0), base_buf_slice(&reference), said_fact, &out, &ignored) != BASE_OK)
		out.affirmed = out.repudiated = false;
	base_buf_free(&reference);
	return out;
}
