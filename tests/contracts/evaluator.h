/* The specification: what a contract means, read off its checked tree, slowly and obviously. It shares nothing with the
 * compiler's code generation, the verifier or the machine but the tree and the tables. docs/formats/contract.md, §4-§6.
 */
#ifndef TESTS_CONTRACTS_EVALUATOR_H
#define TESTS_CONTRACTS_EVALUATOR_H

#include "contracts/tree.h"

#define EVALUATOR_DUTIES_MAX 2048
struct evaluator_duties {
	struct contracts_obligation list[EVALUATOR_DUTIES_MAX]; /* each once */
	size_t count;
};
struct evaluator_decision {
	enum contracts_verdict verdict;
	enum contracts_ground ground;
	size_t clause; /* SIZE_MAX: none */
	contracts_fault fault;
	int64_t expires;
	bool matched[CONTRACTS_CLAUSES_MAX];
	struct evaluator_duties duties;
};
void evaluator_decide(const struct tree *tree, const struct contracts_facts *now, const struct contracts_facts *permit,
		      const struct contracts_tally_value *tallies, struct evaluator_decision *out);

struct evaluator_count {
	contracts_fault fault;
	uint32_t counted, reached;
	bool stop_study, stop_site;
	struct evaluator_duties duties;
};
void evaluator_count(const struct tree *tree, const struct contracts_facts *facts,
		     const struct contracts_tally_value *tallies, struct evaluator_count *out);

#endif
