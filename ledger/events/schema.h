/* What the files of events share: the declarations, and the engine that walks a value along one. */
#ifndef LEDGER_EVENTS_SCHEMA_H
#define LEDGER_EVENTS_SCHEMA_H

#include "ledger/events/events.h"

/* Where in a value one is; lives on the walker's stack, becomes text only for an error.
 * The root (up NULL) has the name of the whole, or "". name NULL: element number index. */
struct events_path {
	const struct events_path *up;
	const char *name;
	size_t index;
};
void schema_path_print(char out[EVENTS_PATH_TEXT_BYTES], const struct events_path *path);
/* "data.submit: items[3].category: " and the text. */
enum base_code schema_fail(const struct events_path *at, struct base_error *err, enum base_code code,
			   const char *format, ...) BASE_PRINTF(4, 5);
/* Puts the path before the text if code is not BASE_OK; returns code. */
enum base_code schema_wrap(const struct events_path *at, struct base_error *err, enum base_code code);

/* Strict validation of the next value of r, without allocation: types, ranges, codes, keys in ascending
 * order and each once, nothing missing or unknown. The reader checks minimal heads and UTF-8 on the way, so
 * that what passes here is deterministic CBOR. kind: set by an EVENTS_KIND, needed by an EVENTS_BODY. */
struct schema_check {
	struct base_error *err;
	const struct events_kind *kind;
};
BASE_MUST_USE enum base_code schema_check_struct(struct schema_check *check, const struct events_path *at,
						 const struct events_struct *of, struct wire_reader *r);
/* The same for whole bytes; at is the root. */
BASE_MUST_USE enum base_code schema_check_bytes(const struct events_path *at, const struct events_struct *of,
						struct base_slice bytes, struct base_error *err);

const struct events_field *schema_field_by_key(const struct events_struct *of, uint64_t key);
const char *schema_when_problem(const struct events_when *when); /* NULL: it is one */
/* What a value is called in errors and documents: "a CID". */
const char *schema_type_name(enum events_type type);

/* The nearest of the names offered, for "did you mean". */
struct schema_nearest {
	struct base_slice word;
	const char *best;
	size_t distance;
};
void schema_nearest_offer(struct schema_nearest *nearest, const char *name);
/* "; did you mean \"genomic\"?" or "". */
void schema_nearest_hint(char out[128], const struct schema_nearest *nearest);

/* Text of a value that is text in JSON: CIDs, hex, times, code names. Appended. */
void schema_value_text(struct base_buf *out, const struct events_field *field, enum events_type type,
		       struct base_slice raw);

/* ---- Declarations ------------------------------------------------------- */

#define SCHEMA_COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* clang-format off */
#define SCHEMA_STRUCT(name_, fields_) {.name = (name_), .fields = (fields_), .count = SCHEMA_COUNT(fields_)}
/* clang-format on */

extern const struct events_codes events_roles, events_capacities, events_meanings, events_reasons, events_ref_types,
	events_categories, events_verdicts, events_flags, events_denials, events_precisions, events_actions,
	events_study_status, events_organisation_roles, events_purposes, events_use_modifiers, events_uses, events_modes,
	events_effects, events_signers, events_means, events_assents, events_existing_data,
	events_samples, events_attempts, events_audiences, events_reconsent, events_meanwhiles,
	events_legal_bases, events_rights, events_grounds, events_hold_bases, events_destructions, events_incident_kinds,
	events_incident_stages, events_finding_recipients, events_unblindings,
	events_participant_status, events_representations, events_link_methods, events_confidences,
	events_instruments;

extern const struct events_struct events_envelope_struct; /* the payload of an event */
extern const struct events_struct events_document_struct; /* when … sealed: what a document says of it */
extern const struct events_struct events_item_struct;     /* an item of submit, derive, correct */
extern const struct events_struct events_form_struct;     /* a version of a consent form */
extern const struct events_struct events_enrolment_struct, events_founder_struct;

/* Every kind: its declaration is events_kind_<name> in a kinds_*.c. In order of the numbers. */
#define SCHEMA_KINDS(X)                                                                                                \
	X(governance_propose)                                                                                          \
	X(governance_vote)                                                                                             \
	X(governance_recover)                                                                                          \
	X(organisation_admit)                                                                                          \
	X(organisation_suspend)                                                                                        \
	X(organisation_succeed)                                                                                        \
	X(actor_enrol)                                                                                                 \
	X(actor_assign)                                                                                                \
	X(actor_rotate)                                                                                                \
	X(actor_revoke)                                                                                                \
	X(actor_affirm)                                                                                                \
	X(actor_repudiate)                                                                                             \
	X(study_register)                                                                                              \
	X(study_amend)                                                                                                 \
	X(study_close)                                                                                                 \
	X(agreement_record)                                                                                            \
	X(agreement_end)                                                                                               \
	X(ethics_decide)                                                                                               \
	X(contract_propose)                                                                                            \
	X(participant_enrol)                                                                                           \
	X(participant_status)                                                                                          \
	X(participant_transfer)                                                                                        \
	X(participant_merge)                                                                                           \
	X(participant_split)                                                                                           \
	X(participant_represent)                                                                                       \
	X(participant_link)                                                                                            \
	X(participant_unlink)                                                                                          \
	X(consent)                                                                                                     \
	X(data_submit)                                                                                                 \
	X(data_derive)                                                                                                 \
	X(data_correct)                                                                                                \
	X(data_retract)                                                                                                \
	X(data_reassign)                                                                                               \
	X(data_recall)                                                                                                 \
	X(data_erase)                                                                                                  \
	X(data_incident)                                                                                               \
	X(data_hold)                                                                                                   \
	X(data_move)                                                                                                   \
	X(dataset_freeze)                                                                                              \
	X(data_destroyed)                                                                                              \
	X(attest)                                                                                                      \
	X(access_request)                                                                                             \
	X(access_decide)                                                                                              \
	X(access_disclose)                                                                                            \
	X(access_observe)                                                                                             \
	X(access_override)                                                                                            \
	X(access_revoke)                                                                                              \
	X(access_close)                                                                                               \
	X(model_train)                                                                                                \
	X(rights_request)                                                                                              \
	X(rights_answer)                                                                                               \
	X(hold_place)                                                                                                  \
	X(hold_lift)                                                                                                   \
	X(finding_report)                                                                                              \
	X(blinding_unblind)
#define X(name) extern const struct events_kind events_kind_##name;
SCHEMA_KINDS(X)
#undef X

/* Example values in JSON, for declarations. */
#define EXAMPLE_HASH "\"5f1d7a84db00d2fce00b31a7fc73224f1b1c1ac2ca9ed2d1b0bd52fe4bfb9c0d\""
#define EXAMPLE_ID "\"0c5a2ae1bd21b6bb1a6eb9ddc5ce42c5bd1c0ba29d0d1b9ba2e6a0ea2d5f3e11\""
#define EXAMPLE_ITEM "\"0c5a2ae1bd21b6bb1a6eb9ddc5ce42c5bd1c0ba29d0d1b9ba2e6a0ea2d5f3e11#0\""
#define EXAMPLE_CID "\"bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna\""
#define EXAMPLE_RECOVERY                                                                                               \
	"{\"purpose\": \"recovery\", \"alg\": \"X25519\", "                                                            \
	"\"hex\": \"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a\"}"
#define EXAMPLE_PROOF "\"cHV0IHRoZSBwcm9vZiBoZXJl\""

#endif
