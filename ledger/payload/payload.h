/* payload: the data itself, encrypted, off the ledger, addressed by content.
 *
 * Tour
 *   1. Sealing. Padmé padding, then Tink's AES256_GCM_HKDF_1MB streaming
 *      format under a fresh key; segment i is leaf i of the DAG. docs/formats/payload.md
 *   2. The key commitment kc: GCM does not commit to its key, so every opener checks it.
 *   3. The DAG: UnixFS in the profile unixfs-v1-2025; the CID that Kubo computes.
 *   4. The store: one folder of payloads with their JWEs, verified on read.
 *   5. CAR v1, written and read strictly.
 *
 * All of it streams: memory does not depend on the size of a file. Not thread-safe per object.
 */
#ifndef LEDGER_PAYLOAD_PAYLOAD_H
#define LEDGER_PAYLOAD_PAYLOAD_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"
#include "ledger/wire/wire.h"

/* ---- 1. Sealing --------------------------------------------------------- */

#define PAYLOAD_SEGMENT_BYTES 1048576u
/* Padmé(L): Nikitin et al., PURBs (2019), §4: at most 12 % more, leaks O(log log L) bits. */
uint64_t payload_padme(uint64_t len);
/* Ciphertext length of a plaintext of n bytes (u64 length prefix, padding, header, tags included). */
uint64_t payload_sealed_len(uint64_t n);

/* Reads some bytes into buf: *got 0 = end. */
typedef enum base_code (*payload_read_fn)(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err);
typedef enum base_code (*payload_write_fn)(void *arg, struct base_slice bytes, struct base_error *err);

/* Context that the ciphertext is bound to: AAD = CBOR [ledger, study or null, organisation]. */
struct payload_context {
	struct base_hash ledger;
	const char *study; /* NULL: none */
	const char *organisation;
};
/* Seals exactly plaintext_len bytes from read; a source that gives fewer or
 * more is refused (BASE_MALFORMED: "changed while it was read"). salt and prefix: 32
 * and 7 random bytes (given, so that tests are reproducible). */
struct payload_seal {
	uint8_t key[32];
	uint8_t salt[32];
	uint8_t nonce_prefix[7];
};
BASE_MUST_USE enum base_code payload_seal_random(struct payload_seal *out, struct base_error *err);
BASE_MUST_USE enum base_code payload_seal_stream(const struct payload_seal *seal, const struct payload_context *context,
						 uint64_t plaintext_len, payload_read_fn read, void *read_arg, payload_write_fn write,
						 void *write_arg, struct base_error *err);
/* Opens; writes plaintext as it verifies, segment by segment (the caller throws
 * away what it wrote if the result is not BASE_OK); checks the length prefix and that the tail is zero. */
BASE_MUST_USE enum base_code payload_open_stream(const uint8_t key[32], const struct payload_context *context, payload_read_fn read,
						 void *read_arg, payload_write_fn write, void *write_arg, struct base_error *err);

/* ---- 2. Key commitment -------------------------------------------------- */

/* kc = HMAC-SHA256(key, "regesta/kc/v1" || CBOR [ledger, study, participant, kid, CID]).
 * participant: 32-byte reference or empty (null); study NULL = null. kid: the author's. */
struct base_hash payload_commitment(const uint8_t key[32], const struct base_hash *ledger, const char *study,
				    struct base_slice participant, const struct base_hash *kid, const struct wire_cid *cid);

/* ---- 3. The DAG --------------------------------------------------------- */

/* Feeds bytes in order; emits every block (leaves first) to sink if not NULL. */
typedef enum base_code (*payload_block_fn)(void *arg, const struct wire_cid *cid, struct base_slice block, struct base_error *err);
struct payload_dag;
struct payload_dag *payload_dag_begin(payload_block_fn sink, void *arg);
BASE_MUST_USE enum base_code payload_dag_add(struct payload_dag *dag, struct base_slice bytes, struct base_error *err);
/* Root CID; frees dag whether or not it succeeds. tsize: cumulative size of the root (for directory links). */
BASE_MUST_USE enum base_code payload_dag_end(struct payload_dag *dag, struct wire_cid *root, uint64_t *tsize, struct base_error *err);
/* A file or a directory tree of the file system, plain, as `ipfs add --cid-profile=unixfs-v1-2025` would
 * (HAMT above 256 KiB too); for `regesta cid`. Symlink loops, non-UTF-8 names: refused. */
BASE_MUST_USE enum base_code payload_cid_path(struct wire_cid *out, const char *path, struct base_error *err);

/* dag-pb (strict: field order, canonical varints) and UnixFS nodes of anybody. */
struct payload_pb_link {
	struct base_slice cid, name;
	bool has_name, has_tsize;
	uint64_t tsize;
};
/* visit is called per link. data: borrowed; has_data false if absent. */
BASE_MUST_USE enum base_code payload_pb_decode(struct base_slice block, struct base_slice *data, bool *has_data,
					       void (*visit)(void *arg, const struct payload_pb_link *link), void *arg,
					       struct base_error *err);

/* ---- 4. The store ------------------------------------------------------- */

/* A folder: <aa>/<cid>/{data, keys/<kid>.jwe}. Written under a temporary name,
 * synced, renamed: a payload is there whole or not at all. */
struct payload_store;
BASE_MUST_USE enum base_code payload_store_open(struct payload_store **out, const char *folder, bool create, struct base_error *err);
void payload_store_close(struct payload_store *store);
/* Seals a source of known length into the store, wraps the key to each recipient, returns CID and sealed length.
 * The key is handed back for the commitment; the caller wipes it. */
BASE_MUST_USE enum base_code payload_store_seal(struct payload_store *store, const struct payload_context *context,
						uint64_t plaintext_len, payload_read_fn read, void *read_arg,
						const struct keys_public *recipients, size_t recipient_count, struct wire_cid *cid,
						uint8_t key[32], uint64_t *sealed_len, struct base_error *err);
/* Durability of everything sealed since the last call: one sync for many files (before the event is signed and sent). */
BASE_MUST_USE enum base_code payload_store_sync(struct payload_store *store, struct base_error *err);
/* Adds a JWE for another recipient. */
BASE_MUST_USE enum base_code payload_store_add_jwe(struct payload_store *store, const struct wire_cid *cid, struct base_slice jwe,
						   struct base_error *err);
BASE_MUST_USE enum base_code payload_store_jwe(struct payload_store *store, const struct wire_cid *cid, const struct base_hash *kid,
					       struct base_buf *jwe, struct base_error *err);
/* Opens with an unwrapped key; the ciphertext's CID is verified along the way. */
BASE_MUST_USE enum base_code payload_store_open_stream(struct payload_store *store, const struct wire_cid *cid, const uint8_t key[32],
						       const struct payload_context *context, payload_write_fn write, void *write_arg,
						       struct base_error *err);
/* Recomputes the CID from the bytes: BASE_NOT_FOUND, BASE_MISMATCH or BASE_OK. */
BASE_MUST_USE enum base_code payload_store_check(struct payload_store *store, const struct wire_cid *cid, uint64_t *len,
						 struct base_error *err);
/* Every CID in the store, in order of name. */
BASE_MUST_USE enum base_code payload_store_walk(struct payload_store *store,
						bool (*visit)(void *arg, const struct wire_cid *cid), void *arg, struct base_error *err);
/* Raw ciphertext in: refuses bytes whose CID is another. */
BASE_MUST_USE enum base_code payload_store_import(struct payload_store *store, const struct wire_cid *cid, payload_read_fn read,
						  void *read_arg, struct base_error *err);

/* ---- 5. CAR ------------------------------------------------------------- */

#define PAYLOAD_CAR_SECTION_BYTES_MAX (2u << 20)
/* One payload as CAR v1, root first, depth first (Kubo's order). */
BASE_MUST_USE enum base_code payload_car_export(struct payload_store *store, const struct wire_cid *cid, payload_write_fn write,
						void *write_arg, struct base_error *err);
/* Reads a CAR strictly and stores the one payload that it holds. */
BASE_MUST_USE enum base_code payload_car_import(struct payload_store *store, payload_read_fn read, void *read_arg, struct wire_cid *cid,
						struct base_error *err);
/* Anybody's CAR (v1; v2 by its inner v1): counts and verdicts, for conformance. */
struct payload_car_report {
	uint64_t blocks, mismatches, unverifiable, roots;
};
BASE_MUST_USE enum base_code payload_car_check(struct payload_car_report *out, payload_read_fn read, void *read_arg,
					       struct base_error *err);

#endif
