/* trails: audit trails of other systems, line by line, as the records that each would become.
 *
 * Tour
 *   1. A line is an AuditRecord or Signature of ODM (1.1 to 1.3), or a row of a REDCap log. It maps to a kind of
 *      record and says where its members come from, or there is a named reason why not; never neither. docs/import.md.
 *   2. Readers. Strict and bounded; no entity is expanded and nothing is fetched.
 *
 * This says how the model holds them. It records nothing: what is sealed, and which
 * earlier item a change is about, is an importer's business.
 * Pure: no clock, no I/O. Any thread.
 */
#ifndef LEDGER_TRAILS_TRAILS_H
#define LEDGER_TRAILS_TRAILS_H

#include "ledger/events/events.h"

/* ---- 1. Lines ------------------------------------------------------------- */

#define TRAILS_MEMBERS_MAX 12
#define TRAILS_VALUE_BYTES 96
struct trails_member {
	const char *name; /* "when", "capacity.original", "items[0]" */
	const char *from; /* "DateTimeStamp" */
	char value[TRAILS_VALUE_BYTES]; /* "" where it is sealed, looked up or personal */
};
struct trails_record {
	size_t line;   /* of the file, from 1 */
	char at[192];  /* "ClinicalData/SubjectData/AuditRecord", "Update record" */
	const struct events_kind *kind; /* NULL: no record */
	struct trails_member members[TRAILS_MEMBERS_MAX];
	size_t member_count;
	char reason[320]; /* why not */
};
/* Returns false to stop. */
typedef bool (*trails_fn)(void *arg, const struct trails_record *record);

/* ---- 2. Readers ------------------------------------------------------------ */

#define TRAILS_XML_MAX (64u << 20)
#define TRAILS_DEPTH_MAX 64
#define TRAILS_TEXT_MAX 65536u /* of one element or attribute */
/* Every AuditRecord and every Signature, in order of the ends of what they belong to. BASE_MALFORMED when it is no XML or no ODM, with
 * an entity of its own, or BASE_LIMIT; what was visited before stays visited. */
BASE_MUST_USE enum base_code trails_odm(struct base_slice xml, trails_fn visit, void *arg, struct base_error *err);

/* The columns of a log that REDCap exports. */
enum trails_redcap_column {
	TRAILS_TIMESTAMP,
	TRAILS_USERNAME,
	TRAILS_ACTION,
	TRAILS_DETAILS,
	TRAILS_RECORD,
	TRAILS_REDCAP_COLUMNS,
};
extern const char *const trails_redcap_columns[TRAILS_REDCAP_COLUMNS];
void trails_redcap(struct trails_record *out, size_t line, const char *const cells[TRAILS_REDCAP_COLUMNS]);

#endif
