#include "ledger/state/access_internal.h"

#include <stdlib.h>
#include <string.h>

/* docs/formats/entry.md, "Outcome": members 5 to 8. */

enum { CONTRACTS = 5, JUDGED = 6, OBLIGATIONS = 7, EXPIRES = 8 };

void access_bitmap_put(struct base_buf *out, const uint8_t bitmap[ACCESS_BITMAP_BYTES])
{
	size_t len = ACCESS_BITMAP_BYTES;

	while (len > 1 && bitmap[len - 1] == 0)
		len--;
	wire_put_bytes(out, base_slice(bitmap, len));
}

/* ---- Obligations --------------------------------------------------------------------- */

static void put_when(struct base_buf *out, const struct contracts_obligation *o, struct base_time now)
{
	int64_t at = 0;
	bool known = false;

	switch (o->due) {
	case CONTRACTS_DUE_NEVER:
		break;
	case CONTRACTS_DUE_AFTER:
		at = (int64_t)now.ms + o->time;
		known = true;
		break;
	case CONTRACTS_DUE_MONTHS:
		known = contracts_months_after((int64_t)now.ms, o->time, &at);
		break;
	case CONTRACTS_DUE_AT:
		at = o->time;
		known = true;
		break;
	}
	if (known && at >= 0)
		wire_put_uint(out, (uint64_t)at);
	else
		wire_put_null(out);
}

void access_duty_add(struct access *access, struct access_duties *duties, const struct contracts_obligation *o,
		     struct base_time now)
{
	struct base_buf one = BASE_BUF_INIT;
	uint8_t *copy;

	wire_put_array(&one, 3);
	wire_put_uint(&one, o->duty);
	put_when(&one, o, now);
	if (o->organisation.len > 0)
		wire_put_text(&one, base_slice((const uint8_t *)o->organisation.data, o->organisation.len));
	else if (o->role != 0)
		wire_put_uint(&one, o->role);
	else
		wire_put_null(&one);
	for (size_t i = 0; i < duties->count; i++) {
		if (base_slice_equal(duties->list[i], base_buf_slice(&one)))
			goto out;
	}
	if (duties->count > STATE_OBLIGATIONS_MAX)
		goto out; /* one more than there may be: too large */
	if (duties->list == NULL)
		duties->list = access_take(access, (STATE_OBLIGATIONS_MAX + 1) * sizeof(*duties->list));
	copy = access_take(access, one.len);
	memcpy(copy, one.data, one.len);
	duties->list[duties->count++] = base_slice(copy, one.len);
out:
	base_buf_free(&one);
}

static int compare_duties(const void *a, const void *b)
{
	return base_slice_compare(*(const struct base_slice *)a, *(const struct base_slice *)b);
}

static void put_duties(struct base_buf *out, const struct access_duties *duties)
{
	qsort(duties->list, duties->count, sizeof(*duties->list), compare_duties);
	wire_put_uint(out, OBLIGATIONS);
	wire_put_array(out, duties->count);
	for (size_t i = 0; i < duties->count; i++)
		base_buf_append(out, duties->list[i]);
}

/* ---- Groups ------------------------------------------------------------------------------ */

struct group {
	struct access_verdict verdict;
	uint64_t contract; /* place among those named */
	uint8_t items[ACCESS_BITMAP_BYTES];
};

static bool same(const struct access_verdict *a, const struct access_verdict *b)
{
	return a->verdict == b->verdict && a->ground == b->ground && a->contract == b->contract && a->clause == b->clause &&
	       a->fault == b->fault;
}

struct groups {
	struct group list[EVENTS_ITEMS_MAX];
	size_t count;
	const struct access_contract *contracts[EVENTS_ITEMS_MAX];
	size_t contract_count;
};

/* Of two studies that have the same contract it is named once. */
static uint64_t place_of(struct groups *groups, const struct access_contract *contract)
{
	size_t i = 0;

	while (i < groups->contract_count && !base_hash_equal(&groups->contracts[i]->id, &contract->id))
		i++;
	if (i == groups->contract_count)
		groups->contracts[groups->contract_count++] = contract;
	return i;
}

static void collect(struct groups *groups, const struct access_judgement *judgement)
{
	for (size_t i = 0; i < judgement->count; i++) {
		const struct access_verdict *verdict = &judgement->verdicts[i];
		size_t at = 0;

		while (at < groups->count && !same(&groups->list[at].verdict, verdict))
			at++;
		if (at == groups->count) {
			groups->list[groups->count++] = (struct group){.verdict = *verdict};
			if (verdict->contract != NULL)
				groups->list[at].contract = place_of(groups, verdict->contract);
		}
		access_bit_set(groups->list[at].items, i);
	}
}

static void put_group(struct base_buf *out, const struct group *group)
{
	wire_put_array(out, 6);
	wire_put_uint(out, group->verdict.verdict);
	wire_put_uint(out, group->verdict.ground);
	if (group->verdict.contract != NULL)
		wire_put_uint(out, group->contract);
	else
		wire_put_null(out);
	if (group->verdict.clause != CONTRACTS_NO_CLAUSE)
		wire_put_uint(out, group->verdict.clause);
	else
		wire_put_null(out);
	wire_put_uint(out, group->verdict.fault);
	access_bitmap_put(out, group->items);
}

void access_outcome_put(struct base_buf *out, const struct access_judgement *judgement, uint64_t expires)
{
	struct groups *groups = base_alloc(sizeof(*groups));

	collect(groups, judgement);
	if (groups->contract_count > 0) {
		wire_put_uint(out, CONTRACTS);
		wire_put_array(out, groups->contract_count);
		for (size_t i = 0; i < groups->contract_count; i++)
			wire_put_hash(out, &groups->contracts[i]->id);
	}
	if (groups->count > 0) {
		wire_put_uint(out, JUDGED);
		wire_put_array(out, groups->count);
		for (size_t i = 0; i < groups->count; i++)
			put_group(out, &groups->list[i]);
	}
	if (judgement->duties.count > 0)
		put_duties(out, &judgement->duties);
	if (expires != UINT64_MAX) {
		wire_put_uint(out, EXPIRES);
		wire_put_uint(out, expires);
	}
	free(groups);
}
