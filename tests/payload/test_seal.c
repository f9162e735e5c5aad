#include "tests/payload/support.h"

#include <stdlib.h>
#include <string.h>

static enum base_code open_with(const uint8_t *key, const struct payload_context *context, struct base_slice sealed,
				struct base_buf *plain)
{
	struct source source = source_of(sealed);
	struct base_error err = {{0}};
	enum base_code code = payload_open_stream(key, context, source_read, &source, sink_write, plain, &err);

	if (code != BASE_OK)
		ck_assert_uint_gt(strlen(err.text), 0);
	return code;
}

static enum base_code open_bytes(struct base_slice sealed)
{
	struct base_buf plain = BASE_BUF_INIT;
	enum base_code code = open_with(KEY, &CONTEXT, sealed, &plain);

	base_buf_free(&plain);
	return code;
}

/* ---- Padding ------------------------------------------------------------ */

START_TEST(padme_of_known_lengths_is_as_published)
{
	/* The paper's rule by hand: E = floor(log2 L), S = floor(log2 E) + 1, E - S low bits are zero. */
	static const uint64_t pairs[][2] = {
		{0, 0},
		{1, 1},
		{2, 2},
		{7, 7},
		{8, 8},
		{9, 10},
		{10, 10},
		{15, 16},
		{17, 18},
		{100, 104},
		{1000, 1024},
		{1025, 1088},
		{4097, 4352},
		{65537, 67584},
		{1000000, 1015808},
		{1u << 20, 1u << 20},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		ck_assert_uint_eq(payload_padme(pairs[i][0]), pairs[i][1]);
	ck_assert_uint_eq(payload_padme((UINT64_C(1) << 63) + 1), (UINT64_C(1) << 63) + (UINT64_C(1) << 57));
	ck_assert_uint_eq(payload_padme(UINT64_MAX), UINT64_MAX);
}
END_TEST

START_TEST(padme_of_every_small_length_is_idempotent_and_small)
{
	uint64_t before = 0;

	for (uint64_t len = 1; len < 200000; len++) {
		uint64_t padded = payload_padme(len);

		ck_assert_uint_ge(padded, len);
		ck_assert_uint_ge(padded, before);
		ck_assert_uint_eq(payload_padme(padded), padded);
		ck_assert_uint_le(100 * (padded - len), 12 * len);
		before = padded;
	}
}
END_TEST

START_TEST(frame_of_short_data_has_the_least_length)
{
	uint64_t least = payload_sealed_len(0);

	ck_assert_uint_eq(least, 40 + 1024 + 16);
	for (uint64_t len = 0; len <= 1016; len++) {
		ck_assert_uint_eq(payload_frame_len(len), 1024);
		ck_assert_uint_eq(payload_sealed_len(len), least);
	}
	ck_assert_uint_eq(payload_frame_len(1017), 1088);
	for (uint64_t len = 1017; len < 20000; len++)
		ck_assert_uint_eq(payload_frame_len(len), payload_padme(len + 8));
}
END_TEST

/* The lengths that give an arm away are those of short texts: kits, arms, reasons. */
START_TEST(seal_of_short_texts_gives_ciphertexts_of_one_length)
{
	static const char *const texts[] = {"", "verum", "placebo", "kit KIT-4711: verum, 40 mg", "kit KIT-0815: placebo"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct base_buf sealed = sealed_bytes(base_slice_text(texts[i]));

		ck_assert_uint_eq(sealed.len, 1080);
		base_buf_free(&sealed);
	}
}
END_TEST

/* ---- Round trips -------------------------------------------------------- */

static const size_t LENGTHS[] = {
	0, 1, 2, 100, 1015, 1016, 1017, 1048504, 1048505, 1048511, 1048512, 1048513, 1048520, 1048521, 1048576, 2097000, 5242880,
};

START_TEST(open_of_what_was_sealed_gives_it_back)
{
	struct base_buf plain = golden_bytes(LENGTHS[_i]), sealed = sealed_bytes(base_buf_slice(&plain)),
			back = BASE_BUF_INIT;

	ck_assert_uint_eq(sealed.len, payload_sealed_len(plain.len));
	ck_assert_int_eq(open_with(KEY, &CONTEXT, base_buf_slice(&sealed), &back), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&plain), base_buf_slice(&back)));
	base_buf_free(&plain);
	base_buf_free(&sealed);
	base_buf_free(&back);
}
END_TEST

START_TEST(seal_with_any_read_size_gives_the_same_bytes)
{
	static const size_t steps[] = {1, 7, 4096, 1048577};
	struct base_buf plain = golden_bytes(_i == 0 ? 3000 : 3000000), expected = sealed_bytes(base_buf_slice(&plain));
	struct source source = source_of(base_buf_slice(&plain));
	struct base_buf sealed = BASE_BUF_INIT, back = BASE_BUF_INIT;
	struct payload_seal seal;

	seal_fixed(&seal);
	source.step = steps[_i];
	ck_assert_int_eq(
		payload_seal_stream(&seal, &CONTEXT, plain.len, source_read, &source, sink_write, &sealed, NULL),
		BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&sealed), base_buf_slice(&expected)));
	source = source_of(base_buf_slice(&sealed));
	source.step = steps[_i];
	ck_assert_int_eq(payload_open_stream(KEY, &CONTEXT, source_read, &source, sink_write, &back, NULL), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&plain), base_buf_slice(&back)));
	base_buf_free(&plain);
	base_buf_free(&expected);
	base_buf_free(&sealed);
	base_buf_free(&back);
}
END_TEST

/* Plaintext lengths whose frame fills segments exactly: no empty segment follows. */
START_TEST(frame_that_fills_its_segments_has_no_segment_more)
{
	size_t frame = PAYLOAD_FIRST_BYTES + (size_t)_i * PAYLOAD_NEXT_BYTES;
	struct base_buf bytes = golden_bytes(frame), sealed = BASE_BUF_INIT;
	struct source source = source_of(base_buf_slice(&bytes));
	struct payload_seal seal;

	seal_fixed(&seal);
	ck_assert_int_eq(payload_frame_seal(&seal, &CONTEXT, frame, source_read, &source, sink_write, &sealed, NULL),
			 BASE_OK);
	ck_assert_uint_eq(sealed.len, ((size_t)_i + 1) * PAYLOAD_SEGMENT_BYTES);
	base_buf_free(&bytes);
	base_buf_free(&sealed);
}
END_TEST

START_TEST(seal_random_twice_differs)
{
	struct payload_seal a, b;

	ck_assert_int_eq(payload_seal_random(&a, NULL), BASE_OK);
	ck_assert_int_eq(payload_seal_random(&b, NULL), BASE_OK);
	ck_assert_mem_ne(a.key, b.key, sizeof(a.key));
	ck_assert_mem_ne(a.salt, b.salt, sizeof(a.salt));
	ck_assert_mem_ne(a.nonce_prefix, b.nonce_prefix, sizeof(a.nonce_prefix));
}
END_TEST

/* ---- Refusals ----------------------------------------------------------- */

START_TEST(seal_when_the_source_changed_is_refused)
{
	struct base_buf plain = golden_bytes(2000000);
	struct source source = source_of(base_buf_slice(&plain));
	struct payload_seal seal;
	struct base_error err;
	uint64_t written = 0;

	seal_fixed(&seal);
	ck_assert_int_eq(
		payload_seal_stream(&seal, &CONTEXT, plain.len + 1, source_read, &source, sink_count, &written, &err),
		BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "changed while it was read"));
	source.at = 0;
	ck_assert_int_eq(
		payload_seal_stream(&seal, &CONTEXT, plain.len - 1, source_read, &source, sink_count, &written, &err),
		BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "changed while it was read"));
	source.at = 0;
	source.bytes.len = 0;
	ck_assert_int_eq(payload_seal_stream(&seal, &CONTEXT, 1, source_read, &source, sink_count, &written, &err),
			 BASE_MALFORMED);
	source.fail_at_end = true;
	ck_assert_int_eq(payload_seal_stream(&seal, &CONTEXT, 1, source_read, &source, sink_count, &written, &err),
			 BASE_IO);
	base_buf_free(&plain);
}
END_TEST

START_TEST(seal_of_more_than_the_limit_is_refused_before_reading)
{
	struct source source = source_of(base_slice(NULL, 0));
	struct payload_seal seal;
	uint64_t written = 0;

	seal_fixed(&seal);
	source.fail_at_end = true;
	ck_assert_int_eq(payload_seal_stream(&seal, &CONTEXT, PAYLOAD_PLAINTEXT_BYTES_MAX + 1, source_read, &source,
					     sink_count, &written, NULL),
			 BASE_LIMIT);
	ck_assert_uint_eq(payload_sealed_len(PAYLOAD_PLAINTEXT_BYTES_MAX + 1), UINT64_MAX);
}
END_TEST

START_TEST(open_with_another_key_or_context_is_refused)
{
	struct base_buf sealed = sealed_bytes(base_slice("hello", 5)), plain = BASE_BUF_INIT;
	struct payload_context other = CONTEXT;
	uint8_t key[32];

	memcpy(key, KEY, sizeof(key));
	key[31] ^= 1;
	ck_assert_int_eq(open_with(key, &CONTEXT, base_buf_slice(&sealed), &plain), BASE_MISMATCH);
	other.ledger.bytes[0] ^= 1;
	ck_assert_int_eq(open_with(KEY, &other, base_buf_slice(&sealed), &plain), BASE_MISMATCH);
	other = CONTEXT;
	other.study = NULL;
	ck_assert_int_eq(open_with(KEY, &other, base_buf_slice(&sealed), &plain), BASE_MISMATCH);
	other.study = "RARE-2";
	ck_assert_int_eq(open_with(KEY, &other, base_buf_slice(&sealed), &plain), BASE_MISMATCH);
	other = CONTEXT;
	other.organisation = "site-b";
	ck_assert_int_eq(open_with(KEY, &other, base_buf_slice(&sealed), &plain), BASE_MISMATCH);
	ck_assert_uint_eq(plain.len, 0);
	base_buf_free(&sealed);
	base_buf_free(&plain);
}
END_TEST

START_TEST(open_of_a_small_payload_with_any_byte_flipped_is_refused)
{
	struct base_buf sealed = sealed_bytes(base_slice("hello", 5));

	for (size_t i = 0; i < sealed.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			sealed.data[i] ^= (uint8_t)(1u << bit);
			ck_assert_int_ne(open_bytes(base_buf_slice(&sealed)), BASE_OK);
			sealed.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	ck_assert_int_eq(open_bytes(base_buf_slice(&sealed)), BASE_OK);
	base_buf_free(&sealed);
}
END_TEST

START_TEST(open_of_a_cut_or_lengthened_payload_is_refused)
{
	struct base_buf plain = golden_bytes(2500000), sealed = sealed_bytes(base_buf_slice(&plain));
	static const size_t cuts[] = {0,       1,	39,	 40,	  56,	   63,	    64,
				      1048575, 1048576, 1048577, 1048592, 1048593, 2097152, 2097153};

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		ck_assert_int_ne(open_bytes(base_slice(sealed.data, cuts[i])), BASE_OK);
	ck_assert_int_ne(open_bytes(base_slice(sealed.data, sealed.len - 1)), BASE_OK);
	base_buf_byte(&sealed, 0);
	ck_assert_int_ne(open_bytes(base_buf_slice(&sealed)), BASE_OK);
	base_buf_free(&plain);
	base_buf_free(&sealed);
}
END_TEST

START_TEST(open_with_segments_swapped_or_left_out_is_refused)
{
	struct base_buf plain = golden_bytes(4 * 1048576), sealed = sealed_bytes(base_buf_slice(&plain)),
			changed = BASE_BUF_INIT;
	size_t segment = PAYLOAD_SEGMENT_BYTES;

	base_buf_append(&changed, base_slice(sealed.data, segment));
	base_buf_append(&changed, base_slice(sealed.data + 2 * segment, segment));
	base_buf_append(&changed, base_slice(sealed.data + segment, segment));
	base_buf_append(&changed, base_slice(sealed.data + 3 * segment, sealed.len - 3 * segment));
	ck_assert_int_eq(open_bytes(base_buf_slice(&changed)), BASE_MISMATCH);
	changed.len = 2 * segment;
	memcpy(changed.data + segment, sealed.data + segment, segment);
	ck_assert_int_eq(open_bytes(base_buf_slice(&changed)), BASE_MISMATCH);
	base_buf_free(&plain);
	base_buf_free(&sealed);
	base_buf_free(&changed);
}
END_TEST

static enum base_code open_frame(struct base_slice frame)
{
	struct source source = source_of(frame);
	struct base_buf sealed = BASE_BUF_INIT;
	struct payload_seal seal;
	enum base_code code;

	seal_fixed(&seal);
	ck_assert_int_eq(
		payload_frame_seal(&seal, &CONTEXT, frame.len, source_read, &source, sink_write, &sealed, NULL),
		BASE_OK);
	code = open_bytes(base_buf_slice(&sealed));
	base_buf_free(&sealed);
	return code;
}

/* Ciphertexts that decrypt, by somebody who has the key, with a frame that is not ours. */
START_TEST(open_of_a_wrong_frame_is_refused)
{
	uint8_t frame[1088] = {0};

	frame[7] = 9; /* 8 + 9 = 17: Padmé says 18, the least length 1024 */
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_OK);
	ck_assert_int_eq(open_frame(base_slice(frame, 17)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 18)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 1023)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 1025)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 1088)), BASE_MALFORMED);
	frame[16] = 0xff; /* the last byte of the data */
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_OK);
	frame[17] = 1; /* padding */
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_MALFORMED);
	frame[17] = 0;
	frame[1023] = 1;
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_MALFORMED);
	base_put_u64be(frame, 1016); /* no padding at all */
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_OK);
	base_put_u64be(frame, 1017); /* 1025: Padmé says 1088 */
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 1025)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 1088)), BASE_OK);
	frame[0] = 0x80;
	ck_assert_int_eq(open_frame(base_slice(frame, 1088)), BASE_MALFORMED);
	memset(frame, 0xff, 8);
	ck_assert_int_eq(open_frame(base_slice(frame, 1088)), BASE_MALFORMED);
	memset(frame, 0, sizeof(frame));
	ck_assert_int_eq(open_frame(base_slice(frame, 1024)), BASE_OK);
	ck_assert_int_eq(open_frame(base_slice(frame, 8)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 7)), BASE_MALFORMED);
	ck_assert_int_eq(open_frame(base_slice(frame, 0)), BASE_MALFORMED);
}
END_TEST

START_TEST(open_when_padding_of_a_large_frame_is_not_zero_is_refused)
{
	size_t len = 3000000, frame_len = (size_t)payload_frame_len(len);
	uint8_t *frame = base_alloc(frame_len);

	base_put_u64be(frame, len);
	ck_assert_int_eq(open_frame(base_slice(frame, frame_len)), BASE_OK);
	frame[frame_len - 1] = 1;
	ck_assert_int_eq(open_frame(base_slice(frame, frame_len)), BASE_MALFORMED);
	frame[frame_len - 1] = 0;
	frame[8 + len] = 1;
	ck_assert_int_eq(open_frame(base_slice(frame, frame_len)), BASE_MALFORMED);
	frame[8 + len] = 0;
	frame[8 + len - 1] = 1;
	ck_assert_int_eq(open_frame(base_slice(frame, frame_len)), BASE_OK);
	free(frame);
}
END_TEST

/* ---- The document's examples -------------------------------------------- */

static void assert_document(const char *name, struct base_slice bytes)
{
	struct base_buf expected = document_value(name);
	char *hex = to_hex(base_buf_slice(&expected));

	assert_hex(bytes, hex);
	free(hex);
	base_buf_free(&expected);
}

START_TEST(examples_of_the_document_come_out)
{
	struct base_buf aad = BASE_BUF_INIT, plain = document_value("data"), sealed, message;
	struct base_hash kid, participant, commitment;
	struct payload_seal seal;
	uint8_t derived[32], cid_bytes[WIRE_CID_BYTES];
	struct payload_dag *dag;
	struct wire_cid cid;

	seal_fixed(&seal);
	assert_document("key", base_slice(seal.key, 32));
	assert_document("salt", base_slice(seal.salt, 32));
	assert_document("nonce prefix", base_slice(seal.nonce_prefix, 7));
	payload_context_put(&aad, &CONTEXT);
	assert_document("aad", base_buf_slice(&aad));
	keys_hkdf(derived, 32, base_slice(KEY, 32), base_slice(seal.salt, 32), base_buf_slice(&aad));
	assert_document("derived key", base_slice(derived, 32));
	sealed = sealed_bytes(base_buf_slice(&plain));
	assert_document("sealed", base_buf_slice(&sealed));
	dag = payload_dag_begin(NULL, NULL);
	ck_assert_int_eq(payload_dag_add(dag, base_buf_slice(&sealed), NULL), BASE_OK);
	ck_assert_int_eq(payload_dag_end(dag, &cid, NULL, NULL), BASE_OK);
	wire_cid_bytes(cid_bytes, &cid);
	assert_document("cid", base_slice(cid_bytes, sizeof(cid_bytes)));
	memset(kid.bytes, 0x11, 32);
	memset(participant.bytes, 0x22, 32);
	assert_document("kid", base_hash_slice(&kid));
	assert_document("participant", base_hash_slice(&participant));
	commitment = payload_commitment(KEY, &CONTEXT.ledger, CONTEXT.study, base_hash_slice(&participant), &kid, &cid);
	assert_document("kc", base_hash_slice(&commitment));
	message = document_value("kc message");
	commitment = keys_hmac(base_slice(KEY, 32), base_buf_slice(&message));
	assert_document("kc", base_hash_slice(&commitment));
	base_buf_free(&message);
	commitment = payload_commitment(KEY, &CONTEXT.ledger, NULL, base_slice(NULL, 0), &kid, &cid);
	assert_document("kc of none", base_hash_slice(&commitment));
	base_buf_free(&aad);
	base_buf_free(&plain);
	base_buf_free(&sealed);
}
END_TEST

/* ---- Key commitment ----------------------------------------------------- */

START_TEST(commitment_when_any_part_differs_is_another)
{
	struct wire_cid cid = cid_of("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
	struct base_hash kid = {{1}}, participant = {{2}}, ledger = CONTEXT.ledger, all[8];
	uint8_t key[32] = {7};

	all[0] = payload_commitment(key, &ledger, "S", base_hash_slice(&participant), &kid, &cid);
	all[1] = payload_commitment(key, &ledger, NULL, base_hash_slice(&participant), &kid, &cid);
	all[2] = payload_commitment(key, &ledger, "S", base_slice(NULL, 0), &kid, &cid);
	kid.bytes[31] = 1;
	all[3] = payload_commitment(key, &ledger, "S", base_hash_slice(&participant), &kid, &cid);
	kid.bytes[31] = 0;
	cid.codec = WIRE_DAG_PB;
	all[4] = payload_commitment(key, &ledger, "S", base_hash_slice(&participant), &kid, &cid);
	cid.codec = WIRE_RAW;
	key[0] = 8;
	all[5] = payload_commitment(key, &ledger, "S", base_hash_slice(&participant), &kid, &cid);
	key[0] = 7;
	ledger.bytes[3] ^= 1;
	all[6] = payload_commitment(key, &ledger, "S", base_hash_slice(&participant), &kid, &cid);
	all[7] = payload_commitment(key, &CONTEXT.ledger, "", base_hash_slice(&participant), &kid, &cid);
	for (size_t i = 0; i < 8; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(!base_hash_equal(&all[i], &all[j]));
	ledger.bytes[3] ^= 1;
	all[1] = payload_commitment(key, &ledger, "S", base_hash_slice(&participant), &kid, &cid);
	ck_assert(base_hash_equal(&all[0], &all[1]));
}
END_TEST

static void add(Suite *suite)
{
	TCase *tc = tcase_create("seal");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, padme_of_known_lengths_is_as_published);
	tcase_add_test(tc, padme_of_every_small_length_is_idempotent_and_small);
	tcase_add_test(tc, frame_of_short_data_has_the_least_length);
	tcase_add_test(tc, seal_of_short_texts_gives_ciphertexts_of_one_length);
	tcase_add_loop_test(tc, open_of_what_was_sealed_gives_it_back, 0, (int)(sizeof(LENGTHS) / sizeof(LENGTHS[0])));
	tcase_add_loop_test(tc, seal_with_any_read_size_gives_the_same_bytes, 0, 4);
	tcase_add_loop_test(tc, frame_that_fills_its_segments_has_no_segment_more, 0, 3);
	tcase_add_test(tc, seal_random_twice_differs);
	tcase_add_test(tc, seal_when_the_source_changed_is_refused);
	tcase_add_test(tc, seal_of_more_than_the_limit_is_refused_before_reading);
	tcase_add_test(tc, open_with_another_key_or_context_is_refused);
	tcase_add_test(tc, open_of_a_small_payload_with_any_byte_flipped_is_refused);
	tcase_add_test(tc, open_of_a_cut_or_lengthened_payload_is_refused);
	tcase_add_test(tc, open_with_segments_swapped_or_left_out_is_refused);
	tcase_add_test(tc, open_of_a_wrong_frame_is_refused);
	tcase_add_test(tc, open_when_padding_of_a_large_frame_is_not_zero_is_refused);
	tcase_add_test(tc, examples_of_the_document_come_out);
	tcase_add_test(tc, commitment_when_any_part_differs_is_another);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	return run_suite("payload: seal", add);
}
