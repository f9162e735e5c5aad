/* Audit records of ODM: the kind and members of each, or the reason; hostile files; every one of the vectors. */
#include "tests/base/suite.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/trails/trails.h"

/* ---- Lines of files of our own ------------------------------------------------ */

struct seen {
	struct trails_record records[16];
	size_t count, mapped, reasons;
};

static bool keep(void *arg, const struct trails_record *record)
{
	struct seen *seen = arg;

	/* Never neither, never both. */
	ck_assert_int_eq(record->kind == NULL, record->reason[0] != '\0');
	ck_assert_int_eq(record->kind == NULL, record->member_count == 0);
	ck_assert_uint_gt(record->line, 0);
	seen->mapped += record->kind != NULL;
	seen->reasons += record->kind == NULL;
	if (seen->count < 16)
		seen->records[seen->count++] = *record;
	return true;
}

static const char *value_of(const struct trails_record *record, const char *name)
{
	for (size_t i = 0; i < record->member_count; i++)
		if (strcmp(record->members[i].name, name) == 0)
			return record->members[i].value;
	return NULL;
}

#define AUDIT(time, more)                                                                                                \
	"<AuditRecord><UserRef UserOID='u'/><LocationRef LocationOID='l1'/><DateTimeStamp>" time "</DateTimeStamp>" more   \
	"</AuditRecord>"
#define NOW "2025-03-01T09:30:00+01:00"

static void read_body(struct seen *seen, const char *type, const char *body)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_error err;

	*seen = (struct seen){0};
	base_buf_print(&text, "<ODM xmlns='http://www.cdisc.org/ns/odm/v1.3' xmlns:m='http://www.mdsol.com/ns/odm/metadata' FileType='%s'>%s</ODM>",
		       type, body);
	ck_assert_msg(trails_odm(base_buf_slice(&text), keep, seen, &err) == BASE_OK, "%s", err.text);
	base_buf_free(&text);
}

/* kind or, where it has a space, words of the reason */
static void becomes(const char *type, const char *body, const char *what)
{
	struct seen seen;

	read_body(&seen, type, body);
	ck_assert_uint_eq(seen.count, 1);
	if (strchr(what, ' ') == NULL)
		ck_assert_msg(seen.records[0].kind != NULL && strcmp(seen.records[0].kind->name, what) == 0, "%s: %s", body,
			      seen.records[0].reason);
	else
		ck_assert_msg(strstr(seen.records[0].reason, what) != NULL, "%s: %s", body, seen.records[0].reason);
}

#define DATA(transaction, inside)                                                                                        \
	"<ClinicalData><SubjectData SubjectKey='1'><FormData FormOID='f' TransactionType='" transaction "'>" inside          \
	"</FormData></SubjectData></ClinicalData>"
#define SUBJECT(attributes) "<ClinicalData><SubjectData SubjectKey='1' " attributes ">" AUDIT(NOW, "") "</SubjectData></ClinicalData>"
#define RAVE(name, inside) "<ClinicalData m:AuditSubCategoryName='" name "'><SubjectData>" inside "</SubjectData></ClinicalData>"

START_TEST(audit_record_when_read_becomes_a_kind_or_a_reason)
{
	becomes("Transactional", DATA("Insert", AUDIT(NOW, "")), "data.submit");
	becomes("Transactional", DATA("Upsert", AUDIT(NOW, "")), "data.submit");
	becomes("Transactional", DATA("Update", AUDIT(NOW, "")), "data.correct");
	becomes("Transactional", DATA("Remove", AUDIT(NOW, "")), "data.retract");
	becomes("Transactional", DATA("Context", AUDIT(NOW, "")), "nothing changed there");
	becomes("Transactional", DATA("Other", AUDIT(NOW, "")), "\"Other\": whether data was entered");
	becomes("Transactional", SUBJECT("TransactionType='Insert'"), "participant.enrol");
	becomes("Transactional", SUBJECT("TransactionType='Update'"), "what of it changed");
	becomes("Transactional", SUBJECT(""), "whether data was entered");
	becomes("Snapshot", SUBJECT(""), "participant.enrol");
	becomes("Snapshot", "<ClinicalData><SubjectData><ItemDataString>" AUDIT(NOW, "") "</ItemDataString></SubjectData></ClinicalData>",
		"data.submit");
	becomes("Snapshot", "<AdminData><User>" AUDIT(NOW, "") "</User></AdminData>", "no subject's data");
	becomes("Transactional", DATA("Upsert", AUDIT(NOW, "") "<m:Query Value='why?'/>"), "question about data");
	/* What stands in an AuditRecord and is not known is not lost. */
	becomes("Transactional", DATA("Insert", AUDIT(NOW, "<Reason2/>")), "Reason2: not known");
	becomes("Transactional", DATA("Insert", AUDIT(NOW, "<SourceID><b>1</b></SourceID>")), "b: not known");
	becomes("Transactional", DATA("Insert", "<AuditRecord Colour='red'><UserRef UserOID='u'/></AuditRecord>"), "Colour: not known");
	becomes("Transactional",
		DATA("Insert", "<AuditRecord ID='a' EditPoint='Monitoring' UsedImputationMethod='No'><UserRef UserOID='u'/>"
			       "<DateTimeStamp>" NOW "</DateTimeStamp></AuditRecord>"), "data.submit");
	becomes("Transactional", DATA("Insert", "<AuditRecord><DateTimeStamp>" NOW "</DateTimeStamp></AuditRecord>"), "UserRef: missing");
	becomes("Transactional", DATA("Insert", "<AuditRecord><UserRef UserOID='u'/></AuditRecord>"), "DateTimeStamp: missing");
	becomes("Transactional", DATA("Insert", AUDIT("2001-05-31-T10:08:40-05:00", "")), "is no time");
	becomes("Transactional", DATA("Insert", AUDIT("2001-05-31T9:06:45-05:00", "")), "is no time");
	becomes("Transactional", DATA("Insert", AUDIT("2001-02-31T09:06:45-05:00", "")), "is no time");
	becomes("Transactional", DATA("Insert", AUDIT("2001-02-28", "")), "is no time");
	/* Subcategories of Rave. */
	becomes("Transactional", RAVE("SubjectCreated", AUDIT(NOW, "")), "participant.enrol");
	becomes("Transactional", RAVE("EnteredWithChangeCode", AUDIT(NOW, "")), "data.correct");
	becomes("Transactional", RAVE("Inactivated", AUDIT(NOW, "")), "data.retract");
	becomes("Transactional", RAVE("SetVisible", AUDIT(NOW, "")), "SetVisible: what a system shows");
	becomes("Transactional", RAVE("Brandnew", AUDIT(NOW, "")), "\"Brandnew\": none that is known");
	becomes("Transactional", RAVE("SubjectStatusChanged", AUDIT(NOW, "")), "Status \"\": none");
	becomes("Transactional", DATA("Insert", "<Signature><UserRef UserOID='u'/><SignatureRef SignatureOID='s'/><DateTimeStamp>" NOW
					      "</DateTimeStamp></Signature>"), "attest");
	becomes("Transactional", DATA("Insert", "<Signature><UserRef UserOID='u'/><DateTimeStamp>" NOW "</DateTimeStamp></Signature>"),
		"SignatureRef: missing");
}
END_TEST

START_TEST(member_when_mapped_has_its_value)
{
	struct seen seen;

	read_body(&seen, "Transactional",
		  DATA("Update", AUDIT("2008-12-04T16:58:51", "<ReasonForChange>Data &#69;ntry Error</ReasonForChange><SourceID>3</SourceID>")));
	ck_assert_str_eq(seen.records[0].at, "ClinicalData/SubjectData/FormData/AuditRecord");
	ck_assert_str_eq(value_of(&seen.records[0], "when"), "2008-12-04T16:58:51-00:00");
	ck_assert_str_eq(value_of(&seen.records[0], "capacity.original"), "2008-12-04T16:58:51-00:00");
	ck_assert_str_eq(value_of(&seen.records[0], "capacity.code"), "imported");
	ck_assert_str_eq(value_of(&seen.records[0], "site"), "l1");
	ck_assert_str_eq(value_of(&seen.records[0], "reason.code"), "data-entry-error");
	ck_assert_str_eq(value_of(&seen.records[0], "reason.text"), "");
	ck_assert_ptr_nonnull(value_of(&seen.records[0], "target"));
	ck_assert_ptr_nonnull(value_of(&seen.records[0], "replacement"));

	read_body(&seen, "Transactional",
		  "<ClinicalData m:AuditSubCategoryName='SubjectStatusChanged'><SubjectData m:Status='Screen Failed'>" AUDIT(NOW, "")
		  "</SubjectData></ClinicalData>");
	ck_assert_str_eq(value_of(&seen.records[0], "status"), "screen-failed");
	ck_assert_str_eq(value_of(&seen.records[0], "when"), NOW);

	read_body(&seen, "Transactional",
		  RAVE("CreatePD", "<ItemData TransactionType='Upsert'>" AUDIT(NOW, "") "<m:ProtocolDeviation Value='x'/></ItemData>"));
	ck_assert_str_eq(value_of(&seen.records[0], "items[0].category"), "administrative");
}
END_TEST

static void fails(const char *text, enum base_code wanted, const char *words)
{
	struct seen seen = {0};
	struct base_error err = {""};

	ck_assert_int_eq(trails_odm(base_slice_text(text), keep, &seen, &err), wanted);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

START_TEST(file_when_hostile_ends_in_a_sentence)
{
	struct base_buf text = BASE_BUF_INIT;

	fails("", BASE_MALFORMED, "no XML");
	fails("<ODM>", BASE_MALFORMED, "no XML");
	fails("<Study/>", BASE_MALFORMED, "no ODM");
	fails("<!DOCTYPE ODM [<!ENTITY a 'b'>]><ODM>&a;</ODM>", BASE_MALFORMED, "declares an entity");
	fails("<!DOCTYPE ODM [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><ODM>&a;</ODM>", BASE_MALFORMED, "declares an entity");
	fails("<!DOCTYPE ODM [<!ENTITY % a SYSTEM 'http://x.invalid/'> %a;]><ODM/>", BASE_MALFORMED, "declares an entity");
	fails("<!DOCTYPE ODM SYSTEM 'x.dtd'><ODM>&a;</ODM>", BASE_MALFORMED, "nothing is fetched");
	fails("<ODM><FormData>" AUDIT(NOW, "") AUDIT(NOW, "") "</FormData></ODM>", BASE_MALFORMED, "second");
	for (int i = 0; i < 100000; i++)
		base_buf_append(&text, base_slice_text("<ODM>"));
	base_buf_byte(&text, 0);
	fails((const char *)text.data, BASE_LIMIT, "64 deep");
	text.len = 0;
	base_buf_append(&text, base_slice_text("<ODM><FormData><AuditRecord><SourceID>"));
	for (int i = 0; i < 5000000; i++)
		base_buf_byte(&text, 'x');
	base_buf_append(&text, base_slice_text("</SourceID></AuditRecord></FormData></ODM>"));
	base_buf_byte(&text, 0);
	fails((const char *)text.data, BASE_LIMIT, "65,536");
	text.len = 0;
	base_buf_append(&text, base_slice_text("<ODM><FormData><AuditRecord><UserRef UserOID='"));
	for (int i = 0; i < 100000; i++)
		base_buf_byte(&text, 'x');
	base_buf_append(&text, base_slice_text("'/></AuditRecord></FormData></ODM>"));
	base_buf_byte(&text, 0);
	fails((const char *)text.data, BASE_LIMIT, "65,536");
	base_buf_free(&text);
}
END_TEST

/* ---- Vectors ------------------------------------------------------------------- */

static size_t occurrences(struct base_slice text, const char *what)
{
	size_t count = 0, len = strlen(what);
	const uint8_t *at = text.data;

	while ((at = memmem(at, text.len - (size_t)(at - text.data), what, len)) != NULL) {
		count++;
		at += len;
	}
	return count;
}

static void look_at(const char *path, size_t mapped, size_t reasons)
{
	struct base_buf text = BASE_BUF_INIT;
	struct seen seen = {0};
	struct base_error err;

	ck_assert_msg(base_file_read(&text, path, TRAILS_XML_MAX, &err) == BASE_OK, "%s", err.text);
	ck_assert_msg(trails_odm(base_buf_slice(&text), keep, &seen, &err) == BASE_OK, "%s: %s", path, err.text);
	/* None falls through: what the bytes have is what was visited. */
	ck_assert_uint_eq(seen.mapped + seen.reasons,
			  occurrences(base_buf_slice(&text), "<AuditRecord") + occurrences(base_buf_slice(&text), "<Signature>"));
	ck_assert_msg(seen.mapped == mapped && seen.reasons == reasons, "%s: %zu records, %zu reasons", path, seen.mapped, seen.reasons);
	base_buf_free(&text);
}

static void look_into(const char *folder, const char *const *but)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[1024];
		struct stat st;
		bool named = false;

		if (entry->d_name[0] == '.')
			continue;
		ck_assert_int_lt(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name), (int)sizeof(path));
		for (size_t i = 0; but[i] != NULL; i++)
			named = named || strcmp(but[i], entry->d_name) == 0;
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			look_into(path, but);
		else if (!named && strstr(entry->d_name, ".xml") != NULL)
			look_at(path, 0, 0); /* the others have no audit records */
	}
	closedir(dir);
}

START_TEST(every_audit_record_of_the_vectors_maps_or_says_why)
{
	static const char *const counted[] = {"rave_audit_car_message.xml", "openedc_clinicaldata.xml", "odm1_1_0_example.xml", NULL};
	const char *folder = getenv("REGESTA_VECTORS");
	char path[1024];
	struct stat st;

	if (folder == NULL)
		folder = "../shared/data";
	if (stat(folder, &st) != 0) {
		printf("skipped: no folder of vectors (REGESTA_VECTORS)\n");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/odm/rave_audit_car_message.xml", folder);
	look_at(path, 584, 196);
	(void)snprintf(path, sizeof(path), "%s/odm/openedc_clinicaldata.xml", folder);
	look_at(path, 90, 0);
	(void)snprintf(path, sizeof(path), "%s/odm/odm1_1_0_example.xml", folder);
	look_at(path, 6, 4);
	(void)snprintf(path, sizeof(path), "%s/odm", folder);
	look_into(path, counted);
	(void)snprintf(path, sizeof(path), "%s/redcap", folder);
	look_into(path, counted);
	(void)snprintf(path, sizeof(path), "%s/cdisc", folder);
	look_into(path, counted);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {audit_record_when_read_becomes_a_kind_or_a_reason, member_when_mapped_has_its_value,
				      file_when_hostile_ends_in_a_sentence, every_audit_record_of_the_vectors_maps_or_says_why, NULL};

	return suite_run("trails/odm", tests);
}
