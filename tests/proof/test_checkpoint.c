#include "tests/proof/support.h"

#include <stdlib.h>
#include <string.h>

#define DASH "\xe2\x80\x94"
#define ROOT64 "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

START_TEST(checkpoint_written_reads_back)
{
	static const uint64_t sizes[] = {1, 9, 10, 20852163, INT64_MAX, UINT64_MAX};
	struct base_hash root = base_sha256_of(TEXT("root"));

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct base_buf text = BASE_BUF_INIT;
		struct proof_checkpoint read;

		proof_checkpoint_format(&text, "example.com/behind the+sofa", sizes[i], &root);
		OK(proof_checkpoint_parse(&read, BYTES_OF(text), ERR));
		ck_assert(base_slice_equal(read.origin, TEXT("example.com/behind the+sofa")));
		ck_assert_uint_eq(read.size, sizes[i]);
		ck_assert(base_hash_equal(&read.root, &root));
		ck_assert_uint_eq(read.extensions.len, 0);
		base_buf_free(&text);
	}
}
END_TEST

START_TEST(checkpoint_of_the_specification_is_read)
{
	struct proof_checkpoint read;

	OK(proof_checkpoint_parse(&read, TEXT("example.com/behind-the-sofa\n20852163\n" ROOT64 "\nmore\nand more\n"),
				  ERR));
	ck_assert_uint_eq(read.size, 20852163);
	ck_assert(base_slice_equal(read.extensions, TEXT("more\nand more\n")));
}
END_TEST

START_TEST(checkpoint_when_malformed_is_refused)
{
	static const char *const bad[] = {
		"",
		"o\n",
		"o\n1\n",
		"o\n1\n" ROOT64,
		"\n1\n" ROOT64 "\n",
		"o\n\n" ROOT64 "\n",
		"o\n01\n" ROOT64 "\n",
		"o\n+1\n" ROOT64 "\n",
		"o\n-1\n" ROOT64 "\n",
		"o\n 1\n" ROOT64 "\n",
		"o\n1 \n" ROOT64 "\n",
		"o\n0x1\n" ROOT64 "\n",
		"o\n18446744073709551616\n" ROOT64 "\n",
		"o\n1\n\n",
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", /* a bit after the end */
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", /* 31 bytes */
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2Jh\n", /* 33 bytes */
		"o\n1\n" ROOT64 "\n\n",
		"o\n1\n" ROOT64 "\nmore",
		"o\n1\n" ROOT64 "\nmore\n\nmore\n",
		"o\n1\r\n" ROOT64 "\n",
		"o\xff\n1\n" ROOT64 "\n",
		"o\n0\n" ROOT64 "\n", /* the empty tree has one root */
	};
	struct proof_checkpoint read;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct base_error err = {""};

		ck_assert_msg(proof_checkpoint_parse(&read, TEXT(bad[i]), &err) == BASE_MALFORMED, "%zu", i);
		ck_assert(err.text[0] != '\0');
	}
	OK(proof_checkpoint_parse(&read, TEXT("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), ERR));
}
END_TEST

/* ---- Signatures ---- */

static void signed_checkpoint(struct base_buf *out)
{
	struct base_hash root = base_sha256_of(TEXT("root"));
	struct base_buf text = BASE_BUF_INIT;

	proof_checkpoint_format(&text, "log.example/1", 77, &root);
	base_buf_append(out, BYTES_OF(text));
	base_buf_byte(out, '\n');
	note_sign(out, BYTES_OF(text), 1, "log.example/1");
	note_cosign(out, BYTES_OF(text), 2, "witness.example/1", 1679315147);
	base_buf_free(&text);
}

START_TEST(signature_and_cosignature_verify_with_their_keys)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_vkey log, cosigner, cosigner_as_log;
	struct proof_note note;
	uint64_t time = 0;

	signed_checkpoint(&bytes);
	vkey_of(&log, 1, "log.example/1", PROOF_ED25519);
	vkey_of(&cosigner, 2, "witness.example/1", PROOF_COSIGNATURE);
	vkey_of(&cosigner_as_log, 2, "witness.example/1", PROOF_ED25519);
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert_uint_eq(note.count, 2);
	OK(proof_note_verify(&note, &log, NULL, ERR));
	OK(proof_note_verify(&note, &cosigner, &time, ERR));
	ck_assert_uint_eq(time, 1679315147);
	/* The type is part of the key id. */
	REFUSED(BASE_NOT_FOUND, proof_note_verify(&note, &cosigner_as_log, NULL, ERR));
	/* A key that only claims the id. */
	cosigner_as_log.key_id = cosigner.key_id;
	REFUSED(BASE_MISMATCH, proof_note_verify(&note, &cosigner_as_log, NULL, ERR));
	vkey_of(&cosigner_as_log, 3, "witness.example/1", PROOF_COSIGNATURE);
	cosigner_as_log.key_id = cosigner.key_id;
	REFUSED(BASE_MISMATCH, proof_note_verify(&note, &cosigner_as_log, NULL, ERR));
	base_buf_free(&bytes);
}
END_TEST

START_TEST(cosigned_message_is_header_time_and_text)
{
	struct base_buf line = BASE_BUF_INIT, decoded = BASE_BUF_INIT;
	struct base_slice text = TEXT("example.com/behind-the-sofa\n20852163\n" ROOT64 "\n");
	struct keys_private *key = key_of(5, KEYS_COSIGN);
	uint8_t want[64], time[8];

	OK(keys_sign(key, want,
		     TEXT("cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n" ROOT64 "\n"),
		     ERR));
	note_cosign(&line, text, 5, "w.example", 1679315147);
	ck_assert_uint_eq(line.data[line.len - 1], '\n');
	ck_assert(base_unbase64(&decoded, base_slice(line.data + strlen(DASH " w.example "),
						     line.len - 1 - strlen(DASH " w.example "))));
	ck_assert_uint_eq(decoded.len, 4 + 8 + 64);
	base_put_u64be(time, 1679315147);
	ck_assert_mem_eq(decoded.data + 4, time, 8);
	ck_assert_mem_eq(decoded.data + 12, want, 64);
	keys_private_close(key);
	base_buf_free(&line);
	base_buf_free(&decoded);
}
END_TEST

START_TEST(cosignature_of_the_latest_time_counts)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_slice text = TEXT("log.example/1\n77\n" ROOT64 "\n");
	struct proof_vkey cosigner;
	struct proof_note note;
	uint64_t time = 0;

	base_buf_append(&bytes, text);
	base_buf_byte(&bytes, '\n');
	note_cosign(&bytes, text, 2, "w", 200);
	note_cosign(&bytes, text, 2, "w", 300);
	note_cosign(&bytes, text, 2, "w", 100);
	vkey_of(&cosigner, 2, "w", PROOF_COSIGNATURE);
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	OK(proof_note_verify(&note, &cosigner, &time, ERR));
	ck_assert_uint_eq(time, 300);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(cosignature_with_an_impossible_time_is_refused)
{
	struct base_slice text = TEXT("log.example/1\n77\n" ROOT64 "\n");
	struct keys_private *key = key_of(2, KEYS_COSIGN);
	struct base_buf line = BASE_BUF_INIT, message = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	uint64_t late = (UINT64_C(1) << 63);
	struct proof_vkey cosigner;
	struct proof_note note;
	uint8_t signature[72];

	REFUSED(BASE_LIMIT, proof_note_cosign(&line, text, "w", late, key, ERR));
	ck_assert_uint_eq(line.len, 0);
	/* Signed all the same by somebody. */
	base_put_u64be(signature, late);
	base_buf_print(&message, "cosignature/v1\ntime %llu\n", (unsigned long long)late);
	base_buf_append(&message, text);
	OK(keys_sign(key, signature + 8, BYTES_OF(message), ERR));
	vkey_of(&cosigner, 2, "w", PROOF_COSIGNATURE);
	base_buf_append(&bytes, text);
	base_buf_byte(&bytes, '\n');
	note_line(&bytes, "w", cosigner.key_id, base_slice(signature, sizeof(signature)));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	REFUSED(BASE_MISMATCH, proof_note_verify(&note, &cosigner, NULL, ERR));
	keys_private_close(key);
	base_buf_free(&line);
	base_buf_free(&message);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(signature_of_another_length_is_refused)
{
	struct base_buf bytes = BASE_BUF_INIT, longer = BASE_BUF_INIT;
	struct proof_vkey log, cosigner;
	struct proof_note note;

	vkey_of(&log, 1, "a", PROOF_ED25519);
	vkey_of(&cosigner, 1, "b", PROOF_COSIGNATURE);
	for (size_t len = 1; len < 160; len++) {
		base_buf_byte(&longer, 'x');
		base_buf_print(&bytes, "text\n\n");
		note_line(&bytes, "a", log.key_id, BYTES_OF(longer));
		note_line(&bytes, "b", cosigner.key_id, BYTES_OF(longer));
		OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
		REFUSED(BASE_MISMATCH, proof_note_verify(&note, &log, NULL, ERR));
		REFUSED(BASE_MISMATCH, proof_note_verify(&note, &cosigner, NULL, ERR));
		base_buf_free(&bytes);
	}
	base_buf_free(&longer);
}
END_TEST

/* No byte of a checkpoint can be changed unnoticed as long as every line is by a known key. */
START_TEST(checkpoint_when_any_bit_is_changed_is_refused)
{
	struct base_buf bytes = BASE_BUF_INIT, policy_text = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct proof_verdict verdict;
	struct proof_policy *policy;
	struct proof_vkey log, cosigner;
	struct proof_note note;

	signed_checkpoint(&bytes);
	vkey_of(&log, 1, "log.example/1", PROOF_ED25519);
	vkey_of(&cosigner, 2, "witness.example/1", PROOF_COSIGNATURE);
	proof_policy_write(&policy_text, &log, 1, &cosigner, 1, 1);
	OK(proof_policy_parse(&policy, BYTES_OF(policy_text), ERR));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	OK(proof_policy_check(policy, &note, &checkpoint, &verdict, ERR));
	for (size_t i = 0; i < bytes.len * 8; i++) {
		struct base_error err = {""};
		enum base_code code;

		bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
		code = proof_note_parse(&note, BYTES_OF(bytes), &err);
		if (code == BASE_OK)
			code = proof_policy_check(policy, &note, &checkpoint, &verdict, &err);
		ck_assert_msg(code == BASE_MALFORMED || code == BASE_MISMATCH, "bit %zu: %s", i, base_code_name(code));
		ck_assert(err.text[0] != '\0');
		bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	proof_policy_close(policy);
	base_buf_free(&policy_text);
	base_buf_free(&bytes);
}
END_TEST

/* ---- Foreign checkpoints, tiles and entries ---- */

static void foreign_check(const char *folder, uint64_t size, const struct proof_vkey *vkey)
{
	char name[96], *path;
	struct base_buf bytes, bundle, tile;
	struct proof_checkpoint checkpoint;
	struct proof_note note;
	struct tree tree = {0};
	struct base_slice rest, entry;
	struct base_hash root;

	snprintf(name, sizeof(name), "checkpoint.%llu", (unsigned long long)size);
	path = base_path(folder, name);
	bytes = file_read(path);
	free(path);
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	OK(proof_note_verify(&note, vkey, NULL, ERR));
	OK(proof_checkpoint_parse(&checkpoint, note.text, ERR));
	ck_assert_uint_eq(checkpoint.size, size);
	if (size > 0) {
		proof_tile_path(name, -1, 0, (unsigned)size);
		path = base_path(folder, name);
		bundle = file_read(path);
		free(path);
		proof_tile_path(name, 0, 0, (unsigned)size);
		path = base_path(folder, name);
		tile = file_read(path);
		free(path);
		rest = BYTES_OF(bundle);
		for (uint64_t i = 0; i < size; i++) {
			OK(proof_bundle_next(&rest, &entry, ERR));
			tree_add(&tree, entry);
			ck_assert_mem_eq(tree.hashes[proof_stored_index(0, i)].bytes, tile.data + 32 * i, 32);
		}
		ck_assert_uint_eq(rest.len, 0);
		ck_assert_uint_eq(tile.len, 32 * size);
		base_buf_free(&bundle);
		base_buf_free(&tile);
	}
	root = proof_frontier_root(&tree.frontier);
	ck_assert(base_hash_equal(&root, &checkpoint.root));
	for (size_t i = 0; i < bytes.len; i++) {
		enum base_code code;

		bytes.data[i] ^= 1;
		code = proof_note_parse(&note, BYTES_OF(bytes), NULL);
		if (code == BASE_OK)
			code = proof_note_verify(&note, vkey, NULL, NULL);
		ck_assert_int_ne(code, BASE_OK);
		bytes.data[i] ^= 1;
	}
	tree_free(&tree);
	base_buf_free(&bytes);
}

START_TEST(foreign_checkpoints_verify_and_are_the_roots_of_their_entries)
{
	static const uint64_t sizes[] = {0, 1, 2, 4, 5, 6, 8, 9, 11, 12, 14, 15};
	char *folder = vectors_folder("tlog/tessera-log");
	struct proof_vkey vkey;

	if (folder == NULL)
		return;
	OK(proof_vkey_parse(&vkey,
			    TEXT("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"),
			    ERR));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		foreign_check(folder, sizes[i], &vkey);
	free(folder);
}
END_TEST

SUITE_RUN("checkpoint", checkpoint_written_reads_back, checkpoint_of_the_specification_is_read,
	  checkpoint_when_malformed_is_refused, signature_and_cosignature_verify_with_their_keys,
	  cosigned_message_is_header_time_and_text, cosignature_of_the_latest_time_counts,
	  cosignature_with_an_impossible_time_is_refused, signature_of_another_length_is_refused,
	  checkpoint_when_any_bit_is_changed_is_refused, foreign_checkpoints_verify_and_are_the_roots_of_their_entries)
