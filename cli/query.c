/* What state says of actors, keys and organisations. Contents of facts: docs/formats/state.md. */
#include <string.h>

#include "cli/cli.h"

struct actor_walk {
	struct cli_actor *out;
	bool found;
};

static bool actor_fact(void *arg, const struct state_fact *fact)
{
	struct actor_walk *walk = arg;
	struct wire_reader r;

	switch (fact->kind) {
	case 0: /* genesis */
	case EVENTS_ORGANISATION_ADMIT:
	case EVENTS_ACTOR_ENROL:
		walk->found = true;
		if (events_find(fact->content, 1, &r))
			for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--)
				walk->out->roles |= EVENTS_ROLE(wire_get_uint(&r) & 63);
		if (events_find(fact->content, 2, &r))
			walk->out->kid = wire_get_hash(&r);
		break;
	case EVENTS_ACTOR_ROTATE: /* old, new */
		if (events_find(fact->content, 2, &r))
			walk->out->kid = wire_get_hash(&r);
		break;
	default:
		break;
	}
	return true;
}

enum base_code cli_actor_find(struct cli_session *s, const char *actor, struct cli_actor *out, struct base_error *err)
{
	struct actor_walk walk = {.out = out};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	struct state_key key;
	enum base_code code;

	*out = (struct cli_actor){0};
	if (!base_utf8_valid(base_slice_text(actor)))
		return base_fail(err, BASE_USAGE, "the actor's name is not UTF-8");
	chain_read_view(s->read, &view);
	wire_put_cstr(&reference, actor);
	code = state_record_walk(&view, STATE_ACTOR, base_slice(NULL, 0), base_buf_slice(&reference), actor_fact, &walk, err);
	base_buf_free(&reference);
	if (code == BASE_NOT_FOUND || (code == BASE_OK && !walk.found))
		return base_fail(err, BASE_NOT_FOUND, "no actor %.129s is enrolled in this ledger", actor);
	/* A revocation may be of an older key: the newest one's own record says whether it may still sign. */
	if (code == BASE_OK)
		code = base_wrap(err, state_key_read(&view, &out->kid, &key, err), "the key of %.129s", actor);
	out->active = code == BASE_OK && key.status == STATE_KEY_IS_ACTIVE;
	return code;
}

struct key_walk {
	struct keys_public *out;
	bool found;
};

static bool organisation_fact(void *arg, const struct state_fact *fact)
{
	struct key_walk *walk = arg;
	struct wire_reader r;
	struct base_error ignored;

	/* Title, country, role, recovery key. */
	if (events_find(fact->content, 4, &r) && keys_public_parse(walk->out, wire_get_raw(&r), &ignored) == BASE_OK)
		walk->found = true;
	return true;
}

enum base_code cli_recovery_key(struct cli_session *s, const char *organisation, struct keys_public *out, struct base_error *err)
{
	struct key_walk walk = {.out = out};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	enum base_code code;

	chain_read_view(s->read, &view);
	wire_put_cstr(&reference, organisation);
	code = state_record_walk(&view, STATE_ORGANISATION, base_slice(NULL, 0), base_buf_slice(&reference), organisation_fact, &walk, err);
	base_buf_free(&reference);
	if (code == BASE_NOT_FOUND || (code == BASE_OK && !walk.found))
		return base_fail(err, BASE_NOT_FOUND, "no organisation %s is admitted to this ledger", organisation);
	return code;
}

static bool any_fact(void *arg, const struct state_fact *fact)
{
	(void)arg;
	(void)fact;
	return false;
}

enum base_code cli_study_check(struct cli_session *s, const char *study, struct base_error *err)
{
	struct state_view view;
	enum base_code code;

	chain_read_view(s->read, &view);
	code = state_record_walk(&view, STATE_STUDY, base_slice_text(study), base_slice(NULL, 0), any_fact, NULL, err);
	if (code == BASE_NOT_FOUND)
		return base_fail(err, code, "no study \"%.64s\" is registered in this ledger; `regesta list studies` lists them", study);
	return code;
}

/* ---- Sealing keys ---- */

static bool key_fact(void *arg, const struct state_fact *fact)
{
	struct key_walk *walk = arg;
	struct wire_reader r;
	struct base_error ignored;

	if (events_find(fact->content, 4, &r) && keys_public_parse(walk->out, wire_get_raw(&r), &ignored) == BASE_OK)
		walk->found = true;
	return !walk->found;
}

static enum base_code sealing_of(struct cli_session *s, const struct base_hash *kid, struct keys_public *out, struct base_error *err)
{
	struct key_walk walk = {.out = out};
	struct base_buf reference = BASE_BUF_INIT;
	struct state_view view;
	enum base_code code;

	chain_read_view(s->read, &view);
	wire_put_hash(&reference, kid);
	code = state_record_walk(&view, STATE_KEY, base_slice(NULL, 0), base_buf_slice(&reference), key_fact, &walk, err);
	base_buf_free(&reference);
	if (code == BASE_NOT_FOUND || (code == BASE_OK && !walk.found))
		return base_fail(err, BASE_STORAGE, "the record of a key lacks its sealing key; run `regesta audit`");
	return code;
}

enum base_code cli_sealing_key(struct cli_session *s, const char *actor, struct keys_public *out, struct base_error *err)
{
	struct cli_actor found;
	enum base_code code = cli_actor_find(s, actor, &found, err);

	if (code == BASE_OK && !found.active)
		code = base_fail(err, BASE_KEY, "the key of %.129s is revoked", actor);
	return code == BASE_OK ? sealing_of(s, &found.kid, out, err) : code;
}

struct kids_walk {
	struct base_hash *kids;
	size_t max, count;
};

static bool kid_fact(void *arg, const struct state_fact *fact)
{
	struct kids_walk *walk = arg;
	struct wire_reader r;
	bool names_key = fact->kind == 0 || fact->kind == EVENTS_ORGANISATION_ADMIT || fact->kind == EVENTS_ACTOR_ENROL ||
			 fact->kind == EVENTS_ACTOR_ROTATE;

	if (names_key && events_find(fact->content, 2, &r) && walk->count < walk->max)
		walk->kids[walk->count++] = wire_get_hash(&r);
	return true;
}

enum base_code cli_sealing_kids(struct cli_session *s, const char *actor, struct base_hash *kids, size_t max, size_t *count,
				struct base_error *err)
{
	struct kids_walk walk = {.kids = kids, .max = max};
	struct base_buf reference = BASE_BUF_INIT;
	struct keys_public seal;
	struct state_view view;
	enum base_code code;

	chain_read_view(s->read, &view);
	wire_put_cstr(&reference, actor);
	code = state_record_walk(&view, STATE_ACTOR, base_slice(NULL, 0), base_buf_slice(&reference), kid_fact, &walk, err);
	base_buf_free(&reference);
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, code, "no actor %.129s is enrolled in this ledger", actor);
	for (size_t i = 0; i < walk.count && code == BASE_OK; i++)
		if ((code = sealing_of(s, &kids[i], &seal, err)) == BASE_OK)
			kids[i] = keys_kid(&seal);
	*count = walk.count;
	return code;
}

enum base_code cli_next_sequence(struct cli_session *s, const struct base_hash *kid, uint64_t *next, struct base_error *err)
{
	struct state_view view;
	struct base_slice value;
	uint8_t key[33] = {1};
	enum base_code code;

	memcpy(key + 1, kid->bytes, 32);
	chain_read_view(s->read, &view);
	code = view.side_get(view.arg, base_slice(key, sizeof(key)), &value, err);
	if (code == BASE_NOT_FOUND) {
		*next = 1;
		return cli_outbox_next(s, kid, next, err);
	}
	if (code == BASE_OK && value.len < 8)
		return base_fail(err, BASE_STORAGE, "the record of this key's sequence is damaged; run `regesta audit`");
	if (code != BASE_OK)
		return code;
	*next = base_get_u64be(value.data) + 1;
	return cli_outbox_next(s, kid, next, err);
}
