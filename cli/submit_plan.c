/* What is to be submitted: files, folders, rows of a manifest, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/submit.h"

#define STDIN_BYTES_MAX (1ull << 30)
#define PLAN_ITEMS_MAX 1000000u

static char *copy(const char *text)
{
	char *out;

	if (text == NULL)
		return NULL;
	out = base_alloc(strlen(text) + 1);
	memcpy(out, text, strlen(text) + 1);
	return out;
}

static struct submit_item *add(struct submit_plan *plan, const struct cli *cli, const char *path, const char *name,
			       const struct stat *info)
{
	struct submit_item *item;

	if (plan->count == plan->cap) {
		plan->cap = plan->cap == 0 ? 64 : plan->cap * 2;
		plan->items = base_realloc(plan->items, plan->cap * sizeof(*plan->items));
	}
	item = &plan->items[plan->count++];
	*item = (struct submit_item){
		.path = copy(path),
		.name = copy(name),
		.len = (uint64_t)info->st_size,
		.modified = info->st_mtim,
		.device = (uint64_t)info->st_dev,
		.inode = (uint64_t)info->st_ino,
		.fd = -1,
		.participant = copy(cli_get(cli, "participant")),
		.category = copy(cli_get(cli, "category") != NULL ? cli_get(cli, "category") : "clinical"),
		.collected = copy(cli_get(cli, "collected")),
	};
	plan->bytes += item->len;
	return item;
}

static enum base_code check_entry(const FTSENT *entry, struct base_error *err)
{
	if (!base_utf8_valid(base_slice_text(entry->fts_name))) {
		struct base_buf shown = BASE_BUF_INIT;
		enum base_code code;

		base_printable(&shown, base_slice_text(entry->fts_path));
		base_buf_byte(&shown, 0);
		code = base_fail(err, BASE_MALFORMED, "the name %s is not UTF-8; rename it", (char *)shown.data);
		base_buf_free(&shown);
		return code;
	}
	switch (entry->fts_info) {
	case FTS_DC:
		return base_fail(err, BASE_MALFORMED, "%s leads back to a folder that it lies in (a loop of links)", entry->fts_path);
	case FTS_SL:
	case FTS_SLNONE:
		return base_fail(err, BASE_MALFORMED, "%s is a symbolic link that leads nowhere or to itself", entry->fts_path);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		errno = entry->fts_errno;
		return base_fail_errno(err, "%s", entry->fts_path);
	case FTS_DEFAULT:
		return base_fail(err, BASE_MALFORMED, "%s is neither a file nor a folder", entry->fts_path);
	default:
		return BASE_OK;
	}
}

/* Order of bytes, whatever the locale, and what a folder holds after its name: the same folder gives the same plan. fts sorts
 * as well, but not when it finds no memory for it. */
static int by_path(const void *a, const void *b)
{
	const unsigned char *x = (const unsigned char *)((const struct submit_item *)a)->path;
	const unsigned char *y = (const unsigned char *)((const struct submit_item *)b)->path;

	while (*x != 0 && *x == *y) {
		x++;
		y++;
	}
	return (*x == '/' ? 1 : *x == 0 ? 0 : *x + 1) - (*y == '/' ? 1 : *y == 0 ? 0 : *y + 1);
}

static enum base_code add_path(struct submit_plan *plan, const struct cli *cli, const char *path, struct base_error *err)
{
	char *root = copy(path);
	char *const paths[] = {root, NULL};
	FTS *fts;
	FTSENT *entry;
	size_t before = plan->count;
	enum base_code code = BASE_OK;

	/* fts reports links that lead nowhere, loops, and unreadable folders one by one. */
	fts = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	if (fts == NULL) {
		code = base_fail_errno(err, "%s", path);
		free(root);
		return code;
	}
	/* NULL with errno 0 is the end. */
	while (code == BASE_OK && (errno = 0, entry = fts_read(fts)) != NULL) {
		const char *name = entry->fts_path;
		size_t skip = strlen(path);

		code = check_entry(entry, err);
		if (code != BASE_OK || entry->fts_info != FTS_F)
			continue;
		/* Within a folder the name is relative to it; a file that was named itself keeps its last part. */
		if (entry->fts_level == 0)
			name = entry->fts_name;
		else
			for (name += skip; *name == '/'; name++)
				;
		if (entry->fts_level == 0 && strrchr(name, '/') != NULL)
			name = strrchr(name, '/') + 1;
		if (plan->count == PLAN_ITEMS_MAX)
			code = base_fail(err, BASE_LIMIT, "more than a million files in one submission; submit folder by folder");
		else
			add(plan, cli, entry->fts_path, name, entry->fts_statp);
	}
	if (code == BASE_OK && errno != 0)
		code = base_fail_errno(err, "%s", path);
	fts_close(fts);
	if (plan->count > before)
		qsort(plan->items + before, plan->count - before, sizeof(*plan->items), by_path);
	if (code == BASE_OK && plan->count == before)
		code = base_fail(err, BASE_USAGE, "the folder %s has no file in it; there is nothing to submit", path);
	free(root);
	return code;
}

/* Standard input has no length; it is spooled in memory, never in a file in clear. */
static enum base_code add_stdin(struct submit_plan *plan, const struct cli *cli, struct base_error *err)
{
	const char *name = cli_get(cli, "name");
	int fd = memfd_create("regesta-submit", MFD_CLOEXEC);
	uint8_t buffer[65536];
	uint64_t total = 0;
	ssize_t n = 0;
	struct stat info = {0};
	enum base_code code = BASE_OK;

	if (name == NULL)
		code = base_fail(err, BASE_USAGE, "standard input has no name; give --name NAME");
	else if (fd < 0)
		code = base_fail_errno(err, "memory for standard input");
	while (code == BASE_OK && (n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0) {
		total += (uint64_t)n;
		if (total > STDIN_BYTES_MAX)
			code = base_fail(err, BASE_LIMIT, "more than 1 GiB on standard input; submit a file instead");
		else
			code = base_write_all(fd, base_slice(buffer, (size_t)n), err);
	}
	base_wipe(buffer, sizeof(buffer));
	if (code == BASE_OK && n < 0)
		code = base_fail_errno(err, "standard input");
	if (code != BASE_OK) {
		if (fd >= 0)
			close(fd);
		return code;
	}
	info.st_size = (off_t)total;
	add(plan, cli, NULL, name, &info)->fd = fd;
	return BASE_OK;
}

static void replace(char **member, const char *value)
{
	if (value == NULL)
		return;
	free(*member);
	*member = copy(value);
}

static enum base_code add_row(struct submit_plan *plan, const struct cli *cli, const char *folder, const struct manifest_row *row,
			      struct base_error *err)
{
	char *path = row->file[0] == '/' ? copy(row->file) : base_path(folder, row->file);
	struct stat info;
	struct submit_item *item;
	enum base_code code = BASE_OK;

	if (stat(path, &info) != 0)
		code = base_fail_errno(err, "%s", path);
	else if (!S_ISREG(info.st_mode))
		code = base_fail(err, BASE_MALFORMED, "%s is not a file", path);
	if (code == BASE_OK && row->category != NULL)
		code = base_wrap(err, cli_code_check(EVENTS_CATEGORIES, row->category, err), "category");
	if (code == BASE_OK && row->collected != NULL)
		code = base_wrap(err, cli_collected_check(row->collected, err), "collected");
	if (code == BASE_OK) {
		item = add(plan, cli, path, row->file, &info);
		replace(&item->participant, row->participant);
		replace(&item->category, row->category);
		replace(&item->collected, row->collected);
	}
	free(path);
	return code;
}

static enum base_code add_manifest(struct submit_plan *plan, const struct cli *cli, const char *path, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	struct manifest manifest = {0};
	char *folder = copy(path);
	char *slash = strrchr(folder, '/');
	enum base_code code = base_file_read(&text, path, MANIFEST_BYTES_MAX, err);

	if (slash == NULL)
		snprintf(folder, strlen(path) + 1, ".");
	else
		slash[slash == folder] = '\0';
	if (code == BASE_OK)
		code = manifest_parse(&manifest, base_buf_slice(&text), err);
	for (size_t i = 0; i < manifest.count && code == BASE_OK; i++)
		code = base_wrap(err, add_row(plan, cli, folder, &manifest.rows[i], err), "line %zu", i + 2);
	base_buf_wipe(&text);
	manifest_free(&manifest);
	free(folder);
	return base_wrap(err, code, "manifest %s", path);
}

static int by_file(const void *a, const void *b)
{
	const struct submit_item *const *x = a, *const *y = b;

	if ((*x)->device != (*y)->device)
		return (*x)->device < (*y)->device ? -1 : 1;
	if ((*x)->inode != (*y)->inode)
		return (*x)->inode < (*y)->inode ? -1 : 1;
	return 0;
}

/* The same file twice is a mistake in the list, not two submissions. Hard links count too. */
static enum base_code refuse_duplicates(const struct submit_plan *plan, struct base_error *err)
{
	const struct submit_item **sorted = base_alloc((plan->count + 1) * sizeof(*sorted));
	enum base_code code = BASE_OK;
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].path != NULL)
			sorted[n++] = &plan->items[i];
	qsort(sorted, n, sizeof(*sorted), by_file);
	for (size_t i = 1; i < n && code == BASE_OK; i++)
		if (by_file(&sorted[i - 1], &sorted[i]) == 0)
			code = base_fail(err, BASE_MALFORMED, "%s and %s are the same file; each is submitted once", sorted[i - 1]->path,
					 sorted[i]->path);
	free(sorted);
	return code;
}

enum base_code submit_plan_make(struct submit_plan *plan, const struct cli *cli, struct base_error *err)
{
	enum base_code code = BASE_OK;
	const char *category = cli_get(cli, "category"), *collected = cli_get(cli, "collected");
	const char *manifest;

	*plan = (struct submit_plan){0};
	if (category != NULL)
		code = base_wrap(err, cli_code_check(EVENTS_CATEGORIES, category, err), "--category");
	if (code == BASE_OK && collected != NULL)
		code = base_wrap(err, cli_collected_check(collected, err), "--collected");
	for (int i = 0; i < cli->argc && code == BASE_OK; i++)
		code = strcmp(cli->argv[i], "-") == 0 ? add_stdin(plan, cli, err) : add_path(plan, cli, cli->argv[i], err);
	for (size_t i = 0; code == BASE_OK && (manifest = cli_get_nth(cli, "manifest", i)) != NULL; i++)
		code = add_manifest(plan, cli, manifest, err);
	if (code == BASE_OK)
		code = refuse_duplicates(plan, err);
	if (code == BASE_OK && plan->count == 0)
		code = base_fail(err, BASE_USAGE, "there is nothing to submit: name files or folders, or --manifest FILE.csv");
	if (code != BASE_OK)
		submit_plan_free(plan);
	return code;
}

void submit_plan_free(struct submit_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct submit_item *item = &plan->items[i];

		if (item->fd >= 0)
			close(item->fd);
		free(item->path);
		free(item->name);
		free(item->participant);
		free(item->category);
		free(item->collected);
	}
	free(plan->items);
	*plan = (struct submit_plan){0};
}
