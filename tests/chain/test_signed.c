#include "tests/chain/fixture.h"
#include "tests/support/support.h"

#include "ledger/chain/chain_internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct base_hash hash_of(uint8_t byte)
{
	struct base_hash hash;

	memset(hash.bytes, byte, sizeof(hash.bytes));
	return hash;
}

static char *record_path(void)
{
	char *folder = support_folder_make(), *path;

	ck_assert_ptr_nonnull(folder);
	path = base_path(folder, "signed");
	free(folder);
	return path;
}

static void record_remove(char *path)
{
	*strrchr(path, '/') = '\0';
	support_folder_remove(path);
}

static struct chain_signed *record_open(const char *path, bool create)
{
	struct base_hash ledger = hash_of(1), kid = hash_of(2);
	struct chain_signed *record = NULL;

	ck_ok(chain_signed_open(&record, path, &ledger, &kid, create, &ck_err));
	return record;
}

static void record_expect(const char *path, uint64_t size, uint8_t root)
{
	struct chain_signed *record = record_open(path, false);
	struct base_hash got, expected = hash_of(root);
	uint64_t got_size = 99;

	ck_ok(chain_signed_lock(record, &got_size, &got, &ck_err));
	ck_assert_uint_eq(got_size, size);
	ck_assert(base_hash_equal(&got, &expected));
	chain_signed_unlock(record);
	chain_signed_close(record);
}

static void record_advance(const char *path, uint64_t size, uint8_t byte)
{
	struct chain_signed *record = record_open(path, true);
	struct base_hash root = hash_of(byte), last;
	uint64_t last_size;

	ck_ok(chain_signed_lock(record, &last_size, &last, &ck_err));
	ck_ok(chain_signed_advance(record, size, &root, &ck_err));
	chain_signed_unlock(record);
	chain_signed_close(record);
}

START_TEST(lock_when_opened_again_knows_what_was_signed)
{
	char *path = record_path();
	struct stat st;

	chain_signed_close(record_open(path, true));
	record_expect(path, 0, 0);
	for (uint8_t i = 1; i < 6; i++) {
		record_advance(path, 10 * i, i);
		record_expect(path, 10 * i, i);
	}
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	record_remove(path);
}
END_TEST

START_TEST(open_when_file_is_missing_and_may_not_be_made_says_so)
{
	struct base_hash ledger = hash_of(1), kid = hash_of(2);
	struct chain_signed *record = NULL;
	char *path = record_path();

	ck_code(chain_signed_open(&record, path, &ledger, &kid, false, &ck_err), BASE_NOT_FOUND);
	ck_assert_ptr_null(record);
	record_remove(path);
}
END_TEST

START_TEST(lock_when_record_is_of_another_ledger_or_key_refuses)
{
	struct base_hash hashes[] = {hash_of(1), hash_of(2), hash_of(3)}, root;
	struct chain_signed *record = NULL;
	char *path = record_path();
	uint64_t size;

	record_advance(path, 10, 1);
	ck_ok(chain_signed_open(&record, path, &hashes[2], &hashes[1], false, &ck_err));
	ck_code(chain_signed_lock(record, &size, &root, &ck_err), BASE_MISMATCH);
	chain_signed_close(record);
	ck_ok(chain_signed_open(&record, path, &hashes[0], &hashes[2], false, &ck_err));
	ck_code(chain_signed_lock(record, &size, &root, &ck_err), BASE_MISMATCH);
	chain_signed_close(record);
	record_remove(path);
}
END_TEST

static void damage(const char *path, off_t at, size_t len)
{
	int fd = open(path, O_WRONLY);
	char zeros[4096] = {0};

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, zeros, len, at), (ssize_t)len);
	ck_assert_int_eq(close(fd), 0);
}

/* A write that was torn anywhere leaves the slot before it. */
START_TEST(lock_when_newest_slot_is_torn_takes_the_one_before)
{
	for (size_t len = 1; len < 512; len += 13) {
		char *path = record_path();

		record_advance(path, 10, 1); /* second slot */
		record_advance(path, 20, 2); /* first slot */
		record_expect(path, 20, 2);
		damage(path, 0, len);
		record_expect(path, 10, 1);
		record_advance(path, 30, 3);
		record_expect(path, 30, 3);
		record_remove(path);
	}
}
END_TEST

START_TEST(lock_when_both_slots_are_damaged_refuses_to_go_on)
{
	struct chain_signed *record;
	struct base_hash root;
	char *path = record_path();
	uint64_t size;

	record_advance(path, 10, 1);
	record_advance(path, 20, 2);
	damage(path, 30, 5);
	damage(path, 4096 + 30, 5);
	record = record_open(path, false);
	ck_code(chain_signed_lock(record, &size, &root, &ck_err), BASE_STORAGE);
	chain_signed_close(record);
	record_remove(path);
}
END_TEST

START_TEST(advance_when_any_write_fails_keeps_what_was_signed)
{
	for (int n = 0; n < 2; n++) {
		struct base_hash root = hash_of(9), last;
		struct chain_signed *record;
		char *path = record_path();
		uint64_t size;

		record_advance(path, 10, 1);
		record = record_open(path, false);
		ck_ok(chain_signed_lock(record, &size, &last, &ck_err));
		base_fault_arm(n);
		ck_code(chain_signed_advance(record, 20, &root, &ck_err), BASE_NO_SPACE);
		base_fault_arm(-1);
		ck_ok(chain_signed_advance(record, 20, &root, &ck_err));
		chain_signed_unlock(record);
		chain_signed_close(record);
		record_expect(path, 20, 9);
		record_remove(path);
	}
}
END_TEST

START_TEST(order_when_groups_mix_is_stable_in_each)
{
	static const unsigned char groups[] = {4, 1, 3, 1, 2, 4, 2, 1, 3};
	static const size_t expected[] = {1, 3, 7, 4, 6, 2, 8, 0, 5};
	size_t order[9];

	chain_order(order, groups, 9);
	for (size_t i = 0; i < 9; i++)
		ck_assert_uint_eq(order[i], expected[i]);
	chain_order(order, groups, 0);
}
END_TEST

START_TEST(group_when_kind_is_named_in_the_design_is_its_group)
{
	static const struct {
		const char *kind;
		unsigned group;
	} cases[] = {
		{"data.submit", 1}, {"actor.revoke", 1}, {"access.revoke", 2}, {"access.close", 2}, {"access.request", 3},
		{"access.decide", 3}, {"access.disclose", 4}, {"access.override", 4}, {"access.observe", 4}, {"model.train", 4},
		{"consent.record", 1}, {"access.unheard-of", 1}, {"model.other", 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(chain_group(cases[i].kind), cases[i].group);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		lock_when_opened_again_knows_what_was_signed,
		open_when_file_is_missing_and_may_not_be_made_says_so,
		lock_when_record_is_of_another_ledger_or_key_refuses,
		lock_when_newest_slot_is_torn_takes_the_one_before,
		lock_when_both_slots_are_damaged_refuses_to_go_on,
		advance_when_any_write_fails_keeps_what_was_signed,
		order_when_groups_mix_is_stable_in_each,
		group_when_kind_is_named_in_the_design_is_its_group,
		NULL,
	};

	return fix_run("chain/signed", tests, 60);
}
