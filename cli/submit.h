/* submit: what is to be submitted, what was done of it, and the events that record it.
 *
 *   submit_plan.c     files, folders, CSV manifests, standard input -> a list of items
 *   manifest.c        the CSV reader
 *   submit_journal.c  what is sealed and signed already, so that an interrupted run goes on
 *   submit_done.c     which submissions are finished, so that one given again records nothing twice
 *   cmd_submit.c      seals, signs, records
 */
#ifndef CLI_SUBMIT_H
#define CLI_SUBMIT_H

#include <time.h>

#include "cli/cli.h"

struct submit_item {
	char *path; /* opened for reading; NULL: standard input */
	char *name; /* in the sealed manifest: relative to what was named on the command line */
	uint64_t len;
	struct timespec modified;
	uint64_t device, inode;
	int fd; /* spooled standard input; else -1 */
	char *participant; /* as given: the site's number or a reference; NULL: none */
	struct base_hash reference;
	char *category, *collected; /* collected NULL: not said */
	bool sealed_done, recorded; /* recorded: an event holds it, though that may have to be sent again */
	struct cli_sealed sealed;
};
struct submit_plan {
	struct submit_item *items;
	size_t count, cap;
	uint64_t bytes; /* of all */
};
/* Everything that the command line names, in order of name within a folder; refuses duplicates, loops, names that are not UTF-8. */
BASE_MUST_USE enum base_code submit_plan_make(struct submit_plan *plan, const struct cli *cli, struct base_error *err);
void submit_plan_free(struct submit_plan *plan);

/* ---- CSV manifest ---- */

#define MANIFEST_BYTES_MAX (64u << 20)
#define MANIFEST_ROWS_MAX 1000000u
struct manifest_row {
	char *file, *participant, *category, *collected; /* empty cells are NULL */
};
struct manifest {
	struct manifest_row *rows;
	size_t count, cap;
};
/* RFC 4180 with a heading line: file is required; participant, category, collected may be there; others are refused. */
BASE_MUST_USE enum base_code manifest_parse(struct manifest *out, struct base_slice text, struct base_error *err);
void manifest_free(struct manifest *manifest);

/* ---- Journal ---- */

struct submit_journal;
struct submit_done;
/* Opens, or begins, the journal of this very submission (submit_done_open) and holds it locked.
 * What it says is done is marked in the plan. Signed events that may not be recorded yet: see submit_journal_pending.
 * When the submission was finished before, the journal is emptied; with again, it is begun as if it never had been. */
BASE_MUST_USE enum base_code submit_journal_open(struct submit_journal **out, struct cli_session *s, struct submit_done *done, bool again,
						 struct submit_plan *plan, struct base_error *err);
/* A signed event and which items it covers. */
struct submit_pending {
	struct base_buf event;
	size_t first, count;
	bool done;
};
size_t submit_journal_pending(struct submit_journal *journal, struct submit_pending **out);
/* Durable when it returns: after payload_store_sync, before the event is sent. */
BASE_MUST_USE enum base_code submit_journal_sealed(struct submit_journal *journal, const struct submit_plan *plan, size_t first, size_t count,
						   struct base_error *err);
BASE_MUST_USE enum base_code submit_journal_event(struct submit_journal *journal, struct base_slice event, size_t first, size_t count,
						  struct base_error *err);
/* The event is on the ledger; refused: as refused, so that the next run submits its files again. */
BASE_MUST_USE enum base_code submit_journal_done(struct submit_journal *journal, size_t first, bool refused, struct base_error *err);
/* complete: everything is recorded, and the journal is removed. */
void submit_journal_close(struct submit_journal *journal, bool complete);

/* ---- Finished submissions ---- */

struct submit_done {
	struct base_hash key;     /* of this machine and ledger */
	char journal[65];         /* names this submission: who, where, what was named on the command line, with which options */
	char *path;               /* of the record: as journal, and sizes and times of the files */
	uint64_t *indices;        /* of the events that hold it */
	size_t count;
	struct base_hash *waiting; /* events that are not on the ledger yet: in the outbox */
	size_t waiting_count;      /* both 0: not finished, as far as is known */
};
/* The digests of a submission: HMACs under a key of this machine, so that no name can be guessed from them. */
BASE_MUST_USE enum base_code submit_done_open(struct submit_done *done, struct cli_session *s, const char *study, const char *site,
					      const struct submit_plan *plan, struct base_error *err);
/* Looks whether it is finished: fills both lists, if the ledger or the outbox has every event that the record names. */
BASE_MUST_USE enum base_code submit_done_find(struct submit_done *done, struct cli_session *s, struct base_error *err);
BASE_MUST_USE enum base_code submit_done_forget(struct submit_done *done, struct base_error *err);
void submit_done_add(struct submit_done *done, uint64_t index);
void submit_done_wait(struct submit_done *done, const struct base_hash *id);
/* Durable when it returns; then the journal may go. */
BASE_MUST_USE enum base_code submit_done_write(struct submit_done *done, struct cli_session *s, struct base_error *err);
void submit_done_close(struct submit_done *done);

#endif
