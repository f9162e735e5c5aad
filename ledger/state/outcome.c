#include "ledger/state/exec_internal.h"

/* docs/formats/state.md, "Outcome":
 *   outcome = { 1: verdict, ? 2: [+ flag], ? 3: denial, ? 4: [+ milestone], ? 5: [+ contract], ? 6: [+ judged],
 *               ? 7: [+ obligation], ? 8: expires, ? 9: sealing key }
 * Members 5 to 9 are made by access_outcome.c, and checked here. */

enum outcome_key {
	KEY_VERDICT = 1,
	KEY_FLAGS = 2,
	KEY_DENIAL = 3,
	KEY_MILESTONES = 4,
	KEY_CONTRACTS = 5,
	KEY_JUDGED = 6,
	KEY_OBLIGATIONS = 7,
	KEY_EXPIRES = 8,
	KEY_SEAL = 9,
};
#define GROUND_MAX 63
#define CLAUSE_MAX 1023
#define FAULT_MAX 0xffff
#define DUTY_MAX 6
#define ROLE_MAX 63
#define FLAG_MAX 63
#define MILESTONE_BYTES_MAX 64

static uint64_t count_bits(uint64_t bits)
{
	uint64_t count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

/* Pairs, one after the other. */
static uint64_t count_members(struct base_slice pairs)
{
	struct wire_reader r;
	uint64_t count = 0;

	wire_read(&r, pairs);
	while (!r.failed && r.at < pairs.len) {
		(void)wire_get_uint(&r);
		(void)wire_get_raw(&r);
		count++;
	}
	return count;
}

void state_outcome_encode(struct base_buf *out, const struct state_outcome *outcome)
{
	wire_put_map(out, 1u + (outcome->flags != 0) + (outcome->denial != 0) + (outcome->milestones.len > 0) +
				  count_members(base_buf_slice(&outcome->judgement)));
	wire_put_uint(out, KEY_VERDICT);
	wire_put_uint(out, outcome->verdict);
	if (outcome->flags != 0) {
		wire_put_uint(out, KEY_FLAGS);
		wire_put_array(out, count_bits(outcome->flags));
		for (uint64_t flag = 0; flag <= FLAG_MAX; flag++) {
			if ((outcome->flags >> flag & 1) != 0)
				wire_put_uint(out, flag);
		}
	}
	if (outcome->denial != 0) {
		wire_put_uint(out, KEY_DENIAL);
		wire_put_uint(out, outcome->denial);
	}
	if (outcome->milestones.len > 0) {
		wire_put_uint(out, KEY_MILESTONES);
		base_buf_append(out, base_buf_slice(&outcome->milestones));
	}
	base_buf_append(out, base_buf_slice(&outcome->judgement));
}

static void read_flags(struct state_outcome *out, struct wire_reader *r)
{
	uint64_t count = wire_get_array(r);

	if (!r->failed && (count == 0 || count > FLAG_MAX + 1))
		wire_fail(r, "an outcome's list of flags is empty or too long");
	for (uint64_t i = 0; i < count && !r->failed; i++) {
		uint64_t flag = wire_get_uint(r);

		/* Shifting the bits up to this flag away leaves something if a higher or the same one came before. */
		if (flag > FLAG_MAX || (out->flags >> flag) != 0)
			wire_fail(r, "an outcome's flags do not ascend, or one is unknown");
		else
			out->flags |= UINT64_C(1) << flag;
	}
}

static void read_milestones(struct state_outcome *out, struct wire_reader *r)
{
	size_t start = r->at;
	uint64_t count = wire_get_array(r);

	if (!r->failed && (count == 0 || count > STATE_MILESTONES_MAX))
		wire_fail(r, "an outcome's list of milestones is empty or too long");
	for (uint64_t i = 0; i < count && !r->failed; i++) {
		size_t len = wire_get_text(r).len;

		if (!r->failed && (len == 0 || len > MILESTONE_BYTES_MAX))
			wire_fail(r, "a milestone's name is empty or too long");
	}
	if (!r->failed)
		base_buf_append(&out->milestones, base_slice(r->all.data + start, r->at - start));
}

/* ---- What contracts said ---------------------------------------------------- */

struct judged {
	uint64_t contracts;      /* how many are named */
	uint8_t items[EVENTS_ITEMS_MAX / 8]; /* that a group has */
	uint64_t first;          /* of the last group */
	bool any;
};

static void read_contracts(struct judged *judged, struct wire_reader *r)
{
	judged->contracts = wire_get_array(r);
	if (!r->failed && (judged->contracts == 0 || judged->contracts > EVENTS_ITEMS_MAX))
		wire_fail(r, "an outcome's list of contracts is empty or too long");
	for (uint64_t i = 0; i < judged->contracts && !r->failed; i++)
		(void)wire_get_hash(r);
}

/* Which items a group is about: bit n of byte n / 8, from the lowest; no group has an item of another, and they stand in
 * the order of their first items. */
static void read_items(struct judged *judged, struct wire_reader *r)
{
	struct base_slice items = wire_get_bytes(r);
	uint64_t first = UINT64_MAX;

	if (!r->failed && (items.len == 0 || items.len > sizeof(judged->items) || items.data[items.len - 1] == 0)) {
		wire_fail(r, "an outcome's group has no items, or too many");
		return;
	}
	for (size_t i = 0; i < items.len && !r->failed; i++) {
		if ((judged->items[i] & items.data[i]) != 0)
			wire_fail(r, "an outcome judges an item twice");
		judged->items[i] |= items.data[i];
		for (unsigned bit = 0; bit < 8 && first == UINT64_MAX; bit++) {
			if ((items.data[i] >> bit & 1) != 0)
				first = i * 8 + bit;
		}
	}
	if (!r->failed && judged->any && first < judged->first)
		wire_fail(r, "an outcome's groups are not in the order of their items");
	judged->any = true;
	judged->first = first;
}

static void read_up_to(struct wire_reader *r, uint64_t least, uint64_t most, bool nullable)
{
	uint64_t value;

	if (nullable && wire_peek(r) == WIRE_NULL) {
		wire_get_null(r);
		return;
	}
	value = wire_get_uint(r);
	if (!r->failed && (value < least || value > most))
		wire_fail(r, "an outcome has a number that is out of its range");
}

/* [verdict, ground, contract / null, clause / null, fault, items] */
static void read_judged(struct judged *judged, struct wire_reader *r)
{
	uint64_t count = wire_get_array(r);

	if (!r->failed && (count == 0 || count > EVENTS_ITEMS_MAX))
		wire_fail(r, "an outcome's list of groups is empty or too long");
	for (uint64_t i = 0; i < count && !r->failed; i++) {
		wire_expect_array(r, 6);
		read_up_to(r, STATE_PERMIT, STATE_REFER, false);
		read_up_to(r, 1, GROUND_MAX, false);
		if (judged->contracts == 0 && wire_peek(r) != WIRE_NULL)
			wire_fail(r, "an outcome's group names a contract that is not listed");
		read_up_to(r, 0, judged->contracts == 0 ? 0 : judged->contracts - 1, true);
		read_up_to(r, 0, CLAUSE_MAX, true);
		read_up_to(r, 0, FAULT_MAX, false);
		read_items(judged, r);
	}
}

/* [duty, time / null, role / organisation / null], ascending by bytes */
static void read_obligations(struct wire_reader *r)
{
	struct base_slice before = {NULL, 0}, one;
	uint64_t count = wire_get_array(r);

	if (!r->failed && (count == 0 || count > STATE_OBLIGATIONS_MAX))
		wire_fail(r, "an outcome's list of obligations is empty or too long");
	for (uint64_t i = 0; i < count && !r->failed; i++) {
		size_t start = r->at;

		wire_expect_array(r, 3);
		read_up_to(r, 1, DUTY_MAX, false);
		read_up_to(r, 0, UINT64_MAX >> 1, true);
		if (wire_peek(r) == WIRE_TEXT)
			(void)wire_get_text(r);
		else
			read_up_to(r, 1, ROLE_MAX, true);
		one = base_slice(r->all.data + start, r->at - start);
		if (!r->failed && before.len > 0 && base_slice_compare(before, one) >= 0)
			wire_fail(r, "an outcome's obligations do not ascend");
		before = one;
	}
}

static void read_judgement(struct state_outcome *out, uint64_t key, struct judged *judged, struct wire_reader *r)
{
	size_t start = r->at;

	if (key == KEY_CONTRACTS)
		read_contracts(judged, r);
	else if (key == KEY_JUDGED)
		read_judged(judged, r);
	else if (key == KEY_OBLIGATIONS)
		read_obligations(r);
	else if (key == KEY_EXPIRES)
		read_up_to(r, 0, UINT64_MAX >> 1, false);
	else
		(void)wire_get_hash(r);
	if (r->failed)
		return;
	wire_put_uint(&out->judgement, key);
	base_buf_append(&out->judgement, base_slice(r->all.data + start, r->at - start));
}

/* ---- Decoding ---------------------------------------------------------------- */

static void read_member(struct state_outcome *out, uint64_t key, struct judged *judged, struct wire_reader *r)
{
	uint64_t verdict;

	switch (key) {
	case KEY_VERDICT:
		verdict = wire_get_uint(r);
		if (verdict > STATE_REFER)
			wire_fail(r, "an outcome's verdict is unknown");
		else
			out->verdict = (enum state_verdict)verdict;
		break;
	case KEY_FLAGS:
		read_flags(out, r);
		break;
	case KEY_DENIAL:
		out->denial = wire_get_uint(r);
		if (!r->failed && out->denial == 0)
			wire_fail(r, "an outcome's denial is unknown");
		break;
	case KEY_MILESTONES:
		read_milestones(out, r);
		break;
	case KEY_CONTRACTS:
	case KEY_JUDGED:
	case KEY_OBLIGATIONS:
	case KEY_EXPIRES:
	case KEY_SEAL:
		read_judgement(out, key, judged, r);
		break;
	default: /* a number, not an enum */
		wire_fail(r, "an outcome has a member that this version does not know");
		break;
	}
}

enum base_code state_outcome_decode(struct state_outcome *out, struct base_slice cbor, struct base_error *err)
{
	struct judged judged = {.contracts = 0};
	struct wire_reader r;
	uint64_t pairs, before = 0;
	enum base_code code;

	*out = (struct state_outcome){.milestones = BASE_BUF_INIT, .judgement = BASE_BUF_INIT};
	if ((code = wire_check(cbor, err)) != BASE_OK)
		return base_wrap(err, code, "an outcome");
	wire_read(&r, cbor);
	pairs = wire_get_map(&r);
	for (uint64_t i = 0; i < pairs && !r.failed; i++) {
		uint64_t key = wire_get_uint(&r);

		if (!r.failed && (i == 0) != (key == KEY_VERDICT))
			wire_fail(&r, "an outcome begins with its verdict");
		if (!r.failed)
			read_member(out, key, &judged, &r);
		before = key;
	}
	if (!r.failed && before == 0)
		wire_fail(&r, "an outcome has no verdict");
	if (!r.failed && (out->verdict == STATE_DENY) != (out->denial != 0))
		wire_fail(&r, "an outcome has a denial if it denies, and only then");
	code = wire_done(&r, "an outcome", err);
	if (code != BASE_OK)
		state_outcome_free(out);
	return code;
}

void state_outcome_free(struct state_outcome *outcome)
{
	base_buf_free(&outcome->milestones);
	base_buf_free(&outcome->judgement);
}
