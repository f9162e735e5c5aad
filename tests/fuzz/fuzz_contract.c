/* Source of a contract: whatever it is, it ends in diagnostics or in bytecode; bytecode passes the verifier, and is the
 * same when it is compiled again. */
#include "contracts/contracts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct contracts_report report, again;
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_text source = {(const char *)data, size};
	struct contracts_bytes first, second;
	const struct contracts_program *program;
	struct contracts_reject reject;
	enum contracts_code code = contracts_compile(arena, &first, source, &report);

	if ((code == CONTRACTS_REFUSED) != (report.errors > 0) || code == CONTRACTS_MEMORY)
		abort();
	for (size_t i = 0; i < report.count; i++)
		if (report.list[i].line == 0 || report.list[i].column == 0 || report.list[i].wrong[0] == '\0' ||
		    report.list[i].right[0] == '\0')
			abort();
	if (code == CONTRACTS_OK) {
		if (contracts_compile(arena, &second, source, &again) != CONTRACTS_OK || first.len != second.len ||
		    memcmp(first.data, second.data, first.len) != 0)
			abort();
		if (contracts_load(arena, &program, first, &reject) != CONTRACTS_OK)
			abort();
	}
	contracts_arena_close(arena);
	return 0;
}
