/* The text of the evidence files: docs/formats/trail.md. */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TRAIL_HEADER "regesta-trail@v1"
#define STATE_HEADER "regesta-state@v1"
#define CONSENT_HEADER "regesta-consent@v1"
#define REFERENCE_BYTES_MAX 1024
#define PROOF_BYTES_MAX 16384
#define VALUE_BYTES_MAX (4u << 20)
#define KEY_BYTES_MAX 64
#define PATH_MAX_HASHES 64

/* ---- Writing ------------------------------------------------------------ */

static void put_base64(struct base_buf *out, struct base_slice bytes, char end)
{
	base_base64(out, bytes);
	base_buf_byte(out, (uint8_t)end);
}

static void put_member(struct base_buf *out, const char *name, struct base_slice bytes)
{
	base_buf_print(out, "%s ", name);
	put_base64(out, bytes, '\n');
}

static void put_leaf(struct base_buf *out, const char *name, const struct chain_leaf *leaf)
{
	base_buf_print(out, "%s %" PRIu64 " ", name, leaf->index);
	put_base64(out, leaf->entry, leaf->key.len > 0 ? ' ' : '\n');
	if (leaf->key.len > 0)
		put_base64(out, leaf->key, '\n');
	for (size_t i = 0; i < leaf->path_count; i++)
		put_base64(out, base_hash_slice(&leaf->path[i]), '\n');
}

static void put_code(struct base_buf *out, const char *name, uint64_t code)
{
	if (code != STATE_ANY)
		base_buf_print(out, "%s %" PRIu64 "\n", name, code);
}

static void put_text(struct base_buf *out, const char *name, struct base_slice text)
{
	if (text.len > 0)
		base_buf_print(out, "%s %.*s\n", name, (int)text.len, (const char *)text.data);
}

/* The claim and the question; their sum catches what nothing else in the file is bound to. */
static void put_claim(struct base_buf *out, const struct chain_evidence *e, size_t start)
{
	const struct state_question *q = &e->claim.question;
	struct base_hash sum;

	base_buf_print(out, "claim %s\nat %" PRIu64 "\nknown %" PRIu64 "\n", e->claim.consent ? "consent" : "no-consent", q->at.ms, q->known);
	put_code(out, "use", q->use);
	put_code(out, "category", q->category);
	put_code(out, "purpose", q->purpose);
	put_code(out, "mode", q->mode);
	put_text(out, "recipient", q->recipient);
	put_text(out, "country", q->country);
	put_text(out, "disease", q->disease);
	if (q->has_collected)
		base_buf_print(out, "collected %" PRIu64 " %" PRIu64 "\n", q->collected.ms, q->collected_to.ms);
	if (q->ongoing)
		base_buf_print(out, "use-is ongoing\n");
	sum = base_sha256_of(base_slice(out->data + start, out->len - start));
	put_member(out, "sum", base_hash_slice(&sum));
}

static void encode_consent(struct base_buf *out, const struct chain_evidence *e)
{
	size_t start = out->len;

	base_buf_print(out, CONSENT_HEADER "\nstudy %.*s\n", (int)e->study.len, (const char *)e->study.data);
	put_member(out, "reference", e->reference);
	put_claim(out, e, start);
	for (size_t i = 0; i < e->chunk_count; i++) {
		const struct chain_chunk *chunk = &e->chunks[i];

		if (i > 0 && chunk->person != chunk[-1].person)
			put_member(out, "other", e->others[chunk->person - 1]);
		base_buf_print(out, "chunk %d %" PRIu64 " ", (int)chunk->table, chunk->chunk);
		put_base64(out, chunk->map_proof, chunk->has_value ? ' ' : '\n');
		if (chunk->has_value)
			put_base64(out, chunk->value, '\n');
	}
	put_leaf(out, "block", &e->block);
	base_buf_byte(out, '\n');
	base_buf_append(out, e->note);
}

void chain_evidence_encode(struct base_buf *out, const struct chain_evidence *e)
{
	if (e->kind == CHAIN_CONSENT) {
		encode_consent(out, e);
		return;
	}
	base_buf_print(out, "%s\n", e->kind == CHAIN_TRAIL ? TRAIL_HEADER : STATE_HEADER);
	if (e->kind == CHAIN_STATE)
		base_buf_print(out, "table %d\n", (int)e->table);
	if (e->study.len > 0)
		base_buf_print(out, "study %.*s\n", (int)e->study.len, (const char *)e->study.data);
	if (e->reference.len > 0)
		put_member(out, "reference", e->reference);
	if (e->kind == CHAIN_STATE)
		base_buf_print(out, "chunk %" PRIu64 "\n", e->chunk);
	put_member(out, "map", e->map_proof);
	if (e->has_value)
		put_member(out, "value", e->value);
	put_leaf(out, "block", &e->block);
	for (size_t i = 0; i < e->leaf_count; i++)
		put_leaf(out, "entry", &e->leaves[i]);
	base_buf_byte(out, '\n');
	base_buf_append(out, e->note);
}

/* ---- Reading ------------------------------------------------------------ */

struct parser {
	struct chain_evidence *out;
	struct base_slice rest;
	struct base_slice line; /* the next one, without its newline */
	bool ended;             /* there is none */
	unsigned number;        /* of line, from 1 */
	const char *why;        /* first failure */
	unsigned why_line;
	const uint8_t *start;   /* of the text */
};

static void fail(struct parser *p, const char *why)
{
	if (p->why == NULL) {
		p->why = why;
		p->why_line = p->number;
	}
}

static void next_line(struct parser *p)
{
	const uint8_t *end = p->rest.len > 0 ? memchr(p->rest.data, '\n', p->rest.len) : NULL;
	size_t len;

	p->number++;
	p->ended = end == NULL;
	if (p->ended) {
		p->line = base_slice(NULL, 0);
		fail(p, "the file ends too early");
		return;
	}
	len = (size_t)(end - p->rest.data);
	p->line = base_slice(p->rest.data, len);
	p->rest = base_slice(end + 1, p->rest.len - len - 1);
}

static bool starts(const struct parser *p, const char *word)
{
	size_t len = strlen(word);

	return p->why == NULL && p->line.len > len && memcmp(p->line.data, word, len) == 0 && p->line.data[len] == ' ';
}

/* Takes "word " off the line: its first field is left in *field, what follows a space in *more (empty if there is none). */
static bool take(struct parser *p, const char *word, struct base_slice *field)
{
	if (!starts(p, word)) {
		fail(p, "a line is missing, or out of order");
		return false;
	}
	*field = base_slice(p->line.data + strlen(word) + 1, p->line.len - strlen(word) - 1);
	return true;
}

/* Storage has room for all of the text, so nothing that was given out moves. */
static struct base_slice keep(struct parser *p, struct base_slice bytes)
{
	struct base_buf *storage = &p->out->storage;
	size_t at = storage->len;

	base_buf_append(storage, bytes);
	return base_slice(storage->data + at, bytes.len);
}

static struct base_slice keep_base64(struct parser *p, struct base_slice text, size_t max)
{
	struct base_buf *storage = &p->out->storage;
	size_t at = storage->len;

	if (p->why != NULL)
		return base_slice(NULL, 0);
	if (text.len == 0 || text.len / 4 > max / 3 + 1 || !base_unbase64(storage, text) || storage->len - at > max)
		fail(p, "it is not base64, or longer than it may be");
	return base_slice(storage->data + at, storage->len - at);
}

static uint64_t number(struct parser *p, struct base_slice text)
{
	uint64_t n = 0;

	if (p->why == NULL && (!base_parse_u64(text, &n) || n > INT64_MAX))
		fail(p, "a number is not decimal without leading zeros, below 2^63");
	return n;
}

static struct base_slice read_base64(struct parser *p, const char *word, size_t max)
{
	struct base_slice field, bytes = {NULL, 0};

	if (take(p, word, &field)) {
		bytes = keep_base64(p, field, max);
		next_line(p);
	}
	return bytes;
}

static uint64_t read_number(struct parser *p, const char *word)
{
	struct base_slice field;
	uint64_t n = 0;

	if (take(p, word, &field)) {
		n = number(p, field);
		next_line(p);
	}
	return n;
}

/* The part of *field before the first space; *field is what follows, empty if there is none. */
static struct base_slice cut(struct base_slice *field)
{
	const uint8_t *space = field->len > 0 ? memchr(field->data, ' ', field->len) : NULL;
	struct base_slice first = *field;

	if (space == NULL) {
		*field = base_slice(NULL, 0);
	} else {
		first.len = (size_t)(space - field->data);
		*field = base_slice(space + 1, field->len - first.len - 1);
	}
	return first;
}

/* "word INDEX ENTRY [KEY]" and the lines of its path. */
static void read_leaf(struct parser *p, const char *word, bool has_key, struct chain_leaf *out)
{
	struct base_slice field, hash;

	*out = (struct chain_leaf){0};
	if (!take(p, word, &field))
		return;
	out->index = number(p, cut(&field));
	out->entry = keep_base64(p, cut(&field), CHAIN_ENTRY_BYTES_MAX);
	if (has_key)
		out->key = keep_base64(p, cut(&field), KEY_BYTES_MAX);
	if (field.len > 0 || p->line.data[p->line.len - 1] == ' ')
		fail(p, "something follows the last field");
	for (next_line(p); p->why == NULL && p->line.len > 0 && !starts(p, "entry"); next_line(p)) {
		hash = keep_base64(p, p->line, BASE_HASH_BYTES);
		if (p->why == NULL && hash.len != BASE_HASH_BYTES)
			fail(p, "a hash is not 32 bytes");
		if (out->path_count == PATH_MAX_HASHES)
			fail(p, "a path has more than 64 hashes");
		if (out->path_count++ == 0)
			out->path = (const struct base_hash *)(const void *)hash.data;
	}
}

static void read_leaves(struct parser *p)
{
	struct chain_evidence *out = p->out;
	size_t cap = 0;

	while (starts(p, "entry")) {
		struct chain_leaf *leaf;

		if (out->leaf_count == cap) {
			cap = cap == 0 ? 16 : 2 * cap;
			out->leaves = base_realloc(out->leaves, cap * sizeof(*out->leaves));
		}
		leaf = &out->leaves[out->leaf_count];
		read_leaf(p, "entry", true, leaf);
		if (p->why == NULL && out->leaf_count > 0 && leaf->index <= leaf[-1].index)
			fail(p, "the entries are not in ascending order");
		if (p->why == NULL && leaf->index >= out->block.index)
			fail(p, "an entry stands behind the block entry");
		out->leaf_count++;
	}
}

static void read_study(struct parser *p)
{
	struct base_slice field;

	if (!take(p, "study", &field))
		return;
	if (!events_text_valid(EVENTS_STUDY, field))
		fail(p, "this is not the code of a study");
	p->out->study = keep(p, field);
	next_line(p);
}

static void read_reference(struct parser *p)
{
	p->out->reference = read_base64(p, "reference", REFERENCE_BYTES_MAX);
	if (p->why == NULL && wire_check(p->out->reference, NULL) != BASE_OK)
		fail(p, "the reference is not deterministic CBOR");
}

static void read_subject(struct parser *p)
{
	struct chain_evidence *out = p->out;

	if (out->kind == CHAIN_TRAIL) {
		out->table = STATE_HEAD;
		read_study(p);
		read_reference(p);
		return;
	}
	out->table = (enum state_table)read_number(p, "table");
	if (p->why == NULL && (out->table < STATE_ORGANISATION || out->table > STATE_TABLE_LAST))
		fail(p, "the map has no such table");
	if (starts(p, "study"))
		read_study(p);
	if (starts(p, "reference"))
		read_reference(p);
	out->chunk = read_number(p, "chunk");
}

/* ---- A claim of consent ---- */

static uint64_t read_code(struct parser *p, const char *word)
{
	uint64_t code;

	if (!starts(p, word))
		return STATE_ANY;
	code = read_number(p, word);
	if (code == STATE_ANY)
		fail(p, "a code is not 0");
	return code;
}

static struct base_slice read_text(struct parser *p, const char *word, enum events_type type)
{
	struct base_slice field;

	if (!starts(p, word) || !take(p, word, &field))
		return base_slice(NULL, 0);
	if (!events_text_valid(type, field))
		fail(p, "this is no name of that form");
	field = keep(p, field);
	next_line(p);
	return field;
}

static void read_sum(struct parser *p)
{
	struct base_hash sum;
	struct base_slice given;

	if (p->why != NULL)
		return;
	sum = base_sha256_of(base_slice(p->start, (size_t)(p->line.data - p->start)));
	given = read_base64(p, "sum", BASE_HASH_BYTES);
	if (p->why == NULL && !base_slice_equal(given, base_hash_slice(&sum)))
		fail(p, "the sum is not that of the question before it");
}

static void read_claim(struct parser *p)
{
	struct chain_claim *claim = &p->out->claim;
	struct base_slice field;

	if (take(p, "claim", &field)) {
		claim->consent = base_slice_equal(field, base_slice_text("consent"));
		if (!claim->consent && !base_slice_equal(field, base_slice_text("no-consent")))
			fail(p, "the claim is consent or no-consent");
		next_line(p);
	}
	claim->question.at.ms = read_number(p, "at");
	claim->question.known = read_number(p, "known");
	claim->question.use = read_code(p, "use");
	claim->question.category = read_code(p, "category");
	claim->question.purpose = read_code(p, "purpose");
	claim->question.mode = read_code(p, "mode");
	claim->question.recipient = read_text(p, "recipient", EVENTS_PARTY);
	claim->question.country = read_text(p, "country", EVENTS_COUNTRY);
	claim->question.disease = read_text(p, "disease", EVENTS_URL);
	claim->question.has_collected = starts(p, "collected");
	if (claim->question.has_collected && take(p, "collected", &field)) {
		claim->question.collected.ms = number(p, cut(&field));
		claim->question.collected_to.ms = number(p, field);
		next_line(p);
	}
	claim->question.ongoing = starts(p, "use-is");
	if (claim->question.ongoing && take(p, "use-is", &field)) {
		if (!base_slice_equal(field, base_slice_text("ongoing")))
			fail(p, "a use is ongoing, or nothing is said of it");
		next_line(p);
	}
	read_sum(p);
}

static void read_chunk(struct parser *p, struct chain_chunk *chunk)
{
	struct base_slice field;

	if (!take(p, "chunk", &field))
		return;
	chunk->table = (enum state_table)number(p, cut(&field));
	chunk->chunk = number(p, cut(&field));
	chunk->map_proof = keep_base64(p, cut(&field), PROOF_BYTES_MAX);
	chunk->has_value = field.len > 0;
	if (chunk->has_value)
		chunk->value = keep_base64(p, cut(&field), VALUE_BYTES_MAX);
	if (field.len > 0 || p->line.data[p->line.len - 1] == ' ')
		fail(p, "something follows the last field");
	next_line(p);
}

/* A record from its first chunk to the one that is not there: a chunk left out would hide what it says. */
static void read_chunks(struct parser *p, size_t *cap, enum state_table table, size_t person)
{
	struct chain_evidence *out = p->out;
	bool ended = false;

	for (uint64_t n = 0; !ended && p->why == NULL; n++) {
		struct chain_chunk chunk = {.person = person};

		read_chunk(p, &chunk);
		if (p->why == NULL && (chunk.table != table || chunk.chunk != n))
			fail(p, "the chunks are not in order, or one is missing");
		if (out->chunk_count == *cap) {
			*cap = *cap == 0 ? 8 : 2 * *cap;
			out->chunks = base_realloc(out->chunks, *cap * sizeof(*out->chunks));
		}
		out->chunks[out->chunk_count++] = chunk;
		ended = !chunk.has_value;
	}
}

/* Each is a participant's, as the one that is asked about. */
static void read_other(struct parser *p)
{
	struct chain_evidence *out = p->out;
	struct wire_reader r;
	struct base_slice reference = read_base64(p, "other", REFERENCE_BYTES_MAX);

	if (p->why != NULL)
		return;
	wire_read(&r, reference);
	(void)wire_get_hash(&r);
	if (wire_check(reference, NULL) != BASE_OK || r.failed)
		fail(p, "the other reference is none of a participant");
	if (out->other_count == STATE_SAME_MAX)
		fail(p, "a person has no more references than 17");
	else
		out->others[out->other_count++] = reference;
}

static void read_records(struct parser *p)
{
	size_t cap = 0;

	read_chunks(p, &cap, STATE_PARTICIPANT, 0);
	read_chunks(p, &cap, STATE_APPROVAL, 0);
	read_chunks(p, &cap, STATE_CONSENT, 0);
	while (starts(p, "other")) {
		read_other(p);
		read_chunks(p, &cap, STATE_PARTICIPANT, p->out->other_count);
		read_chunks(p, &cap, STATE_CONSENT, p->out->other_count);
	}
}

static void read_consent(struct parser *p)
{
	read_study(p);
	read_reference(p);
	p->out->table = STATE_CONSENT;
	read_claim(p);
	read_records(p);
}

static void read_record(struct parser *p)
{
	read_subject(p);
	p->out->map_proof = read_base64(p, "map", PROOF_BYTES_MAX);
	p->out->has_value = starts(p, "value");
	if (p->out->has_value)
		p->out->value = read_base64(p, "value", VALUE_BYTES_MAX);
}

static void read_all(struct parser *p)
{
	struct chain_evidence *out = p->out;

	next_line(p);
	if (base_slice_equal(p->line, base_slice_text(TRAIL_HEADER)))
		out->kind = CHAIN_TRAIL;
	else if (base_slice_equal(p->line, base_slice_text(STATE_HEADER)))
		out->kind = CHAIN_STATE;
	else if (base_slice_equal(p->line, base_slice_text(CONSENT_HEADER)))
		out->kind = CHAIN_CONSENT;
	else
		fail(p, "this is not a trail, state or consent evidence file of version 1");
	next_line(p);
	if (out->kind == CHAIN_CONSENT)
		read_consent(p);
	else
		read_record(p);
	read_leaf(p, "block", false, &out->block);
	if (out->kind == CHAIN_TRAIL) {
		read_leaves(p);
		if (p->why == NULL && out->has_value != (out->leaf_count > 0))
			fail(p, "a trail has a head and entries, or neither");
	}
	if (p->why == NULL && (p->ended || p->line.len > 0))
		fail(p, "an empty line comes before the checkpoint");
	if (p->why == NULL && (p->rest.len == 0 || p->rest.len > PROOF_NOTE_BYTES_MAX || p->rest.data[p->rest.len - 1] != '\n'))
		fail(p, "the checkpoint is missing, cut or too long");
	if (p->why == NULL)
		out->note = keep(p, p->rest);
}

enum base_code chain_evidence_decode(struct chain_evidence *out, struct base_slice text, struct base_error *err)
{
	struct parser p = {.out = out, .rest = text, .start = text.data};
	const uint8_t *storage;

	*out = (struct chain_evidence){0};
	if (text.len > CHAIN_EVIDENCE_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "evidence file: %zu bytes; at most %u", text.len, CHAIN_EVIDENCE_BYTES_MAX);
	base_buf_reserve(&out->storage, text.len + 64);
	storage = out->storage.data;
	read_all(&p);
	BASE_ASSERT(out->storage.data == storage);
	if (p.why == NULL)
		return BASE_OK;
	chain_evidence_free(out);
	return base_fail(err, BASE_MALFORMED, "evidence file, line %u: %s", p.why_line, base_message(p.why));
}

void chain_evidence_free(struct chain_evidence *evidence)
{
	free(evidence->leaves);
	free(evidence->chunks);
	base_buf_free(&evidence->storage);
	*evidence = (struct chain_evidence){0};
}

struct base_hash chain_evidence_key(const struct chain_evidence *e)
{
	return state_map_key(e->table, e->study, e->reference, e->chunk);
}

void chain_leaf_path(const struct chain_leaf *leaf, struct proof_path *out)
{
	BASE_ASSERT(leaf->path_count <= PROOF_HASHES_MAX);
	out->count = leaf->path_count;
	if (leaf->path_count > 0)
		memcpy(out->hashes, leaf->path, leaf->path_count * sizeof(*leaf->path));
}

struct base_slice chain_chunk_reference(const struct chain_evidence *e, const struct chain_chunk *chunk)
{
	if (chunk->table == STATE_APPROVAL)
		return base_slice(NULL, 0);
	return chunk->person == 0 ? e->reference : e->others[chunk->person - 1];
}
