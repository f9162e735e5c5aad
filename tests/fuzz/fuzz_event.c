/* Events: what decodes is encoded again to the same bytes, walked, shown, and recorded again from what was shown. */
#include "ledger/events/events.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool see_item(void *arg, size_t index, const struct events_item *item)
{
	(void)index;
	BASE_ASSERT(wire_check(item->raw, NULL) == BASE_OK);
	++*(size_t *)arg;
	return true;
}

static bool see_value(void *arg, const struct events_value *value)
{
	char path[EVENTS_PATH_TEXT_BYTES];

	events_value_path(path, value);
	events_value_words(arg, value);
	return true;
}

/* The same bytes from the parts. */
static void encode_again(const struct events_event *event)
{
	struct base_buf payload = BASE_BUF_INIT, whole = BASE_BUF_INIT;

	events_envelope_encode(&payload, &event->envelope);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&payload), event->cose.payload));
	wire_sign1_encode(&whole, event->cose.protected_bytes, base_buf_slice(&payload), event->cose.signature);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&whole), event->bytes));
	base_buf_free(&payload);
	base_buf_free(&whole);
}

/* Its JSON, less what is set when signing, is a document that says the same. */
static void document_again(const struct events_event *event)
{
	static const char *const set_when_signed[] = {"id", "origin", "issuer", "key", "ledger", "sequence", "claimed"};
	struct base_buf line = BASE_BUF_INIT;
	struct events_document document;
	json_t *json;
	char *text;

	events_to_json(&line, event);
	json = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, NULL);
	BASE_ASSERT(json != NULL);
	for (size_t i = 0; i < sizeof(set_when_signed) / sizeof(set_when_signed[0]); i++)
		(void)json_object_del(json, set_when_signed[i]);
	text = json_dumps(json, 0);
	BASE_ASSERT(events_document_parse(&document, base_slice_text(text), NULL) == BASE_OK);
	BASE_ASSERT(base_slice_equal(document.envelope.body, event->envelope.body));
	BASE_ASSERT(base_slice_equal(document.envelope.refs, event->envelope.refs));
	BASE_ASSERT(base_slice_equal(document.envelope.sealed, event->envelope.sealed));
	BASE_ASSERT(document.envelope.when.utc_ms == event->envelope.when.utc_ms);
	events_document_free(&document);
	free(text);
	json_decref(json);
	base_buf_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf words = BASE_BUF_INIT;
	struct events_event event;
	struct base_error err;
	size_t items = 0;

	if (events_decode(&event, base_slice(data, size), &err) != BASE_OK)
		return 0;
	BASE_ASSERT(wire_check(event.cose.payload, NULL) == BASE_OK);
	encode_again(&event);
	document_again(&event);
	events_items(&event, see_item, &items);
	BASE_ASSERT(items == events_item_count(&event));
	events_values(event.envelope.kind, event.envelope.body, see_value, &words);
	base_buf_free(&words);
	return 0;
}
