#include "ledger/state/exec_internal.h"

#include <string.h>

/* A letter says what is looked up; what has no fixed length stands first, so that no two keys have the same bytes. */

static uint64_t term(char letter, struct base_slice a, struct base_slice b)
{
	struct base_hash hash = base_sha256_tagged((uint8_t)letter, a, b);

	return state_index_hash(&hash);
}

uint64_t state_term_event(const struct base_hash *id)
{
	return term('e', base_hash_slice(id), base_slice(NULL, 0));
}

uint64_t state_term_slot(const struct base_hash *kid, uint64_t sequence)
{
	uint8_t number[8];

	base_put_u64be(number, sequence);
	return term('k', base_hash_slice(kid), base_slice(number, sizeof(number)));
}

struct base_hash state_cid_digest(struct base_slice study, const struct wire_cid *cid)
{
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, cid);
	return base_sha256_tagged('c', study, base_slice(bytes, sizeof(bytes)));
}

uint64_t state_term_cid(struct base_slice study, const struct wire_cid *cid)
{
	struct base_hash digest = state_cid_digest(study, cid);

	return state_index_hash(&digest);
}

uint64_t state_term_participant(struct base_slice study, struct base_slice reference)
{
	return term('p', study, reference);
}

uint64_t state_term_actor(struct base_slice actor)
{
	return term('a', actor, base_slice(NULL, 0));
}

uint64_t state_term_study(struct base_slice study)
{
	return term('s', study, base_slice(NULL, 0));
}

uint64_t state_term_item(const struct base_hash *event, uint64_t index)
{
	uint8_t number[8];

	base_put_u64be(number, index);
	return term('i', base_hash_slice(event), base_slice(number, sizeof(number)));
}

uint64_t state_term_named(const struct base_hash *event)
{
	return term('n', base_hash_slice(event), base_slice(NULL, 0));
}
