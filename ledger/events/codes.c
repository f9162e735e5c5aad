/* Registered code lists. A number, once given, means the same for ever: nothing
 * is renumbered or reused; what later versions will declare is reserved. */
#include "ledger/events/schema.h"

/* clang-format off */
#define CODE(number_, name_, words_) {.number = (number_), .name = (name_), .words = (words_)}
#define RESERVED(number_, name_, words_) {.number = (number_), .name = (name_), .words = (words_), .reserved = true}
/* clang-format on */
#define CODES(variable, list_name, array)                                                          \
	const struct events_codes variable = {.name = (list_name), .codes = (array), .count = SCHEMA_COUNT(array)}

static const struct events_code roles[] = {
	CODE(EVENTS_ROLE_ADMINISTRATOR, "administrator", "acts for the organisation and enrols its actors"),
	CODE(EVENTS_ROLE_SPONSOR, "sponsor", "takes responsibility for a study"),
	CODE(EVENTS_ROLE_CRO, "cro", "contract research organisation, acting for a sponsor"),
	CODE(EVENTS_ROLE_INVESTIGATOR, "investigator", "responsible for a study at a site"),
	CODE(EVENTS_ROLE_DELEGATE, "delegate", "does tasks that an investigator delegated"),
	CODE(EVENTS_ROLE_DATA_MANAGER, "data-manager", "keeps a study's data in order"),
	CODE(EVENTS_ROLE_MONITOR, "monitor", "checks a site's data against its sources"),
	CODE(EVENTS_ROLE_INSPECTOR, "inspector", "inspects for an authority"),
	CODE(EVENTS_ROLE_DATA_PROTECTION_OFFICER, "data-protection-officer", "watches over personal data"),
	CODE(EVENTS_ROLE_DATA_ACCESS_COMMITTEE, "data-access-committee", "decides who may use data"),
	CODE(EVENTS_ROLE_ETHICS_COMMITTEE, "ethics-committee", "approves studies and contracts"),
	CODE(EVENTS_ROLE_ACCESS_BODY, "access-body", "permits the use of health data by law"),
	CODE(EVENTS_ROLE_LINKAGE_SERVICE, "linkage-service", "links participants across studies"),
	CODE(EVENTS_ROLE_COMPUTE_COORDINATOR, "compute-coordinator", "runs computations over several sites"),
	CODE(EVENTS_ROLE_CUSTODIAN, "custodian", "keeps payloads and hands them over"),
	CODE(EVENTS_ROLE_RESEARCHER, "researcher", "uses data and derives new data"),
	CODE(EVENTS_ROLE_UNBLINDED_STAFF, "unblinded-staff", "may know who gets which treatment"),
	CODE(EVENTS_ROLE_REPRESENTATIVE, "representative", "decides for a participant"),
	CODE(EVENTS_ROLE_ARCHIVE, "archive", "keeps records for the long term"),
	CODE(EVENTS_ROLE_SYSTEM, "system", "a machine that records by itself"),
	RESERVED(21, "recovery-quorum", "signs the recovery of a lost quorum"),
};
CODES(events_roles, "role", roles);

static const struct events_code capacities[] = {
	CODE(EVENTS_CAPACITY_OWN, "own", "own act"),
	CODE(EVENTS_CAPACITY_DELEGATED, "delegated", "acting for somebody who delegated it"),
	CODE(EVENTS_CAPACITY_TRANSCRIBED, "transcribed", "copied from a document"),
	CODE(EVENTS_CAPACITY_IMPORTED, "imported", "taken over from another system"),
	CODE(EVENTS_CAPACITY_AUTOMATIC, "automatic", "done by a machine without a person"),
};
CODES(events_capacities, "capacity", capacities);

static const struct events_code meanings[] = {
	CODE(EVENTS_MEANING_AUTHORED, "authored", "I made this record"),
	CODE(2, "reviewed", "I have reviewed it"),
	CODE(EVENTS_MEANING_APPROVED, "approved", "I approve it"),
	CODE(4, "responsible", "I take responsibility for it"),
	CODE(5, "witnessed", "I witnessed it"),
	CODE(6, "verified", "I have verified it against its source"),
	CODE(7, "acknowledged", "I have taken note of it"),
};
CODES(events_meanings, "meaning", meanings);

static const struct events_code reasons[] = {
	CODE(1, "data-entry-error", "it was entered wrongly"),
	CODE(2, "late-information", "better information came later"),
	CODE(3, "source-corrected", "the source record was corrected"),
	CODE(4, "wrong-participant", "it was recorded for the wrong participant"),
	CODE(5, "wrong-file", "the wrong file was recorded"),
	CODE(6, "query-answered", "a data query was answered"),
	CODE(7, "participant-request", "the participant asked for it"),
	CODE(8, "key-lost", "a private key was lost"),
	CODE(9, "key-compromised", "a private key may be in other hands"),
	CODE(10, "staff-change", "staff joined, left or changed tasks"),
	CODE(11, "protocol-change", "the study's protocol changed"),
	CODE(12, "other", "another reason; say which in a sealed text"),
};
CODES(events_reasons, "reason", reasons);

static const struct events_code ref_types[] = {
	CODE(EVENTS_REF_CORRECTS, "corrects", "corrects that event"),
	CODE(EVENTS_REF_ANSWERS, "answers", "answers that event"),
	CODE(EVENTS_REF_SUPERSEDES, "supersedes", "takes the place of that event"),
	CODE(EVENTS_REF_ANNULS, "annuls", "annuls that event"),
	CODE(EVENTS_REF_FOLLOWS, "follows", "continues that event"),
};
CODES(events_ref_types, "reference-type", ref_types);

static const struct events_code categories[] = {
	CODE(1, "clinical", "clinical observations and case report forms"),
	CODE(2, "genomic", "sequences, variants and other genome data"),
	CODE(3, "imaging", "images and their annotations"),
	CODE(4, "laboratory", "laboratory results"),
	CODE(5, "phenotypic", "phenotypes, such as phenopackets"),
	CODE(6, "questionnaire", "answers of participants to questionnaires"),
	CODE(7, "device", "measurements by devices and wearables"),
	CODE(8, "safety", "adverse events and other safety reports"),
	CODE(9, "derived", "computed from other data"),
	CODE(10, "model", "a trained model"),
	CODE(11, "synthetic", "synthetic data"),
	CODE(12, "administrative", "documents about the running of a study"),
	CODE(13, "other", "none of the other categories"),
};
CODES(events_categories, "category", categories);

static const struct events_code verdicts[] = {
	CODE(0, "recorded", "a fact, taken into the record"),
	CODE(1, "permit", "permitted"),
	CODE(2, "deny", "recorded, but refused"),
	CODE(3, "refer", "referred to people for a decision"),
};
CODES(events_verdicts, "verdict", verdicts);

static const struct events_code flags[] = {
	CODE(EVENTS_FLAG_LATE, "late", "recorded long after it happened"),
	CODE(EVENTS_FLAG_FORM_NOT_APPROVED, "form-not-approved", "the form's version was not approved"),
	CODE(EVENTS_FLAG_NO_CONSENT_EVIDENCED, "no-consent-evidenced", "no consent is on record for it"),
	CODE(EVENTS_FLAG_AFTER_EXPIRY, "after-expiry", "an approval had expired"),
	CODE(EVENTS_FLAG_KEY_SUSPECT, "key-suspect", "signed by a key that is said to be compromised"),
	RESERVED(5, "blinded-risk", "could unblind a blinded study"),
	CODE(EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED, "participant-not-enrolled", "the participant is not enrolled"),
	CODE(EVENTS_FLAG_STUDY_CLOSED, "study-closed", "the study was closed before"),
	CODE(EVENTS_FLAG_INPUT_RETRACTED, "input-retracted", "an input had been retracted"),
	RESERVED(9, "input-unknown-here", "an input is not on this ledger"),
	CODE(EVENTS_FLAG_SUPERSEDES_CORRECTED, "supersedes-corrected", "the item had been corrected before"),
	CODE(EVENTS_FLAG_DATASET_INCOMPLETE, "dataset-incomplete", "parts of the data set are still missing"),
	CODE(EVENTS_FLAG_NO_APPROVAL, "no-approval", "no ethics committee has approved the study at the site"),
	CODE(EVENTS_FLAG_PARTICIPANT_MERGED, "participant-merged", "the participant goes on under another reference"),
	CODE(EVENTS_FLAG_STATUS_CONTRADICTS, "status-contradicts", "the participant is on record as having died"),
	CODE(EVENTS_FLAG_NEVER_IN_FORCE, "never-in-force", "its period is over before it begins"),
	CODE(EVENTS_FLAG_NO_AGREEMENT, "no-agreement", "no agreement between the two organisations is in force"),
	CODE(EVENTS_FLAG_ITEM_ERASED, "item-erased", "an item that it names was erased, or is to be"),
	CODE(EVENTS_FLAG_OVERDUE, "overdue", "its deadline had passed"),
	CODE(EVENTS_FLAG_ITEM_REASSIGNED, "item-reassigned", "an item that it names turned out to be another participant's"),
	CODE(EVENTS_FLAG_NOT_ORDERED, "not-ordered", "nothing had ordered the erasure of what was destroyed"),
	CODE(EVENTS_FLAG_HELD, "held", "it was to be kept, by a hold in force"),
	CODE(EVENTS_FLAG_UNCONFIRMED, "unconfirmed", "takes effect when an actor of a second organisation attests it"),
	CODE(EVENTS_FLAG_TO_REVIEW, "to-review", "access that nobody had permitted; to be reviewed"),
	CODE(EVENTS_FLAG_COPIES_REMAIN, "copies-remain", "access is over, but copies are left"),
};
CODES(events_flags, "flag", flags);

static const struct events_code denials[] = {
	CODE(EVENTS_DENIAL_NO_AUTHORITY, "no-authority", "its author has no role that may do this"),
	CODE(EVENTS_DENIAL_NO_SUCH_STUDY, "no-such-study", "the study is not registered"),
	CODE(EVENTS_DENIAL_EXISTS_ALREADY, "exists-already", "what was to be made exists"),
	CODE(EVENTS_DENIAL_NO_SUCH_TARGET, "no-such-target", "what it names does not exist"),
	CODE(EVENTS_DENIAL_PROPOSAL_NOT_PASSED, "proposal-not-passed", "the proposal has not passed its vote"),
	CODE(EVENTS_DENIAL_ALREADY_VOTED, "already-voted", "the organisation has voted already"),
	CODE(EVENTS_DENIAL_WRONG_STATE, "wrong-state", "its target is in a state that does not allow it"),
	CODE(EVENTS_DENIAL_OWN_PROPOSAL, "own-proposal", "who proposes does not approve"),
	CODE(EVENTS_DENIAL_BAD_PROOF, "bad-proof", "a proof of possession or countersignature does not hold"),
	CODE(EVENTS_DENIAL_OTHER_ORGANISATION, "other-organisation", "its target belongs to another organisation"),
	CODE(EVENTS_DENIAL_TOO_MANY, "too-many", "it would go over a limit"),
	CODE(EVENTS_DENIAL_NO_CONTRACT, "no-contract", "no contract is in force that could permit it"),
	CODE(EVENTS_DENIAL_NOT_ASSIGNED, "not-assigned", "its author is not assigned to the study at that time"),
	CODE(EVENTS_DENIAL_NOT_COMPETENT, "not-competent", "the study does not name it as a committee, or it is its sponsor, site or custodian"),
	CODE(EVENTS_DENIAL_HEAD_MOVED, "head-moved", "the trail that it includes is not the participant's as it is now"),
	CODE(EVENTS_DENIAL_SUSPENDED, "organisation-suspended", "its author's organisation is suspended"),
	CODE(EVENTS_DENIAL_SUCCEEDED, "organisation-succeeded", "another organisation has taken over from its author's"),
	CODE(EVENTS_DENIAL_NOT_SEALED, "not-sealed", "the payload that it names is not among those that it seals"),
	CODE(EVENTS_DENIAL_ON_HOLD, "on-hold", "a hold in force orders to keep it"),
	CODE(EVENTS_DENIAL_NO_GROUND, "no-ground", "the answer that it names does not order this erasure"),
	CODE(EVENTS_DENIAL_NOT_SUSPECT, "not-suspect", "nothing says that its key was in other hands"),
	CODE(EVENTS_DENIAL_BAD_CONTRACT, "bad-contract", "the contract's code is not what its id says, or the verifier refuses it"),
	CODE(EVENTS_DENIAL_TOO_LARGE, "too-large", "deciding it could cost more than one event may: divide it"),
	CODE(EVENTS_DENIAL_NOT_PERMITTED, "not-permitted", "the contract permits none of it"),
	CODE(EVENTS_DENIAL_NOT_GRANTED, "not-granted", "no permit covers it"),
	CODE(EVENTS_DENIAL_GRANT_OVER, "grant-over", "the permit has expired, was revoked or is closed"),
	CODE(EVENTS_DENIAL_NO_KEY, "no-key", "whoever is to get it has no key in force"),
	CODE(EVENTS_DENIAL_ITEMS_ONLY, "items-only", "this version judges items that are named one by one"),
};
CODES(events_denials, "denial", denials);

static const struct events_code precisions[] = {
	CODE(EVENTS_POINT, "point", "a point in time"),
	CODE(EVENTS_DAY, "day", "a day"),
	CODE(EVENTS_MONTH, "month", "a month"),
};
CODES(events_precisions, "precision", precisions);

static const struct events_code actions[] = {
	CODE(EVENTS_ACTION_ADMIT, "admit-organisation", "admit an organisation to the ledger"),
	CODE(EVENTS_ACTION_LIMITS, "change-limits", "change how much may be recorded at once"),
	RESERVED(3, "change-parameter", "change another governance parameter"),
	CODE(EVENTS_ACTION_SUSPEND, "suspend-organisation", "refuse what an organisation records, until that is lifted"),
	CODE(EVENTS_ACTION_LIFT, "lift-suspension", "let a suspended organisation record again"),
	CODE(EVENTS_ACTION_SUCCEED, "succeed-organisation", "hand everything of an organisation over to another"),
};
CODES(events_actions, "action", actions);

static const struct events_code study_status[] = {
	CODE(1, "open", "data is expected"),
	CODE(2, "closed", "closed; later data is flagged"),
};
CODES(events_study_status, "study-status", study_status);

static const struct events_code organisation_roles[] = {
	CODE(1, "controller", "decides why and how personal data is used"),
	CODE(2, "joint-controller", "decides it together with others"),
	CODE(3, "processor", "handles personal data for a controller"),
};
CODES(events_organisation_roles, "organisation-role", organisation_roles);

const struct events_codes *events_codes_of(enum events_list list)
{
	static const struct events_codes *const lists[] = {
		[EVENTS_ROLES] = &events_roles,
		[EVENTS_CAPACITIES] = &events_capacities,
		[EVENTS_MEANINGS] = &events_meanings,
		[EVENTS_REASONS] = &events_reasons,
		[EVENTS_REF_TYPES] = &events_ref_types,
		[EVENTS_CATEGORIES] = &events_categories,
		[EVENTS_VERDICTS] = &events_verdicts,
		[EVENTS_FLAGS] = &events_flags,
		[EVENTS_DENIALS] = &events_denials,
		[EVENTS_PRECISIONS] = &events_precisions,
		[EVENTS_ACTIONS] = &events_actions,
		[EVENTS_STUDY_STATUS] = &events_study_status,
		[EVENTS_ORGANISATION_ROLES] = &events_organisation_roles,
		[EVENTS_PURPOSES] = &events_purposes,
		[EVENTS_USE_MODIFIERS] = &events_use_modifiers,
		[EVENTS_USES] = &events_uses,
		[EVENTS_MODES] = &events_modes,
		[EVENTS_EFFECTS] = &events_effects,
		[EVENTS_SIGNERS] = &events_signers,
		[EVENTS_MEANS] = &events_means,
		[EVENTS_ASSENTS] = &events_assents,
		[EVENTS_EXISTING_DATA] = &events_existing_data,
		[EVENTS_SAMPLES] = &events_samples,
		[EVENTS_ATTEMPTS] = &events_attempts,
		[EVENTS_AUDIENCES] = &events_audiences,
		[EVENTS_RECONSENT] = &events_reconsent,
		[EVENTS_MEANWHILES] = &events_meanwhiles,
		[EVENTS_LEGAL_BASES] = &events_legal_bases,
		[EVENTS_PARTICIPANT_STATUS_LIST] = &events_participant_status,
		[EVENTS_REPRESENTATIONS] = &events_representations,
		[EVENTS_LINK_METHODS] = &events_link_methods,
		[EVENTS_CONFIDENCES] = &events_confidences,
		[EVENTS_INSTRUMENTS] = &events_instruments,
		[EVENTS_RIGHTS] = &events_rights,
		[EVENTS_GROUNDS] = &events_grounds,
		[EVENTS_HOLD_BASES] = &events_hold_bases,
		[EVENTS_DESTRUCTIONS] = &events_destructions,
		[EVENTS_INCIDENT_KINDS] = &events_incident_kinds,
		[EVENTS_INCIDENT_STAGES] = &events_incident_stages,
		[EVENTS_FINDING_RECIPIENTS] = &events_finding_recipients,
		[EVENTS_UNBLINDINGS] = &events_unblindings,
	};

	return (size_t)list < SCHEMA_COUNT(lists) ? lists[list] : NULL;
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
