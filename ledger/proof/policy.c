/* Policies: C2SP tlog-policy, its whole grammar. docs/formats/policy.md
 *
 * Witnesses and groups are items in the order of their lines. A name is a member of one group at
 * most and of a later one only, so an item knows its one parent, and a quorum is judged in one
 * pass: each item that is met counts for its parent.
 */
#include "ledger/proof/proof_internal.h"

#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

struct item {
	struct base_slice name;
	size_t witness;   /* index of its key, or NONE for a group */
	size_t threshold; /* members of a group that must be met */
	size_t parent;    /* item, or NONE */
};

struct keys_list {
	struct proof_vkey *keys;
	size_t count, room;
};

struct proof_policy {
	struct base_buf text; /* names borrow from it */
	struct keys_list logs, witnesses;
	struct item *items;
	size_t item_count, item_room;
	bool has_quorum;
	size_t quorum; /* item; NONE: no cosignature is asked for */
};

/* ---- Reading ------------------------------------------------------------ */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The next item of a line; false at its end. */
static bool word_next(struct base_slice *line, struct base_slice *word)
{
	size_t start = 0, end;

	while (start < line->len && is_blank(line->data[start]))
		start++;
	for (end = start; end < line->len && !is_blank(line->data[end]);)
		end++;
	if (start == end)
		return false;
	*word = base_slice(line->data + start, end - start);
	*line = base_slice(line->data + end, line->len - end);
	return true;
}

static bool is_text(struct base_slice word, const char *text)
{
	return base_slice_equal(word, base_slice_text(text));
}

static size_t item_find(const struct proof_policy *policy, struct base_slice name)
{
	for (size_t i = 0; i < policy->item_count; i++)
		if (base_slice_equal(policy->items[i].name, name))
			return i;
	return NONE;
}

static enum base_code item_add(struct proof_policy *policy, struct base_slice name, size_t witness, size_t threshold,
			       struct base_error *err)
{
	if (is_text(name, "none"))
		return base_fail(err, BASE_MALFORMED, "the name \"none\" is reserved");
	if (item_find(policy, name) != NONE)
		return base_fail(err, BASE_MALFORMED, "the name \"%.*s\" is defined twice", PROOF_SHOW(name));
	if (policy->item_count == PROOF_POLICY_LINES_MAX)
		return base_fail(err, BASE_LIMIT, "more than %d witnesses and groups", PROOF_POLICY_LINES_MAX);
	if (policy->item_count == policy->item_room) {
		policy->item_room = policy->item_room * 2 + 8;
		policy->items = base_realloc(policy->items, policy->item_room * sizeof(*policy->items));
	}
	policy->items[policy->item_count++] =
		(struct item){.name = name, .witness = witness, .threshold = threshold, .parent = NONE};
	return BASE_OK;
}

static bool same_line(const struct proof_vkey *a, const struct proof_vkey *b)
{
	return a->key_id == b->key_id && strcmp(a->name, b->name) == 0;
}

static bool same_key(const struct proof_vkey *a, const struct proof_vkey *b)
{
	return a->material_len == b->material_len && memcmp(a->material, b->material, a->material_len) == 0;
}

/* Reads a vkey and, if there is one, a URL; nothing may follow. */
static enum base_code key_add(struct proof_policy *policy, struct keys_list *list, struct base_slice line,
			      const char *what, struct base_error *err)
{
	struct base_slice word, rest;
	struct proof_vkey key;
	enum base_code code;

	if (!word_next(&line, &word))
		return base_fail(err, BASE_MALFORMED, "a %s line without a verifier key", what);
	if ((code = proof_vkey_parse(&key, word, err)) != BASE_OK)
		return code;
	if (word_next(&line, &word) && word_next(&line, &rest))
		return base_fail(err, BASE_MALFORMED, "\"%.*s\" after the URL of a %s", PROOF_SHOW(rest), what);
	for (size_t i = 0; i < list->count; i++)
		if (same_key(&list->keys[i], &key))
			return base_fail(err, BASE_MALFORMED, "the public key of %s is in two %s lines", key.name,
					 what);
	/* One signature line of a note must name one key. */
	for (size_t i = 0; i < policy->logs.count + policy->witnesses.count; i++)
		if (same_line(i < policy->logs.count ? &policy->logs.keys[i]
						     : &policy->witnesses.keys[i - policy->logs.count],
			      &key))
			return base_fail(err, BASE_MALFORMED, "two keys are called %s and have the same key id",
					 key.name);
	if (list->count == PROOF_POLICY_LINES_MAX)
		return base_fail(err, BASE_LIMIT, "more than %d %s lines", PROOF_POLICY_LINES_MAX, what);
	if (list->count == list->room) {
		list->room = list->room * 2 + 4;
		list->keys = base_realloc(list->keys, list->room * sizeof(*list->keys));
	}
	list->keys[list->count++] = key;
	return BASE_OK;
}

static enum base_code witness_parse(struct proof_policy *policy, struct base_slice line, struct base_error *err)
{
	struct base_slice name;
	enum base_code code;

	if (!word_next(&line, &name))
		return base_fail(err, BASE_MALFORMED, "a witness line without a name");
	if ((code = item_add(policy, name, policy->witnesses.count, 0, err)) != BASE_OK)
		return code;
	if ((code = key_add(policy, &policy->witnesses, line, "witness", err)) != BASE_OK)
		return code;
	if (policy->witnesses.keys[policy->witnesses.count - 1].alg == PROOF_ED25519)
		return base_fail(
			err, BASE_MALFORMED,
			"the key of witness \"%.*s\" is of type 0x01; a witness has a cosignature key (0x04 or 0x06)",
			PROOF_SHOW(name));
	return BASE_OK;
}

/* Makes the named item a member of the group that will be item number group. */
static enum base_code member_add(struct proof_policy *policy, struct base_slice name, size_t group,
				 struct base_error *err)
{
	size_t i = item_find(policy, name);

	if (i == NONE)
		return base_fail(err, BASE_MALFORMED, "the member \"%.*s\" is not defined on a line before",
				 PROOF_SHOW(name));
	if (policy->items[i].parent != NONE)
		return base_fail(err, BASE_MALFORMED, "\"%.*s\" is listed as a member twice", PROOF_SHOW(name));
	policy->items[i].parent = group;
	return BASE_OK;
}

static enum base_code group_parse(struct proof_policy *policy, struct base_slice line, struct base_error *err)
{
	struct base_slice name, rule, member;
	uint64_t threshold = 0;
	size_t members = 0;
	enum base_code code;

	if (!word_next(&line, &name) || !word_next(&line, &rule))
		return base_fail(err, BASE_MALFORMED, "a group line is: group NAME all|any|NUMBER MEMBER...");
	for (; word_next(&line, &member); members++)
		if ((code = member_add(policy, member, policy->item_count, err)) != BASE_OK)
			return code;
	if (members == 0)
		return base_fail(err, BASE_MALFORMED, "the group \"%.*s\" has no members", PROOF_SHOW(name));
	if (is_text(rule, "all"))
		threshold = members;
	else if (is_text(rule, "any"))
		threshold = 1;
	else if (!base_parse_u64(rule, &threshold) || threshold < 1 || threshold > members)
		return base_fail(err, BASE_MALFORMED,
				 "the group \"%.*s\" asks for \"%.*s\" of %zu; it is all, any, or 1 to %zu",
				 PROOF_SHOW(name), PROOF_SHOW(rule), members, members);
	return item_add(policy, name, NONE, (size_t)threshold, err);
}

static enum base_code quorum_parse(struct proof_policy *policy, struct base_slice line, struct base_error *err)
{
	struct base_slice name, rest;

	if (policy->has_quorum)
		return base_fail(err, BASE_MALFORMED, "a second quorum line");
	if (!word_next(&line, &name) || word_next(&line, &rest))
		return base_fail(err, BASE_MALFORMED, "a quorum line is: quorum NAME, or: quorum none");
	policy->has_quorum = true;
	policy->quorum = item_find(policy, name);
	if (policy->quorum == NONE && !is_text(name, "none"))
		return base_fail(err, BASE_MALFORMED, "the quorum \"%.*s\" is not defined on a line before",
				 PROOF_SHOW(name));
	return BASE_OK;
}

static enum base_code line_parse(struct proof_policy *policy, struct base_slice line, struct base_error *err)
{
	struct base_slice word;

	if (!word_next(&line, &word) || word.data[0] == '#')
		return BASE_OK;
	if (is_text(word, "log"))
		return key_add(policy, &policy->logs, line, "log", err);
	if (is_text(word, "witness"))
		return witness_parse(policy, line, err);
	if (is_text(word, "group"))
		return group_parse(policy, line, err);
	if (is_text(word, "quorum"))
		return quorum_parse(policy, line, err);
	return base_fail(err, BASE_MALFORMED, "\"%.*s\" is not log, witness, group or quorum", PROOF_SHOW(word));
}

static enum base_code octets_check(struct base_slice text, struct base_error *err)
{
	if (text.len > PROOF_POLICY_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the policy is %zu bytes; at most %u are read", text.len,
				 PROOF_POLICY_BYTES_MAX);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			return base_fail(err, BASE_MALFORMED,
					 "the policy has a control character (0x%02x) at byte %zu%s", c, i,
					 c == '\r' ? base_message("; its lines end in a newline alone") : "");
	}
	return BASE_OK;
}

enum base_code proof_policy_parse(struct proof_policy **out, struct base_slice text, struct base_error *err)
{
	struct proof_policy *policy;
	struct base_slice rest, line;
	enum base_code code = octets_check(text, err);

	*out = NULL;
	if (code != BASE_OK)
		return code;
	policy = base_alloc(sizeof(*policy));
	policy->quorum = NONE;
	base_buf_append(&policy->text, text);
	rest = base_buf_slice(&policy->text);
	for (size_t number = 1; rest.len > 0; number++) {
		if (!proof_line_next(&rest, &line)) {
			code = base_fail(err, BASE_MALFORMED,
					 "the policy does not end in a newline; it may have been cut");
			goto out;
		}
		code = base_wrap(err, line_parse(policy, line, err), "policy, line %zu", number);
		if (code != BASE_OK)
			goto out;
	}
	if (!policy->has_quorum)
		code = base_fail(err, BASE_MALFORMED,
				 "the policy has no quorum line; \"quorum none\" asks for no cosignature");
out:
	if (code == BASE_OK)
		*out = policy;
	else
		proof_policy_close(policy);
	return code;
}

void proof_policy_close(struct proof_policy *policy)
{
	if (policy == NULL)
		return;
	base_buf_free(&policy->text);
	free(policy->logs.keys);
	free(policy->witnesses.keys);
	free(policy->items);
	free(policy);
}

size_t proof_policy_logs(const struct proof_policy *policy)
{
	return policy->logs.count;
}

size_t proof_policy_witnesses(const struct proof_policy *policy)
{
	return policy->witnesses.count;
}

const struct proof_vkey *proof_policy_log(const struct proof_policy *policy, size_t i)
{
	BASE_ASSERT(i < policy->logs.count);
	return &policy->logs.keys[i];
}

const struct proof_vkey *proof_policy_witness(const struct proof_policy *policy, size_t i)
{
	BASE_ASSERT(i < policy->witnesses.count);
	return &policy->witnesses.keys[i];
}

/* ---- Writing ------------------------------------------------------------ */

void proof_policy_write(struct base_buf *out, const struct proof_vkey *logs, size_t log_count,
			const struct proof_vkey *cosigners, size_t cosigner_count, size_t k)
{
	BASE_ASSERT(k <= cosigner_count && log_count <= PROOF_POLICY_LINES_MAX &&
		    cosigner_count < PROOF_POLICY_LINES_MAX);
	for (size_t i = 0; i < log_count; i++) {
		base_buf_print(out, "log ");
		proof_vkey_format(out, &logs[i]);
		base_buf_byte(out, '\n');
	}
	/* The URL is for tools that insist on one. */
	for (size_t i = 0; i < cosigner_count; i++) {
		base_buf_print(out, "witness cosigner%zu ", i + 1);
		proof_vkey_format(out, &cosigners[i]);
		base_buf_print(out, " https://%s\n", cosigners[i].name);
	}
	if (cosigner_count > 1 && k > 0) {
		base_buf_print(out, "group cosigners %zu", k);
		for (size_t i = 0; i < cosigner_count; i++)
			base_buf_print(out, " cosigner%zu", i + 1);
		base_buf_byte(out, '\n');
	}
	base_buf_print(out, "quorum %s\n", k == 0 ? "none" : cosigner_count == 1 ? "cosigner1" : "cosigners");
}

/* ---- Judging ------------------------------------------------------------ */

/* Appends to a list of names of fixed room; what does not fit is shown as "...". */
static void names_add(char names[512], struct base_slice name)
{
	size_t used = strlen(names);
	struct base_buf text = BASE_BUF_INIT;

	base_printable(&text, name);
	if (used + 2 + text.len + sizeof(", ...") <= 512)
		snprintf(names + used, 512 - used, "%s%.*s", used > 0 ? ", " : "", (int)text.len,
			 (const char *)text.data);
	else if (used < 3 || strcmp(names + used - 3, "...") != 0)
		snprintf(names + used, 512 - used, "%s...", used > 0 ? ", " : "");
	base_buf_free(&text);
}

static const struct proof_vkey *line_key(const struct keys_list *list, const struct proof_signature *line)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->keys[i].key_id == line->key_id &&
		    base_slice_equal(base_slice_text(list->keys[i].name), line->name))
			return &list->keys[i];
	return NULL;
}

/* Counts and names the lines that prove nothing here. */
static void lines_sort(const struct proof_policy *policy, const struct proof_note *note, struct proof_verdict *verdict)
{
	for (size_t i = 0; i < note->count; i++) {
		const struct proof_signature *line = &note->signatures[i];
		const struct proof_vkey *key = line_key(&policy->logs, line);

		if (key == NULL)
			key = line_key(&policy->witnesses, line);
		if (key != NULL && key->alg != PROOF_ML_DSA)
			continue;
		if (key == NULL)
			verdict->unattributed++;
		else
			verdict->unverifiable++;
		names_add(verdict->others, line->name);
	}
}

/* Whether the key has signed; fails only for a signature that is wrong. */
static enum base_code has_signed(bool *yes, const struct proof_note *note, const struct proof_vkey *key,
				 uint64_t *time_s, struct base_error *err)
{
	enum base_code code = proof_note_verify(note, key, time_s, err);

	*yes = code == BASE_OK;
	return code == BASE_NOT_FOUND || code == BASE_VERSION ? BASE_OK : code;
}

static enum base_code logs_check(const struct proof_policy *policy, const struct proof_note *note,
				 struct base_slice origin, struct proof_verdict *verdict, struct base_error *err)
{
	bool origin_known = false;

	for (size_t i = 0; i < policy->logs.count; i++) {
		const struct proof_vkey *key = &policy->logs.keys[i];
		bool is_origin = base_slice_equal(base_slice_text(key->name), origin), yes;
		enum base_code code = has_signed(&yes, note, key, NULL, err);

		if (code != BASE_OK)
			return code;
		origin_known = origin_known || is_origin;
		if (yes && is_origin)
			verdict->logs++;
	}
	if (policy->logs.count == 0)
		return base_fail(err, BASE_MISMATCH,
				 "the policy names no log, so that no checkpoint can be accepted under it");
	if (!origin_known)
		return base_fail(err, BASE_MISMATCH, "the checkpoint is of log \"%.*s\"; the policy accepts %s%s",
				 PROOF_SHOW(origin), policy->logs.keys[0].name,
				 policy->logs.count > 1 ? base_message(" and others") : "");
	if (verdict->logs == 0)
		return base_fail(err, BASE_MISMATCH, "no log key of the policy has signed the checkpoint of %.*s",
				 PROOF_SHOW(origin));
	return BASE_OK;
}

/* counts: zeroed, one for each item: members met. */
static enum base_code witnesses_check(const struct proof_policy *policy, const struct proof_note *note, size_t *counts,
				      struct proof_verdict *verdict, bool *quorum, struct base_error *err)
{
	*quorum = policy->quorum == NONE;
	for (size_t i = 0; i < policy->item_count; i++) {
		const struct item *item = &policy->items[i];
		bool met = item->witness == NONE && counts[i] >= item->threshold;

		if (item->witness != NONE) {
			const struct proof_vkey *key = &policy->witnesses.keys[item->witness];
			uint64_t time_s;
			enum base_code code = has_signed(&met, note, key, &time_s, err);

			if (code != BASE_OK)
				return code;
			if (met) {
				if (verdict->cosigners == 0 || time_s < verdict->earliest_s)
					verdict->earliest_s = time_s;
				if (time_s > verdict->latest_s)
					verdict->latest_s = time_s;
				verdict->cosigners++;
				names_add(verdict->names, base_slice_text(key->name));
			}
		}
		if (met && item->parent != NONE)
			counts[item->parent]++;
		if (met && policy->quorum == i)
			*quorum = true;
	}
	return BASE_OK;
}

enum base_code proof_policy_check(const struct proof_policy *policy, const struct proof_note *note,
				  struct proof_checkpoint *checkpoint, struct proof_verdict *verdict,
				  struct base_error *err)
{
	size_t *counts = NULL;
	enum base_code code;
	bool quorum;

	memset(verdict, 0, sizeof(*verdict));
	if ((code = proof_checkpoint_parse(checkpoint, note->text, err)) != BASE_OK)
		return code;
	lines_sort(policy, note, verdict);
	counts = base_alloc((policy->item_count + 1) * sizeof(*counts));
	if ((code = witnesses_check(policy, note, counts, verdict, &quorum, err)) != BASE_OK)
		goto out;
	if ((code = logs_check(policy, note, checkpoint->origin, verdict, err)) != BASE_OK)
		goto out;
	if (!quorum)
		code = base_fail(err, BASE_MISMATCH,
				 "the policy's quorum is not met: %zu of its %zu cosigners have signed%s",
				 verdict->cosigners, policy->witnesses.count,
				 verdict->unverifiable > 0
					 ? base_message(", others in a way that this version does not verify (ML-DSA-44)")
					 : "");
out:
	free(counts);
	return code;
}
