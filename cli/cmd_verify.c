/* verify: one evidence file against a policy, on a machine that has nothing else. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"

#define POLICY_BYTES_MAX (1u << 20)
#define REFERENCE_BYTES_MAX 1024 /* docs/formats/trail.md */

static const char *const what_words[] = {
	[AUDIT_RECEIPT] = N_("receipt of an entry"),
	[AUDIT_TRAIL] = N_("complete trail of a participant"),
	[AUDIT_PRESENCE] = N_("proof that a record is there"),
	[AUDIT_ABSENCE] = N_("proof that there is no such record"),
	[AUDIT_CHECKPOINT] = N_("checkpoint"),
	[AUDIT_CONSENT] = N_("proof of what a participant had consented to"),
};
static const char *const what_names[] = {
	[AUDIT_RECEIPT] = "receipt",
	[AUDIT_TRAIL] = "trail",
	[AUDIT_PRESENCE] = "presence",
	[AUDIT_ABSENCE] = "absence",
	[AUDIT_CHECKPOINT] = "checkpoint",
	[AUDIT_CONSENT] = "consent",
};

static const char *table_name(enum state_table table)
{
	switch (table) {
	case STATE_ORGANISATION: return N_("organisation");
	case STATE_ACTOR: return N_("actor");
	case STATE_KEY: return N_("key");
	case STATE_STUDY: return N_("study");
	case STATE_ITEM: return N_("item");
	case STATE_PARTICIPANT: return N_("participant");
	case STATE_HEAD: return N_("head of a participant");
	case STATE_PROPOSAL: return N_("proposal");
	case STATE_DATASET: return N_("data set");
	case STATE_NODES: return N_("nodes");
	case STATE_GOVERNANCE: return N_("governance");
	case STATE_APPROVAL: return N_("approvals");
	case STATE_CONSENT: return N_("consents of a participant");
	case STATE_HOLD: return N_("holds");
	case STATE_RIGHTS: return N_("request of a participant");
	case STATE_INCIDENT: return N_("incident");
	case STATE_COPY: return N_("copies of an item");
	case STATE_CONTRACT: return N_("contracts");
	case STATE_GRANT: return N_("access");
	case STATE_EVENT: return N_("event");
	case STATE_AGREEMENT: return N_("agreements");
	case STATE_LINK: return N_("links of a participant");
	}
	return N_("unknown");
}

static void row(const struct cli *cli, const char *label, const char *format, ...) BASE_PRINTF(3, 4);

static void row(const struct cli *cli, const char *label, const char *format, ...)
{
	struct base_buf shown = BASE_BUF_INIT;
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), _(format), args);
	va_end(args);
	base_printable(&shown, base_slice_text(text));
	cli_label(cli, "  ", _(label), 12);
	printf("%.*s\n", (int)shown.len, (const char *)shown.data);
	base_buf_free(&shown);
}

static json_t *event_json(const struct events_event *event)
{
	struct base_buf text = BASE_BUF_INIT;
	json_t *json;

	events_to_json(&text, event);
	json = json_loadb((const char *)text.data, text.len, 0, NULL);
	base_buf_free(&text);
	return json != NULL ? json : json_null();
}

static bool add_trail_entry(void *arg, uint64_t index, const struct chain_entry *entry)
{
	struct events_event event;
	struct base_error ignored;
	json_t *json = json_pack("{s:I, s:I, s:o}", "index", (json_int_t)index, "height", (json_int_t)entry->height, "time",
				 cli_json_time(entry->time));

	if (entry->type == CHAIN_EVENT && events_decode(&event, entry->event, &ignored) == BASE_OK) {
		json_object_set_new(json, "id", cli_json_hex(base_hash_slice(&event.id)));
		json_object_set_new(json, "event", event_json(&event));
	}
	json_array_append_new(arg, json);
	return true;
}

static void set_code(json_t *json, const char *name, enum events_list list, uint64_t number)
{
	const struct events_code *code = number != STATE_ANY ? events_code_by_number(events_codes_of(list), number) : NULL;

	if (code != NULL)
		json_object_set_new(json, name, json_string(code->name));
}

static void consent_json(const struct audit_verdict *v, json_t *json)
{
	const struct state_question *q = &v->claim.question;
	json_t *question = json_pack("{s:o, s:I}", "on", cli_json_time(q->at), "known_entries", (json_int_t)q->known);

	set_code(question, "use", EVENTS_USES, q->use);
	set_code(question, "category", EVENTS_CATEGORIES, q->category);
	set_code(question, "purpose", EVENTS_PURPOSES, q->purpose);
	set_code(question, "mode", EVENTS_MODES, q->mode);
	if (q->recipient.len > 0)
		json_object_set_new(question, "recipient", cli_json_slice(q->recipient));
	if (q->country.len > 0)
		json_object_set_new(question, "country", cli_json_slice(q->country));
	if (q->has_collected)
		json_object_set_new(question, "collected", cli_json_time(q->collected));
	json_object_set_new(json, "question", question);
	json_object_set_new(json, "consent", json_boolean(v->claim.consent));
	json_object_set_new(json, "answer", json_string(asking_stance_name(v->answer.stance)));
	json_object_set_new(json, "ground", json_string(asking_ground_name(v->answer.ground)));
	json_object_set_new(json, "words", json_string(asking_ground_words(v->answer.ground)));
	if (v->answer.ground != STATE_GROUND_NOTHING) {
		json_object_set_new(json, "index", json_integer((json_int_t)v->answer.index));
		json_object_set_new(json, "id", cli_json_hex(base_hash_slice(&v->answer_event)));
	}
	json_object_set_new(json, "approval", json_string(asking_approval_name(v->approval.status)));
	if (v->site.len > 0)
		json_object_set_new(json, "site", cli_json_slice(v->site));
	json_object_set_new(json, "study", cli_json_slice(v->study));
	json_object_set_new(json, "reference", cli_json_hex(v->reference));
	json_object_set_new(json, "as_of", cli_json_time(v->block.time));
	json_object_set_new(json, "height", json_integer((json_int_t)v->block.height));
}

/* ---- Trails that a trail includes (docs/formats/participant.md, section 2) ---- */

struct included {
	const struct audit_verdict *v;
	const struct cli *cli; /* NULL: into list */
	json_t *list;
};

/* A recorded merge includes the trail of the reference that was merged into this one; a split to a new reference, that of the
 * one which it leaves. */
static bool add_included(void *arg, uint64_t index, const struct chain_entry *entry)
{
	struct included *in = arg;
	struct events_event event;
	struct state_outcome outcome;
	struct base_error ignored;
	struct base_slice body, own = in->v->reference, other, head;
	char reference[65], chain[65];
	bool recorded;

	if (entry->type != CHAIN_EVENT || own.len < 32 || events_decode(&event, entry->event, &ignored) != BASE_OK ||
	    (event.envelope.kind->id != EVENTS_PARTICIPANT_MERGE && event.envelope.kind->id != EVENTS_PARTICIPANT_SPLIT) ||
	    state_outcome_decode(&outcome, entry->outcome, &ignored) != BASE_OK)
		return true;
	recorded = outcome.verdict != STATE_DENY;
	state_outcome_free(&outcome);
	body = event.envelope.body;
	other = events_bytes(body, event.envelope.kind->id == EVENTS_PARTICIPANT_MERGE ? 2 : 1);
	own = base_slice(own.data + own.len - 32, 32); /* behind its CBOR head */
	if (!recorded || base_slice_equal(other, own))
		return true;
	head = events_raw(body, 3);
	base_hex(reference, other);
	base_hex(chain, events_bytes(head, 2));
	if (in->cli != NULL)
		row(in->cli, "includes", "by #%llu, the first %llu entries of %s, chain %s: verify that trail too", (unsigned long long)index,
		    (unsigned long long)events_uint(head, 1), reference, chain);
	else
		json_array_append_new(in->list, json_pack("{s:I, s:s, s:I, s:s}", "by", (json_int_t)index, "reference", reference, "count",
							  (json_int_t)events_uint(head, 1), "chain", chain));
	return true;
}

static json_t *verdict_json(const struct audit_verdict *v)
{
	char root[65];
	struct base_error ignored;
	json_t *json;

	base_hex(root, base_hash_slice(&v->checkpoint.root));
	json = json_pack("{s:b, s:s, s:o, s:I, s:s, s:i, s:i, s:i, s:b}", "verified", 1, "what", what_names[v->what], "origin",
			 cli_json_slice(v->checkpoint.origin), "size", (json_int_t)v->checkpoint.size, "root", root, "log_signatures",
			 (int)v->signatures.logs, "cosignatures", (int)v->signatures.cosigners, "unattributed",
			 (int)v->signatures.unattributed, "solo", v->solo);
	if (v->signatures.cosigners > 0)
		json_object_set_new(json, "cosigned", cli_json_time((struct base_time){v->signatures.latest_s * 1000}));
	if (v->what == AUDIT_RECEIPT) {
		json_object_set_new(json, "index", json_integer((json_int_t)v->index));
		json_object_set_new(json, "time", cli_json_time(v->entry.time));
		if (v->entry.type == CHAIN_EVENT) {
			json_object_set_new(json, "id", cli_json_hex(base_hash_slice(&v->event.id)));
			json_object_set_new(json, "author", cli_json_slice(v->event.cose.issuer));
			json_object_set_new(json, "event", event_json(&v->event));
			json_object_set_new(json, "outcome", cli_outcome_json(&v->outcome));
		}
	} else if (v->what == AUDIT_CONSENT) {
		consent_json(v, json);
	} else if (v->what == AUDIT_TRAIL || v->what == AUDIT_PRESENCE || v->what == AUDIT_ABSENCE) {
		json_t *entries = json_array();

		json_object_set_new(json, "record", json_string(table_name(v->table)));
		if (v->study.len > 0)
			json_object_set_new(json, "study", cli_json_slice(v->study));
		json_object_set_new(json, "reference", cli_json_hex(v->reference));
		json_object_set_new(json, "chunk", json_integer((json_int_t)v->chunk));
		json_object_set_new(json, "height", json_integer((json_int_t)v->block.height));
		json_object_set_new(json, "as_of", cli_json_time(v->block.time));
		if (v->what == AUDIT_PRESENCE) {
			json_object_set_new(json, "value", cli_json_hex(v->value));
			json_object_set_new(json, "facts", json_integer((json_int_t)v->fact_count));
			json_object_set_new(json, "contents", cli_facts_json(v->table, v->value));
			json_object_set_new(json, "may_go_on", json_boolean(v->fact_count == STATE_FACTS_MAX));
		}
		if (v->what == AUDIT_TRAIL && audit_trail_walk(v, add_trail_entry, entries, &ignored) == BASE_OK)
			json_object_set(json, "entries", entries);
		if (v->what == AUDIT_TRAIL) {
			struct included in = {v, NULL, json_array()};

			if (audit_trail_walk(v, add_included, &in, &ignored) == BASE_OK)
				json_object_set(json, "includes", in.list);
			json_decref(in.list);
		}
		json_decref(entries);
	}
	return json;
}

static void print_receipt(const struct cli *cli, const struct audit_verdict *v)
{
	char text[768], id[65], when[64];

	base_time_format(text, v->entry.time, 0);
	row(cli, "entered", "%s, as entry #%llu, block %llu", text, (unsigned long long)v->index, (unsigned long long)v->entry.height);
	if (v->entry.type != CHAIN_EVENT) {
		row(cli, "entry", "%s", v->entry.type == CHAIN_GENESIS ? _("the ledger's genesis") : _("the end of a block"));
		return;
	}
	base_hex(id, base_hash_slice(&v->event.id));
	events_when_format(when, &v->event.envelope.when);
	row(cli, "event", "%s", id);
	row(cli, "kind", "%s (%s)", v->event.envelope.kind->name, _(v->event.envelope.kind->words));
	row(cli, "author", "%.*s; the signature verifies", (int)v->event.cose.issuer.len, (const char *)v->event.cose.issuer.data);
	row(cli, "subject", "%.*s", (int)v->event.cose.subject.len, (const char *)v->event.cose.subject.data);
	row(cli, "happened", "%s", when);
	cli_outcome_words(&v->outcome, text, sizeof(text));
	row(cli, "outcome", "%s", text);
}

static bool print_trail_entry(void *arg, uint64_t index, const struct chain_entry *entry)
{
	struct cli_table *table = arg;
	struct events_event event;
	struct base_error ignored;
	char number[24], time[BASE_TIME_TEXT_BYTES], author[160] = "", id[13] = "";
	const char *kind = "";

	snprintf(number, sizeof(number), "#%llu", (unsigned long long)index);
	base_time_format(time, entry->time, 0);
	if (entry->type == CHAIN_EVENT && events_decode(&event, entry->event, &ignored) == BASE_OK) {
		kind = event.envelope.kind->name;
		base_hex(id, base_slice(event.id.bytes, 6));
		snprintf(author, sizeof(author), "%.*s", (int)event.cose.issuer.len, (const char *)event.cose.issuer.data);
	}
	cli_table_row(table, (const char *const[]){number, time, kind, author, id});
	return true;
}

/* A reference as people write it: a name, hex digits, or ID#n of an item. Bytes of another form are shown as they are. */
static void reference_words(struct base_slice reference, struct base_buf *out)
{
	char hex[2 * REFERENCE_BYTES_MAX + 1];
	struct base_slice bytes = reference;
	struct wire_reader r;
	bool item;

	BASE_ASSERT(reference.len <= REFERENCE_BYTES_MAX); /* decoded before */
	wire_read(&r, reference);
	if (wire_peek(&r) == WIRE_TEXT) {
		base_buf_append(out, wire_get_text(&r));
		return;
	}
	item = wire_peek(&r) == WIRE_ARRAY;
	if (item)
		wire_expect_array(&r, 2);
	if (wire_peek(&r) == WIRE_BYTES)
		bytes = wire_get_bytes(&r);
	base_hex(hex, bytes);
	base_buf_print(out, "%s", hex);
	if (item)
		base_buf_print(out, "#%llu", (unsigned long long)wire_get_uint(&r));
}

/* What `regesta prove state` is given for this record: the name in it is fit for a terminal, and no shell is fed with it. */
static void print_next_chunk(const struct cli *cli, const struct audit_verdict *v, const struct base_buf *name)
{
	unsigned long long next = (unsigned long long)v->chunk + 1;
	bool study = v->table == STATE_STUDY || v->table == STATE_APPROVAL;
	const char *kind = v->table == STATE_DATASET ? "dataset" : v->table == STATE_CONSENT ? "consents" : table_name(v->table);

	if (v->table == STATE_NODES || v->table == STATE_GOVERNANCE) {
		row(cli, "goes on", "this part of the record is full (%d facts): it may go on in chunk %llu", STATE_FACTS_MAX, next);
		return;
	}
	row(cli, "goes on", "this part of the record is full (%d facts): it may go on in chunk %llu. What is there, or that nothing is, is proved by "
	    "`regesta prove state %s %.*s%s%.*s --chunk %llu`", STATE_FACTS_MAX, next, kind,
	    study ? (int)v->study.len : (int)name->len, study ? (const char *)v->study.data : (const char *)name->data,
	    !study && v->study.len > 0 ? " --study " : "", !study ? (int)v->study.len : 0, v->study.len > 0 ? (const char *)v->study.data : "", next);
}

static void print_record(const struct cli *cli, const struct audit_verdict *v)
{
	struct base_buf name = BASE_BUF_INIT;
	char text[BASE_TIME_TEXT_BYTES];

	reference_words(v->reference, &name);
	base_time_format(text, v->block.time, 0);
	row(cli, "record", "%s%s%.*s%s%.*s", _(table_name(v->table)), name.len > 0 ? " " : "", (int)name.len,
	    name.len > 0 ? (const char *)name.data : "", v->study.len == 0 ? "" : name.len > 0 ? _(", study ") : " ", (int)v->study.len,
	    v->study.len > 0 ? (const char *)v->study.data : "");
	/* A record goes on in the next chunk: the absence of a later one is no absence of the record. */
	if (v->chunk > 0)
		row(cli, "chunk", v->what == AUDIT_ABSENCE ? N_("%llu: the record does not go on there; whether it begins is what a proof of chunk 0 says") : N_("%llu"),
		    (unsigned long long)v->chunk);
	if (v->what == AUDIT_PRESENCE && v->fact_count == STATE_FACTS_MAX)
		print_next_chunk(cli, v, &name);
	base_buf_free(&name);
	row(cli, "as of", "block %llu, %s", (unsigned long long)v->block.height, text);
	if (v->what == AUDIT_TRAIL)
		row(cli, "complete", "%llu entries; the ledger's head for this participant proves that none is missing",
		    (unsigned long long)v->entry_count);
}

static void print_consent(const struct cli *cli, const struct audit_verdict *v)
{
	const struct state_question *q = &v->claim.question;
	struct base_buf name = BASE_BUF_INIT;
	char text[512], hex[65];

	reference_words(v->reference, &name);
	if (v->site.len > 0)
		row(cli, "participant", "%.*s, study %.*s, site %.*s", (int)name.len, (const char *)name.data, (int)v->study.len, (const char *)v->study.data,
		    (int)v->site.len, (const char *)v->site.data);
	else
		row(cli, "participant", "%.*s, study %.*s, not enrolled", (int)name.len, (const char *)name.data, (int)v->study.len,
		    (const char *)v->study.data);
	base_buf_free(&name);
	asking_times_words(q, v->checkpoint.size, text, sizeof(text));
	row(cli, "asked", "%s", text);
	asking_about_words(q, text, sizeof(text));
	row(cli, "about", "%s", text);
	base_hex(hex, base_hash_slice(&v->answer_event));
	if (v->answer.ground == STATE_GROUND_NOTHING)
		row(cli, "answer", "NO CONSENT: %s", asking_ground_words(v->answer.ground));
	else
		row(cli, "answer", v->claim.consent ? N_("CONSENT: %s, by entry #%llu, event %s") : N_("NO CONSENT: %s, by entry #%llu, event %s"), asking_ground_words(v->answer.ground),
		    (unsigned long long)v->answer.index, hex);
	row(cli, "approval", "%s", asking_approval_words(v->approval.status));
	base_time_format(text, v->block.time, 0);
	row(cli, "as of", "block %llu, %s", (unsigned long long)v->block.height, text);
	row(cli, "complete", "the records of the participant, of approvals and of consents are shown to their end");
}

static void print_verdict(const struct cli *cli, const struct audit_verdict *v, struct base_error *err)
{
	static const char *const headings[] = {N_("ENTRY"), N_("TIME"), N_("KIND"), N_("AUTHOR"), N_("ID")};
	char root[65], time[BASE_TIME_TEXT_BYTES];

	printf(_("%sverified:%s %s\n"), cli_style(cli, CLI_GOOD), cli_style(cli, CLI_PLAIN),
	       _(v->what == AUDIT_ABSENCE && v->chunk > 0 ? N_("proof that a record has no further part") : what_words[v->what]));
	if (v->what == AUDIT_RECEIPT)
		print_receipt(cli, v);
	else if (v->what == AUDIT_CONSENT)
		print_consent(cli, v);
	else if (v->what != AUDIT_CHECKPOINT)
		print_record(cli, v);
	if (v->what == AUDIT_PRESENCE)
		cli_facts_print(cli, v->table, v->value);
	base_hex(root, base_hash_slice(&v->checkpoint.root));
	row(cli, "ledger", "%.*s", (int)v->checkpoint.origin.len, (const char *)v->checkpoint.origin.data);
	row(cli, "checkpoint", "%llu entries, root %s", (unsigned long long)v->checkpoint.size, root);
	if (v->signatures.cosigners > 0) {
		base_time_format(time, (struct base_time){v->signatures.latest_s * 1000}, 0);
		row(cli, "signed by", v->signatures.logs == 1 ? N_("%zu log key; cosigned by %s, last %s") : N_("%zu log keys; cosigned by %s, last %s"),
		    v->signatures.logs, v->signatures.names, time);
	} else {
		row(cli, "signed by", v->signatures.logs == 1 ? N_("%zu log key; no cosignature") : N_("%zu log keys; no cosignature"), v->signatures.logs);
	}
	if (v->signatures.unattributed > 0)
		row(cli, "note", v->signatures.unattributed == 1 ? N_("%zu signature line by keys that the policy does not know")
								  : N_("%zu signature lines by keys that the policy does not know"),
		    v->signatures.unattributed);
	if (v->solo)
		row(cli, "note", "one operator orders this ledger (solo), however many organisations record in it: order and time rest on that operator; what an event says rests on its author's signature");
	if (v->what == AUDIT_TRAIL && v->entry_count > 0) {
		struct included in = {v, cli, NULL};
		struct cli_table *table = cli_table_open(headings, 5);

		(void)!audit_trail_walk(v, add_included, &in, err);
		putchar('\n');
		if (audit_trail_walk(v, print_trail_entry, table, err) == BASE_OK)
			cli_table_print(cli, table);
	}
}

static enum base_code run_verify(struct cli *cli, struct base_error *err)
{
	struct base_buf policy_text = BASE_BUF_INIT;
	struct base_buf file = BASE_BUF_INIT;
	struct proof_policy *policy = NULL;
	struct audit_verdict verdict = {0};
	const char *path;
	enum base_code code = cli_need(cli, "policy", &path, err);

	if (code != BASE_OK)
		return code;
	code = base_file_read(&policy_text, path, POLICY_BYTES_MAX, err);
	if (code == BASE_OK)
		code = proof_policy_parse(&policy, base_buf_slice(&policy_text), err);
	if (code != BASE_OK) {
		code = base_wrap(err, code, "policy %s", path);
		goto out;
	}
	code = base_file_read(&file, strcmp(cli->argv[0], "-") == 0 ? "/dev/stdin" : cli->argv[0], CHAIN_EVIDENCE_BYTES_MAX, err);
	if (code == BASE_OK)
		code = audit_verify(&verdict, base_buf_slice(&file), policy, err);
	code = base_wrap(err, code, "%s", cli->argv[0]);
	if (code == BASE_OK) {
		if (cli->json)
			cli_print_json(verdict_json(&verdict));
		else
			print_verdict(cli, &verdict, err);
		audit_verdict_free(&verdict);
	}
out:
	proof_policy_close(policy);
	base_buf_free(&policy_text);
	base_buf_free(&file);
	return code;
}

static const struct cli_option verify_options[] = {
	{"policy", "FILE", "the policy of the ledger, which you trust", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_verify[] = {
	{"verify", "Verifying", "FILE", "verify a receipt, a trail, a proof of consent or of state, or a checkpoint, offline",
	 "Needs the policy file and the evidence file and nothing else: no ledger, no keys, no network. Checks the author's signature, the "
	 "event's id, its place in the ledger, the checkpoint and its cosignatures. Exit code 1 says that something does not verify.",
	 "regesta verify visit1.receipt --policy ledger.policy", verify_options, 1, 1, run_verify},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
