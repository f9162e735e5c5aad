/* CAR v1, anybody's, read strictly and as a stream; a v2 by the v1 inside it.
 *
 *   v1      = varint(len) header, then sections: varint(len) CID block
 *   header  = DAG-CBOR {"roots": [CID ...], "version": 1}
 *   v2      = 0a a16776657273696f6e02, u128 characteristics, u64le data offset, data size, index offset, ... v1 ...
 */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

#define BUF_BYTES 65536u
#define TAG_CID 42
#define VARINT_BYTES_MAX 9
#define V2_BEFORE_DATA_BYTES 51 /* pragma and v2 header */

static const uint8_t V2_PRAGMA[11] = {0x0a, 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x02};

/* ---- Bytes -------------------------------------------------------------- */

/* At least one byte in the buffer, or *end. Sees the source, not the inner v1. */
static enum base_code car_fill(struct payload_car *car, bool *end, struct base_error *err)
{
	enum base_code code = BASE_OK;
	size_t got = 0;

	*end = false;
	if (car->buf_at < car->buf_len)
		return BASE_OK;
	if ((code = car->read(car->read_arg, car->buf, BUF_BYTES, &got, err)) != BASE_OK)
		return code;
	BASE_ASSERT(got <= BUF_BYTES);
	car->buf_at = 0;
	car->buf_len = got;
	*end = got == 0;
	return BASE_OK;
}

/* Appends len bytes to out, or skips them if out is NULL. Allocates as the bytes come, not as they are promised. */
static enum base_code car_take(struct payload_car *car, struct base_buf *out, uint64_t len, const char *what,
			       struct base_error *err)
{
	if (len > car->left)
		return base_fail(err, BASE_MALFORMED, "CAR: %s at byte %llu goes past the end", base_message(what),
				 (unsigned long long)car->at);
	while (len > 0) {
		enum base_code code;
		size_t part;
		bool end;

		if ((code = car_fill(car, &end, err)) != BASE_OK)
			return code;
		if (end)
			return base_fail(err, BASE_MALFORMED, "CAR: %s at byte %llu goes past the end", base_message(what),
					 (unsigned long long)car->at);
		part = car->buf_len - car->buf_at;
		if (part > len)
			part = (size_t)len;
		if (out != NULL)
			base_buf_append(out, base_slice(car->buf + car->buf_at, part));
		car->buf_at += part;
		car->at += part;
		if (car->left != UINT64_MAX)
			car->left -= part;
		len -= part;
	}
	return BASE_OK;
}

/* *end: nothing was left, not even one byte. */
static enum base_code car_varint(struct payload_car *car, uint64_t *out, bool *end, const char *what,
				 struct base_error *err)
{
	uint8_t bytes[VARINT_BYTES_MAX] = {0};
	enum base_code code = BASE_OK;
	size_t len = 0, used;

	*end = car->left == 0;
	if (!*end && (code = car_fill(car, end, err)) != BASE_OK)
		return code;
	if (*end && car->left != 0 && car->left != UINT64_MAX)
		return base_fail(err, BASE_MALFORMED, "CAR: the data of version 2 go past the end");
	if (*end)
		return BASE_OK;
	do {
		/* Only its first byte is known to be there. */
		if ((code = car_fill(car, end, err)) != BASE_OK)
			return code;
		if (*end || car->left == 0)
			return base_fail(err, BASE_MALFORMED, "CAR: %s at byte %llu goes past the end", base_message(what),
					 (unsigned long long)car->at);
		bytes[len] = car->buf[car->buf_at++];
		car->at++;
		if (car->left != UINT64_MAX)
			car->left--;
	} while ((bytes[len++] & 0x80) != 0 && len < sizeof(bytes));
	return base_wrap(err, wire_get_varint(out, &used, base_slice(bytes, len), err), "CAR: %s at byte %llu", base_message(what),
			 (unsigned long long)(car->at - len));
}

/* ---- Headers ------------------------------------------------------------ */

static enum base_code header_decode(struct payload_car *car, uint64_t *roots, struct base_slice *root,
				    struct base_error *err)
{
	struct base_slice header = base_buf_slice(&car->header);
	struct wire_cid_any cid;
	struct wire_reader r;
	enum base_code code;

	if ((code = wire_check(header, err)) != BASE_OK)
		return base_wrap(err, code, "CAR: header");
	wire_read(&r, header);
	if (wire_get_map(&r) != 2)
		wire_fail(&r, "not a map of roots and version");
	if (!base_slice_equal(wire_get_text(&r), base_slice_text("roots")))
		wire_fail(&r, "no roots");
	*roots = wire_get_array(&r);
	*root = base_slice(NULL, 0);
	for (uint64_t i = 0; i < *roots && !r.failed; i++) {
		struct base_slice bytes;

		if (wire_get_tag(&r) != TAG_CID)
			wire_fail(&r, "a root that is no CID");
		bytes = wire_get_bytes(&r);
		if (bytes.len < 2 || bytes.data[0] != 0x00) {
			wire_fail(&r, "a root that is no CID");
			break;
		}
		bytes = base_slice(bytes.data + 1, bytes.len - 1);
		if (wire_cid_any_parse(&cid, bytes, NULL) != BASE_OK || cid.len != bytes.len)
			wire_fail(&r, "a root that is no CID");
		if (i == 0)
			*root = bytes;
	}
	if (!base_slice_equal(wire_get_text(&r), base_slice_text("version")) || wire_get_uint(&r) != 1)
		wire_fail(&r, "not version 1");
	return wire_done(&r, "CAR: header", err);
}

static uint64_t get_u64le(const uint8_t *in)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v |= (uint64_t)in[i] << (8 * i);
	return v;
}

/* After the pragma: to where the inner v1 begins. */
static enum base_code v2_enter(struct payload_car *car, struct base_error *err)
{
	uint64_t data_at, data_len, data_end;
	enum base_code code;

	car->version = 2;
	car->header.len = 0;
	if ((code = car_take(car, &car->header, V2_BEFORE_DATA_BYTES - sizeof(V2_PRAGMA), "the header of version 2",
			     err)) != BASE_OK)
		return code;
	BASE_ASSERT(car->header.len == V2_BEFORE_DATA_BYTES - sizeof(V2_PRAGMA));
	data_at = get_u64le(car->header.data + 16);
	data_len = get_u64le(car->header.data + 24);
	car->index_at = get_u64le(car->header.data + 32);
	if (data_at < V2_BEFORE_DATA_BYTES || !base_add_u64(data_at, data_len, &data_end))
		return base_fail(err, BASE_MALFORMED, "CAR: version 2 says that its data are at byte %llu, %llu long",
				 (unsigned long long)data_at, (unsigned long long)data_len);
	if (car->index_at != 0 && car->index_at < data_end)
		return base_fail(err, BASE_MALFORMED, "CAR: the index of version 2 lies inside its data");
	if ((code = car_take(car, NULL, data_at - V2_BEFORE_DATA_BYTES, "the padding of version 2", err)) != BASE_OK)
		return code;
	car->left = data_len;
	return BASE_OK;
}

static enum base_code header_take(struct payload_car *car, struct base_error *err)
{
	enum base_code code;
	uint64_t len = 0;
	bool end;

	if ((code = car_varint(car, &len, &end, "the header's length", err)) != BASE_OK)
		return code;
	if (end || len == 0)
		return base_fail(err, BASE_MALFORMED, "CAR: it is empty");
	if (len > PAYLOAD_CAR_HEADER_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "CAR: the header is said to be %llu bytes; at most %u",
				 (unsigned long long)len, PAYLOAD_CAR_HEADER_BYTES_MAX);
	car->header.len = 0;
	return car_take(car, &car->header, len, "the header", err);
}

enum base_code payload_car_open(struct payload_car *car, payload_read_fn read, void *read_arg, uint64_t *roots,
				struct base_slice *root, struct base_error *err)
{
	enum base_code code;

	memset(car, 0, sizeof(*car));
	car->read = read;
	car->read_arg = read_arg;
	car->buf = base_alloc(BUF_BYTES);
	car->left = UINT64_MAX;
	car->version = 1;
	if ((code = header_take(car, err)) != BASE_OK)
		return code;
	if (base_slice_equal(base_buf_slice(&car->header), base_slice(V2_PRAGMA + 1, sizeof(V2_PRAGMA) - 1))) {
		if ((code = v2_enter(car, err)) != BASE_OK)
			return code;
		if ((code = header_take(car, err)) != BASE_OK)
			return code;
	}
	return header_decode(car, roots, root, err);
}

void payload_car_close(struct payload_car *car)
{
	free(car->buf);
	car->buf = NULL;
	base_buf_free(&car->header);
	base_buf_free(&car->section);
}

/* ---- Sections ----------------------------------------------------------- */

/* The rest of a v2: padding and index, of which only the place is checked. */
static enum base_code v2_leave(struct payload_car *car, struct base_error *err)
{
	bool end = false;

	car->left = UINT64_MAX;
	while (!end) {
		enum base_code code = car_fill(car, &end, err);

		if (code != BASE_OK)
			return code;
		car->at += car->buf_len - car->buf_at;
		car->buf_at = car->buf_len;
	}
	if (car->index_at >= car->at && car->index_at != 0)
		return base_fail(err, BASE_MALFORMED,
				 "CAR: the index of version 2 is said to be at byte %llu, past the end",
				 (unsigned long long)car->index_at);
	return BASE_OK;
}

enum base_code payload_car_next(struct payload_car *car, struct payload_section *out, bool *more,
				struct base_error *err)
{
	enum base_code code;
	uint64_t len = 0;
	bool end;

	*more = false;
	out->at = car->at;
	if ((code = car_varint(car, &len, &end, "a section's length", err)) != BASE_OK)
		return code;
	if (end)
		return car->version == 2 ? v2_leave(car, err) : BASE_OK;
	if (len == 0)
		return base_fail(err, BASE_MALFORMED, "CAR: a section of no bytes at byte %llu",
				 (unsigned long long)out->at);
	if (len > PAYLOAD_CAR_SECTION_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "CAR: the section at byte %llu is said to be %llu bytes; at most %u",
				 (unsigned long long)out->at, (unsigned long long)len, PAYLOAD_CAR_SECTION_BYTES_MAX);
	car->section.len = 0;
	if ((code = car_take(car, &car->section, len, "the section", err)) != BASE_OK)
		return code;
	code = wire_cid_any_parse(&out->cid, base_buf_slice(&car->section), err);
	if (code != BASE_OK)
		return base_wrap(err, code, "CAR: section at byte %llu", (unsigned long long)out->at);
	out->cid_bytes = base_slice(car->section.data, out->cid.len);
	out->block = base_slice(car->section.data + out->cid.len, car->section.len - out->cid.len);
	*more = true;
	return BASE_OK;
}

enum payload_verdict payload_section_verify(const struct payload_section *section)
{
	const struct wire_cid_any *cid = &section->cid;
	struct base_hash hash;

	if (cid->hash_code == 0x00)
		return base_slice_equal(cid->digest, section->block) ? PAYLOAD_VERIFIED : PAYLOAD_MISMATCH;
	if (cid->hash_code != 0x12)
		return PAYLOAD_UNVERIFIABLE;
	hash = base_sha256_of(section->block);
	/* A digest that was cut short is no proof of anything. */
	return base_slice_equal(cid->digest, base_hash_slice(&hash)) ? PAYLOAD_VERIFIED : PAYLOAD_MISMATCH;
}

enum base_code payload_car_check(struct payload_car_report *out, payload_read_fn read, void *read_arg,
				 struct base_error *err)
{
	struct payload_section section;
	struct base_slice root;
	struct payload_car car;
	enum base_code code;
	bool more;

	memset(out, 0, sizeof(*out));
	if ((code = payload_car_open(&car, read, read_arg, &out->roots, &root, err)) != BASE_OK)
		goto out;
	while ((code = payload_car_next(&car, &section, &more, err)) == BASE_OK && more) {
		enum payload_verdict verdict = payload_section_verify(&section);

		out->blocks++;
		out->mismatches += verdict == PAYLOAD_MISMATCH;
		out->unverifiable += verdict == PAYLOAD_UNVERIFIABLE;
	}
	out->version = car.version;
out:
	payload_car_close(&car);
	return code;
}
