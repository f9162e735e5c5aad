/* audit: everything recomputed from the bytes, on all cores. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

#define CHECKPOINT_BYTES_MAX (1u << 20)
#define THREADS_MAX 64

/* ---- Threads ---- */

struct pool {
	size_t threads;
};
struct job {
	void (*fn)(void *arg, size_t i);
	void *arg;
	size_t count;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct job *job = arg;
	size_t i;

	while ((i = atomic_fetch_add(&job->next, 1)) < job->count)
		job->fn(job->arg, i);
	return NULL;
}

static void parallel(void *context, void (*fn)(void *arg, size_t i), void *arg, size_t count)
{
	struct pool *pool = context;
	struct job job = {.fn = fn, .arg = arg, .count = count};
	pthread_t threads[THREADS_MAX];
	size_t started = 0;

	while (started + 1 < pool->threads && started + 1 < count && pthread_create(&threads[started], NULL, work, &job) == 0)
		started++;
	(void)work(&job);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

/* ---- Reporting ---- */

struct reporting {
	const struct cli *cli;
	struct cli_progress progress;
	bool progress_begun;
	json_t *deviations;
};

static const char *check_name(enum audit_check check)
{
	switch (check) {
	case AUDIT_ENTRY: return "entry";
	case AUDIT_SIGNATURE: return "signature";
	case AUDIT_SEQUENCE: return "sequence";
	case AUDIT_OUTCOME: return "outcome";
	case AUDIT_CHAIN: return "chain";
	case AUDIT_TREE: return "tree";
	case AUDIT_MAP: return "map";
	case AUDIT_SIDE: return "side";
	case AUDIT_NODES: return "nodes";
	case AUDIT_CHECKPOINTS: return "checkpoint";
	case AUDIT_STORED: return "stored";
	case AUDIT_PAYLOAD: return "payload";
	case AUDIT_SINCE: return "since";
	case AUDIT_TIME: return "time";
	case AUDIT_CONTRACT: return "contract";
	}
	return "unknown";
}

static void on_deviation(void *arg, const struct audit_deviation *deviation)
{
	struct reporting *r = arg;

	if (r->cli->json) {
		json_t *json = json_pack("{s:s, s:o}", "check", check_name(deviation->check), "what",
					 cli_json_slice(base_slice_text(deviation->what)));

		if (deviation->has_index)
			json_object_set_new(json, "index", json_integer((json_int_t)deviation->index));
		json_array_append_new(r->deviations, json);
		return;
	}
	printf(_("%sDEVIATION%s  %-10s "), cli_style(r->cli, CLI_BAD), cli_style(r->cli, CLI_PLAIN), check_name(deviation->check));
	if (deviation->has_index)
		printf(_("entry #%llu: "), (unsigned long long)deviation->index);
	printf("%s\n", deviation->what);
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct reporting *r = arg;

	if (!r->progress_begun)
		cli_progress_begin(&r->progress, r->cli, "auditing", total, false);
	r->progress_begun = true;
	r->progress.total = total;
	cli_progress_set(&r->progress, done);
}

static const char *vouch_name(enum audit_vouch by)
{
	switch (by) {
	case AUDIT_BY_NOBODY: return "nobody";
	case AUDIT_BY_POLICY: return "policy";
	case AUDIT_BY_GENESIS: return "genesis";
	case AUDIT_BY_RECOVERED: return "recovered";
	}
	return "nobody";
}

/* The reason may quote a name that is not ASCII, cut within a character: json_sprintf() would give no warning at all. */
static json_t *unverified_words(const char *why)
{
	struct base_buf text = BASE_BUF_INIT;
	json_t *json;

	base_buf_print(&text, _("the signature of the checkpoint that you kept could not be verified: it is worth what you know of where it comes "
			      "from (%s)"), why);
	json = cli_json_slice(base_buf_slice(&text));
	base_buf_free(&text);
	return json;
}

/* What is no deviation, and yet to be known before the result is relied upon: one sentence each. */
static json_t *warnings_of(const struct audit_report *report, const struct audit_options *options)
{
	json_t *list = json_array();
	unsigned long long size = (unsigned long long)report->size, covered = (unsigned long long)report->covered_size;

	if (report->hashes_only)
		json_array_append_new(list, json_string(_("the entries are not in this folder and were not looked at: the hashes are those that the checkpoint "
							"signed, and what is recorded, by whom and with what outcome, is not known from them")));
	if (report->hashes_only && report->keys == AUDIT_BY_NOBODY)
		json_array_append_new(list, json_string(_("who signed the checkpoint was not verified: the nodes' keys stand in an entry, which is not here. Give "
							"--policy FILE")));
	/* A tree that could not be recomputed was said to be wrong already. */
	if (report->hashes_only)
		covered = size;
	if (covered == 0)
		json_array_append_new(list, json_string(_("no checkpoint that verifies covers this ledger: each event is its author's, but nobody stands for their "
							"order and time, nor for there being no others. Give --since with a checkpoint kept from earlier, or "
							"let the ledger's node open it, which signs one")));
	else if (covered < size)
		json_array_append_new(list, json_sprintf(_("the newest checkpoint that verifies covers the first %llu of %llu entries: of the last %llu, each event "
							 "is its author's, but nobody stands for their order and time, nor for there being no others"),
							 covered, size, size - covered));
	if (report->keys == AUDIT_BY_RECOVERED && report->recovered)
		json_array_append_new(list, json_sprintf(_("the node's keys were made anew after a loss (governance.recover, entry #%llu). The new ones were taken "
							 "from this folder, and nothing on the ledger names them: give --policy FILE to check them against "
							 "what you trust"), (unsigned long long)report->recovered_index));
	if (report->kept && report->kept_by == AUDIT_BY_NOBODY)
		json_array_append_new(list, unverified_words(report->kept_why));
	if (report->kept && report->kept_by != AUDIT_BY_NOBODY && report->kept_by != AUDIT_BY_POLICY && options->policy != NULL)
		json_array_append_new(list, json_sprintf(_("the checkpoint that you kept is signed with %s, which your policy does not name"),
							 report->kept_by == AUDIT_BY_GENESIS ? _("the keys that genesis names")
											     : _("keys that this ledger's folder names as made anew")));
	return list;
}

static void print_json(const struct audit_report *report, const struct audit_options *options, const char *what, json_t *deviations)
{
	char root[65], state[65];
	json_t *json;

	base_hex(root, base_hash_slice(&report->root));
	base_hex(state, base_hash_slice(&report->state));
	json = json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:b, s:O}", "clean", report->deviations == 0, "audited",
			 what, "entries", (json_int_t)report->entries, "events", (json_int_t)report->events, "blocks",
			 (json_int_t)report->blocks, "signatures", (json_int_t)report->signatures, "payloads", (json_int_t)report->payloads,
			 "payloads_missing", (json_int_t)report->payloads_missing, "payloads_erased",
			 (json_int_t)report->payloads_erased, "size", (json_int_t)report->size, "height",
			 (json_int_t)report->height, "root", root, "state", state, "complete", report->complete, "deviations", deviations);
	json_object_set_new(json, "entries_there", json_boolean(!report->hashes_only));
	if (report->hashes_only)
		json_object_set_new(json, "tiles", json_integer((json_int_t)report->tiles));
	json_object_set_new(json, "keys", json_string(vouch_name(report->keys)));
	json_object_set_new(json, "covered", json_integer((json_int_t)report->covered_size));
	if (report->kept)
		json_object_set_new(json, "kept_by", json_string(vouch_name(report->kept_by)));
	json_object_set_new(json, "warnings", warnings_of(report, options));
	cli_print_json(json);
}

static void print_covered(const struct audit_report *report)
{
	unsigned long long covered = (unsigned long long)report->covered_size;

	if (covered == 0)
		printf(_("  checkpoint  none that verifies\n"));
	else if (report->covered_kept)
		printf(_("  checkpoint  the one that you kept covers %llu of %llu entries\n"), covered, (unsigned long long)report->size);
	else if (report->hashes_only)
		printf(_("  checkpoint  verified, of %llu entries\n"), covered);
	else
		printf(_("  checkpoint  the newest is of block %llu and covers %llu of %llu entries\n"), (unsigned long long)report->covered_height,
		       covered, (unsigned long long)report->size);
}

/* Between the heading and the checkpoint. */
static void print_counts(const struct audit_report *report, const struct audit_options *options)
{
	char root[65], state[65];

	base_hex(root, base_hash_slice(&report->root));
	base_hex(state, base_hash_slice(&report->state));
	if (report->hashes_only) {
		printf(_("  entries     none here: hash tiles and checkpoint alone\n  tiles       %llu read\n  signatures  %llu of the checkpoint verified\n"
		       "  root        %s at size %llu\n"), (unsigned long long)report->tiles, (unsigned long long)report->signatures, root,
		       (unsigned long long)report->size);
		return;
	}
	printf(_("  entries     %llu (%llu events in %llu blocks)\n  signatures  %llu verified\n"), (unsigned long long)report->entries,
	       (unsigned long long)report->events, (unsigned long long)report->blocks, (unsigned long long)report->signatures);
	if (options->payloads != NULL)
		printf(_("  payloads    %llu intact, %llu not here"), (unsigned long long)report->payloads,
		       (unsigned long long)report->payloads_missing);
	if (options->payloads != NULL && report->payloads_erased > 0)
		printf(_(", %llu erased, as attested by %s"), (unsigned long long)report->payloads_erased, report->erased_by);
	if (options->payloads != NULL)
		putchar('\n');
	printf(_("  root        %s at size %llu\n  state       %s at block %llu\n"), root, (unsigned long long)report->size, state,
	       (unsigned long long)report->height);
}

static void print_report(const struct cli *cli, const struct audit_report *report, const struct audit_options *options, const char *what)
{
	json_t *warnings = warnings_of(report, options), *warning;
	size_t i;

	printf("%s%s%s  %s\n", cli_style(cli, report->deviations == 0 ? CLI_GOOD : CLI_BAD), report->deviations == 0 ? _("CLEAN") : _("NOT CLEAN"),
	       cli_style(cli, CLI_PLAIN), what);
	print_counts(report, options);
	print_covered(report);
	if (!report->complete)
		printf(_("  the audit stopped early: after a deviation nothing more could be judged\n"));
	json_array_foreach(warnings, i, warning)
		printf(_("%sWARNING%s  %s\n"), cli_style(cli, CLI_WARN), cli_style(cli, CLI_PLAIN), json_string_value(warning));
	json_decref(warnings);
	if (report->keys == AUDIT_BY_GENESIS)
		printf(_("  the nodes' keys were taken from genesis itself; give --policy FILE to check them against what you trust\n"));
	if (options->since.len == 0)
		printf(_("  give --since CHECKPOINT, kept from earlier, to be sure that history was not rewritten as a whole\n"));
}

/* ---- The command ---- */

static enum base_code read_policy(const struct cli *cli, struct proof_policy **policy, struct base_error *err)
{
	const char *path = cli_get(cli, "policy");
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	code = base_file_read(&text, path, CHECKPOINT_BYTES_MAX, err);
	if (code == BASE_OK)
		code = proof_policy_parse(policy, base_buf_slice(&text), err);
	base_buf_free(&text);
	return base_wrap(err, code, "policy %s", path);
}

static enum base_code check_since(struct base_slice text, struct base_error *err)
{
	struct proof_note *note = base_alloc(sizeof(*note));
	struct proof_checkpoint checkpoint;
	struct base_error why = {{0}};
	enum base_code code = proof_note_parse(note, text, &why);

	if (code == BASE_OK)
		code = proof_checkpoint_parse(&checkpoint, note->text, &why);
	free(note);
	if (code == BASE_OK || audit_text_check(text, err) != BASE_OK)
		return code == BASE_OK ? code : BASE_MALFORMED;
	return base_fail(err, BASE_MALFORMED, "this is no checkpoint and no receipt, or it was changed or damaged: give the file as it was kept (%.600s)",
			 why.text);
}

/* A receipt is a checkpoint kept from earlier too: its last part is one. */
static enum base_code read_since(const struct cli *cli, struct base_buf *note, struct base_error *err)
{
	const char *path = cli_get(cli, "since");
	struct proof_receipt receipt = {0};
	struct base_error ignored;
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	code = base_file_read(note, path, CHECKPOINT_BYTES_MAX, err);
	if (code == BASE_OK && proof_receipt_parse(&receipt, base_buf_slice(note), &ignored) == BASE_OK) {
		struct base_buf inner = BASE_BUF_INIT;

		base_buf_append(&inner, receipt.note);
		proof_receipt_free(&receipt);
		base_buf_free(note);
		*note = inner;
	}
	if (code == BASE_OK)
		code = check_since(base_buf_slice(note), err);
	return base_wrap(err, code, "--since %s", path);
}

static enum base_code open_payloads(const struct cli *cli, const char *folder, struct payload_store **out, struct base_error *err)
{
	struct stat info;
	char *path = base_path(folder, "payload");
	enum base_code code = BASE_OK;

	/* A copy without payloads is audited without them. */
	if (!cli_has(cli, "no-payloads") && stat(path, &info) == 0)
		code = payload_store_open(out, path, false, err);
	free(path);
	return code;
}

/* Before a database says of the folder only that it has no file of its own there. */
static enum base_code check_folder(const char *folder, bool tiles, struct base_error *err)
{
	char *database = base_path(folder, "data.mdb"), *checkpoint = base_path(folder, "checkpoint");
	bool has_database = access(database, F_OK) == 0, has_checkpoint = access(checkpoint, F_OK) == 0;
	enum base_code code = BASE_OK;
	struct stat info;

	if (stat(folder, &info) != 0)
		code = errno == ENOENT ? base_fail(err, BASE_NOT_FOUND, "there is no folder %s: name the folder of a ledger, of a copy of one (`regesta "
								      "backup`), or with --tiles one of tiles", folder)
				       : base_fail_errno(err, "%s", folder);
	else if (!S_ISDIR(info.st_mode))
		code = base_fail(err, BASE_USAGE, "%s is a file, and an audit is of a whole ledger in a folder; one file of evidence is verified by "
						  "`regesta verify`", folder);
	else if (!tiles && !has_database)
		code = base_fail(err, BASE_NOT_FOUND, has_checkpoint ? N_("%s holds no ledger, but tiles: audit them with --tiles")
								    : N_("%s holds no ledger: name the folder that has the file data.mdb in it"), folder);
	else if (tiles && !has_checkpoint)
		code = base_fail(err, BASE_NOT_FOUND, has_database ? N_("%s holds no tiles, but a ledger: leave --tiles out")
								  : N_("%s holds no tiles: name the folder that has the file checkpoint in it"), folder);
	free(database);
	free(checkpoint);
	return code;
}

/* As `regesta tiles --public` writes them. */
static bool hashes_alone(const char *folder)
{
	char *entries = base_path(folder, "tile/entries"), *signatures = base_path(folder, "genesis.sig");
	bool alone = access(entries, F_OK) != 0 && access(signatures, F_OK) != 0;

	free(entries);
	free(signatures);
	return alone;
}

static enum base_code audit_it(const char *folder, const char *tiles, const struct audit_options *options, struct audit_report *report,
			       struct base_error *err)
{
	if (tiles == NULL)
		return audit_ledger(folder, options, report, err);
	return hashes_alone(tiles) ? audit_hashes(tiles, options, report, err) : audit_tiles(tiles, options, report, err);
}

static enum base_code run_audit(struct cli *cli, struct base_error *err)
{
	struct reporting reporting = {.cli = cli, .deviations = json_array()};
	struct pool pool = {.threads = 1};
	struct audit_options options = {.work = {parallel, &pool}, .signatures = !cli_has(cli, "no-signatures"), .deviation = on_deviation,
					.progress = on_progress, .arg = &reporting};
	struct audit_report report = {0};
	struct proof_policy *policy = NULL;
	struct base_buf since = BASE_BUF_INIT;
	const char *tiles = cli_get(cli, "tiles");
	const char *folder = cli_get(cli, "ledger") != NULL ? cli_get(cli, "ledger") : getenv("REGESTA_LEDGER");
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	enum base_code code;

	pool.threads = cores <= 0 ? 1 : cores < THREADS_MAX ? (size_t)cores : THREADS_MAX;
	if (folder == NULL || folder[0] == '\0')
		folder = ".";
	if (tiles != NULL && cli->argc > 0) {
		code = base_fail(err, BASE_USAGE, "give a ledger's folder or --tiles, not both");
		goto out;
	}
	if (cli->argc > 0)
		folder = cli->argv[0];
	if ((code = check_folder(tiles != NULL ? tiles : folder, tiles != NULL, err)) != BASE_OK)
		goto out;
	if ((code = read_policy(cli, &policy, err)) != BASE_OK || (code = read_since(cli, &since, err)) != BASE_OK)
		goto out;
	options.policy = policy;
	options.since = base_buf_slice(&since);
	if ((code = open_payloads(cli, tiles != NULL ? tiles : folder, &options.payloads, err)) != BASE_OK)
		goto out;
	code = audit_it(folder, tiles, &options, &report, err);
	if (reporting.progress_begun)
		cli_progress_end(&reporting.progress);
	/* No deviation and no match: nothing was audited, and err says why. */
	if (code == BASE_OK || (code == BASE_MISMATCH && report.deviations > 0)) {
		if (cli->json)
			print_json(&report, &options, tiles != NULL ? tiles : folder, reporting.deviations);
		else
			print_report(cli, &report, &options, tiles != NULL ? tiles : folder);
	}
	if (code == BASE_MISMATCH && report.deviations > 0)
		code = base_fail(err, BASE_MISMATCH, report.deviations == 1 ? N_("%llu deviation") : N_("%llu deviations"),
				 (unsigned long long)report.deviations);
out:
	payload_store_close(options.payloads);
	proof_policy_close(policy);
	base_buf_free(&since);
	json_decref(reporting.deviations);
	return code;
}

static const struct cli_option audit_options_table[] = {
	{"tiles", "FOLDER", "audit a folder of tiles instead of a ledger", false},
	{"since", "FILE", "a checkpoint or receipt kept from earlier: history must be an extension of it", false},
	{"policy", "FILE", "the policy that you trust (default: the nodes that genesis names)", false},
	{"no-signatures", NULL, "recompute everything but the authors' signatures", false},
	{"no-payloads", NULL, "do not read the payloads", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_audit[] = {
	{"audit", "Verifying", "[FOLDER]", "recompute a whole ledger from its bytes, trusting nobody",
	 "Verifies every signature and sequence, executes every event again and compares its outcome, recomputes the hash chain, the tree, the "
	 "map of state and the side hashes, checks the checkpoints, and that every payload that is here is the one recorded. Works on a copy "
	 "of the ledger's folder. Of tiles without entries (`regesta tiles --public`) every hash is verified against the checkpoint, and the "
	 "checkpoint against --policy. It says how far a checkpoint that verifies covers the ledger, and who signed the one of --since. Each "
	 "deviation is named with its entry; exit code 1 says that there was one.",
	 "regesta audit copy-of-ledger/ --policy ledger.policy --since 2026-03.checkpoint\nregesta audit --tiles tiles/", audit_options_table, 0, 1,
	 run_audit},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
