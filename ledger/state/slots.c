#include "ledger/state/exec_internal.h"

#include <string.h>

/* docs/formats/state.md, "Nodes and side state": side key 01 || kid -> u64 BE max || 128 bytes || two buckets (limits.c).
 * Bit n mod 1,024 of the 128 bytes (byte n/8, lowest bit first) says whether n was used, for max - 1,023 <= n <= max. As
 * a ring nothing moves when max grows. */

#define WINDOW ((uint64_t)EVENTS_SEQUENCE_WINDOW)
#define SIDE_SLOTS 0x01

static uint8_t *byte_of(struct state_slots *slots, uint64_t n)
{
	return &slots->used[n % WINDOW / 8];
}

static uint8_t bit_of(uint64_t n)
{
	return (uint8_t)(1u << (n % 8));
}

enum state_slot state_slot_look(const struct state_slots *slots, uint64_t sequence)
{
	if (sequence > slots->max)
		return sequence - slots->max <= WINDOW ? STATE_SLOT_FREE : STATE_SLOT_AHEAD;
	if (sequence == 0 || slots->max - sequence >= WINDOW)
		return STATE_SLOT_OLD;
	return (slots->used[sequence % WINDOW / 8] & bit_of(sequence)) != 0 ? STATE_SLOT_USED : STATE_SLOT_FREE;
}

void state_slot_take(struct state_slots *slots, uint64_t sequence)
{
	BASE_ASSERT(state_slot_look(slots, sequence) == STATE_SLOT_FREE);
	while (slots->max < sequence) {
		slots->max++;
		*byte_of(slots, slots->max) &= (uint8_t)~bit_of(slots->max);
	}
	*byte_of(slots, sequence) |= bit_of(sequence);
}

void state_slot_key(uint8_t key[STATE_SLOT_KEY_BYTES], const struct base_hash *kid)
{
	key[0] = SIDE_SLOTS;
	memcpy(key + 1, kid->bytes, BASE_HASH_BYTES);
}

void state_slot_encode(uint8_t value[STATE_SLOT_VALUE_BYTES], const struct state_slots *slots)
{
	base_put_u64be(value, slots->max);
	memcpy(value + 8, slots->used, sizeof(slots->used));
	state_bucket_encode(value + 8 + sizeof(slots->used), &slots->bucket);
	state_bucket_encode(value + 8 + sizeof(slots->used) + STATE_BUCKET_BYTES, &slots->restrictions);
}

bool state_slot_decode(struct state_slots *slots, struct base_slice value)
{
	if (value.len != STATE_SLOT_VALUE_BYTES)
		return false;
	slots->max = base_get_u64be(value.data);
	memcpy(slots->used, value.data + 8, sizeof(slots->used));
	slots->bucket = state_bucket_decode(value.data + 8 + sizeof(slots->used));
	slots->restrictions = state_bucket_decode(value.data + 8 + sizeof(slots->used) + STATE_BUCKET_BYTES);
	return true;
}

enum base_code state_slots_load(struct state_exec *exec, struct state_signer *signer, struct base_error *err)
{
	uint8_t key[STATE_SLOT_KEY_BYTES];
	struct base_hash kid;
	struct base_slice value;
	enum base_code code;

	if (signer->has_slots)
		return BASE_OK;
	kid = keys_kid(&signer->key.sign);
	state_slot_key(key, &kid);
	code = exec->view->side_get(exec->view->arg, base_slice(key, sizeof(key)), &value, err);
	if (code == BASE_OK && !state_slot_decode(&signer->slots, value))
		return base_fail(err, BASE_STORAGE, "the sequence record of a key of %s is damaged", signer->key.actor);
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return base_wrap(err, code, "read the sequence record of %s", signer->key.actor);
	signer->has_slots = true;
	return BASE_OK;
}
