/* Rows of a REDCap log. Those of the vectors are read by tests/cli/import.sh, as the CSV reader is the command's. */
#include "tests/base/suite.h"

#include <string.h>

#include "ledger/trails/trails.h"

static struct trails_record row(const char *time, const char *user, const char *action, const char *details, const char *record)
{
	const char *const cells[TRAILS_REDCAP_COLUMNS] = {time, user, action, details, record};
	struct trails_record out;

	trails_redcap(&out, 7, cells);
	ck_assert_uint_eq(out.line, 7);
	ck_assert_int_eq(out.kind == NULL, out.reason[0] != '\0');
	ck_assert_int_eq(out.kind == NULL, out.member_count == 0);
	return out;
}

static void becomes(const char *action, const char *what)
{
	struct trails_record out = row("2024-10-11 10:06", "somebody", action, "mugshot = '26'", "5");

	if (strchr(what, ' ') == NULL)
		ck_assert_msg(out.kind != NULL && strcmp(out.kind->name, what) == 0, "%s: %s", action, out.reason);
	else
		ck_assert_msg(strstr(out.reason, what) != NULL, "%s: %s", action, out.reason);
}

START_TEST(row_when_read_becomes_a_kind_or_a_reason)
{
	becomes("Create record 5", "data.submit");
	becomes("Update record (import) 5", "data.correct");
	becomes("Update record 5", "data.correct");
	becomes("Delete record 5", "data.retract");
	becomes("E-signature 5", "attest");
	becomes("Manage/Design", "no data of a participant");
	becomes("Edit user role", "no roles of the ledger");
	becomes("Data export", "observation of access");
	becomes("Randomize record 5", "an arm may not");
	becomes("Frobnicate", "none that is known");
	becomes("", "none that is known");
}
END_TEST

START_TEST(row_when_a_cell_is_wrong_says_which)
{
	ck_assert_ptr_nonnull(strstr(row("", "u", "Create record 5", "", "5").reason, "timestamp: missing"));
	ck_assert_ptr_nonnull(strstr(row("11.10.2024", "u", "Create record 5", "", "5").reason, "is no time"));
	ck_assert_ptr_nonnull(strstr(row("2024-02-31 10:06", "u", "Create record 5", "", "5").reason, "is no time"));
	ck_assert_ptr_nonnull(strstr(row("2024-10-11 10:06", "", "Create record 5", "", "5").reason, "username: missing"));
	ck_assert_ptr_nonnull(strstr(row("2024-10-11 10:06", "u", "Create record 5", "", "").reason, "record: missing"));
}
END_TEST

START_TEST(member_when_personal_has_no_value)
{
	struct trails_record out = row("2024-10-11 10:06", "somebody", "Update record (import) 5", "mugshot = '26'", "Jane Doe");

	for (size_t i = 0; i < out.member_count; i++) {
		ck_assert_ptr_null(strstr(out.members[i].value, "somebody"));
		ck_assert_ptr_null(strstr(out.members[i].value, "mugshot"));
		ck_assert_ptr_null(strstr(out.members[i].value, "Jane"));
	}
	ck_assert_str_eq(out.at, "Update record");
	ck_assert_str_eq(out.members[0].name, "when");
	ck_assert_str_eq(out.members[0].value, "2024-10-11T10:06:00-00:00");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {row_when_read_becomes_a_kind_or_a_reason, row_when_a_cell_is_wrong_says_which,
				      member_when_personal_has_no_value, NULL};

	return suite_run("trails/redcap", tests);
}
