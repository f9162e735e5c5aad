/* Names that people have for things: ids, leaf indices, items, CIDs, participants. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define HEX_DIGITS_MIN 4

enum base_code cli_event_at(struct cli_session *s, uint64_t index, struct chain_entry *entry, struct events_event *event,
			    struct base_error *err)
{
	struct base_slice bytes;
	enum base_code code = chain_read_entry(s->read, index, &bytes, err);

	if (code == BASE_OK)
		code = chain_entry_decode(entry, bytes, err);
	if (code != BASE_OK)
		return base_wrap(err, code, "entry #%llu", (unsigned long long)index);
	if (entry->type != CHAIN_EVENT)
		return base_fail(err, BASE_NOT_FOUND, "entry #%llu is %s, not an event", (unsigned long long)index,
				 entry->type == CHAIN_GENESIS ? _("the genesis") : _("the end of a block"));
	return base_wrap(err, events_decode(event, entry->event, err), "entry #%llu", (unsigned long long)index);
}

/* ---- Searching by prefix or CID ---- */

struct search {
	const char *prefix; /* hex of an id, or NULL */
	struct wire_cid cid;
	uint64_t index;
	int64_t item;
	size_t matches;
};

static bool match_item(void *arg, size_t at, const struct events_item *item)
{
	struct search *search = arg;

	if (wire_cid_equal(&item->cid, &search->cid)) {
		search->item = (int64_t)at;
		return false;
	}
	return true;
}

/* Whether the entry of a leaf is what is looked for. */
static enum base_code try_leaf(struct cli_session *s, struct search *search, uint64_t index, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	char hex[65];
	enum base_code code = cli_event_at(s, index, &entry, &event, err);
	bool hit;

	if (code != BASE_OK)
		return code == BASE_NOT_FOUND ? BASE_OK : code;
	if (search->prefix != NULL) {
		base_hex(hex, base_hash_slice(&event.id));
		hit = strncmp(hex, search->prefix, strlen(search->prefix)) == 0;
	} else {
		search->item = -1;
		events_items(&event, match_item, search);
		hit = search->item >= 0;
	}
	if (hit) {
		search->matches++;
		search->index = index;
	}
	return BASE_OK;
}

/* Over all entries: nothing is posted under the beginning of an id, nor under what a refused event would have brought. */
static enum base_code walk(struct cli_session *s, struct search *search, struct base_error *err)
{
	uint64_t size = chain_read_size(s->read);
	struct cli_progress progress;
	enum base_code code = BASE_OK;

	cli_progress_begin(&progress, s->cli, "searching", size, false);
	/* A CID belongs to one item; an abbreviation may fit several. */
	for (uint64_t i = 0; i < size && code == BASE_OK && search->matches < (search->prefix == NULL ? 1u : 2u); i++) {
		cli_progress_set(&progress, i);
		code = try_leaf(s, search, i, err);
	}
	cli_progress_end(&progress);
	return code;
}

/* Items are posted by study and CID: one look-up a study. */
static enum base_code in_study(struct cli_session *s, struct search *search, struct base_slice study, struct base_error *err)
{
	uint64_t *indices = NULL;
	size_t count = 0;
	enum base_code code = chain_read_postings(s->read, state_term_cid(study, &search->cid), &indices, &count, err);

	for (size_t i = 0; i < count && code == BASE_OK && search->matches == 0; i++)
		code = try_leaf(s, search, indices[i], err);
	free(indices);
	return code;
}

static enum base_code in_studies(struct cli_session *s, struct search *search, struct base_error *err)
{
	uint64_t *leaves = NULL;
	size_t count = 0;
	enum base_code code = cli_survey(s, &leaves, &count, err);

	for (size_t i = 0; i < count && code == BASE_OK && search->matches == 0; i++) {
		struct chain_entry entry;
		struct events_event event = {.envelope = {.kind = NULL}};

		code = cli_event_at(s, leaves[i], &entry, &event, err);
		if (code == BASE_OK && event.envelope.kind != NULL && event.envelope.kind->id == EVENTS_STUDY_REGISTER)
			code = in_study(s, search, events_text(event.envelope.body, 1), err);
	}
	free(leaves);
	return code;
}

static enum base_code by_hex(struct cli_session *s, const char *hex, uint64_t *index, struct base_error *err)
{
	struct search search = {.prefix = hex, .item = -1};
	enum base_code code;

	if (strlen(hex) == 64) {
		struct base_buf bytes = BASE_BUF_INIT;
		struct base_hash id;

		if (!base_unhex(&bytes, base_slice_text(hex)))
			return base_fail(err, BASE_USAGE, "\"%s\" is not hexadecimal", hex);
		memcpy(id.bytes, bytes.data, sizeof(id.bytes));
		base_buf_free(&bytes);
		code = chain_read_find(s->read, &id, index, err);
		if (code == BASE_NOT_FOUND)
			return base_fail(err, BASE_NOT_FOUND, "no event %s in this ledger", hex);
		return code;
	}
	code = walk(s, &search, err);
	if (code != BASE_OK)
		return code;
	if (search.matches == 0)
		return base_fail(err, BASE_NOT_FOUND, "no event begins with %s", hex);
	if (search.matches > 1)
		return base_fail(err, BASE_USAGE, "several events begin with %s; give more digits", hex);
	*index = search.index;
	return BASE_OK;
}

static enum base_code by_cid(struct cli_session *s, const char *text, uint64_t *index, int64_t *item, struct base_error *err)
{
	struct search search = {.item = -1};
	enum base_code code = wire_cid_parse_text(&search.cid, base_slice_text(text), err);

	if (code == BASE_OK)
		code = in_studies(s, &search, err);
	if (code == BASE_OK && search.matches == 0)
		code = walk(s, &search, err);
	if (code == BASE_OK && search.matches == 0)
		code = base_fail(err, BASE_NOT_FOUND, "no item of this ledger has the CID %s", text);
	*index = search.index;
	*item = search.item;
	return code;
}

/* An event's id may begin with the same letters: what is hex throughout is an id. */
bool cli_is_cid(const char *text)
{
	size_t head = strcspn(text, "#");

	return strncmp(text, "baf", 3) == 0 && strspn(text, "0123456789abcdefABCDEF") < head;
}

enum base_code cli_resolve(struct cli_session *s, const char *text, uint64_t *index, int64_t *item, struct base_error *err)
{
	const char *hash = strchr(text, '#');
	size_t head = hash != NULL ? (size_t)(hash - text) : strlen(text);
	char hex[65];
	uint64_t number = 0;
	enum base_code code;

	*item = -1;
	if (hash != NULL && !base_parse_u64(base_slice_text(hash + 1), &number))
		return base_fail(err, BASE_USAGE, "\"%s\": what follows # is a number", text);
	if (hash == text) {
		if (number >= chain_read_size(s->read))
			return base_fail(err, BASE_NOT_FOUND, "the ledger has %llu entries; there is no #%llu",
					 (unsigned long long)chain_read_size(s->read), (unsigned long long)number);
		*index = number;
		return BASE_OK;
	}
	if (cli_is_cid(text))
		return by_cid(s, text, index, item, err);
	if (head < HEX_DIGITS_MIN || head > 64 || strspn(text, "0123456789abcdefABCDEF") < head)
		return base_fail(err, BASE_USAGE, "\"%.80s\" names nothing: give an event's id (%d to 64 hex digits), an item (ID#0), an entry (#12) "
						  "or an item's CID", text, HEX_DIGITS_MIN);
	for (size_t i = 0; i < head; i++)
		hex[i] = (char)tolower((unsigned char)text[i]);
	hex[head] = '\0';
	code = by_hex(s, hex, index, err);
	if (code == BASE_OK && hash != NULL) {
		struct chain_entry entry;
		struct events_event event;

		code = cli_event_at(s, *index, &entry, &event, err);
		if (code == BASE_OK && number >= events_item_count(&event))
			return base_fail(err, BASE_NOT_FOUND, "event %.12s… has %zu items, counted from 0; there is no #%llu", hex,
					 events_item_count(&event), (unsigned long long)number);
		*item = (int64_t)number;
	}
	return code;
}

/* ---- Participants ---- */

enum base_code cli_participant(struct cli_session *s, const char *study, const char *text, struct base_hash *reference,
			       struct base_error *err)
{
	struct register_entry entry;
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code;

	if (strlen(text) == 64 && base_unhex(&bytes, base_slice_text(text))) {
		memcpy(reference->bytes, bytes.data, sizeof(reference->bytes));
		base_buf_free(&bytes);
		return BASE_OK;
	}
	base_buf_free(&bytes);
	code = cli_session_register(s, err);
	if (code != BASE_OK)
		return code;
	code = register_by_number(s->reg, study, text, &entry, err);
	if (code == BASE_NOT_FOUND)
		/* The number itself stays out of the message: messages land in logs. */
		return base_fail(err, BASE_NOT_FOUND, "this participant number is not in the register of study %s; enrol with `regesta participant "
						      "enrol --study %s NUMBER`", study, study);
	*reference = entry.reference;
	return code;
}

void cli_participant_words(struct cli_session *s, struct base_slice reference, char *out, size_t cap)
{
	struct register_entry entry;
	struct base_hash hash;
	struct base_error ignored;
	char hex[13];

	if (reference.len != sizeof(hash.bytes)) {
		snprintf(out, cap, "-");
		return;
	}
	memcpy(hash.bytes, reference.data, sizeof(hash.bytes));
	if (s->reg != NULL && register_by_reference(s->reg, &hash, &entry, &ignored) == BASE_OK) {
		snprintf(out, cap, "%s", entry.number);
		return;
	}
	base_hex(hex, base_slice(reference.data, 6));
	snprintf(out, cap, "%s…", hex);
}
