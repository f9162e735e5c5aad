/* The text layer of an identity file (docs/formats/keys.md §4):
 *
 *	identity = block *7( LF block )
 *	block    = "purpose: " name LF "public: " hex LF
 *	           "-----BEGIN " label "-----" LF 1*( base64 LF ) "-----END " label "-----" LF
 *	label    = "PRIVATE KEY" / "ENCRYPTED PRIVATE KEY"
 *
 * One way to write it: lines of 64 characters but the last, LF, nothing else in between. */
#include "ledger/keys/keys_internal.h"

#include <string.h>

#define LINE_CHARS 64
static const char plain_label[] = "PRIVATE KEY";
static const char encrypted_label[] = "ENCRYPTED PRIVATE KEY";

void keys_pem_read(struct keys_pem_reader *r, struct base_slice file)
{
	r->rest = file;
	r->line = 1;
}

/* False: the file ends, or its last line has no line end. */
static bool line_next(struct keys_pem_reader *r, struct base_slice *line)
{
	const uint8_t *end = r->rest.len == 0 ? NULL : memchr(r->rest.data, '\n', r->rest.len);

	if (end == NULL)
		return false;
	*line = base_slice(r->rest.data, (size_t)(end - r->rest.data));
	r->rest = base_slice(end + 1, r->rest.len - line->len - 1);
	r->line++;
	return true;
}

static bool line_after(struct keys_pem_reader *r, const char *start, struct base_slice *value)
{
	struct base_slice line;
	size_t len = strlen(start);

	if (!line_next(r, &line) || line.len < len || memcmp(line.data, start, len) != 0)
		return false;
	*value = base_slice(line.data + len, line.len - len);
	return true;
}

/* The label in "-----BEGIN label-----"; false if line is no such line. */
static bool begin_label(struct base_slice line, struct base_slice *label)
{
	static const char begin[] = "-----BEGIN ", dashes[] = "-----";
	size_t before = sizeof(begin) - 1, after = sizeof(dashes) - 1;

	if (line.len <= before + after || memcmp(line.data, begin, before) != 0 ||
	    memcmp(line.data + line.len - after, dashes, after) != 0)
		return false;
	*label = base_slice(line.data + before, line.len - before - after);
	return true;
}

static const char *advice_for(struct base_slice label)
{
	static const struct {
		const char *label, *advice;
	} known[] = {
		{"CERTIFICATE", BASE_WORDS("a certificate, which holds no private key")},
		{"TRUSTED CERTIFICATE", BASE_WORDS("a certificate, which holds no private key")},
		{"X509 CRL", BASE_WORDS("a certificate revocation list, which holds no private key")},
		{"CERTIFICATE REQUEST", BASE_WORDS("a certificate request, which holds no private key")},
		{"PUBLIC KEY", BASE_WORDS("a public key, where a private key is wanted")},
		{"EC PRIVATE KEY", BASE_WORDS("a private key in an older form; \"openssl pkcs8 -topk8\" converts it")},
		{"EC PARAMETERS", BASE_WORDS("parameters of a curve, which are no key")},
		{"RSA PRIVATE KEY", BASE_WORDS("an RSA key, which Regesta does not use")},
		{"OPENSSH PRIVATE KEY", BASE_WORDS("an OpenSSH key, which Regesta does not use")},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (base_slice_equal(label, base_slice_text(known[i].label)))
			return known[i].advice;
	return NULL;
}

/* A file that is not an identity at all is most likely one of these; say which. */
static enum base_code other_file(struct base_slice file, struct base_error *err)
{
	struct keys_pem_reader r;
	struct base_slice line, label;

	keys_pem_read(&r, file);
	while (line_next(&r, &line)) {
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (!begin_label(line, &label))
			continue;
		if (advice_for(label) != NULL)
			return base_fail(err, BASE_MALFORMED, "this file holds %s", base_message(advice_for(label)));
		if (base_slice_equal(label, base_slice_text(plain_label)) ||
		    base_slice_equal(label, base_slice_text(encrypted_label)))
			break;
		return base_fail(err, BASE_MALFORMED, "this file holds PEM of the kind \"%.*s\", not a private key",
				 label.len > 40 ? 40 : (int)label.len, (const char *)label.data);
	}
	if (!base_utf8_valid(file) || memchr(file.data, '\0', file.len) != NULL)
		return base_fail(err, BASE_MALFORMED, "this file is binary; an identity is text (PEM)");
	if (memchr(file.data, '\r', file.len) != NULL)
		return base_fail(err, BASE_MALFORMED,
				 "an identity file has lines that end in LF alone; this one has CR");
	return BASE_OK;
}

static enum base_code header_read(struct keys_pem_reader *r, struct keys_pem_block *out, struct base_error *err)
{
	size_t line = r->line;
	struct base_slice name;

	if (!line_after(r, "purpose: ", &name))
		return base_fail(err, BASE_MALFORMED, "line %zu: \"purpose: ...\" is missing", line);
	if (!keys_purpose_by_name(&out->purpose, name))
		return base_fail(err, BASE_MALFORMED, "line %zu: purpose \"%.*s\" is unknown", line,
				 name.len > 40 ? 40 : (int)name.len, (const char *)name.data);
	if (!line_after(r, "public: ", &out->public_hex))
		return base_fail(err, BASE_MALFORMED, "line %zu: \"public: ...\" is missing", line + 1);
	return BASE_OK;
}

static enum base_code body_read(struct keys_pem_reader *r, struct keys_pem_block *out, struct base_error *err)
{
	const char *name = out->encrypted ? encrypted_label : plain_label;
	size_t first = r->line, room = KEYS_DER_BYTES_MAX * 3 / 2;
	struct base_slice line, label;
	bool last = false;

	out->base64 = base_slice(r->rest.data, 0);
	while (line_next(r, &line)) {
		if (line.len > 9 && memcmp(line.data, "-----END ", 9) == 0) {
			label = base_slice(line.data + 9, line.len - 9);
			if (out->base64.len == 0 || label.len != strlen(name) + 5 ||
			    memcmp(label.data, name, strlen(name)) != 0 ||
			    memcmp(label.data + strlen(name), "-----", 5) != 0)
				break;
			return BASE_OK;
		}
		if (last || line.len == 0 || line.len > LINE_CHARS)
			break;
		last = line.len < LINE_CHARS;
		out->base64.len += line.len + 1;
		if (out->base64.len > room)
			return base_fail(err, BASE_LIMIT, "line %zu: the private key is longer than any that is known",
					 first);
	}
	return base_fail(err, BASE_MALFORMED, "line %zu: lines of %d characters and \"-----END %s-----\" must follow",
			 first, LINE_CHARS, name);
}

enum base_code keys_pem_next(struct keys_pem_reader *r, struct keys_pem_block *out, bool *found, struct base_error *err)
{
	bool first = r->line == 1;
	struct base_slice line, label;
	struct base_slice file = r->rest;
	enum base_code code;

	*found = false;
	if (r->rest.len == 0)
		return first ? base_fail(err, BASE_MALFORMED, "the file is empty") : BASE_OK;
	if (!first && (!line_next(r, &line) || line.len != 0))
		return base_fail(err, BASE_MALFORMED, "line %zu: an empty line must stand between two keys",
				 r->line - 1);
	if ((code = header_read(r, out, err)) != BASE_OK) {
		enum base_code other = first ? other_file(file, err) : BASE_OK;

		return other != BASE_OK ? other : code;
	}
	if (!line_next(r, &line) || !begin_label(line, &label))
		return base_fail(err, BASE_MALFORMED, "line %zu: \"-----BEGIN %s-----\" is missing", r->line - 1,
				 plain_label);
	out->encrypted = base_slice_equal(label, base_slice_text(encrypted_label));
	if (!out->encrypted && !base_slice_equal(label, base_slice_text(plain_label)))
		return base_fail(err, BASE_MALFORMED, "line %zu holds %s", r->line - 1,
				 base_message(advice_for(label) != NULL ? advice_for(label) : "PEM that is not a private key"));
	if ((code = body_read(r, out, err)) != BASE_OK)
		return code;
	*found = true;
	return BASE_OK;
}

enum base_code keys_pem_bytes(struct base_buf *out, const struct keys_pem_block *block, struct base_error *err)
{
	struct base_buf joined = BASE_BUF_INIT;
	bool ok;

	base_buf_reserve(&joined, block->base64.len);
	for (size_t i = 0; i < block->base64.len; i++)
		if (block->base64.data[i] != '\n')
			joined.data[joined.len++] = block->base64.data[i];
	base_buf_reserve(out, KEYS_DER_BYTES_MAX);
	ok = base_unbase64(out, base_buf_slice(&joined));
	base_buf_wipe(&joined);
	if (!ok)
		return base_fail(err, BASE_MALFORMED, "the %s key is not clean base64",
				 keys_purpose_name(block->purpose));
	return BASE_OK;
}

void keys_pem_write(struct base_buf *out, const struct keys_public *public, bool encrypted, struct base_slice der)
{
	const char *label = encrypted ? encrypted_label : plain_label;
	char hex[2 * KEYS_PUBLIC_BYTES_MAX + 1];
	struct base_buf base64 = BASE_BUF_INIT;

	base_hex(hex, base_slice(public->bytes, public->len));
	base_buf_reserve(&base64, KEYS_DER_BYTES_MAX * 3 / 2);
	base_base64(&base64, der);
	base_buf_print(out, "purpose: %s\npublic: %s\n-----BEGIN %s-----\n", keys_purpose_name(public->purpose), hex,
		       label);
	for (size_t at = 0; at < base64.len; at += LINE_CHARS) {
		size_t take = base64.len - at < LINE_CHARS ? base64.len - at : LINE_CHARS;

		base_buf_append(out, base_slice(base64.data + at, take));
		base_buf_byte(out, '\n');
	}
	base_buf_print(out, "-----END %s-----\n", label);
	base_buf_wipe(&base64);
}
