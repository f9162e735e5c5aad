/* Records and heads: what is read is written again and must be the same bytes. And as the value of every table, in a
 * database that is damaged: whatever it is, reading it says so or goes on. */
#include "ledger/state/exec_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void record(struct base_slice input)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_buf again = BASE_BUF_INIT;
	struct base_hash leaf;
	size_t count;

	if (state_record_decode(facts, &count, &leaf, input, NULL) != BASE_OK)
		return;
	wire_put_array(&again, 2);
	wire_put_array(&again, count);
	for (size_t i = 0; i < count; i++)
		state_fact_put(&again, &facts[i]);
	wire_put_hash(&again, &leaf);
	if (!base_slice_equal(base_buf_slice(&again), input))
		abort();
	base_buf_free(&again);
}

static void head(struct base_slice input)
{
	struct base_buf again = BASE_BUF_INIT;
	struct state_head out;

	if (state_head_decode(&out, input, NULL) != BASE_OK)
		return;
	state_head_encode(&again, &out);
	if (!base_slice_equal(base_buf_slice(&again), input))
		abort();
	base_buf_free(&again);
}

/* A view whose map says this to the first question, and nothing to the others. */
struct answer {
	struct base_slice value;
	bool given;
};

static enum base_code map_get(void *arg, const struct base_hash *key, struct base_slice *value, struct base_error *err)
{
	struct answer *answer = arg;

	(void)key;
	(void)err;
	if (answer->given)
		return BASE_NOT_FOUND;
	answer->given = true;
	*value = answer->value;
	return BASE_OK;
}

static void damaged(struct base_slice input)
{
	static const struct base_hash ledger = {{7}};
	const struct base_slice study = base_slice_text("s1"), reference = base_slice_text("\x68h1/admin");

	for (int table = STATE_ORGANISATION; table <= STATE_TABLE_LAST; table++) {
		struct answer answer = {input, false};
		const struct state_view view = {&answer, map_get, NULL, NULL, NULL};
		struct state_exec *exec = state_exec_begin(&view, NULL, &ledger, base_slice_text("ledger.example/1"), 1,
							   (struct base_time){1000});
		struct state_record *out;
		enum base_code code = BASE_OK;

		/* Numbers of tables have gaps; heads are no records. */
		if (state_table_ops((enum state_table)table) != NULL)
			code = state_record_open(exec, (enum state_table)table, study, reference, &out, NULL);
		if (code != BASE_OK && code != BASE_STORAGE)
			abort();
		state_exec_close(exec);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	record(base_slice(data, size));
	head(base_slice(data, size));
	damaged(base_slice(data, size));
	return 0;
}
