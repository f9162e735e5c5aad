/* Several writers, failing writes, sudden death. */
#include "tests/chain/fixture.h"

#include "ledger/store/store_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A ledger with study and actors, closed. */
static void prepare(struct fix *f)
{
	fix_ledger(f);
	fix_study_ready(f);
	fix_chain_close(f);
}

static void check_all(struct fix *f)
{
	struct chain_read *read;
	uint64_t size;

	fix_check_rebuild(f);
	fix_chain_open(f);
	read = fix_read(f);
	size = chain_read_size(read);
	chain_read_end(&read);
	for (uint64_t i = 0; i < size; i += 7)
		fix_check_receipt(f, i);
	fix_check_receipt(f, size - 1);
	fix_chain_close(f);
}

START_TEST(block_when_two_writers_take_turns_takes_up_the_others)
{
	struct chain *chains[2] = {NULL, NULL};
	struct fix f;

	prepare(&f);
	for (int i = 0; i < 2; i++)
		ck_ok(chain_open(&chains[i], f.ledger_path, 0, &f.signer, &ck_err));
	for (uint64_t i = 0; i < 12; i++) {
		f.chain = chains[i % 2];
		fix_check_receipt(&f, fix_submission(&f, i, 1));
	}
	/* One goes on alone, then the other. */
	for (uint64_t i = 12; i < 18; i++) {
		f.chain = chains[i / 15];
		fix_check_receipt(&f, fix_submission(&f, i, 2));
	}
	for (int i = 0; i < 2; i++)
		chain_close(chains[i]);
	f.chain = NULL;
	check_all(&f);
	fix_close(&f);
}
END_TEST

/* Records blocks of one submission each; who: the author and the CIDs. Leaves when *count is reached. */
static void child_records(struct fix *f, bool manager, uint64_t count)
{
	fix_chain_open(f);
	for (uint64_t i = 0; i < count; i++) {
		struct base_buf event = BASE_BUF_INIT;
		struct chain_submission s;
		uint64_t height;

		fix_submit(f, &event, (manager ? 1000000 : 0) + i, (uint8_t)(i % 3 + 1), manager);
		s = (struct chain_submission){.bytes = base_buf_slice(&event)};
		ck_ok(chain_block(f->chain, (struct base_time){FIX_TIME + 5000 + i}, &s, 1, &height, &ck_err));
		ck_assert_msg(s.code == BASE_OK, "%s", s.err.text);
		fix_check_receipt(f, s.index);
		state_outcome_free(&s.outcome);
		base_buf_free(&event);
	}
	fix_chain_close(f);
}

START_TEST(block_when_two_processes_record_at_once_keeps_all)
{
	enum { EACH = 60 };
	struct chain_read *read;
	pid_t pids[2];
	struct fix f;

	prepare(&f);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_ge(pids[i] = fork(), 0);
		if (pids[i] == 0) {
			child_records(&f, i == 1, EACH);
			_exit(0);
		}
	}
	for (int i = 0; i < 2; i++) {
		int status;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	fix_chain_open(&f);
	read = fix_read(&f);
	ck_assert_uint_eq(chain_read_height(read), 3 + 2 * EACH);
	ck_assert_uint_eq(chain_read_size(read), 10 + 4 * EACH);
	chain_read_end(&read);
	fix_chain_close(&f);
	check_all(&f);
	fix_close(&f);
}
END_TEST

/* ---- Failing writes ----------------------------------------------------- */

static uint64_t size_now(struct fix *f)
{
	struct chain_read *read = fix_read(f);
	uint64_t size = chain_read_size(read);

	chain_read_end(&read);
	return size;
}

/* Fails the n-th write of one block. False: there are not so many. */
static bool fail_once(struct fix *f, int n, bool reopen)
{
	struct base_buf events[2] = {BASE_BUF_INIT, BASE_BUF_INIT};
	struct chain_submission s[2];
	struct base_error err = {{0}};
	uint64_t before = size_now(f), height = 12345;
	enum base_code code;
	bool faulted;

	fix_submit(f, &events[0], 10 * (uint64_t)n + reopen, 1, false);
	fix_submit(f, &events[1], 10 * (uint64_t)n + 5 + reopen, 2, true);
	for (int i = 0; i < 2; i++)
		s[i] = (struct chain_submission){.bytes = base_buf_slice(&events[i])};
	f->now += 1000;
	base_fault_arm(n);
	code = chain_block(f->chain, (struct base_time){f->now}, s, 2, &height, &err);
	faulted = base_fault_count() > n;
	base_fault_arm(-1);
	ck_assert_int_eq(s[0].code, s[1].code);
	if (code == BASE_OK) {
		ck_assert(!faulted);
	} else {
		ck_assert_msg(code == BASE_NO_SPACE, "fault %d: %s: %s", n, base_code_name(code), err.text);
		ck_assert(err.text[0] != '\0');
	}
	if (s[0].code == BASE_OK) {
		/* Acknowledged, signed or not: there, whole, for good. */
		ck_assert_uint_eq(s[0].index, before);
		ck_assert_uint_eq(size_now(f), before + 3);
		for (int i = 0; i < 2; i++)
			state_outcome_free(&s[i].outcome);
	} else {
		ck_assert_int_eq(s[0].code, code);
		ck_assert_uint_eq(height, 12345);
		ck_assert_uint_eq(size_now(f), before);
	}
	if (reopen) {
		fix_chain_close(f);
		fix_chain_open(f);
	}
	/* Sent again, they are entered now, or were then. */
	for (int i = 0; i < 2; i++)
		s[i].outcome = (struct state_outcome){0};
	f->now += 1000;
	ck_ok(chain_block(f->chain, (struct base_time){f->now}, s, 2, &height, &ck_err));
	for (int i = 0; i < 2; i++) {
		ck_assert(s[i].code == BASE_OK || s[i].code == BASE_EXISTS);
		ck_assert_uint_eq(s[i].index, before + (uint64_t)i);
		if (s[i].code == BASE_OK)
			state_outcome_free(&s[i].outcome);
		base_buf_free(&events[i]);
	}
	ck_assert_uint_eq(size_now(f), before + 3);
	ck_ok(chain_flush(f->chain, &ck_err));
	fix_check_receipt(f, before);
	fix_check_receipt(f, before + 2);
	return faulted;
}

START_TEST(block_when_any_write_fails_is_whole_or_absent)
{
	int n;

	for (int reopen = 0; reopen < 2; reopen++) {
		struct fix f;

		fix_ledger(&f);
		fix_study_ready(&f);
		for (n = 0; fail_once(&f, n, reopen == 1); n++)
			;
		ck_assert_int_gt(n, 8);
		fix_chain_close(&f);
		check_all(&f);
		fix_close(&f);
	}
}
END_TEST

START_TEST(flush_when_any_write_fails_can_be_tried_again)
{
	bool faulted = true;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	for (int n = 0; faulted; n++) {
		(void)fix_submission(&f, (uint64_t)n, 1);
		base_fault_arm(n);
		faulted = chain_flush(f.chain, NULL) != BASE_OK;
		base_fault_arm(-1);
		ck_ok(chain_flush(f.chain, &ck_err));
	}
	fix_chain_close(&f);
	check_all(&f);
	fix_close(&f);
}
END_TEST

/* The map begins tiny and is outgrown again and again; nobody sees that. */
START_TEST(block_when_map_is_full_is_recorded_all_the_same)
{
	struct fix f;

	store_map_bytes_first = 1u << 20;
	fix_ledger(&f);
	fix_study_ready(&f);
	for (uint64_t i = 0; i < 60; i++) {
		struct base_buf events[40];

		for (uint64_t j = 0; j < 40; j++) {
			events[j] = BASE_BUF_INIT;
			fix_submit(&f, &events[j], 40 * i + j, (uint8_t)(j % 3 + 1), false);
		}
		(void)fix_block(&f, events, 40);
	}
	fix_check_receipt(&f, 10);
	fix_chain_close(&f);
	check_all(&f);
	fix_close(&f);
}
END_TEST

static rlim_t file_bytes(struct fix *f)
{
	char *path = base_path(f->ledger_path, "data.mdb");
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	free(path);
	return (rlim_t)st.st_size;
}

/* The system itself refuses to write, in the middle of a commit. */
START_TEST(block_when_file_may_not_grow_loses_nothing_and_goes_on_later)
{
	struct rlimit limit, free_limit;
	size_t refused = 0;
	struct fix f;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &free_limit), 0);
	fix_ledger(&f);
	fix_study_ready(&f);
	for (uint64_t round = 0; round < 6; round++) {
		limit = free_limit;
		limit.rlim_cur = file_bytes(&f) + 4096 * round;
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
		for (uint64_t i = 0; i < 30; i++) {
			struct base_buf event = BASE_BUF_INIT;
			struct chain_submission s;
			uint64_t before = size_now(&f), height;
			struct base_error err = {{0}};
			enum base_code code;

			fix_submit(&f, &event, 1000 * round + i, 1, false);
			s = (struct chain_submission){.bytes = base_buf_slice(&event)};
			f.now += 1000;
			code = chain_block(f.chain, (struct base_time){f.now}, &s, 1, &height, &err);
			if (code != BASE_OK && s.code != BASE_OK) {
				ck_assert_msg(code == BASE_NO_SPACE, "%s: %s", base_code_name(code), err.text);
				ck_assert_uint_eq(size_now(&f), before);
				refused++;
				/* Room again: the same event enters. */
				ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &free_limit), 0);
				ck_ok(chain_block(f.chain, (struct base_time){f.now}, &s, 1, &height, &ck_err));
				ck_assert_int_eq(s.code, BASE_OK);
				i = 30;
			}
			ck_assert_uint_eq(size_now(&f), before + 2);
			state_outcome_free(&s.outcome);
			base_buf_free(&event);
		}
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &free_limit), 0);
	}
	ck_assert_uint_gt(refused, 2);
	fix_chain_close(&f);
	check_all(&f);
	fix_close(&f);
}
END_TEST

/* ---- Readers ------------------------------------------------------------ */

struct reader {
	struct fix *f;
	atomic_bool stop;
	atomic_uint receipts, failures;
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	unsigned seed = 1;

	while (!atomic_load(&r->stop)) {
		struct chain_read *read = NULL;
		struct base_buf text = BASE_BUF_INIT;
		struct keys_public key;
		struct base_hash kid = keys_kid(keys_private_public(r->f->manager));
		uint64_t height, size;

		if (chain_read_begin(&read, r->f->chain, NULL) != BASE_OK || chain_read_signed(read, &height, &size, NULL) != BASE_OK ||
		    chain_read_receipt(read, (uint64_t)rand_r(&seed) % size, &text, NULL) != BASE_OK ||
		    chain_key(r->f->chain, &kid, &key, NULL) != BASE_OK)
			atomic_fetch_add(&r->failures, 1);
		else
			atomic_fetch_add(&r->receipts, 1);
		base_buf_free(&text);
		chain_read_end(&read);
	}
	return NULL;
}

START_TEST(read_when_blocks_are_recorded_meanwhile_goes_on)
{
	struct reader r = {0};
	pthread_t threads[2];
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	r.f = &f;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &r), 0);
	for (uint64_t i = 0; i < 100; i++)
		(void)fix_submission(&f, i, 1);
	while (atomic_load(&r.receipts) < 10 && atomic_load(&r.failures) == 0)
		(void)usleep(1000);
	atomic_store(&r.stop, true);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(atomic_load(&r.failures), 0);
	fix_close(&f);
}
END_TEST

/* ---- Sudden death ------------------------------------------------------- */

struct ack {
	uint64_t index;
	struct base_hash id;
};

/* Records until it is killed; says what was acknowledged. */
static void child_until_killed(struct fix *f, bool manager, int fd, uint64_t from)
{
	fix_chain_open(f);
	for (uint64_t i = from;; i += 3) {
		struct base_buf events[3] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};
		struct chain_submission s[3];
		struct events_event decoded;
		uint64_t height;

		for (uint64_t j = 0; j < 3; j++) {
			fix_submit(f, &events[j], (manager ? 1000000 : 0) + i + j, (uint8_t)((i + j) % 3 + 1), manager);
			s[j] = (struct chain_submission){.bytes = base_buf_slice(&events[j])};
		}
		ck_ok(chain_block(f->chain, (struct base_time){FIX_TIME + 5000 + i}, s, 3, &height, &ck_err));
		for (int j = 0; j < 3; j++) {
			struct ack ack = {.index = s[j].index};

			/* After a death the same events come again. */
			ck_assert_msg(s[j].code == BASE_OK || s[j].code == BASE_EXISTS, "%s", s[j].err.text);
			if (s[j].code == BASE_OK)
				state_outcome_free(&s[j].outcome);
			ck_ok(events_decode(&decoded, s[j].bytes, &ck_err));
			ack.id = decoded.id;
			if (write(fd, &ack, sizeof(ack)) != (ssize_t)sizeof(ack))
				_exit(1);
			base_buf_free(&events[j]);
		}
	}
}

static bool recv_ack(int fd, struct ack *ack)
{
	size_t got = 0;

	while (got < sizeof(*ack)) {
		ssize_t n;

		errno = 0;
		n = read(fd, (uint8_t *)ack + got, sizeof(*ack) - got);

		if (n <= 0 && errno != EINTR)
			return false;
		got += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static void check_acks(struct fix *f, int fd, uint64_t acked[2], bool manager)
{
	struct chain_read *read;
	struct ack ack;
	uint64_t index;

	fix_chain_open(f);
	read = fix_read(f);
	while (recv_ack(fd, &ack)) {
		ck_ok(chain_read_find(read, &ack.id, &index, &ck_err));
		ck_assert_uint_eq(index, ack.index);
		acked[manager]++;
	}
	fix_check_receipt(f, chain_read_size(read) - 1);
	chain_read_end(&read);
	fix_chain_close(f);
}

START_TEST(block_when_processes_are_killed_keeps_what_was_acknowledged)
{
	unsigned seed = (unsigned)time(NULL);
	uint64_t acked[2] = {0, 0};
	struct fix f;

	prepare(&f);
	for (int round = 0; round < 25 || (round < 250 && acked[0] + acked[1] < 100); round++) {
		int fds[2][2];
		pid_t pids[2];

		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(pipe(fds[i]), 0);
			ck_assert_int_ge(pids[i] = fork(), 0);
			if (pids[i] == 0) {
				(void)close(fds[i][0]);
				/* What was not acknowledged is sent again with the same sequence. */
				f.sequence += i == 0 ? acked[0] : 0;
				f.manager_sequence += i == 1 ? acked[1] : 0;
				child_until_killed(&f, i == 1, fds[i][1], acked[i]);
			}
			(void)close(fds[i][1]);
		}
		(void)usleep((useconds_t)(2000 + rand_r(&seed) % 60000));
		for (int i = 0; i < 2; i++) {
			int status;

			ck_assert_int_eq(kill(pids[i], SIGKILL), 0);
			ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
			ck_assert(WIFSIGNALED(status));
		}
		for (int i = 0; i < 2; i++) {
			check_acks(&f, fds[i][0], acked, i == 1);
			(void)close(fds[i][0]);
		}
	}
	ck_assert_uint_ge(acked[0] + acked[1], 100);
	check_all(&f);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		block_when_two_writers_take_turns_takes_up_the_others,
		block_when_two_processes_record_at_once_keeps_all,
		block_when_any_write_fails_is_whole_or_absent,
		flush_when_any_write_fails_can_be_tried_again,
		block_when_map_is_full_is_recorded_all_the_same,
		block_when_file_may_not_grow_loses_nothing_and_goes_on_later,
		read_when_blocks_are_recorded_meanwhile_goes_on,
		block_when_processes_are_killed_keeps_what_was_acknowledged,
		NULL,
	};

	return fix_run("chain/processes", tests, 300);
}
