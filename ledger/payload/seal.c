/* Sealing (docs/formats/payload.md, "Sealing"): padding, Tink's stream, the key commitment. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

#define COMMITMENT_TAG "regesta/kc/v1"

static unsigned log2_floor(uint64_t v)
{
	unsigned log = 0;

	while (v >>= 1)
		log++;
	return log;
}

uint64_t payload_padme(uint64_t len)
{
	unsigned exponent, exponent_bits;
	uint64_t mask;

	if (len < 2)
		return len;
	exponent = log2_floor(len);
	exponent_bits = log2_floor(exponent) + 1;
	/* The significand keeps as many bits as the exponent has; the rest is rounded up. */
	mask = exponent > exponent_bits ? (UINT64_C(1) << (exponent - exponent_bits)) - 1 : 0;
	if (len > UINT64_MAX - mask)
		return UINT64_MAX;
	return (len + mask) & ~mask;
}

uint64_t payload_frame_len(uint64_t n)
{
	uint64_t len = payload_padme(PAYLOAD_PREFIX_BYTES + n);

	return len < PAYLOAD_FRAME_BYTES_MIN ? PAYLOAD_FRAME_BYTES_MIN : len;
}

static uint64_t frame_sealed_len(uint64_t frame_len)
{
	uint64_t segments = 1;

	if (frame_len > PAYLOAD_FIRST_BYTES)
		segments += (frame_len - PAYLOAD_FIRST_BYTES + PAYLOAD_NEXT_BYTES - 1) / PAYLOAD_NEXT_BYTES;
	return PAYLOAD_HEADER_BYTES + frame_len + segments * PAYLOAD_TAG_BYTES;
}

uint64_t payload_sealed_len(uint64_t n)
{
	if (n > PAYLOAD_PLAINTEXT_BYTES_MAX)
		return UINT64_MAX;
	return frame_sealed_len(payload_frame_len(n));
}

void payload_context_put(struct base_buf *out, const struct payload_context *context)
{
	wire_put_array(out, 3);
	wire_put_hash(out, &context->ledger);
	if (context->study != NULL)
		wire_put_cstr(out, context->study);
	else
		wire_put_null(out);
	wire_put_cstr(out, context->organisation);
}

enum base_code payload_seal_random(struct payload_seal *out, struct base_error *err)
{
	enum base_code code;

	if ((code = keys_random(out->key, sizeof(out->key), err)) != BASE_OK)
		return code;
	if ((code = keys_random(out->salt, sizeof(out->salt), err)) != BASE_OK)
		return code;
	return keys_random(out->nonce_prefix, sizeof(out->nonce_prefix), err);
}

/* Fills buf to len from read; *got less at the end. */
static enum base_code read_full(payload_read_fn read, void *read_arg, uint8_t *buf, size_t len, size_t *got,
				struct base_error *err)
{
	*got = 0;
	while (*got < len) {
		size_t part = 0;
		enum base_code code = read(read_arg, buf + *got, len - *got, &part, err);

		if (code != BASE_OK)
			return code;
		if (part == 0)
			break;
		BASE_ASSERT(part <= len - *got);
		*got += part;
	}
	return BASE_OK;
}

/* One segment is read, encrypted in place and handed on while it is in the cache: the
 * write function hashes it as a leaf, and no byte is copied in between. */
enum base_code payload_frame_seal(const struct payload_seal *seal, const struct payload_context *context,
				  uint64_t frame_len, payload_read_fn read, void *read_arg, payload_write_fn write,
				  void *write_arg, struct base_error *err)
{
	uint64_t sealed_len = frame_sealed_len(frame_len);
	size_t buf_len = sealed_len < PAYLOAD_SEGMENT_BYTES ? (size_t)sealed_len : PAYLOAD_SEGMENT_BYTES;
	uint8_t *buf = base_alloc(buf_len);
	struct base_buf aad = BASE_BUF_INIT;
	uint8_t derived[32], nonce[12];
	enum base_code code = BASE_OK;
	struct keys_gcm *gcm;
	uint64_t left = frame_len;

	payload_context_put(&aad, context);
	keys_hkdf(derived, sizeof(derived), base_slice(seal->key, sizeof(seal->key)),
		  base_slice(seal->salt, sizeof(seal->salt)), base_buf_slice(&aad));
	gcm = keys_gcm_open(derived);
	buf[0] = PAYLOAD_HEADER_BYTES;
	memcpy(buf + 1, seal->salt, sizeof(seal->salt));
	memcpy(buf + 1 + sizeof(seal->salt), seal->nonce_prefix, sizeof(seal->nonce_prefix));
	memcpy(nonce, seal->nonce_prefix, sizeof(seal->nonce_prefix));
	for (uint32_t index = 0; index == 0 || left > 0; index++) {
		size_t head = index == 0 ? PAYLOAD_HEADER_BYTES : 0;
		size_t room = PAYLOAD_SEGMENT_BYTES - PAYLOAD_TAG_BYTES - head;
		size_t len = left < room ? (size_t)left : room, got;

		if ((code = read_full(read, read_arg, buf + head, len, &got, err)) != BASE_OK)
			goto out;
		BASE_ASSERT(got == len);
		left -= len;
		base_put_u32be(nonce + sizeof(seal->nonce_prefix), index);
		nonce[11] = left == 0;
		keys_gcm_seal(gcm, buf + head, nonce, base_slice(NULL, 0), base_slice(buf + head, len));
		if ((code = write(write_arg, base_slice(buf, head + len + PAYLOAD_TAG_BYTES), err)) != BASE_OK)
			goto out;
	}
out:
	keys_gcm_close(gcm);
	base_wipe(derived, sizeof(derived));
	base_wipe(buf, buf_len); /* plaintext, if the source failed in the middle of a segment */
	free(buf);
	base_buf_free(&aad);
	return code;
}

/* The plaintext of the stream: u64 BE length, data, zeros. */
struct frame {
	payload_read_fn read;
	void *read_arg;
	uint64_t len; /* of the data */
	uint64_t at; /* in the frame */
};

static enum base_code frame_changed(struct base_error *err, uint64_t expected)
{
	return base_fail(err, BASE_MALFORMED,
			 "the data changed while it was read: it began with %llu bytes; submit it again "
			 "when nothing writes to it",
			 (unsigned long long)expected);
}

static enum base_code frame_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct frame *frame = arg;
	uint64_t data_end = PAYLOAD_PREFIX_BYTES + frame->len;
	enum base_code code;

	if (frame->at < PAYLOAD_PREFIX_BYTES) {
		uint8_t prefix[PAYLOAD_PREFIX_BYTES];
		size_t left = (size_t)(PAYLOAD_PREFIX_BYTES - frame->at);

		base_put_u64be(prefix, frame->len);
		*got = left < cap ? left : cap;
		memcpy(buf, prefix + frame->at, *got);
	} else if (frame->at < data_end) {
		uint64_t left = data_end - frame->at;

		code = frame->read(frame->read_arg, buf, left < cap ? (size_t)left : cap, got, err);
		if (code != BASE_OK)
			return code;
		if (*got == 0)
			return frame_changed(err, frame->len);
	} else {
		*got = cap;
		memset(buf, 0, cap);
	}
	frame->at += *got;
	return BASE_OK;
}

enum base_code payload_seal_stream(const struct payload_seal *seal, const struct payload_context *context,
				   uint64_t plaintext_len, payload_read_fn read, void *read_arg, payload_write_fn write,
				   void *write_arg, struct base_error *err)
{
	struct frame frame = {read, read_arg, plaintext_len, 0};
	enum base_code code;
	uint8_t more;
	size_t got;

	if (plaintext_len > PAYLOAD_PLAINTEXT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the data is %llu bytes; a payload is at most 16 TiB",
				 (unsigned long long)plaintext_len);
	code = payload_frame_seal(seal, context, payload_frame_len(plaintext_len), frame_read, &frame, write, write_arg,
				  err);
	if (code != BASE_OK)
		return code;
	if ((code = read(read_arg, &more, 1, &got, err)) != BASE_OK)
		return code;
	base_wipe(&more, 1);
	return got == 0 ? BASE_OK : frame_changed(err, plaintext_len);
}

struct base_hash payload_commitment(const uint8_t key[32], const struct base_hash *ledger, const char *study,
				    struct base_slice participant, const struct base_hash *kid,
				    const struct wire_cid *cid)
{
	struct base_buf message = BASE_BUF_INIT;
	uint8_t cid_bytes[WIRE_CID_BYTES];
	struct base_hash commitment;

	wire_cid_bytes(cid_bytes, cid);
	base_buf_append(&message, base_slice_text(COMMITMENT_TAG));
	wire_put_array(&message, 5);
	wire_put_hash(&message, ledger);
	if (study != NULL)
		wire_put_cstr(&message, study);
	else
		wire_put_null(&message);
	if (participant.len > 0)
		wire_put_bytes(&message, participant);
	else
		wire_put_null(&message);
	wire_put_hash(&message, kid);
	wire_put_bytes(&message, base_slice(cid_bytes, sizeof(cid_bytes)));
	commitment = keys_hmac(base_slice(key, 32), base_buf_slice(&message));
	base_buf_free(&message);
	return commitment;
}
