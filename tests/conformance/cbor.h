/* A second reader of CBOR, lax: it tells what a vector holds, so that a refusal by ledger/wire can be judged. */
#ifndef TESTS_CONFORMANCE_CBOR_H
#define TESTS_CONFORMANCE_CBOR_H

#include "ledger/wire/wire.h"
#include "tests/conformance/json.h"

struct cbor_facts {
	bool well_formed; /* RFC 8949 §1.2, one item and nothing behind it; nested at most 200 deep */
	bool narrower;	  /* holds a float, undefined or another simple value: CBOR that Regesta does not have */
	unsigned depth;	  /* containers and tags around each other */
};
struct cbor_facts cbor_look(struct base_slice bytes);

/* NULL: wire takes the bytes and writes the same ones again. Else why not; *refused: wire does not take them. */
const char *cbor_round_trip(struct base_slice bytes, bool *refused);

/* Appends a JSON value as deterministic CBOR through wire's writer; CIDs under tag 42. */
enum cbor_form {
	CBOR_DAG_JSON, /* {"/": CID}, {"/": {"bytes": base64}}: ipld.io/specs/codecs/dag-json */
	CBOR_ATPROTO,  /* {"$link": CID}, {"$bytes": base64} */
};
/* false: *why says what has no CBOR in Regesta or is no such form. A number with a fraction is a float, which
 * wire cannot write; *narrower is set then. */
bool cbor_from_json(struct base_buf *out, const struct json *json, enum cbor_form form, const char **why,
		    bool *narrower);

/* {"Data": bytes, "Links": [{"Hash", "Name", "Tsize"} ...]} in DAG-JSON as dag-pb. */
BASE_MUST_USE enum base_code pb_from_json(struct base_buf *out, const struct json *json, struct base_error *err);

#endif
