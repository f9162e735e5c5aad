/* What codes of other code systems mean here: docs/import.md has these tables in words. Codes that are known and
 * cannot be expressed have the reason beside them; all others are unknown, which is a reason too. */
#include "ledger/fhir/fhir_internal.h"

#define SCOPE "http://terminology.hl7.org/CodeSystem/consentscope"
#define CATEGORY "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
#define ACTION "http://terminology.hl7.org/CodeSystem/consentaction"
#define ACTCODE "http://terminology.hl7.org/CodeSystem/v3-ActCode"
#define PARTICIPATION "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
#define RESOURCES "http://hl7.org/fhir/resource-types"
#define LOINC "http://loinc.org"
#define RESULT "http://fhir.de/ConsentManagement/CodeSystem/ResultType"
#define MII "https://www.medizininformatik-initiative.de/fhir/modul-consent/CodeSystem/"
#define MODULES "2.16.840.1.113883.3.1937.777.24.2.184"
#define POLICIES "urn:oid:2.16.840.1.113883.3.1937.777.24.5.3"
#define POLICY(number) "2.16.840.1.113883.3.1937.777.24.5.3." number

const struct fhir_code fhir_scopes[] = {
	{SCOPE, "research", FHIR_SCOPE_RESEARCH, NULL},
	{SCOPE, "patient-privacy", FHIR_SCOPE_PRIVACY, NULL},
	{SCOPE, "adr", 0, BASE_WORDS("an advance care directive is no consent to the use of data")},
	{SCOPE, "treatment", 0, BASE_WORDS("consent to a treatment is no consent to the use of data")},
	{NULL, NULL, 0, NULL},
};

const struct fhir_code fhir_categories[] = {
	{LOINC, "57016-8", 0, NULL}, /* acknowledgement of a privacy policy: the category of the German profile */
	{LOINC, "59284-0", 0, NULL}, /* consent of a patient */
	{LOINC, "64292-6", 0, NULL}, /* consent to release of information */
	{CATEGORY, "research", 0, NULL},
	{CATEGORY, "rsdid", 0, BASE_WORDS("de-identified data only: the record has no member that says so")},
	{CATEGORY, "rsreid", 0, BASE_WORDS("re-identification in some circumstances: the record has no member that says so")},
	{CATEGORY, "npp", 0, BASE_WORDS("that a notice was read is no consent")},
	{CATEGORY, "emrgonly", 0, BASE_WORDS("for emergencies only: the record has no member that says so")},
	{CATEGORY, "acd", 0, BASE_WORDS("an advance directive is no consent to the use of data")},
	{CATEGORY, "dnr", 0, BASE_WORDS("an advance directive is no consent to the use of data")},
	{CATEGORY, "hcd", 0, BASE_WORDS("an advance directive is no consent to the use of data")},
	{CATEGORY, "polst", 0, BASE_WORDS("an advance directive is no consent to the use of data")},
	{ACTCODE, "EMRGONLY", 0, BASE_WORDS("for emergencies only: the record has no member that says so")},
	{ACTCODE, "INFAO", 0, BASE_WORDS("to look and not to keep: the record has no use that says so")},
	{ACTCODE, "RESEARCH", 0, NULL},
	{RESULT, "consent-status", 0, BASE_WORDS("a state that was computed from several papers is no declaration of a participant")},
	{MII "mii-cs-consent-version-modules", MODULES, 0, NULL},
	{MII "mii-cs-consent-consent_category", MODULES, 0, NULL},
	{NULL, NULL, 0, NULL},
};

const struct fhir_code fhir_bases[] = {
	{ACTCODE, "OPTIN", FHIR_OPTIN, NULL},
	{ACTCODE, "OPTOUT", FHIR_OPTOUT, NULL},
	{NULL, NULL, 0, NULL},
};

const struct fhir_code fhir_actions[] = {
	{ACTION, "collect", FHIR_COLLECT, NULL},
	{ACTION, "access", FHIR_ACCESS, NULL},
	{ACTION, "use", FHIR_USE, NULL},
	{ACTION, "disclose", FHIR_DISCLOSE, NULL},
	{ACTION, "correct", 0, BASE_WORDS("the record has no use that says so")},
	{NULL, NULL, 0, NULL},
};

const struct fhir_code fhir_roles[] = {
	{PARTICIPATION, "PRCP", 0, NULL}, /* primary recipient of information */
	{PARTICIPATION, "IRCP", 0, NULL}, /* recipient of information */
	{PARTICIPATION, "CST", 0, BASE_WORDS("whoever keeps the data; provisions name recipients alone")},
	{PARTICIPATION, "AUT", 0, BASE_WORDS("whoever wrote the data; provisions name recipients alone")},
	{NULL, NULL, 0, NULL},
};

/* Value: number of EVENTS_CATEGORIES. Only resources that hold one category of data and hold it alone. */
const struct fhir_code fhir_classes[] = {
	{RESOURCES, "MolecularSequence", 2, NULL}, {RESOURCES, "ImagingStudy", 3, NULL},
	{RESOURCES, "QuestionnaireResponse", 6, NULL}, {RESOURCES, "AdverseEvent", 8, NULL},
	{NULL, NULL, 0, NULL},
};

/* ---- Policies of the German broad consent -------------------------------- */

/* Bits of EVENTS_USES. */
enum {
	COLLECT = 1 << 1,
	STORE = 1 << 2,
	READ = 1 << 3,
	DERIVE = 1 << 4,
	LINK = 1 << 5,
	TRAIN = 1 << 6,
	DISCLOSE = 1 << 7,
	TAKE_SAMPLES = 1 << 10,
	STORE_SAMPLES = 1 << 11,
	USE_SAMPLES = 1 << 12,
};

const struct fhir_policy fhir_policy_meanings[] = {
	{COLLECT, COLLECT, FHIR_COLLECTED_ANY, false},
	{STORE, STORE, FHIR_COLLECTED_FROM, false},
	{READ | DERIVE | DISCLOSE, READ | DERIVE | TRAIN | DISCLOSE, FHIR_COLLECTED_FROM, true},
	{LINK, LINK, FHIR_COLLECTED_FROM, false},
	{TAKE_SAMPLES, TAKE_SAMPLES, FHIR_COLLECTED_ANY, false},
	{STORE_SAMPLES, STORE_SAMPLES, FHIR_COLLECTED_ANY, false},
	{USE_SAMPLES, USE_SAMPLES, FHIR_COLLECTED_ANY, true},
	{STORE, STORE, FHIR_COLLECTED_BEFORE, false},
	{READ | DERIVE | DISCLOSE, READ | DERIVE | TRAIN | DISCLOSE, FHIR_COLLECTED_BEFORE, true},
	{LINK, LINK, FHIR_COLLECTED_BEFORE, false},
};

#define IDENTITY "identifying data: the ledger holds none, and the record has no category for it"
#define INSURANCE "data of health insurers: the record has no category for it"
#define CONTACT "one of several ends of contacting again; the record knows contact as a whole"
#define RESULTS "one of several sorts of findings; the record knows the telling of findings as a whole"
#define MODULE "a heading of several policies, of which each has a code of its own"

const struct fhir_code fhir_policies[] = {
	{POLICIES, POLICY("1"), 0, MODULE},
	{POLICIES, POLICY("2"), 0, IDENTITY},
	{POLICIES, POLICY("3"), 0, IDENTITY},
	{POLICIES, POLICY("4"), 0, IDENTITY},
	{POLICIES, POLICY("5"), 0, IDENTITY},
	{POLICIES, POLICY("6"), 0, NULL},
	{POLICIES, POLICY("7"), 1, NULL},
	{POLICIES, POLICY("8"), 2, NULL},
	{POLICIES, POLICY("9"), 3, NULL},
	{POLICIES, POLICY("10"), 0, MODULE},
	{POLICIES, POLICY("11"), 0, INSURANCE},
	{POLICIES, POLICY("12"), 0, INSURANCE},
	{POLICIES, POLICY("13"), 0, INSURANCE},
	{POLICIES, POLICY("14"), 0, MODULE},
	{POLICIES, POLICY("15"), 0, INSURANCE},
	{POLICIES, POLICY("16"), 0, INSURANCE},
	{POLICIES, POLICY("17"), 0, INSURANCE},
	{POLICIES, POLICY("18"), 0, MODULE},
	{POLICIES, POLICY("19"), 4, NULL},
	{POLICIES, POLICY("20"), 5, NULL},
	{POLICIES, POLICY("21"), 0, BASE_WORDS("ownership of samples: the record has no use that says so")},
	{POLICIES, POLICY("22"), 6, NULL},
	{POLICIES, POLICY("23"), 0, BASE_WORDS("joining what samples told with data of others: the record has no category for it")},
	{POLICIES, POLICY("24"), 0, MODULE},
	{POLICIES, POLICY("25"), 0, BASE_WORDS("more of a sample than was due: the record knows the taking of samples as a whole")},
	{POLICIES, POLICY("26"), 0, MODULE},
	{POLICIES, POLICY("27"), 0, CONTACT},
	{POLICIES, POLICY("28"), 0, CONTACT},
	{POLICIES, POLICY("29"), 0, CONTACT},
	{POLICIES, POLICY("30"), 0, MODULE},
	{POLICIES, POLICY("31"), 0, RESULTS},
	{POLICIES, POLICY("37"), 0, RESULTS},
	{POLICIES, POLICY("38"), 0, INSURANCE},
	{POLICIES, POLICY("39"), 0, INSURANCE},
	{POLICIES, POLICY("44"), 0, MODULE},
	{POLICIES, POLICY("45"), 7, NULL},
	{POLICIES, POLICY("46"), 8, NULL},
	{POLICIES, POLICY("47"), 9, NULL},
	{NULL, NULL, 0, NULL},
};

/* The union and the states that apply its data protection law as members of the European Economic Area. Decisions that
 * other countries protect data as well come and go: those countries are left out. */
const char *const fhir_eea[] = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
				"IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", NULL};

uint32_t fhir_action_uses(int action, bool denies)
{
	switch ((enum fhir_action)action) {
	case FHIR_COLLECT:
		return COLLECT | STORE;
	case FHIR_ACCESS:
		return READ;
	case FHIR_USE:
		return denies ? READ | DERIVE | LINK | TRAIN : READ | DERIVE;
	case FHIR_DISCLOSE:
		return DISCLOSE;
	}
	return 0;
}

json_t *fhir_uses(uint32_t bits)
{
	const struct events_codes *codes = events_codes_of(EVENTS_USES);
	json_t *list = json_array();

	for (size_t i = 0; i < codes->count; i++)
		if ((bits & (UINT32_C(1) << codes->codes[i].number)) != 0)
			json_array_append_new(list, json_string(codes->codes[i].name));
	return list;
}
