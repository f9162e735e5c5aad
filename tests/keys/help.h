/* What the tests of keys share. */
#ifndef TESTS_KEYS_HELP_H
#define TESTS_KEYS_HELP_H

#include <check.h>

#include "ledger/keys/keys.h"
#include "tests/support/support.h"

/* Bytes of a hex text; the test fails if it is none. Freed by the caller. */
struct base_buf help_hex(const char *hex);
void help_hex_into(uint8_t *out, size_t len, const char *hex);
/* Exactly len bytes, compared as hex so that a failure shows both. */
void help_equal_hex(const void *bytes, size_t len, const char *hex);
/* first, first + 1, … : a key that is easy to type again. */
void help_count(uint8_t raw[32], uint8_t first);
struct keys_private *help_key(enum keys_purpose purpose, uint8_t first);
/* The folder of test vectors, or NULL (prints "skipped"). */
const char *help_vectors(const char *sub);

#endif
