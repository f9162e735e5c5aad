/* Evidence is text, kept byte for byte; editors, mail programs and shells are not. What they did to a file is said, not undone:
 * who repairs it silently would let one content have two files. */
#include <string.h>

#include "ledger/audit/audit_internal.h"

static bool begins(struct base_slice file, const char *bytes, size_t len)
{
	return file.len >= len && memcmp(file.data, bytes, len) == 0;
}

/* Of no other file is anything said about its line ends. */
static bool is_evidence(struct base_slice file)
{
	static const char *const first[] = {"c2sp.org/tlog-proof@", "regesta-trail@", "regesta-state@"};
	static const char signature_line[] = "\n\xe2\x80\x94 ";

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (begins(file, first[i], strlen(first[i])))
			return true;
	for (size_t i = 0; i + sizeof(signature_line) - 1 <= file.len; i++)
		if (memcmp(file.data + i, signature_line, sizeof(signature_line) - 1) == 0)
			return true;
	return false;
}

static bool has_trailing_blank(struct base_slice file)
{
	for (size_t i = 1; i < file.len; i++)
		if (file.data[i] == '\n' && (file.data[i - 1] == ' ' || file.data[i - 1] == '\t'))
			return true;
	return file.len > 0 && (file.data[file.len - 1] == ' ' || file.data[file.len - 1] == '\t');
}

enum base_code audit_text_check(struct base_slice file, struct base_error *err)
{
	if (begins(file, "\xff\xfe", 2) || begins(file, "\xfe\xff", 2))
		return base_fail(err, BASE_MALFORMED, "another program wrote this file anew as UTF-16: `iconv -f UTF-16 -t UTF-8 FILE > REPAIRED` "
						      "makes it UTF-8 again; give that file");
	if (begins(file, "\xef\xbb\xbf", 3))
		return base_fail(err, BASE_MALFORMED, "another program put a byte order mark before this file's first line: "
						      "`tail -c +4 FILE > REPAIRED` takes it away; give that file");
	if (!is_evidence(file))
		return BASE_OK;
	if (memchr(file.data, '\r', file.len) != NULL)
		return base_fail(err, BASE_MALFORMED, "the line ends of this file were changed to CR LF, as Windows and some mail programs do: "
						      "`tr -d '\\r' < FILE > REPAIRED` puts them back; give that file");
	if (has_trailing_blank(file))
		return base_fail(err, BASE_MALFORMED, "the line ends of this file were changed: blanks stand before them; "
						      "`sed 's/[[:blank:]]*$//' FILE > REPAIRED` takes them away; give that file");
	if (file.data[file.len - 1] != '\n')
		return base_fail(err, BASE_MALFORMED, "the end of this file's last line is missing: the file was cut off or copied by hand; if "
						      "nothing else is missing, `(cat FILE; echo) > REPAIRED` puts it back: give that file");
	if (file.len > 1 && file.data[file.len - 2] == '\n')
		return base_fail(err, BASE_MALFORMED, "the line ends of this file were changed: empty lines stand after its last one; "
						      "`printf '%%s\\n' \"$(cat FILE)\" > REPAIRED` takes them away; give that file");
	return BASE_OK;
}

enum base_code audit_plain(struct base_error *err, enum base_code code, const char *words)
{
	struct base_error technical;

	if ((code != BASE_MISMATCH && code != BASE_MALFORMED) || err == NULL)
		return code;
	technical = *err;
	return base_fail(err, code, "%s (%.600s)", base_message(words), technical.text);
}
