/* LMDB follows the pages of its file without looking: a page number, a length
 * or an offset that was altered makes it read wherever that points. A ledger
 * directory that comes from elsewhere is therefore checked, page by page and
 * with pread, before LMDB maps it (STORE_CHECK). What is checked is structure;
 * whether the rows are true is for audit to recompute.
 *
 * Layout of LMDB 0.9, in the byte order and word size of the machine:
 *   page    pgno u64, pad u16, flags u16, lower u16, upper u16, then u16
 *           offsets of nodes up to lower; nodes lie between upper and the end
 *   node    lo u16, hi u16, flags u16, ksize u16, key, data; leaf: lo + hi<<16
 *           is the size of the data; branch: lo, hi and flags are the child's number
 *   big     data of a leaf node with flag 1 is the number of an overflow page,
 *           whose "lower, upper" is the count of pages as u32
 *   tree    pad u32, flags u16, depth u16, branch, leaf, overflow, entries, root: u64
 *   meta    page header, magic u32, version u32, address, mapsize u64,
 *           trees of free pages and of tables, last page u64, transaction u64
 */
#include "ledger/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xBEEFC0DEu
#define VERSION 1u
#define PAGE_HEADER 16u
#define NODE_HEADER 8u
#define META_BYTES (PAGE_HEADER + 24u + 2u * sizeof(struct tree) + 16u)
#define PAGE_BYTES_MIN 512u
#define PAGE_BYTES_MAX 0x8000u
#define DEPTH_MAX 32u /* LMDB's own stack of pages */
#define NO_PAGE UINT64_MAX
enum { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4, PAGE_META = 8 };
enum { NODE_BIG = 1, NODE_TREE = 2 };

struct tree {
	uint32_t pad;
	uint16_t flags;
	uint16_t depth;
	uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};
_Static_assert(sizeof(struct tree) == 48, "MDB_db of a 64-bit LMDB");
_Static_assert(sizeof(void *) == 8, "the check reads files of 64-bit machines");

struct meta {
	uint32_t page_bytes;
	struct tree free, main;
	uint64_t page_last, txnid;
};
struct check {
	const char *path;
	struct base_error *err;
	int fd;
	struct meta meta;
	uint64_t file_pages;
	uint8_t *seen; /* one bit a page of the file */
};
struct node {
	uint16_t flags, key_bytes;
	const uint8_t *key, *data;
	uint32_t data_bytes; /* inline, or behind NODE_BIG */
	uint64_t child;
};

#define DAMAGED(c, ...) (base_fail((c)->err, BASE_STORAGE, __VA_ARGS__), BASE_STORAGE)

static uint16_t u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static enum base_code read_at(const struct check *c, uint8_t *out, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t got = pread(c->fd, out, len, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return (base_fail_errno(c->err, "%s: read", c->path), BASE_IO);
		if (got == 0)
			return DAMAGED(c, "%s is cut short at byte %llu", c->path, (unsigned long long)at);
		out += got;
		len -= (size_t)got;
		at += (uint64_t)got;
	}
	return BASE_OK;
}

/* ---- Meta pages --------------------------------------------------------- */

static enum base_code meta_read(const struct check *c, struct meta *out, uint64_t at)
{
	uint8_t page[META_BYTES];
	const uint8_t *body = page + PAGE_HEADER;
	enum base_code code;

	if ((code = read_at(c, page, sizeof(page), at)) != BASE_OK)
		return code;
	if (u16(page + 10) != PAGE_META || u32(body) != MAGIC)
		return DAMAGED(c, "%s is no database file, or its first pages are damaged", c->path);
	if (u32(body + 4) > VERSION)
		return (base_fail(c->err, BASE_VERSION, "%s is of LMDB's format %u; this program reads format %u", c->path,
				  u32(body + 4), VERSION), BASE_VERSION);
	memcpy(&out->free, body + 24, sizeof(out->free));
	memcpy(&out->main, body + 24 + sizeof(out->free), sizeof(out->main));
	out->page_last = u64(body + 24 + 2 * sizeof(struct tree));
	out->txnid = u64(body + 32 + 2 * sizeof(struct tree));
	out->page_bytes = out->free.pad;
	/* INTEGERKEY of the tree of free pages is the only flag that a file of ours has. */
	if (u32(body + 4) != VERSION || out->page_bytes < PAGE_BYTES_MIN || out->page_bytes > PAGE_BYTES_MAX ||
	    (out->page_bytes & (out->page_bytes - 1)) != 0 || out->free.flags != MDB_INTEGERKEY || out->main.flags != 0 ||
	    out->page_last > (UINT64_MAX >> 17) || out->page_last < 1)
		return DAMAGED(c, "%s: a meta page is damaged", c->path);
	return BASE_OK;
}

/* Both meta pages; *out is the newer one, or the one of txnid unless that is 0. Transaction n writes page n mod 2, and
 * by that LMDB finds the page of a snapshot: a page of the wrong parity would have it read another than was checked. */
static enum base_code metas_read(const struct check *c, struct meta *out, uint64_t txnid)
{
	struct meta metas[2];
	enum base_code code;

	memset(metas, 0, sizeof(metas));
	if ((code = meta_read(c, &metas[0], 0)) != BASE_OK || (code = meta_read(c, &metas[1], metas[0].page_bytes)) != BASE_OK)
		return code;
	if (metas[0].page_bytes != metas[1].page_bytes || metas[0].txnid % 2 != 0 ||
	    (metas[1].txnid % 2 != 1 && metas[0].txnid + metas[1].txnid != 0))
		return DAMAGED(c, "%s: the meta pages do not belong together", c->path);
	*out = metas[metas[1].txnid > metas[0].txnid];
	if (txnid == 0)
		return BASE_OK;
	*out = metas[txnid % 2];
	if (out->txnid != txnid)
		return (base_fail(c->err, BASE_BUSY, "%s was written to while it was checked: try again", c->path), BASE_BUSY);
	return BASE_OK;
}

static enum base_code check_begin(struct check *c, const char *path, struct base_error *err)
{
	struct stat st;

	*c = (struct check){.path = path, .err = err};
	/* Not blocking: a ledger that comes from others may have a pipe there. */
	if ((c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return base_fail_errno(err, "%s", path);
	if (fstat(c->fd, &st) != 0)
		return base_fail_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return base_fail(err, BASE_STORAGE, "%s is no file", path);
	c->file_pages = (uint64_t)st.st_size; /* bytes, until the size of a page is known */
	return BASE_OK;
}

static void check_end(struct check *c)
{
	free(c->seen);
	if (c->fd >= 0)
		(void)close(c->fd);
}

enum base_code store_check_header(const char *path, unsigned flags, struct base_error *err)
{
	struct check c;
	enum base_code code = check_begin(&c, path, err);

	if (code == BASE_OK && c.file_pages == 0 && !(flags & STORE_CREATE))
		code = base_fail(err, BASE_STORAGE, "%s is empty", path);
	else if (code == BASE_OK && c.file_pages > 0)
		code = metas_read(&c, &c.meta, 0);
	check_end(&c);
	return code;
}

/* ---- Pages -------------------------------------------------------------- */

/* Each page belongs to one place: so no cycle, and no row seen through two doors. */
static enum base_code page_take(const struct check *c, uint64_t page, uint64_t count, const char *what)
{
	if (page < 2 || count == 0 || page > c->meta.page_last || count - 1 > c->meta.page_last - page)
		return DAMAGED(c, "%s: %s points to page %llu, which does not exist", c->path, base_message(what), (unsigned long long)page);
	if (page + count > c->file_pages)
		return DAMAGED(c, "%s is cut short: page %llu is missing", c->path, (unsigned long long)(page + count - 1));
	for (uint64_t i = page; i < page + count; i++) {
		if (c->seen[i / 8] & (1u << (i % 8)))
			return DAMAGED(c, "%s: page %llu is used twice", c->path, (unsigned long long)i);
		c->seen[i / 8] = (uint8_t)(c->seen[i / 8] | (1u << (i % 8)));
	}
	return BASE_OK;
}

static enum base_code node_read(const struct check *c, struct node *out, const uint8_t *page, uint64_t number, size_t i)
{
	uint32_t at = u16(page + PAGE_HEADER + 2 * i);
	uint32_t end = c->meta.page_bytes;
	bool leaf = u16(page + 10) == PAGE_LEAF;
	uint32_t stored;

	if (at % 2 != 0 || at < u16(page + 14) || at > end - NODE_HEADER)
		return DAMAGED(c, "%s: page %llu: node %zu lies outside the page", c->path, (unsigned long long)number, i);
	out->flags = leaf ? u16(page + at + 4) : 0;
	out->key_bytes = u16(page + at + 6);
	out->key = page + at + NODE_HEADER;
	out->data = out->key + out->key_bytes;
	out->data_bytes = leaf ? u32(page + at) : 0;
	out->child = leaf ? 0 : (uint64_t)u32(page + at) | (uint64_t)u16(page + at + 4) << 32;
	stored = out->flags & NODE_BIG ? 8 : out->data_bytes;
	if (out->key_bytes > end - at - NODE_HEADER || stored > end - at - NODE_HEADER - out->key_bytes)
		return DAMAGED(c, "%s: page %llu: node %zu is longer than the page", c->path, (unsigned long long)number, i);
	return BASE_OK;
}

static int key_compare(const struct node *a, const struct node *b, bool integer_keys)
{
	if (integer_keys)
		return u64(a->key) < u64(b->key) ? -1 : u64(a->key) > u64(b->key);
	return base_slice_compare(base_slice(a->key, a->key_bytes), base_slice(b->key, b->key_bytes));
}

static enum base_code keys_check(const struct check *c, const struct node *prev, const struct node *node, uint64_t number, size_t i,
				 bool leaf, bool integer_keys)
{
	/* The first key of a branch page is never looked at and may be empty. */
	bool named = leaf || i > 0;

	if (named && (integer_keys ? node->key_bytes != 8 : node->key_bytes == 0 || node->key_bytes > STORE_KEY_BYTES_MAX))
		return DAMAGED(c, "%s: page %llu: key %zu has a wrong size", c->path, (unsigned long long)number, i);
	if (i > (leaf ? 0u : 1u) && key_compare(prev, node, integer_keys) >= 0)
		return DAMAGED(c, "%s: page %llu: key %zu is out of order", c->path, (unsigned long long)number, i);
	return BASE_OK;
}

/* ---- Trees -------------------------------------------------------------- */

enum what { FREE_PAGES, TABLES, ROWS };
static enum base_code tree_check(struct check *c, const struct tree *tree, enum what what);

static enum base_code big_check(const struct check *c, const struct node *node, uint64_t *first)
{
	uint64_t pages = ((uint64_t)PAGE_HEADER - 1 + node->data_bytes) / c->meta.page_bytes + 1;
	uint8_t header[PAGE_HEADER];
	enum base_code code;

	*first = u64(node->data);
	if ((code = page_take(c, *first, pages, "a row")) != BASE_OK ||
	    (code = read_at(c, header, sizeof(header), *first * c->meta.page_bytes)) != BASE_OK)
		return code;
	if (u64(header) != *first || u16(header + 10) != PAGE_OVERFLOW || u32(header + 12) != pages)
		return DAMAGED(c, "%s: page %llu is not the overflow page that a row needs", c->path, (unsigned long long)*first);
	return BASE_OK;
}

/* Value of a tree of free pages: a count and the page numbers. */
static enum base_code free_check(const struct check *c, const struct node *node)
{
	enum base_code code = BASE_OK;
	uint8_t *bytes = NULL;
	const uint8_t *list = node->data;
	uint64_t first, count;

	if (node->flags & NODE_BIG) {
		if ((code = big_check(c, node, &first)) != BASE_OK)
			return code;
		list = bytes = base_alloc(node->data_bytes);
		if ((code = read_at(c, bytes, node->data_bytes, first * c->meta.page_bytes + PAGE_HEADER)) != BASE_OK)
			goto out;
	}
	count = node->data_bytes >= 8 ? u64(list) : UINT64_MAX;
	if (count > node->data_bytes / 8 - 1)
		code = DAMAGED(c, "%s: a list of free pages is longer than its row", c->path);
	for (uint64_t i = 1; code == BASE_OK && i <= count; i++) {
		uint64_t page = u64(list + 8 * i);

		/* A free page need not be in the file yet; in it, it must not be in use. */
		if (page < c->file_pages)
			code = page_take(c, page, 1, "a list of free pages");
		else if (page > c->meta.page_last)
			code = DAMAGED(c, "%s: a list of free pages names page %llu, which does not exist", c->path,
				       (unsigned long long)page);
	}
out:
	free(bytes);
	return code;
}

static enum base_code leaf_node_check(struct check *c, const struct node *node, enum what what)
{
	struct tree tree;
	uint64_t first;

	if (what == FREE_PAGES && (node->flags & ~NODE_BIG) == 0)
		return free_check(c, node);
	if (what == TABLES && node->flags == NODE_TREE && node->data_bytes == sizeof(tree)) {
		memcpy(&tree, node->data, sizeof(tree));
		return tree_check(c, &tree, ROWS);
	}
	if (what == ROWS && node->flags == NODE_BIG)
		return big_check(c, node, &first);
	if (what == ROWS && node->flags == 0)
		return BASE_OK;
	return DAMAGED(c, "%s: a row is of a type that this program never writes", c->path);
}

/* depth: levels from here to the leaves, this one included. */
static enum base_code page_check(struct check *c, uint64_t number, unsigned depth, bool integer_keys, enum what what)
{
	uint32_t page_bytes = c->meta.page_bytes;
	bool leaf = depth == 1;
	struct node node, prev = {0};
	enum base_code code;
	uint8_t *page;
	size_t count;

	if ((code = page_take(c, number, 1, "a page")) != BASE_OK)
		return code;
	page = base_alloc(page_bytes);
	if ((code = read_at(c, page, page_bytes, number * page_bytes)) != BASE_OK)
		goto out;
	if (u64(page) != number || u16(page + 10) != (leaf ? PAGE_LEAF : PAGE_BRANCH) || u16(page + 12) < PAGE_HEADER ||
	    u16(page + 12) % 2 != 0 || u16(page + 12) > u16(page + 14) || u16(page + 14) > page_bytes) {
		code = DAMAGED(c, "%s: page %llu is damaged", c->path, (unsigned long long)number);
		goto out;
	}
	count = (u16(page + 12) - PAGE_HEADER) / 2;
	if (count < (leaf ? 1u : 2u))
		code = DAMAGED(c, "%s: page %llu has too few nodes", c->path, (unsigned long long)number);
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		if ((code = node_read(c, &node, page, number, i)) != BASE_OK ||
		    (code = keys_check(c, &prev, &node, number, i, leaf, integer_keys)) != BASE_OK)
			break;
		code = leaf ? leaf_node_check(c, &node, what) : page_check(c, node.child, depth - 1, integer_keys, what);
		prev = node;
	}
out:
	free(page);
	return code;
}

static enum base_code tree_check(struct check *c, const struct tree *tree, enum what what)
{
	if ((tree->root == NO_PAGE) != (tree->depth == 0) || tree->depth > DEPTH_MAX || (tree->flags & ~MDB_INTEGERKEY) != 0)
		return DAMAGED(c, "%s: a table's root is damaged", c->path);
	if (tree->root == NO_PAGE)
		return BASE_OK;
	return page_check(c, tree->root, tree->depth, (tree->flags & MDB_INTEGERKEY) != 0, what);
}

enum base_code store_check_file(const char *path, uint64_t txnid, struct base_error *err)
{
	struct check c;
	enum base_code code = check_begin(&c, path, err);

	if (code != BASE_OK || (code = metas_read(&c, &c.meta, txnid)) != BASE_OK)
		goto out;
	c.file_pages /= c.meta.page_bytes;
	c.seen = base_alloc((size_t)(c.file_pages / 8 + 1));
	/* Pages of rows first, so that a list of free pages cannot take them. */
	if ((code = tree_check(&c, &c.meta.main, TABLES)) == BASE_OK)
		code = tree_check(&c, &c.meta.free, FREE_PAGES);
out:
	check_end(&c);
	return code;
}
