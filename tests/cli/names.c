/* Exit code 0 if names are told apart, kept in their order, and 16 times as many cost no more than 80 times as much. */
#include <stdlib.h>
#include <time.h>

#include "cli/names.c"

static double fill(struct names *names, unsigned count)
{
	clock_t begin = clock();
	char text[40];

	for (unsigned i = 0; i < 2 * count; i++) {
		snprintf(text, sizeof(text), "organisation-%u/actor-%u", i % count % 7, i % count);
		names_add(names, base_slice_text(text));
	}
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

int main(void)
{
	struct names few = {0}, many = {0};
	double first = fill(&few, 10000), then = fill(&many, 160000);
	int code = EXIT_SUCCESS;

	if (few.count != 10000 || many.count != 160000 || strcmp(many.list[159999], "organisation-0/actor-159999") != 0 ||
	    strcmp(many.list[8], "organisation-1/actor-8") != 0)
		code = EXIT_FAILURE;
	if (then > 80 * first + 0.01)
		code = EXIT_FAILURE;
	fprintf(stderr, "10,000 names: %.4f s; 160,000: %.4f s\n", first, then);
	names_free(&few);
	names_free(&many);
	return code;
}
