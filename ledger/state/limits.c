#include "ledger/state/exec_internal.h"

#include <string.h>

/* docs/formats/state.md, "Limits": buckets of tokens in block time, in integers alone. What is not entered charges
 * nothing, and what only restricts is counted apart, so that no flood of anything else keeps a withdrawal out. */

#define SIDE_BUCKET 0x02
#define TOKEN UINT64_C(1000) /* a token in thousandths: a refill of one a second is one thousandth a millisecond */

/* ---- Limits ------------------------------------------------------------------ */

static void put_limit(struct base_buf *out, uint64_t key, const struct state_limit *limit)
{
	wire_put_uint(out, key);
	wire_put_array(out, 2);
	wire_put_uint(out, limit->burst);
	wire_put_uint(out, limit->refill);
}

void state_limits_put(struct base_buf *out, const struct state_limits *limits)
{
	wire_put_map(out, 3);
	put_limit(out, 1, &limits->key);
	put_limit(out, 2, &limits->organisation);
	put_limit(out, 3, &limits->restrictions);
}

static struct state_limit read_limit(struct wire_reader *r, uint64_t key)
{
	struct state_limit limit = {0, 0};

	if (wire_get_uint(r) != key)
		wire_fail(r, "the limits are those of a key, an organisation and of restrictions");
	wire_expect_array(r, 2);
	limit.burst = wire_get_uint(r);
	limit.refill = wire_get_uint(r);
	if (!r->failed && (limit.burst == 0 || limit.burst > STATE_LIMIT_MAX || limit.refill == 0 ||
			   limit.refill > STATE_LIMIT_MAX))
		wire_fail(r, "a limit is not of 1 to 1,000,000,000 events");
	return limit;
}

void state_limits_read(struct state_limits *out, struct wire_reader *r)
{
	if (wire_get_map(r) != 3)
		wire_fail(r, "the limits are those of a key, an organisation and of restrictions");
	out->key = read_limit(r, 1);
	out->organisation = read_limit(r, 2);
	out->restrictions = read_limit(r, 3);
}

/* ---- Buckets ----------------------------------------------------------------- */

void state_bucket_encode(uint8_t value[STATE_BUCKET_BYTES], const struct state_bucket *bucket)
{
	base_put_u64be(value, bucket->level);
	base_put_u64be(value + 8, bucket->time);
}

struct state_bucket state_bucket_decode(const uint8_t value[STATE_BUCKET_BYTES])
{
	return (struct state_bucket){base_get_u64be(value), base_get_u64be(value + 8)};
}

/* What is in it now. The limit may have changed since: there is never more in it than it allows. */
static uint64_t level_at(const struct state_bucket *bucket, const struct state_limit *limit, struct base_time now)
{
	uint64_t full = limit->burst * TOKEN, level = bucket->level, elapsed;

	if (bucket->time == 0 || level >= full)
		return full;
	elapsed = now.ms > bucket->time ? now.ms - bucket->time : 0;
	if (elapsed > (full - level) / limit->refill)
		return full;
	return level + elapsed * limit->refill;
}

bool state_bucket_has(const struct state_bucket *bucket, const struct state_limit *limit, struct base_time now)
{
	return level_at(bucket, limit, now) >= TOKEN;
}

void state_bucket_charge(struct state_bucket *bucket, const struct state_limit *limit, struct base_time now)
{
	bucket->level = level_at(bucket, limit, now) - TOKEN;
	bucket->time = now.ms;
}

size_t state_bucket_key(uint8_t key[STATE_BUCKET_KEY_BYTES_MAX], struct base_slice organisation)
{
	BASE_ASSERT(organisation.len <= STATE_TOKEN_BYTES_MAX);
	key[0] = SIDE_BUCKET;
	memcpy(key + 1, organisation.data, organisation.len);
	return 1 + organisation.len;
}

/* ---- One event --------------------------------------------------------------- */

bool state_is_restriction(const struct events_event *event)
{
	struct base_slice body;
	uint64_t act;

	if (event->envelope.kind->id == EVENTS_ACTOR_REVOKE || event->envelope.kind->id == EVENTS_ACCESS_REVOKE)
		return true;
	return event->envelope.kind->id == EVENTS_CONSENT && state_act_of(event->envelope.body, 2, &act, &body) &&
	       (act == EVENTS_CONSENT_WITHDRAW || act == EVENTS_CONSENT_OBJECT);
}

static enum base_code load_bucket(struct state_exec *exec, struct state_organisation *organisation,
				  struct base_slice code_of, struct base_error *err)
{
	uint8_t key[STATE_BUCKET_KEY_BYTES_MAX];
	struct base_slice value;
	enum base_code code;

	if (organisation->has_bucket)
		return BASE_OK;
	code = exec->view->side_get(exec->view->arg, base_slice(key, state_bucket_key(key, code_of)), &value, err);
	if (code == BASE_OK && value.len != STATE_BUCKET_BYTES)
		return base_fail(err, BASE_STORAGE, "the record of what %.*s may record is damaged", (int)code_of.len,
				 (const char *)code_of.data);
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return base_wrap(err, code, "read what %.*s may record", (int)code_of.len, (const char *)code_of.data);
	organisation->bucket = code == BASE_OK ? state_bucket_decode(value.data) : (struct state_bucket){0, 0};
	organisation->has_bucket = true;
	return BASE_OK;
}

static enum base_code load(struct state_judge *judge, struct base_error *err)
{
	struct state_exec *exec = judge->exec;
	struct state_signer *signer = judge->signer;
	struct base_slice organisation = state_actor_organisation(base_slice_text(signer->key.actor));
	struct state_governance *governance;
	enum base_code code;

	if (exec->governance == NULL) {
		if ((code = state_governance_open(exec, &governance, err)) != BASE_OK)
			return code;
		exec->governance = governance;
	}
	if (signer->organisation == NULL) {
		code = state_organisation_open(exec, organisation, &signer->organisation, err);
		if (code != BASE_OK)
			return code;
	}
	return load_bucket(exec, signer->organisation, organisation, err);
}

static enum base_code refuse(const char *whose, const struct state_limit *limit, struct base_error *err)
{
	return base_fail(err, BASE_REFUSED,
			 "%s has recorded too much at once: this ledger takes %llu events and then %llu more a second; send it "
			 "again later",
			 base_message(whose), (unsigned long long)limit->burst, (unsigned long long)limit->refill);
}

enum base_code state_limits_check(struct state_judge *judge, struct base_error *err)
{
	const struct state_limits *limits;
	struct state_signer *signer = judge->signer;
	struct base_time now = judge->exec->time;
	enum base_code code = load(judge, err);

	if (code != BASE_OK)
		return code;
	limits = &judge->exec->governance->limits;
	if (judge->restriction)
		return state_bucket_has(&signer->slots.restrictions, &limits->restrictions, now)
			       ? BASE_OK
			       : refuse("its key", &limits->restrictions, err);
	if (!state_bucket_has(&signer->slots.bucket, &limits->key, now))
		return refuse("its key", &limits->key, err);
	if (!state_bucket_has(&signer->organisation->bucket, &limits->organisation, now))
		return refuse("its organisation", &limits->organisation, err);
	return BASE_OK;
}

void state_limits_charge(struct state_judge *judge)
{
	struct state_exec *exec = judge->exec;
	const struct state_limits *limits = &exec->governance->limits;
	struct state_organisation *organisation = judge->signer->organisation;

	if (judge->restriction) {
		state_bucket_charge(&judge->signer->slots.restrictions, &limits->restrictions, exec->time);
		return;
	}
	state_bucket_charge(&judge->signer->slots.bucket, &limits->key, exec->time);
	state_bucket_charge(&organisation->bucket, &limits->organisation, exec->time);
	if (organisation->bucket_dirty)
		return;
	organisation->bucket_dirty = true;
	exec->organisations = state_grow(exec->organisations, &exec->organisation_cap, exec->organisation_count,
					 sizeof(struct state_organisation *));
	exec->organisations[exec->organisation_count++] = organisation;
}
