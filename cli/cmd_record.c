/* record, template, derive, correct, retract, dataset freeze, attest: what happens to data after its submission. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/custody.h"

#define DOCUMENT_BYTES_MAX (4u << 20)

/* ---- record, template ---- */

static enum base_code run_record(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf text = BASE_BUF_INIT;
	struct events_document document = {0};
	struct cli_draft draft = {0};
	bool parsed = false;
	enum base_code code = base_file_read(&text, strcmp(cli->argv[0], "-") == 0 ? "/dev/stdin" : cli->argv[0], DOCUMENT_BYTES_MAX, err);

	if (code == BASE_OK)
		code = events_document_parse(&document, base_buf_slice(&text), err);
	parsed = code == BASE_OK;
	code = base_wrap(err, code, "%s", cli->argv[0]);
	if (code == BASE_OK && (code = cli_session_open(&s, cli, CLI_RECORD, err)) == BASE_OK) {
		code = cli_sign_document(&s, &draft, &document, 0, err);
		if (code == BASE_OK)
			code = cli_record(&s, &draft, 1, NULL, err);
		cli_session_close(&s);
	}
	if (parsed)
		events_document_free(&document);
	cli_draft_free(&draft);
	base_buf_free(&text);
	return code;
}

static json_t *kind_json(const struct events_kind *kind)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "kind", kind->name, "words", kind->words, "who", kind->who, "effect", kind->effect,
			 "needs_study", kind->needs_study, "needs_reason", kind->needs_reason);
}

/* The template without its comments. */
static json_t *template_json(const struct base_buf *text)
{
	struct base_buf bare = BASE_BUF_INIT;
	json_t *json;

	for (size_t at = 0; at < text->len;) {
		const uint8_t *end = memchr(text->data + at, '\n', text->len - at);
		size_t next = end != NULL ? (size_t)(end - text->data) + 1 : text->len;
		size_t first = at;

		while (first < next && (text->data[first] == ' ' || text->data[first] == '\t'))
			first++;
		if (next - first < 2 || memcmp(text->data + first, "//", 2) != 0)
			base_buf_append(&bare, base_slice(text->data + at, next - at));
		at = next;
	}
	json = json_loadb((const char *)bare.data, bare.len, 0, NULL);
	base_buf_free(&bare);
	return json != NULL ? json : json_null();
}

static enum base_code run_template(struct cli *cli, struct base_error *err)
{
	const struct events_kind *kind;
	struct base_buf text = BASE_BUF_INIT;
	const char *names[128];
	const char *near;
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	if (cli->argc == 0 && cli->json) {
		json_t *list = json_array();

		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, kind_json(kinds[i]));
		cli_print_json(json_pack("{s:o}", "kinds", list));
		return BASE_OK;
	}
	if (cli->argc == 0) {
		for (size_t i = 0; i < count; i++)
			printf("%-22s %s\n", kinds[i]->name, _(kinds[i]->words));
		return BASE_OK;
	}
	kind = events_kind_by_name(base_slice_text(cli->argv[0]));
	if (kind == NULL) {
		for (size_t i = 0; i < count && i < 128; i++)
			names[i] = kinds[i]->name;
		near = cli_nearest(cli->argv[0], names, count < 128 ? count : 128);
		if (near != NULL)
			return base_fail(err, BASE_USAGE, "there is no kind \"%.60s\"; did you mean \"%s\"? `regesta template` lists them", cli->argv[0],
					 near);
		return base_fail(err, BASE_USAGE, "there is no kind \"%.60s\"; `regesta template` lists them", cli->argv[0]);
	}
	events_template(&text, kind);
	if (cli->json) {
		json_t *json = kind_json(kind);

		json_object_set_new(json, "template", cli_json_slice(base_buf_slice(&text)));
		json_object_set_new(json, "document", template_json(&text));
		cli_print_json(json);
		base_buf_free(&text);
		return BASE_OK;
	}
	fwrite(text.data, 1, text.len, stdout);
	base_buf_free(&text);
	return BASE_OK;
}

/* ---- Pieces ---- */

enum base_code cli_item_text(struct cli_session *s, const char *text, char out[96], struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	char hex[65];
	enum base_code code = cli_resolve(s, text, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	if (item < 0 && events_item_count(&event) == 1)
		item = 0;
	if (item < 0)
		return base_fail(err, BASE_USAGE, "%.80s has %zu items; say which: %.12s#0", text, events_item_count(&event), text);
	base_hex(hex, base_hash_slice(&event.id));
	snprintf(out, 96, "%s#%lld", hex, (long long)item);
	return BASE_OK;
}

static enum base_code items_of(struct cli_session *s, const char *option, json_t *list, struct base_error *err)
{
	const char *text;
	char item[96];
	enum base_code code = BASE_OK;

	for (size_t i = 0; code == BASE_OK && (text = cli_get_nth(s->cli, option, i)) != NULL; i++) {
		code = cli_item_text(s, text, item, err);
		if (code == BASE_OK)
			json_array_append_new(list, json_string(item));
	}
	return code;
}

static enum base_code read_file(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	ssize_t n = read(*(int *)arg, buf, cap);

	if (n < 0)
		return base_fail_errno(err, "reading");
	*got = (size_t)n;
	return BASE_OK;
}

static enum base_code seal_path(struct cli_session *s, const char *study, struct base_slice who, const char *path, struct cli_sealed *out,
				struct base_error *err)
{
	struct stat before = {0}, after = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum base_code code = BASE_OK;

	if (fd < 0 || fstat(fd, &before) != 0)
		code = base_fail_errno(err, "open");
	else if (!S_ISREG(before.st_mode))
		code = base_fail(err, BASE_MALFORMED, "not a file");
	else
		code = cli_seal(s, study, who, (uint64_t)before.st_size, read_file, &fd, out, err);
	/* Written to while it was read, with or without a change of length. */
	if (code == BASE_OK && (fstat(fd, &after) != 0 || after.st_size != before.st_size || after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
				after.st_mtim.tv_nsec != before.st_mtim.tv_nsec))
		code = base_fail(err, BASE_MALFORMED, "the file changed while it was read; try again when nobody writes to it");
	if (fd >= 0)
		close(fd);
	return base_wrap(err, code, "%s", path);
}

/* What the options say of a new item, and what it has from the item that it replaces. */
struct facts {
	const char *category;
	bool has_participant;
	struct base_hash participant;
};

static enum base_code facts_from_options(struct cli_session *s, const char *study, struct facts *facts, struct base_error *err)
{
	const char *participant = cli_get(s->cli, "participant");
	const char *category = cli_get(s->cli, "category");
	const char *collected = cli_get(s->cli, "collected");
	enum base_code code = BASE_OK;

	if (category != NULL) {
		facts->category = category;
		code = base_wrap(err, cli_code_check(EVENTS_CATEGORIES, category, err), "--category");
	}
	if (code == BASE_OK && collected != NULL)
		code = base_wrap(err, cli_collected_check(collected, err), "--collected");
	if (code == BASE_OK && participant != NULL) {
		facts->has_participant = true;
		code = cli_participant(s, study, participant, &facts->participant, err);
	}
	return code;
}

/* Seals a file as an item of the study. */
static enum base_code seal_file(struct cli_session *s, const char *study, const char *path, const struct facts *facts, json_t **item,
				struct base_error *err)
{
	struct base_slice who = facts->has_participant ? base_hash_slice(&facts->participant) : base_slice(NULL, 0);
	struct cli_sealed sealed = {0};
	char cid[WIRE_CID_TEXT_BYTES], hex[65];
	enum base_code code = seal_path(s, study, who, path, &sealed, err);

	if (code != BASE_OK)
		return code;
	wire_cid_text(cid, &sealed.cid);
	base_hex(hex, base_hash_slice(&sealed.commitment));
	*item = json_pack("{s:s, s:s, s:I, s:s}", "cid", cid, "commitment", hex, "length", (json_int_t)sealed.len, "category",
			  facts->category);
	if (facts->has_participant)
		json_object_set_new(*item, "participant", cli_json_hex(who));
	if (cli_get(s->cli, "collected") != NULL)
		json_object_set_new(*item, "collected", json_string(cli_get(s->cli, "collected")));
	return *item != NULL ? BASE_OK : base_fail(err, BASE_USAGE, "--category or --collected is not UTF-8");
}

/* ---- derive, correct, retract ---- */

static enum base_code derive(struct cli_session *s, struct base_error *err)
{
	const char *study, *digest = cli_get(s->cli, "code");
	json_t *items = json_array();
	json_t *inputs = json_array();
	json_t *body;
	struct facts facts = {.category = "derived"};
	enum base_code code = cli_need(s->cli, "study", &study, err);

	if (code == BASE_OK)
		code = items_of(s, "from", inputs, err);
	if (code == BASE_OK && json_array_size(inputs) == 0)
		code = base_fail(err, BASE_USAGE, "--from names what it was derived from: ID#0 or a CID, once for each input");
	if (code == BASE_OK)
		code = facts_from_options(s, study, &facts, err);
	for (int i = 0; i < s->cli->argc && code == BASE_OK; i++) {
		json_t *item = NULL;

		code = seal_file(s, study, s->cli->argv[i], &facts, &item, err);
		if (code == BASE_OK)
			json_array_append_new(items, item);
	}
	if (code != BASE_OK) {
		json_decref(items);
		json_decref(inputs);
		return code;
	}
	body = json_pack("{s:o, s:o}", "items", items, "inputs", inputs);
	if (cli_get(s->cli, "site") != NULL)
		json_object_set_new(body, "site", json_string(cli_get(s->cli, "site")));
	if (digest != NULL)
		json_object_set_new(body, "code", json_string(digest));
	if (cli_has(s->cli, "code-salted"))
		json_object_set_new(body, "code_salted", json_true());
	return custody_record(s, "data.derive", study, body, NULL, err);
}

struct inheriting {
	uint64_t index;
	struct facts *facts;
};

static bool inherit_item(void *arg, size_t index, const struct events_item *item)
{
	struct inheriting *from = arg;
	const struct events_code *category;

	if (index != from->index)
		return true;
	category = events_code_by_number(events_codes_of(EVENTS_CATEGORIES), item->category);
	if (category != NULL)
		from->facts->category = category->name;
	if (item->participant.len == sizeof(from->facts->participant.bytes)) {
		from->facts->has_participant = true;
		memcpy(from->facts->participant.bytes, item->participant.data, item->participant.len);
	}
	return false;
}

/* Category and participant of the item that is replaced: what the options do not say stays as it was. */
static enum base_code facts_from_target(struct cli_session *s, const char *target, struct facts *facts, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct inheriting from = {0, facts};
	uint64_t index;
	int64_t item;
	enum base_code code = cli_resolve(s, target, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code == BASE_OK) {
		from.index = item < 0 ? 0 : (uint64_t)item;
		events_items(&event, inherit_item, &from);
	}
	return code;
}

static enum base_code correct(struct cli_session *s, struct base_error *err)
{
	char study[65], target[96];
	struct facts facts = {.category = "derived"};
	json_t *item = NULL;
	enum base_code code;

	if ((code = custody_study(s, s->cli->argv[0], study, err)) != BASE_OK || (code = cli_item_text(s, s->cli->argv[0], target, err)) != BASE_OK ||
	    (code = facts_from_target(s, s->cli->argv[0], &facts, err)) != BASE_OK ||
	    (code = facts_from_options(s, study, &facts, err)) != BASE_OK ||
	    (code = seal_file(s, study, s->cli->argv[1], &facts, &item, err)) != BASE_OK)
		return code;
	return custody_record(s, "data.correct", study, json_pack("{s:s, s:o}", "target", target, "replacement", item), NULL, err);
}

static enum base_code retract(struct cli_session *s, struct base_error *err)
{
	char study[65], target[96];
	json_t *targets = json_array();
	enum base_code code = custody_study(s, s->cli->argv[0], study, err);

	for (int i = 0; i < s->cli->argc && code == BASE_OK; i++) {
		code = cli_item_text(s, s->cli->argv[i], target, err);
		if (code == BASE_OK)
			json_array_append_new(targets, json_string(target));
	}
	if (code != BASE_OK) {
		json_decref(targets);
		return code;
	}
	return custody_record(s, "data.retract", study, json_pack("{s:o}", "targets", targets), NULL, err);
}

/* ---- attest ---- */

static enum base_code attest(struct cli_session *s, struct base_error *err)
{
	char study[65];
	const char *statement = cli_get(s->cli, "statement");
	json_t *targets = json_array();
	enum base_code code = custody_study(s, s->cli->argv[0], study, err);

	if (code == BASE_OK && statement != NULL)
		code = base_wrap(err, cli_code_check(EVENTS_MEANINGS, statement, err), "--statement");
	for (int i = 0; i < s->cli->argc && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;
		uint64_t index;
		int64_t item;
		char text[96], hex[65];

		code = cli_resolve(s, s->cli->argv[i], &index, &item, err);
		if (code == BASE_OK)
			code = cli_event_at(s, index, &entry, &event, err);
		if (code != BASE_OK)
			break;
		base_hex(hex, base_hash_slice(&event.id));
		snprintf(text, sizeof(text), "%s#%lld", hex, (long long)item);
		json_array_append_new(targets, item >= 0 ? json_pack("{s:s}", "item", text) : json_pack("{s:s}", "event", hex));
	}
	if (code != BASE_OK) {
		json_decref(targets);
		return code;
	}
	return custody_record(s, "attest", study,
			   json_pack("{s:o, s:s}", "targets", targets, "meaning", statement != NULL ? statement : "verified"), NULL, err);
}

/* ---- dataset freeze ---- */

struct dataset {
	char (*items)[96];
	size_t count;
	struct base_hash root;
};

/* RFC 9162 root over CBOR [event id, index] of each item in order. */
static void dataset_root(struct dataset *set)
{
	struct proof_frontier frontier = {0};

	for (size_t i = 0; i < set->count; i++) {
		struct base_buf id = BASE_BUF_INIT;
		struct base_buf leaf = BASE_BUF_INIT;
		struct base_hash hash;
		uint64_t number = 0;
		bool parsed = base_unhex(&id, base_slice(set->items[i], 64)) && base_parse_u64(base_slice_text(set->items[i] + 65), &number);

		BASE_ASSERT(parsed);
		wire_put_array(&leaf, 2);
		wire_put_bytes(&leaf, base_buf_slice(&id));
		wire_put_uint(&leaf, number);
		hash = proof_leaf(base_buf_slice(&leaf));
		proof_frontier_add(&frontier, &hash, NULL, NULL);
		base_buf_free(&id);
		base_buf_free(&leaf);
	}
	set->root = proof_frontier_root(&frontier);
}

static enum base_code seal_name(struct cli_session *s, const char *study, struct cli_draft *draft, struct base_error *err)
{
	const char *name = cli_get(s->cli, "name");
	struct cli_sealed sealed;
	enum base_code code;

	if (name == NULL)
		return BASE_OK;
	code = cli_seal_bytes(s, study, base_slice(NULL, 0), base_slice_text(name), &sealed, err);
	if (code == BASE_OK)
		cli_draft_sealed(draft, &sealed);
	return code;
}

static enum base_code freeze_parts(struct cli_session *s, const char *study, const struct dataset *set, struct base_error *err)
{
	char root[65], first[65] = "";
	enum base_code code = BASE_OK;

	base_hex(root, base_hash_slice(&set->root));
	for (size_t part = 0, at = 0; at < set->count && code == BASE_OK; part++) {
		struct cli_draft draft = {0};
		json_t *items = json_array();
		json_t *body;

		for (; at < set->count && json_array_size(items) < EVENTS_ITEMS_MAX; at++)
			json_array_append_new(items, json_string(set->items[at]));
		body = json_pack("{s:I, s:s, s:I, s:o}", "count", (json_int_t)set->count, "root", root, "part", (json_int_t)(part + 1), "items",
				 items);
		if (part > 0)
			json_object_set_new(body, "first", json_string(first));
		code = cli_draft_json(s->cli, &draft, "dataset.freeze", study, body, err);
		if (code == BASE_OK && part == 0)
			code = seal_name(s, study, &draft, err);
		if (code == BASE_OK)
			code = cli_sign_and_record(s, &draft, err);
		if (part == 0)
			base_hex(first, base_hash_slice(&draft.id));
		cli_draft_free(&draft);
	}
	return code;
}

static enum base_code freeze(struct cli_session *s, struct base_error *err)
{
	const char *study;
	struct dataset set = {0};
	enum base_code code = cli_need(s->cli, "study", &study, err);

	set.items = base_alloc((size_t)s->cli->argc * sizeof(*set.items));
	for (int i = 0; i < s->cli->argc && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;
		uint64_t index;
		int64_t item;
		char hex[65];

		code = cli_resolve(s, s->cli->argv[i], &index, &item, err);
		if (code == BASE_OK)
			code = cli_event_at(s, index, &entry, &event, err);
		if (code != BASE_OK)
			break;
		if (item >= 0) {
			code = cli_item_text(s, s->cli->argv[i], set.items[set.count++], err);
			continue;
		}
		/* A whole event stands for all of its items. */
		base_hex(hex, base_hash_slice(&event.id));
		set.items = base_realloc(set.items, (set.count + events_item_count(&event) + (size_t)s->cli->argc) * sizeof(*set.items));
		for (size_t n = 0; n < events_item_count(&event); n++)
			snprintf(set.items[set.count++], 96, "%s#%zu", hex, n);
	}
	if (code == BASE_OK) {
		dataset_root(&set);
		code = freeze_parts(s, study, &set, err);
	}
	free(set.items);
	return code;
}

/* ---- The commands ---- */

static enum base_code run_derive(struct cli *cli, struct base_error *err) { return custody_run(cli, derive, err); }
static enum base_code run_correct(struct cli *cli, struct base_error *err) { return custody_run(cli, correct, err); }
static enum base_code run_retract(struct cli *cli, struct base_error *err) { return custody_run(cli, retract, err); }
static enum base_code run_attest(struct cli *cli, struct base_error *err) { return custody_run(cli, attest, err); }
static enum base_code run_freeze(struct cli *cli, struct base_error *err) { return custody_run(cli, freeze, err); }

static const struct cli_option record_options[] = {
	{"receipt", "FILE", "write a receipt of what was recorded", false},
	{"dry-run", NULL, "show what would be signed; record nothing", false},
	{"offline", NULL, "sign it into the outbox; `regesta push` records it later", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option derive_options[] = {
	{"study", "STUDY", "the study that the new data belongs to", false},
	{"from", "ITEM", "an input: ID#0 or a CID", true},
	{"site", "SITE", "the site", false},
	{"participant", "NUMBER", "whose data the result is, if it is one participant's", false},
	{"category", "CODE", "of the result (default: derived)", false},
	{"collected", "TIME", "when the result was made", false},
	{"code", "HEX", "SHA-256 of the program that computed it", false},
	{"code-salted", NULL, "the digest is salted, because the program is not public", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option correct_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"participant", "NUMBER", "whose data the replacement is (default: the item's)", false},
	{"category", "CODE", "of the replacement (default: the item's)", false},
	{"collected", "TIME", "when the replacement was collected", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option target_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option attest_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"statement", "CODE", "what is stated: verified, reviewed, approved, witnessed, … (default: verified)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option freeze_options[] = {
	{"study", "STUDY", "the study", false},
	{"name", "TEXT", "its name, which is sealed", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_record[] = {
	{"derive", "Recording", "FILE...", "seal files and record what they were derived from", NULL,
	 "regesta derive model.bin --study rare-01 --from 3f2a91c07d11#0 --from 3f2a91c07d11#1 --code \"$(sha256sum train.py | cut -c1-64)\"",
	 derive_options, 1, EVENTS_ITEMS_MAX, run_derive},
	{"correct", "Recording", "ITEM FILE", "replace an item by another; the old one stays visible", NULL,
	 "regesta correct 3f2a91c07d11#0 visit1-corrected.json --reason source-corrected",
	 correct_options, 2, 2, run_correct},
	{"retract", "Recording", "ITEM...", "take items back; they stay visible as retracted", NULL,
	 "regesta retract 3f2a91c07d11#0 --reason wrong-file", target_options, 1, EVENTS_ITEMS_MAX, run_retract},
	{"dataset freeze", "Recording", "ITEM|EVENT...", "fix a list of items as a data set", NULL,
	 "regesta dataset freeze --study rare-01 --name \"analysis 1\" 3f2a91c07d11 9c1e…#2", freeze_options, 1, -1, run_freeze},
	{"attest", "Recording", "ITEM|EVENT...", "state something about items or events: verified, reviewed, approved", NULL,
	 "regesta attest 3f2a91c07d11#0 --statement verified --as charite/monitor", attest_options, 1, EVENTS_ITEMS_MAX, run_attest},
	{"record", "Recording", "FILE.json", "record any kind of event from a document", NULL,
	 "regesta template data.submit > event.json   # then edit it\nregesta record event.json", record_options, 1, 1, run_record},
	{"template", "Recording", "[KIND]", "print a commented document of a kind, or list the kinds", NULL, NULL, NULL, 0, 1, run_template},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
