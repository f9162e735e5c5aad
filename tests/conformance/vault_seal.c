/* From a file to an item of an event, and from the event back to the file's bytes. */
#include "tests/conformance/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sealed {
	const struct file *file;
	uint64_t len; /* of the file */
	struct wire_cid cid;
	struct base_hash commitment;
	uint64_t sealed_len;
};
/* What one event records. */
struct batch {
	struct vault *vault;
	struct suite *suite;
	struct sealed items[EVENTS_ITEMS_MAX];
	size_t count;
	struct events_event event; /* as read back from the ledger */
};

static const char *study = VAULT_STUDY;

static struct payload_context context_of(const struct vault *v)
{
	return (struct payload_context){.ledger = v->id, .study = study, .organisation = VAULT_ORGANISATION};
}

static enum base_code read_fd(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	const int *fd = arg;
	ssize_t n;

	do
		n = read(*fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return base_fail_errno(err, "read");
	*got = (size_t)n;
	return BASE_OK;
}

/* ---- Sealing -------------------------------------------------------------- */

static enum base_code seal_file(struct vault *v, struct sealed *item, struct base_error *err)
{
	struct keys_public recipients[2] = {*keys_private_public(v->seal), *keys_private_public(v->recovery)};
	struct payload_context context = context_of(v);
	uint8_t key[32] = {0};
	struct stat info;
	int fd = open(item->file->path, O_RDONLY | O_CLOEXEC);
	enum base_code code;

	if (fd < 0)
		return base_fail_errno(err, "open");
	if (fstat(fd, &info) != 0) {
		code = base_fail_errno(err, "stat");
		goto out;
	}
	item->len = (uint64_t)info.st_size;
	code = payload_store_seal(v->store, &context, item->len, read_fd, &fd, recipients, 2, &item->cid, key,
				  &item->sealed_len, err);
	if (code == BASE_OK)
		item->commitment = payload_commitment(key, &v->id, study, base_slice(NULL, 0), &v->author, &item->cid);
out:
	base_wipe(key, sizeof(key));
	(void)close(fd);
	return code;
}

static void put_items(struct base_buf *body, const struct batch *batch)
{
	wire_put_map(body, 1);
	wire_put_uint(body, 1);
	wire_put_array(body, batch->count);
	for (size_t i = 0; i < batch->count; i++) {
		const struct sealed *item = &batch->items[i];
		uint8_t cid[WIRE_CID_BYTES];

		wire_cid_bytes(cid, &item->cid);
		wire_put_map(body, 4);
		wire_put_uint(body, 1);
		wire_put_bytes(body, base_slice(cid, sizeof(cid)));
		wire_put_uint(body, 2);
		wire_put_hash(body, &item->commitment);
		wire_put_uint(body, 3);
		wire_put_uint(body, item->sealed_len);
		wire_put_uint(body, 4);
		wire_put_uint(body, 1); /* clinical */
	}
}

/* ---- Opening -------------------------------------------------------------- */

struct compare {
	int fd;
	bool differs;
};

static enum base_code compare_bytes(void *arg, struct base_slice bytes, struct base_error *err)
{
	struct compare *compare = arg;
	uint8_t buf[65536];

	while (bytes.len > 0 && !compare->differs) {
		size_t got = 0;
		enum base_code code =
			read_fd(&compare->fd, buf, bytes.len < sizeof(buf) ? bytes.len : sizeof(buf), &got, err);

		if (code != BASE_OK)
			return code;
		compare->differs = got == 0 || memcmp(buf, bytes.data, got) != 0;
		bytes = base_slice(bytes.data + got, bytes.len - got);
	}
	return BASE_OK;
}

/* The key as the JWE of one recipient gives it, and as the item of the event commits to it. */
static enum base_code unwrap(struct vault *v, const struct events_item *item, const struct keys_private *recipient,
			     uint8_t key[32], struct base_error *err)
{
	struct base_hash kid = keys_kid(keys_private_public(recipient)), commitment;
	struct base_buf jwe = BASE_BUF_INIT;
	enum base_code code = payload_store_jwe(v->store, &item->cid, &kid, &jwe, err);

	if (code == BASE_OK)
		code = keys_jwe_open(key, recipient, base_buf_slice(&jwe), err);
	if (code == BASE_OK) {
		commitment = payload_commitment(key, &v->id, study, item->participant, &v->author, &item->cid);
		if (!base_hash_equal(&commitment, &item->commitment))
			code = base_fail(err, BASE_MISMATCH, "the key is not the one that the event commits to");
	}
	base_buf_free(&jwe);
	return code;
}

static enum base_code open_item(struct vault *v, const struct events_item *item, const struct file *file,
				struct base_error *err)
{
	struct payload_context context = context_of(v);
	struct compare compare = {.fd = open(file->path, O_RDONLY | O_CLOEXEC)};
	uint8_t key[32] = {0}, recovered[32] = {0}, rest;
	size_t got = 0;
	enum base_code code;

	if (compare.fd < 0)
		return base_fail_errno(err, "open");
	if ((code = unwrap(v, item, v->seal, key, err)) != BASE_OK ||
	    (code = unwrap(v, item, v->recovery, recovered, err)) != BASE_OK)
		goto out;
	if (memcmp(key, recovered, sizeof(key)) != 0) {
		code = base_fail(err, BASE_MISMATCH, "the two recipients get different keys");
		goto out;
	}
	code = payload_store_open_stream(v->store, &item->cid, key, &context, compare_bytes, &compare, err);
	if (code == BASE_OK)
		code = read_fd(&compare.fd, &rest, 1, &got, err);
	if (code == BASE_OK && (compare.differs || got != 0))
		code = base_fail(err, BASE_MISMATCH, "what was opened is not what was sealed");
out:
	base_wipe(key, sizeof(key));
	base_wipe(recovered, sizeof(recovered));
	(void)close(compare.fd);
	return code;
}

static bool check_item(void *arg, size_t i, const struct events_item *item)
{
	struct batch *batch = arg;
	struct base_error err = {""};
	const struct sealed *sealed = &batch->items[i];
	enum base_code code = BASE_OK;

	if (i >= batch->count)
		return false;
	if (!wire_cid_equal(&item->cid, &sealed->cid) || item->len != sealed->sealed_len ||
	    item->len != payload_sealed_len(sealed->len))
		code = base_fail(&err, BASE_MISMATCH, "the event names another payload than was sealed");
	else
		code = open_item(batch->vault, item, sealed->file, &err);
	batch->suite->file = sealed->file;
	case_end(batch->suite, NULL, code == BASE_OK ? NULL : err.text);
	return true;
}

/* ---- One event ------------------------------------------------------------ */

static enum base_code record(struct batch *batch, uint64_t *index, struct base_error *err)
{
	struct base_buf body = BASE_BUF_INIT;
	enum base_code code = payload_store_sync(batch->vault->store, err);

	put_items(&body, batch);
	if (code == BASE_OK)
		code = vault_record(batch->vault, "data.submit", VAULT_STUDY, base_buf_slice(&body), index, err);
	base_buf_free(&body);
	return code;
}

static enum base_code reopen(struct batch *batch, uint64_t index, struct base_error *err)
{
	struct chain_read *read = NULL;
	struct chain_entry entry;
	struct base_slice bytes;
	enum base_code code = chain_read_begin(&read, batch->vault->chain, err);

	if (code == BASE_OK)
		code = chain_read_entry(read, index, &bytes, err);
	if (code == BASE_OK)
		code = chain_entry_decode(&entry, bytes, err);
	if (code == BASE_OK)
		code = events_decode(&batch->event, entry.event, err);
	if (code == BASE_OK)
		code = events_verify(&batch->event, keys_private_public(batch->vault->sign), err);
	if (code == BASE_OK && events_item_count(&batch->event) != batch->count)
		code = base_fail(err, BASE_MISMATCH, "the event has another number of items");
	if (code == BASE_OK)
		events_items(&batch->event, check_item, batch);
	chain_read_end(&read);
	return code;
}

static void finish(struct batch *batch)
{
	struct base_error err = {""};
	enum base_code code;
	uint64_t index;

	if (batch->count == 0)
		return;
	if ((code = record(batch, &index, &err)) == BASE_OK) {
		batch->vault->payloads += batch->count;
		code = reopen(batch, index, &err);
	}
	for (size_t i = 0; i < batch->count && code != BASE_OK; i++) {
		batch->suite->file = batch->items[i].file;
		case_fail(batch->suite, NULL, "%s", err.text);
	}
	batch->count = 0;
}

void vault_seal(struct vault *vault, struct suite *s)
{
	struct batch *batch = base_alloc(sizeof(*batch));

	batch->vault = vault;
	batch->suite = s;
	for (size_t i = 0; i < s->sealed.count; i++) {
		struct sealed *item = &batch->items[batch->count];
		struct base_error err = {""};

		*item = (struct sealed){.file = &s->sealed.list[i]};
		if (seal_file(vault, item, &err) == BASE_OK) {
			batch->count++;
		} else {
			s->file = item->file;
			case_fail(s, NULL, "sealing: %s", err.text);
		}
		if (batch->count == EVENTS_ITEMS_MAX)
			finish(batch);
	}
	finish(batch);
	free(batch);
}
