/* agreement.*: effect on state, every flag and denial. */
#include "tests/state/fixture.h"

#include <string.h>

static void put_parties(struct base_buf *out, const char *a, const char *b)
{
	wire_put_uint(out, 1);
	wire_put_array(out, 2);
	wire_put_cstr(out, a);
	wire_put_cstr(out, b);
}

struct terms {
	const char *a, *b;
	uint64_t from, to; /* to 0: none */
	bool document, sealed;
};

static struct fixture_result record(struct fixture *f, const char *by, const struct terms *terms)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_AGREEMENT_RECORD, "s1");
	struct wire_cid address = fixture_cid(5);
	struct base_hash commitment = fixture_reference(9);
	struct base_buf list = BASE_BUF_INIT;
	struct fixture_result result;
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &address);
	wire_put_map(&draft.body, 3u + (terms->to != 0) + terms->document);
	put_parties(&draft.body, terms->a, terms->b);
	wire_put_uint(&draft.body, 2);
	put_point(&draft.body, terms->from);
	if (terms->to != 0) {
		wire_put_uint(&draft.body, 3);
		put_point(&draft.body, terms->to);
	}
	put_key_uint(&draft.body, 4, 3);
	if (terms->document) {
		wire_put_uint(&draft.body, 7);
		wire_put_bytes(&draft.body, base_slice(bytes, sizeof(bytes)));
	}
	if (terms->sealed) {
		wire_put_array(&list, 1);
		wire_put_array(&list, 2);
		wire_put_bytes(&list, base_slice(bytes, sizeof(bytes)));
		wire_put_hash(&list, &commitment);
		draft.envelope.sealed = base_buf_slice(&list);
	}
	result = fixture_send(f, &draft);
	base_buf_free(&list);
	return result;
}

static struct fixture_result end(struct fixture *f, const char *by, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_AGREEMENT_END, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	return fixture_send(f, &draft);
}

static struct fixture_result transfer(struct fixture *f, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_PARTICIPANT_TRANSFER, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_text(&draft.body, 2, "b");
	return fixture_send(f, &draft);
}

static const struct terms usual = {"h1", "h2", FIXTURE_TIME, 0, false, false};

START_TEST(agreement_when_in_force_covers_transfers)
{
	struct fixture_result r;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	r = record(&f, "h1/admin", &usual);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_AGREEMENT, "s1", base_slice(NULL, 0), &fact), 1);
	ck_assert_uint_eq(events_uint(events_raw(fact.content, 2), 4), 3);
	ck_recorded(transfer(&f, 1), 0);
	ck_denied(end(&f, "h1/admin", &(struct base_hash){{1}}), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(end(&f, "h2/admin", &r.id), 0);
	ck_recorded(transfer(&f, 2), FLAG(NO_AGREEMENT));
	ck_denied(end(&f, "h1/admin", &r.id), EVENTS_DENIAL_WRONG_STATE);
	ck_assert_uint_eq(fixture_facts(&f, STATE_AGREEMENT, "s1", base_slice(NULL, 0), NULL), 2);
	fixture_close(&f);
}
END_TEST

START_TEST(agreement_when_odd_is_flagged_or_denied)
{
	struct terms terms = usual;
	struct fixture_result r;
	struct fixture f;

	fixture_ready(&f, 3);
	terms.b = "h9";
	ck_denied(record(&f, "h1/admin", &terms), EVENTS_DENIAL_NO_SUCH_TARGET);
	terms.b = "h2";
	ck_denied(record(&f, "h3/admin", &terms), EVENTS_DENIAL_OTHER_ORGANISATION);
	terms.b = "h3";
	ck_denied(record(&f, "h3/admin", &terms), EVENTS_DENIAL_OTHER_ORGANISATION); /* a party, but not of the study */
	terms.b = "h2";
	terms.to = FIXTURE_TIME - 1;
	ck_recorded(record(&f, "h1/admin", &terms), FLAG(NEVER_IN_FORCE));
	ck_recorded(transfer(&f, 1), FLAG(NO_AGREEMENT));
	terms = usual;
	terms.document = true;
	ck_denied(record(&f, "h1/admin", &terms), EVENTS_DENIAL_NOT_SEALED);
	terms.sealed = true;
	r = record(&f, "h1/admin", &terms);
	ck_recorded(r, 0);
	ck_denied(end(&f, "h3/admin", &r.id), EVENTS_DENIAL_OTHER_ORGANISATION);
	terms = (struct terms){"h2", "h3", FIXTURE_TIME, 0, false, false};
	r = record(&f, "h1/admin", &terms); /* the study's sponsor, for others */
	ck_recorded(r, 0);
	ck_recorded(end(&f, "h3/admin", &r.id), 0); /* which a party ends, of the study or not */
	fixture_close(&f);
}
END_TEST

START_TEST(agreement_when_a_study_has_too_many_facts_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 2);
	for (unsigned i = 0; i < 256; i++)
		ck_recorded(record(&f, "h1/admin", &usual), 0);
	ck_denied(record(&f, "h1/admin", &usual), EVENTS_DENIAL_TOO_MANY);
	fixture_close(&f);
}
END_TEST

/* ---- The pure question --------------------------------------------------------------- */

static struct state_fact make_fact(struct base_buf *out, uint64_t index, uint64_t at)
{
	return (struct state_fact){index, {at}, {EVENTS_POINT, at, true, 0}, 0, base_buf_slice(out)};
}

START_TEST(agreement_when_asked_for_a_time_and_a_height_answers)
{
	const struct events_when first = {EVENTS_DAY, 1000 * 86400000ull, true, 0};
	const struct events_when last = {EVENTS_DAY, 1002 * 86400000ull, true, 0};
	const uint64_t day = 86400000;
	struct base_buf recorded = BASE_BUF_INIT, ended = BASE_BUF_INIT;
	struct base_hash id = {{7}};
	struct base_slice h1 = base_slice_text("h1"), h2 = base_slice_text("h2"), h3 = base_slice_text("h3");
	struct state_fact facts[2];

	wire_put_map(&recorded, 2);
	wire_put_uint(&recorded, 1);
	wire_put_hash(&recorded, &id);
	wire_put_uint(&recorded, 2);
	wire_put_map(&recorded, 4);
	put_parties(&recorded, "h1", "h2");
	wire_put_uint(&recorded, 2);
	events_when_put(&recorded, &first);
	wire_put_uint(&recorded, 3);
	events_when_put(&recorded, &last);
	put_key_uint(&recorded, 4, 2);
	wire_put_map(&ended, 1);
	wire_put_uint(&ended, 3);
	wire_put_hash(&ended, &id);
	facts[0] = make_fact(&recorded, 10, 1000 * day);
	facts[1] = make_fact(&ended, 20, 1001 * day);
#define ASK(a, b, at, known) state_agreement_at(facts, 2, a, b, (struct base_time){at}, known)
	ck_assert(!ASK(h1, h2, 1000 * day - 1, 30).in_force);
	ck_assert(ASK(h2, h1, 1000 * day, 30).in_force);
	ck_assert_uint_eq(ASK(h1, h2, 1000 * day, 30).instrument, 2);
	ck_assert_uint_eq(ASK(h1, h2, 1000 * day, 30).index, 10);
	ck_assert(!ASK(h1, h3, 1000 * day, 30).in_force);
	ck_assert(!ASK(h1, h2, 1001 * day, 30).in_force);    /* ended */
	ck_assert(ASK(h1, h2, 1003 * day - 1, 20).in_force); /* not known yet; its last day */
	ck_assert(!ASK(h1, h2, 1003 * day, 20).in_force);
	ck_assert(!ASK(h1, h2, 1000 * day, 10).in_force); /* not known at all */
#undef ASK
	base_buf_free(&recorded);
	base_buf_free(&ended);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		agreement_when_in_force_covers_transfers,
		agreement_when_odd_is_flagged_or_denied,
		agreement_when_a_study_has_too_many_facts_is_denied,
		agreement_when_asked_for_a_time_and_a_height_answers,
		NULL,
	};

	return fixture_run("apply_agreement", tests);
}
