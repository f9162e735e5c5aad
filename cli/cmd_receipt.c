/* receipt, policy, checkpoint, prove: evidence to carry away. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/asking.h"

/* Evidence holds entries, which are pseudonymous health data; policies and checkpoints do not. */
#define PRIVATE 0600
#define PUBLIC 0644

static bool holds(const char *path, struct base_slice text)
{
	struct base_buf there = BASE_BUF_INIT;
	bool same = base_file_read(&there, path, text.len, NULL) == BASE_OK && base_slice_equal(base_buf_slice(&there), text);

	base_buf_free(&there);
	return same;
}

/* A device or a pipe is written into: a file that takes its name, as for whole files, would take its place. */
static enum base_code write_stream(const char *path, struct base_slice text, struct base_error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	enum base_code code;

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", path);
	code = base_wrap(err, base_write_all(fd, text, err), "%s", path);
	if (close(fd) != 0 && code == BASE_OK)
		code = base_fail_errno(err, "%s", path);
	return code;
}

/* Evidence is kept for decades: a newer checkpoint must not take the place of one that somebody meant to keep. */
static enum base_code write_file(const struct cli *cli, const char *path, struct base_slice text, mode_t mode, bool *same,
				 struct base_error *err)
{
	struct stat info;
	enum base_code code;

	*same = false;
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return base_fail(err, BASE_EXISTS, "%s is a folder that is there already; name a file in it", path);
	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
		return write_stream(path, text, err);
	*same = holds(path, text);
	if (*same)
		return BASE_OK;
	code = base_file_write(path, text, mode, cli_has(cli, "force"), err);
	if (code == BASE_EXISTS)
		return base_fail(err, code, "%s is there already, with another content; nothing was written: choose another name, or replace it "
					    "with --force", path);
	return code;
}

/* The text itself, or with --json {"what": …, "text": …} (docs/json.md). */
static enum base_code print_text(const struct cli *cli, const char *what, struct base_slice text, struct base_error *err)
{
	json_t *json;

	if (!cli->json)
		return fwrite(text.data, 1, text.len, stdout) == text.len ? BASE_OK : base_fail_errno(err, "standard output");
	json = json_pack("{s:s, s:s%}", "what", what, "text", (const char *)text.data, text.len);
	if (json == NULL)
		return base_fail(err, BASE_MALFORMED, "the %s holds a name that is not UTF-8, which JSON cannot show; leave --json out", what);
	cli_print_json(json);
	return BASE_OK;
}

/* To --output, or to standard output. */
static enum base_code deliver(const struct cli *cli, const char *what, struct base_slice text, mode_t mode, struct base_error *err)
{
	const char *path = cli_get(cli, "output");
	enum base_code code;
	bool same;

	if (path == NULL || strcmp(path, "-") == 0)
		return print_text(cli, what, text, err);
	code = write_file(cli, path, text, mode, &same, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:s, s:I, s:b}", "what", what, "file", path, "bytes", (json_int_t)text.len, "unchanged", same));
	else if (code == BASE_OK)
		cli_note(cli, same ? N_("%s holds exactly this already; it was left as it is") : N_("written to %s"), path);
	return code;
}

static enum base_code run_receipt(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf text = BASE_BUF_INIT;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_session_open(&s, cli, CLI_READ, err);

	if (code != BASE_OK)
		return code;
	code = cli_resolve(&s, cli->argv[0], &index, &item, err);
	if (code == BASE_OK)
		code = chain_read_receipt(s.read, index, &text, err);
	if (code == BASE_OK)
		code = deliver(cli, "receipt", base_buf_slice(&text), PRIVATE, err);
	base_buf_free(&text);
	cli_session_close(&s);
	return code;
}

static enum base_code run_policy(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = cli_session_open(&s, cli, CLI_READ, err);

	if (code != BASE_OK)
		return code;
	code = chain_read_policy(s.read, cli_has(cli, "single"), &text, err);
	if (code == BASE_OK)
		code = deliver(cli, "policy", base_buf_slice(&text), PUBLIC, err);
	base_buf_free(&text);
	cli_session_close(&s);
	return code;
}

static enum base_code run_checkpoint(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf text = BASE_BUF_INIT;
	const char *height_text = cli_get(cli, "height");
	uint64_t height;
	enum base_code code = cli_session_open(&s, cli, CLI_READ, err);

	if (code != BASE_OK)
		return code;
	height = chain_read_height(s.read);
	if (height_text != NULL && !base_parse_u64(base_slice_text(height_text), &height))
		code = base_fail(err, BASE_USAGE, "--height is the number of a block");
	if (code == BASE_OK)
		code = chain_read_checkpoint(s.read, height, &text, err);
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, BASE_NOT_FOUND, "this ledger has no checkpoint of block %llu", (unsigned long long)height);
	if (code == BASE_OK)
		code = deliver(cli, "checkpoint", base_buf_slice(&text), PUBLIC, err);
	base_buf_free(&text);
	cli_session_close(&s);
	return code;
}

static enum base_code run_trail(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf text = BASE_BUF_INIT;
	struct base_hash reference;
	const char *study;
	enum base_code code = cli_need(cli, "study", &study, err);

	if (code != BASE_OK)
		return code;
	/* A reference in hex needs no register and no key. */
	code = cli_session_open(&s, cli, strlen(cli->argv[0]) == 64 ? CLI_READ : CLI_IDENTITY, err);
	if (code != BASE_OK)
		return code;
	code = cli_participant(&s, study, cli->argv[0], &reference, err);
	if (code == BASE_OK)
		code = chain_read_trail(s.read, study, &reference, &text, err);
	if (code == BASE_OK)
		code = deliver(cli, "trail", base_buf_slice(&text), PRIVATE, err);
	base_buf_free(&text);
	cli_session_close(&s);
	return code;
}

/* Numbers in evidence are below 2^63 (docs/formats/trail.md). */
#define CHUNK_MAX (UINT64_MAX >> 1)

/* What NAME is: something in the ledger, something in a study, or the study itself. */
enum named { OF_LEDGER, OF_STUDY, STUDY_ITSELF };
struct table_name {
	const char *name;
	enum state_table table;
	enum named named;
};
static const struct table_name table_names[] = {
	{"organisation", STATE_ORGANISATION, OF_LEDGER}, {"actor", STATE_ACTOR, OF_LEDGER}, {"key", STATE_KEY, OF_LEDGER},
	{"proposal", STATE_PROPOSAL, OF_LEDGER}, {"event", STATE_EVENT, OF_LEDGER},
	{"study", STATE_STUDY, STUDY_ITSELF}, {"approvals", STATE_APPROVAL, STUDY_ITSELF}, {"holds", STATE_HOLD, STUDY_ITSELF},
	{"agreements", STATE_AGREEMENT, STUDY_ITSELF}, {"contracts", STATE_CONTRACT, STUDY_ITSELF},
	{"participant", STATE_PARTICIPANT, OF_STUDY}, {"consents", STATE_CONSENT, OF_STUDY}, {"links", STATE_LINK, OF_STUDY},
	{"item", STATE_ITEM, OF_STUDY}, {"copies", STATE_COPY, OF_STUDY}, {"dataset", STATE_DATASET, OF_STUDY},
	{"rights", STATE_RIGHTS, OF_STUDY}, {"incident", STATE_INCIDENT, OF_STUDY}, {"access", STATE_GRANT, OF_STUDY},
};

/* The kind of record that the first argument names, and the study that the record belongs to; NULL: to none. */
static enum base_code table_and_study(const struct cli *cli, const struct table_name **table, const char **study, struct base_error *err)
{
	struct base_buf names = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	*study = cli_get(cli, "study");
	*table = NULL;
	for (size_t i = 0; i < sizeof(table_names) / sizeof(table_names[0]); i++) {
		if (strcmp(cli->argv[0], table_names[i].name) == 0)
			*table = &table_names[i];
		base_buf_print(&names, "%s%s", i > 0 ? ", " : "", table_names[i].name);
	}
	if (*table == NULL) {
		code = base_fail(err, BASE_USAGE, "\"%.60s\" is no kind of record; it is one of %.*s", cli->argv[0], (int)names.len,
				 (const char *)names.data);
	} else if ((*table)->named == OF_STUDY && *study == NULL) {
		code = base_fail(err, BASE_USAGE, "--study is missing: a record of kind \"%s\" belongs to a study", (*table)->name);
	} else if ((*table)->named == OF_LEDGER && *study != NULL) {
		code = base_fail(err, BASE_USAGE, "--study: a record of kind \"%s\" belongs to no study", (*table)->name);
	} else if ((*table)->named == STUDY_ITSELF) {
		/* Named twice, it has to be the same. */
		if (*study != NULL && strcmp(*study, cli->argv[1]) != 0)
			code = base_fail(err, BASE_USAGE, "--study: \"%s\" is named by its study, and \"%.64s\" is another", (*table)->name, *study);
		*study = cli->argv[1];
	}
	base_buf_free(&names);
	return code;
}

static bool is_item_table(enum state_table table)
{
	return table == STATE_ITEM || table == STATE_COPY;
}

/* The CBOR of a reference, as the map's keys hold it. */
static enum base_code reference_cbor(struct cli_session *s, const struct table_name *table, const char *study, const char *text,
				     struct base_buf *out, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_hash hash;
	const char *mark;
	uint64_t index = 0;
	enum base_code code = BASE_OK;

	switch (table->table) {
	case STATE_ORGANISATION:
	case STATE_ACTOR:
		if (!base_utf8_valid(base_slice_text(text)))
			return base_fail(err, BASE_USAGE, "the name is not UTF-8");
		wire_put_text(out, base_slice_text(text));
		return BASE_OK;
	case STATE_STUDY:
	case STATE_APPROVAL:
	case STATE_HOLD:
	case STATE_AGREEMENT:
	case STATE_CONTRACT:
		return BASE_OK;
	case STATE_PARTICIPANT:
	case STATE_CONSENT:
	case STATE_LINK:
		code = cli_participant(s, study, text, &hash, err);
		if (code == BASE_OK)
			wire_put_hash(out, &hash);
		return code;
	case STATE_KEY:
	case STATE_PROPOSAL:
	case STATE_DATASET:
	case STATE_ITEM:
	case STATE_RIGHTS:
	case STATE_INCIDENT:
	case STATE_COPY:
	case STATE_EVENT:
	case STATE_GRANT:
		break;
	case STATE_HEAD:
	case STATE_NODES:
	case STATE_GOVERNANCE:
		return base_fail(err, BASE_USAGE, "this table is not asked by name");
	}
	mark = strchr(text, '#');
	if (!base_unhex(&bytes, base_slice(text, mark != NULL ? (size_t)(mark - text) : strlen(text))) || bytes.len != 32 ||
	    (is_item_table(table->table)) != (mark != NULL) || (mark != NULL && !base_parse_u64(base_slice_text(mark + 1), &index)))
		code = base_fail(err, BASE_USAGE, "a %s is named by %s", table->name,
				 is_item_table(table->table) ? _("64 hex digits, # and its number") : _("64 hex digits"));
	else if (is_item_table(table->table))
		wire_put_array(out, 2);
	if (code == BASE_OK)
		wire_put_bytes(out, base_buf_slice(&bytes));
	if (code == BASE_OK && is_item_table(table->table))
		wire_put_uint(out, index);
	base_buf_free(&bytes);
	return code;
}

static enum base_code run_state(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf reference = BASE_BUF_INIT;
	struct base_buf text = BASE_BUF_INIT;
	const char *study, *chunk_text = cli_get(cli, "chunk");
	const struct table_name *table;
	uint64_t chunk = 0;
	bool by_number;
	enum base_code code = table_and_study(cli, &table, &study, err);

	if (code != BASE_OK)
		return code;
	if (chunk_text != NULL && (!base_parse_u64(base_slice_text(chunk_text), &chunk) || chunk > CHUNK_MAX))
		return base_fail(err, BASE_USAGE, "--chunk is a number: 0 for the first %d facts of the record, 1 for the next, and so on",
				 STATE_FACTS_MAX);
	/* A participant's number is looked up in the register. */
	by_number = (table->table == STATE_PARTICIPANT || table->table == STATE_CONSENT || table->table == STATE_LINK) && strlen(cli->argv[1]) != 64;
	code = cli_session_open(&s, cli, by_number ? CLI_IDENTITY : CLI_READ, err);
	if (code != BASE_OK)
		return code;
	code = reference_cbor(&s, table, study, cli->argv[1], &reference, err);
	if (code == BASE_OK)
		code = chain_read_evidence(s.read, table->table, study != NULL ? base_slice_text(study) : base_slice(NULL, 0),
					   base_buf_slice(&reference), chunk, &text, err);
	if (code == BASE_OK)
		code = deliver(cli, "state", base_buf_slice(&text), PRIVATE, err);
	base_buf_free(&reference);
	base_buf_free(&text);
	cli_session_close(&s);
	return code;
}

/* ---- Consent ---- */

static enum base_code claim_failed(const struct state_question *question, const struct state_answer *answer, bool consent,
				   struct base_error *err)
{
	char about[512], times[256];

	asking_about_words(question, about, sizeof(about));
	asking_times_words(question, question->known, times, sizeof(times));
	if (answer->ground == STATE_GROUND_NOTHING)
		return base_fail(err, BASE_MISMATCH, "there is no consent to %s to be proved: %s; `prove no-consent` proves that", about,
				 asking_ground_words(answer->ground));
	return base_fail(err, BASE_MISMATCH,
			 consent ? N_("there is no consent to %s: %s, by entry #%llu; `prove no-consent` proves that")
				 : N_("there is a consent to %s: %s, by entry #%llu; `prove consent` proves that"),
			 about, asking_ground_words(answer->ground), (unsigned long long)answer->index);
}

/* With the node's keys here, its checkpoint can be cosigned again: then it speaks for now. */
static enum base_code open_for_claim(struct cli_session *s, struct cli *cli, struct base_error *err)
{
	bool identity = strlen(cli->argv[0]) != 64, node;
	enum base_code code = cli_session_open(s, cli, identity ? CLI_IDENTITY : CLI_READ, err);
	char *path;

	if (code != BASE_OK || !identity || cli_has(cli, "on"))
		return code;
	path = base_path(s->state_dir, "node.pem");
	node = access(path, R_OK) == 0;
	free(path);
	if (!node)
		return BASE_OK;
	cli_session_close(s);
	return cli_session_open(s, cli, CLI_RECORD, err);
}

static enum base_code run_claim(struct cli *cli, bool consent, struct base_error *err)
{
	struct chain_claim claim = {.consent = consent};
	struct cli_session s;
	struct base_buf text = BASE_BUF_INIT;
	struct base_hash reference;
	struct state_answer answer = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	const char *study;
	bool about;
	enum base_code code = cli_need(cli, "study", &study, err);

	if (code == BASE_OK)
		code = asking_about(cli, &claim.question, &about, err);
	if (code != BASE_OK || (code = open_for_claim(&s, cli, err)) != BASE_OK)
		return code;
	if ((code = cli_study_check(&s, study, err)) == BASE_OK && (code = cli_participant(&s, study, cli->argv[0], &reference, err)) == BASE_OK)
		code = asking_times(&s, &claim.question, err);
	if (code == BASE_OK)
		code = chain_read_consent(s.read, study, &reference, &claim, cli_has(cli, "on"), base_time_now(), &text, &answer, err);
	if (code == BASE_MISMATCH)
		code = claim_failed(&claim.question, &answer, consent, err);
	if (code == BASE_OK)
		code = deliver(cli, consent ? "consent" : "no-consent", base_buf_slice(&text), PRIVATE, err);
	base_buf_free(&text);
	cli_session_close(&s);
	return code;
}

static enum base_code run_consent(struct cli *cli, struct base_error *err)
{
	return run_claim(cli, true, err);
}

static enum base_code run_no_consent(struct cli *cli, struct base_error *err)
{
	return run_claim(cli, false, err);
}

#define OUTPUT_OPTIONS                                                                                                         \
	{"output", "FILE", "where to (default: standard output)", false},                                                      \
	{"force", NULL, "replace FILE if it is there already", false}

static const struct cli_option output_options[] = {
	OUTPUT_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option policy_options[] = {
	OUTPUT_OPTIONS,
	{"single", NULL, "one log line only, for tools that insist on it", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option checkpoint_options[] = {
	OUTPUT_OPTIONS,
	{"height", "N", "of block N (default: the last)", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option trail_options[] = {
	OUTPUT_OPTIONS,
	{"study", "STUDY", "in which study", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option claim_options[] = {
	OUTPUT_OPTIONS,
	{"study", "STUDY", "in which study", false},
	ASKING_TIME_OPTIONS,
	ASKING_ABOUT_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option state_options[] = {
	OUTPUT_OPTIONS,
	{"study", "STUDY", "in which study", false},
	{"chunk", "N", "part N of a record of more than 64 facts (default: 0, its beginning)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_receipt[] = {
	{"receipt", "Proving", "ID", "write the receipt of a recorded event",
	 "A C2SP tlog-proof: the event, its trusted time and its outcome, with the proof that they stand in the ledger. It verifies without "
	 "the ledger, against the policy file, for as long as you keep it.",
	 "regesta receipt 3f2a91c07d11 --output visit1.receipt", output_options, 1, 1, run_receipt},
	{"policy", "Proving", "", "write the policy file that evidence is verified against", NULL, "regesta policy --output ledger.policy",
	 policy_options, 0, 0, run_policy},
	{"checkpoint", "Proving", "", "write a signed checkpoint, to be kept outside", "Whoever keeps a checkpoint catches an operator who "
	 "rewrites history: `regesta audit --since FILE`.", "regesta checkpoint --output 2026-03.checkpoint", checkpoint_options, 0, 0,
	 run_checkpoint},
	{"prove trail", "Proving", "PARTICIPANT", "prove a participant's complete trail",
	 "Every entry that concerns the participant, with the proof that none is missing.",
	 "regesta prove trail P-001 --study rare-01 --output P-001.trail", trail_options, 1, 1, run_trail},
	{"prove consent", "Proving", "PARTICIPANT", "prove that there was consent on a day, as known when",
	 "Everything that the ledger's state holds of the participant, of approvals and of consents, each to its end, with the question: "
	 "`verify` answers it again, offline. A proof \"as known now\" speaks for times more than a minute before the checkpoint was cosigned; "
	 "where the node's keys are, it is cosigned again. Without --on: the latest time that it can speak for.",
	 "regesta prove consent P-001 --study rare-01 --on 2026-03-02 --use read --purpose HMB --output P-001.consent", claim_options, 1, 1,
	 run_consent},
	{"prove no-consent", "Proving", "PARTICIPANT", "prove that there was no consent on a day, as known when", NULL,
	 "regesta prove no-consent P-001 --study rare-01 --use train --output P-001.no-consent", claim_options, 1, 1, run_no_consent},
	{"prove state", "Proving", "KIND NAME", "prove that a record is there, or that there is none",
	 "KIND is organisation, actor, key, proposal or event (NAME: its code or id); study, approvals, holds, agreements or contracts (NAME: the study); "
	 "participant, consents, links, item, copies, dataset, rights, incident or access of a --study (NAME: the participant, item or event). A record of more than 64 facts goes on in the next "
	 "chunk: --chunk 1 proves what is there, or that the first 64 facts are all.",
	 "regesta prove state actor charite/dm1 --output dm1.state\nregesta prove state approvals rare-01 --output rare-01.approvals\n"
	 "regesta prove state item 3f2a…#0 --study rare-01   # not there: in the "
	 "normal state", state_options, 2, 2, run_state},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
