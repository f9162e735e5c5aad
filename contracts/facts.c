/* Facts, tables version 1: docs/formats/contract.md, "Facts". */
#include "contracts/tables.h"

#include <string.h>

/* clang-format off */
#define EVENTS .of_events = true
#define POINT .point = true
#define ALWAYS .always = true
#define TRUTH(words_, negation_, ...) {.words = (words_), .negation = (negation_), .type = CONTRACTS_BOOL, __VA_ARGS__}
#define DATE(words_, ...) {.words = (words_), .type = CONTRACTS_DATE, __VA_ARGS__}
#define CODE(words_, list_, ...) {.words = (words_), .type = CONTRACTS_CODE, .list = CONTRACTS_##list_, __VA_ARGS__}
#define CODES(words_, list_, ...) {.words = (words_), .type = CONTRACTS_CODE_SET, .list = CONTRACTS_##list_, __VA_ARGS__}
#define TEXT(words_, sort_, ...) {.words = (words_), .type = CONTRACTS_TEXT, .sort = TABLES_##sort_, __VA_ARGS__}
#define TEXTS(words_, sort_, ...) {.words = (words_), .type = CONTRACTS_TEXT_SET, .sort = TABLES_##sort_, __VA_ARGS__}

const struct tables_fact tables_facts[CONTRACTS_FACT_COUNT] = {
	[CONTRACTS_FACT_ACTION] = CODE("action", ACTIONS, ALWAYS),
	[CONTRACTS_FACT_MODE] = CODE("mode", MODES, ALWAYS),
	[CONTRACTS_FACT_PURPOSE] = CODE("purpose", PURPOSES, ALWAYS),
	[CONTRACTS_FACT_DISEASE] = TEXT("disease", DISEASE, .always = false),
	[CONTRACTS_FACT_ACCESS_UNTIL] = DATE("access until", .always = false),
	[CONTRACTS_FACT_LEGAL_BASIS] = CODE("legal basis", LEGAL_BASES, ALWAYS),
	[CONTRACTS_FACT_INSTRUMENT] = CODE("instrument", INSTRUMENTS, .always = false),
	[CONTRACTS_FACT_ENVIRONMENT] = TEXT("environment", ENVIRONMENT, .always = false),
	[CONTRACTS_FACT_ACCEPTED_TERMS] = CODES("accepted terms", TERMS, ALWAYS),
	[CONTRACTS_FACT_REQUESTER_ORGANISATION] = TEXT("requester organisation", ORGANISATION, ALWAYS),
	[CONTRACTS_FACT_REQUESTER_ACTOR] = TEXT("requester actor", ACTOR, .always = false),
	[CONTRACTS_FACT_REQUESTER_COUNTRY] = TEXT("requester country", COUNTRY, ALWAYS),
	[CONTRACTS_FACT_REQUESTER_ROLES] = CODES("requester roles", ROLES, ALWAYS),
	[CONTRACTS_FACT_STUDY_SITES] = TEXTS("study sites", SITE, ALWAYS, EVENTS),
	[CONTRACTS_FACT_STUDY_ORGANISATIONS] = TEXTS("study organisations", ORGANISATION, ALWAYS, EVENTS),
	[CONTRACTS_FACT_STUDY_COUNTRIES] = TEXTS("study countries", COUNTRY, ALWAYS, EVENTS),
	[CONTRACTS_FACT_STUDY_SPONSOR] = TEXT("study sponsor", ORGANISATION, ALWAYS, EVENTS),
	[CONTRACTS_FACT_STUDY_STATUS] = CODE("study status", STUDY_STATUS, ALWAYS, EVENTS),
	[CONTRACTS_FACT_STUDY_PHASE] = CODE("study phase", PHASES, EVENTS),
	[CONTRACTS_FACT_STUDY_LEGAL_BASIS] = CODE("study legal basis", LEGAL_BASES, ALWAYS, EVENTS),
	[CONTRACTS_FACT_PROTOCOL_VERSION] = TEXT("protocol version", VERSION, ALWAYS, EVENTS),
	[CONTRACTS_FACT_APPROVAL_VALID] = TRUTH("approval is valid", "approval is not valid", ALWAYS, EVENTS),
	[CONTRACTS_FACT_APPROVAL_STATUS] = CODE("approval status", APPROVAL_STATUS, ALWAYS, EVENTS),
	[CONTRACTS_FACT_APPROVAL_UNTIL] = DATE("approval until", EVENTS, POINT),
	[CONTRACTS_FACT_PROTOCOL_APPROVED] = TRUTH("protocol is approved", "protocol is not approved", ALWAYS, EVENTS),
	[CONTRACTS_FACT_CONSENT_COVERS] = TRUTH("consent covers this use", "consent does not cover this use", .always = false),
	[CONTRACTS_FACT_CONSENT_GROUND] = CODE("consent ground", CONSENT_GROUNDS, .always = false),
	[CONTRACTS_FACT_CONSENT_WITHDRAWN] = TRUTH("consent is withdrawn", "consent is not withdrawn", .always = false),
	[CONTRACTS_FACT_OBJECTION_COVERS] = TRUTH("objection covers this use", "objection does not cover this use", .always = false),
	[CONTRACTS_FACT_CONSENT_FORM_CURRENT] = TRUTH("consent form is current", "consent form is not current", .always = false),
	[CONTRACTS_FACT_RECONSENT_DUE] = TRUTH("re-consent is due", "re-consent is not due", .always = false),
	[CONTRACTS_FACT_CONSENT_SIGNERS] = CODES("consent signers", SIGNERS, .always = false),
	[CONTRACTS_FACT_CONSENT_DATE] = DATE("consent date", .always = false),
	[CONTRACTS_FACT_OF_AGE] = TRUTH("participant is of age", "participant is not of age", .always = false),
	[CONTRACTS_FACT_PARTICIPANT_STATUS] = CODE("participant status", PARTICIPANT_STATUS, EVENTS),
	[CONTRACTS_FACT_AGREEMENT_IN_FORCE] = TRUTH("agreement is in force", "agreement is not in force", ALWAYS),
	[CONTRACTS_FACT_AGREEMENT_INSTRUMENT] = CODE("agreement instrument", INSTRUMENTS, .always = false),
	[CONTRACTS_FACT_HOLD_COVERS] = TRUTH("hold covers the data", "hold does not cover the data", ALWAYS),
	[CONTRACTS_FACT_DATA_CATEGORY] = CODE("data category", CATEGORIES, ALWAYS, EVENTS),
	[CONTRACTS_FACT_SOURCE_CATEGORIES] = CODES("source categories", CATEGORIES, ALWAYS),
	[CONTRACTS_FACT_DATA_SITE] = TEXT("data site", SITE, EVENTS),
	[CONTRACTS_FACT_DATA_ORGANISATION] = TEXT("data organisation", ORGANISATION, ALWAYS, EVENTS),
	[CONTRACTS_FACT_DATA_COUNTRY] = TEXT("data country", COUNTRY, ALWAYS, EVENTS),
	[CONTRACTS_FACT_DATA_COLLECTED] = DATE("data collected", EVENTS),
	[CONTRACTS_FACT_DATA_RECORDED] = DATE("data recorded", ALWAYS, POINT),
	[CONTRACTS_FACT_DATA_DERIVED] = TRUTH("data is derived", "data is not derived", ALWAYS),
	[CONTRACTS_FACT_DATA_STATUS] = CODE("data status", DATA_STATUS, ALWAYS),
	[CONTRACTS_FACT_DATA_FLAGS] = CODES("data flags", FLAGS, ALWAYS),
	[CONTRACTS_FACT_ACCESS_ONGOING] = TRUTH("access is ongoing", "access is not ongoing", ALWAYS),
	[CONTRACTS_FACT_PERMIT_DATE] = DATE("permit date", ALWAYS, POINT),
	[CONTRACTS_FACT_NOW] = DATE("now", ALWAYS, EVENTS, POINT),
	[CONTRACTS_FACT_EVENT] = CODE("event", EVENTS, ALWAYS, EVENTS),
	[CONTRACTS_FACT_DATA_OF_PARTICIPANT] = TRUTH("data belongs to a participant", "data belongs to nobody", ALWAYS),
	[CONTRACTS_FACT_ACCESS_DURATION] = {.words = "access duration", .type = CONTRACTS_DURATION},
};
/* clang-format on */

static bool is_fact(unsigned fact)
{
	return fact < CONTRACTS_FACT_COUNT && tables_facts[fact].words != NULL;
}

const char *contracts_fact_name(unsigned fact)
{
	return is_fact(fact) ? tables_facts[fact].words : NULL;
}

enum contracts_type contracts_fact_type(unsigned fact)
{
	return is_fact(fact) ? tables_facts[fact].type : CONTRACTS_BOOL;
}

bool contracts_fact_list(unsigned fact, enum contracts_list *list)
{
	if (!is_fact(fact) ||
	    (tables_facts[fact].type != CONTRACTS_CODE && tables_facts[fact].type != CONTRACTS_CODE_SET))
		return false;
	*list = tables_facts[fact].list;
	return true;
}

bool contracts_fact_of_events(unsigned fact)
{
	return is_fact(fact) && tables_facts[fact].of_events;
}

static int compare(struct contracts_text a, struct contracts_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool texts_in_order(const struct contracts_fact *fact)
{
	for (size_t i = 0; i < fact->texts_count; i++) {
		if (fact->texts[i].len > CONTRACTS_TEXT_BYTES_MAX ||
		    (i > 0 && compare(fact->texts[i - 1], fact->texts[i]) >= 0))
			return false;
	}
	return true;
}

static bool in_order(unsigned id, const struct contracts_fact *fact)
{
	const struct tables_fact *table = &tables_facts[id];

	switch (table->type) {
	case CONTRACTS_BOOL:
		return fact->value == 0 || fact->value == 1;
	case CONTRACTS_INTEGER:
	case CONTRACTS_DURATION:
	case CONTRACTS_CODE_SET:
		return true;
	case CONTRACTS_DATE:
		return fact->value >= 0 && fact->last >= fact->value && fact->last < INT64_C(253402300800000) &&
		       (!table->point || fact->last == fact->value);
	case CONTRACTS_CODE:
		return fact->value >= 0 && fact->value <= CONTRACTS_CODE_MAX;
	case CONTRACTS_TEXT:
		return fact->texts_count == 1 && texts_in_order(fact);
	case CONTRACTS_TEXT_SET:
		return fact->texts_count <= CONTRACTS_LIST_MAX && texts_in_order(fact);
	}
	return false;
}

unsigned contracts_facts_check(const struct contracts_facts *facts)
{
	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++) {
		if (facts->fact[id].known && (!is_fact(id) || !in_order(id, &facts->fact[id])))
			return id;
	}
	return 0;
}
