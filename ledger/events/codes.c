/* Registered code lists. A number, once given, means the same for ever: nothing
 * is renumbered or reused; what later versions will declare is reserved. */
#include "ledger/events/schema.h"

#define CODES(variable, list_name, array)                                                          \
	const struct events_codes variable = {.name = (list_name), .codes = (array), .count = SCHEMA_COUNT(array)}

static const struct events_code roles[] = {
	{EVENTS_ROLE_ADMINISTRATOR, "administrator", "acts for the organisation and enrols its actors", false},
	{EVENTS_ROLE_SPONSOR, "sponsor", "takes responsibility for a study", false},
	{EVENTS_ROLE_CRO, "cro", "contract research organisation, acting for a sponsor", false},
	{EVENTS_ROLE_INVESTIGATOR, "investigator", "responsible for a study at a site", false},
	{EVENTS_ROLE_DELEGATE, "delegate", "does tasks that an investigator delegated", false},
	{EVENTS_ROLE_DATA_MANAGER, "data-manager", "keeps a study's data in order", false},
	{EVENTS_ROLE_MONITOR, "monitor", "checks a site's data against its sources", false},
	{EVENTS_ROLE_INSPECTOR, "inspector", "inspects for an authority", false},
	{EVENTS_ROLE_DATA_PROTECTION_OFFICER, "data-protection-officer", "watches over personal data", false},
	{EVENTS_ROLE_DATA_ACCESS_COMMITTEE, "data-access-committee", "decides who may use data", false},
	{EVENTS_ROLE_ETHICS_COMMITTEE, "ethics-committee", "approves studies and contracts", false},
	{EVENTS_ROLE_ACCESS_BODY, "access-body", "permits the use of health data by law", false},
	{EVENTS_ROLE_LINKAGE_SERVICE, "linkage-service", "links participants across studies", false},
	{EVENTS_ROLE_COMPUTE_COORDINATOR, "compute-coordinator", "runs computations over several sites", false},
	{EVENTS_ROLE_CUSTODIAN, "custodian", "keeps payloads and hands them over", false},
	{EVENTS_ROLE_RESEARCHER, "researcher", "uses data and derives new data", false},
	{EVENTS_ROLE_UNBLINDED_STAFF, "unblinded-staff", "may know who gets which treatment", false},
	{EVENTS_ROLE_REPRESENTATIVE, "representative", "decides for a participant", false},
	{EVENTS_ROLE_ARCHIVE, "archive", "keeps records for the long term", false},
	{EVENTS_ROLE_SYSTEM, "system", "a machine that records by itself", false},
	{21, "recovery-quorum", "signs the recovery of a lost quorum", true},
};
CODES(events_roles, "role", roles);

static const struct events_code capacities[] = {
	{EVENTS_CAPACITY_OWN, "own", "own act", false},
	{EVENTS_CAPACITY_DELEGATED, "delegated", "acting for somebody who delegated it", false},
	{EVENTS_CAPACITY_TRANSCRIBED, "transcribed", "copied from a document", false},
	{EVENTS_CAPACITY_IMPORTED, "imported", "taken over from another system", false},
	{EVENTS_CAPACITY_AUTOMATIC, "automatic", "done by a machine without a person", false},
};
CODES(events_capacities, "capacity", capacities);

static const struct events_code meanings[] = {
	{EVENTS_MEANING_AUTHORED, "authored", "I made this record", false},
	{2, "reviewed", "I have reviewed it", false},
	{3, "approved", "I approve it", false},
	{4, "responsible", "I take responsibility for it", false},
	{5, "witnessed", "I witnessed it", false},
	{6, "verified", "I have verified it against its source", false},
	{7, "acknowledged", "I have taken note of it", false},
};
CODES(events_meanings, "meaning", meanings);

static const struct events_code reasons[] = {
	{1, "data-entry-error", "it was entered wrongly", false},
	{2, "late-information", "better information came later", false},
	{3, "source-corrected", "the source record was corrected", false},
	{4, "wrong-participant", "it was recorded for the wrong participant", false},
	{5, "wrong-file", "the wrong file was recorded", false},
	{6, "query-answered", "a data query was answered", false},
	{7, "participant-request", "the participant asked for it", false},
	{8, "key-lost", "a private key was lost", false},
	{9, "key-compromised", "a private key may be in other hands", false},
	{10, "staff-change", "staff joined, left or changed tasks", false},
	{11, "protocol-change", "the study's protocol changed", false},
	{12, "other", "another reason; say which in a sealed text", false},
};
CODES(events_reasons, "reason", reasons);

static const struct events_code ref_types[] = {
	{EVENTS_REF_CORRECTS, "corrects", "corrects that event", false},
	{EVENTS_REF_ANSWERS, "answers", "answers that event", false},
	{EVENTS_REF_SUPERSEDES, "supersedes", "takes the place of that event", false},
	{EVENTS_REF_ANNULS, "annuls", "annuls that event", false},
	{EVENTS_REF_FOLLOWS, "follows", "continues that event", false},
};
CODES(events_ref_types, "reference-type", ref_types);

static const struct events_code categories[] = {
	{1, "clinical", "clinical observations and case report forms", false},
	{2, "genomic", "sequences, variants and other genome data", false},
	{3, "imaging", "images and their annotations", false},
	{4, "laboratory", "laboratory results", false},
	{5, "phenotypic", "phenotypes, such as phenopackets", false},
	{6, "questionnaire", "answers of participants to questionnaires", false},
	{7, "device", "measurements by devices and wearables", false},
	{8, "safety", "adverse events and other safety reports", false},
	{9, "derived", "computed from other data", false},
	{10, "model", "a trained model", false},
	{11, "synthetic", "synthetic data", false},
	{12, "administrative", "documents about the running of a study", false},
	{13, "other", "none of the other categories", false},
};
CODES(events_categories, "category", categories);

static const struct events_code verdicts[] = {
	{0, "recorded", "a fact, taken into the record", false},
	{1, "permit", "permitted", false},
	{2, "deny", "recorded, but refused", false},
	{3, "refer", "referred to people for a decision", false},
};
CODES(events_verdicts, "verdict", verdicts);

static const struct events_code flags[] = {
	{EVENTS_FLAG_LATE, "late", "recorded long after it happened", false},
	{1, "form-not-approved", "the form's version was not approved", true},
	{2, "no-consent-evidenced", "no consent is on record for it", true},
	{3, "after-expiry", "an approval had expired", true},
	{EVENTS_FLAG_KEY_SUSPECT, "key-suspect", "signed by a key that is said to be compromised", false},
	{5, "blinded-risk", "could unblind a blinded study", true},
	{EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED, "participant-not-enrolled", "the participant is not enrolled", false},
	{EVENTS_FLAG_STUDY_CLOSED, "study-closed", "the study was closed before", false},
	{EVENTS_FLAG_INPUT_RETRACTED, "input-retracted", "an input had been retracted", false},
	{9, "input-unknown-here", "an input is not on this ledger", true},
	{EVENTS_FLAG_SUPERSEDES_CORRECTED, "supersedes-corrected", "the item had been corrected before", false},
	{EVENTS_FLAG_DATASET_INCOMPLETE, "dataset-incomplete", "parts of the data set are still missing", false},
};
CODES(events_flags, "flag", flags);

static const struct events_code denials[] = {
	{EVENTS_DENIAL_NO_AUTHORITY, "no-authority", "its author has no role that may do this", false},
	{EVENTS_DENIAL_NO_SUCH_STUDY, "no-such-study", "the study is not registered", false},
	{EVENTS_DENIAL_EXISTS_ALREADY, "exists-already", "what was to be made exists", false},
	{EVENTS_DENIAL_NO_SUCH_TARGET, "no-such-target", "what it names does not exist", false},
	{EVENTS_DENIAL_PROPOSAL_NOT_PASSED, "proposal-not-passed", "the proposal has not passed its vote", false},
	{EVENTS_DENIAL_ALREADY_VOTED, "already-voted", "the organisation has voted already", false},
	{EVENTS_DENIAL_WRONG_STATE, "wrong-state", "its target is in a state that does not allow it", false},
	{8, "own-proposal", "who proposes does not approve", true},
	{EVENTS_DENIAL_BAD_PROOF, "bad-proof", "a proof of possession or countersignature does not hold", false},
	{EVENTS_DENIAL_OTHER_ORGANISATION, "other-organisation", "its target belongs to another organisation", false},
	{EVENTS_DENIAL_TOO_MANY, "too-many", "it would go over a limit", false},
	{12, "no-contract", "no contract is in force", true},
	{EVENTS_DENIAL_NOT_ASSIGNED, "not-assigned", "its author is not assigned to the study at that time", false},
};
CODES(events_denials, "denial", denials);

static const struct events_code precisions[] = {
	{EVENTS_POINT, "point", "a point in time", false},
	{EVENTS_DAY, "day", "a day", false},
	{EVENTS_MONTH, "month", "a month", false},
};
CODES(events_precisions, "precision", precisions);

static const struct events_code actions[] = {
	{1, "admit-organisation", "admit an organisation to the ledger", false},
	{2, "change-parameter", "change a governance parameter", true},
};
CODES(events_actions, "action", actions);

static const struct events_code study_status[] = {
	{1, "open", "data is expected", false},
	{2, "closed", "closed; later data is flagged", false},
};
CODES(events_study_status, "study-status", study_status);

static const struct events_code organisation_roles[] = {
	{1, "controller", "decides why and how personal data is used", false},
	{2, "joint-controller", "decides it together with others", false},
	{3, "processor", "handles personal data for a controller", false},
};
CODES(events_organisation_roles, "organisation-role", organisation_roles);

const struct events_codes *events_codes_of(enum events_list list)
{
	switch (list) {
	case EVENTS_ROLES:
		return &events_roles;
	case EVENTS_CAPACITIES:
		return &events_capacities;
	case EVENTS_MEANINGS:
		return &events_meanings;
	case EVENTS_REASONS:
		return &events_reasons;
	case EVENTS_REF_TYPES:
		return &events_ref_types;
	case EVENTS_CATEGORIES:
		return &events_categories;
	case EVENTS_VERDICTS:
		return &events_verdicts;
	case EVENTS_FLAGS:
		return &events_flags;
	case EVENTS_DENIALS:
		return &events_denials;
	case EVENTS_PRECISIONS:
		return &events_precisions;
	case EVENTS_ACTIONS:
		return &events_actions;
	case EVENTS_STUDY_STATUS:
		return &events_study_status;
	case EVENTS_ORGANISATION_ROLES:
		return &events_organisation_roles;
	}
	return NULL;
}

const struct events_code *events_code_by_number(const struct events_codes *codes, uint64_t number)
{
	for (size_t i = 0; i < codes->count; i++)
		if (codes->codes[i].number == number)
			return codes->codes[i].reserved ? NULL : &codes->codes[i];
	return NULL;
}

const struct events_code *events_code_by_name(const struct events_codes *codes, struct base_slice name)
{
	for (size_t i = 0; i < codes->count; i++)
		if (!codes->codes[i].reserved && base_slice_equal(name, base_slice_text(codes->codes[i].name)))
			return &codes->codes[i];
	return NULL;
}
