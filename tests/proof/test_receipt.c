#include "tests/proof/support.h"

#include <string.h>

#define DASH "\xe2\x80\x94"
#define ROOT64 "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define NOTE "o\n9\n" ROOT64 "\n\n" DASH " o AAAAAAA=\n"
#define START "c2sp.org/tlog-proof@v1\n"

struct world {
	struct tree tree;
	struct base_buf note;
	struct proof_policy *policy;
};

static void world_make(struct world *world, unsigned size)
{
	struct base_buf text = BASE_BUF_INIT, policy = BASE_BUF_INIT;
	struct proof_vkey log, cosigner;
	struct base_hash root;

	memset(world, 0, sizeof(*world));
	for (unsigned i = 0; i < size; i++) {
		char entry[16];

		snprintf(entry, sizeof(entry), "entry %u", i);
		tree_add(&world->tree, TEXT(entry));
	}
	root = proof_frontier_root(&world->tree.frontier);
	proof_checkpoint_format(&text, "log.example/1", size, &root);
	base_buf_append(&world->note, BYTES_OF(text));
	base_buf_byte(&world->note, '\n');
	note_sign(&world->note, BYTES_OF(text), 1, "log.example/1");
	note_cosign(&world->note, BYTES_OF(text), 2, "witness.example", 1679315147);
	vkey_of(&log, 1, "log.example/1", PROOF_ED25519);
	vkey_of(&cosigner, 2, "witness.example", PROOF_COSIGNATURE);
	proof_policy_write(&policy, &log, 1, &cosigner, 1, 1);
	OK(proof_policy_parse(&world->policy, BYTES_OF(policy), ERR));
	base_buf_free(&policy);
	base_buf_free(&text);
}

static void world_free(struct world *world)
{
	tree_free(&world->tree);
	base_buf_free(&world->note);
	proof_policy_close(world->policy);
}

/* The receipt of an entry, which rides along as extra data. */
static void receipt_of(struct base_buf *out, struct world *world, unsigned index)
{
	struct proof_path path;
	char entry[16];

	snprintf(entry, sizeof(entry), "entry %u", index);
	OK(proof_inclusion(&path, index, world->tree.frontier.size, tree_get, &world->tree, ERR));
	proof_receipt_format(out, TEXT(entry), index, &path, BYTES_OF(world->note));
}

/* As a verifier goes about it: the leaf from the extra data, then all the rest. */
static enum base_code receipt_verify(struct base_slice text, const struct proof_policy *policy, struct base_error *err)
{
	struct proof_checkpoint checkpoint;
	struct proof_receipt receipt;
	struct proof_verdict verdict;
	struct base_hash leaf;
	enum base_code code = proof_receipt_parse(&receipt, text, err);

	if (code != BASE_OK)
		return code;
	leaf = proof_leaf(BYTES_OF(receipt.extra));
	code = proof_receipt_check(&receipt, policy, &leaf, &checkpoint, &verdict, err);
	proof_receipt_free(&receipt);
	return code;
}

START_TEST(receipt_of_every_entry_reads_back_and_verifies)
{
	for (unsigned size = 1; size <= 20; size++) {
		struct world world;

		world_make(&world, size);
		for (unsigned index = 0; index < size; index++) {
			struct base_buf text = BASE_BUF_INIT, again = BASE_BUF_INIT;
			struct proof_receipt receipt;

			receipt_of(&text, &world, index);
			OK(receipt_verify(BYTES_OF(text), world.policy, ERR));
			OK(proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
			ck_assert_uint_eq(receipt.index, index);
			ck_assert(base_slice_equal(receipt.note, BYTES_OF(world.note)));
			proof_receipt_format(&again, BYTES_OF(receipt.extra), receipt.index, &receipt.path,
					     receipt.note);
			ck_assert(base_slice_equal(BYTES_OF(again), BYTES_OF(text)));
			proof_receipt_free(&receipt);
			base_buf_free(&text);
			base_buf_free(&again);
		}
		world_free(&world);
	}
}
END_TEST

START_TEST(receipt_when_any_bit_is_changed_is_refused)
{
	struct base_buf text = BASE_BUF_INIT;
	struct world world;

	world_make(&world, 11);
	receipt_of(&text, &world, 6);
	for (size_t i = 0; i < text.len * 8; i++) {
		struct base_error err = {""};
		enum base_code code;

		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		code = receipt_verify(BYTES_OF(text), world.policy, &err);
		ck_assert_msg(code == BASE_MALFORMED || code == BASE_MISMATCH || code == BASE_VERSION, "bit %zu: %s", i,
			      base_code_name(code));
		ck_assert(err.text[0] != '\0');
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t len = 0; len < text.len; len++)
		ck_assert_int_ne(receipt_verify(base_slice(text.data, len), world.policy, NULL), BASE_OK);
	base_buf_byte(&text, '\n');
	ck_assert_int_ne(receipt_verify(BYTES_OF(text), world.policy, NULL), BASE_OK);
	base_buf_free(&text);
	world_free(&world);
}
END_TEST

START_TEST(receipt_of_another_entry_or_policy_does_not_verify)
{
	struct base_buf text = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct proof_receipt receipt;
	struct proof_verdict verdict;
	struct proof_policy *stranger;
	struct base_hash leaf = proof_leaf(TEXT("entry 5"));
	struct base_buf policy = BASE_BUF_INIT;
	struct world world;

	world_make(&world, 11);
	receipt_of(&text, &world, 6);
	OK(proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	REFUSED(BASE_MISMATCH, proof_receipt_check(&receipt, world.policy, &leaf, &checkpoint, &verdict, ERR));
	base_buf_print(&policy, "log ");
	vkey_text(&policy, 7, "log.example/1", PROOF_ED25519);
	base_buf_print(&policy, "\nquorum none\n");
	OK(proof_policy_parse(&stranger, BYTES_OF(policy), ERR));
	leaf = proof_leaf(TEXT("entry 6"));
	OK(proof_receipt_check(&receipt, world.policy, &leaf, &checkpoint, &verdict, ERR));
	REFUSED(BASE_MISMATCH, proof_receipt_check(&receipt, stranger, &leaf, &checkpoint, &verdict, ERR));
	proof_policy_close(stranger);
	proof_receipt_free(&receipt);
	base_buf_free(&policy);
	base_buf_free(&text);
	world_free(&world);
}
END_TEST

START_TEST(receipt_without_extra_has_no_extra_line)
{
	struct base_buf text = BASE_BUF_INIT;
	struct proof_path path = {0};
	struct proof_receipt receipt;

	proof_receipt_format(&text, base_slice(NULL, 0), 3, &path, TEXT(NOTE));
	ck_assert(base_slice_equal(BYTES_OF(text), TEXT(START "index 3\n\n" NOTE)));
	OK(proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	ck_assert_uint_eq(receipt.extra.len, 0);
	ck_assert_uint_eq(receipt.extra_base64.len, 0);
	proof_receipt_free(&receipt);
	base_buf_free(&text);
}
END_TEST

START_TEST(receipt_when_malformed_is_refused)
{
	static const struct {
		enum base_code code;
		const char *text;
	} bad[] = {
		{BASE_MALFORMED, ""},
		{BASE_MALFORMED, "c2sp.org/tlog-proof@v1"},
		{BASE_MALFORMED, START},
		{BASE_MALFORMED, "\n" START "index 3\n\n" NOTE},
		{BASE_VERSION, "c2sp.org/tlog-proof@v2\nindex 3\n\n" NOTE},
		{BASE_VERSION, "c2sp.org/tlog-proof@v1 \nindex 3\n\n" NOTE},
		{BASE_VERSION, "c2sp.org/tlog-proof@v1\r\nindex 3\r\n\r\n" NOTE},
		{BASE_MALFORMED, START "index 3\n" NOTE},
		{BASE_MALFORMED, START "index 3\n\n"},
		{BASE_MALFORMED, START "index 3\n\n\n" NOTE},
		{BASE_MALFORMED, START "\nindex 3\n\n" NOTE},
		{BASE_MALFORMED, START "index 03\n\n" NOTE},
		{BASE_MALFORMED, START "index +3\n\n" NOTE},
		{BASE_MALFORMED, START "index \n\n" NOTE},
		{BASE_MALFORMED, START "index\n\n" NOTE},
		{BASE_MALFORMED, START "index  3\n\n" NOTE},
		{BASE_MALFORMED, START "index 3 \n\n" NOTE},
		{BASE_MALFORMED, START "Index 3\n\n" NOTE},
		{BASE_MALFORMED, START "index 18446744073709551616\n\n" NOTE},
		{BASE_MALFORMED, START "index 9\n\n" NOTE}, /* the tree has 9 */
		{BASE_MALFORMED, START "extra\nindex 3\n\n" NOTE},
		{BASE_MALFORMED, START "extra \nindex 3\n\n" NOTE},
		{BASE_MALFORMED, START "extra AA\nindex 3\n\n" NOTE},
		{BASE_MALFORMED, START "extra AB==\nindex 3\n\n" NOTE},
		{BASE_MALFORMED, START "extra AA==\nextra AA==\nindex 3\n\n" NOTE},
		{BASE_MALFORMED, START "index 3\nextra AA==\n\n" NOTE},
		{BASE_MALFORMED, START "extra AA=="},
		{BASE_MALFORMED, START "index 3\nAA==\n\n" NOTE},
		{BASE_MALFORMED, START "index 3\n" ROOT64 " \n\n" NOTE},
		{BASE_MALFORMED, START "index 3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\n" NOTE},
		{BASE_MALFORMED, START "index 3\n\no\n9\n" ROOT64 "\n"},
		{BASE_MALFORMED, START "index 3\n\no\n9\n\n" DASH " o AAAAAAA=\n"},
		{BASE_MALFORMED, START "index 3\n\n" NOTE "\n"},
	};
	struct proof_receipt receipt;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct base_error err = {""};
		enum base_code code = proof_receipt_parse(&receipt, TEXT(bad[i].text), &err);

		ck_assert_msg(code == bad[i].code, "%zu: %s, %s", i, base_code_name(code), err.text);
		ck_assert(err.text[0] != '\0');
		ck_assert_ptr_null(receipt.extra.data);
	}
	OK(proof_receipt_parse(&receipt, TEXT(START "extra AA==\nindex 3\n" ROOT64 "\n\n" NOTE), ERR));
	proof_receipt_free(&receipt);
}
END_TEST

START_TEST(receipt_over_the_limits_is_refused)
{
	struct base_buf text = BASE_BUF_INIT, extra = BASE_BUF_INIT;
	struct proof_receipt receipt;
	struct proof_path path = {0};
	const uint8_t *end;

	while (extra.len < PROOF_EXTRA_BYTES_MAX)
		base_buf_byte(&extra, 'e');
	proof_receipt_format(&text, BYTES_OF(extra), 3, &path, TEXT(NOTE));
	/* The longest line is one that public tools read. */
	end = memchr(text.data + strlen(START), '\n', text.len - strlen(START));
	ck_assert_int_lt(end - (text.data + strlen(START)), 65536);
	OK(proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	proof_receipt_free(&receipt);
	for (int more = 1; more <= 3; more++) {
		base_buf_byte(&extra, 'e');
		text.len = 0;
		base_buf_print(&text, START "extra ");
		base_base64(&text, BYTES_OF(extra));
		base_buf_print(&text, "\nindex 3\n\n" NOTE);
		REFUSED(BASE_LIMIT, proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	}
	text.len = 0;
	base_buf_print(&text, START "index 3\n");
	for (int i = 0; i < 64; i++)
		base_buf_print(&text, ROOT64 "\n");
	base_buf_print(&text, "\n" NOTE);
	OK(proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	ck_assert_uint_eq(receipt.path.count, 64);
	proof_receipt_free(&receipt);
	text.len = 0;
	base_buf_print(&text, START "index 3\n");
	for (int i = 0; i < 65; i++)
		base_buf_print(&text, ROOT64 "\n");
	base_buf_print(&text, "\n" NOTE);
	REFUSED(BASE_LIMIT, proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	while (text.len <= PROOF_RECEIPT_BYTES_MAX)
		base_buf_print(&text, ROOT64 "\n");
	REFUSED(BASE_LIMIT, proof_receipt_parse(&receipt, BYTES_OF(text), ERR));
	base_buf_free(&text);
	base_buf_free(&extra);
}
END_TEST

SUITE_RUN("receipt", receipt_of_every_entry_reads_back_and_verifies, receipt_when_any_bit_is_changed_is_refused,
	  receipt_of_another_entry_or_policy_does_not_verify, receipt_without_extra_has_no_extra_line,
	  receipt_when_malformed_is_refused, receipt_over_the_limits_is_refused)
