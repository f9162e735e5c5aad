/* Which submissions are finished: a file each in HOME/ledgers/ID16/submitted, which names the events that hold it.
 *
 *   regesta-submitted@v1
 *   event INDEX ID
 *   waits ID               signed with --offline
 *
 * The file's name is a HMAC, under the key beside it, of everything that makes it this submission: actor, study, site, options,
 * and of each file its full path, participant, category, time, size and time of change. Nothing is there in clear, and
 * without the key no guess can be tried. A record whose events the ledger does not have (it was restored from an older copy)
 * counts for nothing; so does one whose event has left
 * the outbox for nowhere. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/submit.h"

#define FIRST_LINE "regesta-submitted@v1\n"
#define RECORD_BYTES_MAX (16u << 20)

/* ---- Its name ---- */

static void add_text(struct base_sha256 *sha, const char *text)
{
	base_sha256_add(sha, base_slice(text != NULL ? text : "", (text != NULL ? strlen(text) : 0) + 1));
}

static void add_number(struct base_sha256 *sha, uint64_t number)
{
	uint8_t bytes[8];

	base_put_u64be(bytes, number);
	base_sha256_add(sha, base_slice(bytes, sizeof(bytes)));
}

/* Standard input has no name in the world, so that its content stands for it. */
static enum base_code add_content(struct base_sha256 *sha, int fd, struct base_error *err)
{
	uint8_t buffer[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		base_sha256_add(sha, base_slice(buffer, (size_t)n));
		at += n;
	}
	base_wipe(buffer, sizeof(buffer));
	return n == 0 ? BASE_OK : base_fail_errno(err, "standard input");
}

static enum base_code add_item(struct base_sha256 *sha, const struct submit_item *item, struct base_error *err)
{
	char *full = NULL;
	enum base_code code = BASE_OK;

	if (item->path != NULL && (full = realpath(item->path, NULL)) == NULL)
		return base_fail_errno(err, "%s", item->path);
	add_text(sha, full != NULL ? full : item->name);
	add_text(sha, item->participant);
	add_text(sha, item->category);
	add_text(sha, item->collected);
	if (item->path == NULL)
		code = add_content(sha, item->fd, err);
	free(full);
	return code;
}

/* Which submission this is; with its state too, as two digests. */
static enum base_code digest(struct base_hash out[2], struct cli_session *s, const char *study, const char *site,
			     const struct submit_plan *plan, struct base_error *err)
{
	static const char *const options[] = {"when", "capacity", "on-behalf-of", "meaning", "reason", "reason-text"};
	struct base_sha256 sha;
	enum base_code code = BASE_OK;

	base_sha256_begin(&sha);
	add_text(&sha, s->actor);
	add_text(&sha, study);
	add_text(&sha, site);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		add_text(&sha, cli_get(s->cli, options[i]));
	add_number(&sha, plan->count);
	for (size_t i = 0; i < plan->count && code == BASE_OK; i++)
		code = add_item(&sha, &plan->items[i], err);
	out[0] = base_sha256_end(&sha);
	base_sha256_begin(&sha);
	base_sha256_add(&sha, base_hash_slice(&out[0]));
	for (size_t i = 0; i < plan->count; i++) {
		add_number(&sha, plan->items[i].len);
		add_number(&sha, (uint64_t)plan->items[i].modified.tv_sec);
		add_number(&sha, (uint64_t)plan->items[i].modified.tv_nsec);
	}
	out[1] = base_sha256_end(&sha);
	return code;
}

static enum base_code open_key(struct submit_done *done, const char *folder, struct base_error *err)
{
	char *path = base_path(folder, "key");
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code = base_file_read(&bytes, path, 64, err);

	if (code == BASE_NOT_FOUND) {
		code = keys_random(done->key.bytes, sizeof(done->key.bytes), err);
		if (code == BASE_OK)
			code = base_file_write(path, base_hash_slice(&done->key), 0600, false, err);
		/* Another process made it meanwhile; or this one did. */
		if (code == BASE_OK || code == BASE_EXISTS)
			code = base_file_read(&bytes, path, 64, err);
	}
	if (code == BASE_OK && bytes.len != sizeof(done->key.bytes))
		code = base_fail(err, BASE_MALFORMED, "%s is damaged; remove it, and finished submissions are no longer recognised", path);
	if (code == BASE_OK)
		memcpy(done->key.bytes, bytes.data, bytes.len);
	base_buf_wipe(&bytes);
	free(path);
	return code;
}

enum base_code submit_done_open(struct submit_done *done, struct cli_session *s, const char *study, const char *site,
				const struct submit_plan *plan, struct base_error *err)
{
	char *folder = base_path(s->state_dir, "submitted");
	struct base_hash digests[2], mac;
	char hex[65];
	enum base_code code = base_make_folder(folder, 0700, err);

	*done = (struct submit_done){0};
	if (code == BASE_OK)
		code = open_key(done, folder, err);
	if (code == BASE_OK)
		code = digest(digests, s, study, site, plan, err);
	if (code == BASE_OK) {
		mac = keys_hmac(base_hash_slice(&done->key), base_hash_slice(&digests[0]));
		base_hex(done->journal, base_hash_slice(&mac));
		mac = keys_hmac(base_hash_slice(&done->key), base_hash_slice(&digests[1]));
		base_hex(hex, base_hash_slice(&mac));
		done->path = base_path(folder, hex);
	}
	free(folder);
	return code;
}

/* ---- Its record ---- */

/* "waits ID": in the outbox, or on the ledger by now. */
static bool take_waiting(struct submit_done *done, struct cli_session *s, const char *hex)
{
	enum cli_outbox_place place = CLI_OUTBOX_NONE;
	struct base_buf id = BASE_BUF_INIT;
	struct base_error ignored;
	struct base_hash hash;
	uint64_t index;
	bool good = base_unhex(&id, base_slice_text(hex)) && id.len == sizeof(hash.bytes);

	if (good) {
		memcpy(hash.bytes, id.data, id.len);
		if (chain_read_find(s->read, &hash, &index, &ignored) == BASE_OK)
			submit_done_add(done, index);
		else if ((good = cli_outbox_find(s, &hash, &place, &ignored) == BASE_OK && place != CLI_OUTBOX_NONE))
			submit_done_wait(done, &hash);
	}
	base_buf_free(&id);
	return good;
}

/* "event INDEX ID": there, and that very event. */
static bool take_line(struct submit_done *done, struct cli_session *s, const char *line)
{
	struct base_buf id = BASE_BUF_INIT;
	struct base_error ignored;
	struct base_hash hash;
	uint64_t index, found;
	size_t digits;
	bool good = false;

	if (strncmp(line, "waits ", 6) == 0)
		return take_waiting(done, s, line + 6);
	if (strncmp(line, "event ", 6) != 0)
		return false;
	digits = strcspn(line + 6, " ");
	if (base_parse_u64(base_slice(line + 6, digits), &index) && line[6 + digits] == ' ' &&
	    base_unhex(&id, base_slice_text(line + 7 + digits)) && id.len == sizeof(hash.bytes)) {
		memcpy(hash.bytes, id.data, id.len);
		good = chain_read_find(s->read, &hash, &found, &ignored) == BASE_OK && found == index;
	}
	base_buf_free(&id);
	if (good)
		submit_done_add(done, index);
	return good;
}

enum base_code submit_done_find(struct submit_done *done, struct cli_session *s, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	size_t head = strlen(FIRST_LINE);
	enum base_code code = base_file_read(&text, done->path, RECORD_BYTES_MAX, err);
	bool good;

	if (code != BASE_OK) {
		base_buf_free(&text);
		return code == BASE_NOT_FOUND ? BASE_OK : code;
	}
	good = text.len > head && memcmp(text.data, FIRST_LINE, head) == 0 && text.data[text.len - 1] == '\n';
	for (size_t start = head; good && start < text.len;) {
		uint8_t *end = memchr(text.data + start, '\n', text.len - start);

		*end = '\0';
		good = take_line(done, s, (const char *)text.data + start);
		start = (size_t)(end - text.data) + 1;
	}
	if (!good)
		done->count = done->waiting_count = 0;
	base_buf_free(&text);
	return BASE_OK;
}

enum base_code submit_done_forget(struct submit_done *done, struct base_error *err)
{
	done->count = done->waiting_count = 0;
	if (unlink(done->path) != 0 && errno != ENOENT)
		return base_fail_errno(err, "%s", done->path);
	return BASE_OK;
}

void submit_done_add(struct submit_done *done, uint64_t index)
{
	done->indices = base_realloc(done->indices, (done->count + 1) * sizeof(*done->indices));
	done->indices[done->count++] = index;
}

void submit_done_wait(struct submit_done *done, const struct base_hash *id)
{
	done->waiting = base_realloc(done->waiting, (done->waiting_count + 1) * sizeof(*done->waiting));
	done->waiting[done->waiting_count++] = *id;
}

enum base_code submit_done_write(struct submit_done *done, struct cli_session *s, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	base_buf_append(&text, base_slice_text(FIRST_LINE));
	for (size_t i = 0; i < done->count && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;
		char hex[65];

		code = cli_event_at(s, done->indices[i], &entry, &event, err);
		if (code != BASE_OK)
			break;
		base_hex(hex, base_hash_slice(&event.id));
		base_buf_print(&text, "event %llu %s\n", (unsigned long long)done->indices[i], hex);
	}
	for (size_t i = 0; i < done->waiting_count; i++) {
		char hex[65];

		base_hex(hex, base_hash_slice(&done->waiting[i]));
		base_buf_print(&text, "waits %s\n", hex);
	}
	if (code == BASE_OK)
		code = base_file_write(done->path, base_buf_slice(&text), 0600, true, err);
	base_buf_free(&text);
	return code;
}

void submit_done_close(struct submit_done *done)
{
	base_wipe(&done->key, sizeof(done->key));
	free(done->path);
	free(done->indices);
	free(done->waiting);
	*done = (struct submit_done){0};
}
