/* From the source to bytecode, step by step; a step is not taken with the mistakes of the one before. */
#include "contracts/tree.h"

#include <string.h>

enum contracts_code contracts_compile(struct contracts_arena *arena, struct contracts_bytes *bytecode,
				      struct contracts_text source, struct contracts_report *report)
{
	struct tree tree;
	enum contracts_code code;

	memset(report, 0, sizeof(*report));
	if ((code = tree_parse(arena, &tree, source, report)) != CONTRACTS_OK ||
	    (code = tree_check(arena, &tree, report)) != CONTRACTS_OK ||
	    (code = tree_analyse(arena, &tree, report)) != CONTRACTS_OK)
		return code;
	return tree_emit(arena, &tree, bytecode, report);
}
