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

static enum base_code make(struct chain_read *read, const struct chain_claim *claim, bool has_at, struct base_buf *out)
{
	struct base_hash reference = fix_reference(1);

	out->len = 0;
	return chain_read_consent(read, FIX_STUDY, &reference, claim, has_at, (struct base_time){FIX_TIME + 2 * DAY_MS}, out, NULL, NULL);
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

int main(void)
{
	const TTest *const tests[] = {
		evidence_when_verified_answers_the_question_again,
		evidence_when_any_byte_is_changed_is_refused,
		claim_when_it_does_not_hold_is_neither_made_nor_verified,
		claim_when_later_than_the_cosignature_is_refused_unless_it_says_as_known_when,
		NULL,
	};

	return fix_run("audit/consent", tests, 300);
}
