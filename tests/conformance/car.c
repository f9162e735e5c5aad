/* One case a CAR. In the folders of fuzzed and of invalid CARs, refusing is always right. */
#include "tests/conformance/car.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/payload/payload_internal.h"
#include "tests/conformance/car_reader.h"

#define INVALID "a CAR whose framing is wrong, or whose blocks are not what their CIDs say"

struct source {
	struct base_slice bytes;
	size_t at, step;
};

static enum base_code source_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct source *source = arg;

	(void)err;
	*got = source->bytes.len - source->at;
	if (*got > cap)
		*got = cap;
	if (source->step != 0 && *got > source->step)
		*got = source->step;
	if (*got > 0)
		memcpy(buf, source->bytes.data + source->at, *got);
	source->at += *got;
	return BASE_OK;
}

/* ---- UnixFS --------------------------------------------------------------------- */

struct links {
	struct payload_pb_link *list;
	size_t count, cap;
};

static void keep_link(void *arg, const struct payload_pb_link *link)
{
	struct links *links = arg;

	if (links->count == links->cap) {
		links->cap = links->cap == 0 ? 16 : 2 * links->cap;
		links->list = base_realloc(links->list, links->cap * sizeof(*links->list));
	}
	links->list[links->count++] = *link;
}

/* A file whose leaves are raw blocks of one length, the last perhaps shorter: what `ipfs add --raw-leaves` makes of it
 * is one node, so that our builder must make the same. Others are not looked at: NULL. */
static const char *rebuild(const struct car_contents *car, const struct car_block *root, const struct links *links,
			   const struct payload_unixfs *node)
{
	struct payload_profile profile = {.chunk_bytes = 0, .width = links->count < 2 ? 2 : links->count};
	struct payload_dag *dag = NULL;
	uint8_t bytes[WIRE_CID_BYTES];
	struct base_error err = {""};
	const char *why = NULL;
	struct wire_cid made;
	uint64_t tsize, sum = 0;

	if (node->type != PAYLOAD_UNIXFS_FILE || node->has_mode || node->mtime.len > 0 || links->count < 2 ||
	    node->has_data || root->cid.len != WIRE_CID_BYTES)
		return NULL;
	for (size_t i = 0; i < links->count; i++) {
		const struct car_block *leaf = car_find(car, links->list[i].cid);

		if (leaf == NULL || !leaf->verified || leaf->codec != WIRE_RAW || leaf->hash_code != 0x12)
			return NULL;
		if (i == 0)
			profile.chunk_bytes = leaf->block.len;
		if (leaf->block.len == 0 || leaf->block.len > profile.chunk_bytes ||
		    (leaf->block.len < profile.chunk_bytes && i + 1 < links->count))
			return NULL;
		sum += leaf->block.len;
	}
	if (!node->has_file_bytes || node->file_bytes != sum || node->block_bytes_sum != sum ||
	    node->block_count != links->count)
		return "sizes of a UnixFS file do not add up";
	dag = payload_dag_begin_as(&profile, NULL, NULL);
	for (size_t i = 0; i < links->count && why == NULL; i++) {
		if (payload_dag_add(dag, car_find(car, links->list[i].cid)->block, &err) != BASE_OK)
			why = "our builder fails";
	}
	if (payload_dag_end(dag, &made, &tsize, &err) != BASE_OK)
		return "our builder fails";
	wire_cid_bytes(bytes, &made);
	if (why == NULL && !base_slice_equal(base_slice(bytes, sizeof(bytes)), root->cid))
		why = "our builder gives a file another CID";
	return why;
}

static const char *check_pb(const struct car_contents *car, const struct car_block *block)
{
	struct base_buf again = BASE_BUF_INIT;
	struct payload_unixfs unixfs;
	struct links links = {0};
	struct base_slice data;
	const char *why = NULL;
	bool has_data;

	if (payload_pb_decode(block->block, &data, &has_data, keep_link, &links, NULL) != BASE_OK)
		goto out; /* strict: what others wrote in another order is refused, as it should be */
	/* Only links in order of name can be written; older writers had other orders. */
	if (payload_pb_encode(&again, links.list, links.count, data, has_data, NULL) == BASE_OK &&
	    !base_slice_equal(base_buf_slice(&again), block->block))
		why = "dag-pb comes out otherwise";
	else if (has_data && payload_unixfs_decode(&unixfs, data, NULL) == BASE_OK)
		why = rebuild(car, block, &links, &unixfs);
out:
	base_buf_free(&again);
	free(links.list);
	return why;
}

/* ---- What others say --------------------------------------------------------------- */

/* The number behind a word of the line, UINT64_MAX if there is none. */
static uint64_t number_after(struct base_slice line, const char *word)
{
	const char *at = memmem(line.data, line.len, word, strlen(word));
	uint64_t value = 0;

	if (at == NULL)
		return UINT64_MAX;
	for (at += strlen(word); at < (const char *)line.data + line.len && *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value;
}

/* INDEX.md may have a line "NAME<TAB>OK: 3 blocks (...), hash mismatches 0, other hash functions 0 ..." or
 * "NAME<TAB>REJECT ..."; NULL if it agrees or says nothing. */
static const char *index_disagrees(const struct suite *s, enum base_code code, const struct payload_car_report *report)
{
	struct base_slice left = base_buf_slice(&s->run->index), line;
	size_t len = strlen(s->file->name);

	while (line_next(&line, &left)) {
		if (line.len <= len || memcmp(line.data, s->file->name, len) != 0 || line.data[len] != '\t')
			continue;
		if (slice_has(line, "REJECT"))
			return code == BASE_OK ? "INDEX.md says that it must be refused" : NULL;
		if (!slice_has(line, "OK: "))
			return NULL;
		if (code != BASE_OK)
			return "INDEX.md says that it must be read";
		if (report->blocks != number_after(line, "OK: ") ||
		    report->mismatches != number_after(line, "hash mismatches ") ||
		    report->unverifiable != number_after(line, "other hash functions "))
			return "INDEX.md counts otherwise";
	}
	return NULL;
}

static const char *compare(const struct car_contents *car, enum base_code code, const struct payload_car_report *report)
{
	uint64_t mismatches = 0, unverifiable = 0;

	if ((code == BASE_OK) != (car->why == NULL))
		return code == BASE_OK ? car->why : "it is refused, but its framing is right";
	if (code != BASE_OK)
		return NULL;
	for (size_t i = 0; i < car->count; i++) {
		mismatches += car->list[i].mismatch;
		unverifiable += !car->list[i].mismatch && !car->list[i].verified;
	}
	if (report->version != car->version || report->roots != car->roots || report->blocks != car->count ||
	    report->mismatches != mismatches || report->unverifiable != unverifiable)
		return "version, roots, blocks, mismatches or blocks of other hash functions are counted otherwise";
	return NULL;
}

/* The same whether the bytes come at once or a few at a time. */
static const char *check(struct payload_car_report *report, enum base_code *code, struct base_slice bytes,
			 struct base_error *err)
{
	struct source source = {.bytes = bytes}, slow = {.bytes = bytes, .step = 7};
	struct payload_car_report again;

	*code = payload_car_check(report, source_read, &source, err);
	if (*code != BASE_OK && err->text[0] == '\0')
		return "refused without a sentence";
	if (payload_car_check(&again, source_read, &slow, NULL) != *code || memcmp(&again, report, sizeof(again)) != 0)
		return "read in small pieces, it is judged otherwise";
	return NULL;
}

/* A store takes no CAR but one whole payload. */
static const char *import(struct suite *s, const struct car_contents *car, struct base_slice bytes)
{
	struct source source = {.bytes = bytes};
	uint8_t cid_bytes[WIRE_CID_BYTES];
	struct base_error err = {""};
	struct payload_store *store;
	struct wire_cid cid;
	uint64_t len;

	if (vault_imports(s->run, &store, &err) != BASE_OK)
		return "no store for imports could be made";
	if (payload_car_import(store, source_read, &source, &cid, &err) != BASE_OK)
		return err.text[0] == '\0' ? "refused by the store without a sentence" : NULL;
	if (file_in(s->file, "car-invalid"))
		return "it is invalid, and the store imports it";
	if (payload_store_sync(store, &err) != BASE_OK)
		return "the store cannot be synced";
	wire_cid_bytes(cid_bytes, &cid);
	if (car->why != NULL || car_find(car, base_slice(cid_bytes, sizeof(cid_bytes))) == NULL)
		return "the store imports what is not in it";
	return payload_store_check(store, &cid, &len, &err) == BASE_OK ? NULL : "what the store imported is not whole";
}

void car_case(struct suite *s)
{
	bool may_refuse = file_in(s->file, "car-fuzz") || file_in(s->file, "car-invalid");
	struct base_buf bytes = BASE_BUF_INIT;
	struct payload_car_report report;
	struct car_contents car;
	struct base_error err = {""};
	enum base_code code;
	const char *why;

	if (!suite_bytes(s, &bytes))
		return;
	why = check(&report, &code, base_buf_slice(&bytes), &err);
	car_read(&car, base_buf_slice(&bytes));
	if (why == NULL && (code == BASE_OK || !may_refuse) && (why = compare(&car, code, &report)) == NULL)
		why = index_disagrees(s, code, &report);
	if (why == NULL && file_in(s->file, "car-invalid") && code == BASE_OK &&
	    report.mismatches + report.unverifiable == 0)
		why = "it is invalid, and everything in it verifies";
	if (why == NULL)
		why = import(s, &car, base_buf_slice(&bytes));
	for (size_t i = 0; i < car.count && why == NULL && code == BASE_OK; i++) {
		if (car.list[i].codec == WIRE_DAG_PB && car.list[i].verified)
			why = check_pb(&car, &car.list[i]);
	}
	if (why == NULL && (code != BASE_OK || report.mismatches > 0))
		case_refused(s, INVALID);
	else
		case_end(s, NULL, why);
	car_free(&car);
	base_buf_free(&bytes);
}
