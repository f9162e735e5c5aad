/* Memory that goes all at once. Internal to contracts/. */
#ifndef CONTRACTS_ARENA_H
#define CONTRACTS_ARENA_H

#include "contracts/contracts.h"

/* count * size bytes, all zero, for any type; NULL if that is over the limit, or the machine has no more. Of nothing:
 * not NULL. */
void *arena_take(struct contracts_arena *arena, size_t count, size_t size);

#endif
