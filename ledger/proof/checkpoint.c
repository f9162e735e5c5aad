/* Checkpoints (C2SP tlog-checkpoint): origin, size, root, one a line.
 * docs/formats/checkpoint.md
 */
#include "ledger/proof/proof_internal.h"

#include <string.h>

static enum base_code extensions_check(struct base_slice rest, struct base_error *err)
{
	struct base_slice line;

	while (rest.len > 0) {
		if (!proof_line_next(&rest, &line))
			return base_fail(err, BASE_MALFORMED,
					 "the checkpoint does not end in a newline; it may have been cut");
		if (line.len == 0)
			return base_fail(err, BASE_MALFORMED, "the checkpoint has an empty line");
	}
	return BASE_OK;
}

enum base_code proof_checkpoint_parse(struct proof_checkpoint *out, struct base_slice text, struct base_error *err)
{
	struct base_slice rest = text, size, root;
	struct base_hash empty = proof_empty_root();
	enum base_code code = proof_text_check(text, "the checkpoint", err);

	memset(out, 0, sizeof(*out));
	if (code != BASE_OK)
		return code;
	if (!proof_line_next(&rest, &out->origin) || !proof_line_next(&rest, &size) || !proof_line_next(&rest, &root))
		return base_fail(err, BASE_MALFORMED,
				 "a checkpoint has three lines at least: origin, tree size, root hash");
	if (out->origin.len == 0)
		return base_fail(err, BASE_MALFORMED, "the checkpoint's first line, its origin, is empty");
	if (!base_parse_u64(size, &out->size))
		return base_fail(err, BASE_MALFORMED, "the checkpoint's second line is not a tree size: \"%.*s\"",
				 PROOF_SHOW(size));
	if (!proof_hash_parse(&out->root, root))
		return base_fail(err, BASE_MALFORMED, "the checkpoint's third line is not a root hash: \"%.*s\"",
				 PROOF_SHOW(root));
	if (out->size == 0 && !base_hash_equal(&out->root, &empty))
		return base_fail(err, BASE_MALFORMED,
				 "the checkpoint has no leaves, but not the root of the empty tree");
	out->extensions = rest;
	return extensions_check(rest, err);
}

void proof_checkpoint_format(struct base_buf *out, const char *origin, uint64_t size, const struct base_hash *root)
{
	BASE_ASSERT(origin[0] != '\0' && strchr(origin, '\n') == NULL);
	base_buf_print(out, "%s\n%llu\n", origin, (unsigned long long)size);
	proof_hash_line(out, root);
}
