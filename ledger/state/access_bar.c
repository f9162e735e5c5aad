#include "ledger/state/access_internal.h"

/* docs/formats/access.md, "What no contract releases": the ledger's own verdict, before a contract is asked. */

#define BIT(flag) (UINT64_C(1) << EVENTS_FLAG_##flag)
#define FOR_GOOD (BIT(INPUT_RETRACTED) | BIT(ITEM_ERASED) | BIT(ITEM_REASSIGNED))

/* docs/formats/consent.md §8, as of an axis. */
static uint64_t cover_lacks(struct access *access, struct access_node *node, unsigned axis)
{
	const struct access_axis *is = &access->axes[axis];
	const struct access_person *person = node->person;
	struct state_cover_facts facts = {.approvals = node->study->approvals,
					  .legal_basis = node->study->study->legal_basis,
					  .site = node->site};
	const struct state_cover_question question = {
		.category = node->item->category,
		.collected = node->item->has_collected ? node->item->collected : node->event->when,
		.now = is->at,
		.known = is->known,
	};

	if (person == NULL)
		return 0;
	for (size_t i = 0; i < person->count; i++) {
		size_t at = facts.person_count++;

		/* First the one that the item names. */
		if (person->same[i].record == &person->participant->record) {
			facts.participants[at] = facts.participants[0];
			facts.consents[at] = facts.consents[0];
			at = 0;
		}
		facts.participants[at] = person->same[i].facts;
		facts.consents[at] = person->consents[i];
	}
	return state_cover_at(&facts, &question).lacks;
}

/* An actor of the study's sponsor has attested the item as approved. */
static bool sponsor_approved(const struct access *access, const struct access_node *node, unsigned axis)
{
	for (size_t i = 0; i < node->state.facts.count; i++) {
		const struct state_fact *fact = &node->state.facts.list[i];
		struct base_slice actor;
		uint64_t meaning;

		if (fact->index < access->axes[axis].known && fact->kind == EVENTS_ATTEST &&
		    state_content_uint(fact->content, STATE_ITEM_MEANING, &meaning) && meaning == EVENTS_MEANING_APPROVED &&
		    state_content_text(fact->content, STATE_ITEM_ACTOR, &actor) &&
		    state_token_is(&node->study->study->sponsor, state_actor_organisation(actor)))
			return true;
	}
	return false;
}

/* Of the keys and what is said of the event there is one axis: a stolen key was always stolen. */
static enum base_code is_suspect(struct access *access, const struct access_node *node, bool *suspect, struct base_error *err)
{
	const struct state_past *past = node->event->past;
	struct state_signer *signer;
	struct state_said *said;
	enum base_code code = state_signer_open(access->exec, &past->kid, &signer, err);

	if (code == BASE_OK)
		code = state_said_open(access->exec, &past->id, &said, err);
	if (code != BASE_OK)
		return code;
	*suspect = !said->affirmed && ((node->event->flags & BIT(KEY_SUSPECT)) != 0 || signer->key.suspect ||
				       (signer->key.has_compromised && past->time.ms >= signer->key.compromised.utc_ms));
	return BASE_OK;
}

enum base_code access_flags(struct access *access, struct access_node *node, unsigned axis, uint64_t *out,
			    struct base_error *err)
{
	uint64_t flags = node->event->flags & ~(STATE_COVER_FLAGS | BIT(KEY_SUSPECT));
	bool suspect = false;
	enum base_code code = is_suspect(access, node, &suspect, err);

	if (suspect)
		flags |= BIT(KEY_SUSPECT);
	if ((flags & BIT(STUDY_CLOSED)) != 0 && sponsor_approved(access, node, axis))
		flags &= ~BIT(STUDY_CLOSED);
	*out = flags | cover_lacks(access, node, axis);
	return code;
}

static enum base_code bar_of(struct access *access, struct access_node *node, struct base_error *err)
{
	const struct state_item *state = (const struct state_item *)node->state.record;
	uint64_t flags;
	enum base_code code;

	if (node->has_bar)
		return BASE_OK;
	node->has_bar = true;
	if (node->item == NULL) {
		node->bar = ACCESS_TOO_NEW;
		return BASE_OK;
	}
	if ((code = access_flags(access, node, ACCESS_NOW, &flags, err)) != BASE_OK)
		return code;
	if (state->ordered || state->erased)
		node->bar = ACCESS_ERASED;
	else if (state->retracted)
		node->bar = ACCESS_RETRACTED;
	else if (state->waits)
		node->bar = ACCESS_UNCONFIRMED;
	else if ((flags & (STATE_COVER_FLAGS | FOR_GOOD | BIT(KEY_SUSPECT) | BIT(STUDY_CLOSED))) != 0)
		node->bar = ACCESS_QUARANTINED;
	return BASE_OK;
}

/* What keeps a source back keeps back what was derived from it; the item's own bar comes first. */
enum base_code access_bar(struct access *access, const struct access_closure *closure, enum access_ground *out,
			  struct base_error *err)
{
	enum base_code code = BASE_OK;

	*out = 0;
	for (size_t i = 0; code == BASE_OK && *out == 0 && i < closure->count; i++) {
		code = bar_of(access, closure->nodes[i], err);
		*out = closure->nodes[i]->bar;
	}
	if (*out == 0 && closure->too_many)
		*out = ACCESS_SOURCES;
	return code;
}
