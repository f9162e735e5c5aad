/* Contracts that several tests use, as the assembler writes them. */
#ifndef TESTS_CONTRACTS_SAMPLE_H
#define TESTS_CONTRACTS_SAMPLE_H

#include "tests/contracts/assembler.h"

/* The example of docs/formats/contract.md. */
struct assembler *sample_registry(void);
/* A bit of everything: each table and each instruction is there. */
struct assembler *sample_everything(void);

struct contracts_text sample_text(const char *text);

#endif
