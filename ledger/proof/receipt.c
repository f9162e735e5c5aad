/* Receipts: C2SP tlog-proof, one text file. docs/formats/receipt.md */
#include "ledger/proof/proof_internal.h"

#include <string.h>

#define HEADER "c2sp.org/tlog-proof@v1"
#define INCLUSION_HASHES_MAX 64

static enum base_code header_parse(struct base_slice *rest, struct base_error *err)
{
	struct base_slice line;

	if (!proof_line_next(rest, &line) || !proof_starts_with(line, "c2sp.org/tlog-proof@"))
		return base_fail(err, BASE_MALFORMED, "a receipt begins with the line \"%s\"", HEADER);
	if (!base_slice_equal(line, base_slice_text(HEADER)))
		return base_fail(err, BASE_VERSION,
				 "the receipt is of format \"%.*s\"; this version knows \"%s\"",
				 PROOF_SHOW(line), HEADER);
	return BASE_OK;
}

/* Consumes the line only if there is one. */
static enum base_code extra_parse(struct proof_receipt *out, struct base_slice *rest, struct base_error *err)
{
	struct base_slice line;

	if (!proof_starts_with(*rest, "extra "))
		return BASE_OK;
	if (!proof_line_next(rest, &line))
		return base_fail(err, BASE_MALFORMED, "the receipt ends within its extra data");
	out->extra_base64 = base_slice(line.data + 6, line.len - 6);
	if (out->extra_base64.len == 0 || !base_unbase64(&out->extra, out->extra_base64))
		return base_fail(err, BASE_MALFORMED, "the receipt's extra data is empty or not base64");
	if (out->extra.len > PROOF_EXTRA_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the receipt's extra data is over %d bytes", PROOF_EXTRA_BYTES_MAX);
	return BASE_OK;
}

static enum base_code path_parse(struct proof_path *path, struct base_slice *rest, struct base_error *err)
{
	struct base_slice line;

	for (path->count = 0;; path->count++) {
		if (!proof_line_next(rest, &line))
			return base_fail(err, BASE_MALFORMED, "the receipt ends before its checkpoint");
		if (line.len == 0)
			return BASE_OK;
		if (path->count == INCLUSION_HASHES_MAX)
			return base_fail(err, BASE_LIMIT, "the receipt's inclusion proof has more than %d hashes",
					 INCLUSION_HASHES_MAX);
		if (!proof_hash_parse(&path->hashes[path->count], line))
			return base_fail(err, BASE_MALFORMED,
					 "hash %zu of the receipt's inclusion proof is not a hash: \"%.*s\"",
					 path->count + 1, PROOF_SHOW(line));
	}
}

/* That what follows is a signed checkpoint, large enough for the index. */
static enum base_code note_check(const struct proof_receipt *receipt, struct base_error *err)
{
	struct proof_checkpoint checkpoint;
	struct proof_note note;
	enum base_code code = proof_note_parse(&note, receipt->note, err);

	if (code == BASE_OK)
		code = proof_checkpoint_parse(&checkpoint, note.text, err);
	if (code != BASE_OK)
		return base_wrap(err, code, "receipt");
	if (receipt->index >= checkpoint.size)
		return base_fail(err, BASE_MALFORMED,
				 "the receipt is for entry %llu, but its checkpoint has %llu entries",
				 (unsigned long long)receipt->index, (unsigned long long)checkpoint.size);
	return BASE_OK;
}

enum base_code proof_receipt_parse(struct proof_receipt *out, struct base_slice text, struct base_error *err)
{
	struct base_slice rest = text, line;
	enum base_code code;

	memset(out, 0, sizeof(*out));
	if (text.len > PROOF_RECEIPT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the receipt is %zu bytes; at most %u are read", text.len,
				 PROOF_RECEIPT_BYTES_MAX);
	if ((code = header_parse(&rest, err)) != BASE_OK || (code = extra_parse(out, &rest, err)) != BASE_OK)
		goto out;
	if (!proof_line_next(&rest, &line) || !proof_starts_with(line, "index ") ||
	    !base_parse_u64(base_slice(line.data + 6, line.len - 6), &out->index)) {
		code = base_fail(err, BASE_MALFORMED, "the receipt has no line \"index NUMBER\" where it should be");
		goto out;
	}
	if ((code = path_parse(&out->path, &rest, err)) != BASE_OK)
		goto out;
	out->note = rest;
	code = note_check(out, err);
out:
	if (code != BASE_OK)
		proof_receipt_free(out);
	return code;
}

void proof_receipt_free(struct proof_receipt *receipt)
{
	base_buf_free(&receipt->extra);
	memset(receipt, 0, sizeof(*receipt));
}

enum base_code proof_receipt_check(const struct proof_receipt *receipt, const struct proof_policy *policy,
				   const struct base_hash *leaf, struct proof_checkpoint *checkpoint,
				   struct proof_verdict *verdict, struct base_error *err)
{
	struct proof_note note;
	enum base_code code = proof_note_parse(&note, receipt->note, err);

	if (code == BASE_OK)
		code = proof_policy_check(policy, &note, checkpoint, verdict, err);
	if (code == BASE_OK)
		code = proof_inclusion_verify(&receipt->path, receipt->index, checkpoint->size, leaf, &checkpoint->root,
					      err);
	return code;
}

void proof_receipt_format(struct base_buf *out, struct base_slice extra, uint64_t index, const struct proof_path *path,
			  struct base_slice note)
{
	BASE_ASSERT(extra.len <= PROOF_EXTRA_BYTES_MAX && path->count <= INCLUSION_HASHES_MAX);
	base_buf_print(out, HEADER "\n");
	if (extra.len > 0) {
		base_buf_print(out, "extra ");
		base_base64(out, extra);
		base_buf_byte(out, '\n');
	}
	base_buf_print(out, "index %llu\n", (unsigned long long)index);
	for (size_t i = 0; i < path->count; i++)
		proof_hash_line(out, &path->hashes[i]);
	base_buf_byte(out, '\n');
	base_buf_append(out, note);
}
