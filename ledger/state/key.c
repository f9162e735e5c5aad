#include "ledger/state/exec_internal.h"

/* A key as readers see it: the same fold as the executor's. */

struct reading {
	struct state_signer signer;
	bool good;
};

static bool fold(void *arg, const struct state_fact *fact)
{
	struct reading *reading = arg;

	reading->good = state_table_ops(STATE_KEY)->fold(&reading->signer.record, fact);
	return reading->good;
}

enum base_code state_key_read(const struct state_view *view, const struct base_hash *kid, struct state_key *out,
			      struct base_error *err)
{
	struct reading reading = {.good = false};
	struct base_buf reference = BASE_BUF_INIT;
	enum base_code code;

	wire_put_hash(&reference, kid);
	code = state_record_walk(view, STATE_KEY, base_slice(NULL, 0), base_buf_slice(&reference), fold, &reading, err);
	base_buf_free(&reference);
	if (code == BASE_NOT_FOUND)
		return base_fail(err, BASE_NOT_FOUND, "the key is not enrolled on this ledger");
	if (code != BASE_OK)
		return code;
	if (!reading.good)
		return base_fail(err, BASE_STORAGE,
				 "the database is damaged: the record of a key is not what it must be");
	*out = reading.signer.key;
	return BASE_OK;
}
