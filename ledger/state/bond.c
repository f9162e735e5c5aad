#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* docs/formats/participant.md: participants with more than one reference. Of the references of one person, one goes on
 * and the others were merged into it: nothing is ever merged into a reference that was itself merged. */

/* ---- What facts say ----------------------------------------------------------- */

struct state_bond *state_bond_find(const struct state_bonds *bonds, const uint8_t other[32])
{
	for (size_t i = 0; i < bonds->count; i++) {
		if (memcmp(bonds->list[i].other, other, 32) == 0)
			return &bonds->list[i];
	}
	return NULL;
}

const struct state_bond *state_bond_into(const struct state_bonds *bonds)
{
	for (size_t i = 0; i < bonds->count; i++) {
		if (bonds->list[i].into && bonds->list[i].in_effect)
			return &bonds->list[i];
	}
	return NULL;
}

static void drop(struct state_bonds *bonds, struct state_bond *bond)
{
	size_t at = (size_t)(bond - bonds->list);

	memmove(bond, bond + 1, (--bonds->count - at) * sizeof(*bond));
}

static bool fold_merge(struct state_bonds *bonds, struct base_slice map, bool into)
{
	struct state_bond bond = {.into = into};
	struct base_hash other;

	if (!state_content_hash(map, into ? STATE_PARTICIPANT_INTO : STATE_PARTICIPANT_MERGED, &other) ||
	    !state_content_hash(map, STATE_PARTICIPANT_ACT, &bond.merge))
		return false;
	memcpy(bond.other, other.bytes, sizeof(bond.other));
	bond.in_effect = events_has(map, STATE_PARTICIPANT_IN_EFFECT);
	bonds->list = state_grow(bonds->list, &bonds->cap, bonds->count, sizeof(*bonds->list));
	bonds->list[bonds->count++] = bond;
	return true;
}

static bool fold_split(struct state_bonds *bonds, struct base_slice map)
{
	struct base_hash other, split;
	struct state_bond *bond;

	if (!state_content_hash(map, STATE_PARTICIPANT_SPLIT, &other) ||
	    !state_content_hash(map, STATE_PARTICIPANT_ACT, &split))
		return false;
	if ((bond = state_bond_find(bonds, other.bytes)) == NULL)
		return true; /* a new reference: nothing was merged */
	if (events_has(map, STATE_PARTICIPANT_IN_EFFECT)) {
		drop(bonds, bond);
		return true;
	}
	bond->splitting = true;
	bond->split = split;
	return true;
}

static void confirm(struct state_bonds *bonds, const struct base_hash *id)
{
	for (size_t i = 0; i < bonds->count; i++) {
		struct state_bond *bond = &bonds->list[i];

		if (base_hash_equal(&bond->merge, id))
			bond->in_effect = true;
		if (bond->splitting && base_hash_equal(&bond->split, id)) {
			drop(bonds, bond);
			return;
		}
	}
}

static bool fold_confirmed(struct state_bonds *bonds, struct base_slice map)
{
	struct wire_reader r;
	uint64_t count;

	(void)events_find(map, STATE_PARTICIPANT_CONFIRMED, &r);
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash id = wire_get_hash(&r);

		if (!r.failed)
			confirm(bonds, &id);
	}
	return !r.failed;
}

bool state_bonds_fold(struct state_bonds *bonds, const struct state_fact *fact)
{
	if (events_has(fact->content, STATE_PARTICIPANT_MERGED))
		return fold_merge(bonds, fact->content, false);
	if (events_has(fact->content, STATE_PARTICIPANT_INTO))
		return fold_merge(bonds, fact->content, true);
	if (events_has(fact->content, STATE_PARTICIPANT_SPLIT))
		return fold_split(bonds, fact->content);
	if (events_has(fact->content, STATE_PARTICIPANT_CONFIRMED))
		return fold_confirmed(bonds, fact->content);
	return true;
}

/* ---- All references of a person -------------------------------------------------- */

enum base_code state_same_open(struct state_exec *exec, struct base_slice study, struct state_participant *participant,
			       struct state_participant *out[STATE_SAME_MAX], size_t *count, struct base_error *err)
{
	const struct state_bond *into = state_bond_into(&participant->bonds);
	enum base_code code = BASE_OK;

	*count = 1;
	out[0] = participant;
	if (into != NULL)
		code = state_participant_open(exec, study, into->other, &out[0], err);
	for (size_t i = 0; code == BASE_OK && i < out[0]->bonds.count; i++) {
		const struct state_bond *bond = &out[0]->bonds.list[i];

		if (!bond->in_effect || bond->into || *count == STATE_SAME_MAX)
			continue;
		code = state_participant_open(exec, study, bond->other, &out[(*count)++], err);
	}
	return code;
}

struct past_bonds {
	struct state_bonds bonds;
	uint64_t known;
	bool damaged;
};

static bool look_bonds(void *arg, const struct state_fact *fact)
{
	struct past_bonds *past = arg;

	if (fact->index >= past->known)
		return false;
	past->damaged = !state_bonds_fold(&past->bonds, fact);
	return !past->damaged;
}

static enum base_code read_bonds(const struct state_view *view, struct base_slice study, const uint8_t reference[32],
				 struct past_bonds *past, struct base_error *err)
{
	struct base_buf cbor = BASE_BUF_INIT;
	enum base_code code;

	wire_put_bytes(&cbor, base_slice(reference, 32));
	code = state_record_walk(view, STATE_PARTICIPANT, study, base_buf_slice(&cbor), look_bonds, past, err);
	base_buf_free(&cbor);
	if (code == BASE_NOT_FOUND)
		return BASE_OK;
	if (code == BASE_OK && past->damaged)
		return base_fail(err, BASE_STORAGE, "the database is damaged: a participant's record is not what it must be");
	return code;
}

enum base_code state_same_person(const struct state_view *view, struct base_slice study, const uint8_t reference[32],
				 uint64_t known, uint8_t out[STATE_SAME_MAX][32], size_t *count, struct base_error *err)
{
	struct past_bonds own = {.known = known}, first = {.known = known};
	const struct state_bonds *bonds = &own.bonds;
	const struct state_bond *into;
	enum base_code code = read_bonds(view, study, reference, &own, err);

	memcpy(out[0], reference, 32);
	*count = 1;
	if (code != BASE_OK)
		goto out;
	if ((into = state_bond_into(&own.bonds)) != NULL) {
		memcpy(out[0], into->other, 32);
		if ((code = read_bonds(view, study, out[0], &first, err)) != BASE_OK)
			goto out;
		bonds = &first.bonds;
	}
	for (size_t i = 0; i < bonds->count && *count < STATE_SAME_MAX; i++) {
		if (bonds->list[i].in_effect && !bonds->list[i].into)
			memcpy(out[(*count)++], bonds->list[i].other, 32);
	}
out:
	free(own.bonds.list);
	free(first.bonds.list);
	return code;
}

bool state_same_at(const struct state_cover_record *participant, uint64_t known, bool *goes_on, uint8_t into[32],
		   uint8_t merged[STATE_SAME_MAX][32], size_t *count)
{
	struct past_bonds past = {.known = known};
	const struct state_bond *bond;

	*count = 0;
	for (size_t i = 0; i < participant->count && !past.damaged; i++) {
		if (!look_bonds(&past, &participant->list[i]))
			break;
	}
	bond = state_bond_into(&past.bonds);
	if ((*goes_on = bond != NULL))
		memcpy(into, bond->other, 32);
	for (size_t i = 0; !*goes_on && past.bonds.list != NULL && i < past.bonds.count && *count < STATE_SAME_MAX - 1; i++) {
		if (past.bonds.list[i].in_effect && !past.bonds.list[i].into)
			memcpy(merged[(*count)++], past.bonds.list[i].other, 32);
	}
	free(past.bonds.list);
	return !past.damaged;
}

/* ---- The second organisation ------------------------------------------------------- */

enum base_code state_needs_second(struct state_judge *judge, bool *needs, struct base_error *err)
{
	struct state_governance *governance;
	enum base_code code = state_governance_open(judge->exec, &governance, err);

	*needs = code == BASE_OK && governance->organisations > 1;
	return code;
}

bool state_awaits(const struct state_participant *participant, const struct base_hash *id)
{
	for (size_t i = 0; i < participant->bonds.count; i++) {
		const struct state_bond *bond = &participant->bonds.list[i];

		if ((!bond->in_effect && base_hash_equal(&bond->merge, id)) ||
		    (bond->splitting && base_hash_equal(&bond->split, id)))
			return true;
	}
	return false;
}

/* Whether the approval of one of the events that the body names lets it take effect on the participant: awaited, and by
 * another organisation than its author's. */
static enum base_code confirms(struct state_judge *judge, const struct state_participant *participant, size_t i,
			       bool *out, struct base_error *err)
{
	const struct base_hash *id = &judge->names.ids[i];
	const struct state_past *past;
	enum base_code code;

	*out = false;
	for (size_t j = 0; j < i; j++) {
		if (base_hash_equal(&judge->names.ids[j], id))
			return BASE_OK;
	}
	if (!state_awaits(participant, id))
		return BASE_OK;
	if ((code = state_past_find(&judge->exec->source, id, judge->index, &past, err)) != BASE_OK)
		return code;
	*out = !state_is_own(judge, past->organisation);
	return BASE_OK;
}

static enum base_code confirm_on(struct state_judge *judge, struct state_participant *participant, struct base_error *err)
{
	struct base_buf ids = BASE_BUF_INIT;
	struct base_buf *content;
	uint64_t count = 0;
	enum base_code code = BASE_OK;

	for (size_t i = 0; code == BASE_OK && i < judge->names.body_ids; i++) {
		bool yes;

		code = confirms(judge, participant, i, &yes, err);
		if (code == BASE_OK && yes) {
			wire_put_hash(&ids, &judge->names.ids[i]);
			count++;
		}
	}
	if (code == BASE_OK && count > 0) {
		content = state_fact_begin(judge);
		wire_put_map(content, 1);
		wire_put_uint(content, STATE_PARTICIPANT_CONFIRMED);
		wire_put_array(content, count);
		base_buf_append(content, base_buf_slice(&ids));
		code = state_fact_on(judge, &participant->record, err);
	}
	base_buf_free(&ids);
	return code;
}

enum base_code state_confirm(struct state_judge *judge, struct base_error *err)
{
	enum base_code code = BASE_OK;

	if (!state_approves(judge))
		return BASE_OK;
	for (size_t i = 0; code == BASE_OK && i < judge->concerned_count; i++)
		code = confirm_on(judge, judge->concerned[i].participant, err);
	return code;
}
