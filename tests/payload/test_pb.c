#include "tests/payload/pb_form.h"
#include "tests/payload/support.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Decoded links, in order. */
struct links {
	struct payload_pb_link list[64];
	size_t count;
};

static void links_add(void *arg, const struct payload_pb_link *link)
{
	struct links *links = arg;

	ck_assert_uint_lt(links->count, 64);
	links->list[links->count++] = *link;
}

static enum base_code decode_hex(const char *hex)
{
	struct base_buf block = from_hex(hex);
	struct base_slice data;
	struct base_error err = {{0}};
	bool has_data;
	enum base_code code = payload_pb_decode(base_buf_slice(&block), &data, &has_data, NULL, NULL, &err);

	ck_assert(code == BASE_OK || err.text[0] != '\0');
	base_buf_free(&block);
	return code;
}

static void assert_round_trip(struct base_slice block)
{
	struct links links = {.count = 0};
	struct base_buf again = BASE_BUF_INIT;
	struct base_slice data;
	struct base_error err;
	bool has_data;

	ck_assert_msg(payload_pb_decode(block, &data, &has_data, links_add, &links, &err) == BASE_OK, "%s", err.text);
	ck_assert_msg(payload_pb_encode(&again, links.list, links.count, data, has_data, &err) == BASE_OK, "%s",
		      err.text);
	ck_assert(base_slice_equal(base_buf_slice(&again), block));
	base_buf_free(&again);
}

#define CID36 "01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

START_TEST(decode_of_what_is_canonical_encodes_to_the_same)
{
	static const char *const blocks[] = {
		"",
		"0a00",
		"0a0401020304",
		"12260a24" CID36,
		"12280a24" CID36 "1200",
		"12280a24" CID36 "1800",
		"122d0a24" CID36 "12036162631801",
	};
	struct base_buf block;

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		block = from_hex(blocks[i]);
		assert_round_trip(base_buf_slice(&block));
		base_buf_free(&block);
	}
}
END_TEST

START_TEST(decode_of_what_has_another_encoding_is_refused)
{
	static const char *const blocks[] = {
		"0a", /* no length */
		"0a05", /* past the end */
		"0a8000", /* length 0 in two bytes */
		"0a8080808080808080808001", /* 11 bytes */
		"0affffffffffffffffff7f", /* over 64 bits */
		"0a000a00", /* Data twice */
		"0a0012260a24" CID36, /* Links after Data */
		"0801", /* Data as a varint */
		"1001", /* Links as a varint */
		"1a00", /* field 3 */
		"0200", /* field 0 */
		"8a0000", /* key in two bytes */
		"0d01020304", /* fixed32 */
		"090102030405060708", /* fixed64 */
		"0b", /* group */
		"1200", /* link without Hash */
		"12021200", /* only Name */
		"12021800", /* only Tsize */
		"12020a00", /* empty Hash */
		"12030a0101", /* no CID */
		"12250a23" CID36, /* CID cut by its field; the rest is rubbish */
		"12270a25" CID36 "00", /* more than a CID */
		"122812000a24" CID36, /* Name before Hash */
		"122a0a24" CID36 "18001200", /* Tsize before Name */
		"122a0a24" CID36 "12001200", /* Name twice */
		"122a0a24" CID36 "18001800", /* Tsize twice */
		"12280a24" CID36 "0a00", /* Hash twice */
		"12280a24" CID36 "2000", /* field 4 */
		"12280a24" CID36 "1000", /* Name as a varint */
		"12280a24" CID36 "1a00", /* Tsize as bytes */
		"12290a24" CID36 "188000", /* Tsize not shortest */
		"12290a24" CID36 "1201ff", /* Name not UTF-8 */
		"12270a24" CID36 "12", /* Name cut */
		"12270a24" CID36, /* link longer than the block */
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		ck_assert_msg(decode_hex(blocks[i]) == BASE_MALFORMED, "%s", blocks[i]);
}
END_TEST

START_TEST(encode_of_what_is_not_canonical_is_refused)
{
	struct base_buf cid = from_hex(CID36), out = BASE_BUF_INIT;
	struct payload_pb_link links[2] = {{.cid = base_buf_slice(&cid)}, {.cid = base_buf_slice(&cid)}};

	links[0].has_name = true;
	links[0].name = base_slice("b", 1);
	ck_assert_int_eq(payload_pb_encode(&out, links, 2, base_slice(NULL, 0), false, NULL), BASE_MALFORMED);
	links[1].has_name = true;
	links[1].name = base_slice("a", 1);
	ck_assert_int_eq(payload_pb_encode(&out, links, 2, base_slice(NULL, 0), false, NULL), BASE_MALFORMED);
	links[1].name = base_slice("\xff", 1);
	ck_assert_int_eq(payload_pb_encode(&out, links, 2, base_slice(NULL, 0), false, NULL), BASE_MALFORMED);
	links[1].name = base_slice("bb", 2);
	links[1].cid.len = 35;
	ck_assert_int_eq(payload_pb_encode(&out, links, 2, base_slice(NULL, 0), false, NULL), BASE_MALFORMED);
	links[1].cid.len = 0;
	ck_assert_int_eq(payload_pb_encode(&out, links, 2, base_slice(NULL, 0), false, NULL), BASE_MALFORMED);
	ck_assert_uint_eq(out.len, 0);
	links[1].cid.len = 36;
	ck_assert_int_eq(payload_pb_encode(&out, links, 2, base_slice(NULL, 0), false, NULL), BASE_OK);
	assert_round_trip(base_buf_slice(&out));
	base_buf_free(&cid);
	base_buf_free(&out);
}
END_TEST

START_TEST(decode_with_the_largest_tsize_gives_it)
{
	struct base_buf cid = from_hex(CID36), out = BASE_BUF_INIT;
	struct payload_pb_link link = {.cid = base_buf_slice(&cid), .has_tsize = true, .tsize = UINT64_MAX};

	ck_assert_int_eq(payload_pb_encode(&out, &link, 1, base_slice(NULL, 0), true, NULL), BASE_OK);
	assert_round_trip(base_buf_slice(&out));
	base_buf_free(&cid);
	base_buf_free(&out);
}
END_TEST

static enum base_code unixfs_hex(const char *hex)
{
	struct base_buf bytes = from_hex(hex);
	struct payload_unixfs out;
	enum base_code code = payload_unixfs_decode(&out, base_buf_slice(&bytes), NULL);

	base_buf_free(&bytes);
	return code;
}

START_TEST(unixfs_decode_accepts_what_kubo_writes_and_nothing_else)
{
	static const char *const good[] = {
		"0801",	      "08021800", "0802120161180120012001", "0804120161", "08051201012822308002",
		"080138ed03", "08014200"};
	static const char *const bad[] = {
		"",
		"1200",
		"0806",
		"08010801", /* no type, unknown type, type twice */
		"080218011801",
		"080220011801", /* filesize twice, behind block sizes */
		"08011001",
		"08021a00",
		"08022200", /* wrong types; packed block sizes */
		"08014800",
		"08",
		"088100", /* unknown field, cut, not shortest */
		"080220ffffffffffffffffff012001", /* block sizes over 64 bits */
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(unixfs_hex(good[i]) == BASE_OK, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(unixfs_hex(bad[i]) == BASE_MALFORMED, "%s", bad[i]);
}
END_TEST

/* ---- Vectors ------------------------------------------------------------ */

static size_t each_file(const char *folder, const char *ending, void (*act)(const char *path, const char *name))
{
	struct dirent *found;
	size_t count = 0;
	DIR *dir = opendir(folder);

	while (dir != NULL && (found = readdir(dir)) != NULL) {
		size_t len = strlen(found->d_name), end = strlen(ending);
		char *path;

		if (found->d_name[0] == '.' || len < end || strcmp(found->d_name + len - end, ending) != 0)
			continue;
		path = base_path(folder, found->d_name);
		act(path, found->d_name);
		free(path);
		count++;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return count;
}

static void vector_block(const char *path, const char *name)
{
	struct base_buf block = BASE_BUF_INIT;
	struct wire_cid cid = {WIRE_DAG_PB, {{0}}};
	char text[WIRE_CID_TEXT_BYTES];

	ck_assert_int_eq(base_file_read(&block, path, 1 << 20, NULL), BASE_OK);
	assert_round_trip(base_buf_slice(&block));
	cid.hash = base_sha256_of(base_buf_slice(&block));
	wire_cid_text(text, &cid);
	ck_assert_int_eq(strncmp(name, text, strlen(text)), 0);
	base_buf_free(&block);
}

/* The readable form beside a block encodes to it. */
static struct base_buf form_encoded;

static void vector_form(const char *path, const char *name)
{
	json_t *form = json_load_file(path, 0, NULL);
	struct base_error err;

	(void)name;
	ck_assert_ptr_nonnull(form);
	ck_assert_msg(pb_form_encode(&form_encoded, form, &err) == BASE_OK, "%s: %s", path, err.text);
	json_decref(form);
}

static void vector_form_equal(const char *path, const char *name)
{
	struct base_buf block = BASE_BUF_INIT;

	(void)name;
	ck_assert_int_eq(base_file_read(&block, path, 1 << 20, NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&block), base_buf_slice(&form_encoded)));
	base_buf_free(&block);
}

static void vector_folder(const char *path, const char *name)
{
	(void)name;
	ck_assert_uint_eq(each_file(path, ".dag-pb", vector_block), 1);
	form_encoded = BASE_BUF_INIT;
	ck_assert_uint_eq(each_file(path, ".dag-json", vector_form), 1);
	(void)each_file(path, ".dag-pb", vector_form_equal);
	base_buf_free(&form_encoded);
}

START_TEST(vectors_of_dagpb_round_trip)
{
	const char *folder = vectors();
	char *path;

	if (folder == NULL)
		return;
	path = base_path(folder, "ipfs/dagpb");
	if (each_file(path, "", vector_folder) == 0)
		printf("skipped: no vectors in ipfs/dagpb\n");
	free(path);
}
END_TEST

static void vector_refused(const char *path, const char *name)
{
	json_t *cases = json_load_file(path, JSON_DECODE_ANY, NULL), *one;
	size_t i;

	ck_assert_ptr_nonnull(cases);
	json_array_foreach(cases, i, one)
	{
		const char *hex = json_string_value(json_object_get(one, "hex"));
		struct base_buf out = BASE_BUF_INIT;

		if (hex != NULL)
			ck_assert_msg(decode_hex(hex) != BASE_OK, "%s %zu", name, i);
		else
			ck_assert_msg(pb_form_encode(&out, json_object_get(one, "dag-json"), NULL) != BASE_OK, "%s %zu",
				      name, i);
		base_buf_free(&out);
	}
	json_decref(cases);
}

START_TEST(vectors_of_wrong_dagpb_are_refused)
{
	const char *folder = vectors();
	char *path;

	if (folder == NULL)
		return;
	path = base_path(folder, "ipfs/dagpb-negative");
	if (each_file(path, ".json", vector_refused) == 0)
		printf("skipped: no vectors in ipfs/dagpb-negative\n");
	free(path);
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("pb");

	tcase_add_test(tc, decode_of_what_is_canonical_encodes_to_the_same);
	tcase_add_test(tc, decode_of_what_has_another_encoding_is_refused);
	tcase_add_test(tc, encode_of_what_is_not_canonical_is_refused);
	tcase_add_test(tc, decode_with_the_largest_tsize_gives_it);
	tcase_add_test(tc, unixfs_decode_accepts_what_kubo_writes_and_nothing_else);
	tcase_add_test(tc, vectors_of_dagpb_round_trip);
	tcase_add_test(tc, vectors_of_wrong_dagpb_are_refused);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: pb", add);
}
