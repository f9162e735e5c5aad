/* Random contracts, as people could write them, and random facts for them: few values, so that conditions are often
 * true, often false, and often not known. The same seed gives the same. */
#ifndef TESTS_CONTRACTS_GENERATOR_H
#define TESTS_CONTRACTS_GENERATOR_H

#include "contracts/contracts.h"
#include "ledger/base/base.h"

struct generator {
	uint64_t state;
};
uint64_t generator_number(struct generator *generator, uint64_t below);
/* The source of a contract that parser and checks accept. */
void generator_contract(struct generator *generator, struct base_buf *out);
struct generator_facts {
	struct contracts_facts facts;
	struct contracts_text texts[CONTRACTS_FACT_COUNT][4];
};
/* plain: what is always known is, and codes are in the tables. */
void generator_facts(struct generator *generator, struct generator_facts *out, bool plain);
void generator_tallies(struct generator *generator, struct contracts_tally_value *out, size_t count);

#endif
