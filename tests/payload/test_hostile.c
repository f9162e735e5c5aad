/* A payload folder that somebody else prepared, a umask that is not ours, and CARs made to exhaust. */
#include "tests/payload/support.h"

#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder, *path, *outside; /* the test's folder; in it the store, and what is not the store's */
static struct payload_store *store;
static struct keys_private *author;

static void setup(void)
{
	folder = folder_make();
	path = base_path(folder, "payloads");
	outside = base_path(folder, "outside");
	ck_assert_int_eq(mkdir(outside, 0700), 0);
	ck_assert_int_eq(payload_store_open(&store, path, true, NULL), BASE_OK);
	ck_assert_int_eq(keys_private_make(&author, KEYS_SEAL, KEYS_X25519, NULL), BASE_OK);
}

static void teardown(void)
{
	payload_store_close(store);
	keys_private_close(author);
	folder_remove(folder);
	free(path);
	free(outside);
}

static struct wire_cid seal(struct payload_store *into)
{
	struct source source = source_of(base_slice_text("hello"));
	struct base_error err;
	struct wire_cid cid;
	uint8_t key[32];

	ck_assert_msg(payload_store_seal(into, &CONTEXT, 5, source_read, &source, keys_private_public(author), 1, &cid,
					 key, NULL, &err) == BASE_OK,
		      "%s", err.text);
	return cid;
}

static struct wire_cid seal_and_sync(void)
{
	struct wire_cid cid = seal(store);

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	return cid;
}

/* malloc'ed: "" the payload's folder, "..": <aa>, else what lies in it. */
static char *place_of(const struct wire_cid *cid, const char *name)
{
	char *payload = payload_published_path(store, cid), *place;

	if (strcmp(name, "..") == 0)
		*strrchr(payload, '/') = '\0';
	if (name[0] == '\0' || name[0] == '.')
		return payload;
	place = base_path(payload, name);
	free(payload);
	return place;
}

/* Moves it out of the store, and a link to there into its place. */
static void replace_by_link(const char *place)
{
	char *moved = base_path(outside, "moved");

	ck_assert_int_eq(rename(place, moved), 0);
	ck_assert_int_eq(symlink(moved, place), 0);
	free(moved);
}

static char *jwe_place(const struct wire_cid *cid)
{
	struct base_hash kid = keys_kid(keys_private_public(author));
	char hex[2 * BASE_HASH_BYTES + 1], name[sizeof(hex) + 16];

	base_hex(hex, base_hash_slice(&kid));
	(void)snprintf(name, sizeof(name), "keys/%s.jwe", hex);
	return place_of(cid, name);
}

static void wrap(struct base_buf *jwe)
{
	uint8_t key[32] = {1};
	struct base_error err;

	ck_assert_msg(keys_jwe_seal(jwe, keys_private_public(author), key, &err) == BASE_OK, "%s", err.text);
}

static bool walk_count(void *arg, const struct wire_cid *cid)
{
	(void)cid;
	*(size_t *)arg += 1;
	return true;
}

/* ---- Who may read it ---------------------------------------------------- */

static unsigned strangers; /* files and folders that others than the owner may read, or the owner not */

static int mode_check(const char *at, const struct stat *st, int type, struct FTW *ftw)
{
	mode_t wanted = type == FTW_F ? 0600 : 0700;

	(void)at;
	(void)ftw;
	strangers += (st->st_mode & 0777) != wanted;
	return 0;
}

START_TEST(modes_do_not_depend_on_the_umask)
{
	static const mode_t masks[] = {0, 022, 077};
	struct base_buf jwe = BASE_BUF_INIT, car = BASE_BUF_INIT;
	char *second = base_path(folder, "second");
	struct payload_store *other;
	struct source source;
	struct wire_cid cid;

	(void)umask(masks[_i]);
	ck_assert_int_eq(payload_store_open(&other, second, true, NULL), BASE_OK);
	cid = seal(other);
	ck_assert_int_eq(payload_store_sync(other, NULL), BASE_OK);
	wrap(&jwe);
	ck_assert_int_eq(payload_store_add_jwe(other, &cid, base_buf_slice(&jwe), NULL), BASE_OK);
	cid = seal(other);
	ck_assert_int_eq(payload_car_export(other, &cid, sink_write, &car, NULL), BASE_OK);
	source = source_of(base_buf_slice(&car));
	ck_assert_int_eq(payload_car_import(other, source_read, &source, &cid, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(other, NULL), BASE_OK);
	strangers = 0;
	ck_assert_int_eq(nftw(second, mode_check, 8, FTW_PHYS), 0);
	ck_assert_uint_eq(strangers, 0);
	ck_assert_uint_ge(count_files(second), 4);
	payload_store_close(other);
	base_buf_free(&jwe);
	base_buf_free(&car);
	free(second);
}
END_TEST

/* ---- Links -------------------------------------------------------------- */

/* The payload's folder, or the one that it lies in, is a link: it is not the store's. */
START_TEST(payload_behind_a_link_is_not_in_the_store)
{
	struct wire_cid cid = seal_and_sync();
	char *place = place_of(&cid, _i == 0 ? "" : "..");
	size_t count = 0;

	replace_by_link(place);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_NOT_FOUND);
	ck_assert_int_eq(payload_store_walk(store, walk_count, &count, NULL), BASE_OK);
	ck_assert_uint_eq(count, _i == 0 ? 1 : 0); /* by its name */
	free(place);
}
END_TEST

START_TEST(import_never_writes_through_a_link)
{
	struct base_buf car = BASE_BUF_INIT;
	struct wire_cid cid = seal_and_sync();
	char *place = place_of(&cid, _i == 0 ? "" : _i == 1 ? ".." : "keys");
	size_t before;
	struct base_error err = {{0}};
	struct source source;

	ck_assert_int_eq(payload_car_export(store, &cid, sink_write, &car, NULL), BASE_OK);
	replace_by_link(place);
	before = count_files(outside);
	source = source_of(base_buf_slice(&car));
	ck_assert_int_eq(payload_car_import(store, source_read, &source, &cid, &err), BASE_OK);
	ck_assert_int_ne(payload_store_sync(store, &err), BASE_OK);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_uint_eq(count_files(outside), before);
	/* Mended by removing the link, as the sentence says. */
	ck_assert_int_eq(unlink(place), 0);
	source = source_of(base_buf_slice(&car));
	ck_assert_int_eq(payload_car_import(store, source_read, &source, &cid, &err), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, &err), BASE_OK);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_OK);
	ck_assert_uint_eq(count_files(outside), before);
	base_buf_free(&car);
	free(place);
}
END_TEST

START_TEST(add_jwe_when_keys_is_a_link_writes_nothing)
{
	struct wire_cid cid = seal_and_sync();
	struct base_buf jwe = BASE_BUF_INIT;
	char *keys = place_of(&cid, "keys");
	struct base_error err = {{0}};

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	folder_remove(keys);
	keys = place_of(&cid, "keys");
	ck_assert_int_eq(symlink(outside, keys), 0);
	wrap(&jwe);
	ck_assert_int_eq(payload_store_add_jwe(store, &cid, base_buf_slice(&jwe), &err), BASE_STORAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "link"));
	ck_assert_uint_eq(count_files(outside), 0);
	base_buf_free(&jwe);
	free(keys);
}
END_TEST

/* A link, a pipe, a folder, a file that is too large in the place of a JWE: refused, and nothing waits for a writer. */
START_TEST(jwe_that_is_no_file_is_refused)
{
	struct wire_cid cid = seal_and_sync();
	struct base_hash kid = keys_kid(keys_private_public(author));
	struct base_buf jwe = BASE_BUF_INIT;
	char *place = jwe_place(&cid), *second = base_path(folder, "second");
	struct payload_store *other;
	struct base_error err = {{0}};

	ck_assert_int_eq(payload_store_jwe(store, &cid, &kid, &jwe, NULL), BASE_OK);
	if (_i == 0)
		replace_by_link(place);
	else
		ck_assert_int_eq(unlink(place), 0);
	if (_i == 1)
		ck_assert_int_eq(mkfifo(place, 0600), 0);
	if (_i == 2)
		ck_assert_int_eq(mkdir(place, 0700), 0);
	if (_i == 3) {
		struct base_buf large = golden_bytes(PAYLOAD_JWE_BYTES_MAX + 1);

		put_file("", place, base_buf_slice(&large));
		base_buf_free(&large);
	}
	jwe.len = 0;
	ck_assert_int_ne(payload_store_jwe(store, &cid, &kid, &jwe, &err), BASE_OK);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_uint_eq(jwe.len, 0);
	ck_assert_int_eq(payload_store_open(&other, second, true, NULL), BASE_OK);
	ck_assert_int_ne(payload_store_copy(store, other, &cid, &err), BASE_OK);
	payload_store_close(other);
	base_buf_free(&jwe);
	free(place);
	free(second);
}
END_TEST

START_TEST(import_over_a_pipe_in_the_place_of_data_mends_it)
{
	struct base_buf car = BASE_BUF_INIT;
	struct wire_cid cid = seal_and_sync();
	char *data = place_of(&cid, "data");
	struct source source;

	ck_assert_int_eq(payload_car_export(store, &cid, sink_write, &car, NULL), BASE_OK);
	ck_assert_int_eq(unlink(data), 0);
	ck_assert_int_eq(mkfifo(data, 0600), 0);
	source = source_of(base_buf_slice(&car));
	ck_assert_int_eq(payload_car_import(store, source_read, &source, &cid, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_OK);
	base_buf_free(&car);
	free(data);
}
END_TEST

/* What looks like a dead process's folder, but lies elsewhere, or is a link to elsewhere. */
START_TEST(clean_up_follows_no_link)
{
	char *tmp = base_path(path, "tmp"), *victim = base_path(outside, "0123456789abcdef");
	char *inside = base_path(tmp, "0123456789abcdef");

	ck_assert_int_eq(mkdir(victim, 0700), 0);
	put_file(victim, "precious", base_slice_text("kept"));
	(void)seal_and_sync();
	payload_store_close(store);
	folder_remove(base_path(path, "tmp"));
	if (_i == 0) {
		ck_assert_int_eq(symlink(outside, tmp), 0);
	} else {
		ck_assert_int_eq(mkdir(tmp, 0700), 0);
		ck_assert_int_eq(symlink(victim, inside), 0);
	}
	ck_assert_int_eq(payload_store_open(&store, path, true, NULL), BASE_OK);
	ck_assert_uint_eq(count_files(outside), 1);
	if (_i == 0) {
		struct source source = source_of(base_slice_text("hello"));
		struct base_error err = {{0}};
		struct wire_cid cid;
		uint8_t key[32];

		ck_assert_int_eq(payload_store_seal(store, &CONTEXT, 5, source_read, &source, NULL, 0, &cid, key, NULL, &err),
				 BASE_STORAGE);
		ck_assert_ptr_nonnull(strstr(err.text, "link"));
	}
	ck_assert_uint_eq(count_files(outside), 1);
	free(tmp);
	free(victim);
	free(inside);
}
END_TEST

/* Files hang together with others: what the store gets anew never reaches the others. */
START_TEST(import_over_a_hard_link_leaves_the_other_name_alone)
{
	struct base_buf car = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct wire_cid cid = seal_and_sync();
	char *data = place_of(&cid, "data"), *precious = base_path(outside, "precious");
	struct source source;

	ck_assert_int_eq(payload_car_export(store, &cid, sink_write, &car, NULL), BASE_OK);
	put_file(outside, "precious", base_slice_text("kept"));
	ck_assert_int_eq(unlink(data), 0);
	ck_assert_int_eq(link(precious, data), 0);
	source = source_of(base_buf_slice(&car));
	ck_assert_int_eq(payload_car_import(store, source_read, &source, &cid, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_OK);
	ck_assert_int_eq(base_file_read(&bytes, precious, 100, NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&bytes), base_slice_text("kept")));
	base_buf_free(&car);
	base_buf_free(&bytes);
	free(data);
	free(precious);
}
END_TEST

/* ---- Read-only ---------------------------------------------------------- */

START_TEST(store_on_a_read_only_mount_opens_and_reads)
{
	struct wire_cid cid = seal_and_sync();
	struct base_hash kid = keys_kid(keys_private_public(author));
	struct base_buf jwe = BASE_BUF_INIT;
	struct source source = source_of(base_slice_text("hello"));
	struct payload_store *still;
	struct base_error err = {{0}};
	struct wire_cid unused;
	uint8_t key[32];

	payload_store_close(store);
	ck_assert_int_eq(payload_store_open(&store, path, false, NULL), BASE_OK);
	/* This process is a test's own; what it mounts goes with it. */
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(path, path, NULL, MS_BIND, NULL) != 0) {
		printf("skipped: no read-only mount without privileges\n");
		return;
	}
	ck_assert_int_eq(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	for (int create = 0; create < 2; create++) {
		ck_assert_msg(payload_store_open(&still, path, create, &err) == BASE_OK, "%s", err.text);
		ck_assert_int_eq(payload_store_check(still, &cid, NULL, NULL), BASE_OK);
		ck_assert_int_eq(payload_store_jwe(still, &cid, &kid, &jwe, NULL), BASE_OK);
		ck_assert_int_eq(payload_store_seal(still, &CONTEXT, 5, source_read, &source, NULL, 0, &unused, key, NULL, &err),
				 BASE_IO);
		ck_assert_ptr_nonnull(strstr(err.text, "Read-only"));
		ck_assert_int_eq(payload_store_sync(still, NULL), BASE_OK);
		payload_store_close(still);
	}
	ck_assert_int_eq(umount(path), 0);
	base_buf_free(&jwe);
}
END_TEST

/* ---- CARs that exhaust -------------------------------------------------- */

static void put_section(struct base_buf *car, const struct wire_cid *cid, struct base_slice block)
{
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, cid);
	wire_put_varint(car, sizeof(bytes) + block.len);
	base_buf_append(car, base_slice(bytes, sizeof(bytes)));
	base_buf_append(car, block);
}

static void put_header(struct base_buf *car, const struct wire_cid *root)
{
	struct base_buf header = BASE_BUF_INIT;
	uint8_t cid[1 + WIRE_CID_BYTES] = {0};

	wire_cid_bytes(cid + 1, root);
	wire_put_map(&header, 2);
	wire_put_cstr(&header, "roots");
	wire_put_array(&header, 1);
	wire_put_tag(&header, 42);
	wire_put_bytes(&header, base_slice(cid, sizeof(cid)));
	wire_put_cstr(&header, "version");
	wire_put_uint(&header, 1);
	car->len = 0;
	wire_put_varint(car, header.len);
	base_buf_append(car, base_buf_slice(&header));
	base_buf_free(&header);
}

/* A node of `width` links, all to the same child. */
static struct wire_cid node_over(struct base_buf *block, const struct wire_cid *child, size_t width)
{
	struct payload_node link = {*child, 1, 1};
	static const uint8_t file[2] = {0x08, PAYLOAD_UNIXFS_FILE};

	block->len = 0;
	for (size_t i = 0; i < width; i++)
		payload_pb_put_link(block, &link, base_slice(NULL, 0));
	payload_pb_put_data(block, base_slice(file, sizeof(file)));
	return (struct wire_cid){WIRE_DAG_PB, base_sha256_of(base_buf_slice(block))};
}

static void import_fails(struct base_buf *car, enum base_code expected)
{
	struct source source = source_of(base_buf_slice(car));
	struct base_error err = {{0}};
	struct wire_cid cid;

	ck_assert_int_eq(payload_car_import(store, source_read, &source, &cid, &err), expected);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_uint_eq(count_files(path), 2); /* locks: nothing else is left */
}

/* Binary: 2^levels paths for a reader that walks it; deep: as many steps. The builder walks neither. */
START_TEST(import_of_a_deep_or_diamond_dag_is_refused_in_one_pass)
{
	struct base_buf car = BASE_BUF_INIT, blocks = BASE_BUF_INIT, block = BASE_BUF_INIT;
	struct wire_cid cid = {WIRE_RAW, base_sha256_of(base_slice("a", 1))};
	size_t levels = _i == 0 ? 60 : 20000;

	put_section(&blocks, &cid, base_slice("a", 1));
	for (size_t i = 0; i < levels; i++) {
		cid = node_over(&block, &cid, _i == 0 ? 2 : 1);
		put_section(&blocks, &cid, base_buf_slice(&block));
	}
	put_header(&car, &cid);
	base_buf_append(&car, base_buf_slice(&blocks));
	import_fails(&car, BASE_MISMATCH);
	base_buf_free(&car);
	base_buf_free(&blocks);
	base_buf_free(&block);
}
END_TEST

START_TEST(import_of_one_block_many_times_is_refused)
{
	struct base_buf car = BASE_BUF_INIT, block = BASE_BUF_INIT;
	struct wire_cid leaf = {WIRE_RAW, base_sha256_of(base_slice("a", 1))};
	struct wire_cid node = node_over(&block, &leaf, 2);

	/* Inner nodes are counted: those of 16 TiB are fewer. */
	put_header(&car, &node);
	for (size_t i = 0; i < 40000; i++)
		put_section(&car, &node, base_buf_slice(&block));
	import_fails(&car, BASE_LIMIT);
	/* Small leaves: the second cannot be where a file is cut. */
	put_header(&car, &leaf);
	for (size_t i = 0; i < 40000; i++)
		put_section(&car, &leaf, base_slice("a", 1));
	import_fails(&car, BASE_MISMATCH);
	/* Empty ones. */
	leaf.hash = base_sha256_of(base_slice(NULL, 0));
	put_header(&car, &leaf);
	for (size_t i = 0; i < 40000; i++)
		put_section(&car, &leaf, base_slice(NULL, 0));
	import_fails(&car, BASE_MISMATCH);
	base_buf_free(&car);
	base_buf_free(&block);
}
END_TEST

/* Lengths that promise more than there is: nothing is set aside for them. */
START_TEST(import_of_lengths_that_lie_is_refused)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum base_code code;
	} cases[] = {
		{"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9, BASE_LIMIT},          /* 2^63 - 1 */
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, BASE_MALFORMED}, /* 2^64 - 1 */
		{"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10, BASE_MALFORMED}, /* zero, at length */
		{"\x81\x00", 2, BASE_MALFORMED},                                  /* not minimal */
		{"\x81\x80\x80\x04", 4, BASE_LIMIT},                              /* 8 MiB and a byte */
		{"\x80\x80\x80\x04", 4, BASE_MALFORMED},                          /* 8 MiB, and then nothing */
		{"\x80", 1, BASE_MALFORMED},
	};
	struct wire_cid leaf = {WIRE_RAW, base_sha256_of(base_slice("a", 1))};
	struct base_buf car = BASE_BUF_INIT;

	put_header(&car, &leaf);
	put_section(&car, &leaf, base_slice("a", 1));
	base_buf_append(&car, base_slice(cases[_i].bytes, cases[_i].len));
	import_fails(&car, cases[_i].code);
	base_buf_free(&car);
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("hostile");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, modes_do_not_depend_on_the_umask, 0, 3);
	tcase_add_loop_test(tc, payload_behind_a_link_is_not_in_the_store, 0, 2);
	tcase_add_loop_test(tc, import_never_writes_through_a_link, 0, 3);
	tcase_add_test(tc, add_jwe_when_keys_is_a_link_writes_nothing);
	tcase_add_loop_test(tc, jwe_that_is_no_file_is_refused, 0, 4);
	tcase_add_test(tc, import_over_a_pipe_in_the_place_of_data_mends_it);
	tcase_add_loop_test(tc, clean_up_follows_no_link, 0, 2);
	tcase_add_test(tc, import_over_a_hard_link_leaves_the_other_name_alone);
	tcase_add_test(tc, store_on_a_read_only_mount_opens_and_reads);
	tcase_add_loop_test(tc, import_of_a_deep_or_diamond_dag_is_refused_in_one_pass, 0, 2);
	tcase_add_test(tc, import_of_one_block_many_times_is_refused);
	tcase_add_loop_test(tc, import_of_lengths_that_lie_is_refused, 0, 7);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: hostile", add);
}
