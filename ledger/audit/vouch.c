/* Who vouches: checkpoints that are stored, one a block, and the one that an auditor kept from earlier. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

/* ---- Stored checkpoints ---- */

/* Signed with the keys of genesis, which were replaced since: whether that was in time is judged at the end. */
static bool signed_before(const struct audit_replay *r, const struct proof_note *parsed, struct proof_checkpoint *checkpoint)
{
	struct proof_verdict verdict;
	struct base_error ignored;

	return r->genesis != NULL && proof_policy_check(r->genesis, parsed, checkpoint, &verdict, &ignored) == BASE_OK;
}

void audit_note_verify(struct audit_replay *r, struct audit_note *note)
{
	struct proof_note *parsed = base_alloc(sizeof(*parsed));
	struct proof_checkpoint checkpoint = {0};
	struct proof_verdict verdict = {0};
	struct base_error err = {{0}};

	note->code = proof_note_parse(parsed, base_buf_slice(&note->note), &err);
	if (note->code == BASE_OK)
		note->code = proof_policy_check(r->policy, parsed, &checkpoint, &verdict, &err);
	if (note->code == BASE_MISMATCH && !audit_policy_altered(r->policy, parsed)) {
		note->older = signed_before(r, parsed, &checkpoint);
		note->unknown = !note->older;
		if (note->older)
			note->code = BASE_OK;
	}
	if (note->code == BASE_OK && (checkpoint.size != note->size || !base_hash_equal(&checkpoint.root, &note->root)))
		note->code = base_fail(&err, BASE_MISMATCH, "it is signed, but not over the entries that are here");
	snprintf(note->why, sizeof(note->why), "%.190s", err.text);
	free(parsed);
}

static void say_bad(struct audit_replay *r)
{
	const struct audit_report *report = r->report;
	struct audit_bad_notes *bad = &r->bad;
	char which[96], hint[320] = "";

	if (bad->count == 0)
		return;
	if (bad->count == 1)
		snprintf(which, sizeof(which), base_message("the checkpoint of block %" PRIu64 " (size %" PRIu64 ")"), bad->first_height, bad->last_size);
	else
		snprintf(which, sizeof(which), base_message("%" PRIu64 " checkpoints, of the blocks %" PRIu64 " to %" PRIu64), bad->count, bad->first_height,
			 bad->last_height);
	if (bad->unknown && report->recovered && r->options->policy == NULL && r->recovered == NULL)
		snprintf(hint, sizeof(hint), base_message(". The node's keys were made anew after a loss (governance.recover, entry #%" PRIu64 "), and tiles do not hold "
			 "the new ones: give --policy FILE, as `regesta policy` has written it since"), report->recovered_index);
	else if (bad->unknown && report->recovered)
		snprintf(hint, sizeof(hint), base_message(". The node's keys were made anew after a loss (governance.recover, entry #%" PRIu64 "): --policy FILE must name "
			 "the keys that are in force since"), report->recovered_index);
	audit_deviate(r, AUDIT_CHECKPOINTS, NULL, "%s: %s%s", which, bad->why, hint);
	*bad = (struct audit_bad_notes){0};
}

static void add_bad(struct audit_replay *r, const struct audit_note *note)
{
	struct audit_bad_notes *bad = &r->bad;

	if (bad->count > 0 && (strcmp(bad->why, note->why) != 0 || bad->unknown != note->unknown))
		say_bad(r);
	if (bad->count == 0)
		bad->first_height = note->height;
	bad->count++;
	bad->last_height = note->height;
	bad->last_size = note->size;
	bad->unknown = note->unknown;
	snprintf(bad->why, sizeof(bad->why), "%s", note->why);
}

void audit_notes_report(struct audit_replay *r, const struct audit_batch *batch)
{
	for (size_t i = 0; i < batch->note_count; i++) {
		const struct audit_note *note = &batch->notes[i];

		if (note->code != BASE_OK) {
			add_bad(r, note);
			continue;
		}
		if (note->older)
			r->older_size = note->size;
		/* What the policy does not name does not vouch for those who gave it. */
		if (!note->older || r->options->policy == NULL) {
			r->report->covered_size = note->size;
			r->report->covered_height = note->height;
		}
	}
}

void audit_notes_end(struct audit_replay *r)
{
	say_bad(r);
	if (r->older_size == 0 || r->state_lost)
		return;
	if (!r->report->recovered)
		audit_deviate(r, AUDIT_CHECKPOINTS, NULL, "checkpoints up to size %" PRIu64 " are signed with the keys that genesis names, and not with those "
			      "that are to be believed; no governance.recover on the ledger says that the node's keys were made anew", r->older_size);
	else if (r->older_size > r->report->recovered_index)
		audit_deviate(r, AUDIT_CHECKPOINTS, NULL, "the checkpoint of size %" PRIu64 " is signed with keys that were replaced before "
			      "(governance.recover, entry #%" PRIu64 "): whoever has the old ones made it", r->older_size, r->report->recovered_index);
}

/* ---- The checkpoint kept from earlier ---- */

/* Whether one of the keys that are known signed it, and that nobody changed it. */
static void judge_since(struct audit_replay *r, const struct proof_note *note)
{
	const struct {
		const struct proof_policy *policy;
		enum audit_vouch by;
	} known[] = {{r->options->policy, AUDIT_BY_POLICY}, {r->genesis, AUDIT_BY_GENESIS}, {r->recovered, AUDIT_BY_RECOVERED}};
	struct audit_report *report = r->report;
	bool altered = false;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && report->kept_by == AUDIT_BY_NOBODY; i++) {
		struct proof_checkpoint checkpoint;
		struct proof_verdict verdict;
		struct base_error err = {{0}};

		if (known[i].policy == NULL)
			continue;
		if (proof_policy_check(known[i].policy, note, &checkpoint, &verdict, &err) == BASE_OK)
			report->kept_by = known[i].by;
		altered = altered || audit_policy_altered(known[i].policy, note);
		if (report->kept_why[0] == '\0')
			snprintf(report->kept_why, sizeof(report->kept_why), "%.190s", err.text);
	}
	r->has_since = !altered;
	/* Every ledger begins with nothing. */
	r->since_seen = r->since.size == 0;
	if (altered)
		audit_deviate(r, AUDIT_SINCE, NULL, "the checkpoint that you kept is not what the node signed: it was changed since, or never was what it says "
			      "(%s); history was not compared with it", report->kept_why);
}

enum base_code audit_since_begin(struct audit_replay *r)
{
	struct proof_note *note;
	enum base_code code;

	if (r->options->since.len == 0)
		return BASE_OK;
	note = base_alloc(sizeof(*note));
	code = proof_note_parse(note, r->options->since, r->err);
	if (code == BASE_OK)
		code = proof_checkpoint_parse(&r->since, note->text, r->err);
	if (code == BASE_OK)
		judge_since(r, note);
	else
		code = base_fail(r->err, BASE_MALFORMED, "the checkpoint kept from earlier cannot be read");
	free(note);
	return code;
}

void audit_since_end(struct audit_replay *r)
{
	struct audit_report *report = r->report;

	if (!r->has_since)
		return;
	if (!base_slice_equal(r->since.origin, base_buf_slice(&r->origin))) {
		audit_deviate(r, AUDIT_SINCE, NULL, "the checkpoint that you kept is of another ledger");
		return;
	}
	report->kept = true;
	if (!r->since_seen)
		audit_deviate(r, AUDIT_SINCE, NULL, "the checkpoint that you kept covers %" PRIu64 " entries; only %" PRIu64 " are here: the end was cut off",
			      r->since.size, r->frontier.size);
	if (r->since_equal && report->kept_by != AUDIT_BY_NOBODY && r->since.size > report->covered_size) {
		report->covered_size = r->since.size;
		report->covered_kept = true;
	}
}
