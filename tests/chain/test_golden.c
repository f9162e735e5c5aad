/* The same blocks give the same bytes of every entry, hash and root on every compiler, optimisation and sanitizer. Keys and
 * times are fixed and signatures deterministic (RFC 6979, RFC 8032), so one digest stands for all of it. When a format is
 * changed on purpose, so is this digest, and docs/formats/ with it. */
#include "tests/chain/fixture.h"

#include <string.h>

#define GOLDEN "a0c89438dd8275969883a6cf003bd54c740297e9fc8674cd78a22b8ce3d0550d"

START_TEST(ledger_when_made_from_fixed_input_has_the_same_bytes_on_every_build)
{
	struct fix f;
	struct base_hash digest;
	char hex[65];

	fix_ledger(&f);
	fix_study_ready(&f);
	for (uint64_t i = 0; i < 40; i++)
		(void)fix_submission(&f, i + 1, (uint8_t)(1 + i % 3));
	fix_chain_close(&f);
	digest = fix_digest(f.ledger_path);
	base_hex(hex, base_hash_slice(&digest));
	ck_assert_str_eq(hex, GOLDEN);
	fix_check_rebuild(&f);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {ledger_when_made_from_fixed_input_has_the_same_bytes_on_every_build, NULL};

	return fix_run("golden", tests, 120);
}
