/* Multibase: one character names the alphabet, the rest is the number.
 *
 * Alphabets of 2^n characters are read n bits at a time, first bits first, and
 * what is left of the last byte must be zero. The others (10, 36, 58) are one
 * big number, in which a leading zero digit stands for a leading zero byte. */
#include "ledger/wire/wire_internal.h"

#include <string.h>

#define LOWER32 "abcdefghijklmnopqrstuvwxyz234567"
#define UPPER32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define LOWER32HEX "0123456789abcdefghijklmnopqrstuv"
#define UPPER32HEX "0123456789ABCDEFGHIJKLMNOPQRSTUV"
#define COMMON64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

struct multibase {
	char prefix;
	uint8_t bits;   /* of a digit; 0: a big number */
	uint8_t padded; /* digits to which "=" fills up; 0: none */
	bool any_case;  /* RFC 4648 leaves the case free to readers */
	const char *alphabet;
};

static const struct multibase multibases[] = {
	{'0', 1, 0, false, "01"},
	{'7', 3, 0, false, "01234567"},
	{'9', 0, 0, false, "0123456789"},
	{'f', 4, 0, true, "0123456789abcdef"},
	{'F', 4, 0, true, "0123456789ABCDEF"},
	{'b', 5, 0, true, LOWER32},
	{'B', 5, 0, true, UPPER32},
	{'c', 5, 8, true, LOWER32},
	{'C', 5, 8, true, UPPER32},
	{'v', 5, 0, true, LOWER32HEX},
	{'V', 5, 0, true, UPPER32HEX},
	{'t', 5, 8, true, LOWER32HEX},
	{'T', 5, 8, true, UPPER32HEX},
	{'h', 5, 0, false, "ybndrfg8ejkmcpqxot1uwisza345h769"},
	{'k', 0, 0, true, "0123456789abcdefghijklmnopqrstuvwxyz"},
	{'K', 0, 0, true, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	{'z', 0, 0, false, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"},
	{'Z', 0, 0, false, "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"},
	{'m', 6, 0, false, COMMON64 "+/"},
	{'M', 6, 4, false, COMMON64 "+/"},
	{'u', 6, 0, false, COMMON64 "-_"},
	{'U', 6, 4, false, COMMON64 "-_"},
};

/* Reading a big number takes time with the square of its length. */
#define BIG_DIGITS_MAX 1024

static const struct multibase *multibase_of(uint8_t prefix)
{
	for (size_t i = 0; i < sizeof(multibases) / sizeof(multibases[0]); i++) {
		if ((uint8_t)multibases[i].prefix == prefix)
			return &multibases[i];
	}
	return NULL;
}

/* digits[c] is the value of character c, or -1. */
static void digits_of(int8_t digits[256], const struct multibase *base)
{
	memset(digits, -1, 256);
	for (int i = 0; base->alphabet[i] != '\0'; i++) {
		uint8_t c = (uint8_t)base->alphabet[i];

		digits[c] = (int8_t)i;
		if (base->any_case && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			digits[c ^ 0x20] = (int8_t)i;
	}
}

/* NULL, or why not. */
static const char *bits_decode(struct base_buf *out, const int8_t digits[256], unsigned digit_bits, struct base_slice text)
{
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (digits[text.data[i]] < 0)
			return BASE_WORDS("a character that its base does not have");
		bits = bits << digit_bits | (uint8_t)digits[text.data[i]];
		held += digit_bits;
		if (held >= 8) {
			held -= 8;
			base_buf_byte(out, (uint8_t)(bits >> held));
		}
		bits &= (1U << held) - 1;
	}
	if (held >= digit_bits)
		return BASE_WORDS("a number of characters that no bytes give");
	if (bits != 0)
		return BASE_WORDS("bits beyond the last byte that are not zero");
	return NULL;
}

static const char *number_decode(struct base_buf *out, const int8_t digits[256], unsigned radix, struct base_slice text)
{
	uint8_t number[BIG_DIGITS_MAX]; /* least significant byte first; a digit is less than a byte */
	size_t len = 0, zeros = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned carry;

		if (digits[text.data[i]] < 0)
			return "a character that its base does not have";
		carry = (unsigned)digits[text.data[i]];
		if (len == 0 && carry == 0) {
			zeros++;
			continue;
		}
		for (size_t at = 0; at < len; at++) {
			carry += number[at] * radix;
			number[at] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry > 0)
			number[len++] = (uint8_t)carry;
	}
	while (zeros-- > 0)
		base_buf_byte(out, 0);
	while (len > 0)
		base_buf_byte(out, number[--len]);
	return NULL;
}

/* Takes the "=" away; false if there are not as many as there must be. */
static bool padding_cut(struct base_slice *text, size_t group)
{
	size_t len = text->len;

	if (len % group != 0)
		return false;
	while (len > 0 && text->data[len - 1] == '=')
		len--;
	if (text->len - len >= group)
		return false;
	text->len = len;
	return true;
}

enum base_code wire_multibase_decode(struct base_buf *out, struct base_slice text, struct base_error *err)
{
	const struct multibase *base;
	size_t len_before = out->len;
	const char *why = NULL;
	int8_t digits[256];

	if (text.len == 0)
		return base_fail(err, BASE_MALFORMED, "multibase: the text is empty");
	base = multibase_of(text.data[0]);
	if (base == NULL)
		return base_fail(err, BASE_MALFORMED, "multibase: prefix \"%c\" (0x%02x) is none that Regesta reads",
				 text.data[0] < 0x80 ? text.data[0] : '?', text.data[0]);
	text = base_slice(text.data + 1, text.len - 1);
	if (base->bits == 0 && text.len > BIG_DIGITS_MAX)
		return base_fail(err, BASE_LIMIT, "multibase: %zu characters; at most %d are read in this base", text.len,
				 BIG_DIGITS_MAX);
	digits_of(digits, base);
	if (base->padded != 0 && !padding_cut(&text, base->padded))
		why = BASE_WORDS("padding that does not fill the last group");
	else if (base->bits != 0)
		why = bits_decode(out, digits, base->bits, text);
	else
		why = number_decode(out, digits, (unsigned)strlen(base->alphabet), text);
	if (why == NULL)
		return BASE_OK;
	out->len = len_before;
	return base_fail(err, BASE_MALFORMED, "multibase \"%c\": %s", base->prefix, base_message(why));
}

bool wire_multibase_syntax_valid(struct base_slice text)
{
	const struct multibase *base = text.len == 0 ? NULL : multibase_of(text.data[0]);
	int8_t digits[256];

	if (base == NULL)
		return false;
	digits_of(digits, base);
	if (base->bits == 5 || base->bits == 6)
		while (text.len > 1 && text.data[text.len - 1] == '=')
			text.len--;
	for (size_t i = 1; i < text.len; i++) {
		if (digits[text.data[i]] < 0)
			return false;
	}
	return true;
}

void wire_base32(struct base_buf *out, struct base_slice bytes)
{
	uint32_t bits = 0;
	unsigned held = 0;

	base_buf_reserve(out, bytes.len / 5 * 8 + 8);
	for (size_t i = 0; i < bytes.len; i++) {
		bits = (bits << 8 | bytes.data[i]) & 0xfff;
		for (held += 8; held >= 5; held -= 5)
			base_buf_byte(out, (uint8_t)LOWER32[bits >> (held - 5) & 31]);
	}
	if (held > 0)
		base_buf_byte(out, (uint8_t)LOWER32[bits << (5 - held) & 31]);
}

bool wire_unbase32(struct base_buf *out, struct base_slice text)
{
	static const struct multibase lower = {'b', 5, 0, false, LOWER32};
	size_t len_before = out->len;
	int8_t digits[256];

	digits_of(digits, &lower);
	if (bits_decode(out, digits, 5, text) == NULL)
		return true;
	out->len = len_before;
	return false;
}
