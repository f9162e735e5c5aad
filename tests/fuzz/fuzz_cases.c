/* Files of cases, run on a contract that has one of everything: they end in answers or in diagnostics. */
#include "contracts/contracts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char source[] =
	"contract \"Cases\" version 1\n"
	"clause \"a\" permit read, derive of clinical for DUO:HMB when consent covers this use and (disease is unknown or "
	"disease is MONDO:0004739) because \"x\" then expire after 30 days, notify sponsor\n"
	"clause \"b\" forbid any use when hold covers the data or now is before data collected + 2 months because \"x\"\n"
	"clause \"c\" refer train when access duration is at most 30 days and study sites include \"x\" because \"x\"\n"
	"tally \"t\" count enrolments by site\n"
	"milestone \"m\" when tally \"t\" at the site reaches 3 because \"x\" then stop enrolling\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct contracts_program *program;
	static struct contracts_arena *kept;
	static struct contracts_report report;
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_text text = {(const char *)data, size};
	struct contracts_reject reject;
	struct contracts_bytes bytecode;
	struct contracts_cases cases;
	enum contracts_code code;

	if (program == NULL) {
		kept = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
		if (contracts_compile(kept, &bytecode, (struct contracts_text){source, strlen(source)}, &report) != CONTRACTS_OK ||
		    contracts_load(kept, &program, bytecode, &reject) != CONTRACTS_OK)
			abort();
	}
	code = contracts_cases_run(arena, &cases, program, text, &report);
	if (code == CONTRACTS_MEMORY || (code == CONTRACTS_REFUSED) != (report.errors > cases.failed) || report.warnings > 0)
		abort();
	contracts_arena_close(arena);
	return 0;
}
