#include "ledger/base/base.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct base_slice base_slice(const void *data, size_t len)
{
	return (struct base_slice){data, len};
}

struct base_slice base_slice_text(const char *text)
{
	return (struct base_slice){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

bool base_slice_equal(struct base_slice a, struct base_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int base_slice_compare(struct base_slice a, struct base_slice b)
{
	size_t both = a.len < b.len ? a.len : b.len;
	int order = both == 0 ? 0 : memcmp(a.data, b.data, both);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static _Noreturn void out_of_memory(size_t bytes)
{
	(void)fprintf(stderr, "out of memory: %zu more bytes were needed\n", bytes);
	abort();
}

void *base_alloc(size_t bytes)
{
	void *data = calloc(1, bytes == 0 ? 1 : bytes);

	if (data == NULL)
		out_of_memory(bytes);
	return data;
}

void *base_realloc(void *old, size_t bytes)
{
	void *data = realloc(old, bytes == 0 ? 1 : bytes);

	if (data == NULL)
		out_of_memory(bytes);
	return data;
}

void base_buf_reserve(struct base_buf *buf, size_t more)
{
	size_t cap;

	if (more <= buf->cap - buf->len)
		return;
	if (more > SIZE_MAX / 2 - buf->len)
		out_of_memory(more);
	cap = buf->cap < 32 ? 64 : buf->cap * 2;
	if (cap < buf->len + more)
		cap = buf->len + more;
	buf->data = base_realloc(buf->data, cap);
	buf->cap = cap;
}

void base_buf_append(struct base_buf *buf, struct base_slice bytes)
{
	if (bytes.len == 0)
		return;
	/* Growing would free the very bytes that are to be copied. */
	BASE_ASSERT(buf->data == NULL || (uintptr_t)bytes.data >= (uintptr_t)(buf->data + buf->cap) ||
		    (uintptr_t)(bytes.data + bytes.len) <= (uintptr_t)buf->data);
	base_buf_reserve(buf, bytes.len);
	memcpy(buf->data + buf->len, bytes.data, bytes.len);
	buf->len += bytes.len;
}

void base_buf_byte(struct base_buf *buf, uint8_t byte)
{
	base_buf_reserve(buf, 1);
	buf->data[buf->len++] = byte;
}

void base_buf_print(struct base_buf *buf, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	BASE_ASSERT(len >= 0);
	base_buf_reserve(buf, (size_t)len + 1); /* vsnprintf ends with a NUL, which is not counted */
	(void)vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, format, again);
	va_end(again);
	buf->len += (size_t)len;
}

struct base_slice base_buf_slice(const struct base_buf *buf)
{
	return (struct base_slice){buf->data, buf->len};
}

void base_buf_free(struct base_buf *buf)
{
	free(buf->data);
	*buf = BASE_BUF_INIT;
}

void base_buf_wipe(struct base_buf *buf)
{
	if (buf->data != NULL)
		base_wipe(buf->data, buf->cap);
	base_buf_free(buf);
}

void base_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}

bool base_equal_secret(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
