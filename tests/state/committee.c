#include "tests/state/committee.h"

void committee_ready(struct fixture *f, uint64_t basis)
{
	struct fixture_draft draft;

	fixture_open(f, 4);
	ck_recorded(fixture_study_on(f, "h1/admin", "s1", "h1", "a", "h1", basis), 0);
	draft = fixture_draft(f, "h1/admin", EVENTS_STUDY_AMEND, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, "b");
	put_key_text(&draft.body, 2, "h2");
	wire_put_uint(&draft.body, 8);
	wire_put_array(&draft.body, 2);
	wire_put_cstr(&draft.body, "h3");
	wire_put_cstr(&draft.body, "h4");
	ck_recorded(fixture_send(f, &draft), 0);
	ck_recorded(fixture_enrol(f, "h3/admin", "h3/sec", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	ck_recorded(fixture_enrol(f, "h4/admin", "h4/sec", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	for (unsigned participant = 1; participant <= 3; participant++)
		ck_recorded(fixture_participant(f, "h1/admin", "s1", participant, "a"), 0);
	ck_recorded(fixture_participant(f, "h2/admin", "s1", 4, "b"), 0);
}

static void put_day(struct base_buf *out, uint64_t key, uint64_t ms, enum events_precision precision)
{
	const struct events_when when = {precision, ms, true, 0};

	wire_put_uint(out, key);
	events_when_put(out, &when);
}

static void put_form(struct base_buf *out, uint64_t seed)
{
	struct wire_cid cid = fixture_cid(seed + 1000000);
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &cid);
	wire_put_map(out, 4);
	wire_put_uint(out, 1);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
	put_key_text(out, 2, "1");
	put_key_text(out, 3, "de");
	put_key_uint(out, 4, 1);
}

static void put_forms(struct base_buf *out, uint64_t key, const struct says_decision *says)
{
	if (says->form == 0)
		return;
	wire_put_uint(out, key);
	if (says->forms > 0) {
		wire_put_array(out, says->forms);
		for (uint64_t i = 0; i < says->forms; i++)
			put_form(out, says->form + i);
		return;
	}
	wire_put_array(out, says->form2 == 0 ? 1 : 2);
	put_form(out, says->form);
	if (says->form2 != 0)
		put_form(out, says->form2);
}

static void put_act(struct base_buf *out, const struct says_decision *says)
{
	bool approves = says->act == EVENTS_ETHICS_APPROVE || says->act == EVENTS_ETHICS_CONDITIONAL;
	bool waives = says->act == EVENTS_ETHICS_WAIVE;

	wire_put_map(out, 1);
	wire_put_uint(out, says->act);
	wire_put_map(out, (uint64_t)approves + (says->form != 0) + (says->until != 0) + (says->majority != 0) +
				  (waives && says->consent != NULL));
	if (approves)
		put_key_text(out, 1, "1.0");
	put_forms(out, approves ? 2 : 1, says);
	if (says->until != 0)
		put_day(out, approves ? 3 : 1, says->until, EVENTS_DAY);
	if (says->majority != 0)
		put_key_uint(out, 5, says->majority);
	if (!waives || says->consent == NULL)
		return;
	wire_put_uint(out, 2);
	wire_put_array(out, 1);
	wire_put_hash(out, says->consent);
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

struct fixture_draft decision_draft(struct fixture *f, struct says_decision says)
{
	struct fixture_draft draft =
		fixture_draft(f, or_else(says.by, "h3/sec"), EVENTS_ETHICS_DECIDE, or_else(says.study, "s1"));

	draft.envelope.when = (struct events_when){EVENTS_POINT, says.when != 0 ? says.when : ON(0), true, 0};
	if (says.capacity != 0)
		draft.envelope.capacity.code = says.capacity;
	wire_put_map(&draft.body, says.site == NULL ? 2 : 3);
	put_key_text(&draft.body, 1, or_else(says.committee, "h3"));
	if (says.site != NULL) {
		wire_put_uint(&draft.body, 3);
		wire_put_array(&draft.body, 1);
		wire_put_cstr(&draft.body, says.site);
	}
	wire_put_uint(&draft.body, 4);
	put_act(&draft.body, &says);
	return draft;
}

static void put_provisions(struct base_buf *out, const struct says_consent *says)
{
	wire_put_array(out, 1);
	wire_put_map(out, 1 + (uint64_t)(says->valid_to != 0) + (says->denied != 0));
	put_key_uint(out, 1, EVENTS_EFFECT_PERMIT);
	if (says->valid_to != 0) {
		wire_put_uint(out, 10);
		wire_put_map(out, 1);
		put_day(out, 2, says->valid_to, EVENTS_DAY);
	}
	if (says->denied == 0)
		return;
	wire_put_uint(out, 12);
	wire_put_array(out, 1);
	wire_put_map(out, 2);
	put_key_uint(out, 1, EVENTS_EFFECT_DENY);
	wire_put_uint(out, 3);
	wire_put_array(out, 1);
	wire_put_uint(out, says->denied);
}

static void put_give(struct base_buf *out, const struct says_consent *says)
{
	wire_put_map(out, 3 + (uint64_t)(says->ask_again != 0) + (says->target != NULL));
	wire_put_uint(out, 1);
	put_form(out, says->form != 0 ? says->form : 1);
	wire_put_uint(out, 2);
	wire_put_array(out, 1);
	wire_put_map(out, 3);
	put_key_uint(out, 1, says->signer != 0 ? says->signer : 1);
	put_key_uint(out, 2, 1);
	put_day(out, 3, ON(0), EVENTS_DAY);
	wire_put_uint(out, 4);
	put_provisions(out, says);
	if (says->ask_again != 0)
		put_day(out, 5, says->ask_again, EVENTS_MONTH);
	if (says->target == NULL)
		return;
	wire_put_uint(out, 6);
	wire_put_hash(out, says->target);
}

static void put_consent_act(struct base_buf *out, const struct says_consent *says)
{
	switch ((enum events_consent_act)says->act) {
	case EVENTS_CONSENT_GIVE:
		put_give(out, says);
		return;
	case EVENTS_CONSENT_REFUSE:
		wire_put_map(out, 0);
		return;
	case EVENTS_CONSENT_WITHDRAW:
	case EVENTS_CONSENT_OBJECT:
		wire_put_map(out, 1);
		put_key_uint(out, 3, says->existing != 0 ? says->existing : EVENTS_EXISTING_RESTRICT);
		return;
	case EVENTS_CONSENT_ANNUL:
		wire_put_map(out, 1);
		wire_put_uint(out, 1);
		wire_put_hash(out, says->target);
		return;
	case EVENTS_CONSENT_ATTEMPT:
		wire_put_map(out, 2);
		put_key_uint(out, 1, 6);
		put_key_uint(out, 2, 1);
		return;
	}
}

struct fixture_draft consent_draft(struct fixture *f, struct says_consent says)
{
	struct fixture_draft draft =
		fixture_draft(f, or_else(says.by, "h1/admin"), EVENTS_CONSENT, or_else(says.study, "s1"));
	struct base_hash reference = fixture_reference(says.participant != 0 ? says.participant : 1);

	if (says.act == 0)
		says.act = EVENTS_CONSENT_GIVE;
	draft.envelope.when =
		(struct events_when){says.precision, says.when != 0 ? says.when : ON(1), true, 0};
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, says.act);
	put_consent_act(&draft.body, &says);
	return draft;
}

struct fixture_draft data_draft(struct fixture *f, struct says_data says)
{
	struct fixture_draft draft = fixture_draft(f, or_else(says.by, "h1/admin"), EVENTS_DATA_SUBMIT, "s1");
	struct base_hash reference = fixture_reference(says.participant != 0 ? says.participant : 1);
	struct wire_cid address = fixture_cid(says.cid);
	uint8_t bytes[WIRE_CID_BYTES];

	if (says.when != 0)
		draft.envelope.when = (struct events_when){EVENTS_POINT, says.when, true, 0};
	wire_cid_bytes(bytes, &address);
	wire_put_map(&draft.body, says.site == NULL ? 1 : 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, says.collected == 0 ? 5 : 6);
	wire_put_uint(&draft.body, 1);
	wire_put_bytes(&draft.body, base_slice(bytes, sizeof(bytes)));
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 3, 4096);
	put_key_uint(&draft.body, 4, says.category != 0 ? says.category : 1);
	wire_put_uint(&draft.body, 5);
	wire_put_hash(&draft.body, &reference);
	if (says.collected != 0)
		put_day(&draft.body, 6, says.collected, says.precision);
	if (says.site != NULL)
		put_key_text(&draft.body, 2, says.site);
	return draft;
}

struct fixture_result committee_decides(struct fixture *f, struct says_decision says)
{
	struct fixture_draft draft = decision_draft(f, says);

	return fixture_send(f, &draft);
}

struct fixture_result participant_says(struct fixture *f, struct says_consent says)
{
	struct fixture_draft draft = consent_draft(f, says);

	return fixture_send(f, &draft);
}

struct fixture_result data_comes(struct fixture *f, struct says_data says)
{
	struct fixture_draft draft = data_draft(f, says);

	return fixture_send(f, &draft);
}

int reads_that_may_fail(struct fixture *f, struct fixture_draft draft)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct events_event event;
	enum base_code code = BASE_IO;
	int failures = -1;

	fixture_sign(&draft, &bytes);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	while (code != BASE_OK) {
		struct state_exec *exec = state_exec_begin(&f->view, NULL, &f->ledger, base_slice_text(FIXTURE_ORIGIN),
							   f->height + 1, (struct base_time){f->time.ms + 1000});
		struct state_outcome outcome;
		uint64_t index = f->count;

		f->fail_after = ++failures;
		code = state_exec_judge(exec, &event, &index, &outcome, NULL);
		f->fail_after = -1;
		if (code != BASE_OK) {
			ck_assert_int_eq(code, BASE_IO);
			ck_assert_int_eq(state_exec_judge(exec, &event, &index, &outcome, NULL), BASE_OK);
		}
		ck_assert_int_ne(outcome.verdict, STATE_DENY);
		state_outcome_free(&outcome);
		state_exec_close(exec);
	}
	base_buf_free(&bytes);
	return failures;
}
