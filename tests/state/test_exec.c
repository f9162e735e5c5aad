/* Blocks: the same events give the same bytes, whatever the memory, the cache or the process. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Recomputed by every build: what changes it changes the format. */
#define SCENARIO_DIGEST "d461cbe6031c2c6025dcf814c21356e39fb9c0d77a8b3b655deef325c51164c2"

/* A bit of everything, in blocks of several events. */
static void scenario(struct fixture *f)
{
	struct base_buf events[40];
	struct fixture_result results[40], first;
	struct fixture_draft draft;
	size_t count = 0;

	memset(events, 0, sizeof(events));
	fixture_ready(f, 2);
	ck_recorded(fixture_enrol(f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/monitor", EVENTS_ROLE_MONITOR), 0);
	ck_recorded(fixture_assign(f, "h1/admin", "h2/monitor", "s1", "b", EVENTS_ROLE_MONITOR, FIXTURE_TIME, 0), 0);
	first = fixture_submit(f, "h1/dm", "s1", 1, 1);
	for (unsigned i = 0; i < 36; i++) {
		draft = fixture_draft(f, i % 5 == 4 ? "h1/admin" : "h1/dm", EVENTS_DATA_SUBMIT,
				      i % 7 == 6 ? "s7" : "s1");
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 1);
		wire_put_array(&draft.body, 3);
		for (unsigned j = 0; j < 3; j++)
			put_item(&draft.body, 100 + 3 * i + j, (i + j) % 11);
		fixture_sign(&draft, &events[count++]);
	}
	draft = fixture_draft(f, "h1/dm", EVENTS_DATA_RETRACT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &first.id, 0);
	fixture_sign(&draft, &events[count++]);
	draft = fixture_draft(f, "h2/monitor", EVENTS_ATTEST, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, &first.id, 0);
	put_key_uint(&draft.body, 2, 6);
	fixture_sign(&draft, &events[count++]);
	fixture_block(f, events, count, results);
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(results[i].code, BASE_OK);
		base_buf_free(&events[i]);
	}
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(fixture_submit(f, "h1/dm", "s1", 900 + i, i).code, BASE_OK);
}

static struct base_hash scenario_digest(void)
{
	struct base_hash digest;
	struct fixture f;

	scenario(&f);
	digest = f.digest;
	fixture_close(&f);
	return digest;
}

START_TEST(execute_when_repeated_gives_the_bytes_of_every_build)
{
	struct base_hash digest = scenario_digest();
	char hex[65];

	base_hex(hex, base_hash_slice(&digest));
	ck_assert_str_eq(hex, SCENARIO_DIGEST);
}
END_TEST

/* In another process, whose heap lies elsewhere and is full of holes and old bytes. */
START_TEST(execute_when_in_another_process_gives_the_same)
{
	struct base_hash here = scenario_digest(), there;
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		void *holes[500];

		for (size_t i = 0; i < 500; i++) {
			holes[i] = base_alloc(i * 37 % 4000 + 1);
			memset(holes[i], 0xa5, i * 37 % 4000 + 1);
		}
		for (size_t i = 0; i < 500; i += 2)
			free(holes[i]);
		there = scenario_digest();
		_exit(write(ends[1], there.bytes, sizeof(there.bytes)) == sizeof(there.bytes) ? 0 : 1);
	}
	ck_assert_int_eq(read(ends[0], there.bytes, sizeof(there.bytes)), sizeof(there.bytes));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_mem_eq(here.bytes, there.bytes, sizeof(here.bytes));
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* The same blocks through executors with no cache, one that forgets always, and one that another writer overtakes. */
START_TEST(execute_when_cache_differs_gives_the_same)
{
	struct fixture f, g;
	struct state_cache *caches[3] = {NULL, state_cache_open(1), state_cache_open(1 << 20)};

	scenario(&f);
	scenario(&g);
	for (unsigned i = 0; i < 30; i++) {
		state_cache_close(i == 0 ? g.cache : NULL);
		g.cache = caches[i % 3];
		ck_assert_int_eq(fixture_submit(&f, "h1/dm", "s1", 2000 + i, i % 13).code, BASE_OK);
		ck_assert_int_eq(fixture_submit(&g, "h1/dm", "s1", 2000 + i, i % 13).code, BASE_OK);
		ck_assert_mem_eq(f.digest.bytes, g.digest.bytes, 32);
	}
	g.cache = NULL;
	state_cache_close(caches[1]);
	state_cache_close(caches[2]);
	fixture_close(&f);
	fixture_close(&g);
}
END_TEST

/* A block that is given up leaves no trace in the cache. */
START_TEST(close_when_not_kept_makes_the_cache_forget)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_hash leaf = {{1}};
	struct fixture_draft draft;
	struct state_changes changes;
	struct state_outcome outcome;
	struct events_event event;
	struct state_exec *exec;
	struct fixture f, g;
	uint64_t index;

	scenario(&f);
	scenario(&g);
	draft = fixture_draft(&f, "h1/dm", EVENTS_DATA_SUBMIT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 3000, 77);
	fixture_sign(&draft, &bytes);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	for (int finished = 0; finished < 2; finished++) {
		exec = state_exec_begin(&f.view, f.cache, &f.ledger, base_slice_text(FIXTURE_ORIGIN), f.height + 1,
					f.time);
		index = f.count;
		ck_assert_int_eq(state_exec_judge(exec, &event, &index, &outcome, NULL), BASE_OK);
		state_outcome_free(&outcome);
		state_exec_entered(exec, &leaf);
		index = f.count + 1;
		ck_assert_int_eq(state_exec_judge(exec, &event, &index, &outcome, NULL), BASE_EXISTS);
		ck_assert_uint_eq(index, f.count);
		if (finished)
			ck_assert_int_eq(state_exec_finish(exec, &changes, NULL), BASE_OK);
		state_exec_close(exec);
	}
	ck_assert_uint_eq(fixture_head(&f, "s1", 77), 0);
	fixture_person(&f, "h1/dm")->sequence--;
	ck_recorded(fixture_submit(&f, "h1/dm", "s1", 3000, 1), 0);
	ck_recorded(fixture_submit(&g, "h1/dm", "s1", 3000, 1), 0);
	ck_assert_mem_eq(f.digest.bytes, g.digest.bytes, 32);
	base_buf_free(&bytes);
	fixture_close(&f);
	fixture_close(&g);
}
END_TEST

/* A judgement that is not entered is as if it had not been. */
START_TEST(judge_when_not_entered_changes_nothing)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct fixture_draft draft;
	struct state_changes changes;
	struct state_outcome outcome;
	struct events_event event;
	struct state_exec *exec;
	struct fixture f;
	uint64_t index;

	fixture_ready(&f, 1);
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_SUBMIT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 1, 9);
	fixture_sign(&draft, &bytes);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	exec = state_exec_begin(&f.view, f.cache, &f.ledger, base_slice_text(FIXTURE_ORIGIN), f.height + 1, f.time);
	for (int i = 0; i < 3; i++) {
		index = f.count;
		ck_assert_int_eq(state_exec_judge(exec, &event, &index, &outcome, NULL), BASE_OK);
		state_outcome_free(&outcome);
	}
	ck_assert_int_eq(state_exec_finish(exec, &changes, NULL), BASE_OK);
	ck_assert_uint_eq(changes.map_count, 0);
	ck_assert_uint_eq(changes.side_count, 0);
	ck_assert_uint_eq(changes.posting_count, 0);
	state_exec_close(exec);
	base_buf_free(&bytes);
	fixture_close(&f);
}
END_TEST

START_TEST(finish_when_nothing_changed_gives_hashes_of_nothing)
{
	struct base_hash nothing = base_sha256_tagged(0x05, base_slice(NULL, 0), base_slice(NULL, 0));
	struct base_error err = {""};
	struct state_changes changes;
	struct state_exec *exec;
	struct fixture f;

	fixture_open(&f, 1);
	exec = state_exec_begin(&f.view, NULL, &f.ledger, base_slice_text(FIXTURE_ORIGIN), 1, f.time);
	f.view_fails = true;
	ck_assert_int_eq(state_exec_finish(exec, &changes, &err), BASE_IO);
	f.view_fails = false;
	ck_assert_int_eq(state_exec_finish(exec, &changes, &err), BASE_OK);
	ck_assert_mem_eq(changes.side_hash.bytes, nothing.bytes, 32);
	ck_assert_uint_eq(changes.map_count, 0);
	state_exec_close(exec);
	fixture_close(&f);
}
END_TEST

/* Only the last value of a block goes to the map; a head steps once an entry. */
START_TEST(finish_when_head_stepped_often_writes_it_once)
{
	enum { EVENTS = 300 };
	struct base_buf *events = base_alloc(EVENTS * sizeof(*events));
	struct fixture_result *results = base_alloc(EVENTS * sizeof(*results));
	struct fixture f;

	fixture_ready(&f, 1);
	for (unsigned i = 0; i < EVENTS; i++) {
		struct fixture_draft draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_SUBMIT, "s1");

		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 1);
		wire_put_array(&draft.body, 2);
		put_item(&draft.body, 10 + 2 * i, 1); /* two items of one participant: one step */
		put_item(&draft.body, 11 + 2 * i, 1);
		fixture_sign(&draft, &events[i]);
	}
	fixture_block(&f, events, EVENTS, results);
	for (unsigned i = 0; i < EVENTS; i++) {
		ck_recorded(results[i], 0);
		base_buf_free(&events[i]);
	}
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), EVENTS + 1);
	free(events);
	free(results);
	fixture_close(&f);
}
END_TEST

/* Many records of facts in one block: chunks are cut where they must be, and read back. */
START_TEST(finish_when_a_record_grows_over_chunks_in_one_block)
{
	enum { EVENTS = 130 };
	struct base_buf events[EVENTS];
	struct fixture_result results[EVENTS], data;
	struct base_buf reference = BASE_BUF_INIT;
	struct base_slice value;
	struct base_hash key;
	struct fixture f;

	memset(events, 0, sizeof(events));
	fixture_ready(&f, 1);
	data = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	for (unsigned i = 0; i < EVENTS; i++) {
		struct fixture_draft draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_RETRACT, "s1");

		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 1);
		wire_put_array(&draft.body, 1);
		put_item_id(&draft.body, &data.id, 0);
		fixture_sign(&draft, &events[i]);
	}
	fixture_block(&f, events, 64, results);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 0, NULL), 64);
	fixture_block(&f, events + 64, EVENTS - 64, results);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 0, NULL), EVENTS);
	put_item_id(&reference, &data.id, 0);
	for (uint64_t chunk = 0; chunk < 4; chunk++) {
		struct state_fact facts[STATE_FACTS_MAX];
		struct base_hash leaf;
		size_t count;

		key = state_map_key(STATE_ITEM, base_slice_text("s1"), base_buf_slice(&reference), chunk);
		if (chunk == 3) {
			ck_assert_int_eq(f.view.map_get(f.view.arg, &key, &value, NULL), BASE_NOT_FOUND);
			break;
		}
		ck_assert_int_eq(f.view.map_get(f.view.arg, &key, &value, NULL), BASE_OK);
		ck_assert_int_eq(state_record_decode(facts, &count, &leaf, value, NULL), BASE_OK);
		ck_assert_uint_eq(count, chunk == 2 ? EVENTS - 128 : 64);
	}
	base_buf_free(&reference);
	for (unsigned i = 0; i < EVENTS; i++)
		base_buf_free(&events[i]);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		execute_when_repeated_gives_the_bytes_of_every_build,
		execute_when_in_another_process_gives_the_same,
		execute_when_cache_differs_gives_the_same,
		close_when_not_kept_makes_the_cache_forget,
		judge_when_not_entered_changes_nothing,
		finish_when_nothing_changed_gives_hashes_of_nothing,
		finish_when_head_stepped_often_writes_it_once,
		finish_when_a_record_grows_over_chunks_in_one_block,
		NULL,
	};

	return fixture_run("exec", tests);
}
