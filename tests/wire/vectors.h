/* Files that tests of wire read: vectors from outside, which may be absent, and
 * the fenced lists of docs/formats/. */
#ifndef TESTS_WIRE_VECTORS_H
#define TESTS_WIRE_VECTORS_H

#include "ledger/base/base.h"

/* The text of DIR/name, NUL-terminated; false, after saying "skipped", if it is
 * not there. DIR is REGESTA_VECTORS or ../shared/data. */
bool vectors_read(struct base_buf *out, const char *name);
/* malloc'ed DIR/name. */
char *vectors_path(const char *name);

/* Calls each(first word, rest of the line) for every line of the list that
 * ```fence opens in docs/formats/name; "-" as a first word is an empty one. Returns how many. */
size_t docs_lines(const char *name, const char *fence, void (*each)(struct base_slice word, struct base_slice rest));

/* Cuts the next line off text. False at the end. */
bool line_next(struct base_slice *line, struct base_slice *text);

#endif
