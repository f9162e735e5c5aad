#include "tests/conformance/car_reader.h"

#include <stdlib.h>
#include <string.h>

#define SECTION_BYTES_MAX (8u << 20) /* what go-car reads by default, and Regesta */
#define SHA256 0x12
#define IDENTITY 0x00

struct cursor {
	struct base_slice bytes;
	size_t at;
};

static size_t left(const struct cursor *c)
{
	return c->bytes.len - c->at;
}

/* Unsigned varint: shortest, at most nine bytes. */
static bool varint(struct cursor *c, uint64_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < 9 && left(c) > 0; i++) {
		uint8_t byte = c->bytes.data[c->at++];

		*out |= (uint64_t)(byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0)
			return byte != 0 || i == 0;
	}
	return false;
}

static bool take(struct cursor *c, struct base_slice *out, uint64_t len)
{
	if (len > left(c))
		return false;
	*out = base_slice(c->bytes.data + c->at, (size_t)len);
	c->at += (size_t)len;
	return true;
}

/* A CID that begins here. A SHA-256 that is not 32 bytes is none. */
static bool cid(struct cursor *c, struct car_block *out, struct base_slice *digest)
{
	size_t from = c->at;
	uint64_t version, len;

	if (left(c) >= 34 && c->bytes.data[c->at] == SHA256 && c->bytes.data[c->at + 1] == 32) {
		c->at += 2;
		out->codec = 0x70;
		out->hash_code = SHA256;
		(void)take(c, digest, 32);
	} else {
		if (!varint(c, &version) || version != 1 || !varint(c, &out->codec) || !varint(c, &out->hash_code) ||
		    !varint(c, &len) || !take(c, digest, len) || (out->hash_code == SHA256 && len != 32))
			return false;
	}
	out->cid = base_slice(c->bytes.data + from, c->at - from);
	return true;
}

/* ---- Headers ----------------------------------------------------------------- */

static bool is_text(struct cursor *c, const char *text)
{
	size_t len = strlen(text);
	struct base_slice got;

	return left(c) > 0 && c->bytes.data[c->at++] == (uint8_t)(0x60 + len) && take(c, &got, len) &&
	       memcmp(got.data, text, len) == 0;
}

/* Head of CBOR of a major type, shortest form, up to 32 bits. */
static bool cbor_head(struct cursor *c, unsigned major, uint64_t *value)
{
	unsigned info, more;

	if (left(c) == 0 || c->bytes.data[c->at] >> 5 != major)
		return false;
	info = c->bytes.data[c->at++] & 31;
	*value = info;
	if (info < 24)
		return true;
	if (info > 26)
		return false;
	more = 1u << (info - 24);
	if (left(c) < more)
		return false;
	for (*value = 0; more > 0; more--)
		*value = *value << 8 | c->bytes.data[c->at++];
	return *value >= (info == 24 ? 24u : info == 25 ? 256u : 65536u);
}

/* {"roots": [42(h'00' CID) ...], "version": 1} */
static const char *header_v1(struct base_slice bytes, uint64_t *roots)
{
	struct cursor c = {bytes, 0};
	uint64_t value;

	if (!cbor_head(&c, 5, &value) || value != 2 || !is_text(&c, "roots") || !cbor_head(&c, 4, roots))
		return "the header is no map of roots and version";
	for (uint64_t i = 0; i < *roots; i++) {
		struct base_slice link, digest;
		struct car_block root;
		struct cursor inner;

		if (!cbor_head(&c, 6, &value) || value != 42 || !cbor_head(&c, 2, &value) || !take(&c, &link, value) ||
		    link.len < 2 || link.data[0] != 0)
			return "a root is no link";
		inner = (struct cursor){base_slice(link.data + 1, link.len - 1), 0};
		if (!cid(&inner, &root, &digest) || left(&inner) != 0)
			return "a root is no CID";
	}
	if (!is_text(&c, "version") || !cbor_head(&c, 0, &value) || value != 1 || left(&c) != 0)
		return "the header is not of version 1";
	return NULL;
}

static uint64_t u64le(const uint8_t *in)
{
	uint64_t value = 0;

	for (unsigned i = 8; i > 0; i--)
		value = value << 8 | in[i - 1];
	return value;
}

/* From a CAR of version 2 to the one inside it. */
static const char *enter_v2(struct cursor *c)
{
	uint64_t data_at, data_len, index_at;

	if (left(c) < 40)
		return "the header of version 2 is cut";
	data_at = u64le(c->bytes.data + c->at + 16);
	data_len = u64le(c->bytes.data + c->at + 24);
	index_at = u64le(c->bytes.data + c->at + 32);
	if (data_at < c->at + 40 || data_at > c->bytes.len || data_len > c->bytes.len - data_at)
		return "the data of version 2 are not in the file";
	if (index_at != 0 && (index_at < data_at + data_len || index_at >= c->bytes.len))
		return "the index of version 2 is not behind the data";
	*c = (struct cursor){base_slice(c->bytes.data + data_at, (size_t)data_len), 0};
	return NULL;
}

static const char *take_header(struct cursor *c, struct base_slice *header)
{
	uint64_t len;

	if (!varint(c, &len) || len == 0)
		return "there is no length of a header";
	return take(c, header, len) ? NULL : "the header goes past the end";
}

/* ---- Sections ----------------------------------------------------------------- */

static void verify(struct car_block *block, struct base_slice digest)
{
	struct base_hash hash;

	if (block->hash_code == IDENTITY) {
		block->verified = base_slice_equal(digest, block->block);
		block->mismatch = !block->verified;
	} else if (block->hash_code == SHA256) {
		hash = base_sha256_of(block->block);
		block->verified = base_slice_equal(digest, base_hash_slice(&hash));
		block->mismatch = !block->verified;
	}
}

static const char *take_section(struct cursor *c, struct car_contents *out)
{
	struct car_block block = {.codec = 0};
	struct base_slice section, digest;
	struct cursor inner;
	uint64_t len;

	if (!varint(c, &len))
		return "a length is no varint";
	if (len == 0)
		return "a section of no bytes";
	if (len > SECTION_BYTES_MAX)
		return "a section over 8 MiB";
	if (!take(c, &section, len))
		return "a section goes past the end";
	inner = (struct cursor){section, 0};
	if (!cid(&inner, &block, &digest))
		return "a section without a CID";
	block.block = base_slice(section.data + inner.at, left(&inner));
	verify(&block, digest);
	if (out->count == out->cap) {
		out->cap = out->cap == 0 ? 64 : 2 * out->cap;
		out->list = base_realloc(out->list, out->cap * sizeof(*out->list));
	}
	out->list[out->count++] = block;
	return NULL;
}

void car_read(struct car_contents *out, struct base_slice car)
{
	static const uint8_t v2[] = {0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x02};
	struct cursor c = {car, 0};
	struct base_slice header;

	*out = (struct car_contents){.version = 1};
	out->why = take_header(&c, &header);
	if (out->why == NULL && base_slice_equal(header, base_slice(v2, sizeof(v2)))) {
		out->version = 2;
		out->why = enter_v2(&c);
		if (out->why == NULL)
			out->why = take_header(&c, &header);
	}
	if (out->why == NULL)
		out->why = header_v1(header, &out->roots);
	while (out->why == NULL && left(&c) > 0)
		out->why = take_section(&c, out);
}

void car_free(struct car_contents *contents)
{
	free(contents->list);
	contents->list = NULL;
}

const struct car_block *car_find(const struct car_contents *contents, struct base_slice wanted)
{
	for (size_t i = 0; i < contents->count; i++) {
		if (base_slice_equal(contents->list[i].cid, wanted))
			return &contents->list[i];
	}
	return NULL;
}
