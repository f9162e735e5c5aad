#include "ledger/state/memory_internal.h"

#include <stdlib.h>

#define FREE UINT64_MAX /* no ledger has that many entries */

/* Terms are pieces of SHA-256 already. */
static struct memory_term *place(const struct memory_postings *postings, uint64_t term)
{
	size_t i = term & (postings->cap - 1);

	while (postings->terms[i].value != FREE && postings->terms[i].term != term)
		i = (i + 1) & (postings->cap - 1);
	return &postings->terms[i];
}

static void grow(struct memory_postings *postings)
{
	struct memory_term *old = postings->terms;
	size_t old_cap = postings->cap;

	postings->cap = old_cap == 0 ? 1024 : old_cap * 2;
	postings->terms = base_alloc(postings->cap * sizeof(*postings->terms));
	for (size_t i = 0; i < postings->cap; i++)
		postings->terms[i].value = FREE;
	for (size_t i = 0; i < old_cap; i++)
		if (old[i].value != FREE)
			*place(postings, old[i].term) = old[i];
	free(old);
}

static uint32_t more_new(struct memory_postings *postings, uint64_t value)
{
	if (postings->more_count == postings->more_cap) {
		BASE_ASSERT(postings->more_cap < UINT32_MAX / 2);
		postings->more_cap = postings->more_cap == 0 ? 1024 : postings->more_cap * 2;
		postings->more = base_realloc(postings->more, postings->more_cap * sizeof(*postings->more));
	}
	postings->more[postings->more_count] = (struct memory_more){value, 0};
	return ++postings->more_count;
}

/* Out of order: within a block, postings may come as they like. */
static void insert(struct memory_postings *postings, struct memory_term *at, uint64_t value)
{
	uint32_t before = 0;
	uint32_t fresh;

	if (value == at->value)
		return;
	if (value < at->value) {
		uint64_t smaller = value;

		value = at->value;
		at->value = smaller;
	}
	for (uint32_t i = at->first; i != 0 && postings->more[i - 1].value <= value; i = postings->more[i - 1].next) {
		if (postings->more[i - 1].value == value)
			return;
		before = i;
	}
	fresh = more_new(postings, value);
	postings->more[fresh - 1].next = before == 0 ? at->first : postings->more[before - 1].next;
	if (before == 0)
		at->first = fresh;
	else
		postings->more[before - 1].next = fresh;
	if (postings->more[fresh - 1].next == 0)
		at->last = fresh;
}

void memory_postings_add(struct memory_postings *postings, uint64_t term, uint64_t value)
{
	struct memory_term *at;

	BASE_ASSERT(value != FREE);
	if (postings->count >= postings->cap - postings->cap / 4)
		grow(postings);
	at = place(postings, term);
	if (at->value == FREE) {
		*at = (struct memory_term){.term = term, .value = value};
		postings->count++;
	} else if (at->last != 0 && postings->more[at->last - 1].value < value) {
		uint32_t fresh = more_new(postings, value);

		postings->more[at->last - 1].next = fresh;
		at->last = fresh;
	} else if (at->last == 0 || postings->more[at->last - 1].value != value) {
		insert(postings, at, value);
	}
}

size_t memory_postings_find(struct memory_postings *postings, uint64_t term, const uint64_t **values)
{
	const struct memory_term *at;
	size_t count = 1;

	*values = NULL;
	if (postings->count == 0 || (at = place(postings, term))->value == FREE)
		return 0;
	*values = &at->value;
	if (at->first == 0)
		return 1;
	for (uint32_t i = at->first; i != 0; i = postings->more[i - 1].next)
		count++;
	if (count > postings->found_cap) {
		postings->found_cap = count * 2;
		postings->found = base_realloc(postings->found, postings->found_cap * sizeof(*postings->found));
	}
	count = 0;
	postings->found[count++] = at->value;
	for (uint32_t i = at->first; i != 0; i = postings->more[i - 1].next)
		postings->found[count++] = postings->more[i - 1].value;
	*values = postings->found;
	return count;
}

void memory_postings_free(struct memory_postings *postings)
{
	free(postings->terms);
	free(postings->more);
	free(postings->found);
}
