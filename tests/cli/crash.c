/* kill -9 at random instants of a process that records as fast as it can: crash ROUNDS
 * After each kill: every acknowledged event is entered where it was said to be, and the ledger opens and goes on by itself.
 * Every tenth round, and at the end, the whole ledger is audited. */
#include "tests/chain/fixture.h"

#include "ledger/audit/audit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct ack {
	uint64_t index;
	struct base_hash id;
};

static uint64_t last_sequence(struct fix *f)
{
	struct chain_read *read = NULL;
	struct state_view view;
	struct base_slice value;
	struct base_hash kid = keys_kid(keys_private_public(f->sign));
	struct base_error err;
	uint8_t key[33] = {1};
	uint64_t max = 0;

	memcpy(key + 1, kid.bytes, 32);
	ck_ok(chain_read_begin(&read, f->chain, &ck_err));
	chain_read_view(read, &view);
	if (view.side_get(view.arg, base_slice(key, sizeof(key)), &value, &err) == BASE_OK)
		max = base_get_u64be(value.data);
	chain_read_end(&read);
	return max;
}

/* Never returns: records blocks of 1 to 16 events and acknowledges each event on fd once its block is durable. */
static void record_for_ever(struct fix *f, int fd, unsigned round)
{
	uint64_t cid = (uint64_t)round << 32;

	fix_chain_open(f);
	f->sequence = last_sequence(f);
	for (unsigned n = 0;; n++) {
		struct base_buf bytes[16] = {{0}};
		struct chain_submission events[16];
		size_t count = 1 + n % 16;
		struct base_error err = {{0}};
		uint64_t height;

		memset(events, 0, sizeof(events));
		for (size_t i = 0; i < count; i++) {
			cid++;
			fix_submit(f, &bytes[i], cid, (uint8_t)(1 + cid % 3), false);
			events[i].bytes = base_buf_slice(&bytes[i]);
		}
		if (chain_block(f->chain, (struct base_time){++f->now}, events, count, &height, &err) != BASE_OK)
			_exit(3);
		for (size_t i = 0; i < count; i++) {
			struct events_event event;
			struct ack ack;

			if (events[i].code != BASE_OK || events_decode(&event, events[i].bytes, &err) != BASE_OK)
				_exit(4);
			ack = (struct ack){events[i].index, event.id};
			if (write(fd, &ack, sizeof(ack)) != (ssize_t)sizeof(ack))
				_exit(5);
			state_outcome_free(&events[i].outcome);
			base_buf_free(&bytes[i]);
		}
	}
}

static void check_ack(struct chain_read *read, const struct ack *ack)
{
	struct base_slice bytes;
	struct chain_entry entry;
	struct events_event event;
	uint64_t found;

	ck_ok(chain_read_entry(read, ack->index, &bytes, &ck_err));
	ck_ok(chain_entry_decode(&entry, bytes, &ck_err));
	ck_assert_int_eq(entry.type, CHAIN_EVENT);
	ck_ok(events_decode(&event, entry.event, &ck_err));
	ck_assert_msg(base_hash_equal(&event.id, &ack->id), "acknowledged event lost: another stands at #%llu", (unsigned long long)ack->index);
	ck_ok(chain_read_find(read, &ack->id, &found, &ck_err));
	ck_assert_uint_eq(found, ack->index);
}

static void print_deviation(void *arg, const struct audit_deviation *deviation)
{
	(void)arg;
	fprintf(stderr, "deviation at #%llu: %s\n", (unsigned long long)deviation->index, deviation->what);
}

static void audit(struct fix *f)
{
	struct audit_options options = {.signatures = true, .deviation = print_deviation};
	struct audit_report report;

	ck_ok(audit_ledger(f->ledger_path, &options, &report, &ck_err));
}

static ssize_t read_pipe(int fd, void *out, size_t len)
{
	return read(fd, out, len);
}

static size_t one_round(struct fix *f, unsigned round)
{
	struct timespec delay = {0, (rand() % 60000) * 1000L};
	struct chain_read *read = NULL;
	struct ack ack;
	size_t acks = 0;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(fds[0]);
		record_for_ever(f, fds[1], round);
	}
	close(fds[1]);
	nanosleep(&delay, NULL);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the recording process ended by itself: %d", WEXITSTATUS(status));
	ck_ok(chain_open(&f->chain, f->ledger_path, CHAIN_READ_ONLY, NULL, &ck_err));
	ck_ok(chain_read_begin(&read, f->chain, &ck_err));
	/* A cut-off acknowledgement was none. */
	for (;;) {
		size_t have = 0;

		while (have < sizeof(ack) && (n = read_pipe(fds[0], (uint8_t *)&ack + have, sizeof(ack) - have)) > 0)
			have += (size_t)n;
		if (have < sizeof(ack))
			break;
		check_ack(read, &ack);
		acks++;
	}
	close(fds[0]);
	chain_read_end(&read);
	chain_close(f->chain);
	f->chain = NULL;
	return acks;
}

static unsigned rounds = 200;

START_TEST(ledger_when_killed_loses_nothing_acknowledged)
{
	struct fix f;
	size_t acks = 0, empty = 0;

	srand(20260301);
	fix_ledger(&f);
	fix_study_ready(&f);
	fix_chain_close(&f);
	for (unsigned round = 1; round <= rounds; round++) {
		size_t n = one_round(&f, round);

		acks += n;
		empty += n == 0;
		if (round % 10 == 0)
			audit(&f);
	}
	audit(&f);
	/* Goes on by itself: the next recording simply works. */
	fix_chain_open(&f);
	f.sequence = last_sequence(&f);
	(void)fix_submission(&f, UINT64_MAX, 1);
	fix_chain_close(&f);
	audit(&f);
	fix_close(&f);
	printf("ok %u kills, %zu acknowledged events all there (%zu kills came before the first)\n", rounds, acks, empty);
	fflush(stdout);
	ck_assert_msg(acks >= rounds, "%zu acknowledgements in %u rounds are too few to mean anything", acks, rounds);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {ledger_when_killed_loses_nothing_acknowledged, NULL};

	if (argc > 1)
		rounds = (unsigned)strtoul(argv[1], NULL, 10);
	return fix_run("crash", tests, 3000);
}
