/* Recording blocks. */
#include "tests/chain/fixture.h"

#include "ledger/chain/chain_internal.h"

#include <string.h>

static struct chain_submission one(struct fix *f, struct base_buf *event)
{
	struct chain_submission s = {.bytes = base_buf_slice(event)};
	uint64_t height;

	f->now += 1000;
	ck_ok(chain_block(f->chain, (struct base_time){f->now}, &s, 1, &height, &ck_err));
	return s;
}

START_TEST(block_when_events_are_good_enters_them_with_receipts)
{
	struct base_buf events[4] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};
	struct chain_block_entry block, before;
	struct base_slice bytes;
	struct base_hash root, app;
	struct chain_read *read;
	uint64_t index, index_before;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	for (int i = 0; i < 4; i++)
		fix_submit(&f, &events[i], (uint64_t)i, (uint8_t)(i % 3 + 1), i % 2 == 1);
	ck_assert_uint_eq(fix_block(&f, events, 4), 4);
	read = fix_read(&f);
	ck_assert_uint_eq(chain_read_size(read), 15);
	ck_ok(chain_read_block(read, 4, &block, &index, &ck_err));
	ck_assert_uint_eq(index, 14);
	ck_assert_uint_eq(block.first, 10);
	ck_assert_uint_eq(block.count, 4);
	ck_assert_uint_eq(block.time.ms, f.now);
	ck_ok(proof_root(&root, 14, chain_read_stored_hash, read, &ck_err));
	ck_assert(base_hash_equal(&root, &block.tree));
	ck_ok(chain_read_block(read, 3, &before, &index_before, &ck_err));
	ck_ok(chain_read_entry(read, index_before, &bytes, &ck_err));
	app = chain_app_hash(bytes);
	ck_assert(base_hash_equal(&app, &block.prev));
	chain_read_end(&read);
	for (index = 0; index < 15; index++)
		fix_check_receipt(&f, index);
	fix_close(&f);
}
END_TEST

START_TEST(find_when_event_is_entered_gives_its_leaf)
{
	struct base_buf event = BASE_BUF_INIT, copy = BASE_BUF_INIT;
	struct base_hash none = base_sha256_of(base_slice_text("none"));
	struct events_event decoded;
	struct chain_read *read;
	uint64_t index, *indices;
	size_t count;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	fix_submit(&f, &event, 1, 1, false);
	base_buf_append(&copy, base_buf_slice(&event));
	ck_ok(events_decode(&decoded, base_buf_slice(&copy), &ck_err));
	(void)fix_block(&f, &event, 1);
	read = fix_read(&f);
	ck_ok(chain_read_find(read, &decoded.id, &index, &ck_err));
	ck_assert_uint_eq(index, 10);
	ck_code(chain_read_find(read, &none, &index, &ck_err), BASE_NOT_FOUND);
	ck_ok(chain_read_postings(read, state_term_study(base_slice_text(FIX_STUDY)), &indices, &count, &ck_err));
	ck_assert_uint_ge(count, 4);
	free(indices);
	ck_ok(chain_read_postings(read, state_term_study(base_slice_text("nowhere")), &indices, &count, &ck_err));
	ck_assert_uint_eq(count, 0);
	free(indices);
	chain_read_end(&read);
	base_buf_free(&copy);
	fix_close(&f);
}
END_TEST

START_TEST(block_when_event_was_entered_before_gives_its_leaf)
{
	struct base_buf event = BASE_BUF_INIT, copy = BASE_BUF_INIT;
	struct chain_submission s[3] = {0}, again;
	struct chain_read *read;
	uint64_t height;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	fix_submit(&f, &event, 1, 1, false);
	base_buf_append(&copy, base_buf_slice(&event));
	(void)fix_block(&f, &event, 1);
	again = one(&f, &copy);
	ck_assert_int_eq(again.code, BASE_EXISTS);
	ck_assert_uint_eq(again.index, 10);
	/* No block was made of it. */
	read = fix_read(&f);
	ck_assert_uint_eq(chain_read_height(read), 4);
	chain_read_end(&read);
	/* Twice in one block. */
	fix_submit(&f, &event, 2, 1, false);
	s[0].bytes = s[2].bytes = base_buf_slice(&event);
	s[1].bytes = base_buf_slice(&copy);
	f.now += 1000;
	ck_ok(chain_block(f.chain, (struct base_time){f.now}, s, 3, &height, &ck_err));
	ck_assert_int_eq(s[0].code, BASE_OK);
	ck_assert_int_eq(s[1].code, BASE_EXISTS);
	ck_assert_uint_eq(s[1].index, 10);
	ck_assert_int_eq(s[2].code, BASE_EXISTS);
	ck_assert_uint_eq(s[2].index, s[0].index);
	state_outcome_free(&s[0].outcome);
	base_buf_free(&event);
	base_buf_free(&copy);
	fix_close(&f);
}
END_TEST

START_TEST(block_when_some_are_refused_enters_the_others)
{
	struct base_buf good = BASE_BUF_INIT, bad_signature = BASE_BUF_INIT, unknown = BASE_BUF_INIT, used = BASE_BUF_INIT;
	struct chain_submission s[5] = {0};
	struct chain_block_entry block;
	struct chain_read *read;
	uint64_t height, index;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	fix_submit(&f, &good, 1, 1, false);
	fix_submit(&f, &bad_signature, 2, 1, false);
	bad_signature.data[bad_signature.len - 1] ^= 1;
	f.id.bytes[0] ^= 1;
	fix_submit(&f, &unknown, 3, 1, false); /* another ledger */
	f.id.bytes[0] ^= 1;
	fix_submit(&f, &used, 1, 1, false); /* the same CID again */
	s[0].bytes = base_slice_text("not an event");
	s[1].bytes = base_buf_slice(&bad_signature);
	s[2].bytes = base_buf_slice(&unknown);
	s[3].bytes = base_buf_slice(&good);
	s[4].bytes = base_buf_slice(&used);
	f.now += 1000;
	ck_ok(chain_block(f.chain, (struct base_time){f.now}, s, 5, &height, &ck_err));
	ck_assert_uint_eq(height, 4);
	ck_assert_int_eq(s[0].code, BASE_MALFORMED);
	ck_assert_int_eq(s[1].code, BASE_MISMATCH);
	ck_assert_int_eq(s[2].code, BASE_REFUSED);
	ck_assert_int_eq(s[3].code, BASE_OK);
	ck_assert_int_eq(s[4].code, BASE_REFUSED);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(s[i].code != BASE_OK, s[i].err.text[0] != '\0');
	state_outcome_free(&s[3].outcome);
	read = fix_read(&f);
	ck_ok(chain_read_block(read, 4, &block, &index, &ck_err));
	ck_assert_uint_eq(block.count, 1);
	chain_read_end(&read);
	fix_check_receipt(&f, s[3].index);
	base_buf_free(&good);
	base_buf_free(&bad_signature);
	base_buf_free(&unknown);
	base_buf_free(&used);
	fix_close(&f);
}
END_TEST

START_TEST(block_when_author_has_no_authority_enters_the_denial)
{
	struct base_buf event = BASE_BUF_INIT;
	struct chain_submission s;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	/* A data manager may not close studies, and is assigned to none. */
	fix_event(&f, &event, "study.close", FIX_STUDY, base_slice("\xa0", 1), true, 0);
	s = one(&f, &event);
	ck_assert_int_eq(s.code, BASE_OK);
	ck_assert_int_eq(s.outcome.verdict, STATE_DENY);
	ck_assert_uint_eq(s.outcome.denial, 13);
	fix_check_receipt(&f, s.index);
	state_outcome_free(&s.outcome);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

START_TEST(block_when_clock_was_set_back_counts_on)
{
	struct base_buf event = BASE_BUF_INIT;
	struct chain_block_entry block;
	struct chain_read *read;
	uint64_t index;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	f.now = 5;
	fix_submit(&f, &event, 1, 1, false);
	(void)fix_block(&f, &event, 1);
	read = fix_read(&f);
	ck_ok(chain_read_block(read, 4, &block, &index, &ck_err));
	ck_assert_uint_eq(block.time.ms, FIX_TIME + 3000 + 1);
	chain_read_end(&read);
	fix_close(&f);
}
END_TEST

START_TEST(block_when_nothing_is_entered_makes_none)
{
	struct chain_submission s = {.bytes = base_slice_text("nothing")};
	uint64_t height = 99;
	struct chain_read *read;
	struct fix f;

	fix_ledger(&f);
	ck_ok(chain_block(f.chain, (struct base_time){FIX_TIME + 5}, NULL, 0, &height, &ck_err));
	ck_assert_uint_eq(height, 0);
	ck_ok(chain_block(f.chain, (struct base_time){FIX_TIME + 5}, &s, 1, &height, &ck_err));
	ck_assert_uint_eq(height, 0);
	ck_assert_int_eq(s.code, BASE_MALFORMED);
	read = fix_read(&f);
	ck_assert_uint_eq(chain_read_size(read), 2);
	chain_read_end(&read);
	fix_close(&f);
}
END_TEST

START_TEST(block_when_over_a_limit_records_nothing)
{
	struct chain_submission *s = base_alloc((CHAIN_BLOCK_EVENTS_MAX + 1) * sizeof(*s));
	uint64_t height;
	struct fix f;

	fix_ledger(&f);
	ck_code(chain_block(f.chain, (struct base_time){FIX_TIME + 5}, s, CHAIN_BLOCK_EVENTS_MAX + 1, &height, &ck_err), BASE_LIMIT);
	ck_assert_int_eq(s[0].code, BASE_LIMIT);
	s[0].bytes.len = CHAIN_BLOCK_BYTES_MAX + 1;
	ck_code(chain_block(f.chain, (struct base_time){FIX_TIME + 5}, s, 1, &height, &ck_err), BASE_LIMIT);
	ck_code(chain_block(f.chain, (struct base_time){UINT64_MAX}, s, 0, &height, &ck_err), BASE_LIMIT);
	free(s);
	fix_close(&f);
}
END_TEST

/* The caller verified and decoded; enrolled in the same block is enough. */
START_TEST(block_when_caller_verified_enters_the_same_bytes)
{
	struct base_buf events[3] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};
	struct events_event decoded[3];
	struct chain_submission s[3] = {0};
	struct keys_public key;
	struct base_hash kid, digests[2];
	uint64_t height;

	for (int round = 0; round < 2; round++) {
		struct fix f;

		fix_ledger(&f);
		fix_enrol(&f, &events[0]);
		fix_study(&f, &events[1]);
		fix_submit(&f, &events[2], 1, 0, true); /* by the actor of the first */
		for (int i = 0; i < 3; i++) {
			s[i] = (struct chain_submission){.bytes = base_buf_slice(&events[i])};
			if (round == 0)
				continue;
			ck_ok(events_decode(&decoded[i], s[i].bytes, &ck_err));
			s[i].event = &decoded[i];
			memcpy(kid.bytes, decoded[i].cose.kid.data, 32);
			if (i == 2) {
				ck_code(chain_key(f.chain, &kid, &key, &ck_err), BASE_NOT_FOUND);
				continue;
			}
			for (int again = 0; again < 2; again++)
				ck_ok(chain_key(f.chain, &kid, &key, &ck_err));
			ck_ok(events_verify(&decoded[i], &key, &ck_err));
			s[i].verified = true;
		}
		ck_ok(chain_block(f.chain, (struct base_time){FIX_TIME + 5}, s, 3, &height, &ck_err));
		for (int i = 0; i < 3; i++) {
			ck_assert_msg(s[i].code == BASE_OK, "%d: %s", i, s[i].err.text);
			ck_assert_int_eq(s[i].outcome.verdict, STATE_RECORDED);
			state_outcome_free(&s[i].outcome);
			base_buf_free(&events[i]);
		}
		fix_chain_close(&f);
		digests[round] = fix_digest(f.ledger_path);
		fix_close(&f);
	}
	ck_assert(base_hash_equal(&digests[0], &digests[1]));
}
END_TEST

/* The same submissions at the same times: the same bytes, whether in one process or with a restart at each block. */
START_TEST(block_when_repeated_with_restarts_gives_the_same_bytes)
{
	struct base_buf notes[2] = {BASE_BUF_INIT, BASE_BUF_INIT};
	struct base_hash digests[2];

	for (int round = 0; round < 2; round++) {
		struct chain_read *read;
		struct fix f;

		fix_ledger(&f);
		fix_study_ready(&f);
		for (uint64_t i = 0; i < 12; i++) {
			struct base_buf events[5] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};

			for (uint64_t j = 0; j <= i % 5; j++)
				fix_submit(&f, &events[j], 100 * i + j, (uint8_t)(j % 3 + 1), (i + j) % 2 == 0);
			(void)fix_block(&f, events, i % 5 + 1);
			if (round == 1) {
				fix_chain_close(&f);
				fix_chain_open(&f);
			}
		}
		read = fix_read(&f);
		ck_ok(chain_read_checkpoint(read, chain_read_height(read), &notes[round], &ck_err));
		chain_read_end(&read);
		fix_chain_close(&f);
		digests[round] = fix_digest(f.ledger_path);
		fix_close(&f);
	}
	ck_assert(base_hash_equal(&digests[0], &digests[1]));
	ck_assert(base_slice_equal(base_buf_slice(&notes[0]), base_buf_slice(&notes[1])));
	base_buf_free(&notes[0]);
	base_buf_free(&notes[1]);
}
END_TEST

START_TEST(policy_when_written_names_log_and_cosigner)
{
	for (int single = 0; single < 2; single++) {
		struct base_buf text = BASE_BUF_INIT;
		struct proof_policy *policy = NULL;
		struct chain_read *read;
		struct fix f;

		fix_ledger(&f);
		read = fix_read(&f);
		ck_ok(chain_read_policy(read, single != 0, &text, &ck_err));
		ck_ok(proof_policy_parse(&policy, base_buf_slice(&text), &ck_err));
		ck_assert_uint_eq(proof_policy_logs(policy), 1);
		ck_assert_uint_eq(proof_policy_witnesses(policy), 1);
		ck_assert_str_eq(proof_policy_log(policy, 0)->name, FIX_ORIGIN);
		ck_assert_str_eq(proof_policy_witness(policy, 0)->name, FIX_NODE);
		proof_policy_close(policy);
		chain_read_end(&read);
		base_buf_free(&text);
		fix_close(&f);
	}
}
END_TEST

START_TEST(read_when_block_is_recorded_meanwhile_stays_as_it_was)
{
	struct chain_read *before, *after;
	struct base_slice bytes;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	before = fix_read(&f);
	(void)fix_submission(&f, 1, 1);
	ck_assert_uint_eq(chain_read_size(before), 10);
	ck_code(chain_read_entry(before, 10, &bytes, &ck_err), BASE_NOT_FOUND);
	after = fix_read(&f);
	ck_assert_uint_eq(chain_read_size(after), 12);
	ck_ok(chain_read_entry(after, 10, &bytes, &ck_err));
	chain_read_end(&before);
	chain_read_end(&after);
	fix_close(&f);
}
END_TEST

START_TEST(extra_when_key_is_not_the_signers_is_refused)
{
	struct base_buf event = BASE_BUF_INIT, entry = BASE_BUF_INIT, extra = BASE_BUF_INIT;
	struct chain_extra out;
	struct fix f;

	fix_open(&f);
	fix_submit(&f, &event, 1, 1, false);
	chain_entry_encode_event(&entry, 1, (struct base_time){1}, base_buf_slice(&event), base_slice("\xa1\x01\x00", 3));
	for (int i = 0; i < 5; i++) {
		extra.len = 0;
		base_buf_append(&extra, base_buf_slice(&entry));
		if (i == 0 || i == 4)
			keys_public_put(&extra, keys_private_public(f.sign));
		else if (i == 1)
			keys_public_put(&extra, keys_private_public(f.manager));
		else if (i == 2)
			keys_public_put(&extra, keys_private_public(f.seal));
		if (i == 4)
			base_buf_byte(&extra, 0xf6);
		if (i == 0)
			ck_ok(chain_extra_decode(&out, base_buf_slice(&extra), &ck_err));
		else
			ck_code(chain_extra_decode(&out, base_buf_slice(&extra), &ck_err), i <= 2 ? BASE_MISMATCH : BASE_MALFORMED);
	}
	base_buf_free(&event);
	base_buf_free(&entry);
	base_buf_free(&extra);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		block_when_events_are_good_enters_them_with_receipts,
		find_when_event_is_entered_gives_its_leaf,
		block_when_event_was_entered_before_gives_its_leaf,
		block_when_some_are_refused_enters_the_others,
		block_when_author_has_no_authority_enters_the_denial,
		block_when_clock_was_set_back_counts_on,
		block_when_nothing_is_entered_makes_none,
		block_when_over_a_limit_records_nothing,
		block_when_caller_verified_enters_the_same_bytes,
		block_when_repeated_with_restarts_gives_the_same_bytes,
		policy_when_written_names_log_and_cosigner,
		read_when_block_is_recorded_meanwhile_stays_as_it_was,
		extra_when_key_is_not_the_signers_is_refused,
		NULL,
	};

	return fix_run("chain/block", tests, 120);
}
