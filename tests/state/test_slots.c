/* The sequence window against an obvious one. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"

#include <string.h>

#define NUMBERS 8192

struct obvious {
	bool used[NUMBERS];
	uint64_t max;
};

static enum state_slot look(const struct obvious *o, uint64_t n)
{
	if (n > o->max + EVENTS_SEQUENCE_WINDOW)
		return STATE_SLOT_AHEAD;
	if (n + EVENTS_SEQUENCE_WINDOW <= o->max || n == 0)
		return STATE_SLOT_OLD;
	return o->used[n] ? STATE_SLOT_USED : STATE_SLOT_FREE;
}

START_TEST(look_when_numbers_come_in_any_order_agrees_with_a_list)
{
	struct obvious o = {{false}, 0};
	struct state_slots slots = {0}, again;
	uint8_t value[STATE_SLOT_VALUE_BYTES];
	uint64_t random = 1;

	for (int i = 0; i < 20000 && o.max < NUMBERS - 2100; i++) {
		uint64_t n;

		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		n = (random >> 33) % 2300 + (o.max > 1100 ? o.max - 1100 : 0);
		if (i % 3 != 0)
			n = o.max + 1 - (random >> 40) % 4 % (o.max + 1);
		ck_assert_int_eq(state_slot_look(&slots, n), look(&o, n));
		if (look(&o, n) != STATE_SLOT_FREE)
			continue;
		state_slot_take(&slots, n);
		o.used[n] = true;
		o.max = n > o.max ? n : o.max;
		ck_assert_uint_eq(slots.max, o.max);
	}
	ck_assert_uint_gt(o.max, 3000);
	for (uint64_t n = 0; n < NUMBERS; n++)
		ck_assert_int_eq(state_slot_look(&slots, n), look(&o, n));
	state_slot_encode(value, &slots);
	ck_assert(state_slot_decode(&again, base_slice(value, sizeof(value))));
	ck_assert_uint_eq(again.max, slots.max);
	ck_assert_mem_eq(again.used, slots.used, sizeof(slots.used));
	ck_assert(!state_slot_decode(&again, base_slice(value, sizeof(value) - 1)));
}
END_TEST

START_TEST(look_when_at_the_edges)
{
	struct state_slots slots = {0};

	ck_assert_int_eq(state_slot_look(&slots, 0), STATE_SLOT_OLD);
	ck_assert_int_eq(state_slot_look(&slots, 1), STATE_SLOT_FREE);
	ck_assert_int_eq(state_slot_look(&slots, 1024), STATE_SLOT_FREE);
	ck_assert_int_eq(state_slot_look(&slots, 1025), STATE_SLOT_AHEAD);
	ck_assert_int_eq(state_slot_look(&slots, UINT64_MAX), STATE_SLOT_AHEAD);
	slots.max = UINT64_MAX - 5;
	ck_assert_int_eq(state_slot_look(&slots, UINT64_MAX), STATE_SLOT_FREE);
	state_slot_take(&slots, UINT64_MAX);
	ck_assert_int_eq(state_slot_look(&slots, UINT64_MAX), STATE_SLOT_USED);
	ck_assert_int_eq(state_slot_look(&slots, UINT64_MAX - 1023), STATE_SLOT_FREE);
	ck_assert_int_eq(state_slot_look(&slots, UINT64_MAX - 1024), STATE_SLOT_OLD);
	ck_assert_int_eq(state_slot_look(&slots, 1), STATE_SLOT_OLD);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		look_when_numbers_come_in_any_order_agrees_with_a_list,
		look_when_at_the_edges,
		NULL,
	};

	return fixture_run("slots", tests);
}
