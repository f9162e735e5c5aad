/* Trails, presence and absence: made from a ledger, read back, verified by hand. */
#include "tests/chain/fixture.h"

#include <string.h>

/* What an auditor does with a file (the audit room does it for users). */
static enum base_code verify(const struct chain_evidence *e, const struct proof_policy *policy)
{
	struct proof_note *note = base_alloc(sizeof(*note));
	struct proof_checkpoint checkpoint;
	struct proof_verdict verdict;
	struct chain_entry block;
	struct proof_path path;
	struct base_hash leaf, key;
	struct state_head head, folded = {0};
	enum base_code code;

	if ((code = proof_note_parse(note, e->note, NULL)) != BASE_OK ||
	    (code = proof_policy_check(policy, note, &checkpoint, &verdict, NULL)) != BASE_OK)
		goto out;
	code = BASE_MISMATCH;
	leaf = proof_leaf(e->block.entry);
	chain_leaf_path(&e->block, &path);
	if (proof_inclusion_verify(&path, e->block.index, checkpoint.size, &leaf, &checkpoint.root, NULL) != BASE_OK ||
	    chain_entry_decode(&block, e->block.entry, NULL) != BASE_OK || block.type != CHAIN_BLOCK)
		goto out;
	key = chain_evidence_key(e);
	if (state_proof_verify(e->map_proof, &block.block.state, &key, e->has_value ? e->value : base_slice(NULL, 0), NULL) != BASE_OK)
		goto out;
	if (e->kind == CHAIN_TRAIL && e->has_value) {
		if (state_head_decode(&head, e->value, NULL) != BASE_OK)
			goto out;
		for (size_t i = 0; i < e->leaf_count; i++) {
			leaf = proof_leaf(e->leaves[i].entry);
			chain_leaf_path(&e->leaves[i], &path);
			if (proof_inclusion_verify(&path, e->leaves[i].index, checkpoint.size, &leaf, &checkpoint.root, NULL) != BASE_OK)
				goto out;
			folded.chain = state_head_step(&folded.chain, &leaf);
		}
		if (head.count != e->leaf_count || !base_hash_equal(&head.chain, &folded.chain))
			goto out;
	}
	code = BASE_OK;
out:
	free(note);
	return code;
}

static void check_file(struct base_slice text, const struct proof_policy *policy, struct chain_evidence *e)
{
	struct base_buf again = BASE_BUF_INIT;

	ck_ok(chain_evidence_decode(e, text, &ck_err));
	ck_assert_int_eq(verify(e, policy), BASE_OK);
	chain_evidence_encode(&again, e);
	ck_assert(base_slice_equal(base_buf_slice(&again), text));
	base_buf_free(&again);
}

static struct base_buf trail_of(struct chain_read *read, uint8_t participant)
{
	struct base_hash reference = fix_reference(participant);
	struct base_buf text = BASE_BUF_INIT;

	ck_ok(chain_read_trail(read, FIX_STUDY, &reference, &text, &ck_err));
	return text;
}

START_TEST(trail_when_made_is_complete_and_verifies)
{
	struct chain_evidence e;
	struct proof_policy *policy;
	struct chain_read *read;
	struct base_buf text;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	for (uint64_t i = 0; i < 9; i++)
		(void)fix_submission(&f, i, (uint8_t)(i % 2 + 1));
	read = fix_read(&f);
	policy = fix_policy(read);
	for (uint8_t participant = 1; participant <= 4; participant++) {
		static const size_t counts[] = {6, 5, 1, 0}; /* enrolment and submissions */

		text = trail_of(read, participant);
		check_file(base_buf_slice(&text), policy, &e);
		ck_assert_int_eq(e.kind, CHAIN_TRAIL);
		ck_assert(base_slice_equal(e.study, base_slice_text(FIX_STUDY)));
		ck_assert_uint_eq(e.leaf_count, counts[participant - 1]);
		ck_assert_int_eq(e.has_value, participant != 4);
		for (size_t i = 0; i < e.leaf_count; i++) {
			struct chain_entry entry;
			struct events_event event;
			struct keys_public key;

			ck_ok(chain_entry_decode(&entry, e.leaves[i].entry, &ck_err));
			ck_ok(events_decode(&event, entry.event, &ck_err));
			ck_ok(keys_public_parse(&key, e.leaves[i].key, &ck_err));
			ck_ok(events_verify(&event, &key, &ck_err));
		}
		chain_evidence_free(&e);
		base_buf_free(&text);
	}
	proof_policy_close(policy);
	chain_read_end(&read);
	fix_close(&f);
}
END_TEST

START_TEST(trail_when_an_entry_is_left_out_fails)
{
	struct chain_evidence e;
	struct proof_policy *policy;
	struct chain_read *read;
	struct base_buf text;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	for (uint64_t i = 0; i < 3; i++)
		(void)fix_submission(&f, i, 1);
	read = fix_read(&f);
	policy = fix_policy(read);
	text = trail_of(read, 1);
	for (size_t out = 0; out < 4; out++) {
		check_file(base_buf_slice(&text), policy, &e);
		memmove(&e.leaves[out], &e.leaves[out + 1], (3 - out) * sizeof(e.leaves[0]));
		e.leaf_count--;
		ck_assert_int_eq(verify(&e, policy), BASE_MISMATCH);
		chain_evidence_free(&e);
	}
	base_buf_free(&text);
	proof_policy_close(policy);
	chain_read_end(&read);
	fix_close(&f);
}
END_TEST

START_TEST(trail_when_no_checkpoint_is_signed_says_so)
{
	struct base_hash reference = fix_reference(1);
	struct base_buf text = BASE_BUF_INIT;
	struct chain_read *read;
	struct fix f;

	fix_open(&f);
	ck_ok(chain_create(f.ledger_path, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), &ck_err));
	ck_ok(chain_open(&f.chain, f.ledger_path, 0, NULL, &ck_err));
	read = fix_read(&f);
	ck_code(chain_read_trail(read, FIX_STUDY, &reference, &text, &ck_err), BASE_NOT_FOUND);
	ck_code(chain_read_trail(read, "Not A Study", &reference, &text, &ck_err), BASE_MALFORMED);
	chain_read_end(&read);
	fix_close(&f);
}
END_TEST

START_TEST(evidence_when_made_shows_presence_and_absence)
{
	struct base_buf reference = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct proof_policy *policy;
	struct chain_read *read;
	struct chain_evidence e;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	read = fix_read(&f);
	policy = fix_policy(read);
	for (int i = 0; i < 5; i++) {
		struct base_slice study = i == 2 || i == 3 ? base_slice_text(i == 2 ? FIX_STUDY : "nowhere") : base_slice(NULL, 0);

		text.len = reference.len = 0;
		if (i < 2)
			wire_put_cstr(&reference, i == 0 ? FIX_MANAGER : "hospital/nobody");
		ck_ok(chain_read_evidence(read, i < 2 ? STATE_ACTOR : i < 4 ? STATE_STUDY : STATE_NODES, study, base_buf_slice(&reference),
					  0, &text, &ck_err));
		check_file(base_buf_slice(&text), policy, &e);
		ck_assert_int_eq(e.kind, CHAIN_STATE);
		ck_assert_int_eq(e.has_value, i % 2 == 0);
		ck_assert_uint_eq(e.leaf_count, 0);
		if (e.has_value) {
			e.has_value = false;
			ck_assert_int_eq(verify(&e, policy), BASE_MISMATCH);
		}
		chain_evidence_free(&e);
	}
	proof_policy_close(policy);
	chain_read_end(&read);
	base_buf_free(&reference);
	base_buf_free(&text);
	fix_close(&f);
}
END_TEST

/* Any other byte anywhere: refused by the parser, or by the proofs. */
START_TEST(decode_when_any_byte_is_changed_never_verifies)
{
	struct proof_policy *policy;
	struct chain_read *read;
	struct base_buf text;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	read = fix_read(&f);
	policy = fix_policy(read);
	text = trail_of(read, 1);
	for (size_t i = 0; i < text.len; i++) {
		struct chain_evidence e;
		struct base_error err = {{0}};
		enum base_code code;
		bool same_proof;

		text.data[i] ^= 1;
		code = chain_evidence_decode(&e, base_buf_slice(&text), &err);
		if (code != BASE_OK) {
			ck_assert_int_eq(code, BASE_MALFORMED);
			ck_assert_ptr_nonnull(strstr(err.text, "line "));
		} else {
			/* The signer's key is for whoever verifies the event's signature: nothing else covers it. */
			struct keys_public key;

			same_proof = verify(&e, policy) == BASE_OK;
			if (same_proof)
				ck_assert(keys_public_parse(&key, e.leaves[0].key, NULL) != BASE_OK ||
					  memcmp(key.bytes, keys_private_public(f.sign)->bytes, 33) != 0);
			chain_evidence_free(&e);
		}
		text.data[i] ^= 1;
	}
	base_buf_free(&text);
	proof_policy_close(policy);
	chain_read_end(&read);
	fix_close(&f);
}
END_TEST

#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
START_TEST(decode_when_malformed_names_the_line)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{"", "line 1"},
		{"regesta-trail@v2\n", "line 1"},
		{"regesta-trail@v1", "line 1"},
		{"regesta-trail@v1\n", "line 2"},
		{"regesta-trail@v1\nstudy A b\n", "line 2"},
		{"regesta-trail@v1\nreference AA==\n", "line 2"},
		{"regesta-trail@v1\nstudy s\nreference AA=\n", "line 3"},
		{"regesta-trail@v1\nstudy s\nreference GA==\n", "line "},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 01 AA==\n\nnote\n", "line 5"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 1 AA== AA==\n\nnote\n", "line 5"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 1 AA==\nAA==\n\nnote\n", "line 6"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 1 AA==\nentry 0 AA== AA==\n\nnote\n", "neither"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nvalue AA==\nblock 1 AA==\n\nnote\n", "neither"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nvalue AA==\nblock 1 AA==\nentry 1 AA== AA==\n\nnote\n", "behind"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nvalue AA==\nblock 9 AA==\nentry 1 AA==\n\nnote\n", "line 7"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nvalue AA==\nblock 9 AA==\nentry 1 AA== AA==\nentry 1 AA== AA==\n\nn\n",
		 "ascending"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 1 AA==\n" HASH, "line 7"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 1 AA==\n" HASH "\n", "checkpoint"},
		{"regesta-trail@v1\nstudy s\nreference AA==\nmap AA==\nblock 1 AA==\n" HASH "\nnote", "checkpoint"},
		{"regesta-state@v1\ntable 0\n", "line "},
		{"regesta-state@v1\ntable 12\nchunk 0\n", "line "},
		{"regesta-state@v1\nchunk 0\n", "line 2"},
		{"regesta-state@v1\ntable 1\nmap AA==\n", "line 3"},
		{"regesta-state@v1\r\ntable 1\nchunk 0\n", "line 1"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_error err = {{0}};
		struct chain_evidence e;

		ck_assert_int_eq(chain_evidence_decode(&e, base_slice_text(cases[i].text), &err), BASE_MALFORMED);
		ck_assert_msg(strstr(err.text, cases[i].where) != NULL, "%s: %s", cases[i].text, err.text);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		trail_when_made_is_complete_and_verifies,
		trail_when_an_entry_is_left_out_fails,
		trail_when_no_checkpoint_is_signed_says_so,
		evidence_when_made_shows_presence_and_absence,
		decode_when_any_byte_is_changed_never_verifies,
		decode_when_malformed_names_the_line,
		NULL,
	};

	return fix_run("chain/evidence", tests, 300);
}
