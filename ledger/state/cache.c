#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

struct state_cache *state_cache_open(size_t bytes)
{
	struct state_cache *cache = base_alloc(sizeof(*cache));

	cache->limit = bytes;
	return cache;
}

void state_cache_forget(struct state_cache *cache)
{
	for (size_t i = 0; i < cache->records.cap; i++) {
		if (cache->records.slots[i].object != NULL)
			state_record_free(cache->records.slots[i].object);
	}
	state_index_free(&cache->records);
	state_pasts_free(&cache->pasts);
	state_programs_free(&cache->programs);
	cache->bytes = 0;
	cache->filled = false;
}

void state_cache_close(struct state_cache *cache)
{
	if (cache == NULL)
		return;
	BASE_ASSERT(!cache->in_use);
	state_cache_forget(cache);
	free(cache);
}

/* ---- Records by what names them -------------------------------------------- */

/* CBOR heads of what a reference may be, without a buffer on the heap: texts of at most 129 and strings of 32 bytes. */
struct reference {
	uint8_t bytes[STATE_REFERENCE_BYTES_MAX];
	size_t len;
};

static struct base_slice reference_text(struct reference *out, struct base_slice text)
{
	size_t head = 1;

	BASE_ASSERT(text.len + 2 <= sizeof(out->bytes));
	if (text.len < 24) {
		out->bytes[0] = (uint8_t)(0x60 | text.len);
	} else {
		out->bytes[0] = 0x78;
		out->bytes[1] = (uint8_t)text.len;
		head = 2;
	}
	if (text.len > 0)
		memcpy(out->bytes + head, text.data, text.len);
	out->len = head + text.len;
	return base_slice(out->bytes, out->len);
}

static struct base_slice reference_hash(struct reference *out, const uint8_t hash[32])
{
	out->bytes[0] = 0x58;
	out->bytes[1] = 32;
	memcpy(out->bytes + 2, hash, 32);
	out->len = 34;
	return base_slice(out->bytes, out->len);
}

static struct base_slice reference_item(struct reference *out, const struct events_item_id *id)
{
	struct base_buf buf = {out->bytes, 0, sizeof(out->bytes)}; /* never grows: 45 bytes at most */

	events_item_id_put(&buf, id);
	out->len = buf.len;
	return base_slice(out->bytes, out->len);
}

static const struct base_slice nothing = {NULL, 0};

enum base_code state_signer_open(struct state_exec *exec, const struct base_hash *kid, struct state_signer **out,
				 struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_KEY, nothing, reference_hash(&reference, kid->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_signer *)record;
	return code;
}

enum base_code state_actor_open(struct state_exec *exec, struct base_slice actor, struct state_actor **out,
				struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_ACTOR, nothing, reference_text(&reference, actor), &record, err);
	if (code == BASE_OK)
		*out = (struct state_actor *)record;
	return code;
}

enum base_code state_study_open(struct state_exec *exec, struct base_slice study, struct state_study **out,
				struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_STUDY, study, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_study *)record;
	return code;
}

enum base_code state_participant_open(struct state_exec *exec, struct base_slice study, const uint8_t reference[32],
				      struct state_participant **out, struct base_error *err)
{
	struct reference cbor;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_PARTICIPANT, study, reference_hash(&cbor, reference), &record, err);
	if (code == BASE_OK)
		*out = (struct state_participant *)record;
	return code;
}

enum base_code state_organisation_open(struct state_exec *exec, struct base_slice organisation,
				       struct state_organisation **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_ORGANISATION, nothing, reference_text(&reference, organisation), &record,
				 err);
	if (code == BASE_OK)
		*out = (struct state_organisation *)record;
	return code;
}

enum base_code state_proposal_open(struct state_exec *exec, const struct base_hash *id, struct state_proposal **out,
				   struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_PROPOSAL, nothing, reference_hash(&reference, id->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_proposal *)record;
	return code;
}

enum base_code state_item_open(struct state_exec *exec, struct base_slice study, const struct events_item_id *id,
			       struct state_item **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_ITEM, study, reference_item(&reference, id), &record, err);
	if (code == BASE_OK)
		*out = (struct state_item *)record;
	return code;
}

enum base_code state_dataset_open(struct state_exec *exec, struct base_slice study, const struct base_hash *id,
				  struct state_dataset **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_DATASET, study, reference_hash(&reference, id->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_dataset *)record;
	return code;
}

enum base_code state_approvals_open(struct state_exec *exec, struct base_slice study, struct state_approvals **out,
				    struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_APPROVAL, study, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_approvals *)record;
	return code;
}

enum base_code state_consents_open(struct state_exec *exec, struct base_slice study, const uint8_t reference[32],
				   struct state_consents **out, struct base_error *err)
{
	struct reference cbor;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_CONSENT, study, reference_hash(&cbor, reference), &record, err);
	if (code == BASE_OK)
		*out = (struct state_consents *)record;
	return code;
}

enum base_code state_holds_open(struct state_exec *exec, struct base_slice study, struct state_holds **out,
				struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_HOLD, study, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_holds *)record;
	return code;
}

enum base_code state_request_open(struct state_exec *exec, struct base_slice study, const struct base_hash *id,
				  struct state_request **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_RIGHTS, study, reference_hash(&reference, id->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_request *)record;
	return code;
}

enum base_code state_incident_open(struct state_exec *exec, struct base_slice study, const struct base_hash *id,
				   struct state_incident **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_INCIDENT, study, reference_hash(&reference, id->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_incident *)record;
	return code;
}

enum base_code state_copies_open(struct state_exec *exec, struct base_slice study, const struct events_item_id *id,
				 struct state_copies **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_COPY, study, reference_item(&reference, id), &record, err);
	if (code == BASE_OK)
		*out = (struct state_copies *)record;
	return code;
}

enum base_code state_said_open(struct state_exec *exec, const struct base_hash *id, struct state_said **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_EVENT, nothing, reference_hash(&reference, id->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_said *)record;
	return code;
}

enum base_code state_agreements_open(struct state_exec *exec, struct base_slice study, struct state_agreements **out,
				     struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_AGREEMENT, study, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_agreements *)record;
	return code;
}

enum base_code state_links_open(struct state_exec *exec, struct base_slice study, const uint8_t reference[32],
				struct state_links **out, struct base_error *err)
{
	struct reference cbor;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_LINK, study, reference_hash(&cbor, reference), &record, err);
	if (code == BASE_OK)
		*out = (struct state_links *)record;
	return code;
}

enum base_code state_contracts_open(struct state_exec *exec, struct base_slice study, struct state_contracts **out,
				    struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_CONTRACT, study, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_contracts *)record;
	return code;
}

enum base_code state_grant_open(struct state_exec *exec, struct base_slice study, const struct base_hash *id,
				struct state_grant **out, struct base_error *err)
{
	struct reference reference;
	struct state_record *record;
	enum base_code code;

	code = state_record_open(exec, STATE_GRANT, study, reference_hash(&reference, id->bytes), &record, err);
	if (code == BASE_OK)
		*out = (struct state_grant *)record;
	return code;
}

enum base_code state_governance_open(struct state_exec *exec, struct state_governance **out, struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_GOVERNANCE, nothing, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_governance *)record;
	return code;
}

enum base_code state_nodes_open(struct state_exec *exec, struct state_nodes **out, struct base_error *err)
{
	struct state_record *record;
	enum base_code code = state_record_open(exec, STATE_NODES, nothing, nothing, &record, err);

	if (code == BASE_OK)
		*out = (struct state_nodes *)record;
	return code;
}

/* ---- Heads ------------------------------------------------------------------ */

enum base_code state_head_load(struct state_exec *exec, struct state_participant *participant, struct base_error *err)
{
	const struct state_record *record = &participant->record;
	struct base_slice value;
	struct base_hash key;
	enum base_code code;

	if (participant->has_head)
		return BASE_OK;
	/* A head begins with the entry that makes the record: where there is none, the look-up is saved. */
	if (state_record_exists(record)) {
		key = state_map_key(STATE_HEAD, record->study, record->reference, 0);
		code = exec->view->map_get(exec->view->arg, &key, &value, err);
		if (code != BASE_OK && code != BASE_NOT_FOUND)
			return base_wrap(err, code, "read a participant's head");
		if (code == BASE_OK && state_head_decode(&participant->head, value, err) != BASE_OK)
			return base_wrap(err, BASE_STORAGE, "the database is damaged");
	}
	participant->term = state_term_participant(record->study, base_slice(record->reference.data + 2, 32));
	participant->has_head = true;
	return BASE_OK;
}
