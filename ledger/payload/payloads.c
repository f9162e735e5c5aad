/* One payload in the store: written, imported, opened, checked, and its JWEs. */
#include "ledger/payload/payload_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room is set aside for payloads from this size on: a full disk then shows before hours of sealing. */
#define RESERVE_FROM_BYTES (16u << 20)
/* The disk is set to work this often, while we go on computing; the sync at the end then finds little to do. */
#define WRITEBACK_BYTES (8u << 20)
#define KID_HEX_BYTES ((size_t)2 * BASE_HASH_BYTES)

/* ---- Writing ------------------------------------------------------------ */

enum base_code payload_writing_begin(struct payload_writing *w, struct payload_store *store, uint64_t len_hint,
				     payload_block_fn sink, void *sink_arg, struct base_error *err)
{
	char name[24], *data = NULL;
	enum base_code code;

	memset(w, 0, sizeof(*w));
	w->store = store;
	w->fd = -1;
	if ((code = payload_temporary_open(store, err)) != BASE_OK)
		return code;
	w->serial = store->serial_next++;
	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)w->serial);
	w->folder = base_path(store->temporary, name);
	data = base_path(w->folder, "data");
	if ((code = payload_make_folder(w->folder, NULL, err)) != BASE_OK)
		goto out;
	w->fd = payload_fault() ? -1 : open(data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0) {
		code = base_fail_errno(err, "cannot create %s", data);
		goto out;
	}
	/* Not every file system can; only a refusal for want of room counts. */
	if (len_hint >= RESERVE_FROM_BYTES && len_hint <= INT64_MAX && fallocate(w->fd, 0, 0, (off_t)len_hint) != 0 &&
	    (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
		code = base_fail_errno(err, "no room for a payload of %llu bytes", (unsigned long long)len_hint);
		goto out;
	}
	w->dag = payload_dag_begin(sink, sink_arg);
out:
	if (code != BASE_OK)
		payload_writing_drop(w);
	free(data);
	return code;
}

enum base_code payload_writing_add(void *arg, struct base_slice bytes, struct base_error *err)
{
	struct payload_writing *w = arg;
	enum base_code code;

	/* Hashed first, while the segment is still in the cache. */
	if ((code = payload_dag_add(w->dag, bytes, err)) != BASE_OK)
		return code;
	if ((code = base_write_all(w->fd, bytes, err)) != BASE_OK)
		return base_wrap(err, code, "%s/data", w->folder);
	w->len += bytes.len;
	if (w->len - w->handed >= WRITEBACK_BYTES) {
		/* Only a hint: what fails here fails again at the sync. */
		(void)sync_file_range(w->fd, (off_t)w->handed, (off_t)(w->len - w->handed), SYNC_FILE_RANGE_WRITE);
		w->handed = w->len;
	}
	return BASE_OK;
}

/* "<kid>.jwe" in a folder, malloc'ed; the kid is that in the JWE itself. NULL with *code. */
static char *jwe_path(const char *folder, struct base_slice jwe, enum base_code *code, struct base_error *err)
{
	char name[KID_HEX_BYTES + sizeof(".jwe")];
	struct base_hash kid;

	if (jwe.len > PAYLOAD_JWE_BYTES_MAX) {
		*code = base_fail(err, BASE_LIMIT, "the JWE is %zu bytes; at most %d", jwe.len, PAYLOAD_JWE_BYTES_MAX);
		return NULL;
	}
	if ((*code = keys_jwe_kid(&kid, jwe, err)) != BASE_OK)
		return NULL;
	base_hex(name, base_hash_slice(&kid));
	memcpy(name + KID_HEX_BYTES, ".jwe", sizeof(".jwe"));
	return base_path(folder, name);
}

enum base_code payload_writing_jwe(struct payload_writing *w, struct base_slice jwe, struct base_error *err)
{
	char *keys = base_path(w->folder, "keys"), *path = NULL;
	enum base_code code;

	if (!w->has_keys && (code = payload_make_folder(keys, NULL, err)) != BASE_OK)
		goto out;
	w->has_keys = true;
	if ((path = jwe_path(keys, jwe, &code, err)) == NULL)
		goto out;
	code = payload_write_file(path, jwe, err);
out:
	free(keys);
	free(path);
	return code;
}

enum base_code payload_writing_end(struct payload_writing *w, struct wire_cid *cid, struct base_error *err)
{
	struct payload_dag *dag = w->dag;
	enum base_code code;
	int fd = w->fd;

	w->dag = NULL;
	w->fd = -1;
	code = payload_dag_end(dag, cid, NULL, err);
	/* Some file systems report at close that there is no room. */
	if (close(fd) != 0 && code == BASE_OK)
		code = base_fail_errno(err, "cannot write %s/data", w->folder);
	return code;
}

void payload_writing_keep(struct payload_writing *w, const struct wire_cid *cid)
{
	struct payload_store *store = w->store;

	if (store->pending_count == store->pending_cap) {
		store->pending_cap = store->pending_cap == 0 ? 16 : 2 * store->pending_cap;
		store->pending = base_realloc(store->pending, store->pending_cap * sizeof(*store->pending));
	}
	store->pending[store->pending_count++] = (struct payload_pending){*cid, w->serial};
	free(w->folder);
	w->folder = NULL;
}

void payload_writing_drop(struct payload_writing *w)
{
	struct wire_cid unused;

	if (w->dag != NULL)
		(void)!payload_dag_end(w->dag, &unused, NULL, NULL);
	if (w->fd >= 0)
		(void)close(w->fd);
	if (w->folder != NULL)
		payload_remove_tree(w->folder);
	free(w->folder);
	w->dag = NULL;
	w->fd = -1;
	w->folder = NULL;
}

/* ---- Sealing and importing ---------------------------------------------- */

static bool recipient_seen(const struct keys_public *recipients, size_t at)
{
	struct base_hash kid = keys_kid(&recipients[at]);

	for (size_t i = 0; i < at; i++) {
		struct base_hash other = keys_kid(&recipients[i]);

		if (base_hash_equal(&kid, &other))
			return true;
	}
	return false;
}

static enum base_code wrap_all(struct payload_writing *w, const uint8_t key[32], const struct keys_public *recipients,
			       size_t recipient_count, struct base_error *err)
{
	struct base_buf jwe = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < recipient_count && code == BASE_OK; i++) {
		/* An author may be her organisation's recovery officer too. */
		if (recipient_seen(recipients, i))
			continue;
		jwe.len = 0;
		code = keys_jwe_seal(&jwe, &recipients[i], key, err);
		if (code == BASE_OK)
			code = payload_writing_jwe(w, base_buf_slice(&jwe), err);
	}
	base_buf_free(&jwe);
	return code;
}

enum base_code payload_store_seal(struct payload_store *store, const struct payload_context *context,
				  uint64_t plaintext_len, payload_read_fn read, void *read_arg,
				  const struct keys_public *recipients, size_t recipient_count, struct wire_cid *cid,
				  uint8_t key[32], uint64_t *sealed_len, struct base_error *err)
{
	struct payload_writing w = {.fd = -1};
	struct payload_seal seal;
	struct wire_cid root;
	enum base_code code;

	if ((code = payload_seal_random(&seal, err)) != BASE_OK)
		goto out;
	if ((code = payload_writing_begin(&w, store, payload_sealed_len(plaintext_len), NULL, NULL, err)) != BASE_OK)
		goto out;
	code = payload_seal_stream(&seal, context, plaintext_len, read, read_arg, payload_writing_add, &w, err);
	if (code != BASE_OK)
		goto out;
	if ((code = wrap_all(&w, seal.key, recipients, recipient_count, err)) != BASE_OK)
		goto out;
	if ((code = payload_writing_end(&w, &root, err)) != BASE_OK)
		goto out;
	payload_writing_keep(&w, &root);
	*cid = root;
	memcpy(key, seal.key, sizeof(seal.key));
	if (sealed_len != NULL)
		*sealed_len = w.len;
out:
	payload_writing_drop(&w);
	base_wipe(&seal, sizeof(seal));
	return code;
}

static enum base_code import_segment(void *arg, uint8_t *segment, size_t len, bool last, struct base_error *err)
{
	(void)last;
	return payload_writing_add(arg, base_slice(segment, len), err);
}

enum base_code payload_store_import(struct payload_store *store, const struct wire_cid *cid, payload_read_fn read,
				    void *read_arg, struct base_error *err)
{
	char expected[WIRE_CID_TEXT_BYTES], found[WIRE_CID_TEXT_BYTES];
	struct payload_writing w;
	struct wire_cid root;
	enum base_code code;

	if ((code = payload_writing_begin(&w, store, 0, NULL, NULL, err)) != BASE_OK)
		return code;
	if ((code = payload_each_segment(read, read_arg, import_segment, &w, err)) != BASE_OK)
		goto out;
	if ((code = payload_writing_end(&w, &root, err)) != BASE_OK)
		goto out;
	if (!wire_cid_equal(&root, cid)) {
		wire_cid_text(expected, cid);
		wire_cid_text(found, &root);
		code = base_fail(err, BASE_MISMATCH, "the bytes are %s, not %s", found, expected);
		goto out;
	}
	payload_writing_keep(&w, cid);
out:
	payload_writing_drop(&w);
	return code;
}

/* ---- Reading ------------------------------------------------------------ */

static enum base_code not_found(const struct wire_cid *cid, struct base_error *err)
{
	char text[WIRE_CID_TEXT_BYTES];

	wire_cid_text(text, cid);
	return base_fail(err, BASE_NOT_FOUND, "the payload %s is not in the store", text);
}

static enum base_code damaged(const struct wire_cid *cid, const struct wire_cid *found, struct base_error *err)
{
	char expected[WIRE_CID_TEXT_BYTES], text[WIRE_CID_TEXT_BYTES];

	wire_cid_text(expected, cid);
	wire_cid_text(text, found);
	return base_fail(err, BASE_MISMATCH,
			 "the payload %s is damaged: its bytes are %s; get it from another holder or a backup",
			 expected, text);
}

enum base_code payload_data_open(const struct payload_store *store, const struct wire_cid *cid, int *fd,
				 struct base_error *err)
{
	char *folder = payload_find(store, cid), *data = NULL;
	enum base_code code = BASE_OK;
	struct stat st;

	*fd = -1;
	if (folder == NULL)
		return not_found(cid, err);
	data = base_path(folder, "data");
	*fd = open(data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd < 0)
		code = errno == ENOENT ? not_found(cid, err) : base_fail_errno(err, "cannot open %s", data);
	else if (fstat(*fd, &st) != 0)
		code = base_fail_errno(err, "cannot read %s", data);
	else if (!S_ISREG(st.st_mode))
		code = base_fail(err, BASE_STORAGE, "%s is not a file", data);
	else
		(void)posix_fadvise(*fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (code != BASE_OK && *fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	free(folder);
	free(data);
	return code;
}

enum base_code payload_read_fd(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	const int *fd = arg;
	ssize_t n;

	do
		n = read(*fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return base_fail_errno(err, "cannot read");
	*got = (size_t)n;
	return BASE_OK;
}

struct checking {
	struct payload_dag *dag;
	uint64_t len;
	struct payload_opener *opener; /* NULL: only the CID */
	enum base_code open_code;
	struct base_error *open_err;
};

/* Hashes a leaf, then decrypts it; once that has failed, only hashes, to tell damage from a wrong key. */
static enum base_code check_segment(void *arg, uint8_t *segment, size_t len, bool last, struct base_error *err)
{
	struct checking *c = arg;
	enum base_code code = payload_dag_add(c->dag, base_slice(segment, len), err);

	c->len += len;
	if (code == BASE_OK && c->opener != NULL && c->open_code == BASE_OK)
		c->open_code = payload_opener_segment(c->opener, segment, len, last, c->open_err);
	return code;
}

enum base_code payload_data_cid(int fd, struct wire_cid *cid, uint64_t *len, payload_block_fn sink, void *sink_arg,
				struct base_error *err)
{
	struct checking c = {payload_dag_begin(sink, sink_arg), 0, NULL, BASE_OK, NULL};
	enum base_code code = payload_each_segment(payload_read_fd, &fd, check_segment, &c, err);
	struct wire_cid unused;

	if (code != BASE_OK) {
		(void)!payload_dag_end(c.dag, &unused, NULL, NULL);
		return code;
	}
	*len = c.len;
	return payload_dag_end(c.dag, cid, NULL, err);
}

enum base_code payload_store_check(struct payload_store *store, const struct wire_cid *cid, uint64_t *len,
				   struct base_error *err)
{
	struct wire_cid found;
	enum base_code code;
	uint64_t found_len;
	int fd;

	if ((code = payload_data_open(store, cid, &fd, err)) != BASE_OK)
		return code;
	code = payload_data_cid(fd, &found, &found_len, NULL, NULL, err);
	(void)close(fd);
	if (code != BASE_OK)
		return code;
	if (!wire_cid_equal(&found, cid))
		return damaged(cid, &found, err);
	if (len != NULL)
		*len = found_len;
	return BASE_OK;
}

enum base_code payload_store_open_stream(struct payload_store *store, const struct wire_cid *cid, const uint8_t key[32],
					 const struct payload_context *context, payload_write_fn write, void *write_arg,
					 struct base_error *err)
{
	struct base_error open_err = {{0}};
	struct payload_opener opener;
	struct checking c = {NULL, 0, &opener, BASE_OK, &open_err};
	struct wire_cid found;
	enum base_code code;
	int fd;

	if ((code = payload_data_open(store, cid, &fd, err)) != BASE_OK)
		return code;
	payload_opener_begin(&opener, key, context, write, write_arg);
	c.dag = payload_dag_begin(NULL, NULL);
	code = payload_each_segment(payload_read_fd, &fd, check_segment, &c, err);
	payload_opener_end(&opener);
	(void)close(fd);
	if (code != BASE_OK) {
		(void)!payload_dag_end(c.dag, &found, NULL, NULL);
		return code;
	}
	if ((code = payload_dag_end(c.dag, &found, NULL, err)) != BASE_OK)
		return code;
	if (!wire_cid_equal(&found, cid))
		return damaged(cid, &found, err);
	if (c.open_code == BASE_MISMATCH && opener.index == 0)
		return base_fail(err, BASE_KEY,
				 "the payload is intact, but this key does not open it in this context (ledger, study, "
				 "organisation)");
	if (c.open_code != BASE_OK)
		return base_fail(err, c.open_code, "%s", open_err.text);
	return BASE_OK;
}

/* ---- JWEs --------------------------------------------------------------- */

/* Into a payload that is in its place: written beside, synced, renamed, synced. */
static enum base_code add_jwe_published(struct payload_store *store, const char *folder, const char *path,
					const char *keys, struct base_slice jwe, struct base_error *err)
{
	char name[32], *beside;
	enum base_code code;
	bool made;

	if ((code = payload_temporary_open(store, err)) != BASE_OK)
		return code;
	(void)snprintf(name, sizeof(name), "%llu.jwe", (unsigned long long)store->serial_next++);
	beside = base_path(store->temporary, name);
	if ((code = payload_write_file(beside, jwe, err)) != BASE_OK)
		goto out;
	if ((code = payload_sync_path(beside, err)) != BASE_OK)
		goto out;
	if ((code = payload_make_folder(keys, &made, err)) != BASE_OK)
		goto out;
	if (payload_fault() || rename(beside, path) != 0) {
		code = base_fail_errno(err, "cannot create %s", path);
		goto out;
	}
	if ((code = payload_sync_path(keys, err)) != BASE_OK)
		goto out;
	if (made)
		code = payload_sync_path(folder, err);
out:
	if (code != BASE_OK)
		(void)unlink(beside);
	free(beside);
	return code;
}

static bool is_pending(const struct payload_store *store, const struct wire_cid *cid)
{
	for (size_t i = 0; i < store->pending_count; i++)
		if (wire_cid_equal(&store->pending[i].cid, cid))
			return true;
	return false;
}

enum base_code payload_store_add_jwe(struct payload_store *store, const struct wire_cid *cid, struct base_slice jwe,
				     struct base_error *err)
{
	char *folder = payload_find(store, cid), *keys = NULL, *path = NULL;
	enum base_code code;

	if (folder == NULL)
		return not_found(cid, err);
	keys = base_path(folder, "keys");
	if ((path = jwe_path(keys, jwe, &code, err)) == NULL)
		goto out;
	if (!is_pending(store, cid)) {
		code = add_jwe_published(store, folder, path, keys, jwe, err);
		goto out;
	}
	if ((code = payload_make_folder(keys, NULL, err)) != BASE_OK)
		goto out;
	(void)unlink(path);
	code = payload_write_file(path, jwe, err);
out:
	free(folder);
	free(keys);
	free(path);
	return code;
}

enum base_code payload_jwe_read(struct base_buf *out, const char *path, struct base_error *err)
{
	uint8_t bytes[PAYLOAD_JWE_BYTES_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum base_code code = BASE_OK;
	size_t len = 0, got = 1;
	struct stat st;

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", path);
	if (fstat(fd, &st) != 0)
		code = base_fail_errno(err, "cannot read %s", path);
	else if (!S_ISREG(st.st_mode))
		code = base_fail(err, BASE_STORAGE, "%s is not a file", path);
	while (code == BASE_OK && got > 0 && len < sizeof(bytes)) {
		code = base_wrap(err, payload_read_fd(&fd, bytes + len, sizeof(bytes) - len, &got, err), "%s", path);
		len += code == BASE_OK ? got : 0;
	}
	if (code == BASE_OK && len > PAYLOAD_JWE_BYTES_MAX)
		code = base_fail(err, BASE_LIMIT, "%s is larger than %d bytes", path, PAYLOAD_JWE_BYTES_MAX);
	if (code == BASE_OK)
		base_buf_append(out, base_slice(bytes, len));
	(void)close(fd);
	return code;
}

enum base_code payload_store_jwe(struct payload_store *store, const struct wire_cid *cid, const struct base_hash *kid,
				 struct base_buf *jwe, struct base_error *err)
{
	char name[sizeof("keys/") + KID_HEX_BYTES + sizeof(".jwe")], hex[KID_HEX_BYTES + 1], *path;
	char *folder = payload_find(store, cid);
	enum base_code code;

	if (folder == NULL)
		return not_found(cid, err);
	base_hex(hex, base_hash_slice(kid));
	(void)snprintf(name, sizeof(name), "keys/%s.jwe", hex);
	path = base_path(folder, name);
	code = payload_jwe_read(jwe, path, err);
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, code, "the payload's key is not wrapped for %s: there is no %s", hex, path);
	free(path);
	free(folder);
	return code;
}
