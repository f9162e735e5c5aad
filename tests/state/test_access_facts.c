/* The facts of docs/formats/contract.md §5, from a ledger: each with its value, and with what it is not known from; as of
 * now and as of a permit. */
#include "ledger/state/access_internal.h"
#include "tests/state/committee.h"

#include <string.h>

struct look {
	struct state_exec *exec;
	struct access access;
	struct access_question question;
	struct access_closure closure;
	struct contracts_facts now, then;
	enum access_ground bar;
};

static struct access_question question(void)
{
	return (struct access_question){.action = EVENTS_USE_READ,
					.mode = 1,
					.purpose = 6,
					.legal_basis = EVENTS_BASIS_CONSENT,
					.recipient = base_slice_text("h2/researcher")};
}

/* permit: NULL, or a result after which access was permitted. */
static void look(struct fixture *f, struct look *l, const struct base_hash *event, uint64_t index,
		 struct access_question asked, const struct fixture_result *permit)
{
	struct events_item_id id = {*event, index};
	struct access_node *node;
	bool known, too_many = false;

	memset(l, 0, sizeof(*l));
	l->exec = state_exec_begin(&f->view, NULL, &f->ledger, base_slice_text(FIXTURE_ORIGIN), f->height + 1,
				   (struct base_time){f->time.ms + 1000});
	access_open(&l->access, l->exec, f->count);
	l->access.axes[1] = l->access.axes[0];
	if (permit != NULL) {
		struct base_slice entry = base_buf_slice(&f->entries[permit->index]);
		struct wire_reader r;

		wire_read(&r, entry);
		(void)wire_get_array(&r);
		(void)wire_get_uint(&r);
		(void)wire_get_uint(&r);
		l->access.axes[1] = (struct access_axis){{wire_get_uint(&r)}, permit->index};
	}
	l->question = asked;
	ck_assert_int_eq(access_question_party(&l->access, &l->question, &known, NULL), BASE_OK);
	ck_assert(known);
	ck_assert_int_eq(access_node_open(&l->access, &id, &node, &too_many, NULL), BASE_OK);
	ck_assert_ptr_nonnull(node);
	access_closure_of(node, &l->closure);
	ck_assert_int_eq(access_bar(&l->access, &l->closure, &l->bar, NULL), BASE_OK);
	ck_assert_int_eq(access_facts(&l->access, &l->now, UINT64_MAX, &l->question, node->study, &l->closure, ACCESS_NOW, 1,
				      NULL),
			 BASE_OK);
	ck_assert_int_eq(access_facts(&l->access, &l->then, UINT64_MAX, &l->question, node->study, &l->closure, 1, 1, NULL),
			 BASE_OK);
	ck_assert_uint_eq(contracts_facts_check(&l->now), 0);
	ck_assert_uint_eq(contracts_facts_check(&l->then), 0);
}

static void done(struct look *l)
{
	access_close(&l->access);
	state_exec_close(l->exec);
}

#define FACT(name) CONTRACTS_FACT_##name
static void is(const struct contracts_facts *facts, unsigned fact, int64_t value)
{
	ck_assert_msg(facts->fact[fact].known, "%s is not known", contracts_fact_name(fact));
	ck_assert_msg(facts->fact[fact].value == value, "%s is %lld, not %lld", contracts_fact_name(fact),
		      (long long)facts->fact[fact].value, (long long)value);
}

static void unknown(const struct contracts_facts *facts, unsigned fact)
{
	ck_assert_msg(!facts->fact[fact].known, "%s is known", contracts_fact_name(fact));
}

/* texts, with spaces between them */
static void says(const struct contracts_facts *facts, unsigned fact, const char *texts)
{
	char all[256] = "";

	ck_assert_msg(facts->fact[fact].known, "%s is not known", contracts_fact_name(fact));
	for (size_t i = 0; i < facts->fact[fact].texts_count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%.*s", i == 0 ? "" : " ",
			 (int)facts->fact[fact].texts[i].len, facts->fact[fact].texts[i].data);
	ck_assert_str_eq(all, texts);
}

static struct fixture_result derive(struct fixture *f, const char *by, uint64_t cid, unsigned participant,
				    const struct base_hash *a, const struct base_hash *b)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_DERIVE, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, participant);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, b == NULL ? 1 : 2);
	put_item_id(&draft.body, a, 0);
	if (b != NULL)
		put_item_id(&draft.body, b, 0);
	return fixture_send(f, &draft);
}

static void ready(struct fixture *f, uint64_t basis)
{
	committee_ready(f, basis);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/researcher", EVENTS_ROLE_RESEARCHER), 0);
}

static struct fixture_result approve(struct fixture *f, const char *site, uint64_t until)
{
	return committee_decides(f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1, .site = site,
							   .when = ON(0), .until = until});
}

START_TEST(facts_of_the_request)
{
	struct access_question q = question();
	struct fixture_result item;
	struct fixture f;
	struct look l;

	ready(&f, FIXTURE_BASIS_LEGAL_OBLIGATION);
	item = data_comes(&f, (struct says_data){.cid = 1});
	look(&f, &l, &item.id, 0, q, NULL);
	is(&l.now, FACT(ACTION), EVENTS_USE_READ);
	is(&l.now, FACT(MODE), 1);
	is(&l.now, FACT(PURPOSE), 6);
	is(&l.now, FACT(LEGAL_BASIS), EVENTS_BASIS_CONSENT);
	unknown(&l.now, FACT(DISEASE));
	unknown(&l.now, FACT(ENVIRONMENT));
	unknown(&l.now, FACT(ACCESS_UNTIL));
	unknown(&l.now, FACT(ACCESS_DURATION));
	unknown(&l.now, FACT(INSTRUMENT));
	is(&l.now, FACT(ACCEPTED_TERMS), 0);
	says(&l.now, FACT(REQUESTER_ORGANISATION), "h2");
	says(&l.now, FACT(REQUESTER_ACTOR), "h2/researcher");
	says(&l.now, FACT(REQUESTER_COUNTRY), "FR");
	is(&l.now, FACT(REQUESTER_ROLES), EVENTS_ROLE(EVENTS_ROLE_RESEARCHER));
	is(&l.now, FACT(ACCESS_ONGOING), 0);
	is(&l.now, FACT(NOW), (int64_t)f.time.ms + 1000);
	is(&l.now, FACT(PERMIT_DATE), (int64_t)f.time.ms + 1000);
	unknown(&l.now, FACT(EVENT));
	done(&l);
	/* An organisation alone; training has no mode; what can be said is said. */
	q.recipient = base_slice_text("h2");
	q.mode = 0;
	q.disease = base_slice_text("MONDO:0009861");
	q.environment = base_slice_text("spe-1");
	q.terms = UINT64_C(1) << 18;
	q.has_until = true;
	q.until = (struct events_when){EVENTS_DAY, FIXTURE_TIME + 10 * DAY, true, 0};
	q.ongoing = true;
	look(&f, &l, &item.id, 0, q, &item);
	unknown(&l.now, FACT(MODE));
	unknown(&l.now, FACT(REQUESTER_ACTOR));
	is(&l.now, FACT(REQUESTER_ROLES), 0);
	says(&l.now, FACT(DISEASE), "MONDO:0009861");
	says(&l.now, FACT(ENVIRONMENT), "spe-1");
	is(&l.now, FACT(ACCEPTED_TERMS), 1 << 18);
	is(&l.now, FACT(ACCESS_UNTIL), (int64_t)(FIXTURE_TIME + 10 * DAY));
	ck_assert_int_eq(l.now.fact[FACT(ACCESS_UNTIL)].last, (int64_t)(FIXTURE_TIME + 11 * DAY - 1));
	is(&l.now, FACT(ACCESS_DURATION), (int64_t)(FIXTURE_TIME + 11 * DAY - 1 - f.time.ms - 1000));
	is(&l.now, FACT(ACCESS_ONGOING), 1);
	is(&l.then, FACT(ACCESS_ONGOING), 0);
	is(&l.now, FACT(PERMIT_DATE), l.then.fact[FACT(NOW)].value);
	ck_assert_int_lt(l.then.fact[FACT(NOW)].value, l.now.fact[FACT(NOW)].value);
	done(&l);
	fixture_close(&f);
}
END_TEST

START_TEST(facts_of_the_study_and_the_approval)
{
	struct fixture_result item, other, later;
	struct fixture_draft draft;
	struct fixture f;
	struct look l;

	ready(&f, FIXTURE_BASIS_LEGAL_OBLIGATION);
	item = data_comes(&f, (struct says_data){.cid = 1});
	other = data_comes(&f, (struct says_data){.cid = 2, .by = "h2/admin", .participant = 4});
	look(&f, &l, &item.id, 0, question(), NULL);
	says(&l.now, FACT(STUDY_SITES), "a b");
	says(&l.now, FACT(STUDY_ORGANISATIONS), "h1 h2");
	says(&l.now, FACT(STUDY_COUNTRIES), "FR");
	says(&l.now, FACT(STUDY_SPONSOR), "h1");
	is(&l.now, FACT(STUDY_STATUS), 1);
	is(&l.now, FACT(STUDY_LEGAL_BASIS), FIXTURE_BASIS_LEGAL_OBLIGATION);
	unknown(&l.now, FACT(STUDY_PHASE));
	says(&l.now, FACT(PROTOCOL_VERSION), "1.0");
	is(&l.now, FACT(APPROVAL_VALID), 0);
	is(&l.now, FACT(APPROVAL_STATUS), STATE_APPROVAL_NONE);
	unknown(&l.now, FACT(APPROVAL_UNTIL));
	is(&l.now, FACT(PROTOCOL_APPROVED), 0);
	done(&l);
	ck_recorded(approve(&f, "a", ON(40)), 0);
	look(&f, &l, &item.id, 0, question(), NULL);
	is(&l.now, FACT(APPROVAL_VALID), 1);
	is(&l.now, FACT(APPROVAL_STATUS), STATE_APPROVAL_IN_FORCE);
	is(&l.now, FACT(APPROVAL_UNTIL), (int64_t)ON(41));
	is(&l.now, FACT(PROTOCOL_APPROVED), 1);
	done(&l);
	look(&f, &l, &other.id, 0, question(), NULL); /* of site b */
	is(&l.now, FACT(APPROVAL_VALID), 0);
	done(&l);
	/* Another protocol, an end: as of the permit they were not. */
	later = data_comes(&f, (struct says_data){.cid = 3});
	draft = fixture_draft(&f, "h1/admin", EVENTS_STUDY_AMEND, "s1");
	wire_put_map(&draft.body, 1);
	put_key_text(&draft.body, 5, "2.0");
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_STUDY_CLOSE, "s1");
	wire_put_map(&draft.body, 0);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_SUSPEND, .when = ON(30)}), 0);
	look(&f, &l, &item.id, 0, question(), &later);
	says(&l.now, FACT(PROTOCOL_VERSION), "2.0");
	is(&l.now, FACT(PROTOCOL_APPROVED), 0);
	is(&l.now, FACT(STUDY_STATUS), 2);
	is(&l.now, FACT(APPROVAL_STATUS), STATE_APPROVAL_SUSPENDED);
	unknown(&l.now, FACT(APPROVAL_UNTIL));
	says(&l.then, FACT(PROTOCOL_VERSION), "1.0");
	is(&l.then, FACT(PROTOCOL_APPROVED), 1);
	is(&l.then, FACT(STUDY_STATUS), 1);
	is(&l.then, FACT(APPROVAL_VALID), 1);
	done(&l);
	fixture_close(&f);
}
END_TEST

START_TEST(facts_of_consent)
{
	struct fixture_result item, nobodys, given, later;
	struct fixture f;
	struct look l;

	ready(&f, EVENTS_BASIS_PUBLIC_INTEREST);
	ck_recorded(approve(&f, NULL, 0), 0);
	nobodys = fixture_submit(&f, "h1/admin", "s1", 8, 0);
	item = data_comes(&f, (struct says_data){.cid = 1, .collected = ON(10)});
	look(&f, &l, &nobodys.id, 0, question(), NULL);
	for (unsigned fact = FACT(CONSENT_COVERS); fact <= FACT(PARTICIPANT_STATUS); fact++)
		unknown(&l.now, fact);
	done(&l);
	look(&f, &l, &item.id, 0, question(), NULL);
	is(&l.now, FACT(CONSENT_COVERS), 0);
	is(&l.now, FACT(CONSENT_GROUND), STATE_GROUND_NOTHING);
	is(&l.now, FACT(CONSENT_WITHDRAWN), 0);
	is(&l.now, FACT(OBJECTION_COVERS), 0);
	unknown(&l.now, FACT(CONSENT_FORM_CURRENT));
	unknown(&l.now, FACT(CONSENT_SIGNERS));
	unknown(&l.now, FACT(CONSENT_DATE));
	is(&l.now, FACT(RECONSENT_DUE), 0);
	is(&l.now, FACT(OF_AGE), 0);
	unknown(&l.now, FACT(PARTICIPANT_STATUS));
	done(&l);
	given = participant_says(&f, (struct says_consent){.when = ON(5), .signer = 2, .ask_again = ON(61),
							   .precision = EVENTS_DAY});
	ck_assert_int_eq(given.verdict, STATE_RECORDED);
	look(&f, &l, &item.id, 0, question(), &item);
	is(&l.now, FACT(CONSENT_COVERS), 1);
	is(&l.now, FACT(CONSENT_GROUND), STATE_GROUND_GIVEN);
	is(&l.now, FACT(CONSENT_FORM_CURRENT), 1);
	is(&l.now, FACT(CONSENT_SIGNERS), 1 << 2);
	is(&l.now, FACT(CONSENT_DATE), (int64_t)ON(5));
	ck_assert_int_eq(l.now.fact[FACT(CONSENT_DATE)].last, (int64_t)(ON(6) - 1));
	is(&l.then, FACT(CONSENT_COVERS), 0); /* nobody knew of it */
	unknown(&l.then, FACT(CONSENT_DATE));
	done(&l);
	/* A new form: the old one is current no more. An objection binds from now on. */
	later = data_comes(&f, (struct says_data){.cid = 3});
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 2, .when = ON(8)}), 0);
	ck_recorded(participant_says(&f, (struct says_consent){.act = EVENTS_CONSENT_OBJECT, .when = ON(20)}), 0);
	look(&f, &l, &item.id, 0, question(), &later);
	is(&l.now, FACT(CONSENT_FORM_CURRENT), 0);
	is(&l.now, FACT(CONSENT_COVERS), 0);
	is(&l.now, FACT(OBJECTION_COVERS), 1);
	is(&l.now, FACT(CONSENT_WITHDRAWN), 0);
	is(&l.now, FACT(CONSENT_GROUND), STATE_GROUND_OBJECTED);
	is(&l.then, FACT(OBJECTION_COVERS), 0);
	is(&l.then, FACT(CONSENT_COVERS), 1);
	done(&l);
	ck_recorded(participant_says(&f, (struct says_consent){.act = EVENTS_CONSENT_WITHDRAW, .when = ON(25)}), 0);
	look(&f, &l, &item.id, 0, question(), NULL);
	is(&l.now, FACT(CONSENT_WITHDRAWN), 1);
	done(&l);
	fixture_close(&f);
}
END_TEST

static struct fixture_result status(struct fixture *f, unsigned participant, uint64_t code)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_PARTICIPANT_STATUS, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 2, code);
	return fixture_send(f, &draft);
}

START_TEST(facts_of_age_and_asking_again)
{
	struct fixture_result item;
	struct fixture f;
	struct look l;

	ready(&f, EVENTS_BASIS_PUBLIC_INTEREST);
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1, .when = ON(0),
								 .majority = EVENTS_MEANWHILE_NO_USE}),
		    0);
	item = data_comes(&f, (struct says_data){.cid = 1, .collected = ON(10)});
	/* The month of day 2, which is over. */
	ck_assert_int_eq(participant_says(&f, (struct says_consent){.when = ON(1), .signer = 2, .ask_again = ON(2)}).verdict,
			 STATE_RECORDED);
	look(&f, &l, &item.id, 0, question(), NULL);
	is(&l.now, FACT(OF_AGE), 1);
	is(&l.now, FACT(RECONSENT_DUE), 1);
	is(&l.now, FACT(CONSENT_GROUND), STATE_GROUND_ASK_AGAIN);
	done(&l);
	item = data_comes(&f, (struct says_data){.cid = 2, .participant = 2});
	ck_recorded(status(&f, 2, EVENTS_STATUS_OF_AGE), 0);
	ck_recorded(status(&f, 2, EVENTS_STATUS_ACTIVE), 0);
	look(&f, &l, &item.id, 0, question(), &item);
	is(&l.now, FACT(OF_AGE), 1);
	is(&l.now, FACT(PARTICIPANT_STATUS), EVENTS_STATUS_ACTIVE);
	is(&l.then, FACT(OF_AGE), 0);
	unknown(&l.then, FACT(PARTICIPANT_STATUS));
	done(&l);
	fixture_close(&f);
}
END_TEST

static struct fixture_result agree(struct fixture *f, uint64_t instrument)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_AGREEMENT_RECORD, "s1");

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 2);
	wire_put_cstr(&draft.body, "h1");
	wire_put_cstr(&draft.body, "h2");
	wire_put_uint(&draft.body, 2);
	put_point(&draft.body, ON(0));
	put_key_uint(&draft.body, 4, instrument);
	return fixture_send(f, &draft);
}

static struct fixture_result hold(struct fixture *f, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_HOLD_PLACE, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, item, 0);
	put_key_uint(&draft.body, 4, 1);
	return fixture_send(f, &draft);
}

START_TEST(facts_of_agreements_and_holds)
{
	struct fixture_result item, own, agreement;
	struct access_question q = question();
	struct fixture f;
	struct look l;

	ready(&f, FIXTURE_BASIS_LEGAL_OBLIGATION);
	item = data_comes(&f, (struct says_data){.cid = 1});
	own = data_comes(&f, (struct says_data){.cid = 2, .by = "h2/admin", .participant = 4});
	look(&f, &l, &item.id, 0, q, NULL);
	is(&l.now, FACT(AGREEMENT_IN_FORCE), 0);
	unknown(&l.now, FACT(AGREEMENT_INSTRUMENT));
	is(&l.now, FACT(HOLD_COVERS), 0);
	done(&l);
	look(&f, &l, &own.id, 0, q, NULL); /* with oneself always */
	is(&l.now, FACT(AGREEMENT_IN_FORCE), 1);
	unknown(&l.now, FACT(AGREEMENT_INSTRUMENT));
	done(&l);
	agreement = agree(&f, 3);
	ck_recorded(agreement, 0);
	ck_recorded(hold(&f, &item.id), 0);
	q.has_instrument = true;
	q.instrument = agreement.id;
	look(&f, &l, &item.id, 0, q, &agreement);
	is(&l.now, FACT(AGREEMENT_IN_FORCE), 1);
	is(&l.now, FACT(AGREEMENT_INSTRUMENT), 3);
	is(&l.now, FACT(INSTRUMENT), 3);
	is(&l.now, FACT(HOLD_COVERS), 1);
	is(&l.then, FACT(AGREEMENT_IN_FORCE), 0);
	unknown(&l.then, FACT(INSTRUMENT));
	is(&l.then, FACT(HOLD_COVERS), 0);
	done(&l);
	fixture_close(&f);
}
END_TEST

static struct fixture_result retract(struct fixture *f, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_RETRACT, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, item, 0);
	return fixture_send(f, &draft);
}

START_TEST(facts_of_data_and_what_keeps_it_back)
{
	struct fixture_result item, plain, derived, corrected;
	struct fixture_draft draft;
	struct fixture f;
	struct look l;

	ready(&f, FIXTURE_BASIS_LEGAL_OBLIGATION);
	item = data_comes(&f, (struct says_data){.cid = 1, .category = 2, .collected = ON(10), .precision = EVENTS_DAY});
	plain = fixture_submit(&f, "h1/admin", "s1", 2, 0);
	look(&f, &l, &item.id, 0, question(), NULL);
	is(&l.now, FACT(DATA_CATEGORY), 2);
	is(&l.now, FACT(SOURCE_CATEGORIES), 0);
	says(&l.now, FACT(DATA_SITE), "a");
	says(&l.now, FACT(DATA_ORGANISATION), "h1");
	says(&l.now, FACT(DATA_COUNTRY), "FR");
	is(&l.now, FACT(DATA_COLLECTED), (int64_t)ON(10));
	ck_assert_int_eq(l.now.fact[FACT(DATA_COLLECTED)].last, (int64_t)(ON(11) - 1));
	is(&l.now, FACT(DATA_DERIVED), 0);
	is(&l.now, FACT(DATA_STATUS), 1);
	is(&l.now, FACT(DATA_FLAGS), 0);
	ck_assert_int_eq(l.bar, 0);
	done(&l);
	look(&f, &l, &plain.id, 0, question(), NULL);
	unknown(&l.now, FACT(DATA_SITE));
	unknown(&l.now, FACT(DATA_COLLECTED));
	ck_assert_int_gt(l.now.fact[FACT(DATA_RECORDED)].value, (int64_t)FIXTURE_TIME);
	done(&l);
	derived = derive(&f, "h1/admin", 3, 0, &item.id, &plain.id);
	ck_recorded(derived, 0);
	look(&f, &l, &derived.id, 0, question(), NULL);
	is(&l.now, FACT(DATA_DERIVED), 1);
	is(&l.now, FACT(SOURCE_CATEGORIES), 1 << 2 | 1 << 1);
	is(&l.now, FACT(CONSENT_COVERS), 0); /* of whom it was derived from */
	done(&l);
	/* Corrected, then the replacement too: it is derived from the same. */
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_CORRECT, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, &derived.id, 0);
	wire_put_uint(&draft.body, 2);
	put_item(&draft.body, 4, 0);
	corrected = fixture_send(&f, &draft);
	ck_recorded(corrected, 0);
	look(&f, &l, &derived.id, 0, question(), &corrected);
	is(&l.now, FACT(DATA_STATUS), 3);
	is(&l.then, FACT(DATA_STATUS), 1);
	done(&l);
	look(&f, &l, &corrected.id, 0, question(), NULL);
	is(&l.now, FACT(DATA_STATUS), 2);
	is(&l.now, FACT(DATA_DERIVED), 1);
	is(&l.now, FACT(SOURCE_CATEGORIES), 1 << 2 | 1 << 1);
	done(&l);
	/* What keeps a source back, keeps back what is derived from it. */
	ck_recorded(retract(&f, &item.id), 0);
	look(&f, &l, &item.id, 0, question(), NULL);
	ck_assert_int_eq(l.bar, ACCESS_RETRACTED);
	done(&l);
	look(&f, &l, &corrected.id, 0, question(), NULL);
	ck_assert_int_eq(l.bar, ACCESS_RETRACTED);
	done(&l);
	look(&f, &l, &plain.id, 0, question(), NULL);
	ck_assert_int_eq(l.bar, 0);
	done(&l);
	fixture_close(&f);
}
END_TEST

START_TEST(data_when_not_covered_is_quarantined_until_it_is)
{
	struct fixture_result item, closed;
	struct fixture_draft draft;
	struct fixture f;
	struct look l;

	ready(&f, EVENTS_BASIS_CONSENT);
	item = data_comes(&f, (struct says_data){.cid = 1, .collected = ON(10)});
	look(&f, &l, &item.id, 0, question(), NULL);
	ck_assert_int_eq(l.bar, ACCESS_QUARANTINED);
	is(&l.now, FACT(DATA_FLAGS), (int64_t)(FLAG(NO_APPROVAL) | FLAG(NO_CONSENT_EVIDENCED)));
	done(&l);
	ck_recorded(approve(&f, NULL, 0), 0);
	ck_recorded(participant_says(&f, (struct says_consent){.when = ON(5)}), 0);
	look(&f, &l, &item.id, 0, question(), &item);
	ck_assert_int_eq(l.bar, 0);
	is(&l.now, FACT(DATA_FLAGS), 0);
	is(&l.then, FACT(DATA_FLAGS), (int64_t)(FLAG(NO_APPROVAL) | FLAG(NO_CONSENT_EVIDENCED)));
	done(&l);
	/* After the study closed, until its sponsor approves the item. */
	draft = fixture_draft(&f, "h1/admin", EVENTS_STUDY_CLOSE, "s1");
	wire_put_map(&draft.body, 0);
	ck_recorded(fixture_send(&f, &draft), 0);
	closed = data_comes(&f, (struct says_data){.cid = 2, .collected = ON(10)});
	look(&f, &l, &closed.id, 0, question(), NULL);
	ck_assert_int_eq(l.bar, ACCESS_QUARANTINED);
	is(&l.now, FACT(DATA_FLAGS), (int64_t)FLAG(STUDY_CLOSED));
	done(&l);
	draft = fixture_draft(&f, "h1/admin", EVENTS_ATTEST, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, &closed.id, 0);
	put_key_uint(&draft.body, 2, EVENTS_MEANING_APPROVED);
	ck_recorded(fixture_send(&f, &draft), 0);
	look(&f, &l, &closed.id, 0, question(), NULL);
	ck_assert_int_eq(l.bar, 0);
	is(&l.now, FACT(DATA_FLAGS), 0);
	done(&l);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		facts_of_the_request,
		facts_of_the_study_and_the_approval,
		facts_of_consent,
		facts_of_age_and_asking_again,
		facts_of_agreements_and_holds,
		facts_of_data_and_what_keeps_it_back,
		data_when_not_covered_is_quarantined_until_it_is,
		NULL,
	};

	return fixture_run("access_facts", tests);
}
