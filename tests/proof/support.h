/* What the tests of proof share: a tree in memory, keys, notes, vectors, blocks of documents. */
#ifndef TESTS_PROOF_SUPPORT_H
#define TESTS_PROOF_SUPPORT_H

#include "ledger/proof/proof.h"

#include <check.h>

/* ---- A tree in memory ---- */

struct tree {
	struct base_hash *hashes; /* by stored index */
	uint64_t count;
	struct proof_frontier frontier;
};
void tree_add(struct tree *tree, struct base_slice entry);
void tree_add_leaf(struct tree *tree, const struct base_hash *leaf);
void tree_free(struct tree *tree);
enum base_code tree_get(void *tree, uint64_t stored_index, struct base_hash *out, struct base_error *err);
/* MTH(D[low:high]) by RFC 9162's recursive definition, from the leaf hashes alone. */
struct base_hash naive_root(const struct tree *tree, uint64_t low, uint64_t high);

/* ---- Keys and notes ---- */

/* Raw 32 bytes are all `seed`: the examples of docs/formats use the same. */
struct keys_private *key_of(uint8_t seed, enum keys_purpose purpose);
void vkey_of(struct proof_vkey *out, uint8_t seed, const char *name, enum proof_note_alg alg);
/* Appends the vkey as text. */
void vkey_text(struct base_buf *out, uint8_t seed, const char *name, enum proof_note_alg alg);
void note_sign(struct base_buf *note, struct base_slice text, uint8_t seed, const char *name);
void note_cosign(struct base_buf *note, struct base_slice text, uint8_t seed, const char *name, uint64_t time_s);
/* A line of any bytes, for algorithms that we cannot sign with. */
void note_line(struct base_buf *note, const char *name, uint32_t key_id, struct base_slice signature);
/* The vkey of an ML-DSA-44 key of which every byte is `seed`, by its published layout. */
void ml_dsa_vkey_text(struct base_buf *out, uint8_t seed, const char *name, uint32_t *key_id);

/* ---- Files ---- */

/* Whole file; fails the test when it cannot be read. */
struct base_buf file_read(const char *path);
/* Folder of vectors (REGESTA_VECTORS, else ../shared/data) with a sub-folder of that name, or
 * NULL after printing "skipped". free() it. */
char *vectors_folder(const char *name);
/* Content of the fenced block of docs/formats/FILE whose fence says ```NAME. */
struct base_buf document_block(const char *file, const char *name);

#define BYTES_OF(buf) base_buf_slice(&(buf))
#define TEXT(s) base_slice_text(s)
/* BASE_OK, or the sentence is shown. */
#define OK(call)                                                          \
	do {                                                              \
		struct base_error ok_err = {""};                          \
		enum base_code ok_code = call;                            \
		ck_assert_msg(ok_code == BASE_OK, "%s", ok_err.text);     \
	} while (0)
#define ERR (&ok_err)
/* Fails with that code and says something. */
#define REFUSED(want, call)                                                                                       \
	do {                                                                                                      \
		struct base_error ok_err = {""};                                                                  \
		enum base_code ok_code = call;                                                                    \
		ck_assert_msg(ok_code == (want), "%s, %s", base_code_name(ok_code), ok_err.text);                 \
		ck_assert(ok_err.text[0] != '\0');                                                                \
	} while (0)

int suite_run(const char *name, const TTest *const *tests, size_t count);
#define SUITE_RUN(name, ...)                                                                                      \
	int main(void)                                                                                            \
	{                                                                                                         \
		const TTest *const tests[] = {__VA_ARGS__};                                                       \
		return suite_run(name, tests, sizeof(tests) / sizeof(tests[0]));                                  \
	}

#endif
