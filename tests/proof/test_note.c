#include "tests/proof/support.h"

#include <string.h>

#define DASH "\xe2\x80\x94"

/* The published example of C2SP signed-note. */
static const char example_vkey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char example_note[] =
	"This is an example message.\n\n" DASH
	" example.com/foo "
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/* ---- Verifier keys ---- */

START_TEST(vkey_of_the_specification_verifies_its_note)
{
	struct proof_vkey vkey;
	struct proof_note note;
	struct base_buf again = BASE_BUF_INIT;
	uint64_t time = 5;

	OK(proof_vkey_parse(&vkey, TEXT(example_vkey), ERR));
	ck_assert_str_eq(vkey.name, "example.com/foo");
	ck_assert_uint_eq(vkey.key_id, 0x530d903a);
	ck_assert_int_eq(vkey.alg, PROOF_ED25519);
	proof_vkey_format(&again, &vkey);
	ck_assert(base_slice_equal(BYTES_OF(again), TEXT(example_vkey)));
	base_buf_free(&again);
	OK(proof_note_parse(&note, TEXT(example_note), ERR));
	ck_assert(base_slice_equal(note.text, TEXT("This is an example message.\n")));
	ck_assert_uint_eq(note.count, 1);
	OK(proof_note_verify(&note, &vkey, &time, ERR));
	ck_assert_uint_eq(time, 0);
}
END_TEST

START_TEST(vkey_made_from_a_key_reads_back)
{
	static const enum proof_note_alg algs[] = {PROOF_ED25519, PROOF_COSIGNATURE};

	for (uint8_t seed = 1; seed < 40; seed++) {
		for (int i = 0; i < 2; i++) {
			struct proof_vkey made, read;
			struct base_buf text = BASE_BUF_INIT;

			vkey_of(&made, seed, "z\xc3\xbcrich.example/log", algs[i]);
			proof_vkey_format(&text, &made);
			OK(proof_vkey_parse(&read, BYTES_OF(text), ERR));
			ck_assert_str_eq(read.name, made.name);
			ck_assert_uint_eq(read.key_id, made.key_id);
			ck_assert_int_eq(read.alg, algs[i]);
			ck_assert_int_eq(read.key.purpose, algs[i] == PROOF_ED25519 ? KEYS_LOG : KEYS_COSIGN);
			ck_assert_mem_eq(read.key.bytes, made.key.bytes, 32);
			base_buf_free(&text);
		}
	}
}
END_TEST

START_TEST(vkey_of_ml_dsa_is_read_written_and_not_verified)
{
	struct base_buf text = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct proof_vkey vkey;
	uint32_t id;

	ml_dsa_vkey_text(&text, 7, "witness.example/pq", &id);
	OK(proof_vkey_parse(&vkey, BYTES_OF(text), ERR));
	ck_assert_int_eq(vkey.alg, PROOF_ML_DSA);
	ck_assert_uint_eq(vkey.key_id, id);
	ck_assert_uint_eq(vkey.key.len, 0);
	proof_vkey_format(&again, &vkey);
	ck_assert(base_slice_equal(BYTES_OF(again), BYTES_OF(text)));
	base_buf_free(&text);
	base_buf_free(&again);
}
END_TEST

START_TEST(vkey_when_any_byte_is_changed_is_refused)
{
	struct base_buf text = BASE_BUF_INIT;

	vkey_text(&text, 3, "log.example/1", PROOF_ED25519);
	for (size_t i = 0; i < text.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct proof_vkey vkey;
			struct base_error err = {""};

			text.data[i] ^= (uint8_t)(1u << bit);
			ck_assert_int_ne(proof_vkey_parse(&vkey, BYTES_OF(text), &err), BASE_OK);
			ck_assert(err.text[0] != '\0');
			text.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	base_buf_free(&text);
}
END_TEST

START_TEST(vkey_when_malformed_is_refused)
{
	static const char *const bad[] = {
		"",
		"name",
		"name+530d903a",
		"name+530d903a+",
		"name+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
		"example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	};
	struct proof_vkey vkey;
	struct base_buf text = BASE_BUF_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		REFUSED(BASE_MALFORMED, proof_vkey_parse(&vkey, TEXT(bad[i]), ERR));
	/* A type of others: named, not misread. 0x02 over the same 32 bytes. */
	REFUSED(BASE_VERSION,
		proof_vkey_parse(&vkey, TEXT("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
				 ERR));
	for (int i = 0; i < 256; i++)
		base_buf_byte(&text, 'n');
	base_buf_print(&text, "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
	REFUSED(BASE_MALFORMED, proof_vkey_parse(&vkey, BYTES_OF(text), ERR));
	base_buf_free(&text);
}
END_TEST

/* Everybody can sign for a point of small order. */
START_TEST(vkey_of_a_point_of_small_order_is_refused)
{
	struct proof_vkey vkey, made;
	struct keys_public identity = {.purpose = KEYS_LOG, .alg = KEYS_ED25519, .bytes = {1}, .len = 32};
	struct base_buf text = BASE_BUF_INIT;
	struct base_error err;

	proof_vkey_make(&made, "log.example", PROOF_ED25519, &identity);
	proof_vkey_format(&text, &made);
	ck_assert_int_ne(proof_vkey_parse(&vkey, BYTES_OF(text), &err), BASE_OK);
	base_buf_free(&text);
}
END_TEST

START_TEST(name_when_it_has_spaces_plus_or_controls_is_not_valid)
{
	static const char *const good[] = {"a",     "example.com/log42", "\xe2\x84\xaa", "\xc3\xbc",
					   "a\x7f", "\xe2\x80\x8b",      "none"};
	static const char *const bad[] = {
		"",
		" ",
		"a b",
		"a+b",
		"a\tb",
		"a\nb",
		"a\x0b",
		"a\xc2\x85",
		"a\xc2\xa0",
		"\xe1\x9a\x80",
		"\xe2\x80\x80",
		"\xe2\x80\x8a",
		"\xe2\x80\xa8",
		"\xe2\x80\xa9",
		"\xe2\x80\xaf",
		"\xe2\x81\x9f",
		"\xe3\x80\x80",
		"\xff",
		"\xc0\x80",
		"a\x01",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(proof_name_valid(TEXT(good[i])), "%zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!proof_name_valid(TEXT(bad[i])), "%zu", i);
	ck_assert(!proof_name_valid(base_slice("a\0b", 3)));
}
END_TEST

/* ---- Notes ---- */

START_TEST(note_text_ends_at_the_last_empty_line)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_slice text = TEXT("one\n\ntwo\n\n\nthree\n");
	struct proof_vkey vkey;
	struct proof_note note;

	base_buf_append(&bytes, text);
	base_buf_byte(&bytes, '\n');
	note_sign(&bytes, text, 9, "log.example");
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert(base_slice_equal(note.text, text));
	vkey_of(&vkey, 9, "log.example", PROOF_ED25519);
	OK(proof_note_verify(&note, &vkey, NULL, ERR));
	base_buf_free(&bytes);
}
END_TEST

START_TEST(note_when_malformed_is_refused)
{
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		"text\n",
		"text\n\n",
		"text\n" DASH " a AAAAAAA=\n",
		"text\n\n" DASH " a AAAAAAA=",     /* no newline at the end */
		"text\n\n" DASH " a AAAAAAA=\n\n", /* the last empty line has no signature after it */
		"text\n\n" DASH " a AAAAAAA=\nmore\n",
		"text\n\n- a AAAAAAA=\n",
		"text\n\n" DASH "a AAAAAAA=\n",
		"text\n\n" DASH "  a AAAAAAA=\n",
		"text\n\n" DASH " a  AAAAAAA=\n",
		"text\n\n" DASH " a AAAAAAA= \n",
		"text\n\n" DASH " a\n",
		"text\n\n" DASH " a \n",
		"text\n\n" DASH " a AAAAAA==\n", /* four bytes: a key id and nothing */
		"text\n\n" DASH " a AAAAAAB=\n", /* bits after the end */
		"text\n\n" DASH " a AAAAAAA\n",  /* padding missing */
		"text\n\n" DASH " a AAAAAA-=\n",
		"text\n\n" DASH " a+b AAAAAAA=\n",
		"text\n\n" DASH " a\xc2\xa0 AAAAAAA=\n",
		"text\r\n\r\n" DASH " a AAAAAAA=\r\n",
		"te\txt\n\n" DASH " a AAAAAAA=\n",
		"te\xffxt\n\n" DASH " a AAAAAAA=\n",
	};
	struct proof_note note;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct base_error err = {""};

		ck_assert_msg(proof_note_parse(&note, TEXT(bad[i]), &err) == BASE_MALFORMED, "%zu", i);
		ck_assert(err.text[0] != '\0');
	}
	REFUSED(BASE_MALFORMED, proof_note_parse(&note, base_slice("t\0t\n\n" DASH " a AAAAAAA=\n", 20), ERR));
	OK(proof_note_parse(&note, TEXT("text\n\n" DASH " a AAAAAAA=\n"), ERR));
	ck_assert_uint_eq(note.signatures[0].len, 1);
}
END_TEST

START_TEST(note_when_cut_anywhere_is_refused)
{
	struct proof_note note;

	for (size_t len = 0; len < strlen(example_note); len++)
		REFUSED(BASE_MALFORMED, proof_note_parse(&note, base_slice(example_note, len), ERR));
}
END_TEST

START_TEST(note_with_sixteen_of_the_longest_signatures_is_read)
{
	struct base_buf bytes = BASE_BUF_INIT, signature = BASE_BUF_INIT;
	struct proof_note note;

	for (int i = 0; i < 4800; i++)
		base_buf_byte(&signature, 0xa5);
	base_buf_print(&bytes, "text\n\n");
	for (uint32_t i = 0; i < 16; i++)
		note_line(&bytes, "pq.example", i, BYTES_OF(signature));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert_uint_eq(note.count, 16);
	for (uint32_t i = 0; i < 16; i++) {
		ck_assert_uint_eq(note.signatures[i].key_id, i);
		ck_assert_uint_eq(note.signatures[i].len, 0);
	}
	base_buf_free(&bytes);
	base_buf_free(&signature);
}
END_TEST

START_TEST(note_over_the_limits_is_refused)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_note note;

	base_buf_print(&bytes, "text\n\n");
	for (uint32_t i = 0; i < PROOF_SIGNATURES_MAX; i++)
		note_line(&bytes, "a", i, TEXT("s"));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	ck_assert_uint_eq(note.count, PROOF_SIGNATURES_MAX);
	note_line(&bytes, "a", 1, TEXT("s"));
	REFUSED(BASE_LIMIT, proof_note_parse(&note, BYTES_OF(bytes), ERR));
	while (bytes.len <= PROOF_NOTE_BYTES_MAX)
		base_buf_print(&bytes, "0123456789abcdef\n");
	REFUSED(BASE_LIMIT, proof_note_parse(&note, BYTES_OF(bytes), ERR));
	base_buf_free(&bytes);
}
END_TEST

START_TEST(signature_of_an_unknown_key_is_ignored_even_when_name_or_id_is_known)
{
	struct base_slice text = TEXT("text\n");
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_vkey vkey;
	struct proof_note note;

	vkey_of(&vkey, 1, "log.example", PROOF_ED25519);
	base_buf_print(&bytes, "text\n\n");
	note_line(&bytes, "log.example", vkey.key_id ^ 1, TEXT("anything"));
	note_line(&bytes, "other.example", vkey.key_id, TEXT("anything"));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	REFUSED(BASE_NOT_FOUND, proof_note_verify(&note, &vkey, NULL, ERR));
	note_sign(&bytes, text, 1, "log.example");
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	OK(proof_note_verify(&note, &vkey, NULL, ERR));
	/* A wrong line of the key itself fails, though another is right, and whichever is first. */
	note_line(&bytes, "log.example", vkey.key_id, TEXT("anything"));
	OK(proof_note_parse(&note, BYTES_OF(bytes), ERR));
	REFUSED(BASE_MISMATCH, proof_note_verify(&note, &vkey, NULL, ERR));
	base_buf_free(&bytes);
}
END_TEST

SUITE_RUN("note", vkey_of_the_specification_verifies_its_note, vkey_made_from_a_key_reads_back,
	  vkey_of_ml_dsa_is_read_written_and_not_verified, vkey_when_any_byte_is_changed_is_refused,
	  vkey_when_malformed_is_refused, vkey_of_a_point_of_small_order_is_refused,
	  name_when_it_has_spaces_plus_or_controls_is_not_valid, note_text_ends_at_the_last_empty_line,
	  note_when_malformed_is_refused, note_when_cut_anywhere_is_refused,
	  note_with_sixteen_of_the_longest_signatures_is_read, note_over_the_limits_is_refused,
	  signature_of_an_unknown_key_is_ignored_even_when_name_or_id_is_known)
