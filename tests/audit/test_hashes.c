/* Folders of hash tiles without entries: every byte of every file, tiles that are not there, partial tiles that were left, and the
 * checkpoint kept from earlier. */
#include "tests/chain/fixture.h"

#include "ledger/audit/audit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define STEP 23
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STEP 23
#endif
#endif
#ifndef STEP
#define STEP 1
#endif
#define PATHS_MAX 512

struct tree {
	struct proof_frontier frontier;
	struct base_hash *hashes;
	size_t count, cap;
};
struct folder {
	struct fix f;
	char *path;
	struct tree tree;
	struct proof_policy *policy;
	char *files[PATHS_MAX];
	size_t count;
};
static size_t deviations;
static char last_deviation[512];

static void keep(void *arg, uint64_t stored_index, const struct base_hash *hash)
{
	struct tree *tree = arg;

	ck_assert_uint_eq(stored_index, tree->count);
	if (tree->count == tree->cap) {
		tree->cap = tree->cap * 2 + 1024;
		tree->hashes = base_realloc(tree->hashes, tree->cap * sizeof(*tree->hashes));
	}
	tree->hashes[tree->count++] = *hash;
}

static enum base_code get(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	const struct tree *tree = arg;

	if (stored_index >= tree->count)
		return base_fail(err, BASE_NOT_FOUND, "no such hash");
	*out = tree->hashes[stored_index];
	return BASE_OK;
}

static void write_bytes(const char *path, struct base_slice bytes)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
	fclose(file);
}

static void write_tile(struct folder *folder, unsigned level, uint64_t n, unsigned width)
{
	struct base_buf bytes = BASE_BUF_INIT;
	char name[96];
	char *path, *slash;

	proof_tile_path(name, (int)level, n, width);
	path = base_path(folder->path, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	ck_ok(base_make_folder(path, 0755, &ck_err));
	*slash = '/';
	ck_ok(proof_tile_hashes(&bytes, level, n, width, get, &folder->tree, &ck_err));
	write_bytes(path, base_buf_slice(&bytes));
	ck_assert_uint_lt(folder->count, PATHS_MAX);
	folder->files[folder->count++] = path;
	base_buf_free(&bytes);
}

static void make_note(struct folder *folder, const char *origin, uint64_t size, struct base_buf *note)
{
	struct base_buf line = BASE_BUF_INIT;
	struct base_hash root;

	ck_ok(proof_root(&root, size, get, &folder->tree, &ck_err));
	proof_checkpoint_format(note, origin, size, &root);
	ck_ok(proof_note_sign(&line, base_buf_slice(note), origin, folder->f.log, &ck_err));
	base_buf_byte(note, '\n');
	base_buf_append(note, base_buf_slice(&line));
	base_buf_free(&line);
}

static void write_checkpoint(struct folder *folder, const char *origin, uint64_t size)
{
	struct base_buf note = BASE_BUF_INIT;

	make_note(folder, origin, size, &note);
	write_bytes(folder->files[0], base_buf_slice(&note));
	base_buf_free(&note);
}

static void make_folder(struct folder *folder, uint64_t size)
{
	struct proof_vkey *vkey = base_alloc(sizeof(*vkey));
	struct base_buf text = BASE_BUF_INIT;
	unsigned width;

	memset(folder, 0, sizeof(*folder));
	fix_open(&folder->f);
	folder->path = base_path(folder->f.folder, "hashes");
	ck_ok(base_make_folder(folder->path, 0755, &ck_err));
	for (uint64_t i = 0; i < size; i++) {
		uint8_t entry[8];
		struct base_hash leaf;

		base_put_u64be(entry, i);
		leaf = proof_leaf(base_slice(entry, 8));
		proof_frontier_add(&folder->tree.frontier, &leaf, keep, &folder->tree);
	}
	folder->files[folder->count++] = base_path(folder->path, "checkpoint");
	write_checkpoint(folder, FIX_ORIGIN, size);
	for (unsigned level = 0; level < 8; level++)
		for (uint64_t n = 0; (width = proof_tile_width((int)level, n, size)) > 0; n++)
			write_tile(folder, level, n, width);
	proof_vkey_make(vkey, FIX_ORIGIN, PROOF_ED25519, keys_private_public(folder->f.log));
	proof_policy_write(&text, vkey, 1, NULL, 0, 0);
	ck_ok(proof_policy_parse(&folder->policy, base_buf_slice(&text), &ck_err));
	base_buf_free(&text);
	free(vkey);
}

static void drop_folder(struct folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		free(folder->files[i]);
	free(folder->path);
	free(folder->tree.hashes);
	proof_policy_close(folder->policy);
	fix_close(&folder->f);
}

static void on_deviation(void *arg, const struct audit_deviation *deviation)
{
	(void)arg;
	deviations++;
	snprintf(last_deviation, sizeof(last_deviation), "%s", deviation->what);
}

static enum base_code audit(const struct folder *folder, bool policy, struct base_slice since, struct audit_report *report)
{
	struct audit_options options = {.signatures = true, .policy = policy ? folder->policy : NULL, .deviation = on_deviation, .since = since};
	struct base_error said = {{0}};
	enum base_code code;

	deviations = 0;
	code = audit_hashes(folder->path, &options, report, &said);
	ck_assert(code == BASE_OK || said.text[0] != '\0');
	ck_assert(code != BASE_OK || deviations == 0);
	return code;
}

static void flip(struct folder *folder, size_t step)
{
	struct audit_report report;

	for (size_t file = 0; file < folder->count; file++) {
		struct base_buf bytes = BASE_BUF_INIT;

		ck_ok(base_file_read(&bytes, folder->files[file], 1u << 20, &ck_err));
		for (size_t i = file % step; i < bytes.len; i += step) {
			bytes.data[i] ^= (uint8_t)(1u << i % 8);
			write_bytes(folder->files[file], base_buf_slice(&bytes));
			ck_assert_msg(audit(folder, true, base_slice(NULL, 0), &report) != BASE_OK, "%s: byte %zu flipped, and the audit is clean",
				      folder->files[file], i);
			bytes.data[i] ^= (uint8_t)(1u << i % 8);
		}
		write_bytes(folder->files[file], base_buf_slice(&bytes));
		base_buf_free(&bytes);
	}
	ck_assert_int_eq(audit(folder, true, base_slice(NULL, 0), &report), BASE_OK);
}

START_TEST(hashes_when_any_byte_flips_finds_it)
{
	struct folder folder;
	struct audit_report report;

	make_folder(&folder, 261);
	write_tile(&folder, 0, 1, 2); /* left by an earlier run, and by one that had no time for its checkpoint */
	write_tile(&folder, 0, 1, 4);
	ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_OK);
	ck_assert(report.hashes_only && report.complete);
	ck_assert_uint_eq(report.tiles, 3);
	ck_assert_uint_eq(report.size, 261);
	ck_assert_uint_eq(report.covered_size, 261);
	ck_assert_uint_eq(report.signatures, 1);
	ck_assert_int_eq((int)report.keys, AUDIT_BY_POLICY);
	flip(&folder, STEP);
	drop_folder(&folder);
}
END_TEST

START_TEST(hashes_when_the_tree_has_three_levels_finds_flips_in_each)
{
	struct folder folder;

	make_folder(&folder, 66000);
	flip(&folder, STEP == 1 ? 40961 : 400009); /* one byte of each tile */
	drop_folder(&folder);
}
END_TEST

START_TEST(hashes_when_of_any_size_are_clean_and_any_earlier_checkpoint_is_a_prefix)
{
	static const uint64_t sizes[] = {1, 2, 3, 255, 256, 257, 511, 512, 513, 700};
	struct audit_report report;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct folder folder;

		make_folder(&folder, sizes[i]);
		for (size_t j = 0; j <= i; j++) {
			struct base_buf note = BASE_BUF_INIT;

			make_note(&folder, FIX_ORIGIN, sizes[j], &note);
			ck_assert_int_eq(audit(&folder, true, base_buf_slice(&note), &report), BASE_OK);
			ck_assert(report.kept);
			ck_assert_int_eq((int)report.kept_by, AUDIT_BY_POLICY);
			base_buf_free(&note);
		}
		drop_folder(&folder);
	}
}
END_TEST

START_TEST(hashes_when_the_kept_checkpoint_is_no_prefix_says_why)
{
	struct folder folder, other;
	struct audit_report report;
	struct base_buf note = BASE_BUF_INIT;

	make_folder(&folder, 300);
	make_folder(&other, 290);
	other.tree.hashes[proof_stored_index(0, 288)].bytes[0] ^= 1; /* another entry, in no full tile */
	other.tree.hashes[proof_stored_index(1, 144)].bytes[0] ^= 1;
	make_note(&other, FIX_ORIGIN, 290, &note);
	ck_assert_int_eq(audit(&folder, true, base_buf_slice(&note), &report), BASE_MISMATCH);
	ck_assert_ptr_nonnull(strstr(last_deviation, "history was rewritten"));
	note.len = 0;
	make_note(&folder, FIX_ORIGIN, 300, &note);
	ck_assert_int_eq(audit(&other, true, base_buf_slice(&note), &report), BASE_MISMATCH);
	ck_assert_ptr_nonnull(strstr(last_deviation, "the end was cut off"));
	note.len = 0;
	make_note(&folder, "ledger.example/another", 300, &note);
	ck_assert_int_eq(audit(&folder, true, base_buf_slice(&note), &report), BASE_MISMATCH);
	ck_assert_ptr_nonnull(strstr(last_deviation, "of another ledger"));
	ck_assert_int_eq(audit(&folder, true, base_slice_text("none\n"), &report), BASE_MALFORMED);
	base_buf_free(&note);
	drop_folder(&folder);
	drop_folder(&other);
}
END_TEST

START_TEST(hashes_when_a_tile_is_gone_or_cut_or_a_partial_one_was_replaced_says_so)
{
	struct folder folder;
	struct audit_report report;
	struct base_buf bytes = BASE_BUF_INIT;

	make_folder(&folder, 700);
	for (size_t i = 1; i < folder.count; i++) {
		bytes.len = 0;
		ck_ok(base_file_read(&bytes, folder.files[i], 1u << 20, &ck_err));
		write_bytes(folder.files[i], base_slice(bytes.data, bytes.len - 1));
		ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_MISMATCH);
		ck_assert_int_eq(unlink(folder.files[i]), 0);
		ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_MISMATCH);
		ck_assert_ptr_nonnull(strstr(last_deviation, "not there"));
		ck_assert(!report.complete);
		write_bytes(folder.files[i], base_buf_slice(&bytes));
	}
	/* A full tile stands for the partial one that it replaced. */
	write_checkpoint(&folder, FIX_ORIGIN, 600 - 88 - 6);
	ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_MISMATCH); /* level 1 has no tile of one hash */
	write_tile(&folder, 1, 0, 1);
	ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_OK);
	ck_assert_uint_eq(report.size, 506);
	base_buf_free(&bytes);
	drop_folder(&folder);
}
END_TEST

START_TEST(hashes_when_the_checkpoint_is_a_strangers_is_not_clean)
{
	struct folder folder;
	struct audit_report report;

	make_folder(&folder, 20);
	ck_assert_int_eq(audit(&folder, false, base_slice(NULL, 0), &report), BASE_OK);
	ck_assert_uint_eq(report.covered_size, 0); /* nobody's signature was verified */
	ck_assert_int_eq((int)report.keys, AUDIT_BY_NOBODY);
	{
		struct keys_private *log = folder.f.log;

		folder.f.log = folder.f.cosign;
		write_checkpoint(&folder, FIX_ORIGIN, 20);
		folder.f.log = log;
	}
	ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_MISMATCH);
	ck_assert_uint_ge(deviations, 1);
	write_checkpoint(&folder, "ledger.example/another", 20);
	ck_assert_int_eq(audit(&folder, true, base_slice(NULL, 0), &report), BASE_MISMATCH);
	ck_assert_uint_eq(deviations, 0); /* the policy is of another ledger: nothing was audited */
	drop_folder(&folder);
}
END_TEST

START_TEST(hashes_when_the_checkpoint_claims_a_huge_size_gives_up)
{
	struct folder folder;
	struct audit_report report;
	struct base_buf text = BASE_BUF_INIT;
	struct base_hash root = {{0}};

	make_folder(&folder, 20);
	proof_checkpoint_format(&text, FIX_ORIGIN, UINT64_C(1) << 62, &root);
	base_buf_print(&text, "\n\xe2\x80\x94 somebody AAAAAAAAAA==\n");
	write_bytes(folder.files[0], base_buf_slice(&text));
	ck_assert_int_eq(audit(&folder, false, base_slice(NULL, 0), &report), BASE_MISMATCH);
	ck_assert_uint_le(deviations, 200);
	ck_assert(!report.complete);
	base_buf_free(&text);
	drop_folder(&folder);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		hashes_when_any_byte_flips_finds_it,
		hashes_when_the_tree_has_three_levels_finds_flips_in_each,
		hashes_when_of_any_size_are_clean_and_any_earlier_checkpoint_is_a_prefix,
		hashes_when_the_kept_checkpoint_is_no_prefix_says_why,
		hashes_when_a_tile_is_gone_or_cut_or_a_partial_one_was_replaced_says_so,
		hashes_when_the_checkpoint_is_a_strangers_is_not_clean,
		hashes_when_the_checkpoint_claims_a_huge_size_gives_up,
		NULL,
	};

	return fix_run("hashes", tests, 600);
}
