/* The record of what this node signed: docs/formats/block.md, "What a node signs".
 *
 * A node that signs two roots for one size can be convicted with them, so it
 * must remember across crashes what it signed, and remember it before the signature
 * leaves. One file, two slots of 512 bytes at offsets 0 and 4096 (different pages
 * and sectors), written in turn and synced: a write that a crash tears leaves the
 * other slot, and its signature never left. A slot is one line:
 *
 *   regesta-signed@v1 LEDGER KID SIZE ROOT CHECK
 *
 * LEDGER, KID and ROOT are 64 hex digits, SIZE decimal, CHECK the first 16
 * hex digits of the SHA-256 of what stands before it; zero bytes fill the slot.
 */
#include "ledger/chain/chain_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define SLOT_BYTES 512
#define SLOT_STEP 4096
#define FILE_BYTES (SLOT_STEP + SLOT_BYTES)
#define HEADER "regesta-signed@v1"
#define CHECK_DIGITS 16

struct chain_signed {
	int fd;
	char *path;
	struct base_hash ledger, kid;
	unsigned slot; /* the newer one, known while locked */
};

static void slot_print(const struct chain_signed *record, char out[SLOT_BYTES], uint64_t size, const struct base_hash *root)
{
	char ledger[65], kid[65], root_hex[65], check[65];
	struct base_hash sum;
	int len;

	memset(out, 0, SLOT_BYTES);
	base_hex(ledger, base_hash_slice(&record->ledger));
	base_hex(kid, base_hash_slice(&record->kid));
	base_hex(root_hex, base_hash_slice(root));
	len = snprintf(out, SLOT_BYTES, HEADER " %s %s %" PRIu64 " %s ", ledger, kid, size, root_hex);
	sum = base_sha256_of(base_slice(out, (size_t)len));
	base_hex(check, base_hash_slice(&sum));
	(void)snprintf(out + len, SLOT_BYTES - (size_t)len, "%.*s\n", CHECK_DIGITS, check);
}

/* The fields between single spaces; false if the line is not whole. */
static bool slot_split(struct base_slice field[6], const char slot[SLOT_BYTES])
{
	const char *end = memchr(slot, '\n', SLOT_BYTES), *at = slot;
	struct base_hash sum;
	char check[65];
	int i;

	if (end == NULL)
		return false;
	for (i = 0; i < 6; i++) {
		const char *stop = i == 5 ? end : memchr(at, ' ', (size_t)(end - at));

		if (stop == NULL)
			return false;
		field[i] = base_slice(at, (size_t)(stop - at));
		at = stop + 1;
	}
	sum = base_sha256_of(base_slice(slot, (size_t)((const char *)field[5].data - slot)));
	base_hex(check, base_hash_slice(&sum));
	return base_slice_equal(field[5], base_slice(check, CHECK_DIGITS)) && base_slice_equal(field[0], base_slice_text(HEADER));
}

static bool is_hash(struct base_slice hex, struct base_hash *out)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool good = hex.len == 64 && base_unhex(&bytes, hex);

	if (good)
		memcpy(out->bytes, bytes.data, BASE_HASH_BYTES);
	base_buf_free(&bytes);
	return good;
}

/* valid: a whole slot. Another ledger's or another key's is refused, not skipped. */
static enum base_code slot_read(const struct chain_signed *record, const char slot[SLOT_BYTES], bool *valid, uint64_t *size,
				struct base_hash *root, struct base_error *err)
{
	struct base_slice field[6];
	struct base_hash ledger, kid;

	*valid = slot_split(field, slot) && is_hash(field[1], &ledger) && is_hash(field[2], &kid) && base_parse_u64(field[3], size) &&
		 is_hash(field[4], root);
	if (*valid && (!base_hash_equal(&ledger, &record->ledger) || !base_hash_equal(&kid, &record->kid)))
		return base_fail(err, BASE_MISMATCH, "%s: this is the record of what another node or another ledger signed", record->path);
	return BASE_OK;
}

static enum base_code record_make(struct chain_signed *record, struct base_error *err)
{
	struct base_hash none = {{0}};
	struct base_buf bytes = BASE_BUF_INIT;
	char slot[SLOT_BYTES];
	enum base_code code;

	base_buf_reserve(&bytes, FILE_BYTES);
	memset(bytes.data, 0, FILE_BYTES);
	bytes.len = FILE_BYTES;
	slot_print(record, slot, 0, &none);
	memcpy(bytes.data, slot, sizeof(slot));
	code = base_file_write(record->path, base_buf_slice(&bytes), 0600, false, err);
	base_buf_free(&bytes);
	return code == BASE_EXISTS ? BASE_OK : code;
}

enum base_code chain_signed_open(struct chain_signed **out, const char *path, const struct base_hash *ledger, const struct base_hash *kid,
				 bool create, struct base_error *err)
{
	struct chain_signed *record = base_alloc(sizeof(*record));
	enum base_code code = BASE_OK;

	*record = (struct chain_signed){.fd = -1, .path = base_alloc(strlen(path) + 1), .ledger = *ledger, .kid = *kid};
	memcpy(record->path, path, strlen(path));
	record->fd = open(path, O_RDWR | O_CLOEXEC);
	if (record->fd < 0 && errno == ENOENT && create) {
		if ((code = record_make(record, err)) != BASE_OK)
			goto out;
		record->fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (record->fd < 0)
		code = base_fail_errno(err, "cannot open the record of what this node signed, %s", path);
out:
	if (code == BASE_OK)
		*out = record;
	else
		chain_signed_close(record);
	return code;
}

void chain_signed_close(struct chain_signed *record)
{
	if (record == NULL)
		return;
	if (record->fd >= 0)
		(void)close(record->fd);
	free(record->path);
	free(record);
}

static bool slot_load(const struct chain_signed *record, unsigned slot, char out[SLOT_BYTES])
{
	ssize_t got;

	do {
		got = pread(record->fd, out, SLOT_BYTES, (off_t)slot * SLOT_STEP);
	} while (got < 0 && errno == EINTR);
	return got == SLOT_BYTES;
}

enum base_code chain_signed_lock(struct chain_signed *record, uint64_t *size, struct base_hash *root, struct base_error *err)
{
	enum base_code code = BASE_OK;
	bool known = false;

	while (flock(record->fd, LOCK_EX) != 0) {
		if (errno != EINTR)
			return base_fail_errno(err, "cannot lock %s", record->path);
	}
	*size = 0;
	for (unsigned slot = 0; slot < 2 && code == BASE_OK; slot++) {
		char bytes[SLOT_BYTES];
		struct base_hash slot_root;
		uint64_t slot_size = 0;
		bool valid = false;

		if (!slot_load(record, slot, bytes))
			continue;
		code = slot_read(record, bytes, &valid, &slot_size, &slot_root, err);
		if (code == BASE_OK && valid && (!known || slot_size > *size)) {
			known = true;
			*size = slot_size;
			*root = slot_root;
			record->slot = slot;
		}
	}
	if (code == BASE_OK && !known)
		code = base_fail(err, BASE_STORAGE,
				 "%s is damaged: what this node signed is not known, so it must not sign again with this key", record->path);
	if (code != BASE_OK)
		chain_signed_unlock(record);
	return code;
}

enum base_code chain_signed_advance(struct chain_signed *record, uint64_t size, const struct base_hash *root, struct base_error *err)
{
	unsigned slot = 1 - record->slot;
	char bytes[SLOT_BYTES];
	ssize_t done = -1;

	slot_print(record, bytes, size, root);
	errno = ENOSPC;
	if (!base_fault()) {
		do {
			done = pwrite(record->fd, bytes, sizeof(bytes), (off_t)slot * SLOT_STEP);
		} while (done < 0 && errno == EINTR);
	}
	if (done != SLOT_BYTES)
		return base_fail_errno(err, "cannot write %s", record->path);
	errno = ENOSPC;
	if (base_fault() || fdatasync(record->fd) != 0)
		return base_fail_errno(err, "cannot sync %s", record->path);
	record->slot = slot;
	return BASE_OK;
}

void chain_signed_unlock(struct chain_signed *record)
{
	(void)flock(record->fd, LOCK_UN);
}
