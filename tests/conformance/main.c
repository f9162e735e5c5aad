/* conformance FOLDER: every sub-folder of vectors through its suite.
 *
 * Exit codes as those of the regesta command: 0 no case failed, 1 some did, 2 usage, 6 no such folder, 15 interrupted.
 */
#include "tests/conformance/conformance.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	void (*run)(struct suite *s);
} suites[] = {
	{"cbor", suite_cbor}, {"cose", suite_cose},	{"datetime", suite_datetime}, {"ecdsa", suite_ecdsa},
	{"ipfs", suite_ipfs}, {"merkle", suite_merkle}, {"tlog", suite_tlog},	      {"x509", suite_x509},
};

static void (*suite_of(const char *name))(struct suite *s)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (strcmp(suites[i].name, name) == 0)
			return suites[i].run;
	}
	return suite_payload;
}

/* Payloads of the suite into the ledger that all of them share. */
static enum base_code seal_payloads(struct run *run, struct suite *s, struct base_error *err)
{
	enum base_code code;

	if (s->sealed.count == 0)
		return BASE_OK;
	if ((code = vault_of(run, err)) == BASE_OK)
		vault_seal(run->vault, s);
	return code;
}

static enum base_code run_suite(struct run *run, const char *name, struct base_error *err)
{
	struct suite s = {.name = name, .run = run};
	struct files files = {0};
	enum base_code code = files_walk(&files, run->folder, name, err);

	s.files = &files;
	if (code == BASE_OK) {
		suite_of(name)(&s);
		code = seal_payloads(run, &s, err);
	}
	if (code == BASE_OK) {
		suite_print(&s);
		run->passed += s.passed;
		run->failed += s.failed;
		run->skipped += s.skipped;
	}
	suite_free(&s);
	files_free(&files);
	return code;
}

static void index_read(struct run *run)
{
	char *path = base_path(run->folder, "INDEX.md");

	if (base_file_read(&run->index, path, VECTOR_BYTES_MAX, NULL) != BASE_OK)
		base_buf_free(&run->index);
	free(path);
}

/* So that the folder of the ledger goes away then, too. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static enum base_code run_folder(struct run *run, struct base_error *err)
{
	struct files folders = {0};
	struct stat info;
	enum base_code code;

	if (stat(run->folder, &info) != 0 || !S_ISDIR(info.st_mode))
		return base_fail(err, BASE_NOT_FOUND,
				 "%s: no such folder; name one of vectors: make conformance VECTORS=DIR", run->folder);
	if ((code = files_folders(&folders, run->folder, err)) != BASE_OK)
		return code;
	if (folders.count == 0)
		code = base_fail(err, BASE_NOT_FOUND,
				 "%s has no sub-folders; vectors lie in folders like ecdsa, cose, cbor, fhir",
				 run->folder);
	index_read(run);
	for (size_t i = 0; i < folders.count && code == BASE_OK; i++)
		code = interrupted ? base_fail(err, BASE_INTERRUPTED, "interrupted")
				   : run_suite(run, folders.list[i].name, err);
	files_free(&folders);
	if (code == BASE_OK && run->vault != NULL && vault_audit(run->vault, err) != BASE_OK) {
		printf("FAILED audit of the ledger with all payloads: %s\n", err->text);
		run->failed++;
	}
	return code;
}

int main(int argc, char **argv)
{
	struct run run = {.folder = argc == 2 ? argv[1] : NULL};
	struct base_error err = {""};
	enum base_code code;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return BASE_USAGE;
	}
	(void)signal(SIGINT, on_signal);
	(void)signal(SIGTERM, on_signal);
	code = run_folder(&run, &err);
	vault_close(run.vault);
	base_buf_free(&run.index);
	if (code != BASE_OK) {
		fprintf(stderr, "conformance: %s\n", err.text);
		return (int)code;
	}
	printf("%zu passed, %zu failed, %zu skipped\n", run.passed, run.failed, run.skipped);
	return run.failed == 0 ? BASE_OK : BASE_MISMATCH;
}
