#include "contracts/contracts.h"
#include "ledger/audit/audit_internal.h"

#include <stdlib.h>

/* Contracts: executing does not compile; an audit does. A proposal whose text says something else is a fact like any other; a committee
 * that approves it is told. docs/formats/access.md, "Contracts in force". */

/* Whether the text compiles to the code that the contract is the hash of. */
static bool says(struct base_slice body, const struct base_hash *contract)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_report *report = base_alloc(sizeof(*report));
	struct base_slice text = events_text(body, 2);
	struct contracts_bytes bytes;
	struct base_hash is;
	bool same = false;

	if (arena != NULL &&
	    contracts_compile(arena, &bytes, (struct contracts_text){(const char *)text.data, text.len}, report) == CONTRACTS_OK) {
		is = base_sha256_of(base_slice(bytes.data, bytes.len));
		same = base_hash_equal(&is, contract);
	}
	contracts_arena_close(arena);
	free(report);
	return same;
}

static bool named(struct base_slice body, uint64_t key, struct base_hash *out)
{
	struct wire_reader r;

	if (!events_find(body, key, &r))
		return false;
	*out = wire_get_hash(&r);
	return !r.failed;
}

static struct audit_contract *find(struct audit_contracts *contracts, const struct base_hash *id)
{
	for (size_t i = 0; i < contracts->count; i++) {
		if (base_hash_equal(&contracts->list[i].id, id))
			return &contracts->list[i];
	}
	return NULL;
}

static struct audit_contract *add(struct audit_contracts *contracts, const struct base_hash *id)
{
	if (contracts->count == contracts->cap) {
		contracts->cap = contracts->cap == 0 ? 16 : 2 * contracts->cap;
		contracts->list = base_realloc(contracts->list, contracts->cap * sizeof(*contracts->list));
	}
	BASE_ASSERT(contracts->list != NULL);
	contracts->list[contracts->count] = (struct audit_contract){.id = *id};
	return &contracts->list[contracts->count++];
}

static void take_proposal(struct audit_contracts *contracts, struct base_slice body)
{
	struct audit_contract *known;
	struct base_hash id;

	if (!named(body, 1, &id))
		return;
	known = find(contracts, &id);
	if (known == NULL)
		known = add(contracts, &id);
	/* The same code may be proposed with more than one text: one that says it is enough. */
	known->says = known->says || says(body, &id);
}

static bool approves(struct base_slice body)
{
	struct wire_reader r;
	uint64_t act;

	if (!events_find(body, 4, &r) || wire_get_map(&r) != 1)
		return false;
	act = wire_get_uint(&r);
	return !r.failed && (act == EVENTS_ETHICS_APPROVE || act == EVENTS_ETHICS_RENEW);
}

void audit_contracts_take(struct audit_replay *r, uint64_t index, const struct events_event *event)
{
	const struct audit_contract *known;
	struct base_slice body = event->envelope.body;
	struct base_hash id;
	char hex[65];

	if (event->envelope.kind->id == EVENTS_CONTRACT_PROPOSE) {
		take_proposal(&r->contracts, body);
		return;
	}
	if (event->envelope.kind->id != EVENTS_ETHICS_DECIDE || !named(body, 5, &id) || !approves(body))
		return;
	known = find(&r->contracts, &id);
	base_hex(hex, base_hash_slice(&id));
	if (known != NULL && !known->says)
		audit_deviate(r, AUDIT_CONTRACT, &index,
			      "approves contract %s, whose text does not compile to it: what is executed is not what was read", hex);
}

void audit_contracts_free(struct audit_contracts *contracts)
{
	free(contracts->list);
}
