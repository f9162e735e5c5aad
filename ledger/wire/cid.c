/* CIDs: docs/formats/cid.md */
#include "ledger/wire/wire_internal.h"

#include <string.h>

#define HASH_SHA2_256 0x12
#define VARINT_BYTES_MAX 9
#define CID_V0_BYTES 34
#define CID_V0_TEXT_BYTES 46
#define CID_TEXT_BYTES_MAX 4096 /* identity CIDs hold their data; nothing needs long ones */

void wire_put_varint(struct base_buf *out, uint64_t v)
{
	BASE_ASSERT(v <= INT64_MAX); /* nine bytes hold 63 bits */
	while (v >= 0x80) {
		base_buf_byte(out, (uint8_t)(v | 0x80));
		v >>= 7;
	}
	base_buf_byte(out, (uint8_t)v);
}

enum base_code wire_get_varint(uint64_t *out, size_t *used, struct base_slice bytes, struct base_error *err)
{
	uint64_t value = 0;

	for (size_t i = 0; i < VARINT_BYTES_MAX; i++) {
		if (i == bytes.len)
			return base_fail(err, BASE_MALFORMED, "varint: the bytes end in the middle of it");
		value |= (uint64_t)(bytes.data[i] & 0x7f) << (7 * i);
		if (bytes.data[i] >= 0x80)
			continue;
		if (i > 0 && bytes.data[i] == 0)
			return base_fail(err, BASE_MALFORMED, "varint: not in its shortest form");
		*out = value;
		*used = i + 1;
		return BASE_OK;
	}
	return base_fail(err, BASE_MALFORMED, "varint: longer than 9 bytes");
}

/* ---- Regesta's own profile ---------------------------------------------- */

void wire_cid_bytes(uint8_t out[WIRE_CID_BYTES], const struct wire_cid *cid)
{
	out[0] = 1;
	out[1] = (uint8_t)cid->codec;
	out[2] = HASH_SHA2_256;
	out[3] = BASE_HASH_BYTES;
	memcpy(out + 4, cid->hash.bytes, BASE_HASH_BYTES);
}

enum base_code wire_cid_parse(struct wire_cid *out, struct base_slice bytes, struct base_error *err)
{
	if (bytes.len != WIRE_CID_BYTES)
		return base_fail(err, BASE_MALFORMED, "CID: %zu bytes instead of %d", bytes.len, WIRE_CID_BYTES);
	if (bytes.data[0] != 1)
		return base_fail(err, BASE_MALFORMED, "CID: not of version 1");
	if (bytes.data[1] != WIRE_RAW && bytes.data[1] != WIRE_DAG_PB)
		return base_fail(err, BASE_MALFORMED, "CID: codec 0x%02x is neither raw (0x55) nor dag-pb (0x70)",
				 bytes.data[1]);
	if (bytes.data[2] != HASH_SHA2_256 || bytes.data[3] != BASE_HASH_BYTES)
		return base_fail(err, BASE_MALFORMED, "CID: the hash is not a whole SHA-256");
	out->codec = bytes.data[1] == WIRE_RAW ? WIRE_RAW : WIRE_DAG_PB;
	memcpy(out->hash.bytes, bytes.data + 4, BASE_HASH_BYTES);
	return BASE_OK;
}

void wire_cid_text(char out[WIRE_CID_TEXT_BYTES], const struct wire_cid *cid)
{
	struct base_buf text = BASE_BUF_INIT;
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, cid);
	base_buf_byte(&text, 'b');
	wire_base32(&text, base_slice(bytes, sizeof(bytes)));
	BASE_ASSERT(text.len < WIRE_CID_TEXT_BYTES);
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	base_buf_free(&text);
}

enum base_code wire_cid_parse_text(struct wire_cid *out, struct base_slice text, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code;

	if (text.len == 0 || text.data[0] != 'b')
		return base_fail(err, BASE_MALFORMED, "CID: does not begin with b (lower-case base32), as in bafkrei...");
	if (text.len > WIRE_CID_TEXT_BYTES)
		return base_fail(err, BASE_MALFORMED, "CID: %zu characters instead of 59", text.len);
	if (wire_unbase32(&bytes, base_slice(text.data + 1, text.len - 1)))
		code = wire_cid_parse(out, base_buf_slice(&bytes), err);
	else
		code = base_fail(err, BASE_MALFORMED, "CID: not lower-case base32 (a to z, 2 to 7) after its first character");
	base_buf_free(&bytes);
	return code;
}

bool wire_cid_equal(const struct wire_cid *a, const struct wire_cid *b)
{
	return a->codec == b->codec && base_hash_equal(&a->hash, &b->hash);
}

/* ---- Anybody's ---------------------------------------------------------- */

static enum base_code varint_take(uint64_t *out, struct base_slice *bytes, const char *what, struct base_error *err)
{
	size_t used = 0;
	enum base_code code = wire_get_varint(out, &used, *bytes, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "CID: %s", base_message(what));
	bytes->data += used;
	bytes->len -= used;
	return BASE_OK;
}

/* hash function, length, digest. bytes moves behind it. */
static enum base_code multihash_take(struct wire_cid_any *out, struct base_slice *bytes, struct base_error *err)
{
	enum base_code code;
	uint64_t len = 0;

	if ((code = varint_take(&out->hash_code, bytes, "hash function", err)) != BASE_OK)
		return code;
	if ((code = varint_take(&len, bytes, "length of the digest", err)) != BASE_OK)
		return code;
	if (len > bytes->len)
		return base_fail(err, BASE_MALFORMED, "CID: the digest should have %llu bytes, and %zu are left",
				 (unsigned long long)len, bytes->len);
	if (out->hash_code == HASH_SHA2_256 && len != BASE_HASH_BYTES)
		return base_fail(err, BASE_MALFORMED, "CID: a SHA-256 of %llu bytes instead of 32", (unsigned long long)len);
	out->digest = base_slice(bytes->data, (size_t)len);
	bytes->data += len;
	bytes->len -= (size_t)len;
	return BASE_OK;
}

enum base_code wire_cid_any_parse(struct wire_cid_any *out, struct base_slice bytes, struct base_error *err)
{
	struct base_slice left = bytes;
	enum base_code code;
	uint64_t version = 0;

	*out = (struct wire_cid_any){.version = 0, .codec = WIRE_DAG_PB};
	/* Version 0 is a bare SHA-256 multihash; as a version, 0x12 is reserved for it. */
	if (bytes.len >= CID_V0_BYTES && bytes.data[0] == HASH_SHA2_256 && bytes.data[1] == BASE_HASH_BYTES) {
		code = multihash_take(out, &left, err);
		out->len = CID_V0_BYTES;
		return code;
	}
	if ((code = varint_take(&version, &left, "version", err)) != BASE_OK)
		return code;
	if (version != 1)
		return base_fail(err, BASE_MALFORMED, "CID: version %llu is unknown", (unsigned long long)version);
	out->version = 1;
	if ((code = varint_take(&out->codec, &left, "codec", err)) != BASE_OK)
		return code;
	if ((code = multihash_take(out, &left, err)) != BASE_OK)
		return code;
	out->len = bytes.len - left.len;
	return BASE_OK;
}

static bool looks_like_v0(struct base_slice text)
{
	return text.len == CID_V0_TEXT_BYTES && text.data[0] == 'Q' && text.data[1] == 'm';
}

enum base_code wire_cid_any_parse_text(struct wire_cid_any *out, struct base_buf *binary, struct base_slice text,
				       struct base_error *err)
{
	struct base_buf prefixed = BASE_BUF_INIT;
	size_t start = binary->len;
	bool v0 = looks_like_v0(text);
	enum base_code code;

	if (text.len > CID_TEXT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "CID: %zu characters; at most %d are read", text.len, CID_TEXT_BYTES_MAX);
	if (v0) {
		base_buf_byte(&prefixed, 'z');
		base_buf_append(&prefixed, text);
		text = base_buf_slice(&prefixed);
	}
	if ((code = wire_multibase_decode(binary, text, err)) != BASE_OK) {
		code = base_wrap(err, code, "CID");
		goto out;
	}
	if ((code = wire_cid_any_parse(out, wire_slice_from(base_buf_slice(binary), start), err)) != BASE_OK)
		goto out;
	if (out->len != binary->len - start)
		code = base_fail(err, BASE_MALFORMED, "CID: something follows its digest");
	else if ((out->version == 0) != v0)
		code = base_fail(err, BASE_MALFORMED, "CID: one of version 0 is written in base58 without a prefix");
out:
	base_buf_free(&prefixed);
	return code;
}

bool wire_cid_syntax_valid(struct base_slice text)
{
	return text.len >= 8 && text.len <= 256 && !looks_like_v0(text) && wire_multibase_syntax_valid(text);
}
