/* What the tests of fhir give for everything that FHIR does not say. */
#ifndef TESTS_FHIR_FIXTURE_H
#define TESTS_FHIR_FIXTURE_H

#include <jansson.h>

#include "ledger/fhir/fhir.h"

/* One participant for all, one form for all, signed by the participant on paper. */
struct fhir_options fixture_options(void);
/* A file of tests/fhir/data, as JSON. */
json_t *fixture_json(const char *name);
/* The same as bytes of a Consent that was changed: consumes json. */
struct base_buf fixture_bytes(json_t *json);
/* The value at "provision.provision[1].type", or NULL. */
json_t *fixture_at(const json_t *json, const char *path);

#endif
