#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* What the facts of a record add up to. The contents are normative: docs/formats/state.md, "Contents". */

/* ---- Reading contents ------------------------------------------------------ */

bool state_content_uint(struct base_slice map, uint64_t key, uint64_t *out)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	*out = wire_get_uint(&r);
	return !r.failed;
}

bool state_content_text(struct base_slice map, uint64_t key, struct base_slice *out)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	*out = wire_get_text(&r);
	return !r.failed;
}

bool state_content_hash(struct base_slice map, uint64_t key, struct base_hash *out)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	*out = wire_get_hash(&r);
	return !r.failed;
}

bool state_content_raw(struct base_slice map, uint64_t key, struct base_slice *out)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	*out = wire_get_raw(&r);
	return !r.failed;
}

static bool content_when(struct base_slice map, uint64_t key, struct events_when *out)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	*out = events_when_read(&r);
	return !r.failed;
}

static bool content_token(struct base_slice map, uint64_t key, struct state_token *out)
{
	struct base_slice text;

	return state_content_text(map, key, &text) && state_token_set(out, text);
}

static bool content_public(struct base_slice map, uint64_t key, struct keys_public *out)
{
	struct base_slice raw;

	return state_content_raw(map, key, &raw) && keys_public_parse(out, raw, NULL) == BASE_OK;
}

static bool content_reference(struct base_slice map, uint64_t key, uint8_t out[32])
{
	struct base_hash reference;

	if (!state_content_hash(map, key, &reference))
		return false;
	memcpy(out, reference.bytes, 32);
	return true;
}

bool state_token_set(struct state_token *token, struct base_slice text)
{
	if (text.len == 0 || text.len > STATE_TOKEN_BYTES_MAX)
		return false;
	token->len = (uint8_t)text.len;
	memcpy(token->text, text.data, text.len);
	return true;
}

struct base_slice state_token_slice(const struct state_token *token)
{
	return base_slice(token->text, token->len);
}

bool state_token_is(const struct state_token *token, struct base_slice text)
{
	return base_slice_equal(state_token_slice(token), text);
}

struct base_slice state_actor_organisation(struct base_slice actor)
{
	size_t len = 0;

	while (len < actor.len && actor.data[len] != '/')
		len++;
	return base_slice(actor.data, len);
}

/* The text inside a reference that is a CBOR text of less than 256 bytes. */
static struct base_slice reference_text(struct base_slice reference)
{
	struct wire_reader r;

	wire_read(&r, reference);
	return wire_get_text(&r);
}

/* ---- Keys and actors ------------------------------------------------------- */

static bool fold_signer(struct state_record *record, const struct state_fact *fact)
{
	struct state_key *key = &((struct state_signer *)record)->key;
	struct base_slice map = fact->content, actor;

	if (events_has(map, STATE_KEY_SIGN)) {
		if (!content_public(map, STATE_KEY_SIGN, &key->sign) ||
		    !content_public(map, STATE_KEY_SEAL, &key->seal) ||
		    !state_content_text(map, STATE_KEY_ACTOR, &actor) || actor.len > STATE_ACTOR_BYTES_MAX)
			return false;
		memcpy(key->actor, actor.data, actor.len);
		key->actor[actor.len] = '\0';
		key->has_predecessor = state_content_hash(map, STATE_KEY_PREDECESSOR, &key->predecessor);
		key->since = fact->time;
	}
	if (events_has(map, STATE_KEY_SUSPECT))
		key->suspect = true;
	if (events_has(map, STATE_KEY_SUCCESSOR)) {
		if (!state_content_hash(map, STATE_KEY_SUCCESSOR, &key->successor))
			return false;
		key->has_successor = true;
		key->status = STATE_KEY_IS_ROTATED;
	}
	if (events_has(map, STATE_KEY_REVOKED)) {
		key->status = STATE_KEY_IS_REVOKED;
		if (events_has(map, STATE_KEY_COMPROMISED)) {
			if (!content_when(map, STATE_KEY_COMPROMISED, &key->compromised))
				return false;
			key->has_compromised = true;
		}
	}
	return true;
}

static void begin_actor(struct state_record *record)
{
	struct state_actor *actor = (struct state_actor *)record;

	actor->name = reference_text(record->reference);
	actor->organisation = state_actor_organisation(actor->name);
	actor->term = state_term_actor(actor->name);
}

static bool fold_assign(struct state_actor *actor, struct base_slice map)
{
	struct state_assignment new = {0};
	struct events_when from, to;

	if (!content_token(map, 2, &new.study) || !content_token(map, 3, &new.site) ||
	    !state_content_uint(map, 4, &new.role) || !content_when(map, 5, &from))
		return false;
	new.from = from.utc_ms;
	new.until = content_when(map, 6, &to) ? state_when_end(&to) : UINT64_MAX;
	actor->assignments = state_grow(actor->assignments, &actor->cap, actor->count, sizeof(*actor->assignments));
	actor->assignments[actor->count++] = new;
	return true;
}

static bool fold_actor(struct state_record *record, const struct state_fact *fact)
{
	struct state_actor *actor = (struct state_actor *)record;
	struct wire_reader r;
	uint64_t count;

	if (fact->kind == EVENTS_ACTOR_ASSIGN)
		return fold_assign(actor, fact->content);
	if (fact->kind == EVENTS_ACTOR_ROTATE || fact->kind == EVENTS_ACTOR_REVOKE)
		return true;
	if (!events_find(fact->content, 1, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		uint64_t role = wire_get_uint(&r);

		if (role > 63)
			return false;
		actor->roles |= EVENTS_ROLE(role);
	}
	return !r.failed;
}

static void close_actor(struct state_record *record)
{
	free(((struct state_actor *)record)->assignments);
}

/* ---- Studies and participants ---------------------------------------------- */

static void begin_study(struct state_record *record)
{
	((struct state_study *)record)->term = state_term_study(record->study);
}

static bool fold_sites(struct state_study *study, struct base_slice map)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(map, 4, &r))
		return true;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice raw = wire_get_raw(&r);
		struct state_site site;

		if (r.failed || !content_token(raw, 1, &site.site) || !content_token(raw, 2, &site.organisation))
			return false;
		study->sites = state_grow(study->sites, &study->cap, study->count, sizeof(*study->sites));
		study->sites[study->count++] = site;
	}
	return !r.failed;
}

static bool fold_committees(struct state_study *study, struct base_slice map)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(map, 8, &r))
		return true;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct state_token token;

		if (!state_token_set(&token, wire_get_text(&r)))
			return false;
		study->committees = state_grow(study->committees, &study->committee_cap, study->committee_count,
					       sizeof(*study->committees));
		study->committees[study->committee_count++] = token;
	}
	return !r.failed;
}

static bool fold_study(struct state_record *record, const struct state_fact *fact)
{
	struct state_study *study = (struct state_study *)record;

	if (fact->kind == EVENTS_STUDY_REGISTER) {
		if (!content_token(fact->content, 3, &study->sponsor))
			return false;
		if (!state_content_uint(fact->content, 7, &study->legal_basis))
			study->legal_basis = EVENTS_BASIS_CONSENT;
	}
	if (fact->kind == EVENTS_STUDY_CLOSE)
		study->closed = true;
	return fold_sites(study, fact->content) && fold_committees(study, fact->content);
}

static void close_study(struct state_record *record)
{
	free(((struct state_study *)record)->sites);
	free(((struct state_study *)record)->committees);
}

static void keep_fact(struct state_facts *facts, const struct state_fact *fact)
{
	uint8_t *copy = base_alloc(fact->content.len);

	memcpy(copy, fact->content.data, fact->content.len);
	facts->list = state_grow(facts->list, &facts->cap, facts->count, sizeof(*facts->list));
	facts->list[facts->count] = *fact;
	facts->list[facts->count++].content = base_slice(copy, fact->content.len);
}

static void free_facts(struct state_facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		free((void *)(uintptr_t)facts->list[i].content.data);
	free(facts->list);
}

static bool fold_participant(struct state_record *record, const struct state_fact *fact)
{
	struct state_participant *participant = (struct state_participant *)record;
	struct base_slice map = fact->content;
	uint64_t status;

	if (fact->kind == EVENTS_BLINDING_UNBLIND)
		return true;
	if (fact->kind == EVENTS_PARTICIPANT_ENROL)
		participant->enrolled = true;
	if (events_has(map, STATE_PARTICIPANT_SITE) && !content_token(map, STATE_PARTICIPANT_SITE, &participant->site))
		return false;
	if (events_has(map, STATE_PARTICIPANT_OWNER) && !content_token(map, STATE_PARTICIPANT_OWNER, &participant->owner))
		return false;
	if (fact->kind == EVENTS_PARTICIPANT_STATUS && state_content_uint(map, STATE_PARTICIPANT_STATUS, &status) && status == EVENTS_STATUS_DIED)
		participant->died = true;
	if (fact->kind == EVENTS_PARTICIPANT_REPRESENT ||
	    (fact->kind == EVENTS_PARTICIPANT_STATUS && state_content_uint(map, STATE_PARTICIPANT_STATUS, &status) && status == EVENTS_STATUS_OF_AGE))
		keep_fact(&participant->ward, fact);
	return state_bonds_fold(&participant->bonds, fact);
}

static void close_participant(struct state_record *record)
{
	free(((struct state_participant *)record)->bonds.list);
	free_facts(&((struct state_participant *)record)->ward);
}

/* ---- Approvals and consents ------------------------------------------------ */

static bool fold_approvals(struct state_record *record, const struct state_fact *fact)
{
	keep_fact(&((struct state_approvals *)record)->facts, fact);
	return true;
}

static void close_approvals(struct state_record *record)
{
	free_facts(&((struct state_approvals *)record)->facts);
}

static bool fold_contracts(struct state_record *record, const struct state_fact *fact)
{
	keep_fact(&((struct state_contracts *)record)->facts, fact);
	return true;
}

static void close_contracts(struct state_record *record)
{
	free_facts(&((struct state_contracts *)record)->facts);
}

static bool fold_grant(struct state_record *record, const struct state_fact *fact)
{
	struct state_grant *grant = (struct state_grant *)record;
	struct base_slice recipient;

	grant->revoked = grant->revoked || events_has(fact->content, STATE_GRANT_REVOKED);
	grant->closed = grant->closed || events_has(fact->content, STATE_GRANT_DESTROYED);
	if (!state_fold_permit(grant, fact))
		return false;
	if (!state_content_text(fact->content, STATE_GRANT_RECIPIENT, &recipient))
		return true;
	return content_token(fact->content, STATE_GRANT_ORGANISATION, &grant->organisation) &&
	       state_token_set(&grant->recipient, state_actor_organisation(recipient));
}

static bool fold_consents(struct state_record *record, const struct state_fact *fact)
{
	keep_fact(&((struct state_consents *)record)->facts, fact);
	return true;
}

static void close_consents(struct state_record *record)
{
	free_facts(&((struct state_consents *)record)->facts);
}

static bool fold_agreements(struct state_record *record, const struct state_fact *fact)
{
	keep_fact(&((struct state_agreements *)record)->facts, fact);
	return true;
}

static void close_agreements(struct state_record *record)
{
	free_facts(&((struct state_agreements *)record)->facts);
}

static bool fold_links(struct state_record *record, const struct state_fact *fact)
{
	struct state_links *links = (struct state_links *)record;
	struct base_hash id;

	if (!state_content_hash(fact->content, 1, &id))
		return false;
	if (fact->kind == EVENTS_PARTICIPANT_LINK) {
		links->list = state_grow(links->list, &links->cap, links->count, sizeof(*links->list));
		links->list[links->count++] = (struct state_link){id, false};
		return true;
	}
	for (size_t i = 0; i < links->count; i++)
		links->list[i].ended = links->list[i].ended || base_hash_equal(&links->list[i].id, &id);
	return true;
}

static void close_links(struct state_record *record)
{
	free(((struct state_links *)record)->list);
}

/* ---- Items and data sets --------------------------------------------------- */

static void note_given(struct state_item *item)
{
	struct base_hash to;

	memcpy(to.bytes, item->to, sizeof(to.bytes));
	for (size_t i = 0; i < item->given_count; i++) {
		if (base_hash_equal(&item->given[i], &to))
			return;
	}
	item->given = state_grow(item->given, &item->given_cap, item->given_count, sizeof(*item->given));
	item->given[item->given_count++] = to;
}

static void close_item(struct state_record *record)
{
	free(((struct state_item *)record)->given);
}

static bool fold_item(struct state_record *record, const struct state_fact *fact)
{
	struct state_item *item = (struct state_item *)record;

	if (fact->kind == EVENTS_DATA_CORRECT)
		item->corrected = true;
	if (fact->kind == EVENTS_DATA_RETRACT || fact->kind == EVENTS_ACTOR_REPUDIATE)
		item->retracted = true;
	if (fact->kind == EVENTS_DATA_ERASE)
		item->ordered = true;
	if (events_has(fact->content, STATE_ITEM_ERASED))
		item->erased = true;
	if (fact->kind == EVENTS_DATA_REASSIGN) {
		item->reassigned = true;
		if (!content_reference(fact->content, STATE_ITEM_TO, item->to))
			return false;
		item->waits = true;
		note_given(item);
	}
	if (events_has(fact->content, STATE_ITEM_IN_EFFECT)) {
		memcpy(item->whose, item->to, sizeof(item->whose));
		item->has_whose = true;
		item->waits = false;
	}
	return true;
}

/* ---- Holds, rights, incidents, copies ---------------------------------------- */

static bool fold_holds(struct state_record *record, const struct state_fact *fact)
{
	keep_fact(&((struct state_holds *)record)->facts, fact);
	return true;
}

static void close_holds(struct state_record *record)
{
	free_facts(&((struct state_holds *)record)->facts);
}

static bool fold_request(struct state_record *record, const struct state_fact *fact)
{
	struct state_request *request = (struct state_request *)record;
	struct base_slice body;
	struct wire_reader r;
	uint64_t act;

	if (events_has(fact->content, STATE_RIGHTS_PARTICIPANT) &&
	    (!content_reference(fact->content, STATE_RIGHTS_PARTICIPANT, request->participant) ||
	     !state_content_uint(fact->content, STATE_RIGHTS_RIGHT, &request->right)))
		return false;
	if (fact->kind == EVENTS_RIGHTS_REQUEST) {
		request->is_request = true;
		return state_content_uint(fact->content, STATE_RIGHTS_DUE, &request->due) &&
		       state_content_uint(fact->content, STATE_RIGHTS_LIMIT, &request->limit) &&
		       content_token(fact->content, STATE_RIGHTS_ORGANISATION, &request->organisation);
	}
	if (!state_act_of(fact->content, STATE_RIGHTS_ACT, &act, &body))
		return false;
	request->fulfilled = request->fulfilled || act == EVENTS_RIGHTS_FULFILLED;
	request->refused = request->refused || act == EVENTS_RIGHTS_REFUSED;
	if (act == EVENTS_RIGHTS_EXTENDED && events_find(body, 1, &r)) {
		struct events_when until = events_when_read(&r);

		request->extended = true;
		request->due = state_when_end(&until);
	}
	return true;
}

static bool fold_incident(struct state_record *record, const struct state_fact *fact)
{
	struct state_incident *incident = (struct state_incident *)record;
	uint64_t stage;

	if (!state_content_uint(fact->content, STATE_INCIDENT_STAGE, &stage))
		return false;
	incident->notified = incident->notified || stage == EVENTS_INCIDENT_NOTIFIED;
	incident->closed = stage == EVENTS_INCIDENT_CLOSED;
	if (!events_has(fact->content, STATE_INCIDENT_ORGANISATION))
		return true;
	return content_token(fact->content, STATE_INCIDENT_ORGANISATION, &incident->organisation) &&
	       state_content_uint(fact->content, STATE_INCIDENT_DUE, &incident->due);
}

static struct state_copy *copy_of(struct state_copies *copies, const struct state_token *holder)
{
	for (size_t i = 0; i < copies->count; i++) {
		if (state_token_is(&copies->list[i].holder, state_token_slice(holder)))
			return &copies->list[i];
	}
	copies->list = state_grow(copies->list, &copies->cap, copies->count, sizeof(*copies->list));
	copies->list[copies->count] = (struct state_copy){*holder, 0, false};
	return &copies->list[copies->count++];
}

static bool fold_copies(struct state_record *record, const struct state_fact *fact)
{
	struct state_copies *copies = (struct state_copies *)record;
	struct state_token holder;
	struct state_copy *copy;
	uint64_t what;

	/* Who takes a copy says so of itself alone, as data.hold does; that one is gone, its holder says. */
	if (events_has(fact->content, STATE_COPY_FROM)) {
		if (!content_token(fact->content, STATE_COPY_FROM, &holder))
			return false;
		copy_of(copies, &holder)->gone = true;
		if (!content_token(fact->content, STATE_COPY_TO, &holder))
			return false;
	} else if (!content_token(fact->content, STATE_COPY_HOLDER, &holder)) {
		return false;
	}
	copy = copy_of(copies, &holder);
	if (fact->kind != EVENTS_DATA_DESTROYED) {
		*copy = (struct state_copy){holder, 0, false};
		return true;
	}
	if (!state_content_uint(fact->content, STATE_COPY_DESTROYED, &what))
		return false;
	copy->destroyed |= what;
	copy->gone = copy->gone || copy->destroyed == EVENTS_DESTROYED_BOTH;
	return true;
}

static void close_copies(struct state_record *record)
{
	free(((struct state_copies *)record)->list);
}

static bool fold_said(struct state_record *record, const struct state_fact *fact)
{
	struct state_said *said = (struct state_said *)record;
	struct wire_reader r;

	said->affirmed = said->affirmed || fact->kind == EVENTS_ACTOR_AFFIRM;
	said->repudiated = said->repudiated || fact->kind == EVENTS_ACTOR_REPUDIATE;
	if (events_has(fact->content, STATE_EVENT_ORGANISATION) &&
	    !content_token(fact->content, STATE_EVENT_ORGANISATION, &said->organisation))
		return false;
	if (events_find(fact->content, STATE_EVENT_ITEM, &r)) {
		said->item = events_item_id_read(&r);
		said->waits = true;
		if (r.failed || !content_token(fact->content, STATE_EVENT_STUDY, &said->study))
			return false;
	}
	if (events_has(fact->content, STATE_EVENT_IN_EFFECT))
		said->waits = false;
	if (events_has(fact->content, STATE_EVENT_RECIPIENTS))
		base_buf_append(&said->recipients, events_raw(fact->content, STATE_EVENT_RECIPIENTS));
	return true;
}

static void close_said(struct state_record *record)
{
	base_buf_free(&((struct state_said *)record)->recipients);
}

static bool fold_dataset(struct state_record *record, const struct state_fact *fact)
{
	struct state_dataset *set = (struct state_dataset *)record;
	struct base_slice map = fact->content;
	struct wire_reader r;
	uint64_t depth;

	if (!state_content_uint(map, STATE_DATASET_PART, &set->part) ||
	    !state_content_uint(map, STATE_DATASET_HAVE, &set->have) || !events_find(map, STATE_DATASET_FRONTIER, &r))
		return false;
	depth = wire_get_array(&r);
	if (r.failed || depth > STATE_FRONTIER_MAX)
		return false;
	set->depth = (size_t)depth;
	for (size_t i = 0; i < set->depth; i++)
		set->frontier[i] = wire_get_hash(&r);
	if (r.failed)
		return false;
	if (events_has(map, STATE_DATASET_COMPLETE))
		set->complete = true;
	if (set->part > 1)
		return true;
	return state_content_uint(map, STATE_DATASET_WANTED, &set->wanted) &&
	       state_content_hash(map, STATE_DATASET_ROOT, &set->root) &&
	       content_token(map, STATE_DATASET_ORGANISATION, &set->organisation);
}

/* ---- Governance ------------------------------------------------------------ */

static bool fold_proposal(struct state_record *record, const struct state_fact *fact)
{
	struct state_proposal *proposal = (struct state_proposal *)record;
	struct state_voter voter;
	struct base_slice raw;
	struct wire_reader r;

	if (fact->kind == EVENTS_GOVERNANCE_PROPOSE) {
		if (state_content_raw(fact->content, 2, &raw))
			base_buf_append(&proposal->organisation, raw);
		if (state_content_raw(fact->content, 3, &raw))
			base_buf_append(&proposal->limits, raw);
		(void)content_token(fact->content, 4, &proposal->concerned);
		(void)content_token(fact->content, 5, &proposal->successor);
		return state_content_uint(fact->content, 1, &proposal->action) &&
		       (proposal->organisation.len > 0 || proposal->limits.len > 0 || proposal->concerned.len > 0);
	}
	if (fact->kind == EVENTS_ORGANISATION_ADMIT || fact->kind == EVENTS_ORGANISATION_SUSPEND ||
	    fact->kind == EVENTS_ORGANISATION_SUCCEED) {
		proposal->enacted = true;
		return true;
	}
	if (!content_token(fact->content, 1, &voter.organisation) || !events_find(fact->content, 2, &r))
		return false;
	voter.yes = wire_get_bool(&r);
	proposal->passed = proposal->passed || events_has(fact->content, 3);
	proposal->enacted = proposal->enacted || (proposal->passed && proposal->limits.len > 0);
	proposal->voters = state_grow(proposal->voters, &proposal->cap, proposal->count, sizeof(*proposal->voters));
	proposal->voters[proposal->count++] = voter;
	return !r.failed;
}

static void close_proposal(struct state_record *record)
{
	struct state_proposal *proposal = (struct state_proposal *)record;

	base_buf_free(&proposal->organisation);
	base_buf_free(&proposal->limits);
	free(proposal->voters);
}

static bool fold_organisation(struct state_record *record, const struct state_fact *fact)
{
	struct state_organisation *organisation = (struct state_organisation *)record;
	struct wire_reader r;
	uint64_t count;

	if (events_find(fact->content, STATE_ORGANISATION_SUSPENDED, &r))
		organisation->suspended = wire_get_bool(&r);
	if (events_has(fact->content, STATE_ORGANISATION_SUCCESSOR))
		organisation->succeeded = true;
	if (!events_find(fact->content, STATE_ORGANISATION_PREDECESSORS, &r))
		return true;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct state_token token;

		if (!state_token_set(&token, wire_get_text(&r)))
			return false;
		organisation->predecessors = state_grow(organisation->predecessors, &organisation->cap,
							organisation->count, sizeof(*organisation->predecessors));
		organisation->predecessors[organisation->count++] = token;
	}
	return !r.failed;
}

static void close_organisation(struct state_record *record)
{
	free(((struct state_organisation *)record)->predecessors);
}

static bool fold_limits(struct state_governance *governance, struct base_slice map, uint64_t key)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	state_limits_read(&governance->limits, &r);
	return !r.failed;
}

/* Who is suspended has no vote, and does not count. */
static bool fold_suspension(struct state_governance *governance, struct base_slice content)
{
	struct wire_reader r;

	if (!events_find(content, STATE_GOVERNANCE_SUSPENDED, &r))
		return false;
	if (!wire_get_bool(&r))
		governance->organisations++;
	else if (governance->organisations > 0)
		governance->organisations--;
	return !r.failed;
}

static bool fold_governance(struct state_record *record, const struct state_fact *fact)
{
	struct state_governance *governance = (struct state_governance *)record;
	struct base_slice rule;
	struct wire_reader r;

	if (fact->kind == EVENTS_ORGANISATION_ADMIT)
		governance->organisations++;
	if (fact->kind == EVENTS_ORGANISATION_SUSPEND)
		return fold_suspension(governance, fact->content);
	if (fact->kind == EVENTS_ORGANISATION_SUCCEED && governance->organisations > 0)
		governance->organisations--;
	if (fact->kind == EVENTS_GOVERNANCE_VOTE)
		return fold_limits(governance, fact->content, 3);
	if (fact->kind != STATE_GENESIS)
		return true;
	if (!state_content_raw(fact->content, 1, &rule) || !fold_limits(governance, rule, 4) ||
	    !events_find(fact->content, 2, &r))
		return false;
	governance->organisations += wire_get_array(&r);
	return !r.failed;
}

static bool fold_nodes(struct state_record *record, const struct state_fact *fact)
{
	struct base_slice raw;

	if (!state_content_raw(fact->content, 1, &raw))
		return false;
	((struct state_nodes *)record)->hash = state_nodes_hash(raw);
	return true;
}

struct base_hash state_nodes_hash(struct base_slice nodes_cbor)
{
	return base_sha256_tagged(0x06, nodes_cbor, base_slice(NULL, 0));
}

/* ---- The table ------------------------------------------------------------- */

const struct state_table_ops *state_table_ops(enum state_table table)
{
	static const struct state_table_ops ops[] = {
		[STATE_ORGANISATION] = {sizeof(struct state_organisation), NULL, fold_organisation, close_organisation},
		[STATE_ACTOR] = {sizeof(struct state_actor), begin_actor, fold_actor, close_actor},
		[STATE_KEY] = {sizeof(struct state_signer), NULL, fold_signer, NULL},
		[STATE_STUDY] = {sizeof(struct state_study), begin_study, fold_study, close_study},
		[STATE_ITEM] = {sizeof(struct state_item), NULL, fold_item, close_item},
		[STATE_PARTICIPANT] = {sizeof(struct state_participant), NULL, fold_participant, close_participant},
		[STATE_PROPOSAL] = {sizeof(struct state_proposal), NULL, fold_proposal, close_proposal},
		[STATE_DATASET] = {sizeof(struct state_dataset), NULL, fold_dataset, NULL},
		[STATE_NODES] = {sizeof(struct state_nodes), NULL, fold_nodes, NULL},
		[STATE_GOVERNANCE] = {sizeof(struct state_governance), NULL, fold_governance, NULL},
		[STATE_APPROVAL] = {sizeof(struct state_approvals), NULL, fold_approvals, close_approvals},
		[STATE_CONSENT] = {sizeof(struct state_consents), NULL, fold_consents, close_consents},
		[STATE_HOLD] = {sizeof(struct state_holds), NULL, fold_holds, close_holds},
		[STATE_RIGHTS] = {sizeof(struct state_request), NULL, fold_request, NULL},
		[STATE_INCIDENT] = {sizeof(struct state_incident), NULL, fold_incident, NULL},
		[STATE_COPY] = {sizeof(struct state_copies), NULL, fold_copies, close_copies},
		[STATE_CONTRACT] = {sizeof(struct state_contracts), NULL, fold_contracts, close_contracts},
		[STATE_GRANT] = {sizeof(struct state_grant), NULL, fold_grant, state_close_grant},
		[STATE_EVENT] = {sizeof(struct state_said), NULL, fold_said, close_said},
		[STATE_AGREEMENT] = {sizeof(struct state_agreements), NULL, fold_agreements, close_agreements},
		[STATE_LINK] = {sizeof(struct state_links), NULL, fold_links, close_links},
	};

	if ((size_t)table >= sizeof(ops) / sizeof(ops[0]) || ops[table].size == 0)
		return NULL;
	return &ops[table];
}
