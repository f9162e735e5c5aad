/* CIDs of files and folders; the expected ones by boxo 0.43.0 with its profile UnixFS_v1_2025, those of plain
 * folders by the JavaScript importer 17.1.1 too. */
#include "tests/payload/support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void setup(void)
{
	folder = folder_make();
}

static void teardown(void)
{
	folder_remove(folder);
}

static void assert_cid_of(const char *name, const char *expected)
{
	char *path = base_path(folder, name);
	struct base_error err;
	struct wire_cid cid;

	ck_assert_msg(payload_cid_path(&cid, path, &err) == BASE_OK, "%s", err.text);
	assert_cid(&cid, expected);
	free(path);
}

static void assert_refused(const char *name, enum base_code code, const char *text)
{
	char *path = base_path(folder, name);
	struct base_error err;
	struct wire_cid cid;

	ck_assert_int_eq(payload_cid_path(&cid, path, &err), code);
	ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
	free(path);
}

static void make_folder(const char *name)
{
	char *path = base_path(folder, name);

	ck_assert_int_eq(mkdir(path, 0700), 0);
	free(path);
}

static void make_link(const char *name, const char *target)
{
	char *path = base_path(folder, name);

	ck_assert_int_eq(symlink(target, path), 0);
	free(path);
}

/* count files file-00000 ..., each holding its own name. */
static void make_many(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "file-%05u", i);
		put_file(folder, name, base_slice_text(name));
	}
}

START_TEST(cid_of_a_tree_is_kubos)
{
	struct base_buf bytes = golden_bytes(1048577), one = golden_bytes(1);

	put_file(folder, "mib1", base_buf_slice(&bytes));
	put_file(folder, "one", base_buf_slice(&one));
	make_folder("sub");
	put_file(folder, "sub/empty", base_slice(NULL, 0));
	assert_cid_of("", "bafybeibulbzx7o7i4ftortr4qsumho46ecdwyfdj54mcg72giwqjqo2s7m");
	assert_cid_of("mib1", "bafybeifnecispxswujz6pxwuaysyudlkj5szjdvvrl5eribgvunq7ppqky");
	assert_cid_of("sub/empty", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
	base_buf_free(&bytes);
	base_buf_free(&one);
}
END_TEST

START_TEST(cid_of_an_empty_folder_is_kubos)
{
	assert_cid_of("", "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
}
END_TEST

START_TEST(cid_of_names_in_any_script_is_kubos)
{
	static const char *const names[] = {"\xc3\xa9", "Z", "a", "a b", "\xf0\x9f\x98\x80", "aa"};

	for (size_t i = 0; i < 6; i++) {
		char text[2] = {(char)('1' + i), '\0'};

		put_file(folder, names[i], base_slice_text(text));
	}
	assert_cid_of("", "bafybeieyt2rddxtdd7jh2tpu6irqxeykojwwsh2cen24gejic4lt3ggv4e");
}
END_TEST

START_TEST(cid_with_links_keeps_them_and_leaves_hidden_names_out)
{
	put_file(folder, "one", base_slice("a", 1));
	put_file(folder, ".hidden", base_slice("b", 1));
	make_link("link", "one");
	assert_cid_of("", "bafybeif7eozr6zisrizqkh7tm444qrdr2ppshobr7jjmzumahdk7ckal5y");
}
END_TEST

START_TEST(cid_of_a_folder_below_the_threshold_is_flat)
{
	make_many(3000);
	assert_cid_of("", "bafybeidtfhq3kwx73upbskacyyro73ckpdxgfnpy2zzsz2gkeygjlqltda");
}
END_TEST

START_TEST(cid_of_a_large_folder_is_a_hamt)
{
	make_many(20000);
	assert_cid_of("", "bafybeigwzgvdtap55zbisr57wd2q2adl77kmkn2qkf2mkk5fdonpi5cry4");
}
END_TEST

/* Names of 100 characters make links of 145 bytes; so many of 101 that the block has the size that we want. */
static void make_exact(size_t block_bytes)
{
	size_t links = (block_bytes - 4) / 145, longer = block_bytes - 4 - links * 145;

	for (size_t i = 0; i < links; i++) {
		char name[102];

		(void)snprintf(name, sizeof(name), "%0100zu%s", i, i < longer ? "x" : "");
		put_file(folder, name, base_slice("a", 1));
	}
}

START_TEST(cid_of_a_folder_at_the_threshold_is_flat_and_above_it_a_hamt)
{
	if (_i == 0) {
		make_exact(262144);
		assert_cid_of("", "bafybeiega2z7lrddoc5rx7crhnk3i6guo6csgqgu6j6s63mrzbfotrhxqm");
	} else {
		make_exact(262145);
		assert_cid_of("", "bafybeid4aac3sxwys3khg4cbivji7lzi4lj7usxhlly5nto4i2xnfcrufe");
	}
}
END_TEST

START_TEST(cid_of_what_has_none_is_refused)
{
	char *fifo = base_path(folder, "fifo");

	assert_refused("missing", BASE_NOT_FOUND, "missing");
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	assert_refused("fifo", BASE_MALFORMED, "pipe");
	assert_refused("", BASE_MALFORMED, "pipe");
	free(fifo);
}
END_TEST

START_TEST(cid_with_a_loop_of_links_is_refused)
{
	make_folder("sub");
	if (_i == 0)
		make_link("sub/self", "self");
	else if (_i == 1)
		make_link("sub/up", "..");
	else
		make_link("sub/here", ".");
	assert_refused("", BASE_MALFORMED, "loop");
	/* Up and out of where we began is no loop. */
	if (_i == 1)
		assert_cid_of("sub", "bafybeiam5d5r3bacdwyumeflmf25myg7qdrzzz5h6ifqfzxqnsmiirmd7a");
	else
		assert_refused("sub", BASE_MALFORMED, "loop");
}
END_TEST

START_TEST(cid_with_a_dangling_link_keeps_it)
{
	make_link("link", "nowhere");
	assert_cid_of("link", "bafybeicfkztyetdy3wus3qxlv2snjunm7kxxfoyexh2tdvdxwlyzobajoy");
}
END_TEST

START_TEST(cid_with_a_name_that_is_not_utf8_is_refused)
{
	put_file(folder, "caf\xe9", base_slice("a", 1));
	assert_refused("", BASE_MALFORMED, "UTF-8");
}
END_TEST

START_TEST(cid_of_a_file_that_changes_while_it_is_read_is_refused)
{
	struct base_error err;
	struct wire_cid cid;

	/* A file whose length is not what the file system said. */
	if (access("/proc/self/status", R_OK) != 0) {
		printf("skipped: no /proc\n");
		return;
	}
	ck_assert_int_eq(payload_cid_path(&cid, "/proc/self/status", &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "changed while it was read"));
}
END_TEST

/* ---- The hash of the HAMT ----------------------------------------------- */

START_TEST(murmur3_of_known_texts_is_as_published)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} known[] = {
		{"", 0},
		{"a", UINT64_C(0x85555565f6597889)},
		{"file-00000", UINT64_C(0x150c58e9e6f17e92)},
		{"0123456789abcdef", UINT64_C(0x4be06d94cf4ad1a7)},
		{"0123456789abcdef0", UINT64_C(0xeb24ae8785a5c075)},
		{"the quick brown fox jumps over the lazy dog", UINT64_C(0xbce4e9fee2ad86b3)},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ck_assert_uint_eq(payload_murmur3(base_slice_text(known[i].text)), known[i].hash);
}
END_TEST

START_TEST(hamt_when_two_names_share_their_hash_is_refused)
{
	struct payload_entry entries[2] = {{.name_len = 0}, {.name_len = 0}};
	struct payload_node node;

	/* The same name twice is the cheapest collision. */
	entries[0].name = entries[1].name = base_path("", "twice");
	entries[0].name_len = entries[1].name_len = strlen("twice");
	ck_assert_int_eq(payload_hamt_node(&node, entries, 2, NULL), BASE_LIMIT);
	free(entries[0].name);
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("folder");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, cid_of_a_tree_is_kubos);
	tcase_add_test(tc, cid_of_an_empty_folder_is_kubos);
	tcase_add_test(tc, cid_of_names_in_any_script_is_kubos);
	tcase_add_test(tc, cid_with_links_keeps_them_and_leaves_hidden_names_out);
	tcase_add_test(tc, cid_of_a_folder_below_the_threshold_is_flat);
	tcase_add_test(tc, cid_of_a_large_folder_is_a_hamt);
	tcase_add_loop_test(tc, cid_of_a_folder_at_the_threshold_is_flat_and_above_it_a_hamt, 0, 2);
	tcase_add_test(tc, cid_of_what_has_none_is_refused);
	tcase_add_loop_test(tc, cid_with_a_loop_of_links_is_refused, 0, 3);
	tcase_add_test(tc, cid_with_a_dangling_link_keeps_it);
	tcase_add_test(tc, cid_with_a_name_that_is_not_utf8_is_refused);
	tcase_add_test(tc, cid_of_a_file_that_changes_while_it_is_read_is_refused);
	tcase_add_test(tc, murmur3_of_known_texts_is_as_published);
	tcase_add_test(tc, hamt_when_two_names_share_their_hash_is_refused);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: folder", add);
}
