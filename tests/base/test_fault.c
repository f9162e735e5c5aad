#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

START_TEST(fault_when_armed_fires_once_at_its_call)
{
	ck_assert(!base_fault());
	base_fault_arm(2);
	ck_assert(!base_fault());
	ck_assert(!base_fault());
	ck_assert(base_fault());
	ck_assert(!base_fault());
	ck_assert_int_eq(base_fault_count(), 4);
	base_fault_arm(-1);
	ck_assert(!base_fault());
	ck_assert_int_eq(base_fault_count(), 4);
	base_fault_arm(INT_MAX);
	ck_assert_int_eq(base_fault_count(), 0);
	ck_assert(!base_fault());
	ck_assert_int_eq(base_fault_count(), 1);
	base_fault_arm(-1);
}
END_TEST

static atomic_int fired;

static void *call_often(void *unused)
{
	for (int i = 0; i < 10000; i++) {
		if (base_fault())
			atomic_fetch_add(&fired, 1);
	}
	return unused;
}

START_TEST(fault_when_many_threads_call_fires_once)
{
	pthread_t threads[4];

	base_fault_arm(15000);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, call_often, NULL), 0);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_int_eq(atomic_load(&fired), 1);
	ck_assert_int_eq(base_fault_count(), 40000);
	base_fault_arm(-1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		fault_when_armed_fires_once_at_its_call,
		fault_when_many_threads_call_fires_once,
		NULL,
	};

	return suite_run("base/fault", tests);
}
