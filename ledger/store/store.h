/* store: LMDB with our errors, our tables and our faults.
 *
 * Tour
 *   One environment holds one ledger (or one register). Tables are named once, at
 *   open. One write transaction at a time, on one thread (LMDB's rule);
 *   readers never block the writer and see one commit's state.
 *   A commit is durable when store_commit returns: no NOSYNC, NOMETASYNC or
 *   WRITEMAP, except for a scratch environment.
 *   The map grows by itself: a full map is enlarged and the transaction that
 *   hit it fails with BASE_BUSY once, before anything was written: try again
 *   (with no other transaction of this process open, or it fails again).
 *   After a failed write a transaction can only be aborted: store_commit
 *   refuses, so that half a block never becomes durable.
 *   store_runs.c: postings, an index of (term -> leaf indices) in tiered
 *   sorted runs, merged step by step (measured: 1.8 µs an entry at 10M, where a random put costs 9).
 *
 * Keys of integer tables are 64-bit and in numeric order; others bytewise.
 */
#ifndef LEDGER_STORE_STORE_H
#define LEDGER_STORE_STORE_H

#include "ledger/base/base.h"

struct store;
struct store_txn;
typedef unsigned store_table; /* index into the names given to store_open */

#define STORE_READ_ONLY 1u
#define STORE_SCRATCH 2u   /* no syncs: for files that are thrown away */
#define STORE_CREATE 4u
/* The file comes from elsewhere: every page is checked before LMDB, which trusts its pages, follows it. */
#define STORE_CHECK 8u
#define STORE_KEY_BYTES_MAX 511 /* of LMDB; at least 1 */
struct store_spec {
	const char *name;
	bool integer_keys;
};
/* path: the folder, with data.mdb and lock.mdb. tables: count entries, borrowed for the life of the store.
 * Two processes: safe (LMDB's lock file); a stale reader of a dead process is cleared at open. The same folder may be
 * opened several times in one process, for writing first. STORE_READ_ONLY works on read-only media and in folders
 * that may not be written, unless somebody is using the ledger there (BASE_BUSY). BASE_NOT_FOUND: no data.mdb;
 * BASE_STORAGE: not ours, cut or damaged; BASE_VERSION: LMDB's own format is newer. */
BASE_MUST_USE enum base_code store_open(struct store **out, const char *path, const struct store_spec *tables, size_t count,
					unsigned flags, struct base_error *err);
void store_close(struct store *store);
/* write waits for another writer (any process). */
BASE_MUST_USE enum base_code store_begin(struct store_txn **out, struct store *store, bool write, struct base_error *err);
BASE_MUST_USE enum base_code store_commit(struct store_txn **txn, struct base_error *err); /* consumes *txn always */
void store_abort(struct store_txn **txn);                                            /* NULL is fine */
/* Slices are valid until the transaction ends or (in a write transaction) the next put. BASE_NOT_FOUND without text. */
BASE_MUST_USE enum base_code store_get(struct store_txn *txn, store_table t, struct base_slice key, struct base_slice *value);
BASE_MUST_USE enum base_code store_get_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_slice *value);
BASE_MUST_USE enum base_code store_put(struct store_txn *txn, store_table t, struct base_slice key, struct base_slice value,
				       struct base_error *err);
BASE_MUST_USE enum base_code store_put_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_slice value,
					   struct base_error *err);
/* key is greater than all in the table (asserted by LMDB: BASE_STORAGE if not). */
BASE_MUST_USE enum base_code store_append_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_slice value,
					      struct base_error *err);
/* BASE_NOT_FOUND, without text, if there is no such key. */
BASE_MUST_USE enum base_code store_delete(struct store_txn *txn, store_table t, struct base_slice key, struct base_error *err);
BASE_MUST_USE enum base_code store_delete_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_error *err);
/* Largest key of an integer table, or BASE_NOT_FOUND. */
BASE_MUST_USE enum base_code store_last_u64(struct store_txn *txn, store_table t, uint64_t *key, struct base_slice *value);
/* Largest key <= at of an integer table, or BASE_NOT_FOUND without text. */
BASE_MUST_USE enum base_code store_floor_u64(struct store_txn *txn, store_table t, uint64_t at, uint64_t *key,
					     struct base_slice *value);
/* Walks keys >= from in order until visit returns false. visit does not write. */
typedef bool (*store_visit_fn)(void *arg, struct base_slice key, struct base_slice value);
BASE_MUST_USE enum base_code store_walk(struct store_txn *txn, store_table t, struct base_slice from, store_visit_fn visit, void *arg,
					struct base_error *err);
typedef bool (*store_visit_u64_fn)(void *arg, uint64_t key, struct base_slice value);
BASE_MUST_USE enum base_code store_walk_u64(struct store_txn *txn, store_table t, uint64_t from, store_visit_u64_fn visit, void *arg,
					    struct base_error *err);
/* A consistent copy of a store in use, compacted, synced, into a new folder. */
BASE_MUST_USE enum base_code store_copy(struct store *store, const char *folder, struct base_error *err);

/* ---- Postings ----------------------------------------------------------- */

/* term: the first 8 bytes of a hash of what is looked up; value: a leaf index.
 * Two things may share a term: the caller confirms in the entry. */
struct store_posting {
	uint64_t term;
	uint64_t value;
};
/* runs: an integer table of the environment that belongs to the index alone.
 * Adds a block's postings within txn and does one bounded step of merging. The
 * postings are sorted by the call; the same (term, value) twice is one. Everything, the metadata too, is in txn. */
BASE_MUST_USE enum base_code store_postings_add(struct store_txn *txn, store_table runs, struct store_posting *postings, size_t count,
						struct base_error *err);
/* All values of a term in ascending order, appended to *values (base_realloc'ed; the caller frees). limit 0 = all. */
BASE_MUST_USE enum base_code store_postings_find(struct store_txn *txn, store_table runs, uint64_t term, uint64_t **values,
						 size_t *count, size_t limit, struct base_error *err);

#endif
