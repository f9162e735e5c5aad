/* Makes a counter-example small: takes words out of a text as long as it stays one. */
#ifndef TESTS_CONTRACTS_SHRINK_H
#define TESTS_CONTRACTS_SHRINK_H

#include "ledger/base/base.h"

typedef bool shrink_still(void *arg, struct base_slice text);
/* still: of the text as it is, true. Lines stay lines. */
void shrink(struct base_buf *text, shrink_still *still, void *arg);

#endif
