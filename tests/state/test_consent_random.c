/* Both axes, by brute force: random histories of decisions and consents, late and out of order, and random questions;
 * every answer is that of tests/state/naive.c. 20,000 questions; with TORTURE set, 1,000,000. REGESTA_SEED=N: another
 * series. */
#include "ledger/state/exec_internal.h"
#include "tests/state/naive.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MOST 36
#define PROVISIONS_MOST 512
#define BEGIN UINT64_C(1772323200000) /* 2026-03-01T00:00:00Z */
#define HOUR UINT64_C(3600000)

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static unsigned below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 20) % n);
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

/* ---- Histories -------------------------------------------------------------------- */

struct history {
	struct naive_event events[EVENTS_MOST];
	size_t count;
	struct naive_provision provisions[PROVISIONS_MOST];
	size_t provision_count;
	struct state_fact approvals[EVENTS_MOST], consents[EVENTS_MOST], participant[EVENTS_MOST];
	struct base_buf contents[EVENTS_MOST];
	size_t approval_count, consent_count, participant_count;
};

/* Few instants, so that they meet: every twelve hours of 70 days, over months of different lengths. */
static uint64_t some_instant(void)
{
	return BEGIN + below(140) * 12 * HOUR - (one_in(8) ? 1 : 0);
}

static struct events_when some_when(void)
{
	static const int16_t offsets[] = {0, 60, -300, 345};
	static const uint64_t months[] = {BEGIN - 28 * 24 * HOUR, BEGIN, BEGIN + 31 * 24 * HOUR, BEGIN + 61 * 24 * HOUR};
	struct events_when when = {.precision = EVENTS_POINT, .utc_ms = some_instant(), .has_offset = !one_in(4)};
	int64_t shift;

	when.offset_min = when.has_offset ? offsets[below(4)] : 0;
	shift = (int64_t)when.offset_min * 60000;
	if (one_in(2))
		return when;
	when.precision = one_in(4) ? EVENTS_MONTH : EVENTS_DAY;
	if (when.precision == EVENTS_MONTH)
		when.utc_ms = (uint64_t)((int64_t)months[below(4)] - shift);
	else
		when.utc_ms = (uint64_t)((int64_t)(BEGIN + below(70) * 24 * HOUR) - shift);
	return when;
}

static struct naive_form some_form(void)
{
	static const struct naive_form forms[] = {{1, 1, 1}, {2, 1, 1}, {3, 2, 1}, {4, 1, 2}};

	return forms[one_in(2) ? 0 : below(4)];
}

static unsigned some_member(unsigned list)
{
	static const unsigned purposes[] = {4, 6, 7, 42, 105, 106, 107, 108, 118};
	static const unsigned most[NAIVE_LISTS] = {12, 3, 0, 3, 2, 4, 3};

	return list == NAIVE_PURPOSES ? purposes[below(9)] : 1 + below(most[list]);
}

static struct naive_period some_period(void)
{
	struct naive_period period = {.has_from = one_in(2), .from = some_when(), .to = some_when()};

	period.has_to = !period.has_from || one_in(2);
	return period;
}

static struct naive_provision *some_provisions(struct history *h, size_t *count, unsigned depth)
{
	struct naive_provision *list = &h->provisions[h->provision_count];
	size_t most = depth == 0 ? 3 : 2;

	*count = 1 + below((unsigned)most);
	if (h->provision_count + *count > PROVISIONS_MOST) {
		*count = 0;
		return NULL;
	}
	h->provision_count += *count;
	for (size_t i = 0; i < *count; i++) {
		struct naive_provision *p = &list[i];

		p->deny = one_in(depth == 0 ? 5 : 2);
		for (unsigned l = 0; l < NAIVE_LISTS; l++) {
			p->counts[l] = one_in(6) ? 1 + below(NAIVE_SOME) : 0;
			for (size_t k = 0; k < p->counts[l]; k++)
				p->lists[l][k] = some_member(l);
		}
		p->has_valid = one_in(5);
		p->has_collected = one_in(5);
		p->valid = some_period();
		p->collected = some_period();
		if (depth < 2 && one_in(2))
			p->nested = some_provisions(h, &p->nested_count, depth + 1);
	}
	return list;
}

static void make_decision(struct naive_event *e, const struct history *h)
{
	static const unsigned acts[] = {1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 5, 5, 6, 6, 7};

	e->what = NAIVE_DECISION;
	e->act = acts[below(16)];
	e->committee = one_in(3) ? 2 : 1;
	e->sites = one_in(4) ? 1 + below(3) : 0;
	for (size_t i = 0; (e->act <= 2 || e->act == 6) && i < NAIVE_SOME && one_in(2); i++)
		e->forms[i] = some_form();
	if (e->act == 6) {
		e->targets[0] = 1 + below((unsigned)h->count + 4);
		e->targets[1] = 1 + below((unsigned)h->count + 4);
	}
	e->has_until = (e->act <= 2 || e->act == 5) && one_in(3);
	e->until = some_when();
	if (e->act > 2)
		return;
	e->majority = one_in(3) ? 1 + below(3) : 0;
	e->has_reconsent = one_in(3);
	e->by = some_when();
	e->who = 1 + below(4);
	e->meanwhile = 1 + below(3);
	e->after = 1 + below(3);
}

/* An earlier consent event of this act (0: any but annulments); 0 if there is none. */
static unsigned earlier(const struct history *h, unsigned act)
{
	for (unsigned tries = 0; h->count > 0 && tries < 8; tries++) {
		const struct naive_event *e = &h->events[below((unsigned)h->count)];

		if (e->what == NAIVE_CONSENT && (act == 0 ? e->act != EVENTS_CONSENT_ANNUL : e->act == act))
			return e->id;
	}
	return 0;
}

static void make_consent(struct naive_event *e, struct history *h)
{
	static const unsigned acts[] = {1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6};

	e->what = NAIVE_CONSENT;
	e->act = acts[below(13)];
	e->form = some_form();
	e->capacity = one_in(2) ? 2 + below(4) : 1;
	e->has_ask_again = one_in(2);
	do
		e->ask_again = some_when();
	while (e->ask_again.precision != EVENTS_MONTH);
	e->existing = one_in(2) ? 1 : 1 + below(4);
	e->samples = below(5);
	e->alone = e->act == EVENTS_CONSENT_ANNUL && one_in(4);
	e->repudiates = e->act == EVENTS_CONSENT_ANNUL && one_in(3);
	if (e->repudiates && one_in(2))
		e->targets[0] = earlier(h, EVENTS_CONSENT_ANNUL);
	if (e->act == EVENTS_CONSENT_ANNUL && e->targets[0] == 0 && (e->targets[0] = earlier(h, 0)) == 0)
		e->act = EVENTS_CONSENT_ATTEMPT;
	if (e->act == EVENTS_CONSENT_GIVE && one_in(4))
		e->targets[0] = earlier(h, EVENTS_CONSENT_GIVE);
	if (e->act == EVENTS_CONSENT_GIVE || (e->act <= EVENTS_CONSENT_OBJECT && one_in(2)))
		e->provisions = some_provisions(h, &e->provision_count, 0);
	if (e->act == EVENTS_CONSENT_GIVE && e->provision_count == 0)
		e->act = EVENTS_CONSENT_ATTEMPT;
}

static void make_representative(struct naive_event *e)
{
	e->what = NAIVE_REPRESENT;
	e->representative = 1 + below(NAIVE_SOME);
	e->period.has_from = true;
	e->period.from = some_when();
	e->period.has_to = !one_in(3);
	e->period.to = some_when();
}

static void make_event(struct history *h)
{
	struct naive_event *e = &h->events[h->count];
	unsigned annulment = earlier(h, EVENTS_CONSENT_ANNUL);

	memset(e, 0, sizeof(*e));
	e->index = h->count == 0 ? below(5) : h->events[h->count - 1].index + 1 + below(3);
	e->id = (unsigned)h->count + 1;
	e->when = some_when();
	if (annulment != 0 && one_in(3)) {
		e->what = NAIVE_ATTEST;
		e->targets[0] = annulment;
	} else if (one_in(24)) {
		e->what = NAIVE_OF_AGE;
	} else if (one_in(10)) {
		make_representative(e);
	} else if (one_in(2)) {
		make_decision(e, h);
	} else {
		make_consent(e, h);
	}
	h->count++;
}

/* ---- As state holds them -------------------------------------------------------------- */

static struct base_hash id_of(unsigned id)
{
	uint8_t bytes[4];

	base_put_u32be(bytes, id);
	return base_sha256_of(base_slice(bytes, sizeof(bytes)));
}

static void put_when(struct base_buf *out, uint64_t key, const struct events_when *when)
{
	wire_put_uint(out, key);
	events_when_put(out, when);
}

static void put_uint(struct base_buf *out, uint64_t key, uint64_t value)
{
	wire_put_uint(out, key);
	wire_put_uint(out, value);
}

static void put_form(struct base_buf *out, const struct naive_form *form)
{
	wire_put_map(out, 4);
	wire_put_uint(out, 1);
	wire_put_bytes(out, base_slice((const uint8_t *)&form->cid, sizeof(form->cid)));
	wire_put_uint(out, 2);
	wire_put_cstr(out, "1");
	wire_put_uint(out, 3);
	wire_put_cstr(out, form->language == 1 ? "de" : "fr");
	put_uint(out, 4, form->audience);
}

static void put_period(struct base_buf *out, uint64_t key, const struct naive_period *period)
{
	wire_put_uint(out, key);
	wire_put_map(out, (uint64_t)period->has_from + period->has_to);
	if (period->has_from)
		put_when(out, 1, &period->from);
	if (period->has_to)
		put_when(out, 2, &period->to);
}

static void put_provisions(struct base_buf *out, const struct naive_provision *list, size_t count);

static void put_list(struct base_buf *out, const struct naive_provision *p, unsigned list, uint64_t key)
{
	const char *const *texts = list == NAIVE_DISEASES     ? naive_diseases
				   : list == NAIVE_RECIPIENTS ? naive_recipients
							      : naive_countries;

	if (p->counts[list] == 0)
		return;
	wire_put_uint(out, key);
	wire_put_array(out, p->counts[list]);
	for (size_t i = 0; i < p->counts[list]; i++) {
		if (list < NAIVE_DISEASES)
			wire_put_uint(out, p->lists[list][i]);
		else
			wire_put_cstr(out, texts[p->lists[list][i]]);
	}
}

static void put_provision(struct base_buf *out, const struct naive_provision *p)
{
	uint64_t members = 1 + (uint64_t)p->has_valid + p->has_collected + (p->nested_count > 0);

	for (unsigned l = 0; l < NAIVE_LISTS; l++)
		members += p->counts[l] > 0;
	wire_put_map(out, members);
	put_uint(out, 1, p->deny ? EVENTS_EFFECT_DENY : EVENTS_EFFECT_PERMIT);
	put_list(out, p, NAIVE_USES, 2);
	put_list(out, p, NAIVE_CATEGORIES, 3);
	put_list(out, p, NAIVE_PURPOSES, 4);
	put_list(out, p, NAIVE_DISEASES, 6);
	put_list(out, p, NAIVE_RECIPIENTS, 7);
	put_list(out, p, NAIVE_COUNTRIES, 8);
	put_list(out, p, NAIVE_MODES, 9);
	if (p->has_valid)
		put_period(out, 10, &p->valid);
	if (p->has_collected)
		put_period(out, 11, &p->collected);
	if (p->nested_count == 0)
		return;
	wire_put_uint(out, 12);
	put_provisions(out, p->nested, p->nested_count);
}

static void put_provisions(struct base_buf *out, const struct naive_provision *list, size_t count)
{
	wire_put_array(out, count);
	for (size_t i = 0; i < count; i++)
		put_provision(out, &list[i]);
}

static void put_forms(struct base_buf *out, uint64_t key, const struct naive_form *forms)
{
	uint64_t count = 0;

	while (count < NAIVE_SOME && forms[count].cid != 0)
		count++;
	if (count == 0)
		return;
	wire_put_uint(out, key);
	wire_put_array(out, count);
	for (size_t i = 0; i < count; i++)
		put_form(out, &forms[i]);
}

static void put_ids(struct base_buf *out, uint64_t key, const unsigned *ids)
{
	uint64_t count = 0;

	while (count < NAIVE_SOME && ids[count] != 0)
		count++;
	wire_put_uint(out, key);
	wire_put_array(out, count);
	for (size_t i = 0; i < count; i++) {
		struct base_hash id = id_of(ids[i]);

		wire_put_hash(out, &id);
	}
}

static void put_decision_body(struct base_buf *out, const struct naive_event *e)
{
	bool forms = e->forms[0].cid != 0;

	if (e->act == EVENTS_ETHICS_APPROVE || e->act == EVENTS_ETHICS_CONDITIONAL) {
		wire_put_map(out, 1 + (uint64_t)forms + e->has_until + e->has_reconsent + (e->majority != 0));
		wire_put_uint(out, 1);
		wire_put_cstr(out, "1.0");
		put_forms(out, 2, e->forms);
		if (e->has_until)
			put_when(out, 3, &e->until);
		if (e->has_reconsent) {
			wire_put_uint(out, 4);
			wire_put_map(out, 4);
			put_uint(out, 1, e->who);
			put_when(out, 2, &e->by);
			put_uint(out, 3, e->meanwhile);
			put_uint(out, 4, e->after);
		}
		if (e->majority != 0)
			put_uint(out, 5, e->majority);
	} else if (e->act == EVENTS_ETHICS_WAIVE) {
		wire_put_map(out, 1 + (uint64_t)forms);
		put_forms(out, 1, e->forms);
		put_ids(out, 2, e->targets);
	} else {
		wire_put_map(out, e->has_until);
		if (e->has_until)
			put_when(out, 1, &e->until);
	}
}

static void put_decision(struct base_buf *out, const struct naive_event *e)
{
	struct base_hash id = id_of(e->id);

	wire_put_map(out, e->sites == 0 ? 3 : 4);
	wire_put_uint(out, 0);
	wire_put_hash(out, &id);
	wire_put_uint(out, 1);
	wire_put_cstr(out, e->committee == 1 ? "ethics-a" : "ethics-b");
	if (e->sites != 0) {
		wire_put_uint(out, 3);
		wire_put_array(out, e->sites == 3 ? 2 : 1);
		if ((e->sites & 1) != 0)
			wire_put_cstr(out, "a");
		if ((e->sites & 2) != 0)
			wire_put_cstr(out, "b");
	}
	wire_put_uint(out, 4);
	wire_put_map(out, 1);
	wire_put_uint(out, e->act);
	put_decision_body(out, e);
}

static void put_give(struct base_buf *out, const struct naive_event *e)
{
	wire_put_map(out, 3 + (uint64_t)e->has_ask_again + (e->targets[0] != 0));
	wire_put_uint(out, 1);
	put_form(out, &e->form);
	wire_put_uint(out, 2);
	wire_put_array(out, 1);
	wire_put_map(out, 1);
	put_uint(out, 1, e->capacity);
	wire_put_uint(out, 4);
	put_provisions(out, e->provisions, e->provision_count);
	if (e->has_ask_again)
		put_when(out, 5, &e->ask_again);
	if (e->targets[0] != 0) {
		struct base_hash id = id_of(e->targets[0]);

		wire_put_uint(out, 6);
		wire_put_hash(out, &id);
	}
}

static void put_act(struct base_buf *out, const struct naive_event *e)
{
	bool scope = e->provision_count > 0;
	struct base_hash id = id_of(e->targets[0]);

	switch ((enum events_consent_act)e->act) {
	case EVENTS_CONSENT_GIVE:
		put_give(out, e);
		return;
	case EVENTS_CONSENT_REFUSE:
		wire_put_map(out, scope);
		if (scope) {
			wire_put_uint(out, 3);
			put_provisions(out, e->provisions, e->provision_count);
		}
		return;
	case EVENTS_CONSENT_WITHDRAW:
	case EVENTS_CONSENT_OBJECT:
		wire_put_map(out, 1 + (uint64_t)scope + (e->samples != 0));
		if (scope) {
			wire_put_uint(out, 2);
			put_provisions(out, e->provisions, e->provision_count);
		}
		put_uint(out, 3, e->existing);
		if (e->samples != 0)
			put_uint(out, 4, e->samples);
		return;
	case EVENTS_CONSENT_ANNUL:
		wire_put_map(out, 1);
		wire_put_uint(out, 1);
		wire_put_hash(out, &id);
		return;
	case EVENTS_CONSENT_ATTEMPT:
		wire_put_map(out, 2);
		put_uint(out, 1, 6);
		put_uint(out, 2, 1);
		return;
	}
}

static void put_consent(struct base_buf *out, const struct naive_event *e)
{
	struct base_hash id = id_of(e->id);

	wire_put_map(out, e->alone ? 3 : 2);
	wire_put_uint(out, 1);
	wire_put_hash(out, &id);
	wire_put_uint(out, 2);
	wire_put_map(out, 1);
	wire_put_uint(out, e->act);
	put_act(out, e);
	if (e->alone) {
		wire_put_uint(out, 3);
		wire_put_bool(out, true);
	}
}

static void put_representative(struct base_buf *out, const struct naive_event *e)
{
	static const char *const codes[] = {"", "r-1", "r-2", "r-3"};

	wire_put_map(out, 1);
	wire_put_uint(out, 10);
	wire_put_map(out, 3 + (uint64_t)e->period.has_to);
	wire_put_uint(out, 2);
	wire_put_cstr(out, codes[e->representative]);
	put_uint(out, 3, 1);
	put_when(out, 4, &e->period.from);
	if (e->period.has_to)
		put_when(out, 5, &e->period.to);
}

static void encode(struct history *h, size_t i)
{
	const struct naive_event *e = &h->events[i];
	struct base_buf *out = &h->contents[i];
	struct state_fact fact = {e->index, {e->when.utc_ms}, e->when, EVENTS_CONSENT, {NULL, 0}};

	out->len = 0;
	if (e->what == NAIVE_ATTEST) {
		fact.kind = EVENTS_ATTEST;
		wire_put_map(out, 1);
		put_ids(out, 4, e->targets);
	} else if (e->what == NAIVE_CONSENT) {
		put_consent(out, e);
		if (e->repudiates)
			fact.kind = EVENTS_ACTOR_REPUDIATE;
	} else if (e->what == NAIVE_OF_AGE) {
		fact.kind = EVENTS_PARTICIPANT_STATUS;
		wire_put_map(out, 1);
		put_uint(out, 3, EVENTS_STATUS_OF_AGE);
	} else if (e->what == NAIVE_REPRESENT) {
		fact.kind = EVENTS_PARTICIPANT_REPRESENT;
		put_representative(out, e);
	} else {
		fact.kind = EVENTS_ETHICS_DECIDE;
		put_decision(out, e);
	}
	ck_assert_int_eq(wire_check(base_buf_slice(out), NULL), BASE_OK);
	fact.content = base_buf_slice(out);
	if (e->what == NAIVE_DECISION)
		h->approvals[h->approval_count++] = fact;
	else if (e->what == NAIVE_OF_AGE || e->what == NAIVE_REPRESENT)
		h->participant[h->participant_count++] = fact;
	else
		h->consents[h->consent_count++] = fact;
}

static void history_make(struct history *h)
{
	size_t wanted = 2 + below(EVENTS_MOST - 2);

	memset(h->provisions, 0, sizeof(h->provisions));
	h->count = h->provision_count = h->approval_count = h->consent_count = h->participant_count = 0;
	while (h->count < wanted)
		make_event(h);
	for (size_t i = 0; i < h->count; i++)
		encode(h, i);
}

/* ---- Questions --------------------------------------------------------------------------- */

static struct naive_question some_question(const struct history *h)
{
	struct naive_question q = {.at = some_instant(), .site = below(3), .has_collected = !one_in(4)};

	if (one_in(2))
		q.at = h->events[below((unsigned)h->count)].when.utc_ms + below(3) - 1;
	q.known = one_in(2) ? UINT64_MAX : below((unsigned)h->events[h->count - 1].index + 2);
	for (unsigned l = 0; l < NAIVE_LISTS; l++)
		q.asked[l] = one_in(3) ? 0 : some_member(l);
	q.collected = some_instant();
	q.collected_to = one_in(2) ? 0 : q.collected + 24 * HOUR - 1;
	q.ongoing = one_in(2);
	return q;
}

static struct base_slice text_of(const char *const *texts, unsigned n)
{
	return base_slice_text(texts[n]);
}

static const char *const sites[] = {"", "a", "b"};

static struct state_question as_state(const struct naive_question *q)
{
	return (struct state_question){
		.at = {q->at},
		.known = q->known,
		.use = q->asked[NAIVE_USES],
		.category = q->asked[NAIVE_CATEGORIES],
		.purpose = q->asked[NAIVE_PURPOSES],
		.mode = q->asked[NAIVE_MODES],
		.recipient = text_of(naive_recipients, q->asked[NAIVE_RECIPIENTS]),
		.country = text_of(naive_countries, q->asked[NAIVE_COUNTRIES]),
		.disease = text_of(naive_diseases, q->asked[NAIVE_DISEASES]),
		.has_collected = q->has_collected,
		.collected = {q->collected},
		.collected_to = {q->collected_to},
		.ongoing = q->ongoing,
	};
}

struct tally {
	unsigned stances[3], grounds[16], statuses[8];
};

static void ask(const struct history *h, unsigned long n, struct tally *tally)
{
	const struct naive_question q = some_question(h);
	const struct state_question question = as_state(&q);
	struct base_slice site = base_slice_text(sites[q.site]);
	struct state_approval approval, naive_says;
	struct state_answer answer, naive_answers;

	approval = state_approval_at(h->approvals, h->approval_count, site, question.at, q.known);
	naive_says = naive_approval(h->events, h->count, q.site, q.at, q.known);
	ck_assert_msg(approval.status == naive_says.status && approval.index == naive_says.index &&
			      approval.has_until == naive_says.has_until &&
			      (!approval.has_until || approval.until == naive_says.until),
		      "question %lu: approval %d by %llu, not %d by %llu", n, approval.status,
		      (unsigned long long)approval.index, naive_says.status, (unsigned long long)naive_says.index);
	answer = state_consent_at(h->consents, h->consent_count, h->approvals, h->approval_count,
				  &(struct state_cover_record){h->participant, h->participant_count}, site, &question);
	naive_answers = naive_consent(h->events, h->count, &q);
	ck_assert_msg(answer.stance == naive_answers.stance && answer.ground == naive_answers.ground &&
			      answer.index == naive_answers.index,
		      "question %lu: stance %d on ground %d by %llu, not %d on %d by %llu", n, answer.stance, answer.ground,
		      (unsigned long long)answer.index, naive_answers.stance, naive_answers.ground,
		      (unsigned long long)naive_answers.index);
	tally->stances[answer.stance]++;
	tally->grounds[answer.ground]++;
	tally->statuses[approval.status]++;
}

START_TEST(answers_when_histories_are_random_are_those_of_the_naive_evaluator)
{
	unsigned long wanted = getenv("TORTURE") != NULL ? 1000000 : 20000;
	struct history *h = base_alloc(sizeof(*h));
	struct tally tally = {{0}, {0}, {0}};

	if (getenv("REGESTA_SEED") != NULL)
		seed ^= strtoul(getenv("REGESTA_SEED"), NULL, 10) << 24;
	for (unsigned long n = 0; n < wanted; n++) {
		if (n % 40 == 0)
			history_make(h);
		ask(h, n, &tally);
	}
	for (size_t i = 0; i < EVENTS_MOST; i++)
		base_buf_free(&h->contents[i]);
	free(h);
	if (getenv("REGESTA_TALLY") != NULL) {
		for (unsigned i = 0; i < 9; i++)
			(void)printf("%u: stance %u ground %u status %u\n", i, i < 3 ? tally.stances[i] : 0, tally.grounds[i], i < 8 ? tally.statuses[i] : 0);
	}
	/* Nothing was asked in vain: every answer came, on every ground. */
	for (unsigned i = 0; i <= STATE_DENIED; i++)
		ck_assert_uint_ge(tally.stances[i], wanted / 100);
	for (unsigned i = 0; i <= STATE_GROUND_ASK_AGAIN; i++)
		ck_assert_msg(tally.grounds[i] >= wanted / 1000, "ground %u: %u times", i, tally.grounds[i]);
	for (unsigned i = 0; i <= STATE_APPROVAL_REFUSED; i++)
		ck_assert_msg(tally.statuses[i] >= wanted / 500, "status %u: %u times", i, tally.statuses[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("consent, random");
	TCase *tcase = tcase_create("consent, random");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 3000);
	tcase_add_test(tcase, answers_when_histories_are_random_are_those_of_the_naive_evaluator);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
