/* The worked example of docs/formats/state.md, recomputed. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"
#include "tests/state/page.h"

#include <string.h>

#define DOCUMENT "docs/formats/state.md"

static void expect_block(const char *name, struct base_buf *want)
{
	page_expect(DOCUMENT, name, want);
}

struct example {
	struct fixture f;
	struct fixture_result results[5];
};

/* The story of section 11. */
static void example_open(struct example *e)
{
	struct fixture *f = &e->f;
	struct fixture_draft draft;

	fixture_open(f, 1);
	e->results[0] = fixture_study(f, "h1/admin", "s1", "h1", "a", "h1");
	e->results[1] = fixture_participant(f, "h1/admin", "s1", 1, "a");
	draft = fixture_draft(f, "h1/admin", EVENTS_DATA_SUBMIT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 2);
	put_item(&draft.body, 1, 1);
	put_item(&draft.body, 2, 1);
	e->results[2] = fixture_send(f, &draft);
	draft = fixture_draft(f, "h1/admin", EVENTS_DATA_RETRACT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &e->results[2].id, 1);
	e->results[3] = fixture_send(f, &draft);
	e->results[4] = fixture_submit(f, "h1/admin", "s7", 3, 0);
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(e->results[i].code, BASE_OK);
}

START_TEST(example_when_recomputed_has_these_leaves)
{
	struct base_buf want = BASE_BUF_INIT;
	struct example e;

	example_open(&e);
	ck_assert_uint_eq(e.f.count, 12);
	for (size_t i = 0; i < e.f.count; i += 2) {
		struct base_hash leaf = base_sha256_tagged(0x00, base_buf_slice(&e.f.entries[i]), base_slice(NULL, 0));

		base_buf_print(&want, "%zu ", i);
		page_hex(&want, base_hash_slice(&leaf));
		base_buf_byte(&want, '\n');
	}
	expect_block("state-leaves", &want);
	fixture_close(&e.f);
}
END_TEST

static void put_record(struct base_buf *want, struct example *e, const char *name, enum state_table table,
		       const char *study, struct base_slice reference)
{
	struct base_buf preimage = BASE_BUF_INIT;
	struct base_slice value;
	struct base_hash key;

	wire_put_array(&preimage, 4);
	wire_put_uint(&preimage, table);
	if (study == NULL)
		wire_put_null(&preimage);
	else
		wire_put_cstr(&preimage, study);
	if (reference.len == 0)
		wire_put_null(&preimage);
	else
		base_buf_append(&preimage, reference);
	wire_put_uint(&preimage, 0);
	key = base_sha256_of(base_buf_slice(&preimage));
	ck_assert_int_eq(e->f.view.map_get(e->f.view.arg, &key, &value, NULL), BASE_OK);
	base_buf_print(want, "%s ", name);
	page_hex(want, base_buf_slice(&preimage));
	base_buf_byte(want, ' ');
	page_hex(want, base_hash_slice(&key));
	base_buf_byte(want, ' ');
	page_hex(want, value);
	base_buf_byte(want, '\n');
	base_buf_free(&preimage);
}

START_TEST(example_when_recomputed_has_these_records)
{
	struct base_buf want = BASE_BUF_INIT, reference = BASE_BUF_INIT;
	struct base_hash kid, participant = fixture_reference(1);
	struct example e;

	example_open(&e);
	wire_put_cstr(&reference, "h1");
	put_record(&want, &e, "organisation", STATE_ORGANISATION, NULL, base_buf_slice(&reference));
	reference.len = 0;
	wire_put_cstr(&reference, "h1/admin");
	put_record(&want, &e, "actor", STATE_ACTOR, NULL, base_buf_slice(&reference));
	reference.len = 0;
	kid = fixture_kid(fixture_person(&e.f, "h1/admin"));
	wire_put_hash(&reference, &kid);
	put_record(&want, &e, "key", STATE_KEY, NULL, base_buf_slice(&reference));
	put_record(&want, &e, "study", STATE_STUDY, "s1", base_slice(NULL, 0));
	reference.len = 0;
	put_item_id(&reference, &e.results[2].id, 1);
	put_record(&want, &e, "item", STATE_ITEM, "s1", base_buf_slice(&reference));
	reference.len = 0;
	wire_put_hash(&reference, &participant);
	put_record(&want, &e, "participant", STATE_PARTICIPANT, "s1", base_buf_slice(&reference));
	put_record(&want, &e, "head", STATE_HEAD, "s1", base_buf_slice(&reference));
	put_record(&want, &e, "nodes", STATE_NODES, NULL, base_slice(NULL, 0));
	put_record(&want, &e, "governance", STATE_GOVERNANCE, NULL, base_slice(NULL, 0));
	ck_assert_uint_eq(fixture_head(&e.f, "s1", 1), 3);
	expect_block("state-records", &want);
	base_buf_free(&reference);
	fixture_close(&e.f);
}
END_TEST

/* One of the side state's pairs, for the page and for the hash of the block's changes. */
static void put_side(struct base_buf *want, struct base_buf *preimage, struct example *e, struct base_slice key)
{
	struct base_slice value;
	uint8_t len[4];

	ck_assert_int_eq(e->f.view.side_get(e->f.view.arg, key, &value, NULL), BASE_OK);
	base_buf_print(want, "key ");
	page_hex(want, key);
	base_buf_print(want, "\nvalue ");
	page_hex(want, value);
	base_buf_byte(want, '\n');
	base_put_u32be(len, (uint32_t)key.len);
	base_buf_append(preimage, base_slice(len, sizeof(len)));
	base_buf_append(preimage, key);
	base_put_u32be(len, (uint32_t)value.len);
	base_buf_append(preimage, base_slice(len, sizeof(len)));
	base_buf_append(preimage, value);
}

START_TEST(example_when_recomputed_has_this_side_state)
{
	struct base_buf want = BASE_BUF_INIT, preimage = BASE_BUF_INIT;
	uint8_t key[STATE_SLOT_KEY_BYTES], bucket[STATE_BUCKET_KEY_BYTES_MAX];
	struct base_hash kid, hash;
	struct state_fact fact;
	struct example e;

	example_open(&e);
	kid = fixture_kid(fixture_person(&e.f, "h1/admin"));
	state_slot_key(key, &kid);
	put_side(&want, &preimage, &e, base_slice(key, sizeof(key)));
	put_side(&want, &preimage, &e, base_slice(bucket, state_bucket_key(bucket, base_slice_text("h1"))));
	hash = base_sha256_tagged(0x05, base_buf_slice(&preimage), base_slice(NULL, 0));
	ck_assert_mem_eq(hash.bytes, e.f.side_hash.bytes, 32); /* what the executor said */
	base_buf_print(&want, "side ");
	page_hex(&want, base_hash_slice(&hash));
	ck_assert_uint_eq(fixture_facts(&e.f, STATE_NODES, "", base_slice(NULL, 0), &fact), 1);
	hash = base_sha256_tagged(0x06, events_raw(fact.content, 1), base_slice(NULL, 0));
	ck_assert_mem_eq(hash.bytes, e.f.nodes_hash.bytes, 32);
	base_buf_print(&want, "\nnodes ");
	page_hex(&want, base_hash_slice(&hash));
	base_buf_byte(&want, '\n');
	expect_block("state-side", &want);
	base_buf_free(&preimage);
	fixture_close(&e.f);
}
END_TEST

static void put_outcome(struct base_buf *want, const char *name, enum state_verdict verdict, uint64_t flags,
			uint64_t denial, const char *milestone)
{
	struct state_outcome outcome = {verdict, flags, denial, BASE_BUF_INIT, BASE_BUF_INIT};
	struct base_buf bytes = BASE_BUF_INIT;

	if (milestone != NULL) {
		wire_put_array(&outcome.milestones, 1);
		wire_put_cstr(&outcome.milestones, milestone);
	}
	state_outcome_encode(&bytes, &outcome);
	base_buf_print(want, "%s ", name);
	page_hex(want, base_buf_slice(&bytes));
	base_buf_byte(want, '\n');
	state_outcome_free(&outcome);
	base_buf_free(&bytes);
}

START_TEST(example_when_recomputed_has_these_outcomes)
{
	struct base_buf want = BASE_BUF_INIT;
	struct example e;
	char name[32];

	example_open(&e);
	for (size_t i = 0; i < 5; i++) {
		const struct fixture_result *r = &e.results[i];

		(void)snprintf(name, sizeof(name), "leaf-%llu", (unsigned long long)r->index);
		put_outcome(&want, name, r->verdict, r->flags, r->denial, NULL);
	}
	put_outcome(&want, "closed,not-enrolled", STATE_RECORDED, FLAG(STUDY_CLOSED) | FLAG(PARTICIPANT_NOT_ENROLLED),
		    0, NULL);
	put_outcome(&want, "proposal-passed", STATE_RECORDED, 0, 0, "proposal-passed");
	expect_block("state-outcomes", &want);
	fixture_close(&e.f);
}
END_TEST

/* The term from its preimage, which must be that of the function. */
static void put_term(struct base_buf *want, const char *name, struct base_buf *preimage, uint64_t term)
{
	struct base_hash hash = base_sha256_of(base_buf_slice(preimage));

	ck_assert_uint_eq(base_get_u64be(hash.bytes), term);
	base_buf_print(want, "%s ", name);
	page_hex(want, base_buf_slice(preimage));
	base_buf_byte(want, ' ');
	page_hex(want, base_slice(hash.bytes, 8));
	base_buf_byte(want, '\n');
	preimage->len = 0;
}

START_TEST(example_when_recomputed_has_these_terms)
{
	struct base_buf want = BASE_BUF_INIT, p = BASE_BUF_INIT;
	struct base_hash participant = fixture_reference(1), kid;
	struct wire_cid cid = fixture_cid(1);
	uint8_t number[8], address[WIRE_CID_BYTES];
	const struct base_hash *id;
	struct example e;

	example_open(&e);
	id = &e.results[2].id;
	kid = fixture_kid(fixture_person(&e.f, "h1/admin"));
	base_buf_print(&p, "e");
	base_buf_append(&p, base_hash_slice(id));
	put_term(&want, "event", &p, state_term_event(id));
	base_buf_print(&p, "k");
	base_buf_append(&p, base_hash_slice(&kid));
	base_put_u64be(number, 3);
	base_buf_append(&p, base_slice(number, 8));
	put_term(&want, "slot", &p, state_term_slot(&kid, 3));
	base_buf_print(&p, "ah1/admin");
	put_term(&want, "actor", &p, state_term_actor(base_slice_text("h1/admin")));
	base_buf_print(&p, "ss1");
	put_term(&want, "study", &p, state_term_study(base_slice_text("s1")));
	base_buf_print(&p, "ps1");
	base_buf_append(&p, base_hash_slice(&participant));
	put_term(&want, "participant", &p,
		 state_term_participant(base_slice_text("s1"), base_hash_slice(&participant)));
	base_buf_print(&p, "cs1");
	wire_cid_bytes(address, &cid);
	base_buf_append(&p, base_slice(address, sizeof(address)));
	put_term(&want, "cid", &p, state_term_cid(base_slice_text("s1"), &cid));
	base_buf_print(&p, "i");
	base_buf_append(&p, base_hash_slice(id));
	base_put_u64be(number, 1);
	base_buf_append(&p, base_slice(number, 8));
	put_term(&want, "item", &p, state_term_item(id, 1));
	base_buf_print(&p, "n");
	base_buf_append(&p, base_hash_slice(id));
	put_term(&want, "named", &p, state_term_named(id));
	ck_assert(fixture_posted(&e.f, state_term_item(id, 1), e.results[3].index));
	expect_block("state-terms", &want);
	base_buf_free(&p);
	fixture_close(&e.f);
}
END_TEST

/* Denials of the page are those of the code: every code is said, and none that nothing gives. */
START_TEST(page_when_read_says_every_denial_and_flag)
{
	static const char *const words[] = {"no-authority",	  "no-such-study",
					    "exists-already",	  "no-such-target",
					    "bad-proof",	  "wrong-state",
					    "already-voted",	  "proposal-not-passed",
					    "other-organisation", "too-many",
					    "not-assigned",	  "key-suspect",
					    "study-closed",	  "participant-not-enrolled",
					    "input-retracted",	  "supersedes-corrected",
					    "dataset-incomplete", "*late*"};
	struct base_buf text = BASE_BUF_INIT;

	ck_assert_int_eq(base_file_read(&text, DOCUMENT, 1 << 20, NULL), BASE_OK);
	base_buf_byte(&text, '\0');
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ck_assert_msg(strstr((const char *)text.data, words[i]) != NULL, "%s", words[i]);
	base_buf_free(&text);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		example_when_recomputed_has_these_leaves,
		example_when_recomputed_has_these_records,
		example_when_recomputed_has_this_side_state,
		example_when_recomputed_has_these_outcomes,
		example_when_recomputed_has_these_terms,
		page_when_read_says_every_denial_and_flag,
		NULL,
	};

	return fixture_run("docs", tests);
}
