#include "tests/payload/support.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static char *folder, *path;
static struct payload_store *store;

static void setup(void)
{
	folder = folder_make();
	path = base_path(folder, "payloads");
	ck_assert_int_eq(payload_store_open(&store, path, true, NULL), BASE_OK);
}

static void teardown(void)
{
	payload_store_close(store);
	folder_remove(folder);
	free(path);
}

static struct wire_cid import_bytes(struct base_slice bytes)
{
	struct payload_dag *dag = payload_dag_begin(NULL, NULL);
	struct source source = source_of(bytes);
	struct wire_cid cid;

	ck_assert_int_eq(payload_dag_add(dag, bytes, NULL), BASE_OK);
	ck_assert_int_eq(payload_dag_end(dag, &cid, NULL, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_import(store, &cid, source_read, &source, NULL), BASE_OK);
	return cid;
}

static enum base_code check_bytes(struct base_slice car, struct payload_car_report *report, size_t step)
{
	struct source source = source_of(car);
	struct base_error err = {{0}};
	enum base_code code;

	source.step = step;
	code = payload_car_check(report, source_read, &source, &err);
	ck_assert(code == BASE_OK || err.text[0] != '\0');
	return code;
}

static enum base_code import_car(struct base_slice car)
{
	struct source source = source_of(car);
	struct base_error err = {{0}};
	struct wire_cid cid;
	enum base_code code = payload_car_import(store, source_read, &source, &cid, &err);

	ck_assert(code == BASE_OK || err.text[0] != '\0');
	return code;
}

/* ---- Our own ------------------------------------------------------------ */

static const size_t LENGTHS[] = {0, 1, 1048576, 1048577, 5000000};

START_TEST(export_and_import_give_the_payload_back)
{
	struct base_buf bytes = golden_bytes(LENGTHS[_i]), car = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct wire_cid cid = import_bytes(base_buf_slice(&bytes)), found;
	size_t leaves = bytes.len == 0 ? 1 : (bytes.len + 1048575) / 1048576;
	struct payload_car_report report;
	struct source source;
	char *other = base_path(folder, "other");

	ck_assert_int_eq(payload_car_export(store, &cid, sink_write, &car, NULL), BASE_OK);
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_OK);
	ck_assert_uint_eq(report.version, 1);
	ck_assert_uint_eq(report.roots, 1);
	ck_assert_uint_eq(report.blocks, leaves + (leaves > 1));
	ck_assert_uint_eq(report.mismatches + report.unverifiable, 0);
	payload_store_close(store);
	ck_assert_int_eq(payload_store_open(&store, other, true, NULL), BASE_OK);
	source = source_of(base_buf_slice(&car));
	source.step = 1000;
	ck_assert_int_eq(payload_car_import(store, source_read, &source, &found, NULL), BASE_OK);
	ck_assert(wire_cid_equal(&found, &cid));
	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	ck_assert_int_eq(payload_store_check(store, &cid, NULL, NULL), BASE_OK);
	ck_assert_int_eq(payload_car_export(store, &cid, sink_write, &again, NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&car), base_buf_slice(&again)));
	base_buf_free(&bytes);
	base_buf_free(&car);
	base_buf_free(&again);
	free(other);
}
END_TEST

static struct base_buf example_car(void)
{
	struct base_buf car = document_value("car head"), sealed = document_value("sealed");

	base_buf_append(&car, base_buf_slice(&sealed));
	base_buf_free(&sealed);
	return car;
}

START_TEST(export_of_the_example_is_as_in_the_document)
{
	struct base_buf sealed = document_value("sealed"), expected = example_car(), car = BASE_BUF_INIT;
	struct wire_cid cid = import_bytes(base_buf_slice(&sealed));

	ck_assert_int_eq(payload_car_export(store, &cid, sink_write, &car, NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&car), base_buf_slice(&expected)));
	base_buf_free(&sealed);
	base_buf_free(&expected);
	base_buf_free(&car);
}
END_TEST

START_TEST(export_of_a_damaged_payload_writes_nothing)
{
	struct base_buf bytes = golden_bytes(3000000);
	struct wire_cid cid = import_bytes(base_buf_slice(&bytes));
	char *payload, *data;
	uint64_t written = 0;
	FILE *file;

	ck_assert_int_eq(payload_store_sync(store, NULL), BASE_OK);
	payload = payload_published_path(store, &cid);
	data = base_path(payload, "data");
	file = fopen(data, "r+b");
	ck_assert_int_eq(fseek(file, 2000000, SEEK_SET), 0);
	ck_assert_int_eq(fputc(bytes.data[2000000] ^ 1, file), bytes.data[2000000] ^ 1);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(payload_car_export(store, &cid, sink_count, &written, NULL), BASE_MISMATCH);
	ck_assert_uint_eq(written, 0);
	cid.hash.bytes[0] ^= 1;
	ck_assert_int_eq(payload_car_export(store, &cid, sink_count, &written, NULL), BASE_NOT_FOUND);
	free(payload);
	free(data);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(import_of_a_car_with_any_byte_flipped_or_cut_is_refused)
{
	struct base_buf car = example_car();
	struct payload_car_report report;

	for (size_t i = 0; i < car.len; i++) {
		car.data[i] ^= 1;
		ck_assert_int_ne(import_car(base_buf_slice(&car)), BASE_OK);
		if (check_bytes(base_buf_slice(&car), &report, 1) == BASE_OK)
			/* A root is not looked for, and a codec is no part of the hash. */
			ck_assert(report.mismatches + report.unverifiable > 0 || i < 59 || i == 62);
		car.data[i] ^= 1;
		ck_assert_int_ne(import_car(base_slice(car.data, i)), BASE_OK);
		if (i != 59)
			ck_assert_int_ne(check_bytes(base_slice(car.data, i), &report, 0), BASE_OK);
	}
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_OK);
	base_buf_free(&car);
}
END_TEST

/* ---- CARs built by hand ------------------------------------------------- */

static void put_header(struct base_buf *car, const struct wire_cid *roots, size_t count)
{
	struct base_buf header = BASE_BUF_INIT;

	wire_put_map(&header, 2);
	wire_put_cstr(&header, "roots");
	wire_put_array(&header, count);
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[1 + WIRE_CID_BYTES] = {0};

		wire_cid_bytes(bytes + 1, &roots[i]);
		wire_put_tag(&header, 42);
		wire_put_bytes(&header, base_slice(bytes, sizeof(bytes)));
	}
	wire_put_cstr(&header, "version");
	wire_put_uint(&header, 1);
	wire_put_varint(car, header.len);
	base_buf_append(car, base_buf_slice(&header));
	base_buf_free(&header);
}

static enum base_code put_block(void *arg, const struct wire_cid *cid, struct base_slice block, struct base_error *err)
{
	uint8_t bytes[WIRE_CID_BYTES];

	(void)err;
	wire_cid_bytes(bytes, cid);
	wire_put_varint(arg, sizeof(bytes) + block.len);
	base_buf_append(arg, base_slice(bytes, sizeof(bytes)));
	base_buf_append(arg, block);
	return BASE_OK;
}

static struct wire_cid raw_cid(struct base_slice block)
{
	return (struct wire_cid){WIRE_RAW, base_sha256_of(block)};
}

/* Leaves first, as packers write that stream. */
static struct wire_cid blocks_of(struct base_buf *out, struct base_slice bytes, const struct payload_profile *profile)
{
	struct payload_dag *dag = payload_dag_begin_as(profile, put_block, out);
	struct wire_cid root;

	ck_assert_int_eq(payload_dag_add(dag, bytes, NULL), BASE_OK);
	ck_assert_int_eq(payload_dag_end(dag, &root, NULL, NULL), BASE_OK);
	return root;
}

START_TEST(import_of_a_car_with_leaves_first_is_accepted)
{
	struct base_buf bytes = golden_bytes(3000000), blocks = BASE_BUF_INIT, car = BASE_BUF_INIT;
	struct wire_cid root = blocks_of(&blocks, base_buf_slice(&bytes), &payload_profile_2025);

	put_header(&car, &root, 1);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_OK);
	/* The root twice. */
	base_buf_append(&car, base_slice(blocks.data + blocks.len - 200, 200));
	ck_assert_int_ne(import_car(base_buf_slice(&car)), BASE_OK);
	base_buf_free(&bytes);
	base_buf_free(&blocks);
	base_buf_free(&car);
}
END_TEST

START_TEST(import_of_a_car_that_is_not_one_payload_is_refused)
{
	static const struct payload_profile old = {262144, 174};
	struct base_buf bytes = golden_bytes(3000000), blocks = BASE_BUF_INIT, car = BASE_BUF_INIT;
	struct wire_cid roots[2] = {blocks_of(&blocks, base_buf_slice(&bytes), &payload_profile_2025),
				    raw_cid(base_slice("a", 1))};
	struct wire_cid extra = raw_cid(base_slice("extra", 5));

	/* No root, two roots, another root. */
	put_header(&car, roots, 0);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MALFORMED);
	car.len = 0;
	put_header(&car, roots, 2);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MALFORMED);
	car.len = 0;
	put_header(&car, roots + 1, 1);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MISMATCH);
	/* A block too many, at the end or in front; a dag-pb block too many. */
	car.len = 0;
	put_header(&car, roots, 1);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(put_block(&car, &extra, base_slice("extra", 5), NULL), BASE_OK);
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MISMATCH);
	car.len = 0;
	put_header(&car, roots, 1);
	ck_assert_int_eq(put_block(&car, &extra, base_slice("extra", 5), NULL), BASE_OK);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MISMATCH);
	car.len = 0;
	put_header(&car, roots, 1);
	extra.codec = WIRE_DAG_PB;
	ck_assert_int_eq(put_block(&car, &extra, base_slice("extra", 5), NULL), BASE_OK);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MISMATCH);
	/* No block at all; the root's block missing (it is the last). */
	car.len = 0;
	put_header(&car, roots, 1);
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MISMATCH);
	base_buf_append(&car, base_slice(blocks.data, blocks.len - 190));
	ck_assert_int_ne(import_car(base_buf_slice(&car)), BASE_OK);
	/* Another profile. */
	blocks.len = 0;
	car.len = 0;
	roots[0] = blocks_of(&blocks, base_buf_slice(&bytes), &old);
	put_header(&car, roots, 1);
	base_buf_append(&car, base_buf_slice(&blocks));
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MISMATCH);
	ck_assert_uint_eq(count_files(path), 2); /* locks */
	base_buf_free(&bytes);
	base_buf_free(&blocks);
	base_buf_free(&car);
}
END_TEST

START_TEST(check_counts_other_hash_functions_apart)
{
	struct base_buf car = BASE_BUF_INIT,
			identity = from_hex("07"
					    "01550003"
					    "616263"),
			wrong = from_hex("07"
					 "01550003"
					 "616264");
	struct base_buf blake = from_hex("27"
					 "0155a0e40220"
					 "0000000000000000000000000000000000000000000000000000000000000000"
					 "61");
	struct wire_cid root = raw_cid(base_slice("a", 1));
	struct payload_car_report report;

	put_header(&car, &root, 1);
	base_buf_append(&car, base_buf_slice(&blake));
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_OK);
	ck_assert_uint_eq(report.unverifiable, 1);
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_MALFORMED);
	/* An identity CID with its block empty, or with another block. */
	base_buf_append(&car, base_buf_slice(&identity));
	base_buf_append(&car, base_buf_slice(&wrong));
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_OK);
	ck_assert_uint_eq(report.blocks, 3);
	ck_assert_uint_eq(report.mismatches, 2);
	base_buf_free(&car);
	base_buf_free(&identity);
	base_buf_free(&wrong);
	base_buf_free(&blake);
}
END_TEST

static void put_u64le(struct base_buf *out, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		base_buf_byte(out, (uint8_t)(v >> (8 * i)));
}

/* A v2 around v1, with padding before and bytes after. */
static void wrap_v2(struct base_buf *out, struct base_slice v1, uint64_t padding, int64_t off_by, uint64_t index_at,
		    size_t after)
{
	struct base_buf pragma = from_hex("0aa16776657273696f6e02");

	base_buf_append(out, base_buf_slice(&pragma));
	for (unsigned i = 0; i < 16; i++)
		base_buf_byte(out, 0);
	put_u64le(out, 51 + padding);
	put_u64le(out, v1.len + (uint64_t)off_by);
	put_u64le(out, index_at);
	for (uint64_t i = 0; i < padding; i++)
		base_buf_byte(out, 0xee);
	base_buf_append(out, v1);
	for (size_t i = 0; i < after; i++)
		base_buf_byte(out, 0xdd);
	base_buf_free(&pragma);
}

START_TEST(check_of_version_2_reads_the_version_1_inside)
{
	struct base_buf v1 = example_car(), car = BASE_BUF_INIT, outer = BASE_BUF_INIT;
	struct payload_car_report report;

	wrap_v2(&car, base_buf_slice(&v1), 0, 0, 0, 0);
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 1), BASE_OK);
	ck_assert_uint_eq(report.version, 2);
	ck_assert_uint_eq(report.blocks, 1);
	ck_assert_int_eq(import_car(base_buf_slice(&car)), BASE_OK);
	car.len = 0;
	wrap_v2(&car, base_buf_slice(&v1), 77, 0, 51 + 77 + v1.len + 5, 10);
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_OK);
	/* Past the end by one, short by one, an index inside the data, one past the end, a v2 in a v2. */
	for (int64_t off_by = -1; off_by <= 1; off_by += 2) {
		car.len = 0;
		wrap_v2(&car, base_buf_slice(&v1), 0, off_by, 0, 0);
		ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_MALFORMED);
	}
	car.len = 0;
	wrap_v2(&car, base_buf_slice(&v1), 0, 0, 60, 0);
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_MALFORMED);
	car.len = 0;
	wrap_v2(&car, base_buf_slice(&v1), 0, 0, 51 + v1.len + 10, 10);
	ck_assert_int_eq(check_bytes(base_buf_slice(&car), &report, 0), BASE_MALFORMED);
	car.len = 0;
	wrap_v2(&car, base_buf_slice(&v1), 0, 0, 0, 0);
	wrap_v2(&outer, base_buf_slice(&car), 0, 0, 0, 0);
	ck_assert_int_eq(check_bytes(base_buf_slice(&outer), &report, 0), BASE_MALFORMED);
	base_buf_free(&v1);
	base_buf_free(&car);
	base_buf_free(&outer);
}
END_TEST

START_TEST(check_of_what_is_no_car_is_refused)
{
	static const struct {
		const char *hex;
		enum base_code code;
	} cases[] = {
		{"", BASE_MALFORMED},
		{"00", BASE_MALFORMED},
		{"80", BASE_MALFORMED},
		{"ffffffffffffffffff01", BASE_MALFORMED},
		{"ffffffffffffffff7f", BASE_LIMIT}, /* a header of 2^63 - 1 bytes */
		{"ffff3f", BASE_MALFORMED}, /* of 1 MiB less one, which is not there */
		{"0aa16776657273696f6e01", BASE_MALFORMED}, /* no roots */
		{"0aa16776657273696f6e02", BASE_MALFORMED}, /* a v2 that ends */
		{"0aa16776657273696f6e03", BASE_MALFORMED},
		{"11a265726f6f7473806776657273696f6e02", BASE_MALFORMED}, /* v1 with roots that says 2 */
		{"12a265726f6f7473806776657273696f6e1801", BASE_MALFORMED},
		{"11a265726f6f7473806776657273696f6e01", BASE_OK}, /* no roots and no blocks */
		{"12a265726f6f747381406776657273696f6e01", BASE_MALFORMED}, /* a root without tag */
		{"14a265726f6f747381d82a406776657273696f6e01", BASE_MALFORMED}, /* an empty root */
		{"11a265726f6f7473806776657273696f6e0100", BASE_MALFORMED}, /* section of no bytes */
		{"11a265726f6f7473806776657273696f6e0180", BASE_MALFORMED}, /* ends in a length */
		{"11a265726f6f7473806776657273696f6e018000", BASE_MALFORMED}, /* length not shortest */
		{"11a265726f6f7473806776657273696f6e0101", BASE_MALFORMED}, /* past the end */
		{"11a265726f6f7473806776657273696f6e010101", BASE_MALFORMED}, /* no CID */
		{"11a265726f6f7473806776657273696f6e0181808004", BASE_LIMIT},
	};
	struct payload_car_report report;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_buf car = from_hex(cases[i].hex);
		enum base_code code = check_bytes(base_buf_slice(&car), &report, 0);

		ck_assert_msg(code == cases[i].code, "%s: %d", cases[i].hex, code);
		base_buf_free(&car);
	}
}
END_TEST

/* ---- Foreign CARs: each against its line in INDEX.md -------------------- */

/* The number before or after a word, UINT64_MAX if the word is not there. */
static uint64_t number_after(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	return at == NULL ? UINT64_MAX : strtoull(at + strlen(word), NULL, 10);
}

/* "ipfs/car/x.car<TAB>OK: 10 blocks (...), ..., hash mismatches 0, other hash functions 0, roots a b"
 * or "... REJECT ..." */
static void foreign_line(const char *vectors_folder, const char *name, const char *verdict, size_t *checked)
{
	char *file = base_path(vectors_folder, name);
	struct base_buf car = BASE_BUF_INIT;
	struct payload_car_report report;
	enum base_code code;
	const char *ok = strstr(verdict, "OK: ");

	if (base_file_read(&car, file, 1 << 28, NULL) == BASE_OK) {
		code = check_bytes(base_buf_slice(&car), &report, 0);
		if (strstr(verdict, "REJECT") != NULL) {
			ck_assert_msg(code != BASE_OK, "%s is not refused", name);
		} else {
			ck_assert_ptr_nonnull(ok);
			ck_assert_msg(code == BASE_OK, "%s is refused", name);
			ck_assert_uint_eq(report.blocks, number_after(verdict, "OK: "));
			ck_assert_uint_eq(report.mismatches, number_after(verdict, "hash mismatches "));
			ck_assert_uint_eq(report.unverifiable, number_after(verdict, "other hash functions "));
			ck_assert_uint_ge(report.roots, 1);
		}
		*checked += 1;
	}
	base_buf_free(&car);
	free(file);
}

START_TEST(check_of_foreign_cars_says_what_the_index_says)
{
	const char *vectors_folder = vectors();
	struct base_buf text = BASE_BUF_INIT;
	size_t checked = 0;
	char *index, *at;

	if (vectors_folder == NULL)
		return;
	index = base_path(vectors_folder, "INDEX.md");
	if (base_file_read(&text, index, 1 << 26, NULL) != BASE_OK)
		base_buf_append(&text, base_slice("\n", 1));
	base_buf_byte(&text, '\0');
	at = (char *)text.data;
	for (char *line; (line = strsep(&at, "\n")) != NULL;) {
		char *tab = strchr(line, '\t');

		if (strncmp(line, "ipfs/car", 8) != 0 || tab == NULL)
			continue;
		*tab = '\0';
		foreign_line(vectors_folder, line, tab + 1, &checked);
	}
	if (checked == 0)
		printf("skipped: no CARs in INDEX.md\n");
	else
		printf("%zu foreign CARs\n", checked);
	base_buf_free(&text);
	free(index);
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("car");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, export_and_import_give_the_payload_back, 0, 5);
	tcase_add_test(tc, export_of_the_example_is_as_in_the_document);
	tcase_add_test(tc, export_of_a_damaged_payload_writes_nothing);
	tcase_add_test(tc, import_of_a_car_with_any_byte_flipped_or_cut_is_refused);
	tcase_add_test(tc, import_of_a_car_with_leaves_first_is_accepted);
	tcase_add_test(tc, import_of_a_car_that_is_not_one_payload_is_refused);
	tcase_add_test(tc, check_counts_other_hash_functions_apart);
	tcase_add_test(tc, check_of_version_2_reads_the_version_1_inside);
	tcase_add_test(tc, check_of_what_is_no_car_is_refused);
	tcase_add_test(tc, check_of_foreign_cars_says_what_the_index_says);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: car", add);
}
