/* contract.*, access.*, model.train: effect on state, every flag and denial. */
#include "ledger/state/exec_internal.h"
#include "tests/state/code.h"
#include "tests/state/fixture.h"

#include <string.h>

/* Everything is permitted; versions differ. */
static void make_contract(struct base_buf *code, struct base_hash *id, unsigned n)
{
	const struct code_clause clauses[] = {{.name = "all", .effect = CONTRACTS_PERMITS}, {.name = NULL}};

	code_contract(code, "Test", n, clauses);
	*id = base_sha256_of(base_buf_slice(code));
}

static void put_contract(struct base_hash *id, unsigned n)
{
	struct base_buf code = BASE_BUF_INIT;

	make_contract(&code, id, n);
	base_buf_free(&code);
}

static struct fixture_result propose_code(struct fixture *f, const char *by, const struct base_hash *id,
					  struct base_slice code)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_CONTRACT_PROPOSE, "s1");

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	put_key_text(&draft.body, 2, "contract \"Test\" version 1");
	wire_put_uint(&draft.body, 3);
	wire_put_bytes(&draft.body, code);
	return fixture_send(f, &draft);
}

static struct fixture_result propose(struct fixture *f, const char *by, unsigned contract)
{
	struct base_buf code = BASE_BUF_INIT;
	struct fixture_result r;
	struct base_hash id;

	make_contract(&code, &id, contract);
	r = propose_code(f, by, &id, base_buf_slice(&code));
	base_buf_free(&code);
	return r;
}

static void put_until(struct base_buf *out, uint64_t key, uint64_t until)
{
	if (until == 0)
		return;
	wire_put_uint(out, key);
	put_point(out, until);
}

/* site: NULL, or one that the decision names; until: 0, or a point in time. */
static struct fixture_draft decision(struct fixture *f, const char *by, const char *committee, unsigned contract,
				     enum events_ethics_act act, const char *site, uint64_t until)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ETHICS_DECIDE, "s1");
	struct base_hash id;

	put_contract(&id, contract);
	wire_put_map(&draft.body, site == NULL ? 3 : 4);
	put_key_text(&draft.body, 1, committee);
	if (site != NULL) {
		wire_put_uint(&draft.body, 3);
		wire_put_array(&draft.body, 1);
		wire_put_cstr(&draft.body, site);
	}
	wire_put_uint(&draft.body, 4);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, act);
	if (act == EVENTS_ETHICS_APPROVE || act == EVENTS_ETHICS_CONDITIONAL) {
		wire_put_map(&draft.body, until == 0 ? 1 : 2);
		put_key_text(&draft.body, 1, "1.0");
		put_until(&draft.body, 3, until);
	} else if (act == EVENTS_ETHICS_RENEW) {
		wire_put_map(&draft.body, until == 0 ? 0 : 1);
		put_until(&draft.body, 1, until);
	} else {
		wire_put_map(&draft.body, 0);
	}
	wire_put_uint(&draft.body, 5);
	wire_put_hash(&draft.body, &id);
	return draft;
}

static struct fixture_result decide(struct fixture *f, const char *by, const char *committee, unsigned contract,
				    enum events_ethics_act act)
{
	struct fixture_draft draft = decision(f, by, committee, contract, act, NULL, 0);

	return fixture_send(f, &draft);
}

struct listed {
	struct state_fact facts[32];
	uint8_t bytes[32][300];
	size_t count;
};

static bool keep(void *arg, const struct state_fact *fact)
{
	struct listed *listed = arg;

	ck_assert(listed->count < 32 && fact->content.len <= 300);
	memcpy(listed->bytes[listed->count], fact->content.data, fact->content.len);
	listed->facts[listed->count] = *fact;
	listed->facts[listed->count].content = base_slice(listed->bytes[listed->count], fact->content.len);
	listed->count++;
	return true;
}

/* Which contract is in force for the next block; 0: none. */
static unsigned in_force(struct fixture *f, uint64_t time)
{
	struct listed listed = {.count = 0};
	struct base_hash id, wanted;
	uint64_t index;
	enum base_code code = state_record_walk(&f->view, STATE_CONTRACT, base_slice_text("s1"), base_slice(NULL, 0), keep,
						&listed, NULL);

	ck_assert(code == BASE_OK || code == BASE_NOT_FOUND);
	if (!state_contract_at(listed.facts, listed.count, (struct base_time){time}, &id, &index))
		return 0;
	for (unsigned n = 1; n < 10; n++) {
		put_contract(&wanted, n);
		if (base_hash_equal(&id, &wanted))
			return n;
	}
	ck_abort_msg("another contract");
}

/* h3 is a committee, neither sponsor nor site; so is h2 of fixture_ready(f, 1). */
static void ready(struct fixture *f)
{
	fixture_open(f, 3);
	ck_recorded(fixture_study(f, "h1/admin", "s1", "h1", "a", "h1"), 0);
	for (unsigned participant = 1; participant <= 3; participant++)
		ck_recorded(fixture_participant(f, "h1/admin", "s1", participant, "a"), 0);
	ck_recorded(fixture_enrol(f, "h3/admin", "h3/chair", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/chair", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	ck_recorded(fixture_committee(f, "h1/admin", "s1", "h3"), 0);
	ck_recorded(fixture_enrol(f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(f, "h1/admin", "h1/monitor", EVENTS_ROLE_MONITOR), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/researcher", EVENTS_ROLE_RESEARCHER), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/dac", EVENTS_ROLE_DATA_ACCESS_COMMITTEE), 0);
}

START_TEST(contract_when_approved_is_in_force_from_the_next_block_until_replaced)
{
	struct fixture_result r;
	struct fixture f;

	ready(&f);
	ck_recorded(propose(&f, "h1/admin", 1), 0);
	ck_assert_uint_eq(in_force(&f, UINT64_MAX), 0);
	ck_recorded(propose(&f, "h1/admin", 2), 0);
	r = decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE);
	ck_recorded(r, 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms), 0); /* not in its own block */
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 1);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_recorded(decide(&f, "h3/chair", "h3", 2, EVENTS_ETHICS_APPROVE), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms), 1);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 2);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_END), EVENTS_DENIAL_WRONG_STATE); /* it is replaced */
	ck_recorded(decide(&f, "h3/chair", "h3", 2, EVENTS_ETHICS_END), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 0);
	ck_recorded(decide(&f, "h3/chair", "h3", 2, EVENTS_ETHICS_REFUSE), 0);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 1);
	/* It says nothing about the study. */
	ck_assert_uint_eq(fixture_facts(&f, STATE_APPROVAL, "s1", base_slice(NULL, 0), NULL), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(contract_when_proposed_by_the_wrong_or_twice_is_denied)
{
	struct fixture f;

	ready(&f);
	ck_recorded(propose(&f, "h1/admin", 1), 0);
	ck_denied(propose(&f, "h1/admin", 1), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(propose(&f, "h1/monitor", 2), EVENTS_DENIAL_NOT_ASSIGNED);
	ck_recorded(propose(&f, "h3/chair", 1), 0); /* another organisation may propose the same */
	ck_denied(propose(&f, "h2/admin", 2), EVENTS_DENIAL_OTHER_ORGANISATION); /* not one without part in the study */
	fixture_close(&f);
}
END_TEST

START_TEST(contracts_when_too_many_are_denied_but_ends_never)
{
	struct fixture f;

	ready(&f);
	ck_recorded(propose(&f, "h1/admin", 1), 0);
	ck_recorded(propose(&f, "h1/admin", 2), 0);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), 0);
	for (unsigned i = 3; i < 1024; i++)
		ck_recorded(decide(&f, "h3/chair", "h3", 2, EVENTS_ETHICS_REFUSE), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 2, EVENTS_ETHICS_REFUSE), EVENTS_DENIAL_TOO_MANY);
	ck_denied(propose(&f, "h1/admin", 3), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_SUSPEND), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_RENEW), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_REFUSE), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_REFUSE), EVENTS_DENIAL_TOO_MANY);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_TOO_MANY);
	ck_assert_uint_eq(fixture_facts(&f, STATE_CONTRACT, "s1", base_slice(NULL, 0), NULL), 1026);
	fixture_close(&f);
}
END_TEST

START_TEST(contract_when_decided_by_the_wrong_is_denied)
{
	struct fixture_draft draft;
	struct fixture f;

	ready(&f);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(propose(&f, "h1/admin", 1), 0);
	ck_recorded(propose(&f, "h3/chair", 1), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_OWN_PROPOSAL);
	ck_denied(decide(&f, "h1/admin", "h1", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(decide(&f, "h2/researcher", "h2", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_NO_AUTHORITY);
	draft = decision(&f, "h1/dm", "h2", 1, EVENTS_ETHICS_APPROVE, NULL, 0);
	draft.envelope.capacity.code = EVENTS_CAPACITY_TRANSCRIBED;
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_AUTHORITY); /* a letter does not approve a contract */
	ck_denied(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_NOT_COMPETENT); /* not named */
	ck_denied(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_REFUSE), EVENTS_DENIAL_NOT_COMPETENT);
	ck_recorded(fixture_committee(&f, "h1/admin", "s1", "h2"), 0);
	draft = decision(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_APPROVE, "a", 0);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_SUSPEND), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_END), EVENTS_DENIAL_WRONG_STATE);
	ck_assert_uint_eq(in_force(&f, UINT64_MAX), 0);
	ck_recorded(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_APPROVE), 0);
	fixture_close(&f);
}
END_TEST

static struct fixture_result decide_until(struct fixture *f, const char *by, const char *committee, unsigned contract,
					  enum events_ethics_act act, uint64_t until)
{
	struct fixture_draft draft = decision(f, by, committee, contract, act, NULL, until);

	return fixture_send(f, &draft);
}

START_TEST(contract_when_suspended_or_over_is_not_in_force)
{
	struct fixture f;

	ready(&f);
	ck_recorded(propose(&f, "h1/admin", 1), 0);
	ck_recorded(propose(&f, "h1/admin", 2), 0);
	ck_recorded(fixture_committee(&f, "h1/admin", "s1", "h2"), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_RENEW), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_RENEW), EVENTS_DENIAL_WRONG_STATE); /* of what? */
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_CONDITIONAL), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_SUSPEND), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms), 1); /* not in its own block */
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 0);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_SUSPEND), EVENTS_DENIAL_WRONG_STATE);
	/* Who suspended it says what follows. */
	ck_denied(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_RENEW), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(decide(&f, "h2/chair", "h2", 2, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_RENEW), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 1);
	/* Nor is a suspension shaken off by ending what is suspended, and approving it anew. */
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_SUSPEND), 0);
	ck_recorded(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_END), 0);
	ck_denied(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(decide(&f, "h2/chair", "h2", 2, EVENTS_ETHICS_APPROVE), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_APPROVE), 0);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_SUSPEND), 0);
	ck_recorded(decide(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_REFUSE), 0); /* its own suspension ends with it */
	ck_recorded(decide(&f, "h2/chair", "h2", 1, EVENTS_ETHICS_APPROVE), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 1);
	/* Until an instant, and longer. */
	ck_recorded(decide_until(&f, "h3/chair", "h3", 1, EVENTS_ETHICS_RENEW, f.time.ms + 10000), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 8999), 1);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 100000), 0);
	ck_recorded(decide_until(&f, "h3/chair", "h3", 2, EVENTS_ETHICS_APPROVE, f.time.ms + 10000), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 2);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 100000), 0);
	/* Refusing what was approved ends it. */
	ck_recorded(decide(&f, "h2/chair", "h2", 2, EVENTS_ETHICS_REFUSE), 0);
	ck_assert_uint_eq(in_force(&f, f.time.ms + 1), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(contract_when_its_code_is_not_sound_is_denied)
{
	struct base_buf code = BASE_BUF_INIT;
	struct base_hash id;
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	make_contract(&code, &id, 1);
	ck_denied(propose_code(&f, "h1/admin", &id, base_slice_text("RGCT")), EVENTS_DENIAL_BAD_CONTRACT);
	id = base_sha256_of(base_slice_text("RGCT")); /* what it is called, it is; but it is no contract */
	ck_denied(propose_code(&f, "h1/admin", &id, base_slice_text("RGCT")), EVENTS_DENIAL_BAD_CONTRACT);
	code.data[code.len - 1] ^= 1; /* an instruction that is none, or a table that is wrong */
	id = base_sha256_of(base_buf_slice(&code));
	ck_denied(propose_code(&f, "h1/admin", &id, base_buf_slice(&code)), EVENTS_DENIAL_BAD_CONTRACT);
	code.data[code.len - 1] ^= 1;
	id = base_sha256_of(base_buf_slice(&code));
	ck_recorded(propose_code(&f, "h1/admin", &id, base_buf_slice(&code)), 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_CONTRACT, "s1", base_slice(NULL, 0), &fact), 1);
	ck_assert_uint_eq(events_uint(fact.content, STATE_CONTRACT_GAS), 12); /* to begin with, and a clause */
	ck_assert_uint_eq(events_uint(fact.content, STATE_CONTRACT_EVENT_GAS), 10);
	base_buf_free(&code);
	fixture_close(&f);
}
END_TEST

/* ---- access -------------------------------------------------------------------- */

struct used {
	const struct base_hash *item, *dataset;
	unsigned participant;
};

static void put_what(struct base_buf *out, struct used used)
{
	struct base_hash reference = fixture_reference(used.participant);

	wire_put_uint(out, 1);
	wire_put_map(out, (used.item != NULL ? 1u : 0u) + (used.dataset != NULL ? 1u : 0u) + (used.participant != 0 ? 1u : 0u));
	if (used.item != NULL) {
		wire_put_uint(out, 1);
		wire_put_array(out, 1);
		put_item_id(out, used.item, 0);
	}
	if (used.dataset != NULL) {
		wire_put_uint(out, 2);
		wire_put_hash(out, used.dataset);
	}
	if (used.participant != 0) {
		wire_put_uint(out, 3);
		wire_put_array(out, 1);
		wire_put_hash(out, &reference);
	}
}

static struct fixture_result use(struct fixture *f, const char *by, enum events_kind_id kind, struct used used,
				 const char *recipient)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");
	const struct base_hash grant = {{7}};
	bool disclose = kind == EVENTS_ACCESS_DISCLOSE;

	wire_put_map(&draft.body, 3u + !disclose + (recipient != NULL));
	put_what(&draft.body, used);
	if (recipient != NULL)
		put_key_text(&draft.body, 2, recipient);
	wire_put_uint(&draft.body, 3);
	if (disclose)
		wire_put_hash(&draft.body, &grant);
	else
		wire_put_uint(&draft.body, 6); /* duo.hmb */
	put_key_uint(&draft.body, 4, 1);
	if (kind == EVENTS_ACCESS_OBSERVE)
		put_key_text(&draft.body, 5, "edc-1");
	else if (!disclose)
		put_key_uint(&draft.body, 5, 4);
	return fixture_send(f, &draft);
}

static struct fixture_result end(struct fixture *f, const char *by, enum events_kind_id kind, const struct base_hash *id,
				 bool destroyed)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");

	wire_put_map(&draft.body, kind == EVENTS_ACCESS_CLOSE ? 2 : 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	if (kind == EVENTS_ACCESS_CLOSE) {
		wire_put_uint(&draft.body, 2);
		wire_put_bool(&draft.body, destroyed);
	}
	return fixture_send(f, &draft);
}

START_TEST(what_a_contract_decides_is_denied_without_one)
{
	struct base_hash unknown = {{1}};
	struct fixture_draft draft;
	struct fixture_result item, request;
	struct fixture f;
	uint64_t head;

	ready(&f);
	item = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	head = fixture_head(&f, "s1", 1);
	request = use(&f, "h1/dm", EVENTS_ACCESS_REQUEST, (struct used){&item.id, NULL, 0}, "h2/researcher");
	ck_denied(request, EVENTS_DENIAL_NO_CONTRACT);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), head + 1); /* an attempt within the house is part of the trail */
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_REQUEST, (struct used){&unknown, NULL, 0}, "h2/researcher"),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_REQUEST, (struct used){NULL, &unknown, 0}, "h2/researcher"),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_REQUEST, (struct used){NULL, NULL, 9}, "h2/researcher"),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_DISCLOSE, (struct used){&item.id, NULL, 0}, "h2/researcher"),
		  EVENTS_DENIAL_NO_SUCH_TARGET); /* no such permit */
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_DISCLOSE, (struct used){&unknown, NULL, 0}, "h2/researcher"),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(use(&f, "h2/admin", EVENTS_ACCESS_DISCLOSE, (struct used){&item.id, NULL, 0}, "h2/researcher"),
		  EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/dac", "s1", "a", EVENTS_ROLE_DATA_ACCESS_COMMITTEE, FIXTURE_TIME, 0), 0);
	draft = fixture_draft(&f, "h2/dac", EVENTS_ACCESS_DECIDE, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &request.id);
	wire_put_uint(&draft.body, 2);
	wire_put_bool(&draft.body, true);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	draft = fixture_draft(&f, "h2/dac", EVENTS_ACCESS_DECIDE, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &item.id);
	wire_put_uint(&draft.body, 2);
	wire_put_bool(&draft.body, true);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	fixture_close(&f);
}
END_TEST

static struct fixture_result train(struct fixture *f, const struct base_hash *dataset)
{
	struct fixture_draft draft = fixture_draft(f, "h2/researcher", EVENTS_MODEL_TRAIN, "s1");
	const struct base_hash grant = {{7}};

	wire_put_map(&draft.body, 4);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_hash(&draft.body, dataset);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &grant);
	wire_put_uint(&draft.body, 3);
	wire_put_hash(&draft.body, &grant);
	wire_put_uint(&draft.body, 4);
	put_item(&draft.body, 77, 0);
	return fixture_send(f, &draft);
}

START_TEST(train_when_there_is_no_contract_or_no_data_set_is_denied)
{
	struct base_hash unknown = {{1}}, root = {{2}};
	struct fixture_result item, set;
	struct fixture_draft draft;
	struct fixture f;

	ready(&f);
	item = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	draft = fixture_draft(&f, "h1/dm", EVENTS_DATASET_FREEZE, "s1");
	wire_put_map(&draft.body, 4);
	put_key_uint(&draft.body, 1, 2);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &root);
	put_key_uint(&draft.body, 3, 1);
	wire_put_uint(&draft.body, 5);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &item.id, 0);
	set = fixture_send(&f, &draft);
	ck_recorded(set, FLAG(DATASET_INCOMPLETE));
	ck_denied(train(&f, &unknown), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(train(&f, &set.id), EVENTS_DENIAL_NO_CONTRACT);
	fixture_close(&f);
}
END_TEST

START_TEST(observe_when_read_joins_the_trails_and_is_open)
{
	struct fixture_result item, r;
	struct base_hash unknown = {{1}};
	struct fixture_draft draft;
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	item = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	r = use(&f, "h1/dm", EVENTS_ACCESS_OBSERVE, (struct used){&item.id, NULL, 2}, NULL);
	ck_recorded(r, 0);
	ck_assert(fixture_posted(&f, state_term_item(&item.id, 0), r.index));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 2);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_GRANT, "s1", &r.id, &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h1")));
	ck_assert(base_slice_equal(events_text(fact.content, 2), base_slice_text("h1/dm")));
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_OBSERVE, (struct used){&unknown, NULL, 0}, NULL),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_OBSERVE, (struct used){NULL, &unknown, 0}, NULL),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(use(&f, "h1/dm", EVENTS_ACCESS_OBSERVE, (struct used){NULL, NULL, 9}, NULL),
		  EVENTS_DENIAL_NO_SUCH_TARGET);
	/* Who has nothing to do with the study writes into nobody's trail. */
	ck_denied(use(&f, "h2/admin", EVENTS_ACCESS_OBSERVE, (struct used){&item.id, NULL, 0}, NULL),
		  EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/researcher", "s1", "a", EVENTS_ROLE_MONITOR, FIXTURE_TIME, 0), 0);
	ck_recorded(use(&f, "h2/researcher", EVENTS_ACCESS_OBSERVE, (struct used){&item.id, NULL, 0}, NULL), 0);
	draft = fixture_draft(&f, "h1/dm", EVENTS_DATA_RETRACT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &item.id, 0);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_recorded(use(&f, "h1/dm", EVENTS_ACCESS_OBSERVE, (struct used){&item.id, NULL, 0}, NULL), FLAG(INPUT_RETRACTED));
	fixture_close(&f);
}
END_TEST

START_TEST(override_when_recorded_is_to_be_reviewed)
{
	struct fixture_result item, r;
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	item = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	r = use(&f, "h1/dm", EVENTS_ACCESS_OVERRIDE, (struct used){&item.id, NULL, 0}, "h2/researcher");
	ck_recorded(r, FLAG(TO_REVIEW));
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_GRANT, "s1", &r.id, &fact), 1);
	ck_assert_uint_eq(events_uint(fact.content, 3), 4);
	ck_denied(use(&f, "h2/admin", EVENTS_ACCESS_OVERRIDE, (struct used){&item.id, NULL, 0}, "h2/researcher"),
		  EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(use(&f, "h1/monitor", EVENTS_ACCESS_OVERRIDE, (struct used){&item.id, NULL, 0}, "h2/researcher"),
		  EVENTS_DENIAL_NOT_ASSIGNED);
	fixture_close(&f);
}
END_TEST

START_TEST(revoke_and_close_when_entitled_end_the_access)
{
	struct fixture_result item, r, other;
	struct base_hash unknown = {{1}};
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	item = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	r = use(&f, "h1/dm", EVENTS_ACCESS_OVERRIDE, (struct used){&item.id, NULL, 0}, "h2/researcher");
	ck_denied(end(&f, "h1/admin", EVENTS_ACCESS_REVOKE, &unknown, false), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(end(&f, "h2/admin", EVENTS_ACCESS_REVOKE, &r.id, false), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(end(&f, "h1/admin", EVENTS_ACCESS_REVOKE, &r.id, false), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_GRANT, "s1", &r.id, &fact), 2);
	ck_assert(events_has(fact.content, 4));
	ck_denied(end(&f, "h1/admin", EVENTS_ACCESS_REVOKE, &r.id, false), EVENTS_DENIAL_WRONG_STATE);
	/* The recipient's house says that copies are left, then nothing more. */
	ck_denied(end(&f, "h3/admin", EVENTS_ACCESS_CLOSE, &r.id, true), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(end(&f, "h2/researcher", EVENTS_ACCESS_CLOSE, &unknown, true), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(end(&f, "h2/researcher", EVENTS_ACCESS_CLOSE, &r.id, false), FLAG(COPIES_REMAIN));
	ck_denied(end(&f, "h2/researcher", EVENTS_ACCESS_CLOSE, &r.id, true), EVENTS_DENIAL_WRONG_STATE);
	other = use(&f, "h1/dm", EVENTS_ACCESS_OVERRIDE, (struct used){&item.id, NULL, 0}, "h2");
	ck_recorded(end(&f, "h2/researcher", EVENTS_ACCESS_CLOSE, &other.id, true), 0);
	ck_denied(end(&f, "h1/admin", EVENTS_ACCESS_REVOKE, &other.id, false), EVENTS_DENIAL_WRONG_STATE);
	/* A committee that was assigned in the study. */
	other = use(&f, "h1/dm", EVENTS_ACCESS_OVERRIDE, (struct used){&item.id, NULL, 0}, "h2");
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/dac", "s1", "a", EVENTS_ROLE_DATA_ACCESS_COMMITTEE, FIXTURE_TIME, 0), 0);
	ck_recorded(end(&f, "h2/dac", EVENTS_ACCESS_REVOKE, &other.id, false), 0);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		contract_when_approved_is_in_force_from_the_next_block_until_replaced,
		contract_when_proposed_by_the_wrong_or_twice_is_denied,
		contracts_when_too_many_are_denied_but_ends_never,
		contract_when_decided_by_the_wrong_is_denied,
		contract_when_suspended_or_over_is_not_in_force,
		contract_when_its_code_is_not_sound_is_denied,
		what_a_contract_decides_is_denied_without_one,
		train_when_there_is_no_contract_or_no_data_set_is_denied,
		observe_when_read_joins_the_trails_and_is_open,
		override_when_recorded_is_to_be_reviewed,
		revoke_and_close_when_entitled_end_the_access,
		NULL,
	};

	return fixture_run("apply_access", tests);
}
