/* base: what every other room stands on.
 *
 * Tour
 *   1. Errors. Fallible functions return `enum base_code` (BASE_OK is 0) and
 *      take an optional `struct base_error *err` last, for one sentence that a
 *      person can act on. The numbers are the exit codes of the `regesta`
 *      command: they are documented and never change. Never branch on text:
 *      it is in the reader's language.
 *   2. Bytes. `struct base_slice` borrows, `struct base_buf` owns.
 *   3. Numbers. Big-endian stores and loads, checked addition.
 *   4. Hashes. SHA-256, incremental and in one call.
 *   5. Text. Hex, base64, UTF-8 check, RFC 3339 times.
 *   6. Files. Whole-file read with a limit, atomic durable write.
 *   7. Faults. Every write, sync and allocation of a commit passes
 *      base_fault(), so that a test can make the n-th of them fail.
 *
 * Thread: everything here is safe on any thread as long as an object is used
 * by one thread at a time. Allocation failure aborts (base_alloc); sizes that
 * come from outside are bounded before they are allocated.
 */
#ifndef LEDGER_BASE_BASE_H
#define LEDGER_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* ---- 1. Errors ---------------------------------------------------------- */

/* name, number (= exit code), meaning for documents and `--help` */
#define BASE_CODES(X)                                                                              \
	X(OK, 0, "success")                                                                        \
	X(MISMATCH, 1, "a signature, hash or proof does not verify; an audit found a deviation")   \
	X(USAGE, 2, "the command line is not understood")                                          \
	X(MALFORMED, 3, "input does not follow its format")                                        \
	X(LIMIT, 4, "input is over a limit of size or number")                                     \
	X(REFUSED, 5, "the ledger refuses the event; nothing was recorded")                        \
	X(NOT_FOUND, 6, "what was named does not exist")                                           \
	X(EXISTS, 7, "what was to be made exists already")                                         \
	X(KEY, 8, "a key or passphrase is missing, wrong or not authorised")                       \
	X(IO, 9, "the operating system reported an error")                                         \
	X(NO_SPACE, 10, "no room on the disk; nothing was lost")                                   \
	X(STORAGE, 11, "the ledger's database is damaged or cannot be used")                       \
	X(VERSION, 12, "made by a newer version of Regesta")                                       \
	X(BUSY, 13, "somebody else holds the lock; try again")                                     \
	X(DENIED, 14, "recorded, but as refused: its author has no authority for it")              \
	X(INTERRUPTED, 15, "interrupted; run the same command again to go on")

enum base_code {
#define X(name, number, text) BASE_##name = (number),
	BASE_CODES(X)
#undef X
};

#define BASE_MUST_USE __attribute__((warn_unused_result))
#define BASE_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))

#define BASE_ERROR_BYTES 1024
/* One sentence, layered outermost first: "submit scan.dcm: seal: ...". */
struct base_error {
	char text[BASE_ERROR_BYTES];
};

/* Sets err (if not NULL) to the formatted text and returns code:
 *     return base_fail(err, BASE_LIMIT, "event is %zu bytes; at most %d", n, MAX);
 * The text never holds secrets or plaintext of payloads. */
enum base_code base_fail(struct base_error *err, enum base_code code, const char *format, ...) BASE_PRINTF(3, 4);
/* Puts "what: " before the text if code is not BASE_OK; returns code. */
enum base_code base_wrap(struct base_error *err, enum base_code code, const char *format, ...) BASE_PRINTF(3, 4);
/* As base_fail with strerror(errno) at the end; ENOSPC/EDQUOT become
 * BASE_NO_SPACE, ENOENT BASE_NOT_FOUND, EEXIST BASE_EXISTS, else BASE_IO. */
enum base_code base_fail_errno(struct base_error *err, const char *format, ...) BASE_PRINTF(2, 3);
/* The language of these texts: translate gives a format in another language with the same conversions, for ever, or returns what it got.
 * Set once, by a program, before there are threads; without it all texts are English. They are for people to read: nothing that is
 * hashed, signed or recorded may hold one, and base_wrap's caller may pass a text that is translated already. */
void base_translate(const char *(*translate)(const char *english));
/* Marks a literal that base_message is given later: in a table, or as an answer. */
#define BASE_WORDS(english) english
/* A literal in that language, for rooms that format texts for people themselves and for words within an error. */
const char *base_message(const char *english) __attribute__((format_arg(1)));
const char *base_code_name(enum base_code code); /* "MISMATCH" */
const char *base_code_text(enum base_code code);

/* Programmer mistakes only, always on; never on bytes from outside. */
#define BASE_ASSERT(condition) ((condition) ? (void)0 : base_assert_failed(#condition, __FILE__, __LINE__))
_Noreturn void base_assert_failed(const char *condition, const char *file, int line);

/* ---- 2. Bytes ----------------------------------------------------------- */

struct base_slice {
	const uint8_t *data; /* may be NULL when len is 0 */
	size_t len;
};
struct base_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
};
#define BASE_BUF_INIT ((struct base_buf){NULL, 0, 0})

struct base_slice base_slice(const void *data, size_t len);
struct base_slice base_slice_text(const char *text); /* without the NUL */
bool base_slice_equal(struct base_slice a, struct base_slice b); /* not constant-time */
int base_slice_compare(struct base_slice a, struct base_slice b); /* bytewise, shorter first on a tie */

/* Never fail: allocation failure aborts. */
void *base_alloc(size_t bytes); /* zeroed */
void *base_realloc(void *old, size_t bytes);
void base_buf_reserve(struct base_buf *buf, size_t more);
void base_buf_append(struct base_buf *buf, struct base_slice bytes);
void base_buf_byte(struct base_buf *buf, uint8_t byte);
void base_buf_print(struct base_buf *buf, const char *format, ...) BASE_PRINTF(2, 3);
struct base_slice base_buf_slice(const struct base_buf *buf);
void base_buf_free(struct base_buf *buf); /* buf is then BASE_BUF_INIT */
void base_buf_wipe(struct base_buf *buf); /* zeroes, then frees: for secrets */
void base_wipe(void *data, size_t len);   /* not optimised away */
bool base_equal_secret(const void *a, const void *b, size_t len); /* constant-time */

/* ---- 3. Numbers --------------------------------------------------------- */

void base_put_u16be(uint8_t out[2], uint16_t v);
void base_put_u32be(uint8_t out[4], uint32_t v);
void base_put_u64be(uint8_t out[8], uint64_t v);
uint16_t base_get_u16be(const uint8_t in[2]);
uint32_t base_get_u32be(const uint8_t in[4]);
uint64_t base_get_u64be(const uint8_t in[8]);
bool base_add_u64(uint64_t a, uint64_t b, uint64_t *sum); /* false on overflow */
/* Decimal without sign, space or leading zero (but "0"); false otherwise. */
bool base_parse_u64(struct base_slice text, uint64_t *out);

/* ---- 4. Hashes ---------------------------------------------------------- */

#define BASE_HASH_BYTES 32
struct base_hash {
	uint8_t bytes[BASE_HASH_BYTES];
};
/* OpenSSL's SHA256_* behind it: 120 ns for 65 bytes, where the EVP calls cost
 * 150 to 630 (measured). */
struct base_sha256 {
	uint64_t opaque[14];
};
void base_sha256_begin(struct base_sha256 *sha);
void base_sha256_add(struct base_sha256 *sha, struct base_slice bytes);
struct base_hash base_sha256_end(struct base_sha256 *sha);
struct base_hash base_sha256_of(struct base_slice bytes);
struct base_hash base_sha256_tagged(uint8_t tag, struct base_slice a, struct base_slice b); /* tag || a || b */
bool base_hash_equal(const struct base_hash *a, const struct base_hash *b);
struct base_slice base_hash_slice(const struct base_hash *hash);

/* ---- 5. Text ------------------------------------------------------------ */

void base_hex(char *out /* 2*len+1 */, struct base_slice bytes); /* lower case */
bool base_unhex(struct base_buf *out, struct base_slice text);   /* either case; even length */
void base_base64(struct base_buf *out, struct base_slice bytes); /* RFC 4648 §4, padded */
/* Strict: padding right, no spaces, unused bits zero. */
bool base_unbase64(struct base_buf *out, struct base_slice text);
void base_base64url(struct base_buf *out, struct base_slice bytes); /* RFC 4648 §5, unpadded */
bool base_unbase64url(struct base_buf *out, struct base_slice text);
/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong, ≤ U+10FFFF). */
bool base_utf8_valid(struct base_slice text);
/* Copies text fit for a terminal: control characters become U+FFFD, so that
 * no name from outside can move the cursor. */
void base_printable(struct base_buf *out, struct base_slice text);

/* Milliseconds since 1970-01-01T00:00:00Z; never negative. */
struct base_time {
	uint64_t ms;
};
#define BASE_TIME_TEXT_BYTES 40
/* RFC 3339 with any offset; years 0001 to 9999, before 1970 refused (BASE_LIMIT).
 * More than three digits of a fraction are cut. Leap second 60 refused.
 * offset_min (may be NULL): the offset as written; INT16_MIN for "-00:00". */
BASE_MUST_USE enum base_code base_time_parse(struct base_time *out, int16_t *offset_min, struct base_slice text,
					     struct base_error *err);
/* The form that RFC 3339 and ISO 8601 share, years 0000 to 9999: what other
 * programs may send. Wider than base_time_parse before 1970, narrower for
 * "-00:00", which ISO 8601 does not have. Conformance tests use it. */
bool base_time_syntax_valid(struct base_slice text);
/* "2026-03-01T09:30:00.125+02:00"; the fraction only when not zero; offset 0
 * is "Z", unknown (INT16_MIN) "-00:00". A time after the year 9999 is "@" and
 * the milliseconds; one that only the offset takes there is written in UTC. */
void base_time_format(char out[BASE_TIME_TEXT_BYTES], struct base_time time, int16_t offset_min);
/* "2026-03-01" is days since 1970-01-01; refuses 31 February. */
BASE_MUST_USE enum base_code base_day_parse(uint32_t *days, struct base_slice text, struct base_error *err);
void base_day_format(char out[16], uint32_t days);
/* The clock, for the shell of the programs only: never in core logic. */
struct base_time base_time_now(void);

/* ---- 6. Files ----------------------------------------------------------- */

/* Reads at most limit bytes; BASE_LIMIT if there are more. out is appended to. */
BASE_MUST_USE enum base_code base_file_read(struct base_buf *out, const char *path, size_t limit,
					    struct base_error *err);
/* As base_file_read, in folders that come from others: a pipe, which would be waited at, or a device is BASE_IO. */
BASE_MUST_USE enum base_code base_file_read_regular(struct base_buf *out, const char *path, size_t limit,
						    struct base_error *err);
/* Writes path.tmp-XXXXXX, syncs, renames, syncs the folder: whole or not at all.
 * mode: permission bits, e.g. 0600. replace: false refuses an existing file (BASE_EXISTS). */
BASE_MUST_USE enum base_code base_file_write(const char *path, struct base_slice bytes, mode_t mode, bool replace,
					     struct base_error *err);
/* And its parents; an existing folder is fine. */
BASE_MUST_USE enum base_code base_make_folder(const char *path, mode_t mode, struct base_error *err);
BASE_MUST_USE enum base_code base_sync_folder(const char *path, struct base_error *err);
/* write(2) until done, through base_fault(). */
BASE_MUST_USE enum base_code base_write_all(int fd, struct base_slice bytes, struct base_error *err);
/* malloc'ed "a/b" for base_path("a", "b"). */
char *base_path(const char *folder, const char *name);

/* ---- 7. Faults ---------------------------------------------------------- */

/* Test only: the n-th call (from 0) of base_fault() from now on, on any
 * thread, says true, once. Negative disarms. base_fault_count() is how many
 * calls there have been since arming. */
void base_fault_arm(int n);
int base_fault_count(void);
/* True: the caller acts as if the operation had failed (ENOSPC). */
bool base_fault(void);

#endif
