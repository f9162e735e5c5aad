/* The list of all kinds, and finding one. */
#include "ledger/events/schema.h"

static const struct events_kind *const all[] = {
#define X(name) &events_kind_##name,
	SCHEMA_KINDS(X)
#undef X
};

const struct events_kind *const *events_kinds(size_t *count)
{
	*count = SCHEMA_COUNT(all);
	return all;
}

const struct events_kind *events_kind_by_name(struct base_slice name)
{
	for (size_t i = 0; i < SCHEMA_COUNT(all); i++)
		if (base_slice_equal(name, base_slice_text(all[i]->name)))
			return all[i];
	return NULL;
}

const struct events_kind *events_kind_by_id(enum events_kind_id id)
{
	for (size_t i = 0; i < SCHEMA_COUNT(all); i++)
		if (all[i]->id == id)
			return all[i];
	return NULL;
}
