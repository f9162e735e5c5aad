#include "tests/payload/support.h"

#include <stdlib.h>
#include <string.h>

/* ---- Golden values: SHAKE-128("regesta-golden") of N bytes, by boxo, Kubo and the JavaScript importer ---- */

static const struct {
	size_t len;
	const char *cid;
} GOLDEN[] = {
	{0, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"},
	{1, "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna"},
	{1048575, "bafkreicvya5q4i27um37e4jc6nfskcmnnnkmeklnkvm2afp6uqjlecj77e"},
	{1048576, "bafkreifu6kmdlonpyjqiqp2ljovovycffc34unvd2dyt6mhnujts7fdimi"},
	{1048577, "bafybeifnecispxswujz6pxwuaysyudlkj5szjdvvrl5eribgvunq7ppqky"},
	{5242880, "bafybeify3ljsl26yknsqi6lyt7gz3sqjcojx7uiqxvrm6nlyj6u3ta54e4"},
	{209715200, "bafybeigmzcouyjcziz6kwufe3kk5zkgzgbg3e5nwjs7lngk22z3zwnsw5u"},
};
#define GOLDEN_COUNT (int)(sizeof(GOLDEN) / sizeof(GOLDEN[0]))

static struct wire_cid cid_in_pieces(struct payload_dag *dag, struct base_slice bytes, size_t piece)
{
	struct wire_cid cid;

	for (size_t at = 0; at < bytes.len; at += piece) {
		size_t len = bytes.len - at < piece ? bytes.len - at : piece;

		ck_assert_int_eq(payload_dag_add(dag, base_slice(bytes.data + at, len), NULL), BASE_OK);
	}
	ck_assert_int_eq(payload_dag_end(dag, &cid, NULL, NULL), BASE_OK);
	return cid;
}

START_TEST(cid_of_golden_bytes_is_kubos)
{
	struct base_buf bytes = golden_bytes(GOLDEN[_i].len);
	struct wire_cid cid = cid_in_pieces(payload_dag_begin(NULL, NULL), base_buf_slice(&bytes), 1 << 20);

	assert_cid(&cid, GOLDEN[_i].cid);
	if (bytes.len <= 5242880) {
		static const size_t pieces[] = {1000, 65536, 1048575, 1048577, 3000000, SIZE_MAX / 2};

		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			cid = cid_in_pieces(payload_dag_begin(NULL, NULL), base_buf_slice(&bytes), pieces[i]);
			assert_cid(&cid, GOLDEN[_i].cid);
		}
	}
	base_buf_free(&bytes);
}
END_TEST

START_TEST(cid_of_a_gigabyte_and_one_is_kubos)
{
	const char *slow = getenv("REGESTA_SLOW");
	uint8_t *zeros = base_alloc(1 << 20);
	struct payload_dag *dag = payload_dag_begin(NULL, NULL);
	struct wire_cid cid;

	if (slow != NULL && slow[0] != '\0')
		for (unsigned i = 0; i < 1024; i++)
			ck_assert_int_eq(payload_dag_add(dag, base_slice(zeros, 1 << 20), NULL), BASE_OK);
	ck_assert_int_eq(payload_dag_add(dag, base_slice(zeros, 1), NULL), BASE_OK);
	ck_assert_int_eq(payload_dag_end(dag, &cid, NULL, NULL), BASE_OK);
	if (slow != NULL && slow[0] != '\0')
		assert_cid(&cid, "bafybeigx4uyebjbq65346xh6cjrt6yshbdudzudhnqecwbzvymslxj7gje");
	else
		printf("skipped: the CID of 1 GiB and 1 byte (REGESTA_SLOW=1)\n");
	free(zeros);
}
END_TEST

/* ---- Blocks: read back by the decoder ----------------------------------- */

struct blocks {
	struct {
		struct wire_cid cid;
		struct base_buf block;
	} list[3000];
	size_t count;
};

static enum base_code blocks_sink(void *arg, const struct wire_cid *cid, struct base_slice block,
				  struct base_error *err)
{
	struct blocks *blocks = arg;
	struct base_hash hash = base_sha256_of(block);

	(void)err;
	ck_assert(base_hash_equal(&hash, &cid->hash));
	ck_assert_uint_lt(blocks->count, sizeof(blocks->list) / sizeof(blocks->list[0]));
	blocks->list[blocks->count].cid = *cid;
	base_buf_append(&blocks->list[blocks->count++].block, block);
	return BASE_OK;
}

static struct base_slice blocks_find(const struct blocks *blocks, const struct wire_cid *cid)
{
	for (size_t i = 0; i < blocks->count; i++)
		if (wire_cid_equal(&blocks->list[i].cid, cid))
			return base_buf_slice(&blocks->list[i].block);
	ck_abort_msg("a link to a block that was not emitted");
}

static void blocks_free(struct blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++)
		base_buf_free(&blocks->list[i].block);
	free(blocks);
}

/* Reads a DAG back: appends the file to out, returns its depth, checks sizes on the way. */
struct reading {
	const struct blocks *blocks;
	struct base_buf *out;
	size_t links, links_max;
	unsigned depth;
	uint64_t tsize, file_bytes;
};
static void read_back(struct reading *up, const struct blocks *blocks, const struct wire_cid *cid,
		      struct base_buf *out);

static void read_link(void *arg, const struct payload_pb_link *link)
{
	struct reading *r = arg, below = {0};
	struct wire_cid cid;

	ck_assert_int_eq(wire_cid_parse(&cid, link->cid, NULL), BASE_OK);
	ck_assert(link->has_name && link->name.len == 0 && link->has_tsize);
	read_back(&below, r->blocks, &cid, r->out);
	ck_assert_uint_eq(link->tsize, below.tsize);
	ck_assert(r->links == 0 || r->depth == below.depth + 1); /* balanced */
	r->depth = below.depth + 1;
	r->tsize += below.tsize;
	r->file_bytes += below.file_bytes;
	r->links++;
}

static void read_back(struct reading *r, const struct blocks *blocks, const struct wire_cid *cid, struct base_buf *out)
{
	struct base_slice block = blocks_find(blocks, cid), data;
	struct payload_unixfs unixfs;
	bool has_data;

	r->blocks = blocks;
	r->out = out;
	r->tsize = block.len;
	if (cid->codec == WIRE_RAW) {
		base_buf_append(out, block);
		r->file_bytes = block.len;
		return;
	}
	ck_assert_int_eq(payload_pb_decode(block, &data, &has_data, read_link, r, NULL), BASE_OK);
	ck_assert(has_data);
	ck_assert_int_eq(payload_unixfs_decode(&unixfs, data, NULL), BASE_OK);
	ck_assert_int_eq(unixfs.type, PAYLOAD_UNIXFS_FILE);
	ck_assert(!unixfs.has_data && unixfs.has_file_bytes);
	ck_assert_uint_eq(unixfs.file_bytes, r->file_bytes);
	ck_assert_uint_eq(unixfs.block_bytes_sum, r->file_bytes);
	ck_assert_uint_eq(unixfs.block_count, r->links);
}

/* Small chunks and widths, so that every shape of tree occurs. */
START_TEST(dag_of_any_shape_reads_back_balanced)
{
	struct payload_profile profile = {16, 2 + (size_t)_i % 5};
	size_t len = (size_t)_i * 37 % 1999;
	struct base_buf bytes = golden_bytes(len), back = BASE_BUF_INIT;
	struct blocks *blocks = base_alloc(sizeof(*blocks));
	struct payload_dag *dag = payload_dag_begin_as(&profile, blocks_sink, blocks);
	struct reading r = {0};
	struct wire_cid cid, other;
	uint64_t tsize;
	size_t leaves = len == 0 ? 1 : (len + 15) / 16, reach = 1;
	unsigned depth = 0;

	for (size_t at = 0; at < len; at += 7)
		ck_assert_int_eq(payload_dag_add(dag, base_slice(bytes.data + at, len - at < 7 ? len - at : 7), NULL),
				 BASE_OK);
	ck_assert_int_eq(payload_dag_end(dag, &cid, &tsize, NULL), BASE_OK);
	read_back(&r, blocks, &cid, &back);
	ck_assert(base_slice_equal(base_buf_slice(&bytes), base_buf_slice(&back)));
	ck_assert_uint_eq(tsize, r.tsize);
	while (reach < leaves) {
		reach *= profile.width;
		depth++;
	}
	ck_assert_uint_eq(r.depth, depth);
	other = cid_in_pieces(payload_dag_begin_as(&profile, NULL, NULL), base_buf_slice(&bytes), 100);
	ck_assert(wire_cid_equal(&cid, &other));
	base_buf_free(&bytes);
	base_buf_free(&back);
	blocks_free(blocks);
}
END_TEST

static enum base_code sink_fails(void *arg, const struct wire_cid *cid, struct base_slice block, struct base_error *err)
{
	size_t *left = arg;

	(void)cid;
	(void)block;
	if (*left == 0)
		return base_fail(err, BASE_IO, "full");
	*left -= 1;
	return BASE_OK;
}

START_TEST(dag_when_the_sink_fails_fails_to_the_end)
{
	struct payload_profile profile = {16, 3};
	struct base_buf bytes = golden_bytes(1000);
	size_t left = (size_t)_i;
	struct payload_dag *dag = payload_dag_begin_as(&profile, sink_fails, &left);
	struct wire_cid cid;
	bool failed = false;

	for (size_t at = 0; at < bytes.len; at += 50)
		failed |= payload_dag_add(dag, base_slice(bytes.data + at, 50), NULL) != BASE_OK;
	failed |= payload_dag_end(dag, &cid, NULL, NULL) != BASE_OK;
	ck_assert(failed);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(root_of_two_leaves_is_as_in_the_document)
{
	struct base_buf bytes = golden_bytes(1048577), expected = document_value("root");
	struct blocks *blocks = base_alloc(sizeof(*blocks));
	struct wire_cid cid = cid_in_pieces(payload_dag_begin(blocks_sink, blocks), base_buf_slice(&bytes), 1 << 20);

	ck_assert(base_slice_equal(blocks_find(blocks, &cid), base_buf_slice(&expected)));
	base_buf_free(&bytes);
	base_buf_free(&expected);
	blocks_free(blocks);
}
END_TEST

/* ---- An independent table: MANIFEST.tsv, 256 KiB, 174 links ------------- */

static void manifest_line(const char *folder, char *line, size_t *checked, size_t *multi)
{
	static const struct payload_profile profile = {262144, 174};
	struct base_buf bytes = BASE_BUF_INIT;
	char *fields[5] = {line}, *path;
	struct wire_cid cid;

	for (size_t i = 1; i < 5; i++) {
		fields[i] = strchr(fields[i - 1], '\t');
		if (fields[i] == NULL)
			return;
		*fields[i]++ = '\0';
	}
	fields[4][strcspn(fields[4], "\t")] = '\0';
	path = base_path(folder, fields[0]);
	if (base_file_read(&bytes, path, 1 << 28, NULL) == BASE_OK && strlen(fields[4]) == 59) {
		cid = cid_in_pieces(payload_dag_begin_as(&profile, NULL, NULL), base_buf_slice(&bytes), 100000);
		assert_cid(&cid, fields[4]);
		*checked += 1;
		*multi += bytes.len > 262144;
	}
	base_buf_free(&bytes);
	free(path);
}

START_TEST(cids_of_the_manifest_come_out)
{
	const char *folder = vectors();
	struct base_buf text = BASE_BUF_INIT;
	size_t checked = 0, multi = 0;
	char *path, *at;

	if (folder == NULL)
		return;
	path = base_path(folder, "MANIFEST.tsv");
	if (base_file_read(&text, path, 1 << 26, NULL) != BASE_OK) {
		printf("skipped: no MANIFEST.tsv\n");
		free(path);
		return;
	}
	base_buf_byte(&text, '\0');
	at = (char *)text.data;
	for (char *line; (line = strsep(&at, "\n")) != NULL;)
		manifest_line(folder, line, &checked, &multi);
	printf("MANIFEST.tsv: %zu files, %zu of several blocks\n", checked, multi);
	ck_assert_uint_gt(checked, 0);
	base_buf_free(&text);
	free(path);
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("dag");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, cid_of_golden_bytes_is_kubos, 0, GOLDEN_COUNT);
	tcase_add_test(tc, cid_of_a_gigabyte_and_one_is_kubos);
	tcase_add_loop_test(tc, dag_of_any_shape_reads_back_balanced, 0, 250);
	tcase_add_loop_test(tc, dag_when_the_sink_fails_fails_to_the_end, 0, 60);
	tcase_add_test(tc, root_of_two_leaves_is_as_in_the_document);
	tcase_add_test(tc, cids_of_the_manifest_come_out);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: dag", add);
}
