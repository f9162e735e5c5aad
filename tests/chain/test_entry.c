#include "tests/chain/fixture.h"

#include <string.h>

static struct base_hash hash_of(uint8_t byte)
{
	struct base_hash hash;

	memset(hash.bytes, byte, sizeof(hash.bytes));
	return hash;
}

static struct chain_block_entry some_block(bool engine)
{
	return (struct chain_block_entry){
		.height = 7,
		.time = {FIX_TIME},
		.prev = hash_of(1),
		.first = 20,
		.count = 3,
		.tree = hash_of(2),
		.state = hash_of(3),
		.side = hash_of(4),
		.nodes = hash_of(5),
		.has_engine = engine,
		.engine_height = engine ? 99 : 0,
		.engine_hash = hash_of(engine ? 6 : 0),
	};
}

START_TEST(decode_when_block_was_encoded_gives_it_back)
{
	for (int engine = 0; engine < 2; engine++) {
		struct chain_block_entry block = some_block(engine != 0);
		struct base_buf bytes = BASE_BUF_INIT;
		struct chain_entry entry;

		chain_entry_encode_block(&bytes, &block);
		ck_ok(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err));
		ck_assert_int_eq(entry.type, CHAIN_BLOCK);
		ck_assert_uint_eq(entry.block.height, 7);
		ck_assert_uint_eq(entry.block.time.ms, FIX_TIME);
		ck_assert_uint_eq(entry.block.first, 20);
		ck_assert_uint_eq(entry.block.count, 3);
		ck_assert(base_hash_equal(&entry.block.prev, &block.prev));
		ck_assert(base_hash_equal(&entry.block.tree, &block.tree));
		ck_assert(base_hash_equal(&entry.block.state, &block.state));
		ck_assert(base_hash_equal(&entry.block.side, &block.side));
		ck_assert(base_hash_equal(&entry.block.nodes, &block.nodes));
		ck_assert_int_eq(entry.block.has_engine, engine);
		ck_assert_uint_eq(entry.block.engine_height, block.engine_height);
		ck_assert(base_hash_equal(&entry.block.engine_hash, &block.engine_hash));
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(decode_when_event_was_encoded_gives_it_back)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct chain_entry entry;
	struct base_slice event = base_slice_text("any bytes"), outcome = base_slice("\xa1\x01\x00", 3);

	chain_entry_encode_event(&bytes, 3, (struct base_time){5}, event, outcome);
	ck_ok(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err));
	ck_assert_int_eq(entry.type, CHAIN_EVENT);
	ck_assert_uint_eq(entry.height, 3);
	ck_assert_uint_eq(entry.time.ms, 5);
	ck_assert(base_slice_equal(entry.event, event));
	ck_assert(base_slice_equal(entry.outcome, outcome));
	base_buf_free(&bytes);
}
END_TEST

/* An entry in hex, and a piece of the sentence that refuses it. */
START_TEST(decode_when_malformed_says_why)
{
	static const struct {
		const char *hex, *why;
	} cases[] = {
		{"", "entry"},
		{"80", "entry"},
		{"83000000", "an entry is"},
		{"8403000000", "an entry is"},
		{"8409000000", "an entry is"},
		{"8401000000", "an entry is"},			  /* an event of four members */
		{"85010000" "4101" "a0", "height 0 has genesis alone"},
		{"85010100" "40" "a0", "an event is 1 to 40000 bytes"},
		{"85010100" "4101" "80", "the outcome is a map"},
		{"85010100" "6161" "a0", "entry"},			  /* text where bytes belong */
		{"85010100" "4101" "a0" "00", "entry"},		  /* something left over */
		{"8401010041a0", "entry"},
		{"84000100a0", "genesis has height 0"},
		{"8400000080", "genesis says"},
		{"850118" "0100" "4101" "a0", "entry"},		  /* a number that is not shortest */
		{"8502010000a0", "an entry is"},
		{"84020100a0", "members 1 to 8"},
		{"84021b800000000000000000a0", "below 2^63"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_buf bytes = BASE_BUF_INIT;
		struct base_error err = {{0}};
		struct chain_entry entry;

		ck_assert(base_unhex(&bytes, base_slice_text(cases[i].hex)));
		ck_assert_int_eq(chain_entry_decode(&entry, base_buf_slice(&bytes), &err), BASE_MALFORMED);
		ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%s: %s", cases[i].hex, err.text);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(decode_when_block_is_changed_in_any_bit_never_crashes)
{
	struct chain_block_entry block = some_block(true);
	struct base_buf bytes = BASE_BUF_INIT, again = BASE_BUF_INIT;
	size_t accepted = 0;

	chain_entry_encode_block(&bytes, &block);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		struct chain_entry entry;

		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (chain_entry_decode(&entry, base_buf_slice(&bytes), NULL) == BASE_OK && entry.type == CHAIN_BLOCK) {
			again.len = 0;
			chain_entry_encode_block(&again, &entry.block);
			ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&bytes)));
			accepted++;
		}
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert_uint_gt(accepted, 6 * 256); /* at least the hashes */
	base_buf_free(&bytes);
	base_buf_free(&again);
}
END_TEST

START_TEST(decode_when_over_a_limit_says_so)
{
	struct base_buf bytes = BASE_BUF_INIT, big = BASE_BUF_INIT, outcome = BASE_BUF_INIT;
	struct chain_entry entry;

	base_buf_reserve(&big, CHAIN_ENTRY_BYTES_MAX);
	memset(big.data, 7, CHAIN_ENTRY_BYTES_MAX);
	chain_entry_encode_event(&bytes, 1, (struct base_time){1}, base_slice(big.data, WIRE_EVENT_BYTES_MAX), base_slice("\xa0", 1));
	ck_ok(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err));
	bytes.len = 0;
	chain_entry_encode_event(&bytes, 1, (struct base_time){1}, base_slice(big.data, WIRE_EVENT_BYTES_MAX + 1), base_slice("\xa0", 1));
	ck_code(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err), BASE_MALFORMED);
	bytes.len = 0;
	chain_entry_encode_event(&bytes, 1, (struct base_time){1}, base_slice(big.data, CHAIN_ENTRY_BYTES_MAX), base_slice("\xa0", 1));
	ck_code(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err), BASE_LIMIT);
	/* {1: h'…'} of 7900 bytes is taken, of 7901 is not. */
	for (size_t over = 0; over < 2; over++) {
		outcome.len = 0;
		wire_put_map(&outcome, 1);
		wire_put_uint(&outcome, 1);
		wire_put_bytes(&outcome, base_slice(big.data, CHAIN_OUTCOME_BYTES_MAX - 5 + over));
		ck_assert_uint_eq(outcome.len, CHAIN_OUTCOME_BYTES_MAX + over);
		bytes.len = 0;
		chain_entry_encode_event(&bytes, 1, (struct base_time){1}, base_slice("x", 1), base_buf_slice(&outcome));
		if (over == 0)
			ck_ok(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err));
		else
			ck_code(chain_entry_decode(&entry, base_buf_slice(&bytes), &ck_err), BASE_MALFORMED);
	}
	base_buf_free(&bytes);
	base_buf_free(&big);
	base_buf_free(&outcome);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		decode_when_block_was_encoded_gives_it_back,
		decode_when_event_was_encoded_gives_it_back,
		decode_when_malformed_says_why,
		decode_when_block_is_changed_in_any_bit_never_crashes,
		decode_when_over_a_limit_says_so,
		NULL,
	};

	return fix_run("chain/entry", tests, 60);
}
