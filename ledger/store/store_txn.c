#include "ledger/store/store_internal.h"
#include "ledger/store/store_runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void lock(struct store_env *env)
{
	BASE_ASSERT(pthread_mutex_lock(&env->lock) == 0);
}

static void unlock(struct store_env *env)
{
	BASE_ASSERT(pthread_mutex_unlock(&env->lock) == 0);
}

/* ---- Transactions ------------------------------------------------------- */

/* The lock is held, and no transaction of this process uses the map. */
static int map_enlarge(struct store_env *env)
{
	MDB_envinfo info;
	int rc;

	if ((rc = mdb_env_info(env->mdb, &info)) != 0)
		return rc;
	if (info.me_mapsize > SIZE_MAX / 2)
		return ENOMEM;
	if ((rc = mdb_env_set_mapsize(env->mdb, info.me_mapsize * 2)) == 0)
		env->grow = false;
	return rc;
}

static int env_enter(struct store_env *env, bool write)
{
	int rc = 0;

	lock(env);
	if (write && env->writing && pthread_equal(env->writer, pthread_self()))
		rc = EDEADLK;
	else if (env->grow && write && env->active == 0)
		rc = map_enlarge(env);
	else if (env->grow && write)
		rc = MDB_MAP_FULL;
	if (rc == 0)
		env->active++;
	unlock(env);
	return rc;
}

/* Another process has made the file larger than our map. */
static int env_follow(struct store_env *env)
{
	int rc = MDB_MAP_RESIZED;

	lock(env);
	if (env->active == 0)
		rc = mdb_env_set_mapsize(env->mdb, 0);
	unlock(env);
	return rc;
}

int store_env_begin(struct store_env *env, bool write, MDB_txn **out)
{
	int rc;

	/* Twice each of the two reasons to try again is plenty. */
	for (int tries = 0;; tries++) {
		if ((rc = env_enter(env, write)) != 0)
			return rc;
		if ((rc = mdb_txn_begin(env->mdb, NULL, write ? 0 : MDB_RDONLY, out)) == 0)
			break;
		store_env_leave(env, false);
		if (tries == 4)
			return rc;
		if (rc == MDB_MAP_RESIZED)
			rc = env_follow(env);
		else if (rc == MDB_READERS_FULL && mdb_reader_check(env->mdb, NULL) == 0)
			rc = 0;
		if (rc != 0)
			return rc;
	}
	if (write) {
		lock(env);
		env->writing = true;
		env->writer = pthread_self();
		unlock(env);
	}
	return rc;
}

void store_env_leave(struct store_env *env, bool write)
{
	lock(env);
	BASE_ASSERT(env->active > 0);
	env->active--;
	if (write)
		env->writing = false;
	unlock(env);
}

enum base_code store_begin(struct store_txn **out, struct store *store, bool write, struct base_error *err)
{
	struct store_txn *txn;
	MDB_txn *mdb = NULL;
	int rc;

	if (write && store->read_only)
		return base_fail(err, BASE_USAGE, "%s: the database is open for reading only", store->path);
	if ((rc = store_env_begin(store->env, write, &mdb)) != 0) {
		if (rc == EDEADLK)
			return base_fail(err, BASE_BUSY, "%s: this thread is writing already", store->path);
		return store_fail_lmdb(err, store->path, rc, write ? BASE_WORDS("begin to write") : BASE_WORDS("begin to read"));
	}
	txn = base_alloc(sizeof(*txn));
	txn->store = store;
	txn->mdb = mdb;
	txn->write = write;
	*out = txn;
	return BASE_OK;
}

static void txn_free(struct store_txn *txn)
{
	store_env_leave(txn->store->env, txn->write);
	store_runs_free(txn->runs);
	free(txn);
}

/* LMDB frees the cursors of a write transaction with it, those of a read transaction never. */
static void cursors_close(struct store_txn *txn)
{
	for (size_t i = 0; i < txn->store->count && !txn->write; i++) {
		if (txn->cursors[i] != NULL)
			mdb_cursor_close(txn->cursors[i]);
	}
}

void store_abort(struct store_txn **txn)
{
	if (*txn == NULL)
		return;
	cursors_close(*txn);
	mdb_txn_abort((*txn)->mdb);
	txn_free(*txn);
	*txn = NULL;
}

/* LMDB reports a write that was cut short as an I/O error; mostly the disk is
 * full. Asked afterwards, by writing a file of the size of a commit. */
#define ROOM_BYTES (1u << 20)
static bool room_is_short(const char *folder)
{
	char *data = base_path(folder, "data.mdb");
	char *name = base_path(folder, "room-XXXXXX");
	struct rlimit limit;
	struct stat st;
	bool is_short = false;
	int fd;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && stat(data, &st) == 0)
		is_short = (uint64_t)st.st_size + ROOM_BYTES > limit.rlim_cur;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0) {
		uint8_t *zeros = base_alloc(ROOM_BYTES);
		ssize_t written = write(fd, zeros, ROOM_BYTES);

		is_short = is_short || (written < 0 ? errno == ENOSPC || errno == EDQUOT : written < (ssize_t)ROOM_BYTES);
		free(zeros);
		(void)close(fd);
		(void)unlink(name);
	} else if (errno == ENOSPC || errno == EDQUOT) {
		is_short = true;
	}
	free(name);
	free(data);
	return is_short;
}

enum base_code store_txn_fail(struct store_txn *txn, struct base_error *err, int rc, const char *what)
{
	enum base_code code;

	if (rc == EIO && room_is_short(txn->store->path))
		rc = ENOSPC;
	code = store_fail_lmdb(err, txn->store->path, rc, what);
	if (rc == MDB_MAP_FULL) {
		lock(txn->store->env);
		txn->store->env->grow = true;
		unlock(txn->store->env);
	}
	if (txn->write && txn->broken == BASE_OK)
		txn->broken = code;
	return code;
}

/* A failure that a test has asked for: as if the disk were full. */
static enum base_code fault(struct store_txn *txn, struct base_error *err, const char *what)
{
	return base_fault() ? store_txn_fail(txn, err, ENOSPC, what) : BASE_OK;
}

enum base_code store_commit(struct store_txn **txn, struct base_error *err)
{
	struct store_txn *t = *txn;
	enum base_code code = BASE_OK;
	int rc;

	if (!t->write) {
		store_abort(txn);
		return BASE_OK;
	}
	if (t->broken != BASE_OK)
		code = base_fail(err, t->broken, "%s: commit: a write of this block has failed, so nothing of it is kept",
				 t->store->path);
	/* Once for the pages, once for the sync and the page that makes them count. */
	else if ((code = fault(t, err, "commit: write")) == BASE_OK)
		code = fault(t, err, "commit: sync");
	if (code != BASE_OK) {
		store_abort(txn);
		return code;
	}
	if ((rc = mdb_txn_commit(t->mdb)) != 0)
		code = store_txn_fail(t, err, rc, "commit");
	txn_free(t);
	*txn = NULL;
	return code;
}

/* ---- Reading ------------------------------------------------------------ */

static MDB_dbi dbi_of(const struct store_txn *txn, store_table t, bool integer_keys)
{
	BASE_ASSERT(t < txn->store->count);
	BASE_ASSERT(txn->store->tables[t].integer_keys == integer_keys);
	return txn->store->dbi[t];
}

static MDB_val val(struct base_slice s)
{
	/* LMDB takes bytes to write through a pointer that is not const, and does not change them. */
	return (MDB_val){s.len, (void *)(uintptr_t)s.data};
}

static MDB_val val_u64(const uint64_t *key)
{
	return (MDB_val){sizeof(*key), (void *)(uintptr_t)key};
}

static uint64_t key_u64(const MDB_val *key)
{
	uint64_t v = 0;

	if (key->mv_size == sizeof(v))
		memcpy(&v, key->mv_data, sizeof(v));
	return v;
}

static enum base_code code_of(int rc)
{
	return rc == 0 ? BASE_OK : rc == MDB_NOTFOUND ? BASE_NOT_FOUND : BASE_STORAGE;
}

static enum base_code get(struct store_txn *txn, MDB_dbi dbi, MDB_val key, struct base_slice *value)
{
	MDB_val found;
	int rc = mdb_get(txn->mdb, dbi, &key, &found);

	if (rc == 0)
		*value = base_slice(found.mv_data, found.mv_size);
	return code_of(rc);
}

enum base_code store_get(struct store_txn *txn, store_table t, struct base_slice key, struct base_slice *value)
{
	/* LMDB calls these sizes an error; no such key exists. */
	if (key.len == 0 || key.len > STORE_KEY_BYTES_MAX)
		return BASE_NOT_FOUND;
	return get(txn, dbi_of(txn, t, false), val(key), value);
}

enum base_code store_get_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_slice *value)
{
	return get(txn, dbi_of(txn, t, true), val_u64(&key), value);
}

int store_cursor(struct store_txn *txn, store_table t, MDB_cursor **out)
{
	int rc = 0;

	if (txn->cursors[t] == NULL)
		rc = mdb_cursor_open(txn->mdb, txn->store->dbi[t], &txn->cursors[t]);
	*out = txn->cursors[t];
	return rc;
}

enum base_code store_last_u64(struct store_txn *txn, store_table t, uint64_t *key, struct base_slice *value)
{
	return store_floor_u64(txn, t, UINT64_MAX, key, value);
}

enum base_code store_floor_u64(struct store_txn *txn, store_table t, uint64_t at, uint64_t *key, struct base_slice *value)
{
	MDB_val k = val_u64(&at);
	MDB_val v;
	MDB_cursor *cursor;
	int rc;

	(void)dbi_of(txn, t, true);
	if ((rc = store_cursor(txn, t, &cursor)) != 0)
		return code_of(rc);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	if (rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
	else if (rc == 0 && key_u64(&k) != at)
		rc = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
	if (rc == 0) {
		*key = key_u64(&k);
		*value = base_slice(v.mv_data, v.mv_size);
	}
	return code_of(rc);
}

/* One of the two visit functions is NULL. */
static enum base_code walk(struct store_txn *txn, MDB_dbi dbi, MDB_val from, store_visit_fn visit, store_visit_u64_fn visit_u64,
			   void *arg, struct base_error *err)
{
	MDB_val k = from;
	MDB_val v;
	MDB_cursor *cursor;
	int rc;

	/* Not the cached cursor: visit may call store_floor_u64. */
	if ((rc = mdb_cursor_open(txn->mdb, dbi, &cursor)) != 0)
		return store_fail_lmdb(err, txn->store->path, rc, "walk");
	for (rc = mdb_cursor_get(cursor, &k, &v, from.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST); rc == 0;
	     rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
		struct base_slice value = base_slice(v.mv_data, v.mv_size);

		if (visit != NULL ? !visit(arg, base_slice(k.mv_data, k.mv_size), value) : !visit_u64(arg, key_u64(&k), value))
			break;
	}
	mdb_cursor_close(cursor);
	return rc == 0 || rc == MDB_NOTFOUND ? BASE_OK : store_fail_lmdb(err, txn->store->path, rc, "walk");
}

enum base_code store_walk(struct store_txn *txn, store_table t, struct base_slice from, store_visit_fn visit, void *arg,
			  struct base_error *err)
{
	return walk(txn, dbi_of(txn, t, false), val(from), visit, NULL, arg, err);
}

enum base_code store_walk_u64(struct store_txn *txn, store_table t, uint64_t from, store_visit_u64_fn visit, void *arg,
			      struct base_error *err)
{
	return walk(txn, dbi_of(txn, t, true), val_u64(&from), NULL, visit, arg, err);
}

/* ---- Writing ------------------------------------------------------------ */

/* Before a write of a table: its cursor would have to follow the pages. */
static enum base_code write_begin(struct store_txn *txn, store_table t, struct base_error *err)
{
	BASE_ASSERT(txn->write);
	if (txn->cursors[t] != NULL) {
		mdb_cursor_close(txn->cursors[t]);
		txn->cursors[t] = NULL;
	}
	return fault(txn, err, "write");
}

static enum base_code put(struct store_txn *txn, store_table t, bool integer_keys, MDB_val key, struct base_slice value,
			  unsigned flags, struct base_error *err)
{
	MDB_dbi dbi = dbi_of(txn, t, integer_keys);
	MDB_val v = val(value);
	enum base_code code;
	int rc;

	if ((code = write_begin(txn, t, err)) != BASE_OK)
		return code;
	rc = mdb_put(txn->mdb, dbi, &key, &v, flags);
	if (rc == MDB_KEYEXIST) {
		code = base_fail(err, BASE_STORAGE, "%s: a row would not come after the last one of its table", txn->store->path);
		if (txn->broken == BASE_OK)
			txn->broken = code;
		return code;
	}
	return rc == 0 ? BASE_OK : store_txn_fail(txn, err, rc, "write");
}

enum base_code store_put(struct store_txn *txn, store_table t, struct base_slice key, struct base_slice value, struct base_error *err)
{
	return put(txn, t, false, val(key), value, 0, err);
}

enum base_code store_put_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_slice value, struct base_error *err)
{
	return put(txn, t, true, val_u64(&key), value, 0, err);
}

enum base_code store_append_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_slice value, struct base_error *err)
{
	return put(txn, t, true, val_u64(&key), value, MDB_APPEND, err);
}

static enum base_code delete(struct store_txn *txn, store_table t, bool integer_keys, MDB_val key, struct base_error *err)
{
	MDB_dbi dbi = dbi_of(txn, t, integer_keys);
	enum base_code code;
	int rc;

	if ((code = write_begin(txn, t, err)) != BASE_OK)
		return code;
	rc = mdb_del(txn->mdb, dbi, &key, NULL);
	if (rc == MDB_NOTFOUND)
		return BASE_NOT_FOUND;
	return rc == 0 ? BASE_OK : store_txn_fail(txn, err, rc, "delete");
}

enum base_code store_delete(struct store_txn *txn, store_table t, struct base_slice key, struct base_error *err)
{
	if (key.len == 0 || key.len > STORE_KEY_BYTES_MAX)
		return BASE_NOT_FOUND;
	return delete(txn, t, false, val(key), err);
}

enum base_code store_delete_u64(struct store_txn *txn, store_table t, uint64_t key, struct base_error *err)
{
	return delete(txn, t, true, val_u64(&key), err);
}

/* ---- Copying ------------------------------------------------------------ */

static enum base_code file_sync(const char *name, struct base_error *err)
{
	enum base_code code = BASE_OK;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return base_fail_errno(err, "%s", name);
	if (fsync(fd) != 0)
		code = base_fail_errno(err, "%s: sync", name);
	(void)close(fd);
	return code;
}

enum base_code store_copy(struct store *store, const char *folder, struct base_error *err)
{
	struct store_env *env = store->env;
	enum base_code code;
	char *name = base_path(folder, "data.mdb");
	int rc = 0;

	if ((code = base_make_folder(folder, 0700, err)) != BASE_OK)
		goto out;
	if (access(name, F_OK) == 0) {
		code = base_fail(err, BASE_EXISTS, "%s exists already", name);
		goto out;
	}
	if ((rc = env_enter(env, false)) == 0) {
		rc = base_fault() ? ENOSPC : mdb_env_copy2(env->mdb, folder, MDB_CP_COMPACT);
		/* A file that once lost pages (an old bug of LMDB) cannot be compacted, but copied as it is. */
		if (rc == MDB_INCOMPATIBLE || rc == MDB_CORRUPTED) {
			(void)unlink(name);
			rc = mdb_env_copy2(env->mdb, folder, 0);
		}
		store_env_leave(env, false);
	}
	if (rc != 0)
		code = store_fail_lmdb(err, store->path, rc, "copy");
	else if (chmod(name, 0600) != 0) /* LMDB asks for 0666: under a lax umask everybody could read the entries */
		code = base_fail_errno(err, "%s", name);
	else if ((code = file_sync(name, err)) == BASE_OK)
		code = base_sync_folder(folder, err);
	if (code != BASE_OK && rc != EEXIST)
		(void)unlink(name);
out:
	free(name);
	return code;
}
