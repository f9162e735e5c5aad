#include "ledger/base/base.h"

void base_put_u16be(uint8_t out[2], uint16_t v)
{
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
}

void base_put_u32be(uint8_t out[4], uint32_t v)
{
	base_put_u16be(out, (uint16_t)(v >> 16));
	base_put_u16be(out + 2, (uint16_t)v);
}

void base_put_u64be(uint8_t out[8], uint64_t v)
{
	base_put_u32be(out, (uint32_t)(v >> 32));
	base_put_u32be(out + 4, (uint32_t)v);
}

uint16_t base_get_u16be(const uint8_t in[2])
{
	return (uint16_t)((uint32_t)in[0] << 8 | in[1]);
}

uint32_t base_get_u32be(const uint8_t in[4])
{
	return (uint32_t)base_get_u16be(in) << 16 | base_get_u16be(in + 2);
}

uint64_t base_get_u64be(const uint8_t in[8])
{
	return (uint64_t)base_get_u32be(in) << 32 | base_get_u32be(in + 4);
}

bool base_add_u64(uint64_t a, uint64_t b, uint64_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

bool base_parse_u64(struct base_slice text, uint64_t *out)
{
	uint64_t value = 0;

	if (text.len == 0 || (text.len > 1 && text.data[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c < '0' || c > '9')
			return false;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(c - '0'), &value))
			return false;
	}
	*out = value;
	return true;
}
