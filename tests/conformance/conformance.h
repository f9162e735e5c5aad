/* conformance: vectors of others against the rooms of ledger/. docs/conformance.md says what each suite checks.
 *
 *   main.c        the sub-folders of a folder of vectors, each with its suite; the sum
 *   tally.c       cases: passed, passed by refusal, failed, skipped
 *   files.c       walking folders, lines of text
 *   json.c        JSON whose numbers stay text
 *   cbor.c        a second, lax CBOR reader, to tell what a vector holds
 *   forms.c       JSON forms of CBOR and dag-pb (DAG-JSON, atproto), through our writers
 *   codec.c       files named by the CID of their bytes
 *   foreign.c     signatures of algorithms that are not ours, through OpenSSL
 *   car_reader.c  a second CAR reader
 *   vault.c       a ledger with a payload store, for everything that is a payload
 *   suite_*.c     one for each sub-folder that is more than payloads
 *
 * What a case must do is read from the file or follows from its place; no file is known by its name alone.
 */
#ifndef TESTS_CONFORMANCE_CONFORMANCE_H
#define TESTS_CONFORMANCE_CONFORMANCE_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"
#include "tests/conformance/json.h"

/* ---- Files --------------------------------------------------------------- */

#define VECTOR_BYTES_MAX (64u << 20)

struct file {
	char *path;
	char *name; /* from the folder of vectors on: "cose/CWT/A_3.json" */
};
struct files {
	struct file *list;
	size_t count, cap;
};
/* Every regular file below folder/name in order of name; symbolic links are left alone. */
BASE_MUST_USE enum base_code files_walk(struct files *out, const char *folder, const char *name,
					struct base_error *err);
/* Names of the folders in a folder, as names; those that begin with a dot are left out. */
BASE_MUST_USE enum base_code files_folders(struct files *out, const char *folder, struct base_error *err);
void files_free(struct files *files);
void files_add(struct files *files, const char *folder, const char *name);
bool file_in(const struct file *file, const char *part);    /* "car-fuzz": a folder of that name is in its path */
bool file_ends(const struct file *file, const char *end);   /* ".json" */
bool file_named(const struct file *file, const char *word); /* its own name holds the word */
const char *file_base(const struct file *file);		    /* "A_3.json" */
bool file_is_there(const struct file *file);		    /* as a regular file */
const struct file *files_find(const struct files *files, const char *name);

/* Cuts the next line off text, without its end. False at the end. */
bool line_next(struct base_slice *line, struct base_slice *text);
/* Cuts the next cell off a line; false at the end. */
bool cell_next(struct base_slice *cell, struct base_slice *line, char separator);
bool slice_has(struct base_slice text, const char *word);

/* ---- Cases --------------------------------------------------------------- */

struct notes {
	struct note {
		char *text;
		size_t cases;
	} *list;
	size_t count, cap;
};
struct run;
struct suite {
	const char *name;
	struct run *run;
	const struct files *files;
	const struct file *file; /* looked at now: what fails or is skipped is in it */
	size_t cases, passed, failed, skipped;
	struct notes failures, skips, refusals, payloads;
	struct files sealed; /* go into the ledger when the suite is through */
};
void case_pass(struct suite *s);
/* Passed, because our profile refused what is not of it. why: shared by many cases. */
void case_refused(struct suite *s, const char *why);
/* which: the case in the file, or NULL. */
void case_fail(struct suite *s, const char *which, const char *format, ...) BASE_PRINTF(3, 4);
void case_skip(struct suite *s, const char *format, ...) BASE_PRINTF(2, 3);
/* why NULL: passed; else failed. */
void case_end(struct suite *s, const char *which, const char *why);
/* The file is one case: it is sealed, recorded, opened, compared. why: the reason why the suite's own checks do
 * not read it, or NULL. */
void case_payload(struct suite *s, const char *why);
void suite_print(const struct suite *s);
void suite_free(struct suite *s);

/* The JSON of the file, or false: it was counted as payload, with the reason. */
bool suite_json(struct suite *s, struct json *out);
/* The bytes of the file, or false: counted as failed. */
bool suite_bytes(struct suite *s, struct base_buf *out);

/* ---- Suites -------------------------------------------------------------- */

struct vault;
struct run {
	const char *folder;
	struct base_buf index; /* INDEX.md, if it is there: some expectations stand only there */
	struct vault *vault;   /* made when first needed */
	size_t passed, failed, skipped;
};
void suite_cbor(struct suite *s);
void suite_cose(struct suite *s);
void suite_datetime(struct suite *s);
void suite_ecdsa(struct suite *s);
void suite_ipfs(struct suite *s);
void suite_merkle(struct suite *s);
void suite_payload(struct suite *s);
void suite_tlog(struct suite *s);
void suite_x509(struct suite *s);

/* The current file is a certificate, a revocation list or something else that must not pass for a key. */
void x509_case(struct suite *s);

/* ---- The ledger of payloads ---------------------------------------------- */

struct payload_store;

/* A ledger of one organisation in a new folder under TMPDIR, in solo; one a run, made when it is first asked for. */
BASE_MUST_USE enum base_code vault_of(struct run *run, struct base_error *err);
/* A store of its own for payloads that come as CARs, in the same folder. */
BASE_MUST_USE enum base_code vault_imports(struct run *run, struct payload_store **out, struct base_error *err);
/* Seals and records s->sealed, opens every file again; a case each. */
void vault_seal(struct vault *vault, struct suite *s);
/* Audits the whole ledger with its payloads, and says so; BASE_MISMATCH: each deviation was printed. */
BASE_MUST_USE enum base_code vault_audit(struct vault *vault, struct base_error *err);
void vault_close(struct vault *vault); /* and removes its folder; NULL is fine */

#endif
