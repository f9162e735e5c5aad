/* Flip any single byte of any entry, node, tile, receipt, trail or checkpoint: audit or verify finds it, and names it.
 * Exhaustive on a small ledger; under sanitizers, which are slow, every 23rd byte. */
#include "tests/chain/fixture.h"

#include "ledger/audit/audit.h"
#include "ledger/chain/chain_internal.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

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

struct found {
	size_t count;
	bool named; /* the entry that was damaged */
	uint64_t wanted;
};

static void on_deviation(void *arg, const struct audit_deviation *deviation)
{
	struct found *found = arg;

	found->count++;
	found->named = found->named || (deviation->has_index && deviation->index == found->wanted);
	ck_assert_uint_gt(strlen(deviation->what), 10);
}

static struct base_error said; /* by the last audit */

static enum base_code audit(const char *path, bool tiles, const struct proof_policy *policy, struct found *found, struct base_slice since)
{
	struct audit_options options = {.signatures = true, .policy = policy, .deviation = on_deviation, .arg = found, .since = since};
	struct audit_report report;
	enum base_code code;

	said.text[0] = '\0';
	code = tiles ? audit_tiles(path, &options, &report, &said) : audit_ledger(path, &options, &report, &said);
	/* Whatever is wrong is said in a sentence. */
	ck_assert(code == BASE_OK || said.text[0] != '\0');
	return code;
}

/* A ledger with one of everything that a study needs; closed. */
static void make_ledger(struct fix *f, struct proof_policy **policy)
{
	struct chain_read *read;

	fix_ledger(f);
	fix_study_ready(f);
	(void)fix_submission(f, 1, 1);
	(void)fix_submission(f, 2, 2);
	read = fix_read(f);
	*policy = fix_policy(read);
	chain_read_end(&read);
	fix_chain_close(f);
}

/* ---- Tiles --------------------------------------------------------------- */

/* Which entry of a bundle holds a byte; UINT64_MAX: a length. */
static uint64_t entry_of(const struct base_buf *bundle, size_t at)
{
	uint64_t index = 0;

	for (size_t start = 0; start + 2 <= bundle->len; index++) {
		size_t len = base_get_u16be(bundle->data + start);

		if (at < start + 2)
			return UINT64_MAX;
		if (at < start + 2 + len)
			return index;
		start += 2 + len;
	}
	return UINT64_MAX;
}

static void flip_file(const char *folder, const char *path, const struct proof_policy *policy, bool bundle)
{
	struct base_buf bytes = BASE_BUF_INIT;

	ck_ok(base_file_read(&bytes, path, 1u << 24, &ck_err));
	ck_assert_uint_gt(bytes.len, 0);
	for (size_t i = 0; i < bytes.len; i += STEP) {
		struct found found = {.wanted = bundle ? entry_of(&bytes, i) : UINT64_MAX};
		enum base_code code;
		FILE *file;

		bytes.data[i] ^= (uint8_t)(1u << i % 8);
		file = fopen(path, "wb");
		ck_assert_ptr_nonnull(file);
		ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
		fclose(file);
		code = audit(folder, true, policy, &found, base_slice(NULL, 0));
		ck_assert_msg(code != BASE_OK, "%s: byte %zu flipped, and the audit is clean", path, i);
		if (found.wanted != UINT64_MAX)
			ck_assert_msg(found.named, "%s: byte %zu flipped; entry #%llu is not named", path, i, (unsigned long long)found.wanted);
		bytes.data[i] ^= (uint8_t)(1u << i % 8);
	}
	{
		FILE *file = fopen(path, "wb");

		ck_assert_ptr_nonnull(file);
		ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
		fclose(file);
	}
	base_buf_free(&bytes);
}

static void flip_folder(const char *root, const char *folder, const struct proof_policy *policy, size_t *files)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char *path = base_path(folder, entry->d_name);
		struct stat info;

		if (entry->d_name[0] != '.' && stat(path, &info) == 0) {
			if (S_ISDIR(info.st_mode)) {
				flip_folder(root, path, policy, files);
			} else {
				flip_file(root, path, policy, strstr(path, "/entries/") != NULL);
				++*files;
			}
		}
		free(path);
	}
	closedir(dir);
}

START_TEST(audit_when_a_byte_of_a_tile_flips_names_it)
{
	struct fix f;
	struct proof_policy *policy;
	struct chain_read *read;
	struct found found = {0};
	char *tiles;
	size_t files = 0;

	make_ledger(&f, &policy);
	tiles = base_path(f.folder, "tiles");
	fix_chain_open(&f);
	read = fix_read(&f);
	ck_ok(chain_tiles(read, tiles, true, &ck_err));
	chain_read_end(&read);
	fix_chain_close(&f);
	ck_assert_int_eq(audit(tiles, true, policy, &found, base_slice(NULL, 0)), BASE_OK);
	ck_assert_uint_eq(found.count, 0);
	flip_folder(tiles, tiles, policy, &files);
	ck_assert_uint_ge(files, 4); /* checkpoint, genesis.sig, a tile, a bundle */
	ck_assert_int_eq(audit(tiles, true, policy, &found, base_slice(NULL, 0)), BASE_OK);
	proof_policy_close(policy);
	free(tiles);
	fix_close(&f);
}
END_TEST

/* ---- The database -------------------------------------------------------- */

struct row {
	struct base_buf key, value;
};
struct rows {
	struct row *list;
	size_t count;
};

static bool take_row(void *arg, struct base_slice key, struct base_slice value)
{
	struct rows *rows = arg;
	struct row row = {BASE_BUF_INIT, BASE_BUF_INIT};

	base_buf_append(&row.key, key);
	base_buf_append(&row.value, value);
	rows->list = base_realloc(rows->list, (rows->count + 1) * sizeof(*rows->list));
	rows->list[rows->count++] = row;
	return true;
}

static bool take_row_u64(void *arg, uint64_t key, struct base_slice value)
{
	uint8_t bytes[8];

	base_put_u64be(bytes, key);
	return take_row(arg, base_slice(bytes, 8), value);
}

static void put_row(const struct fix *f, unsigned table, const struct row *row)
{
	struct store *store = NULL;
	struct store_txn *txn = NULL;

	ck_ok(store_open(&store, f->ledger_path, chain_tables, CHAIN_TABLES, STORE_SCRATCH, &ck_err));
	ck_ok(store_begin(&txn, store, true, &ck_err));
	if (chain_tables[table].integer_keys)
		ck_ok(store_put_u64(txn, table, base_get_u64be(row->key.data), base_buf_slice(&row->value), &ck_err));
	else
		ck_ok(store_put(txn, table, base_buf_slice(&row->key), base_buf_slice(&row->value), &ck_err));
	ck_ok(store_commit(&txn, &ck_err));
	store_close(store);
}

static void read_rows(const struct fix *f, unsigned table, struct rows *rows)
{
	struct store *store = NULL;
	struct store_txn *txn = NULL;

	ck_ok(store_open(&store, f->ledger_path, chain_tables, CHAIN_TABLES, STORE_READ_ONLY, &ck_err));
	ck_ok(store_begin(&txn, store, false, &ck_err));
	if (chain_tables[table].integer_keys)
		ck_ok(store_walk_u64(txn, table, 0, take_row_u64, rows, &ck_err));
	else
		ck_ok(store_walk(txn, table, base_slice(NULL, 0), take_row, rows, &ck_err));
	store_abort(&txn);
	store_close(store);
}

static void flip_table(struct fix *f, unsigned table, const struct proof_policy *policy)
{
	struct rows rows = {0};
	size_t flips = 0;

	read_rows(f, table, &rows);
	ck_assert_uint_gt(rows.count, 0);
	for (size_t r = 0; r < rows.count; r++) {
		struct row *row = &rows.list[r];

		for (size_t i = (r * 7) % STEP; i < row->value.len; i += STEP) {
			struct found found = {.wanted = table == CHAIN_ENTRIES ? base_get_u64be(row->key.data) : UINT64_MAX};
			enum base_code code;

			row->value.data[i] ^= (uint8_t)(1u << i % 8);
			put_row(f, table, row);
			code = audit(f->ledger_path, false, policy, &found, base_slice(NULL, 0));
			ck_assert_msg(code != BASE_OK, "%s, row %zu: byte %zu flipped, and the audit is clean", chain_tables[table].name, r, i);
			char opening[64];

			/* Without its genesis or its last block entry the ledger does not open: then that sentence names it. */
			snprintf(opening, sizeof(opening), "entry %llu is not", (unsigned long long)found.wanted);
			if (found.wanted != UINT64_MAX)
				ck_assert_msg(found.named || strstr(said.text, found.wanted == 0 ? "genesis" : opening) != NULL,
					      "entry #%llu: byte %zu flipped, and the entry is not named: %s",
					      (unsigned long long)found.wanted, i, said.text);
			row->value.data[i] ^= (uint8_t)(1u << i % 8);
			flips++;
		}
		put_row(f, table, row);
		base_buf_free(&row->key);
		base_buf_free(&row->value);
	}
	ck_assert_uint_gt(flips, 0);
	free(rows.list);
}

static void flip_one_table(unsigned table)
{
	struct fix f;
	struct proof_policy *policy;
	struct found found = {0};

	make_ledger(&f, &policy);
	ck_assert_int_eq(audit(f.ledger_path, false, policy, &found, base_slice(NULL, 0)), BASE_OK);
	flip_table(&f, table, policy);
	ck_assert_int_eq(audit(f.ledger_path, false, policy, &found, base_slice(NULL, 0)), BASE_OK);
	proof_policy_close(policy);
	fix_close(&f);
}

START_TEST(audit_when_a_byte_of_an_entry_flips_names_it) { flip_one_table(CHAIN_ENTRIES); }
END_TEST
START_TEST(audit_when_a_byte_of_a_tree_node_flips_finds_it) { flip_one_table(CHAIN_HASHES); }
END_TEST
START_TEST(audit_when_a_byte_of_a_map_node_flips_finds_it) { flip_one_table(CHAIN_ROWS); }
END_TEST
START_TEST(audit_when_a_byte_of_side_state_flips_finds_it) { flip_one_table(CHAIN_SIDE); }
END_TEST
START_TEST(audit_when_a_byte_of_a_checkpoint_flips_finds_it) { flip_one_table(CHAIN_CHECKPOINTS); }
END_TEST
START_TEST(audit_when_a_byte_of_the_index_of_blocks_flips_finds_it) { flip_one_table(CHAIN_BLOCKS); }
END_TEST

/* ---- Evidence files ------------------------------------------------------ */

/* What a file of evidence claims: which record, of which study, by which reference. */
static void claim_of(const struct audit_verdict *v, struct base_buf *out)
{
	out->len = 0;
	base_buf_print(out, "%d %d %.*s ", (int)v->what, (int)v->table, (int)v->study.len, (const char *)v->study.data);
	base_buf_append(out, v->reference);
}

static void flip_evidence(struct base_buf *text, const struct proof_policy *policy, const char *what)
{
	struct audit_verdict *verdict = base_alloc(sizeof(*verdict));
	struct base_buf claimed = BASE_BUF_INIT, claims = BASE_BUF_INIT;

	ck_ok(audit_verify(verdict, base_buf_slice(text), policy, &ck_err));
	claim_of(verdict, &claimed);
	audit_verdict_free(verdict);
	for (size_t i = 0; i < text->len; i += STEP) {
		struct base_error err = {{0}};

		text->data[i] ^= (uint8_t)(1u << i % 7);
		if (audit_verify(verdict, base_buf_slice(text), policy, &err) == BASE_OK) {
			/* A proof of absence holds for every name that the same empty place stands for: then it says, truly,
			 * that another record is absent, and says which. */
			claim_of(verdict, &claims);
			ck_assert_msg(verdict->what == AUDIT_ABSENCE && !base_slice_equal(base_buf_slice(&claimed), base_buf_slice(&claims)),
				      "%s: byte %zu flipped, and it verifies", what, i);
			audit_verdict_free(verdict);
		} else {
			ck_assert_uint_gt(strlen(err.text), 10);
		}
		text->data[i] ^= (uint8_t)(1u << i % 7);
	}
	/* Cut off anywhere. */
	for (size_t len = 0; len < text->len; len += STEP) {
		struct base_error err;

		ck_assert_int_ne(audit_verify(verdict, base_slice(text->data, len), policy, &err), BASE_OK);
	}
	text->len = 0;
	base_buf_free(&claimed);
	base_buf_free(&claims);
	free(verdict);
}

START_TEST(verify_when_a_byte_of_evidence_flips_refuses)
{
	struct fix f;
	struct proof_policy *policy;
	struct chain_read *read;
	struct base_buf text = BASE_BUF_INIT;
	struct base_buf reference = BASE_BUF_INIT;
	struct base_hash participant = fix_reference(1);
	uint64_t leaf;

	make_ledger(&f, &policy);
	fix_chain_open(&f);
	leaf = fix_submission(&f, 3, 1);
	read = fix_read(&f);
	ck_ok(chain_read_receipt(read, leaf, &text, &ck_err));
	flip_evidence(&text, policy, "receipt");
	ck_ok(chain_read_receipt(read, 0, &text, &ck_err));
	flip_evidence(&text, policy, "receipt of genesis");
	ck_ok(chain_read_checkpoint(read, chain_read_height(read), &text, &ck_err));
	flip_evidence(&text, policy, "checkpoint");
	ck_ok(chain_read_trail(read, FIX_STUDY, &participant, &text, &ck_err));
	flip_evidence(&text, policy, "trail");
	wire_put_cstr(&reference, FIX_MANAGER);
	ck_ok(chain_read_evidence(read, STATE_ACTOR, base_slice(NULL, 0), base_buf_slice(&reference), 0, &text, &ck_err));
	flip_evidence(&text, policy, "presence");
	reference.len = 0;
	wire_put_cstr(&reference, "hospital/nobody");
	ck_ok(chain_read_evidence(read, STATE_ACTOR, base_slice(NULL, 0), base_buf_slice(&reference), 0, &text, &ck_err));
	flip_evidence(&text, policy, "absence");
	base_buf_free(&text);
	base_buf_free(&reference);
	chain_read_end(&read);
	proof_policy_close(policy);
	fix_close(&f);
}
END_TEST

/* ---- A trail with an entry left out -------------------------------------- */

START_TEST(verify_when_a_trail_omits_an_entry_refuses)
{
	struct fix f;
	struct proof_policy *policy;
	struct chain_read *read;
	struct base_buf text = BASE_BUF_INIT;
	struct base_hash participant = fix_reference(1);
	struct chain_evidence evidence;

	make_ledger(&f, &policy);
	fix_chain_open(&f);
	(void)fix_submission(&f, 3, 1);
	read = fix_read(&f);
	ck_ok(chain_read_trail(read, FIX_STUDY, &participant, &text, &ck_err));
	ck_ok(chain_evidence_decode(&evidence, base_buf_slice(&text), &ck_err));
	ck_assert_uint_ge(evidence.leaf_count, 3);
	for (size_t left_out = 0; left_out < evidence.leaf_count; left_out++) {
		struct chain_evidence less = evidence;
		struct base_buf shorter = BASE_BUF_INIT;
		struct audit_verdict *verdict = base_alloc(sizeof(*verdict));

		less.leaf_count--;
		less.leaves = base_alloc(evidence.leaf_count * sizeof(*less.leaves));
		for (size_t i = 0, n = 0; i < evidence.leaf_count; i++)
			if (i != left_out)
				less.leaves[n++] = evidence.leaves[i];
		chain_evidence_encode(&shorter, &less);
		ck_code(audit_verify(verdict, base_buf_slice(&shorter), policy, &ck_err), BASE_MISMATCH);
		base_buf_free(&shorter);
		free(less.leaves);
		free(verdict);
	}
	chain_evidence_free(&evidence);
	base_buf_free(&text);
	chain_read_end(&read);
	proof_policy_close(policy);
	fix_close(&f);
}
END_TEST

/* ---- History rewritten as a whole ---------------------------------------- */

START_TEST(audit_when_history_is_rewritten_finds_it_by_what_was_kept)
{
	struct fix f, g;
	struct proof_policy *policy, *other;
	struct chain_read *read;
	struct base_buf kept = BASE_BUF_INIT;
	struct found found = {0};

	/* The same operator, the same keys, the same genesis; another submission in the place of the second. */
	make_ledger(&f, &policy);
	fix_chain_open(&f);
	read = fix_read(&f);
	ck_ok(chain_read_checkpoint(read, chain_read_height(read), &kept, &ck_err));
	chain_read_end(&read);
	fix_chain_close(&f);
	fix_ledger(&g);
	fix_study_ready(&g);
	(void)fix_submission(&g, 1, 1);
	(void)fix_submission(&g, 77, 2);
	(void)fix_submission(&g, 78, 2);
	read = fix_read(&g);
	other = fix_policy(read);
	chain_read_end(&read);
	fix_chain_close(&g);
	/* By itself the rewritten ledger is clean: it is consistent. */
	ck_assert_int_eq(audit(g.ledger_path, false, other, &found, base_slice(NULL, 0)), BASE_OK);
	ck_assert_int_eq(audit(g.ledger_path, false, policy, &found, base_buf_slice(&kept)), BASE_MISMATCH);
	ck_assert_uint_ge(found.count, 1);
	/* The true one is an extension of what was kept. */
	found.count = 0;
	ck_assert_int_eq(audit(f.ledger_path, false, policy, &found, base_buf_slice(&kept)), BASE_OK);
	base_buf_free(&kept);
	proof_policy_close(policy);
	proof_policy_close(other);
	fix_close(&f);
	fix_close(&g);
}
END_TEST

/* ---- How far checkpoints reach ------------------------------------------- */

static enum base_code report_of(const char *path, const struct proof_policy *policy, struct base_slice since, struct audit_report *report)
{
	struct found found = {0};
	struct audit_options options = {.signatures = true, .policy = policy, .deviation = on_deviation, .arg = &found, .since = since};

	said.text[0] = '\0';
	return audit_ledger(path, &options, report, &said);
}

START_TEST(audit_when_entries_lie_beyond_the_newest_checkpoint_says_so)
{
	struct fix f;
	struct proof_policy *policy;
	struct audit_report report;
	struct base_buf kept = BASE_BUF_INIT;
	struct chain_read *read;
	uint64_t covered;

	make_ledger(&f, &policy);
	ck_ok(report_of(f.ledger_path, policy, base_slice(NULL, 0), &report));
	ck_assert_uint_eq(report.covered_size, report.size);
	ck_assert_int_eq(report.keys, AUDIT_BY_POLICY);
	covered = report.size;
	/* Recorded without the node's keys: nobody signs. */
	ck_ok(chain_open(&f.chain, f.ledger_path, 0, NULL, &ck_err));
	(void)fix_submission(&f, 3, 1);
	fix_chain_close(&f);
	ck_ok(report_of(f.ledger_path, NULL, base_slice(NULL, 0), &report));
	ck_assert_uint_eq(report.covered_size, covered);
	ck_assert_uint_gt(report.size, covered);
	ck_assert_int_eq(report.keys, AUDIT_BY_GENESIS);
	/* What was kept covers what it covers, here no more. */
	fix_chain_open(&f);
	read = fix_read(&f);
	ck_ok(chain_read_checkpoint(read, 1, &kept, &ck_err));
	chain_read_end(&read);
	fix_chain_close(&f);
	ck_ok(report_of(f.ledger_path, policy, base_buf_slice(&kept), &report));
	ck_assert_uint_eq(report.covered_size, report.size);
	ck_assert(!report.covered_kept && report.kept);
	ck_assert_int_eq(report.kept_by, AUDIT_BY_POLICY);
	/* What is no checkpoint is bad input, and no deviation. */
	ck_assert_int_eq(report_of(f.ledger_path, policy, base_slice_text("no checkpoint\n"), &report), BASE_MALFORMED);
	ck_assert_uint_eq(report.deviations, 0);
	/* One of which a byte was changed accuses nobody of rewriting. */
	kept.data[kept.len - 8] ^= 1;
	ck_assert_int_eq(report_of(f.ledger_path, policy, base_buf_slice(&kept), &report), BASE_MISMATCH);
	ck_assert(!report.kept);
	base_buf_free(&kept);
	proof_policy_close(policy);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		audit_when_a_byte_of_a_tile_flips_names_it,
		audit_when_a_byte_of_an_entry_flips_names_it,
		audit_when_a_byte_of_a_tree_node_flips_finds_it,
		audit_when_a_byte_of_a_map_node_flips_finds_it,
		audit_when_a_byte_of_side_state_flips_finds_it,
		audit_when_a_byte_of_a_checkpoint_flips_finds_it,
		audit_when_a_byte_of_the_index_of_blocks_flips_finds_it,
		verify_when_a_byte_of_evidence_flips_refuses,
		verify_when_a_trail_omits_an_entry_refuses,
		audit_when_history_is_rewritten_finds_it_by_what_was_kept,
		audit_when_entries_lie_beyond_the_newest_checkpoint_says_so,
		NULL,
	};

	return fix_run("tamper", tests, 900);
}
