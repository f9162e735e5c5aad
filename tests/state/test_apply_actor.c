/* actor.*: effect on state, every flag, denial and refusal. */
#include "tests/state/fixture.h"

#include <string.h>

#define NOW FIXTURE_TIME
#define DAY UINT64_C(86400000)

static struct state_key key_of(struct fixture *f, const struct fixture_person *person)
{
	struct base_hash kid = fixture_kid(person);
	struct state_key key;

	ck_assert_int_eq(state_key_read(&f->view, &kid, &key, NULL), BASE_OK);
	return key;
}

/* ---- enrol ------------------------------------------------------------------- */

static struct fixture_draft enrolment(struct fixture *f, const char *by, const char *actor, struct base_slice proof)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ACTOR_ENROL, NULL);

	wire_put_map(&draft.body, 3);
	put_key_text(&draft.body, 1, actor);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 2);
	wire_put_uint(&draft.body, EVENTS_ROLE_DATA_MANAGER);
	wire_put_uint(&draft.body, EVENTS_ROLE_MONITOR);
	wire_put_uint(&draft.body, 3);
	wire_put_bytes(&draft.body, proof);
	return draft;
}

START_TEST(enrol_when_administrator_makes_actor_and_key)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct fixture_person *person;
	struct fixture_draft draft;
	struct fixture_result r;
	struct state_fact fact;
	struct wire_reader roles;
	struct state_key key;
	struct fixture f;

	fixture_open(&f, 1);
	person = fixture_person(&f, "h1/dm");
	fixture_proof(&f, &proof, person, EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER));
	draft = enrolment(&f, "h1/admin", "h1/dm", base_buf_slice(&proof));
	r = fixture_send(&f, &draft);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/dm", &fact), 1);
	ck_assert(events_find(fact.content, 1, &roles));
	ck_assert_uint_eq(wire_get_array(&roles), 2);
	ck_assert_uint_eq(wire_get_uint(&roles), EVENTS_ROLE_DATA_MANAGER);
	key = key_of(&f, person);
	ck_assert_int_eq(key.status, STATE_KEY_IS_ACTIVE);
	ck_assert(!key.has_predecessor && !key.suspect);
	ck_assert_mem_eq(key.seal.bytes, keys_private_public(person->seal)->bytes, 32);
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h1/dm")), r.index));
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h1/admin")), r.index));
	base_buf_free(&proof);
	fixture_close(&f);
}
END_TEST

START_TEST(enrol_when_impossible_is_denied)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct fixture_draft draft;
	struct fixture f;

	fixture_open(&f, 2);
	ck_denied(fixture_enrol(&f, "h1/admin", "h2/dm", EVENTS_ROLE_DATA_MANAGER), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), EVENTS_DENIAL_EXISTS_ALREADY);
	fixture_person_with(&f, "h1/other", "h1/dm"); /* the same key */
	ck_denied(fixture_enrol(&f, "h1/admin", "h1/other", EVENTS_ROLE_DATA_MANAGER), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(fixture_enrol(&f, "h1/dm", "h1/third", EVENTS_ROLE_DATA_MANAGER), EVENTS_DENIAL_NO_AUTHORITY);
	fixture_proof(&f, &proof, fixture_person(&f, "h1/third"), EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER));
	draft = enrolment(&f, "h1/admin", "h1/fourth", base_buf_slice(&proof)); /* for another actor */
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_BAD_PROOF);
	proof.data[proof.len - 1] ^= 1;
	draft = enrolment(&f, "h1/admin", "h1/third", base_buf_slice(&proof));
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_BAD_PROOF);
	proof.len = 0;
	f.ledger.bytes[0] ^= 1;
	fixture_proof(&f, &proof, fixture_person(&f, "h1/third"), EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER));
	f.ledger.bytes[0] ^= 1;
	draft = enrolment(&f, "h1/admin", "h1/third", base_buf_slice(&proof)); /* for another ledger */
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_BAD_PROOF);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/third", NULL), 0);
	base_buf_free(&proof);
	fixture_close(&f);
}
END_TEST

START_TEST(enrol_when_in_the_same_block_may_sign_at_once)
{
	struct base_buf proof = BASE_BUF_INIT, events[2] = {BASE_BUF_INIT, BASE_BUF_INIT};
	struct fixture_result results[2];
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	fixture_proof(&f, &proof, fixture_person(&f, "h1/dm"), EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER));
	draft = enrolment(&f, "h1/admin", "h1/dm", base_buf_slice(&proof));
	fixture_sign(&draft, &events[0]);
	draft = fixture_draft(&f, "h1/dm", EVENTS_DATA_SUBMIT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 1, 1);
	fixture_sign(&draft, &events[1]);
	fixture_block(&f, events, 2, results);
	ck_recorded(results[0], 0);
	ck_recorded(results[1], 0);
	base_buf_free(&proof);
	base_buf_free(&events[0]);
	base_buf_free(&events[1]);
	fixture_close(&f);
}
END_TEST

/* ---- assign ------------------------------------------------------------------ */

START_TEST(assign_when_in_force_gives_the_role)
{
	struct state_fact fact;
	struct fixture_result r;
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/nurse", EVENTS_ROLE_ARCHIVE), 0);
	ck_denied(fixture_submit(&f, "h1/nurse", "s1", 1, 1), EVENTS_DENIAL_NOT_ASSIGNED);
	r = fixture_assign(&f, "h1/admin", "h1/nurse", "s1", "a", EVENTS_ROLE_DELEGATE, NOW, 0);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/nurse", &fact), 2);
	ck_assert_uint_eq(fact.kind, EVENTS_ACTOR_ASSIGN);
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h1/nurse")), r.index));
	ck_assert(fixture_posted(&f, state_term_study(base_slice_text("s1")), r.index));
	ck_recorded(fixture_submit(&f, "h1/nurse", "s1", 1, 1), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(assign_when_not_yet_or_no_longer_in_force_gives_nothing)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/nurse", EVENTS_ROLE_ARCHIVE), 0);
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/nurse", "s1", "a", EVENTS_ROLE_DELEGATE, NOW + DAY, 0), 0);
	ck_denied(fixture_submit(&f, "h1/nurse", "s1", 1, 1), EVENTS_DENIAL_NOT_ASSIGNED);
	f.time.ms = NOW + DAY - 1000; /* the next block is at its beginning */
	ck_recorded(fixture_submit(&f, "h1/nurse", "s1", 1, 1), 0);
	/* Ended by another assignment with an end. */
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/nurse", "s1", "a", EVENTS_ROLE_DELEGATE, NOW, NOW + 2 * DAY), 0);
	f.time.ms = NOW + 2 * DAY - 2000;
	ck_recorded(fixture_submit(&f, "h1/nurse", "s1", 2, 1), 0);
	ck_denied(fixture_submit(&f, "h1/nurse", "s1", 3, 1), EVENTS_DENIAL_NOT_ASSIGNED);
	fixture_close(&f);
}
END_TEST

START_TEST(assign_when_investigator_delegates_at_own_site_only)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/doctor", EVENTS_ROLE_ARCHIVE), 0);
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/nurse", EVENTS_ROLE_ARCHIVE), 0);
	ck_denied(fixture_assign(&f, "h2/doctor", "h2/nurse", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(fixture_assign(&f, "h2/admin", "h2/doctor", "s1", "b", EVENTS_ROLE_INVESTIGATOR, NOW, 0), 0);
	ck_recorded(fixture_assign(&f, "h2/doctor", "h2/nurse", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0), 0);
	ck_denied(fixture_assign(&f, "h2/doctor", "h2/nurse", "s1", "a", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(fixture_assign(&f, "h2/doctor", "h2/nurse", "s1", "b", EVENTS_ROLE_MONITOR, NOW, 0),
		  EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(fixture_assign(&f, "h2/doctor", "h1/admin", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(fixture_assign(&f, "h2/nurse", "h2/doctor", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_AUTHORITY);
	fixture_close(&f);
}
END_TEST

START_TEST(assign_when_sponsor_or_stranger_asks)
{
	struct fixture f;

	fixture_ready(&f, 3);
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/nurse", EVENTS_ROLE_ARCHIVE), 0);
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/nurse", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		    0); /* the sponsor's */
	/* A site's administrator gives its staff nothing that reaches other organisations' data. */
	ck_recorded(fixture_assign(&f, "h2/admin", "h2/nurse", "s1", "b", EVENTS_ROLE_INVESTIGATOR, NOW, 0), 0);
	for (enum events_role role = EVENTS_ROLE_SPONSOR; role <= EVENTS_ROLE_SYSTEM; role++) {
		static const enum events_role reaching[] = {
			EVENTS_ROLE_SPONSOR, EVENTS_ROLE_INSPECTOR, EVENTS_ROLE_DATA_PROTECTION_OFFICER,
			EVENTS_ROLE_DATA_ACCESS_COMMITTEE, EVENTS_ROLE_ETHICS_COMMITTEE, EVENTS_ROLE_ACCESS_BODY,
			EVENTS_ROLE_LINKAGE_SERVICE, EVENTS_ROLE_UNBLINDED_STAFF,
		};
		bool reaches = false;

		for (size_t i = 0; i < sizeof(reaching) / sizeof(reaching[0]); i++)
			reaches = reaches || reaching[i] == role;
		if (reaches)
			ck_denied(fixture_assign(&f, "h2/admin", "h2/nurse", "s1", "b", role, NOW, 0),
				  EVENTS_DENIAL_OTHER_ORGANISATION);
		else
			ck_recorded(fixture_assign(&f, "h2/admin", "h2/nurse", "s1", "b", role, NOW, 0), 0);
		ck_recorded(fixture_assign(&f, "h1/admin", "h2/nurse", "s1", "b", role, NOW, 0), 0);
	}
	/* Nobody's administrator assigns own staff into a site that another organisation runs. */
	ck_denied(fixture_assign(&f, "h2/admin", "h2/nurse", "s1", "a", EVENTS_ROLE_INVESTIGATOR, NOW, 0),
		  EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(fixture_assign(&f, "h3/admin", "h2/nurse", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(fixture_assign(&f, "h1/admin", "h2/nurse", "s7", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_SUCH_STUDY);
	ck_denied(fixture_assign(&f, "h1/admin", "h2/nurse", "s1", "z", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(fixture_assign(&f, "h1/admin", "h2/nobody", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	fixture_close(&f);
}
END_TEST

START_TEST(assign_when_actor_has_too_many_is_denied)
{
	enum { MAX = 4096 };
	struct base_buf *events = base_alloc((MAX + 1) * sizeof(*events));
	struct fixture_result *results = base_alloc((MAX + 1) * sizeof(*results));
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/nurse", EVENTS_ROLE_ARCHIVE), 0);
	for (unsigned i = 0; i <= MAX; i++) {
		struct fixture_draft draft = fixture_draft(&f, "h1/admin", EVENTS_ACTOR_ASSIGN, NULL);

		wire_put_map(&draft.body, 5);
		put_key_text(&draft.body, 1, "h1/nurse");
		put_key_text(&draft.body, 2, "s1");
		put_key_text(&draft.body, 3, "a");
		put_key_uint(&draft.body, 4, EVENTS_ROLE_DELEGATE);
		wire_put_uint(&draft.body, 5);
		put_point(&draft.body, NOW + i);
		fixture_sign(&draft, &events[i]);
	}
	fixture_block(&f, events, MAX + 1, results);
	for (unsigned i = 0; i < MAX; i++)
		ck_recorded(results[i], 0);
	ck_denied(results[MAX], EVENTS_DENIAL_TOO_MANY);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/nurse", NULL), MAX + 1); /* 65 chunks */
	/* And it is read back. */
	state_cache_close(f.cache);
	f.cache = NULL;
	ck_recorded(fixture_submit(&f, "h1/nurse", "s1", 1, 1), 0);
	for (unsigned i = 0; i <= MAX; i++)
		base_buf_free(&events[i]);
	free(events);
	free(results);
	fixture_close(&f);
}
END_TEST

START_TEST(assign_when_sponsors_have_used_up_their_half_leaves_the_other_to_the_own)
{
	enum { MAX = 2048 };
	struct base_buf *events = base_alloc((MAX + 1) * sizeof(*events));
	struct fixture_result *results = base_alloc((MAX + 1) * sizeof(*results));
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/nurse", EVENTS_ROLE_ARCHIVE), 0);
	for (unsigned i = 0; i <= MAX; i++) {
		struct fixture_draft draft = fixture_draft(&f, "h1/admin", EVENTS_ACTOR_ASSIGN, NULL);

		wire_put_map(&draft.body, 5);
		put_key_text(&draft.body, 1, "h2/nurse");
		put_key_text(&draft.body, 2, "s1");
		put_key_text(&draft.body, 3, "b");
		put_key_uint(&draft.body, 4, EVENTS_ROLE_DELEGATE);
		wire_put_uint(&draft.body, 5);
		put_point(&draft.body, NOW + i);
		fixture_sign(&draft, &events[i]);
	}
	fixture_block(&f, events, MAX + 1, results);
	ck_recorded(results[MAX - 1], 0);
	ck_denied(results[MAX], EVENTS_DENIAL_TOO_MANY);
	ck_recorded(fixture_assign(&f, "h2/admin", "h2/nurse", "s1", "b", EVENTS_ROLE_DELEGATE, NOW, 0), 0);
	for (unsigned i = 0; i <= MAX; i++)
		base_buf_free(&events[i]);
	free(events);
	free(results);
	fixture_close(&f);
}
END_TEST

START_TEST(assign_when_a_committees_actor_would_be_custodian_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 3);
	ck_recorded(fixture_enrol(&f, "h3/admin", "h3/sec", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	ck_recorded(fixture_assign(&f, "h1/admin", "h3/sec", "s1", "a", EVENTS_ROLE_CUSTODIAN, NOW, 0), 0);
	ck_recorded(fixture_committee(&f, "h1/admin", "s1", "h3"), 0);
	ck_denied(fixture_assign(&f, "h1/admin", "h3/sec", "s1", "a", EVENTS_ROLE_CUSTODIAN, NOW, 0), EVENTS_DENIAL_NOT_COMPETENT);
	fixture_close(&f);
}
END_TEST

/* ---- rotate ------------------------------------------------------------------ */

/* by signs that its key is replaced by next's; counter: who countersigns, or NULL. */
static struct fixture_draft rotation(struct fixture *f, struct fixture_person *by, const struct fixture_person *next,
				     const char *counter)
{
	struct fixture_draft draft = fixture_draft(f, by->name, EVENTS_ACTOR_ROTATE, NULL);
	struct base_buf proof = BASE_BUF_INIT, countersignature = BASE_BUF_INIT;

	draft.by->sequence--;
	draft.by = by; /* which may be a later key of the same name */
	draft.envelope.sequence = ++by->sequence;
	fixture_proof(f, &proof, next, EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER));
	wire_put_map(&draft.body, counter == NULL ? 2 : 3);
	put_key_text(&draft.body, 1, by->name);
	wire_put_uint(&draft.body, 2);
	wire_put_bytes(&draft.body, base_buf_slice(&proof));
	if (counter != NULL) {
		ck_assert_int_eq(events_countersign(&countersignature, base_buf_slice(&proof), &f->ledger, counter,
						    fixture_person(f, counter)->sign, NULL),
				 BASE_OK);
		wire_put_uint(&draft.body, 3);
		wire_put_bytes(&draft.body, base_buf_slice(&countersignature));
	}
	base_buf_free(&proof);
	base_buf_free(&countersignature);
	return draft;
}

static struct fixture_result rotate(struct fixture *f, struct fixture_person *by, const struct fixture_person *next,
				    const char *counter)
{
	struct fixture_draft draft = rotation(f, by, next, counter);

	return fixture_send(f, &draft);
}

static struct fixture_result submit_by(struct fixture *f, struct fixture_person *by, uint64_t cid)
{
	struct fixture_draft draft = fixture_draft(f, by->name, EVENTS_DATA_SUBMIT, "s1");

	draft.by->sequence--;
	draft.by = by;
	draft.envelope.sequence = ++by->sequence;
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, 1);
	return fixture_send(f, &draft);
}

START_TEST(rotate_when_countersigned_replaces_the_key)
{
	struct fixture_person *old, *new;
	struct base_hash old_kid, new_kid;
	struct state_key key;
	struct fixture f;

	fixture_ready(&f, 1);
	old = fixture_person(&f, "h1/dm");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	new = fixture_person_with(&f, "h1/dm", "second");
	old_kid = fixture_kid(old);
	new_kid = fixture_kid(new);
	ck_recorded(rotate(&f, old, new, "h1/admin"), 0);
	key = key_of(&f, old);
	ck_assert_int_eq(key.status, STATE_KEY_IS_ROTATED);
	ck_assert(key.has_successor && base_hash_equal(&key.successor, &new_kid));
	key = key_of(&f, new);
	ck_assert_int_eq(key.status, STATE_KEY_IS_ACTIVE);
	ck_assert(key.has_predecessor && base_hash_equal(&key.predecessor, &old_kid));
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/dm", NULL), 2);
	ck_refused(submit_by(&f, old, 1), "replaced");
	ck_recorded(submit_by(&f, new, 1), 0); /* sequence 1: the window is the key's own */
	fixture_close(&f);
}
END_TEST

START_TEST(rotate_when_not_vouched_for_is_denied)
{
	struct fixture_person *old, *new;
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 2);
	old = fixture_person(&f, "h1/dm");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/peer", EVENTS_ROLE_DATA_MANAGER), 0);
	new = fixture_person_with(&f, "h1/dm", "second");
	ck_denied(rotate(&f, old, new, NULL), EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(rotate(&f, old, new, "h1/peer"), EVENTS_DENIAL_BAD_PROOF);  /* no administrator */
	ck_denied(rotate(&f, old, new, "h2/admin"), EVENTS_DENIAL_BAD_PROOF); /* of another organisation */
	ck_denied(rotate(&f, old, new, "h1/dm"), EVENTS_DENIAL_BAD_PROOF);    /* itself */
	ck_denied(rotate(&f, old, new, "h1/nobody"), EVENTS_DENIAL_BAD_PROOF);
	ck_denied(rotate(&f, old, fixture_person(&f, "h1/peer"), "h1/admin"),
		  EVENTS_DENIAL_BAD_PROOF); /* another actor's proof */
	ck_denied(rotate(&f, old, old, "h1/admin"), EVENTS_DENIAL_EXISTS_ALREADY);
	draft = rotation(&f, old, new, "h1/admin");
	draft.by = fixture_person(&f, "h1/peer"); /* signs for somebody else */
	draft.envelope.sequence = ++draft.by->sequence;
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_AUTHORITY);
	ck_assert_int_eq(key_of(&f, old).status, STATE_KEY_IS_ACTIVE);
	ck_recorded(submit_by(&f, old, 1), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(rotate_when_countersignature_is_of_a_revoked_key_is_denied)
{
	struct fixture_person *old, *new, *second;
	struct fixture_draft draft;
	struct base_hash kid;
	struct fixture f;

	fixture_ready(&f, 1);
	old = fixture_person(&f, "h1/dm");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/second", EVENTS_ROLE_ADMINISTRATOR), 0);
	second = fixture_person(&f, "h1/second");
	new = fixture_person_with(&f, "h1/dm", "second");
	kid = fixture_kid(second);
	draft = fixture_draft(&f, "h1/admin", EVENTS_ACTOR_REVOKE, NULL);
	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, "h1/second");
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &kid);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_denied(rotate(&f, old, new, "h1/second"), EVENTS_DENIAL_BAD_PROOF);
	ck_recorded(rotate(&f, old, new, "h1/admin"), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(rotate_when_administrator_is_alone_is_flagged)
{
	struct fixture_person *new;
	struct fixture f;

	fixture_open(&f, 1);
	new = fixture_person_with(&f, "h1/admin", "second");
	ck_recorded(rotate(&f, fixture_person(&f, "h1/admin"), new, NULL), FLAG(KEY_SUSPECT));
	ck_assert(!key_of(&f, new).suspect); /* of the rotation, not of what the key will sign */
	fixture_close(&f);
}
END_TEST

START_TEST(rotate_when_administrator_has_others_needs_one_of_them)
{
	struct fixture_person *new;
	struct fixture f;

	fixture_open(&f, 2);
	new = fixture_person_with(&f, "h1/admin", "second");
	ck_denied(rotate(&f, fixture_person(&f, "h1/admin"), new, NULL), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(rotate(&f, fixture_person(&f, "h1/admin"), new, "h2/admin"), 0); /* of any organisation */
	fixture_close(&f);
}
END_TEST

/* ---- revoke ------------------------------------------------------------------ */

/* since 0: not compromised. */
static struct fixture_result revoke(struct fixture *f, struct fixture_person *by, const struct fixture_person *whose,
				    uint64_t since)
{
	struct fixture_draft draft = fixture_draft(f, by->name, EVENTS_ACTOR_REVOKE, NULL);
	struct base_hash kid = fixture_kid(whose);

	draft.by->sequence--;
	draft.by = by;
	draft.envelope.sequence = ++by->sequence;
	wire_put_map(&draft.body, since == 0 ? 2 : 3);
	put_key_text(&draft.body, 1, whose->name);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &kid);
	if (since != 0) {
		wire_put_uint(&draft.body, 3);
		put_point(&draft.body, since);
	}
	return fixture_send(f, &draft);
}

START_TEST(revoke_when_administrator_ends_the_key)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct fixture_person *dm, *admin;
	struct fixture_draft draft;
	struct fixture_result before, again;
	struct state_key key;
	struct fixture f;

	fixture_ready(&f, 1);
	dm = fixture_person(&f, "h1/dm");
	admin = fixture_person(&f, "h1/admin");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	draft = fixture_draft(&f, "h1/dm", EVENTS_DATA_SUBMIT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 1, 1);
	fixture_sign(&draft, &bytes);
	before = fixture_bytes(&f, base_buf_slice(&bytes));
	ck_recorded(before, 0);
	ck_recorded(revoke(&f, admin, dm, NOW - DAY), 0);
	key = key_of(&f, dm);
	ck_assert_int_eq(key.status, STATE_KEY_IS_REVOKED);
	ck_assert(key.has_compromised);
	ck_assert_uint_eq(key.compromised.utc_ms, NOW - DAY);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/dm", NULL), 2);
	ck_refused(submit_by(&f, dm, 2), "revoked");
	/* What was entered before still has its receipt. */
	again = fixture_bytes(&f, base_buf_slice(&bytes));
	ck_assert_int_eq(again.code, BASE_EXISTS);
	ck_assert_uint_eq(again.index, before.index);
	base_buf_free(&bytes);
	fixture_close(&f);
}
END_TEST

START_TEST(revoke_when_actor_ends_its_own_key)
{
	struct fixture_person *dm;
	struct fixture f;

	fixture_ready(&f, 1);
	dm = fixture_person(&f, "h1/dm");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(revoke(&f, dm, dm, 0), 0);
	ck_refused(revoke(&f, dm, dm, 0), "revoked");
	fixture_close(&f);
}
END_TEST

START_TEST(revoke_when_not_entitled_or_not_there_is_denied)
{
	struct fixture_person *dm, *peer, *admin, *other, wrong;
	struct fixture f;

	fixture_ready(&f, 2);
	dm = fixture_person(&f, "h1/dm");
	peer = fixture_person(&f, "h1/peer");
	admin = fixture_person(&f, "h1/admin");
	other = fixture_person(&f, "h2/admin");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/peer", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(revoke(&f, peer, dm, 0), EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(revoke(&f, other, dm, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(revoke(&f, admin, fixture_person(&f, "h1/nobody"), 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	wrong = *dm;
	(void)snprintf(wrong.name, sizeof(wrong.name), "h1/peer"); /* not this actor's key */
	ck_denied(revoke(&f, admin, &wrong, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_assert_int_eq(key_of(&f, dm).status, STATE_KEY_IS_ACTIVE);
	fixture_close(&f);
}
END_TEST

START_TEST(revoke_when_again_may_only_move_compromise_back)
{
	struct fixture_person *dm, *admin;
	struct fixture f;

	fixture_ready(&f, 1);
	dm = fixture_person(&f, "h1/dm");
	admin = fixture_person(&f, "h1/admin");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(revoke(&f, admin, dm, 0), 0);
	ck_denied(revoke(&f, admin, dm, 0), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(revoke(&f, admin, dm, NOW), 0);
	ck_denied(revoke(&f, admin, dm, NOW), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(revoke(&f, admin, dm, NOW + 1), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(revoke(&f, admin, dm, NOW - 1), 0);
	ck_assert_uint_eq(key_of(&f, dm).compromised.utc_ms, NOW - 1);
	fixture_close(&f);
}
END_TEST

START_TEST(revoke_when_replaced_key_asks_reaches_successors_only)
{
	struct fixture_person *first, *second, *third, *peer;
	struct fixture f;

	fixture_ready(&f, 1);
	first = fixture_person(&f, "h1/dm");
	peer = fixture_person(&f, "h1/peer");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/peer", EVENTS_ROLE_DATA_MANAGER), 0);
	second = fixture_person_with(&f, "h1/dm", "second");
	third = fixture_person_with(&f, "h1/dm", "third");
	ck_recorded(rotate(&f, first, second, "h1/admin"), 0);
	ck_recorded(rotate(&f, second, third, "h1/admin"), 0);
	ck_refused(revoke(&f, first, first, 0), "replaced");
	ck_refused(revoke(&f, first, peer, 0), "replaced");
	ck_refused(revoke(&f, second, first, 0), "replaced");
	ck_recorded(revoke(&f, first, third, 0), 0);
	ck_refused(submit_by(&f, third, 1), "revoked");
	ck_recorded(revoke(&f, first, second, 0), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(revoke_when_compromised_before_rotation_makes_successors_suspect)
{
	struct fixture_person *first, *second, *third, *fourth, *admin;
	struct fixture f;

	fixture_ready(&f, 1);
	admin = fixture_person(&f, "h1/admin");
	first = fixture_person(&f, "h1/dm");
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	second = fixture_person_with(&f, "h1/dm", "second");
	third = fixture_person_with(&f, "h1/dm", "third");
	fourth = fixture_person_with(&f, "h1/dm", "fourth");
	ck_recorded(rotate(&f, first, second, "h1/admin"), 0);
	ck_recorded(rotate(&f, second, third, "h1/admin"), 0);
	ck_recorded(revoke(&f, admin, first, f.time.ms), 0); /* after it was replaced: nothing */
	ck_recorded(submit_by(&f, third, 1), 0);
	ck_recorded(revoke(&f, admin, first, NOW), 0);
	ck_assert(key_of(&f, second).suspect && key_of(&f, third).suspect);
	ck_assert_int_eq(key_of(&f, third).status, STATE_KEY_IS_ACTIVE);
	ck_recorded(submit_by(&f, third, 2), FLAG(KEY_SUSPECT));
	/* And what follows a suspect key. */
	ck_recorded(rotate(&f, third, fourth, "h1/admin"), FLAG(KEY_SUSPECT));
	ck_recorded(submit_by(&f, fourth, 3), FLAG(KEY_SUSPECT));
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		enrol_when_administrator_makes_actor_and_key,
		enrol_when_impossible_is_denied,
		enrol_when_in_the_same_block_may_sign_at_once,
		assign_when_in_force_gives_the_role,
		assign_when_not_yet_or_no_longer_in_force_gives_nothing,
		assign_when_investigator_delegates_at_own_site_only,
		assign_when_sponsor_or_stranger_asks,
		assign_when_actor_has_too_many_is_denied,
		assign_when_sponsors_have_used_up_their_half_leaves_the_other_to_the_own,
		assign_when_a_committees_actor_would_be_custodian_is_denied,
		rotate_when_countersigned_replaces_the_key,
		rotate_when_not_vouched_for_is_denied,
		rotate_when_countersignature_is_of_a_revoked_key_is_denied,
		rotate_when_administrator_is_alone_is_flagged,
		rotate_when_administrator_has_others_needs_one_of_them,
		revoke_when_administrator_ends_the_key,
		revoke_when_actor_ends_its_own_key,
		revoke_when_not_entitled_or_not_there_is_denied,
		revoke_when_again_may_only_move_compromise_back,
		revoke_when_replaced_key_asks_reaches_successors_only,
		revoke_when_compromised_before_rotation_makes_successors_suspect,
		NULL,
	};

	return fixture_run("apply_actor", tests);
}
