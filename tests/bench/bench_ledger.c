/* Admission, audit, rebuild and bulk items, as ratios to a bare loop of the same run:
 *     bench_ledger [EVENTS]      (default 100,000; 1,000,000 for the figures of docs/performance.md)
 *
 * The bare loop does what no ledger can leave out: on two threads it verifies secp256k1 signatures, hashes the event
 * into an RFC 9162 tree, and appends it to LMDB, a durable commit for each block of 1,000. Ours does that and everything
 * else: strict decoding, sequences, authority, outcomes, the participants' heads in the map, look-ups, checkpoints. */
#include "tests/chain/fixture.h"

#include "ledger/audit/audit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BLOCK 1000
#define PARTICIPANTS 10000
#define THREADS 2
#define PIECE 32

static uint64_t events_wanted = 100000;

/* What something took: the wall's time, which others on the machine lengthen, and the processors' (both threads, user and
 * system), which they hardly do. Seconds. */
struct cost {
	double wall, cpu;
};

static double timeval_s(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static struct cost now(void)
{
	struct timespec t;
	struct rusage usage;

	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &usage);
	return (struct cost){(double)t.tv_sec + (double)t.tv_nsec / 1e9, timeval_s(&usage.ru_utime) + timeval_s(&usage.ru_stime)};
}

static struct cost since(struct cost start)
{
	struct cost end = now();

	return (struct cost){end.wall - start.wall, end.cpu - start.cpu};
}

static struct cost each(struct cost all, uint64_t count)
{
	return (struct cost){all.wall / (double)count, all.cpu / (double)count};
}

/* ---- Two threads ---- */

struct job {
	void (*fn)(void *arg, size_t i);
	void *arg;
	size_t count;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct job *job = arg;
	size_t i;

	while ((i = atomic_fetch_add(&job->next, 1)) < job->count)
		job->fn(job->arg, i);
	return NULL;
}

static void parallel(void *context, void (*fn)(void *arg, size_t i), void *arg, size_t count)
{
	struct job job = {.fn = fn, .arg = arg, .count = count};
	pthread_t thread;
	bool started = THREADS > 1 && count > 1 && pthread_create(&thread, NULL, work, &job) == 0;

	(void)context;
	(void)work(&job);
	if (started)
		pthread_join(thread, NULL);
}

/* ---- Events ---- */

struct made {
	struct base_buf bytes; /* one after the other */
	size_t *ends;
	size_t count;
};

static struct base_slice made_at(const struct made *m, size_t i)
{
	size_t start = i == 0 ? 0 : m->ends[i - 1];

	return base_slice(m->bytes.data + start, m->ends[i] - start);
}

static struct base_hash reference_of(uint64_t participant)
{
	uint8_t seed[8];

	base_put_u64be(seed, participant);
	return base_sha256_of(base_slice(seed, sizeof(seed)));
}

static void put_item(struct base_buf *body, uint64_t n, uint64_t participant)
{
	struct base_hash reference = reference_of(participant);
	struct wire_cid cid = {.codec = WIRE_RAW, .hash = reference_of(n ^ UINT64_C(0x5555555555555555))};
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &cid);
	wire_put_map(body, 5);
	wire_put_uint(body, 1);
	wire_put_bytes(body, base_slice(bytes, sizeof(bytes)));
	wire_put_uint(body, 2);
	wire_put_hash(body, &cid.hash);
	wire_put_uint(body, 3);
	wire_put_uint(body, 4096);
	wire_put_uint(body, 4);
	wire_put_uint(body, 1);
	wire_put_uint(body, 5);
	wire_put_hash(body, &reference);
}

static void make_event(struct fix *f, struct made *m, const char *kind, struct base_buf *body)
{
	fix_event(f, &m->bytes, kind, FIX_STUDY, base_buf_slice(body), false, 0);
	m->ends = base_realloc(m->ends, (m->count + 1) * sizeof(*m->ends));
	m->ends[m->count++] = m->bytes.len;
	body->len = 0;
}

static uint64_t next_item;

static void make_submissions(struct fix *f, struct made *m, size_t count, size_t items)
{
	struct base_buf body = BASE_BUF_INIT;

	m->bytes.len = 0;
	m->count = 0;
	for (size_t i = 0; i < count; i++) {
		wire_put_map(&body, 1);
		wire_put_uint(&body, 1);
		wire_put_array(&body, items);
		for (size_t n = 0; n < items; n++) {
			next_item++;
			/* An event asks so many questions about consent: in bulk, four items of a participant. */
			put_item(&body, next_item, next_item / (items == 1 ? 1 : 4) * UINT64_C(2654435761) % PARTICIPANTS);
		}
		make_event(f, m, "data.submit", &body);
	}
	base_buf_free(&body);
}

static void make_enrolments(struct fix *f, struct made *m)
{
	struct base_buf body = BASE_BUF_INIT;

	for (uint64_t p = 0; p < PARTICIPANTS; p++) {
		struct base_hash reference = reference_of(p);

		wire_put_map(&body, 2);
		wire_put_uint(&body, 1);
		wire_put_hash(&body, &reference);
		wire_put_uint(&body, 2);
		wire_put_cstr(&body, "site-01");
		make_event(f, m, "participant.enrol", &body);
	}
	base_buf_free(&body);
}

/* ---- The bare loop ---- */

struct bare {
	const struct made *events;
	const struct keys_public *key;
	size_t first, count;
	struct base_hash *digests;
	atomic_size_t bad;
	struct store_txn *txn;
	struct proof_frontier frontier;
	uint64_t stored;
	struct store *store;
	size_t write_first, write_count;
};

/* The digest of the Sig_structure, as cheaply as it can be had: the bytes of the event with its ends cut off would do, but the
 * signature must verify, so it is computed once before the clock runs. */
static void digest_all(const struct made *m, struct base_hash *digests)
{
	for (size_t i = 0; i < m->count; i++) {
		struct events_event event;

		ck_ok(events_decode(&event, made_at(m, i), &ck_err));
		digests[i] = event.id;
	}
}

static void bare_verify(void *arg, size_t piece)
{
	struct bare *b = arg;
	size_t end = (piece + 1) * PIECE < b->count ? (piece + 1) * PIECE : b->count;

	for (size_t i = piece * PIECE; i < end; i++) {
		struct base_slice bytes = made_at(b->events, b->first + i);
		struct base_error err;

		if (keys_es256k_verify(b->key, &b->digests[b->first + i], base_slice(bytes.data + bytes.len - 64, 64), &err) != BASE_OK)
			atomic_fetch_add(&b->bad, 1);
	}
}

static void bare_stored(void *arg, uint64_t index, const struct base_hash *hash)
{
	struct bare *b = arg;

	ck_ok(store_append_u64(b->txn, 1, index, base_hash_slice(hash), &ck_err));
}

static void bare_write(struct bare *b)
{
	if (b->write_count == 0)
		return;
	ck_ok(store_begin(&b->txn, b->store, true, &ck_err));
	for (size_t i = 0; i < b->write_count; i++) {
		struct base_slice bytes = made_at(b->events, b->write_first + i);
		struct base_hash leaf = proof_leaf(bytes);

		ck_ok(store_append_u64(b->txn, 0, b->stored++, bytes, &ck_err));
		proof_frontier_add(&b->frontier, &leaf, bare_stored, b);
	}
	ck_ok(store_commit(&b->txn, &ck_err));
}

static void bare_task(void *arg, size_t i)
{
	if (i == 0)
		bare_write(arg);
	else
		bare_verify(arg, i - 1);
}

static struct cost run_bare(struct bare *b, const struct made *m)
{
	struct cost start = now();

	b->events = m;
	b->write_count = 0;
	for (size_t first = 0; first <= m->count; first += BLOCK) {
		b->first = first;
		b->count = first < m->count ? (m->count - first < BLOCK ? m->count - first : BLOCK) : 0;
		parallel(NULL, bare_task, b, 1 + (b->count + PIECE - 1) / PIECE);
		b->write_first = first;
		b->write_count = b->count;
	}
	bare_write(b);
	ck_assert_uint_eq(b->bad, 0);
	return since(start);
}

/* ---- Ours: the next block is decoded and verified while this one is executed and committed ---- */

struct ours {
	struct fix *f;
	const struct made *events;
	size_t first, count;
	struct chain_submission *next, *current;
	struct events_event *next_events, *current_events;
	size_t current_count;
};

static void ours_verify(struct ours *o, size_t piece)
{
	size_t end = (piece + 1) * PIECE < o->count ? (piece + 1) * PIECE : o->count;

	for (size_t i = piece * PIECE; i < end; i++) {
		struct chain_submission *s = &o->next[i];
		struct events_event *event = &o->next_events[i];
		struct keys_public key;
		struct base_hash kid;
		struct base_error err;

		s->bytes = made_at(o->events, o->first + i);
		s->verified = false;
		s->event = NULL;
		if (events_decode(event, s->bytes, &err) != BASE_OK)
			continue;
		memcpy(kid.bytes, event->cose.kid.data, 32);
		s->event = event;
		if (chain_key(o->f->chain, &kid, &key, &err) == BASE_OK && events_verify(event, &key, &err) == BASE_OK)
			s->verified = true;
	}
}

static void ours_task(void *arg, size_t i)
{
	struct ours *o = arg;
	uint64_t height;

	if (i > 0) {
		ours_verify(o, i - 1);
	} else if (o->current_count > 0) {
		ck_ok(chain_block(o->f->chain, (struct base_time){++o->f->now}, o->current, o->current_count, &height, &ck_err));
		for (size_t n = 0; n < o->current_count; n++) {
			ck_assert_msg(o->current[n].code == BASE_OK, "%s", o->current[n].err.text);
			ck_assert_int_ne(o->current[n].outcome.verdict, STATE_DENY);
			state_outcome_free(&o->current[n].outcome);
		}
	}
}

static struct cost run_ours(struct fix *f, const struct made *m)
{
	struct ours o = {.f = f, .events = m};
	struct cost start = now();

	o.next = base_alloc(BLOCK * sizeof(*o.next));
	o.current = base_alloc(BLOCK * sizeof(*o.current));
	o.next_events = base_alloc(BLOCK * sizeof(*o.next_events));
	o.current_events = base_alloc(BLOCK * sizeof(*o.current_events));
	for (size_t first = 0; first < m->count + BLOCK; first += BLOCK) {
		void *swap;

		o.first = first;
		o.count = first < m->count ? (m->count - first < BLOCK ? m->count - first : BLOCK) : 0;
		parallel(NULL, ours_task, &o, 1 + (o.count + PIECE - 1) / PIECE);
		swap = o.current, o.current = o.next, o.next = swap;
		swap = o.current_events, o.current_events = o.next_events, o.next_events = swap;
		o.current_count = o.count;
	}
	ours_task(&o, 0);
	free(o.next);
	free(o.current);
	free(o.next_events);
	free(o.current_events);
	return since(start);
}

/* ---- Audit ---- */

static struct cost run_audit(struct fix *f, bool signatures, uint64_t *events)
{
	struct audit_options options = {.signatures = signatures, .work = {parallel, NULL}};
	struct audit_report report;
	struct cost start = now();

	ck_ok(audit_ledger(f->ledger_path, &options, &report, &ck_err));
	*events = report.events;
	return since(start);
}

struct verifying {
	const struct made *m;
	const struct keys_public *key;
	const struct keys_verifier *verifier; /* NULL: the key is read for each signature */
	const struct base_hash *digests;
};

static void verify_piece(void *arg, size_t piece)
{
	struct verifying *v = arg;
	size_t end = (piece + 1) * PIECE < v->m->count ? (piece + 1) * PIECE : v->m->count;

	for (size_t i = piece * PIECE; i < end; i++) {
		struct base_slice bytes = made_at(v->m, i);
		struct base_slice signature = base_slice(bytes.data + bytes.len - 64, 64);
		struct base_error err;

		if (v->verifier != NULL)
			ck_assert_int_eq(keys_verifier_check(v->verifier, &v->digests[i], signature, &err), BASE_OK);
		else
			ck_assert_int_eq(keys_es256k_verify(v->key, &v->digests[i], signature, &err), BASE_OK);
	}
}

static struct cost run_verify(const struct made *m, const struct keys_public *key, bool read_once, const struct base_hash *digests)
{
	struct keys_verifier verifier;
	struct verifying v = {m, key, read_once ? &verifier : NULL, digests};
	struct cost start = now();

	ck_ok(keys_verifier_make(&verifier, key, &ck_err));
	parallel(NULL, verify_piece, &v, (m->count + PIECE - 1) / PIECE);
	return since(start);
}

/* ---- The bench ---- */

#define SAMPLE 20000 /* events that a rate is taken over */
#define ROUNDS 5     /* of bare loop and ours in turn: a machine that others use as well changes its speed within seconds */

struct sample {
	struct cost bare, ours; /* medians, of an event */
};

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), compare_doubles);
	return values[ROUNDS / 2];
}

static struct sample measure(struct fix *f, struct bare *b, struct made *m)
{
	double bare_wall[ROUNDS], bare_cpu[ROUNDS], ours_wall[ROUNDS], ours_cpu[ROUNDS];
	struct sample s;

	for (size_t i = 0; i < ROUNDS; i++) {
		struct base_hash *digests;

		make_submissions(f, m, SAMPLE / ROUNDS, 1);
		digests = base_alloc(m->count * sizeof(*digests));
		digest_all(m, digests);
		b->digests = digests;
		s.bare = each(run_bare(b, m), m->count);
		s.ours = each(run_ours(f, m), m->count);
		free(digests);
		bare_wall[i] = s.bare.wall;
		bare_cpu[i] = s.bare.cpu;
		ours_wall[i] = s.ours.wall;
		ours_cpu[i] = s.ours.cpu;
	}
	s.bare = (struct cost){median(bare_wall), median(bare_cpu)};
	s.ours = (struct cost){median(ours_wall), median(ours_cpu)};
	return s;
}

/* Cost of an event in µs, and how the second stands to the first. */
static void report(const char *what, const char *first, struct cost a, const char *second, struct cost b)
{
	printf("%s: wall: %s %.1f µs, %s %.1f, ratio %.2f; cpu: %.1f and %.1f, ratio %.2f\n", what, first, a.wall * 1e6, second, b.wall * 1e6,
	       a.wall / b.wall, a.cpu * 1e6, b.cpu * 1e6, a.cpu / b.cpu);
	fflush(stdout);
}

static void fill(struct fix *f, struct made *m, uint64_t wanted)
{
	static uint64_t have;

	while (have < wanted) {
		size_t n = wanted - have < 50000 ? (size_t)(wanted - have) : 50000;

		make_submissions(f, m, n, 1);
		(void)run_ours(f, m);
		have += n;
	}
}

static void bench_bulk(struct fix *f, struct made *m, struct cost single)
{
	struct cost item;

	make_submissions(f, m, 400, EVENTS_ITEMS_MAX);
	item = each(run_ours(f, m), 400 * EVENTS_ITEMS_MAX);
	report("bulk, 256 items an event", "event of one item", single, "item", item);
}

static void bench_audit(struct fix *f, struct made *m, const struct keys_public *key)
{
	struct base_hash *digests;
	uint64_t events;
	struct cost verify, verify_once, with, without;

	make_submissions(f, m, SAMPLE, 1);
	digests = base_alloc(m->count * sizeof(*digests));
	digest_all(m, digests);
	verify = each(run_verify(m, key, false, digests), SAMPLE);
	verify_once = each(run_verify(m, key, true, digests), SAMPLE);
	(void)run_ours(f, m);
	fix_chain_close(f);
	with = run_audit(f, true, &events);
	with = each(with, events);
	without = each(run_audit(f, false, &events), events);
	printf("audit of %llu events\n", (unsigned long long)events);
	report("audit with signatures", "bare verification", verify, "audit", with);
	report("audit with signatures", "bare verification that reads the key once", verify_once, "audit", with);
	report("rebuild of state without signatures", "audit", with, "rebuild", without);
	fix_chain_open(f);
	free(digests);
}

START_TEST(bench)
{
	static const struct store_spec tables[] = {{"entries", true}, {"hashes", true}};
	struct fix f;
	struct made m = {0};
	struct bare b = {0};
	struct sample small, large;
	char *bare_path;

	fix_ledger(&f);
	fix_study_ready(&f);
	bare_path = base_path(f.folder, "bare");
	ck_ok(store_open(&b.store, bare_path, tables, 2, STORE_CREATE, &ck_err));
	b.key = keys_private_public(f.sign);
	make_enrolments(&f, &m);
	(void)run_ours(&f, &m);
	small = measure(&f, &b, &m);
	report("durable admission, at 10,000 events recorded", "bare loop", small.bare, "ours", small.ours);
	fill(&f, &m, events_wanted);
	large = measure(&f, &b, &m);
	report("durable admission, at the size asked for", "bare loop", large.bare, "ours", large.ours);
	report("an event at the size asked for against one at 10,000", "then", large.ours, "at first", small.ours);
	printf("the same, in units of the bare loop at each moment: wall %.2f, cpu %.2f\n",
	       (large.ours.wall / large.bare.wall) / (small.ours.wall / small.bare.wall),
	       (large.ours.cpu / large.bare.cpu) / (small.ours.cpu / small.bare.cpu));
	bench_audit(&f, &m, b.key);
	bench_bulk(&f, &m, large.ours);
	store_close(b.store);
	free(bare_path);
	base_buf_free(&m.bytes);
	free(m.ends);
	fix_close(&f);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {bench, NULL};

	fix_limits = (struct state_limits){{STATE_LIMIT_MAX, 1}, {STATE_LIMIT_MAX, 1}, {STATE_LIMIT_MAX, 1}};
	if (argc > 1)
		events_wanted = strtoull(argv[1], NULL, 10);
	return fix_run("bench_ledger", tests, 7200);
}
