/* JSON documents: what parses is an event that decodes, and whose JSON says the same. */
#include "ledger/events/events.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A COSE_Sign1 around the envelope; its signature is zeros. */
static void wrap(struct base_buf *out, const struct events_document *document)
{
	struct base_buf payload = BASE_BUF_INIT, header = BASE_BUF_INIT;
	const uint8_t zeros[64] = {0};
	const char *subject = document->subject_study == NULL ? "example.org/o" : document->subject_study;

	events_envelope_encode(&payload, &document->envelope);
	wire_sign1_protected(&header, EVENTS_CONTENT_TYPE, base_slice(zeros, 32), base_slice_text("a/b"),
			     base_slice_text(subject));
	wire_sign1_encode(out, base_buf_slice(&header), base_buf_slice(&payload), base_slice(zeros, 64));
	base_buf_free(&payload);
	base_buf_free(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf bytes = BASE_BUF_INIT, json = BASE_BUF_INIT;
	struct events_document document;
	struct events_event event;
	struct base_error err;
	enum base_code code;

	if (events_document_parse(&document, base_slice(data, size), &err) != BASE_OK)
		return 0;
	document.envelope.sequence = 1;
	wrap(&bytes, &document);
	code = events_decode(&event, base_buf_slice(&bytes), &err);
	BASE_ASSERT(code == BASE_OK || code == BASE_LIMIT);
	if (code == BASE_OK)
		events_to_json(&json, &event);
	events_document_free(&document);
	base_buf_free(&bytes);
	base_buf_free(&json);
	return 0;
}
