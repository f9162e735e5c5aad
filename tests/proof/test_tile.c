#include "tests/proof/support.h"

#include <stdlib.h>
#include <string.h>

START_TEST(tile_path_written_is_the_specifications_and_reads_back)
{
	static const struct {
		int level;
		uint64_t n;
		unsigned width;
		const char *path;
	} paths[] = {
		{0, 0, 256, "tile/0/000"},
		{0, 1234067, 256, "tile/0/x001/x234/067"},
		{63, 0, 1, "tile/63/000.p/1"},
		{-1, 0, 12, "tile/entries/000.p/12"},
		{-1, 1000, 255, "tile/entries/x001/000.p/255"},
		{1, 999, 256, "tile/1/999"},
		{0, UINT64_MAX, 255, "tile/0/x018/x446/x744/x073/x709/x551/615.p/255"},
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		unsigned width;
		char path[96];
		uint64_t n;
		int level;

		proof_tile_path(path, paths[i].level, paths[i].n, paths[i].width);
		ck_assert_str_eq(path, paths[i].path);
		OK(proof_tile_path_parse(&level, &n, &width, TEXT(path), ERR));
		ck_assert_int_eq(level, paths[i].level);
		ck_assert_uint_eq(n, paths[i].n);
		ck_assert_uint_eq(width, paths[i].width);
	}
}
END_TEST

START_TEST(tile_path_when_malformed_is_refused)
{
	static const char *const bad[] = {
		"",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"/tile/0/000",
		"tile/0/000/",
		"tile/0/0",
		"tile/0/00",
		"tile/0/0000",
		"tile/00/000",
		"tile/64/000",
		"tile/-1/000",
		"tile/x/000",
		"tile/data/000",
		"Tile/0/000",
		"tile//000",
		"tile/0/x000/001",
		"tile/0/x000/x001/001",
		"tile/0/x001",
		"tile/0/x001/",
		"tile/0/x001/x002",
		"tile/0/001/002",
		"tile/0/x01/002",
		"tile/0/xx01/002",
		"tile/0/x001//002",
		"tile/0/000.p",
		"tile/0/000.p/",
		"tile/0/000.p/0",
		"tile/0/000.p/256",
		"tile/0/000.p/01",
		"tile/0/000.p/-1",
		"tile/0/000.p/1/",
		"tile/0/000.p/1/2",
		"tile/0/000.q/1",
		"tile/0/x001.p/1",
		"tile/0/x001.p/001",
		"tile/0/000.p/1.p/1",
		"tile/0/.p/1",
		"tile/0/00a",
		"tile/entries",
		"tile/entries/",
		"tile/0/x018/x446/x744/x073/x709/x551/616",
		"tile/0/x018/x446/x744/x073/x709/x552/000",
		"tile/0/x001/x000/x000/x000/x000/x000/x000/000",
		"tile/0/000\n",
		"tile/0/000/..",
	};
	struct base_error err = {""};
	unsigned width;
	uint64_t n;
	int level;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(proof_tile_path_parse(&level, &n, &width, TEXT(bad[i]), &err) == BASE_MALFORMED, "%s",
			      bad[i]);
	REFUSED(BASE_MALFORMED, proof_tile_path_parse(&level, &n, &width, base_slice("tile/0/000\0", 11), ERR));
}
END_TEST

START_TEST(tile_width_follows_the_size_of_the_tree)
{
	/* The specification's own numbers: 70,000 leaves and 256. */
	ck_assert_uint_eq(proof_tile_width(0, 272, 70000), 256);
	ck_assert_uint_eq(proof_tile_width(0, 273, 70000), 112);
	ck_assert_uint_eq(proof_tile_width(0, 274, 70000), 0);
	ck_assert_uint_eq(proof_tile_width(-1, 273, 70000), 112);
	ck_assert_uint_eq(proof_tile_width(1, 0, 70000), 256);
	ck_assert_uint_eq(proof_tile_width(1, 1, 70000), 17);
	ck_assert_uint_eq(proof_tile_width(2, 0, 70000), 1);
	ck_assert_uint_eq(proof_tile_width(3, 0, 70000), 0);
	ck_assert_uint_eq(proof_tile_width(0, 0, 256), 256);
	ck_assert_uint_eq(proof_tile_width(0, 1, 256), 0);
	ck_assert_uint_eq(proof_tile_width(1, 0, 256), 1);
	ck_assert_uint_eq(proof_tile_width(0, 0, 0), 0);
	ck_assert_uint_eq(proof_tile_width(7, 0, UINT64_MAX), 255);
	ck_assert_uint_eq(proof_tile_width(8, 0, UINT64_MAX), 0);
	ck_assert_uint_eq(proof_tile_width(63, 0, UINT64_MAX), 0);
}
END_TEST

START_TEST(tile_hashes_are_the_roots_of_their_ranges)
{
	struct base_buf out = BASE_BUF_INIT;
	struct tree tree = {0};

	for (unsigned i = 0; i < 700; i++) {
		char entry[16];

		snprintf(entry, sizeof(entry), "%u", i);
		tree_add(&tree, TEXT(entry));
	}
	for (unsigned level = 0; level < 2; level++) {
		uint64_t span = level == 0 ? 1 : 256;
		unsigned width;

		for (uint64_t n = 0; (width = proof_tile_width((int)level, n, 700)) > 0; n++) {
			out.len = 0;
			OK(proof_tile_hashes(&out, level, n, width, tree_get, &tree, ERR));
			ck_assert_uint_eq(out.len, width * 32u);
			for (uint64_t i = 0; i < width; i++) {
				uint64_t first = (n * 256 + i) * span;
				struct base_hash want = naive_root(&tree, first, first + span);

				ck_assert_mem_eq(out.data + 32 * i, want.bytes, 32);
			}
		}
	}
	REFUSED(BASE_NOT_FOUND, proof_tile_hashes(&out, 0, 2, 256, tree_get, &tree, ERR));
	REFUSED(BASE_LIMIT, proof_tile_hashes(&out, 8, 0, 1, tree_get, &tree, ERR));
	REFUSED(BASE_LIMIT, proof_tile_hashes(&out, 63, 0, 1, tree_get, &tree, ERR));
	REFUSED(BASE_LIMIT, proof_tile_hashes(&out, 0, UINT64_MAX, 1, tree_get, &tree, ERR));
	REFUSED(BASE_LIMIT, proof_tile_hashes(&out, 0, UINT64_C(1) << 55, 1, tree_get, &tree, ERR));
	base_buf_free(&out);
	tree_free(&tree);
}
END_TEST

START_TEST(bundle_written_reads_back_and_when_cut_says_so)
{
	static const size_t sizes[] = {0, 1, 255, 256, 65535, 3};
	struct base_buf bundle = BASE_BUF_INIT, entry = BASE_BUF_INIT;
	struct base_slice rest, read;

	while (entry.len < 65535)
		base_buf_byte(&entry, (uint8_t)(entry.len * 7));
	for (size_t i = 0; i < 6; i++)
		proof_bundle_add(&bundle, base_slice(entry.data, sizes[i]));
	rest = BYTES_OF(bundle);
	for (size_t i = 0; i < 6; i++) {
		OK(proof_bundle_next(&rest, &read, ERR));
		ck_assert(base_slice_equal(read, base_slice(entry.data, sizes[i])));
	}
	REFUSED(BASE_NOT_FOUND, proof_bundle_next(&rest, &read, ERR));
	rest = base_slice(bundle.data, 1);
	REFUSED(BASE_MALFORMED, proof_bundle_next(&rest, &read, ERR));
	rest = base_slice("\0\5four", 6);
	REFUSED(BASE_MALFORMED, proof_bundle_next(&rest, &read, ERR));
	ck_assert_uint_eq(rest.len, 6);
	base_buf_free(&bundle);
	base_buf_free(&entry);
}
END_TEST

SUITE_RUN("tile", tile_path_written_is_the_specifications_and_reads_back, tile_path_when_malformed_is_refused,
	  tile_width_follows_the_size_of_the_tree, tile_hashes_are_the_roots_of_their_ranges,
	  bundle_written_reads_back_and_when_cut_says_so)
