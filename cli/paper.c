#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/paper.h"

#define SCAN_BYTES_MAX (256u << 20)
#define PROVISIONS_BYTES_MAX (64u << 10)
#define NEST_MAX 8

/* ---- Codes ---- */

enum base_code paper_code(const struct cli *cli, const char *option, enum events_list list, const char **out, struct base_error *err)
{
	*out = cli_get(cli, option);
	return *out == NULL ? BASE_OK : base_wrap(err, cli_code_check(list, *out, err), "--%s", option);
}

enum base_code paper_time(const struct cli *cli, const char *option, const char **out, struct base_error *err)
{
	struct events_when ignored;

	*out = cli_get(cli, option);
	return *out == NULL ? BASE_OK : base_wrap(err, cli_when_parse(&ignored, *out, err), "--%s", option);
}

/* DUO knows terms for what research is for and for conditions of it; people mix them up. */
static const struct events_code *modifier_find(const char *text)
{
	const struct events_codes *codes = events_codes_of(EVENTS_USE_MODIFIERS);
	char lower[32];
	size_t len = strlen(text);
	uint64_t number;

	if (len == 0 || len >= sizeof(lower))
		return NULL;
	for (size_t i = 0; i <= len; i++)
		lower[i] = (char)tolower((unsigned char)text[i]);
	if (strncmp(lower, "duo:", 4) == 0 && len == 11)
		return base_parse_u64(base_slice_text(lower + 4 + strspn(lower + 4, "0")), &number) ? events_code_by_number(codes, number) : NULL;
	return events_code_by_name(codes, base_slice_text(strncmp(lower, "duo.", 4) == 0 ? lower + 4 : lower));
}

static enum base_code no_purpose(const char *text, struct base_error *err)
{
	const struct events_codes *codes = events_codes_of(EVENTS_PURPOSES);
	const struct events_code *modifier = modifier_find(text), *code;
	const char *names[256], *near;
	char lower[64];
	size_t count = 0;

	if (modifier != NULL)
		return base_fail(err, BASE_USAGE, "\"%.60s\" is a condition, not a purpose (%s): give it as --modifier %s", text, _(modifier->words),
				 modifier->name);
	snprintf(lower, sizeof(lower), "%s", text);
	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	for (size_t i = 0; i < codes->count && count + 2 <= 256; i++) {
		names[count++] = codes->codes[i].name + 4; /* without "duo." or "hl7." */
		names[count++] = codes->codes[i].name;
	}
	near = cli_nearest(lower, names, count);
	code = near != NULL ? events_purpose_find(base_slice_text(near)) : NULL;
	if (code == NULL)
		return base_fail(err, BASE_USAGE, "unknown purpose \"%.60s\"; docs/records.md lists them, such as duo.gru (GRU, DUO:0000042) or hl7.hresch",
				 text);
	return base_fail(err, BASE_USAGE, "unknown purpose \"%.60s\"; the nearest known is \"%s\": %s", text, code->name, _(code->words));
}

enum base_code paper_purpose(const char *text, uint64_t *out, struct base_error *err)
{
	const struct events_code *code = events_purpose_find(base_slice_text(text));

	if (code == NULL)
		return no_purpose(text, err);
	*out = code->number;
	return BASE_OK;
}

/* One value of a list as the schema wants it, consumed text; NULL with err set. */
typedef enum base_code (*word_fn)(const char *text, json_t **out, struct base_error *err);

static enum base_code purpose_word(const char *text, json_t **out, struct base_error *err)
{
	const struct events_code *code = events_purpose_find(base_slice_text(text));

	if (code == NULL)
		return no_purpose(text, err);
	*out = json_string(code->name);
	return BASE_OK;
}

static enum base_code modifier_word(const char *text, json_t **out, struct base_error *err)
{
	const struct events_code *code = modifier_find(text);

	if (code == NULL)
		return cli_code_check(EVENTS_USE_MODIFIERS, text, err);
	*out = json_string(code->name);
	return BASE_OK;
}

static enum base_code plain_word(const char *text, json_t **out, struct base_error *err)
{
	(void)err;
	*out = json_string(text);
	return BASE_OK;
}

static enum base_code coded_word(enum events_list list, const char *text, json_t **out, struct base_error *err)
{
	*out = json_string(text);
	return cli_code_check(list, text, err);
}

static enum base_code use_word(const char *text, json_t **out, struct base_error *err)
{
	return coded_word(EVENTS_USES, text, out, err);
}

static enum base_code category_word(const char *text, json_t **out, struct base_error *err)
{
	return coded_word(EVENTS_CATEGORIES, text, out, err);
}

static enum base_code mode_word(const char *text, json_t **out, struct base_error *err)
{
	return coded_word(EVENTS_MODES, text, out, err);
}

/* "a,b" and "c" given as two options: one list under member. */
static enum base_code take_list(const struct cli *cli, const char *option, const char *member, word_fn word_of, json_t *provision,
				struct base_error *err)
{
	json_t *list = json_array();
	const char *text;
	enum base_code code = BASE_OK;

	for (size_t i = 0; (text = cli_get_nth(cli, option, i)) != NULL && code == BASE_OK; i++) {
		while (code == BASE_OK) {
			size_t len = strcspn(text, ",");
			char *word = strndup(text, len);
			json_t *value = NULL;

			BASE_ASSERT(word != NULL);
			code = len == 0 ? base_fail(err, BASE_USAGE, "a comma with nothing before or after it") : word_of(word, &value, err);
			free(word);
			if (code == BASE_OK)
				json_array_append(list, value);
			json_decref(value);
			if (text[len] == '\0')
				break;
			text += len + 1;
		}
	}
	if (code == BASE_OK && json_array_size(list) > 0)
		json_object_set(provision, member, list);
	json_decref(list);
	return base_wrap(err, code, "--%s", option);
}

/* ---- Forms ---- */

/* The last three fields are cut off from behind: a path may hold colons. */
static bool split_form(char *text, char *fields[4])
{
	for (size_t i = 3; i > 0; i--) {
		char *colon = strrchr(text, ':');

		if (colon == NULL || colon[1] == '\0')
			return false;
		fields[i] = colon + 1;
		*colon = '\0';
	}
	fields[0] = text;
	return text[0] != '\0';
}

enum base_code paper_form(const char *text, json_t **out, struct base_error *err)
{
	char *copy = strdup(text), *fields[4] = {NULL}, cid_text[WIRE_CID_TEXT_BYTES];
	struct wire_cid cid;
	enum base_code code = BASE_OK;

	BASE_ASSERT(copy != NULL);
	if (!split_form(copy, fields))
		code = base_fail(err, BASE_USAGE, "\"%.200s\" is not FILE:VERSION:LANGUAGE:AUDIENCE, such as form.pdf:2.1:de:adult", text);
	else if (strncmp(fields[0], "baf", 3) == 0 && strlen(fields[0]) == 59)
		code = wire_cid_parse_text(&cid, base_slice_text(fields[0]), err);
	else
		code = payload_cid_path(&cid, fields[0], err);
	if (code == BASE_OK && !events_text_valid(EVENTS_TOKEN, base_slice_text(fields[1])))
		code = base_fail(err, BASE_USAGE, "the version \"%.60s\" is not of small letters, digits, dots and hyphens, such as 2.1", fields[1]);
	if (code == BASE_OK && !events_text_valid(EVENTS_TOKEN, base_slice_text(fields[2])))
		code = base_fail(err, BASE_USAGE, "the language \"%.60s\" is not a code in small letters, such as de", fields[2]);
	if (code == BASE_OK)
		code = base_wrap(err, cli_code_check(EVENTS_AUDIENCES, fields[3], err), "the audience");
	if (code == BASE_OK) {
		wire_cid_text(cid_text, &cid);
		*out = json_pack("{s:s, s:s, s:s, s:s}", "cid", cid_text, "version", fields[1], "language", fields[2], "audience", fields[3]);
	}
	free(copy);
	return base_wrap(err, code, "--form");
}

enum base_code paper_forms(const struct cli *cli, json_t **out, struct base_error *err)
{
	const char *text;
	enum base_code code = BASE_OK;

	*out = NULL;
	for (size_t i = 0; (text = cli_get_nth(cli, "form", i)) != NULL && code == BASE_OK; i++) {
		json_t *form = NULL;

		if ((code = paper_form(text, &form, err)) == BASE_OK) {
			if (*out == NULL)
				*out = json_array();
			json_array_append_new(*out, form);
		}
	}
	if (code != BASE_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return code;
}

/* ---- Signatures ---- */

static void today(char out[32])
{
	time_t now = (time_t)(base_time_now().ms / 1000);
	struct tm local = {0};
	long minutes;

	localtime_r(&now, &local);
	minutes = local.tm_gmtoff / 60;
	snprintf(out, 32, "%04d-%02d-%02d%c%02ld:%02ld", (local.tm_year + 1900) % 10000, (local.tm_mon + 1) % 100, local.tm_mday % 100,
		 minutes < 0 ? '-' : '+', labs(minutes) / 60 % 24, labs(minutes) % 60);
}

static enum base_code one_signer(const struct cli *cli, const char *text, json_t **out, struct base_error *err)
{
	const char *means = cli_get(cli, "means"), *when = cli_get(cli, "when"), *colon = strchr(text, ':');
	char *capacity = strndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text)), *own_means = NULL, day[32];
	struct events_when ignored;
	enum base_code code;

	BASE_ASSERT(capacity != NULL);
	if (colon != NULL) {
		size_t len = strcspn(colon + 1, ":");

		means = own_means = strndup(colon + 1, len);
		if (colon[1 + len] == ':')
			when = colon + 2 + len;
	}
	if (means == NULL)
		means = "paper";
	if (when == NULL) {
		today(day);
		when = day;
	}
	code = cli_code_check(EVENTS_SIGNERS, capacity, err);
	if (code == BASE_OK)
		code = cli_code_check(EVENTS_MEANS, means, err);
	if (code == BASE_OK)
		code = cli_when_parse(&ignored, when, err);
	if (code == BASE_OK)
		*out = json_pack("{s:s, s:s, s:s}", "capacity", capacity, "means", means, "when", when);
	free(capacity);
	free(own_means);
	return base_wrap(err, code, "--signer %.80s", text);
}

enum base_code paper_signers(const struct cli *cli, const char *capacity_default, json_t **out, struct base_error *err)
{
	const char *text, *ignored;
	enum base_code code = paper_code(cli, "means", EVENTS_MEANS, &ignored, err);

	*out = NULL;
	/* Who says by which means, and names nobody, means the participant: what was said on the command line is not dropped. */
	if (capacity_default == NULL && cli_get(cli, "means") != NULL)
		capacity_default = "self";
	for (size_t i = 0; code == BASE_OK; i++) {
		json_t *signer = NULL;

		text = cli_get_nth(cli, "signer", i);
		if (text == NULL && i == 0)
			text = capacity_default;
		if (text == NULL)
			break;
		if ((code = one_signer(cli, text, &signer, err)) == BASE_OK) {
			if (*out == NULL)
				*out = json_array();
			json_array_append_new(*out, signer);
		}
	}
	if (code != BASE_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return code;
}

/* ---- Provisions ---- */

static enum base_code take_period(const struct cli *cli, const char *from, const char *to, const char *member, json_t *provision,
				  struct base_error *err)
{
	json_t *period = json_object();
	const char *text;
	enum base_code code = paper_time(cli, from, &text, err);

	if (code == BASE_OK && text != NULL)
		json_object_set_new(period, "from", json_string(text));
	if (code == BASE_OK && (code = paper_time(cli, to, &text, err)) == BASE_OK && text != NULL)
		json_object_set_new(period, "to", json_string(text));
	if (code == BASE_OK && json_object_size(period) > 0)
		json_object_set(provision, member, period);
	json_decref(period);
	return code;
}

static enum base_code take_scope(const struct cli *cli, json_t *provision, struct base_error *err)
{
	enum base_code code;

	if ((code = take_list(cli, "purpose", "purposes", purpose_word, provision, err)) != BASE_OK ||
	    (code = take_list(cli, "category", "categories", category_word, provision, err)) != BASE_OK ||
	    (code = take_list(cli, "recipient", "recipients", plain_word, provision, err)) != BASE_OK ||
	    (code = take_list(cli, "country", "countries", plain_word, provision, err)) != BASE_OK ||
	    (code = take_list(cli, "mode", "modes", mode_word, provision, err)) != BASE_OK ||
	    (code = take_list(cli, "modifier", "modifiers", modifier_word, provision, err)) != BASE_OK ||
	    (code = take_list(cli, "disease", "diseases", plain_word, provision, err)) != BASE_OK ||
	    (code = take_period(cli, "from", "until", "valid", provision, err)) != BASE_OK)
		return code;
	return take_period(cli, "collected-from", "collected-until", "collected", provision, err);
}

/* A file names purposes as freely as --purpose does. */
static enum base_code name_purposes(json_t *provisions, const char *path, unsigned depth, struct base_error *err)
{
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < json_array_size(provisions) && code == BASE_OK; i++) {
		json_t *provision = json_array_get(provisions, i), *list = json_object_get(provision, "purposes");

		for (size_t j = 0; j < json_array_size(list) && code == BASE_OK; j++) {
			const char *text = json_string_value(json_array_get(list, j));
			json_t *value = NULL;

			if (text != NULL && (code = purpose_word(text, &value, err)) == BASE_OK)
				json_array_set_new(list, j, value);
		}
		if (code == BASE_OK && depth < NEST_MAX)
			code = name_purposes(json_object_get(provision, "provisions"), path, depth + 1, err);
	}
	return code;
}

static enum base_code from_file(const struct cli *cli, const char *path, json_t **out, struct base_error *err)
{
	static const char *const others[] = {"permit", "deny", "use", "purpose", "category", "recipient", "country", "mode", "modifier",
					     "disease", "from", "until", "collected-from", "collected-until"};
	struct base_buf text = BASE_BUF_INIT;
	json_error_t where;
	enum base_code code;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (cli_has(cli, others[i]))
			return base_fail(err, BASE_USAGE, "--provisions says everything; it goes without --%s", others[i]);
	code = base_file_read(&text, strcmp(path, "-") == 0 ? "/dev/stdin" : path, PROVISIONS_BYTES_MAX, err);
	if (code == BASE_OK) {
		*out = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &where);
		if (*out == NULL)
			code = base_fail(err, BASE_MALFORMED, "%s, line %d: %.200s", path, where.line, where.text);
		else if (!json_is_array(*out) || json_array_size(*out) == 0)
			code = base_fail(err, BASE_MALFORMED, "%s is not a list of provisions: [{\"effect\": \"permit\", \"uses\": [\"read\"]}]", path);
		else
			code = base_wrap(err, name_purposes(*out, path, 0, err), "%s", path);
	}
	base_buf_free(&text);
	if (code != BASE_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return base_wrap(err, code, "--provisions");
}

/* "all" stands for no list of uses. */
static enum base_code take_uses(const struct cli *cli, const char *option, json_t *provision, struct base_error *err)
{
	const char *first = cli_get(cli, option);

	if (first != NULL && strcmp(first, "all") == 0 && cli_get_nth(cli, option, 1) == NULL)
		return BASE_OK;
	return take_list(cli, option, "uses", use_word, provision, err);
}

enum base_code paper_provisions(const struct cli *cli, json_t **out, struct base_error *err)
{
	const char *path = cli_get(cli, "provisions");
	json_t *provision;
	enum base_code code = BASE_OK;

	*out = NULL;
	if (path != NULL)
		return from_file(cli, path, out, err);
	if (!cli_has(cli, "permit") && !cli_has(cli, "deny"))
		return base_fail(err, BASE_USAGE, "say what is permitted: --permit read,derive (or all), with --purpose, --category, ...; or --provisions FILE");
	*out = json_array();
	if (cli_has(cli, "permit")) {
		provision = json_pack("{s:s}", "effect", "permit");
		json_array_append_new(*out, provision);
		if ((code = take_uses(cli, "permit", provision, err)) == BASE_OK)
			code = take_scope(cli, provision, err);
	}
	if (code == BASE_OK && cli_has(cli, "deny")) {
		provision = json_pack("{s:s}", "effect", "deny");
		json_array_append_new(*out, provision);
		if ((code = take_uses(cli, "deny", provision, err)) == BASE_OK && !cli_has(cli, "permit"))
			code = take_scope(cli, provision, err);
	}
	if (code != BASE_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return code;
}

enum base_code paper_scope(const struct cli *cli, json_t **out, struct base_error *err)
{
	const char *path = cli_get(cli, "provisions");
	json_t *provision;
	enum base_code code;

	*out = NULL;
	if (path != NULL)
		return from_file(cli, path, out, err);
	provision = json_pack("{s:s}", "effect", "permit");
	if ((code = take_uses(cli, "use", provision, err)) == BASE_OK)
		code = take_scope(cli, provision, err);
	if (code == BASE_OK && json_object_size(provision) > 1)
		*out = json_pack("[O]", provision);
	json_decref(provision);
	return code;
}

/* ---- Scans, events ---- */

enum base_code paper_scan(struct cli_session *s, struct cli_draft *draft, const char *option, struct base_error *err)
{
	const char *path = cli_get(s->cli, option);
	struct base_buf bytes = BASE_BUF_INIT;
	struct cli_sealed sealed;
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	code = base_file_read(&bytes, strcmp(path, "-") == 0 ? "/dev/stdin" : path, SCAN_BYTES_MAX, err);
	if (code == BASE_OK)
		code = cli_seal_bytes(s, draft->study, cli_sole_participant(draft), base_buf_slice(&bytes), &sealed, err);
	base_buf_wipe(&bytes);
	if (code != BASE_OK)
		return base_wrap(err, code, "--%s", option);
	cli_draft_sealed(draft, &sealed);
	draft->has_source = true;
	draft->source = sealed.cid;
	if (draft->capacity == 0)
		draft->capacity = EVENTS_CAPACITY_TRANSCRIBED;
	return BASE_OK;
}

enum base_code paper_event(struct cli_session *s, const char *option, const char *text, char hex[65], struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_resolve(s, text, &index, &item, err);

	if (code == BASE_OK && (code = cli_event_at(s, index, &entry, &event, err)) == BASE_OK)
		base_hex(hex, base_hash_slice(&event.id));
	return option != NULL ? base_wrap(err, code, "--%s", option) : code;
}
