/* Examples in the pages of docs/formats, recomputed. */
#ifndef TESTS_STATE_PAGE_H
#define TESTS_STATE_PAGE_H

#include "ledger/base/base.h"

/* The lines between ```name and ``` of the document must be these; frees them. */
void page_expect(const char *document, const char *name, struct base_buf *want);
void page_hex(struct base_buf *out, struct base_slice bytes);

#endif
