/* Audit trails: each line is a record with members, or has a reason; never neither, never both. */
#include "ledger/trails/trails.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool look(void *arg, const struct trails_record *record)
{
	(void)arg;
	BASE_ASSERT((record->kind == NULL) == (record->reason[0] != '\0'));
	BASE_ASSERT((record->kind == NULL) == (record->member_count == 0));
	for (size_t i = 0; i < record->member_count; i++)
		BASE_ASSERT(memchr(record->members[i].value, 0, TRAILS_VALUE_BYTES) != NULL &&
			    base_utf8_valid(base_slice_text(record->members[i].value)));
	BASE_ASSERT(base_utf8_valid(base_slice_text(record->reason)) && base_utf8_valid(base_slice_text(record->at)));
	return true;
}

/* A row of a log, its cells separated by tabs. */
static void look_at_row(const uint8_t *data, size_t size)
{
	char text[512], *cells[TRAILS_REDCAP_COLUMNS] = {text, text, text, text, text};
	struct trails_record record;
	size_t cell = 0;

	if (size >= sizeof(text) || !base_utf8_valid(base_slice(data, size)))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < size && cell + 1 < TRAILS_REDCAP_COLUMNS; i++) {
		if (text[i] != '\t')
			continue;
		text[i] = '\0';
		cells[++cell] = text + i + 1;
	}
	trails_redcap(&record, 1, (const char *const *)cells);
	(void)look(NULL, &record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_error err = {""};

	if (size > 0 && data[0] != '<')
		look_at_row(data, size);
	BASE_ASSERT(trails_odm(base_slice(data, size), look, NULL, &err) == BASE_OK || err.text[0] != '\0');
	return 0;
}
