/* import: what commands that take files of other systems share. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/cli.h"

/* A table with named columns: RFC 4180, UTF-8, the first line names the columns, each of them once and no other. */
struct import_table {
	size_t columns, rows;
	char **cells; /* of row r and column c (in the order of the names asked for): [r * columns + c]; never NULL */
	size_t cap;
};
#define IMPORT_BYTES_MAX (64u << 20)
#define IMPORT_ROWS_MAX 1000000u
BASE_MUST_USE enum base_code import_table_parse(struct import_table *out, struct base_slice text, const char *const *names,
						size_t columns, struct base_error *err);
BASE_MUST_USE enum base_code import_table_read(struct import_table *out, const char *path, const char *const *names, size_t columns,
					       struct base_error *err);
void import_table_free(struct import_table *table);

#endif
