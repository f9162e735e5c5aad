/* What the files of store share.
 *
 * store_env is one opened file in this process. LMDB forbids opening a file
 * twice in one process (closing one of the two drops the locks of both), so
 * every store_open of the same file shares one store_env.
 */
#ifndef LEDGER_STORE_STORE_INTERNAL_H
#define LEDGER_STORE_STORE_INTERNAL_H

#include "ledger/store/store.h"

#include <lmdb.h>
#include <pthread.h>
#include <sys/types.h>

#define STORE_TABLES_MAX 64
#define STORE_READERS_MAX 1022

struct store_named {
	char *name;
	bool integer_keys;
	MDB_dbi dbi;
};
struct store_env {
	struct store_env *next;
	dev_t device;
	ino_t inode;
	unsigned users; /* stores; guarded by the registry's lock */
	bool read_only, scratch;
	struct store_named tables[STORE_TABLES_MAX]; /* guarded by the registry's lock */
	size_t table_count;

	MDB_env *mdb;
	pthread_mutex_t lock; /* guards what follows */
	unsigned active;      /* transactions of this process: the map cannot move under them */
	bool grow;            /* a transaction found the map full */
	bool writing;
	pthread_t writer;
};
struct store {
	struct store_env *env;
	char *path;
	const struct store_spec *tables;
	size_t count;
	MDB_dbi dbi[STORE_TABLES_MAX];
	bool read_only;
};

struct store_runs; /* decoded metadata of postings: store_runs.h */
struct store_txn {
	struct store *store;
	MDB_txn *mdb;
	bool write;
	enum base_code broken;   /* the first failed write: what was written before must not be committed alone */
	MDB_cursor *cursors[STORE_TABLES_MAX]; /* opened when first used */
	struct store_runs *runs; /* metadata of runs_table as this transaction sees it; NULL: not read yet */
	store_table runs_table;
};

/* Size of the map at first; a test makes it small to reach the growth. */
extern size_t store_map_bytes_first;

/* A transaction of LMDB, counted as active until store_env_leave; enlarges the map first where that is due and
 * possible. Returns LMDB's rc; EDEADLK if this thread is writing already. */
int store_env_begin(struct store_env *env, bool write, MDB_txn **out);
void store_env_leave(struct store_env *env, bool write);
enum base_code store_fail_lmdb(struct base_error *err, const char *path, int rc, const char *what);
/* The transaction's own failures: latches, and asks for a bigger map where that is the reason. */
enum base_code store_txn_fail(struct store_txn *txn, struct base_error *err, int rc, const char *what);
/* Cursor of a table for reading; rc of LMDB. */
int store_cursor(struct store_txn *txn, store_table t, MDB_cursor **out);
/* Before LMDB looks at a file: its meta pages, whose page size it divides by. */
enum base_code store_check_header(const char *path, unsigned flags, struct base_error *err);
/* Checks every page that the newest snapshot reaches (store_check.c). txnid: of a read transaction that holds it. */
enum base_code store_check_file(const char *path, uint64_t txnid, struct base_error *err);

#endif
