/* data …: for whom it is, who keeps it, what is told, erased, destroyed. payload erase. actor affirm, actor repudiate. */
#include <stdlib.h>
#include <string.h>

#include "cli/custody.h"
#include "cli/paper.h"

static enum base_code items_of_arguments(struct cli_session *s, char study[65], json_t **items, struct base_error *err)
{
	enum base_code code = custody_study(s, s->cli->argv[0], study, err);

	*items = NULL;
	return code == BASE_OK ? custody_items(s, (const char *const *)s->cli->argv, (size_t)s->cli->argc, items, err) : code;
}

/* ---- reassign, recall, erase ---- */

struct owner {
	size_t item;
	char hex[65];
};

static bool take_owner(void *arg, size_t index, const struct events_item *item)
{
	struct owner *owner = arg;

	if (index != owner->item)
		return true;
	if (item->participant.len > 0)
		base_hex(owner->hex, item->participant);
	return false;
}

/* Under whom it was recorded, unless --from says otherwise. */
static enum base_code from_of(struct cli_session *s, const char *study, char hex[65], struct base_error *err)
{
	const char *from = cli_get(s->cli, "from");
	struct owner owner = {0};
	struct base_hash reference;
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code;

	if (from != NULL) {
		code = base_wrap(err, cli_participant(s, study, from, &reference, err), "--from");
		base_hex(hex, base_hash_slice(&reference));
		return code;
	}
	if ((code = cli_resolve(s, s->cli->argv[0], &index, &item, err)) != BASE_OK ||
	    (code = cli_event_at(s, index, &entry, &event, err)) != BASE_OK)
		return code;
	owner.item = item < 0 ? 0 : (size_t)item;
	events_items(&event, take_owner, &owner);
	if (owner.hex[0] == '\0')
		return base_fail(err, BASE_USAGE, "%.80s is of no single participant", s->cli->argv[0]);
	memcpy(hex, owner.hex, 65);
	return BASE_OK;
}

static enum base_code reassign(struct cli_session *s, struct base_error *err)
{
	char study[65], target[96], from[65], to_hex[65];
	struct base_hash to;
	const char *whose;
	enum base_code code;

	if ((code = cli_need(s->cli, "to", &whose, err)) != BASE_OK || (code = custody_study(s, s->cli->argv[0], study, err)) != BASE_OK ||
	    (code = custody_item(s, s->cli->argv[0], target, err)) != BASE_OK || (code = from_of(s, study, from, err)) != BASE_OK ||
	    (code = base_wrap(err, cli_participant(s, study, whose, &to, err), "--to")) != BASE_OK)
		return code;
	base_hex(to_hex, base_hash_slice(&to));
	return custody_record(s, "data.reassign", study, json_pack("{s:s, s:s, s:s}", "target", target, "from", from, "to", to_hex), NULL, err);
}

static enum base_code recall(struct cli_session *s, struct base_error *err)
{
	char study[65];
	json_t *items, *recipients = custody_texts(s->cli, "recipient");
	enum base_code code = recipients != NULL ? BASE_OK : base_fail(err, BASE_USAGE, "--recipient is missing: who received it, once for each");

	if (code == BASE_OK)
		code = items_of_arguments(s, study, &items, err);
	if (code != BASE_OK) {
		json_decref(recipients);
		return code;
	}
	return custody_record(s, "data.recall", study, json_pack("{s:o, s:o}", "items", items, "recipients", recipients), NULL, err);
}

static enum base_code erase(struct cli_session *s, struct base_error *err)
{
	const char *answer;
	char study[65], hex[65];
	json_t *items;
	enum base_code code;

	if ((code = cli_need(s->cli, "answer", &answer, err)) != BASE_OK || (code = custody_event(s, answer, hex, err)) != BASE_OK ||
	    (code = items_of_arguments(s, study, &items, err)) != BASE_OK)
		return code;
	return custody_record(s, "data.erase", study, json_pack("{s:o, s:s}", "items", items, "answer", hex), NULL, err);
}

/* ---- hold, move, destroyed ---- */

static enum base_code holding(struct cli_session *s, struct base_error *err)
{
	char study[65];
	json_t *items;
	enum base_code code = items_of_arguments(s, study, &items, err);

	if (code != BASE_OK)
		return code;
	return custody_record(s, "data.hold", study, json_pack("{s:o, s:s}", "items", items, "holder", s->organisation), NULL, err);
}

static enum base_code move(struct cli_session *s, struct base_error *err)
{
	const char *to, *from = cli_get(s->cli, "from");
	char study[65];
	json_t *items;
	enum base_code code;

	if ((code = cli_need(s->cli, "to", &to, err)) != BASE_OK || (code = items_of_arguments(s, study, &items, err)) != BASE_OK)
		return code;
	return custody_record(s, "data.move", study,
			      json_pack("{s:o, s:s, s:s}", "items", items, "from", from != NULL ? from : s->organisation, "to", to), NULL, err);
}

static enum base_code attest_destroyed(struct cli_session *s, const char *study, json_t *items, const char *what, struct base_error *err)
{
	return custody_record(s, "data.destroyed", study,
			      json_pack("{s:o, s:s, s:s}", "items", items, "holder", s->organisation, "what", what), NULL, err);
}

static enum base_code destroyed(struct cli_session *s, struct base_error *err)
{
	const char *what = cli_get(s->cli, "what");
	char study[65];
	json_t *items;
	enum base_code code = items_of_arguments(s, study, &items, err);

	return code == BASE_OK ? attest_destroyed(s, study, items, what != NULL ? what : "both", err) : code;
}

/* ---- payload erase ---- */

struct erasing {
	struct cli_session *s;
	struct base_error *err;
	enum base_code code;
	size_t wanted, there;
};

static bool erase_nth(void *arg, size_t index, const struct events_item *item)
{
	struct erasing *e = arg;
	bool there;

	if (index != e->wanted)
		return true;
	e->code = payload_store_erase(e->s->payloads, &item->cid, &there, e->err);
	if (e->code == BASE_OK)
		e->code = cli_outbox_erase(e->s, &item->cid, e->err);
	e->there += e->code == BASE_OK && there;
	return false;
}

static bool is_ordered(struct cli_session *s, const struct events_event *event, size_t index)
{
	const char *state = cli_item_state(s, event, index);

	return strcmp(state, "to-be-erased") == 0 || strcmp(state, "erased") == 0;
}

/* A hold that came after the order does not undo it, and nothing is destroyed while it lasts. */
static enum base_code check_hold(struct erasing *e, const struct events_event *event, size_t index, const char *name)
{
	struct cli_hold hold;
	enum base_code code = cli_hold_find(e->s, event, index, &hold, e->err);

	if (code == BASE_OK && hold.found)
		code = base_fail(e->err, BASE_REFUSED, "%.12s#%zu must be kept: hold %.12s of %s is in force (%s), and nothing was destroyed; `regesta hold "
						       "lift %.12s` ends it", name, index, hold.id, hold.organisation, hold.basis, hold.id);
	return code;
}

static bool may_go(struct erasing *e, const struct events_event *event, size_t index)
{
	struct base_error ignored;
	struct cli_hold hold;

	return is_ordered(e->s, event, index) && cli_hold_find(e->s, event, index, &hold, &ignored) == BASE_OK && !hold.found;
}

/* What was sealed beside the items, once none of them is to be kept: the names of the files. */
static void erase_sealed(struct erasing *e, const struct events_event *event)
{
	struct base_slice sealed = event->envelope.sealed;
	struct wire_reader r;

	for (size_t i = 0; i < events_item_count(event); i++)
		if (!may_go(e, event, i))
			return;
	if (sealed.len == 0)
		return;
	wire_read(&r, sealed);
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed && e->code == BASE_OK; n--) {
		struct base_error ignored;
		struct base_slice bytes;
		struct wire_cid cid;
		bool there;

		wire_expect_array(&r, 2);
		bytes = wire_get_bytes(&r);
		(void)wire_get_bytes(&r);
		if (!r.failed && wire_cid_parse(&cid, bytes, &ignored) == BASE_OK)
			e->code = payload_store_erase(e->s->payloads, &cid, &there, e->err);
		if (!r.failed && e->code == BASE_OK)
			e->code = cli_outbox_erase(e->s, &cid, e->err);
	}
}

/* name: "hex#0". act false: only looks whether it may be. */
static enum base_code erase_one(struct erasing *e, const char *name, bool act)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	enum base_code code;

	if ((code = cli_resolve(e->s, name, &index, &item, e->err)) != BASE_OK ||
	    (code = cli_event_at(e->s, index, &entry, &event, e->err)) != BASE_OK)
		return code;
	e->wanted = (size_t)item;
	if (!is_ordered(e->s, &event, e->wanted))
		return base_fail(e->err, BASE_REFUSED, "nothing orders the erasure of %.12s#%zu: first `regesta data erase %.12s#%zu --answer ID`, with "
						       "the answer that granted it or the withdrawal that asked for it", name, e->wanted, name, e->wanted);
	if ((code = check_hold(e, &event, e->wanted, name)) != BASE_OK || !act)
		return code;
	events_items(&event, erase_nth, e);
	if (e->code == BASE_OK)
		erase_sealed(e, &event);
	return e->code;
}

static enum base_code erase_payloads(struct cli_session *s, struct base_error *err)
{
	struct erasing e = {.s = s, .err = err, .code = BASE_OK};
	char study[65];
	json_t *items, *item;
	size_t i;
	enum base_code code = cli_session_payloads(s, false, err);

	/* From here to the attestation nobody else records on this machine: no hold can come between the question and the deed. */
	if (code == BASE_OK)
		code = cli_session_number(s, err);
	if (code == BASE_OK)
		code = items_of_arguments(s, study, &items, err);
	if (code != BASE_OK)
		return code;
	json_array_foreach(items, i, item)
		if (code == BASE_OK)
			code = erase_one(&e, json_string_value(item), false);
	json_array_foreach(items, i, item)
		if (code == BASE_OK && !cli_has(s->cli, "dry-run"))
			code = erase_one(&e, json_string_value(item), true);
	if (code != BASE_OK) {
		json_decref(items);
		return code;
	}
	if (e.there < json_array_size(items) && !cli_has(s->cli, "dry-run"))
		cli_note(s->cli, "%zu of %zu payloads were not in this store", json_array_size(items) - e.there, json_array_size(items));
	/* Destroyed first, attested then: what is attested is true. If recording fails, the same command goes on here. */
	code = attest_destroyed(s, study, items, "both", err);
	if (code == BASE_OK && !cli_has(s->cli, "dry-run"))
		cli_note(s->cli, "backups that were made before, and other holders, still have their copies: `regesta show ITEM` says who keeps it");
	return code;
}

/* ---- incident ---- */

static enum base_code incident(struct cli_session *s, struct base_error *err)
{
	const char *study, *kind, *discovered, *stage = cli_get(s->cli, "stage"), *first = cli_get(s->cli, "first");
	json_t *body, *participants = NULL, *items = NULL;
	char hex[65], now[BASE_TIME_TEXT_BYTES];
	enum base_code code;

	if ((code = cli_need(s->cli, "study", &study, err)) != BASE_OK || (code = cli_need(s->cli, "kind", &kind, err)) != BASE_OK ||
	    (code = paper_time(s->cli, "discovered", &discovered, err)) != BASE_OK ||
	    (first != NULL && (code = custody_event(s, first, hex, err)) != BASE_OK))
		return code;
	if (s->cli->argc > 0)
		code = custody_items(s, (const char *const *)s->cli->argv, (size_t)s->cli->argc, &items, err);
	if (code == BASE_OK)
		code = custody_participants(s, study, "participant", &participants, err);
	base_time_format(now, base_time_now(), 0);
	body = json_pack("{s:s, s:s, s:s}", "kind", kind, "discovered", discovered != NULL ? discovered : now, "stage",
			 stage != NULL ? stage : "discovered");
	if (items != NULL)
		json_object_set_new(body, "items", items);
	if (participants != NULL)
		json_object_set_new(body, "participants", participants);
	if (first != NULL)
		json_object_set_new(body, "first", json_string(hex));
	if (code != BASE_OK) {
		json_decref(body);
		return code;
	}
	return custody_record(s, "data.incident", study, body, "description", err);
}

/* ---- affirm, repudiate ---- */

static enum base_code say(struct cli_session *s, const char *kind, struct base_error *err)
{
	json_t *events = json_array();
	char hex[65];
	enum base_code code = BASE_OK;

	for (int i = 0; i < s->cli->argc && code == BASE_OK; i++) {
		code = custody_event(s, s->cli->argv[i], hex, err);
		if (code == BASE_OK)
			json_array_append_new(events, json_string(hex));
	}
	if (code != BASE_OK) {
		json_decref(events);
		return code;
	}
	return custody_record(s, kind, NULL, json_pack("{s:o}", "events", events), NULL, err);
}

static enum base_code affirm(struct cli_session *s, struct base_error *err) { return say(s, "actor.affirm", err); }
static enum base_code repudiate(struct cli_session *s, struct base_error *err) { return say(s, "actor.repudiate", err); }

/* ---- The commands ---- */

static enum base_code run_reassign(struct cli *cli, struct base_error *err) { return custody_run(cli, reassign, err); }
static enum base_code run_recall(struct cli *cli, struct base_error *err) { return custody_run(cli, recall, err); }
static enum base_code run_erase(struct cli *cli, struct base_error *err) { return custody_run(cli, erase, err); }
static enum base_code run_hold(struct cli *cli, struct base_error *err) { return custody_run(cli, holding, err); }
static enum base_code run_move(struct cli *cli, struct base_error *err) { return custody_run(cli, move, err); }
static enum base_code run_destroyed(struct cli *cli, struct base_error *err) { return custody_run(cli, destroyed, err); }
static enum base_code run_payload_erase(struct cli *cli, struct base_error *err) { return custody_run(cli, erase_payloads, err); }
static enum base_code run_incident(struct cli *cli, struct base_error *err) { return custody_run(cli, incident, err); }
static enum base_code run_affirm(struct cli *cli, struct base_error *err) { return custody_run(cli, affirm, err); }
static enum base_code run_repudiate(struct cli *cli, struct base_error *err) { return custody_run(cli, repudiate, err); }

static const struct cli_option plain_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option reassign_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"from", "NUMBER", "whose it was said to be (default: under whom it was recorded)", false},
	{"to", "NUMBER", "whose it is", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option recall_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"recipient", "WHO", "an organisation or actor that received it", true},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option erase_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"answer", "ID", "the ground: the answer that granted it, or the consent event that withdrew with erasure", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option move_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"from", "ORGANISATION", "who gives its copy away (default: your own)", false},
	{"to", "ORGANISATION", "who keeps it now", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option destroyed_options[] = {
	{"study", "STUDY", "the study (default: the item's)", false},
	{"what", "CODE", "key, ciphertext or both (default: both)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option incident_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"kind", "CODE", "wrong-recipient, wrong-participant, unauthorised-access, key-compromised, loss, unblinding, alteration, …", false},
	{"discovered", "TIME", "when it became known (default: now); the clock of 72 hours runs from then", false},
	{"stage", "CODE", "discovered, notified or closed (default: discovered)", false},
	{"first", "ID", "the first report, in later ones", false},
	{"participant", "NUMBER", "who is affected", true},
	{"description", "FILE", "what happened; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option say_options[] = {
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_custody[] = {
	{"data reassign", "Recording", "ITEM", "record that an item is another participant's",
	 "Where there is a second organisation, it takes effect when one of its actors attests the event: `regesta attest ID --statement approved`. What was disclosed is to be "
	 "recalled.",
	 "regesta data reassign 3f2a91c07d11#0 --to P-002 --reason wrong-participant", reassign_options, 1, 1, run_reassign},
	{"data recall", "Recording", "ITEM...", "ask recipients not to use items any more; each acknowledges with `attest`", NULL,
	 "regesta data recall 3f2a91c07d11#0 --recipient lyon --reason wrong-participant\n"
	 "regesta attest 9c1e02d4aa31 --statement acknowledged --as lyon/dm1",
	 recall_options, 1, EVENTS_ITEMS_MAX, run_recall},
	{"data erase", "Recording", "ITEM...", "order that items be erased, by everybody who keeps them",
	 "It orders; `regesta payload erase` does it, at each holder. Denied while a hold covers an item: see `regesta list holds`.",
	 "regesta data erase 3f2a91c07d11#0 --answer 9c1e02d4aa31\nregesta payload erase 3f2a91c07d11#0", erase_options, 1, EVENTS_ITEMS_MAX,
	 run_erase},
	{"data incident", "Recording", "[ITEM...]", "record an incident with personal data, or how far it has come",
	 "The authority is to be notified within 72 hours of its discovery; `regesta list incidents` shows the clock.",
	 "regesta data incident 3f2a91c07d11#0 --study rare-01 --kind wrong-recipient --description what.txt\n"
	 "regesta data incident --study rare-01 --kind wrong-recipient --first 9c1e02d4aa31 --stage notified",
	 incident_options, 0, EVENTS_ITEMS_MAX, run_incident},
	{"data hold", "Recording", "ITEM...", "state that your organisation keeps a copy of items", NULL, "regesta data hold 3f2a91c07d11 --as lyon/dm1",
	 plain_options, 1, EVENTS_ITEMS_MAX, run_hold},
	{"data move", "Recording", "ITEM...", "record that a copy of items went to another holder", NULL,
	 "regesta data move 3f2a91c07d11 --to archive-1", move_options, 1, EVENTS_ITEMS_MAX, run_move},
	{"data destroyed", "Recording", "ITEM...", "state that your organisation's copies of items were destroyed",
	 "For copies elsewhere, such as backups. `regesta payload erase` destroys what is in this store, and states it.",
	 "regesta data destroyed 3f2a91c07d11#0 --what both", destroyed_options, 1, EVENTS_ITEMS_MAX, run_destroyed},
	{"payload erase", "Payloads", "ITEM...", "destroy the keys and ciphertexts of items that are to be erased, and state it",
	 "Only what `regesta data erase` ordered, and nothing that a hold covers, whether it was placed before the order or after. Keys are overwritten and removed, then the ciphertext, then it is recorded that both were destroyed. "
	 "What was sealed beside the items goes with the last of them. Backups made before still hold both: destroy them, too. Receipts and proofs "
	 "of the ledger go on to verify.",
	 "regesta payload erase 3f2a91c07d11#0", plain_options, 1, EVENTS_ITEMS_MAX, run_payload_erase},
	{"actor affirm", "Recording", "EVENT...", "affirm events that were signed by a key when others may have had it",
	 "By an administrator of the author's organisation: a key that came from a suspect one by rotation is suspect too. `regesta list suspects` shows which "
	 "events wait.",
	 "regesta actor affirm 3f2a91c07d11 9c1e02d4aa31", say_options, 1, 64, run_affirm},
	{"actor repudiate", "Recording", "EVENT...", "repudiate events that their author did not make",
	 "What they brought counts as retracted; consents that they gave count as annulled; what restricts stands until it is annulled.",
	 "regesta actor repudiate 3f2a91c07d11 --reason key-compromised", say_options, 1, 16, run_repudiate},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
