/* study.* and participant.*: effect on state, every flag and denial. */
#include "tests/state/fixture.h"

#include <stdio.h>

#include <string.h>

static struct fixture_draft amendment(struct fixture *f, const char *by, const char *site, const char *organisation,
				      unsigned times)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_STUDY_AMEND, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, times);
	for (unsigned i = 0; i < times; i++) {
		wire_put_map(&draft.body, 2);
		put_key_text(&draft.body, 1, site);
		put_key_text(&draft.body, 2, organisation);
	}
	put_key_text(&draft.body, 5, "1.1");
	return draft;
}

static struct fixture_result amend(struct fixture *f, const char *by, const char *site, const char *organisation)
{
	struct fixture_draft draft = amendment(f, by, site, organisation, 1);

	return fixture_send(f, &draft);
}

static struct fixture_result close_study(struct fixture *f, const char *by)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_STUDY_CLOSE, "s1");

	wire_put_map(&draft.body, 0);
	return fixture_send(f, &draft);
}

/* ---- study ------------------------------------------------------------------- */

START_TEST(register_when_sponsor_makes_the_study)
{
	struct state_fact fact;
	struct fixture_result r;
	struct fixture f;

	fixture_open(&f, 2);
	r = fixture_study(&f, "h1/admin", "s1", "h1", "a", "h2");
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_STUDY, "s1", base_slice(NULL, 0), &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, 3), base_slice_text("h1")));
	ck_assert(fixture_posted(&f, state_term_study(base_slice_text("s1")), r.index));
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/sponsor", EVENTS_ROLE_SPONSOR), 0);
	ck_recorded(fixture_study(&f, "h2/sponsor", "s2", "h2", "a", "h1"), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(register_when_impossible_is_denied)
{
	struct fixture f;

	fixture_open(&f, 2);
	ck_recorded(fixture_study(&f, "h1/admin", "s1", "h1", "a", "h1"), 0);
	ck_denied(fixture_study(&f, "h2/admin", "s1", "h2", "a", "h2"), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(fixture_study(&f, "h1/admin", "s2", "h7", "a", "h1"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(fixture_study(&f, "h1/admin", "s2", "h1", "a", "h7"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(fixture_study(&f, "h1/admin", "s2", "h2", "a", "h1"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(fixture_study(&f, "h1/dm", "s2", "h1", "a", "h1"), EVENTS_DENIAL_NO_AUTHORITY);
	ck_assert_uint_eq(fixture_facts(&f, STATE_STUDY, "s2", base_slice(NULL, 0), NULL), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(amend_when_sponsor_adds_sites)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_denied(fixture_participant(&f, "h1/admin", "s1", 4, "c"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(amend(&f, "h1/admin", "c", "h1"), 0);
	ck_recorded(fixture_participant(&f, "h1/admin", "s1", 4, "c"), 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_STUDY, "s1", base_slice(NULL, 0), NULL), 2);
	fixture_close(&f);
}
END_TEST

START_TEST(amend_when_impossible_is_denied)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(amend(&f, "h2/admin", "c", "h2"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(amend(&f, "h1/admin", "a", "h1"), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(amend(&f, "h1/admin", "c", "h7"), EVENTS_DENIAL_NO_SUCH_TARGET);
	draft = amendment(&f, "h1/admin", "c", "h1", 2);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(amend(&f, "h1/dm", "c", "h1"), EVENTS_DENIAL_NOT_ASSIGNED);
	draft = amendment(&f, "h1/admin", "c", "h1", 1);
	draft.subject = "s7";
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_STUDY);
	ck_recorded(close_study(&f, "h1/admin"), 0);
	ck_denied(amend(&f, "h1/admin", "c", "h1"), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(amend_when_study_has_a_thousand_sites_is_denied)
{
	struct fixture_draft draft;
	char site[16];
	struct fixture f;

	fixture_ready(&f, 1); /* one site */
	for (unsigned round = 0; round < 16; round++) {
		draft = fixture_draft(&f, "h1/admin", EVENTS_STUDY_AMEND, "s1");
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 4);
		wire_put_array(&draft.body, 64);
		for (unsigned i = 0; i < 64; i++) {
			(void)snprintf(site, sizeof(site), "x%u", round * 64 + i);
			wire_put_map(&draft.body, 2);
			put_key_text(&draft.body, 1, site);
			put_key_text(&draft.body, 2, "h1");
		}
		if (round < 15)
			ck_recorded(fixture_send(&f, &draft), 0);
		else
			ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_TOO_MANY);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(close_when_sponsor_ends_the_study_once)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(close_study(&f, "h2/admin"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(close_study(&f, "h1/admin"), 0);
	ck_denied(close_study(&f, "h1/admin"), EVENTS_DENIAL_WRONG_STATE);
	ck_assert_uint_eq(fixture_facts(&f, STATE_STUDY, "s1", base_slice(NULL, 0), NULL), 3);
	fixture_close(&f);
}
END_TEST

/* ---- committees --------------------------------------------------------------- */

/* Adds site "n" of an organisation, or names committees, or both. NULL: not. */
static struct fixture_result names(struct fixture *f, const char *site_of, const char *first, const char *second)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_STUDY_AMEND, "s1");

	wire_put_map(&draft.body, (site_of != NULL ? 1u : 0u) + (first != NULL ? 1u : 0u));
	if (site_of != NULL) {
		wire_put_uint(&draft.body, 4);
		wire_put_array(&draft.body, 1);
		wire_put_map(&draft.body, 2);
		put_key_text(&draft.body, 1, "n");
		put_key_text(&draft.body, 2, site_of);
	}
	if (first != NULL) {
		wire_put_uint(&draft.body, 8);
		wire_put_array(&draft.body, second != NULL ? 2 : 1);
		wire_put_cstr(&draft.body, first);
		if (second != NULL)
			wire_put_cstr(&draft.body, second);
	}
	return fixture_send(f, &draft);
}

START_TEST(committees_when_named_are_organisations_apart_from_the_study)
{
	struct fixture f;

	fixture_ready(&f, 5);
	ck_denied(fixture_committee(&f, "h2/admin", "s1", "h3"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(names(&f, NULL, "nobody", NULL), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(names(&f, NULL, "h1", NULL), EVENTS_DENIAL_NOT_COMPETENT); /* the sponsor */
	ck_denied(names(&f, NULL, "h3", "h2"), EVENTS_DENIAL_NOT_COMPETENT); /* who runs a site */
	ck_denied(names(&f, "h3", "h3", NULL), EVENTS_DENIAL_NOT_COMPETENT); /* and will, with this event */
	ck_denied(names(&f, NULL, "h3", "h3"), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_recorded(names(&f, "h5", "h3", "h4"), 0);
	ck_denied(names(&f, NULL, "h4", NULL), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(names(&f, "h4", NULL, NULL), EVENTS_DENIAL_NOT_COMPETENT); /* a committee does not become a site */
	fixture_close(&f);
}
END_TEST

START_TEST(committees_when_a_study_has_sixteen_are_denied)
{
	char code[16];
	struct fixture f;

	fixture_open(&f, 18);
	ck_recorded(fixture_study(&f, "h1/admin", "s1", "h1", "a", "h1"), 0);
	for (unsigned i = 2; i <= 17; i++) {
		(void)snprintf(code, sizeof(code), "h%u", i);
		ck_recorded(fixture_committee(&f, "h1/admin", "s1", code), 0);
	}
	ck_denied(fixture_committee(&f, "h1/admin", "s1", "h18"), EVENTS_DENIAL_TOO_MANY);
	fixture_close(&f);
}
END_TEST

/* ---- participant ------------------------------------------------------------- */

START_TEST(enrol_when_site_is_own_makes_the_participant)
{
	struct base_hash reference = fixture_reference(4);
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_participant(&f, "h2/admin", "s1", 4, "b"), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &reference, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_PARTICIPANT_ENROL);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h2")));
	ck_assert(base_slice_equal(events_text(fact.content, 2), base_slice_text("b")));
	ck_assert_uint_eq(fixture_head(&f, "s1", 4), 1);
	fixture_close(&f);
}
END_TEST

START_TEST(enrol_when_impossible_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(fixture_participant(&f, "h1/admin", "s7", 4, "a"), EVENTS_DENIAL_NO_SUCH_STUDY);
	ck_denied(fixture_participant(&f, "h1/admin", "s1", 4, "z"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(fixture_participant(&f, "h1/admin", "s1", 4, "b"), EVENTS_DENIAL_OTHER_ORGANISATION); /* site of h2 */
	ck_denied(fixture_participant(&f, "h2/admin", "s1", 1, "b"),
		  EVENTS_DENIAL_OTHER_ORGANISATION); /* participant of h1 */
	ck_denied(fixture_participant(&f, "h1/admin", "s1", 1, "a"), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_assert_uint_eq(fixture_head(&f, "s1", 4), 0); /* nobody's: no trail begins by a denial */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2); /* the own organisation's attempt, not the other's */
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_MONITOR), 0);
	ck_denied(fixture_participant(&f, "h1/eve", "s1", 4, "a"), EVENTS_DENIAL_NOT_ASSIGNED);
	fixture_close(&f);
}
END_TEST

START_TEST(enrol_when_study_is_closed_is_flagged)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(close_study(&f, "h1/admin"), 0);
	ck_recorded(fixture_participant(&f, "h1/admin", "s1", 4, "a"), FLAG(STUDY_CLOSED));
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		register_when_sponsor_makes_the_study,
		register_when_impossible_is_denied,
		amend_when_sponsor_adds_sites,
		amend_when_impossible_is_denied,
		amend_when_study_has_a_thousand_sites_is_denied,
		close_when_sponsor_ends_the_study_once,
		committees_when_named_are_organisations_apart_from_the_study,
		committees_when_a_study_has_sixteen_are_denied,
		enrol_when_site_is_own_makes_the_participant,
		enrol_when_impossible_is_denied,
		enrol_when_study_is_closed_is_flagged,
		NULL,
	};

	return fixture_run("apply_study", tests);
}
