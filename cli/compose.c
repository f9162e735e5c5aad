/* Envelope, signature, block, receipt: where every recording command ends. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

void cli_draft_free(struct cli_draft *draft)
{
	base_buf_free(&draft->body);
	base_buf_free(&draft->refs);
	base_buf_free(&draft->sealed);
	base_buf_free(&draft->bytes);
}

/* "body.items[0].category: …" says where the event has it; who typed an option of that name reads "--category: …". */
static void name_option(const struct cli *cli, struct base_error *err)
{
	size_t path = err != NULL ? strcspn(err->text, ": ") : 0;
	char member[64], rest[BASE_ERROR_BYTES];
	size_t from = path, len;

	if (path == 0 || err->text[path] != ':' || strncmp(err->text, "body.", 5) != 0)
		return;
	while (err->text[from - 1] != '.')
		from--;
	len = strcspn(err->text + from, "[:");
	if (len >= sizeof(member))
		return;
	memcpy(member, err->text + from, len);
	member[len] = '\0';
	for (char *c = member; *c != '\0'; c++)
		*c = *c == '_' ? '-' : *c;
	if (!cli_has(cli, member))
		return;
	snprintf(rest, sizeof(rest), "%s", err->text + path);
	snprintf(err->text, sizeof(err->text), "--%s%.900s", member, rest);
}

enum base_code cli_draft_json(const struct cli *cli, struct cli_draft *draft, const char *kind, const char *study, json_t *body,
			      struct base_error *err)
{
	struct events_document document;
	json_t *json;
	char *text;
	enum base_code code;

	if (body == NULL)
		return base_fail(err, BASE_USAGE, "an argument is not UTF-8");
	/* Only the body is kept: the envelope comes from the options when it is signed. */
	json = json_pack("{s:s, s:o, s:s, s:{s:s}, s:s}", "kind", kind, "body", body, "when", "2026-01-01", "capacity", "code", "own",
			 "meaning", "authored");
	if (study != NULL)
		json_object_set_new(json, "study", json_string(study));
	if (events_kind_by_name(base_slice_text(kind))->needs_reason) {
		if (!cli_has(cli, "reason")) {
			json_decref(json);
			return base_fail(err, BASE_USAGE, "--reason is missing: why is it done? Such as --reason source-corrected; `regesta template "
							  "%s` lists the codes", kind);
		}
		json_object_set_new(json, "reason", json_pack("{s:s}", "code", "other"));
	}
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	BASE_ASSERT(text != NULL);
	*draft = (struct cli_draft){.kind = kind, .study = study};
	code = events_document_parse(&document, base_slice_text(text), err);
	free(text);
	if (code != BASE_OK) {
		name_option(cli, err);
		return code == BASE_MALFORMED ? BASE_USAGE : code;
	}
	base_buf_append(&draft->body, document.envelope.body);
	events_document_free(&document);
	return BASE_OK;
}

/* ---- Sealing ---- */

static enum base_code seal_keys(struct cli_session *s, struct keys_public recipients[2], struct base_error *err)
{
	const struct keys_private *seal = keys_identity_find(&s->identity, KEYS_SEAL);

	if (seal == NULL)
		return base_fail(err, BASE_KEY, "the key file of %s holds no sealing key", s->actor);
	recipients[0] = *keys_private_public(seal);
	return cli_recovery_key(s, s->organisation, &recipients[1], err);
}

enum base_code cli_seal(struct cli_session *s, const char *study, struct base_slice participant, uint64_t len, payload_read_fn read,
			void *read_arg, struct cli_sealed *out, struct base_error *err)
{
	const struct keys_private *sign = keys_identity_find(&s->identity, KEYS_SIGN);
	struct payload_context context = {.ledger = *chain_id(s->chain), .study = study, .organisation = s->organisation};
	struct keys_public recipients[2];
	struct base_hash kid = keys_kid(keys_private_public(sign));
	uint8_t key[32];
	enum base_code code = study != NULL ? cli_study_check(s, study, err) : BASE_OK;

	if (code == BASE_OK)
		code = cli_session_payloads(s, true, err);
	if (code == BASE_OK)
		code = seal_keys(s, recipients, err);
	if (code == BASE_OK)
		code = payload_store_seal(s->payloads, &context, len, read, read_arg, recipients, 2, &out->cid, key, &out->len, err);
	if (code == BASE_OK)
		out->commitment = payload_commitment(key, chain_id(s->chain), study, participant, &kid, &out->cid);
	base_wipe(key, sizeof(key));
	return code;
}

struct sole {
	struct base_slice participant;
	bool several;
};

static bool look_at_item(void *arg, size_t index, const struct events_item *item)
{
	struct sole *sole = arg;

	(void)index;
	if (item->participant.len == 0)
		return true;
	if (sole->participant.len == 0)
		sole->participant = item->participant;
	else if (!base_slice_equal(sole->participant, item->participant))
		sole->several = true;
	return !sole->several;
}

struct base_slice cli_sole_participant_of(const struct events_event *event)
{
	struct sole sole = {0};

	if (event->envelope.kind->needs_study)
		events_items(event, look_at_item, &sole);
	return sole.several ? base_slice(NULL, 0) : sole.participant;
}

struct base_slice cli_sole_participant(const struct cli_draft *draft)
{
	struct events_event event = {0};

	event.envelope.kind = events_kind_by_name(base_slice_text(draft->kind));
	event.envelope.body = base_buf_slice(&draft->body);
	return cli_sole_participant_of(&event);
}

struct memory_source {
	struct base_slice left;
};

static enum base_code read_memory(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct memory_source *source = arg;

	(void)err;
	*got = source->left.len < cap ? source->left.len : cap;
	if (*got > 0)
		memcpy(buf, source->left.data, *got);
	source->left.data += *got;
	source->left.len -= *got;
	return BASE_OK;
}

enum base_code cli_seal_bytes(struct cli_session *s, const char *study, struct base_slice participant, struct base_slice bytes,
			      struct cli_sealed *out, struct base_error *err)
{
	struct memory_source source = {bytes};

	return cli_seal(s, study, participant, bytes.len, read_memory, &source, out, err);
}

void cli_draft_sealed(struct cli_draft *draft, const struct cli_sealed *sealed)
{
	struct base_buf list = BASE_BUF_INIT;
	struct base_slice before = {0};
	struct wire_reader r;
	uint8_t cid[WIRE_CID_BYTES];
	uint64_t count = 0;

	if (draft->sealed.len > 0) {
		wire_read(&r, base_buf_slice(&draft->sealed));
		count = wire_get_array(&r);
		before = base_slice(draft->sealed.data + r.at, draft->sealed.len - r.at);
	}
	wire_put_array(&list, count + 1);
	base_buf_append(&list, before);
	wire_cid_bytes(cid, &sealed->cid);
	wire_put_array(&list, 2);
	wire_put_bytes(&list, base_slice(cid, sizeof(cid)));
	wire_put_hash(&list, &sealed->commitment);
	base_buf_free(&draft->sealed);
	draft->sealed = list;
}

/* ---- The envelope ---- */

static void now_when(struct events_when *when, struct base_time now)
{
	time_t seconds = (time_t)(now.ms / 1000);
	struct tm local;

	*when = (struct events_when){.precision = EVENTS_POINT, .utc_ms = now.ms};
	if (localtime_r(&seconds, &local) != NULL) {
		when->has_offset = true;
		when->offset_min = (int16_t)(local.tm_gmtoff / 60);
	}
}

static enum base_code code_named(enum events_list list, const char *text, uint64_t *out, struct base_error *err)
{
	const struct events_codes *codes = events_codes_of(list);
	const struct events_code *found = events_code_by_name(codes, base_slice_text(text));
	struct base_buf all = BASE_BUF_INIT;
	const char *names[64];
	const char *near;
	enum base_code code;

	if (found != NULL) {
		*out = found->number;
		return BASE_OK;
	}
	for (size_t i = 0; i < codes->count && i < 64; i++)
		names[i] = codes->codes[i].name;
	near = cli_nearest(text, names, codes->count < 64 ? codes->count : 64);
	if (near != NULL)
		return base_fail(err, BASE_USAGE, "unknown code \"%.60s\"; did you mean \"%s\"?", text, near);
	for (size_t i = 0; i < codes->count; i++)
		base_buf_print(&all, "%s%s", i > 0 ? ", " : "", codes->codes[i].name);
	code = base_fail(err, BASE_USAGE, "unknown code \"%.60s\"; it is one of %.*s", text, (int)all.len, (const char *)all.data);
	base_buf_free(&all);
	return code;
}

static enum base_code code_option(const struct cli *cli, const char *option, enum events_list list, uint64_t *out, struct base_error *err)
{
	const char *text = cli_get(cli, option);

	return text == NULL ? BASE_OK : base_wrap(err, code_named(list, text, out, err), "--%s", option);
}

enum base_code cli_code_check(enum events_list list, const char *text, struct base_error *err)
{
	uint64_t ignored;

	return code_named(list, text, &ignored, err);
}

/* A day's grace: a date without zone may be tomorrow here and today where it was written. */
static enum base_code not_future(const struct events_when *when, struct base_time now, enum base_code code, struct base_error *err)
{
	char text[64];

	if (when->utc_ms <= now.ms + UINT64_C(24) * 3600 * 1000)
		return BASE_OK;
	events_when_format(text, when);
	return base_fail(err, code, "%s is in the future; what is recorded has happened", text);
}

enum base_code cli_collected_check(const char *text, struct base_error *err)
{
	struct events_when when;
	enum base_code code = events_when_parse(&when, base_slice_text(text), err);

	if (code == BASE_OK)
		code = not_future(&when, base_time_now(), BASE_USAGE, err);
	return code == BASE_MALFORMED ? BASE_USAGE : code;
}

struct document_times {
	struct base_time now;
	struct base_error *err;
	enum base_code code;
};

static bool look_at_collected(void *arg, size_t index, const struct events_item *item)
{
	struct document_times *times = arg;

	if (item->has_collected)
		times->code = base_wrap(times->err, not_future(&item->collected, times->now, BASE_MALFORMED, times->err),
					"item #%zu: collected", index);
	return times->code == BASE_OK;
}

static enum base_code document_not_future(const struct events_envelope *envelope, struct base_error *err)
{
	struct events_event event = {.envelope = *envelope};
	struct document_times times = {envelope->claimed, err, BASE_OK};

	times.code = base_wrap(err, not_future(&envelope->when, envelope->claimed, BASE_MALFORMED, err), "when");
	if (times.code == BASE_OK)
		events_items(&event, look_at_collected, &times);
	return times.code;
}

static enum base_code reason_text(struct cli_session *s, struct cli_draft *draft, struct events_envelope *envelope, struct base_error *err)
{
	const char *path = cli_get(s->cli, "reason-text");
	struct base_buf text = BASE_BUF_INIT;
	struct cli_sealed out;
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	if (!envelope->has_reason)
		return base_fail(err, BASE_USAGE, "--reason-text explains a --reason; give its code too");
	code = base_file_read(&text, strcmp(path, "-") == 0 ? "/dev/stdin" : path, 65536, err);
	if (code == BASE_OK)
		code = cli_seal_bytes(s, draft->study, cli_sole_participant(draft), base_buf_slice(&text), &out, err);
	base_buf_wipe(&text);
	if (code != BASE_OK)
		return base_wrap(err, code, "--reason-text");
	envelope->has_reason_text = true;
	envelope->reason_text = out.cid;
	/* Its commitment goes into `sealed`, as every sealed payload's. */
	cli_draft_sealed(draft, &out);
	return BASE_OK;
}

static enum base_code fill_from_options(struct cli_session *s, struct cli_draft *draft, struct events_envelope *e, struct base_error *err)
{
	const char *when = cli_get(s->cli, "when");
	const char *behalf = cli_get(s->cli, "on-behalf-of");
	enum base_code code;

	now_when(&e->when, e->claimed);
	if (when != NULL && (code = cli_when_parse(&e->when, when, err)) != BASE_OK)
		return base_wrap(err, code == BASE_MALFORMED ? BASE_USAGE : code, "--when");
	if (when != NULL && (code = not_future(&e->when, e->claimed, BASE_USAGE, err)) != BASE_OK)
		return base_wrap(err, code, "--when");
	e->capacity.code = draft->capacity != 0 ? draft->capacity : EVENTS_CAPACITY_OWN;
	e->capacity.has_source = draft->has_source;
	e->capacity.source = draft->source;
	if ((code = code_option(s->cli, "capacity", EVENTS_CAPACITIES, &e->capacity.code, err)) != BASE_OK)
		return code;
	if (behalf != NULL)
		e->capacity.on_behalf_of = base_slice_text(behalf);
	e->meaning = 1;
	if ((code = code_option(s->cli, "meaning", EVENTS_MEANINGS, &e->meaning, err)) != BASE_OK)
		return code;
	e->has_reason = cli_has(s->cli, "reason");
	if ((code = code_option(s->cli, "reason", EVENTS_REASONS, &e->reason, err)) != BASE_OK)
		return code;
	return reason_text(s, draft, e, err);
}

static enum base_code sign_envelope(struct cli_session *s, struct cli_draft *draft, struct events_envelope *e, struct base_error *err)
{
	const struct keys_private *key = keys_identity_find(&s->identity, KEYS_SIGN);
	struct events_event event;
	enum base_code code;

	draft->bytes.len = 0;
	code = events_sign(&draft->bytes, e, s->actor, draft->study != NULL ? draft->study : chain_origin(s->chain), key, err);
	if (code == BASE_OK)
		code = events_decode(&event, base_buf_slice(&draft->bytes), err);
	if (code == BASE_OK)
		draft->id = event.id;
	return code;
}

enum base_code cli_sign(struct cli_session *s, struct cli_draft *draft, uint64_t ahead, struct base_error *err)
{
	const struct keys_private *key = keys_identity_find(&s->identity, KEYS_SIGN);
	struct events_envelope e = {0};
	struct base_hash kid = keys_kid(keys_private_public(key));
	enum base_code code;

	e.ledger = *chain_id(s->chain);
	e.kind = events_kind_by_name(base_slice_text(draft->kind));
	BASE_ASSERT(e.kind != NULL);
	e.claimed = base_time_now();
	if (draft->study != NULL && (code = cli_study_check(s, draft->study, err)) != BASE_OK)
		return code;
	if ((code = cli_session_number(s, err)) != BASE_OK || (code = cli_next_sequence(s, &kid, &e.sequence, err)) != BASE_OK)
		return code;
	e.sequence += ahead;
	if ((code = fill_from_options(s, draft, &e, err)) != BASE_OK)
		return code;
	e.refs = base_buf_slice(&draft->refs);
	e.sealed = base_buf_slice(&draft->sealed);
	e.body = base_buf_slice(&draft->body);
	return sign_envelope(s, draft, &e, err);
}

enum base_code cli_sign_document(struct cli_session *s, struct cli_draft *draft, const struct events_document *document,
				 uint64_t ahead, struct base_error *err)
{
	const struct keys_private *key = keys_identity_find(&s->identity, KEYS_SIGN);
	struct events_envelope e = document->envelope;
	struct base_hash kid = keys_kid(keys_private_public(key));
	enum base_code code;

	e.ledger = *chain_id(s->chain);
	e.claimed = base_time_now();
	if ((code = document_not_future(&e, err)) != BASE_OK || (code = cli_session_number(s, err)) != BASE_OK ||
	    (code = cli_next_sequence(s, &kid, &e.sequence, err)) != BASE_OK)
		return code;
	e.sequence += ahead;
	draft->kind = e.kind->name;
	draft->study = document->subject_study;
	return sign_envelope(s, draft, &e, err);
}

/* ---- Recording ---- */

enum base_code cli_record_quietly(struct cli_session *s, struct chain_submission *events, size_t count, struct base_error *err)
{
	uint64_t height;
	enum base_code code = BASE_OK;

	/* What the events refer to must be as durable as they will be. */
	for (size_t i = 0; i < count && code == BASE_OK; i++)
		code = cli_outbox_deliver(s, events[i].bytes, err);
	if (code == BASE_OK && s->payloads != NULL)
		code = base_wrap(err, payload_store_sync(s->payloads, err), "payload store");
	if (code != BASE_OK) {
		for (size_t i = 0; i < count; i++)
			events[i].code = code; /* none is recorded */
		return code;
	}
	code = chain_block(s->chain, base_time_now(), events, count, &height, err);
	cli_session_numbered(s);
	/* A block that is durable but could not be signed: what was recorded is said to be, or it would be recorded again. */
	for (size_t i = 0; i < count && code != BASE_OK; i++) {
		if (events[i].code == BASE_OK) {
			cli_warn(s->cli, "recorded, but the checkpoint could not be signed: %.900s", err->text);
			code = BASE_OK;
		}
	}
	if (code == BASE_OK && (code = cli_session_refresh(s, err)) != BASE_OK)
		code = base_wrap(err, code, "recorded, but the ledger cannot be read again");
	return code;
}

static json_t *result_json(struct cli_session *s, uint64_t index)
{
	struct chain_entry entry;
	struct events_event event;
	struct base_error ignored;

	if (cli_event_at(s, index, &entry, &event, &ignored) != BASE_OK)
		return json_null();
	return cli_entry_json(s, index, &entry, &event);
}

static void result_print(struct cli_session *s, const struct cli_draft *draft, const struct chain_submission *event)
{
	struct chain_entry entry;
	struct events_event decoded;
	struct base_error ignored;
	char id[65], time[BASE_TIME_TEXT_BYTES], words[768];
	bool denied = event->code == BASE_OK && event->outcome.verdict == STATE_DENY;

	if (cli_event_at(s, event->index, &entry, &decoded, &ignored) != BASE_OK)
		return;
	base_hex(id, base_hash_slice(&draft->id));
	base_time_format(time, entry.time, 0);
	if (event->code == BASE_EXISTS)
		snprintf(words, sizeof(words), _("was recorded already"));
	else
		cli_entry_outcome_words(s, event->index, &decoded, &event->outcome, words, sizeof(words));
	printf(_("%s%s%s  %s: %s\n  at %s, block %llu, entry #%llu\n"), cli_style(s->cli, denied ? CLI_BAD : CLI_GOOD), id,
	       cli_style(s->cli, CLI_PLAIN), draft->kind, words, time, (unsigned long long)entry.height, (unsigned long long)event->index);
}

static enum base_code write_receipt(struct cli_session *s, uint64_t index, size_t number, size_t count, struct base_error *err)
{
	const char *path = cli_get(s->cli, "receipt");
	struct base_buf text = BASE_BUF_INIT;
	char numbered[4200];
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	if (count > 1) {
		snprintf(numbered, sizeof(numbered), "%s.%zu", path, number + 1);
		path = numbered;
	}
	code = chain_read_receipt(s->read, index, &text, err);
	if (code == BASE_OK)
		code = base_file_write(path, base_buf_slice(&text), 0600, true, err);
	base_buf_free(&text);
	if (code == BASE_OK && !s->cli->json)
		printf(_("  receipt: %s\n"), path);
	return base_wrap(err, code, "the event is recorded, but not its receipt (`regesta receipt` writes it again)");
}

static enum base_code dry_run(struct cli_session *s, struct cli_draft *drafts, size_t count, struct base_error *err)
{
	json_t *list = json_array();
	struct events_event event;
	enum base_code code = BASE_OK;

	(void)s;
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		struct base_buf json = BASE_BUF_INIT;

		code = events_decode(&event, base_buf_slice(&drafts[i].bytes), err);
		if (code == BASE_OK) {
			events_to_json(&json, &event);
			json_array_append_new(list, json_loadb((const char *)json.data, json.len, 0, NULL));
		}
		base_buf_free(&json);
	}
	if (code == BASE_OK)
		cli_print_json(json_pack("{s:b, s:o}", "dry_run", 1, "events", json_incref(list)));
	json_decref(list);
	return code;
}

static enum base_code report(struct cli_session *s, struct cli_draft *drafts, struct chain_submission *events, size_t count,
			     struct base_error *err)
{
	json_t *list = json_array(), *out;
	bool already = true;
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		already = already && events[i].code == BASE_EXISTS;
		if (events[i].code != BASE_OK && events[i].code != BASE_EXISTS) {
			code = base_fail(err, events[i].code, "%s: %.900s", drafts[i].kind, events[i].err.text);
			break;
		}
		if (s->cli->json)
			json_array_append_new(list, result_json(s, events[i].index));
		else
			result_print(s, &drafts[i], &events[i]);
		code = write_receipt(s, events[i].index, i, count, err);
	}
	for (size_t i = 0; i < count && code == BASE_OK; i++)
		if (events[i].code == BASE_OK && events[i].outcome.verdict == STATE_DENY)
			code = cli_denied(s, events[i].index, err);
	if (s->cli->json && (code == BASE_OK || code == BASE_DENIED)) {
		out = json_pack("{s:O}", "recorded", list);
		if (already)
			json_object_set_new(out, "already", json_true());
		cli_print_json(out);
	}
	json_decref(list);
	return code;
}

static enum base_code keep_for_later(struct cli_session *s, struct cli_draft *drafts, size_t count, struct base_error *err)
{
	json_t *list = json_array();
	char id[65];
	enum base_code code = s->payloads != NULL ? base_wrap(err, payload_store_sync(s->payloads, err), "payload store") : BASE_OK;

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		base_hex(id, base_hash_slice(&drafts[i].id));
		if ((code = cli_outbox_put(s, &drafts[i], err)) != BASE_OK)
			break;
		if (s->cli->json)
			json_array_append_new(list, json_pack("{s:s, s:s}", "event", id, "kind", drafts[i].kind));
		else
			printf(_("%s  %s: signed, waits in the outbox; `regesta push` records it\n"), id, drafts[i].kind);
	}
	cli_session_numbered(s);
	if (code == BASE_OK && s->cli->json)
		cli_print_json(json_pack("{s:O}", "outbox", list));
	json_decref(list);
	return code;
}

enum base_code cli_record(struct cli_session *s, struct cli_draft *drafts, size_t count, uint64_t *indices, struct base_error *err)
{
	struct chain_submission *events;
	enum base_code code;

	if (cli_has(s->cli, "dry-run"))
		return dry_run(s, drafts, count, err);
	if (cli_has(s->cli, "offline")) {
		for (size_t i = 0; i < count && indices != NULL; i++)
			indices[i] = 0;
		return keep_for_later(s, drafts, count, err);
	}
	events = base_alloc(count * sizeof(*events));
	for (size_t i = 0; i < count; i++)
		events[i].bytes = base_buf_slice(&drafts[i].bytes);
	code = cli_record_quietly(s, events, count, err);
	if (code == BASE_OK) {
		code = report(s, drafts, events, count, err);
		for (size_t i = 0; i < count && indices != NULL; i++)
			indices[i] = events[i].index;
		for (size_t i = 0; i < count; i++)
			if (events[i].code == BASE_OK)
				state_outcome_free(&events[i].outcome);
	}
	free(events);
	return code;
}

enum base_code cli_sign_and_record(struct cli_session *s, struct cli_draft *draft, struct base_error *err)
{
	enum base_code code = cli_sign(s, draft, 0, err);

	if (code == BASE_OK)
		code = cli_record(s, draft, 1, NULL, err);
	return code;
}
