/* Whatever else there is: clinical data in any format, well-formed or not. A ledger keeps bytes. */
#include "tests/conformance/conformance.h"

void suite_payload(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		case_payload(s, NULL);
	}
}
