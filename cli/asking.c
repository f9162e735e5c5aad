#include "cli/asking.h"

#include <stdlib.h>
#include <string.h>

#include "cli/paper.h"

#define DAY_MS (UINT64_C(24) * 3600 * 1000)
#define STUDY_LEGAL_BASIS 7

/* ---- Records ---- */

struct loading {
	struct asking_record *out;
	size_t cap;
};

static bool load_fact(void *arg, const struct state_fact *fact)
{
	struct loading *l = arg;

	if (l->out->count == l->cap) {
		l->cap = l->cap == 0 ? 16 : 2 * l->cap;
		l->out->list = base_realloc(l->out->list, l->cap * sizeof(*l->out->list));
	}
	l->out->list[l->out->count++] = *fact;
	return true;
}

static enum base_code load(struct cli_session *s, enum state_table table, const char *study, const struct base_hash *reference,
			   struct asking_record *out, struct base_error *err)
{
	struct loading l = {out, 0};
	struct base_buf cbor = BASE_BUF_INIT;
	struct state_view view;
	enum base_code code;

	chain_read_view(s->read, &view);
	if (reference != NULL)
		wire_put_hash(&cbor, reference);
	code = state_record_walk(&view, table, base_slice_text(study), base_buf_slice(&cbor), load_fact, &l, err);
	base_buf_free(&cbor);
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* Consents that were declared under another reference of the same person count too. */
static enum base_code load_others(struct asking *a, struct base_error *err)
{
	uint8_t same[STATE_SAME_MAX][32];
	struct state_view view;
	size_t count = 0;
	enum base_code code;

	chain_read_view(a->s->read, &view);
	code = state_same_person(&view, base_slice_text(a->study), a->reference.bytes, chain_read_size(a->s->read), same, &count, err);
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		struct base_hash other;

		memcpy(other.bytes, same[i], sizeof(other.bytes));
		if (base_hash_equal(&other, &a->reference))
			continue;
		a->other_count++;
		if ((code = load(a->s, STATE_CONSENT, a->study, &other, &a->others[a->other_count - 1], err)) == BASE_OK)
			code = load(a->s, STATE_PARTICIPANT, a->study, &other, &a->other_participants[a->other_count - 1], err);
	}
	return code;
}

enum base_code asking_open(struct asking *a, struct cli_session *s, const char *study, const struct base_hash *reference,
			   struct base_error *err)
{
	struct asking_record facts = {NULL, 0};
	enum base_code code;

	*a = (struct asking){.s = s, .study = study, .legal_basis = EVENTS_BASIS_CONSENT};
	if ((code = cli_study_check(s, study, err)) == BASE_OK && (code = load(s, STATE_STUDY, study, NULL, &facts, err)) == BASE_OK)
		code = load(s, STATE_APPROVAL, study, NULL, &a->approvals, err);
	for (size_t i = 0; i < facts.count; i++)
		if (facts.list[i].kind == EVENTS_STUDY_REGISTER && events_has(facts.list[i].content, STUDY_LEGAL_BASIS))
			a->legal_basis = events_uint(facts.list[i].content, STUDY_LEGAL_BASIS);
	free(facts.list);
	if (code == BASE_OK && reference != NULL) {
		a->reference = *reference;
		if ((code = load(s, STATE_CONSENT, study, reference, &a->consents, err)) == BASE_OK)
			code = load(s, STATE_PARTICIPANT, study, reference, &a->participant, err);
		if (code == BASE_OK)
			code = load_others(a, err);
	}
	if (code != BASE_OK)
		asking_close(a);
	return code;
}

void asking_close(struct asking *a)
{
	free(a->approvals.list);
	free(a->consents.list);
	free(a->participant.list);
	for (size_t i = 0; i < a->other_count; i++) {
		free(a->others[i].list);
		free(a->other_participants[i].list);
	}
	a->other_count = 0;
	a->approvals = a->consents = a->participant = (struct asking_record){NULL, 0};
}

static int compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct base_hash));
}

enum base_code asking_participants(struct cli_session *s, const char *study, struct base_hash **out, size_t *count, struct base_error *err)
{
	uint64_t *indices = NULL;
	size_t entries = 0, kept = 0;
	enum base_code code = chain_read_postings(s->read, state_term_study(base_slice_text(study)), &indices, &entries, err);

	*count = 0;
	*out = base_alloc((entries + 1) * sizeof(**out));
	for (size_t i = 0; i < entries && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;

		if ((code = cli_event_at(s, indices[i], &entry, &event, err)) != BASE_OK) {
			code = code == BASE_NOT_FOUND ? BASE_OK : code;
			continue;
		}
		if (base_slice_equal(event.cose.subject, base_slice_text(study)) &&
		    (event.envelope.kind->id == EVENTS_PARTICIPANT_ENROL || event.envelope.kind->id == EVENTS_CONSENT))
			memcpy((*out)[(*count)++].bytes, events_bytes(event.envelope.body, 1).data, BASE_HASH_BYTES);
	}
	free(indices);
	if (*count > 0)
		qsort(*out, *count, sizeof(**out), compare_hashes);
	for (size_t i = 0; i < *count; i++)
		if (i == 0 || !base_hash_equal(&(*out)[i], &(*out)[kept - 1]))
			(*out)[kept++] = (*out)[i];
	*count = kept;
	return code;
}

static struct state_cover_record cover_record(const struct asking_record *record)
{
	return (struct state_cover_record){record->list, record->count};
}

struct state_cover_facts asking_cover_facts(const struct asking *a, struct base_slice site)
{
	struct state_cover_facts facts = {.approvals = cover_record(&a->approvals),
					  .participants = {cover_record(&a->participant)},
					  .consents = {cover_record(&a->consents)},
					  .person_count = 1,
					  .legal_basis = a->legal_basis,
					  .site = site};

	for (size_t i = 0; i < a->other_count && facts.person_count < STATE_SAME_MAX; i++) {
		facts.participants[facts.person_count] = cover_record(&a->other_participants[i]);
		facts.consents[facts.person_count++] = cover_record(&a->others[i]);
	}
	return facts;
}

struct base_slice asking_site(const struct asking *a, uint64_t known)
{
	struct base_slice site = {NULL, 0};

	(void)state_participant_at(a->participant.list, a->participant.count, known, &site);
	return site;
}

struct state_approval asking_approval(const struct asking *a, struct base_slice site, const struct state_question *question)
{
	return state_approval_at(a->approvals.list, a->approvals.count, site, question->at, question->known);
}

static struct state_answer answer_of(const struct asking *a, const struct asking_record *consents, const struct asking_record *participant,
				     const struct state_question *question)
{
	const struct state_cover_record record = cover_record(participant);

	return state_consent_at(consents->list, consents->count, a->approvals.list, a->approvals.count, &record, asking_site(a, question->known),
				question);
}

struct state_answer asking_answer(const struct asking *a, const struct state_question *question)
{
	struct state_answer answer = answer_of(a, &a->consents, &a->participant, question);

	for (size_t i = 0; i < a->other_count; i++) {
		struct state_answer other = answer_of(a, &a->others[i], &a->other_participants[i], question);

		answer = state_answer_join(&answer, &other);
	}
	return answer;
}

/* ---- The question ---- */

/* The last instant of a day or month, in its own zone; a point itself. */
static uint64_t last_instant(const struct events_when *when)
{
	uint64_t end = when->utc_ms;

	if (when->precision == EVENTS_DAY)
		return end + DAY_MS - 1;
	if (when->precision == EVENTS_MONTH) {
		char text[64];

		/* Day after day until the month's name changes. */
		for (unsigned days = 0; days < 31; days++) {
			struct events_when day = {EVENTS_POINT, end, true, when->has_offset ? when->offset_min : 0};

			events_when_format(text, &day);
			if (days > 0 && strncmp(text + 8, "01", 2) == 0)
				break;
			end += DAY_MS;
		}
		return end - 1;
	}
	return end;
}

static uint64_t time_of_block(struct cli_session *s, uint64_t height, uint64_t *index)
{
	struct chain_block_entry block;
	struct base_error ignored;

	return chain_read_block(s->read, height, &block, index, &ignored) == BASE_OK ? block.time.ms : UINT64_MAX;
}

/* How many entries the ledger had after its last block that is not after ms; genesis is always known. */
static uint64_t known_by(struct cli_session *s, uint64_t ms)
{
	uint64_t low = 0, high = chain_read_height(s->read), index = 0, size = 1;

	/* Blocks' times never go back. */
	while (low <= high && high != UINT64_MAX) {
		uint64_t middle = low + (high - low) / 2;

		if (time_of_block(s, middle, &index) <= ms) {
			size = index + 1;
			low = middle + 1;
		} else if (middle == 0) {
			break;
		} else {
			high = middle - 1;
		}
	}
	return size;
}

static enum base_code known_at(struct cli_session *s, const char *text, uint64_t *known, struct base_error *err)
{
	struct events_when when;
	struct chain_block_entry block;
	uint64_t height, index;
	enum base_code code;

	if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0') {
		if (!base_parse_u64(base_slice_text(text), &height) || height > chain_read_height(s->read))
			return base_fail(err, BASE_NOT_FOUND, "the ledger has %llu blocks; there is no block %.24s",
					 (unsigned long long)chain_read_height(s->read), text);
		code = chain_read_block(s->read, height, &block, &index, err);
		*known = index + 1;
		return code;
	}
	code = cli_when_parse(&when, text, err);
	if (code == BASE_OK)
		*known = known_by(s, last_instant(&when));
	return code;
}

enum base_code asking_times(struct cli_session *s, struct state_question *out, struct base_error *err)
{
	const char *on = cli_get(s->cli, "on"), *known = cli_get(s->cli, "known-at");
	uint64_t index, last = time_of_block(s, chain_read_height(s->read), &index);
	struct events_when when;
	enum base_code code;

	out->at = base_time_now();
	if (last != UINT64_MAX && last > out->at.ms)
		out->at.ms = last;
	out->known = chain_read_size(s->read);
	if (on != NULL) {
		if ((code = cli_when_parse(&when, on, err)) != BASE_OK)
			return base_wrap(err, code, "--on");
		out->at.ms = last_instant(&when);
	}
	return known == NULL ? BASE_OK : base_wrap(err, known_at(s, known, &out->known, err), "--known-at");
}

static enum base_code coded(const struct cli *cli, const char *option, enum events_list list, uint64_t *out, bool *any, struct base_error *err)
{
	const char *text;
	enum base_code code = paper_code(cli, option, list, &text, err);

	if (code == BASE_OK && text != NULL) {
		*out = events_code_by_name(events_codes_of(list), base_slice_text(text))->number;
		*any = true;
	}
	return code;
}

static enum base_code texted(const struct cli *cli, const char *option, enum events_type type, const char *example, struct base_slice *out,
			     bool *any, struct base_error *err)
{
	const char *text = cli_get(cli, option);

	if (text == NULL)
		return BASE_OK;
	if (!events_text_valid(type, base_slice_text(text)))
		return base_fail(err, BASE_USAGE, "--%s: \"%.80s\" is none; such as %s", option, text, example);
	*out = base_slice_text(text);
	*any = true;
	return BASE_OK;
}

enum base_code asking_about(const struct cli *cli, struct state_question *out, bool *any, struct base_error *err)
{
	const char *purpose = cli_get(cli, "purpose"), *collected = cli_get(cli, "collected");
	struct events_when when;
	enum base_code code;

	*any = false;
	if ((code = coded(cli, "use", EVENTS_USES, &out->use, any, err)) != BASE_OK ||
	    (code = coded(cli, "category", EVENTS_CATEGORIES, &out->category, any, err)) != BASE_OK ||
	    (code = coded(cli, "mode", EVENTS_MODES, &out->mode, any, err)) != BASE_OK ||
	    (code = texted(cli, "recipient", EVENTS_PARTY, "hospital-b or hospital-b/dm-1", &out->recipient, any, err)) != BASE_OK ||
	    (code = texted(cli, "country", EVENTS_COUNTRY, "DE", &out->country, any, err)) != BASE_OK ||
	    (code = texted(cli, "disease", EVENTS_URL, "MONDO:0009861", &out->disease, any, err)) != BASE_OK)
		return code;
	out->ongoing = cli_has(cli, "ongoing");
	if (purpose != NULL) {
		if ((code = paper_purpose(purpose, &out->purpose, err)) != BASE_OK)
			return base_wrap(err, code, "--purpose");
		*any = true;
	}
	if (collected != NULL) {
		if ((code = cli_when_parse(&when, collected, err)) != BASE_OK)
			return base_wrap(err, code, "--collected");
		out->has_collected = true;
		out->collected.ms = when.utc_ms;
		out->collected_to.ms = last_instant(&when);
		*any = true;
	}
	return BASE_OK;
}

/* ---- Words ---- */

const char *asking_ground_name(enum state_consent_ground ground)
{
	switch (ground) {
	case STATE_GROUND_NOTHING: return "nothing";
	case STATE_GROUND_GIVEN: return "given";
	case STATE_GROUND_PROVISION: return "provision";
	case STATE_GROUND_REFUSED: return "refused";
	case STATE_GROUND_WITHDRAWN: return "withdrawn";
	case STATE_GROUND_OBJECTED: return "objected";
	case STATE_GROUND_EXPIRED: return "expired";
	case STATE_GROUND_FORM: return "form";
	case STATE_GROUND_ASK_AGAIN: return "ask-again";
	}
	return "nothing";
}

const char *asking_ground_words(enum state_consent_ground ground)
{
	switch (ground) {
	case STATE_GROUND_NOTHING: return _("no consent says anything about it");
	case STATE_GROUND_GIVEN: return _("consent was given");
	case STATE_GROUND_PROVISION: return _("the consent excludes it");
	case STATE_GROUND_REFUSED: return _("it was refused");
	case STATE_GROUND_WITHDRAWN: return _("consent was withdrawn");
	case STATE_GROUND_OBJECTED: return _("the participant objected");
	case STATE_GROUND_EXPIRED: return _("it was given for a time that is over");
	case STATE_GROUND_FORM: return _("consent was given on a form that was not approved");
	case STATE_GROUND_ASK_AGAIN: return _("consent was given, but the participant is to be asked again");
	}
	return _("no consent says anything about it");
}

const char *asking_stance_name(enum state_stance stance)
{
	return stance == STATE_PERMITTED ? N_("permitted") : stance == STATE_DENIED ? N_("denied") : N_("silent");
}

const char *asking_approval_name(enum state_approval_status status)
{
	switch (status) {
	case STATE_APPROVAL_NONE: return "none";
	case STATE_APPROVAL_PENDING: return "pending";
	case STATE_APPROVAL_IN_FORCE: return "in-force";
	case STATE_APPROVAL_EXPIRED: return "expired";
	case STATE_APPROVAL_ENDED: return "ended";
	case STATE_APPROVAL_SUSPENDED: return "suspended";
	case STATE_APPROVAL_REFUSED: return "refused";
	}
	return "none";
}

const char *asking_approval_words(enum state_approval_status status)
{
	switch (status) {
	case STATE_APPROVAL_NONE: return _("no committee has decided");
	case STATE_APPROVAL_PENDING: return _("approved under conditions, not in force yet");
	case STATE_APPROVAL_IN_FORCE: return _("approved");
	case STATE_APPROVAL_EXPIRED: return _("the approval has run out");
	case STATE_APPROVAL_ENDED: return _("the approval was ended");
	case STATE_APPROVAL_SUSPENDED: return _("the approval is suspended");
	case STATE_APPROVAL_REFUSED: return _("refused");
	}
	return _("no committee has decided");
}

void asking_times_words(const struct state_question *question, uint64_t size, char *out, size_t cap)
{
	char at[BASE_TIME_TEXT_BYTES];

	base_time_format(at, question->at, 0);
	if (question->known >= size)
		snprintf(out, cap, _("what held at %s, as known now (%llu entries)"), at, (unsigned long long)size);
	else
		snprintf(out, cap, _("what held at %s, as known after entry #%llu"), at, (unsigned long long)question->known - 1);
}

static void add_word(char *out, size_t cap, const char *word)
{
	size_t at = strlen(out);

	snprintf(out + at, cap - at, "%s%s", at > 0 ? ", " : "", word);
}

static void add_code(char *out, size_t cap, enum events_list list, uint64_t number)
{
	const struct events_code *code = number != STATE_ANY ? events_code_by_number(events_codes_of(list), number) : NULL;

	if (number != STATE_ANY)
		add_word(out, cap, code != NULL ? code->name : _("unknown"));
}

void asking_about_words(const struct state_question *q, char *out, size_t cap)
{
	char word[300];

	out[0] = '\0';
	add_code(out, cap, EVENTS_USES, q->use);
	add_code(out, cap, EVENTS_CATEGORIES, q->category);
	add_code(out, cap, EVENTS_PURPOSES, q->purpose);
	add_code(out, cap, EVENTS_MODES, q->mode);
	if (q->recipient.len > 0) {
		snprintf(word, sizeof(word), _("by %.*s"), (int)q->recipient.len, (const char *)q->recipient.data);
		add_word(out, cap, word);
	}
	if (q->country.len > 0) {
		snprintf(word, sizeof(word), _("in %.*s"), (int)q->country.len, (const char *)q->country.data);
		add_word(out, cap, word);
	}
	if (q->disease.len > 0) {
		snprintf(word, sizeof(word), _("on %.*s"), (int)q->disease.len, (const char *)q->disease.data);
		add_word(out, cap, word);
	}
	if (q->has_collected) {
		char time[BASE_TIME_TEXT_BYTES];

		base_time_format(time, q->collected, 0);
		snprintf(word, sizeof(word), _("data collected at %s"), time);
		add_word(out, cap, word);
	}
	if (out[0] == '\0')
		snprintf(out, cap, _("anything"));
}
