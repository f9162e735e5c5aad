#include "ledger/base/base.h"

#include <stdatomic.h>

static atomic_int fault_at = -1; /* which call fails; negative: disarmed */
static atomic_int fault_calls;   /* since arming */

void base_fault_arm(int n)
{
	if (n >= 0)
		atomic_store(&fault_calls, 0);
	atomic_store(&fault_at, n < 0 ? -1 : n);
}

int base_fault_count(void)
{
	return atomic_load(&fault_calls);
}

bool base_fault(void)
{
	int at = atomic_load_explicit(&fault_at, memory_order_relaxed);

	if (at < 0)
		return false;
	return atomic_fetch_add(&fault_calls, 1) == at;
}
