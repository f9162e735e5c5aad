/* Public keys by kid. A kid is the hash of its key: whoever brings the key, it is the right one; whether it may sign is
 * the executor's business. */
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

static size_t slot_of(const struct audit_keys *keys, const uint8_t kid[32])
{
	size_t at = (size_t)base_get_u64be(kid) & (keys->cap - 1);

	while (keys->slots[at].used && memcmp(keys->slots[at].kid.bytes, kid, 32) != 0)
		at = (at + 1) & (keys->cap - 1);
	return at;
}

static void grow(struct audit_keys *keys)
{
	struct audit_keys bigger = {.cap = keys->cap == 0 ? 64 : keys->cap * 2};

	bigger.slots = base_alloc(bigger.cap * sizeof(*bigger.slots));
	for (size_t i = 0; i < keys->cap; i++)
		if (keys->slots[i].used)
			bigger.slots[slot_of(&bigger, keys->slots[i].kid.bytes)] = keys->slots[i];
	bigger.count = keys->count;
	free(keys->slots);
	*keys = bigger;
}

void audit_keys_add(struct audit_keys *keys, const struct keys_public *key)
{
	struct base_hash kid = keys_kid(key);
	struct keys_verifier verifier;
	size_t at;

	/* Not of an enrolment that was opened: its own signature was verified with the key. */
	if (keys_verifier_make(&verifier, key, NULL) != BASE_OK)
		return;
	if (keys->count * 2 >= keys->cap)
		grow(keys);
	at = slot_of(keys, kid.bytes);
	if (keys->slots[at].used)
		return;
	keys->slots[at].used = true;
	keys->slots[at].kid = kid;
	keys->slots[at].verifier = verifier;
	keys->count++;
}

const struct keys_verifier *audit_keys_find(const struct audit_keys *keys, struct base_slice kid)
{
	size_t at;

	if (keys->cap == 0 || kid.len != 32)
		return NULL;
	at = slot_of(keys, kid.data);
	return keys->slots[at].used ? &keys->slots[at].verifier : NULL;
}

void audit_keys_free(struct audit_keys *keys)
{
	free(keys->slots);
	*keys = (struct audit_keys){0};
}

static void take_proof(struct audit_keys *keys, struct base_slice map, uint64_t member)
{
	struct events_enrolment enrolment;
	struct base_error ignored;

	if (events_has(map, member) && events_enrolment_open(&enrolment, events_bytes(map, member), &ignored) == BASE_OK)
		audit_keys_add(keys, &enrolment.sign);
}

void audit_keys_take(struct audit_keys *keys, const struct events_event *event)
{
	struct base_slice body = event->envelope.body;

	if (event->envelope.kind->id == EVENTS_ACTOR_ENROL)
		take_proof(keys, body, 3);
	else if (event->envelope.kind->id == EVENTS_ACTOR_ROTATE)
		take_proof(keys, body, 2);
	else if (event->envelope.kind->id == EVENTS_GOVERNANCE_PROPOSE && events_has(body, 2))
		take_proof(keys, events_raw(body, 2), 6);
}
