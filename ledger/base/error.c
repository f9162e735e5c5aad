#include "ledger/base/base_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Text from outside may be quoted in an error; none of it may reach a
 * terminal as control characters or broken UTF-8. Done in place, byte for byte. */
static void text_clean(char *text)
{
	size_t left = strlen(text);
	uint8_t *at = (uint8_t *)text;

	while (left > 0) {
		size_t len;
		uint32_t point = base_utf8_next(base_slice(at, left), &len);

		if (point == UINT32_MAX || base_utf8_control(point))
			memset(at, '?', len);
		at += len;
		left -= len;
	}
}

static const char *(*translator)(const char *english);

void base_translate(const char *(*translate)(const char *english))
{
	translator = translate;
}

const char *base_message(const char *english)
{
	/* An empty text is gettext's name for the catalogue's header. */
	return translator != NULL && english[0] != '\0' ? translator(english) : english;
}

/* Formats into a buffer of its own first, because arguments may point into err->text. */
BASE_PRINTF(2, 0) static void text_set(struct base_error *err, const char *format, va_list args, const char *tail)
{
	char text[BASE_ERROR_BYTES];
	size_t len;
	/* clang-tidy 14 does not see the callers' va_start when it is given several files. */
	int printed = vsnprintf(text, sizeof(text), base_message(format), args); /* NOLINT(clang-analyzer-valist.Uninitialized) */

	BASE_ASSERT(printed >= 0);
	len = strlen(text);
	if (tail != NULL)
		(void)snprintf(text + len, sizeof(text) - len, ": %s", tail);
	text_clean(text);
	memcpy(err->text, text, sizeof(text));
}

enum base_code base_fail(struct base_error *err, enum base_code code, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return code;
	va_start(args, format);
	text_set(err, format, args, NULL);
	va_end(args);
	return code;
}

enum base_code base_wrap(struct base_error *err, enum base_code code, const char *format, ...)
{
	va_list args;

	if (err == NULL || code == BASE_OK)
		return code;
	va_start(args, format);
	text_set(err, format, args, err->text);
	va_end(args);
	return code;
}

enum base_code base_fail_errno(struct base_error *err, const char *format, ...)
{
	int number = errno;
	enum base_code code = BASE_IO;
	va_list args;

	if (number == ENOSPC || number == EDQUOT)
		code = BASE_NO_SPACE;
	else if (number == ENOENT)
		code = BASE_NOT_FOUND;
	else if (number == EEXIST)
		code = BASE_EXISTS;
	if (err != NULL) {
		char reason[128];

		va_start(args, format);
		text_set(err, format, args, strerror_r(number, reason, sizeof(reason)));
		va_end(args);
	}
	errno = number;
	return code;
}

const char *base_code_name(enum base_code code)
{
	switch (code) {
#define X(name, number, text)                                                                      \
	case BASE_##name:                                                                          \
		return #name;
		BASE_CODES(X)
#undef X
	}
	return "UNKNOWN";
}

const char *base_code_text(enum base_code code)
{
	switch (code) {
#define X(name, number, text)                                                                      \
	case BASE_##name:                                                                          \
		return text;
		BASE_CODES(X)
#undef X
	}
	return "unknown code";
}

_Noreturn void base_assert_failed(const char *condition, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: this is a mistake in Regesta, please report it: %s\n", file, line, condition);
	abort();
}
