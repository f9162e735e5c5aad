/* ipfs: CIDs, multiformats, dag-pb, UnixFS, CARs, and the CIDs that MANIFEST.tsv gives for every file. */
#include <stdlib.h>
#include <string.h>

#include "ledger/payload/payload_internal.h"
#include "tests/conformance/car.h"
#include "tests/conformance/codec.h"
#include "tests/conformance/conformance.h"

#define TAG_CID 42
#define SHA256 0x12

static const char *label(struct base_slice text, char *out, size_t cap)
{
	(void)snprintf(out, cap, "\"%.*s\"", (int)(text.len < cap - 3 ? text.len : cap - 3),
		       text.len > 0 ? (const char *)text.data : "");
	return out;
}

static struct base_slice without_return(struct base_slice line)
{
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* ---- CID syntax ------------------------------------------------------------------- */

/* By their characters alone; what our own profile takes, must also be right by them. */
static void syntax_file(struct suite *s, bool valid)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_slice left, line;

	if (!suite_bytes(s, &text))
		return;
	left = base_buf_slice(&text);
	while (line_next(&line, &left)) {
		struct wire_cid own;
		char which[128];

		line = without_return(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		(void)label(line, which, sizeof(which));
		if (wire_cid_syntax_valid(line) != valid)
			case_fail(s, which,
				  valid ? "it must be taken, and is refused" : "it must be refused, and is taken");
		else if (!valid && wire_cid_parse_text(&own, line, NULL) == BASE_OK)
			case_fail(s, which, "it must be refused, and is taken as a CID of Regesta");
		else
			case_pass(s);
	}
	base_buf_free(&text);
}

/* ---- Tag 42 ------------------------------------------------------------------------ */

/* h'00' and a whole CID under tag 42, and again the same. */
static const char *tagged_cid(struct base_slice bytes, bool *own)
{
	struct base_buf again = BASE_BUF_INIT, content = BASE_BUF_INIT;
	struct wire_cid_any any;
	struct wire_reader r;
	struct wire_cid cid;
	struct base_slice in;
	const char *why = NULL;

	*own = false;
	if (wire_check(bytes, NULL) != BASE_OK)
		return "it is not deterministic CBOR";
	wire_read(&r, bytes);
	if (wire_get_tag(&r) != TAG_CID)
		return "there is no tag 42";
	in = wire_get_bytes(&r);
	if (wire_done(&r, "CID", NULL) != BASE_OK || in.len < 2 || in.data[0] != 0x00)
		return "under the tag there are no bytes that begin with 00";
	in = base_slice(in.data + 1, in.len - 1);
	if (wire_cid_any_parse(&any, in, NULL) != BASE_OK || any.len != in.len)
		return "the bytes are no CID";
	*own = wire_cid_parse(&cid, in, NULL) == BASE_OK;
	base_buf_byte(&content, 0x00);
	base_buf_append(&content, in);
	wire_put_tag(&again, TAG_CID);
	wire_put_bytes(&again, base_buf_slice(&content));
	if (!base_slice_equal(base_buf_slice(&again), bytes))
		why = "written again it is not the same";
	base_buf_free(&again);
	base_buf_free(&content);
	return why;
}

static void tagged_case(struct suite *s, const struct json *one, size_t i)
{
	const struct json *type = json_get(one, "type");
	struct base_buf bytes = BASE_BUF_INIT;
	char which[160], name[128];
	const char *why;
	bool own;

	(void)snprintf(which, sizeof(which), "#%zu (%.100s)", i, json_cstr(json_get(one, "name"), name, sizeof(name)));
	if (!json_hex(json_get(one, "data"), &bytes)) {
		case_skip(s, "a case whose data are not in hexadecimal");
	} else {
		why = tagged_cid(base_buf_slice(&bytes), &own);
		if (json_equals(type, "roundtrip"))
			case_end(s, which, why);
		else if (!json_equals(type, "invalid_in") && !json_equals(type, "invalid_out"))
			case_skip(s, "a type of case that is none of roundtrip, invalid_in, invalid_out");
		else if (why != NULL)
			case_pass(s);
		else if (!own)
			case_refused(s, "a CID that is well formed, but not of Regesta's profile: CIDv1, raw or "
					"dag-pb, SHA-256");
		else
			case_skip(s, "a rule of another profile of CIDs (it refuses what is well formed and of ours)");
	}
	base_buf_free(&bytes);
}

static void tagged_file(struct suite *s)
{
	struct json json;

	if (!suite_json(s, &json))
		return;
	if (!json_is(&json, JSON_ARRAY) || json.count == 0)
		case_payload(s, "no array of cases");
	else
		for (size_t i = 0; i < json.count; i++)
			tagged_case(s, &json.items[i], i);
	json_free(&json);
}

/* ---- multibase ---------------------------------------------------------------------- */

/* 'encoding, "text"': the second cell without quotation marks, \x00 as a byte. */
static void csv_cut(struct base_slice line, struct base_slice *name, struct base_buf *value)
{
	value->len = 0;
	if (!cell_next(name, &line, ','))
		*name = base_slice(NULL, 0);
	for (size_t i = 0; i < line.len; i++) {
		struct base_buf byte = BASE_BUF_INIT;

		if (line.len - i >= 4 && line.data[i] == '\\' && line.data[i + 1] == 'x' &&
		    base_unhex(&byte, base_slice(line.data + i + 2, 2))) {
			base_buf_append(value, base_buf_slice(&byte));
			i += 3;
		} else if (line.data[i] != '"' && (line.data[i] != ' ' || value->len > 0)) {
			base_buf_byte(value, line.data[i]);
		}
		base_buf_free(&byte);
	}
}

/* wire.h lists them. */
static bool is_our_base(struct base_slice name)
{
	static const char *const exact[] = {"base2", "base8", "base10", "base16", "base16upper", NULL};
	static const char *const begin[] = {"base32", "base36", "base58", "base64", NULL};

	for (size_t i = 0; exact[i] != NULL; i++) {
		if (base_slice_equal(name, base_slice_text(exact[i])))
			return true;
	}
	for (size_t i = 0; begin[i] != NULL; i++) {
		if (name.len >= 6 && memcmp(name.data, begin[i], 6) == 0)
			return true;
	}
	return false;
}

/* The bases that we write, too. */
static const char *write_again(struct base_slice name, struct base_slice bytes, struct base_slice text)
{
	static const struct {
		const char *name, *prefix;
		void (*write)(struct base_buf *out, struct base_slice bytes);
	} ours[] = {{"base32", "b", wire_base32}, {"base64url", "u", base_base64url}, {"base64pad", "M", base_base64}};
	struct base_buf out = BASE_BUF_INIT;
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (!base_slice_equal(name, base_slice_text(ours[i].name)))
			continue;
		base_buf_append(&out, base_slice_text(ours[i].prefix));
		ours[i].write(&out, bytes);
		if (!base_slice_equal(base_buf_slice(&out), text))
			why = "written again it is another text";
	}
	base_buf_free(&out);
	return why;
}

static void multibase_case(struct suite *s, struct base_slice name, struct base_slice text, struct base_slice expected,
			   bool canonical)
{
	struct base_buf got = BASE_BUF_INIT;
	struct base_error err = {""};
	enum base_code code = wire_multibase_decode(&got, text, &err);
	char which[160];

	(void)label(name, which, sizeof(which));
	if (code != BASE_OK && is_our_base(name))
		case_fail(s, which, "%s", err.text);
	else if (code != BASE_OK && err.text[0] == '\0')
		case_fail(s, which, "refused without a sentence");
	else if (code != BASE_OK)
		case_refused(s, "a base that Regesta does not read");
	else if (!base_slice_equal(base_buf_slice(&got), expected))
		case_fail(s, which, "it decodes to other bytes");
	else
		case_end(s, which, canonical ? write_again(name, expected, text) : NULL);
	base_buf_free(&got);
}

static void multibase_file(struct suite *s)
{
	struct base_buf text = BASE_BUF_INIT, expected = BASE_BUF_INIT, value = BASE_BUF_INIT;
	struct base_slice left, line, name;
	bool canonical;

	if (!suite_bytes(s, &text))
		return;
	left = base_buf_slice(&text);
	if (line_next(&line, &left)) {
		csv_cut(without_return(line), &name, &expected);
		canonical = !slice_has(name, "non-canonical");
		while (line_next(&line, &left)) {
			if (without_return(line).len == 0)
				continue;
			csv_cut(without_return(line), &name, &value);
			multibase_case(s, name, base_buf_slice(&value), base_buf_slice(&expected), canonical);
		}
	}
	base_buf_free(&text);
	base_buf_free(&expected);
	base_buf_free(&value);
}

/* ---- multihash ------------------------------------------------------------------------ */

/* The digest is that of the input's characters, or of the bytes that they spell. cid: h'0155', the multihash. */
static const char *multihash_check(struct base_slice input, struct base_slice cid, bool *cut)
{
	struct base_buf spelt = BASE_BUF_INIT;
	struct base_hash of_text = base_sha256_of(input), of_bytes = of_text;
	struct wire_cid_any any;
	const char *why = NULL;
	enum base_code code = wire_cid_any_parse(&any, cid, NULL);

	if (base_unhex(&spelt, input))
		of_bytes = base_sha256_of(base_buf_slice(&spelt));
	*cut = cid.data[2] == SHA256 && cid.data[3] != BASE_HASH_BYTES;
	if (*cut)
		why = code == BASE_OK ? "a SHA-256 that is cut short must be refused, and is taken" : NULL;
	else if (code != BASE_OK || any.len != cid.len)
		why = "it is refused";
	else if (any.hash_code == SHA256 && !base_slice_equal(any.digest, base_hash_slice(&of_text)) &&
		 !base_slice_equal(any.digest, base_hash_slice(&of_bytes)))
		why = "the SHA-256 of the input is another";
	base_buf_free(&spelt);
	return why;
}

/* algorithm,bits,input,multihash */
static void multihash_case(struct suite *s, struct base_slice line)
{
	struct base_buf cid = BASE_BUF_INIT;
	struct base_slice cells[4], rest = line;
	const char *why;
	char which[96];
	size_t count = 0;
	bool cut;

	while (count < 4 && cell_next(&cells[count], &rest, ','))
		count++;
	base_buf_append(&cid, base_slice("\x01\x55", 2));
	if (count < 4 || !base_unhex(&cid, cells[3]) || cid.len < 4) {
		case_skip(s, "a line without algorithm, bits, input and a multihash in hexadecimal");
	} else {
		why = multihash_check(cells[2], base_buf_slice(&cid), &cut);
		if (why == NULL && cut)
			case_refused(s, "a SHA-256 that is cut short");
		else
			case_end(s, label(line, which, sizeof(which)), why);
	}
	base_buf_free(&cid);
}

static void multihash_file(struct suite *s)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_slice left, line;

	if (!suite_bytes(s, &text))
		return;
	left = base_buf_slice(&text);
	(void)line_next(&line, &left);
	while (line_next(&line, &left)) {
		if (without_return(line).len > 0)
			multihash_case(s, without_return(line));
	}
	base_buf_free(&text);
}

/* ---- multicodec ------------------------------------------------------------------------ */

/* name, tag, code, …: the codes that we use are those of the table. */
static void multicodec_file(struct suite *s)
{
	static const struct {
		const char *name, *code;
	} ours[] = {{"raw", "0x55"},
		    {"dag-pb", "0x70"},
		    {"sha2-256", "0x12"},
		    {"identity", "0x00"},
		    {"secp256k1-pub", "0xe7"}};
	struct base_buf text = BASE_BUF_INIT;
	struct base_slice left, line;
	size_t found = 0;

	if (!suite_bytes(s, &text))
		return;
	left = base_buf_slice(&text);
	while (line_next(&line, &left)) {
		struct base_slice cells[3], rest = without_return(line);
		size_t count = 0;

		while (count < 3 && cell_next(&cells[count], &rest, ',')) {
			while (cells[count].len > 0 && cells[count].data[0] == ' ')
				cells[count] = base_slice(cells[count].data + 1, cells[count].len - 1);
			while (cells[count].len > 0 && cells[count].data[cells[count].len - 1] == ' ')
				cells[count].len--;
			count++;
		}
		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]) && count == 3; i++) {
			if (!base_slice_equal(cells[0], base_slice_text(ours[i].name)))
				continue;
			found++;
			case_end(s, ours[i].name,
				 base_slice_equal(cells[2], base_slice_text(ours[i].code))
					 ? NULL
					 : "the table has another code");
		}
	}
	if (found == 0)
		case_payload(s, "a table without any code that Regesta uses");
	base_buf_free(&text);
}

/* ---- MANIFEST.tsv ------------------------------------------------------------------------ */

static const char *manifest_check(const char *path, struct base_slice cells[5])
{
	static const struct payload_profile kubo = {.chunk_bytes = 262144, .width = 174}; /* raw leaves, CIDv1 */
	struct base_buf bytes = BASE_BUF_INIT;
	char text[WIRE_CID_TEXT_BYTES], hex[2 * BASE_HASH_BYTES + 1];
	struct wire_cid cid = {.codec = WIRE_RAW};
	struct payload_dag *dag;
	const char *why = NULL;
	uint64_t tsize;

	if (base_file_read(&bytes, path, VECTOR_BYTES_MAX, NULL) != BASE_OK) {
		why = "the file cannot be read";
		goto out;
	}
	cid.hash = base_sha256_of(base_buf_slice(&bytes));
	base_hex(hex, base_hash_slice(&cid.hash));
	wire_cid_text(text, &cid);
	if (!base_slice_equal(cells[2], base_slice_text(hex)))
		why = "the SHA-256 is another";
	else if (!base_slice_equal(cells[3], base_slice_text(text)))
		why = "the CID as one raw block is another";
	dag = payload_dag_begin_as(&kubo, NULL, NULL);
	if (payload_dag_add(dag, base_buf_slice(&bytes), NULL) != BASE_OK)
		why = "the builder fails";
	if (payload_dag_end(dag, &cid, &tsize, NULL) != BASE_OK)
		why = "the builder fails";
	wire_cid_text(text, &cid);
	if (why == NULL && !base_slice_equal(cells[4], base_slice_text(text)))
		why = "the CID as a UnixFS file is another";
out:
	base_buf_free(&bytes);
	return why;
}

/* Columns: file, bytes, SHA-256, CID as raw block, CID as Kubo's default UnixFS file. */
static void manifest(struct suite *s)
{
	struct file file = {base_path(s->run->folder, "MANIFEST.tsv"), base_path("", "MANIFEST.tsv")};
	struct base_buf text = BASE_BUF_INIT;
	struct base_slice left, line;
	size_t absent = 0;

	s->file = &file;
	if (base_file_read(&text, file.path, VECTOR_BYTES_MAX, NULL) != BASE_OK)
		goto out;
	left = base_buf_slice(&text);
	(void)line_next(&line, &left);
	while (line_next(&line, &left)) {
		struct base_slice cells[5], rest = without_return(line);
		char name[1024];
		struct file listed = {.name = name};
		size_t count = 0;

		while (count < 5 && cell_next(&cells[count], &rest, '\t'))
			count++;
		/* Nothing outside the folder. */
		if (count < 5 || cells[0].len >= sizeof(name) || slice_has(cells[0], "..") || cells[0].len == 0)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)cells[0].len, (const char *)cells[0].data);
		listed.path = base_path(s->run->folder, name);
		if (file_is_there(&listed))
			case_end(s, name, manifest_check(listed.path, cells));
		else
			absent++;
		free(listed.path);
	}
	for (; absent > 0; absent--)
		case_skip(s, "files that it lists and that are not there");
out:
	base_buf_free(&text);
	s->file = NULL;
	free(file.path);
	free(file.name);
}

/* ---- Files ----------------------------------------------------------------------------- */

static void negative_file(struct suite *s)
{
	struct json json;

	if (!suite_json(s, &json))
		return;
	if (!json_is(&json, JSON_ARRAY) || json.count == 0)
		case_payload(s, "no array of cases");
	for (size_t i = 0; json_is(&json, JSON_ARRAY) && i < json.count; i++) {
		char which[160], name[128];

		(void)snprintf(which, sizeof(which), "#%zu (%.100s)", i,
			       json_cstr(json_get(&json.items[i], "name"), name, sizeof(name)));
		codec_negative_case(s, &json.items[i], which, true);
	}
	json_free(&json);
}

static void one_file(struct suite *s)
{
	bool json = file_ends(s->file, ".json"), csv = file_ends(s->file, ".csv");

	if (file_in(s->file, "car") || file_in(s->file, "car-invalid") || file_in(s->file, "car-fuzz") ||
	    file_ends(s->file, ".car"))
		car_case(s);
	else if (file_in(s->file, "cid-syntax") && json)
		tagged_file(s);
	else if (file_in(s->file, "cid-syntax") && file_named(s->file, "valid"))
		syntax_file(s, !file_named(s->file, "invalid"));
	else if (file_in(s->file, "multibase") && csv)
		multibase_file(s);
	else if (file_in(s->file, "multihash") && csv)
		multihash_file(s);
	else if (file_named(s->file, "multicodec") && csv)
		multicodec_file(s);
	else if (file_in(s->file, "dagpb-negative") && json)
		negative_file(s);
	else if (codec_file(s->file))
		codec_case(s);
	else
		case_payload(s, "of no kind that is checked here");
}

void suite_ipfs(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		one_file(s);
	}
	manifest(s);
}
