/* Sharded directories of UnixFS: a HAMT over murmur3 of the names, 256 ways, one byte of the hash a level,
 * most significant first. A slot with one name links to its entry as "XX" ‖ name, a slot with more to
 * another shard as "XX" (upper-case hex). */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

#define FANOUT 256
#define HASH_MURMUR3_X64_64 0x22
#define DEPTH_MAX 8 /* bytes of the hash */

/* ---- MurmurHash3 x64-128 (Appleby, public domain), its first 64 bits; seed 0 ---- */

static uint64_t rotate_left(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static uint64_t murmur_mix(uint64_t v)
{
	v = (v ^ v >> 33) * UINT64_C(0xff51afd7ed558ccd);
	v = (v ^ v >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return v ^ v >> 33;
}

/* Up to eight bytes, little-endian. */
static uint64_t murmur_word(const uint8_t *bytes, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	return word;
}

uint64_t payload_murmur3(struct base_slice bytes)
{
	const uint64_t c1 = UINT64_C(0x87c37b91114253d5), c2 = UINT64_C(0x4cf5ad432745937f);
	uint64_t h1 = 0, h2 = 0;
	size_t at = 0, left;

	for (; bytes.len - at >= 16; at += 16) {
		h1 ^= rotate_left(murmur_word(bytes.data + at, 8) * c1, 31) * c2;
		h1 = (rotate_left(h1, 27) + h2) * 5 + 0x52dce729;
		h2 ^= rotate_left(murmur_word(bytes.data + at + 8, 8) * c2, 33) * c1;
		h2 = (rotate_left(h2, 31) + h1) * 5 + 0x38495ab5;
	}
	left = bytes.len - at;
	if (left > 8)
		h2 ^= rotate_left(murmur_word(bytes.data + at + 8, left - 8) * c2, 33) * c1;
	if (left > 0)
		h1 ^= rotate_left(murmur_word(bytes.data + at, left < 8 ? left : 8) * c1, 31) * c2;
	h1 ^= bytes.len;
	h2 ^= bytes.len;
	h1 += h2;
	h2 += h1;
	return murmur_mix(h1) + murmur_mix(h2);
}

/* ---- The tree ----------------------------------------------------------- */

static int entry_compare_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct payload_entry *)a)->name_hash, y = ((const struct payload_entry *)b)->name_hash;

	return x < y ? -1 : x > y;
}

static uint8_t hash_byte(const struct payload_entry *entry, unsigned depth)
{
	return (uint8_t)(entry->name_hash >> (56 - 8 * depth));
}

/* Data of a shard: type, bitfield of used slots (big-endian, leading zero bytes cut), hash function, fanout. */
static void shard_data(struct base_buf *block, const uint8_t bitfield[FANOUT / 8])
{
	struct base_buf data = BASE_BUF_INIT;
	size_t skip = 0;

	while (skip < FANOUT / 8 && bitfield[skip] == 0)
		skip++;
	payload_pb_put_field(&data, 1, PAYLOAD_UNIXFS_HAMT);
	payload_pb_put_field_bytes(&data, 2, base_slice(bitfield + skip, FANOUT / 8 - skip));
	payload_pb_put_field(&data, 5, HASH_MURMUR3_X64_64);
	payload_pb_put_field(&data, 6, FANOUT);
	payload_pb_put_data(block, base_buf_slice(&data));
	base_buf_free(&data);
}

/* entries: sorted by hash, their first depth bytes equal. At most DEPTH_MAX deep. */
static enum base_code shard_node(struct payload_node *out, const struct payload_entry *entries, size_t count,
				 unsigned depth, struct base_error *err)
{
	struct base_buf block = BASE_BUF_INIT, name = BASE_BUF_INIT;
	uint8_t bitfield[FANOUT / 8] = {0};
	enum base_code code = BASE_OK;
	size_t end;

	memset(out, 0, sizeof(*out));
	if (depth == DEPTH_MAX) {
		code = base_fail(err, BASE_LIMIT,
				 "two names of a folder have the same 64-bit hash; UnixFS cannot hold both");
		goto out;
	}
	for (size_t at = 0; at < count; at = end) {
		uint8_t slot = hash_byte(&entries[at], depth);
		struct payload_node child = entries[at].node;

		for (end = at + 1; end < count && hash_byte(&entries[end], depth) == slot;)
			end++;
		name.len = 0;
		base_buf_print(&name, "%02X", slot);
		if (end - at == 1)
			base_buf_append(&name, base_slice(entries[at].name, entries[at].name_len));
		else if ((code = shard_node(&child, entries + at, end - at, depth + 1, err)) != BASE_OK)
			goto out;
		payload_pb_put_link(&block, &child, base_buf_slice(&name));
		out->tsize += child.tsize;
		bitfield[FANOUT / 8 - 1 - slot / 8] |= (uint8_t)(1u << (slot % 8));
	}
	shard_data(&block, bitfield);
	out->tsize += block.len;
	out->cid.codec = WIRE_DAG_PB;
	out->cid.hash = base_sha256_of(base_buf_slice(&block));
out:
	base_buf_free(&block);
	base_buf_free(&name);
	return code;
}

enum base_code payload_hamt_node(struct payload_node *out, struct payload_entry *entries, size_t count,
				 struct base_error *err)
{
	for (size_t i = 0; i < count; i++)
		entries[i].name_hash = payload_murmur3(base_slice(entries[i].name, entries[i].name_len));
	if (count > 0)
		qsort(entries, count, sizeof(*entries), entry_compare_hash);
	return shard_node(out, entries, count, 0, err);
}
