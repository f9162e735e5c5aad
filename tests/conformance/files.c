/* Folders and lines. */
#include "tests/conformance/conformance.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 32

void files_add(struct files *files, const char *folder, const char *name)
{
	if (files->count == files->cap) {
		files->cap = files->cap == 0 ? 64 : 2 * files->cap;
		files->list = base_realloc(files->list, files->cap * sizeof(*files->list));
	}
	files->list[files->count].path = base_path(folder, name);
	files->list[files->count].name = strdup(name);
	BASE_ASSERT(files->list[files->count].name != NULL);
	files->count++;
}

void files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->list[i].path);
		free(files->list[i].name);
	}
	free(files->list);
	*files = (struct files){0};
}

static int by_name(const void *a, const void *b)
{
	const struct file *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum base_code walk(struct files *out, const char *folder, const char *name, unsigned depth,
			   struct base_error *err)
{
	char *path = base_path(folder, name);
	DIR *dir = opendir(path);
	enum base_code code = BASE_OK;
	struct dirent *entry;

	if (dir == NULL) {
		code = base_fail_errno(err, "%s", path);
		free(path);
		return code;
	}
	while (code == BASE_OK && (entry = readdir(dir)) != NULL) {
		char *below, *full;
		struct stat info;

		if (is_dot(entry->d_name))
			continue;
		below = base_path(name, entry->d_name);
		full = base_path(folder, below);
		if (lstat(full, &info) != 0)
			code = base_fail_errno(err, "%s", full);
		else if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX)
			code = walk(out, folder, below, depth + 1, err);
		else if (S_ISREG(info.st_mode))
			files_add(out, folder, below);
		free(below);
		free(full);
	}
	(void)closedir(dir);
	free(path);
	return code;
}

enum base_code files_walk(struct files *out, const char *folder, const char *name, struct base_error *err)
{
	enum base_code code = walk(out, folder, name, 0, err);

	if (out->count > 0)
		qsort(out->list, out->count, sizeof(*out->list), by_name);
	return code;
}

enum base_code files_folders(struct files *out, const char *folder, struct base_error *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (dir == NULL)
		return base_fail_errno(err, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		char *path = base_path(folder, entry->d_name);
		struct stat info;

		if (entry->d_name[0] != '.' && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
			files_add(out, folder, entry->d_name);
		free(path);
	}
	(void)closedir(dir);
	if (out->count > 0)
		qsort(out->list, out->count, sizeof(*out->list), by_name);
	return BASE_OK;
}

const char *file_base(const struct file *file)
{
	const char *slash = strrchr(file->name, '/');

	return slash == NULL ? file->name : slash + 1;
}

bool file_in(const struct file *file, const char *part)
{
	size_t len = strlen(part);

	for (const char *at = file->name; (at = strstr(at, part)) != NULL; at++) {
		if ((at == file->name || at[-1] == '/') && at[len] == '/')
			return true;
	}
	return false;
}

bool file_ends(const struct file *file, const char *end)
{
	size_t len = strlen(file->name), tail = strlen(end);

	return len >= tail && strcmp(file->name + len - tail, end) == 0;
}

bool file_named(const struct file *file, const char *word)
{
	return strstr(file_base(file), word) != NULL;
}

bool file_is_there(const struct file *file)
{
	struct stat info;

	return lstat(file->path, &info) == 0 && S_ISREG(info.st_mode);
}

const struct file *files_find(const struct files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->list[i].name, name) == 0)
			return &files->list[i];
	}
	return NULL;
}

/* ---- Lines --------------------------------------------------------------- */

bool cell_next(struct base_slice *cell, struct base_slice *line, char separator)
{
	size_t len = 0;

	if (line->data == NULL)
		return false;
	while (len < line->len && line->data[len] != (uint8_t)separator)
		len++;
	*cell = base_slice(line->data, len);
	if (len == line->len)
		*line = base_slice(NULL, 0);
	else
		*line = base_slice(line->data + len + 1, line->len - len - 1);
	return true;
}

bool line_next(struct base_slice *line, struct base_slice *text)
{
	return text->len > 0 && cell_next(line, text, '\n');
}

bool slice_has(struct base_slice text, const char *word)
{
	return text.len > 0 && memmem(text.data, text.len, word, strlen(word)) != NULL;
}
