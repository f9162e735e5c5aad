/* Evidence of consent: made, verified offline, and refused after any byte of it was changed. */
#include "tests/chain/fixture.h"

#include "ledger/audit/audit.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS (UINT64_C(24) * 3600 * 1000)

static void record_refusal(struct fix *f)
{
	struct base_hash reference = fix_reference(1);
	struct base_buf event = BASE_BUF_INIT;
	struct events_document document;
	char text[512], hex[65];

	base_hex(hex, base_hash_slice(&reference));
	snprintf(text, sizeof(text),
		 "{\"kind\": \"consent\", \"study\": \"%s\", \"when\": \"2026-02-27\", \"body\": {\"participant\": \"%s\", \"act\": {\"refuse\": "
		 "{\"provisions\": [{\"effect\": \"permit\", \"uses\": [\"train\"]}]}}}}",
		 FIX_STUDY, hex);
	ck_ok(events_document_parse(&document, base_slice_text(text), &ck_err));
	fix_event(f, &event, "consent", FIX_STUDY, document.envelope.body, true, 0);
	fix_block(f, &event, 1);
	events_document_free(&document);
	base_buf_free(&event);
}

/* As it is now. */
static struct state_head head_of(struct fix *f, uint8_t participant)
{
	struct base_hash reference = fix_reference(participant), key;
	struct chain_read *read = fix_read(f);
	struct base_buf cbor = BASE_BUF_INIT;
	struct state_view view;
	struct base_slice value;
	struct state_head head;

	wire_put_hash(&cbor, &reference);
	key = state_map_key(STATE_HEAD, base_slice_text(FIX_STUDY), base_buf_slice(&cbor), 0);
	chain_read_view(read, &view);
	ck_ok(view.map_get(view.arg, &key, &value, &ck_err));
	ck_ok(state_head_decode(&head, value, &ck_err));
	chain_read_end(&read);
	base_buf_free(&cbor);
	return head;
}

/* kind: participant.merge or participant.split, of 1 and `other`. */
static void record_bond(struct fix *f, const char *kind, uint8_t participant, uint8_t other, uint8_t head_is_of)
{
	struct base_hash references[2] = {fix_reference(participant), fix_reference(other)};
	struct state_head head = head_of(f, head_is_of);
	struct base_buf body = BASE_BUF_INIT, event = BASE_BUF_INIT;
	struct events_envelope envelope = {
		.ledger = f->id,
		.kind = events_kind_by_name(base_slice_text(kind)),
		.sequence = ++f->manager_sequence,
		.claimed = {FIX_TIME},
		.when = {.precision = EVENTS_POINT, .utc_ms = FIX_TIME, .has_offset = true, .offset_min = 60},
		.capacity = {.code = 1},
		.meaning = 1,
		.has_reason = true,
		.reason = 1,
	};

	wire_put_map(&body, 3);
	for (uint64_t i = 0; i < 2; i++) {
		wire_put_uint(&body, i + 1);
		wire_put_hash(&body, &references[i]);
	}
	wire_put_uint(&body, 3);
	wire_put_map(&body, 2);
	wire_put_uint(&body, 1);
	wire_put_uint(&body, head.count);
	wire_put_uint(&body, 2);
	wire_put_hash(&body, &head.chain);
	envelope.body = base_buf_slice(&body);
	ck_ok(events_sign(&event, &envelope, FIX_MANAGER, FIX_STUDY, f->manager, &ck_err));
	fix_block(f, &event, 1);
	base_buf_free(&body);
	base_buf_free(&event);
}

static struct chain_read *begin(struct fix *f, struct proof_policy **policy)
{
	struct chain_read *read;

	fix_ledger(f);
	fix_study_ready(f);
	record_refusal(f);
	read = fix_read(f);
	*policy = fix_policy(read);
	return read;
}

static void end(struct fix *f, struct chain_read *read, struct proof_policy *policy)
{
	proof_policy_close(policy);
	chain_read_end(&read);
	fix_close(f);
}

static const struct chain_claim train = {false, {.known = UINT64_MAX, .use = 6}};

static enum base_code make_of(struct chain_read *read, uint8_t participant, const struct chain_claim *claim, bool has_at,
			      struct base_buf *out)
{
	struct base_hash reference = fix_reference(participant);

	out->len = 0;
	return chain_read_consent(read, FIX_STUDY, &reference, claim, has_at, (struct base_time){FIX_TIME + 2 * DAY_MS}, out, NULL, NULL);
}

static enum base_code make(struct chain_read *read, const struct chain_claim *claim, bool has_at, struct base_buf *out)
{
	return make_of(read, 1, claim, has_at, out);
}

START_TEST(evidence_when_verified_answers_the_question_again)
{
	struct base_buf text = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct chain_evidence evidence;
	struct audit_verdict verdict;
	struct proof_policy *policy;
	struct fix f;
	struct chain_read *read = begin(&f, &policy);

	ck_assert_int_eq(make(read, &train, false, &text), BASE_OK);
	ck_ok(audit_verify(&verdict, base_buf_slice(&text), policy, &ck_err));
	ck_assert_int_eq(verdict.what, AUDIT_CONSENT);
	ck_assert(!verdict.claim.consent);
	ck_assert_int_eq(verdict.answer.stance, STATE_DENIED);
	ck_assert_int_eq(verdict.answer.ground, STATE_GROUND_REFUSED);
	ck_assert_int_eq(verdict.approval.status, STATE_APPROVAL_NONE);
	ck_assert(verdict.site.len > 0);
	/* Cosigned again: it speaks for what was a minute before. */
	ck_assert_uint_eq(verdict.claim.question.at.ms, FIX_TIME + 2 * DAY_MS - CHAIN_TOLERANCE_MS - 1);
	audit_verdict_free(&verdict);

	ck_ok(chain_evidence_decode(&evidence, base_buf_slice(&text), &ck_err));
	chain_evidence_encode(&again, &evidence);
	ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&text)));
	chain_evidence_free(&evidence);
	base_buf_free(&again);
	base_buf_free(&text);
	end(&f, read, policy);
}
END_TEST

START_TEST(evidence_when_any_byte_is_changed_is_refused)
{
	struct base_buf text = BASE_BUF_INIT;
	struct audit_verdict verdict;
	struct proof_policy *policy;
	struct fix f;
	struct chain_read *read = begin(&f, &policy);

	ck_assert_int_eq(make(read, &train, false, &text), BASE_OK);
	for (size_t i = 0; i < text.len; i++) {
		for (unsigned bit = 0; bit < 8; bit += 3) {
			text.data[i] ^= (uint8_t)(1u << bit);
			ck_assert_msg(audit_verify(&verdict, base_buf_slice(&text), policy, NULL) != BASE_OK, "byte %zu, bit %u", i, bit);
			text.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	ck_ok(audit_verify(&verdict, base_buf_slice(&text), policy, &ck_err));
	audit_verdict_free(&verdict);
	base_buf_free(&text);
	end(&f, read, policy);
}
END_TEST

START_TEST(claim_when_it_does_not_hold_is_neither_made_nor_verified)
{
	struct chain_claim consent = {true, train.question};
	struct base_buf text = BASE_BUF_INIT, forged = BASE_BUF_INIT;
	struct chain_evidence evidence;
	struct audit_verdict verdict;
	struct proof_policy *policy;
	struct fix f;
	struct chain_read *read = begin(&f, &policy);

	ck_assert_int_eq(make(read, &consent, false, &text), BASE_MISMATCH);
	ck_assert_int_eq(make(read, &train, false, &text), BASE_OK);
	ck_ok(chain_evidence_decode(&evidence, base_buf_slice(&text), &ck_err));
	evidence.claim.consent = true;
	chain_evidence_encode(&forged, &evidence);
	ck_code(audit_verify(&verdict, base_buf_slice(&forged), policy, &ck_err), BASE_MISMATCH);
	/* The record of consents hidden: another chunk's absence in place of it. */
	evidence.claim.consent = false;
	evidence.chunks[evidence.chunk_count - 2] = evidence.chunks[evidence.chunk_count - 1];
	evidence.chunks[evidence.chunk_count - 2].chunk = 0;
	evidence.chunk_count--;
	forged.len = 0;
	chain_evidence_encode(&forged, &evidence);
	ck_assert(audit_verify(&verdict, base_buf_slice(&forged), policy, NULL) != BASE_OK);
	chain_evidence_free(&evidence);
	base_buf_free(&forged);
	base_buf_free(&text);
	end(&f, read, policy);
}
END_TEST

START_TEST(claim_when_later_than_the_cosignature_is_refused_unless_it_says_as_known_when)
{
	struct chain_claim late = train;
	struct base_buf text = BASE_BUF_INIT, forged = BASE_BUF_INIT;
	struct chain_evidence evidence;
	struct audit_verdict verdict;
	struct proof_policy *policy;
	struct fix f;
	struct chain_read *read = begin(&f, &policy);

	late.question.at.ms = FIX_TIME + 2 * DAY_MS - CHAIN_TOLERANCE_MS;
	ck_assert_int_eq(make(read, &late, true, &text), BASE_NOT_FOUND);
	ck_assert_int_eq(make(read, &train, false, &text), BASE_OK);
	ck_ok(chain_evidence_decode(&evidence, base_buf_slice(&text), &ck_err));
	evidence.claim.question.at = late.question.at;
	chain_evidence_encode(&forged, &evidence);
	ck_code(audit_verify(&verdict, base_buf_slice(&forged), policy, &ck_err), BASE_MISMATCH);
	chain_evidence_free(&evidence);
	/* Before the refusal was known: nothing, and so no consent. */
	late.question.known = chain_read_size(read) - 2;
	ck_assert_int_eq(make(read, &late, true, &text), BASE_OK);
	ck_ok(audit_verify(&verdict, base_buf_slice(&text), policy, &ck_err));
	ck_assert_int_eq(verdict.answer.ground, STATE_GROUND_NOTHING);
	audit_verdict_free(&verdict);
	base_buf_free(&forged);
	base_buf_free(&text);
	end(&f, read, policy);
}
END_TEST

/* Participant 2 goes on, 1 (who refused) and 3 were duplicates; each is asked about. */
START_TEST(evidence_of_a_person_with_several_references_holds_the_records_of_all)
{
	struct base_buf text = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct chain_claim before = train;
	struct base_error err;
	struct chain_evidence evidence;
	struct audit_verdict verdict;
	struct proof_policy *policy;
	struct fix f;
	struct chain_read *read = begin(&f, &policy);

	before.question.known = chain_read_size(read);
	chain_read_end(&read);
	record_bond(&f, "participant.merge", 2, 1, 1);
	record_bond(&f, "participant.merge", 2, 3, 3);
	read = fix_read(&f);
	for (uint8_t n = 1; n <= 3; n++) {
		ck_assert_int_eq(make_of(read, n, &train, false, &text), BASE_OK);
		ck_ok(audit_verify(&verdict, base_buf_slice(&text), policy, &ck_err));
		ck_assert_int_eq(verdict.answer.ground, STATE_GROUND_REFUSED);
		ck_assert(verdict.answer_event.bytes[0] != 0 || verdict.answer_event.bytes[1] != 0);
		audit_verdict_free(&verdict);
		ck_ok(chain_evidence_decode(&evidence, base_buf_slice(&text), &ck_err));
		ck_assert_uint_eq(evidence.other_count, 2);
		again.len = 0;
		chain_evidence_encode(&again, &evidence);
		ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&text)));
		/* The last one's records left out: of the one that goes on, or of one that was merged into it. */
		while (evidence.chunks[evidence.chunk_count - 1].person == 2)
			evidence.chunk_count--;
		evidence.other_count = 1;
		again.len = 0;
		chain_evidence_encode(&again, &evidence);
		chain_evidence_free(&evidence);
		ck_assert_int_eq(audit_verify(&verdict, base_buf_slice(&again), policy, &err), BASE_MISMATCH);
		ck_assert_ptr_nonnull(strstr(err.text, "several references"));
	}
	/* As known before the merges, 2 was alone, and had refused nothing. */
	ck_assert_int_eq(make_of(read, 2, &before, false, &text), BASE_OK);
	ck_ok(audit_verify(&verdict, base_buf_slice(&text), policy, &ck_err));
	ck_assert_int_eq(verdict.answer.ground, STATE_GROUND_NOTHING);
	audit_verdict_free(&verdict);
	chain_read_end(&read);
	/* Split again: 1 by itself. */
	record_bond(&f, "participant.split", 2, 1, 2);
	read = fix_read(&f);
	ck_assert_int_eq(make_of(read, 2, &train, false, &text), BASE_OK);
	ck_ok(audit_verify(&verdict, base_buf_slice(&text), policy, &ck_err));
	ck_assert_int_eq(verdict.answer.ground, STATE_GROUND_NOTHING);
	audit_verdict_free(&verdict);
	base_buf_free(&again);
	base_buf_free(&text);
	end(&f, read, policy);
}
END_TEST

START_TEST(evidence_of_two_references_when_any_byte_is_changed_is_refused)
{
	struct base_buf text = BASE_BUF_INIT;
	struct audit_verdict verdict;
	struct proof_policy *policy;
	struct fix f;
	struct chain_read *read = begin(&f, &policy);

	chain_read_end(&read);
	record_bond(&f, "participant.merge", 2, 1, 1);
	read = fix_read(&f);
	ck_assert_int_eq(make(read, &train, false, &text), BASE_OK);
	for (size_t i = 0; i < text.len; i++) {
		text.data[i] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(audit_verify(&verdict, base_buf_slice(&text), policy, NULL) != BASE_OK, "byte %zu", i);
		text.data[i] ^= (uint8_t)(1u << i % 8);
	}
	base_buf_free(&text);
	end(&f, read, policy);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		evidence_when_verified_answers_the_question_again,
		evidence_when_any_byte_is_changed_is_refused,
		claim_when_it_does_not_hold_is_neither_made_nor_verified,
		claim_when_later_than_the_cosignature_is_refused_unless_it_says_as_known_when,
		evidence_of_a_person_with_several_references_holds_the_records_of_all,
		evidence_of_two_references_when_any_byte_is_changed_is_refused,
		NULL,
	};

	return fix_run("audit/consent", tests, 300);
}
