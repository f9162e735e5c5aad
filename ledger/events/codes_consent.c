/* Registered code lists of consent and ethics; the rules of codes.c hold. */
#include "ledger/events/schema.h"

/* clang-format off */
#define CODE(number_, name_, words_) {.number = (number_), .name = (name_), .words = (words_)}
/* clang-format on */
#define CODES(variable, list_name, array)                                                          \
	const struct events_codes variable = {.name = (list_name), .codes = (array), .count = SCHEMA_COUNT(array)}

/* Numbers of the Data Use Ontology: DUO:0000021 is 21. */
static const struct events_code use_modifiers[] = {
	CODE(12, "rs", "research of certain kinds only (DUO:0000012)"),
	CODE(15, "nmds", "no research on methods (DUO:0000015)"),
	CODE(16, "gso", "genetic studies only (DUO:0000016)"),
	CODE(18, "npuncu", "not for profit and not commercial (DUO:0000018)"),
	CODE(19, "pub", "results must be published (DUO:0000019)"),
	CODE(20, "col", "in collaboration with the study's investigators (DUO:0000020)"),
	CODE(21, "irb", "with the approval of the user's ethics committee (DUO:0000021)"),
	CODE(22, "gs", "within certain countries (DUO:0000022)"),
	CODE(24, "mor", "no publication before a date (DUO:0000024)"),
	CODE(25, "ts", "for a limited time (DUO:0000025)"),
	CODE(26, "us", "by approved users (DUO:0000026)"),
	CODE(27, "ps", "within an approved project (DUO:0000027)"),
	CODE(28, "is", "within an approved institution (DUO:0000028)"),
	CODE(29, "rtn", "what is derived must be returned (DUO:0000029)"),
	CODE(43, "cc", "also for clinical care (DUO:0000043)"),
	CODE(44, "npoa", "no research on population origins or ancestry (DUO:0000044)"),
	CODE(45, "npu", "by not-for-profit organisations (DUO:0000045)"),
	CODE(46, "ncu", "not commercially (DUO:0000046)"),
};
CODES(events_use_modifiers, "use-modifier", use_modifiers);

static const struct events_code uses[] = {
	CODE(EVENTS_USE_COLLECT, "collect", "collect new data"),
	CODE(EVENTS_USE_STORE, "store", "keep the data"),
	CODE(EVENTS_USE_READ, "read", "read the data"),
	CODE(EVENTS_USE_DERIVE, "derive", "derive new data from it"),
	CODE(EVENTS_USE_LINK, "link", "link it with other data about the participant"),
	CODE(EVENTS_USE_TRAIN, "train", "train models on it"),
	CODE(EVENTS_USE_DISCLOSE, "disclose", "pass it on to others"),
	CODE(EVENTS_USE_RECONTACT, "recontact", "contact the participant again"),
	CODE(EVENTS_USE_RETURN_FINDINGS, "return-findings", "tell the participant about findings"),
	CODE(EVENTS_USE_COLLECT_SAMPLES, "collect-samples", "collect samples of the body"),
	CODE(EVENTS_USE_STORE_SAMPLES, "store-samples", "keep such samples"),
	CODE(EVENTS_USE_USE_SAMPLES, "use-samples", "use such samples"),
};
CODES(events_uses, "use", uses);

static const struct events_code modes[] = {
	CODE(1, "view", "look at it where it lies"),
	CODE(2, "compute", "compute on it where it lies"),
	CODE(3, "download", "take a copy"),
};
CODES(events_modes, "mode", modes);

static const struct events_code effects[] = {
	CODE(EVENTS_EFFECT_PERMIT, "permit", "is permitted"),
	CODE(EVENTS_EFFECT_DENY, "deny", "is not permitted"),
};
CODES(events_effects, "effect", effects);

static const struct events_code signers[] = {
	CODE(1, "self", "the participant"),
	CODE(2, "parent", "a parent"),
	CODE(3, "guardian", "a guardian"),
	CODE(4, "legal-representative", "a legal representative"),
	CODE(5, "attorney", "somebody under a power of attorney"),
	CODE(6, "witness", "an impartial witness"),
	CODE(7, "interpreter", "an interpreter"),
	CODE(8, "informing-physician", "the physician who informed"),
};
CODES(events_signers, "signer", signers);

static const struct events_code means[] = {
	CODE(1, "paper", "signed on paper"),
	CODE(2, "electronic", "signed electronically"),
	CODE(3, "oral", "said in person"),
	CODE(4, "telephone", "said on the telephone"),
	CODE(5, "video", "said in a video call"),
	CODE(6, "letter", "by letter"),
	CODE(7, "e-mail", "by e-mail"),
	CODE(8, "conduct", "shown by conduct"),
};
CODES(events_means, "means", means);

static const struct events_code assents[] = {
	CODE(1, "given", "the child agreed"),
	CODE(2, "refused", "the child did not agree"),
	CODE(3, "not-able", "the child is not able to say"),
	CODE(4, "not-asked", "the child was not asked"),
};
CODES(events_assents, "assent", assents);

static const struct events_code existing_data[] = {
	CODE(EVENTS_EXISTING_KEEP, "keep-using", "what exists may be used on"),
	CODE(EVENTS_EXISTING_RESTRICT, "restrict", "what exists is kept and not used"),
	CODE(EVENTS_EXISTING_ANONYMISE, "anonymise", "what exists is to be anonymised"),
	CODE(EVENTS_EXISTING_ERASE, "erase", "what exists is to be erased"),
};
CODES(events_existing_data, "existing-data", existing_data);

static const struct events_code samples[] = {
	CODE(1, "keep", "samples are kept and used"),
	CODE(2, "restrict", "samples are kept and not used"),
	CODE(3, "destroy", "samples are to be destroyed"),
	CODE(4, "return", "samples are to be returned"),
};
CODES(events_samples, "samples", samples);

static const struct events_code attempts[] = {
	CODE(1, "no-answer", "nobody answered"),
	CODE(2, "undeliverable", "it came back"),
	CODE(3, "reached", "the participant was reached, and has not decided yet"),
	CODE(4, "deceased", "the participant has died"),
	CODE(5, "moved", "the participant has moved away"),
};
CODES(events_attempts, "attempt", attempts);

static const struct events_code audiences[] = {
	CODE(1, "adult", "adults"),
	CODE(2, "minor", "minors"),
	CODE(3, "parent", "parents"),
	CODE(4, "representative", "representatives"),
};
CODES(events_audiences, "audience", audiences);

static const struct events_code reconsent[] = {
	CODE(1, "everybody", "every participant"),
	CODE(2, "minors", "participants who are minors"),
	CODE(3, "at-majority", "participants who have come of age"),
	CODE(4, "earlier-versions", "whoever signed an earlier version"),
};
CODES(events_reconsent, "reconsent", reconsent);

static const struct events_code meanwhiles[] = {
	CODE(EVENTS_MEANWHILE_CONTINUE, "continue", "use goes on"),
	CODE(EVENTS_MEANWHILE_NO_NEW_USE, "no-new-use", "no new use; what is permitted goes on"),
	CODE(EVENTS_MEANWHILE_NO_USE, "no-use", "no use at all"),
};
CODES(events_meanwhiles, "meanwhile", meanwhiles);

static const struct events_code legal_bases[] = {
	CODE(EVENTS_BASIS_CONSENT, "consent", "consent of the participant"),
	CODE(2, "legal-obligation", "a legal obligation"),
	CODE(EVENTS_BASIS_PUBLIC_INTEREST, "public-interest-research", "research in the public interest"),
	CODE(4, "vital-interest", "vital interest of a person"),
	CODE(5, "public-health", "public health"),
	CODE(6, "access-body-permit", "permit of a health data access body"),
};
CODES(events_legal_bases, "legal-basis", legal_bases);
