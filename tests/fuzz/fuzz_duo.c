/* Terms of DUO: they end in diagnostics, or in a draft that is a contract. */
#include "contracts/contracts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct contracts_report report, again;
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_text draft;
	struct contracts_bytes bytecode;
	enum contracts_code code = contracts_from_duo(arena, &draft, (struct contracts_text){(const char *)data, size}, &report);

	if (code == CONTRACTS_MEMORY || (code == CONTRACTS_REFUSED) != (report.errors > 0))
		abort();
	if (code == CONTRACTS_OK && contracts_compile(arena, &bytecode, draft, &again) != CONTRACTS_OK)
		abort();
	contracts_arena_close(arena);
	return 0;
}
