/* Registered code lists of rights, holds, erasure and incidents; the rules of codes.c hold. */
#include "ledger/events/schema.h"

/* clang-format off */
#define CODE(number_, name_, words_) {.number = (number_), .name = (name_), .words = (words_)}
/* clang-format on */
#define CODES(variable, list_name, array)                                                          \
	const struct events_codes variable = {.name = (list_name), .codes = (array), .count = SCHEMA_COUNT(array)}

static const struct events_code rights[] = {
	CODE(EVENTS_RIGHT_ACCESS, "access", "to see what is kept (GDPR 15)"),
	CODE(EVENTS_RIGHT_RECTIFICATION, "rectification", "to have it corrected (GDPR 16)"),
	CODE(EVENTS_RIGHT_ERASURE, "erasure", "to have it erased (GDPR 17)"),
	CODE(EVENTS_RIGHT_RESTRICTION, "restriction", "to have it kept and not used (GDPR 18)"),
	CODE(EVENTS_RIGHT_PORTABILITY, "portability", "to receive it in a common format (GDPR 20)"),
	CODE(EVENTS_RIGHT_OBJECTION, "objection", "to object to its use (GDPR 21)"),
};
CODES(events_rights, "right", rights);

static const struct events_code grounds[] = {
	CODE(1, "legal-obligation", "a law obliges to keep it (GDPR 17(3)(b))"),
	CODE(2, "public-health", "public interest in public health (GDPR 17(3)(c))"),
	CODE(3, "research", "research or archiving that it would seriously impair (GDPR 17(3)(d), 89)"),
	CODE(4, "legal-claims", "legal claims (GDPR 17(3)(e))"),
	CODE(5, "rights-of-others", "rights of other people (GDPR 15(4))"),
	CODE(6, "identity-not-shown", "who asked could not be identified (GDPR 12(2))"),
	CODE(7, "unfounded", "the request is manifestly unfounded or excessive (GDPR 12(5))"),
	CODE(8, "other", "another ground; say which in a sealed text"),
};
CODES(events_grounds, "ground", grounds);

static const struct events_code hold_bases[] = {
	CODE(1, "retention-duty", "a law obliges to keep it"),
	CODE(2, "inspection", "an authority inspects it"),
	CODE(3, "legal-claims", "legal claims"),
	CODE(4, "safety", "the safety of participants"),
	CODE(5, "research-integrity", "a question of research integrity is being looked into"),
	CODE(6, "participant-request", "the participant wants it kept (GDPR 18(1)(b), (c))"),
	CODE(7, "other", "another reason; say which in a sealed text"),
};
CODES(events_hold_bases, "hold-basis", hold_bases);

static const struct events_code destructions[] = {
	CODE(EVENTS_DESTROYED_KEY, "key", "every copy of the key"),
	CODE(EVENTS_DESTROYED_CIPHERTEXT, "ciphertext", "the encrypted payload"),
	CODE(EVENTS_DESTROYED_BOTH, "both", "the encrypted payload, and every copy of its key"),
};
CODES(events_destructions, "destruction", destructions);

static const struct events_code incident_kinds[] = {
	CODE(1, "wrong-recipient", "personal data went to somebody who should not have it"),
	CODE(2, "wrong-participant", "data was recorded or disclosed under another participant"),
	CODE(3, "unauthorised-access", "somebody looked at what they should not"),
	CODE(4, "key-compromised", "a private key may be in other hands"),
	CODE(5, "loss", "data or a device was lost"),
	CODE(6, "unblinding", "blinded information became known"),
	CODE(7, "alteration", "data was altered without authority"),
	CODE(8, "identification", "a participant was identified who should not be"),
	CODE(9, "other", "something else; say what in a sealed text"),
};
CODES(events_incident_kinds, "incident", incident_kinds);

static const struct events_code incident_stages[] = {
	CODE(EVENTS_INCIDENT_DISCOVERED, "discovered", "it became known; the clock runs"),
	CODE(EVENTS_INCIDENT_NOTIFIED, "notified", "the authority was notified"),
	CODE(EVENTS_INCIDENT_CLOSED, "closed", "nothing more is to be done"),
};
CODES(events_incident_stages, "incident-stage", incident_stages);

static const struct events_code finding_recipients[] = {
	CODE(1, "physician", "the participant's physician"),
	CODE(2, "participant", "the participant"),
	CODE(3, "representative", "who decides for the participant"),
	CODE(4, "nobody", "the participant does not want to know"),
};
CODES(events_finding_recipients, "finding-recipient", finding_recipients);

static const struct events_code unblindings[] = {
	CODE(1, "planned", "as the protocol says"),
	CODE(2, "emergency", "for the safety of the participant"),
	CODE(3, "inadvertent", "by mistake"),
};
CODES(events_unblindings, "unblinding", unblindings);
