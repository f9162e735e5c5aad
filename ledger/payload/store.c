/* The store as a folder: opening, durability, walking. What is in a payload: payloads.c.
 *
 *   <store>/<aa>/<cid>/data             the ciphertext, as it is
 *   <store>/<aa>/<cid>/keys/<kid>.jwe   its key, wrapped to the owner of kid
 *   <store>/tmp/<random>/<serial>/      the same, not yet whole (temporary.c)
 *
 * Ten thousand payloads are made durable by two syncs of the file system, one before they are
 * renamed into place and one after, where a sync of each file and folder would be fifty thousand. */
#include "ledger/payload/payload_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From this many on, one syncfs() is cheaper than a sync of each file and folder. */
#define SYNCFS_FROM 4

enum base_code payload_store_open(struct payload_store **out, const char *folder, bool create, struct base_error *err)
{
	struct payload_store *store;
	enum base_code code;
	struct stat st;

	if (create && (code = base_make_folder(folder, 0700, err)) != BASE_OK)
		return base_wrap(err, code, "payload store");
	if (stat(folder, &st) != 0)
		return base_fail_errno(err, "cannot open the payload store %s", folder);
	if (!S_ISDIR(st.st_mode))
		return base_fail(err, BASE_STORAGE, "the payload store %s is not a folder", folder);
	store = base_alloc(sizeof(*store));
	store->folder = base_path("", folder);
	store->temporary_lock = -1;
	payload_temporary_clean(store);
	*out = store;
	return BASE_OK;
}

void payload_store_close(struct payload_store *store)
{
	if (store == NULL)
		return;
	payload_temporary_close(store);
	free(store->pending);
	free(store->folder);
	free(store);
}

/* ---- Paths -------------------------------------------------------------- */

static char *shard_path(const struct payload_store *store, uint8_t first)
{
	char name[3];

	base_hex(name, base_slice(&first, 1));
	return base_path(store->folder, name);
}

char *payload_published_path(const struct payload_store *store, const struct wire_cid *cid)
{
	char *shard = shard_path(store, cid->hash.bytes[0]), *path;
	char text[WIRE_CID_TEXT_BYTES];

	wire_cid_text(text, cid);
	path = base_path(shard, text);
	free(shard);
	return path;
}

static char *pending_path(const struct payload_store *store, const struct payload_pending *pending)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)pending->serial);
	return base_path(store->temporary, name);
}

char *payload_find(const struct payload_store *store, const struct wire_cid *cid)
{
	char *path, *shard;

	for (size_t i = store->pending_count; i-- > 0;)
		if (wire_cid_equal(&store->pending[i].cid, cid))
			return pending_path(store, &store->pending[i]);
	shard = shard_path(store, cid->hash.bytes[0]);
	path = payload_published_path(store, cid);
	if (!payload_is_folder(shard) || !payload_is_folder(path)) {
		free(path);
		path = NULL;
	}
	free(shard);
	return path;
}

/* ---- Durability --------------------------------------------------------- */

/* Calls act with the path of each file of a payload's keys folder, if there is one. */
static enum base_code each_jwe(const char *folder,
			       enum base_code (*act)(void *arg, const char *keys, const char *name,
						     struct base_error *err),
			       void *arg, struct base_error *err)
{
	char *keys = base_path(folder, "keys");
	enum base_code code = BASE_OK;
	struct dirent *found;
	DIR *dir = payload_open_folder(keys);

	if (dir == NULL && errno != ENOENT)
		code = base_fail_errno(err, "cannot open folder %s", keys);
	while (dir != NULL && code == BASE_OK && (errno = 0, found = readdir(dir)) != NULL)
		if (found->d_name[0] != '.')
			code = act(arg, keys, found->d_name, err);
	if (dir != NULL && code == BASE_OK && errno != 0)
		code = base_fail_errno(err, "cannot read folder %s", keys);
	if (dir != NULL)
		(void)closedir(dir);
	free(keys);
	return code;
}

static enum base_code sync_jwe(void *arg, const char *keys, const char *name, struct base_error *err)
{
	char *path = base_path(keys, name);
	enum base_code code = payload_sync_path(path, err);

	(void)arg;
	free(path);
	return code;
}

static enum base_code sync_payload(const char *folder, struct base_error *err)
{
	char *data = base_path(folder, "data"), *keys = base_path(folder, "keys");
	enum base_code code;
	struct stat st;

	if ((code = payload_sync_path(data, err)) != BASE_OK)
		goto out;
	if ((code = each_jwe(folder, sync_jwe, NULL, err)) != BASE_OK)
		goto out;
	if (stat(keys, &st) == 0 && (code = payload_sync_path(keys, err)) != BASE_OK)
		goto out;
	code = payload_sync_path(folder, err);
out:
	free(data);
	free(keys);
	return code;
}

static enum base_code sync_all(const struct payload_store *store, struct base_error *err)
{
	enum base_code code = BASE_OK;
	int fd = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return base_fail_errno(err, "cannot open folder %s", store->folder);
	if (payload_fault() || syncfs(fd) != 0)
		code = base_fail_errno(err, "cannot sync the payload store %s", store->folder);
	(void)close(fd);
	return code;
}

static enum base_code sync_pending(const struct payload_store *store, struct base_error *err)
{
	enum base_code code = BASE_OK;

	if (store->pending_count >= SYNCFS_FROM)
		return sync_all(store, err);
	for (size_t i = 0; i < store->pending_count && code == BASE_OK; i++) {
		char *path = pending_path(store, &store->pending[i]);

		code = sync_payload(path, err);
		free(path);
	}
	return code;
}

/* Makes the renames durable. */
static enum base_code sync_touched(struct payload_store *store, struct base_error *err)
{
	enum base_code code = BASE_OK;
	size_t count = 0;

	for (size_t i = 0; i < 256; i++)
		count += store->touched[i];
	if (count >= SYNCFS_FROM) {
		code = sync_all(store, err);
	} else {
		for (unsigned i = 0; i < 256 && code == BASE_OK; i++) {
			char *path;

			if (!store->touched[i])
				continue;
			path = shard_path(store, (uint8_t)i);
			code = payload_sync_path(path, err);
			free(path);
		}
		if (code == BASE_OK && store->touched_top)
			code = payload_sync_path(store->folder, err);
	}
	if (code == BASE_OK) {
		memset(store->touched, 0, sizeof(store->touched));
		store->touched_top = false;
	}
	return code;
}

/* ---- Into place --------------------------------------------------------- */

static enum base_code move_into(const char *from_folder, const char *to_folder, const char *name,
				struct base_error *err)
{
	char *from = base_path(from_folder, name), *to = base_path(to_folder, name);
	enum base_code code = BASE_OK;

	if (payload_fault() || rename(from, to) != 0)
		code = base_fail_errno(err, "cannot create %s", to);
	free(from);
	free(to);
	return code;
}

static enum base_code move_jwe(void *arg, const char *keys, const char *name, struct base_error *err)
{
	return move_into(keys, arg, name, err);
}

/* A payload that is there already keeps its data unless they are damaged, and gets our JWEs. */
static enum base_code publish_onto(const char *from, const char *to, const struct wire_cid *cid, struct base_error *err)
{
	char *data = base_path(to, "data"), *keys = base_path(to, "keys");
	struct wire_cid there;
	enum base_code code;
	uint64_t len;
	/* Not blocking: what is there may be a pipe, which is damage too. */
	int fd = open(data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool intact = fd >= 0 && payload_data_cid(fd, &there, &len, NULL, NULL, NULL) == BASE_OK &&
		      wire_cid_equal(&there, cid);

	if (fd >= 0)
		(void)close(fd);
	if (!intact && (code = move_into(from, to, "data", err)) != BASE_OK)
		goto out;
	if ((code = payload_make_folder(keys, NULL, err)) != BASE_OK)
		goto out;
	if ((code = each_jwe(from, move_jwe, keys, err)) != BASE_OK)
		goto out;
	if ((code = payload_sync_path(keys, err)) != BASE_OK)
		goto out;
	if ((code = payload_sync_path(to, err)) != BASE_OK)
		goto out;
	payload_remove_tree(from);
out:
	free(data);
	free(keys);
	return code;
}

static enum base_code publish(struct payload_store *store, const struct payload_pending *pending,
			      struct base_error *err)
{
	uint8_t first = pending->cid.hash.bytes[0];
	char *shard = shard_path(store, first), *from = pending_path(store, pending);
	char *to = payload_published_path(store, &pending->cid);
	enum base_code code = BASE_OK;
	bool made = false, failed;

	if (access(shard, F_OK) == 0 && !payload_is_folder(shard)) {
		code = payload_no_folder(shard, err);
		goto out;
	}
	store->touched[first] = true;
	failed = payload_fault() || rename(from, to) != 0;
	/* The folder <aa> is there but for the first payload in it. */
	if (failed && errno == ENOENT) {
		if ((code = payload_make_folder(shard, &made, err)) != BASE_OK)
			goto out;
		store->touched_top |= made;
		failed = payload_fault() || rename(from, to) != 0;
	}
	if (failed && (errno == ENOTEMPTY || errno == EEXIST))
		code = publish_onto(from, to, &pending->cid, err);
	else if (failed)
		code = base_fail_errno(err, "cannot create %s", to);
out:
	/* A folder that is not there has nothing to be synced. */
	if (code != BASE_OK && access(shard, F_OK) != 0)
		store->touched[first] = false;
	free(shard);
	free(from);
	free(to);
	return code;
}

/* Whatever was not renamed is gone: a sync that failed may have lost bytes that a second one would call safe. */
static void pending_drop(struct payload_store *store, size_t from)
{
	for (size_t i = from; i < store->pending_count; i++) {
		char *path = pending_path(store, &store->pending[i]);

		payload_remove_tree(path);
		free(path);
	}
	store->pending_count = 0;
}

enum base_code payload_store_sync(struct payload_store *store, struct base_error *err)
{
	enum base_code code = BASE_OK;
	size_t done = 0;

	if (store->pending_count > 0)
		code = sync_pending(store, err);
	while (code == BASE_OK && done < store->pending_count) {
		code = publish(store, &store->pending[done], err);
		done += code == BASE_OK;
	}
	pending_drop(store, done);
	return code == BASE_OK ? sync_touched(store, err) : code;
}

/* ---- Walking ------------------------------------------------------------ */

static int cid_compare(const void *a, const void *b)
{
	const struct wire_cid *x = a, *y = b;
	int order = memcmp(x->hash.bytes, y->hash.bytes, BASE_HASH_BYTES);

	return order != 0 ? order : (int)x->codec - (int)y->codec;
}

/* The CIDs in one folder <aa>, sorted; other names are no payloads and are passed over. */
static enum base_code shard_list(const char *path, uint8_t first, struct base_buf *out, struct base_error *err)
{
	enum base_code code = BASE_OK;
	struct wire_cid cid;
	struct dirent *found;
	DIR *dir = payload_open_folder(path);

	if (dir == NULL)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? BASE_OK
							   : base_fail_errno(err, "cannot open folder %s", path);
	while (errno = 0, (found = readdir(dir)) != NULL)
		if (wire_cid_parse_text(&cid, base_slice_text(found->d_name), NULL) == BASE_OK &&
		    cid.hash.bytes[0] == first)
			base_buf_append(out, base_slice(&cid, sizeof(cid)));
	if (errno != 0)
		code = base_fail_errno(err, "cannot read folder %s", path);
	(void)closedir(dir);
	if (out->len > 0)
		qsort(out->data, out->len / sizeof(cid), sizeof(cid), cid_compare);
	return code;
}

enum base_code payload_store_walk(struct payload_store *store, bool (*visit)(void *arg, const struct wire_cid *cid),
				  void *arg, struct base_error *err)
{
	struct base_buf list = BASE_BUF_INIT;
	enum base_code code = BASE_OK;
	bool on = true;

	for (unsigned first = 0; first < 256 && on && code == BASE_OK; first++) {
		char *path = shard_path(store, (uint8_t)first);

		list.len = 0;
		code = shard_list(path, (uint8_t)first, &list, err);
		free(path);
		for (size_t at = 0; code == BASE_OK && on && at < list.len; at += sizeof(struct wire_cid)) {
			struct wire_cid cid;

			memcpy(&cid, list.data + at, sizeof(cid));
			on = visit(arg, &cid);
		}
	}
	base_buf_free(&list);
	return code;
}
