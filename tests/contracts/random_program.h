/* Random bytecode that is well typed: the verifier accepts it. The same seed gives the same on every machine. */
#ifndef TESTS_CONTRACTS_RANDOM_PROGRAM_H
#define TESTS_CONTRACTS_RANDOM_PROGRAM_H

#include "tests/contracts/assembler.h"

struct assembler *random_program(uint64_t *seed);

#endif
