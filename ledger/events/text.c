/* Which texts are which: docs/formats/event.md §4. */
#include "ledger/events/schema.h"

#include <string.h>

#define TOKEN_BYTES_MAX 64

static bool lower_or_digit(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "[a-z0-9][a-z0-9._-]{0,63}" */
static bool token_valid(struct base_slice text)
{
	if (text.len == 0 || text.len > TOKEN_BYTES_MAX || !lower_or_digit(text.data[0]))
		return false;
	for (size_t i = 1; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (!lower_or_digit(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool actor_valid(struct base_slice text)
{
	const uint8_t *slash = text.len == 0 ? NULL : memchr(text.data, '/', text.len);
	size_t before;

	if (slash == NULL)
		return false;
	before = (size_t)(slash - text.data);
	return token_valid(base_slice(text.data, before)) && token_valid(base_slice(slash + 1, text.len - before - 1));
}

/* "[!-~]{1,255}" */
static bool url_valid(struct base_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~')
			return false;
	return text.len >= 1 && text.len <= 255;
}

/* A tab, a line feed, or a carriage return before one. */
static bool is_line_end(struct base_slice text, size_t i)
{
	return text.data[i] == '\t' || text.data[i] == '\n' ||
	       (text.data[i] == '\r' && i + 1 < text.len && text.data[i + 1] == '\n');
}

/* Controls are C0, DEL, C1 (U+0080 to U+009F) and the line and paragraph separators; the directional
 * marks U+200E, U+200F, U+202A to U+202E and U+2066 to U+2069 could make a title read as another. */
static bool public_text_valid(struct base_slice text, bool lines)
{
	if (text.len == 0 || !base_utf8_valid(text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t *c = text.data + i;

		if (c[0] == 0x7f || (c[0] < 0x20 && !(lines && is_line_end(text, i))))
			return false;
		if (c[0] == 0xc2 && c[1] < 0xa0)
			return false;
		if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae)))
			return false;
		if (c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9)
			return false;
	}
	return true;
}

static bool country_valid(struct base_slice text)
{
	return text.len == 2 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' &&
	       text.data[1] <= 'Z';
}

bool events_text_valid(enum events_type type, struct base_slice text)
{
	switch (type) {
	case EVENTS_TOKEN:
	case EVENTS_STUDY:
	case EVENTS_ORGANISATION:
		return token_valid(text);
	case EVENTS_ACTOR:
		return actor_valid(text);
	case EVENTS_PARTY:
		return token_valid(text) || actor_valid(text);
	case EVENTS_COUNTRY:
		return country_valid(text);
	case EVENTS_LABEL:
		return public_text_valid(text, false);
	case EVENTS_SOURCE:
		return public_text_valid(text, true);
	case EVENTS_URL:
		return url_valid(text);
	case EVENTS_KIND:
		return events_kind_by_name(text) != NULL;
	case EVENTS_UINT:
	case EVENTS_BOOL:
	case EVENTS_CODE:
	case EVENTS_ID:
	case EVENTS_HASH:
	case EVENTS_REFERENCE:
	case EVENTS_CID:
	case EVENTS_ITEM:
	case EVENTS_WHEN:
	case EVENTS_TIME:
	case EVENTS_PUBLIC:
	case EVENTS_PROOF:
	case EVENTS_STRUCT:
	case EVENTS_LIST:
	case EVENTS_BODY:
		return false;
	}
	return false;
}
