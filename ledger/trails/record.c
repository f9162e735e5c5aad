/* A line on its way: members, or the reason why not. */
#include "ledger/trails/trails_internal.h"

#include <stdarg.h>
#include <string.h>

void trails_print(char *out, size_t cap, const char *text)
{
	struct base_buf printable = BASE_BUF_INIT;
	size_t len;

	base_printable(&printable, base_slice_text(text));
	len = printable.len < cap ? printable.len : cap - 1;
	while (len < printable.len && len > 0 && (printable.data[len] & 0xc0) == 0x80)
		len--;
	if (len > 0)
		memcpy(out, printable.data, len);
	out[len] = '\0';
	base_buf_free(&printable);
}

void trails_member(struct trails_record *record, const char *name, const char *from, const char *value)
{
	struct trails_member *member;

	BASE_ASSERT(record->member_count < TRAILS_MEMBERS_MAX);
	member = &record->members[record->member_count++];
	member->name = name;
	member->from = base_message(from);
	trails_print(member->value, sizeof(member->value), value == NULL ? "" : value);
}

void trails_reason(struct trails_record *record, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (record->reason[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), base_message(format), args);
	va_end(args);
	trails_print(record->reason, sizeof(record->reason), text);
	record->kind = NULL;
	record->member_count = 0;
}

void trails_kind(struct trails_record *record, enum events_kind_id kind)
{
	if (record->reason[0] == '\0')
		record->kind = events_kind_by_id(kind);
}

/* "2024-10-11 10:44", "2008-12-04T16:58:51", "2001-05-31T08:47:07-05:00" as documents write them. */
static bool normalise(char out[64], const char *text)
{
	size_t len = strlen(text);

	if (len < 16 || len > 40 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':')
		return false;
	(void)snprintf(out, 64, "%.10sT%s", text, text + 11);
	/* Without a zone, the offset is unknown, which documents write as -00:00. */
	if (strpbrk(out + 11, "Zz+-") == NULL)
		(void)snprintf(out + len, 64 - len, "-00:00");
	return true;
}

void trails_time(struct trails_record *record, const char *from, const char *text)
{
	struct events_when when;
	struct base_error err;
	char normal[64], written[64], quoted[60];

	if (text == NULL || text[0] == '\0') {
		trails_reason(record, "%s: missing; a record has a time", from);
		return;
	}
	(void)base_fail(&err, BASE_MALFORMED, "not like 2026-03-01T09:30:00+02:00");
	if (!normalise(normal, text) || events_when_parse(&when, base_slice_text(normal), &err) != BASE_OK) {
		trails_print(quoted, sizeof(quoted), text);
		trails_reason(record, "%s: \"%s\" is no time: %.160s", from, quoted, err.text);
		return;
	}
	events_when_format(written, &when);
	if (record->reason[0] == '\0') {
		trails_member(record, "when", from, written);
		trails_member(record, "capacity.original", from, written);
	}
}
