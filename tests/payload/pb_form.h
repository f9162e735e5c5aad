/* dag-pb from its readable form (DAG-JSON), for the vectors that are written in it. */
#ifndef TESTS_PAYLOAD_PB_FORM_H
#define TESTS_PAYLOAD_PB_FORM_H

#include "ledger/payload/payload.h"

#include <jansson.h>

/* Encodes {"Data": bytes, "Links": [{"Hash": link, "Name": text, "Tsize": number} ...]}; refuses every other form. */
enum base_code pb_form_encode(struct base_buf *out, const json_t *form, struct base_error *err);

#endif
