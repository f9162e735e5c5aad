/* Events as signed statements: docs/formats/event.md §2. */
#include "ledger/events/schema.h"
#include "ledger/events/envelope.h"

#include <string.h>

/* The head of a byte string: major type 2 and its length, shortest form. */
static void add_bytes(struct base_sha256 *sha, struct base_slice bytes)
{
	uint8_t head[9] = {0x40};
	size_t len = 1;

	if (bytes.len < 24) {
		head[0] |= (uint8_t)bytes.len;
	} else if (bytes.len <= UINT8_MAX) {
		head[0] = 0x58;
		head[1] = (uint8_t)bytes.len;
		len = 2;
	} else if (bytes.len <= UINT16_MAX) {
		head[0] = 0x59;
		base_put_u16be(head + 1, (uint16_t)bytes.len);
		len = 3;
	} else {
		BASE_ASSERT(bytes.len <= UINT32_MAX);
		head[0] = 0x5a;
		base_put_u32be(head + 1, (uint32_t)bytes.len);
		len = 5;
	}
	base_sha256_add(sha, base_slice(head, len));
	base_sha256_add(sha, bytes);
}

struct base_hash envelope_digest(struct base_slice protected_bytes, struct base_slice payload)
{
	struct base_sha256 sha;

	base_sha256_begin(&sha);
	base_sha256_add(&sha, base_slice_text("\x84\x6aSignature1"));
	add_bytes(&sha, protected_bytes);
	add_bytes(&sha, base_slice(NULL, 0));
	add_bytes(&sha, payload);
	return base_sha256_end(&sha);
}

static enum base_code check_names(const struct events_kind *kind, struct base_slice issuer, struct base_slice subject,
				  struct base_error *err)
{
	if (!events_text_valid(EVENTS_ACTOR, issuer))
		return base_fail(err, BASE_MALFORMED, "event: issuer: not %s", schema_type_name(EVENTS_ACTOR));
	if (kind->needs_study && !events_text_valid(EVENTS_STUDY, subject))
		return base_fail(err, BASE_MALFORMED, "event: subject: a %s belongs to a study; this is not %s",
				 base_message(kind->words), schema_type_name(EVENTS_STUDY));
	if (!kind->needs_study && !events_text_valid(EVENTS_URL, subject))
		return base_fail(err, BASE_MALFORMED, "event: subject: not the origin of a ledger");
	return BASE_OK;
}

enum base_code events_decode(struct events_event *out, struct base_slice bytes, struct base_error *err)
{
	static const struct events_path root = {NULL, "event", 0};
	struct events_event event;
	enum base_code code;

	if (bytes.len > WIRE_EVENT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "an event of %zu bytes; at most %d: put fewer items into it",
				 bytes.len, WIRE_EVENT_BYTES_MAX);
	memset(&event, 0, sizeof(event));
	event.bytes = bytes;
	if ((code = wire_sign1_decode(&event.cose, bytes, err)) != BASE_OK)
		return base_wrap(err, code, "event");
	if (!base_slice_equal(event.cose.content_type, base_slice_text(EVENTS_CONTENT_TYPE)))
		return base_fail(err, BASE_MALFORMED, "event: its content type is not %s", EVENTS_CONTENT_TYPE);
	if (event.cose.payload.data == NULL)
		return base_fail(err, BASE_MALFORMED, "event: its payload is not in it");
	if ((code = schema_check_bytes(&root, &events_envelope_struct, event.cose.payload, err)) != BASE_OK)
		return code;
	envelope_read(&event.envelope, event.cose.payload);
	if ((code = envelope_check_reason(&event.envelope, err)) != BASE_OK)
		return code;
	if ((code = check_names(event.envelope.kind, event.cose.issuer, event.cose.subject, err)) != BASE_OK)
		return code;
	event.id = envelope_digest(event.cose.protected_bytes, event.cose.payload);
	*out = event;
	return BASE_OK;
}

enum base_code events_verify(const struct events_event *event, const struct keys_public *signer, struct base_error *err)
{
	struct base_hash kid = keys_kid(signer);

	if (!base_slice_equal(event->cose.kid, base_hash_slice(&kid)))
		return base_fail(err, BASE_MISMATCH, "event: it names another key than the one at hand");
	return base_wrap(err, keys_es256k_verify(signer, &event->id, event->cose.signature, err), "event");
}

enum base_code events_sign(struct base_buf *out, const struct events_envelope *envelope, const char *issuer,
			   const char *subject, const struct keys_private *key, struct base_error *err)
{
	struct base_hash kid = keys_kid(keys_private_public(key));
	struct base_buf payload = BASE_BUF_INIT, header = BASE_BUF_INIT, message = BASE_BUF_INIT,
			signed_bytes = BASE_BUF_INIT;
	struct events_event event;
	uint8_t signature[64];
	enum base_code code;

	/* What is written as text must be text before it is written. */
	if ((code = check_names(envelope->kind, base_slice_text(issuer), base_slice_text(subject), err)) != BASE_OK)
		return code;
	if (envelope->capacity.on_behalf_of.len > 0 &&
	    !events_text_valid(EVENTS_PARTY, envelope->capacity.on_behalf_of))
		return base_fail(err, BASE_MALFORMED, "event: capacity.on_behalf_of: not %s",
				 schema_type_name(EVENTS_PARTY));
	events_envelope_encode(&payload, envelope);
	wire_sign1_protected(&header, EVENTS_CONTENT_TYPE, base_hash_slice(&kid), base_slice_text(issuer),
			     base_slice_text(subject));
	wire_sig_structure(&message, base_buf_slice(&header), base_slice(NULL, 0), base_buf_slice(&payload));
	if ((code = keys_sign(key, signature, base_buf_slice(&message), err)) != BASE_OK)
		goto out;
	wire_sign1_encode(&signed_bytes, base_buf_slice(&header), base_buf_slice(&payload),
			  base_slice(signature, sizeof(signature)));
	if ((code = events_decode(&event, base_buf_slice(&signed_bytes), err)) != BASE_OK)
		goto out;
	base_buf_append(out, base_buf_slice(&signed_bytes));
out:
	base_buf_free(&payload);
	base_buf_free(&header);
	base_buf_free(&message);
	base_buf_free(&signed_bytes);
	return code;
}
