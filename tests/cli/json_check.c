/* Exit code 0 if standard input is one JSON document, no member twice. */
#include <jansson.h>
#include <stdlib.h>

int main(void)
{
	json_error_t error;
	json_t *json = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);

	if (json == NULL)
		fprintf(stderr, "line %d: %s\n", error.line, error.text);
	json_decref(json);
	return json != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
