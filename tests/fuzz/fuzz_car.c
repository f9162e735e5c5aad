/* CAR files: as they come; and, because no fuzzer guesses a hash, files built of blocks of its making. What
 * can be imported is exported and imported again. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[4096];
static struct payload_store *store;
static unsigned imports;

static void store_remove(void)
{
	payload_store_close(store);
	payload_remove_tree(folder);
}

/* What was imported stays pending, so that nothing is synced; now and then it is thrown away. */
static void store_fresh(void)
{
	const char *base = getenv("TMPDIR");

	if (store == NULL) {
		(void)snprintf(folder, sizeof(folder), "%s/regesta-fuzz-car-XXXXXX", base != NULL ? base : "/tmp");
		if (mkdtemp(folder) == NULL || atexit(store_remove) != 0)
			abort();
	} else if (++imports % 64 == 0) {
		payload_store_close(store);
	} else {
		return;
	}
	BASE_ASSERT(payload_store_open(&store, folder, true, NULL) == BASE_OK);
}

static enum base_code slice_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct base_slice *left = arg;

	(void)err;
	*got = left->len < cap ? left->len : cap;
	if (*got > 0)
		memcpy(buf, left->data, *got);
	*left = base_slice(left->data + *got, left->len - *got);
	return BASE_OK;
}

static enum base_code sink_write(void *arg, struct base_slice bytes, struct base_error *err)
{
	(void)err;
	base_buf_append(arg, bytes);
	return BASE_OK;
}

static enum base_code import(struct base_slice car, struct wire_cid *cid)
{
	struct base_error err;

	return payload_car_import(store, slice_read, &car, cid, &err);
}

static void fuzz_one(struct base_slice car)
{
	struct base_buf out = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct payload_car_report report;
	struct base_slice left = car;
	struct base_error err;
	struct wire_cid a, b;
	enum base_code code = payload_car_check(&report, slice_read, &left, &err);

	if (code == BASE_OK)
		BASE_ASSERT(report.mismatches + report.unverifiable <= report.blocks && report.blocks <= car.len);
	if (code != BASE_OK || report.roots != 1)
		return;
	store_fresh();
	if (import(car, &a) == BASE_OK) {
		BASE_ASSERT(report.mismatches == 0 && report.unverifiable == 0);
		BASE_ASSERT(payload_car_export(store, &a, sink_write, &out, NULL) == BASE_OK);
		BASE_ASSERT(import(base_buf_slice(&out), &b) == BASE_OK && wire_cid_equal(&a, &b));
		BASE_ASSERT(payload_car_export(store, &b, sink_write, &again, NULL) == BASE_OK);
		BASE_ASSERT(base_slice_equal(base_buf_slice(&out), base_buf_slice(&again)));
	}
	base_buf_free(&out);
	base_buf_free(&again);
}

static void put_cid(struct base_buf *out, const struct wire_cid *cid)
{
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, cid);
	base_buf_append(out, base_slice(bytes, sizeof(bytes)));
}

/* Blocks [flags, length, bytes]: bit 0 dag-pb, bit 1 a whole leaf of that byte, bit 2 the root is this one. */
static void build(struct base_buf *car, struct base_slice script)
{
	struct base_buf blocks = BASE_BUF_INIT, block = BASE_BUF_INIT;
	struct wire_cid root = {WIRE_RAW, {{0}}}, cid;
	struct payload_dag *dag = payload_dag_begin(NULL, NULL);
	static const uint8_t head[] = {0x3a, 0xa2, 0x65, 'r', 'o', 'o', 't', 's', 0x81, 0xd8, 0x2a, 0x58, 0x25, 0x00};
	bool chosen = false;
	unsigned whole = 0;

	while (script.len >= 2) {
		uint8_t flags = script.data[0];
		size_t len = script.data[1] < script.len - 2 ? script.data[1] : script.len - 2;

		block.len = 0;
		base_buf_append(&block, base_slice(script.data + 2, len));
		script = base_slice(script.data + 2 + len, script.len - 2 - len);
		if ((flags & 2) != 0 && whole++ < 2) {
			base_buf_reserve(&block, PAYLOAD_SEGMENT_BYTES - block.len);
			memset(block.data + block.len, flags, PAYLOAD_SEGMENT_BYTES - block.len);
			block.len = PAYLOAD_SEGMENT_BYTES;
		}
		cid.codec = flags & 1 ? WIRE_DAG_PB : WIRE_RAW;
		cid.hash = base_sha256_of(base_buf_slice(&block));
		if (cid.codec == WIRE_RAW)
			BASE_ASSERT(payload_dag_add(dag, base_buf_slice(&block), NULL) == BASE_OK);
		if ((flags & 4) != 0) {
			root = cid;
			chosen = true;
		}
		wire_put_varint(&blocks, WIRE_CID_BYTES + block.len);
		put_cid(&blocks, &cid);
		base_buf_append(&blocks, base_buf_slice(&block));
	}
	/* Else the root of the leaves as they stand. */
	BASE_ASSERT(payload_dag_end(dag, &cid, NULL, NULL) == BASE_OK);
	base_buf_append(car, base_slice(head, sizeof(head)));
	put_cid(car, chosen ? &root : &cid);
	base_buf_append(car, base_slice("\x67version\x01", 9));
	base_buf_append(car, base_buf_slice(&blocks));
	base_buf_free(&blocks);
	base_buf_free(&block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf car = BASE_BUF_INIT;

	if (size == 0)
		return 0;
	if (data[0] % 2 == 0) {
		fuzz_one(base_slice(data + 1, size - 1));
	} else {
		build(&car, base_slice(data + 1, size - 1));
		fuzz_one(base_buf_slice(&car));
		base_buf_free(&car);
	}
	return 0;
}
