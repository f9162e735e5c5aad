/* Registered code lists of participants and agreements; the rules of codes.c hold. */
#include "ledger/events/schema.h"

/* clang-format off */
#define CODE(number_, name_, words_) {.number = (number_), .name = (name_), .words = (words_)}
/* clang-format on */
#define CODES(variable, list_name, array)                                                          \
	const struct events_codes variable = {.name = (list_name), .codes = (array), .count = SCHEMA_COUNT(array)}

static const struct events_code participant_status[] = {
	CODE(EVENTS_STATUS_SCREENED, "screened", "was looked at for the study"),
	CODE(EVENTS_STATUS_SCREEN_FAILED, "screen-failed", "does not meet the study's criteria"),
	CODE(EVENTS_STATUS_ACTIVE, "active", "takes part"),
	CODE(EVENTS_STATUS_PAUSED, "paused", "does not take part for a while"),
	CODE(EVENTS_STATUS_COMPLETED, "completed", "has taken part to the end"),
	CODE(EVENTS_STATUS_DISCONTINUED, "discontinued", "has stopped taking part before the end"),
	CODE(EVENTS_STATUS_LOST, "lost", "cannot be reached any more"),
	CODE(EVENTS_STATUS_DIED, "died", "has died"),
	CODE(EVENTS_STATUS_OF_AGE, "of-age", "has come of age"),
};
CODES(events_participant_status, "participant-status", participant_status);

static const struct events_code representations[] = {
	CODE(1, "parent", "as a parent"),
	CODE(2, "guardian", "as a guardian"),
	CODE(3, "court", "appointed by a court"),
	CODE(4, "attorney", "under a power of attorney"),
	CODE(5, "next-of-kin", "as next of kin, where the law says so"),
};
CODES(events_representations, "representation", representations);

static const struct events_code link_methods[] = {
	CODE(1, "same-person-known", "somebody who treats the person knows both"),
	CODE(2, "identifier", "by an identifier that both have"),
	CODE(3, "deterministic", "by attributes that agree exactly"),
	CODE(4, "probabilistic", "by attributes that agree mostly"),
	CODE(5, "privacy-preserving", "by encoded attributes, without showing them"),
	CODE(6, "genetic", "by genotypes that agree"),
};
CODES(events_link_methods, "link-method", link_methods);

static const struct events_code confidences[] = {
	CODE(1, "possible", "it may be so"),
	CODE(2, "probable", "it is more likely than not"),
	CODE(3, "certain", "it was verified"),
};
CODES(events_confidences, "confidence", confidences);

static const struct events_code instruments[] = {
	CODE(1, "none-needed", "no transfer out of the law's reach"),
	CODE(2, "adequacy", "an adequacy decision (GDPR Article 45)"),
	CODE(3, "standard-clauses", "standard contractual clauses (GDPR Article 46)"),
	CODE(4, "binding-rules", "binding corporate rules (GDPR Article 47)"),
	CODE(5, "derogation", "a derogation for this case (GDPR Article 49)"),
};
CODES(events_instruments, "transfer-instrument", instruments);
