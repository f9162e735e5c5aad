/* Height 0: what genesis does to state, and what it refuses. Also: how long a day or month lasts. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"

#include <string.h>

START_TEST(genesis_when_good_makes_founders_nodes_and_rule)
{
	struct state_fact fact;
	struct state_key key;
	struct base_hash kid, nodes_hash;
	struct wire_reader r;
	struct fixture f;

	fixture_open(&f, 2);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ORGANISATION, "h2", &fact), 1);
	ck_assert_uint_eq(fact.kind, 0);
	ck_assert_uint_eq(fact.index, 0);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("Hospital 2")));
	ck_assert(!events_has(fact.content, 3));
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ACTOR, "h1/admin", &fact), 1);
	kid = fixture_kid(fixture_person(&f, "h1/admin"));
	ck_assert_int_eq(state_key_read(&f.view, &kid, &key, NULL), BASE_OK);
	ck_assert_str_eq(key.actor, "h1/admin");
	ck_assert_uint_eq(fixture_facts(&f, STATE_GOVERNANCE, "", base_slice(NULL, 0), &fact), 1);
	ck_assert_uint_eq(events_uint(events_raw(fact.content, 1), 3), 1);
	ck_assert(events_find(fact.content, 2, &r));
	ck_assert_uint_eq(wire_get_array(&r), 2);
	ck_assert_uint_eq(fixture_facts(&f, STATE_NODES, "", base_slice(NULL, 0), &fact), 1);
	nodes_hash = state_nodes_hash(events_raw(fact.content, 1));
	ck_assert(nodes_hash.bytes[0] != 0 || nodes_hash.bytes[1] != 0);
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h2/admin")), 0));
	fixture_close(&f);
}
END_TEST

static enum base_code try_genesis(struct fixture *f, struct base_slice genesis, struct base_error *err)
{
	struct state_exec *exec =
		state_exec_begin(&f->view, NULL, &f->ledger, base_slice_text(FIXTURE_ORIGIN), 0, f->time);
	const struct base_hash leaf = {{1}};
	struct state_changes changes;
	enum base_code code = state_exec_genesis(exec, genesis, &leaf, err);

	ck_assert_int_eq(state_exec_finish(exec, &changes, NULL), BASE_OK);
	if (code != BASE_OK)
		ck_assert_uint_eq(changes.map_count + changes.posting_count, 0);
	state_exec_close(exec);
	return code;
}

/* A fixture without a ledger: what genesis is tried on. */
static void empty_open(struct fixture *f)
{
	struct fixture full;

	fixture_open(&full, 1);
	*f = full;
	state_memory_close(f->memory);
	f->memory = state_memory_open();
	state_memory_view(f->memory, &f->view, NULL, NULL);
	free(full.view.arg);
}

static void empty_close(struct fixture *f)
{
	f->view.arg = NULL;
	fixture_close(f);
}

/* Every bit of it matters, or is not state's to judge; none crashes. */
START_TEST(genesis_when_damaged_is_refused_or_understood)
{
	struct base_buf genesis = BASE_BUF_INIT;
	unsigned refused = 0;
	struct fixture f;

	empty_open(&f);
	fixture_genesis(&f, &genesis, 1);
	ck_assert_int_eq(try_genesis(&f, base_buf_slice(&genesis), NULL), BASE_OK);
	for (size_t len = 0; len < genesis.len; len += 7)
		ck_assert_int_ne(try_genesis(&f, base_slice(genesis.data, len), NULL), BASE_OK);
	for (size_t at = 0; at < genesis.len; at++) {
		struct base_error err = {""};

		genesis.data[at] ^= 0x15;
		if (try_genesis(&f, base_buf_slice(&genesis), &err) != BASE_OK) {
			refused++;
			ck_assert(err.text[0] != '\0');
		}
		genesis.data[at] ^= 0x15;
	}
	ck_assert_uint_gt(refused, genesis.len / 2);
	base_buf_free(&genesis);
	empty_close(&f);
}
END_TEST

static void replace(struct base_buf *bytes, const char *from, const char *to)
{
	uint8_t *at = memmem(bytes->data, bytes->len, from, strlen(from));

	ck_assert_ptr_nonnull(at);
	memcpy(at, to, strlen(from)); /* as long; a zero byte may be in it */
}

static void check_bad(struct fixture *f, unsigned organisations, const char *from, const char *to,
		      enum base_code expected, const char *about)
{
	struct base_buf genesis = BASE_BUF_INIT;
	struct base_error err = {""};

	fixture_genesis(f, &genesis, organisations);
	replace(&genesis, from, to);
	ck_assert_int_eq(try_genesis(f, base_buf_slice(&genesis), &err), expected);
	ck_assert_msg(strstr(err.text, about) != NULL, "%s", err.text);
	base_buf_free(&genesis);
}

START_TEST(genesis_when_wrong_is_refused_with_a_reason)
{
	struct fixture f;

	empty_open(&f);
	check_bad(&f, 1, "\xa5\x01\x02", "\xa5\x01\x03", BASE_VERSION, "format 3");
	check_bad(&f, 1, "\xa5\x01\x02", "\xa5\x01\x01", BASE_VERSION, "format 1");
	check_bad(&f, 1, "\xa5\x01\x02", "\xa5\x01\x00", BASE_MALFORMED, "version");
	check_bad(&f, 1, "ledger.example", "ledger.exampla", BASE_MALFORMED, "origin");
	check_bad(&f, 1, "\xea\x60\x03\x01", "\xea\x60\x03\x02", BASE_VERSION, "executor 2");
	check_bad(&f, 1, "\x62h1\x02", "\x62h3\x02", BASE_MALFORMED, "another organisation");
	check_bad(&f, 1, "\x62h1\x02", "\x62-1\x02", BASE_MALFORMED, "code");
	check_bad(&f, 2, "\x62h2\x02", "\x62h1\x02", BASE_MALFORMED, "twice");
	check_bad(&f, 1, "h1/admin", "h2/admin", BASE_MALFORMED, "genesis");
	empty_close(&f);
}
END_TEST

START_TEST(genesis_when_two_founders_share_a_key_is_refused)
{
	struct base_buf genesis = BASE_BUF_INIT;
	struct base_error err = {""};
	struct fixture f;

	empty_open(&f);
	fixture_person_with(&f, "h2/admin", "h1/admin");
	fixture_genesis(&f, &genesis, 2);
	ck_assert_int_eq(try_genesis(&f, base_buf_slice(&genesis), &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, "same key") != NULL, "%s", err.text);
	base_buf_free(&genesis);
	empty_close(&f);
}
END_TEST

/* ---- How long a time lasts ----------------------------------------------------- */

static uint64_t end_of(enum events_precision precision, const char *from, int16_t offset)
{
	struct events_when when = {precision, 0, offset != INT16_MIN, offset == INT16_MIN ? 0 : offset};
	struct base_time time;

	ck_assert_int_eq(base_time_parse(&time, NULL, base_slice_text(from), NULL), BASE_OK);
	when.utc_ms = time.ms;
	return state_when_end(&when);
}

static uint64_t at(const char *text)
{
	struct base_time time;

	ck_assert_int_eq(base_time_parse(&time, NULL, base_slice_text(text), NULL), BASE_OK);
	return time.ms;
}

START_TEST(when_end_is_the_first_instant_after)
{
	ck_assert_uint_eq(end_of(EVENTS_POINT, "2026-03-01T09:30:00Z", 0), at("2026-03-01T09:30:00Z"));
	ck_assert_uint_eq(end_of(EVENTS_DAY, "2026-03-01T00:00:00+02:00", 120), at("2026-03-02T00:00:00+02:00"));
	ck_assert_uint_eq(end_of(EVENTS_MONTH, "2026-02-01T00:00:00+02:00", 120), at("2026-03-01T00:00:00+02:00"));
	ck_assert_uint_eq(end_of(EVENTS_MONTH, "2024-02-01T00:00:00-11:00", -660), at("2024-03-01T00:00:00-11:00"));
	ck_assert_uint_eq(end_of(EVENTS_MONTH, "2026-12-01T00:00:00Z", INT16_MIN), at("2027-01-01T00:00:00Z"));
	ck_assert_uint_eq(end_of(EVENTS_MONTH, "1970-01-01T00:00:00Z", 0), at("1970-02-01T00:00:00Z"));
	ck_assert_uint_eq(end_of(EVENTS_MONTH, "2026-04-01T00:00:00Z", 0), at("2026-05-01T00:00:00Z"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		genesis_when_good_makes_founders_nodes_and_rule,
		genesis_when_damaged_is_refused_or_understood,
		genesis_when_wrong_is_refused_with_a_reason,
		genesis_when_two_founders_share_a_key_is_refused,
		when_end_is_the_first_instant_after,
		NULL,
	};

	return fixture_run("genesis", tests);
}
