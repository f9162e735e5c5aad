#include "tests/chain/fixture.h"

#include <string.h>

START_TEST(decode_when_encoded_gives_it_back)
{
	struct fix f;
	struct chain_genesis *g = NULL;
	struct base_buf again = BASE_BUF_INIT;

	fix_open(&f);
	ck_ok(chain_genesis_decode(&g, base_buf_slice(&f.genesis), &ck_err));
	ck_assert_str_eq(g->origin, FIX_ORIGIN);
	ck_assert_uint_eq(g->time.ms, FIX_TIME);
	ck_assert_uint_eq(g->founder_count, 1);
	ck_assert_str_eq(g->founders[0].organisation, FIX_ORGANISATION);
	ck_assert_str_eq(g->founders[0].title, "Hôpital des Essais");
	ck_assert_str_eq(g->founders[0].country, "FR");
	ck_assert_int_eq(g->founders[0].recovery.purpose, KEYS_RECOVERY);
	ck_assert_uint_eq(g->node_count, 1);
	ck_assert_str_eq(g->nodes[0].name, FIX_NODE);
	ck_assert_mem_eq(g->nodes[0].log.bytes, keys_private_public(f.log)->bytes, 32);
	ck_assert_mem_eq(g->nodes[0].cosign.bytes, keys_private_public(f.cosign)->bytes, 32);
	ck_assert_mem_eq(g->nodes[0].sign.bytes, keys_private_public(f.node_sign)->bytes, 33);
	ck_ok(chain_genesis_encode(&again, g, &ck_err));
	ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&f.genesis)));
	base_buf_free(&again);
	chain_genesis_close(g);
	fix_close(&f);
}
END_TEST

/* What is wrong with each, and a piece of the sentence. */
START_TEST(encode_when_a_rule_is_broken_says_which)
{
	struct chain_genesis *good = NULL;
	struct base_buf out = BASE_BUF_INIT;
	struct fix f;

	fix_open(&f);
	ck_ok(chain_genesis_decode(&good, base_buf_slice(&f.genesis), &ck_err));
	for (int i = 0; i < 16; i++) {
		struct chain_founder founders[2] = {good->founders[0], good->founders[0]};
		struct chain_node nodes[2] = {good->nodes[0], good->nodes[0]};
		struct chain_genesis g = *good;
		struct base_error err = {{0}};
		enum base_code expected = BASE_MALFORMED;
		const char *why = "";

		g.founders = founders;
		g.nodes = nodes;
		switch (i) {
		case 0: g.origin = ""; why = "origin"; break;
		case 1: g.origin = "https://ledger.example/1"; why = "origin"; break;
		case 2: g.origin = "ledger example"; why = "origin"; break;
		case 3: g.origin = "ledger.example/a+b"; why = "origin"; break;
		case 4: g.origin = "other.example/1"; why = "another ledger"; expected = BASE_MISMATCH; break;
		case 5: founders[0].organisation = "Hospital"; why = "valid code"; break;
		case 6: founders[0].organisation = "clinic"; why = "another organisation"; expected = BASE_MISMATCH; break;
		case 7: founders[0].title = ""; why = "title"; break;
		case 8: founders[0].title = "two\nlines"; why = "title"; break;
		case 9: founders[0].country = "fr"; why = "country"; break;
		case 10: g.founder_count = 2; why = "twice"; break;
		case 11: nodes[0].name = "clinic/node-1"; why = "named"; break;
		case 12: nodes[0].cosign = nodes[0].log; nodes[0].cosign.purpose = KEYS_COSIGN; why = "one key"; break;
		case 13: g.node_count = 2; why = "share"; break;
		case 14: g.node_count = 0; why = "1 to 64"; break;
		case 15: founders[0].title = "bad \xff utf-8"; why = "UTF-8"; break;
		}
		ck_assert_int_eq(chain_genesis_encode(&out, &g, &err), expected);
		ck_assert_msg(strstr(err.text, why) != NULL, "%d: %s", i, err.text);
		ck_assert_uint_eq(out.len, 0);
	}
	chain_genesis_close(good);
	base_buf_free(&out);
	fix_close(&f);
}
END_TEST

START_TEST(decode_when_format_is_newer_says_version)
{
	struct chain_genesis *g = NULL;
	struct base_error err = {{0}};
	uint8_t *version;
	struct fix f;

	fix_open(&f);
	/* [0, 0, time, {1: 1, … : the byte behind the map's head and its first key. */
	version = f.genesis.data + 3 + 9 + 2;
	ck_assert_uint_eq(version[-2], 0xa5);
	ck_assert_uint_eq(version[0], CHAIN_FORMAT);
	*version = 1;
	ck_assert_int_eq(chain_genesis_decode(&g, base_buf_slice(&f.genesis), &err), BASE_VERSION);
	ck_assert_ptr_nonnull(strstr(err.text, "early version"));
	*version = CHAIN_FORMAT + 1;
	ck_assert_int_eq(chain_genesis_decode(&g, base_buf_slice(&f.genesis), &err), BASE_VERSION);
	ck_assert_ptr_nonnull(strstr(err.text, "use a newer version"));
	*version = 0;
	ck_code(chain_genesis_decode(&g, base_buf_slice(&f.genesis), &ck_err), BASE_MALFORMED);
	fix_close(&f);
}
END_TEST

START_TEST(decode_when_any_bit_is_changed_is_refused_or_is_another_ledger)
{
	struct fix f;
	size_t accepted = 0;

	fix_open(&f);
	for (size_t bit = 0; bit < f.genesis.len * 8; bit++) {
		struct chain_genesis *g = NULL, *same = NULL;
		struct base_buf again = BASE_BUF_INIT;

		f.genesis.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (chain_genesis_decode(&g, base_buf_slice(&f.genesis), NULL) == BASE_OK) {
			accepted++;
			ck_ok(chain_genesis_encode(&again, g, &ck_err));
			ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&f.genesis)));
			/* The founder signed the other bytes. */
			ck_assert_int_ne(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), NULL), BASE_OK);
		}
		f.genesis.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		chain_genesis_close(g);
		chain_genesis_close(same);
		base_buf_free(&again);
	}
	ck_assert_uint_gt(accepted, 0); /* times, titles, keys of nodes */
	fix_close(&f);
}
END_TEST

START_TEST(verify_when_signatures_are_not_the_founders_refuses)
{
	struct base_buf other = BASE_BUF_INIT;
	struct chain_genesis *g = NULL;
	struct fix f;

	fix_open(&f);
	ck_ok(chain_genesis_decode(&g, base_buf_slice(&f.genesis), &ck_err));
	ck_ok(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), &ck_err));
	ck_code(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_slice(NULL, 0), &ck_err), BASE_MISMATCH);
	base_buf_append(&other, base_buf_slice(&f.signatures));
	base_buf_append(&other, base_buf_slice(&f.signatures));
	ck_code(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_buf_slice(&other), &ck_err), BASE_MALFORMED);
	other.len = 0;
	ck_ok(chain_genesis_sign(&other, base_buf_slice(&f.genesis), FIX_ORIGIN, FIX_ADMIN, f.manager, &ck_err));
	ck_code(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_buf_slice(&other), &ck_err), BASE_MISMATCH);
	other.len = 0;
	ck_ok(chain_genesis_sign(&other, base_buf_slice(&f.genesis), "other.example/1", FIX_ADMIN, f.sign, &ck_err));
	ck_code(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_buf_slice(&other), &ck_err), BASE_MISMATCH);
	for (size_t i = 0; i < f.signatures.len; i++) {
		f.signatures.data[i] ^= 1;
		ck_assert_int_ne(chain_genesis_verify(g, base_buf_slice(&f.genesis), base_buf_slice(&f.signatures), NULL), BASE_OK);
		f.signatures.data[i] ^= 1;
	}
	chain_genesis_close(g);
	base_buf_free(&other);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		decode_when_encoded_gives_it_back,
		encode_when_a_rule_is_broken_says_which,
		decode_when_format_is_newer_says_version,
		decode_when_any_bit_is_changed_is_refused_or_is_another_ledger,
		verify_when_signatures_are_not_the_founders_refuses,
		NULL,
	};

	return fix_run("chain/genesis", tests, 300);
}
