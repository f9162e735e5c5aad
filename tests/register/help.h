/* What the tests of register share: one register in a folder of its own, made before each test. */
#ifndef TESTS_REGISTER_HELP_H
#define TESTS_REGISTER_HELP_H

#include <check.h>

#include "ledger/register/register_internal.h"
#include "tests/support/support.h"

extern const struct base_hash help_ledger;
extern struct keys_private *help_owner, *help_other;
extern char *help_folder; /* of help_reg */
extern struct reg *help_reg;

/* An X25519 key of the bytes first, first + 1, … */
struct keys_private *help_sealing_key(uint8_t first);
/* A path in the tests' folder; freed by the caller. */
char *help_path(const char *name);
/* A second register, of the same owner; its folder goes with the test. */
struct reg *help_second(void);
struct register_entry help_enrol(struct reg *in, const char *study, const char *number);
/* Closes help_reg and opens it again. */
void help_reopen(const struct keys_private *key);
int help_run(const char *name, void (*fill)(TCase *tc));

#endif
