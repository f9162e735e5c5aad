#include "ledger/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Address space only: without WRITEMAP the file grows by what is written. */
#define GIB ((size_t)1 << 30)
size_t store_map_bytes_first = sizeof(void *) >= 8 ? 64 * GIB : GIB;
#define MAP_BYTES_MIN ((size_t)1 << 20)

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store_env *registry; /* files that this process has open */

enum base_code store_fail_lmdb(struct base_error *err, const char *path, int rc, const char *what)
{
	const char *doing = base_message(what);

	switch (rc) {
	case MDB_NOTFOUND:
		return base_fail(err, BASE_NOT_FOUND, "%s: %s: not found", path, doing);
	case MDB_MAP_FULL:
		return base_fail(err, BASE_BUSY, "%s: %s: the database has outgrown its map, which will be enlarged: try again",
				 path, doing);
	case MDB_MAP_RESIZED:
		return base_fail(err, BASE_BUSY, "%s: %s: another process has enlarged the database: try again", path, doing);
	case MDB_READERS_FULL:
		return base_fail(err, BASE_BUSY, "%s: %s: %d readers are at work already: try again", path, doing,
				 STORE_READERS_MAX);
	case MDB_TXN_FULL:
		return base_fail(err, BASE_LIMIT, "%s: %s: too much for one commit: record it in smaller blocks", path, doing);
	case MDB_BAD_VALSIZE:
		return base_fail(err, BASE_LIMIT, "%s: %s: a key or value has a size that the database cannot hold", path, doing);
	case MDB_VERSION_MISMATCH:
		return base_fail(err, BASE_VERSION, "%s: %s: the database file is of another version of LMDB", path, doing);
	case MDB_INVALID:
		return base_fail(err, BASE_STORAGE, "%s: %s: this is no LMDB database, or its first page is damaged", path, doing);
	case MDB_INCOMPATIBLE:
		return base_fail(err, BASE_STORAGE, "%s: %s: a table is of another type: not a database of this program", path,
				 doing);
	case MDB_PANIC:
		return base_fail(err, BASE_STORAGE, "%s: %s: a write failed half-way: close the ledger and open it again", path,
				 doing);
	case EFBIG:
		return base_fail(err, BASE_NO_SPACE, "%s: %s: the file may not grow any further (ulimit -f, or the file system)",
				 path, doing);
	case EAGAIN:
		return base_fail(err, BASE_BUSY, "%s: %s: somebody else holds the lock: try again", path, doing);
	}
	if (rc > 0) {
		errno = rc;
		return base_fail_errno(err, "%s: %s", path, doing);
	}
	return base_fail(err, BASE_STORAGE, "%s: %s: %s", path, doing, mdb_strerror(rc));
}

/* ---- Opening the file --------------------------------------------------- */

/* True if a process holds LMDB's shared lock on the lock file (byte 0), seen without write access to it. */
static bool lock_is_held(int fd)
{
	struct flock probe = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	return fcntl(fd, F_GETLK, &probe) != 0 || probe.l_type != F_UNLCK;
}

/* Reading without the lock file is safe only while nobody writes: right for a
 * copy on read-only media, wrong for a ledger in use by somebody else. */
static enum base_code lock_may_be_left_out(const char *path, struct base_error *err)
{
	enum base_code code = BASE_OK;
	char *name = base_path(path, "lock.mdb");
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		goto out;
	if (fd < 0) {
		code = base_fail_errno(err, "%s: cannot open the lock file; read a copy (backup) instead", name);
		goto out;
	}
	if (lock_is_held(fd))
		code = base_fail(err, BASE_BUSY,
				 "%s: the ledger is in use and its lock file cannot be written by you; read a copy (backup) instead",
				 path);
	(void)close(fd);
out:
	free(name);
	return code;
}

/* LMDB writes its lock file also when a ledger is only read: in one that comes from others, a link in its place would have
 * LMDB write over the file that it leads to. */
static enum base_code lock_is_file(const char *path, struct base_error *err)
{
	char *name = base_path(path, "lock.mdb");
	enum base_code code = BASE_OK;
	struct stat st;

	if (lstat(name, &st) == 0 && !S_ISREG(st.st_mode))
		code = base_fail(err, BASE_STORAGE, "%s is a link or no file, and a ledger has its lock file there; remove it", name);
	free(name);
	return code;
}

static int env_try(MDB_env **out, const char *path, unsigned flags, size_t map_bytes)
{
	MDB_env *env = NULL;
	int rc;

	if ((rc = mdb_env_create(&env)) != 0)
		return rc;
	if ((rc = mdb_env_set_maxdbs(env, STORE_TABLES_MAX)) != 0 ||
	    (rc = mdb_env_set_maxreaders(env, STORE_READERS_MAX)) != 0 || (rc = mdb_env_set_mapsize(env, map_bytes)) != 0 ||
	    (rc = mdb_env_open(env, path, flags, 0600)) != 0) {
		/* LMDB wants this even after a failed open. */
		mdb_env_close(env);
		return rc;
	}
	*out = env;
	return 0;
}

/* Where the address space is limited, less of it: the map grows later. */
static int env_open(MDB_env **out, const char *path, unsigned flags, uint64_t file_bytes)
{
	size_t map_bytes = store_map_bytes_first;
	size_t map_min = MAP_BYTES_MIN;
	int rc;

	if (file_bytes < SIZE_MAX / 4) {
		map_min = file_bytes + MAP_BYTES_MIN > map_min ? (size_t)file_bytes + MAP_BYTES_MIN : map_min;
		if (store_map_bytes_first >= GIB && map_bytes < 2 * map_min)
			map_bytes = 2 * map_min;
		else if (map_bytes < map_min)
			map_bytes = map_min;
	}
	while ((rc = env_try(out, path, flags, map_bytes)) == ENOMEM && map_bytes / 2 >= map_min)
		map_bytes /= 2;
	return rc;
}

static enum base_code env_open_as(MDB_env **out, const char *path, unsigned flags, uint64_t file_bytes, struct base_error *err)
{
	/* NOTLS: a read transaction belongs to its object, so that one thread may hold several and hand them on. */
	unsigned lmdb_flags = MDB_NOTLS;
	int rc;

	if (flags & STORE_READ_ONLY)
		lmdb_flags |= MDB_RDONLY;
	if (flags & STORE_SCRATCH)
		lmdb_flags |= MDB_NOSYNC | MDB_NOMETASYNC;
	rc = env_open(out, path, lmdb_flags, file_bytes);
	if ((flags & STORE_READ_ONLY) && (rc == EACCES || rc == EPERM || rc == EROFS)) {
		enum base_code code = lock_may_be_left_out(path, err);

		if (code != BASE_OK)
			return code;
		rc = env_open(out, path, lmdb_flags | MDB_NOLOCK, file_bytes);
	}
	if (rc != 0)
		return store_fail_lmdb(err, path, rc, "open");
	return BASE_OK;
}

/* A file that ends before its last page is cut, unless the pages that lack were free. */
static enum base_code env_check(MDB_env *mdb, const char *path, unsigned flags, struct base_error *err)
{
	enum base_code code = BASE_OK;
	char *name = base_path(path, "data.mdb");
	MDB_txn *txn = NULL;
	MDB_envinfo info;
	MDB_stat stat_main;
	struct stat st;
	int rc;

	if ((rc = mdb_txn_begin(mdb, NULL, MDB_RDONLY, &txn)) != 0 || (rc = mdb_env_info(mdb, &info)) != 0 ||
	    (rc = mdb_env_stat(mdb, &stat_main)) != 0) {
		code = store_fail_lmdb(err, path, rc, "open");
		goto out;
	}
	if (stat(name, &st) != 0) {
		code = base_fail_errno(err, "%s", name);
		goto out;
	}
	if ((flags & STORE_CHECK) || (uint64_t)st.st_size / stat_main.ms_psize <= info.me_last_pgno)
		code = store_check_file(name, mdb_txn_id(txn), err);
out:
	if (txn != NULL)
		mdb_txn_abort(txn);
	free(name);
	return code;
}

/* ---- Tables ------------------------------------------------------------- */

static struct store_named *table_named(struct store_env *env, const char *name)
{
	for (size_t i = 0; i < env->table_count; i++)
		if (strcmp(env->tables[i].name, name) == 0)
			return &env->tables[i];
	return NULL;
}

static enum base_code table_open(struct store *store, MDB_txn *txn, const struct store_spec *spec, bool create, struct base_error *err)
{
	struct store_env *env = store->env;
	struct store_named *named;
	unsigned flags = (spec->integer_keys ? MDB_INTEGERKEY : 0u) | (create ? MDB_CREATE : 0u);
	unsigned have;
	MDB_dbi dbi;
	int rc = mdb_dbi_open(txn, spec->name, flags, &dbi);

	if (rc == MDB_NOTFOUND)
		return base_fail(err, BASE_STORAGE, "%s: the database has no table \"%s\": it is of another program or version",
				 store->path, spec->name);
	if (rc == MDB_DBS_FULL || env->table_count == STORE_TABLES_MAX)
		return base_fail(err, BASE_LIMIT, "%s: more than %d tables", store->path, STORE_TABLES_MAX);
	if (rc != 0)
		return store_fail_lmdb(err, store->path, rc, "open table");
	if ((rc = mdb_dbi_flags(txn, dbi, &have)) != 0 || have != (flags & ~(unsigned)MDB_CREATE))
		return store_fail_lmdb(err, store->path, rc != 0 ? rc : MDB_INCOMPATIBLE, "open table");
	named = &env->tables[env->table_count++];
	named->name = base_alloc(strlen(spec->name) + 1);
	memcpy(named->name, spec->name, strlen(spec->name) + 1);
	named->integer_keys = spec->integer_keys;
	named->dbi = dbi;
	return BASE_OK;
}

/* Opens what is not open yet and looks the handles up. A handle that was
 * opened in a transaction that is then aborted is gone, hence the retreat. */
static enum base_code tables_open(struct store *store, bool create, struct base_error *err)
{
	struct store_env *env = store->env;
	size_t before = env->table_count;
	enum base_code code = BASE_OK;
	MDB_txn *txn = NULL;
	bool missing = false;
	int rc;

	for (size_t i = 0; i < store->count; i++)
		missing = missing || table_named(env, store->tables[i].name) == NULL;
	if (missing && (rc = store_env_begin(env, create, &txn)) != 0)
		return store_fail_lmdb(err, store->path, rc, "open tables");
	for (size_t i = 0; i < store->count && code == BASE_OK; i++) {
		if (table_named(env, store->tables[i].name) == NULL)
			code = table_open(store, txn, &store->tables[i], create, err);
	}
	if (code == BASE_OK && txn != NULL && (rc = mdb_txn_commit(txn)) != 0)
		code = store_fail_lmdb(err, store->path, rc, "create tables");
	else if (code != BASE_OK && txn != NULL)
		mdb_txn_abort(txn);
	if (txn != NULL)
		store_env_leave(env, create);
	if (code != BASE_OK) {
		while (env->table_count > before)
			free(env->tables[--env->table_count].name);
		return code;
	}
	for (size_t i = 0; i < store->count; i++) {
		struct store_named *named = table_named(env, store->tables[i].name);

		if (named->integer_keys != store->tables[i].integer_keys)
			return store_fail_lmdb(err, store->path, MDB_INCOMPATIBLE, "open table");
		store->dbi[i] = named->dbi;
	}
	return BASE_OK;
}

/* ---- Opening and closing ------------------------------------------------ */

static void env_close(struct store_env *env)
{
	struct store_env **at = &registry;

	if (--env->users > 0)
		return;
	while (*at != NULL && *at != env)
		at = &(*at)->next;
	if (*at == env)
		*at = env->next;
	for (size_t i = 0; i < env->table_count; i++)
		free(env->tables[i].name);
	mdb_env_close(env->mdb);
	(void)pthread_mutex_destroy(&env->lock);
	free(env);
}

/* registry_lock is held. */
static enum base_code env_of(struct store_env **out, const char *path, unsigned flags, struct base_error *err)
{
	enum base_code code = BASE_OK;
	char *name = base_path(path, "data.mdb");
	struct store_env *env = NULL;
	MDB_env *mdb = NULL;
	struct stat st = {0};
	bool exists = stat(name, &st) == 0;

	if (!exists && (errno != ENOENT || !(flags & STORE_CREATE))) {
		code = base_fail_errno(err, "%s", name);
		goto out;
	}
	for (env = exists ? registry : NULL; env != NULL; env = env->next) {
		if (env->device != st.st_dev || env->inode != st.st_ino)
			continue;
		if (env->read_only && !(flags & STORE_READ_ONLY))
			code = base_fail(err, BASE_BUSY, "%s: this process has the database open for reading only", path);
		else
			env->users++;
		*out = env;
		goto out;
	}
	if (exists && (code = store_check_header(name, flags, err)) != BASE_OK)
		goto out;
	if ((code = lock_is_file(path, err)) != BASE_OK)
		goto out;
	if ((code = env_open_as(&mdb, path, flags, exists ? (uint64_t)st.st_size : 0, err)) != BASE_OK)
		goto out;
	(void)mdb_reader_check(mdb, NULL);
	if ((code = env_check(mdb, path, flags, err)) == BASE_OK && stat(name, &st) != 0)
		code = base_fail_errno(err, "%s", name);
	if (code != BASE_OK) {
		mdb_env_close(mdb);
		goto out;
	}
	env = base_alloc(sizeof(*env));
	env->device = st.st_dev;
	env->inode = st.st_ino;
	env->users = 1;
	env->read_only = (flags & STORE_READ_ONLY) != 0;
	env->scratch = (flags & STORE_SCRATCH) != 0;
	env->mdb = mdb;
	BASE_ASSERT(pthread_mutex_init(&env->lock, NULL) == 0);
	env->next = registry;
	registry = env;
	*out = env;
out:
	free(name);
	return code;
}

enum base_code store_open(struct store **out, const char *path, const struct store_spec *tables, size_t count, unsigned flags,
			  struct base_error *err)
{
	struct store *store;
	enum base_code code;

	BASE_ASSERT(count <= STORE_TABLES_MAX);
	BASE_ASSERT(!(flags & STORE_READ_ONLY) || !(flags & STORE_CREATE));
	if ((flags & STORE_CREATE) && (code = base_make_folder(path, 0700, err)) != BASE_OK)
		return code;
	store = base_alloc(sizeof(*store));
	store->path = base_alloc(strlen(path) + 1);
	memcpy(store->path, path, strlen(path) + 1);
	store->tables = tables;
	store->count = count;
	store->read_only = (flags & STORE_READ_ONLY) != 0;
	BASE_ASSERT(pthread_mutex_lock(&registry_lock) == 0);
	code = env_of(&store->env, path, flags, err);
	if (code == BASE_OK && (code = tables_open(store, (flags & STORE_CREATE) != 0, err)) != BASE_OK)
		env_close(store->env);
	BASE_ASSERT(pthread_mutex_unlock(&registry_lock) == 0);
	if (code != BASE_OK) {
		free(store->path);
		free(store);
		return code;
	}
	/* The names of new files are durable too. */
	if ((flags & STORE_CREATE) && !(flags & STORE_SCRATCH) && (code = base_sync_folder(path, err)) != BASE_OK) {
		store_close(store);
		return code;
	}
	*out = store;
	return BASE_OK;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	BASE_ASSERT(pthread_mutex_lock(&registry_lock) == 0);
	env_close(store->env);
	BASE_ASSERT(pthread_mutex_unlock(&registry_lock) == 0);
	free(store->path);
	free(store);
}
