/* cli: regesta, what a person types.
 *
 * Tour
 *   main.c        finds the command, parses its options, runs it, turns the error code into the exit code
 *   commands.c    the table of all commands: help, man pages and completion derive from it
 *   options.c     GNU-style long options from a command's table
 *   help.c        --help, man pages (`regesta help --man`), shell completion
 *   catalogue.c   messages in the reader's language (GNU gettext; po/)
 *   output.c      JSON, tables, colours, progress bars
 *   session.c     an open ledger with the caller's identity, register and payload store
 *   target.c      the files that payloads are written to
 *   passphrase.c  passphrases from the terminal, a file or the environment
 *   compose.c     envelope, signature, block, receipt: every recording command ends here
 *   unwrap.c      payload keys, with whatever key of the caller opens them
 *   sealed.c      names and texts that an event carries sealed
 *   words.c       ids, times, actors and flags in words
 *   denial.c      which thing a denial is about
 *   item.c        an item and what became of it
 *   paper.c       forms, signatures, provisions and scans, from options
 *   survey.c      organisations, actors and studies, found without reading the whole ledger
 *   cmd_*.c       one file a group of commands
 *
 * A command's function returns an enum base_code, which is the exit code, and
 * leaves one sentence in err when it is not BASE_OK. It prints results to stdout (JSON with
 * --json, else text for people) and everything else to stderr.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>

#include "ledger/audit/audit.h"
#include "ledger/base/base.h"
#include "ledger/chain/chain.h"
#include "ledger/events/events.h"
#include "ledger/keys/keys.h"
#include "ledger/payload/payload.h"
#include "ledger/register/register.h"

#define CLI_VERSION "0.1.0"

/* ---- Commands and options ------------------------------------------------ */

struct cli;
struct cli_option {
	const char *name;  /* "receipt" for --receipt */
	const char *value; /* "FILE"; NULL: a flag */
	const char *help;
	bool repeat; /* may be given more than once */
};
struct cli_command {
	const char *name;     /* "submit", "actor enrol" */
	const char *group;    /* heading in `regesta help` */
	const char *args;     /* "FILE..." */
	const char *summary;  /* one line, no full stop */
	const char *text;     /* paragraphs for --help and the man page, or NULL */
	const char *examples; /* lines "command  # what it does", or NULL */
	const struct cli_option *options; /* ends with a NULL name; may be NULL */
	int args_min, args_max; /* -1: any number */
	enum base_code (*run)(struct cli *cli, struct base_error *err);
};
/* Every cmd_*.c has a table that ends with a NULL name. */
extern const struct cli_command cli_cmd_init[], cli_cmd_key[], cli_cmd_actor[], cli_cmd_study[], cli_cmd_ethics[], cli_cmd_consent[], cli_cmd_consent_show[], cli_cmd_list_cover[],
	cli_cmd_participant[], cli_cmd_agreement[],
	cli_cmd_submit[], cli_cmd_record[], cli_cmd_access[], cli_cmd_request[], cli_cmd_outbox[],
	cli_cmd_open[], cli_cmd_show[], cli_cmd_list[], cli_cmd_lineage[], cli_cmd_receipt[], cli_cmd_verify[], cli_cmd_audit[],
	cli_cmd_copies[], cli_cmd_report[], cli_cmd_payload[], cli_cmd_register[], cli_cmd_help[],
	cli_cmd_consent_import[], cli_cmd_import[];
extern const struct cli_command cli_cmd_rights[], cli_cmd_custody[], cli_cmd_limits[], cli_cmd_contract[];
/* All of them in order of the help page; ends with NULL. */
const struct cli_command *const *cli_commands(void);
extern const struct cli_option cli_global_options[];

#define CLI_VALUES_MAX 512
struct cli {
	const struct cli_command *command;
	int argc; /* what is left after the options */
	char **argv;
	struct {
		const struct cli_option *option;
		const char *value;
	} values[CLI_VALUES_MAX];
	size_t value_count;
	bool json, quiet, color_out, color_err, progress;
};
/* Parses everything after the command's name; BASE_USAGE names what is wrong and the nearest option. */
BASE_MUST_USE enum base_code cli_parse(struct cli *cli, int argc, char **argv, struct base_error *err);
bool cli_has(const struct cli *cli, const char *option);
const char *cli_get(const struct cli *cli, const char *option); /* last value or NULL */
/* i-th value of a repeated option or NULL. */
const char *cli_get_nth(const struct cli *cli, const char *option, size_t i);
/* The value, or BASE_USAGE "--study is missing; …". */
BASE_MUST_USE enum base_code cli_need(const struct cli *cli, const char *option, const char **value, struct base_error *err);
/* The candidate nearest to word (edit distance at most 3), or NULL. */
const char *cli_nearest(const char *word, const char *const *candidates, size_t count);
/* A time that a person gave, such as --when's; BASE_USAGE says what is wrong, and an example where the zone is missing. */
BASE_MUST_USE enum base_code cli_when_parse(struct events_when *out, const char *text, struct base_error *err);
/* --limit-key, --limit-organisation, --limit-restrictions; what is not given is left alone. */
BASE_MUST_USE enum base_code cli_limits(const struct cli *cli, struct state_limits *limits, struct base_error *err);
void cli_help_command(const struct cli_command *command, FILE *out, bool color);

/* ---- Messages (catalogue.c) ---------------------------------------------- */

/* Messages are English in the source; _() gives them in the reader's language, N_() only marks them, for what is given to _() later.
 * What --json prints, what lies in files and what is signed never passes through it. The formats of base_fail, cli_note, cli_warn and
 * the like are looked up by these themselves (scripts/messages knows their names). */
#define _(text) cli_message(text)
#define N_(text) text
const char *cli_message(const char *english) __attribute__((format_arg(1)));
/* The one for n things: "%d item", "%d items". */
const char *cli_message_plural(const char *one, const char *many, uint64_t n) __attribute__((format_arg(1), format_arg(2)));
/* "en", "de", or NULL for what the environment says. BASE_USAGE: no catalogue of that language is installed. */
BASE_MUST_USE enum base_code cli_language(const char *language, struct base_error *err);
const char *cli_language_name(void); /* that is in use: "en" */
/* Words of a code in that language; "unknown" where there is no such code. */
const char *cli_code_message(enum events_list list, uint64_t number);

/* ---- Output -------------------------------------------------------------- */

/* Prints json and consumes it (stdout, one document, sorted keys, newline). */
void cli_print_json(json_t *json);
/* Malloc'ed text of the same kind. Characters that could move a cursor or turn text round are written as \\uXXXX. */
char *cli_json_dump(const json_t *json);
/* To stderr unless --quiet. */
void cli_note(const struct cli *cli, const char *format, ...) BASE_PRINTF(2, 3);
void cli_warn(const struct cli *cli, const char *format, ...) BASE_PRINTF(2, 3);
/* "label        " in the style of labels, filled to that many columns on a terminal (letters with two bytes are one column); indent stands before it. */
void cli_label(const struct cli *cli, const char *indent, const char *label, size_t columns);
/* "\033[1m" … or "" when stdout is no terminal. */
enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_GOOD, CLI_BAD, CLI_WARN };
const char *cli_style(const struct cli *cli, enum cli_style style);

/* Tables: cells are copied and made fit for a terminal; the last column is cut to the terminal's width. */
struct cli_table;
struct cli_table *cli_table_open(const char *const *headings, size_t columns);
void cli_table_row(struct cli_table *table, const char *const *cells);
void cli_table_print(const struct cli *cli, struct cli_table *table); /* and frees it */
void cli_table_close(struct cli_table *table); /* unprinted; NULL is fine */

/* Progress bar on stderr when it is a terminal and the work is long (0.5 s). */
struct cli_progress {
	const struct cli *cli;
	const char *what;
	uint64_t done, total; /* total 0: unknown */
	uint64_t began_ms, drawn_ms;
	bool bytes; /* units are bytes */
};
void cli_progress_begin(struct cli_progress *p, const struct cli *cli, const char *what, uint64_t total, bool bytes);
void cli_progress_set(struct cli_progress *p, uint64_t done);
void cli_progress_end(struct cli_progress *p);

/* A file that a payload is written to: whole under its name or not there. Devices and pipes are refused, links replaced. */
struct cli_target {
	const char *path; /* borrowed */
	char *temporary;  /* NULL: the file has no name yet */
	int fd;
	bool replace;
};
BASE_MUST_USE enum base_code cli_target_open(struct cli_target *target, const char *path, bool replace, struct base_error *err);
/* Keeps the file with that mode if code is BASE_OK, whatever the umask, and throws it away if not. Returns code, or why it failed. */
BASE_MUST_USE enum base_code cli_target_close(struct cli_target *target, mode_t mode, enum base_code code, struct base_error *err);

json_t *cli_json_hex(struct base_slice bytes);
json_t *cli_json_slice(struct base_slice text); /* invalid UTF-8 made printable */
json_t *cli_json_time(struct base_time time);   /* RFC 3339, UTC, milliseconds */
json_t *cli_json_when(const struct events_when *when);
/* The facts of a record of state, any bytes: each index, time, when, kind, words, content. A head or what is no record: none. */
json_t *cli_facts_json(enum state_table table, struct base_slice record);
void cli_facts_print(const struct cli *cli, enum state_table table, struct base_slice record);

/* ---- Passphrases --------------------------------------------------------- */

/* keys_passphrase_fn: --passphrase-file, then REGESTA_PASSPHRASE, then the terminal (arg: struct cli). */
enum base_code cli_passphrase(void *cli, struct base_buf *out, struct base_error *err);
/* For a new key: asked twice on a terminal; empty when --no-passphrase; BASE_KEY when there is no way to ask. */
BASE_MUST_USE enum base_code cli_passphrase_new(struct cli *cli, const char *what, struct base_buf *out, struct base_error *err);

/* ---- Session ------------------------------------------------------------- */

/* Where things lie (docs/architecture.md):
 *   HOME/keys/NAME.pem               identities of actors ("org~code.pem")
 *   HOME/ledgers/ID16/node.pem       the node's keys (solo operator)
 *   HOME/ledgers/ID16/recovery-ORG.pem, or of an organisation that was admitted HOME/keys/recovery-ORG.pem
 *   HOME/ledgers/ID16/signed         what the node signed; never copied, never restored
 *   HOME/ledgers/ID16/register-ORG/  who the references of an organisation's participants stand for
 *   HOME/ledgers/ID16/journal/       unfinished submissions
 *   HOME/ledgers/ID16/outbox/        what was signed with --offline, its payloads in payload/
 *   HOME/ledgers/ID16/submitted/     finished submissions, by keyed digests
 *   HOME/ledgers/ID16/numbering      locked from an event's number to its recording: no two processes take the same
 *   HOME/ledgers/ID16/actor          the name used when --as is not given
 * HOME is --home, $REGESTA_HOME or ~/.regesta; mode 0700. ID16 = first 16 hex digits of the ledger id. */
struct cli_session {
	struct cli *cli;
	const char *ledger_dir; /* --ledger, $REGESTA_LEDGER or "." */
	struct chain *chain;
	struct chain_read *read;          /* refreshed by cli_session_refresh */
	char *state_dir;                  /* HOME/ledgers/ID16 */
	struct keys_identity identity;    /* of actor; count 0 if not opened */
	char actor[160];                  /* "org/code" */
	char organisation[65];
	struct keys_identity node;
	struct keys_identity former;      /* the caller's, rotated out: see cli_unwrap */
	struct reg *reg;                  /* NULL until cli_session_register */
	struct payload_store *payloads;   /* NULL until cli_session_payloads */
	int numbering;                    /* holds HOME/ledgers/ID16/numbering locked; -1: does not */
};
#define CLI_READ 0u     /* look only */
#define CLI_IDENTITY 1u /* the caller's keys are needed */
#define CLI_RECORD 3u   /* identity and the node's keys: this process records */
/* How often a command starts: opens what the flags say. Close always. */
BASE_MUST_USE enum base_code cli_session_open(struct cli_session *s, struct cli *cli, unsigned flags, struct base_error *err);
void cli_session_close(struct cli_session *s);
BASE_MUST_USE enum base_code cli_session_refresh(struct cli_session *s, struct base_error *err);
/* Waits until no other process of this machine is between taking a sequence number and recording; then the snapshot is
 * a new one. Held until cli_session_numbered or the session's end; taking it again does nothing. */
BASE_MUST_USE enum base_code cli_session_number(struct cli_session *s, struct base_error *err);
void cli_session_numbered(struct cli_session *s);
/* The register of the session's organisation; BASE_NOT_FOUND says how to make it. */
BASE_MUST_USE enum base_code cli_session_register(struct cli_session *s, struct base_error *err);
char *cli_register_path(const char *state_dir, const char *organisation); /* malloc'ed */
BASE_MUST_USE enum base_code cli_session_payloads(struct cli_session *s, bool create, struct base_error *err);
char *cli_home(const struct cli *cli);                              /* malloc'ed */
char *cli_key_path(const struct cli *cli, const char *actor);       /* malloc'ed HOME/keys/org~code.pem */
/* The recovery identity of the session's organisation, if it rests here. */
BASE_MUST_USE enum base_code cli_session_recovery(struct cli_session *s, struct keys_identity *out, struct base_error *err);

/* Looks among the caller's keys that were rotated out for a sealing key that opens something; it is then in s->former.
 * BASE_NOT_FOUND, without text: none does. */
typedef bool (*cli_opens_fn)(void *arg, const struct base_hash *kid);
BASE_MUST_USE enum base_code cli_session_former(struct cli_session *s, cli_opens_fn opens, void *arg, struct base_error *err);

/* What state says of an actor (query.c). */
struct cli_actor {
	uint64_t roles;       /* EVENTS_ROLE bits, organisation-wide */
	struct base_hash kid; /* of the newest key */
	bool active;
};
BASE_MUST_USE enum base_code cli_actor_find(struct cli_session *s, const char *actor, struct cli_actor *out, struct base_error *err);
BASE_MUST_USE enum base_code cli_recovery_key(struct cli_session *s, const char *organisation, struct keys_public *out,
					      struct base_error *err);
/* BASE_NOT_FOUND when no such study is registered: a mistyped code is better said than recorded as refused. */
BASE_MUST_USE enum base_code cli_study_check(struct cli_session *s, const char *study, struct base_error *err);
/* The code of every organisation that is a member, in order of admission. visit returns false to stop. */
typedef bool (*cli_name_fn)(void *arg, const char *name);
BASE_MUST_USE enum base_code cli_organisations(struct cli_session *s, cli_name_fn visit, void *arg, struct base_error *err);
/* Leaves, ascending, of the recorded proposals, admissions, enrolments of actors and registrations of studies: what administrators
 * and sponsors signed is read, and nothing else. *leaves: malloc'ed. */
BASE_MUST_USE enum base_code cli_survey(struct cli_session *s, uint64_t **leaves, size_t *count, struct base_error *err);
/* The sealing key that belongs to the actor's signing key in force. */
BASE_MUST_USE enum base_code cli_sealing_key(struct cli_session *s, const char *actor, struct keys_public *out, struct base_error *err);
/* kids of every sealing key that the actor ever had, oldest first; at most max. */
BASE_MUST_USE enum base_code cli_sealing_kids(struct cli_session *s, const char *actor, struct base_hash *kids, size_t max, size_t *count,
					      struct base_error *err);
/* The next number of a key's sequence: one more than the largest that the ledger has. */
/* What was signed with --offline waits in HOME: it is durable when put returns. next: raised above the numbers that are taken. */
struct cli_draft;
BASE_MUST_USE enum base_code cli_outbox_put(struct cli_session *s, const struct cli_draft *draft, struct base_error *err);
BASE_MUST_USE enum base_code cli_outbox_next(struct cli_session *s, const struct base_hash *kid, uint64_t *next, struct base_error *err);
BASE_MUST_USE enum base_code cli_outbox_list(struct cli_session *s, struct base_error *err);
/* Where an event that was signed with --offline is: nowhere here, waiting, or kept aside. */
enum cli_outbox_place { CLI_OUTBOX_NONE, CLI_OUTBOX_WAITS, CLI_OUTBOX_REFUSED };
BASE_MUST_USE enum base_code cli_outbox_find(struct cli_session *s, const struct base_hash *id, enum cli_outbox_place *place, struct base_error *err);
/* The payloads of such events (outbox_payloads.c). *out NULL: there are none. */
BASE_MUST_USE enum base_code cli_outbox_store(struct cli_session *s, bool create, struct payload_store **out, struct base_error *err);
/* Brings what an event names to the ledger's payloads; durable when it returns. */
BASE_MUST_USE enum base_code cli_outbox_deliver(struct cli_session *s, struct base_slice bytes, struct base_error *err);
BASE_MUST_USE enum base_code cli_outbox_erase(struct cli_session *s, const struct wire_cid *cid, struct base_error *err);
BASE_MUST_USE enum base_code cli_next_sequence(struct cli_session *s, const struct base_hash *kid, uint64_t *next, struct base_error *err);

/* A participant named by the site's own number (needs the register) or as 64 hex digits.
 * The reference; BASE_NOT_FOUND says what to do. */
BASE_MUST_USE enum base_code cli_participant(struct cli_session *s, const char *study, const char *text, struct base_hash *reference,
					     struct base_error *err);
/* "P-001" for who has the register open and knows it, else the reference's first 12 hex digits. */
void cli_participant_words(struct cli_session *s, struct base_slice reference, char *out, size_t cap);

bool cli_is_cid(const char *text); /* or what is meant as one */
/* An id in any form that a person has: a full or abbreviated (>= 4) hex event id, a leaf index "#12", an item "ID#3" or
 * the CID of an item. index: leaf index of the entry; item: -1 when the event as a whole is named.
 * Ambiguous abbreviations are refused with the candidates. */
BASE_MUST_USE enum base_code cli_resolve(struct cli_session *s, const char *text, uint64_t *index, int64_t *item, struct base_error *err);
/* The event of leaf index decoded; entry and event borrow from the snapshot. BASE_NOT_FOUND for block entries. */
/* An item in the form of documents, "id#n", from any form that a person has. */
BASE_MUST_USE enum base_code cli_item_text(struct cli_session *s, const char *text, char out[96], struct base_error *err);
BASE_MUST_USE enum base_code cli_event_at(struct cli_session *s, uint64_t index, struct chain_entry *entry, struct events_event *event,
					  struct base_error *err);

/* ---- Composing and recording --------------------------------------------- */

/* Options that every recording command has; append CLI_RECORDING_OPTIONS to its table. */
/* … without a reason: who withdraws, refuses or objects is asked for none. */
#define CLI_RECORDING_OPTIONS_UNASKED                                                                                          \
	{"when", "TIME", "when the fact happened: 2026-03-01T09:30+01:00, 2026-03-01, 2026-03 (default: now)", false},         \
	{"capacity", "CODE", "own, delegated, transcribed, imported or automatic (default: own)", false},                       \
	{"on-behalf-of", "WHO", "the actor or organisation acted for", false},                                                  \
	{"meaning", "CODE", "of the signature: authored, reviewed, approved, … (default: authored)", false},                    \
	{"receipt", "FILE", "write a receipt of what was recorded", false},                                                     \
	{"dry-run", NULL, "show what would be signed; record nothing", false},                                                  \
	{"offline", NULL, "sign it into the outbox; `regesta push` records it later", false}
#define CLI_RECORDING_OPTIONS                                                                                                  \
	{"reason", "CODE", "why: see `regesta template KIND`", false},                                                          \
	{"reason-text", "FILE", "explanation in free text; it is sealed, never in clear ('-': standard input)", false},         \
	CLI_RECORDING_OPTIONS_UNASKED

/* One event to be recorded. */
struct cli_draft {
	const char *kind;
	const char *study;           /* NULL: the ledger */
	struct base_buf body;        /* CBOR map, made by the caller */
	struct base_buf refs;        /* CBOR array or empty */
	struct base_buf sealed;      /* CBOR array or empty */
	uint64_t capacity;           /* without --capacity; 0: own */
	bool has_source;
	struct wire_cid source;      /* sealed source record, such as a scan */
	struct base_buf bytes;       /* the signed event, after cli_sign */
	struct base_hash id;
};
void cli_draft_free(struct cli_draft *draft);
/* A draft whose body is given as JSON, through the reader of documents: the schema is checked
 * and messages name the member. body is consumed. kind: a static string; study: borrowed. */
BASE_MUST_USE enum base_code cli_draft_json(const struct cli *cli, struct cli_draft *draft, const char *kind, const char *study, json_t *body,
					    struct base_error *err);
/* Fills the envelope from the recording options (when, capacity, reason …), seals the reason text, takes the
 * next sequence number (plus ahead, for several events in one block) and signs. */
BASE_MUST_USE enum base_code cli_sign(struct cli_session *s, struct cli_draft *draft, uint64_t ahead, struct base_error *err);
/* Signs a document's own envelope (`record FILE`) with the next sequence number (plus ahead). draft borrows
 * from document. */
BASE_MUST_USE enum base_code cli_sign_document(struct cli_session *s, struct cli_draft *draft, const struct events_document *document,
					       uint64_t ahead, struct base_error *err);
/* What --category, --collected and --statement (or a list's cell) say, looked at before anything is sealed. BASE_USAGE;
 * the caller puts the option's name before the text. */
BASE_MUST_USE enum base_code cli_code_check(enum events_list list, const char *text, struct base_error *err);
BASE_MUST_USE enum base_code cli_collected_check(const char *text, struct base_error *err);
/* Records signed drafts in one block (or prints them with --dry-run), reports each, writes the receipt. BASE_DENIED when one was
 * entered as refused. indices (may be NULL): leaf index of each. */
BASE_MUST_USE enum base_code cli_record(struct cli_session *s, struct cli_draft *drafts, size_t count, uint64_t *indices,
					struct base_error *err);
/* Records already signed events in one block without printing: for submit's batches. */
BASE_MUST_USE enum base_code cli_record_quietly(struct cli_session *s, struct chain_submission *events, size_t count,
						struct base_error *err);
/* sign + record of one draft: what most commands end with. */
BASE_MUST_USE enum base_code cli_sign_and_record(struct cli_session *s, struct cli_draft *draft, struct base_error *err);
/* Seals bytes as a payload of the study for the author and the recovery key. participant: 32 bytes or empty. */
struct cli_sealed {
	struct wire_cid cid;
	struct base_hash commitment;
	uint64_t len;
};
BASE_MUST_USE enum base_code cli_seal(struct cli_session *s, const char *study, struct base_slice participant, uint64_t len,
				      payload_read_fn read, void *read_arg, struct cli_sealed *out, struct base_error *err);
BASE_MUST_USE enum base_code cli_seal_bytes(struct cli_session *s, const char *study, struct base_slice participant,
					    struct base_slice bytes, struct cli_sealed *out, struct base_error *err);
/* Appends [CID, commitment] to what the event says is sealed beside its items. */
void cli_draft_sealed(struct cli_draft *draft, const struct cli_sealed *sealed);
/* The participant that a sealed entry's commitment names: the one that every item of the event names which names any;
 * empty if there are none or several (docs/formats/payload.md). */
struct base_slice cli_sole_participant(const struct cli_draft *draft);
struct base_slice cli_sole_participant_of(const struct events_event *event);
/* Unwraps a payload's key with the caller's key, one that the caller had before a rotation (its file is still in HOME/keys) or the
 * recovery key, and checks the commitment. participant as recorded. */
BASE_MUST_USE enum base_code cli_unwrap(struct cli_session *s, const char *study, const struct events_event *event,
					struct base_slice participant, const struct wire_cid *cid, const struct base_hash *commitment,
					uint8_t key[32], struct base_error *err);

/* The index-th of what an event carries sealed beside its items; false: there are not so many. */
bool cli_sealed_at(const struct events_event *event, size_t index, struct wire_cid *cid, struct base_hash *commitment);
/* The list of names that `submit` sealed beside the items (JSON: [{"name": …} …]), for the caller to release; NULL when there is none that
 * the caller may open. The session's payload store is open. */
json_t *cli_sealed_names(struct cli_session *s, const struct events_event *event);
/* A payload of the event's sealed list, at most max bytes of it; out is wiped by the caller. */
BASE_MUST_USE enum base_code cli_sealed_text(struct cli_session *s, const struct events_event *event, const struct wire_cid *wanted, size_t max,
					     struct base_buf *out, struct base_error *err);

/* Who an actor is, in print: sealed beside its enrolment or an assignment (--printed-name), for who may open it. */
#define CLI_PRINTED_NAME_BYTES_MAX 200
BASE_MUST_USE enum base_code cli_printed_name_seal(struct cli_session *s, struct cli_draft *draft, struct base_error *err);
/* The latest that the actor's own organisation gave and that the caller may open; false: none. The session's payload store is open. */
bool cli_printed_name(struct cli_session *s, const char *actor, char name[CLI_PRINTED_NAME_BYTES_MAX + 1]);

/* An enrolment request (`key new --request`): cose holds its COSE_Sign1, which out borrows from; the proof is verified. */
BASE_MUST_USE enum base_code cli_request_read(const char *path, struct base_buf *cose, struct events_enrolment *out, struct base_error *err);

/* ---- Words --------------------------------------------------------------- */

/* An entry as JSON (docs/json.md) and as paragraphs for people. */
json_t *cli_entry_json(struct cli_session *s, uint64_t index, const struct chain_entry *entry, const struct events_event *event);
void cli_entry_print(struct cli_session *s, uint64_t index, const struct chain_entry *entry, const struct events_event *event);
/* One line of `log` and `history`: cells time, kind, who, what. */
void cli_entry_line(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event, char *out, size_t cap);
/* "recorded, with flags: late" */
void cli_outcome_words(const struct state_outcome *outcome, char *out, size_t cap);
/* The codes of verdict, denial and flags (docs/json.md). */
json_t *cli_outcome_json(const struct state_outcome *outcome);
/* The event that proposed a contract for a study; BASE_NOT_FOUND. */
BASE_MUST_USE enum base_code cli_contract_proposal(struct cli_session *s, struct base_slice study, const struct base_hash *contract,
						   struct events_event *out, struct base_error *err);
/* Compiles the text of a contract (cmd_access.c); a mistake is told with its place in the file. Appends. */
BASE_MUST_USE enum base_code cli_contract_compile(struct base_buf *out, const char *path, struct base_slice source, struct base_error *err);
/* What contracts said of the items of an access event (judged.c): members of an outcome's JSON; group by group, in words. */
void cli_judged_json(struct cli_session *s, const struct events_event *event, const struct state_outcome *outcome, json_t *json);
void cli_judged_visit(struct cli_session *s, const struct events_event *event, const struct state_outcome *outcome,
		      void (*visit)(void *arg, const char *verdict, const char *items, const char *words), void *arg);
/* What would cover data with this flag, or be done about it (flags.c); all of an outcome, as JSON. */
const char *cli_flag_cover(enum events_flag flag);
json_t *cli_flags_explained(uint64_t flags);
/* Whether an event that was entered at this time was signed by a key that is, or is said to have been by then, in other hands; and what was
 * said of it since. */
struct cli_suspicion {
	bool suspect, affirmed, repudiated;
	uint64_t index; /* of the entry that said so last */
};
struct cli_suspicion cli_suspicion_of(struct cli_session *s, const struct events_event *event, struct base_time entered);
/* The same of an entry; a denial names the thing that it is about: "…: study rare-01 has no site s9". */
void cli_entry_outcome_words(struct cli_session *s, uint64_t index, const struct events_event *event, const struct state_outcome *outcome,
			     char *out, size_t cap);
/* BASE_DENIED with these words, for the entry of a leaf that was recorded as refused. */
enum base_code cli_denied(struct cli_session *s, uint64_t index, struct base_error *err);

/* "normal", "attested", "recalled", "corrected", "reassigned", "retracted", "repudiated", "to-be-erased", "erased". */
const char *cli_item_state(struct cli_session *s, const struct events_event *event, size_t index);
/* An item with its state and the events that made it so. *out: the caller's. */
BASE_MUST_USE enum base_code cli_item_json(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event,
					   size_t index, json_t **out, struct base_error *err);
BASE_MUST_USE enum base_code cli_item_print(struct cli_session *s, const struct chain_entry *entry, const struct events_event *event,
					    size_t index, struct base_error *err);

#endif
