#include "tests/proof/support.h"

#include <string.h>

#define ROOT64 "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define CHECKPOINT "log.example/1\n77\n" ROOT64 "\n"

/* Policies are written with @L1 to @L4 for log keys and @W1 to @W9 for witness keys (seed = digit, +10
 * for witnesses), @P1 to @P9 for ML-DSA-44 ones. Log names are log.example/DIGIT, the others wDIGIT.example. */
static void expand(struct base_buf *out, const char *text)
{
	char name[32];
	uint32_t id;

	for (; *text != '\0'; text++) {
		if (*text != '@') {
			base_buf_byte(out, (uint8_t)*text);
			continue;
		}
		snprintf(name, sizeof(name), text[1] == 'L' ? "log.example/%c" : "w%c.example", text[2]);
		if (text[1] == 'L')
			vkey_text(out, (uint8_t)(text[2] - '0'), name, PROOF_ED25519);
		else if (text[1] == 'W')
			vkey_text(out, (uint8_t)(text[2] - '0' + 10), name, PROOF_COSIGNATURE);
		else
			ml_dsa_vkey_text(out, (uint8_t)(text[2] - '0'), name, &id);
		text += 2;
	}
}

static struct proof_policy *policy_of(const char *text)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_policy *policy;

	expand(&bytes, text);
	OK(proof_policy_parse(&policy, BYTES_OF(bytes), ERR));
	base_buf_free(&bytes);
	return policy;
}

static void refused(enum base_code want, const char *text, const char *why)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_policy *policy = (void *)1;
	struct base_error err = {""};
	enum base_code code;

	expand(&bytes, text);
	code = proof_policy_parse(&policy, BYTES_OF(bytes), &err);
	ck_assert_msg(code == want, "%s\n%s, %s", text, base_code_name(code), err.text);
	ck_assert_ptr_null(policy);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s\n%s, not %s", text, err.text, why);
	base_buf_free(&bytes);
}

/* Note over CHECKPOINT with log 1's signature and the cosignatures of which the bit is set (bit 0 = w1). */
static void note_of(struct base_buf *bytes, struct proof_note *note, unsigned logs, unsigned witnesses)
{
	char name[32];

	bytes->len = 0;
	base_buf_print(bytes, CHECKPOINT "\n");
	for (unsigned i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "log.example/%u", i + 1);
		if (logs >> i & 1)
			note_sign(bytes, TEXT(CHECKPOINT), (uint8_t)(i + 1), name);
	}
	for (unsigned i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "w%u.example", i + 1);
		if (witnesses >> i & 1)
			note_cosign(bytes, TEXT(CHECKPOINT), (uint8_t)(i + 11), name, 1000 + i);
	}
	if (logs == 0 && witnesses == 0)
		note_line(bytes, "nobody.example", 1, TEXT("x"));
	OK(proof_note_parse(note, BYTES_OF(*bytes), ERR));
}

/* ---- Grammar ---- */

START_TEST(policy_of_the_whole_grammar_is_read)
{
	static const char *const good[] = {
		"quorum none\n",
		"log @L1\nquorum none\n",
		"log @L1 https://log.example/1\nlog @L2\nquorum none\n",
		"\n \t \n# comment\n  \t# log nonsense\nquorum none\n",
		" \tlog\t @L1 \t https://x \n\tquorum  none \t\n",
		"witness a @W1\nquorum a\n",
		"witness a @W1 https://w.example\nquorum none\n",
		"witness a @P1\nwitness b @W1\ngroup g any a b\nquorum g\n",
		"log @P1\nquorum none\n",
		"witness a @W1\ngroup g all a\nquorum g\n",
		"witness a @W1\ngroup g any a\nquorum a\n", /* the quorum may be a member of a group */
		"witness a @W1\nwitness b @W2\ngroup g 2 a b\nquorum g\n",
		"witness a @W1\nquorum a\nwitness b @W2\nlog @L1\n", /* lines in any order */
		"witness X1 @W1\nwitness X2 @W2\nwitness X3 @W3\ngroup X 2 X1 X2 X3\n"
		"witness Y1 @W4\nwitness Y2 @W5\nwitness Y3 @W6\ngroup Y any Y1 Y2 Y3\ngroup XY all X Y\nquorum XY\n",
		/* names are octets, and only `none` is special */
		"witness any @W1\nwitness 1 @W2\nwitness # @W3\nwitness \xff\xfe @W4\nwitness K @W5\nwitness "
		"\xe2\x84\xaa @W6\n"
		"group all all any 1 # \xff\xfe\ngroup group any K \xe2\x84\xaa\nquorum all\n",
		"witness a#b @W1 u#v\nquorum a#b\n",
		"witness a+b @W1\nquorum a+b\n",
		/* one public key for a log and a witness is unwise, but no duplicate */
		"log @W1\nwitness a @W2\nquorum a\n",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		proof_policy_close(policy_of(good[i]));
	proof_policy_close(NULL);
}
END_TEST

START_TEST(policy_against_the_grammar_is_refused_with_the_reason)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "no quorum line"},
		{"log @L1\n", "no quorum line"},
		{"quorum none", "newline"},
		{"quorum none\n ", "newline"},
		{"quorum\n", "quorum NAME"},
		{"quorum none none\n", "quorum NAME"},
		{"quorum none\nquorum none\n", "second quorum"},
		{"quorum a\nwitness a @W1\n", "not defined on a line before"},
		{"quorum all\n", "not defined"},
		{"Quorum none\n", "not log, witness"},
		{"nonsense\nquorum none\n", "line 1: \"nonsense\""},
		{"quorum none\r\n", "control character"},
		{"quorum none # why\n", "quorum NAME"},
		{"\xef\xbb\xbfquorum none\n", "not log, witness"},
		{"quorum none\x7f\n", "control character"},
		{"quorum none\x01\n", "control character"},
		{"log\nquorum none\n", "without a verifier key"},
		{"log nonsense\nquorum none\n", "verifier key is"},
		{"log @L1 u v\nquorum none\n", "after the URL"},
		{"log @L1\nlog @L1\nquorum none\n", "in two log lines"},
		{"log @L1\n\nlog other.example+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none\n",
		 "line 3: the key id"},
		{"witness\nquorum none\n", "without a name"},
		{"witness a\nquorum none\n", "without a verifier key"},
		{"witness a @W1 u v\nquorum none\n", "after the URL"},
		{"witness a @L1\nquorum none\n", "type 0x01"},
		{"witness a @W1\nwitness b @W1\nquorum none\n", "in two witness lines"},
		{"witness a @P1\nwitness b @P1\nquorum none\n", "in two witness lines"},
		{"witness a @W1\nwitness a @W2\nquorum none\n", "defined twice"},
		{"witness none @W1\nquorum none\n", "reserved"},
		{"log @W1\nwitness a @W1\nquorum a\n", "same key id"},
		{"group\nquorum none\n", "a group line is"},
		{"group g\nquorum none\n", "a group line is"},
		{"group g any\nquorum none\n", "no members"},
		{"group g 0\nquorum none\n", "no members"},
		{"witness a @W1\ngroup g 0 a\nquorum g\n", "1 to 1"},
		{"witness a @W1\ngroup g 2 a\nquorum g\n", "1 to 1"},
		{"witness a @W1\ngroup g 01 a\nquorum g\n", "1 to 1"},
		{"witness a @W1\ngroup g -1 a\nquorum g\n", "1 to 1"},
		{"witness a @W1\ngroup g 18446744073709551617 a\nquorum g\n", "1 to 1"},
		{"witness a @W1\ngroup g ALL a\nquorum g\n", "1 to 1"},
		{"witness a @W1\ngroup g any a a\nquorum g\n", "listed as a member twice"},
		{"witness a @W1\ngroup g any a\ngroup h any a\nquorum g\n", "listed as a member twice"},
		{"witness a @W1\ngroup g any a b\nwitness b @W2\nquorum g\n", "\"b\" is not defined"},
		{"witness a @W1\ngroup g any a g\nquorum g\n", "\"g\" is not defined"},
		{"witness a @W1\ngroup g any a none\nquorum g\n", "\"none\" is not defined"},
		{"witness a @W1\ngroup a any a\nquorum a\n", "defined twice"},
		{"witness a @W1\ngroup none any a\nquorum none\n", "reserved"},
		{"witness a @W1\ngroup g any a\ngroup g any g\nquorum g\n", "defined twice"},
		{"witness K @W1\nquorum \xe2\x84\xaa\n", "not defined"},
	};
	struct proof_policy *policy;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(BASE_MALFORMED, bad[i].text, bad[i].why);
	REFUSED(BASE_MALFORMED, proof_policy_parse(&policy, base_slice("quorum none\0\n", 13), ERR));
}
END_TEST

/* The same public key under another name or type is the same key. */
START_TEST(policy_with_one_key_under_two_names_is_refused)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_policy *policy;

	base_buf_print(&bytes, "log ");
	vkey_text(&bytes, 1, "a.example", PROOF_ED25519);
	base_buf_print(&bytes, "\nlog ");
	vkey_text(&bytes, 1, "b.example", PROOF_COSIGNATURE);
	base_buf_print(&bytes, "\nquorum none\n");
	REFUSED(BASE_MALFORMED, proof_policy_parse(&policy, BYTES_OF(bytes), ERR));
	base_buf_free(&bytes);
}
END_TEST

START_TEST(policy_of_many_lines_is_read_up_to_the_limit)
{
	struct base_buf bytes = BASE_BUF_INIT, head = BASE_BUF_INIT;
	struct proof_policy *policy;
	char name[32];

	for (int i = 0; i < PROOF_POLICY_LINES_MAX; i++) {
		struct keys_private *key;
		struct proof_vkey vkey;
		uint8_t raw[32] = {(uint8_t)(i & 255), (uint8_t)(i >> 8), 9};

		OK(keys_private_import(&key, KEYS_COSIGN, KEYS_ED25519, raw, ERR));
		snprintf(name, sizeof(name), "w%d.example", i);
		proof_vkey_make(&vkey, name, PROOF_COSIGNATURE, keys_private_public(key));
		keys_private_close(key);
		base_buf_print(&bytes, "witness w%d ", i);
		proof_vkey_format(&bytes, &vkey);
		base_buf_byte(&bytes, '\n');
		base_buf_print(&bytes, "log ");
		vkey.alg = PROOF_ED25519;
		proof_vkey_make(&vkey, name, PROOF_ED25519, &vkey.key);
		proof_vkey_format(&bytes, &vkey);
		base_buf_byte(&bytes, '\n');
	}
	base_buf_append(&head, BYTES_OF(bytes));
	base_buf_print(&bytes, "quorum w255\n");
	OK(proof_policy_parse(&policy, BYTES_OF(bytes), ERR));
	ck_assert_uint_eq(proof_policy_logs(policy), PROOF_POLICY_LINES_MAX);
	ck_assert_uint_eq(proof_policy_witnesses(policy), PROOF_POLICY_LINES_MAX);
	ck_assert_str_eq(proof_policy_log(policy, 7)->name, "w7.example");
	ck_assert_str_eq(proof_policy_witness(policy, 255)->name, "w255.example");
	proof_policy_close(policy);
	base_buf_print(&bytes, "group g any w0\n");
	REFUSED(BASE_LIMIT, proof_policy_parse(&policy, BYTES_OF(bytes), ERR));
	base_buf_print(&head, "log ");
	vkey_text(&head, 200, "last.example", PROOF_ED25519);
	base_buf_print(&head, "\nquorum none\n");
	REFUSED(BASE_LIMIT, proof_policy_parse(&policy, BYTES_OF(head), ERR));
	bytes.len = 0;
	while (bytes.len <= PROOF_POLICY_BYTES_MAX)
		base_buf_print(&bytes, "# 0123456789\n");
	REFUSED(BASE_LIMIT, proof_policy_parse(&policy, BYTES_OF(bytes), ERR));
	base_buf_free(&bytes);
	base_buf_free(&head);
}
END_TEST

/* ---- Judgement ---- */

static bool valid(const struct proof_policy *policy, const struct proof_note *note, struct proof_verdict *verdict)
{
	struct proof_checkpoint checkpoint;
	struct base_error err = {""};
	enum base_code code = proof_policy_check(policy, note, &checkpoint, verdict, &err);

	ck_assert_msg(code == BASE_OK || (code == BASE_MISMATCH && err.text[0] != '\0'), "%s", base_code_name(code));
	if (code == BASE_OK)
		ck_assert_uint_eq(checkpoint.size, 77);
	return code == BASE_OK;
}

START_TEST(quorum_of_nested_groups_is_met_by_exactly_the_right_sets)
{
	struct proof_policy *policy =
		policy_of("log @L1\n"
			  "witness X1 @W1\nwitness X2 @W2\nwitness X3 @W3\ngroup X-witnesses 2 X1 X2 X3\n"
			  "witness Y1 @W4\nwitness Y2 @W5\nwitness Y3 @W6\ngroup Y-witnesses any Y1 Y2 Y3\n"
			  "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n");
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_verdict verdict;
	struct proof_note note;

	for (unsigned set = 0; set < 64; set++) {
		bool want = __builtin_popcount(set & 7) >= 2 && (set & 56) != 0;

		note_of(&bytes, &note, 1, set);
		ck_assert_msg(valid(policy, &note, &verdict) == want, "set %u", set);
		ck_assert_uint_eq(verdict.cosigners, (unsigned)__builtin_popcount(set));
		ck_assert_uint_eq(verdict.logs, 1);
		if (set != 0) {
			ck_assert_uint_eq(verdict.earliest_s, 1000 + (unsigned)__builtin_ctz(set));
			ck_assert_uint_eq(verdict.latest_s, 1031 - (unsigned)__builtin_clz(set));
		}
		note_of(&bytes, &note, 0, set);
		ck_assert(!valid(policy, &note, &verdict));
	}
	base_buf_free(&bytes);
	proof_policy_close(policy);
}
END_TEST

/* Deeper groups, groups of groups and witnesses, thresholds of every kind, against a plain recursive judge. */
START_TEST(quorum_of_mixed_groups_is_met_by_exactly_the_right_sets)
{
	struct proof_policy *policy =
		policy_of("log @L1\nwitness a @W1\nwitness b @W2\nwitness c @W3\nwitness d @W4\nwitness e @W5\n"
			  "witness f @W6\ngroup ab all a b\ngroup cd any c d\ngroup abe 2 ab e cd\n"
			  "group top all abe f\nquorum top\n");
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_verdict verdict;
	struct proof_note note;

	for (unsigned set = 0; set < 64; set++) {
		bool ab = (set & 3) == 3, cd = (set & 12) != 0, e = (set & 16) != 0, f = (set & 32) != 0;

		note_of(&bytes, &note, 1, set);
		ck_assert_msg(valid(policy, &note, &verdict) == ((int)ab + (int)e + (int)cd >= 2 && f), "set %u", set);
	}
	base_buf_free(&bytes);
	proof_policy_close(policy);
}
END_TEST

START_TEST(checkpoint_is_accepted_when_any_listed_log_of_its_origin_signed)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_policy *policy = policy_of("log @L1\nlog @L2\nquorum none\n");
	struct proof_verdict verdict;
	struct proof_note note;

	note_of(&bytes, &note, 1, 0);
	ck_assert(valid(policy, &note, &verdict));
	ck_assert_uint_eq(verdict.logs, 1);
	ck_assert_uint_eq(verdict.cosigners, 0);
	ck_assert_uint_eq(verdict.earliest_s, 0);
	/* Log 2 signed truly, but it is not the log of this origin. */
	note_of(&bytes, &note, 2, 0);
	ck_assert(!valid(policy, &note, &verdict));
	note_of(&bytes, &note, 3, 0);
	ck_assert(valid(policy, &note, &verdict));
	ck_assert_uint_eq(verdict.logs, 1);
	note_of(&bytes, &note, 4, 0);
	ck_assert(!valid(policy, &note, &verdict));
	ck_assert_uint_eq(verdict.unattributed, 1);
	ck_assert_str_eq(verdict.others, "log.example/3");
	proof_policy_close(policy);
	policy = policy_of("quorum none\n");
	note_of(&bytes, &note, 1, 0);
	ck_assert(!valid(policy, &note, &verdict));
	proof_policy_close(policy);
	base_buf_free(&bytes);
}
END_TEST

/* Two nodes of one consortium: one origin, two keys. */
START_TEST(logs_of_one_origin_with_several_keys_are_counted)
{
	struct base_buf text = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
	struct proof_verdict verdict;
	struct proof_policy *policy;
	struct proof_vkey logs[3];
	struct proof_note note;

	for (uint8_t i = 0; i < 3; i++)
		vkey_of(&logs[i], (uint8_t)(i + 1), "log.example/1", PROOF_ED25519);
	proof_policy_write(&text, logs, 3, NULL, 0, 0);
	OK(proof_policy_parse(&policy, BYTES_OF(text), ERR));
	base_buf_print(&bytes, CHECKPOINT "\n");
	note_sign(&bytes, TEXT(CHECKPOINT), 1, "log.example/1");
	note_sign(&bytes, TEXT(CHECKPOINT), 3, "log.example/1");
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert(valid(policy, &note, &verdict));
	ck_assert_uint_eq(verdict.logs, 2);
	proof_policy_close(policy);
	base_buf_free(&text);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(wrong_signature_of_any_known_key_fails_a_note_that_is_otherwise_good)
{
	struct proof_policy *policy = policy_of("log @L1\nlog @L2\nwitness a @W1\nwitness b @W2\nquorum a\n");
	static const char *const names[] = {"log.example/1", "log.example/2", "w1.example", "w2.example"};
	static const uint8_t seeds[] = {1, 2, 11, 12};
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_verdict verdict;
	struct proof_note note;

	for (int i = 0; i < 4; i++) {
		struct proof_vkey vkey;

		note_of(&bytes, &note, 1, 1);
		ck_assert(valid(policy, &note, &verdict));
		vkey_of(&vkey, seeds[i], names[i], i < 2 ? PROOF_ED25519 : PROOF_COSIGNATURE);
		note_line(&bytes, names[i], vkey.key_id,
			  TEXT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
		OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
		ck_assert(!valid(policy, &note, &verdict));
	}
	base_buf_free(&bytes);
	proof_policy_close(policy);
}
END_TEST

START_TEST(ml_dsa_signatures_are_named_and_never_fail_or_satisfy_a_note)
{
	struct proof_policy *with = policy_of("log @L1\nwitness a @W1\nwitness pq @P1\ngroup g any a pq\nquorum g\n");
	struct proof_policy *only = policy_of("log @L1\nwitness pq @P1\nquorum pq\n");
	struct proof_policy *without = policy_of("log @L1\nwitness a @W1\nquorum a\n");
	struct base_buf bytes = BASE_BUF_INIT, vkey = BASE_BUF_INIT, signature = BASE_BUF_INIT;
	struct proof_verdict verdict;
	struct proof_note note;
	uint32_t id;

	ml_dsa_vkey_text(&vkey, 1, "w1.example", &id);
	for (int i = 0; i < 8 + 2420; i++)
		base_buf_byte(&signature, 0x55);
	note_of(&bytes, &note, 1, 1);
	note_line(&bytes, "w1.example", id, BYTES_OF(signature));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert(valid(with, &note, &verdict));
	ck_assert_uint_eq(verdict.cosigners, 1);
	ck_assert_uint_eq(verdict.unverifiable, 1);
	ck_assert_uint_eq(verdict.unattributed, 0);
	ck_assert_str_eq(verdict.names, "w1.example");
	ck_assert_str_eq(verdict.others, "w1.example");
	ck_assert(valid(without, &note, &verdict));
	ck_assert_uint_eq(verdict.unattributed, 1);
	ck_assert_uint_eq(verdict.unverifiable, 0);
	ck_assert(!valid(only, &note, &verdict));
	ck_assert_uint_eq(verdict.cosigners, 0);
	ck_assert_uint_eq(verdict.unverifiable, 1);
	ck_assert_uint_eq(verdict.unattributed, 1);
	proof_policy_close(with);
	proof_policy_close(only);
	proof_policy_close(without);
	base_buf_free(&bytes);
	base_buf_free(&vkey);
	base_buf_free(&signature);
}
END_TEST

START_TEST(names_of_a_verdict_are_printable_and_end_in_dots_when_too_many)
{
	struct proof_policy *policy = policy_of("log @L1\nquorum none\n");
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_verdict verdict;
	struct proof_note note;

	note_of(&bytes, &note, 1, 0);
	note_line(&bytes,
		  "bell\x7f.\xc2\x9b"
		  "31m.example",
		  1, TEXT("x"));
	for (uint32_t i = 0; i < 50; i++)
		note_line(&bytes, "someone.with.a.rather.long.name.example", i, TEXT("x"));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert(valid(policy, &note, &verdict));
	ck_assert_uint_eq(verdict.unattributed, 51);
	ck_assert_int_eq(strncmp(verdict.others,
				 "bell\xef\xbf\xbd.\xef\xbf\xbd"
				 "31m.example, someone",
				 30),
			 0);
	ck_assert_uint_lt(strlen(verdict.others), sizeof(verdict.others));
	ck_assert_str_eq(verdict.others + strlen(verdict.others) - 12, "example, ...");
	proof_policy_close(policy);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(note_that_is_no_checkpoint_is_refused)
{
	struct proof_policy *policy = policy_of("log @L1\nquorum none\n");
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct proof_verdict verdict;
	struct proof_note note;

	base_buf_print(&bytes, "log.example/1\nnot a size\n\n");
	note_sign(&bytes, TEXT("log.example/1\nnot a size\n"), 1, "log.example/1");
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	REFUSED(BASE_MALFORMED, proof_policy_check(policy, &note, &checkpoint, &verdict, ERR));
	proof_policy_close(policy);
	base_buf_free(&bytes);
}
END_TEST

/* ---- Writing ---- */

START_TEST(policy_written_asks_for_k_of_the_cosigners)
{
	for (size_t n = 0; n <= 5; n++) {
		for (size_t k = 0; k <= n; k++) {
			struct base_buf text = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
			struct proof_vkey log, cosigners[5];
			struct proof_verdict verdict;
			struct proof_policy *policy;
			struct proof_note note;
			char name[32];

			vkey_of(&log, 1, "log.example/1", PROOF_ED25519);
			for (size_t i = 0; i < n; i++) {
				snprintf(name, sizeof(name), "w%zu.example", i + 1);
				vkey_of(&cosigners[i], (uint8_t)(i + 11), name, PROOF_COSIGNATURE);
			}
			proof_policy_write(&text, &log, 1, cosigners, n, k);
			OK(proof_policy_parse(&policy, BYTES_OF(text), ERR));
			ck_assert_uint_eq(proof_policy_witnesses(policy), n);
			for (unsigned set = 0; set < 1u << n; set++) {
				note_of(&bytes, &note, 1, set);
				ck_assert(valid(policy, &note, &verdict) == ((size_t)__builtin_popcount(set) >= k));
			}
			proof_policy_close(policy);
			base_buf_free(&text);
			base_buf_free(&bytes);
		}
	}
}
END_TEST

SUITE_RUN("policy", policy_of_the_whole_grammar_is_read, policy_against_the_grammar_is_refused_with_the_reason,
	  policy_with_one_key_under_two_names_is_refused, policy_of_many_lines_is_read_up_to_the_limit,
	  quorum_of_nested_groups_is_met_by_exactly_the_right_sets,
	  quorum_of_mixed_groups_is_met_by_exactly_the_right_sets,
	  checkpoint_is_accepted_when_any_listed_log_of_its_origin_signed,
	  logs_of_one_origin_with_several_keys_are_counted,
	  wrong_signature_of_any_known_key_fails_a_note_that_is_otherwise_good,
	  ml_dsa_signatures_are_named_and_never_fail_or_satisfy_a_note,
	  names_of_a_verdict_are_printable_and_end_in_dots_when_too_many, note_that_is_no_checkpoint_is_refused,
	  policy_written_asks_for_k_of_the_cosigners)
