/* What a claim of consent is answered from: docs/formats/trail.md, section 5. For who makes it and who verifies it. */
#include "ledger/chain/chain_internal.h"

#include <stdlib.h>
#include <string.h>

static struct state_cover_record record_of(const struct chain_facts *facts)
{
	return (struct state_cover_record){facts->list, facts->count};
}

enum base_code chain_person_add(struct chain_person *person, const struct chain_chunk *chunk, struct base_error *err)
{
	struct chain_facts *facts = chunk->table == STATE_APPROVAL	? &person->approvals
				    : chunk->table == STATE_PARTICIPANT ? &person->participants[chunk->person]
									: &person->consents[chunk->person];
	struct base_hash leaf;
	size_t count = 0;
	enum base_code code;

	if (!chunk->has_value)
		return BASE_OK;
	facts->list = base_realloc(facts->list, (facts->count + STATE_FACTS_MAX) * sizeof(*facts->list));
	code = state_record_decode(facts->list + facts->count, &count, &leaf, chunk->value, err);
	if (code == BASE_OK)
		facts->count += count;
	return code;
}

void chain_person_free(struct chain_person *person)
{
	free(person->approvals.list);
	for (size_t i = 0; i < CHAIN_REFERENCES_MAX; i++) {
		free(person->participants[i].list);
		free(person->consents[i].list);
	}
}

static struct base_slice bytes_of(struct base_slice reference_cbor)
{
	struct wire_reader r;

	wire_read(&r, reference_cbor);
	return wire_get_bytes(&r);
}

/* The references are those of the person, as the records themselves say: first the one that goes on, if it is another, then those that
 * were merged into that one. */
static bool are_all(const struct chain_evidence *e, const struct chain_person *person)
{
	uint64_t known = e->claim.question.known;
	struct base_slice own = bytes_of(e->reference);
	uint8_t into[32], merged[STATE_SAME_MAX][32];
	struct state_cover_record record = record_of(&person->participants[0]);
	size_t count = 0, at = 0;
	bool goes_on = false, further = false;

	if (!state_same_at(&record, known, &goes_on, into, merged, &count))
		return false;
	if (goes_on) {
		if (e->other_count == 0 || !base_slice_equal(bytes_of(e->others[at++]), base_slice(into, sizeof(into))))
			return false;
		record = record_of(&person->participants[1]);
		if (!state_same_at(&record, known, &further, into, merged, &count) || further)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (base_slice_equal(own, base_slice(merged[i], sizeof(merged[i]))))
			continue;
		if (at == e->other_count || !base_slice_equal(bytes_of(e->others[at++]), base_slice(merged[i], sizeof(merged[i]))))
			return false;
	}
	return at == e->other_count;
}

enum base_code chain_answer(const struct chain_evidence *e, const struct chain_person *person, struct state_answer *out, struct base_error *err)
{
	const struct state_question *question = &e->claim.question;
	struct base_slice site = {NULL, 0};

	if (!are_all(e, person))
		return base_fail(err, BASE_MISMATCH,
				 "the participant has, or had, several references, and the file does not hold exactly the records of all of them");
	(void)state_participant_at(person->participants[0].list, person->participants[0].count, question->known, &site);
	for (size_t i = 0; i <= e->other_count; i++) {
		const struct state_cover_record participant = record_of(&person->participants[i]);
		struct state_answer one = state_consent_at(person->consents[i].list, person->consents[i].count, person->approvals.list,
							   person->approvals.count, &participant, site, question);

		*out = i == 0 ? one : state_answer_join(out, &one);
	}
	return BASE_OK;
}
