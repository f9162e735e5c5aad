/* The export file of a register, and the records inside it: what is read is written again the same. */
#include "ledger/register/register_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf again = BASE_BUF_INIT;
	struct register_file file;
	struct register_list list;
	struct base_error err;

	if (register_file_decode(&file, base_slice(data, size), &err) == BASE_OK) {
		register_file_encode(&again, &file);
		if (!base_slice_equal(base_buf_slice(&again), base_slice(data, size)))
			abort();
	}
	if (register_list_decode(&list, base_slice(data, size), &err) == BASE_OK) {
		again.len = 0;
		register_list_encode(&again, &list);
		if (!base_slice_equal(base_buf_slice(&again), base_slice(data, size)))
			abort();
		register_list_free(&list);
	}
	base_buf_free(&again);
	return 0;
}
