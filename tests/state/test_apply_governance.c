/* governance.* and organisation.admit: effect on state, every denial. */
#include "tests/state/fixture.h"

#include <string.h>

/* A proposal to admit "h9" with an administrator; what the proof is for can be spoilt. */
static struct fixture_draft proposal(struct fixture *f, const char *by, const char *code, struct base_slice proof)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_GOVERNANCE_PROPOSE, NULL);
	struct fixture_person *recovery = fixture_person(f, "h9/recovery");
	struct keys_public key = *keys_private_public(recovery->seal);

	key.purpose = KEYS_RECOVERY;
	wire_put_map(&draft.body, 2);
	put_key_uint(&draft.body, 1, 1);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 6);
	put_key_text(&draft.body, 1, code);
	put_key_text(&draft.body, 2, "Hospital 9");
	put_key_text(&draft.body, 3, "DE");
	put_key_uint(&draft.body, 4, 2);
	wire_put_uint(&draft.body, 5);
	keys_public_put(&draft.body, &key);
	wire_put_uint(&draft.body, 6);
	wire_put_bytes(&draft.body, proof);
	return draft;
}

static struct fixture_result propose(struct fixture *f, const char *by, const char *code, const char *admin)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct fixture_draft draft;

	fixture_proof(f, &proof, fixture_person(f, admin), EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER));
	draft = proposal(f, by, code, base_buf_slice(&proof));
	base_buf_free(&proof);
	return fixture_send(f, &draft);
}

static struct fixture_result vote(struct fixture *f, const char *by, const struct base_hash *id, bool approve)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_GOVERNANCE_VOTE, NULL);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	wire_put_uint(&draft.body, 2);
	wire_put_bool(&draft.body, approve);
	return fixture_send(f, &draft);
}

static struct fixture_result admit(struct fixture *f, const char *by, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ORGANISATION_ADMIT, NULL);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	return fixture_send(f, &draft);
}

START_TEST(propose_when_administrator_opens_a_proposal)
{
	struct fixture_result r;
	struct state_fact fact;
	struct fixture f;

	fixture_open(&f, 1);
	r = propose(&f, "h1/admin", "h9", "h9/admin");
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PROPOSAL, "", &r.id, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_GOVERNANCE_PROPOSE);
	ck_assert(base_slice_equal(events_text(events_raw(fact.content, 2), 1), base_slice_text("h9")));
	fixture_close(&f);
}
END_TEST

START_TEST(propose_when_not_administrator_is_denied)
{
	struct fixture f;

	fixture_open(&f, 1);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(propose(&f, "h1/dm", "h9", "h9/admin"), EVENTS_DENIAL_NO_AUTHORITY);
	fixture_close(&f);
}
END_TEST

START_TEST(propose_when_newcomer_is_known_is_denied)
{
	struct fixture f;

	fixture_open(&f, 2);
	ck_denied(propose(&f, "h1/admin", "h2", "h2/other"), EVENTS_DENIAL_EXISTS_ALREADY);
	/* The same key under another name. */
	fixture_person_with(&f, "h9/admin", "h1/admin");
	ck_denied(propose(&f, "h1/admin", "h9", "h9/admin"), EVENTS_DENIAL_EXISTS_ALREADY);
	fixture_close(&f);
}
END_TEST

START_TEST(propose_when_proof_is_bad_is_denied)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct base_hash ledger;
	struct fixture_draft draft;
	struct fixture f;

	fixture_open(&f, 1);
	ck_denied(propose(&f, "h1/admin", "h9", "h8/admin"), EVENTS_DENIAL_BAD_PROOF); /* of another organisation */
	ledger = f.ledger;
	f.ledger.bytes[0] ^= 1;
	fixture_proof(&f, &proof, fixture_person(&f, "h9/admin"), EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR));
	f.ledger = ledger;
	draft = proposal(&f, "h1/admin", "h9", base_buf_slice(&proof));
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_BAD_PROOF); /* for another ledger */
	proof.len = 0;
	fixture_proof(&f, &proof, fixture_person(&f, "h9/admin"), EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR));
	proof.data[proof.len - 1] ^= 1;
	draft = proposal(&f, "h1/admin", "h9", base_buf_slice(&proof));
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_BAD_PROOF); /* its signature */
	draft = proposal(&f, "h1/admin", "h9", base_slice_text("no proof"));
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_BAD_PROOF);
	base_buf_free(&proof);
	fixture_close(&f);
}
END_TEST

START_TEST(vote_when_more_than_half_say_yes_passes_once)
{
	struct fixture_result proposed, r;
	struct state_fact fact;
	struct fixture f;

	fixture_open(&f, 4);
	proposed = propose(&f, "h1/admin", "h9", "h9/admin");
	r = vote(&f, "h1/admin", &proposed.id, true);
	ck_recorded(r, 0);
	ck_assert_str_eq(r.milestone, "");
	ck_assert(fixture_posted(&f, state_term_named(&proposed.id), r.index));
	r = vote(&f, "h2/admin", &proposed.id, false);
	ck_recorded(r, 0);
	r = vote(&f, "h3/admin", &proposed.id, true);
	ck_recorded(r, 0);
	ck_assert_str_eq(r.milestone, ""); /* two of four is not more than half */
	ck_denied(admit(&f, "h1/admin", &proposed.id), EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	r = vote(&f, "h4/admin", &proposed.id, true);
	ck_recorded(r, 0);
	ck_assert_str_eq(r.milestone, "proposal-passed");
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PROPOSAL, "", &proposed.id, &fact), 5);
	ck_assert(events_has(fact.content, 3));
	fixture_close(&f);
}
END_TEST

START_TEST(vote_when_not_entitled_is_denied)
{
	struct base_hash unknown = {{1}};
	struct fixture_result proposed;
	struct fixture f;

	fixture_open(&f, 2);
	proposed = propose(&f, "h1/admin", "h9", "h9/admin");
	ck_denied(vote(&f, "h1/admin", &unknown, true), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/second", EVENTS_ROLE_ADMINISTRATOR), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(vote(&f, "h1/admin", &proposed.id, false), 0);
	ck_denied(vote(&f, "h1/admin", &proposed.id, true), EVENTS_DENIAL_ALREADY_VOTED);
	ck_denied(vote(&f, "h1/second", &proposed.id, true), EVENTS_DENIAL_ALREADY_VOTED); /* one an organisation */
	ck_denied(vote(&f, "h1/dm", &proposed.id, true), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(vote(&f, "h2/admin", &proposed.id, true), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(admit_when_passed_makes_organisation_actor_and_key)
{
	struct fixture_result proposed, r;
	struct state_fact fact;
	struct state_key key;
	struct base_hash kid;
	struct fixture f;

	fixture_open(&f, 1);
	proposed = propose(&f, "h1/admin", "h9", "h9/admin");
	ck_assert_str_eq(vote(&f, "h1/admin", &proposed.id, true).milestone, "proposal-passed");
	r = admit(&f, "h1/admin", &proposed.id);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ORGANISATION, "h9", &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, 2), base_slice_text("DE")));
	ck_assert_uint_eq(events_uint(fact.content, 3), 2);
	ck_assert(events_has(fact.content, 4));
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h9/admin", &fact), 1);
	kid = fixture_kid(fixture_person(&f, "h9/admin"));
	ck_assert_int_eq(state_key_read(&f.view, &kid, &key, NULL), BASE_OK);
	ck_assert_str_eq(key.actor, "h9/admin");
	ck_assert_int_eq(key.status, STATE_KEY_IS_ACTIVE);
	ck_assert_uint_eq(key.since.ms, f.time.ms);
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h9/admin")), r.index));
	/* It acts, with what it asked for and as administrator; and counts. */
	ck_recorded(fixture_enrol(&f, "h9/admin", "h9/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_study(&f, "h9/admin", "s9", "h9", "a", "h9"), 0);
	ck_denied(vote(&f, "h9/admin", &proposed.id, true), EVENTS_DENIAL_WRONG_STATE);
	proposed = propose(&f, "h9/admin", "h10", "h10/admin");
	ck_assert_str_eq(vote(&f, "h9/admin", &proposed.id, true).milestone, ""); /* one of two */
	ck_assert_str_eq(vote(&f, "h1/admin", &proposed.id, true).milestone, "proposal-passed");
	fixture_close(&f);
}
END_TEST

START_TEST(admit_when_impossible_is_denied)
{
	struct base_hash unknown = {{1}};
	struct fixture_result first, second;
	struct fixture f;

	fixture_open(&f, 1);
	first = propose(&f, "h1/admin", "h9", "h9/admin");
	second = propose(&f, "h1/admin", "h9", "h9/other");
	ck_denied(admit(&f, "h1/admin", &unknown), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(admit(&f, "h1/admin", &first.id), EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	ck_recorded(vote(&f, "h1/admin", &first.id, true), 0);
	ck_recorded(vote(&f, "h1/admin", &second.id, true), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(admit(&f, "h1/dm", &first.id), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(admit(&f, "h1/admin", &first.id), 0);
	ck_denied(admit(&f, "h1/admin", &first.id), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(admit(&f, "h1/admin", &second.id), EVENTS_DENIAL_EXISTS_ALREADY); /* h9 is there */
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h9/other", NULL), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(recover_when_administrator_notes_the_loss)
{
	struct base_hash root = {{9}};
	struct fixture_draft draft;
	struct state_fact fact;
	struct fixture f;
	size_t before;

	fixture_open(&f, 1);
	before = fixture_facts(&f, STATE_GOVERNANCE, "", base_slice(NULL, 0), NULL);
	draft = fixture_draft(&f, "h1/admin", EVENTS_GOVERNANCE_RECOVER, NULL);
	wire_put_map(&draft.body, 3);
	put_key_uint(&draft.body, 1, 1);
	put_key_uint(&draft.body, 2, 7);
	wire_put_uint(&draft.body, 3);
	wire_put_hash(&draft.body, &root);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_GOVERNANCE, "", base_slice(NULL, 0), &fact), before + 1);
	ck_assert_uint_eq(fact.kind, EVENTS_GOVERNANCE_RECOVER);
	ck_assert_uint_eq(events_uint(fact.content, 2), 7);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	draft = fixture_draft(&f, "h1/dm", EVENTS_GOVERNANCE_RECOVER, NULL);
	wire_put_map(&draft.body, 3);
	put_key_uint(&draft.body, 1, 1);
	put_key_uint(&draft.body, 2, 7);
	wire_put_uint(&draft.body, 3);
	wire_put_hash(&draft.body, &root);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_AUTHORITY);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		propose_when_administrator_opens_a_proposal,
		propose_when_not_administrator_is_denied,
		propose_when_newcomer_is_known_is_denied,
		propose_when_proof_is_bad_is_denied,
		vote_when_more_than_half_say_yes_passes_once,
		vote_when_not_entitled_is_denied,
		admit_when_passed_makes_organisation_actor_and_key,
		admit_when_impossible_is_denied,
		recover_when_administrator_notes_the_loss,
		NULL,
	};

	return fixture_run("apply_governance", tests);
}
