/* Reads an item and writes it again, for tests: what was deterministic comes out the same. */
#ifndef TESTS_WIRE_COPY_H
#define TESTS_WIRE_COPY_H

#include "ledger/wire/wire.h"

/* One item: as CBOR into again and, unless text is NULL, as diagnostic
 * notation (RFC 8949 §8) into text. The item passed wire_check. */
void copy_item(struct wire_reader *r, struct base_buf *text, struct base_buf *again);

#endif
