/* dag-pb and the Data of UnixFS: the little of protobuf that they need.
 *
 *   PBNode { repeated PBLink Links = 2; optional bytes Data = 1; }      in this order
 *   PBLink { required bytes Hash = 1; optional string Name = 2; optional uint64 Tsize = 3; }
 */
#include "ledger/payload/payload_internal.h"

#include <string.h>

enum { PB_VARINT = 0, PB_BYTES = 2 };

/* ---- Writing ------------------------------------------------------------ */

void payload_pb_put_field(struct base_buf *out, unsigned field, uint64_t v)
{
	base_buf_byte(out, (uint8_t)(field << 3 | PB_VARINT));
	/* Not wire_put_varint(): that one ends at 63 bits. */
	while (v >= 0x80) {
		base_buf_byte(out, (uint8_t)(v | 0x80));
		v >>= 7;
	}
	base_buf_byte(out, (uint8_t)v);
}

void payload_pb_put_field_bytes(struct base_buf *out, unsigned field, struct base_slice bytes)
{
	base_buf_byte(out, (uint8_t)(field << 3 | PB_BYTES));
	wire_put_varint(out, bytes.len);
	base_buf_append(out, bytes);
}

static void put_any_link(struct base_buf *out, const struct payload_pb_link *link)
{
	struct base_buf body = BASE_BUF_INIT;

	payload_pb_put_field_bytes(&body, 1, link->cid);
	if (link->has_name)
		payload_pb_put_field_bytes(&body, 2, link->name);
	if (link->has_tsize)
		payload_pb_put_field(&body, 3, link->tsize);
	payload_pb_put_field_bytes(out, 2, base_buf_slice(&body));
	base_buf_free(&body);
}

void payload_pb_put_link(struct base_buf *out, const struct payload_node *node, struct base_slice name)
{
	struct payload_pb_link link = {{NULL, 0}, name, true, true, node->tsize};
	uint8_t cid[WIRE_CID_BYTES];

	wire_cid_bytes(cid, &node->cid);
	link.cid = base_slice(cid, sizeof(cid));
	put_any_link(out, &link);
}

void payload_pb_put_data(struct base_buf *out, struct base_slice data)
{
	payload_pb_put_field_bytes(out, 1, data);
}

/* A CID that fills its bytes. */
static bool cid_whole(struct base_slice bytes)
{
	struct wire_cid_any cid;

	return wire_cid_any_parse(&cid, bytes, NULL) == BASE_OK && cid.len == bytes.len;
}

static struct base_slice link_name(const struct payload_pb_link *link)
{
	return link->has_name ? link->name : base_slice(NULL, 0);
}

enum base_code payload_pb_encode(struct base_buf *out, const struct payload_pb_link *links, size_t link_count,
				 struct base_slice data, bool has_data, struct base_error *err)
{
	for (size_t i = 0; i < link_count; i++) {
		if (!cid_whole(links[i].cid))
			return base_fail(err, BASE_MALFORMED, "link %zu of the dag-pb node has no well-formed CID", i);
		if (!base_utf8_valid(link_name(&links[i])))
			return base_fail(err, BASE_MALFORMED, "the name of link %zu of the dag-pb node is not UTF-8",
					 i);
		if (i > 0 && base_slice_compare(link_name(&links[i - 1]), link_name(&links[i])) > 0)
			return base_fail(err, BASE_MALFORMED,
					 "link %zu of the dag-pb node is not in the order of names", i);
	}
	for (size_t i = 0; i < link_count; i++)
		put_any_link(out, &links[i]);
	if (has_data)
		payload_pb_put_data(out, data);
	return BASE_OK;
}

/* ---- Reading ------------------------------------------------------------ */

struct pb_reader {
	struct base_slice left;
	const uint8_t *begin; /* of the whole block, for offsets */
};

static enum base_code pb_fail(const struct pb_reader *r, struct base_error *err, const char *why)
{
	return base_fail(err, BASE_MALFORMED, "protobuf: %s at byte %zu", base_message(why), (size_t)(r->left.data - r->begin));
}

/* At most 64 bits, shortest form. */
static enum base_code pb_varint(struct pb_reader *r, uint64_t *out, struct base_error *err)
{
	uint64_t v = 0;

	for (size_t i = 0; i < r->left.len && i < 10; i++) {
		uint8_t byte = r->left.data[i];

		if (i == 9 && byte > 1)
			return pb_fail(r, err, "a number over 64 bits");
		v |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		if (byte == 0 && i > 0)
			return pb_fail(r, err, "a number that is not in its shortest form");
		r->left.data += i + 1;
		r->left.len -= i + 1;
		*out = v;
		return BASE_OK;
	}
	return pb_fail(r, err, "a number that is cut off");
}

/* Reads the next field's number and its value: bytes if it is length-delimited, else v. */
static enum base_code pb_field(struct pb_reader *r, uint64_t *field, bool *is_bytes, struct base_slice *bytes,
			       uint64_t *v, struct base_error *err)
{
	enum base_code code;
	uint64_t key = 0, len = 0;

	if ((code = pb_varint(r, &key, err)) != BASE_OK)
		return code;
	*field = key >> 3;
	*is_bytes = (key & 7) == PB_BYTES;
	if ((key & 7) == PB_VARINT)
		return pb_varint(r, v, err);
	if (!*is_bytes)
		return pb_fail(r, err, "a field of a type that does not occur");
	if ((code = pb_varint(r, &len, err)) != BASE_OK)
		return code;
	if (len > r->left.len)
		return pb_fail(r, err, "a field that goes past the end");
	*bytes = base_slice(r->left.data, (size_t)len);
	r->left.data += len;
	r->left.len -= (size_t)len;
	return BASE_OK;
}

static enum base_code link_decode(struct payload_pb_link *out, struct base_slice body, const uint8_t *begin,
				  struct base_error *err)
{
	struct pb_reader r = {body, begin};
	uint64_t field = 0, field_before = 0, v = 0;
	struct base_slice bytes = {NULL, 0};
	enum base_code code;
	bool is_bytes;

	memset(out, 0, sizeof(*out));
	while (r.left.len > 0) {
		if ((code = pb_field(&r, &field, &is_bytes, &bytes, &v, err)) != BASE_OK)
			return code;
		if (field <= field_before || field > 3)
			return pb_fail(&r, err,
				       "a link's fields are not Hash, Name, Tsize, each once and in this order");
		if (is_bytes != (field != 3))
			return pb_fail(&r, err, "a link's field has the wrong type");
		field_before = field;
		if (field == 1) {
			out->cid = bytes;
			if (!cid_whole(bytes))
				return pb_fail(&r, err, "a link's Hash is no CID");
		} else if (field == 2) {
			out->has_name = true;
			out->name = bytes;
			if (!base_utf8_valid(bytes))
				return pb_fail(&r, err, "a link's Name is not UTF-8");
		} else {
			out->has_tsize = true;
			out->tsize = v;
		}
	}
	return out->cid.len > 0 ? BASE_OK : pb_fail(&r, err, "a link without a Hash");
}

enum base_code payload_pb_decode(struct base_slice block, struct base_slice *data, bool *has_data,
				 void (*visit)(void *arg, const struct payload_pb_link *link), void *arg,
				 struct base_error *err)
{
	struct pb_reader r = {block, block.data};
	struct payload_pb_link link;
	struct base_slice bytes = {NULL, 0};
	enum base_code code;
	uint64_t field, v;
	bool is_bytes;

	*has_data = false;
	*data = base_slice(NULL, 0);
	while (r.left.len > 0) {
		if ((code = pb_field(&r, &field, &is_bytes, &bytes, &v, err)) != BASE_OK)
			return code;
		if (!is_bytes || (field != 1 && field != 2))
			return pb_fail(&r, err, "a node has a field that is neither Links nor Data");
		if (*has_data)
			return pb_fail(&r, err, field == 1 ? BASE_WORDS("a node has Data twice") : BASE_WORDS("a node has Links after Data"));
		if (field == 1) {
			*has_data = true;
			*data = bytes;
			continue;
		}
		if ((code = link_decode(&link, bytes, block.data, err)) != BASE_OK)
			return code;
		if (visit != NULL)
			visit(arg, &link);
	}
	return BASE_OK;
}

/* Data { Type = 1, Data = 2, filesize = 3, repeated blocksizes = 4, hashType = 5, fanout = 6, mode = 7, mtime = 8 } */
static enum base_code unixfs_field(struct payload_unixfs *out, const struct pb_reader *r, uint64_t field,
				   struct base_slice bytes, uint64_t v, struct base_error *err)
{
	if (field == 1) {
		if (v > PAYLOAD_UNIXFS_HAMT)
			return pb_fail(r, err, "a UnixFS node of an unknown type");
		out->type = (enum payload_unixfs_type)v;
	} else if (field == 2) {
		out->has_data = true;
		out->data = bytes;
	} else if (field == 3) {
		out->has_file_bytes = true;
		out->file_bytes = v;
	} else if (field == 4) {
		out->block_count++;
		if (!base_add_u64(out->block_bytes_sum, v, &out->block_bytes_sum))
			return pb_fail(r, err, "block sizes that add up to more than 64 bits");
	} else if (field == 5) {
		out->has_hash_type = true;
		out->hash_type = v;
	} else if (field == 6) {
		out->has_fanout = true;
		out->fanout = v;
	} else if (field == 7) {
		out->has_mode = true;
		out->mode = v;
	} else {
		out->mtime = bytes;
	}
	return BASE_OK;
}

enum base_code payload_unixfs_decode(struct payload_unixfs *out, struct base_slice data, struct base_error *err)
{
	struct pb_reader r = {data, data.data};
	uint64_t field, field_before = 0, v = 0;
	struct base_slice bytes = {NULL, 0};
	enum base_code code;
	bool is_bytes;

	memset(out, 0, sizeof(*out));
	while (r.left.len > 0) {
		if ((code = pb_field(&r, &field, &is_bytes, &bytes, &v, err)) != BASE_OK)
			return code;
		if (field < field_before || (field == field_before && field != 4) || field == 0 || field > 8)
			return pb_fail(&r, err,
				       "a UnixFS node's fields are unknown, repeated or not in ascending order");
		if (field_before == 0 && field != 1)
			break;
		if (is_bytes != (field == 2 || field == 8))
			return pb_fail(&r, err, "a UnixFS node's field has the wrong type");
		field_before = field;
		if ((code = unixfs_field(out, &r, field, bytes, v, err)) != BASE_OK)
			return code;
	}
	return field_before > 0 ? BASE_OK : pb_fail(&r, err, "a UnixFS node without a type");
}
