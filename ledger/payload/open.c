/* Opening what seal.c makes. Every length and every byte of the frame is checked: one
 * ciphertext has one plaintext and one way to be written. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

/* Most payloads are small: a whole segment is set aside only for those that have one. */
#define SMALL_BYTES 65536u
#define SHORTEST_BYTES (PAYLOAD_HEADER_BYTES + PAYLOAD_FRAME_BYTES_MIN + PAYLOAD_TAG_BYTES)

enum base_code payload_each_segment(payload_read_fn read, void *read_arg, payload_segment_fn visit, void *arg,
				    struct base_error *err)
{
	/* One byte more than a segment tells whether it is the last. */
	size_t cap = SMALL_BYTES, held = 0, used_max = 0;
	uint8_t *buf = base_alloc(cap);
	enum base_code code = BASE_OK;
	bool end = false;

	while (!end) {
		while (held <= PAYLOAD_SEGMENT_BYTES) {
			size_t got = 0;

			if (held == cap) { /* ciphertext still: nothing of it is secret */
				cap = PAYLOAD_SEGMENT_BYTES + 1;
				buf = base_realloc(buf, cap);
			}
			if ((code = read(read_arg, buf + held, cap - held, &got, err)) != BASE_OK)
				goto out;
			BASE_ASSERT(got <= cap - held);
			if (got == 0) {
				end = true;
				break;
			}
			held += got;
		}
		used_max = held > used_max ? held : used_max;
		code = visit(arg, buf, end ? held : PAYLOAD_SEGMENT_BYTES, end, err);
		if (code != BASE_OK || end)
			goto out;
		buf[0] = buf[PAYLOAD_SEGMENT_BYTES];
		held = 1;
	}
out:
	base_wipe(buf, used_max); /* decrypted in place */
	free(buf);
	return code;
}

void payload_opener_begin(struct payload_opener *opener, const uint8_t key[32], const struct payload_context *context,
			  payload_write_fn write, void *write_arg)
{
	memset(opener, 0, sizeof(*opener));
	opener->key = key;
	opener->write = write;
	opener->write_arg = write_arg;
	payload_context_put(&opener->aad, context);
}

void payload_opener_end(struct payload_opener *opener)
{
	keys_gcm_close(opener->gcm);
	opener->gcm = NULL;
	base_buf_free(&opener->aad);
}

static enum base_code opener_header(struct payload_opener *opener, const uint8_t *segment, size_t len,
				    struct base_error *err)
{
	uint8_t derived[32];

	if (len < SHORTEST_BYTES)
		return base_fail(err, BASE_MALFORMED,
				 "the sealed payload is %zu bytes; the shortest there is has %u: it is cut off, or was sealed "
				 "by a version from before short payloads were padded",
				 len, SHORTEST_BYTES);
	if (segment[0] != PAYLOAD_HEADER_BYTES)
		return base_fail(err, BASE_MALFORMED, "no sealed payload: it begins with byte %02x, not 28",
				 segment[0]);
	keys_hkdf(derived, sizeof(derived), base_slice(opener->key, 32), base_slice(segment + 1, 32),
		  base_buf_slice(&opener->aad));
	memcpy(opener->nonce_prefix, segment + 33, sizeof(opener->nonce_prefix));
	opener->gcm = keys_gcm_open(derived);
	base_wipe(derived, sizeof(derived));
	return BASE_OK;
}

/* The length prefix, then data, then zeros until the padded length. */
static enum base_code opener_frame(struct payload_opener *opener, const uint8_t *plain, size_t len, bool last,
				   struct base_error *err)
{
	uint64_t data_end;

	if (opener->at == 0) {
		opener->len = base_get_u64be(plain);
		if (opener->len > PAYLOAD_PLAINTEXT_BYTES_MAX)
			return base_fail(err, BASE_MALFORMED, "the length inside the payload is over 16 TiB");
		opener->padded = payload_frame_len(opener->len);
		opener->at = PAYLOAD_PREFIX_BYTES;
		plain += PAYLOAD_PREFIX_BYTES;
		len -= PAYLOAD_PREFIX_BYTES;
	}
	if (len > opener->padded - opener->at || (last && len != opener->padded - opener->at))
		return base_fail(err, BASE_MALFORMED,
				 "the payload holds %llu bytes of data, so that %llu are expected with the "
				 "padding; there are %s",
				 (unsigned long long)opener->len, (unsigned long long)opener->padded,
				 last && len < opener->padded - opener->at ? "fewer" : "more");
	data_end = PAYLOAD_PREFIX_BYTES + opener->len;
	if (opener->at < data_end) {
		size_t part = data_end - opener->at < len ? (size_t)(data_end - opener->at) : len;
		enum base_code code =
			part == 0 ? BASE_OK : opener->write(opener->write_arg, base_slice(plain, part), err);

		if (code != BASE_OK)
			return code;
		plain += part;
		len -= part;
		opener->at += part;
	}
	for (size_t i = 0; i < len; i++)
		if (plain[i] != 0)
			return base_fail(err, BASE_MALFORMED, "the payload's padding is not zero");
	opener->at += len;
	return BASE_OK;
}

enum base_code payload_opener_segment(void *arg, uint8_t *segment, size_t len, bool last, struct base_error *err)
{
	struct payload_opener *opener = arg;
	size_t head = opener->index == 0 ? PAYLOAD_HEADER_BYTES : 0;
	enum base_code code;
	uint8_t nonce[12];

	if (opener->index > UINT32_MAX)
		return base_fail(err, BASE_LIMIT, "the payload has more than 2^32 segments");
	if (opener->index == 0 && (code = opener_header(opener, segment, len, err)) != BASE_OK)
		return code;
	if (len <= head + PAYLOAD_TAG_BYTES)
		return base_fail(err, BASE_MALFORMED, "segment %llu of the payload is empty",
				 (unsigned long long)opener->index);
	memcpy(nonce, opener->nonce_prefix, sizeof(opener->nonce_prefix));
	base_put_u32be(nonce + sizeof(opener->nonce_prefix), (uint32_t)opener->index);
	nonce[11] = last;
	code = keys_gcm_unseal(opener->gcm, segment + head, nonce, base_slice(NULL, 0),
			       base_slice(segment + head, len - head), NULL);
	if (code != BASE_OK)
		return base_fail(err, BASE_MISMATCH,
				 "segment %llu of the payload does not decrypt: the key or the context (ledger, "
				 "study, organisation) is another, or the bytes are damaged",
				 (unsigned long long)opener->index);
	opener->index++;
	return opener_frame(opener, segment + head, len - head - PAYLOAD_TAG_BYTES, last, err);
}

enum base_code payload_open_stream(const uint8_t key[32], const struct payload_context *context, payload_read_fn read,
				   void *read_arg, payload_write_fn write, void *write_arg, struct base_error *err)
{
	struct payload_opener opener;
	enum base_code code;

	payload_opener_begin(&opener, key, context, write, write_arg);
	code = payload_each_segment(read, read_arg, payload_opener_segment, &opener, err);
	payload_opener_end(&opener);
	return code;
}
