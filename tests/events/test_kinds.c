/* The declarations themselves: what the engine relies on, and numbers that never change. */
#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <string.h>

START_TEST(codes_when_listed_are_unique_and_named)
{
	for (unsigned list = 0; list < EVENTS_LISTS; list++) {
		const struct events_codes *codes = events_codes_of((enum events_list)list);

		ck_assert_uint_gt(codes->count, 0);
		ck_assert(events_text_valid(EVENTS_TOKEN, base_slice_text(codes->name)));
		for (size_t i = 0; i < codes->count; i++) {
			const struct events_code *code = &codes->codes[i];

			if (list != EVENTS_PURPOSES)
				ck_assert_uint_lt(code->number, 64); /* sets of codes are bits */
			ck_assert(i == 0 || code->number > codes->codes[i - 1].number);
			ck_assert(events_text_valid(EVENTS_TOKEN, base_slice_text(code->name)));
			ck_assert_uint_gt(strlen(code->words), 0);
			ck_assert_ptr_eq(events_code_by_number(codes, code->number), code->reserved ? NULL : code);
			ck_assert_ptr_eq(events_code_by_name(codes, base_slice_text(code->name)),
					 code->reserved ? NULL : code);
			for (size_t j = 0; j < i; j++)
				ck_assert_str_ne(codes->codes[j].name, code->name);
		}
		ck_assert_ptr_null(events_code_by_number(codes, 63));
		ck_assert_uint_lt(codes->codes[codes->count - 1].number, 256);
		ck_assert_ptr_null(events_code_by_number(codes, UINT64_MAX));
		ck_assert_ptr_null(events_code_by_name(codes, base_slice_text("")));
	}
}
END_TEST

static void assert_code(enum events_list list, unsigned number, const char *name)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	ck_assert_ptr_nonnull(code);
	ck_assert_str_eq(code->name, name);
}

START_TEST(codes_when_released_keep_their_numbers)
{
	assert_code(EVENTS_ROLES, 1, "administrator");
	assert_code(EVENTS_ROLES, 4, "investigator");
	assert_code(EVENTS_ROLES, 6, "data-manager");
	assert_code(EVENTS_ROLES, 11, "ethics-committee");
	assert_code(EVENTS_ROLES, 20, "system");
	assert_code(EVENTS_CAPACITIES, 5, "automatic");
	assert_code(EVENTS_MEANINGS, 7, "acknowledged");
	assert_code(EVENTS_REASONS, 12, "other");
	assert_code(EVENTS_REF_TYPES, 5, "follows");
	assert_code(EVENTS_CATEGORIES, 2, "genomic");
	assert_code(EVENTS_CATEGORIES, 13, "other");
	assert_code(EVENTS_VERDICTS, 0, "recorded");
	assert_code(EVENTS_VERDICTS, 3, "refer");
	assert_code(EVENTS_FLAGS, EVENTS_FLAG_LATE, "late");
	assert_code(EVENTS_FLAGS, EVENTS_FLAG_DATASET_INCOMPLETE, "dataset-incomplete");
	assert_code(EVENTS_DENIALS, EVENTS_DENIAL_NO_AUTHORITY, "no-authority");
	assert_code(EVENTS_DENIALS, EVENTS_DENIAL_NOT_ASSIGNED, "not-assigned");
	assert_code(EVENTS_PRECISIONS, EVENTS_MONTH, "month");
	assert_code(EVENTS_ACTIONS, 1, "admit-organisation");
	assert_code(EVENTS_STUDY_STATUS, 2, "closed");
	assert_code(EVENTS_ORGANISATION_ROLES, 3, "processor");
}
END_TEST

START_TEST(codes_when_reserved_are_unknown)
{
	ck_assert_ptr_null(events_code_by_number(events_codes_of(EVENTS_ROLES), 21));
	ck_assert_ptr_null(events_code_by_name(events_codes_of(EVENTS_ACTIONS), base_slice_text("change-parameter")));
	ck_assert_ptr_null(events_code_by_number(events_codes_of(EVENTS_FLAGS), 9));
	ck_assert_ptr_null(events_code_by_number(events_codes_of(EVENTS_FLAGS), 5));
}
END_TEST

static void check_struct(const struct events_struct *of, bool with_examples);

static void check_field(const struct events_field *field, bool with_examples)
{
	enum events_type type = field->type == EVENTS_LIST ? field->element : field->type;

	ck_assert_uint_gt(strlen(field->help), 0);
	ck_assert_uint_lt(field->key, 24);
	for (const char *c = field->name; *c != '\0'; c++)
		ck_assert_msg((*c >= 'a' && *c <= 'z') || *c == '_', "member %s", field->name);
	if (field->type == EVENTS_LIST) {
		ck_assert_int_ne(field->element, EVENTS_LIST);
		ck_assert_uint_ge(field->min, 1); /* what is empty is left out */
		ck_assert_uint_ge(field->max, field->min);
		ck_assert_uint_le(field->max, 256);
	}
	ck_assert_int_eq(field->codes != NULL, type == EVENTS_CODE);
	ck_assert_int_eq(field->of != NULL, type == EVENTS_STRUCT);
	if (type == EVENTS_STRUCT)
		check_struct(field->of, with_examples);
	else if (with_examples)
		ck_assert_ptr_nonnull(field->example);
	if (type == EVENTS_UINT || type == EVENTS_LABEL || type == EVENTS_SOURCE || type == EVENTS_PROOF)
		ck_assert_uint_gt(field->max, field->min);
	if (type == EVENTS_PUBLIC)
		ck_assert_uint_ne(field->min, 0);
}

static void check_struct(const struct events_struct *of, bool with_examples)
{
	for (size_t i = 0; i < of->count; i++) {
		ck_assert(i == 0 || of->fields[i].key > of->fields[i - 1].key);
		if (of->positional)
			ck_assert_uint_eq(of->fields[i].key, i + 1);
		check_field(&of->fields[i], with_examples);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(of->fields[j].name, of->fields[i].name);
	}
}

START_TEST(kinds_when_declared_are_sound)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	ck_assert_uint_ge(count, 20); /* the table grows; it does not shrink */
	for (size_t i = 0; i < count; i++) {
		const struct events_kind *kind = kinds[i];

		ck_assert(i == 0 || kind->id > kinds[i - 1]->id);
		ck_assert_ptr_eq(events_kind_by_id(kind->id), kind);
		ck_assert_ptr_eq(events_kind_by_name(base_slice_text(kind->name)), kind);
		ck_assert(events_text_valid(EVENTS_TOKEN, base_slice_text(kind->name)));
		ck_assert_str_eq(kind->body.name, kind->name);
		ck_assert_uint_gt(strlen(kind->words), 0);
		ck_assert_uint_gt(strlen(kind->who), 0);
		ck_assert_uint_gt(strlen(kind->effect), 0);
		for (unsigned role = 0; role < 64; role++)
			if ((kind->roles & EVENTS_ROLE(role)) != 0)
				ck_assert_ptr_nonnull(events_code_by_number(events_codes_of(EVENTS_ROLES), role));
		check_struct(&kind->body, true);
	}
	check_struct(&events_envelope_struct, false);
	check_struct(&events_document_struct, true);
	check_struct(&events_enrolment_struct, false);
	check_struct(&events_founder_struct, false);
	ck_assert_str_eq(events_document_struct.fields[0].name, "when");
	ck_assert_str_eq(events_document_struct.fields[events_document_struct.count - 1].name, "sealed");
}
END_TEST

START_TEST(kinds_when_unknown_are_not_found)
{
	ck_assert_ptr_null(events_kind_by_name(base_slice_text("")));
	ck_assert_ptr_null(events_kind_by_name(base_slice_text("data.submi")));
	ck_assert_ptr_null(events_kind_by_name(base_slice_text("data.submit2")));
	ck_assert_ptr_null(events_kind_by_name(base_slice_text("consents")));
	ck_assert_ptr_null(events_kind_by_id((enum events_kind_id)0));
	ck_assert_ptr_null(events_kind_by_id((enum events_kind_id)9999));
}
END_TEST

START_TEST(kinds_when_declared_need_what_the_record_says)
{
	ck_assert(events_kind_by_id(EVENTS_DATA_CORRECT)->needs_reason);
	ck_assert(events_kind_by_id(EVENTS_DATA_RETRACT)->needs_reason);
	ck_assert(!events_kind_by_id(EVENTS_DATA_SUBMIT)->needs_reason);
	ck_assert(events_kind_by_id(EVENTS_DATA_SUBMIT)->needs_study);
	ck_assert(!events_kind_by_id(EVENTS_STUDY_REGISTER)->needs_study);
	ck_assert_uint_eq(events_kind_by_id(EVENTS_ACTOR_ROTATE)->roles, 0);
	ck_assert_uint_ne(events_kind_by_id(EVENTS_DATA_DERIVE)->roles & EVENTS_ROLE(EVENTS_ROLE_RESEARCHER), 0);
	ck_assert_uint_eq(events_kind_by_id(EVENTS_DATA_SUBMIT)->roles & EVENTS_ROLE(EVENTS_ROLE_MONITOR), 0);
}
END_TEST

START_TEST(text_when_checked_is_of_its_type)
{
	static const enum events_type none[] = {EVENTS_UINT,   EVENTS_BOOL,	 EVENTS_CODE,	EVENTS_ID,
						EVENTS_HASH,   EVENTS_REFERENCE, EVENTS_CID,	EVENTS_ITEM,
						EVENTS_WHEN,   EVENTS_TIME,	 EVENTS_PUBLIC, EVENTS_PROOF,
						EVENTS_STRUCT, EVENTS_LIST,	 EVENTS_BODY};

	ck_assert(events_text_valid(EVENTS_TOKEN, base_slice_text("0a.b_c-d")));
	ck_assert(events_text_valid(EVENTS_ACTOR, base_slice_text("a/b")));
	ck_assert(events_text_valid(EVENTS_PARTY, base_slice_text("a")));
	ck_assert(events_text_valid(EVENTS_PARTY, base_slice_text("a/b")));
	ck_assert(!events_text_valid(EVENTS_ACTOR, base_slice_text("a")));
	ck_assert(events_text_valid(EVENTS_KIND, base_slice_text("attest")));
	ck_assert(events_text_valid(EVENTS_LABEL,
				    base_slice_text("\xe6\x9d\xb1\xe4\xba\xac \xe2\x80\x93 Cohort \xce\xb2")));
	ck_assert(!events_text_valid(EVENTS_LABEL, base_slice_text("\xff")));
	for (size_t i = 0; i < SCHEMA_COUNT(none); i++)
		ck_assert(!events_text_valid(none[i], base_slice_text("a")));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		codes_when_listed_are_unique_and_named, codes_when_released_keep_their_numbers,
		codes_when_reserved_are_unknown,	kinds_when_declared_are_sound,
		kinds_when_unknown_are_not_found,	kinds_when_declared_need_what_the_record_says,
		text_when_checked_is_of_its_type,	NULL,
	};

	return suite_run("events/kinds", tests);
}
