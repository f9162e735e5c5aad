/* UnixFS files in the profile unixfs-v1-2025 (IPIP-499): raw leaves of 1 MiB, nodes of at most
 * 1024 links, all leaves at the same depth; a file of one chunk is its leaf.
 *
 * Links collect per level. A level that is full becomes a node only when the next link
 * comes, so that exactly 1024 leaves make one node and no chain above it. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

/* 1024^6 leaves of 1 MiB is 2^80; narrower profiles of tests run into the limit first. */
#define LEVELS_MAX 24

const struct payload_profile payload_profile_2025 = {PAYLOAD_SEGMENT_BYTES, 1024};

struct dag_level {
	struct payload_node *links; /* of width; NULL until used */
	size_t count;
};

struct payload_dag {
	struct payload_profile profile;
	payload_block_fn sink;
	void *sink_arg;
	enum base_code failed;
	/* The leaf in progress: hashed as it comes; kept only for a sink, and only when it
	 * does not come in one piece. */
	struct base_sha256 leaf_sha;
	size_t leaf_len;
	struct base_buf leaf;
	struct base_buf block, data; /* of inner nodes, reused */
	struct dag_level levels[LEVELS_MAX];
};

struct payload_dag *payload_dag_begin_as(const struct payload_profile *profile, payload_block_fn sink, void *arg)
{
	struct payload_dag *dag = base_alloc(sizeof(*dag));

	BASE_ASSERT(profile->width >= 2 && profile->chunk_bytes > 0);
	dag->profile = *profile;
	dag->sink = sink;
	dag->sink_arg = arg;
	return dag;
}

struct payload_dag *payload_dag_begin(payload_block_fn sink, void *arg)
{
	return payload_dag_begin_as(&payload_profile_2025, sink, arg);
}

static enum base_code dag_emit(struct payload_dag *dag, const struct wire_cid *cid, struct base_slice block,
			       struct base_error *err)
{
	return dag->sink == NULL ? BASE_OK : dag->sink(dag->sink_arg, cid, block, err);
}

/* Makes a node of all links of a level and empties it. */
static enum base_code level_pack(struct payload_dag *dag, struct dag_level *level, struct payload_node *out,
				 struct base_error *err)
{
	dag->block.len = 0;
	dag->data.len = 0;
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < level->count; i++) {
		payload_pb_put_link(&dag->block, &level->links[i], base_slice(NULL, 0));
		out->file_bytes += level->links[i].file_bytes;
		out->tsize += level->links[i].tsize;
	}
	payload_pb_put_field(&dag->data, 1, PAYLOAD_UNIXFS_FILE);
	payload_pb_put_field(&dag->data, 3, out->file_bytes);
	for (size_t i = 0; i < level->count; i++)
		payload_pb_put_field(&dag->data, 4, level->links[i].file_bytes);
	payload_pb_put_data(&dag->block, base_buf_slice(&dag->data));
	out->tsize += dag->block.len;
	out->cid.codec = WIRE_DAG_PB;
	out->cid.hash = base_sha256_of(base_buf_slice(&dag->block));
	level->count = 0;
	return dag_emit(dag, &out->cid, base_buf_slice(&dag->block), err);
}

/* Adds a link at a level; a full level moves up as one link. */
static enum base_code dag_link(struct payload_dag *dag, size_t at, const struct payload_node *link,
			       struct base_error *err)
{
	struct payload_node add = *link, packed;

	for (; at < LEVELS_MAX; at++) {
		struct dag_level *level = &dag->levels[at];
		bool full = level->count == dag->profile.width;
		enum base_code code;

		if (level->links == NULL)
			level->links = base_alloc(dag->profile.width * sizeof(*level->links));
		if (full && (code = level_pack(dag, level, &packed, err)) != BASE_OK)
			return code;
		level->links[level->count++] = add;
		if (!full)
			return BASE_OK;
		add = packed;
	}
	return base_fail(err, BASE_LIMIT, "the file is too large for a DAG of %zu links a node", dag->profile.width);
}

static enum base_code dag_leaf(struct payload_dag *dag, const struct base_hash *hash, struct base_slice block,
			       struct base_error *err)
{
	struct payload_node leaf = {{WIRE_RAW, *hash}, dag->leaf_len, dag->leaf_len};
	enum base_code code = dag_emit(dag, &leaf.cid, block, err);

	dag->leaf_len = 0;
	dag->leaf.len = 0;
	return code == BASE_OK ? dag_link(dag, 0, &leaf, err) : code;
}

enum base_code payload_dag_add(struct payload_dag *dag, struct base_slice bytes, struct base_error *err)
{
	while (bytes.len > 0 && dag->failed == BASE_OK) {
		size_t room = dag->profile.chunk_bytes - dag->leaf_len;
		struct base_slice part = base_slice(bytes.data, bytes.len < room ? bytes.len : room);
		struct base_hash hash;

		if (dag->leaf_len == 0)
			base_sha256_begin(&dag->leaf_sha);
		base_sha256_add(&dag->leaf_sha, part);
		dag->leaf_len += part.len;
		if (dag->sink != NULL && part.len < dag->profile.chunk_bytes)
			base_buf_append(&dag->leaf, part);
		bytes.data += part.len;
		bytes.len -= part.len;
		if (dag->leaf_len < dag->profile.chunk_bytes)
			break;
		hash = base_sha256_end(&dag->leaf_sha);
		dag->failed = dag_leaf(dag, &hash, dag->leaf.len > 0 ? base_buf_slice(&dag->leaf) : part, err);
	}
	return dag->failed;
}

static bool dag_is_top(const struct payload_dag *dag, size_t at)
{
	for (size_t i = at + 1; i < LEVELS_MAX; i++)
		if (dag->levels[i].count > 0)
			return false;
	return true;
}

/* Packs level upon level until one link is left. Every level below the top one holds a link. */
static enum base_code dag_root(struct payload_dag *dag, struct payload_node *root, struct base_error *err)
{
	for (size_t i = 0; i < LEVELS_MAX; i++) {
		struct dag_level *level = &dag->levels[i];
		enum base_code code;

		if (level->count == 1 && dag_is_top(dag, i)) {
			*root = level->links[0];
			return BASE_OK;
		}
		if ((code = level_pack(dag, level, root, err)) != BASE_OK)
			return code;
		if (dag_is_top(dag, i))
			return BASE_OK;
		if ((code = dag_link(dag, i + 1, root, err)) != BASE_OK)
			return code;
	}
	return base_fail(err, BASE_LIMIT, "the file is too large for a DAG");
}

enum base_code payload_dag_end(struct payload_dag *dag, struct wire_cid *root, uint64_t *tsize, struct base_error *err)
{
	/* An empty file is an empty leaf. */
	bool leaf_open = dag->leaf_len > 0 || dag->levels[0].count == 0;
	enum base_code code = dag->failed;
	struct payload_node node;
	struct base_hash hash;

	if (code == BASE_OK && leaf_open) {
		if (dag->leaf_len == 0)
			base_sha256_begin(&dag->leaf_sha);
		hash = base_sha256_end(&dag->leaf_sha);
		code = dag_leaf(dag, &hash, base_buf_slice(&dag->leaf), err);
	}
	if (code == BASE_OK)
		code = dag_root(dag, &node, err);
	if (code == BASE_OK) {
		*root = node.cid;
		if (tsize != NULL)
			*tsize = node.tsize;
	}
	for (size_t i = 0; i < LEVELS_MAX; i++)
		free(dag->levels[i].links);
	base_buf_free(&dag->leaf);
	base_buf_free(&dag->block);
	base_buf_free(&dag->data);
	free(dag);
	return code;
}
