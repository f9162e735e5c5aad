/* names: names in the order in which they came, each once. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "ledger/base/base.h"

#define NAMES_BYTES_MAX 160
struct names {
	char (*list)[NAMES_BYTES_MAX];
	size_t count, cap;
	uint32_t *slots; /* places in the list, plus 1; 0: free */
	size_t slot_count; /* a power of two, at least twice as many as there are names */
};
/* Nothing if it is there already. Longer ones are cut. */
void names_add(struct names *names, struct base_slice name);
void names_free(struct names *names);

#endif
