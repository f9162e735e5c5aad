/* What a participant had consented to on a day, as known at a height: look-ups in the map of a study, answered, and
 * their proofs, against one plain get of the same values in the same run.
 *     bench_consent [thousands of participants, default 1000] */
#include "ledger/state/exec_internal.h"
#include "tests/bench/measure.h"

#include <string.h>

static const struct store_spec tables[] = {{"rows", true}, {"plain", false}};
enum { ROWS, PLAIN };
#define BLOCK 1000
#define LATER 200 /* blocks in which some withdraw */
#define DAY UINT64_C(86400000)
#define BEGIN UINT64_C(1772323200000)
#define CALLS 100000
static uint64_t seed = MEASURE_SEED;

static struct base_hash numbered(uint64_t n)
{
	uint8_t bytes[8];

	base_put_u64be(bytes, n);
	return base_sha256_of(base_slice(bytes, sizeof(bytes)));
}

static void put_uint(struct base_buf *out, uint64_t key, uint64_t value)
{
	wire_put_uint(out, key);
	wire_put_uint(out, value);
}

static void put_when(struct base_buf *out, uint64_t key, uint64_t ms, enum events_precision precision)
{
	const struct events_when when = {precision, ms, true, 0};

	wire_put_uint(out, key);
	events_when_put(out, &when);
}

static void put_form(struct base_buf *out, uint64_t seed_of_cid)
{
	const struct wire_cid cid = {WIRE_RAW, numbered(seed_of_cid)};
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &cid);
	wire_put_map(out, 4);
	wire_put_uint(out, 1);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
	wire_put_uint(out, 2);
	wire_put_cstr(out, "2.1");
	wire_put_uint(out, 3);
	wire_put_cstr(out, "de");
	put_uint(out, 4, 1);
}

static void put_codes(struct base_buf *out, uint64_t key, uint64_t first, uint64_t count)
{
	wire_put_uint(out, key);
	wire_put_array(out, count);
	for (uint64_t i = 0; i < count; i++)
		wire_put_uint(out, first + i);
}

/* As broad consents are: collecting, keeping and using for research for thirty years, one exception, and recontact. */
static void put_provisions(struct base_buf *out)
{
	wire_put_array(out, 3);
	for (uint64_t n = 0; n < 3; n++) {
		wire_put_map(out, n == 1 ? 5 : 4);
		put_uint(out, 1, EVENTS_EFFECT_PERMIT);
		put_codes(out, 2, n == 2 ? 8 : 1 + n, n == 1 ? 5 : 1);
		put_codes(out, 4, n == 0 ? 42 : 105, 1);
		wire_put_uint(out, 10);
		wire_put_map(out, 2);
		put_when(out, 1, BEGIN, EVENTS_DAY);
		put_when(out, 2, BEGIN + 10950 * DAY, EVENTS_DAY);
		if (n != 1)
			continue;
		wire_put_uint(out, 12);
		wire_put_array(out, 1);
		wire_put_map(out, 2);
		put_uint(out, 1, EVENTS_EFFECT_DENY);
		put_codes(out, 3, 2, 1);
	}
}

#define FORM 7
static void put_give(struct base_buf *out, uint64_t participant, uint64_t form)
{
	const struct base_hash id = numbered(participant << 1);

	wire_put_map(out, 2);
	wire_put_uint(out, 1);
	wire_put_hash(out, &id);
	wire_put_uint(out, 2);
	wire_put_map(out, 1);
	wire_put_uint(out, EVENTS_CONSENT_GIVE);
	wire_put_map(out, 3);
	wire_put_uint(out, 1);
	put_form(out, form);
	wire_put_uint(out, 2);
	wire_put_array(out, 1);
	wire_put_map(out, 3);
	put_uint(out, 1, 1);
	put_uint(out, 2, 1);
	put_when(out, 3, BEGIN, EVENTS_DAY);
	wire_put_uint(out, 4);
	put_provisions(out);
}

static void put_withdrawal(struct base_buf *out, uint64_t participant)
{
	const struct base_hash id = numbered(participant << 1 | 1);

	wire_put_map(out, 2);
	wire_put_uint(out, 1);
	wire_put_hash(out, &id);
	wire_put_uint(out, 2);
	wire_put_map(out, 1);
	wire_put_uint(out, EVENTS_CONSENT_WITHDRAW);
	wire_put_map(out, 1);
	put_uint(out, 3, EVENTS_EXISTING_KEEP);
}

static void put_approval(struct base_buf *out, uint64_t forms)
{
	const struct base_hash id = numbered(UINT64_MAX);

	wire_put_map(out, 3);
	wire_put_uint(out, 0);
	wire_put_hash(out, &id);
	wire_put_uint(out, 1);
	wire_put_cstr(out, "ethics-a");
	wire_put_uint(out, 4);
	wire_put_map(out, 1);
	wire_put_uint(out, EVENTS_ETHICS_APPROVE);
	wire_put_map(out, 3);
	wire_put_uint(out, 1);
	wire_put_cstr(out, "1.0");
	wire_put_uint(out, 2);
	wire_put_array(out, forms);
	for (uint64_t i = 0; i < forms; i++)
		put_form(out, FORM + i);
	put_when(out, 3, BEGIN + 3650 * DAY, EVENTS_DAY);
}

/* A record of one fact, or two once it is withdrawn. */
static void put_record(struct base_buf *out, uint64_t participant, bool withdrawn)
{
	const struct base_hash leaf = numbered(participant);
	struct base_buf content = BASE_BUF_INIT;
	struct state_fact fact = {participant + 10, {BEGIN}, {EVENTS_DAY, BEGIN, true, 0}, EVENTS_CONSENT, {NULL, 0}};

	wire_put_array(out, 2);
	wire_put_array(out, withdrawn ? 2 : 1);
	put_give(&content, participant, FORM);
	fact.content = base_buf_slice(&content);
	state_fact_put(out, &fact);
	if (withdrawn) {
		content.len = 0;
		put_withdrawal(&content, participant);
		fact.content = base_buf_slice(&content);
		fact.when.utc_ms += 100 * DAY;
		fact.index += UINT64_C(1) << 32;
		state_fact_put(out, &fact);
	}
	wire_put_hash(out, &leaf);
	base_buf_free(&content);
}

static struct base_hash key_of(uint64_t participant)
{
	const struct base_hash reference = numbered(participant);
	struct base_buf cbor = BASE_BUF_INIT;
	struct base_hash key;

	wire_put_hash(&cbor, &reference);
	key = state_map_key(STATE_CONSENT, base_slice_text("s1"), base_buf_slice(&cbor), 0);
	base_buf_free(&cbor);
	return key;
}

/* ---- Filling -------------------------------------------------------------------- */

struct filled {
	struct state_write write;
	struct base_buf value;
};

static int write_order(const void *a, const void *b)
{
	return memcmp(((const struct filled *)a)->write.key.bytes, ((const struct filled *)b)->write.key.bytes,
		      BASE_HASH_BYTES);
}

/* One block of participants from `first` on, or of random ones who withdraw. */
static void block(struct store *store, struct filled *list, uint64_t first, uint64_t participants, uint64_t height,
		  bool withdrawn)
{
	static struct state_write writes[BLOCK];
	struct store_txn *txn = NULL;
	struct base_hash root;
	struct base_error err;
	size_t count = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		uint64_t participant = withdrawn ? measure_random(&seed) % participants : first + i;

		list[i].value.len = 0;
		put_record(&list[i].value, participant, withdrawn);
		list[i].write = (struct state_write){key_of(participant), base_buf_slice(&list[i].value)};
	}
	qsort(list, BLOCK, sizeof(*list), write_order);
	must(store_begin(&txn, store, true, &err), &err);
	for (size_t i = 0; i < BLOCK; i++) {
		if (count > 0 && memcmp(writes[count - 1].key.bytes, list[i].write.key.bytes, BASE_HASH_BYTES) == 0)
			continue;
		writes[count++] = list[i].write;
		must(store_put(txn, PLAIN, base_hash_slice(&list[i].write.key), list[i].write.value, &err), &err);
	}
	must(state_map_update(txn, ROWS, height, writes, count, &root, &err), &err);
	must(store_commit(&txn, &err), &err);
}

static uint64_t fill(struct store *store, uint64_t participants)
{
	struct filled *list = base_alloc(BLOCK * sizeof(*list));
	uint64_t height = 0;

	for (uint64_t first = 0; first < participants; first += BLOCK)
		block(store, list, first, participants, ++height, false);
	for (unsigned i = 0; i < LATER; i++)
		block(store, list, 0, participants, ++height, true);
	for (size_t i = 0; i < BLOCK; i++)
		base_buf_free(&list[i].value);
	free(list);
	return height;
}

/* ---- Asking ------------------------------------------------------------------------ */

enum what { PLAIN_GET, MAP_GET, ANSWER, PROVE };
struct tally {
	size_t permitted, denied, silent;
};

static void answer(struct store_txn *txn, uint64_t height, const struct base_hash *key, struct base_slice *value,
		   const struct state_fact *approval, struct tally *tally)
{
	const struct state_question question = {.at = {BEGIN + measure_random(&seed) % 300 * DAY},
						.known = UINT64_MAX,
						.use = EVENTS_USE_READ,
						.category = 1 + measure_random(&seed) % 5,
						.purpose = 107,
						.recipient = base_slice_text("hospital-b"),
						.has_collected = true,
						.collected = {BEGIN + measure_random(&seed) % 200 * DAY}};
	struct state_fact facts[STATE_FACTS_MAX];
	struct state_answer out;
	struct base_hash leaf;
	struct base_error err;
	size_t count;

	must(state_map_get(txn, ROWS, height, key, value, &err), &err);
	must(state_record_decode(facts, &count, &leaf, *value, &err), &err);
	out = state_consent_at(facts, count, approval, 1, &(struct state_cover_record){NULL, 0}, base_slice_text("a"), &question);
	tally->permitted += out.stance == STATE_PERMITTED;
	tally->denied += out.stance == STATE_DENIED;
	tally->silent += out.stance == STATE_SILENT;
}

struct spent {
	double wall, cpu; /* µs a call */
};
static struct spent ask(struct store *store, enum what what, uint64_t participants, uint64_t height,
		  const struct state_fact *approval, struct tally *tally)
{
	struct base_buf proof = BASE_BUF_INIT;
	struct store_txn *txn = NULL;
	struct base_error err;
	struct spent spent;

	must(store_begin(&txn, store, false, &err), &err);
	spent = (struct spent){now_us(), measure_us(CLOCK_PROCESS_CPUTIME_ID)};
	for (size_t i = 0; i < CALLS; i++) {
		struct base_hash key = key_of(measure_random(&seed) % participants);
		uint64_t as_of = height - measure_random(&seed) % (LATER + 1);
		struct base_slice value;

		proof.len = 0;
		if (what == PLAIN_GET)
			must(store_get(txn, PLAIN, base_hash_slice(&key), &value), &err);
		else if (what == MAP_GET)
			must(state_map_get(txn, ROWS, as_of, &key, &value, &err), &err);
		else if (what == PROVE)
			must(state_map_prove(txn, ROWS, as_of, &key, &proof, &err), &err);
		else
			answer(txn, as_of, &key, &value, approval, tally);
	}
	spent.wall = (now_us() - spent.wall) / CALLS;
	spent.cpu = (measure_us(CLOCK_PROCESS_CPUTIME_ID) - spent.cpu) / CALLS;
	store_abort(&txn);
	base_buf_free(&proof);
	return spent;
}

static void say(const char *what, struct spent spent, struct spent plain)
{
	(void)printf("  %-34s wall %6.2f us (%.0f a second), CPU %6.2f us (%.0f a second); ratios to a plain get %.1f, %.1f\n", what,
		     spent.wall, 1e6 / spent.wall, spent.cpu, 1e6 / spent.cpu, spent.wall / plain.wall, spent.cpu / plain.cpu);
}

/* The most that somebody with authority can put into the way: both records full, and every consent on a form that no
 * decision lists. */
static double worst(void)
{
	static struct state_fact approvals[STATE_DECISIONS_MAX], consents[STATE_CONSENTS_MAX];
	static struct base_buf contents[3], gives[255];
	const struct state_question question = {.at = {BEGIN + 400 * DAY}, .known = UINT64_MAX, .category = 1};
	double begin;

	put_approval(&contents[0], 4);
	put_withdrawal(&contents[1], 1);
	for (size_t i = 0; i < STATE_CONSENTS_MAX - 1; i++) {
		const struct events_when when = {EVENTS_POINT, BEGIN + i, true, 0};

		approvals[i] = (struct state_fact){i, {BEGIN}, when, EVENTS_ETHICS_DECIDE, base_buf_slice(&contents[0])};
		consents[i] = (struct state_fact){i, {BEGIN}, when, EVENTS_CONSENT, base_buf_slice(&contents[1])};
		if (i >= 255)
			continue;
		put_give(&gives[i], i, 1000 + i);
		consents[i].content = base_buf_slice(&gives[i]);
	}
	begin = measure_us(CLOCK_PROCESS_CPUTIME_ID);
	(void)state_consent_at(consents, STATE_CONSENTS_MAX - 1, approvals, 256, &(struct state_cover_record){NULL, 0}, base_slice_text("a"), &question);
	begin = measure_us(CLOCK_PROCESS_CPUTIME_ID) - begin;
	for (size_t i = 0; i < 255; i++)
		base_buf_free(&gives[i]);
	base_buf_free(&contents[0]);
	base_buf_free(&contents[1]);
	return begin;
}

int main(int argc, char **argv)
{
	uint64_t participants = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1000) * 1000;
	char *folder = measure_folder();
	struct base_buf content = BASE_BUF_INIT;
	struct state_fact approval = {5, {BEGIN}, {EVENTS_DAY, BEGIN, true, 0}, EVENTS_ETHICS_DECIDE, {NULL, 0}};
	struct tally tally = {0, 0, 0};
	struct store *store = NULL;
	struct base_error err;
	uint64_t height;
	struct spent plain, get, answered, proved;

	put_approval(&content, 1);
	approval.content = base_buf_slice(&content);
	must(store_open(&store, folder, tables, 2, STORE_CREATE | STORE_SCRATCH, &err), &err);
	height = fill(store, participants);
	store_close(store);
	must(store_open(&store, folder, tables, 2, 0, &err), &err);
	(void)ask(store, PLAIN_GET, participants, height, NULL, NULL); /* both are read once before */
	(void)ask(store, PROVE, participants, height, NULL, NULL);
	plain = ask(store, PLAIN_GET, participants, height, NULL, NULL);
	get = ask(store, MAP_GET, participants, height, NULL, NULL);
	answered = ask(store, ANSWER, participants, height, &approval, &tally);
	proved = ask(store, PROVE, participants, height, NULL, NULL);
	(void)printf("consents of %llu participants; as of the last %d heights, the reference hashed to its key\n",
		     (unsigned long long)participants, LATER);
	say("plain get", plain, plain);
	say("get as of a height", get, plain);
	say("question answered as of a height", answered, plain);
	say("proof as of a height", proved, plain);
	(void)printf("  answers: %zu permitted, %zu denied, %zu silent\n", tally.permitted, tally.denied, tally.silent);
	(void)printf("  both records full: one question %.1f ms (CPU)\n", worst() / 1000);
	store_close(store);
	measure_folder_remove(folder);
	base_buf_free(&content);
	return EXIT_SUCCESS;
}
