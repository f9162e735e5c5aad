/* A second reader of CARs, written apart from ledger/payload and over memory: both must say the same. */
#ifndef TESTS_CONFORMANCE_CAR_READER_H
#define TESTS_CONFORMANCE_CAR_READER_H

#include "ledger/base/base.h"

struct car_block {
	struct base_slice cid, block; /* borrowed from the CAR */
	uint64_t codec, hash_code;
	bool verified, mismatch; /* neither: another hash function */
};
struct car_contents {
	unsigned version;
	uint64_t roots;
	struct car_block *list;
	size_t count, cap;
	const char *why; /* NULL: the framing is right; else what is wrong, after count blocks */
};
void car_read(struct car_contents *out, struct base_slice car);
void car_free(struct car_contents *contents);
const struct car_block *car_find(const struct car_contents *contents, struct base_slice cid);

#endif
