/* Tiles (C2SP tlog-tiles): paths and contents. docs/formats/tiles.md */
#include "ledger/proof/proof_internal.h"

#include <string.h>

#define LEVEL_MAX 63
#define TILE_BITS 8

/* ---- Paths -------------------------------------------------------------- */

void proof_tile_path(char out[96], int level, uint64_t n, unsigned width)
{
	unsigned groups[7]; /* 2^64 has 20 digits */
	size_t count = 0;
	char *at = out, *end = out + 96;

	BASE_ASSERT(level >= -1 && level <= LEVEL_MAX && width >= 1 && width <= PROOF_TILE_WIDTH);
	do {
		groups[count++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n > 0);
	if (level < 0)
		at += snprintf(at, (size_t)(end - at), "tile/entries");
	else
		at += snprintf(at, (size_t)(end - at), "tile/%d", level);
	while (count-- > 0)
		at += snprintf(at, (size_t)(end - at), count > 0 ? "/x%03u" : "/%03u", groups[count]);
	if (width < PROOF_TILE_WIDTH)
		snprintf(at, (size_t)(end - at), ".p/%u", width);
}

/* Takes what stands before the next '/' off path, and the '/'; more: whether there was one. */
static struct base_slice element_next(struct base_slice *path, bool *more)
{
	const uint8_t *slash = path->len == 0 ? NULL : memchr(path->data, '/', path->len);
	struct base_slice element = *path;

	*more = slash != NULL;
	if (slash == NULL) {
		*path = base_slice("", 0);
		return element;
	}
	element.len = (size_t)(slash - path->data);
	path->data = slash + 1;
	path->len -= element.len + 1;
	return element;
}

static bool digits3(struct base_slice text, uint64_t *out)
{
	*out = 0;
	if (text.len != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(text.data[i] - '0');
	}
	return true;
}

/* False on overflow, and on a leading zero that the encoding has not ("x000/001"). */
static bool index_push(uint64_t *n, uint64_t group, bool first)
{
	if (!first && *n == 0)
		return false;
	if (__builtin_mul_overflow(*n, UINT64_C(1000), n))
		return false;
	return base_add_u64(*n, group, n);
}

static bool index_parse(uint64_t *n, bool *partial, struct base_slice *path)
{
	*n = 0;
	*partial = false;
	for (bool first = true;; first = false) {
		bool more;
		struct base_slice element = element_next(path, &more);
		bool inner = element.len > 0 && element.data[0] == 'x';
		uint64_t group;

		if (inner) {
			element.data++;
			element.len--;
		} else if (element.len == 5 && memcmp(element.data + 3, ".p", 2) == 0) {
			*partial = true;
			element.len = 3;
		}
		if (!digits3(element, &group) || !index_push(n, group, first))
			return false;
		if (!inner)
			return more == *partial;
		if (!more)
			return false;
	}
}

static bool path_parse(int *level, uint64_t *n, unsigned *width, struct base_slice path)
{
	struct base_slice element;
	uint64_t number;
	bool partial, more;

	if (!base_slice_equal(element_next(&path, &more), base_slice_text("tile")))
		return false;
	element = element_next(&path, &more);
	if (base_slice_equal(element, base_slice_text("entries")))
		*level = -1;
	else if (base_parse_u64(element, &number) && number <= LEVEL_MAX)
		*level = (int)number;
	else
		return false;
	if (!index_parse(n, &partial, &path))
		return false;
	*width = PROOF_TILE_WIDTH;
	if (!partial)
		return true;
	if (!base_parse_u64(path, &number) || number < 1 || number >= PROOF_TILE_WIDTH)
		return false;
	*width = (unsigned)number;
	return true;
}

enum base_code proof_tile_path_parse(int *level, uint64_t *n, unsigned *width, struct base_slice path,
				     struct base_error *err)
{
	if (!path_parse(level, n, width, path))
		return base_fail(err, BASE_MALFORMED, "\"%.*s\" is not the path of a tile", PROOF_SHOW(path));
	return BASE_OK;
}

/* ---- Contents ----------------------------------------------------------- */

unsigned proof_tile_width(int level, uint64_t n, uint64_t size)
{
	unsigned shift = level > 0 ? (unsigned)level * TILE_BITS : 0;
	uint64_t hashes = shift < 64 ? size >> shift : 0;
	uint64_t full = hashes / PROOF_TILE_WIDTH;

	if (n < full)
		return PROOF_TILE_WIDTH;
	return n == full ? (unsigned)(hashes % PROOF_TILE_WIDTH) : 0;
}

enum base_code proof_tile_hashes(struct base_buf *out, unsigned level, uint64_t n, unsigned width, proof_hash_fn get,
				 void *arg, struct base_error *err)
{
	BASE_ASSERT(width >= 1 && width <= PROOF_TILE_WIDTH);
	base_buf_reserve(out, (size_t)width * BASE_HASH_BYTES);
	for (unsigned i = 0; i < width; i++) {
		struct base_hash hash;
		uint64_t index = UINT64_MAX;
		enum base_code code;

		if (level < 64 / TILE_BITS && n <= UINT64_MAX / PROOF_TILE_WIDTH)
			index = proof_stored_index(level * TILE_BITS, n * PROOF_TILE_WIDTH + i);
		if (index == UINT64_MAX)
			return base_fail(err, BASE_LIMIT,
					 "tile %llu of level %u lies beyond any tree that can be stored",
					 (unsigned long long)n, level);
		if ((code = get(arg, index, &hash, err)) != BASE_OK)
			return code;
		base_buf_append(out, base_hash_slice(&hash));
	}
	return BASE_OK;
}

void proof_bundle_add(struct base_buf *out, struct base_slice entry)
{
	uint8_t len[2];

	BASE_ASSERT(entry.len <= PROOF_ENTRY_BYTES_MAX);
	base_put_u16be(len, (uint16_t)entry.len);
	base_buf_append(out, base_slice(len, sizeof(len)));
	base_buf_append(out, entry);
}

enum base_code proof_bundle_next(struct base_slice *bundle, struct base_slice *entry, struct base_error *err)
{
	size_t len;

	if (bundle->len == 0)
		return base_fail(err, BASE_NOT_FOUND, "the entry bundle has no more entries");
	if (bundle->len < 2)
		return base_fail(err, BASE_MALFORMED, "the entry bundle is cut within a length");
	len = base_get_u16be(bundle->data);
	if (len > bundle->len - 2)
		return base_fail(err, BASE_MALFORMED,
				 "the entry bundle is cut: an entry of %zu bytes, of which %zu are there", len,
				 bundle->len - 2);
	*entry = base_slice(bundle->data + 2, len);
	bundle->data += 2 + len;
	bundle->len -= 2 + len;
	return BASE_OK;
}
