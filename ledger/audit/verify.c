/* One evidence file against a policy: nothing is believed but the policy. */
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

#define RECEIPT_FIRST "c2sp.org/tlog-proof@v1\n"
#define EVIDENCE_BYTES_MAX CHAIN_EVIDENCE_BYTES_MAX
/* Who reads these words keeps receipts, and knows neither trees nor CBOR. */
#define NOT_WHOLE BASE_WORDS("this file cannot be read as what it says it is: the file was changed after it was written, or damaged on its way; get it again from whoever keeps the ledger")
#define OTHER_CHECKPOINT BASE_WORDS("the checkpoint in it is not what the ledger's node signed: the file was changed after it was written, or damaged on its way; get it again from whoever keeps the ledger")
#define OTHER_EVENT BASE_WORDS("what it says was recorded is not what its checkpoint stands for: the file was changed after it was written, or damaged on its way; get it again from whoever keeps the ledger")
#define OTHER_STATE BASE_WORDS("what it says is not what its checkpoint stands for: the file was changed after it was written, or damaged on its way; get it again from whoever keeps the ledger")
#define OTHER_LEDGER BASE_WORDS("it is evidence of another ledger than this policy is for: verify it with the policy of its own ledger")
#define OTHER_KEYS BASE_WORDS("it lacks the signatures that this policy asks for: the policy may be from before the node's keys were made anew, or after; "  \
	"otherwise the file was changed after it was written, or damaged on its way; get it again from whoever keeps the ledger")
#define OTHER_AUTHOR BASE_WORDS("the ledger's node vouches for this entry, but its author did not sign it as it stands there: do not rely on it, and ask "      \
	"whoever keeps the ledger")

static bool begins(struct base_slice file, const char *line)
{
	return file.len >= strlen(line) && memcmp(file.data, line, strlen(line)) == 0;
}

static const char *note_words(const struct proof_policy *policy, const struct proof_note *note, enum base_code code,
			      struct base_slice origin)
{
	if (audit_policy_altered(policy, note))
		return OTHER_CHECKPOINT;
	if (code != BASE_MISMATCH)
		return NOT_WHOLE;
	return audit_policy_names(policy, origin) ? OTHER_KEYS : OTHER_LEDGER;
}

/* The signatures of a checkpoint. A ledger of one log and no foreign witness is somebody's word alone. */
static enum base_code check_note(struct audit_verdict *out, struct base_slice note_bytes, const struct proof_policy *policy,
				 struct base_error *err)
{
	struct proof_note *note = base_alloc(sizeof(*note));
	enum base_code code = proof_note_parse(note, note_bytes, err);

	if (code != BASE_OK) {
		code = audit_plain(err, code, NOT_WHOLE);
		goto out;
	}
	code = proof_policy_check(policy, note, &out->checkpoint, &out->signatures, err);
	if (code != BASE_OK)
		code = audit_plain(err, code, note_words(policy, note, code, out->checkpoint.origin));
out:
	free(note);
	out->solo = proof_policy_logs(policy) <= 1 && proof_policy_witnesses(policy) <= 1;
	return code;
}

/* What an event about a whole ledger is about is that ledger: in a checkpoint of another one it would be shown as an event of
 * that. Those of a study name the study; their ledger stands in the envelope. */
static enum base_code check_ledger(const struct events_event *event, struct base_slice origin, struct base_error *err)
{
	struct base_buf theirs = BASE_BUF_INIT, ours = BASE_BUF_INIT;
	enum base_code code;

	if (event->envelope.kind->needs_study || base_slice_equal(event->cose.subject, origin))
		return BASE_OK;
	base_printable(&theirs, event->cose.subject);
	base_printable(&ours, origin);
	code = base_fail(err, BASE_MISMATCH, "its author signed it for the ledger %.*s, and it is shown as an event of the ledger %.*s: do not rely on "
					     "it", (int)theirs.len, (const char *)theirs.data, (int)ours.len, (const char *)ours.data);
	base_buf_free(&theirs);
	base_buf_free(&ours);
	return code;
}

/* An event's signature by the key beside it, which chain_extra_decode has matched with the kid. */
static enum base_code check_event(const struct chain_entry *entry, struct base_slice key_cbor, struct events_event *event,
				  struct base_error *err)
{
	struct keys_public key;
	struct base_hash kid;
	enum base_code code = events_decode(event, entry->event, err);

	if (code == BASE_OK)
		code = keys_public_parse(&key, key_cbor, err);
	if (code != BASE_OK)
		return code;
	kid = keys_kid(&key);
	if (!base_slice_equal(base_hash_slice(&kid), event->cose.kid))
		return base_fail(err, BASE_MISMATCH, "the public key beside the event is not the one that the event names");
	return base_wrap(err, events_verify(event, &key, err), "the author's signature");
}

/* ---- Receipts ---- */

/* The entry is in the ledger, and its author signed it. */
static enum base_code check_receipt(struct audit_verdict *out, const struct proof_receipt *receipt, struct base_error *err)
{
	struct chain_extra extra;
	struct base_hash leaf;
	enum base_code code = chain_extra_decode(&extra, base_slice(out->storage.data, receipt->extra.len), err);

	if (code == BASE_OK) {
		leaf = proof_leaf(extra.entry_bytes);
		code = proof_inclusion_verify(&receipt->path, receipt->index, out->checkpoint.size, &leaf, &out->checkpoint.root, err);
	}
	if (code != BASE_OK)
		return audit_plain(err, code, OTHER_EVENT);
	out->entry = extra.entry;
	if (extra.entry.type != CHAIN_EVENT)
		return BASE_OK;
	out->event = extra.event;
	if ((code = events_verify(&out->event, &extra.key, err)) != BASE_OK)
		return audit_plain(err, code, OTHER_AUTHOR);
	if ((code = check_ledger(&out->event, out->checkpoint.origin, err)) != BASE_OK)
		return code;
	return state_outcome_decode(&out->outcome, extra.entry.outcome, err);
}

static enum base_code verify_receipt(struct audit_verdict *out, struct base_slice file, const struct proof_policy *policy,
				     struct base_error *err)
{
	struct proof_receipt receipt = {0};
	enum base_code code = proof_receipt_parse(&receipt, file, err);

	if (code != BASE_OK)
		return audit_plain(err, code, NOT_WHOLE);
	out->what = AUDIT_RECEIPT;
	out->index = receipt.index;
	/* The verdict borrows from a copy that lives as long as it. */
	base_buf_append(&out->storage, base_buf_slice(&receipt.extra));
	base_buf_append(&out->storage, receipt.note);
	code = check_note(out, base_slice(out->storage.data + receipt.extra.len, receipt.note.len), policy, err);
	if (code == BASE_OK)
		code = check_receipt(out, &receipt, err);
	proof_receipt_free(&receipt);
	return code;
}

/* ---- Trails, presence, absence ---- */

/* The form that a table's references have. A key of any other form never has a value, and its absence would look, to who
 * reads it quickly, like that of the record which it resembles. */
static bool reference_fits(enum state_table table, struct base_slice reference)
{
	struct base_slice text = {NULL, 0};
	size_t hash = 0;
	struct wire_reader r;

	wire_read(&r, reference);
	switch (table) {
	case STATE_STUDY:
	case STATE_NODES:
	case STATE_GOVERNANCE:
	case STATE_APPROVAL:
	case STATE_HOLD:
	case STATE_AGREEMENT:
	case STATE_CONTRACT:
		return reference.len == 0;
	case STATE_ORGANISATION:
	case STATE_ACTOR:
		text = wire_get_text(&r);
		break;
	case STATE_ITEM:
	case STATE_COPY:
		wire_expect_array(&r, 2);
		hash = wire_get_bytes(&r).len;
		(void)wire_get_uint(&r);
		break;
	case STATE_KEY:
	case STATE_PARTICIPANT:
	case STATE_HEAD:
	case STATE_PROPOSAL:
	case STATE_DATASET:
	case STATE_CONSENT:
	case STATE_RIGHTS:
	case STATE_INCIDENT:
	case STATE_EVENT:
	case STATE_LINK:
	case STATE_GRANT:
		hash = wire_get_bytes(&r).len;
		break;
	}
	if (wire_done(&r, "reference", NULL) != BASE_OK)
		return false;
	if (table == STATE_ORGANISATION || table == STATE_ACTOR)
		return events_text_valid(table == STATE_ACTOR ? EVENTS_ACTOR : EVENTS_ORGANISATION, text);
	return hash == BASE_HASH_BYTES;
}

static bool has_study(enum state_table table)
{
	return table == STATE_STUDY || table == STATE_ITEM || table == STATE_PARTICIPANT || table == STATE_HEAD || table == STATE_DATASET ||
	       table == STATE_APPROVAL || table == STATE_CONSENT || table == STATE_HOLD || table == STATE_RIGHTS || table == STATE_INCIDENT ||
	       table == STATE_COPY || table == STATE_AGREEMENT || table == STATE_LINK || table == STATE_CONTRACT ||
	       table == STATE_GRANT;
}

static enum base_code check_subject(const struct chain_evidence *evidence, struct base_error *err)
{
	if ((evidence->study.len > 0) != has_study(evidence->table) || !reference_fits(evidence->table, evidence->reference) ||
	    (evidence->table == STATE_HEAD && evidence->chunk != 0))
		return base_fail(err, BASE_MISMATCH, "no record can be where the proof looks: study, reference or chunk are not of the form that "
						     "table %d has", (int)evidence->table);
	return BASE_OK;
}

static enum base_code check_leaf(const struct chain_leaf *leaf, const struct proof_checkpoint *checkpoint, struct base_error *err)
{
	struct proof_path path;
	struct base_hash hash = proof_leaf(leaf->entry);

	chain_leaf_path(leaf, &path);
	return base_wrap(err, proof_inclusion_verify(&path, leaf->index, checkpoint->size, &hash, &checkpoint->root, err), "entry #%llu",
			 (unsigned long long)leaf->index);
}

/* The block whose state is shown must be the last one that the checkpoint covers, or "at the head" would mean some earlier day. */
static enum base_code check_block(struct audit_verdict *out, const struct chain_leaf *leaf, struct base_error *err)
{
	struct chain_entry entry;
	enum base_code code = check_leaf(leaf, &out->checkpoint, err);

	if (code == BASE_OK)
		code = chain_entry_decode(&entry, leaf->entry, err);
	if (code == BASE_OK && entry.type != CHAIN_BLOCK)
		code = base_fail(err, BASE_MISMATCH, "entry #%llu does not close a block", (unsigned long long)leaf->index);
	if (code == BASE_OK && leaf->index + 1 != out->checkpoint.size)
		code = base_fail(err, BASE_MISMATCH, "the state shown is of block %llu, which is not the last one of the checkpoint",
				 (unsigned long long)entry.height);
	if (code == BASE_OK)
		out->block = entry.block;
	return code;
}

static enum base_code check_trail(struct audit_verdict *out, const struct chain_evidence *evidence, struct base_error *err)
{
	struct state_head head = {0};
	struct base_hash chain = {{0}};
	uint64_t previous = 0;
	enum base_code code = BASE_OK;

	if (evidence->has_value && (code = state_head_decode(&head, evidence->value, err)) != BASE_OK)
		return code;
	if (head.count != evidence->leaf_count)
		return base_fail(err, BASE_MISMATCH, "the ledger says that %llu entries concern the participant; the trail has %zu",
				 (unsigned long long)head.count, evidence->leaf_count);
	for (size_t i = 0; i < evidence->leaf_count && code == BASE_OK; i++) {
		const struct chain_leaf *leaf = &evidence->leaves[i];
		struct base_hash hash = proof_leaf(leaf->entry);
		struct chain_entry entry;
		struct events_event event;

		if (i > 0 && leaf->index <= previous)
			return base_fail(err, BASE_MISMATCH, "the trail's entries are not in the ledger's order");
		previous = leaf->index;
		code = check_leaf(leaf, &out->checkpoint, err);
		if (code == BASE_OK)
			code = chain_entry_decode(&entry, leaf->entry, err);
		if (code == BASE_OK && entry.type != CHAIN_EVENT)
			code = base_fail(err, BASE_MISMATCH, "entry #%llu is not an event", (unsigned long long)leaf->index);
		if (code == BASE_OK)
			code = base_wrap(err, check_event(&entry, leaf->key, &event, err), "entry #%llu", (unsigned long long)leaf->index);
		if (code == BASE_OK)
			code = check_ledger(&event, out->checkpoint.origin, err);
		chain = state_head_step(&chain, &hash);
	}
	if (code == BASE_OK && !base_hash_equal(&chain, &head.chain))
		code = base_fail(err, BASE_MISMATCH, "the trail's entries are not those that the participant's head stands for: one is missing, "
						     "exchanged or too much");
	return code;
}

/* A full record may go on: the reader is told. What is no record has none. */
static void count_facts(struct audit_verdict *out)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_hash leaf;

	if (out->what != AUDIT_PRESENCE || out->table == STATE_HEAD ||
	    state_record_decode(facts, &out->fact_count, &leaf, out->value, NULL) != BASE_OK)
		out->fact_count = 0;
}

static enum base_code verify_evidence(struct audit_verdict *out, struct base_slice file, const struct proof_policy *policy,
				      struct base_error *err)
{
	struct chain_evidence *evidence = base_alloc(sizeof(*evidence));
	struct base_hash key;
	enum base_code code = chain_evidence_decode(evidence, file, err);

	out->evidence = evidence;
	if (code != BASE_OK)
		return audit_plain(err, code, NOT_WHOLE);
	out->what = evidence->kind == CHAIN_CONSENT ? AUDIT_CONSENT : evidence->kind == CHAIN_TRAIL ? AUDIT_TRAIL
							    : evidence->has_value ? AUDIT_PRESENCE : AUDIT_ABSENCE;
	out->table = evidence->table;
	out->study = evidence->study;
	out->reference = evidence->reference;
	out->chunk = evidence->chunk;
	out->value = evidence->value;
	out->entry_count = evidence->leaf_count;
	count_facts(out);
	code = check_subject(evidence, err);
	if (code == BASE_OK)
		code = check_note(out, evidence->note, policy, err);
	if (code != BASE_OK)
		return code;
	code = check_block(out, &evidence->block, err);
	if (code == BASE_OK && evidence->kind == CHAIN_CONSENT) {
		code = audit_consent_check(out, evidence, err);
		return code == BASE_MISMATCH ? code : audit_plain(err, code, NOT_WHOLE);
	}
	if (code == BASE_OK) {
		key = chain_evidence_key(evidence);
		code = base_wrap(err, state_proof_verify(evidence->map_proof, &out->block.state, &key,
							 evidence->has_value ? evidence->value : base_slice(NULL, 0), err),
				 "the map's proof");
	}
	if (code == BASE_OK && evidence->kind == CHAIN_TRAIL)
		code = check_trail(out, evidence, err);
	return audit_plain(err, code, OTHER_STATE);
}

enum base_code audit_verify(struct audit_verdict *out, struct base_slice file, const struct proof_policy *policy, struct base_error *err)
{
	enum base_code code;

	memset(out, 0, sizeof(*out));
	if (file.len > EVIDENCE_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the file is over %u MiB", EVIDENCE_BYTES_MAX >> 20);
	if (begins(file, RECEIPT_FIRST)) {
		code = verify_receipt(out, file, policy, err);
	} else if (begins(file, "regesta-")) {
		code = verify_evidence(out, file, policy, err);
	} else {
		struct proof_note *note = base_alloc(sizeof(*note));

		out->what = AUDIT_CHECKPOINT;
		base_buf_append(&out->storage, file);
		code = audit_plain(err, proof_note_parse(note, file, err), BASE_WORDS("this is no receipt, trail, proof of state or checkpoint: give the file as "
									    "it was written"));
		free(note);
		if (code == BASE_OK)
			code = check_note(out, base_buf_slice(&out->storage), policy, err);
	}
	if (code != BASE_OK)
		audit_verdict_free(out);
	/* That says more than what the parser stumbled over. */
	if (code == BASE_OK || audit_text_check(file, err) == BASE_OK)
		return code;
	return BASE_MALFORMED;
}

void audit_verdict_free(struct audit_verdict *verdict)
{
	if (verdict->evidence != NULL) {
		chain_evidence_free(verdict->evidence);
		free(verdict->evidence);
	}
	state_outcome_free(&verdict->outcome);
	base_buf_free(&verdict->storage);
	memset(verdict, 0, sizeof(*verdict));
}

enum base_code audit_trail_walk(const struct audit_verdict *verdict,
				bool (*visit)(void *arg, uint64_t index, const struct chain_entry *entry), void *arg, struct base_error *err)
{
	for (size_t i = 0; i < verdict->entry_count; i++) {
		const struct chain_leaf *leaf = &verdict->evidence->leaves[i];
		struct chain_entry entry;
		enum base_code code = chain_entry_decode(&entry, leaf->entry, err);

		if (code != BASE_OK)
			return code;
		if (!visit(arg, leaf->index, &entry))
			break;
	}
	return BASE_OK;
}
