#include "tests/conformance/codec.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/payload/payload.h"
#include "tests/conformance/cbor.h"

#define CODEC_DAG_CBOR 0x71
#define CODEC_DAG_JSON 0x0129
#define HASH_SHA256 0x12
#define NARROWER "a float, undefined or other simple value: CBOR that Regesta does not have"

bool codec_file(const struct file *file)
{
	return file_ends(file, ".dag-cbor") || file_ends(file, ".dag-json") || file_ends(file, ".dag-pb");
}

/* The file of the same folder with another ending; NULL if there is none. */
static const struct file *sibling(const struct suite *s, const char *ending)
{
	size_t folder = (size_t)(file_base(s->file) - s->file->name);

	for (size_t i = 0; i < s->files->count; i++) {
		const struct file *other = &s->files->list[i];

		if ((size_t)(file_base(other) - other->name) == folder &&
		    strncmp(other->name, s->file->name, folder) == 0 && file_ends(other, ending))
			return other;
	}
	return NULL;
}

static const char *check_name(const struct file *file, struct base_slice bytes, bool *other_hash)
{
	const char *name = file_base(file), *dot = strrchr(name, '.');
	uint64_t codec = file_ends(file, ".dag-cbor") ? CODEC_DAG_CBOR
			 : file_ends(file, ".dag-pb") ? WIRE_DAG_PB
						      : CODEC_DAG_JSON;
	struct base_buf binary = BASE_BUF_INIT;
	struct base_hash hash = base_sha256_of(bytes);
	struct base_error err = {""};
	struct wire_cid_any cid;
	const char *why = NULL;

	*other_hash = false;
	if (wire_cid_any_parse_text(&cid, &binary, base_slice(name, (size_t)(dot - name)), &err) != BASE_OK)
		why = "its name is no CID";
	else if (cid.codec != codec)
		why = "its name is a CID of another codec";
	else if (cid.hash_code != HASH_SHA256)
		*other_hash = true;
	else if (!base_slice_equal(cid.digest, base_hash_slice(&hash)))
		why = "its bytes are not those of the CID in its name";
	base_buf_free(&binary);
	return why;
}

/* ---- dag-pb --------------------------------------------------------------- */

struct links {
	struct payload_pb_link *list;
	size_t count, cap;
};

static void keep_link(void *arg, const struct payload_pb_link *link)
{
	struct links *links = arg;

	if (links->count == links->cap) {
		links->cap = links->cap == 0 ? 16 : 2 * links->cap;
		links->list = base_realloc(links->list, links->cap * sizeof(*links->list));
	}
	links->list[links->count++] = *link;
}

static const char *check_pb(struct base_slice block)
{
	struct base_buf again = BASE_BUF_INIT;
	struct base_error err = {""};
	struct links links = {0};
	struct base_slice data;
	const char *why = NULL;
	bool has_data;

	if (payload_pb_decode(block, &data, &has_data, keep_link, &links, &err) != BASE_OK)
		why = "dag-pb is refused";
	else if (payload_pb_encode(&again, links.list, links.count, data, has_data, &err) != BASE_OK)
		why = "dag-pb that was decoded cannot be encoded";
	else if (!base_slice_equal(base_buf_slice(&again), block))
		why = "dag-pb comes out otherwise";
	base_buf_free(&again);
	free(links.list);
	return why;
}

/* ---- Forms of one value ---------------------------------------------------- */

static const char *compare_with(const struct file *file, struct base_slice bytes, const char *why)
{
	struct base_buf other = BASE_BUF_INIT;
	bool same = base_file_read(&other, file->path, VECTOR_BYTES_MAX, NULL) == BASE_OK &&
		    base_slice_equal(base_buf_slice(&other), bytes);

	base_buf_free(&other);
	return same ? NULL : why;
}

/* The JSON, written as CBOR and as dag-pb, is what lies beside it in these codecs. */
static const char *check_json(const struct suite *s, const struct json *json, bool *narrower)
{
	const struct file *cbor = sibling(s, ".dag-cbor"), *pb = sibling(s, ".dag-pb");
	struct base_buf out = BASE_BUF_INIT;
	struct base_error err = {""};
	const char *why = NULL;

	if (!cbor_from_json(&out, json, CBOR_DAG_JSON, &why, narrower))
		goto out;
	if (cbor != NULL)
		why = compare_with(cbor, base_buf_slice(&out), "its value as CBOR is not what lies beside it");
	out.len = 0;
	if (why == NULL && pb != NULL)
		why = pb_from_json(&out, json, &err) != BASE_OK
			      ? "its value as dag-pb is refused"
			      : compare_with(pb, base_buf_slice(&out),
					     "its value as dag-pb is not what lies beside it");
out:
	base_buf_free(&out);
	return why;
}

static const char *check_json_bytes(struct suite *s, struct base_slice bytes, bool *narrower)
{
	struct json json;
	const char *why;

	if (json_parse(&json, bytes, NULL) != BASE_OK)
		return "not JSON";
	why = check_json(s, &json, narrower);
	json_free(&json);
	return why;
}

static const char *check_cbor(struct base_slice bytes, bool *narrower)
{
	struct cbor_facts facts = cbor_look(bytes);
	bool refused;
	const char *why = cbor_round_trip(bytes, &refused);

	*narrower = refused && facts.well_formed && (facts.narrower || facts.depth > WIRE_DEPTH_MAX);
	if (!refused && facts.narrower)
		return "wire takes a value that Regesta does not have";
	return why;
}

void codec_case(struct suite *s)
{
	struct base_buf bytes = BASE_BUF_INIT;
	bool other_hash, narrower = false;
	const char *why;

	if (!suite_bytes(s, &bytes))
		return;
	why = check_name(s->file, base_buf_slice(&bytes), &other_hash);
	if (why == NULL && file_ends(s->file, ".dag-pb"))
		why = check_pb(base_buf_slice(&bytes));
	else if (why == NULL && file_ends(s->file, ".dag-cbor"))
		why = check_cbor(base_buf_slice(&bytes), &narrower);
	else if (why == NULL)
		why = check_json_bytes(s, base_buf_slice(&bytes), &narrower);
	if (why != NULL && narrower)
		case_refused(s, NARROWER);
	else if (why == NULL && other_hash)
		case_skip(s, "its CID is of another hash function than SHA-256");
	else
		case_end(s, NULL, why);
	base_buf_free(&bytes);
}

/* ---- What must be refused --------------------------------------------------- */

static bool decodes(struct base_slice bytes, bool pb)
{
	struct base_slice data;
	bool has_data;

	if (!pb)
		return wire_check(bytes, NULL) == BASE_OK;
	return payload_pb_decode(bytes, &data, &has_data, NULL, NULL, NULL) == BASE_OK;
}

static bool encodes(const struct json *form, bool pb)
{
	struct base_buf out = BASE_BUF_INIT;
	bool narrower, good;
	const char *why;

	good = pb ? pb_from_json(&out, form, NULL) == BASE_OK
		  : cbor_from_json(&out, form, CBOR_DAG_JSON, &why, &narrower);
	base_buf_free(&out);
	return good;
}

void codec_negative_case(struct suite *s, const struct json *one, const char *which, bool pb)
{
	const struct json *hex = json_get(one, "hex"), *form = json_get(one, "dag-json");
	struct base_buf bytes = BASE_BUF_INIT;

	if (hex != NULL && json_hex(hex, &bytes))
		case_end(s, which, decodes(base_buf_slice(&bytes), pb) ? "it must be refused, and is decoded" : NULL);
	else if (form != NULL)
		case_end(s, which, encodes(form, pb) ? "it must be refused, and is encoded" : NULL);
	else
		case_skip(s, "a case without the members hex or dag-json");
	base_buf_free(&bytes);
}
