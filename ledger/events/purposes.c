/* Purposes of use: terms of the Data Use Ontology (GA4GH, duo-basic.owl) and of HL7 v3 PurposeOfUse (code system
 * ActReason), each with the wider term that it belongs to. Numbers of DUO terms are the ontology's own. The words are
 * this project's. */
#include "ledger/events/schema.h"

#include <string.h>

/* clang-format off */
#define TERM(number_, name_, words_) {.number = (number_), .name = (name_), .words = (words_)}
/* clang-format on */

static const struct events_code purposes[] = {
	TERM(4, "duo.nres", "no restriction (DUO:0000004)"),
	TERM(6, "duo.hmb", "health, medical or biomedical research (DUO:0000006)"),
	TERM(7, "duo.ds", "research on a disease (DUO:0000007)"),
	TERM(11, "duo.poa", "population origins or ancestry research only (DUO:0000011)"),
	TERM(42, "duo.gru", "general research use (DUO:0000042)"),
	TERM(64, "hl7.treat", "treatment"),
	TERM(65, "hl7.etreat", "emergency treatment"),
	TERM(66, "hl7.btg", "break the glass"),
	TERM(67, "hl7.caremgt", "care management"),
	TERM(68, "hl7.clintrl", "care in a clinical trial"),
	TERM(69, "hl7.coc", "coordination of care"),
	TERM(70, "hl7.hpaymt", "payment for care"),
	TERM(71, "hl7.clmattch", "attachment to a claim"),
	TERM(72, "hl7.covauth", "authorisation of cover"),
	TERM(73, "hl7.coverage", "cover by a programme or policy"),
	TERM(74, "hl7.eligdtrm", "decision whether cover is due"),
	TERM(75, "hl7.eligver", "check whether cover is due"),
	TERM(76, "hl7.enrollm", "enrolment for cover"),
	TERM(77, "hl7.mildcrg", "military discharge"),
	TERM(78, "hl7.remitadv", "advice of payment"),
	TERM(79, "hl7.hoperat", "running of healthcare"),
	TERM(80, "hl7.donat", "donation of organs, blood or tissue"),
	TERM(81, "hl7.fraud", "detection of fraud"),
	TERM(82, "hl7.gov", "government"),
	TERM(83, "hl7.haccred", "accreditation"),
	TERM(84, "hl7.hcompl", "compliance with rules"),
	TERM(85, "hl7.hdecd", "handling of the dead"),
	TERM(86, "hl7.hdirect", "directory of persons"),
	TERM(87, "hl7.hdm", "delivery of healthcare"),
	TERM(88, "hl7.hlegal", "legal proceedings"),
	TERM(89, "hl7.houtcoms", "measuring of outcomes"),
	TERM(90, "hl7.hprgrp", "reporting on programmes"),
	TERM(91, "hl7.hqualimp", "improvement of quality"),
	TERM(92, "hl7.hsysadmin", "administration of systems"),
	TERM(93, "hl7.labeling", "security labelling"),
	TERM(94, "hl7.metamgt", "management of metadata"),
	TERM(95, "hl7.memadmin", "administration of members"),
	TERM(96, "hl7.milcdm", "military command"),
	TERM(97, "hl7.patadmin", "administration of patients"),
	TERM(98, "hl7.patsfty", "safety of patients"),
	TERM(99, "hl7.perfmsr", "measuring of performance"),
	TERM(100, "hl7.recordmgt", "management of records"),
	TERM(101, "hl7.sysdev", "development of systems"),
	TERM(102, "hl7.htest", "test data"),
	TERM(103, "hl7.train", "training of staff"),
	TERM(104, "hl7.hmarkt", "marketing"),
	TERM(105, "hl7.hresch", "healthcare research"),
	TERM(106, "hl7.biorch", "biomedical research"),
	TERM(107, "hl7.clintrch", "clinical trial research"),
	TERM(108, "hl7.clintrchnpc", "clinical trial research without patient care"),
	TERM(109, "hl7.clintrchpc", "clinical trial research with patient care"),
	TERM(110, "hl7.preclintrch", "research before clinical trials"),
	TERM(111, "hl7.dsrch", "disease specific research"),
	TERM(112, "hl7.poarch", "population origins or ancestry research"),
	TERM(113, "hl7.transrch", "translational research"),
	TERM(114, "hl7.patrqt", "the patient's own request"),
	TERM(115, "hl7.famrqt", "request of the family"),
	TERM(116, "hl7.pwatrny", "request under a power of attorney"),
	TERM(117, "hl7.supnwk", "the patient's support network"),
	TERM(118, "hl7.pubhlth", "public health"),
	TERM(119, "hl7.disaster", "disaster"),
	TERM(120, "hl7.threat", "averting a threat"),
};
const struct events_codes events_purposes = {
	.name = "purpose", .codes = purposes, .count = SCHEMA_COUNT(purposes)};

static const struct {
	uint8_t term, wider;
} wider_terms[] = {
	{6, 42}, {7, 6}, {65, 64}, {66, 65}, {67, 64}, {68, 64}, {69, 64}, {71, 70}, {72, 70}, {73, 70},
	{74, 73}, {75, 73}, {76, 73}, {77, 73}, {78, 70}, {80, 79}, {81, 79}, {82, 79}, {83, 79}, {84, 79},
	{85, 79}, {86, 79}, {87, 79}, {88, 79}, {89, 79}, {90, 79}, {91, 79}, {92, 79}, {93, 79}, {94, 79},
	{95, 79}, {96, 79}, {97, 79}, {98, 79}, {99, 79}, {100, 79}, {101, 79}, {102, 101}, {103, 79},
	{106, 105}, {107, 105}, {108, 107}, {109, 107}, {110, 105}, {111, 105}, {112, 105}, {113, 105},
	{115, 114}, {116, 114}, {117, 114}, {119, 118}, {120, 118},
};

#define DUO_NRES 4

uint64_t events_purpose_wider(uint64_t purpose)
{
	for (size_t i = 0; i < SCHEMA_COUNT(wider_terms); i++) {
		if (wider_terms[i].term == purpose)
			return wider_terms[i].wider;
	}
	return 0;
}

bool events_purpose_covers(uint64_t given, uint64_t asked)
{
	if (given == DUO_NRES)
		return true;
	for (; asked != 0; asked = events_purpose_wider(asked)) {
		if (asked == given)
			return true;
	}
	return false;
}

static uint8_t lower_case(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* "DUO:0000042": the ontology's identifier. */
static const struct events_code *by_duo_id(struct base_slice text)
{
	uint64_t number = 0;

	if (text.len != 11 || memcmp(text.data, "duo:", 4) != 0)
		return NULL;
	for (size_t i = 4; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return NULL;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	return number < 64 ? events_code_by_number(&events_purposes, number) : NULL;
}

const struct events_code *events_purpose_find(struct base_slice text)
{
	const struct events_code *code;
	uint8_t lower[32];
	struct base_slice name;

	if (text.len == 0 || text.len > sizeof(lower))
		return NULL;
	for (size_t i = 0; i < text.len; i++)
		lower[i] = lower_case(text.data[i]);
	name = base_slice(lower, text.len);
	if ((code = by_duo_id(name)) != NULL || (code = events_code_by_name(&events_purposes, name)) != NULL)
		return code;
	for (size_t i = 0; i < SCHEMA_COUNT(purposes); i++) {
		if (base_slice_equal(name, base_slice_text(purposes[i].name + 4)))
			return &purposes[i];
	}
	return NULL;
}
