/* What the files of chain share.
 *
 *   entry.c, genesis.c   the bytes of leaves
 *   ledger.c             make, open, close; the tip in `meta`
 *   source.c             reading the tables inside one transaction; the executor's view of them
 *   work.c               one block in the making: execute, enter, seal into a write transaction
 *   block.c              chain_block: order, admit, commit, try again
 *   signed.c             the record of what this node signed
 *   checkpoint.c         signing and storing checkpoints
 *   read.c, receipt.c    snapshots, receipts, policies
 *   evidence.c, trail.c  the evidence files: their text, and making them
 *   tiles.c, rebuild.c   leaving
 */
#ifndef LEDGER_CHAIN_CHAIN_INTERNAL_H
#define LEDGER_CHAIN_CHAIN_INTERNAL_H

#include "ledger/chain/chain.h"

#include <pthread.h>

/* ---- Tables ------------------------------------------------------------- */

enum chain_table {
	CHAIN_ENTRIES,     /* leaf index -> entry */
	CHAIN_HASHES,      /* first stored index of a block's new hashes -> those hashes, 32 bytes each */
	CHAIN_BLOCKS,      /* height -> u64 BE leaf index of the block entry */
	CHAIN_ROWS,        /* height -> changes of the map (state room) */
	CHAIN_SIDE,        /* side state */
	CHAIN_POSTINGS,    /* term -> leaf indices (store room) */
	CHAIN_CHECKPOINTS, /* height -> signed note */
	CHAIN_META,        /* the names below */
	CHAIN_TABLES,
};
extern const struct store_spec chain_tables[CHAIN_TABLES];

#define CHAIN_META_FORMAT "format"       /* u64 BE */
#define CHAIN_META_TIP "tip"             /* u64 BE size || u64 BE height */
#define CHAIN_META_BUILDING "building"   /* there while a rebuild is unfinished */
#define CHAIN_META_RECOVERED "recovered" /* CBOR [name, log key, cosigner key or null]: keys made anew after a restore */

/* A full map is enlarged by the store when a transaction hits it; a big block on a small map needs that several times. */
#define CHAIN_ATTEMPTS 16

/* Where the ledger ends. */
struct chain_tip {
	uint64_t size;         /* leaves */
	uint64_t height;       /* of the last block */
	struct base_time time; /* of the last block */
	struct base_hash prev; /* app hash of the last block entry */
};

/* ---- Source: the tables inside one transaction ------------------------- */

struct chain_source {
	struct store_txn *txn; /* borrowed */
	uint64_t height;       /* state is read as of it */
	uint64_t *postings;    /* last answer; freed by chain_source_end */
	uint64_t row_first;    /* last row of hashes, of this transaction */
	struct base_slice row;
};
void chain_source_begin(struct chain_source *source, struct store_txn *txn, uint64_t height);
void chain_source_end(struct chain_source *source);
void chain_source_view(struct chain_source *source, struct state_view *view); /* borrows source */
enum base_code chain_source_tip(struct chain_source *source, struct chain_tip *tip, struct base_error *err);
enum base_code chain_source_entry(struct chain_source *source, uint64_t index, struct base_slice *bytes, struct base_error *err);
enum base_code chain_source_block(struct chain_source *source, uint64_t height, struct chain_block_entry *out, uint64_t *index,
				  struct base_slice *bytes, struct base_error *err);
enum base_code chain_source_hash(void *source, uint64_t stored_index, struct base_hash *out, struct base_error *err);

/* ---- Work: one block in the making -------------------------------------- */

struct chain_work {
	/* set by chain_work_open, kept from block to block */
	struct store_txn *txn;
	struct state_cache *cache; /* borrowed; may be NULL */
	const struct base_hash *id;
	struct base_slice origin;
	struct chain_tip tip;
	struct proof_frontier frontier;
	struct base_buf entries, hashes, lengths, outcome; /* scratch: entries one after the other; size_t each */
	/* the block in the making */
	struct chain_source source;
	struct state_view view;
	struct state_exec *exec;
	uint64_t height, count, first_hash;
	struct base_time time;
};
/* tip and frontier are set by the caller, or are zero for a new ledger. */
void chain_work_open(struct chain_work *work, const struct base_hash *id, struct base_slice origin, struct state_cache *cache);
void chain_work_close(struct chain_work *work);
/* Begins the block after tip (height 0 if the ledger is empty) in txn, a write transaction. */
void chain_work_begin(struct chain_work *work, struct store_txn *txn, struct base_time time);
/* Judges and enters one event whose signature is verified. *index: its leaf. Codes as state_exec_judge. */
enum base_code chain_work_admit(struct chain_work *work, const struct events_event *event, uint64_t *index,
				struct state_outcome *outcome, struct base_error *err);
enum base_code chain_work_genesis(struct chain_work *work, struct base_slice entry, struct base_error *err);
/* Writes the block into the transaction and moves tip and frontier on. expected (may be NULL): the block entry that must come out, else
 * BASE_MISMATCH before anything is written. After a failure the transaction must be aborted. */
enum base_code chain_work_seal(struct chain_work *work, const struct chain_block_entry *expected, struct base_error *err);
/* What was sealed is durable: the cache of state is right. Before chain_work_end. */
void chain_work_keep(struct chain_work *work);
void chain_work_end(struct chain_work *work); /* of the block; sealed or given up */

/* ---- What this node signed ---------------------------------------------- */

/* The record is a file of two slots, written in turn: a torn write leaves the other. */
struct chain_signed;
/* Makes the file if create. kid: of the log key. */
enum base_code chain_signed_open(struct chain_signed **out, const char *path, const struct base_hash *ledger, const struct base_hash *kid,
				 bool create, struct base_error *err);
void chain_signed_close(struct chain_signed *record);
/* Waits for other processes. Until unlock the last signed size (0: nothing yet) and root are known. */
enum base_code chain_signed_lock(struct chain_signed *record, uint64_t *size, struct base_hash *root, struct base_error *err);
/* Durable when it returns; also for the size that the record has already, whose sync may have failed. Between lock and unlock. */
enum base_code chain_signed_advance(struct chain_signed *record, uint64_t size, const struct base_hash *root, struct base_error *err);
void chain_signed_unlock(struct chain_signed *record);

/* ---- The ledger --------------------------------------------------------- */

#define CHAIN_KEYS_CACHED 1024 /* a power of two */
struct chain_cached_key {
	bool used;
	struct base_hash kid;
	struct keys_public key;
};
struct chain {
	struct store *store;
	char *folder;
	bool read_only;
	struct base_hash id;
	struct chain_genesis *genesis;
	struct chain_signer signer; /* copy; log NULL: no signer */
	char *cosign_name;
	/* the writer's thread */
	struct chain_work work;
	bool work_current; /* work.tip and work.frontier are of the last commit that this object knows */
	struct state_cache *cache;
	struct chain_signed *record;
	uint64_t record_size; /* the record agreed with the database when it said so */
	struct base_hash record_root;
	/* any thread, under lock */
	pthread_mutex_t lock;
	bool pending; /* a checkpoint that is signed but not stored */
	uint64_t pending_height;
	struct base_buf pending_note;
	struct chain_cached_key keys[CHAIN_KEYS_CACHED];
};
/* Brings work.tip and work.frontier up to what txn sees: another process may have appended. */
enum base_code chain_refresh(struct chain *chain, struct store_txn *txn, struct base_error *err);
enum base_code chain_tip_put(struct store_txn *txn, const struct chain_tip *tip, struct base_error *err);
/* Makes the folder, the tables and leaf 0 with its block; building: leaves the mark of an unfinished rebuild. */
enum base_code chain_found(const char *folder, struct base_slice genesis_entry, struct base_slice signatures, bool building,
			   struct base_error *err);
enum base_code chain_signatures_read(const char *folder, struct base_buf *out, struct base_error *err);

/* The nodes in force: those of genesis, with the keys that a recovered node made anew. nodes: as many as genesis names. */
enum base_code chain_nodes_load(const struct chain *chain, struct chain_source *source, struct chain_node *nodes, struct base_error *err);
/* Signs the boundary after height (durable, tree of size with root) and makes it pending. */
enum base_code chain_checkpoint_sign(struct chain *chain, uint64_t height, uint64_t size, const struct base_hash *root,
				     struct base_time time, struct base_error *err);
/* Puts what is pending into txn. The caller forgets it after the commit. */
enum base_code chain_checkpoint_put(struct chain *chain, struct store_txn *txn, struct base_error *err);
void chain_checkpoint_stored(struct chain *chain);
/* At open: the record against the database; signs the newest boundary if it is not. */
enum base_code chain_checkpoint_open(struct chain *chain, struct base_error *err);

/* ---- Order inside a block ----------------------------------------------- */

unsigned chain_group(const char *kind); /* 1 to 4: docs/formats/block.md */
/* order: out, count positions; stable. groups: of each. */
void chain_order(size_t *order, const unsigned char *groups, size_t count);

/* ---- Snapshots ---------------------------------------------------------- */

struct chain_read {
	struct chain *chain;
	struct store_txn *txn;
	struct chain_source source;
	struct chain_tip tip;
	bool has_signed; /* a boundary with a checkpoint: the newest */
	uint64_t signed_height, signed_size;
	struct base_buf note; /* its note */
};
/* The key of a kid, revoked or not. */
enum base_code chain_view_key(const struct state_view *view, const struct base_hash *kid, struct keys_public *out,
			      struct base_error *err);

#endif
