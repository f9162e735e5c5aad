/* Code lists, tables version 1. Where the ledger has the list, numbers and words are the ledger's (tests/contracts/test_tables.c
 * compares them); DUO numbers are the ontology's. */
#include "contracts/tables.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct tables_code actions[] = {
	{3, "read", NULL}, {4, "derive", NULL}, {5, "link", NULL}, {6, "train", NULL}, {7, "disclose", NULL},
	{8, "recontact", NULL},
};
static const struct tables_code modes[] = {
	{1, "view", NULL}, {2, "compute", NULL}, {3, "download", NULL},
};
static const struct tables_code purposes[] = {
	{4, "DUO:0000004", "DUO:NRES"}, {6, "DUO:0000006", "DUO:HMB"}, {7, "DUO:0000007", "DUO:DS"},
	{11, "DUO:0000011", "DUO:POA"}, {42, "DUO:0000042", "DUO:GRU"}, {64, "HL7:TREAT", NULL},
	{65, "HL7:ETREAT", NULL}, {66, "HL7:BTG", NULL}, {67, "HL7:CAREMGT", NULL}, {68, "HL7:CLINTRL", NULL},
	{69, "HL7:COC", NULL}, {70, "HL7:HPAYMT", NULL}, {71, "HL7:CLMATTCH", NULL}, {72, "HL7:COVAUTH", NULL},
	{73, "HL7:COVERAGE", NULL}, {74, "HL7:ELIGDTRM", NULL}, {75, "HL7:ELIGVER", NULL}, {76, "HL7:ENROLLM", NULL},
	{77, "HL7:MILDCRG", NULL}, {78, "HL7:REMITADV", NULL}, {79, "HL7:HOPERAT", NULL}, {80, "HL7:DONAT", NULL},
	{81, "HL7:FRAUD", NULL}, {82, "HL7:GOV", NULL}, {83, "HL7:HACCRED", NULL}, {84, "HL7:HCOMPL", NULL},
	{85, "HL7:HDECD", NULL}, {86, "HL7:HDIRECT", NULL}, {87, "HL7:HDM", NULL}, {88, "HL7:HLEGAL", NULL},
	{89, "HL7:HOUTCOMS", NULL}, {90, "HL7:HPRGRP", NULL}, {91, "HL7:HQUALIMP", NULL}, {92, "HL7:HSYSADMIN", NULL},
	{93, "HL7:LABELING", NULL}, {94, "HL7:METAMGT", NULL}, {95, "HL7:MEMADMIN", NULL}, {96, "HL7:MILCDM", NULL},
	{97, "HL7:PATADMIN", NULL}, {98, "HL7:PATSFTY", NULL}, {99, "HL7:PERFMSR", NULL},
	{100, "HL7:RECORDMGT", NULL}, {101, "HL7:SYSDEV", NULL}, {102, "HL7:HTEST", NULL}, {103, "HL7:TRAIN", NULL},
	{104, "HL7:HMARKT", NULL}, {105, "HL7:HRESCH", NULL}, {106, "HL7:BIORCH", NULL}, {107, "HL7:CLINTRCH", NULL},
	{108, "HL7:CLINTRCHNPC", NULL}, {109, "HL7:CLINTRCHPC", NULL}, {110, "HL7:PRECLINTRCH", NULL},
	{111, "HL7:DSRCH", NULL}, {112, "HL7:POARCH", NULL}, {113, "HL7:TRANSRCH", NULL}, {114, "HL7:PATRQT", NULL},
	{115, "HL7:FAMRQT", NULL}, {116, "HL7:PWATRNY", NULL}, {117, "HL7:SUPNWK", NULL}, {118, "HL7:PUBHLTH", NULL},
	{119, "HL7:DISASTER", NULL}, {120, "HL7:THREAT", NULL},
};
static const struct tables_code categories[] = {
	{1, "clinical", NULL}, {2, "genomic", NULL}, {3, "imaging", NULL}, {4, "laboratory", NULL},
	{5, "phenotypic", NULL}, {6, "questionnaire", NULL}, {7, "device", NULL}, {8, "safety", NULL},
	{9, "derived", NULL}, {10, "model", NULL}, {11, "synthetic", NULL}, {12, "administrative", NULL},
	{13, "other", NULL},
};
static const struct tables_code legal_bases[] = {
	{1, "consent", NULL}, {2, "legal-obligation", NULL}, {3, "public-interest-research", NULL},
	{4, "vital-interest", NULL}, {5, "public-health", NULL}, {6, "access-body-permit", NULL},
};
static const struct tables_code instruments[] = {
	{1, "none-needed", NULL}, {2, "adequacy", NULL}, {3, "standard-clauses", NULL}, {4, "binding-rules", NULL},
	{5, "derogation", NULL},
};
static const struct tables_code terms[] = {
	{12, "DUO:0000012", "DUO:RS"}, {15, "DUO:0000015", "DUO:NMDS"}, {16, "DUO:0000016", "DUO:GSO"},
	{18, "DUO:0000018", "DUO:NPUNCU"}, {19, "DUO:0000019", "DUO:PUB"}, {20, "DUO:0000020", "DUO:COL"},
	{21, "DUO:0000021", "DUO:IRB"}, {22, "DUO:0000022", "DUO:GS"}, {24, "DUO:0000024", "DUO:MOR"},
	{25, "DUO:0000025", "DUO:TS"}, {26, "DUO:0000026", "DUO:US"}, {27, "DUO:0000027", "DUO:PS"},
	{28, "DUO:0000028", "DUO:IS"}, {29, "DUO:0000029", "DUO:RTN"}, {43, "DUO:0000043", "DUO:CC"},
	{44, "DUO:0000044", "DUO:NPOA"}, {45, "DUO:0000045", "DUO:NPU"}, {46, "DUO:0000046", "DUO:NCU"},
};
static const struct tables_code roles[] = {
	{1, "administrator", NULL}, {2, "sponsor", NULL}, {3, "cro", NULL}, {4, "investigator", NULL},
	{5, "delegate", NULL}, {6, "data-manager", NULL}, {7, "monitor", NULL}, {8, "inspector", NULL},
	{9, "data-protection-officer", NULL}, {10, "data-access-committee", NULL}, {11, "ethics-committee", NULL},
	{12, "access-body", NULL}, {13, "linkage-service", NULL}, {14, "compute-coordinator", NULL},
	{15, "custodian", NULL}, {16, "researcher", NULL}, {17, "unblinded-staff", NULL},
	{18, "representative", NULL}, {19, "archive", NULL}, {20, "system", NULL},
};
static const struct tables_code study_status[] = {
	{1, "open", NULL}, {2, "closed", NULL},
};
static const struct tables_code phases[] = {
	{1, "early-1", NULL}, {2, "phase-1", NULL}, {3, "phase-1-2", NULL}, {4, "phase-2", NULL},
	{5, "phase-2-3", NULL}, {6, "phase-3", NULL}, {7, "phase-4", NULL}, {8, "not-applicable", NULL},
};
static const struct tables_code approval_status[] = {
	{0, "none", NULL}, {1, "pending", NULL}, {2, "in-force", NULL}, {3, "expired", NULL}, {4, "ended", NULL},
	{5, "suspended", NULL}, {6, "refused", NULL},
};
static const struct tables_code consent_grounds[] = {
	{0, "nothing", NULL}, {1, "given", NULL}, {2, "provision", NULL}, {3, "refused", NULL},
	{4, "withdrawn", NULL}, {5, "objected", NULL}, {6, "expired", NULL}, {7, "form", NULL},
	{8, "ask-again", NULL},
};
static const struct tables_code signers[] = {
	{1, "self", NULL}, {2, "parent", NULL}, {3, "guardian", NULL}, {4, "legal-representative", NULL},
	{5, "attorney", NULL}, {6, "witness", NULL}, {7, "interpreter", NULL}, {8, "informing-physician", NULL},
};
static const struct tables_code participant_status[] = {
	{1, "screened", NULL}, {2, "screen-failed", NULL}, {3, "active", NULL}, {4, "paused", NULL},
	{5, "completed", NULL}, {6, "discontinued", NULL}, {7, "lost", NULL}, {8, "died", NULL}, {9, "of-age", NULL},
};
static const struct tables_code data_status[] = {
	{1, "normal", NULL}, {2, "corrected", NULL}, {3, "replaced", NULL}, {4, "reassigned", NULL},
	{5, "recalled", NULL},
};
static const struct tables_code flags[] = {
	{0, "late", NULL}, {1, "form-not-approved", NULL}, {2, "no-consent-evidenced", NULL},
	{3, "after-expiry", NULL}, {4, "key-suspect", NULL}, {6, "participant-not-enrolled", NULL},
	{7, "study-closed", NULL}, {8, "input-retracted", NULL}, {10, "supersedes-corrected", NULL},
	{11, "dataset-incomplete", NULL}, {12, "no-approval", NULL}, {13, "participant-merged", NULL},
	{15, "status-contradicts", NULL}, {16, "never-in-force", NULL}, {17, "no-agreement", NULL},
	{20, "item-erased", NULL}, {21, "overdue", NULL}, {22, "item-reassigned", NULL}, {23, "not-ordered", NULL},
	{24, "held", NULL}, {25, "unconfirmed", NULL}, {30, "to-review", NULL}, {31, "copies-remain", NULL},
};
static const struct tables_code events[] = {
	{1, "enrolments", NULL}, {2, "completions", NULL}, {3, "discontinuations", NULL}, {4, "visits", NULL},
	{5, "doses", NULL}, {6, "submissions", NULL}, {7, "withdrawals", NULL}, {8, "incidents", NULL},
};
/* clang-format on */

#define LIST(title_, codes_) {.title = (title_), .codes = (codes_), .count = COUNT(codes_)}
const struct tables_list tables_lists[CONTRACTS_LIST_COUNT] = {
	[CONTRACTS_ACTIONS] = LIST("action", actions),
	[CONTRACTS_MODES] = LIST("mode", modes),
	[CONTRACTS_PURPOSES] = LIST("purpose", purposes),
	[CONTRACTS_CATEGORIES] = LIST("category", categories),
	[CONTRACTS_LEGAL_BASES] = LIST("legal basis", legal_bases),
	[CONTRACTS_INSTRUMENTS] = LIST("instrument", instruments),
	[CONTRACTS_TERMS] = LIST("term", terms),
	[CONTRACTS_ROLES] = LIST("role", roles),
	[CONTRACTS_STUDY_STATUS] = LIST("study status", study_status),
	[CONTRACTS_PHASES] = LIST("phase", phases),
	[CONTRACTS_APPROVAL_STATUS] = LIST("approval status", approval_status),
	[CONTRACTS_CONSENT_GROUNDS] = LIST("consent ground", consent_grounds),
	[CONTRACTS_SIGNERS] = LIST("signer", signers),
	[CONTRACTS_PARTICIPANT_STATUS] = LIST("participant status", participant_status),
	[CONTRACTS_DATA_STATUS] = LIST("data status", data_status),
	[CONTRACTS_FLAGS] = LIST("flag", flags),
	[CONTRACTS_EVENTS] = LIST("event", events),
};

/* The wider purpose that each belongs to; 0: none. */
static const uint8_t wider_terms[CONTRACTS_CODE_MAX + 1] = {
	[6] = 42, [7] = 6, [65] = 64, [66] = 65, [67] = 64, [68] = 64, [69] = 64, [71] = 70, [72] = 70, [73] = 70,
	[74] = 73, [75] = 73, [76] = 73, [77] = 73, [78] = 70, [80] = 79, [81] = 79, [82] = 79, [83] = 79,
	[84] = 79, [85] = 79, [86] = 79, [87] = 79, [88] = 79, [89] = 79, [90] = 79, [91] = 79, [92] = 79,
	[93] = 79, [94] = 79, [95] = 79, [96] = 79, [97] = 79, [98] = 79, [99] = 79, [100] = 79, [101] = 79,
	[102] = 101, [103] = 79, [106] = 105, [107] = 105, [108] = 107, [109] = 107, [110] = 105, [111] = 105,
	[112] = 105, [113] = 105, [115] = 114, [116] = 114, [117] = 114, [119] = 118, [120] = 118,
};

#define DUO_NRES 4

bool contracts_purpose_covers(unsigned given, unsigned asked)
{
	if (given == DUO_NRES)
		return true;
	for (; asked != 0 && asked <= CONTRACTS_CODE_MAX; asked = wider_terms[asked])
		if (asked == given)
			return true;
	return false;
}

bool tables_text_is(struct contracts_text text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

const struct tables_code *tables_code(enum contracts_list list, struct contracts_text name)
{
	for (size_t i = 0; i < tables_lists[list].count; i++) {
		const struct tables_code *code = &tables_lists[list].codes[i];

		if (tables_text_is(name, code->name) || (code->alias != NULL && tables_text_is(name, code->alias)))
			return code;
	}
	return NULL;
}

const char *contracts_code_name(enum contracts_list list, unsigned number)
{
	for (size_t i = 0; i < tables_lists[list].count; i++)
		if (tables_lists[list].codes[i].number == number)
			return tables_lists[list].codes[i].name;
	return NULL;
}

struct contracts_codes contracts_list_codes(enum contracts_list list)
{
	struct contracts_codes codes = {{0}};

	for (size_t i = 0; i < tables_lists[list].count; i++) {
		unsigned number = tables_lists[list].codes[i].number;

		codes.bits[number / 64] |= UINT64_C(1) << (number % 64);
	}
	return codes;
}
