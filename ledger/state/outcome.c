#include "ledger/state/exec_internal.h"

/* docs/formats/state.md, "Outcome":
 *   outcome = { 1: verdict, ? 2: [+ flag], ? 3: denial, ? 4: [+ milestone] }
 * Keys 5 to 7 are kept for the contract, its clause and obligations. */

enum outcome_key { KEY_VERDICT = 1, KEY_FLAGS = 2, KEY_DENIAL = 3, KEY_MILESTONES = 4 };
#define FLAG_MAX 63
#define MILESTONE_BYTES_MAX 64

static uint64_t count_bits(uint64_t bits)
{
	uint64_t count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

void state_outcome_encode(struct base_buf *out, const struct state_outcome *outcome)
{
	wire_put_map(out, 1u + (outcome->flags != 0) + (outcome->denial != 0) + (outcome->milestones.len > 0));
	wire_put_uint(out, KEY_VERDICT);
	wire_put_uint(out, outcome->verdict);
	if (outcome->flags != 0) {
		wire_put_uint(out, KEY_FLAGS);
		wire_put_array(out, count_bits(outcome->flags));
		for (uint64_t flag = 0; flag <= FLAG_MAX; flag++) {
			if ((outcome->flags >> flag & 1) != 0)
				wire_put_uint(out, flag);
		}
	}
	if (outcome->denial != 0) {
		wire_put_uint(out, KEY_DENIAL);
		wire_put_uint(out, outcome->denial);
	}
	if (outcome->milestones.len > 0) {
		wire_put_uint(out, KEY_MILESTONES);
		base_buf_append(out, base_buf_slice(&outcome->milestones));
	}
}

static void read_flags(struct state_outcome *out, struct wire_reader *r)
{
	uint64_t count = wire_get_array(r);

	if (!r->failed && (count == 0 || count > FLAG_MAX + 1))
		wire_fail(r, "an outcome's list of flags is empty or too long");
	for (uint64_t i = 0; i < count && !r->failed; i++) {
		uint64_t flag = wire_get_uint(r);

		/* Shifting the bits up to this flag away leaves something if a higher or the same one came before. */
		if (flag > FLAG_MAX || (out->flags >> flag) != 0)
			wire_fail(r, "an outcome's flags do not ascend, or one is unknown");
		else
			out->flags |= UINT64_C(1) << flag;
	}
}

static void read_milestones(struct state_outcome *out, struct wire_reader *r)
{
	size_t start = r->at;
	uint64_t count = wire_get_array(r);

	if (!r->failed && (count == 0 || count > STATE_MILESTONES_MAX))
		wire_fail(r, "an outcome's list of milestones is empty or too long");
	for (uint64_t i = 0; i < count && !r->failed; i++) {
		size_t len = wire_get_text(r).len;

		if (!r->failed && (len == 0 || len > MILESTONE_BYTES_MAX))
			wire_fail(r, "a milestone's name is empty or too long");
	}
	if (!r->failed)
		base_buf_append(&out->milestones, base_slice(r->all.data + start, r->at - start));
}

static void read_member(struct state_outcome *out, uint64_t key, struct wire_reader *r)
{
	uint64_t verdict;

	switch (key) {
	case KEY_VERDICT:
		verdict = wire_get_uint(r);
		if (verdict > STATE_REFER)
			wire_fail(r, "an outcome's verdict is unknown");
		else
			out->verdict = (enum state_verdict)verdict;
		break;
	case KEY_FLAGS:
		read_flags(out, r);
		break;
	case KEY_DENIAL:
		out->denial = wire_get_uint(r);
		if (!r->failed && out->denial == 0)
			wire_fail(r, "an outcome's denial is unknown");
		break;
	case KEY_MILESTONES:
		read_milestones(out, r);
		break;
	default: /* a number, not an enum */
		wire_fail(r, "an outcome has a member that this version does not know");
		break;
	}
}

enum base_code state_outcome_decode(struct state_outcome *out, struct base_slice cbor, struct base_error *err)
{
	struct wire_reader r;
	uint64_t pairs, before = 0;
	enum base_code code;

	*out = (struct state_outcome){.milestones = BASE_BUF_INIT};
	if ((code = wire_check(cbor, err)) != BASE_OK)
		return base_wrap(err, code, "an outcome");
	wire_read(&r, cbor);
	pairs = wire_get_map(&r);
	for (uint64_t i = 0; i < pairs && !r.failed; i++) {
		uint64_t key = wire_get_uint(&r);

		if (!r.failed && (i == 0) != (key == KEY_VERDICT))
			wire_fail(&r, "an outcome begins with its verdict");
		if (!r.failed)
			read_member(out, key, &r);
		before = key;
	}
	if (!r.failed && before == 0)
		wire_fail(&r, "an outcome has no verdict");
	if (!r.failed && (out->verdict == STATE_DENY) != (out->denial != 0))
		wire_fail(&r, "an outcome has a denial if it denies, and only then");
	code = wire_done(&r, "an outcome", err);
	if (code != BASE_OK)
		state_outcome_free(out);
	return code;
}

void state_outcome_free(struct state_outcome *outcome)
{
	base_buf_free(&outcome->milestones);
}
