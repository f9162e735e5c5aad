#include "ledger/base/base_internal.h"

#include <string.h>

/* ---- hex ---------------------------------------------------------------- */

void base_hex(char *out, struct base_slice bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		*out++ = digits[bytes.data[i] >> 4];
		*out++ = digits[bytes.data[i] & 15];
	}
	*out = '\0';
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool base_unhex(struct base_buf *out, struct base_slice text)
{
	size_t len_before = out->len;

	if (text.len % 2 != 0)
		return false;
	base_buf_reserve(out, text.len / 2);
	for (size_t i = 0; i < text.len; i += 2) {
		int high = hex_digit(text.data[i]);
		int low = hex_digit(text.data[i + 1]);

		if (high < 0 || low < 0) {
			out->len = len_before;
			return false;
		}
		out->data[out->len++] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* ---- base64 ------------------------------------------------------------- */

static void base64_put(struct base_buf *out, struct base_slice bytes, const char *alphabet, bool padded)
{
	size_t i = 0;

	base_buf_reserve(out, bytes.len / 3 * 4 + 4);
	while (i < bytes.len) {
		size_t take = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t group = (uint32_t)bytes.data[i] << 16;

		if (take > 1)
			group |= (uint32_t)bytes.data[i + 1] << 8;
		if (take > 2)
			group |= bytes.data[i + 2];
		for (size_t digit = 0; digit <= take; digit++)
			out->data[out->len++] = (uint8_t)alphabet[group >> (18 - 6 * digit) & 63];
		for (size_t pad = take; padded && pad < 3; pad++)
			out->data[out->len++] = '=';
		i += take;
	}
}

static int base64_digit(uint8_t c, uint8_t c62, uint8_t c63)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == c62)
		return 62;
	if (c == c63)
		return 63;
	return -1;
}

/* text is without padding; a last group of one digit or with bits set beyond the bytes is refused. */
static bool base64_get(struct base_buf *out, struct base_slice text, uint8_t c62, uint8_t c63)
{
	size_t len_before = out->len;
	uint32_t bits = 0;
	unsigned held = 0;

	if (text.len % 4 == 1)
		return false;
	base_buf_reserve(out, text.len / 4 * 3 + 3);
	for (size_t i = 0; i < text.len; i++) {
		int digit = base64_digit(text.data[i], c62, c63);

		if (digit < 0)
			goto bad;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out->data[out->len++] = (uint8_t)(bits >> held);
		}
		bits &= (1U << held) - 1;
	}
	if (bits != 0)
		goto bad;
	return true;
bad:
	out->len = len_before;
	return false;
}

void base_base64(struct base_buf *out, struct base_slice bytes)
{
	base64_put(out, bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

bool base_unbase64(struct base_buf *out, struct base_slice text)
{
	if (text.len % 4 != 0)
		return false;
	for (int pad = 0; pad < 2 && text.len > 0 && text.data[text.len - 1] == '='; pad++)
		text.len--;
	return base64_get(out, text, '+', '/');
}

void base_base64url(struct base_buf *out, struct base_slice bytes)
{
	base64_put(out, bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

bool base_unbase64url(struct base_buf *out, struct base_slice text)
{
	return base64_get(out, text, '-', '_');
}

/* ---- UTF-8 -------------------------------------------------------------- */

uint32_t base_utf8_next(struct base_slice text, size_t *len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = text.data[0];
	uint32_t point;
	size_t need;

	*len = 1;
	if (first < 0x80)
		return first;
	if (first >= 0xc2 && first <= 0xdf)
		need = 2;
	else if (first >= 0xe0 && first <= 0xef)
		need = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		need = 4;
	else
		return UINT32_MAX;
	if (text.len < need)
		return UINT32_MAX;
	point = first & (0x7fU >> need);
	for (size_t i = 1; i < need; i++) {
		if ((text.data[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		point = point << 6 | (text.data[i] & 0x3fU);
	}
	if (point < least[need] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return UINT32_MAX;
	*len = need;
	return point;
}

bool base_utf8_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point <= 0x9f) || /* C0, DEL, C1 */
	       point == 0x61c || point == 0x200e || point == 0x200f || /* marks of direction */
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

bool base_utf8_valid(struct base_slice text)
{
	while (text.len > 0) {
		uint64_t eight;
		size_t len;

		if (text.len >= sizeof(eight)) {
			memcpy(&eight, text.data, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) == 0) {
				text.data += sizeof(eight);
				text.len -= sizeof(eight);
				continue;
			}
		}
		if (base_utf8_next(text, &len) == UINT32_MAX)
			return false;
		text.data += len;
		text.len -= len;
	}
	return true;
}

void base_printable(struct base_buf *out, struct base_slice text)
{
	while (text.len > 0) {
		size_t len;
		uint32_t point = base_utf8_next(text, &len);

		if (point == UINT32_MAX || base_utf8_control(point))
			base_buf_append(out, base_slice_text("\xef\xbf\xbd"));
		else
			base_buf_append(out, base_slice(text.data, len));
		text.data += len;
		text.len -= len;
	}
}
