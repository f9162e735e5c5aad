#include "tests/state/fixture.h"

#include <stdio.h>
#include <string.h>

/* ---- The view: memory's, which may be made to fail ---------------------------- */

static bool fails(struct fixture *f)
{
	if (f->view_fails)
		return true;
	if (f->fail_after < 0)
		return false;
	if (f->fail_after == 0)
		return true;
	f->fail_after--;
	return false;
}

struct inner {
	struct fixture *f;
	struct state_view memory;
};

static enum base_code get_entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	struct fixture *f = arg;

	if (index >= f->count)
		return base_fail(err, BASE_NOT_FOUND, "no entry %llu", (unsigned long long)index);
	*bytes = base_buf_slice(&f->entries[index]);
	return BASE_OK;
}

static enum base_code fail_map_get(void *arg, const struct base_hash *key, struct base_slice *value,
				   struct base_error *err)
{
	struct inner *inner = arg;

	if (fails(inner->f))
		return base_fail(err, BASE_IO, "the disk is gone");
	return inner->memory.map_get(inner->memory.arg, key, value, err);
}

static enum base_code fail_side_get(void *arg, struct base_slice key, struct base_slice *value, struct base_error *err)
{
	struct inner *inner = arg;

	if (fails(inner->f))
		return base_fail(err, BASE_IO, "the disk is gone");
	return inner->memory.side_get(inner->memory.arg, key, value, err);
}

static enum base_code fail_postings(void *arg, uint64_t term, const uint64_t **values, size_t *count,
				    struct base_error *err)
{
	struct inner *inner = arg;

	if (fails(inner->f))
		return base_fail(err, BASE_IO, "the disk is gone");
	return inner->memory.postings(inner->memory.arg, term, values, count, err);
}

static enum base_code fail_entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	struct inner *inner = arg;

	if (fails(inner->f))
		return base_fail(err, BASE_IO, "the disk is gone");
	return get_entry(inner->f, index, bytes, err);
}

static void view_begin(struct fixture *f)
{
	struct inner *inner = base_alloc(sizeof(*inner));

	inner->f = f;
	state_memory_view(f->memory, &inner->memory, get_entry, f);
	f->view = (struct state_view){inner, fail_map_get, fail_side_get, fail_postings, fail_entry};
	f->fail_after = -1;
}

/* ---- People -------------------------------------------------------------------- */

static struct keys_private *make_key(const char *label, const char *what, enum keys_purpose purpose, enum keys_alg alg)
{
	struct base_hash raw;
	struct base_buf text = BASE_BUF_INIT;
	struct keys_private *key;

	base_buf_print(&text, "%s %s", what, label);
	raw = base_sha256_of(base_buf_slice(&text));
	base_buf_free(&text);
	ck_assert_int_eq(keys_private_import(&key, purpose, alg, raw.bytes, NULL), BASE_OK);
	return key;
}

struct fixture_person *fixture_person_with(struct fixture *f, const char *name, const char *label)
{
	struct fixture_person *person = &f->people[f->people_count++];

	ck_assert_uint_le(f->people_count, FIXTURE_PEOPLE_MAX);
	(void)snprintf(person->name, sizeof(person->name), "%s", name);
	person->sign = make_key(label, "sign", KEYS_SIGN, KEYS_ES256K);
	person->seal = make_key(label, "seal", KEYS_SEAL, KEYS_X25519);
	person->sequence = 0;
	return person;
}

struct fixture_person *fixture_person(struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->people_count; i++) {
		if (strcmp(f->people[i].name, name) == 0)
			return &f->people[i];
	}
	return fixture_person_with(f, name, name);
}

struct base_hash fixture_kid(const struct fixture_person *person)
{
	return keys_kid(keys_private_public(person->sign));
}

static void proof(struct base_buf *out, struct base_slice ledger, bool founder, const struct fixture_person *person,
		  uint64_t roles)
{
	struct events_enrolment enrolment = {
		.ledger = ledger, .founder = founder, .actor = base_slice_text(person->name), .roles = roles};
	struct base_error err = {""};

	enrolment.sign = *keys_private_public(person->sign);
	enrolment.seal = *keys_private_public(person->seal);
	ck_assert_msg(events_enrolment_sign(out, &enrolment, person->sign, &err) == BASE_OK, "%s", err.text);
}

void fixture_proof(struct fixture *f, struct base_buf *out, const struct fixture_person *person, uint64_t roles)
{
	proof(out, base_hash_slice(&f->ledger), false, person, roles);
}

/* ---- Genesis ------------------------------------------------------------------- */

static void put_public(struct base_buf *out, uint64_t key, const char *label, const char *what,
		       enum keys_purpose purpose, enum keys_alg alg)
{
	struct keys_private *private = make_key(label, what, purpose, alg);

	wire_put_uint(out, key);
	keys_public_put(out, keys_private_public(private));
	keys_private_close(private);
}

static void put_founder(struct fixture *f, struct base_buf *out, unsigned n)
{
	struct base_buf enrolment = BASE_BUF_INIT;
	char code[8], admin[16], title[32];

	(void)snprintf(code, sizeof(code), "h%u", n);
	(void)snprintf(admin, sizeof(admin), "h%u/admin", n);
	(void)snprintf(title, sizeof(title), "Hospital %u", n);
	proof(&enrolment, base_slice_text(FIXTURE_ORIGIN), true, fixture_person(f, admin),
	      EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR));
	wire_put_map(out, 5);
	put_key_text(out, 1, code);
	put_key_text(out, 2, title);
	put_key_text(out, 3, "FR");
	put_public(out, 4, code, "recovery", KEYS_RECOVERY, KEYS_X25519);
	wire_put_uint(out, 5);
	wire_put_bytes(out, base_buf_slice(&enrolment));
	base_buf_free(&enrolment);
}

void fixture_genesis(struct fixture *f, struct base_buf *out, unsigned organisations)
{
	const struct state_limits limits = STATE_LIMITS_DEFAULT;

	wire_put_map(out, 5);
	put_key_uint(out, 1, STATE_FORMAT);
	put_key_text(out, 2, FIXTURE_ORIGIN);
	wire_put_uint(out, 3);
	wire_put_array(out, organisations);
	for (unsigned n = 1; n <= organisations; n++)
		put_founder(f, out, n);
	wire_put_uint(out, 4);
	wire_put_array(out, 1);
	wire_put_map(out, 4);
	put_key_text(out, 1, "h1/node-1");
	put_public(out, 2, "node", "log", KEYS_LOG, KEYS_ED25519);
	put_public(out, 3, "node", "cosign", KEYS_COSIGN, KEYS_ED25519);
	put_public(out, 4, "node", "sign", KEYS_SIGN, KEYS_ES256K);
	wire_put_uint(out, 5);
	wire_put_map(out, 4);
	put_key_text(out, 1, "solo");
	put_key_uint(out, 2, 60000);
	put_key_uint(out, 3, 1);
	wire_put_uint(out, 4);
	state_limits_put(out, &limits);
}

/* ---- Blocks -------------------------------------------------------------------- */

static struct base_hash enter(struct fixture *f, struct base_buf *entry)
{
	struct base_hash leaf = base_sha256_tagged(0x00, base_buf_slice(entry), base_slice(NULL, 0));

	if (f->count == f->cap) {
		f->cap = f->cap == 0 ? 64 : 2 * f->cap;
		f->entries = base_realloc(f->entries, f->cap * sizeof(*f->entries));
	}
	f->entries[f->count++] = *entry;
	return leaf;
}

static void add_digest(struct base_sha256 *sha, struct base_slice bytes)
{
	uint8_t len[8];

	base_put_u64be(len, bytes.len);
	base_sha256_add(sha, base_slice(len, sizeof(len)));
	base_sha256_add(sha, bytes);
}

static int compare_postings(const void *a, const void *b)
{
	const struct store_posting *x = a, *y = b;

	if (x->term != y->term)
		return x->term < y->term ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

static void digest(struct fixture *f, const struct state_changes *changes)
{
	struct base_sha256 sha;

	base_sha256_begin(&sha);
	add_digest(&sha, base_hash_slice(&f->digest));
	for (size_t i = 0; i < changes->map_count; i++) {
		ck_assert(i == 0 || memcmp(changes->map[i - 1].key.bytes, changes->map[i].key.bytes, 32) < 0);
		add_digest(&sha, base_hash_slice(&changes->map[i].key));
		add_digest(&sha, changes->map[i].value);
	}
	for (size_t i = 0; i < changes->side_count; i++) {
		ck_assert(i == 0 || base_slice_compare(changes->side[i - 1].key, changes->side[i].key) < 0);
		add_digest(&sha, changes->side[i].key);
		add_digest(&sha, changes->side[i].value);
	}
	add_digest(&sha, base_hash_slice(&changes->side_hash));
	add_digest(&sha, base_hash_slice(&changes->nodes_hash));
	qsort(changes->postings, changes->posting_count, sizeof(*changes->postings), compare_postings);
	for (size_t i = 0; i < changes->posting_count; i++) {
		uint8_t both[16];

		base_put_u64be(both, changes->postings[i].term);
		base_put_u64be(both + 8, changes->postings[i].value);
		add_digest(&sha, base_slice(both, sizeof(both)));
	}
	f->digest = base_sha256_end(&sha);
}

/* A leaf in the place of the block entry: state does not read it. */
static void close_block(struct fixture *f, struct state_exec *exec)
{
	struct base_buf entry = BASE_BUF_INIT;
	struct state_changes changes;
	struct base_error err = {""};

	ck_assert_msg(state_exec_finish(exec, &changes, &err) == BASE_OK, "%s", err.text);
	digest(f, &changes);
	f->side_hash = changes.side_hash;
	f->nodes_hash = changes.nodes_hash;
	(void)state_memory_apply(f->memory, &changes);
	state_exec_keep(exec);
	wire_put_array(&entry, 3);
	wire_put_uint(&entry, 2);
	wire_put_uint(&entry, f->height);
	wire_put_uint(&entry, f->time.ms);
	(void)enter(f, &entry);
}

void fixture_open(struct fixture *f, unsigned organisations)
{
	struct base_buf genesis = BASE_BUF_INIT, entry = BASE_BUF_INIT;
	struct base_error err = {""};
	struct state_exec *exec;
	struct base_hash leaf;

	memset(f, 0, sizeof(*f));
	f->memory = state_memory_open();
	f->cache = state_cache_open(64 << 20);
	f->time.ms = FIXTURE_TIME;
	view_begin(f);
	fixture_genesis(f, &genesis, organisations);
	wire_put_array(&entry, 4);
	wire_put_uint(&entry, 0);
	wire_put_uint(&entry, 0);
	wire_put_uint(&entry, f->time.ms);
	base_buf_append(&entry, base_buf_slice(&genesis));
	f->ledger = base_sha256_of(base_buf_slice(&entry));
	exec = state_exec_begin(&f->view, f->cache, &f->ledger, base_slice_text(FIXTURE_ORIGIN), 0, f->time);
	leaf = enter(f, &entry);
	ck_assert_msg(state_exec_genesis(exec, base_buf_slice(&genesis), &leaf, &err) == BASE_OK, "%s", err.text);
	close_block(f, exec);
	state_exec_close(exec);
	base_buf_free(&genesis);
}

void fixture_close(struct fixture *f)
{
	state_cache_close(f->cache);
	state_memory_close(f->memory);
	for (size_t i = 0; i < f->count; i++)
		base_buf_free(&f->entries[i]);
	free(f->entries);
	for (size_t i = 0; i < f->people_count; i++) {
		keys_private_close(f->people[i].sign);
		keys_private_close(f->people[i].seal);
	}
	free(f->view.arg);
}

static void note_outcome(struct fixture_result *result, struct base_slice cbor)
{
	struct state_outcome outcome;
	struct wire_reader r;
	struct base_slice name;

	ck_assert_int_eq(state_outcome_decode(&outcome, cbor, NULL), BASE_OK);
	result->verdict = outcome.verdict;
	result->flags = outcome.flags;
	result->denial = outcome.denial;
	if (outcome.milestones.len > 0) {
		wire_read(&r, base_buf_slice(&outcome.milestones));
		ck_assert_uint_eq(wire_get_array(&r), 1);
		name = wire_get_text(&r);
		(void)snprintf(result->milestone, sizeof(result->milestone), "%.*s", (int)name.len,
			       (const char *)name.data);
	}
	state_outcome_free(&outcome);
}

static bool execute(struct fixture *f, struct state_exec *exec, struct base_slice bytes, uint64_t height,
		    struct base_time time, struct fixture_result *result)
{
	struct base_buf entry = BASE_BUF_INIT, encoded = BASE_BUF_INIT;
	struct state_outcome outcome;
	struct events_event event;
	struct keys_public key;
	struct base_hash leaf;

	memset(result, 0, sizeof(*result));
	result->index = f->count;
	result->code = events_decode(&event, bytes, &result->err);
	ck_assert_msg(result->code == BASE_OK, "%s", result->err.text);
	result->id = event.id;
	if ((result->code = state_exec_signer(exec, &event, &key, &result->err)) != BASE_OK)
		return false;
	ck_assert_int_eq(events_verify(&event, &key, NULL), BASE_OK);
	result->code = state_exec_judge(exec, &event, &result->index, &outcome, &result->err);
	if (result->code != BASE_OK)
		return false;
	state_outcome_encode(&encoded, &outcome);
	state_outcome_free(&outcome);
	note_outcome(result, base_buf_slice(&encoded));
	wire_put_array(&entry, 5);
	wire_put_uint(&entry, 1);
	wire_put_uint(&entry, height);
	wire_put_uint(&entry, time.ms);
	wire_put_bytes(&entry, bytes);
	base_buf_append(&entry, base_buf_slice(&encoded));
	base_buf_free(&encoded);
	leaf = enter(f, &entry);
	state_exec_entered(exec, &leaf);
	return true;
}

void fixture_block(struct fixture *f, const struct base_buf *events, size_t count, struct fixture_result *results)
{
	struct base_time time = {f->time.ms + 1000};
	struct state_exec *exec;
	bool any = false;

	exec = state_exec_begin(&f->view, f->cache, &f->ledger, base_slice_text(FIXTURE_ORIGIN), f->height + 1, time);
	for (size_t i = 0; i < count; i++)
		any = execute(f, exec, base_buf_slice(&events[i]), f->height + 1, time, &results[i]) || any;
	if (any) {
		f->height++;
		f->time = time;
		close_block(f, exec);
	}
	state_exec_close(exec);
}

struct fixture_result fixture_bytes(struct fixture *f, struct base_slice event)
{
	struct base_buf copy = BASE_BUF_INIT;
	struct fixture_result result;

	base_buf_append(&copy, event);
	fixture_block(f, &copy, 1, &result);
	base_buf_free(&copy);
	return result;
}

/* ---- Events -------------------------------------------------------------------- */

struct fixture_draft fixture_draft(struct fixture *f, const char *by, enum events_kind_id kind, const char *study)
{
	struct fixture_draft draft = {.by = fixture_person(f, by), .subject = study == NULL ? FIXTURE_ORIGIN : study};

	draft.envelope.ledger = f->ledger;
	draft.envelope.kind = events_kind_by_id(kind);
	draft.envelope.sequence = ++draft.by->sequence;
	draft.envelope.claimed = f->time;
	draft.envelope.when = (struct events_when){EVENTS_POINT, f->time.ms, true, 60};
	draft.envelope.capacity.code = EVENTS_CAPACITY_OWN;
	draft.envelope.meaning = EVENTS_MEANING_AUTHORED;
	if (draft.envelope.kind->needs_reason) {
		draft.envelope.has_reason = true;
		draft.envelope.reason = 5;
	}
	return draft;
}

void fixture_sign(struct fixture_draft *draft, struct base_buf *out)
{
	const char *issuer = draft->issuer == NULL ? draft->by->name : draft->issuer;
	struct base_error err = {""};

	draft->envelope.body = base_buf_slice(&draft->body);
	ck_assert_msg(events_sign(out, &draft->envelope, issuer, draft->subject, draft->by->sign, &err) == BASE_OK,
		      "%s", err.text);
	base_buf_free(&draft->body);
}

struct fixture_result fixture_send(struct fixture *f, struct fixture_draft *draft)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct fixture_result result;

	fixture_sign(draft, &bytes);
	result = fixture_bytes(f, base_buf_slice(&bytes));
	base_buf_free(&bytes);
	return result;
}

/* ---- Short ways ---------------------------------------------------------------- */

void put_key_text(struct base_buf *out, uint64_t key, const char *text)
{
	wire_put_uint(out, key);
	wire_put_cstr(out, text);
}

void put_key_uint(struct base_buf *out, uint64_t key, uint64_t value)
{
	wire_put_uint(out, key);
	wire_put_uint(out, value);
}

void put_point(struct base_buf *out, uint64_t ms)
{
	const struct events_when when = {EVENTS_POINT, ms, true, 0};

	events_when_put(out, &when);
}

void put_item_id(struct base_buf *out, const struct base_hash *event, uint64_t index)
{
	const struct events_item_id id = {*event, index};

	events_item_id_put(out, &id);
}

static struct base_hash numbered(const char *what, uint64_t n)
{
	uint8_t bytes[8];

	base_put_u64be(bytes, n);
	return base_sha256_tagged(0xff, base_slice_text(what), base_slice(bytes, sizeof(bytes)));
}

struct base_hash fixture_reference(unsigned participant)
{
	return numbered("participant", participant);
}

struct wire_cid fixture_cid(uint64_t seed)
{
	return (struct wire_cid){WIRE_RAW, numbered("cid", seed)};
}

void put_item(struct base_buf *out, uint64_t cid, unsigned participant)
{
	struct wire_cid address = fixture_cid(cid);
	struct base_hash commitment = numbered("commitment", cid), reference = fixture_reference(participant);
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &address);
	wire_put_map(out, participant == 0 ? 4 : 5);
	wire_put_uint(out, 1);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
	wire_put_uint(out, 2);
	wire_put_hash(out, &commitment);
	put_key_uint(out, 3, 4096);
	put_key_uint(out, 4, 1);
	if (participant == 0)
		return;
	wire_put_uint(out, 5);
	wire_put_hash(out, &reference);
}

struct fixture_result fixture_enrol(struct fixture *f, const char *by, const char *actor, enum events_role role)
{
	struct fixture_person *person = fixture_person(f, actor);
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ACTOR_ENROL, NULL);
	struct base_buf bytes = BASE_BUF_INIT;

	fixture_proof(f, &bytes, person, EVENTS_ROLE(role));
	wire_put_map(&draft.body, 3);
	put_key_text(&draft.body, 1, actor);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	wire_put_uint(&draft.body, role);
	wire_put_uint(&draft.body, 3);
	wire_put_bytes(&draft.body, base_buf_slice(&bytes));
	base_buf_free(&bytes);
	return fixture_send(f, &draft);
}

struct fixture_result fixture_study_on(struct fixture *f, const char *by, const char *study, const char *sponsor,
				       const char *site, const char *organisation, uint64_t basis)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_STUDY_REGISTER, NULL);

	wire_put_map(&draft.body, basis == EVENTS_BASIS_CONSENT ? 5 : 6);
	put_key_text(&draft.body, 1, study);
	put_key_text(&draft.body, 2, "A study");
	put_key_text(&draft.body, 3, sponsor);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, site);
	put_key_text(&draft.body, 2, organisation);
	put_key_text(&draft.body, 5, "1.0");
	if (basis != EVENTS_BASIS_CONSENT)
		put_key_uint(&draft.body, 7, basis);
	return fixture_send(f, &draft);
}

struct fixture_result fixture_study(struct fixture *f, const char *by, const char *study, const char *sponsor,
				    const char *site, const char *organisation)
{
	return fixture_study_on(f, by, study, sponsor, site, organisation, FIXTURE_BASIS_LEGAL_OBLIGATION);
}

struct fixture_result fixture_committee(struct fixture *f, const char *by, const char *study, const char *committee)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_STUDY_AMEND, study);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 8);
	wire_put_array(&draft.body, 1);
	wire_put_cstr(&draft.body, committee);
	return fixture_send(f, &draft);
}

struct fixture_result fixture_assign(struct fixture *f, const char *by, const char *actor, const char *study,
				     const char *site, enum events_role role, uint64_t from, uint64_t to)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ACTOR_ASSIGN, NULL);

	wire_put_map(&draft.body, to == 0 ? 5 : 6);
	put_key_text(&draft.body, 1, actor);
	put_key_text(&draft.body, 2, study);
	put_key_text(&draft.body, 3, site);
	put_key_uint(&draft.body, 4, role);
	wire_put_uint(&draft.body, 5);
	put_point(&draft.body, from);
	if (to != 0) {
		wire_put_uint(&draft.body, 6);
		put_point(&draft.body, to);
	}
	return fixture_send(f, &draft);
}

struct fixture_result fixture_participant(struct fixture *f, const char *by, const char *study, unsigned participant,
					  const char *site)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_ENROL, study);
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_text(&draft.body, 2, site);
	return fixture_send(f, &draft);
}

struct fixture_result fixture_submit(struct fixture *f, const char *by, const char *study, uint64_t cid,
				     unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_SUBMIT, study);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, participant);
	return fixture_send(f, &draft);
}

void fixture_ready(struct fixture *f, unsigned organisations)
{
	fixture_open(f, organisations);
	ck_recorded(fixture_study(f, "h1/admin", "s1", "h1", "a", "h1"), 0);
	if (organisations > 1) {
		struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_STUDY_AMEND, "s1");

		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 4);
		wire_put_array(&draft.body, 1);
		wire_put_map(&draft.body, 2);
		put_key_text(&draft.body, 1, "b");
		put_key_text(&draft.body, 2, "h2");
		ck_recorded(fixture_send(f, &draft), 0);
	}
	for (unsigned participant = 1; participant <= 3; participant++)
		ck_recorded(fixture_participant(f, "h1/admin", "s1", participant, "a"), 0);
}

/* ---- Looking ------------------------------------------------------------------- */

struct looking {
	size_t count;
	struct state_fact *last;
};

static bool look(void *arg, const struct state_fact *fact)
{
	struct looking *looking = arg;

	looking->count++;
	if (looking->last != NULL)
		*looking->last = *fact;
	return true;
}

size_t fixture_facts(struct fixture *f, enum state_table table, const char *study, struct base_slice reference_cbor,
		     struct state_fact *last)
{
	struct looking looking = {0, last};
	enum base_code code =
		state_record_walk(&f->view, table, base_slice_text(study), reference_cbor, look, &looking, NULL);

	ck_assert(code == BASE_OK || code == BASE_NOT_FOUND);
	ck_assert((code == BASE_OK) == (looking.count > 0));
	return looking.count;
}

size_t fixture_facts_text(struct fixture *f, enum state_table table, const char *reference, struct state_fact *last)
{
	struct base_buf cbor = BASE_BUF_INIT;
	size_t count;

	wire_put_cstr(&cbor, reference);
	count = fixture_facts(f, table, "", base_buf_slice(&cbor), last);
	base_buf_free(&cbor);
	return count;
}

size_t fixture_facts_hash(struct fixture *f, enum state_table table, const char *study,
			  const struct base_hash *reference, struct state_fact *last)
{
	struct base_buf cbor = BASE_BUF_INIT;
	size_t count;

	wire_put_hash(&cbor, reference);
	count = fixture_facts(f, table, study, base_buf_slice(&cbor), last);
	base_buf_free(&cbor);
	return count;
}

size_t fixture_facts_item(struct fixture *f, const char *study, const struct base_hash *event, uint64_t index,
			  struct state_fact *last)
{
	struct base_buf cbor = BASE_BUF_INIT;
	size_t count;

	put_item_id(&cbor, event, index);
	count = fixture_facts(f, STATE_ITEM, study, base_buf_slice(&cbor), last);
	base_buf_free(&cbor);
	return count;
}

bool fixture_posted(struct fixture *f, uint64_t term, uint64_t index)
{
	const uint64_t *values;
	size_t count;

	ck_assert_int_eq(f->view.postings(f->view.arg, term, &values, &count, NULL), BASE_OK);
	for (size_t i = 0; i < count; i++) {
		if (values[i] == index)
			return true;
	}
	return false;
}

static bool is_concerned(struct fixture *f, uint64_t index, struct base_slice study, const struct base_hash *reference)
{
	struct state_concern *concerns;
	bool found = false;
	size_t count;

	ck_assert_int_eq(state_concerns(&f->view, index, &concerns, &count, NULL), BASE_OK);
	for (size_t i = 0; i < count; i++) {
		found = found || (base_slice_equal(concerns[i].study, study) &&
				  base_slice_equal(concerns[i].reference, base_hash_slice(reference)));
	}
	free(concerns);
	return found;
}

/* The chain over the leaves that state_concerns says. */
static struct state_head replay(struct fixture *f, struct base_slice study, const struct base_hash *reference)
{
	uint64_t term = state_term_participant(study, base_hash_slice(reference));
	struct state_head head = {0};

	for (uint64_t index = 0; index < f->count; index++) {
		bool concerned = is_concerned(f, index, study, reference);

		ck_assert_int_eq(fixture_posted(f, term, index), concerned);
		if (!concerned)
			continue;
		head.leaf = base_sha256_tagged(0x00, base_buf_slice(&f->entries[index]), base_slice(NULL, 0));
		head.chain = state_head_step(&head.chain, &head.leaf);
		head.count++;
	}
	return head;
}

uint64_t fixture_head(struct fixture *f, const char *study, unsigned participant)
{
	struct base_hash reference = fixture_reference(participant), key;
	struct base_buf cbor = BASE_BUF_INIT;
	struct state_head head = {0}, wanted = replay(f, base_slice_text(study), &reference);
	struct base_slice value;
	enum base_code code;

	wire_put_hash(&cbor, &reference);
	key = state_map_key(STATE_HEAD, base_slice_text(study), base_buf_slice(&cbor), 0);
	base_buf_free(&cbor);
	code = f->view.map_get(f->view.arg, &key, &value, NULL);
	if (code != BASE_NOT_FOUND) {
		ck_assert_int_eq(code, BASE_OK);
		ck_assert_int_eq(state_head_decode(&head, value, NULL), BASE_OK);
	}
	ck_assert_uint_eq(head.count, wanted.count);
	ck_assert(base_hash_equal(&head.chain, &wanted.chain));
	ck_assert(base_hash_equal(&head.leaf, &wanted.leaf));
	return head.count;
}

int fixture_run(const char *name, const TTest *const *tests)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	for (size_t i = 0; tests[i] != NULL; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
