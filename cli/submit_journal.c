/* The journal of an unfinished submission: a text file, appended and synced, in HOME/ledgers/ID16/journal.
 *
 *   regesta-journal@v1
 *   sealed INDEX LEN MTIME_S MTIME_NS INODE CID COMMITMENT CIPHERTEXT_LEN
 *   event FIRST COUNT BASE64
 *   done FIRST
 *   refused FIRST          the event was entered as refused: what it covers is to be submitted again
 *
 * A line counts only with its newline: what a crash cut off is as if it had not been written. Its name is a keyed digest
 * (submit_done.c). It lies with the register, mode 0600, and is removed when the submission is complete. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/submit.h"

#define FIRST_LINE "regesta-journal@v1\n"
#define JOURNAL_BYTES_MAX (1u << 30)

struct submit_journal {
	int fd;
	char *path;
	struct submit_pending *pending;
	size_t count;
};

/* ---- Reading what an earlier run left ---- */

/* The next word of a line, up to a space or its end; empty at the end. */
static struct base_slice word(const char **line)
{
	size_t len = strcspn(*line, " ");
	struct base_slice out = base_slice(*line, len);

	*line += len + ((*line)[len] == ' ');
	return out;
}

static bool number(const char **line, uint64_t *out)
{
	return base_parse_u64(word(line), out);
}

static void take_sealed(struct submit_plan *plan, const char *line)
{
	uint64_t index, len, inode, sealed_len, seconds, nanoseconds;
	struct base_slice cid, commitment;
	struct base_buf kc = BASE_BUF_INIT;
	struct submit_item *item;
	struct wire_cid parsed;
	struct base_error ignored;

	if (!number(&line, &index) || !number(&line, &len) || !number(&line, &seconds) || !number(&line, &nanoseconds) ||
	    !number(&line, &inode) || index >= plan->count)
		return;
	cid = word(&line);
	commitment = word(&line);
	if (!number(&line, &sealed_len))
		return;
	item = &plan->items[index];
	/* The file is another by now: it is sealed anew. */
	if (item->len != len || (uint64_t)item->modified.tv_sec != seconds || (uint64_t)item->modified.tv_nsec != nanoseconds || item->inode != inode)
		return;
	if (wire_cid_parse_text(&parsed, cid, &ignored) == BASE_OK && base_unhex(&kc, commitment) &&
	    kc.len == sizeof(item->sealed.commitment.bytes)) {
		item->sealed.cid = parsed;
		memcpy(item->sealed.commitment.bytes, kc.data, kc.len);
		item->sealed.len = sealed_len;
		item->sealed_done = true;
	}
	base_buf_free(&kc);
}

static void take_event(struct submit_journal *journal, struct submit_plan *plan, const char *line)
{
	struct submit_pending pending = {0};
	uint64_t first, count;

	if (!number(&line, &first) || !number(&line, &count) || first > plan->count || count > plan->count - first ||
	    !base_unbase64(&pending.event, base_slice_text(line))) {
		base_buf_free(&pending.event);
		return;
	}
	pending.first = (size_t)first;
	pending.count = (size_t)count;
	/* A file that was changed since is not in this event as it is now: it is submitted once more, in another one. */
	for (size_t i = pending.first; i < pending.first + pending.count; i++)
		plan->items[i].recorded = plan->items[i].sealed_done;
	journal->pending = base_realloc(journal->pending, (journal->count + 1) * sizeof(pending));
	journal->pending[journal->count++] = pending;
}

/* The last event that begins there was refused: its items are not on the ledger, and keep their sealed payloads. */
static void take_refused(struct submit_journal *journal, struct submit_plan *plan, uint64_t first)
{
	for (size_t i = journal->count; i-- > 0;) {
		struct submit_pending *pending = &journal->pending[i];

		if (pending->first != first)
			continue;
		for (size_t n = first; n < first + pending->count; n++)
			plan->items[n].recorded = false;
		base_buf_free(&pending->event);
		memmove(pending, pending + 1, (journal->count - i - 1) * sizeof(*pending));
		journal->count--;
		return;
	}
}

static void take_line(struct submit_journal *journal, struct submit_plan *plan, const char *line)
{
	uint64_t first;

	if (strncmp(line, "sealed ", 7) == 0) {
		take_sealed(plan, line + 7);
	} else if (strncmp(line, "event ", 6) == 0) {
		take_event(journal, plan, line + 6);
	} else if (strncmp(line, "refused ", 8) == 0 && base_parse_u64(base_slice_text(line + 8), &first)) {
		take_refused(journal, plan, first);
	} else if (strncmp(line, "done ", 5) == 0 && base_parse_u64(base_slice_text(line + 5), &first)) {
		for (size_t i = 0; i < journal->count; i++)
			journal->pending[i].done = journal->pending[i].done || journal->pending[i].first == first;
	}
}

static enum base_code read_journal(struct submit_journal *journal, struct submit_plan *plan, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = base_file_read(&text, journal->path, JOURNAL_BYTES_MAX, err);
	size_t whole = 0;

	if (code != BASE_OK)
		goto out;
	for (size_t start = 0; start < text.len;) {
		uint8_t *end = memchr(text.data + start, '\n', text.len - start);

		if (end == NULL)
			break;
		*end = '\0';
		take_line(journal, plan, (const char *)text.data + start);
		start = whole = (size_t)(end - text.data) + 1;
	}
	/* The cut-off rest must not run into the next line. */
	if (ftruncate(journal->fd, (off_t)whole) != 0 || lseek(journal->fd, 0, SEEK_END) < 0)
		code = base_fail_errno(err, "%s", journal->path);
	else if (whole == 0)
		code = base_write_all(journal->fd, base_slice_text(FIRST_LINE), err);
out:
	base_buf_free(&text);
	return code;
}

/* What is known of a finished submission makes its journal useless: the run that wrote it was stopped before it removed it. */
static enum base_code look_for_finished(struct submit_journal *journal, struct cli_session *s, struct submit_done *done, bool again,
					struct base_error *err)
{
	enum base_code code = submit_done_find(done, s, err);

	if (code != BASE_OK || done->count + done->waiting_count == 0)
		return code;
	if (ftruncate(journal->fd, 0) != 0)
		return base_fail_errno(err, "%s", journal->path);
	return again ? submit_done_forget(done, err) : BASE_OK;
}

/* Opened and locked. Whoever held the lock may have finished and removed the file meanwhile: what has no name any more would
 * be lost with this process, so that the next one begins anew. */
static enum base_code open_locked(struct submit_journal *journal, struct base_error *err)
{
	struct stat info;

	for (;;) {
		journal->fd = open(journal->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (journal->fd < 0)
			return base_fail_errno(err, "%s", journal->path);
		if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0)
			return base_fail(err, BASE_BUSY, "this very submission is running in another process");
		if (fstat(journal->fd, &info) != 0)
			return base_fail_errno(err, "%s", journal->path);
		if (info.st_nlink > 0)
			return BASE_OK;
		close(journal->fd);
	}
}

enum base_code submit_journal_open(struct submit_journal **out, struct cli_session *s, struct submit_done *done, bool again,
				   struct submit_plan *plan, struct base_error *err)
{
	struct submit_journal *journal = base_alloc(sizeof(*journal));
	char *folder = base_path(s->state_dir, "journal");
	char name[80];
	enum base_code code = base_make_folder(folder, 0700, err);

	snprintf(name, sizeof(name), "%s.journal", done->journal);
	journal->fd = -1;
	journal->path = base_path(folder, name);
	if (code == BASE_OK)
		code = open_locked(journal, err);
	/* Under the lock: a process that has just finished it has said so. */
	if (code == BASE_OK && (code = cli_session_refresh(s, err)) == BASE_OK)
		code = look_for_finished(journal, s, done, again, err);
	if (code == BASE_OK)
		code = read_journal(journal, plan, err);
	if (code == BASE_OK)
		code = base_sync_folder(folder, err);
	free(folder);
	if (code != BASE_OK)
		submit_journal_close(journal, false);
	else
		*out = journal;
	return base_wrap(err, code, "journal");
}

size_t submit_journal_pending(struct submit_journal *journal, struct submit_pending **out)
{
	*out = journal->pending;
	return journal->count;
}

/* ---- Writing ---- */

static enum base_code append(struct submit_journal *journal, struct base_buf *text, struct base_error *err)
{
	enum base_code code = base_write_all(journal->fd, base_buf_slice(text), err);

	if (code == BASE_OK && (base_fault() || fdatasync(journal->fd) != 0))
		code = base_fail_errno(err, "%s", journal->path);
	base_buf_free(text);
	return base_wrap(err, code, "journal");
}

enum base_code submit_journal_sealed(struct submit_journal *journal, const struct submit_plan *plan, size_t first, size_t count,
				     struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;

	for (size_t i = first; i < first + count; i++) {
		const struct submit_item *item = &plan->items[i];
		char cid[WIRE_CID_TEXT_BYTES], commitment[65];

		wire_cid_text(cid, &item->sealed.cid);
		base_hex(commitment, base_hash_slice(&item->sealed.commitment));
		base_buf_print(&text, "sealed %zu %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s %s %" PRIu64 "\n", i, item->len,
			       (uint64_t)item->modified.tv_sec, (uint64_t)item->modified.tv_nsec, item->inode, cid, commitment,
			       item->sealed.len);
	}
	return append(journal, &text, err);
}

enum base_code submit_journal_event(struct submit_journal *journal, struct base_slice event, size_t first, size_t count,
				    struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;

	base_buf_print(&text, "event %zu %zu ", first, count);
	base_base64(&text, event);
	base_buf_byte(&text, '\n');
	return append(journal, &text, err);
}

enum base_code submit_journal_done(struct submit_journal *journal, size_t first, bool refused, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;

	base_buf_print(&text, "%s %zu\n", refused ? "refused" : "done", first);
	return append(journal, &text, err);
}

void submit_journal_close(struct submit_journal *journal, bool complete)
{
	if (journal == NULL)
		return;
	if (complete)
		(void)unlink(journal->path);
	if (journal->fd >= 0)
		close(journal->fd);
	for (size_t i = 0; i < journal->count; i++)
		base_buf_free(&journal->pending[i].event);
	free(journal->pending);
	free(journal->path);
	free(journal);
}
