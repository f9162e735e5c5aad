/* AuditRecords and Signatures of ODM: docs/import.md, "ODM audit records". Expat reads; nothing is fetched or expanded. */
#include "ledger/trails/trails_internal.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum part { PART_NONE, PART_AUDIT, PART_SIGNATURE };

/* What an AuditRecord or Signature says. */
struct said {
	bool there;
	size_t line;
	char *user, *location, *time, *reason, *source, *signature;
	char unknown[64]; /* an element or attribute that nobody knows */
};
struct frame {
	char name[64];
	char transaction[16]; /* own, or of the element around it */
	char status[48];
	bool has_query, has_deviation;
	struct said audit, signature;
};
struct reading {
	XML_Parser parser;
	trails_fn visit;
	void *arg;
	struct base_error *err;
	enum base_code code;
	size_t depth;
	struct frame frames[TRAILS_DEPTH_MAX];
	char subcategory[64]; /* of the ClinicalData that one is in */
	bool snapshot;
	enum part part; /* which of both one is in, at which depth */
	size_t part_depth;
	struct base_buf text;
};

static void stop(struct reading *r, enum base_code code, const char *why)
{
	if (r->code == BASE_OK)
		r->code = base_fail(r->err, code, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(r->parser), base_message(why));
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void said_free(struct said *said)
{
	free(said->user);
	free(said->location);
	free(said->time);
	free(said->reason);
	free(said->source);
	free(said->signature);
	memset(said, 0, sizeof(*said));
}

/* Elements of the same name in any namespace and version. */
static const char *local(const char *name)
{
	const char *bar = strrchr(name, '|');

	return bar == NULL ? name : bar + 1;
}

static const char *attribute(const char **attributes, const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(local(attributes[0]), name) == 0)
			return attributes[1];
	return NULL;
}

static char *copy(struct reading *r, const char *text, size_t len)
{
	char *out;

	if (len > TRAILS_TEXT_MAX) {
		stop(r, BASE_LIMIT, "a text of over 65,536 bytes");
		len = 0;
	}
	out = base_alloc(len + 1);
	if (len > 0)
		memcpy(out, text, len);
	return out;
}

static void set(struct reading *r, char **slot, const char *text)
{
	if (text == NULL)
		return;
	free(*slot);
	*slot = copy(r, text, strlen(text));
}

static void unknown(struct said *said, const char *name)
{
	if (said->unknown[0] == '\0')
		trails_print(said->unknown, sizeof(said->unknown), name);
}

/* ---- From what was said to a record ---------------------------------------- */

static const struct {
	const char *name;
	enum events_kind_id kind;
	const char *why;
} subcategories[] = {
	{"SubjectCreated", EVENTS_PARTICIPANT_ENROL, NULL},
	{"SubjectNameChanged", 0, BASE_WORDS("the name of a subject stands in the site's register, and never on the ledger")},
	{"SubjectStatusChanged", EVENTS_PARTICIPANT_STATUS, NULL},
	{"Entered", EVENTS_DATA_SUBMIT, NULL},
	{"EnteredEmpty", EVENTS_DATA_SUBMIT, NULL},
	{"EnteredNonConformant", EVENTS_DATA_SUBMIT, NULL},
	{"EnteredWithChangeCode", EVENTS_DATA_CORRECT, NULL},
	{"Inactivated", EVENTS_DATA_RETRACT, NULL},
	{"Deleted", EVENTS_DATA_RETRACT, NULL},
	{"CreatePD", EVENTS_DATA_SUBMIT, NULL},
	{"QueryOpen", 0, BASE_WORDS("a question about data is none; its answer is a correction with the reason query-answered")},
	{"QueryClose", 0, BASE_WORDS("a question about data is none; its answer is a correction with the reason query-answered")},
	{"SetVisible", 0, BASE_WORDS("what a system shows of its forms: no data of a participant")},
	{"ObjectNameChanged", 0, BASE_WORDS("what a system calls its forms: no data of a participant")},
	{"InstanceTarget", 0, BASE_WORDS("when a visit is due: a plan, which the protocol holds; that it took place is data")},
	{"InstanceStartWindow", 0, BASE_WORDS("when a visit is due: a plan, which the protocol holds; that it took place is data")},
	{"InstanceEndWindow", 0, BASE_WORDS("when a visit is due: a plan, which the protocol holds; that it took place is data")},
};

static enum events_kind_id kind_by_subcategory(struct trails_record *out, const char *name)
{
	for (size_t i = 0; i < sizeof(subcategories) / sizeof(subcategories[0]); i++) {
		if (strcmp(subcategories[i].name, name) != 0)
			continue;
		if (subcategories[i].kind == 0)
			trails_reason(out, "AuditSubCategoryName %s: %s", name, base_message(subcategories[i].why));
		return subcategories[i].kind;
	}
	trails_reason(out, "AuditSubCategoryName \"%.60s\": none that is known here", name);
	return 0;
}

static bool is_data(const char *holder)
{
	return strcmp(holder, "StudyEventData") == 0 || strcmp(holder, "FormData") == 0 || strcmp(holder, "ItemGroupData") == 0 ||
	       strncmp(holder, "ItemData", 8) == 0;
}

static enum events_kind_id kind_by_transaction(struct reading *r, struct trails_record *out, const struct frame *holder)
{
	const char *transaction = holder->transaction;
	bool subject = strcmp(holder->name, "SubjectData") == 0;

	if (!subject && !is_data(holder->name)) {
		trails_reason(out, "%.60s: an AuditRecord there is of no subject's data", holder->name);
		return 0;
	}
	if (holder->has_query) {
		trails_reason(out, "a question about data is none; its answer is a correction with the reason query-answered");
		return 0;
	}
	if (transaction[0] == '\0' && r->snapshot)
		return subject ? EVENTS_PARTICIPANT_ENROL : EVENTS_DATA_SUBMIT;
	if (strcmp(transaction, "Insert") == 0 || strcmp(transaction, "Upsert") == 0)
		return subject ? EVENTS_PARTICIPANT_ENROL : EVENTS_DATA_SUBMIT;
	if (subject && strcmp(transaction, "Update") == 0) {
		trails_reason(out, "TransactionType Update of a subject: what of it changed is not said");
		return 0;
	}
	if (strcmp(transaction, "Update") == 0)
		return EVENTS_DATA_CORRECT;
	if (strcmp(transaction, "Remove") == 0)
		return EVENTS_DATA_RETRACT;
	if (strcmp(transaction, "Context") == 0)
		trails_reason(out, "TransactionType Context: nothing changed there");
	else
		trails_reason(out, "TransactionType \"%.20s\": whether data was entered, changed or removed is not known", transaction);
	return 0;
}

/* Reasons are free text; a record has a code, and the text sealed beside. */
static const char *reason_code(const char *text)
{
	if (strcmp(text, "Data Entry Error") == 0 || strcmp(text, "Error in initial data entry") == 0)
		return "data-entry-error";
	return "other";
}

static void put_reason(struct trails_record *out, const struct said *said)
{
	const char *text = said->reason == NULL ? "" : said->reason;

	trails_member(out, "reason.code", text[0] == '\0' ? BASE_WORDS("nothing says why") : BASE_WORDS("ReasonForChange"), reason_code(text));
	if (text[0] != '\0')
		trails_member(out, "reason.text", "ReasonForChange, sealed", NULL);
}

/* Of `participant status`; NULL: none that is known. */
static const char *status_code(const char *text)
{
	static const struct {
		const char *text, *code;
	} known[] = {
		{"Screened", "screened"},   {"Screen Failed", "screen-failed"}, {"Enrolled", "active"},
		{"Completed", "completed"}, {"Discontinued", "discontinued"},   {"Early Terminated", "discontinued"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].text, text) == 0)
			return known[i].code;
	return NULL;
}

static void put_members(struct trails_record *out, enum events_kind_id kind, const struct frame *holder, const struct said *said)
{
	trails_member(out, "capacity.code", "the importer", "imported");
	trails_member(out, "capacity.source", said->source != NULL ? BASE_WORDS("the element, UserRef and SourceID with it, sealed")
								   : BASE_WORDS("the element, UserRef with it, sealed"), NULL);
	if (said->location != NULL)
		trails_member(out, "site", "LocationRef, by the importer's table", said->location);
	if (kind == EVENTS_PARTICIPANT_ENROL || kind == EVENTS_PARTICIPANT_STATUS)
		trails_member(out, "participant", "SubjectKey, through the register", NULL);
	if (kind == EVENTS_PARTICIPANT_STATUS)
		trails_member(out, "status", "Status; its cause sealed", status_code(holder->status));
	if (kind == EVENTS_DATA_SUBMIT) {
		trails_member(out, "items[0]", holder->has_deviation ? BASE_WORDS("ProtocolDeviation, sealed") : BASE_WORDS("the element, sealed"), NULL);
		trails_member(out, "items[0].participant", "SubjectKey, through the register", NULL);
		trails_member(out, "items[0].category", "the element", holder->has_deviation ? "administrative" : "clinical");
	}
	if (kind == EVENTS_DATA_CORRECT) {
		trails_member(out, "target", "the newest item of these OIDs", NULL);
		trails_member(out, "replacement", "the element, sealed", NULL);
	}
	if (kind == EVENTS_DATA_RETRACT)
		trails_member(out, "targets", "every item of these OIDs", NULL);
	if (kind == EVENTS_DATA_CORRECT || kind == EVENTS_DATA_RETRACT)
		put_reason(out, said);
}

static void at_of(struct reading *r, struct trails_record *out, const char *last)
{
	size_t len = 0;

	for (size_t i = 1; i < r->depth; i++) {
		int n = snprintf(out->at + len, sizeof(out->at) - len, "%s/", r->frames[i].name);

		len += n > 0 ? (size_t)n : 0;
		if (len >= sizeof(out->at) - 20)
			break;
	}
	if (len < sizeof(out->at))
		(void)snprintf(out->at + len, sizeof(out->at) - len, "%s", last);
}

static void emit(struct reading *r, struct trails_record *out)
{
	if (out->kind == NULL)
		trails_reason(out, "nothing that is known here");
	if (!r->visit(r->arg, out))
		stop(r, BASE_INTERRUPTED, "stopped");
}

static void emit_audit(struct reading *r, struct frame *holder)
{
	struct trails_record out = {.line = holder->audit.line};
	const struct said *said = &holder->audit;
	enum events_kind_id kind;

	at_of(r, &out, "AuditRecord");
	if (said->unknown[0] != '\0')
		trails_reason(&out, "%s: not known, so that what it says would be lost", said->unknown);
	kind = r->subcategory[0] != '\0' ? kind_by_subcategory(&out, r->subcategory) : kind_by_transaction(r, &out, holder);
	if (said->user == NULL)
		trails_reason(&out, "UserRef: missing; who acted is not known");
	if (kind == EVENTS_PARTICIPANT_STATUS && status_code(holder->status) == NULL)
		trails_reason(&out, "Status \"%.40s\": none that is known here", holder->status);
	if (kind != 0) {
		trails_time(&out, "DateTimeStamp", said->time);
		if (out.reason[0] == '\0')
			put_members(&out, kind, holder, said);
		trails_kind(&out, kind);
	}
	emit(r, &out);
}

static void emit_signature(struct reading *r, struct frame *holder)
{
	struct trails_record out = {.line = holder->signature.line};
	const struct said *said = &holder->signature;

	at_of(r, &out, "Signature");
	if (said->unknown[0] != '\0')
		trails_reason(&out, "%s: not known, so that what it says would be lost", said->unknown);
	if (said->user == NULL)
		trails_reason(&out, "UserRef: missing; who signed is not known");
	if (said->signature == NULL)
		trails_reason(&out, "SignatureRef: missing; what the signature means is not known");
	trails_time(&out, "DateTimeStamp", said->time);
	if (out.reason[0] == '\0') {
		trails_member(&out, "capacity.code", "the importer", "imported");
		trails_member(&out, "capacity.source", "the element, UserRef with it, sealed", NULL);
		trails_member(&out, "targets", "the items of the element", NULL);
		trails_member(&out, "meaning", "SignatureDef, by the importer's table", NULL);
		trails_kind(&out, EVENTS_ATTEST);
	}
	emit(r, &out);
}

/* ---- Elements ---------------------------------------------------------------- */

static struct said *said_of(struct reading *r)
{
	struct frame *holder = &r->frames[r->part_depth - 1];

	return r->part == PART_AUDIT ? &holder->audit : &holder->signature;
}

static void begin_part(struct reading *r, enum part part, const char **attributes)
{
	struct said *said;

	r->part = part;
	r->part_depth = r->depth;
	said = said_of(r);
	if (said->there)
		stop(r, BASE_MALFORMED, "a second AuditRecord or Signature of the same element");
	said->there = true;
	said->line = (size_t)XML_GetCurrentLineNumber(r->parser);
	for (; attributes[0] != NULL; attributes += 2) {
		const char *name = local(attributes[0]);

		/* How a change was made stays in the sealed source. */
		if (strcmp(name, "ID") != 0 && strcmp(name, "EditPoint") != 0 && strcmp(name, "UsedImputationMethod") != 0)
			unknown(said, name);
	}
}

static void inside_part(struct reading *r, const char *name, const char **attributes)
{
	struct said *said = said_of(r);

	r->text.len = 0;
	if (strcmp(name, "UserRef") == 0)
		set(r, &said->user, attribute(attributes, "UserOID"));
	else if (strcmp(name, "LocationRef") == 0)
		set(r, &said->location, attribute(attributes, "LocationOID"));
	else if (strcmp(name, "SignatureRef") == 0)
		set(r, &said->signature, attribute(attributes, "SignatureOID"));
	else if (strcmp(name, "DateTimeStamp") != 0 && strcmp(name, "ReasonForChange") != 0 && strcmp(name, "SourceID") != 0)
		unknown(said, name);
}

static void begin_data(struct reading *r, struct frame *frame, const char *name, const char **attributes)
{
	const char *text;

	trails_print(frame->name, sizeof(frame->name), name);
	text = attribute(attributes, "TransactionType");
	if (text == NULL && r->depth > 0)
		text = r->frames[r->depth - 1].transaction;
	if (text != NULL)
		trails_print(frame->transaction, sizeof(frame->transaction), text);
	text = strcmp(name, "SubjectData") == 0 ? attribute(attributes, "Status") : NULL;
	if (text != NULL)
		trails_print(frame->status, sizeof(frame->status), text);
	if (strcmp(name, "ClinicalData") == 0) {
		text = attribute(attributes, "AuditSubCategoryName");
		trails_print(r->subcategory, sizeof(r->subcategory), text == NULL ? "" : text);
	}
	if (r->depth > 0 && strcmp(name, "Query") == 0)
		r->frames[r->depth - 1].has_query = true;
	if (r->depth > 0 && strcmp(name, "ProtocolDeviation") == 0)
		r->frames[r->depth - 1].has_deviation = true;
}

static void XMLCALL on_start(void *arg, const char *full, const char **attributes)
{
	struct reading *r = arg;
	const char *name = local(full), *type;
	struct frame *frame;

	if (r->code != BASE_OK)
		return;
	if (r->depth == TRAILS_DEPTH_MAX) {
		stop(r, BASE_LIMIT, "elements nested more than 64 deep");
		return;
	}
	if (r->depth == 0 && strcmp(name, "ODM") != 0) {
		stop(r, BASE_MALFORMED, "no ODM: the outermost element is another");
		return;
	}
	if (r->depth == 0) {
		type = attribute(attributes, "FileType");
		r->snapshot = type != NULL && strcmp(type, "Snapshot") == 0;
	}
	frame = &r->frames[r->depth];
	memset(frame, 0, sizeof(*frame));
	if (r->part != PART_NONE) {
		if (r->depth > r->part_depth + 1)
			unknown(said_of(r), name);
		else
			inside_part(r, name, attributes);
		trails_print(frame->name, sizeof(frame->name), name);
	} else if (strcmp(name, "AuditRecord") == 0 && r->depth > 0) {
		begin_part(r, PART_AUDIT, attributes);
	} else if (strcmp(name, "Signature") == 0 && r->depth > 0) {
		begin_part(r, PART_SIGNATURE, attributes);
	} else {
		begin_data(r, frame, name, attributes);
	}
	r->depth++;
}

static void end_inside(struct reading *r, const char *name)
{
	struct said *said = said_of(r);
	char **slot = strcmp(name, "DateTimeStamp") == 0     ? &said->time
		      : strcmp(name, "ReasonForChange") == 0 ? &said->reason
		      : strcmp(name, "SourceID") == 0	     ? &said->source
							     : NULL;

	if (slot == NULL)
		return;
	free(*slot);
	*slot = copy(r, (const char *)r->text.data, r->text.len);
	r->text.len = 0;
}

static void XMLCALL on_end(void *arg, const char *full)
{
	struct reading *r = arg;
	struct frame *frame;

	if (r->code != BASE_OK || r->depth == 0)
		return;
	r->depth--;
	frame = &r->frames[r->depth];
	if (r->part != PART_NONE && r->depth > r->part_depth) {
		end_inside(r, local(full));
		return;
	}
	if (r->part != PART_NONE) {
		r->part = PART_NONE;
		return;
	}
	r->depth++;
	/* At the end of what they belong to: what stands behind them in it has been seen. */
	if (frame->audit.there)
		emit_audit(r, frame);
	if (frame->signature.there && r->code == BASE_OK)
		emit_signature(r, frame);
	said_free(&frame->audit);
	said_free(&frame->signature);
	r->depth--;
}

static void XMLCALL on_text(void *arg, const char *text, int len)
{
	struct reading *r = arg;

	if (r->code != BASE_OK || r->part == PART_NONE || len <= 0)
		return;
	if (r->text.len + (size_t)len > TRAILS_TEXT_MAX)
		stop(r, BASE_LIMIT, "a text of over 65,536 bytes");
	else
		base_buf_append(&r->text, base_slice(text, (size_t)len));
}

static void XMLCALL on_entity(void *arg, const char *name, int parameter, const char *value, int value_len, const char *base,
			      const char *system, const char *public, const char *notation)
{
	(void)name, (void)parameter, (void)value, (void)value_len, (void)base, (void)system, (void)public, (void)notation;
	stop(arg, BASE_MALFORMED, "the file declares an entity; none is expanded");
}

static void XMLCALL on_skipped(void *arg, const char *name, int parameter)
{
	(void)name;
	if (parameter == 0)
		stop(arg, BASE_MALFORMED, "an entity that the file does not declare; nothing is fetched");
}

/* ---- The file ---------------------------------------------------------------- */

enum base_code trails_odm(struct base_slice xml, trails_fn visit, void *arg, struct base_error *err)
{
	struct reading *r;
	enum base_code code;

	if (xml.len > TRAILS_XML_MAX)
		return base_fail(err, BASE_LIMIT, "%zu bytes; a file of at most %u is read", xml.len, TRAILS_XML_MAX);
	r = base_alloc(sizeof(*r));
	*r = (struct reading){.visit = visit, .arg = arg, .err = err};
	r->parser = XML_ParserCreateNS(NULL, '|');
	BASE_ASSERT(r->parser != NULL);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetEntityDeclHandler(r->parser, on_entity);
	XML_SetSkippedEntityHandler(r->parser, on_skipped);
	(void)XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	if (XML_Parse(r->parser, xml.len == 0 ? "" : (const char *)xml.data, (int)xml.len, XML_TRUE) != XML_STATUS_OK && r->code == BASE_OK)
		r->code = base_fail(err, BASE_MALFORMED, "no XML: line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(r->parser),
				    XML_ErrorString(XML_GetErrorCode(r->parser)));
	for (size_t i = 0; i < TRAILS_DEPTH_MAX; i++) {
		said_free(&r->frames[i].audit);
		said_free(&r->frames[i].signature);
	}
	XML_ParserFree(r->parser);
	base_buf_free(&r->text);
	code = r->code;
	free(r);
	return code;
}
