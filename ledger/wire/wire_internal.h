/* What the files of wire share: one head of CBOR, and a walk over one item. */
#ifndef LEDGER_WIRE_WIRE_INTERNAL_H
#define LEDGER_WIRE_WIRE_INTERNAL_H

#include "ledger/wire/wire.h"

/* One data item without its children. */
struct wire_head {
	enum wire_type type;  /* WIRE_INVALID with why NULL: a float or undefined, in lax reading only */
	uint64_t value;       /* the integer; n of -1 - n; length; count; tag; 0 or 1 of a bool */
	const uint8_t *bytes; /* content of a string */
	size_t len;           /* encoded, content of a string included */
	const char *why;      /* not NULL: what is wrong */
};

/* What others may write: longer integers, floats, undefined, unsorted keys.
 * Indefinite lengths are refused in both, because nothing could borrow from them. */
enum wire_rules { WIRE_STRICT, WIRE_LAX };

/* The head that begins bytes. head->why is set if there is none. UTF-8 is not looked at. */
void wire_head_read(struct wire_head *head, struct base_slice bytes, enum wire_rules rules);

struct wire_fault {
	const char *why; /* static */
	size_t at;       /* offset in what was walked */
};
/* Walks over one whole item that begins at bytes.data[at]; *end is behind it. */
bool wire_item_walk(size_t *end, struct wire_fault *fault, struct base_slice bytes, size_t at, enum wire_rules rules);

/* How a head with this value is encoded at its shortest, in bytes. */
static inline size_t wire_head_bytes(uint64_t value)
{
	if (value < 24)
		return 1;
	if (value <= UINT8_MAX)
		return 2;
	if (value <= UINT16_MAX)
		return 3;
	return value <= UINT32_MAX ? 5 : 9;
}

/* What is left behind at; of an empty slice without data too. */
static inline struct base_slice wire_slice_from(struct base_slice bytes, size_t at)
{
	return base_slice(bytes.data == NULL ? NULL : bytes.data + at, bytes.len - at);
}

#endif
