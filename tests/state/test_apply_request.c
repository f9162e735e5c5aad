/* access.request, access.decide, access.disclose under contracts: what is permitted, what stops it, and what the outcome
 * tells. */
#include "ledger/state/access_internal.h"
#include "tests/state/committee.h"

#include <string.h>

/* ---- A study with a contract ---------------------------------------------------- */

static struct base_hash propose(struct fixture *f, const char *clauses)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_report *report = base_alloc(sizeof(*report));
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_CONTRACT_PROPOSE, "s1");
	struct contracts_bytes code = {NULL, 0};
	struct base_hash id;
	static char source[40000];

	snprintf(source, sizeof(source), "contract \"Test\" version %u\n%s", (unsigned)f->count, clauses);
	if (contracts_compile(arena, &code, (struct contracts_text){source, strlen(source)}, report) != CONTRACTS_OK)
		ck_abort_msg("%u:%u: %s; %s", report->list[0].line, report->list[0].column, report->list[0].wrong,
			     report->list[0].right);
	id = base_sha256_of(base_slice(code.data, code.len));
	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &id);
	put_key_text(&draft.body, 2, source);
	wire_put_uint(&draft.body, 3);
	wire_put_bytes(&draft.body, base_slice(code.data, code.len));
	ck_recorded(fixture_send(f, &draft), 0);
	contracts_arena_close(arena);
	free(report);
	return id;
}

static struct fixture_result decide_contract(struct fixture *f, const struct base_hash *id, enum events_ethics_act act)
{
	struct fixture_draft draft = fixture_draft(f, "h3/sec", EVENTS_ETHICS_DECIDE, "s1");

	wire_put_map(&draft.body, 3);
	put_key_text(&draft.body, 1, "h3");
	wire_put_uint(&draft.body, 4);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, act);
	wire_put_map(&draft.body, act == EVENTS_ETHICS_APPROVE);
	if (act == EVENTS_ETHICS_APPROVE)
		put_key_text(&draft.body, 1, "1.0");
	wire_put_uint(&draft.body, 5);
	wire_put_hash(&draft.body, id);
	return fixture_send(f, &draft);
}

static struct base_hash enforce(struct fixture *f, const char *clauses)
{
	struct base_hash id = propose(f, clauses);

	ck_recorded(decide_contract(f, &id, EVENTS_ETHICS_APPROVE), 0);
	return id;
}

/* In the public interest: nothing is quarantined for want of a consent. */
static void ready(struct fixture *f)
{
	committee_ready(f, EVENTS_BASIS_PUBLIC_INTEREST);
	ck_recorded(committee_decides(f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1, .when = ON(0)}), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/researcher", EVENTS_ROLE_RESEARCHER), 0);
	ck_recorded(fixture_enrol(f, "h4/admin", "h4/dac", EVENTS_ROLE_DATA_ACCESS_COMMITTEE), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/dac", EVENTS_ROLE_DATA_ACCESS_COMMITTEE), 0);
	ck_recorded(fixture_assign(f, "h1/admin", "h4/dac", "s1", "a", EVENTS_ROLE_DATA_ACCESS_COMMITTEE, FIXTURE_TIME, 0), 0);
	ck_recorded(fixture_assign(f, "h1/admin", "h2/dac", "s1", "a", EVENTS_ROLE_DATA_ACCESS_COMMITTEE, FIXTURE_TIME, 0), 0);
}

/* ---- What is sent ------------------------------------------------------------------- */

struct asks {
	const struct base_hash *items[12];
	const char *by, *recipient;
	unsigned purpose, mode;
	uint64_t until;
	const struct base_hash *grant; /* then it is a disclosure */
};

static struct fixture_draft draft_of(struct fixture *f, struct asks asks)
{
	bool disclose = asks.grant != NULL;
	struct fixture_draft draft = fixture_draft(f, asks.by != NULL ? asks.by : disclose ? "h1/admin" : "h2/researcher",
						   disclose ? EVENTS_ACCESS_DISCLOSE : EVENTS_ACCESS_REQUEST, "s1");
	size_t count = 0;

	while (count < 12 && asks.items[count] != NULL)
		count++;
	wire_put_map(&draft.body, disclose ? 4 : 5u + (asks.until != 0));
	wire_put_uint(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++)
		put_item_id(&draft.body, asks.items[i], 0);
	put_key_text(&draft.body, 2, asks.recipient != NULL ? asks.recipient : "h2/researcher");
	wire_put_uint(&draft.body, 3);
	if (disclose)
		wire_put_hash(&draft.body, asks.grant);
	else
		wire_put_uint(&draft.body, asks.purpose != 0 ? asks.purpose : 6);
	put_key_uint(&draft.body, 4, asks.mode != 0 ? asks.mode : 1);
	if (!disclose)
		put_key_uint(&draft.body, 5, EVENTS_BASIS_PUBLIC_INTEREST);
	if (!disclose && asks.until != 0) {
		wire_put_uint(&draft.body, 8);
		put_point(&draft.body, asks.until);
	}
	return draft;
}

static struct fixture_result ask(struct fixture *f, struct asks asks)
{
	struct fixture_draft draft = draft_of(f, asks);

	return fixture_send(f, &draft);
}

static struct fixture_result dac(struct fixture *f, const char *by, const struct base_hash *request, bool permit)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ACCESS_DECIDE, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, request);
	wire_put_uint(&draft.body, 2);
	wire_put_bool(&draft.body, permit);
	return fixture_send(f, &draft);
}

static struct fixture_result revoke(struct fixture *f, const struct base_hash *grant)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_ACCESS_REVOKE, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, grant);
	return fixture_send(f, &draft);
}

static struct fixture_result retract(struct fixture *f, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_RETRACT, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, item, 0);
	return fixture_send(f, &draft);
}

/* ---- What the outcome says ------------------------------------------------------------- */

static struct base_slice outcome_of(struct fixture *f, const struct fixture_result *r)
{
	struct state_outcome decoded;
	struct base_buf again = BASE_BUF_INIT;
	struct base_slice outcome;
	struct wire_reader reader;

	ck_assert_msg(r->code == BASE_OK, "%s", r->err.text);
	wire_read(&reader, base_buf_slice(&f->entries[r->index]));
	(void)wire_get_array(&reader);
	for (int i = 0; i < 3; i++)
		(void)wire_get_uint(&reader);
	(void)wire_get_bytes(&reader);
	outcome = wire_get_raw(&reader);
	/* The decoder takes what the executor writes, and gives it back. */
	ck_assert_int_eq(state_outcome_decode(&decoded, outcome, NULL), BASE_OK);
	state_outcome_encode(&again, &decoded);
	ck_assert(base_slice_equal(base_buf_slice(&again), outcome));
	base_buf_free(&again);
	state_outcome_free(&decoded);
	return outcome;
}

/* Of an item: "permit 1 clause 0", "deny 6". */
static void judged(struct fixture *f, const struct fixture_result *r, size_t item, const char *wanted)
{
	static const char *const verdicts[] = {"", "permit", "deny", "refer"};
	struct base_slice outcome = outcome_of(f, r);
	char says[64] = "nothing";
	struct wire_reader reader;
	uint64_t count;

	ck_assert(events_find(outcome, 6, &reader));
	count = wire_get_array(&reader);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t verdict, ground, clause = 0, fault;
		struct base_slice items;
		bool has_clause;

		wire_expect_array(&reader, 6);
		verdict = wire_get_uint(&reader);
		ground = wire_get_uint(&reader);
		(void)wire_get_raw(&reader);
		has_clause = wire_peek(&reader) != WIRE_NULL;
		if (has_clause)
			clause = wire_get_uint(&reader);
		else
			wire_get_null(&reader);
		fault = wire_get_uint(&reader);
		items = wire_get_bytes(&reader);
		if (item / 8 >= items.len || !access_bit(items.data, item))
			continue;
		if (fault != 0)
			snprintf(says, sizeof(says), "%s %u fault %u", verdicts[verdict], (unsigned)ground, (unsigned)fault);
		else if (has_clause)
			snprintf(says, sizeof(says), "%s %u clause %u", verdicts[verdict], (unsigned)ground, (unsigned)clause);
		else
			snprintf(says, sizeof(says), "%s %u", verdicts[verdict], (unsigned)ground);
	}
	ck_assert_str_eq(says, wanted);
}

static void ck_permitted(const struct fixture_result r)
{
	ck_assert_msg(r.code == BASE_OK, "%s", r.err.text);
	ck_assert_msg(r.verdict == STATE_PERMIT, "verdict %d, denial %llu", (int)r.verdict, (unsigned long long)r.denial);
}

#define ALL "clause \"all\" permit any use when approval is valid because \"Because.\"\n"

START_TEST(request_when_a_clause_permits_is_a_grant)
{
	struct fixture_result a, b, r;
	struct base_slice outcome;
	struct base_hash contract;
	struct state_fact fact;
	struct wire_reader reader;
	struct fixture f;
	uint64_t head;

	ready(&f);
	a = data_comes(&f, (struct says_data){.cid = 1});
	b = data_comes(&f, (struct says_data){.cid = 2, .participant = 2});
	ck_denied(ask(&f, (struct asks){.items = {&a.id}}), EVENTS_DENIAL_NO_CONTRACT);
	contract = enforce(&f, "clause \"clinical\" permit read of clinical for DUO:0000006 when approval is valid because \"Because.\"\n"
			       "  then expire after 2 days, notify data-protection-officer, report back by 2027-06-30\n");
	head = fixture_head(&f, "s1", 1);
	r = ask(&f, (struct asks){.items = {&a.id, &b.id}, .until = f.time.ms + 10 * DAY});
	ck_permitted(r);
	judged(&f, &r, 0, "permit 1 clause 0");
	judged(&f, &r, 1, "permit 1 clause 0");
	judged(&f, &r, 2, "nothing");
	outcome = outcome_of(&f, &r);
	ck_assert(events_find(outcome, 5, &reader));
	ck_assert_uint_eq(wire_get_array(&reader), 1);
	{
		struct base_hash named = wire_get_hash(&reader);

		ck_assert(base_hash_equal(&named, &contract));
	}
	ck_assert_uint_eq(events_uint(outcome, 8), f.time.ms + 2 * DAY); /* the earlier of what is asked and what is permitted */
	ck_assert(events_find(outcome, 7, &reader));
	ck_assert_uint_eq(wire_get_array(&reader), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), head + 1);
	ck_assert(fixture_posted(&f, state_term_item(&a.id, 0), r.index));
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_GRANT, "s1", &r.id, &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, STATE_GRANT_RECIPIENT), base_slice_text("h2/researcher")));
	ck_assert_uint_eq(events_uint(fact.content, STATE_GRANT_EXPIRES), f.time.ms + 2 * DAY);
	/* Another purpose; somebody whom nobody knows; too short. */
	r = ask(&f, (struct asks){.items = {&a.id}, .purpose = 42});
	ck_denied(r, EVENTS_DENIAL_NOT_PERMITTED);
	judged(&f, &r, 0, "deny 2");
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .recipient = "h2/nobody"}), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .recipient = "h9"}), EVENTS_DENIAL_NO_SUCH_TARGET);
	fixture_close(&f);
}
END_TEST

START_TEST(request_when_items_differ_is_judged_one_by_one)
{
	struct fixture_result a, b, c, d, r;
	struct fixture f;

	ready(&f);
	a = data_comes(&f, (struct says_data){.cid = 1});
	b = data_comes(&f, (struct says_data){.cid = 2, .category = 2});
	c = data_comes(&f, (struct says_data){.cid = 3});
	d = fixture_submit(&f, "h1/admin", "s1", 4, 0);
	ck_recorded(retract(&f, &c.id), 0);
	(void)enforce(&f, ALL "clause \"no genomes\" forbid any use of genomic because \"Because.\" then notify sponsor\n"
			      "clause \"objection\" forbid any use when objection covers this use because \"Because.\"\n");
	r = ask(&f, (struct asks){.items = {&a.id, &b.id, &c.id, &d.id}});
	ck_permitted(r);
	judged(&f, &r, 0, "permit 1 clause 0");
	judged(&f, &r, 1, "deny 1 clause 1");
	judged(&f, &r, 2, "deny 6"); /* retracted: no contract is asked */
	judged(&f, &r, 3, "deny 3 fault 285"); /* nobody's: there is no objection to know of: kind 1, fact 29 */
	r = ask(&f, (struct asks){.items = {&b.id}});
	ck_denied(r, EVENTS_DENIAL_NOT_PERMITTED);
	ck_assert(events_has(outcome_of(&f, &r), 7)); /* who is to be told of it */
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_GRANT, "s1", &r.id, NULL), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(request_when_quarantined_too_new_or_derived)
{
	struct fixture_result item, derived, r, block[2];
	struct base_buf events[2] = {BASE_BUF_INIT, BASE_BUF_INIT};
	struct fixture_draft draft;
	struct fixture f;

	ready(&f);
	(void)enforce(&f, ALL);
	item = data_comes(&f, (struct says_data){.cid = 1});
	/* Of another study, which has no contract. */
	ck_recorded(fixture_study(&f, "h1/admin", "s2", "h1", "z", "h1"), 0);
	r = fixture_submit(&f, "h1/admin", "s2", 2, 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_DERIVE, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 3, 0);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 2);
	put_item_id(&draft.body, &item.id, 0);
	put_item_id(&draft.body, &r.id, 0);
	derived = fixture_send(&f, &draft);
	ck_recorded(derived, 0);
	r = ask(&f, (struct asks){.items = {&derived.id}});
	ck_denied(r, EVENTS_DENIAL_NO_CONTRACT);
	judged(&f, &r, 0, "deny 4");
	ck_permitted(ask(&f, (struct asks){.items = {&item.id}}));
	/* In the block in which it is recorded. */
	draft = data_draft(&f, (struct says_data){.cid = 4});
	fixture_sign(&draft, &events[0]);
	{
		struct events_event event;

		ck_assert_int_eq(events_decode(&event, base_buf_slice(&events[0]), NULL), BASE_OK);
		draft = draft_of(&f, (struct asks){.items = {&event.id, &item.id}});
	}
	fixture_sign(&draft, &events[1]);
	fixture_block(&f, events, 2, block);
	ck_permitted(block[1]);
	judged(&f, &block[1], 0, "deny 9");
	judged(&f, &block[1], 1, "permit 1 clause 0");
	base_buf_free(&events[0]);
	base_buf_free(&events[1]);
	fixture_close(&f);
}
END_TEST

/* Whether the study has one of 256 sites, asked 600 times. */
static const char *dear(char *text, size_t cap)
{
	size_t at = 0;

	at += (size_t)snprintf(text + at, cap - at, "set x of sites is ");
	for (unsigned i = 0; i < 256; i++)
		at += (size_t)snprintf(text + at, cap - at, "%s\"a%u\"", i == 0 ? "" : ", ", i);
	at += (size_t)snprintf(text + at, cap - at, "\nclause \"c\" permit read when approval is valid");
	for (unsigned i = 0; i < 600; i++)
		at += (size_t)snprintf(text + at, cap - at, "\nor study sites include one of x");
	(void)snprintf(text + at, cap - at, "\nbecause \"B.\"\n");
	return text;
}

START_TEST(request_when_no_items_are_named_or_it_costs_too_much_is_denied)
{
	struct base_hash reference = fixture_reference(1);
	struct fixture_draft draft;
	struct fixture_result item;
	static char text[40000];
	const struct base_hash *i;
	struct fixture f;

	ready(&f);
	(void)enforce(&f, ALL);
	draft = fixture_draft(&f, "h2/researcher", EVENTS_ACCESS_REQUEST, "s1");
	wire_put_map(&draft.body, 5);
	wire_put_uint(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 3);
	wire_put_array(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_text(&draft.body, 2, "h2/researcher");
	put_key_uint(&draft.body, 3, 6);
	put_key_uint(&draft.body, 4, 1);
	put_key_uint(&draft.body, 5, 1);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_ITEMS_ONLY);
	item = data_comes(&f, (struct says_data){.cid = 1});
	(void)enforce(&f, dear(text, sizeof(text)));
	/* More than 920,000 gas each: ten of them are within the limit. */
	i = &item.id;
	ck_permitted(ask(&f, (struct asks){.items = {i, i, i, i, i, i, i, i, i, i}}));
	ck_denied(ask(&f, (struct asks){.items = {i, i, i, i, i, i, i, i, i, i, i}}), EVENTS_DENIAL_TOO_LARGE);
	fixture_close(&f);
}
END_TEST

START_TEST(decide_when_referred_completes_it_and_forbid_still_wins)
{
	struct fixture_result a, b, r, d;
	struct fixture f;

	ready(&f);
	a = data_comes(&f, (struct says_data){.cid = 1});
	b = data_comes(&f, (struct says_data){.cid = 2, .participant = 2, .collected = ON(10)});
	(void)enforce(&f, "clause \"people decide\" refer any use because \"Because.\" then expire after 1 days, notify data-access-committee\n"
			  "clause \"objection\" forbid any use when objection covers this use because \"Because.\"\n");
	r = ask(&f, (struct asks){.items = {&a.id, &b.id}});
	ck_assert_int_eq(r.verdict, STATE_REFER);
	judged(&f, &r, 0, "refer 1 clause 1");
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .grant = &r.id}), EVENTS_DENIAL_NOT_GRANTED);
	ck_denied(dac(&f, "h2/dac", &r.id, true), EVENTS_DENIAL_OWN_PROPOSAL); /* their own house asks */
	ck_denied(dac(&f, "h4/dac", &a.id, true), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(participant_says(&f, (struct says_consent){.act = EVENTS_CONSENT_OBJECT, .participant = 2, .when = ON(20)}), 0);
	d = dac(&f, "h4/dac", &r.id, true);
	ck_permitted(d);
	judged(&f, &d, 0, "permit 1 clause 1");
	judged(&f, &d, 1, "deny 1 clause 0"); /* what is forbidden, nobody permits */
	ck_assert_uint_eq(events_uint(outcome_of(&f, &d), 8), f.time.ms + DAY); /* from the decision on */
	ck_denied(dac(&f, "h4/dac", &r.id, true), EVENTS_DENIAL_WRONG_STATE);
	d = ask(&f, (struct asks){.items = {&a.id, &b.id}, .grant = &r.id});
	ck_permitted(d);
	judged(&f, &d, 0, "permit 1 clause 1");
	judged(&f, &d, 1, "deny 11");
	/* Another contract that refers it too was not what people decided under. */
	(void)enforce(&f, "clause \"people decide\" refer any use because \"Because.\"\n");
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .grant = &r.id}), EVENTS_DENIAL_NOT_PERMITTED);
	/* Refused. */
	r = ask(&f, (struct asks){.items = {&a.id}});
	ck_assert_int_eq(r.verdict, STATE_REFER);
	ck_recorded(dac(&f, "h4/dac", &r.id, false), 0);
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .grant = &r.id}), EVENTS_DENIAL_NOT_GRANTED);
	ck_denied(dac(&f, "h4/dac", &r.id, true), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(disclose_when_granted_names_the_key)
{
	struct fixture_result a, b, other, r, d;
	struct base_hash unknown = {{1}}, kid;
	struct keys_public seal;
	struct wire_reader reader;
	struct fixture f;

	ready(&f);
	a = data_comes(&f, (struct says_data){.cid = 1});
	b = data_comes(&f, (struct says_data){.cid = 2});
	other = data_comes(&f, (struct says_data){.cid = 3});
	(void)enforce(&f, ALL);
	r = ask(&f, (struct asks){.items = {&a.id, &b.id}});
	ck_permitted(r);
	d = ask(&f, (struct asks){.items = {&b.id, &other.id}, .grant = &r.id});
	ck_permitted(d);
	judged(&f, &d, 0, "permit 1 clause 0");
	judged(&f, &d, 1, "deny 11"); /* nobody asked for it */
	seal = *keys_private_public(fixture_person(&f, "h2/researcher")->seal);
	kid = keys_kid(&seal);
	ck_assert(events_find(outcome_of(&f, &d), 9, &reader));
	{
		struct base_hash named = wire_get_hash(&reader);

		ck_assert(base_hash_equal(&named, &kid));
	}
	ck_denied(ask(&f, (struct asks){.items = {&other.id}, .grant = &r.id}), EVENTS_DENIAL_NOT_PERMITTED);
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .grant = &unknown}), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .grant = &r.id, .recipient = "h2/admin"}), EVENTS_DENIAL_NOT_GRANTED);
	ck_denied(ask(&f, (struct asks){.items = {&a.id}, .grant = &r.id, .mode = 3}), EVENTS_DENIAL_NOT_GRANTED);
	/* To an organisation: its recovery key. */
	r = ask(&f, (struct asks){.items = {&a.id}, .recipient = "h2"});
	ck_permitted(r);
	d = ask(&f, (struct asks){.items = {&a.id}, .grant = &r.id, .recipient = "h2"});
	ck_permitted(d);
	ck_assert(events_has(outcome_of(&f, &d), 9));
	fixture_close(&f);
}
END_TEST

/* What happens between the permit and the disclosure. */
enum between { NOTHING, WITHDRAWAL, REVOCATION, SUSPENSION, EXPIRY, NEW_CONTRACT, CONTRACT_SUSPENDED, RETRACTION, KEY_REVOKED };

static uint64_t disclose_after(enum between what)
{
	struct fixture_result item, request, r;
	struct base_hash contract;
	struct fixture f;
	uint64_t denial;

	ready(&f);
	item = data_comes(&f, (struct says_data){.cid = 1, .collected = ON(10)});
	ck_recorded(participant_says(&f, (struct says_consent){.when = ON(5)}), 0);
	contract = enforce(&f, "clause \"consent\" permit any use when approval is valid and consent covers this use because \"Because.\"\n");
	request = ask(&f, (struct asks){.items = {&item.id}, .until = what == EXPIRY ? f.time.ms + 2500 : 0});
	ck_permitted(request);
	switch (what) {
	case NOTHING:
	case EXPIRY: /* the next block is a second later, and the one after that two */
		break;
	case WITHDRAWAL:
		ck_recorded(participant_says(&f, (struct says_consent){.act = EVENTS_CONSENT_WITHDRAW, .when = ON(20)}), 0);
		break;
	case REVOCATION:
		ck_recorded(revoke(&f, &request.id), 0);
		break;
	case SUSPENSION:
		ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_SUSPEND, .when = ON(29)}), 0);
		break;
	case NEW_CONTRACT:
		(void)enforce(&f, "clause \"none\" permit any use for HL7:HMARKT when approval is valid because \"Because.\"\n");
		break;
	case CONTRACT_SUSPENDED:
		ck_recorded(decide_contract(&f, &contract, EVENTS_ETHICS_SUSPEND), 0);
		break;
	case RETRACTION:
		ck_recorded(retract(&f, &item.id), 0);
		break;
	case KEY_REVOKED: {
		struct fixture_draft draft = fixture_draft(&f, "h2/admin", EVENTS_ACTOR_REVOKE, NULL);
		struct base_hash kid = fixture_kid(fixture_person(&f, "h2/researcher"));

		wire_put_map(&draft.body, 2);
		put_key_text(&draft.body, 1, "h2/researcher");
		wire_put_uint(&draft.body, 2);
		wire_put_hash(&draft.body, &kid);
		ck_recorded(fixture_send(&f, &draft), 0);
		break;
	}
	}
	r = ask(&f, (struct asks){.items = {&item.id}, .grant = &request.id});
	if (what == EXPIRY) {
		ck_permitted(r);
		r = ask(&f, (struct asks){.items = {&item.id}, .grant = &request.id});
	}
	ck_assert_int_eq(r.code, BASE_OK);
	denial = r.verdict == STATE_DENY ? r.denial : 0;
	fixture_close(&f);
	return denial;
}

START_TEST(disclose_when_something_came_between_is_stopped)
{
	ck_assert_uint_eq(disclose_after(NOTHING), 0);
	ck_assert_uint_eq(disclose_after(WITHDRAWAL), EVENTS_DENIAL_NOT_PERMITTED);
	ck_assert_uint_eq(disclose_after(REVOCATION), EVENTS_DENIAL_GRANT_OVER);
	ck_assert_uint_eq(disclose_after(SUSPENSION), EVENTS_DENIAL_NOT_PERMITTED);
	ck_assert_uint_eq(disclose_after(EXPIRY), EVENTS_DENIAL_GRANT_OVER);
	ck_assert_uint_eq(disclose_after(NEW_CONTRACT), EVENTS_DENIAL_NOT_PERMITTED);
	ck_assert_uint_eq(disclose_after(CONTRACT_SUSPENDED), EVENTS_DENIAL_NO_CONTRACT);
	ck_assert_uint_eq(disclose_after(RETRACTION), EVENTS_DENIAL_NOT_PERMITTED);
	ck_assert_uint_eq(disclose_after(KEY_REVOKED), EVENTS_DENIAL_NO_KEY);
}
END_TEST

START_TEST(disclose_when_judged_as_of_the_permit_goes_on)
{
	struct fixture_result item, first, d;
	struct fixture f;

	ready(&f);
	item = data_comes(&f, (struct says_data){.cid = 1, .collected = ON(10)});
	(void)enforce(&f, "clause \"opt-out\" permit any use when approval is valid and objection does not cover this use as of the permit because \"Because.\"\n");
	first = ask(&f, (struct asks){.items = {&item.id}});
	judged(&f, &first, 0, "permit 1 clause 0");
	ck_permitted(first);
	ck_recorded(participant_says(&f, (struct says_consent){.act = EVENTS_CONSENT_OBJECT, .when = ON(20)}), 0);
	/* In the public interest an objection quarantines what was collected after it alone. */
	d = ask(&f, (struct asks){.items = {&item.id}, .grant = &first.id});
	judged(&f, &d, 0, "permit 1 clause 0");
	ck_permitted(d);
	ck_denied(ask(&f, (struct asks){.items = {&item.id}}), EVENTS_DENIAL_NOT_PERMITTED); /* a second permit */
	fixture_close(&f);
}
END_TEST

START_TEST(request_and_disclose_when_a_read_fails_can_be_judged_again)
{
	struct fixture_result item, derived, r;
	struct fixture_draft draft;
	struct fixture f;

	ready(&f);
	item = data_comes(&f, (struct says_data){.cid = 1, .collected = ON(10)});
	ck_recorded(participant_says(&f, (struct says_consent){.when = ON(5)}), 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_DERIVE, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 3, 0);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &item.id, 0);
	derived = fixture_send(&f, &draft);
	ck_recorded(derived, 0);
	(void)enforce(&f, "clause \"consent\" permit any use when approval is valid and consent covers this use and study countries include FR "
			  "and objection does not cover this use as of the permit because \"Because.\"\n");
	ck_assert_int_gt(reads_that_may_fail(&f, draft_of(&f, (struct asks){.items = {&derived.id}})), 10);
	r = ask(&f, (struct asks){.items = {&derived.id}});
	ck_permitted(r);
	ck_assert_int_gt(reads_that_may_fail(&f, draft_of(&f, (struct asks){.items = {&derived.id}, .grant = &r.id})), 10);
	r = ask(&f, (struct asks){.items = {&derived.id}, .grant = &r.id});
	ck_permitted(r);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		request_when_a_clause_permits_is_a_grant,
		request_when_items_differ_is_judged_one_by_one,
		request_when_quarantined_too_new_or_derived,
		request_when_no_items_are_named_or_it_costs_too_much_is_denied,
		decide_when_referred_completes_it_and_forbid_still_wins,
		disclose_when_granted_names_the_key,
		disclose_when_something_came_between_is_stopped,
		disclose_when_judged_as_of_the_permit_goes_on,
		request_and_disclose_when_a_read_fails_can_be_judged_again,
		NULL,
	};

	return fixture_run("apply_request", tests);
}
