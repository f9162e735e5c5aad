#include "ledger/state/access_internal.h"

#include <stdlib.h>

/* The contract in force of a study, loaded from the entry that proposed it; kept in the cache, as it never changes. */

void state_programs_free(struct state_programs *programs)
{
	for (size_t i = 0; i < programs->count; i++)
		contracts_arena_close(programs->list[i].arena);
	free(programs->list);
	*programs = (struct state_programs){.list = NULL};
}

/* The first proposal of it: any has the same code. */
static bool proposal_of(const struct access_study *study, const struct base_hash *id, struct base_hash *event)
{
	for (size_t i = 0; i < study->contracts.count; i++) {
		const struct state_fact *fact = &study->contracts.list[i];
		struct base_hash named;

		if (fact->kind == EVENTS_CONTRACT_PROPOSE && state_content_hash(fact->content, STATE_CONTRACT_ID, &named) &&
		    base_hash_equal(&named, id))
			return state_content_hash(fact->content, STATE_CONTRACT_EVENT, event);
	}
	return false;
}

static enum base_code load(struct access *access, const struct access_study *study, struct state_program *out,
			   struct base_error *err)
{
	const struct state_view *view = access->exec->view;
	struct contracts_reject reject;
	const struct state_past *past;
	struct events_event event;
	struct base_slice entry, bytes;
	struct base_hash proposal;
	bool recorded;
	enum contracts_code loaded = CONTRACTS_REFUSED;
	enum base_code code;

	if (!proposal_of(study, &out->id, &proposal))
		return base_fail(err, BASE_STORAGE, "the database is damaged: a contract was approved that nobody proposed");
	if ((code = state_past_find(&access->exec->source, &proposal, access->index, &past, err)) != BASE_OK ||
	    (code = view->entry(view->arg, past->index, &entry, err)) != BASE_OK)
		return base_wrap(err, code, "read a contract");
	if (state_entry_split(&event, &recorded, entry, err) != BASE_OK)
		return base_fail(err, BASE_STORAGE, "entry %llu is damaged", (unsigned long long)past->index);
	bytes = events_bytes(event.envelope.body, 3);
	if ((out->arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT)) != NULL)
		loaded = contracts_load(out->arena, &out->program, (struct contracts_bytes){bytes.data, bytes.len}, &reject);
	if (loaded == CONTRACTS_OK)
		return BASE_OK;
	contracts_arena_close(out->arena);
	return base_fail(err, loaded == CONTRACTS_MEMORY ? BASE_IO : BASE_STORAGE, "the contract of entry %llu cannot be loaded",
			 (unsigned long long)past->index);
}

static enum base_code program_of(struct access *access, const struct access_study *study, const struct base_hash *id,
				 const struct contracts_program **out, struct base_error *err)
{
	struct state_cache *cache = access->exec->cache;
	struct state_programs *programs = &cache->programs;
	struct state_program new = {.id = *id};
	enum base_code code;

	for (size_t i = 0; i < programs->count; i++) {
		if (base_hash_equal(&programs->list[i].id, id)) {
			*out = programs->list[i].program;
			return BASE_OK;
		}
	}
	if ((code = load(access, study, &new, err)) != BASE_OK)
		return code;
	programs->list = state_grow(programs->list, &programs->cap, programs->count, sizeof(*programs->list));
	programs->list[programs->count++] = new;
	cache->bytes += contracts_program_cost(new.program).program_bytes;
	*out = new.program;
	return BASE_OK;
}

enum base_code access_contract_of(struct access *access, const struct access_study *study, struct access_contract **out,
				  struct base_error *err)
{
	struct access_contract *contract;
	uint64_t index;
	enum base_code code;

	for (contract = access->contracts; contract != NULL; contract = contract->next) {
		if (contract->study == study) {
			*out = contract;
			return BASE_OK;
		}
	}
	contract = access_take(access, sizeof(*contract));
	contract->study = study;
	contract->in_force = state_contract_at(study->contracts.list, study->contracts.count, access->exec->time, &contract->id,
					       &index);
	if (contract->in_force) {
		if ((code = program_of(access, study, &contract->id, &contract->program, err)) != BASE_OK)
			return code == BASE_NOT_FOUND ? BASE_STORAGE : code;
		contract->cost = contracts_program_cost(contract->program);
		contract->reads = contracts_program_reads(contract->program);
	}
	contract->next = access->contracts;
	*out = access->contracts = contract;
	return BASE_OK;
}
