/* Ledgers that nobody's honest program wrote, as tiles with a valid checkpoint: an operator who forges has the node's
 * keys. The audit finds each. */
#include "tests/chain/fixture.h"

#include "ledger/audit/audit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct forge {
	struct fix *f;
	struct state_memory *memory;
	struct state_view view;
	struct state_exec *exec;
	struct proof_frontier frontier;
	struct base_buf bundle, leaves;
	struct base_buf kept[64]; /* every entry */
	size_t count;
	uint64_t height, first, time;
	struct base_hash prev;
};

static enum base_code kept_entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	struct forge *g = arg;

	(void)err;
	ck_assert_uint_lt(index, g->count);
	*bytes = base_buf_slice(&g->kept[index]);
	return BASE_OK;
}

static struct base_hash put(struct forge *g, struct base_slice entry)
{
	struct base_hash leaf = proof_leaf(entry);

	base_buf_append(&g->kept[g->count++], entry);
	proof_bundle_add(&g->bundle, entry);
	base_buf_append(&g->leaves, base_hash_slice(&leaf));
	proof_frontier_add(&g->frontier, &leaf, NULL, NULL);
	return leaf;
}

static void begin(struct forge *g)
{
	if (g->exec == NULL)
		g->exec = state_exec_begin(&g->view, NULL, &g->f->id, base_slice_text(FIX_ORIGIN), g->height, (struct base_time){g->time});
}

static void forge_open(struct forge *g, struct fix *f)
{
	struct chain_entry entry;
	struct base_hash leaf;

	*g = (struct forge){.f = f, .memory = state_memory_open(), .time = FIX_TIME};
	state_memory_view(g->memory, &g->view, kept_entry, g);
	ck_ok(chain_entry_decode(&entry, base_buf_slice(&f->genesis), &ck_err));
	g->time = entry.time.ms;
	begin(g);
	leaf = put(g, base_buf_slice(&f->genesis));
	ck_ok(state_exec_genesis(g->exec, entry.genesis, &leaf, &ck_err));
}

/* claimed: the outcome to write, or NULL for the right one. */
static void forge_event(struct forge *g, struct base_slice bytes, uint64_t height, const struct base_buf *claimed)
{
	struct base_buf entry = BASE_BUF_INIT, made = BASE_BUF_INIT;
	struct state_outcome outcome;
	struct events_event event;
	struct base_hash leaf;
	uint64_t index = g->count;

	begin(g);
	ck_ok(events_decode(&event, bytes, &ck_err));
	ck_ok(state_exec_judge(g->exec, &event, &index, &outcome, &ck_err));
	state_outcome_encode(&made, &outcome);
	state_outcome_free(&outcome);
	chain_entry_encode_event(&entry, height, (struct base_time){g->time}, bytes, base_buf_slice(claimed != NULL ? claimed : &made));
	leaf = put(g, base_buf_slice(&entry));
	state_exec_entered(g->exec, &leaf);
	base_buf_free(&entry);
	base_buf_free(&made);
}

static void forge_block(struct forge *g, bool engine)
{
	struct chain_block_entry block = {
		.height = g->height, .time = {g->time}, .prev = g->prev, .first = g->first, .count = g->count - g->first,
		.tree = proof_frontier_root(&g->frontier), .has_engine = engine, .engine_height = 7,
	};
	struct base_buf entry = BASE_BUF_INIT;
	struct state_changes changes;

	ck_ok(state_exec_finish(g->exec, &changes, &ck_err));
	block.state = state_memory_apply(g->memory, &changes);
	block.side = changes.side_hash;
	block.nodes = changes.nodes_hash;
	state_exec_keep(g->exec);
	state_exec_close(g->exec);
	g->exec = NULL;
	chain_entry_encode_block(&entry, &block);
	(void)put(g, base_buf_slice(&entry));
	g->prev = chain_app_hash(base_buf_slice(&entry));
	g->first = g->count;
	g->height++;
	g->time += 1000;
	base_buf_free(&entry);
}

static void write_file(const char *folder, const char *name, struct base_slice bytes)
{
	char *path = base_path(folder, name);

	ck_ok(base_file_write(path, bytes, 0600, true, &ck_err));
	free(path);
}

static void make(const char *folder, const char *name)
{
	char *path = base_path(folder, name);

	ck_ok(base_make_folder(path, 0700, &ck_err));
	free(path);
}

/* Tiles of everything so far. The caller frees the folder's name. */
static char *forge_write(struct forge *g, const char *name)
{
	char *folder = base_path(g->f->folder, name), path[96];
	struct base_buf note = BASE_BUF_INIT, lines = BASE_BUF_INIT;
	struct base_hash root = proof_frontier_root(&g->frontier);

	make(folder, "tile/entries");
	make(folder, "tile/0");
	proof_tile_path(path, -1, 0, (unsigned)g->count);
	make(folder, "tile/entries/000.p");
	write_file(folder, path, base_buf_slice(&g->bundle));
	proof_tile_path(path, 0, 0, (unsigned)g->count);
	make(folder, "tile/0/000.p");
	write_file(folder, path, base_buf_slice(&g->leaves));
	write_file(folder, "genesis.sig", base_buf_slice(&g->f->signatures));
	proof_checkpoint_format(&note, FIX_ORIGIN, g->count, &root);
	ck_ok(proof_note_sign(&lines, base_buf_slice(&note), FIX_ORIGIN, g->f->log, &ck_err));
	base_buf_byte(&note, '\n');
	base_buf_append(&note, base_buf_slice(&lines));
	write_file(folder, "checkpoint", base_buf_slice(&note));
	base_buf_free(&note);
	base_buf_free(&lines);
	return folder;
}

static void forge_close(struct forge *g)
{
	state_exec_close(g->exec);
	state_memory_close(g->memory);
	base_buf_free(&g->bundle);
	base_buf_free(&g->leaves);
	for (size_t i = 0; i < g->count; i++)
		base_buf_free(&g->kept[i]);
}

static void on_deviation(void *arg, const struct audit_deviation *deviation)
{
	struct base_buf *all = arg;

	base_buf_print(all, "%s; ", deviation->what);
}

/* said: what the deviations say, or NULL if there is none. */
static void check_audit(struct forge *g, const char *said)
{
	struct base_buf all = BASE_BUF_INIT;
	struct audit_options options = {.signatures = true, .deviation = on_deviation, .arg = &all};
	struct audit_report report;
	struct base_error err = {{0}};
	char *folder = forge_write(g, "forged");
	enum base_code code = audit_tiles(folder, &options, &report, &err);

	base_buf_byte(&all, '\0');
	ck_assert_msg(code == (said == NULL ? BASE_OK : BASE_MISMATCH), "%s: %s %s", base_code_name(code), err.text, (char *)all.data);
	if (said != NULL)
		ck_assert_msg(strstr((char *)all.data, said) != NULL, "%s", (char *)all.data);
	base_buf_free(&all);
	free(folder);
}

START_TEST(audit_of_forged_ledger_when_nothing_is_wrong_is_clean)
{
	struct base_buf event = BASE_BUF_INIT;
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	forge_block(&g, false);
	fix_enrol(&f, &event);
	forge_event(&g, base_buf_slice(&event), 1, NULL);
	forge_block(&g, false);
	check_audit(&g, NULL);
	forge_close(&g);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

START_TEST(audit_when_an_event_stands_in_the_block_of_genesis_finds_it)
{
	struct base_buf event = BASE_BUF_INIT;
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	fix_enrol(&f, &event);
	forge_event(&g, base_buf_slice(&event), 1, NULL);
	forge_block(&g, false);
	check_audit(&g, "genesis alone");
	forge_close(&g);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

START_TEST(audit_when_a_solo_block_names_an_engine_finds_it)
{
	struct base_buf event = BASE_BUF_INIT;
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	forge_block(&g, false);
	fix_enrol(&f, &event);
	forge_event(&g, base_buf_slice(&event), 1, NULL);
	forge_block(&g, true);
	check_audit(&g, "engine");
	forge_close(&g);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

START_TEST(audit_when_genesis_block_names_an_engine_finds_it)
{
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	forge_block(&g, true);
	check_audit(&g, "engine");
	forge_close(&g);
	fix_close(&f);
}
END_TEST

START_TEST(audit_when_time_goes_back_finds_it)
{
	struct base_buf event = BASE_BUF_INIT;
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	forge_block(&g, false);
	g.time -= 5000;
	fix_enrol(&f, &event);
	forge_event(&g, base_buf_slice(&event), 1, NULL);
	forge_block(&g, false);
	check_audit(&g, "not later");
	forge_close(&g);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

START_TEST(audit_when_another_outcome_is_claimed_finds_it)
{
	struct base_buf event = BASE_BUF_INIT, claimed = BASE_BUF_INIT;
	struct state_outcome outcome = {.verdict = STATE_DENY, .denial = EVENTS_DENIAL_NO_AUTHORITY};
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	forge_block(&g, false);
	fix_enrol(&f, &event);
	state_outcome_encode(&claimed, &outcome);
	forge_event(&g, base_buf_slice(&event), 1, &claimed);
	forge_block(&g, false);
	check_audit(&g, "outcome");
	forge_close(&g);
	base_buf_free(&event);
	base_buf_free(&claimed);
	fix_close(&f);
}
END_TEST

START_TEST(audit_when_an_author_did_not_sign_finds_it)
{
	struct base_buf event = BASE_BUF_INIT;
	struct forge g;
	struct fix f;

	fix_open(&f);
	forge_open(&g, &f);
	forge_block(&g, false);
	fix_enrol(&f, &event);
	event.data[event.len - 1] ^= 1;
	forge_event(&g, base_buf_slice(&event), 1, NULL);
	forge_block(&g, false);
	check_audit(&g, "signature does not verify");
	forge_close(&g);
	base_buf_free(&event);
	fix_close(&f);
}
END_TEST

/* ---- Keys made anew, by whoever had a copy ---- */

static enum base_code next_kept(void *arg, struct base_slice *entry, struct base_error *err)
{
	struct forge *g = arg;

	(void)err;
	if (g->first == g->count)
		return BASE_NOT_FOUND;
	*entry = base_buf_slice(&g->kept[g->first++]);
	return BASE_OK;
}

START_TEST(audit_when_a_stranger_signs_a_copy_finds_it)
{
	struct keys_private *log = fix_key(KEYS_LOG, KEYS_ED25519, 0x77), *cosign = fix_key(KEYS_COSIGN, KEYS_ED25519, 0x78);
	struct base_buf said = BASE_BUF_INIT;
	struct audit_options options = {.signatures = true, .deviation = on_deviation, .arg = &said};
	struct audit_report report;
	struct chain_signer stranger;
	struct chain *chain;
	struct forge g;
	struct fix f;
	char *copy, *record;

	fix_open(&f);
	copy = base_path(f.folder, "copy");
	record = base_path(f.folder, "record");
	forge_open(&g, &f);
	forge_block(&g, false);
	g.first = 0;
	ck_ok(chain_rebuild(copy, next_kept, &g, base_buf_slice(&f.signatures), base_slice(NULL, 0), &ck_err));
	ck_ok(audit_ledger(copy, &options, &report, &ck_err));
	stranger = (struct chain_signer){.log = log, .cosign = cosign, .cosign_name = FIX_NODE, .signed_path = record, .recovered = true};
	ck_ok(chain_open(&chain, copy, 0, &stranger, &ck_err));
	ck_ok(chain_flush(chain, &ck_err));
	chain_close(chain);
	ck_code(audit_ledger(copy, &options, &report, &ck_err), BASE_MISMATCH);
	base_buf_byte(&said, '\0');
	ck_assert_ptr_nonnull(strstr((char *)said.data, "genesis does not name"));
	keys_private_close(log);
	keys_private_close(cosign);
	base_buf_free(&said);
	free(copy);
	free(record);
	forge_close(&g);
	fix_close(&f);
}
END_TEST

/* ---- Evidence about what cannot be there ---- */

static enum base_code absent(struct chain_read *read, const struct proof_policy *policy, enum state_table table, const char *study,
			     struct base_buf *reference, uint64_t chunk)
{
	struct audit_verdict verdict;
	struct base_buf text = BASE_BUF_INIT;
	struct base_error err = {{0}};
	enum base_code code;

	ck_ok(chain_read_evidence(read, table, study != NULL ? base_slice_text(study) : base_slice(NULL, 0), base_buf_slice(reference), chunk, &text,
				  &ck_err));
	code = audit_verify(&verdict, base_buf_slice(&text), policy, &err);
	if (code == BASE_OK) {
		ck_assert_int_eq(verdict.what, AUDIT_ABSENCE);
		ck_assert_uint_eq(verdict.chunk, chunk);
		audit_verdict_free(&verdict);
	} else {
		ck_assert_ptr_nonnull(strstr(err.text, "no record can be"));
	}
	base_buf_free(&text);
	reference->len = 0;
	return code;
}

START_TEST(verify_when_absence_is_of_no_possible_record_refuses)
{
	struct base_hash participant = fix_reference(9);
	struct base_buf reference = BASE_BUF_INIT;
	struct proof_policy *policy;
	struct chain_read *read;
	struct fix f;

	fix_ledger(&f);
	fix_study_ready(&f);
	read = fix_read(&f);
	policy = fix_policy(read);
	wire_put_cstr(&reference, "hospital/nobody");
	ck_assert_int_eq(absent(read, policy, STATE_ACTOR, NULL, &reference, 0), BASE_OK);
	/* The end of a record that is there: the verdict carries the chunk. */
	wire_put_cstr(&reference, FIX_ADMIN);
	ck_assert_int_eq(absent(read, policy, STATE_ACTOR, NULL, &reference, 1), BASE_OK);
	/* Bytes instead of text; a study where there is none: never there, whatever the actor did. */
	wire_put_bytes(&reference, base_slice_text(FIX_ADMIN));
	ck_assert_int_eq(absent(read, policy, STATE_ACTOR, NULL, &reference, 0), BASE_MISMATCH);
	wire_put_cstr(&reference, FIX_ADMIN);
	ck_assert_int_eq(absent(read, policy, STATE_ACTOR, FIX_STUDY, &reference, 0), BASE_MISMATCH);
	wire_put_cstr(&reference, FIX_ORGANISATION);
	ck_assert_int_eq(absent(read, policy, STATE_ACTOR, NULL, &reference, 0), BASE_MISMATCH);
	ck_assert_int_eq(absent(read, policy, STATE_STUDY, NULL, &reference, 0), BASE_MISMATCH);
	wire_put_bytes(&reference, base_slice(participant.bytes, 31));
	ck_assert_int_eq(absent(read, policy, STATE_PARTICIPANT, FIX_STUDY, &reference, 0), BASE_MISMATCH);
	wire_put_hash(&reference, &participant);
	ck_assert_int_eq(absent(read, policy, STATE_PARTICIPANT, FIX_STUDY, &reference, 0), BASE_OK);
	wire_put_hash(&reference, &participant);
	ck_assert_int_eq(absent(read, policy, STATE_PARTICIPANT, NULL, &reference, 0), BASE_MISMATCH);
	wire_put_hash(&reference, &participant);
	ck_assert_int_eq(absent(read, policy, STATE_HEAD, FIX_STUDY, &reference, 1), BASE_MISMATCH);
	wire_put_array(&reference, 2);
	wire_put_hash(&reference, &participant);
	wire_put_uint(&reference, 0);
	ck_assert_int_eq(absent(read, policy, STATE_ITEM, FIX_STUDY, &reference, 0), BASE_OK);
	ck_assert_int_eq(absent(read, policy, STATE_NODES, NULL, &reference, 1), BASE_OK);
	chain_read_end(&read);
	proof_policy_close(policy);
	base_buf_free(&reference);
	fix_close(&f);
}
END_TEST

/* ---- An event for another ledger ---- */

static void put_receipt(const struct fix *f, const struct proof_policy *policy, struct base_slice entry, const char *origin, const char *wanted)
{
	struct base_buf note = BASE_BUF_INIT, lines = BASE_BUF_INIT, extra = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct base_hash leaf = proof_leaf(entry);
	struct proof_path path = {0};
	struct audit_verdict *verdict = base_alloc(sizeof(*verdict));
	struct base_error err = {{0}};

	proof_checkpoint_format(&note, origin, 1, &leaf);
	ck_ok(proof_note_sign(&lines, base_buf_slice(&note), origin, f->log, &ck_err));
	base_buf_byte(&note, '\n');
	base_buf_append(&note, base_buf_slice(&lines));
	base_buf_append(&extra, entry);
	keys_public_put(&extra, keys_private_public(f->sign));
	proof_receipt_format(&text, base_buf_slice(&extra), 0, &path, base_buf_slice(&note));
	if (wanted == NULL) {
		ck_ok(audit_verify(verdict, base_buf_slice(&text), policy, &ck_err));
		audit_verdict_free(verdict);
	} else {
		ck_assert_int_eq(audit_verify(verdict, base_buf_slice(&text), policy, &err), BASE_MISMATCH);
		ck_assert_msg(strstr(err.text, wanted) != NULL, "%s", err.text);
	}
	free(verdict);
	base_buf_free(&note);
	base_buf_free(&lines);
	base_buf_free(&extra);
	base_buf_free(&text);
}

START_TEST(verify_when_an_event_was_signed_for_another_ledger_refuses)
{
	static const char other[] = "other.example/ffffffffffffffffffffffffffffffff";
	struct base_buf event = BASE_BUF_INIT, entry = BASE_BUF_INIT, outcome = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct state_outcome recorded = {0};
	struct proof_policy *policy;
	struct proof_vkey vkeys[1];
	struct fix f;

	fix_open(&f);
	fix_enrol(&f, &event); /* about the whole ledger */
	state_outcome_encode(&outcome, &recorded);
	chain_entry_encode_event(&entry, 1, (struct base_time){FIX_TIME}, base_buf_slice(&event), base_buf_slice(&outcome));
	proof_vkey_make(&vkeys[0], FIX_ORIGIN, PROOF_ED25519, keys_private_public(f.log));
	proof_policy_write(&text, vkeys, 1, NULL, 0, 0);
	ck_ok(proof_policy_parse(&policy, base_buf_slice(&text), &ck_err));
	put_receipt(&f, policy, base_buf_slice(&entry), FIX_ORIGIN, NULL);
	put_receipt(&f, policy, base_buf_slice(&entry), other, "another ledger than this policy");
	proof_policy_close(policy);
	/* The same keys, another log: what the log says of it is true of that log alone. */
	text.len = 0;
	proof_vkey_make(&vkeys[0], other, PROOF_ED25519, keys_private_public(f.log));
	proof_policy_write(&text, vkeys, 1, NULL, 0, 0);
	ck_ok(proof_policy_parse(&policy, base_buf_slice(&text), &ck_err));
	put_receipt(&f, policy, base_buf_slice(&entry), other, "signed it for the ledger " FIX_ORIGIN);
	/* A study's event names the study: its receipt says which. */
	event.len = entry.len = 0;
	fix_submit(&f, &event, 1, 0, false);
	chain_entry_encode_event(&entry, 1, (struct base_time){FIX_TIME}, base_buf_slice(&event), base_buf_slice(&outcome));
	put_receipt(&f, policy, base_buf_slice(&entry), other, NULL);
	proof_policy_close(policy);
	base_buf_free(&event);
	base_buf_free(&entry);
	base_buf_free(&outcome);
	base_buf_free(&text);
	fix_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		audit_of_forged_ledger_when_nothing_is_wrong_is_clean,
		audit_when_an_event_stands_in_the_block_of_genesis_finds_it,
		audit_when_a_solo_block_names_an_engine_finds_it,
		audit_when_genesis_block_names_an_engine_finds_it,
		audit_when_time_goes_back_finds_it,
		audit_when_another_outcome_is_claimed_finds_it,
		audit_when_an_author_did_not_sign_finds_it,
		audit_when_a_stranger_signs_a_copy_finds_it,
		verify_when_absence_is_of_no_possible_record_refuses,
		verify_when_an_event_was_signed_for_another_ledger_refuses,
		NULL,
	};

	return fix_run("forge", tests, 60);
}
