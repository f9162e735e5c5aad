/* payload: the data itself, encrypted, off the ledger, addressed by content.
 *
 * Tour
 *   1. Sealing. Padding (a least length, then Padmé), then Tink's AES256_GCM_HKDF_1MB streaming
 *      format under a fresh key; segment i is leaf i of the DAG. docs/formats/payload.md
 *   2. The key commitment kc: GCM does not commit to its key, so every opener checks it.
 *   3. The DAG: UnixFS in the profile unixfs-v1-2025; the CID that Kubo computes.
 *   4. The store: one folder of payloads with their JWEs, verified on read.
 *   5. CAR v1, written and read strictly.
 *
 * Files, in reading order: seal.c and open.c (1, 2), pb.c, dag.c, folder.c and hamt.c (3),
 * store.c, temporary.c, payloads.c, copy.c and erase.c (4), car.c and car_payload.c (5).
 *
 * All of it streams: memory does not depend on the size of a file. Any thread, one at a time per object.
 */
#ifndef LEDGER_PAYLOAD_PAYLOAD_H
#define LEDGER_PAYLOAD_PAYLOAD_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"
#include "ledger/wire/wire.h"

/* ---- 1. Sealing --------------------------------------------------------- */

#define PAYLOAD_SEGMENT_BYTES 1048576u
/* A plaintext is at most 16 TiB; what claims more is refused before anything is read. */
#define PAYLOAD_PLAINTEXT_BYTES_MAX (UINT64_C(1) << 44)
/* Padmé(L): Nikitin et al., PURBs (2019), §4: at most 12 % more, leaks O(log log L) bits. */
uint64_t payload_padme(uint64_t len);
/* Padmé tells short texts apart ("verum", "placebo"): a frame (length prefix, data, padding) has no fewer bytes than this. */
#define PAYLOAD_FRAME_BYTES_MIN 1024u
/* Bytes of the frame of n bytes of data: the one length that an opener takes. */
uint64_t payload_frame_len(uint64_t n);
/* Ciphertext length of a plaintext of n bytes (u64 length prefix, padding, header, tags included). */
uint64_t payload_sealed_len(uint64_t n);

/* Reads some bytes into buf: *got 0 = end. A failure's code and text are handed on as they are. */
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
 * and 7 random bytes (given, so that tests are reproducible).
 * write gets one whole segment of the ciphertext at a time: a leaf of the DAG. */
struct payload_seal {
	uint8_t key[32];
	uint8_t salt[32];
	uint8_t nonce_prefix[7];
};
BASE_MUST_USE enum base_code payload_seal_random(struct payload_seal *out, struct base_error *err);
BASE_MUST_USE enum base_code payload_seal_stream(const struct payload_seal *seal, const struct payload_context *context,
						 uint64_t plaintext_len, payload_read_fn read, void *read_arg,
						 payload_write_fn write, void *write_arg, struct base_error *err);
/* Opens; writes plaintext as it verifies, segment by segment (the caller throws
 * away what it wrote if the result is not BASE_OK); checks the length prefix and that the tail is zero.
 * BASE_MISMATCH: wrong key, wrong context or damaged. BASE_MALFORMED: it decrypts, but no payload is in it. */
BASE_MUST_USE enum base_code payload_open_stream(const uint8_t key[32], const struct payload_context *context,
						 payload_read_fn read, void *read_arg, payload_write_fn write,
						 void *write_arg, struct base_error *err);

/* ---- 2. Key commitment -------------------------------------------------- */

/* kc = HMAC-SHA256(key, "regesta/kc/v1" || CBOR [ledger, study, participant, kid, CID]).
 * participant: 32-byte reference or empty (null); study NULL = null. kid: the author's. */
struct base_hash payload_commitment(const uint8_t key[32], const struct base_hash *ledger, const char *study,
				    struct base_slice participant, const struct base_hash *kid,
				    const struct wire_cid *cid);

/* ---- 3. The DAG --------------------------------------------------------- */

/* Feeds bytes in order; emits every block (leaves first) to sink if not NULL. */
typedef enum base_code (*payload_block_fn)(void *arg, const struct wire_cid *cid, struct base_slice block,
					   struct base_error *err);
struct payload_dag;
struct payload_dag *payload_dag_begin(payload_block_fn sink, void *arg);
BASE_MUST_USE enum base_code payload_dag_add(struct payload_dag *dag, struct base_slice bytes, struct base_error *err);
/* Root CID; frees dag whether or not it succeeds. tsize: cumulative size of the root (for directory links). */
BASE_MUST_USE enum base_code payload_dag_end(struct payload_dag *dag, struct wire_cid *root, uint64_t *tsize,
					     struct base_error *err);
/* A file or a directory tree of the file system, plain, as `ipfs add -r` with the profile unixfs-v1-2025 would
 * (HAMT above 256 KiB too); for `regesta cid`. As that does, names in a folder that begin with a dot are left
 * out, and symbolic links are entered as links, not followed. Refused: a link that leads back to itself or to a
 * folder that it lies in, names that are not UTF-8, pipes and devices, a file that changes while it is read. */
BASE_MUST_USE enum base_code payload_cid_path(struct wire_cid *out, const char *path, struct base_error *err);

/* dag-pb and UnixFS nodes of anybody. Strict: fields in canonical order, none twice, none unknown,
 * minimal varints, CIDs well formed and whole, names UTF-8. What decodes, encodes to the same bytes. */
struct payload_pb_link {
	struct base_slice cid, name;
	bool has_name, has_tsize;
	uint64_t tsize;
};
/* Refuses what a decoder must not meet: links without a CID, names that are not UTF-8 or not in
 * ascending bytewise order (an absent name counts as empty). Appends to out; nothing on failure. */
BASE_MUST_USE enum base_code payload_pb_encode(struct base_buf *out, const struct payload_pb_link *links,
					       size_t link_count, struct base_slice data, bool has_data,
					       struct base_error *err);
/* visit (or NULL) is called per link, in the order of the block, which need not be that of the names.
 * data: borrowed; has_data false if absent. */
BASE_MUST_USE enum base_code payload_pb_decode(struct base_slice block, struct base_slice *data, bool *has_data,
					       void (*visit)(void *arg, const struct payload_pb_link *link), void *arg,
					       struct base_error *err);
/* The Data of a UnixFS node (proto2, written as Kubo writes it: ascending fields, block sizes not packed). */
enum payload_unixfs_type {
	PAYLOAD_UNIXFS_RAW = 0,
	PAYLOAD_UNIXFS_DIRECTORY = 1,
	PAYLOAD_UNIXFS_FILE = 2,
	PAYLOAD_UNIXFS_METADATA = 3,
	PAYLOAD_UNIXFS_SYMLINK = 4,
	PAYLOAD_UNIXFS_HAMT = 5,
};
struct payload_unixfs {
	enum payload_unixfs_type type;
	bool has_data, has_file_bytes, has_hash_type, has_fanout, has_mode;
	struct base_slice data;
	uint64_t file_bytes, hash_type, fanout, mode;
	uint64_t block_count, block_bytes_sum; /* of the blocksizes; the sum must not overflow */
	struct base_slice mtime; /* raw; empty if absent */
};
BASE_MUST_USE enum base_code payload_unixfs_decode(struct payload_unixfs *out, struct base_slice data,
						   struct base_error *err);

/* ---- 4. The store ------------------------------------------------------- */

#define PAYLOAD_JWE_BYTES_MAX 16384

/* A folder: <aa>/<cid>/{data, keys/<kid>.jwe}; aa is the first byte of the CID's digest in hex. What is
 * sealed or imported lies under a temporary name of this process until payload_store_sync() has made
 * it durable and renamed it: a payload is there whole or not at all. This object finds it before that too.
 * What a process that died left behind is removed when the store is next opened. */
struct payload_store;
BASE_MUST_USE enum base_code payload_store_open(struct payload_store **out, const char *folder, bool create,
						struct base_error *err);
/* Throws away what was not synced. */
void payload_store_close(struct payload_store *store);
/* Seals a source of known length into the store, wraps the key to each recipient, returns CID and sealed length.
 * The key is handed back for the commitment; the caller wipes it. */
BASE_MUST_USE enum base_code payload_store_seal(struct payload_store *store, const struct payload_context *context,
						uint64_t plaintext_len, payload_read_fn read, void *read_arg,
						const struct keys_public *recipients, size_t recipient_count,
						struct wire_cid *cid, uint8_t key[32], uint64_t *sealed_len,
						struct base_error *err);
/* Durability of everything sealed or imported since the last call: a few syncs for many files, before the event
 * is signed and sent. After a failure what was not in its place yet is gone and must be sealed again (a second sync
 * could call safe what the first one lost). */
BASE_MUST_USE enum base_code payload_store_sync(struct payload_store *store, struct base_error *err);
/* Adds a JWE for another recipient, or replaces the one that it has; durable at once, or with its payload. */
BASE_MUST_USE enum base_code payload_store_add_jwe(struct payload_store *store, const struct wire_cid *cid,
						   struct base_slice jwe, struct base_error *err);
BASE_MUST_USE enum base_code payload_store_jwe(struct payload_store *store, const struct wire_cid *cid,
					       const struct base_hash *kid, struct base_buf *jwe,
					       struct base_error *err);
/* Opens with an unwrapped key; the ciphertext's CID is recomputed along the way.
 * BASE_MISMATCH: the stored bytes are damaged. BASE_KEY: they are whole, and the key or the context is not theirs.
 * As for payload_open_stream(), what was written counts only with BASE_OK. */
BASE_MUST_USE enum base_code payload_store_open_stream(struct payload_store *store, const struct wire_cid *cid,
						       const uint8_t key[32], const struct payload_context *context,
						       payload_write_fn write, void *write_arg, struct base_error *err);
/* Recomputes the CID from the bytes: BASE_NOT_FOUND, BASE_MISMATCH or BASE_OK. */
BASE_MUST_USE enum base_code payload_store_check(struct payload_store *store, const struct wire_cid *cid, uint64_t *len,
						 struct base_error *err);
/* Destroys the keys (overwritten) and the ciphertext of a payload in its place; durable when it returns. After a failure
 * some of it may be left: doing it again goes on. What is not there is no error: *was_there says. */
BASE_MUST_USE enum base_code payload_store_erase(struct payload_store *store, const struct wire_cid *cid, bool *was_there,
						 struct base_error *err);
/* Every CID in the store, in the order of digests; visit returns false to stop. */
BASE_MUST_USE enum base_code payload_store_walk(struct payload_store *store,
						bool (*visit)(void *arg, const struct wire_cid *cid), void *arg,
						struct base_error *err);
/* Raw ciphertext in: refuses bytes whose CID is another. What is there already is kept if it is
 * intact and mended if it is not. */
BASE_MUST_USE enum base_code payload_store_import(struct payload_store *store, const struct wire_cid *cid,
						  payload_read_fn read, void *read_arg, struct base_error *err);

/* A payload with its JWEs into another store; the ciphertext is verified on the way.
 * Durable after payload_store_sync(to). */
BASE_MUST_USE enum base_code payload_store_copy(struct payload_store *from, struct payload_store *to,
						const struct wire_cid *cid, struct base_error *err);

/* ---- 5. CAR ------------------------------------------------------------- */

/* What go-car accepts by default; our own sections are a megabyte and some bytes. */
#define PAYLOAD_CAR_SECTION_BYTES_MAX (8u << 20)
#define PAYLOAD_CAR_HEADER_BYTES_MAX (1u << 20)
/* One payload as CAR v1, root first, depth first (Kubo's order). The store's bytes are verified before the
 * first is written. Needs 50 bytes of memory for each MiB of the payload. */
BASE_MUST_USE enum base_code payload_car_export(struct payload_store *store, const struct wire_cid *cid,
						payload_write_fn write, void *write_arg, struct base_error *err);
/* Reads a CAR strictly and stores the one payload that it holds: one root, all blocks of its DAG and no
 * others, each verified, the leaves in the order of the file. */
BASE_MUST_USE enum base_code payload_car_import(struct payload_store *store, payload_read_fn read, void *read_arg,
						struct wire_cid *cid, struct base_error *err);
/* Anybody's CAR (v1; v2 by its inner v1): counts and verdicts, for conformance. BASE_OK means that the
 * framing is right: a block that is not what its CID says counts in mismatches, one
 * under a hash function that is not ours (all but sha2-256 and identity) in unverifiable. */
struct payload_car_report {
	uint64_t version; /* 1 or 2 */
	uint64_t blocks, mismatches, unverifiable, roots;
};
BASE_MUST_USE enum base_code payload_car_check(struct payload_car_report *out, payload_read_fn read, void *read_arg,
					       struct base_error *err);

#endif
