/* events: what is recorded, declared once.
 *
 * Tour
 *   1. The table. Each kind declares its fields (number, name, type, limits,
 *      help, example), who may record it, and its words. Codec, CDDL, JSON, templates,
 *      documents and the command line derive from it: kinds_*.c holds
 *      declarations and nothing else. docs/records.md, docs/formats/regesta.cddl
 *   2. Events. The envelope, decoding (structure and schema, strictly) and making.
 *   3. Reading a body. Accessors for bytes that were decoded before.
 *   4. JSON, CDDL, templates, words.
 *
 * What an event does to state is in state/apply_*.c, one function a kind.
 * Pure: no clock, no I/O. Any thread.
 */
#ifndef LEDGER_EVENTS_EVENTS_H
#define LEDGER_EVENTS_EVENTS_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"
#include "ledger/wire/wire.h"

/* ---- 1. The table ------------------------------------------------------- */

enum events_type {
	EVENTS_UINT,      /* min..max */
	EVENTS_BOOL,
	EVENTS_CODE,      /* one of a registered list; CBOR uint, JSON its name */
	EVENTS_TOKEN,     /* text [a-z0-9._-]{1,64}, first a letter or digit: codes of sites, versions */
	EVENTS_STUDY,     /* token naming a study */
	EVENTS_ORGANISATION, /* token naming an organisation */
	EVENTS_ACTOR,     /* "organisation/code" */
	EVENTS_COUNTRY,   /* two capital letters */
	EVENTS_LABEL,     /* public text of 1..max bytes without control characters: titles only */
	EVENTS_URL,       /* 1..255 bytes printable ASCII without spaces */
	EVENTS_PARTY,     /* an actor or an organisation */
	EVENTS_KIND,      /* text: the name of a kind */
	EVENTS_ID,        /* 32 bytes, hex in JSON: an event's id */
	EVENTS_HASH,      /* 32 bytes, hex in JSON */
	EVENTS_REFERENCE, /* 32 bytes, hex in JSON: a participant of a study */
	EVENTS_CID,       /* 36 bytes, CID text in JSON */
	EVENTS_ITEM,      /* [event id, index]; "hex#n" in JSON: an item of an event */
	EVENTS_WHEN,      /* [precision, utc ms, offset min | null]: time of a fact; min: the finest precision */
	EVENTS_TIME,      /* milliseconds since 1970 UTC; RFC 3339 in JSON: a clock */
	EVENTS_PUBLIC,    /* [purpose, alg, bytes]; {"purpose","alg","hex"} in JSON; min: the purpose */
	EVENTS_PROOF,     /* bstr of min..max bytes, base64 in JSON: a COSE_Sign1, or bytecode */
	EVENTS_STRUCT,    /* nested: of */
	EVENTS_LIST,      /* min..max elements of type element (of / codes for it); codes ascend, each once */
	EVENTS_BODY,      /* the body of the kind that the envelope names */
	EVENTS_SOURCE,    /* public text of 1..max bytes that may have lines and tabs: a contract */
};

struct events_code { /* a registered code: numbers are never used again */
	uint16_t number;
	bool reserved; /* kept for a later version: refused in this one */
	const char *name;
	const char *words; /* for people */
};
struct events_codes {
	const char *name;
	const struct events_code *codes;
	size_t count;
};
struct events_struct;
struct events_field {
	uint8_t key; /* CBOR map key; ascending in the table */
	bool optional;
	enum events_type type;
	enum events_type element; /* of a list */
	const char *name;         /* JSON member */
	uint64_t min, max;
	const struct events_codes *codes;
	const struct events_struct *of;
	const char *help;    /* one line for people */
	const char *example; /* JSON text, for templates and tests */
};
struct events_struct {
	const char *name;
	const struct events_field *fields;
	size_t count;
	bool positional;  /* an array in order of the keys, null for what is absent, instead of a map */
	uint8_t at_least; /* how many of the members must be there, whichever they are; 0: no such rule */
	uint8_t at_most;  /* and how many may; 0: no such rule */
};

/* Kinds of this version. Number: stable, for tables; the wire carries the name. */
enum events_kind_id {
	EVENTS_GOVERNANCE_PROPOSE = 1,
	EVENTS_GOVERNANCE_VOTE = 2,
	EVENTS_GOVERNANCE_RECOVER = 3,
	EVENTS_ORGANISATION_ADMIT = 10,
	EVENTS_ORGANISATION_SUSPEND = 11,
	EVENTS_ORGANISATION_SUCCEED = 12,
	EVENTS_ACTOR_ENROL = 20,
	EVENTS_ACTOR_ASSIGN = 21,
	EVENTS_ACTOR_ROTATE = 22,
	EVENTS_ACTOR_REVOKE = 23,
	EVENTS_ACTOR_AFFIRM = 24,
	EVENTS_ACTOR_REPUDIATE = 25,
	EVENTS_STUDY_REGISTER = 30,
	EVENTS_STUDY_AMEND = 31,
	EVENTS_STUDY_CLOSE = 32,
	EVENTS_AGREEMENT_RECORD = 36,
	EVENTS_AGREEMENT_END = 37,
	EVENTS_ETHICS_DECIDE = 38,
	EVENTS_CONTRACT_PROPOSE = 39,
	EVENTS_PARTICIPANT_ENROL = 40,
	EVENTS_PARTICIPANT_STATUS = 41,
	EVENTS_PARTICIPANT_TRANSFER = 42,
	EVENTS_PARTICIPANT_MERGE = 43,
	EVENTS_PARTICIPANT_SPLIT = 44,
	EVENTS_PARTICIPANT_REPRESENT = 45,
	EVENTS_PARTICIPANT_LINK = 46,
	EVENTS_PARTICIPANT_UNLINK = 47,
	EVENTS_CONSENT = 50,
	EVENTS_DATA_SUBMIT = 60,
	EVENTS_DATA_DERIVE = 61,
	EVENTS_DATA_CORRECT = 62,
	EVENTS_DATA_RETRACT = 63,
	EVENTS_DATA_REASSIGN = 64,
	EVENTS_DATA_RECALL = 65,
	EVENTS_DATA_ERASE = 66,
	EVENTS_DATA_INCIDENT = 67,
	EVENTS_DATA_HOLD = 68,
	EVENTS_DATA_MOVE = 69,
	EVENTS_DATASET_FREEZE = 70,
	EVENTS_DATA_DESTROYED = 71,
	EVENTS_ATTEST = 80,
	EVENTS_ACCESS_REQUEST = 90,
	EVENTS_ACCESS_DECIDE = 91,
	EVENTS_ACCESS_DISCLOSE = 92,
	EVENTS_ACCESS_OBSERVE = 93,
	EVENTS_ACCESS_OVERRIDE = 94,
	EVENTS_ACCESS_REVOKE = 95,
	EVENTS_ACCESS_CLOSE = 96,
	EVENTS_MODEL_TRAIN = 100,
	EVENTS_RIGHTS_REQUEST = 110,
	EVENTS_RIGHTS_ANSWER = 111,
	EVENTS_HOLD_PLACE = 115,
	EVENTS_HOLD_LIFT = 116,
	EVENTS_FINDING_REPORT = 120,
	EVENTS_BLINDING_UNBLIND = 125,
};
#define EVENTS_ROLE(number) (UINT64_C(1) << (number))
struct events_kind {
	enum events_kind_id id;
	const char *name; /* "data.submit" */
	const char *words;  /* "submission of data" */
	bool needs_study;   /* subject is a study; else the ledger */
	bool needs_reason;  /* the envelope must say why */
	uint64_t roles;     /* EVENTS_ROLE bits of who may record it; 0: state function decides */
	const char *who;    /* one line for people: who may record it, beyond the roles */
	const char *effect; /* one line for people: what it does to state */
	struct events_struct body;
};
/* Every kind of this version in order of its number: (*list)[0 … *count). */
const struct events_kind *const *events_kinds(size_t *count);
const struct events_kind *events_kind_by_name(struct base_slice name); /* NULL: unknown */
const struct events_kind *events_kind_by_id(enum events_kind_id id);

/* The numbers that programs name; every list is in codes.c. */
enum events_role {
	EVENTS_ROLE_ADMINISTRATOR = 1,
	EVENTS_ROLE_SPONSOR = 2,
	EVENTS_ROLE_CRO = 3,
	EVENTS_ROLE_INVESTIGATOR = 4,
	EVENTS_ROLE_DELEGATE = 5,
	EVENTS_ROLE_DATA_MANAGER = 6,
	EVENTS_ROLE_MONITOR = 7,
	EVENTS_ROLE_INSPECTOR = 8,
	EVENTS_ROLE_DATA_PROTECTION_OFFICER = 9,
	EVENTS_ROLE_DATA_ACCESS_COMMITTEE = 10,
	EVENTS_ROLE_ETHICS_COMMITTEE = 11,
	EVENTS_ROLE_ACCESS_BODY = 12,
	EVENTS_ROLE_LINKAGE_SERVICE = 13,
	EVENTS_ROLE_COMPUTE_COORDINATOR = 14,
	EVENTS_ROLE_CUSTODIAN = 15,
	EVENTS_ROLE_RESEARCHER = 16,
	EVENTS_ROLE_UNBLINDED_STAFF = 17,
	EVENTS_ROLE_REPRESENTATIVE = 18,
	EVENTS_ROLE_ARCHIVE = 19,
	EVENTS_ROLE_SYSTEM = 20,
};
enum events_capacity_code {
	EVENTS_CAPACITY_OWN = 1,
	EVENTS_CAPACITY_DELEGATED = 2,
	EVENTS_CAPACITY_TRANSCRIBED = 3,
	EVENTS_CAPACITY_IMPORTED = 4,
	EVENTS_CAPACITY_AUTOMATIC = 5,
};
#define EVENTS_MEANING_AUTHORED 1
#define EVENTS_MEANING_APPROVED 3
#define EVENTS_MEANING_ACKNOWLEDGED 7
enum events_ref_type {
	EVENTS_REF_CORRECTS = 1,
	EVENTS_REF_ANSWERS = 2,
	EVENTS_REF_SUPERSEDES = 3,
	EVENTS_REF_ANNULS = 4,
	EVENTS_REF_FOLLOWS = 5,
};
enum events_flag { /* bits of an outcome's flags */
	EVENTS_FLAG_LATE = 0,
	EVENTS_FLAG_FORM_NOT_APPROVED = 1,
	EVENTS_FLAG_NO_CONSENT_EVIDENCED = 2,
	EVENTS_FLAG_AFTER_EXPIRY = 3,
	EVENTS_FLAG_KEY_SUSPECT = 4,
	EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED = 6,
	EVENTS_FLAG_STUDY_CLOSED = 7,
	EVENTS_FLAG_INPUT_RETRACTED = 8,
	EVENTS_FLAG_SUPERSEDES_CORRECTED = 10,
	EVENTS_FLAG_DATASET_INCOMPLETE = 11,
	EVENTS_FLAG_NO_APPROVAL = 12,
	EVENTS_FLAG_PARTICIPANT_MERGED = 13,
	EVENTS_FLAG_STATUS_CONTRADICTS = 15,
	EVENTS_FLAG_NEVER_IN_FORCE = 16,
	EVENTS_FLAG_NO_AGREEMENT = 17,
	EVENTS_FLAG_ITEM_ERASED = 20,
	EVENTS_FLAG_OVERDUE = 21,
	EVENTS_FLAG_ITEM_REASSIGNED = 22,
	EVENTS_FLAG_NOT_ORDERED = 23,
	EVENTS_FLAG_HELD = 24,
	EVENTS_FLAG_UNCONFIRMED = 25,
	EVENTS_FLAG_TO_REVIEW = 30,
	EVENTS_FLAG_COPIES_REMAIN = 31,
};
enum events_denial {
	EVENTS_DENIAL_NO_AUTHORITY = 1,
	EVENTS_DENIAL_NO_SUCH_STUDY = 2,
	EVENTS_DENIAL_EXISTS_ALREADY = 3,
	EVENTS_DENIAL_NO_SUCH_TARGET = 4,
	EVENTS_DENIAL_PROPOSAL_NOT_PASSED = 5,
	EVENTS_DENIAL_ALREADY_VOTED = 6,
	EVENTS_DENIAL_WRONG_STATE = 7,
	EVENTS_DENIAL_OWN_PROPOSAL = 8,
	EVENTS_DENIAL_BAD_PROOF = 9,
	EVENTS_DENIAL_OTHER_ORGANISATION = 10,
	EVENTS_DENIAL_TOO_MANY = 11,
	EVENTS_DENIAL_NO_CONTRACT = 12,
	EVENTS_DENIAL_NOT_ASSIGNED = 13,
	EVENTS_DENIAL_NOT_COMPETENT = 14,
	EVENTS_DENIAL_HEAD_MOVED = 20,
	EVENTS_DENIAL_SUSPENDED = 21,
	EVENTS_DENIAL_SUCCEEDED = 22,
	EVENTS_DENIAL_NOT_SEALED = 23,
	EVENTS_DENIAL_ON_HOLD = 25,
	EVENTS_DENIAL_NO_GROUND = 26,
	EVENTS_DENIAL_NOT_SUSPECT = 27,
	EVENTS_DENIAL_BAD_CONTRACT = 30,
	EVENTS_DENIAL_TOO_LARGE = 31,
	EVENTS_DENIAL_NOT_PERMITTED = 32,
	EVENTS_DENIAL_NOT_GRANTED = 33,
	EVENTS_DENIAL_GRANT_OVER = 34,
	EVENTS_DENIAL_NO_KEY = 35,
	EVENTS_DENIAL_ITEMS_ONLY = 36,
};
enum events_action {
	EVENTS_ACTION_ADMIT = 1,
	EVENTS_ACTION_LIMITS = 2,
	EVENTS_ACTION_SUSPEND = 4,
	EVENTS_ACTION_LIFT = 5,
	EVENTS_ACTION_SUCCEED = 6,
};
enum events_effect { EVENTS_EFFECT_PERMIT = 1, EVENTS_EFFECT_DENY = 2 };
enum events_consent_act {
	EVENTS_CONSENT_GIVE = 1,
	EVENTS_CONSENT_REFUSE = 2,
	EVENTS_CONSENT_WITHDRAW = 3,
	EVENTS_CONSENT_OBJECT = 4,
	EVENTS_CONSENT_ANNUL = 5,
	EVENTS_CONSENT_ATTEMPT = 6,
};
enum events_existing {
	EVENTS_EXISTING_KEEP = 1,
	EVENTS_EXISTING_RESTRICT = 2,
	EVENTS_EXISTING_ANONYMISE = 3,
	EVENTS_EXISTING_ERASE = 4,
};
enum events_ethics_act {
	EVENTS_ETHICS_APPROVE = 1,
	EVENTS_ETHICS_CONDITIONAL = 2,
	EVENTS_ETHICS_REFUSE = 3,
	EVENTS_ETHICS_SUSPEND = 4,
	EVENTS_ETHICS_RENEW = 5,
	EVENTS_ETHICS_WAIVE = 6,
	EVENTS_ETHICS_END = 7,
};
enum events_right {
	EVENTS_RIGHT_ACCESS = 1,
	EVENTS_RIGHT_RECTIFICATION = 2,
	EVENTS_RIGHT_ERASURE = 3,
	EVENTS_RIGHT_RESTRICTION = 4,
	EVENTS_RIGHT_PORTABILITY = 5,
	EVENTS_RIGHT_OBJECTION = 6,
};
enum events_rights_act { EVENTS_RIGHTS_FULFILLED = 1, EVENTS_RIGHTS_REFUSED = 2, EVENTS_RIGHTS_EXTENDED = 3 };
enum events_destruction { /* bits */
	EVENTS_DESTROYED_KEY = 1,
	EVENTS_DESTROYED_CIPHERTEXT = 2,
	EVENTS_DESTROYED_BOTH = 3,
};
enum events_incident_stage {
	EVENTS_INCIDENT_DISCOVERED = 1,
	EVENTS_INCIDENT_NOTIFIED = 2,
	EVENTS_INCIDENT_CLOSED = 3,
};
enum events_participant_status {
	EVENTS_STATUS_SCREENED = 1,
	EVENTS_STATUS_SCREEN_FAILED = 2,
	EVENTS_STATUS_ACTIVE = 3,
	EVENTS_STATUS_PAUSED = 4,
	EVENTS_STATUS_COMPLETED = 5,
	EVENTS_STATUS_DISCONTINUED = 6,
	EVENTS_STATUS_LOST = 7,
	EVENTS_STATUS_DIED = 8,
	EVENTS_STATUS_OF_AGE = 9,
};
enum events_use {
	EVENTS_USE_COLLECT = 1,
	EVENTS_USE_STORE = 2,
	EVENTS_USE_READ = 3,
	EVENTS_USE_DERIVE = 4,
	EVENTS_USE_LINK = 5,
	EVENTS_USE_TRAIN = 6,
	EVENTS_USE_DISCLOSE = 7,
	EVENTS_USE_RECONTACT = 8,
	EVENTS_USE_RETURN_FINDINGS = 9,
	EVENTS_USE_COLLECT_SAMPLES = 10,
	EVENTS_USE_STORE_SAMPLES = 11,
	EVENTS_USE_USE_SAMPLES = 12,
};
enum events_meanwhile { /* in the order of strictness */
	EVENTS_MEANWHILE_CONTINUE = 1,
	EVENTS_MEANWHILE_NO_NEW_USE = 2,
	EVENTS_MEANWHILE_NO_USE = 3,
};
#define EVENTS_BASIS_CONSENT 1
#define EVENTS_BASIS_PUBLIC_INTEREST 3

/* Registered code lists (events/codes.c): roles, capacities, meanings, reasons,
 * reference types, data categories, verdicts, flags, denials. */
enum events_list {
	EVENTS_ROLES, EVENTS_CAPACITIES, EVENTS_MEANINGS, EVENTS_REASONS, EVENTS_REF_TYPES, EVENTS_CATEGORIES,
	EVENTS_VERDICTS, EVENTS_FLAGS, EVENTS_DENIALS, EVENTS_PRECISIONS, EVENTS_ACTIONS, EVENTS_STUDY_STATUS,
	EVENTS_ORGANISATION_ROLES, EVENTS_PURPOSES, EVENTS_USE_MODIFIERS, EVENTS_USES, EVENTS_MODES, EVENTS_EFFECTS,
	EVENTS_SIGNERS, EVENTS_MEANS, EVENTS_ASSENTS, EVENTS_EXISTING_DATA, EVENTS_SAMPLES,
	EVENTS_ATTEMPTS, EVENTS_AUDIENCES, EVENTS_RECONSENT, EVENTS_MEANWHILES, EVENTS_LEGAL_BASES,
	EVENTS_PARTICIPANT_STATUS_LIST, EVENTS_REPRESENTATIONS, EVENTS_LINK_METHODS, EVENTS_CONFIDENCES, EVENTS_INSTRUMENTS,
	EVENTS_RIGHTS, EVENTS_GROUNDS, EVENTS_HOLD_BASES, EVENTS_DESTRUCTIONS, EVENTS_INCIDENT_KINDS,
	EVENTS_INCIDENT_STAGES, EVENTS_FINDING_RECIPIENTS, EVENTS_UNBLINDINGS,
	EVENTS_LISTS, /* how many there are */
};
const struct events_codes *events_codes_of(enum events_list list);
/* NULL: unknown or reserved. */
const struct events_code *events_code_by_number(const struct events_codes *codes, uint64_t number);
const struct events_code *events_code_by_name(const struct events_codes *codes, struct base_slice name);
/* Purposes (EVENTS_PURPOSES) belong to wider ones: 0 is none. */
uint64_t events_purpose_wider(uint64_t purpose);
/* Whether what was allowed for `given` is allowed for `asked`: the same, or within it. */
bool events_purpose_covers(uint64_t given, uint64_t asked);
/* "duo.gru", "GRU", "DUO:0000042", "HRESCH"; NULL: unknown. */
const struct events_code *events_purpose_find(struct base_slice text);
/* Whether text is a TOKEN, STUDY, ORGANISATION, ACTOR, PARTY, COUNTRY, URL, KIND or a LABEL of any
 * length; false for other types. */
bool events_text_valid(enum events_type type, struct base_slice text);

/* ---- 2. Events ---------------------------------------------------------- */

#define EVENTS_CONTENT_TYPE "application/vnd.regesta.event+cbor"
#define EVENTS_ENROLMENT_TYPE "application/vnd.regesta.enrolment+cbor"
#define EVENTS_COUNTERSIGNATURE_TYPE "application/vnd.regesta.enrolment-countersignature"
#define EVENTS_PROOF_BYTES_MAX 2048
#define EVENTS_ITEMS_MAX 256
#define EVENTS_CONTRACT_BYTES_MAX 39000 /* of its text, or its code: an event has at most 40,000 with both */
/* Of the items of an event, so many may differ in participant, category or time collected (docs/formats/consent.md §8). */
#define EVENTS_QUESTIONS_MAX 128
#define EVENTS_SEQUENCE_WINDOW 1024
#define EVENTS_REFS_MAX 64
#define EVENTS_SEALED_MAX 64

enum events_precision { EVENTS_POINT = 0, EVENTS_DAY = 1, EVENTS_MONTH = 2 };
struct events_when {
	enum events_precision precision;
	uint64_t utc_ms; /* start of the point, day or month, computed by the author */
	bool has_offset;
	int16_t offset_min;
};
struct events_capacity {
	uint64_t code;                     /* own, delegated, transcribed, imported, automatic */
	struct base_slice on_behalf_of;    /* actor or organisation, empty if none */
	bool has_source, has_original;
	struct wire_cid source;            /* sealed source record */
	struct events_when original;       /* time in the source system */
};
struct events_envelope {
	struct base_hash ledger;
	const struct events_kind *kind;
	uint64_t sequence;
	struct base_time claimed;
	struct events_when when;
	struct events_capacity capacity;
	uint64_t meaning;
	bool has_reason, has_reason_text;
	uint64_t reason;
	struct wire_cid reason_text;    /* sealed */
	struct base_slice refs;         /* CBOR array of [type, event id]; empty slice if none */
	struct base_slice sealed;       /* CBOR array of [CID, kc]; empty slice if none */
	struct base_slice body;         /* CBOR map */
};
struct events_event {
	struct base_slice bytes; /* the whole COSE_Sign1, borrowed */
	struct wire_sign1 cose;
	struct events_envelope envelope;
	struct base_hash id;      /* SHA-256 of the Sig_structure; also what is signed */
};
/* Everything that can be checked without state: COSE profile, envelope, kind,
 * body against its declaration, limits, study in the subject where the kind needs one. */
BASE_MUST_USE enum base_code events_decode(struct events_event *out, struct base_slice bytes, struct base_error *err);
BASE_MUST_USE enum base_code events_verify(const struct events_event *event, const struct keys_public *signer,
					   struct base_error *err);
/* Payload bytes from an envelope whose slices are CBOR already. */
void events_envelope_encode(struct base_buf *out, const struct events_envelope *envelope);
/* Signs: subject is the study code or the origin. out is appended to. Checks the result by events_decode. */
BASE_MUST_USE enum base_code events_sign(struct base_buf *out, const struct events_envelope *envelope,
					 const char *issuer, const char *subject, const struct keys_private *key,
					 struct base_error *err);
/* Proof of possession for enrolment and rotation: COSE_Sign1 by the new key over
 * CBOR {1: ledger id or origin (text, founders), 2: actor, 3: [roles], 4: signing key, 5: sealing key};
 * issuer: the actor; subject: the origin, or the ledger id in hex. docs/formats/enrolment.md */
struct events_enrolment {
	struct base_slice ledger; /* 32 bytes, or the origin's text for a founder */
	bool founder;
	struct base_slice actor;
	uint64_t roles; /* EVENTS_ROLE bits asked for */
	struct keys_public sign, seal;
};
BASE_MUST_USE enum base_code events_enrolment_sign(struct base_buf *out, const struct events_enrolment *enrolment,
						   const struct keys_private *key, struct base_error *err);
/* Decodes and verifies the signature with the key inside. */
BASE_MUST_USE enum base_code events_enrolment_open(struct events_enrolment *out, struct base_slice bytes,
						   struct base_error *err);
/* An administrator's countersignature of a proof (actor.rotate, member 3): COSE_Sign1 whose detached
 * payload is the proof's bytes; issuer: the administrator; subject: the ledger id in hex. */
BASE_MUST_USE enum base_code events_countersign(struct base_buf *out, struct base_slice proof,
						const struct base_hash *ledger, const char *issuer,
						const struct keys_private *key, struct base_error *err);
/* Decodes. The caller looks up cose->kid, compares cose->issuer with that key's actor, and verifies:
 * keys_es256k_verify(key, digest, cose->signature). */
BASE_MUST_USE enum base_code events_countersignature_decode(struct wire_sign1 *cose, struct base_hash *digest,
							    struct base_slice bytes, struct base_slice proof,
							    const struct base_hash *ledger, struct base_error *err);

/* ---- 3. Reading a body (bytes that events_decode accepted) -------------- */

/* Positions r on the value of key in a CBOR map with uint keys; false if absent. */
bool events_find(struct base_slice map, uint64_t key, struct wire_reader *r);
/* Asserting short forms: the field must be there. events_uint reads a bool as 0 or 1. */
uint64_t events_uint(struct base_slice map, uint64_t key);
struct base_slice events_text(struct base_slice map, uint64_t key);
struct base_slice events_bytes(struct base_slice map, uint64_t key);
struct base_slice events_raw(struct base_slice map, uint64_t key);
bool events_has(struct base_slice map, uint64_t key);
struct events_when events_when_read(struct wire_reader *r);
void events_when_put(struct base_buf *out, const struct events_when *when);
/* The JSON form: "2026-03-01T09:30:00+02:00", "2026-03-01" (a day, offset unknown), "2026-03-01+02:00",
 * "2026-03", …; parse reads it back, and a point without seconds too. A point with unknown offset ends in
 * "-00:00" (RFC 3339 §4.3). */
void events_when_format(char out[64], const struct events_when *when);
/* For people: "2026-03-01 09:30:00 +02:00", "2026-03-01 (day, offset unknown)", "2026-03 (month, +02:00)". */
void events_when_words(char out[64], const struct events_when *when);
BASE_MUST_USE enum base_code events_when_parse(struct events_when *out, struct base_slice text, struct base_error *err);

/* An item of an event, as bodies name it. */
struct events_item_id {
	struct base_hash event;
	uint64_t index;
};
struct events_item_id events_item_id_read(struct wire_reader *r);
void events_item_id_put(struct base_buf *out, const struct events_item_id *item);
#define EVENTS_ITEM_ID_TEXT_BYTES 72
void events_item_id_format(char out[EVENTS_ITEM_ID_TEXT_BYTES], const struct events_item_id *item); /* "hex#n" */
BASE_MUST_USE enum base_code events_item_id_parse(struct events_item_id *out, struct base_slice text,
						  struct base_error *err);

/* Every value of a body that is not a struct or list itself, in order of the bytes: so what names items, CIDs or
 * participants is found for any kind. visit returns false to stop; value is valid during the call. */
struct events_path;
struct events_value {
	const struct events_field *field; /* that declares it, or the list that it stands in */
	enum events_type type;            /* its own: the element's in a list */
	struct base_slice raw;            /* CBOR */
	const struct events_path *path;
};
typedef bool (*events_value_fn)(void *arg, const struct events_value *value);
void events_values(const struct events_kind *kind, struct base_slice body, events_value_fn visit, void *arg);
#define EVENTS_PATH_TEXT_BYTES 128
void events_value_path(char out[EVENTS_PATH_TEXT_BYTES], const struct events_value *value); /* "items[0].cid" */
/* Appends text for people: codes by name, times with their zone, bytes as hex or CID. */
void events_value_words(struct base_buf *out, const struct events_value *value);

/* Data items that an event brings (submit, derive, the replacement of correct), in order; 0 for other
 * kinds. Fields that an item lacks are zero. */
struct events_item {
	struct wire_cid cid;
	struct base_hash commitment;
	uint64_t len;      /* of the ciphertext */
	uint64_t category; /* EVENTS_CATEGORIES */
	struct base_slice participant; /* 32 bytes or empty */
	bool has_collected;
	struct events_when collected;
	struct base_slice raw;
};
size_t events_item_count(const struct events_event *event);
/* visit returns false to stop. */
void events_items(const struct events_event *event,
		  bool (*visit)(void *arg, size_t index, const struct events_item *item), void *arg);

/* ---- 4. Faces ----------------------------------------------------------- */

/* JSON text of a document for `record`: {"kind", "study", "when", "capacity", "meaning",
 * "reason", "refs", "sealed", "body"} to envelope pieces. Errors name the member
 * ("body.items[3].category: unknown code \"genom\"; did you mean \"genomic\"?"). */
struct events_document {
	struct events_envelope envelope; /* ledger, sequence, claimed: left zero */
	char *subject_study;             /* or NULL; owned */
	struct base_buf storage;         /* what the slices borrow from; freed by events_document_free */
};
BASE_MUST_USE enum base_code events_document_parse(struct events_document *out, struct base_slice json,
						   struct base_error *err);
void events_document_free(struct events_document *doc);
/* An event as JSON (stable shape, docs/json.md), without trailing newline. */
void events_to_json(struct base_buf *out, const struct events_event *event);
/* A commented example of a kind, as text whose comment lines start with "//"; events_document_parse skips them. */
void events_template(struct base_buf *out, const struct events_kind *kind);
/* The schema of everything, derived from the table. */
void events_cddl(struct base_buf *out);
/* docs/records.md's table of kinds and codes, derived from the table. */
void events_markdown(struct base_buf *out);

#endif
