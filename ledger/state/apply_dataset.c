#include "ledger/state/exec_internal.h"

/* dataset.freeze: items that are named together. The root is RFC 9162's over CBOR [event id, index] of each item in
 * order; between parts the record keeps the perfect subtrees that are complete. */

static void add_leaf(struct state_dataset *set, const struct events_item_id *item)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct base_hash hash;

	events_item_id_put(&cbor, item);
	hash = base_sha256_tagged(0x00, base_buf_slice(&cbor), base_slice(NULL, 0));
	base_buf_free(&cbor);
	for (uint64_t n = set->have; (n & 1) != 0; n >>= 1) {
		set->depth--;
		hash = base_sha256_tagged(0x01, base_hash_slice(&set->frontier[set->depth]), base_hash_slice(&hash));
	}
	set->frontier[set->depth++] = hash;
	set->have++;
}

static struct base_hash root_of(const struct state_dataset *set)
{
	struct base_hash root = set->frontier[set->depth - 1];

	for (size_t i = set->depth - 1; i > 0; i--)
		root = base_sha256_tagged(0x01, base_hash_slice(&set->frontier[i - 1]), base_hash_slice(&root));
	return root;
}

static void put_part(struct base_buf *content, const struct state_dataset *next)
{
	wire_put_map(content, 3u + next->complete + (next->part == 1 ? 3u : 0u));
	wire_put_uint(content, STATE_DATASET_PART);
	wire_put_uint(content, next->part);
	wire_put_uint(content, STATE_DATASET_HAVE);
	wire_put_uint(content, next->have);
	wire_put_uint(content, STATE_DATASET_FRONTIER);
	wire_put_array(content, next->depth);
	for (size_t i = 0; i < next->depth; i++)
		wire_put_hash(content, &next->frontier[i]);
	if (next->complete) {
		wire_put_uint(content, STATE_DATASET_COMPLETE);
		wire_put_bool(content, true);
	}
	if (next->part == 1) {
		wire_put_uint(content, STATE_DATASET_WANTED);
		wire_put_uint(content, next->wanted);
		wire_put_uint(content, STATE_DATASET_ROOT);
		wire_put_hash(content, &next->root);
		wire_put_uint(content, STATE_DATASET_ORGANISATION);
		wire_put_text(content, state_token_slice(&next->organisation));
	}
}

/* The record that this part belongs to; NULL if it was denied. */
static enum base_code find_set(struct state_judge *judge, uint64_t part, uint64_t wanted, const struct base_hash *root,
			       struct state_dataset **out, struct base_error *err)
{
	const struct base_hash *id = judge->names.body_ids > 0 ? &judge->names.ids[0] : &judge->event->id;
	struct state_dataset *set;
	enum base_code code;

	*out = NULL;
	if ((part == 1) != (judge->names.body_ids == 0))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if ((code = state_dataset_open(judge->exec, judge->study->record.study, id, &set, err)) != BASE_OK)
		return code;
	if (part > 1) {
		if (!state_record_exists(&set->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (!state_is_own(judge, state_token_slice(&set->organisation)))
			return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
		if (part != set->part + 1 || wanted != set->wanted || !base_hash_equal(root, &set->root))
			return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	}
	*out = set;
	return BASE_OK;
}

static enum base_code check_items(struct state_judge *judge, struct base_error *err)
{
	for (size_t i = 0; i < judge->names.item_count; i++) {
		struct state_item *item;
		enum base_code code = state_target_open(judge, &judge->names.items[i], false, &item, err);

		if (code != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (item->retracted)
			state_flag(judge, EVENTS_FLAG_INPUT_RETRACTED);
	}
	return BASE_OK;
}

enum base_code state_apply_dataset_freeze(struct state_judge *judge, struct base_error *err)
{
	uint64_t wanted = events_uint(judge->body, 1), part = events_uint(judge->body, 3);
	struct state_dataset *set, next;
	struct base_hash root;
	struct wire_reader r;
	enum base_code code;

	BASE_ASSERT(events_find(judge->body, 2, &r)); /* decoded before */
	root = wire_get_hash(&r);
	if ((code = find_set(judge, part, wanted, &root, &set, err)) != BASE_OK || set == NULL)
		return code;
	if ((code = check_items(judge, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	next = *set;
	next.part = part;
	next.wanted = wanted;
	next.root = root;
	if (part == 1)
		BASE_ASSERT(state_token_set(&next.organisation, state_own_organisation(judge)));
	if (judge->names.item_count > wanted - next.have)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	for (size_t i = 0; i < judge->names.item_count; i++)
		add_leaf(&next, &judge->names.items[i].id);
	root = root_of(&next);
	next.complete = next.have == wanted && base_hash_equal(&root, &next.root);
	if (!next.complete)
		state_flag(judge, EVENTS_FLAG_DATASET_INCOMPLETE);
	put_part(state_fact_begin(judge), &next);
	return state_fact_on(judge, &set->record, err);
}
