/* payload, inside: the pieces that several files of this room, its tests and fuzzers share. */
#ifndef LEDGER_PAYLOAD_PAYLOAD_INTERNAL_H
#define LEDGER_PAYLOAD_PAYLOAD_INTERNAL_H

#include "ledger/payload/payload.h"

#include <dirent.h>

/* ---- Sealing ------------------------------------------------------------ */

#define PAYLOAD_HEADER_BYTES 40 /* 28 | salt[32] | nonce prefix[7] */
#define PAYLOAD_TAG_BYTES 16
#define PAYLOAD_PREFIX_BYTES 8 /* true length before the data */
#define PAYLOAD_FIRST_BYTES (PAYLOAD_SEGMENT_BYTES - PAYLOAD_HEADER_BYTES - PAYLOAD_TAG_BYTES)
#define PAYLOAD_NEXT_BYTES (PAYLOAD_SEGMENT_BYTES - PAYLOAD_TAG_BYTES)

void payload_context_put(struct base_buf *out, const struct payload_context *context); /* the AAD */
/* Tink's stream without our framing: exactly frame_len bytes from read, which may be anything. For
 * tests that need ciphertexts whose inside is wrong. */
enum base_code payload_frame_seal(const struct payload_seal *seal, const struct payload_context *context,
				  uint64_t frame_len, payload_read_fn read, void *read_arg, payload_write_fn write,
				  void *write_arg, struct base_error *err);

/* Calls visit with each segment of a ciphertext; the buffer is visit's to change. */
typedef enum base_code (*payload_segment_fn)(void *arg, uint8_t *segment, size_t len, bool last,
					     struct base_error *err);
enum base_code payload_each_segment(payload_read_fn read, void *read_arg, payload_segment_fn visit, void *arg,
				    struct base_error *err);

/* Opens segments in order, in place. */
struct payload_opener {
	const uint8_t *key; /* borrowed */
	struct base_buf aad;
	struct keys_gcm *gcm; /* NULL before the first segment */
	uint8_t nonce_prefix[7];
	uint64_t index; /* of the next segment */
	uint64_t at; /* plaintext bytes so far, length prefix included */
	uint64_t len; /* true length, once known */
	uint64_t padded; /* what at must be in the end */
	payload_write_fn write;
	void *write_arg;
};
void payload_opener_begin(struct payload_opener *opener, const uint8_t key[32], const struct payload_context *context,
			  payload_write_fn write, void *write_arg);
/* A payload_segment_fn; arg: the opener. */
enum base_code payload_opener_segment(void *arg, uint8_t *segment, size_t len, bool last, struct base_error *err);
void payload_opener_end(struct payload_opener *opener);

/* ---- The DAG ------------------------------------------------------------ */

/* What decides the CID of a file besides its bytes. */
struct payload_profile {
	size_t chunk_bytes;
	size_t width; /* links of a node; at least 2 */
};
extern const struct payload_profile payload_profile_2025; /* unixfs-v1-2025 */
struct payload_dag *payload_dag_begin_as(const struct payload_profile *profile, payload_block_fn sink, void *arg);

/* A link to a DAG: what its parent says of it. */
struct payload_node {
	struct wire_cid cid;
	uint64_t tsize; /* bytes of all its blocks, as if none occurred twice */
	uint64_t file_bytes; /* of the file below it */
};

void payload_pb_put_link(struct base_buf *out, const struct payload_node *node, struct base_slice name);
void payload_pb_put_data(struct base_buf *out, struct base_slice data);
void payload_pb_put_field(struct base_buf *out, unsigned field, uint64_t v); /* varint */
void payload_pb_put_field_bytes(struct base_buf *out, unsigned field, struct base_slice bytes); /* length-delimited */

#define PAYLOAD_FOLDER_BLOCK_BYTES_MAX 262144 /* a directory's block; a larger one is a HAMT */

/* Entries of a folder; names are unique. */
struct payload_entry {
	char *name; /* malloc'ed */
	size_t name_len;
	uint64_t name_hash; /* murmur3, for the HAMT */
	struct payload_node node;
};
uint64_t payload_murmur3(struct base_slice bytes); /* first half of murmur3-x64-128, seed 0 */
/* Node of a folder, flat or HAMT; sorts entries. */
enum base_code payload_folder_node(struct payload_node *out, struct payload_entry *entries, size_t count,
				   struct base_error *err);
enum base_code payload_hamt_node(struct payload_node *out, struct payload_entry *entries, size_t count,
				 struct base_error *err);

/* ---- The store ---------------------------------------------------------- */

struct payload_pending {
	struct wire_cid cid;
	uint64_t serial; /* its folder is <temporary>/<serial> */
};
struct payload_store {
	char *folder;
	char *temporary; /* <folder>/tmp/<random> of this process; NULL until something is written */
	int temporary_lock;
	uint64_t serial_next;
	struct payload_pending *pending;
	size_t pending_count, pending_cap;
	/* Renamed, but their folder <aa> may not be synced yet. */
	bool touched[256];
	bool touched_top;
};

/* A payload that is being written. */
struct payload_writing {
	struct payload_store *store;
	char *folder; /* <temporary>/<serial> */
	uint64_t serial;
	int fd;
	struct payload_dag *dag;
	uint64_t len;
	uint64_t handed; /* of it, to the disk */
	bool has_keys;
};
/* len_hint: room that is set aside at the start, so that a full disk shows early; 0 if not known. */
enum base_code payload_writing_begin(struct payload_writing *w, struct payload_store *store, uint64_t len_hint,
				     payload_block_fn sink, void *sink_arg, struct base_error *err);
/* A payload_write_fn; arg: the payload_writing. */
enum base_code payload_writing_add(void *arg, struct base_slice bytes, struct base_error *err);
enum base_code payload_writing_jwe(struct payload_writing *w, struct base_slice jwe, struct base_error *err);
/* The CID of what was added. */
enum base_code payload_writing_end(struct payload_writing *w, struct wire_cid *cid, struct base_error *err);
void payload_writing_keep(struct payload_writing *w, const struct wire_cid *cid); /* pending; frees */
void payload_writing_drop(struct payload_writing *w); /* removes; frees; twice is fine */

/* temporary.c */
enum base_code payload_temporary_open(struct payload_store *store, struct base_error *err);
void payload_temporary_clean(struct payload_store *store); /* of processes that are gone; best effort */
void payload_temporary_close(struct payload_store *store);
void payload_remove_tree(const char *path); /* best effort; follows no links */
/* No link in the store is followed: it may come from others, and lead anywhere. */
bool payload_is_folder(const char *path); /* keeps errno */
DIR *payload_open_folder(const char *path); /* NULL with errno */
enum base_code payload_no_folder(const char *path, struct base_error *err); /* fails: that it is none */
bool payload_fault(void); /* base_fault(), with errno */
enum base_code payload_make_folder(const char *path, bool *made, struct base_error *err);
enum base_code payload_sync_path(const char *path, struct base_error *err); /* file or folder */
/* A new file of mode 0600 with bytes in it; not synced. */
enum base_code payload_write_file(const char *path, struct base_slice bytes, struct base_error *err);

/* Where a payload lies, malloc'ed: its folder if pending or published, else NULL. */
char *payload_find(const struct payload_store *store, const struct wire_cid *cid);
char *payload_published_path(const struct payload_store *store, const struct wire_cid *cid);
/* Appends the file of a JWE; BASE_NOT_FOUND if it is not there. */
enum base_code payload_jwe_read(struct base_buf *out, const char *path, struct base_error *err);
/* The data file of a payload, for reading; *fd is closed by the caller. */
enum base_code payload_data_open(const struct payload_store *store, const struct wire_cid *cid, int *fd,
				 struct base_error *err);
enum base_code payload_read_fd(void *arg, uint8_t *buf, size_t cap, size_t *got,
			       struct base_error *err); /* arg: int * */
/* CID of what an open file holds. */
enum base_code payload_data_cid(int fd, struct wire_cid *cid, uint64_t *len, payload_block_fn sink, void *sink_arg,
				struct base_error *err);

/* ---- CAR ---------------------------------------------------------------- */

struct payload_car {
	payload_read_fn read;
	void *read_arg;
	uint8_t *buf;
	size_t buf_at, buf_len;
	uint64_t at; /* bytes taken */
	uint64_t left; /* of the inner CAR v1; UINT64_MAX: until the end */
	uint64_t version;
	uint64_t index_at; /* of a v2: where it says that its index is */
	struct base_buf header, section;
};
/* One section; cid and block borrow from the reader until the next call. */
struct payload_section {
	struct wire_cid_any cid;
	struct base_slice cid_bytes, block;
	uint64_t at;
};
enum payload_verdict { PAYLOAD_VERIFIED, PAYLOAD_MISMATCH, PAYLOAD_UNVERIFIABLE };

/* root: the first root if there is one. */
enum base_code payload_car_open(struct payload_car *car, payload_read_fn read, void *read_arg, uint64_t *roots,
				struct base_slice *root, struct base_error *err);
/* *more false at the end. */
enum base_code payload_car_next(struct payload_car *car, struct payload_section *out, bool *more,
				struct base_error *err);
void payload_car_close(struct payload_car *car);
enum payload_verdict payload_section_verify(const struct payload_section *section);

#endif
