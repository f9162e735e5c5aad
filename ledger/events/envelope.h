/* From checked payload bytes to struct events_envelope. */
#ifndef LEDGER_EVENTS_ENVELOPE_H
#define LEDGER_EVENTS_ENVELOPE_H

#include "ledger/events/events.h"

/* Reads the members that are there, of a payload or of a document's head; what is not there is left as it is. */
void envelope_read(struct events_envelope *out, struct base_slice checked);
/* Some kinds must say why. */
BASE_MUST_USE enum base_code envelope_check_reason(const struct events_envelope *envelope, struct base_error *err);

/* SHA-256 of the Sig_structure ["Signature1", protected, h'', payload] (RFC 9052 §4.4), without building it. */
struct base_hash envelope_digest(struct base_slice protected_bytes, struct base_slice payload);

#endif
