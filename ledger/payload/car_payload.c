/* One payload as a CAR: written in Kubo's order (root first, depth first), read in any order that keeps the
 * leaves in the order of the file, which is what every exporter of files writes. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Inner nodes of a payload of 16 TiB, with room to spare. */
#define NODES_MAX 32768u

/* Inner nodes of a DAG, as they are made: children before parents. */
struct node_list {
	struct node_ref {
		struct base_hash hash;
		size_t at, len; /* in blocks */
	} *refs;
	size_t count, cap;
	struct base_buf blocks;
	bool keep_blocks;
};

static struct node_ref *node_add(struct node_list *list, const struct base_hash *hash)
{
	if (list->count == list->cap) {
		list->cap = list->cap == 0 ? 8 : 2 * list->cap;
		list->refs = base_realloc(list->refs, list->cap * sizeof(*list->refs));
	}
	list->refs[list->count] = (struct node_ref){*hash, 0, 0};
	return &list->refs[list->count++];
}

static enum base_code node_sink(void *arg, const struct wire_cid *cid, struct base_slice block, struct base_error *err)
{
	struct node_list *list = arg;
	struct node_ref *ref;

	(void)err;
	if (cid->codec == WIRE_RAW)
		return BASE_OK;
	ref = node_add(list, &cid->hash);
	if (list->keep_blocks) {
		ref->at = list->blocks.len;
		ref->len = block.len;
		base_buf_append(&list->blocks, block);
	}
	return BASE_OK;
}

static void node_list_free(struct node_list *list)
{
	free(list->refs);
	base_buf_free(&list->blocks);
}

/* ---- Export ------------------------------------------------------------- */

struct exporting {
	struct node_list nodes;
	payload_write_fn write;
	void *write_arg;
	int fd;
	uint8_t *leaf;
	enum base_code code; /* the visitor's first failure */
	struct base_error *err;
};

static enum base_code put_section(struct exporting *x, const struct wire_cid *cid, struct base_slice block)
{
	struct base_buf head = BASE_BUF_INIT;
	uint8_t bytes[WIRE_CID_BYTES];
	enum base_code code;

	wire_cid_bytes(bytes, cid);
	wire_put_varint(&head, sizeof(bytes) + block.len);
	base_buf_append(&head, base_slice(bytes, sizeof(bytes)));
	code = x->write(x->write_arg, base_buf_slice(&head), x->err);
	if (code == BASE_OK && block.len > 0)
		code = x->write(x->write_arg, block, x->err);
	base_buf_free(&head);
	return code;
}

/* The next leaf of the file, which must be cid. */
static enum base_code export_leaf(struct exporting *x, const struct wire_cid *cid)
{
	size_t len = 0, got = 1;
	struct base_hash hash;
	enum base_code code;

	while (len < PAYLOAD_SEGMENT_BYTES && got > 0) {
		if ((code = payload_read_fd(&x->fd, x->leaf + len, PAYLOAD_SEGMENT_BYTES - len, &got, x->err)) !=
		    BASE_OK)
			return code;
		len += got;
	}
	hash = base_sha256_of(base_slice(x->leaf, len));
	if (!base_hash_equal(&hash, &cid->hash))
		return base_fail(x->err, BASE_MISMATCH, "the payload changed while it was exported");
	return put_section(x, cid, base_slice(x->leaf, len));
}

static enum base_code export_node(struct exporting *x, const struct wire_cid *cid);

static void export_link(void *arg, const struct payload_pb_link *link)
{
	struct exporting *x = arg;
	struct wire_cid cid;

	if (x->code == BASE_OK)
		x->code = wire_cid_parse(&cid, link->cid, x->err);
	if (x->code == BASE_OK)
		x->code = cid.codec == WIRE_RAW ? export_leaf(x, &cid) : export_node(x, &cid);
}

/* As deep as the DAG: four levels at most. */
static enum base_code export_node(struct exporting *x, const struct wire_cid *cid)
{
	struct base_slice block = {NULL, 0}, data;
	enum base_code code;
	bool has_data;

	for (size_t i = x->nodes.count; i-- > 0;)
		if (base_hash_equal(&x->nodes.refs[i].hash, &cid->hash))
			block = base_slice(x->nodes.blocks.data + x->nodes.refs[i].at, x->nodes.refs[i].len);
	BASE_ASSERT(block.data != NULL);
	if ((code = put_section(x, cid, block)) != BASE_OK)
		return code;
	if ((code = payload_pb_decode(block, &data, &has_data, export_link, x, x->err)) != BASE_OK)
		return code;
	return x->code;
}

static void car_header(struct base_buf *out, const struct wire_cid *root)
{
	uint8_t cid[1 + WIRE_CID_BYTES] = {0x00};
	struct base_buf header = BASE_BUF_INIT;

	wire_cid_bytes(cid + 1, root);
	wire_put_map(&header, 2);
	wire_put_cstr(&header, "roots");
	wire_put_array(&header, 1);
	wire_put_tag(&header, 42);
	wire_put_bytes(&header, base_slice(cid, sizeof(cid)));
	wire_put_cstr(&header, "version");
	wire_put_uint(&header, 1);
	wire_put_varint(out, header.len);
	base_buf_append(out, base_buf_slice(&header));
	base_buf_free(&header);
}

enum base_code payload_car_export(struct payload_store *store, const struct wire_cid *cid, payload_write_fn write,
				  void *write_arg, struct base_error *err)
{
	struct exporting x = {
		.nodes = {.keep_blocks = true}, .write = write, .write_arg = write_arg, .err = err, .fd = -1};
	struct base_buf header = BASE_BUF_INIT;
	struct wire_cid found;
	enum base_code code;
	uint64_t len;

	if ((code = payload_data_open(store, cid, &x.fd, err)) != BASE_OK)
		return code;
	/* The root comes first in the file and last in the making: two passes. */
	if ((code = payload_data_cid(x.fd, &found, &len, node_sink, &x.nodes, err)) != BASE_OK)
		goto out;
	if (!wire_cid_equal(&found, cid)) {
		code = base_fail(err, BASE_MISMATCH,
				 "the payload is damaged: its bytes are not what its CID says; nothing was written");
		goto out;
	}
	if (lseek(x.fd, 0, SEEK_SET) != 0) {
		code = base_fail_errno(err, "cannot read the payload again");
		goto out;
	}
	x.leaf = base_alloc(PAYLOAD_SEGMENT_BYTES);
	car_header(&header, cid);
	if ((code = write(write_arg, base_buf_slice(&header), err)) != BASE_OK)
		goto out;
	code = cid->codec == WIRE_RAW ? export_leaf(&x, cid) : export_node(&x, cid);
out:
	(void)close(x.fd);
	free(x.leaf);
	base_buf_free(&header);
	node_list_free(&x.nodes);
	return code;
}

/* ---- Import ------------------------------------------------------------- */

struct importing {
	struct payload_writing writing;
	struct node_list made; /* by the DAG builder, from the leaves */
	struct node_list seen; /* in the CAR */
	uint64_t leaves;
	size_t leaf_len; /* of the last leaf */
};

/* Leaves go to the file as they come; they must be leaves as we cut them. */
static enum base_code import_leaf(struct importing *m, const struct payload_section *section, struct base_error *err)
{
	if (section->block.len > PAYLOAD_SEGMENT_BYTES || (m->leaves > 0 && m->leaf_len != PAYLOAD_SEGMENT_BYTES) ||
	    (m->leaves > 0 && section->block.len == 0))
		return base_fail(err, BASE_MISMATCH,
				 "the leaf at byte %llu of the CAR is not where the profile unixfs-v1-2025 cuts a "
				 "file, or not in the order of the file",
				 (unsigned long long)section->at);
	m->leaves++;
	m->leaf_len = section->block.len;
	return payload_writing_add(&m->writing, section->block, err);
}

static enum base_code import_section(struct importing *m, const struct payload_section *section, struct base_error *err)
{
	struct wire_cid cid;
	enum base_code code = wire_cid_parse(&cid, section->cid_bytes, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "block at byte %llu of the CAR", (unsigned long long)section->at);
	if (payload_section_verify(section) != PAYLOAD_VERIFIED)
		return base_fail(err, BASE_MISMATCH, "the block at byte %llu of the CAR is not what its CID says",
				 (unsigned long long)section->at);
	if (cid.codec == WIRE_RAW)
		return import_leaf(m, section, err);
	if (m->seen.count == NODES_MAX)
		return base_fail(err, BASE_LIMIT, "the CAR has more than %u dag-pb blocks", NODES_MAX);
	(void)node_add(&m->seen, &cid.hash);
	return BASE_OK;
}

static int node_compare(const void *a, const void *b)
{
	return memcmp(((const struct node_ref *)a)->hash.bytes, ((const struct node_ref *)b)->hash.bytes,
		      BASE_HASH_BYTES);
}

/* The inner nodes in the CAR are those that the leaves make, each once. */
static bool nodes_agree(struct importing *m)
{
	if (m->made.count != m->seen.count)
		return false;
	if (m->made.count == 0)
		return true;
	qsort(m->made.refs, m->made.count, sizeof(*m->made.refs), node_compare);
	qsort(m->seen.refs, m->seen.count, sizeof(*m->seen.refs), node_compare);
	for (size_t i = 0; i < m->made.count; i++)
		if (!base_hash_equal(&m->made.refs[i].hash, &m->seen.refs[i].hash))
			return false;
	return true;
}

static enum base_code import_all(struct importing *m, struct payload_car *car, const struct wire_cid *root,
				 struct base_error *err)
{
	struct payload_section section;
	struct wire_cid found;
	enum base_code code;
	bool more;

	while ((code = payload_car_next(car, &section, &more, err)) == BASE_OK && more)
		if ((code = import_section(m, &section, err)) != BASE_OK)
			return code;
	if (code != BASE_OK)
		return code;
	if (m->leaves == 0)
		return base_fail(err, BASE_MISMATCH, "the CAR holds no leaf of its root");
	if ((code = payload_writing_end(&m->writing, &found, err)) != BASE_OK)
		return code;
	if (!wire_cid_equal(&found, root) || !nodes_agree(m))
		return base_fail(err, BASE_MISMATCH,
				 "the blocks of the CAR are not those of its root, no more and no fewer");
	return BASE_OK;
}

enum base_code payload_car_import(struct payload_store *store, payload_read_fn read, void *read_arg,
				  struct wire_cid *cid, struct base_error *err)
{
	struct importing m = {.writing = {.fd = -1}};
	struct base_slice root_bytes;
	struct payload_car car;
	struct wire_cid root;
	enum base_code code;
	uint64_t roots;

	if ((code = payload_car_open(&car, read, read_arg, &roots, &root_bytes, err)) != BASE_OK)
		goto out;
	if (roots != 1) {
		code = base_fail(err, BASE_MALFORMED, "the CAR has %llu roots; one payload has one",
				 (unsigned long long)roots);
		goto out;
	}
	if ((code = base_wrap(err, wire_cid_parse(&root, root_bytes, err), "root of the CAR")) != BASE_OK)
		goto out;
	if ((code = payload_writing_begin(&m.writing, store, 0, node_sink, &m.made, err)) != BASE_OK)
		goto out;
	if ((code = import_all(&m, &car, &root, err)) != BASE_OK)
		goto out;
	payload_writing_keep(&m.writing, &root);
	*cid = root;
out:
	payload_car_close(&car);
	payload_writing_drop(&m.writing);
	node_list_free(&m.made);
	node_list_free(&m.seen);
	return code;
}
