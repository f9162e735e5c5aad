/* A claim of consent, recomputed from what the map holds: docs/formats/trail.md. */
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

static enum base_code check_chunks(const struct audit_verdict *out, const struct chain_evidence *e, struct chain_person *person,
				   struct base_error *err)
{
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < e->chunk_count && code == BASE_OK; i++) {
		const struct chain_chunk *chunk = &e->chunks[i];
		struct base_hash key = state_map_key(chunk->table, e->study, chain_chunk_reference(e, chunk), chunk->chunk);

		code = state_proof_verify(chunk->map_proof, &out->block.state, &key, chunk->has_value ? chunk->value : base_slice(NULL, 0), err);
		code = base_wrap(err, code, "the map's proof of chunk %llu of table %d", (unsigned long long)chunk->chunk, (int)chunk->table);
		if (code == BASE_OK)
			code = chain_person_add(person, chunk, err);
	}
	return code;
}

static bool is_code(enum events_list list, uint64_t number)
{
	return number == STATE_ANY || events_code_by_number(events_codes_of(list), number) != NULL;
}

/* "As known now" is what the checkpoint can say, and it says it of a time that lies well before its cosignatures. */
static enum base_code check_question(const struct audit_verdict *out, struct base_error *err)
{
	const struct state_question *q = &out->claim.question;
	char at[BASE_TIME_TEXT_BYTES], cosigned[BASE_TIME_TEXT_BYTES];

	if (!is_code(EVENTS_USES, q->use) || !is_code(EVENTS_CATEGORIES, q->category) || !is_code(EVENTS_PURPOSES, q->purpose) ||
	    !is_code(EVENTS_MODES, q->mode))
		return base_fail(err, BASE_VERSION, "the question names a code that this version does not know");
	if (q->known > out->checkpoint.size)
		return base_fail(err, BASE_MISMATCH, "the question counts on more entries than the checkpoint has");
	if (q->known < out->checkpoint.size || chain_speaks_for(out->signatures.earliest_s, q->at))
		return BASE_OK;
	base_time_format(at, q->at, 0);
	base_time_format(cosigned, (struct base_time){out->signatures.earliest_s * 1000}, 0);
	return base_fail(err, BASE_MISMATCH,
			 "it claims what held at %s, and its checkpoint is cosigned at %s: that speaks only for what was more than %d seconds "
			 "before; get a newer proof", at, out->signatures.cosigners > 0 ? cosigned : "no time", CHAIN_TOLERANCE_MS / 1000);
}

/* The event of the consent's fact: member 1 of its content. */
static void find_event(struct audit_verdict *out, const struct chain_evidence *e, const struct chain_person *person)
{
	struct wire_reader r;

	for (size_t n = 0; n <= e->other_count; n++) {
		for (size_t i = 0; i < person->consents[n].count; i++) {
			const struct state_fact *fact = &person->consents[n].list[i];

			if (fact->index == out->answer.index && events_find(fact->content, 1, &r))
				out->answer_event = wire_get_hash(&r);
		}
	}
}

enum base_code audit_consent_check(struct audit_verdict *out, const struct chain_evidence *e, struct base_error *err)
{
	struct chain_person person = {.approvals = {NULL, 0}};
	enum base_code code;

	out->claim = e->claim;
	if ((code = check_question(out, err)) != BASE_OK || (code = check_chunks(out, e, &person, err)) != BASE_OK)
		goto out;
	(void)state_participant_at(person.participants[0].list, person.participants[0].count, e->claim.question.known, &out->site);
	if ((code = chain_answer(e, &person, &out->answer, err)) != BASE_OK)
		goto out;
	out->approval = state_approval_at(person.approvals.list, person.approvals.count, out->site, e->claim.question.at, e->claim.question.known);
	if (out->answer.ground != STATE_GROUND_NOTHING)
		find_event(out, e, &person);
	if ((out->answer.stance == STATE_PERMITTED) != e->claim.consent)
		code = base_fail(err, BASE_MISMATCH, "the ledger's record of the participant says the contrary of what the file claims");
out:
	chain_person_free(&person);
	return code;
}
