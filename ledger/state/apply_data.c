#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* data.*: what is recorded about payloads. */

/* ---- What an event brings ------------------------------------------------------------ */

/* Empty: none. */
static struct base_slice site_named(const struct state_judge *judge)
{
	if (judge->event->envelope.kind->id == EVENTS_DATA_CORRECT || !events_has(judge->body, 2))
		return base_slice(NULL, 0);
	return events_text(judge->body, 2);
}

static enum base_code check_site(struct state_judge *judge)
{
	const struct state_site *site;

	if (site_named(judge).len == 0)
		return BASE_OK;
	site = state_site_find(judge->study, site_named(judge));
	if (site == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_is_own(judge, state_token_slice(&site->organisation)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	return BASE_OK;
}

static enum base_code check_participants(struct state_judge *judge, struct base_error *err)
{
	for (size_t i = 0; i < judge->concerned_count; i++) {
		struct state_participant *participant = judge->concerned[i].participant;
		enum base_code code;

		if (!judge->concerned[i].named)
			continue;
		if (!participant->enrolled)
			state_flag(judge, EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED);
		if (state_bond_into(&participant->bonds) != NULL)
			state_flag(judge, EVENTS_FLAG_PARTICIPANT_MERGED);
		code = state_claim(judge, participant, err);
		if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
			return code;
	}
	return BASE_OK;
}

/* ---- CIDs, each once in a study and organisation --------------------------------------- */

struct same_cid {
	const struct wire_cid *cid;
	bool found;
};

static bool look_cid(void *arg, size_t index, const struct events_item *item)
{
	struct same_cid *same = arg;

	(void)index;
	same->found = wire_cid_equal(&item->cid, same->cid);
	return !same->found;
}

/* Whether an entry that was found by the CID's term did bring it, in this study and organisation. */
static enum base_code confirm_cid(struct state_judge *judge, uint64_t index, const struct wire_cid *cid, bool *used,
				  struct base_error *err)
{
	const struct state_view *view = judge->exec->view;
	struct same_cid same = {cid, false};
	struct events_event event;
	struct base_slice entry;
	bool recorded;
	enum base_code code;

	if ((code = view->entry(view->arg, index, &entry, err)) != BASE_OK)
		return base_wrap(err, code, "read entry %llu", (unsigned long long)index);
	code = state_entry_split(&event, &recorded, entry, err);
	if (code == BASE_NOT_FOUND)
		return BASE_OK;
	if (code != BASE_OK)
		return base_wrap(err, BASE_STORAGE, "entry %llu is damaged", (unsigned long long)index);
	if (!recorded || !state_kind_brings(event.envelope.kind) ||
	    !base_slice_equal(event.cose.subject, judge->event->cose.subject) ||
	    !base_slice_equal(state_actor_organisation(event.cose.issuer), state_own_organisation(judge)))
		return BASE_OK;
	events_items(&event, look_cid, &same);
	*used = same.found;
	return BASE_OK;
}

static bool used_in_block(const struct state_judge *judge, const struct base_hash *digest)
{
	const struct state_cid_use *use;
	size_t cursor = 0;

	while ((use = state_index_next(&judge->exec->cids, state_index_hash(digest), &cursor)) != NULL) {
		if (base_hash_equal(&use->digest, digest) &&
		    base_slice_equal(use->organisation, state_own_organisation(judge)))
			return true;
	}
	return false;
}

struct cids {
	struct state_judge *judge;
	struct base_error *err;
	enum base_code code;
};

static bool check_cid(void *arg, size_t at, const struct events_item *item)
{
	struct cids *cids = arg;
	struct state_judge *judge = cids->judge;
	const struct state_view *view = judge->exec->view;
	struct base_hash digest = state_cid_digest(judge->study->record.study, &item->cid);
	bool used = used_in_block(judge, &digest);
	const uint64_t *indices;
	size_t count = 0;

	if (!used)
		cids->code = view->postings(view->arg, state_index_hash(&digest), &indices, &count, cids->err);
	if (cids->code != BASE_OK)
		return false;
	for (size_t i = 0; i < count && !used && cids->code == BASE_OK; i++)
		cids->code = confirm_cid(judge, indices[i], &item->cid, &used, cids->err);
	if (cids->code == BASE_OK && used)
		cids->code =
			base_fail(cids->err, BASE_REFUSED,
				  "the CID of item %zu was recorded before in this study by this organisation", at);
	judge->cids = state_grow(judge->cids, &judge->cid_cap, judge->cid_count, sizeof(*judge->cids));
	judge->cids[judge->cid_count++] = digest;
	return cids->code == BASE_OK;
}

static int compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, BASE_HASH_BYTES);
}

static enum base_code check_cids(struct state_judge *judge, struct base_error *err)
{
	struct cids cids = {judge, err, BASE_OK};

	events_items(judge->event, check_cid, &cids);
	if (cids.code != BASE_OK || judge->cid_count < 2)
		return cids.code;
	qsort(judge->cids, judge->cid_count, sizeof(*judge->cids), compare_hashes);
	for (size_t i = 1; i < judge->cid_count; i++) {
		if (base_hash_equal(&judge->cids[i - 1], &judge->cids[i]))
			return base_fail(err, BASE_REFUSED, "two of its items have the same CID");
	}
	return BASE_OK;
}

/* What submit, derive and correct have in common. CIDs last: whether one was used matters only to what would be
 * recorded. */
static enum base_code bring(struct state_judge *judge, struct base_error *err)
{
	enum base_code code;

	if ((code = check_site(judge)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = check_participants(judge, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = state_flag_cover(judge, site_named(judge), err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (judge->study->closed)
		state_flag(judge, EVENTS_FLAG_STUDY_CLOSED);
	return check_cids(judge, err);
}

enum base_code state_apply_data_submit(struct state_judge *judge, struct base_error *err)
{
	return bring(judge, err);
}

/* ---- Items that were brought before ----------------------------------------------------- */

enum base_code state_target_open(struct state_judge *judge, const struct state_named_item *target, bool any_study,
				 struct state_item **out, struct base_error *err)
{
	*out = NULL;
	if (target->past == NULL)
		return BASE_OK;
	if (!any_study && !base_slice_equal(target->past->study, judge->study->record.study))
		return BASE_OK;
	return state_item_open(judge->exec, target->past->study, &target->id, out, err);
}

const uint8_t *state_item_participant(const struct state_named_item *target, const struct state_item *item)
{
	const struct state_past_ref *ref = &target->past->refs[target->id.index];

	if (item->has_whose)
		return item->whose;
	return ref->has ? ref->reference : NULL;
}

static void flag_input(struct state_judge *judge, const struct state_item *item)
{
	if (item->retracted)
		state_flag(judge, EVENTS_FLAG_INPUT_RETRACTED);
	if (item->ordered)
		state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
	if (item->reassigned)
		state_flag(judge, EVENTS_FLAG_ITEM_REASSIGNED);
}

enum base_code state_apply_data_derive(struct state_judge *judge, struct base_error *err)
{
	for (size_t i = 0; i < judge->names.item_count; i++) {
		struct state_item *item;
		enum base_code code = state_target_open(judge, &judge->names.items[i], true, &item, err);

		if (code != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		flag_input(judge, item);
	}
	return bring(judge, err);
}

bool state_target_is_own(const struct state_judge *judge, const struct state_named_item *target)
{
	return state_is_own(judge, target->past->organisation);
}

/* {1: [event id, 0], 2: reason} on the item that was wrong. */
enum base_code state_apply_data_correct(struct state_judge *judge, struct base_error *err)
{
	const struct state_named_item *target = &judge->names.items[0];
	const struct events_item_id replacement = {judge->event->id, 0};
	struct state_item *item;
	struct base_buf *content;
	enum base_code code;

	if ((code = state_target_open(judge, target, false, &item, err)) != BASE_OK)
		return code;
	if (item == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_target_is_own(judge, target))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (item->corrected)
		state_flag(judge, EVENTS_FLAG_SUPERSEDES_CORRECTED);
	if (item->retracted)
		state_flag(judge, EVENTS_FLAG_INPUT_RETRACTED);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	events_item_id_put(content, &replacement);
	wire_put_uint(content, 2);
	wire_put_uint(content, judge->event->envelope.reason);
	if ((code = state_fact_on(judge, &item->record, err)) != BASE_OK)
		return code;
	return bring(judge, err);
}

bool state_has_effect(const struct state_judge *judge, const struct state_record *record)
{
	for (size_t i = 0; i < judge->effect_count; i++) {
		if (judge->effects[i].record == record)
			return true;
	}
	return false;
}

/* {2: reason} on each item. */
enum base_code state_apply_data_retract(struct state_judge *judge, struct base_error *err)
{
	for (size_t i = 0; i < judge->names.item_count; i++) {
		const struct state_named_item *target = &judge->names.items[i];
		struct state_item *item;
		struct base_buf *content;
		enum base_code code = state_target_open(judge, target, false, &item, err);

		if (code != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (!state_target_is_own(judge, target))
			return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
		if (item->retracted)
			state_flag(judge, EVENTS_FLAG_INPUT_RETRACTED);
		if (state_has_effect(judge, &item->record))
			continue;
		content = state_fact_begin(judge);
		wire_put_map(content, 1);
		wire_put_uint(content, 2);
		wire_put_uint(content, judge->event->envelope.reason);
		if ((code = state_fact_on(judge, &item->record, err)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}
