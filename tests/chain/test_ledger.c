/* Making, opening, closing; what the signer refuses. */
#include "tests/chain/fixture.h"

#include "ledger/chain/chain_internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(create_when_folder_is_new_makes_a_ledger)
{
	struct chain_block_entry block;
	struct chain_read *read;
	struct base_buf signatures = BASE_BUF_INIT;
	struct base_hash none;
	uint64_t index;
	struct fix f;

	fix_ledger(&f);
	ck_assert(base_hash_equal(chain_id(f.chain), &f.id));
	ck_assert_str_eq(chain_origin(f.chain), FIX_ORIGIN);
	ck_assert_str_eq(chain_founding(f.chain)->founders[0].organisation, FIX_ORGANISATION);
	ck_ok(chain_signatures(f.chain, &signatures, &ck_err));
	ck_assert(base_slice_equal(base_buf_slice(&signatures), base_buf_slice(&f.signatures)));
	read = fix_read(&f);
	ck_assert_uint_eq(chain_read_size(read), 2);
	ck_assert_uint_eq(chain_read_height(read), 0);
	ck_ok(chain_read_block(read, 0, &block, &index, &ck_err));
	ck_assert_uint_eq(index, 1);
	ck_assert_uint_eq(block.first, 0);
	ck_assert_uint_eq(block.count, 1);
	ck_assert_uint_eq(block.time.ms, FIX_TIME);
	for (size_t i = 0; i < 32; i++)
		ck_assert_uint_eq(block.prev.bytes[i], 0);
	none = base_sha256_of(base_slice("\x05", 1));
	ck_assert(base_hash_equal(&block.side, &none));
	chain_read_end(&read);
	/* Genesis and its block have receipts too. */
	fix_check_receipt(&f, 0);
	fix_check_receipt(&f, 1);
	base_buf_free(&signatures);
	fix_close(&f);
}
END_TEST

START_TEST(create_when_there_is_a_ledger_refuses)
{
	struct fix f;

	fix_ledger(&f);
	ck_code(chain_create(f.ledger_path, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), &ck_err), BASE_EXISTS);
	fix_check_receipt(&f, 0);
	fix_close(&f);
}
END_TEST

START_TEST(create_when_signatures_are_wrong_makes_nothing)
{
	struct stat st;
	struct fix f;

	fix_open(&f);
	f.signatures.data[f.signatures.len - 1] ^= 1;
	ck_code(chain_create(f.ledger_path, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), &ck_err), BASE_MISMATCH);
	ck_assert_int_ne(stat(f.ledger_path, &st), 0);
	fix_close(&f);
}
END_TEST

START_TEST(create_when_any_write_fails_can_be_tried_again)
{
	int n;

	for (n = 0;; n++) {
		struct base_error err = {{0}};
		struct fix f;
		bool faulted;

		fix_open(&f);
		base_fault_arm(n);
		if (chain_create(f.ledger_path, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), &err) != BASE_OK) {
			base_fault_arm(-1);
			ck_assert_msg(err.text[0] != '\0', "fault %d", n);
			ck_ok(chain_create(f.ledger_path, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), &ck_err));
		}
		faulted = base_fault_count() > n;
		base_fault_arm(-1);
		fix_chain_open(&f);
		fix_check_receipt(&f, 0);
		fix_close(&f);
		if (!faulted)
			break;
	}
	ck_assert_int_gt(n, 3);
}
END_TEST

START_TEST(open_when_there_is_no_ledger_says_so)
{
	struct chain *chain = NULL;
	struct fix f;

	fix_open(&f);
	ck_code(chain_open(&chain, f.ledger_path, 0, NULL, &ck_err), BASE_NOT_FOUND);
	ck_ok(base_make_folder(f.ledger_path, 0700, &ck_err));
	ck_code(chain_open(&chain, f.ledger_path, 0, NULL, &ck_err), BASE_NOT_FOUND);
	ck_assert_ptr_null(chain);
	fix_close(&f);
}
END_TEST

/* Puts a row into `meta`. */
static void put_meta(struct fix *f, const char *name, const void *value, size_t len)
{
	struct store_txn *txn = NULL;
	struct store *store = NULL;

	ck_ok(store_open(&store, f->ledger_path, chain_tables, CHAIN_TABLES, 0, &ck_err));
	ck_ok(store_begin(&txn, store, true, &ck_err));
	ck_ok(store_put(txn, CHAIN_META, base_slice_text(name), base_slice(value, len), &ck_err));
	ck_ok(store_commit(&txn, &ck_err));
	store_close(store);
}

START_TEST(open_when_format_is_newer_says_version)
{
	struct chain *chain = NULL;
	struct base_error err = {{0}};
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	put_meta(&f, CHAIN_META_FORMAT, "\0\0\0\0\0\0\0\3", 8);
	ck_assert_int_eq(chain_open(&chain, f.ledger_path, 0, NULL, &err), BASE_VERSION);
	ck_assert_msg(strstr(err.text, "format 3") != NULL && strstr(err.text, "newer version") != NULL, "%s", err.text);
	put_meta(&f, CHAIN_META_FORMAT, "\0\0\0\0\0\0\0\1", 8);
	ck_assert_int_eq(chain_open(&chain, f.ledger_path, 0, NULL, &err), BASE_VERSION);
	ck_assert_msg(strstr(err.text, "format 1") != NULL && strstr(err.text, "early version") != NULL, "%s", err.text);
	fix_close(&f);
}
END_TEST

START_TEST(open_when_a_restore_was_interrupted_says_so)
{
	struct chain *chain = NULL;
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	put_meta(&f, CHAIN_META_BUILDING, "1", 1);
	ck_code(chain_open(&chain, f.ledger_path, 0, NULL, &ck_err), BASE_STORAGE);
	fix_close(&f);
}
END_TEST

START_TEST(open_when_tip_is_wrong_says_damaged)
{
	struct chain *chain = NULL;
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	put_meta(&f, CHAIN_META_TIP, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0", 16);
	ck_code(chain_open(&chain, f.ledger_path, 0, NULL, &ck_err), BASE_STORAGE);
	put_meta(&f, CHAIN_META_TIP, "\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\7", 16);
	ck_code(chain_open(&chain, f.ledger_path, 0, NULL, &ck_err), BASE_STORAGE);
	put_meta(&f, CHAIN_META_TIP, "\0", 1);
	ck_code(chain_open(&chain, f.ledger_path, 0, NULL, &ck_err), BASE_STORAGE);
	fix_close(&f);
}
END_TEST

START_TEST(open_when_signer_is_not_a_node_refuses_its_keys)
{
	struct keys_private *other = fix_key(KEYS_LOG, KEYS_ED25519, 44);
	struct chain *chain = NULL;
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	f.signer.log = other;
	ck_code(chain_open(&chain, f.ledger_path, 0, &f.signer, &ck_err), BASE_KEY);
	f.signer.log = f.log;
	f.signer.cosign_name = "hospital/node-2";
	ck_code(chain_open(&chain, f.ledger_path, 0, &f.signer, &ck_err), BASE_KEY);
	f.signer.cosign_name = NULL;
	ck_code(chain_open(&chain, f.ledger_path, 0, &f.signer, &ck_err), BASE_KEY);
	keys_private_close(other);
	fix_close(&f);
}
END_TEST

START_TEST(open_when_record_of_signatures_is_gone_refuses_to_sign)
{
	struct chain *chain = NULL;
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	ck_assert_int_eq(unlink(f.signed_path), 0);
	ck_code(chain_open(&chain, f.ledger_path, 0, &f.signer, &ck_err), BASE_NOT_FOUND);
	/* Reading goes on. */
	ck_ok(chain_open(&f.chain, f.ledger_path, 0, NULL, &ck_err));
	fix_check_receipt(&f, 0);
	fix_close(&f);
}
END_TEST

static void copy_file(const char *from, const char *to)
{
	struct base_buf bytes = BASE_BUF_INIT;

	ck_ok(base_file_read(&bytes, from, 64u << 20, &ck_err));
	ck_ok(base_file_write(to, base_buf_slice(&bytes), 0600, true, &ck_err));
	base_buf_free(&bytes);
}

/* An operator puts an older copy of the database back: the node must not sign a second history. */
START_TEST(open_when_ledger_was_rolled_back_refuses_to_sign)
{
	struct chain *chain = NULL;
	struct keys_private *log2, *cosign2;
	char *data, *kept;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	fix_chain_close(&f);
	data = base_path(f.ledger_path, "data.mdb");
	kept = base_path(f.folder, "kept.mdb");
	copy_file(data, kept);
	fix_chain_open(&f);
	(void)fix_submission(&f, 1, 1);
	fix_chain_close(&f);
	copy_file(kept, data);
	ck_code(chain_open(&chain, f.ledger_path, 0, &f.signer, &ck_err), BASE_MISMATCH);
	/* Without the signer something else is recorded there, up to the same size: a rewritten history. */
	ck_ok(chain_open(&f.chain, f.ledger_path, 0, NULL, &ck_err));
	f.sequence--;
	(void)fix_submission(&f, 2, 1);
	fix_chain_close(&f);
	ck_code(chain_open(&chain, f.ledger_path, 0, &f.signer, &ck_err), BASE_MISMATCH);
	/* New keys, said to be such, may sign; the ledger's policy names them then. */
	log2 = fix_key(KEYS_LOG, KEYS_ED25519, 14);
	cosign2 = fix_key(KEYS_COSIGN, KEYS_ED25519, 15);
	free(f.signed_path);
	f.signed_path = base_path(f.folder, "signed-2");
	f.signer = (struct chain_signer){
		.log = log2, .cosign = cosign2, .cosign_name = FIX_NODE, .signed_path = f.signed_path, .recovered = true};
	fix_chain_open(&f);
	fix_check_receipt(&f, fix_submission(&f, 3, 1));
	fix_chain_close(&f);
	/* From then on they are the node's. */
	f.signer.recovered = false;
	fix_chain_open(&f);
	fix_check_receipt(&f, fix_submission(&f, 4, 1));
	fix_chain_close(&f);
	keys_private_close(log2);
	keys_private_close(cosign2);
	free(data);
	free(kept);
	fix_close(&f);
}
END_TEST

START_TEST(open_when_a_checkpoint_is_missing_signs_it)
{
	uint64_t height, size;
	struct chain_read *read;
	struct base_buf event = BASE_BUF_INIT;
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	/* Recorded without a signer, as after a crash between commit and signature. */
	ck_ok(chain_open(&f.chain, f.ledger_path, 0, NULL, &ck_err));
	fix_enrol(&f, &event);
	(void)fix_block(&f, &event, 1);
	read = fix_read(&f);
	ck_ok(chain_read_signed(read, &height, &size, &ck_err));
	ck_assert_uint_eq(height, 0);
	ck_code(chain_read_receipt(read, 2, &event, &ck_err), BASE_NOT_FOUND);
	ck_code(chain_read_checkpoint(read, 1, &event, &ck_err), BASE_NOT_FOUND);
	chain_read_end(&read);
	fix_chain_close(&f);
	fix_chain_open(&f);
	fix_check_receipt(&f, 2);
	fix_chain_close(&f);
	/* Stored at close: readers without keys see it. */
	ck_ok(chain_open(&f.chain, f.ledger_path, CHAIN_READ_ONLY, NULL, &ck_err));
	fix_check_receipt(&f, 2);
	fix_close(&f);
}
END_TEST

START_TEST(open_when_read_only_neither_signs_nor_records)
{
	struct chain_submission submission = {0};
	struct base_buf event = BASE_BUF_INIT;
	uint64_t height;
	struct fix f;

	fix_ledger(&f);
	fix_chain_close(&f);
	ck_ok(chain_open(&f.chain, f.ledger_path, CHAIN_READ_ONLY, &f.signer, &ck_err));
	fix_enrol(&f, &event);
	submission.bytes = base_buf_slice(&event);
	ck_code(chain_block(f.chain, (struct base_time){FIX_TIME + 1}, &submission, 1, &height, &ck_err), BASE_STORAGE);
	ck_assert_int_eq(submission.code, BASE_STORAGE);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		create_when_folder_is_new_makes_a_ledger,
		create_when_there_is_a_ledger_refuses,
		create_when_signatures_are_wrong_makes_nothing,
		create_when_any_write_fails_can_be_tried_again,
		open_when_there_is_no_ledger_says_so,
		open_when_format_is_newer_says_version,
		open_when_a_restore_was_interrupted_says_so,
		open_when_tip_is_wrong_says_damaged,
		open_when_signer_is_not_a_node_refuses_its_keys,
		open_when_record_of_signatures_is_gone_refuses_to_sign,
		open_when_ledger_was_rolled_back_refuses_to_sign,
		open_when_a_checkpoint_is_missing_signs_it,
		open_when_read_only_neither_signs_nor_records,
		NULL,
	};

	return fix_run("chain/ledger", tests, 120);
}
