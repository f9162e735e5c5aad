/* dag-pb, UnixFS data, and what is built of them: one byte chooses which. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINKS_MAX 512

struct links {
	struct payload_pb_link list[LINKS_MAX];
	size_t count;
	bool sorted;
};

static struct base_slice name_of(const struct payload_pb_link *link)
{
	return link->has_name ? link->name : base_slice(NULL, 0);
}

static void links_add(void *arg, const struct payload_pb_link *link)
{
	struct links *links = arg;

	if (links->count > 0 && links->count < LINKS_MAX &&
	    base_slice_compare(name_of(&links->list[links->count - 1]), name_of(link)) > 0)
		links->sorted = false;
	if (links->count < LINKS_MAX)
		links->list[links->count] = *link;
	links->count++;
}

/* Decode, encode, compare. */
static void fuzz_pb(struct base_slice block)
{
	static struct links links;
	struct base_buf again = BASE_BUF_INIT;
	struct base_slice inner;
	struct base_error err;
	struct payload_unixfs unixfs;
	bool has_data;

	links.count = 0;
	links.sorted = true;
	if (payload_pb_decode(block, &inner, &has_data, links_add, &links, &err) == BASE_OK &&
	    links.count <= LINKS_MAX) {
		BASE_ASSERT((payload_pb_encode(&again, links.list, links.count, inner, has_data, &err) == BASE_OK) ==
			    links.sorted);
		BASE_ASSERT(!links.sorted || base_slice_equal(base_buf_slice(&again), block));
		if (has_data)
			(void)!payload_unixfs_decode(&unixfs, inner, &err);
	}
	base_buf_free(&again);
}

static void fuzz_unixfs(struct base_slice data)
{
	struct payload_unixfs unixfs;
	struct base_error err;

	if (payload_unixfs_decode(&unixfs, data, &err) == BASE_OK)
		BASE_ASSERT(unixfs.block_count <= data.len && unixfs.data.len <= data.len &&
			    unixfs.type <= PAYLOAD_UNIXFS_HAMT);
}

/* Every block that a builder makes decodes; how the bytes come in makes no difference. */
static enum base_code block_check(void *arg, const struct wire_cid *cid, struct base_slice block,
				  struct base_error *err)
{
	struct base_hash hash = base_sha256_of(block);
	struct payload_unixfs unixfs;
	struct base_slice inner;
	bool has_data;

	BASE_ASSERT(base_hash_equal(&hash, &cid->hash));
	*(uint64_t *)arg += block.len;
	if (cid->codec == WIRE_RAW)
		return BASE_OK;
	BASE_ASSERT(payload_pb_decode(block, &inner, &has_data, NULL, NULL, err) == BASE_OK && has_data);
	BASE_ASSERT(payload_unixfs_decode(&unixfs, inner, err) == BASE_OK);
	BASE_ASSERT(unixfs.type == PAYLOAD_UNIXFS_FILE && unixfs.file_bytes == unixfs.block_bytes_sum);
	return BASE_OK;
}

static void fuzz_dag(struct base_slice bytes)
{
	struct payload_profile profile = {1 + bytes.data[0] % 64, 2 + bytes.data[1] % 9};
	uint64_t blocks = 0, tsize;
	struct payload_dag *dag = payload_dag_begin_as(&profile, block_check, &blocks);
	size_t step = 1 + bytes.data[2];
	struct wire_cid a, b;

	for (size_t at = 0; at < bytes.len; at += step)
		BASE_ASSERT(payload_dag_add(dag,
					    base_slice(bytes.data + at, bytes.len - at < step ? bytes.len - at : step),
					    NULL) == BASE_OK);
	BASE_ASSERT(payload_dag_end(dag, &a, &tsize, NULL) == BASE_OK && tsize == blocks);
	dag = payload_dag_begin_as(&profile, NULL, NULL);
	BASE_ASSERT(payload_dag_add(dag, bytes, NULL) == BASE_OK && payload_dag_end(dag, &b, NULL, NULL) == BASE_OK);
	BASE_ASSERT(wire_cid_equal(&a, &b));
}

/* Names, each ended by a zero byte, in this order and the reverse. */
static void fuzz_folder(struct base_slice names, bool hamt)
{
	struct payload_entry *entries = base_alloc((names.len + 1) * sizeof(*entries)), *reversed;
	struct payload_node a, b;
	enum base_code code_a, code_b;
	size_t count = 0, begin = 0;

	for (size_t i = 0; i < names.len; i++) {
		if (names.data[i] != 0)
			continue;
		entries[count].name = (char *)(uintptr_t)(names.data + begin);
		entries[count].name_len = i - begin;
		entries[count].node.cid.codec = WIRE_RAW;
		entries[count++].node.tsize = i;
		begin = i + 1;
	}
	reversed = base_alloc((count + 1) * sizeof(*reversed));
	for (size_t i = 0; i < count; i++) {
		reversed[i] = entries[count - 1 - i];
		/* The same name twice cannot come from a folder. */
		for (size_t j = 0; j < i; j++)
			if (base_slice_equal(base_slice(reversed[i].name, reversed[i].name_len),
					     base_slice(reversed[j].name, reversed[j].name_len)))
				goto out;
	}
	code_a = (hamt ? payload_hamt_node : payload_folder_node)(&a, entries, count, NULL);
	code_b = (hamt ? payload_hamt_node : payload_folder_node)(&b, reversed, count, NULL);
	BASE_ASSERT(code_a == code_b && (code_a != BASE_OK || wire_cid_equal(&a.cid, &b.cid)));
out:
	free(entries);
	free(reversed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes;

	if (size < 4)
		return 0;
	bytes = base_slice(data + 1, size - 1);
	if (data[0] % 5 == 0)
		fuzz_pb(bytes);
	else if (data[0] % 5 == 1)
		fuzz_unixfs(bytes);
	else if (data[0] % 5 == 2)
		fuzz_dag(bytes);
	else
		fuzz_folder(bytes, data[0] % 5 == 3);
	return 0;
}
