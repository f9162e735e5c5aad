/* audit: everything recomputed from the bytes, on all cores. */
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
	}
	return "unknown";
}

static void on_deviation(void *arg, const struct audit_deviation *deviation)
{
	struct reporting *r = arg;

	if (r->cli->json) {
		json_t *json = json_pack("{s:s, s:s}", "check", check_name(deviation->check), "what", deviation->what);

		if (deviation->has_index)
			json_object_set_new(json, "index", json_integer((json_int_t)deviation->index));
		json_array_append_new(r->deviations, json);
		return;
	}
	printf("%sDEVIATION%s  %-10s ", cli_style(r->cli, CLI_BAD), cli_style(r->cli, CLI_PLAIN), check_name(deviation->check));
	if (deviation->has_index)
		printf("entry #%llu: ", (unsigned long long)deviation->index);
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

static void print_report(const struct cli *cli, const struct audit_report *report, const struct audit_options *options, const char *what,
			 json_t *deviations)
{
	char root[65], state[65];

	base_hex(root, base_hash_slice(&report->root));
	base_hex(state, base_hash_slice(&report->state));
	if (cli->json) {
		cli_print_json(json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:b, s:O}", "clean",
					 report->deviations == 0, "audited", what, "entries", (json_int_t)report->entries, "events",
					 (json_int_t)report->events, "blocks", (json_int_t)report->blocks, "signatures",
					 (json_int_t)report->signatures, "payloads", (json_int_t)report->payloads, "payloads_missing",
					 (json_int_t)report->payloads_missing, "size", (json_int_t)report->size, "height",
					 (json_int_t)report->height, "root", root, "state", state, "complete", report->complete, "deviations",
					 deviations));
		return;
	}
	printf("%s%s%s  %s\n  entries     %llu (%llu events in %llu blocks)\n  signatures  %llu verified\n",
	       cli_style(cli, report->deviations == 0 ? CLI_GOOD : CLI_BAD), report->deviations == 0 ? "CLEAN" : "NOT CLEAN",
	       cli_style(cli, CLI_PLAIN), what, (unsigned long long)report->entries, (unsigned long long)report->events,
	       (unsigned long long)report->blocks, (unsigned long long)report->signatures);
	if (options->payloads != NULL)
		printf("  payloads    %llu intact, %llu not here\n", (unsigned long long)report->payloads,
		       (unsigned long long)report->payloads_missing);
	printf("  root        %s at size %llu\n  state       %s at block %llu\n", root, (unsigned long long)report->size, state,
	       (unsigned long long)report->height);
	if (!report->complete)
		printf("  the audit stopped early: after a deviation nothing more could be judged\n");
	if (options->policy == NULL)
		printf("  the nodes' keys were taken from genesis itself; give --policy FILE to check them against what you trust\n");
	if (options->since.len == 0)
		printf("  give --since CHECKPOINT, kept from earlier, to be sure that history was not rewritten as a whole\n");
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

	pool.threads = cores > 0 && cores < THREADS_MAX ? (size_t)cores : 1;
	if (folder == NULL || folder[0] == '\0')
		folder = ".";
	if (tiles != NULL && cli->argc > 0)
		return base_fail(err, BASE_USAGE, "give a ledger's folder or --tiles, not both");
	if (cli->argc > 0)
		folder = cli->argv[0];
	if ((code = read_policy(cli, &policy, err)) != BASE_OK || (code = read_since(cli, &since, err)) != BASE_OK)
		goto out;
	options.policy = policy;
	options.since = base_buf_slice(&since);
	if ((code = open_payloads(cli, tiles != NULL ? tiles : folder, &options.payloads, err)) != BASE_OK)
		goto out;
	code = tiles != NULL ? audit_tiles(tiles, &options, &report, err) : audit_ledger(folder, &options, &report, err);
	if (reporting.progress_begun)
		cli_progress_end(&reporting.progress);
	if (code == BASE_OK || code == BASE_MISMATCH)
		print_report(cli, &report, &options, tiles != NULL ? tiles : folder, reporting.deviations);
	if (code == BASE_MISMATCH)
		code = base_fail(err, BASE_MISMATCH, "%llu deviation%s", (unsigned long long)report.deviations,
				 report.deviations == 1 ? "" : "s");
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
	 "of the ledger's folder. Each deviation is named with its entry; exit code 1 says that there was one.",
	 "regesta audit copy-of-ledger/ --policy ledger.policy --since 2026-03.checkpoint\nregesta audit --tiles tiles/", audit_options_table, 0, 1,
	 run_audit},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
