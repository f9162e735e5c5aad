/* What the tests of payload share: memory as source and sink, a folder of their own, the vectors, the
 * document's examples. */
#ifndef TESTS_PAYLOAD_SUPPORT_H
#define TESTS_PAYLOAD_SUPPORT_H

#include "ledger/payload/payload_internal.h"

#include <check.h>

/* Gives out bytes, at most step at a time (0: as many as asked for). */
struct source {
	struct base_slice bytes;
	size_t at, step;
	bool fail_at_end;
};
struct source source_of(struct base_slice bytes);
enum base_code source_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err);
/* A payload_write_fn into a base_buf. */
enum base_code sink_write(void *arg, struct base_slice bytes, struct base_error *err);
enum base_code sink_count(void *arg, struct base_slice bytes, struct base_error *err); /* arg: uint64_t * */

/* SHAKE-128("regesta-golden"), len bytes; malloc'ed. */
struct base_buf golden_bytes(size_t len);
/* Appends the bytes of a hex text; asserts that it is one. */
struct base_buf from_hex(const char *hex);
char *to_hex(struct base_slice bytes); /* malloc'ed */
void assert_hex(struct base_slice bytes, const char *hex);
void assert_cid(const struct wire_cid *cid, const char *text);
struct wire_cid cid_of(const char *text);

/* mkdtemp; removed with everything in it. */
char *folder_make(void);
void folder_remove(char *folder);
void put_file(const char *folder, const char *name, struct base_slice bytes);
/* Files below a folder, folders not counted. */
size_t count_files(const char *folder);

/* The folder of foreign vectors, or NULL (says so). */
const char *vectors(void);

/* The hex value of "name = ..." in a fence of docs/formats/payload.md (continued on lines that begin with a space). */
struct base_buf document_value(const char *name);

extern const struct payload_context CONTEXT;
extern const uint8_t KEY[32];
void seal_fixed(struct payload_seal *seal); /* KEY, salt 40.., prefix 60.. */
struct base_buf sealed_bytes(struct base_slice plain);

int run_suite(const char *name, void (*add)(Suite *suite));

#endif
