/* What each kind does: outcome and effects, and what several of them share. Included by exec_internal.h, which declares what they work on. */
#ifndef LEDGER_STATE_KINDS_INTERNAL_H
#define LEDGER_STATE_KINDS_INTERNAL_H

/* ---- Enrolment (enrol.c) -------------------------------------------------- */

/* Opens a proof of possession: for this ledger, or for the origin (founders), by a key that signs events for this actor
 * (empty: any). BASE_MISMATCH or BASE_MALFORMED: it is not. */
BASE_MUST_USE enum base_code state_enrolment_open(const struct state_exec *exec, struct events_enrolment *out,
						  struct base_slice proof, bool founder, struct base_slice actor,
						  struct base_error *err);
/* The new key's KEY record; predecessor: NULL unless it follows one by rotation. */
BASE_MUST_USE enum base_code state_enrol_key(struct state_judge *judge, const struct events_enrolment *enrolment,
					     const struct base_hash *predecessor, bool suspect, struct base_error *err);
/* The new ACTOR record. */
BASE_MUST_USE enum base_code state_enrol_actor(struct state_judge *judge, const struct events_enrolment *enrolment,
					       uint64_t roles, struct base_error *err);
/* Whether the enrolment's actor or key is known already. */
BASE_MUST_USE enum base_code state_enrol_known(struct state_exec *exec, const struct events_enrolment *enrolment,
					       bool *known, struct base_error *err);
void state_put_roles(struct base_buf *out, uint64_t roles); /* CBOR array of codes, ascending */

/* The newcomer that a proposal names (its member 2). False: its enrolment does not prove what it must. */
bool state_newcomer_open(const struct state_exec *exec, struct base_slice organisation, struct events_enrolment *out);
/* Whether organisation, actor or key of the newcomer exist. */
BASE_MUST_USE enum base_code state_newcomer_known(struct state_judge *judge, struct base_slice organisation,
						  const struct events_enrolment *enrolment, bool *known,
						  struct base_error *err);

/* ---- Bonds (bond.c) ----------------------------------------------------------- */

/* What a fact of STATE_PARTICIPANT changes in the bonds; false: it is damaged. */
bool state_bonds_fold(struct state_bonds *bonds, const struct state_fact *fact);
/* The bond with another reference; NULL: none. */
struct state_bond *state_bond_find(const struct state_bonds *bonds, const uint8_t other[32]);
/* The bond in effect by which this reference goes on as another; NULL: it goes on as itself. */
const struct state_bond *state_bond_into(const struct state_bonds *bonds);
/* All references of a person, in the block that is executed; the one that goes on first. */
BASE_MUST_USE enum base_code state_same_open(struct state_exec *exec, struct base_slice study,
					     struct state_participant *participant,
					     struct state_participant *out[STATE_SAME_MAX], size_t *count,
					     struct base_error *err);
/* Whether a merge or split of the participant waits for a second organisation. */
bool state_awaits(const struct state_participant *participant, const struct base_hash *id);
/* attest: merges and splits of another organisation take effect by it. */
BASE_MUST_USE enum base_code state_confirm(struct state_judge *judge, struct base_error *err);
/* Whether what loosens a restriction has to be approved by another organisation: there is another one. */
BASE_MUST_USE enum base_code state_needs_second(struct state_judge *judge, bool *needs, struct base_error *err);
/* The participant that the event names by member `key` of its body. */
struct state_participant *state_named(const struct state_judge *judge, uint64_t key);

/* Whether the event seals a payload of this CID (36 bytes). */
bool state_seals(const struct state_judge *judge, struct base_slice cid);
/* Flags a period, between two members of the body, that is over before it begins. */
void state_flag_period(struct state_judge *judge, uint64_t from_key, uint64_t to_key);

/* ---- Items that were brought before (apply_data.c) --------------------------- */

/* The record of an item's state; NULL if there is no such item (in this study, unless any_study). */
BASE_MUST_USE enum base_code state_target_open(struct state_judge *judge, const struct state_named_item *target,
					       bool any_study, struct state_item **out, struct base_error *err);
/* Whether this event has an effect on the record already: who names an item twice means it once. */
bool state_has_effect(const struct state_judge *judge, const struct state_record *record);

bool state_target_is_own(const struct state_judge *judge, const struct state_named_item *target);
/* Whose the item is: a reassignment counts once it is in effect. NULL: nobody's alone. */
const uint8_t *state_item_participant(const struct state_named_item *target, const struct state_item *item);

/* ---- Participants ------------------------------------------------------------ */

/* One whom nobody recorded before belongs to this organisation from now on; denies if it is another's. */
BASE_MUST_USE enum base_code state_claim(struct state_judge *judge, struct state_participant *participant,
					 struct base_error *err);

/* ---- Holds (apply_hold.c), deadlines (deadline.c) ------------------------------ */

/* Whether the content of a hold names the item itself. */
bool state_hold_lists(struct base_slice content, const struct events_item_id *id);
/* Whether a hold in force at the block's time orders to keep the item. */
BASE_MUST_USE enum base_code state_hold_covers(struct state_judge *judge, const struct state_named_item *target,
					       const struct state_item *item, bool *covers, struct base_error *err);
/* The first instant after the day, in its own offset, that is so many months later; a day that the month lacks is its
 * last one. */
uint64_t state_months_after(const struct events_when *when, unsigned months);

/* ---- What others say of events (apply_attest.c) -------------------------------- */

/* Whether the attestation lets what waits for a second organisation take effect, if its author is of another one. */
bool state_approves(const struct state_judge *judge);
/* Puts the event's id under member key of a content. */
void state_put_id(struct base_buf *content, uint64_t key, const struct base_hash *id);

/* ---- Cover (cover.c) --------------------------------------------------------- */

/* Flags what decisions, opened for a site, do not cover at a time. */
void state_flag_approval(struct state_judge *judge, const struct state_decisions *decisions, const struct events_when *when);
/* Flags what approvals and consents do not cover of the items that the event brings; denies what asks too many questions.
 * site: that it names, or empty. */
BASE_MUST_USE enum base_code state_flag_cover(struct state_judge *judge, struct base_slice site,
					      struct base_error *err);

/* ---- Kinds ---------------------------------------------------------------- */

enum base_code state_apply_governance_propose(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_governance_vote(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_governance_recover(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_organisation_admit(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_organisation_suspend(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_organisation_succeed(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_actor_enrol(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_actor_assign(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_actor_rotate(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_actor_revoke(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_study_register(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_study_amend(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_study_close(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_ethics_decide(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_consent(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_enrol(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_status(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_transfer(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_merge(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_split(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_represent(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_link(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_participant_unlink(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_agreement_record(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_agreement_end(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_submit(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_derive(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_correct(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_retract(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_dataset_freeze(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_attest(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_contract_propose(struct state_judge *judge, struct base_error *err);
/* ethics.decide that names a contract. */
enum base_code state_decide_contract(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_request(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_decide(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_disclose(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_observe(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_override(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_revoke(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_access_close(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_model_train(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_actor_affirm(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_actor_repudiate(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_reassign(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_recall(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_erase(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_incident(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_hold(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_move(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_data_destroyed(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_rights_request(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_rights_answer(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_hold_place(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_hold_lift(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_finding_report(struct state_judge *judge, struct base_error *err);
enum base_code state_apply_blinding_unblind(struct state_judge *judge, struct base_error *err);

#endif
