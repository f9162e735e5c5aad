/* The ledger of tests/chain, for the auditor's tests. */
#include "tests/chain/fixture.c" /* NOLINT(bugprone-suspicious-include) */
