/* Values as JSON (jansson) and back, along their declarations. */
#ifndef LEDGER_EVENTS_JSON_H
#define LEDGER_EVENTS_JSON_H

#include "ledger/events/schema.h"

#include <jansson.h>

/* Appends the CBOR of a JSON object. Checks JSON types, unknown members and what text stands for; ranges, and
 * what is missing, are the business of schema_check_struct, which names places alike. */
BASE_MUST_USE enum base_code json_read_struct(struct base_buf *out, const struct events_path *at,
					      const struct events_struct *of, const json_t *json,
					      struct base_error *err);
/* A new JSON object of bytes that were checked. kind: for an EVENTS_BODY. */
json_t *json_write_struct(const struct events_struct *of, const struct events_kind *kind, struct wire_reader *r);

/* Unknown member: names it, and the nearest of those in nearest. */
enum base_code json_fail_unknown(const struct events_path *at, const char *name, const struct schema_nearest *nearest,
				 struct base_error *err);
const char *json_type_name(const json_t *json); /* "a text" */

#endif
