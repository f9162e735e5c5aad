#include "cli/names.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a: whoever chooses names so that they collide makes their own ledger's lists slow, and is an administrator. */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(1099511628211);
	return hash ^ hash >> 32;
}

/* Where it is, or would be. */
static size_t slot_of(const struct names *names, const char *name)
{
	size_t at = (size_t)hash_of(name) & (names->slot_count - 1);

	BASE_ASSERT(names->slots != NULL);
	while (names->slots[at] != 0 && strcmp(names->list[names->slots[at] - 1], name) != 0)
		at = (at + 1) & (names->slot_count - 1);
	return at;
}

static void grow(struct names *names)
{
	names->slot_count = names->slot_count == 0 ? 64 : names->slot_count * 2;
	free(names->slots);
	names->slots = base_alloc(names->slot_count * sizeof(*names->slots));
	memset(names->slots, 0, names->slot_count * sizeof(*names->slots));
	for (size_t i = 0; i < names->count; i++)
		names->slots[slot_of(names, names->list[i])] = (uint32_t)i + 1;
}

void names_add(struct names *names, struct base_slice name)
{
	char text[NAMES_BYTES_MAX];
	size_t at;

	snprintf(text, sizeof(text), "%.*s", (int)name.len, (const char *)name.data);
	if (names->count * 2 >= names->slot_count)
		grow(names);
	at = slot_of(names, text);
	if (names->slots[at] != 0)
		return;
	if (names->count == names->cap) {
		names->cap = names->cap == 0 ? 16 : names->cap * 2;
		names->list = base_realloc(names->list, names->cap * sizeof(*names->list));
	}
	memcpy(names->list[names->count++], text, sizeof(text));
	names->slots[at] = (uint32_t)names->count;
}

void names_free(struct names *names)
{
	free(names->list);
	free(names->slots);
}
