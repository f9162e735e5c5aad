/* Enrolments and countersignatures. No fuzzer signs: what opens is one of the seeds, and says what it said. */
#include "ledger/events/events.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes = base_slice(data, size);
	struct base_hash ledger;
	struct events_enrolment enrolment;
	struct base_hash digest;
	struct wire_sign1 cose;
	struct base_error err;

	memset(ledger.bytes, 0x22, sizeof(ledger.bytes)); /* the seeds' */
	if (events_enrolment_open(&enrolment, bytes, &err) == BASE_OK) {
		BASE_ASSERT(events_text_valid(EVENTS_ACTOR, enrolment.actor));
		BASE_ASSERT(enrolment.roles != 0 && enrolment.sign.purpose == KEYS_SIGN &&
			    enrolment.seal.purpose == KEYS_SEAL);
		BASE_ASSERT(enrolment.founder || enrolment.ledger.len == BASE_HASH_BYTES);
	}
	if (events_countersignature_decode(&cose, &digest, bytes, bytes, &ledger, &err) == BASE_OK)
		BASE_ASSERT(events_text_valid(EVENTS_ACTOR, cose.issuer));
	return 0;
}
