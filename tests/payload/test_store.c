#include "tests/payload/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder, *path; /* the test's folder; the store in it */
static struct payload_store *store;
static struct keys_private *author, *recovery;
static struct keys_public recipients[2];

static void setup(void)
{
	struct base_error err;

	folder = folder_make();
	path = base_path(folder, "payloads");
	ck_assert_msg(payload_store_open(&store, path, true, &err) == BASE_OK, "%s", err.text);
	ck_assert_int_eq(keys_private_make(&author, KEYS_SEAL, KEYS_X25519, NULL), BASE_OK);
	ck_assert_int_eq(keys_private_make(&recovery, KEYS_RECOVERY, KEYS_X25519, NULL), BASE_OK);
	recipients[0] = *keys_private_public(author);
	recipients[1] = *keys_private_public(recovery);
}

static void teardown(void)
{
	base_fault_arm(-1);
	payload_store_close(store);
	keys_private_close(author);
	keys_private_close(recovery);
	folder_remove(folder);
	free(path);
}

static void reopen(void)
{
	payload_store_close(store);
	ck_assert_int_eq(payload_store_open(&store, path, false, NULL), BASE_OK);
}

static enum base_code seal(struct base_slice plain, struct wire_cid *cid, uint8_t key[32], struct base_error *err)
{
	struct source source = source_of(plain);
	uint64_t len = 0;
	enum base_code code = payload_store_seal(store, &CONTEXT, plain.len, source_read, &source, recipients, 2, cid,
						 key, &len, err);

	if (code == BASE_OK)
		ck_assert_uint_eq(len, payload_sealed_len(plain.len));
	return code;
}

static struct wire_cid seal_text(const char *text, uint8_t key[32])
{
	struct base_error err;
	struct wire_cid cid;

	ck_assert_msg(seal(base_slice_text(text), &cid, key, &err) == BASE_OK, "%s", err.text);
	return cid;
}

static enum base_code open_cid(const struct wire_cid *cid, const uint8_t key[32], struct base_buf *plain)
{
	struct base_error err = {{0}};
	enum base_code code = payload_store_open_stream(store, cid, key, &CONTEXT, sink_write, plain, &err);

	ck_assert(code == BASE_OK || err.text[0] != '\0');
	return code;
}

static void assert_opens(const struct wire_cid *cid, const uint8_t key[32], const char *text)
{
	struct base_buf plain = BASE_BUF_INIT;

	ck_assert_int_eq(open_cid(cid, key, &plain), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&plain), base_slice_text(text)));
	base_buf_free(&plain);
}

static char *data_path(const struct wire_cid *cid)
{
	char *payload = payload_published_path(store, cid), *data = base_path(payload, "data");

	free(payload);
	return data;
}

static void flip(const char *file, off_t at)
{
	int fd = open(file, O_RDWR);
	uint8_t byte;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	ck_assert_int_eq(close(fd), 0);
}

static bool walk_count(void *arg, const struct wire_cid *cid)
{
	(void)cid;
	*(size_t *)arg += 1;
	return true;
}

static size_t walked(void)
{
	size_t count = 0;

	ck_assert_int_eq(payload_store_walk(store, walk_count, &count, NULL), BASE_OK);
	return count;
}

/* ---- Sealing and opening ------------------------------------------------ */

START_TEST(open_of_what_was_sealed_gives_it_back_before_and_after_sync)
{
	uint8_t key[32], other[32] = {0};
	struct wire_cid cid = seal_text("hello", key);
	struct base_buf plain = BASE_BUF_INIT;
	uint64_t len;

	assert_opens(&cid, key, "hello");
	ck_assert_uint_eq(walked(), 0);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	assert_opens(&cid, key, "hello");
	ck_assert_uint_eq(walked(), 1);
	ck_assert_int_eq(payload_store_check(store, &cid, &len, NULL), BASE_OK);
	ck_assert_uint_eq(len, payload_sealed_len(5));
	ck_assert_int_eq(open_cid(&cid, other, &plain), BASE_KEY);
	reopen();
	assert_opens(&cid, key, "hello");
	base_buf_free(&plain);
}
END_TEST

START_TEST(jwe_of_each_recipient_opens_to_the_key)
{
	uint8_t key[32], unwrapped[32];
	struct wire_cid cid = seal_text("hello", key);
	struct keys_private *holders[] = {author, recovery};
	struct base_buf jwe = BASE_BUF_INIT;
	struct base_hash kid;
	struct base_error err;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	for (size_t i = 0; i < 2; i++) {
		kid = keys_kid(keys_private_public(holders[i]));
		jwe.len = 0;
		ck_assert_int_eq(payload_store_jwe(store, &cid, &kid, &jwe, NULL), BASE_OK);
		ck_assert_int_eq(keys_jwe_open(unwrapped, holders[i], base_buf_slice(&jwe), NULL), BASE_OK);
		ck_assert_mem_eq(unwrapped, key, 32);
	}
	kid.bytes[0] ^= 1;
	ck_assert_int_eq(payload_store_jwe(store, &cid, &kid, &jwe, &err), BASE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "not wrapped"));
	cid.hash.bytes[5] ^= 1;
	ck_assert_int_eq(payload_store_jwe(store, &cid, &kid, &jwe, &err), BASE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "not in the store"));
	base_buf_free(&jwe);
}
END_TEST

START_TEST(seal_to_the_same_recipient_twice_wraps_once)
{
	struct source source = source_of(base_slice("x", 1));
	struct wire_cid cid;
	uint8_t key[32];

	recipients[1] = recipients[0];
	ck_assert_int_eq(
		payload_store_seal(store, &CONTEXT, 1, source_read, &source, recipients, 2, &cid, key, NULL, NULL),
		BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_uint_eq(count_files(path), 4); /* data, one JWE, two locks */
}
END_TEST

START_TEST(add_jwe_before_and_after_sync_is_there)
{
	struct keys_private *third, *fourth;
	struct base_buf jwe = BASE_BUF_INIT, back = BASE_BUF_INIT;
	uint8_t key[32], unwrapped[32];
	struct wire_cid cid = seal_text("hello", key);
	struct base_hash kid;

	ck_assert_int_eq(keys_private_make(&third, KEYS_SEAL, KEYS_X25519, NULL), BASE_OK);
	ck_assert_int_eq(keys_private_make(&fourth, KEYS_SEAL, KEYS_X25519, NULL), BASE_OK);
	ck_assert_int_eq(keys_jwe_seal(&jwe, keys_private_public(third), key, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL), BASE_OK);
	ck_assert_int_eq(payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	jwe.len = 0;
	ck_assert_int_eq(keys_jwe_seal(&jwe, keys_private_public(fourth), key, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL), BASE_OK);
	ck_assert_int_eq(payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL), BASE_OK);
	reopen();
	kid = keys_kid(keys_private_public(third));
	ck_assert_int_eq(payload_store_jwe(store, &cid, &kid, &back, NULL), BASE_OK);
	ck_assert_int_eq(keys_jwe_open(unwrapped, third, base_buf_slice(&back), NULL), BASE_OK);
	kid = keys_kid(keys_private_public(fourth));
	back.len = 0;
	ck_assert_int_eq(payload_store_jwe(store, &cid, &kid, &back, NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&back), base_buf_slice(&jwe)));
	ck_assert_int_ne(payload_store_add_jwe(store, &cid, base_slice("rubbish", 7), NULL), BASE_OK);
	cid.hash.bytes[9] ^= 1;
	ck_assert_int_eq(payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL), BASE_NOT_FOUND);
	keys_private_close(third);
	keys_private_close(fourth);
	base_buf_free(&jwe);
	base_buf_free(&back);
}
END_TEST

START_TEST(seal_when_the_source_fails_leaves_nothing)
{
	struct source source = source_of(base_slice("abc", 3));
	struct wire_cid cid;
	uint8_t key[32];

	source.fail_at_end = true;
	ck_assert_int_eq(
		payload_store_seal(store, &CONTEXT, 5, source_read, &source, recipients, 2, &cid, key, NULL, NULL),
		BASE_IO);
	source = source_of(base_slice("abc", 3));
	ck_assert_int_eq(
		payload_store_seal(store, &CONTEXT, 5, source_read, &source, recipients, 2, &cid, key, NULL, NULL),
		BASE_MALFORMED);
	ck_assert_uint_eq(count_files(path), 2); /* locks */
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_uint_eq(walked(), 0);
	payload_store_close(store);
	store = NULL;
	ck_assert_uint_eq(count_files(path), 1);
}
END_TEST

START_TEST(close_without_sync_leaves_nothing)
{
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);

	reopen();
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_NOT_FOUND);
	ck_assert_uint_eq(walked(), 0);
	ck_assert_uint_eq(count_files(path), 1);
}
END_TEST

/* ---- Damage ------------------------------------------------------------- */

START_TEST(damage_of_any_byte_is_found)
{
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);
	struct base_buf plain = BASE_BUF_INIT;
	uint64_t len = payload_sealed_len(5);
	char *data;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	data = data_path(&cid);
	for (off_t at = 0; at < (off_t)len; at++) {
		flip(data, at);
		ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_MISMATCH);
		ck_assert_int_eq(open_cid(&cid, key, &plain), BASE_MISMATCH);
		flip(data, at);
	}
	ck_assert_int_eq(truncate(data, (off_t)len - 1), 0);
	ck_assert_int_eq(open_cid(&cid, key, &plain), BASE_MISMATCH);
	ck_assert_int_eq(unlink(data), 0);
	ck_assert_int_eq(open_cid(&cid, key, &plain), BASE_NOT_FOUND);
	free(data);
	base_buf_free(&plain);
}
END_TEST

START_TEST(open_of_a_large_damaged_payload_is_refused)
{
	struct base_buf bytes = golden_bytes(5000000), plain = BASE_BUF_INIT;
	struct wire_cid cid;
	uint8_t key[32];
	char *data;

	ck_assert_int_eq(seal(base_buf_slice(&bytes), &cid, key, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_int_eq(open_cid(&cid, key, &plain), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&plain), base_buf_slice(&bytes)));
	data = data_path(&cid);
	flip(data, 3000000);
	ck_assert_int_eq(open_cid(&cid, key, &plain), BASE_MISMATCH);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_MISMATCH);
	free(data);
	base_buf_free(&bytes);
	base_buf_free(&plain);
}
END_TEST

/* A ciphertext that opens under the right key, in the place of another. */
START_TEST(open_of_a_payload_under_another_cid_is_refused)
{
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key), other;
	struct base_buf plain = BASE_BUF_INIT;
	char *from, *to;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	other = cid;
	other.hash.bytes[31] ^= 1;
	from = payload_published_path(store, &cid);
	to = payload_published_path(store, &other);
	ck_assert_int_eq(rename(from, to), 0);
	ck_assert_int_eq(open_cid(&other, key, &plain), BASE_MISMATCH);
	ck_assert_int_eq(payload_store_check(store, &other, NULL, NULL), BASE_MISMATCH);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_NOT_FOUND);
	free(from);
	free(to);
	base_buf_free(&plain);
}
END_TEST

START_TEST(data_that_is_a_link_or_a_pipe_is_refused)
{
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);
	char *data;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	data = data_path(&cid);
	ck_assert_int_eq(unlink(data), 0);
	if (_i == 0)
		ck_assert_int_eq(symlink("/dev/zero", data), 0);
	else
		ck_assert_int_eq(mkfifo(data, 0600), 0);
	ck_assert_int_ne(payload_store_check(store, &cid, NULL, NULL), BASE_OK);
	free(data);
}
END_TEST

/* ---- Importing ---------------------------------------------------------- */

static struct wire_cid cid_of_bytes(struct base_slice bytes)
{
	struct payload_dag *dag = payload_dag_begin(NULL, NULL);
	struct wire_cid cid;

	ck_assert_int_eq(payload_dag_add(dag, bytes, NULL), BASE_OK);
	ck_assert_int_eq(payload_dag_end(dag, &cid, NULL, NULL), BASE_OK);
	return cid;
}

START_TEST(import_keeps_what_its_cid_says_and_nothing_else)
{
	struct base_buf bytes = golden_bytes(_i == 0 ? 0 : 3000000);
	struct wire_cid cid = cid_of_bytes(base_buf_slice(&bytes)), other = cid;
	struct source source = source_of(base_buf_slice(&bytes));

	other.hash.bytes[0] ^= 1;
	ck_assert_int_eq(payload_store_import(store, &other, source_read, &source, NULL), BASE_MISMATCH);
	source.at = 0;
	ck_assert_int_eq(payload_store_import(store, &cid, source_read, &source, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_uint_eq(walked(), 1);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_OK);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(import_of_what_is_there_keeps_its_keys_and_mends_damage)
{
	struct base_buf ciphertext = BASE_BUF_INIT;
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);
	struct source source;
	char *data;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	data = data_path(&cid);
	ck_assert_int_eq(base_file_read(&ciphertext, data, 4096, NULL), BASE_OK);
	for (unsigned damage = 0; damage < 3; damage++) {
		if (damage == 1)
			flip(data, 50);
		if (damage == 2)
			ck_assert_int_eq(unlink(data), 0);
		source = source_of(base_buf_slice(&ciphertext));
		ck_assert_int_eq(payload_store_import(store, &cid, source_read, &source, NULL), BASE_OK);
		ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
		assert_opens(&cid, key, "hello");
		ck_assert_uint_eq(count_files(path), 5); /* data, two JWEs, two locks */
	}
	base_buf_free(&ciphertext);
	free(data);
}
END_TEST

START_TEST(copy_takes_data_and_keys_and_refuses_damage)
{
	char *mirror = base_path(folder, "mirror"), *data;
	struct payload_store *from = store, *to;
	struct base_buf jwe = BASE_BUF_INIT;
	struct base_hash kid = keys_kid(&recipients[1]);
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_open(&to, mirror, true, NULL), BASE_OK);
	data = data_path(&cid);
	flip(data, 50);
	ck_assert_int_eq(payload_store_copy(from, to, &cid, NULL), BASE_MISMATCH);
	flip(data, 50);
	ck_assert_int_eq(payload_store_copy(from, to, &cid, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_copy(from, to, &cid, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(to, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_copy(from, to, &cid, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(to, NULL), BASE_OK);
	store = to;
	ck_assert_uint_eq(walked(), 1);
	assert_opens(&cid, key, "hello");
	ck_assert_int_eq(payload_store_jwe(to, &cid, &kid, &jwe, NULL), BASE_OK);
	store = from;
	cid.hash.bytes[0] ^= 1;
	ck_assert_int_eq(payload_store_copy(from, to, &cid, NULL), BASE_NOT_FOUND);
	payload_store_close(to);
	base_buf_free(&jwe);
	free(mirror);
	free(data);
}
END_TEST

/* ---- Walking and opening ------------------------------------------------ */

struct order {
	struct base_hash last;
	size_t count;
};

static bool walk_order(void *arg, const struct wire_cid *cid)
{
	struct order *order = arg;

	ck_assert_int_lt(memcmp(order->last.bytes, cid->hash.bytes, 32), 0);
	order->last = cid->hash;
	return ++order->count < 40;
}

START_TEST(walk_goes_in_order_and_stops_when_told)
{
	struct order order = {{{0}}, 0};
	uint8_t key[32];

	for (unsigned i = 0; i < 50; i++)
		(void)seal_text("x", key);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	put_file(path, "README", base_slice("x", 1));
	ck_assert_uint_eq(walked(), 50);
	ck_assert_int_eq(payload_store_walk(store, walk_order, &order, NULL), BASE_OK);
	ck_assert_uint_eq(order.count, 40);
}
END_TEST

START_TEST(open_of_a_store_that_is_none_is_refused)
{
	char *missing = base_path(folder, "missing"), *file = base_path(folder, "file");
	struct payload_store *other = NULL;

	ck_assert_int_eq(payload_store_open(&other, missing, false, NULL), BASE_NOT_FOUND);
	put_file(folder, "file", base_slice("x", 1));
	ck_assert_int_eq(payload_store_open(&other, file, false, NULL), BASE_STORAGE);
	ck_assert_ptr_null(other);
	free(missing);
	free(file);
}
END_TEST

START_TEST(reading_leaves_no_trace_in_the_folder)
{
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);
	char *temporary = base_path(path, "tmp"), *lock = base_path(path, "lock");

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	payload_store_close(store);
	ck_assert_int_eq(rmdir(temporary), 0);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(payload_store_open(&store, path, false, NULL), BASE_OK);
	assert_opens(&cid, key, "hello");
	ck_assert_uint_eq(walked(), 1);
	ck_assert_int_ne(access(temporary, F_OK), 0);
	ck_assert_int_ne(access(lock, F_OK), 0);
	free(temporary);
	free(lock);
}
END_TEST

/* ---- Crashes and companions --------------------------------------------- */

/* A child that dies in the middle; returns when it is dead. */
static void die_while_writing(void)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct payload_store *own;
		struct source source = source_of(base_slice("abc", 3));
		struct wire_cid cid;
		uint8_t key[32];

		if (payload_store_open(&own, path, false, NULL) == BASE_OK)
			(void)!payload_store_seal(own, &CONTEXT, 3, source_read, &source, recipients, 2, &cid, key,
						  NULL, NULL);
		(void)raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
}

START_TEST(open_after_a_crash_removes_what_it_left)
{
	die_while_writing();
	die_while_writing();
	ck_assert_uint_ge(count_files(path), 4);
	reopen();
	ck_assert_uint_eq(count_files(path), 1); /* lock */
}
END_TEST

START_TEST(open_leaves_the_files_of_running_processes_alone)
{
	struct payload_store *other;
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);

	ck_assert_int_eq(payload_store_open(&other, path, true, NULL), BASE_OK);
	payload_store_close(other);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	assert_opens(&cid, key, "hello");
}
END_TEST

START_TEST(two_writers_do_not_disturb_each_other)
{
	struct payload_store *first = store, *second;
	struct wire_cid cids[20];
	uint8_t keys[20][32];

	ck_assert_int_eq(payload_store_open(&second, path, true, NULL), BASE_OK);
	for (unsigned i = 0; i < 20; i++) {
		store = i % 2 == 0 ? first : second;
		cids[i] = seal_text("text", keys[i]);
		if (i % 5 == 4)
			ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	}
	ck_assert_int_eq(payload_store_sync(second, NULL), BASE_OK);
	payload_store_close(second);
	store = first;
	ck_assert_int_eq(payload_store_sync(first, NULL), BASE_OK);
	ck_assert_uint_eq(walked(), 20);
	for (unsigned i = 0; i < 20; i++)
		assert_opens(&cids[i], keys[i], "text");
}
END_TEST

/* ---- Faults ------------------------------------------------------------- */

static bool walk_check(void *arg, const struct wire_cid *cid)
{
	(void)arg;
	ck_assert_int_eq(payload_store_check(store, cid, NULL, NULL), BASE_OK);
	return true;
}

/* One round: seals some payloads, wraps one more key, syncs. */
static enum base_code round_trip(unsigned count, struct wire_cid *cids, uint8_t (*keys)[32], struct base_error *err)
{
	enum base_code code;

	for (unsigned i = 0; i < count; i++)
		if ((code = seal(base_slice("text", 4), &cids[i], keys[i], err)) != BASE_OK)
			return code;
	return payload_store_sync(store, err);
}

/* Each write, folder, sync and rename fails once; afterwards what is there is whole, nothing is left
 * behind, and the same again works. _i: few payloads (synced one by one) or many (syncfs). */
START_TEST(seal_and_sync_when_any_step_fails_leave_whole_payloads_or_none)
{
	unsigned count = _i == 0 ? 2 : 7;
	struct wire_cid cids[7];
	uint8_t keys[7][32];
	size_t before, failures = 0;
	enum base_code code;
	struct base_error err;

	for (int n = 0;; n++) {
		before = walked();
		base_fault_arm(n);
		code = round_trip(count, cids, keys, &err);
		base_fault_arm(-1);
		if (code == BASE_OK)
			break;
		failures++;
		ck_assert_msg(code == BASE_NO_SPACE, "step %d: %s", n, err.text);
		ck_assert_ptr_nonnull(strstr(err.text, "No space left"));
		ck_assert_uint_le(walked(), before + count);
		/* The same object goes on working. */
		if (n % 3 == 0)
			ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
		if (n % 3 == 1) {
			ck_assert_int_eq(round_trip(count, cids, keys, NULL), BASE_OK);
			for (unsigned i = 0; i < count; i++)
				assert_opens(&cids[i], keys[i], "text");
		}
		payload_store_close(store);
		ck_assert_int_eq(payload_store_open(&store, path, false, NULL), BASE_OK);
		/* Every payload there is: data and two JWEs; and the lock, unless the first step failed. */
		ck_assert_uint_eq(count_files(path), 3 * walked() + (n > 0));
		ck_assert_int_eq(payload_store_walk(store, walk_check, NULL, NULL), BASE_OK);
	}
	ck_assert_uint_gt(failures, 20);
	ck_assert_uint_eq(walked(), before + count);
	for (unsigned i = 0; i < count; i++)
		assert_opens(&cids[i], keys[i], "text");
}
END_TEST

START_TEST(import_over_damage_when_any_step_fails_can_be_repeated)
{
	struct base_buf ciphertext = BASE_BUF_INIT, jwe = BASE_BUF_INIT;
	struct keys_private *third;
	uint8_t key[32];
	struct wire_cid cid = seal_text("hello", key);
	enum base_code code = BASE_NO_SPACE;
	char *data;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_int_eq(keys_private_make(&third, KEYS_SEAL, KEYS_X25519, NULL), BASE_OK);
	ck_assert_int_eq(keys_jwe_seal(&jwe, keys_private_public(third), key, NULL), BASE_OK);
	data = data_path(&cid);
	ck_assert_int_eq(base_file_read(&ciphertext, data, 4096, NULL), BASE_OK);
	flip(data, 50);
	for (int n = 0; code != BASE_OK; n++) {
		struct source source = source_of(base_buf_slice(&ciphertext));

		ck_assert_int_lt(n, 100);
		base_fault_arm(n);
		code = payload_store_import(store, &cid, source_read, &source, NULL);
		if (code == BASE_OK)
			code = payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL);
		if (code == BASE_OK)
			code = payload_store_sync(store, NULL);
		base_fault_arm(-1);
		reopen();
	}
	assert_opens(&cid, key, "hello");
	ck_assert_uint_eq(count_files(path), 5); /* data, three JWEs, lock */
	for (int n = 0; n < 100; n++) {
		base_fault_arm(n);
		code = payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), NULL);
		base_fault_arm(-1);
		if (code == BASE_OK)
			break;
		ck_assert_int_eq(code, BASE_NO_SPACE);
	}
	ck_assert_int_eq(code, BASE_OK);
	ck_assert_int_eq(payload_store_walk(store, walk_check, NULL, NULL), BASE_OK);
	keys_private_close(third);
	base_buf_free(&ciphertext);
	base_buf_free(&jwe);
	free(data);
}
END_TEST

/* The real thing, as far as it can be had without a disk of our own: no file may grow over 1 MiB. */
START_TEST(seal_when_the_file_cannot_grow_leaves_nothing)
{
	struct base_buf bytes = golden_bytes((size_t)_i == 0 ? 3000000 : 20000000);
	struct rlimit limit = {1 << 20, RLIM_INFINITY};
	struct base_error err = {{0}};
	struct wire_cid cid;
	uint8_t key[32];

	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_ne(seal(base_buf_slice(&bytes), &cid, key, &err), BASE_OK);
	ck_assert_uint_gt(strlen(err.text), 0);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_uint_eq(count_files(path), 2);
	ck_assert_int_eq(seal(base_buf_slice(&bytes), &cid, key, &err), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	base_buf_free(&bytes);
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("store");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, open_of_what_was_sealed_gives_it_back_before_and_after_sync);
	tcase_add_test(tc, jwe_of_each_recipient_opens_to_the_key);
	tcase_add_test(tc, seal_to_the_same_recipient_twice_wraps_once);
	tcase_add_test(tc, add_jwe_before_and_after_sync_is_there);
	tcase_add_test(tc, seal_when_the_source_fails_leaves_nothing);
	tcase_add_test(tc, close_without_sync_leaves_nothing);
	tcase_add_test(tc, damage_of_any_byte_is_found);
	tcase_add_test(tc, open_of_a_large_damaged_payload_is_refused);
	tcase_add_test(tc, open_of_a_payload_under_another_cid_is_refused);
	tcase_add_loop_test(tc, data_that_is_a_link_or_a_pipe_is_refused, 0, 2);
	tcase_add_loop_test(tc, import_keeps_what_its_cid_says_and_nothing_else, 0, 2);
	tcase_add_test(tc, import_of_what_is_there_keeps_its_keys_and_mends_damage);
	tcase_add_test(tc, copy_takes_data_and_keys_and_refuses_damage);
	tcase_add_test(tc, walk_goes_in_order_and_stops_when_told);
	tcase_add_test(tc, open_of_a_store_that_is_none_is_refused);
	tcase_add_test(tc, reading_leaves_no_trace_in_the_folder);
	tcase_add_test(tc, open_after_a_crash_removes_what_it_left);
	tcase_add_test(tc, open_leaves_the_files_of_running_processes_alone);
	tcase_add_test(tc, two_writers_do_not_disturb_each_other);
	tcase_add_loop_test(tc, seal_and_sync_when_any_step_fails_leave_whole_payloads_or_none, 0, 2);
	tcase_add_test(tc, import_over_damage_when_any_step_fails_can_be_repeated);
	tcase_add_loop_test(tc, seal_when_the_file_cannot_grow_leaves_nothing, 0, 2);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: store", add);
}
