/* proof: what lets somebody verify without trusting a node. Pure; no storage.
 *
 * Tour
 *   1. The tree: RFC 9162 §2.1 hashes, inclusion and consistency proofs, over a
 *      callback that gives stored hashes; verification from the proof alone.
 *   2. Signed notes, verifier keys, checkpoints, cosignatures (C2SP signed-note,
 *      tlog-checkpoint, tlog-cosignature).
 *   3. Policies (C2SP tlog-policy).
 *   4. Receipts (C2SP tlog-proof).
 *   5. Tiles (C2SP tlog-tiles): paths and contents.
 *
 * docs/formats/checkpoint.md, receipt.md, policy.md, tiles.md. Any thread.
 */
#ifndef LEDGER_PROOF_PROOF_H
#define LEDGER_PROOF_PROOF_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"

/* ---- 1. The tree -------------------------------------------------------- */

struct base_hash proof_leaf(struct base_slice entry);                                     /* SHA-256(00 || entry) */
struct base_hash proof_node(const struct base_hash *left, const struct base_hash *right); /* SHA-256(01 || l || r) */
struct base_hash proof_empty_root(void);                                                  /* SHA-256("") */

/* Perfect-subtree hashes are stored in one append-only sequence: after leaf n come
 * the hashes that it completes, level by level (as golang.org/x/mod/sumdb/tlog does).
 * What can be stored ends at 2^63 leaves, where indices reach 2^64; both functions
 * answer UINT64_MAX beyond it, which is the index of no hash. Verification has no such end. */
#define PROOF_STORED_LEAVES_MAX (UINT64_C(1) << 63)
uint64_t proof_stored_index(unsigned level, uint64_t n); /* index of the hash of leaves [n<<level, (n+1)<<level) */
uint64_t proof_stored_count(uint64_t leaves);            /* how many hashes a tree of that size has stored */
typedef enum base_code (*proof_hash_fn)(void *arg, uint64_t stored_index, struct base_hash *out,
					struct base_error *err);
/* Root growing leaf by leaf without storage: the stack of perfect subtrees. */
struct proof_frontier {
	uint64_t size;
	struct base_hash stack[64]; /* left to right, so largest first */
	unsigned depth;
};
/* stored (may be NULL): called with each new stored hash, in order of stored index. */
void proof_frontier_add(struct proof_frontier *f, const struct base_hash *leaf,
			void (*stored)(void *arg, uint64_t stored_index, const struct base_hash *hash), void *arg);
struct base_hash proof_frontier_root(const struct proof_frontier *f);
/* BASE_LIMIT above PROOF_STORED_LEAVES_MAX, as everything below that takes a proof_hash_fn. */
BASE_MUST_USE enum base_code proof_frontier_load(struct proof_frontier *f, uint64_t size, proof_hash_fn get, void *arg,
						 struct base_error *err);
BASE_MUST_USE enum base_code proof_root(struct base_hash *out, uint64_t size, proof_hash_fn get, void *arg,
					struct base_error *err);

#define PROOF_HASHES_MAX 65 /* a consistency proof between sizes near 2^64; inclusion needs 64 */
struct proof_path {
	size_t count;
	struct base_hash hashes[PROOF_HASHES_MAX];
};
/* Inclusion of leaf index in the tree of size; siblings leaf first. BASE_NOT_FOUND when index >= size. */
BASE_MUST_USE enum base_code proof_inclusion(struct proof_path *out, uint64_t index, uint64_t size, proof_hash_fn get,
					     void *arg, struct base_error *err);
/* 1 <= old_size <= size, else BASE_NOT_FOUND: the empty tree is a prefix of every tree, and a proof of it says nothing. */
BASE_MUST_USE enum base_code proof_consistency(struct proof_path *out, uint64_t old_size, uint64_t size,
					       proof_hash_fn get, void *arg, struct base_error *err);
/* BASE_MISMATCH for whatever does not prove it; an old size of 0 is never proved (the caller decides what it means). */
BASE_MUST_USE enum base_code proof_inclusion_verify(const struct proof_path *path, uint64_t index, uint64_t size,
						    const struct base_hash *leaf, const struct base_hash *root,
						    struct base_error *err);
BASE_MUST_USE enum base_code proof_consistency_verify(const struct proof_path *path, uint64_t old_size, uint64_t size,
						      const struct base_hash *old_root, const struct base_hash *root,
						      struct base_error *err);

/* ---- 2. Notes ----------------------------------------------------------- */

#define PROOF_NAME_BYTES_MAX 255
#define PROOF_NOTE_BYTES_MAX 131072 /* 16 signatures of the longest post-quantum kind, which signed-note demands, fit */
#define PROOF_SIGNATURES_MAX 200
#define PROOF_VKEY_BYTES_MAX 1312
enum proof_note_alg { PROOF_ED25519 = 0x01, PROOF_COSIGNATURE = 0x04, PROOF_ML_DSA = 0x06 };
struct proof_vkey {
	char name[PROOF_NAME_BYTES_MAX + 1];
	uint32_t key_id;
	enum proof_note_alg alg;
	struct keys_public key;                 /* Ed25519; len 0 for ML-DSA-44, which we can read but not verify */
	uint8_t material[PROOF_VKEY_BYTES_MAX]; /* the public key as the vkey carries it */
	size_t material_len;
};
/* BASE_VERSION for a signature type that is not one of proof_note_alg. */
BASE_MUST_USE enum base_code proof_vkey_parse(struct proof_vkey *out, struct base_slice text, struct base_error *err);
void proof_vkey_format(struct base_buf *out, const struct proof_vkey *vkey);
/* key: Ed25519. alg is not PROOF_ML_DSA. name: what proof_name_valid accepts. */
void proof_vkey_make(struct proof_vkey *out, const char *name, enum proof_note_alg alg, const struct keys_public *key);

/* A key name: 1 to 255 bytes of UTF-8 without Unicode spaces, control characters or '+'. */
bool proof_name_valid(struct base_slice name);

struct proof_signature {
	struct base_slice name;
	uint32_t key_id;
	uint8_t bytes[72]; /* u64 time || 64 for a cosignature */
	size_t len;        /* of what was decoded; 0 if longer than bytes (unknown algorithm) */
};
struct proof_note {
	struct base_slice text; /* with its final newline */
	size_t count;
	struct proof_signature signatures[PROOF_SIGNATURES_MAX];
};
/* Signatures are split, not verified. Everything is borrowed from bytes. */
BASE_MUST_USE enum base_code proof_note_parse(struct proof_note *out, struct base_slice bytes, struct base_error *err);

struct proof_checkpoint {
	struct base_slice origin;
	uint64_t size;
	struct base_hash root;
	struct base_slice extensions; /* lines after the root, normally empty */
};
BASE_MUST_USE enum base_code proof_checkpoint_parse(struct proof_checkpoint *out, struct base_slice text,
						    struct base_error *err);
/* origin: not empty, no newline. */
void proof_checkpoint_format(struct base_buf *out, const char *origin, uint64_t size, const struct base_hash *root);
/* Appends a signature line over text. cosign: cosignature/v1 at time (seconds). */
BASE_MUST_USE enum base_code proof_note_sign(struct base_buf *line, struct base_slice text, const char *name,
					     const struct keys_private *key, struct base_error *err);
BASE_MUST_USE enum base_code proof_note_cosign(struct base_buf *line, struct base_slice text, const char *name,
					       uint64_t time_s, const struct keys_private *key, struct base_error *err);
/* Verifies the lines of vkey in note: BASE_NOT_FOUND if there is none, BASE_MISMATCH if one is wrong,
 * BASE_VERSION if there is one but of an algorithm that this version does not verify (ML-DSA-44).
 * time_s (may be NULL): of a cosignature, the latest; 0 for others. */
BASE_MUST_USE enum base_code proof_note_verify(const struct proof_note *note, const struct proof_vkey *vkey,
					       uint64_t *time_s, struct base_error *err);

/* ---- 3. Policies -------------------------------------------------------- */

struct proof_policy; /* opaque */
#define PROOF_POLICY_BYTES_MAX (1u << 20)
#define PROOF_POLICY_LINES_MAX 256 /* logs, and witnesses and groups together */
BASE_MUST_USE enum base_code proof_policy_parse(struct proof_policy **out, struct base_slice text,
						struct base_error *err);
void proof_policy_close(struct proof_policy *policy);
size_t proof_policy_logs(const struct proof_policy *policy);
size_t proof_policy_witnesses(const struct proof_policy *policy);
const struct proof_vkey *proof_policy_log(const struct proof_policy *policy, size_t i);     /* borrowed */
const struct proof_vkey *proof_policy_witness(const struct proof_policy *policy, size_t i); /* borrowed */
/* Writes a policy in the subset that public tools agree on (docs/formats/policy.md): the logs, the cosigners,
 * and a quorum of k of them; k 0 is "quorum none". */
void proof_policy_write(struct base_buf *out, const struct proof_vkey *logs, size_t log_count,
			const struct proof_vkey *cosigners, size_t cosigner_count, size_t k);
struct proof_verdict {
	size_t logs;         /* log lines that signed */
	size_t cosigners;    /* witnesses whose cosignature verifies */
	size_t unattributed; /* lines by keys that the policy does not know */
	size_t unverifiable; /* lines by keys that it knows, of an algorithm that this version does not verify */
	uint64_t earliest_s; /* over those cosigners, of the latest cosignature of each; 0 if there are none */
	uint64_t latest_s;
	char names[512];  /* key names of those cosigners, comma separated, fit for a terminal */
	char others[512]; /* key names of the unattributed and unverifiable lines */
};
/* Valid if a log signed whose name is the origin, and the quorum is met. A signature by a known key that is wrong
 * fails the note; one that cannot be verified counts for nothing. checkpoint borrows from note.
 * verdict is filled as far as it got when the note is not valid (BASE_MISMATCH). */
BASE_MUST_USE enum base_code proof_policy_check(const struct proof_policy *policy, const struct proof_note *note,
						struct proof_checkpoint *checkpoint, struct proof_verdict *verdict,
						struct base_error *err);

/* ---- 4. Receipts -------------------------------------------------------- */

#define PROOF_EXTRA_BYTES_MAX 49000 /* its line stays under the 64 KiB that public tools read */
#define PROOF_RECEIPT_BYTES_MAX (256u << 10)
struct proof_receipt {
	struct base_slice extra_base64; /* empty if none */
	struct base_buf extra;          /* decoded, owned */
	uint64_t index;
	struct proof_path path;
	struct base_slice note; /* the signed checkpoint, verbatim */
};
/* Structure of the whole file, the note and its checkpoint included; nothing is verified but that index < size. */
BASE_MUST_USE enum base_code proof_receipt_parse(struct proof_receipt *out, struct base_slice text,
						 struct base_error *err);
void proof_receipt_free(struct proof_receipt *receipt);
/* Steps 2 to 4 of tlog-proof: origin and log signature, cosignatures under the policy, inclusion of leaf. */
BASE_MUST_USE enum base_code proof_receipt_check(const struct proof_receipt *receipt, const struct proof_policy *policy,
						 const struct base_hash *leaf, struct proof_checkpoint *checkpoint,
						 struct proof_verdict *verdict, struct base_error *err);
/* extra: empty for none; at most PROOF_EXTRA_BYTES_MAX. */
void proof_receipt_format(struct base_buf *out, struct base_slice extra, uint64_t index, const struct proof_path *path,
			  struct base_slice note);

/* ---- 5. Tiles ----------------------------------------------------------- */

#define PROOF_TILE_WIDTH 256
#define PROOF_ENTRY_BYTES_MAX 65535 /* in a bundle */
/* "tile/0/x001/067", "tile/entries/000.p/12"; level -1 = entries. */
void proof_tile_path(char out[96], int level, uint64_t n, unsigned width /* 1..256 */);
/* Width of tile n of a level (0: no such tile) in a tree of size leaves; entries are as wide as level 0. */
unsigned proof_tile_width(int level, uint64_t n, uint64_t size);
BASE_MUST_USE enum base_code proof_tile_path_parse(int *level, uint64_t *n, unsigned *width, struct base_slice path,
						   struct base_error *err);
/* Hashes of tile (level, n) at a width, through stored hashes, appended to out. */
BASE_MUST_USE enum base_code proof_tile_hashes(struct base_buf *out, unsigned level, uint64_t n, unsigned width,
					       proof_hash_fn get, void *arg, struct base_error *err);
void proof_bundle_add(struct base_buf *out, struct base_slice entry); /* u16 BE length || entry; asserts <= 65,535 */
/* Takes the next entry off bundle; BASE_NOT_FOUND at the end, BASE_MALFORMED when cut. */
BASE_MUST_USE enum base_code proof_bundle_next(struct base_slice *bundle, struct base_slice *entry,
					       struct base_error *err);

#endif
