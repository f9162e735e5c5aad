/* What the tests of several rooms share: folders of their own, values out of documents, how a suite is run. Linked to each. */
#ifndef TESTS_SUPPORT_SUPPORT_H
#define TESTS_SUPPORT_SUPPORT_H

#include <check.h>

#include "ledger/base/base.h"

/* A new folder in $TMPDIR, else in /tmp; malloc'ed, NULL if there is no room for it. */
char *support_folder_make(void);
void support_folder_remove(char *path); /* with all that is in it; frees path */

/* The value of the line "name = ..." of a document, which goes on in lines that begin with a space; the test fails
 * without. Freed by the caller (NUL-terminated). */
struct base_buf support_doc(const char *path, const char *name);
/* The lines of the block "```text name" of a document. */
struct base_buf support_doc_block(const char *path, const char *name);

/* One case with what fill adds to it. Returns what main() returns. */
int support_run(const char *name, void (*fill)(TCase *tc));

#endif
