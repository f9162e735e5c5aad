/* Reading bodies: finding members, items, and every value with its place and words. */
#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <string.h>

static void decode_sample(struct base_buf *bytes, struct events_event *event, enum events_kind_id id)
{
	sample_event(bytes, events_kind_by_id(id));
	ck_assert_int_eq(events_decode(event, base_buf_slice(bytes), NULL), BASE_OK);
}

START_TEST(find_when_member_is_there_reads_it)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct events_event event;
	struct wire_reader r;

	decode_sample(&bytes, &event, EVENTS_STUDY_REGISTER);
	ck_assert(base_slice_equal(events_text(event.envelope.body, 1), base_slice_text("a-token_1.0")));
	ck_assert_uint_eq(events_uint(event.envelope.body, 6), 9);
	ck_assert(events_has(event.envelope.body, 4));
	ck_assert(!events_has(event.envelope.body, 9));
	ck_assert(!events_has(event.envelope.body, 0));
	ck_assert(events_find(event.envelope.body, 4, &r));
	ck_assert_uint_eq(wire_get_array(&r), 2);
	ck_assert_uint_gt(events_raw(event.envelope.body, 4).len, 2);
	base_buf_free(&bytes);
	decode_sample(&bytes, &event, EVENTS_GOVERNANCE_VOTE);
	ck_assert_uint_eq(events_uint(event.envelope.body, 2), 1); /* true */
	ck_assert_uint_eq(events_bytes(event.envelope.body, 1).len, 32);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(find_when_bytes_are_no_map_finds_nothing)
{
	static const uint8_t bad[][3] = {
		{0x80, 0, 0}, {0xa2, 1, 0}, {0xa1, 0x18, 0x01}, {0xf6, 0, 0}, {0xa1, 0x61, 'a'}};
	struct wire_reader r;

	for (size_t i = 0; i < SCHEMA_COUNT(bad); i++)
		ck_assert(!events_find(base_slice(bad[i], 3), 5, &r));
	ck_assert(!events_find(base_slice(NULL, 0), 1, &r));
}
END_TEST

struct items_seen {
	size_t count, stop_after;
	struct events_item last;
};

static bool see_item(void *arg, size_t index, const struct events_item *item)
{
	struct items_seen *seen = arg;

	ck_assert_uint_eq(index, seen->count);
	seen->count++;
	seen->last = *item;
	return seen->count != seen->stop_after;
}

START_TEST(items_when_kind_brings_them_are_visited)
{
	static const struct {
		enum events_kind_id id;
		size_t count;
	} kinds[] = {{EVENTS_DATA_SUBMIT, 2},  {EVENTS_DATA_DERIVE, 2},	   {EVENTS_DATA_CORRECT, 1},
		     {EVENTS_DATA_RETRACT, 0}, {EVENTS_DATASET_FREEZE, 0}, {EVENTS_ATTEST, 0},
		     {EVENTS_STUDY_CLOSE, 0}};

	for (size_t i = 0; i < SCHEMA_COUNT(kinds); i++) {
		struct items_seen seen = {0};
		struct base_buf bytes = BASE_BUF_INIT;
		struct events_event event;

		decode_sample(&bytes, &event, kinds[i].id);
		ck_assert_uint_eq(events_item_count(&event), kinds[i].count);
		events_items(&event, see_item, &seen);
		ck_assert_uint_eq(seen.count, kinds[i].count);
		if (seen.count > 0) {
			ck_assert_uint_eq(seen.last.len, UINT64_MAX);
			ck_assert_int_eq(seen.last.cid.codec, WIRE_RAW);
			ck_assert_uint_eq(seen.last.category, seen.count);
			ck_assert_uint_eq(seen.last.participant.len, 32);
			ck_assert(seen.last.has_collected);
			ck_assert_int_eq(seen.last.collected.precision, EVENTS_DAY);
			ck_assert_int_eq(wire_check(seen.last.raw, NULL), BASE_OK);
		}
		seen = (struct items_seen){.stop_after = 1};
		events_items(&event, see_item, &seen);
		ck_assert_uint_eq(seen.count, kinds[i].count == 0 ? 0 : 1);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(item_id_when_written_reads_back)
{
	struct events_item_id item = {{{0xab, 0xcd}}, 255}, again;
	char text[EVENTS_ITEM_ID_TEXT_BYTES];
	struct base_buf cbor = BASE_BUF_INIT;
	struct wire_reader r;

	events_item_id_format(text, &item);
	ck_assert_str_eq(text, "abcd000000000000000000000000000000000000000000000000000000000000#255");
	ck_assert_int_eq(events_item_id_parse(&again, base_slice_text(text), NULL), BASE_OK);
	ck_assert(base_hash_equal(&again.event, &item.event));
	ck_assert_uint_eq(again.index, 255);
	events_item_id_put(&cbor, &item);
	wire_read(&r, base_buf_slice(&cbor));
	again = events_item_id_read(&r);
	ck_assert_int_eq(wire_done(&r, "item", NULL), BASE_OK);
	ck_assert(base_hash_equal(&again.event, &item.event));
	ck_assert_uint_eq(again.index, 255);
	base_buf_free(&cbor);
}
END_TEST

START_TEST(item_id_when_badly_written_refuses)
{
	static const char *const bad[] = {
		"",
		"#",
		"abcd#0",
		"#0",
		"abcd000000000000000000000000000000000000000000000000000000000000",
		"abcd000000000000000000000000000000000000000000000000000000000000#",
		"abcd000000000000000000000000000000000000000000000000000000000000#256",
		"abcd000000000000000000000000000000000000000000000000000000000000#00",
		"abcd000000000000000000000000000000000000000000000000000000000000#-1",
		"abcd000000000000000000000000000000000000000000000000000000000000#1 ",
		"abcd00000000000000000000000000000000000000000000000000000000000g#1",
		"abcd0000000000000000000000000000000000000000000000000000000000000#1",
		"abcd000000000000000000000000000000000000000000000000000000000000#1#1",
	};
	struct events_item_id item;

	for (size_t i = 0; i < SCHEMA_COUNT(bad); i++)
		ck_assert_int_eq(events_item_id_parse(&item, base_slice_text(bad[i]), NULL), BASE_MALFORMED);
}
END_TEST

struct lines {
	struct base_buf text;
	size_t stop_after, count;
};

static bool see_value(void *arg, const struct events_value *value)
{
	struct lines *lines = arg;
	char path[EVENTS_PATH_TEXT_BYTES];

	events_value_path(path, value);
	base_buf_print(&lines->text, "%s=", path);
	events_value_words(&lines->text, value);
	base_buf_byte(&lines->text, '\n');
	return ++lines->count != lines->stop_after;
}

START_TEST(values_when_walked_have_places_and_words)
{
	static const char expected[] =
		"count=18446744073709551615\n"
		"root=1010101010101010101010101010101010101010101010101010101010101010\n"
		"part=18446744073709551615\n"
		"first=1010101010101010101010101010101010101010101010101010101010101010\n"
		"items[0]=4040404040404040404040404040404040404040404040404040404040404040#255\n"
		"items[1]=4141414141414141414141414141414141414141414141414141414141414141#255\n";
	struct base_buf bytes = BASE_BUF_INIT;
	struct lines lines = {.text = BASE_BUF_INIT};
	struct events_event event;

	decode_sample(&bytes, &event, EVENTS_DATASET_FREEZE);
	events_values(event.envelope.kind, event.envelope.body, see_value, &lines);
	ck_assert_msg(base_slice_equal(base_buf_slice(&lines.text), base_slice_text(expected)), "%.*s",
		      (int)lines.text.len, (const char *)lines.text.data);
	base_buf_free(&lines.text);
	lines = (struct lines){.text = BASE_BUF_INIT, .stop_after = 3};
	events_values(event.envelope.kind, event.envelope.body, see_value, &lines);
	ck_assert_uint_eq(lines.count, 3);
	base_buf_free(&lines.text);
	base_buf_free(&bytes);
}
END_TEST

static void assert_words(enum events_kind_id id, const char *line)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct lines lines = {.text = BASE_BUF_INIT};
	struct events_event event;

	decode_sample(&bytes, &event, id);
	events_values(event.envelope.kind, event.envelope.body, see_value, &lines);
	base_buf_byte(&lines.text, '\0');
	ck_assert_msg(strstr((const char *)lines.text.data, line) != NULL, "\"%s\" not in:\n%s", line,
		      (const char *)lines.text.data);
	base_buf_free(&lines.text);
	base_buf_free(&bytes);
}

START_TEST(values_when_of_any_type_have_words_for_people)
{
	assert_words(EVENTS_GOVERNANCE_VOTE, "approve=yes\n");
	assert_words(EVENTS_GOVERNANCE_PROPOSE, "action=admit-organisation\n");
	assert_words(EVENTS_GOVERNANCE_PROPOSE, "organisation.country=FR\n");
	assert_words(EVENTS_GOVERNANCE_PROPOSE, "organisation.title=H\xc3\xb4pital");
	assert_words(EVENTS_GOVERNANCE_PROPOSE, "organisation.recovery_key=recovery X25519 8520f009");
	assert_words(EVENTS_GOVERNANCE_PROPOSE, "organisation.enrolment=5 bytes\n");
	assert_words(EVENTS_ACTOR_ENROL, "roles[0]=administrator\nroles[1]=sponsor\n");
	assert_words(EVENTS_ACTOR_ASSIGN, "from=2026-03-01 (day, +01:00)\n");
	assert_words(EVENTS_DATA_SUBMIT, "items[1].category=genomic\n");
	assert_words(EVENTS_DATA_SUBMIT, "items[0].cid=bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna\n");
	assert_words(EVENTS_ATTEST, "targets[0].item=4040");
	assert_words(EVENTS_ATTEST, "targets[1].event=1111");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		find_when_member_is_there_reads_it,
		find_when_bytes_are_no_map_finds_nothing,
		items_when_kind_brings_them_are_visited,
		item_id_when_written_reads_back,
		item_id_when_badly_written_refuses,
		values_when_walked_have_places_and_words,
		values_when_of_any_type_have_words_for_people,
		NULL,
	};

	return suite_run("events/values", tests);
}
