#include "ledger/state/access_internal.h"

#include <string.h>

/* docs/formats/access.md, "Judging": each item by the contract of its study, and by those of what it was derived from. */

#define ALWAYS                                                                                                         \
	(UINT64_C(1) << CONTRACTS_FACT_ACTION | UINT64_C(1) << CONTRACTS_FACT_PURPOSE |                                \
	 UINT64_C(1) << CONTRACTS_FACT_DATA_CATEGORY | UINT64_C(1) << CONTRACTS_FACT_NOW)

bool access_bit(const uint8_t *bitmap, size_t i)
{
	return (bitmap[i / 8] >> (i % 8) & 1) != 0;
}

void access_bit_set(uint8_t *bitmap, size_t i)
{
	bitmap[i / 8] = (uint8_t)(bitmap[i / 8] | 1u << (i % 8));
}

/* ---- What is asked ------------------------------------------------------------------ */

static struct base_slice text_if(struct base_slice body, uint64_t key)
{
	struct base_slice text = {NULL, 0};

	(void)state_content_text(body, key, &text);
	return text;
}

void access_question_read(struct base_slice request, struct access_question *out)
{
	struct wire_reader r;

	*out = (struct access_question){.action = EVENTS_USE_READ};
	out->recipient = text_if(request, 2);
	(void)state_content_uint(request, 3, &out->purpose);
	(void)state_content_uint(request, 4, &out->mode);
	(void)state_content_uint(request, 5, &out->legal_basis);
	out->has_instrument = state_content_hash(request, 6, &out->instrument);
	out->environment = text_if(request, 7);
	if (events_find(request, 8, &r)) {
		out->until = events_when_read(&r);
		out->has_until = !r.failed;
	}
	(void)state_content_uint(request, 9, &out->action);
	out->disease = text_if(request, 10);
	if (events_find(request, 11, &r)) {
		uint64_t count = wire_get_array(&r);

		for (uint64_t i = 0; i < count && !r.failed; i++)
			out->terms |= UINT64_C(1) << (wire_get_uint(&r) & 63);
	}
}

void access_items_read(struct access *access, struct base_slice body, struct access_judgement *judgement)
{
	struct base_slice what = events_raw(body, 1);
	struct wire_reader r;
	uint64_t count = 0;

	if (events_find(what, 1, &r))
		count = wire_get_array(&r);
	BASE_ASSERT(count <= EVENTS_ITEMS_MAX); /* decoded before */
	judgement->items = access_take(access, (EVENTS_ITEMS_MAX + 1) * sizeof(*judgement->items));
	judgement->verdicts = access_take(access, (EVENTS_ITEMS_MAX + 1) * sizeof(*judgement->verdicts));
	judgement->count = (size_t)count;
	for (size_t i = 0; i < judgement->count; i++)
		judgement->items[i] = events_item_id_read(&r);
}

/* ---- One item ------------------------------------------------------------------------- */

struct asked { /* what the contracts said of an item, one after the other */
	struct contracts_decision decision;
	const struct access_contract *contract;
};

static bool is_listed(const struct access_judgement *j, const struct base_hash *contract)
{
	for (size_t i = 0; i < j->contract_count; i++) {
		if (base_hash_equal(&j->contracts[i], contract))
			return true;
	}
	return j->all_contracts;
}

/* What a decision comes to: people may have decided what it refers, and what ends before it begins is no permit. */
static struct access_verdict verdict_of(const struct access *access, const struct access_judgement *j, size_t i,
					const struct asked *asked)
{
	const struct contracts_decision *d = &asked->decision;
	struct access_verdict v = {.ground = (enum access_ground)d->ground, .contract = asked->contract,
				   .clause = d->clause, .fault = d->fault};

	switch (d->verdict) {
	case CONTRACTS_PERMIT:
		v.verdict = STATE_PERMIT;
		break;
	case CONTRACTS_DENY:
		v.verdict = STATE_DENY;
		break;
	case CONTRACTS_REFER:
		v.verdict = j->decided != NULL && access_bit(j->decided, i) && is_listed(j, &asked->contract->id)
				    ? STATE_PERMIT
				    : STATE_REFER;
		break;
	}
	if (v.verdict != STATE_DENY && d->expires <= (int64_t)access->exec->time.ms) {
		v.verdict = STATE_DENY;
		v.ground = ACCESS_EXPIRED;
	}
	return v;
}

/* Deny before refer before permit; of equals the first. */
static bool is_stricter(enum state_verdict a, enum state_verdict b)
{
	static const int rank[] = {[STATE_RECORDED] = 0, [STATE_PERMIT] = 1, [STATE_REFER] = 2, [STATE_DENY] = 3};

	return rank[a] > rank[b];
}

static void add_duties(struct access *access, struct access_judgement *j, const struct asked *asked, bool all)
{
	size_t count = contracts_program_obligations(asked->contract->program);

	for (size_t i = 0; i < count; i++) {
		struct contracts_obligation one;

		if ((asked->decision.obligations[i / 64] >> (i % 64) & 1) == 0)
			continue;
		one = contracts_program_obligation(asked->contract->program, i);
		if (all || one.duty == CONTRACTS_NOTIFY)
			access_duty_add(access, &j->duties, &one, access->exec->time);
	}
}

static enum base_code ask(struct access *access, struct access_judgement *j, size_t i, struct access_study *study,
			  const struct access_closure *closure, struct asked *out, struct base_error *err)
{
	unsigned axis = j->axis == NULL ? ACCESS_NOW : j->axis[i];
	const struct access_contract *contract = out->contract;
	struct contracts_facts now, then;
	bool past = axis != ACCESS_NOW && contract->reads.permit != 0;
	/* At the request, what is to be as of the permit is as of now. */
	enum base_code code = access_facts(access, &now, contract->reads.now | ALWAYS | (past ? 0 : contract->reads.permit),
					   j->question, study, closure, ACCESS_NOW, axis, err);

	if (code == BASE_OK && past)
		code = access_facts(access, &then, contract->reads.permit, j->question, study, closure, axis, axis, err);
	if (code != BASE_OK)
		return code;
	contracts_decide(contract->program, &now, past ? &then : NULL, NULL, contract->cost.decide_gas, &out->decision);
	return BASE_OK;
}

static bool study_seen(const struct access_closure *closure, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (closure->nodes[i]->study == closure->nodes[at]->study)
			return true;
	}
	return false;
}

/* Contracts of all studies that it comes from, its own first; a study without one permits nothing. */
static enum base_code ask_all(struct access *access, struct access_judgement *j, size_t i,
			      const struct access_closure *closure, struct base_error *err)
{
	struct access_verdict *verdict = &j->verdicts[i];
	uint64_t expires = UINT64_MAX;
	struct asked asked[16];
	size_t count = 0;
	enum base_code code;

	for (size_t at = 0; at < closure->count; at++) {
		struct access_contract *contract;
		struct access_verdict one;

		if (study_seen(closure, at))
			continue;
		if ((code = access_contract_of(access, closure->nodes[at]->study, &contract, err)) != BASE_OK)
			return code;
		if (!contract->in_force || count == sizeof(asked) / sizeof(asked[0])) {
			*verdict = (struct access_verdict){.verdict = STATE_DENY, .clause = CONTRACTS_NO_CLAUSE};
			verdict->ground = contract->in_force ? ACCESS_SOURCES : ACCESS_NO_CONTRACT;
			return BASE_OK;
		}
		j->gas += contract->cost.decide_gas;
		if ((j->too_large = j->gas > ACCESS_GAS_MAX))
			return BASE_OK;
		asked[count].contract = contract;
		if ((code = ask(access, j, i, closure->nodes[at]->study, closure, &asked[count], err)) != BASE_OK)
			return code;
		one = verdict_of(access, j, i, &asked[count]);
		if (is_stricter(one.verdict, verdict->verdict))
			*verdict = one;
		if (asked[count].decision.expires != INT64_MAX && (uint64_t)asked[count].decision.expires < expires)
			expires = (uint64_t)asked[count].decision.expires;
		count++;
	}
	for (size_t n = 0; n < count; n++) {
		if (verdict->verdict != STATE_DENY || asked[n].contract == verdict->contract)
			add_duties(access, j, &asked[n], verdict->verdict == STATE_PERMIT && j->duties_of_permit);
	}
	if (verdict->verdict == STATE_PERMIT && expires < j->expires)
		j->expires = expires;
	return BASE_OK;
}

static enum base_code judge_item(struct access *access, struct access_judgement *j, size_t i, struct base_error *err)
{
	struct access_verdict *verdict = &j->verdicts[i];
	struct access_closure closure;
	struct access_node *node;
	enum base_code code;

	*verdict = (struct access_verdict){.clause = CONTRACTS_NO_CLAUSE};
	if (j->outside != NULL && access_bit(j->outside, i)) {
		verdict->verdict = STATE_DENY;
		verdict->ground = ACCESS_OUTSIDE;
		return BASE_OK;
	}
	code = access_node_open(access, &j->items[i], &node, &j->too_large, err);
	if (code != BASE_OK || j->too_large)
		return code;
	if ((j->missing = node == NULL))
		return BASE_OK;
	access_closure_of(node, &closure);
	if ((code = access_bar(access, &closure, &verdict->ground, err)) != BASE_OK)
		return code;
	if (verdict->ground != 0) {
		verdict->verdict = STATE_DENY;
		return BASE_OK;
	}
	return ask_all(access, j, i, &closure, err);
}

enum base_code access_judge(struct access *access, struct access_judgement *j, struct base_error *err)
{
	enum base_code code = BASE_OK;

	j->no_contract = j->count > 0;
	j->expires = UINT64_MAX;
	for (size_t i = 0; code == BASE_OK && !j->too_large && !j->missing && i < j->count; i++) {
		code = judge_item(access, j, i, err);
		j->permits = j->permits || j->verdicts[i].verdict == STATE_PERMIT;
		j->refers = j->refers || j->verdicts[i].verdict == STATE_REFER;
		j->no_contract = j->no_contract && j->verdicts[i].ground == ACCESS_NO_CONTRACT;
	}
	j->too_large = j->too_large || j->duties.count > STATE_OBLIGATIONS_MAX;
	return code;
}
