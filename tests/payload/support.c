#include "tests/payload/support.h"

#include <ftw.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT "docs/formats/payload.md"

struct source source_of(struct base_slice bytes)
{
	return (struct source){bytes, 0, 0, false};
}

enum base_code source_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct source *source = arg;
	size_t left = source->bytes.len - source->at;

	if (left == 0 && source->fail_at_end)
		return base_fail(err, BASE_IO, "the source fails");
	*got = left < cap ? left : cap;
	if (source->step > 0 && *got > source->step)
		*got = source->step;
	if (*got > 0)
		memcpy(buf, source->bytes.data + source->at, *got);
	source->at += *got;
	return BASE_OK;
}

enum base_code sink_write(void *arg, struct base_slice bytes, struct base_error *err)
{
	(void)err;
	base_buf_append(arg, bytes);
	return BASE_OK;
}

enum base_code sink_count(void *arg, struct base_slice bytes, struct base_error *err)
{
	uint64_t *count = arg;

	(void)err;
	*count += bytes.len;
	return BASE_OK;
}

struct base_buf golden_bytes(size_t len)
{
	struct base_buf out = BASE_BUF_INIT;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	base_buf_reserve(&out, len + 1);
	ck_assert_int_eq(EVP_DigestInit_ex(ctx, EVP_shake128(), NULL), 1);
	ck_assert_int_eq(EVP_DigestUpdate(ctx, "regesta-golden", strlen("regesta-golden")), 1);
	if (len > 0)
		ck_assert_int_eq(EVP_DigestFinalXOF(ctx, out.data, len), 1);
	out.len = len;
	EVP_MD_CTX_free(ctx);
	return out;
}

struct base_buf from_hex(const char *hex)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert_msg(base_unhex(&out, base_slice_text(hex)), "not hex: %s", hex);
	return out;
}

char *to_hex(struct base_slice bytes)
{
	char *hex = base_alloc(2 * bytes.len + 1);

	base_hex(hex, bytes);
	return hex;
}

void assert_hex(struct base_slice bytes, const char *hex)
{
	char *found = to_hex(bytes);

	ck_assert_str_eq(found, hex);
	free(found);
}

void assert_cid(const struct wire_cid *cid, const char *text)
{
	char found[WIRE_CID_TEXT_BYTES];

	wire_cid_text(found, cid);
	ck_assert_str_eq(found, text);
}

struct wire_cid cid_of(const char *text)
{
	struct wire_cid cid;

	ck_assert_int_eq(wire_cid_parse_text(&cid, base_slice_text(text), NULL), BASE_OK);
	return cid;
}

char *folder_make(void)
{
	const char *base = getenv("TMPDIR");
	char *folder = base_path(base != NULL ? base : "/tmp", "regesta-payload-XXXXXX");

	ck_assert_ptr_nonnull(mkdtemp(folder));
	return folder;
}

void folder_remove(char *folder)
{
	payload_remove_tree(folder);
	free(folder);
}

void put_file(const char *folder, const char *name, struct base_slice bytes)
{
	char *path = base_path(folder, name);
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	if (bytes.len > 0)
		ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
	ck_assert_int_eq(fclose(file), 0);
	free(path);
}

static size_t files_seen;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	files_seen += type == FTW_F;
	return 0;
}

size_t count_files(const char *folder)
{
	files_seen = 0;
	(void)nftw(folder, count_one, 8, FTW_PHYS);
	return files_seen;
}

const char *vectors(void)
{
	const char *folder = getenv("REGESTA_VECTORS");
	struct stat st;

	if (folder == NULL)
		folder = "../shared/data";
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		return folder;
	printf("skipped: no folder of vectors (REGESTA_VECTORS)\n");
	return NULL;
}

struct base_buf document_value(const char *name)
{
	struct base_buf text = BASE_BUF_INIT, hex = BASE_BUF_INIT, out;
	struct base_error err;
	size_t name_len = strlen(name);
	bool inside = false, in_fence = false, fenced = false;

	ck_assert_msg(base_file_read(&text, DOCUMENT, 1 << 20, &err) == BASE_OK, "%s", err.text);
	base_buf_byte(&text, '\0');
	for (char *line = strtok((char *)text.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		if (inside && line[0] != ' ')
			break;
		if (strncmp(line, "```", 3) == 0) {
			in_fence = !in_fence;
			fenced = in_fence && line[3] == '\0'; /* not ```cddl */
		}
		if (fenced && !inside && strncmp(line, name, name_len) == 0 &&
		    line[name_len + strspn(line + name_len, " ")] == '=') {
			inside = true;
			line = strchr(line, '=') + 1;
		}
		for (; inside && *line != '\0'; line++)
			if (*line != ' ')
				base_buf_byte(&hex, (uint8_t)*line);
	}
	ck_assert_msg(inside, "%s has no %s", DOCUMENT, name);
	base_buf_byte(&hex, '\0');
	out = from_hex((char *)hex.data);
	base_buf_free(&hex);
	base_buf_free(&text);
	return out;
}

const struct payload_context CONTEXT = {
	{{0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f,
	  0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f}},
	"RARE-1",
	"site-a",
};

const uint8_t KEY[32] = "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
			"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";

void seal_fixed(struct payload_seal *seal)
{
	memcpy(seal->key, KEY, sizeof(seal->key));
	for (unsigned i = 0; i < 32; i++)
		seal->salt[i] = (uint8_t)(0x40 + i);
	for (unsigned i = 0; i < 7; i++)
		seal->nonce_prefix[i] = (uint8_t)(0x60 + i);
}

struct base_buf sealed_bytes(struct base_slice plain)
{
	struct source source = source_of(plain);
	struct base_buf out = BASE_BUF_INIT;
	struct payload_seal seal;
	struct base_error err;

	seal_fixed(&seal);
	ck_assert_msg(payload_seal_stream(&seal, &CONTEXT, plain.len, source_read, &source, sink_write, &out, &err) ==
			      BASE_OK,
		      "%s", err.text);
	return out;
}

int run_suite(const char *name, void (*add)(Suite *suite))
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	add(suite);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
