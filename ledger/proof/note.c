/* Signed notes (C2SP signed-note): the text, a blank line, signature lines.
 * docs/formats/checkpoint.md
 */
#include "ledger/proof/proof_internal.h"

#include <string.h>

/* ---- Lines and text ----------------------------------------------------- */

bool proof_line_next(struct base_slice *rest, struct base_slice *line)
{
	const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);

	if (end == NULL)
		return false;
	*line = base_slice(rest->data, (size_t)(end - rest->data));
	rest->len -= line->len + 1;
	rest->data = end + 1;
	return true;
}

bool proof_starts_with(struct base_slice text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

bool proof_hash_parse(struct base_hash *out, struct base_slice text)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool good = text.len == 44 && base_unbase64(&bytes, text) && bytes.len == sizeof(out->bytes);

	if (good)
		memcpy(out->bytes, bytes.data, sizeof(out->bytes));
	base_buf_free(&bytes);
	return good;
}

void proof_hash_line(struct base_buf *out, const struct base_hash *hash)
{
	base_base64(out, base_hash_slice(hash));
	base_buf_byte(out, '\n');
}

enum base_code proof_text_check(struct base_slice text, const char *what, struct base_error *err)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 && text.data[i] != '\n')
			return base_fail(err, BASE_MALFORMED, "%s has a control character (0x%02x) at byte %zu", base_message(what),
					 text.data[i], i);
	if (!base_utf8_valid(text))
		return base_fail(err, BASE_MALFORMED, "%s is not UTF-8", base_message(what));
	return BASE_OK;
}

/* ---- Key names ---------------------------------------------------------- */

/* Length of the Unicode space at the beginning of well-formed UTF-8, or 0: White_Space of
 * the Unicode character database, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028,
 * U+2029, U+202F, U+205F, U+3000, and the ASCII ones. */
static size_t space_len(const uint8_t *at, size_t left)
{
	if (at[0] == ' ' || (at[0] >= '\t' && at[0] <= '\r'))
		return 1;
	if (left >= 2 && at[0] == 0xc2 && (at[1] == 0x85 || at[1] == 0xa0))
		return 2;
	if (left < 3)
		return 0;
	if (at[0] == 0xe1 && at[1] == 0x9a && at[2] == 0x80)
		return 3;
	if (at[0] == 0xe2 && at[1] == 0x80 && (at[2] <= 0x8a || at[2] == 0xa8 || at[2] == 0xa9 || at[2] == 0xaf))
		return 3;
	if (at[0] == 0xe2 && at[1] == 0x81 && at[2] == 0x9f)
		return 3;
	return at[0] == 0xe3 && at[1] == 0x80 && at[2] == 0x80 ? 3 : 0;
}

bool proof_name_well_formed(struct base_slice name)
{
	if (name.len == 0 || !base_utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] < 0x20 || name.data[i] == '+' || space_len(name.data + i, name.len - i) != 0)
			return false;
	return true;
}

bool proof_name_valid(struct base_slice name)
{
	return name.len <= PROOF_NAME_BYTES_MAX && proof_name_well_formed(name);
}

/* ---- Notes -------------------------------------------------------------- */

#define LINE_START "\xe2\x80\x94 " /* em dash, space */

static enum base_code signature_parse(struct proof_signature *out, struct base_slice line, size_t number,
				      struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_slice rest, base64;
	const uint8_t *space;
	enum base_code code = BASE_MALFORMED;

	if (!proof_starts_with(line, LINE_START)) {
		base_fail(err, code, "signature line %zu does not begin with an em dash and a space", number);
		goto out;
	}
	rest = base_slice(line.data + strlen(LINE_START), line.len - strlen(LINE_START));
	space = rest.len == 0 ? NULL : memchr(rest.data, ' ', rest.len);
	if (space == NULL) {
		base_fail(err, code, "signature line %zu has no signature", number);
		goto out;
	}
	out->name = base_slice(rest.data, (size_t)(space - rest.data));
	base64 = base_slice(space + 1, rest.len - out->name.len - 1);
	if (!proof_name_well_formed(out->name)) {
		base_fail(err, code, "the key name of signature line %zu is empty or has a space or '+'", number);
		goto out;
	}
	if (!base_unbase64(&bytes, base64) || bytes.len < 5) {
		base_fail(err, code, "the signature of %.*s (line %zu) is not base64 of a key id and a signature",
			  PROOF_SHOW(out->name), number);
		goto out;
	}
	out->key_id = base_get_u32be(bytes.data);
	out->len = bytes.len - 4 <= sizeof(out->bytes) ? bytes.len - 4 : 0;
	if (out->len > 0)
		memcpy(out->bytes, bytes.data + 4, out->len);
	code = BASE_OK;
out:
	base_buf_free(&bytes);
	return code;
}

/* Offset of the newline that ends the text: the first of the last two in a row. */
static bool text_end(size_t *end, struct base_slice bytes)
{
	for (size_t i = bytes.len; i-- > 1;) {
		if (bytes.data[i] == '\n' && bytes.data[i - 1] == '\n') {
			*end = i - 1;
			return true;
		}
	}
	return false;
}

enum base_code proof_note_parse(struct proof_note *out, struct base_slice bytes, struct base_error *err)
{
	struct base_slice rest, line;
	enum base_code code;
	size_t end;

	out->text = base_slice(NULL, 0);
	out->count = 0;
	if (bytes.len > PROOF_NOTE_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the signed note is %zu bytes; at most %d are read", bytes.len,
				 PROOF_NOTE_BYTES_MAX);
	if ((code = proof_text_check(bytes, "the signed note", err)) != BASE_OK)
		return code;
	if (!text_end(&end, bytes))
		return base_fail(err, BASE_MALFORMED, "the signed note has no empty line between text and signatures");
	rest = base_slice(bytes.data + end + 2, bytes.len - end - 2);
	if (rest.len == 0)
		return base_fail(err, BASE_MALFORMED, "the signed note has no signature");
	while (rest.len > 0) {
		if (!proof_line_next(&rest, &line))
			return base_fail(err, BASE_MALFORMED,
					 "the signed note does not end in a newline; it may have been cut");
		if (out->count == PROOF_SIGNATURES_MAX)
			return base_fail(err, BASE_LIMIT, "the signed note has more than %d signatures",
					 PROOF_SIGNATURES_MAX);
		if ((code = signature_parse(&out->signatures[out->count], line, out->count + 1, err)) != BASE_OK)
			return code;
		out->count++;
	}
	out->text = base_slice(bytes.data, end + 1);
	return BASE_OK;
}
