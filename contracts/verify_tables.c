/* V3 to V6 and V9 of clauses: what stands in the tables of a bytecode (docs/formats/contract-code.md, §1, §2, §5). */
#include "contracts/program.h"
#include "contracts/tables.h"

#include <string.h>

bool verify_refuse(struct verify *verify, size_t offset, const char *rule)
{
	*verify->reject = (struct contracts_reject){.offset = offset, .rule = rule};
	return false;
}

bool verify_use(uint64_t *used, uint32_t index, uint32_t count)
{
	if (index >= count)
		return false;
	used[index / 64] |= UINT64_C(1) << (index % 64);
	return true;
}

static size_t text_at(const struct contracts_program *program, uint32_t index)
{
	return (size_t)((const uint8_t *)program->texts[index].data - program->bytecode.data) - 2;
}

bool verify_text(struct verify *verify, uint32_t index, size_t bytes_max, size_t at)
{
	if (!verify_use(verify->texts, index, verify->program->texts_count))
		return verify_refuse(verify, at, VERIFY_V5);
	if (verify->program->texts[index].len > bytes_max)
		return verify_refuse(verify, text_at(verify->program, index), VERIFY_V3);
	return true;
}

/* ---- Constants ---------------------------------------------------------- */

/* The character at p, of which left bytes are there, and how many it has; 0: it is not UTF-8. */
static size_t utf8_char(const uint8_t *p, size_t left, uint32_t *out)
{
	static const struct {
		uint8_t mask, begin;
		uint32_t least;
	} kinds[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t more = 0; more < 4; more++) {
		uint32_t c;

		if ((p[0] & kinds[more].mask) != kinds[more].begin)
			continue;
		if (more >= left)
			return 0;
		c = p[0] & (uint8_t)~kinds[more].mask;
		for (size_t i = 1; i <= more; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[i] & 0x3f);
		}
		if (c < kinds[more].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*out = c;
		return more + 1;
	}
	return 0;
}

/* Not in a text that a committee reads: contract.md, §2. */
static bool is_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e},   {0x200b, 0x200f},
		{0x2028, 0x202e}, {0x2060, 0x206f}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static bool text_valid(struct contracts_text text)
{
	const uint8_t *p = (const uint8_t *)text.data;

	if (text.len < 1 || text.len > CONTRACTS_REASON_BYTES_MAX)
		return false;
	for (size_t at = 0, len; at < text.len; at += len) {
		uint32_t c;

		len = utf8_char(p + at, text.len - at, &c);
		if (len == 0 || is_hidden(c))
			return false;
	}
	return true;
}

static int text_order(struct contracts_text a, struct contracts_text b)
{
	int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool texts(struct verify *verify)
{
	const struct contracts_program *program = verify->program;

	for (uint32_t i = 0; i < program->texts_count; i++) {
		if (!text_valid(program->texts[i]))
			return verify_refuse(verify, text_at(program, i), VERIFY_V3);
		if (i > 0 && text_order(program->texts[i - 1], program->texts[i]) >= 0)
			return verify_refuse(verify, text_at(program, i), VERIFY_V4);
	}
	return true;
}

/* Records of the same length, ascending by bytes. */
static bool ascending(struct verify *verify, size_t begin, uint32_t count, size_t each)
{
	const uint8_t *p = verify->program->bytecode.data + begin;

	for (uint32_t i = 1; i < count; i++)
		if (memcmp(p + (i - 1) * each, p + i * each, each) >= 0)
			return verify_refuse(verify, begin + i * each, VERIFY_V4);
	return true;
}

static bool numbers(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	const struct program_layout *layout = &program->layout;

	for (uint32_t i = 1; i < program->integers_count; i++)
		if (program->integers[i - 1] >= program->integers[i])
			return verify_refuse(verify, layout->integers + (size_t)i * 8, VERIFY_V4);
	for (uint32_t i = 0; i < program->code_sets_count; i++) {
		const uint64_t *bits = program->code_sets[i].bits;

		if ((bits[0] | bits[1] | bits[2] | bits[3]) == 0)
			return verify_refuse(verify, layout->code_sets + (size_t)i * BYTECODE_SET_BYTES, VERIFY_V5);
	}
	return ascending(verify, layout->code_sets, program->code_sets_count, BYTECODE_SET_BYTES);
}

/* By the number of elements, then by the elements. */
static int set_order(const struct program_text_set *a, const struct program_text_set *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	for (uint32_t i = 0; i < a->count; i++)
		if (a->texts[i] != b->texts[i])
			return a->texts[i] < b->texts[i] ? -1 : 1;
	return 0;
}

static bool text_sets(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	size_t at = program->layout.text_sets;

	for (uint32_t i = 0; i < program->text_sets_count; i++) {
		const struct program_text_set *set = &program->text_sets[i];

		if (set->count < 1 || set->count > CONTRACTS_SET_MAX)
			return verify_refuse(verify, at, VERIFY_V5);
		for (uint32_t j = 0; j < set->count; j++) {
			if (!verify_text(verify, set->texts[j], CONTRACTS_TEXT_BYTES_MAX, at + 2 + 2 * (size_t)j))
				return false;
			if (j > 0 && set->texts[j - 1] >= set->texts[j])
				return verify_refuse(verify, at + 2 + 2 * (size_t)j, VERIFY_V4);
		}
		if (i > 0 && set_order(set - 1, set) >= 0)
			return verify_refuse(verify, at, VERIFY_V4);
		at += 2 + 2 * (size_t)set->count;
	}
	return true;
}

/* ---- What clauses, tallies and milestones say --------------------------- */

static bool obligation_time(struct verify *verify, const struct program_obligation *obligation, size_t at)
{
	int64_t time, least, most;

	if (!verify_use(verify->integers, obligation->integer, verify->program->integers_count))
		return verify_refuse(verify, at + 2, VERIFY_V5);
	time = verify->program->integers[obligation->integer];
	least = obligation->due == CONTRACTS_DUE_AT ? 0 : 1;
	most = obligation->due == CONTRACTS_DUE_AFTER    ? BYTECODE_DUE_MS_MAX
	       : obligation->due == CONTRACTS_DUE_MONTHS ? BYTECODE_DUE_MONTHS_MAX
							 : BYTECODE_INSTANT_END;
	return (time >= least && time <= most) || verify_refuse(verify, at + 2, VERIFY_V5);
}

static bool obligations(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	struct contracts_codes roles = contracts_list_codes(CONTRACTS_ROLES);
	size_t at = program->layout.obligations;

	for (uint32_t i = 0; i < program->obligations_count; i++, at += BYTECODE_OBLIGATION_BYTES) {
		const struct program_obligation *obligation = &program->obligations[i];
		bool notify = obligation->duty == CONTRACTS_NOTIFY;
		bool role = obligation->role != 0, organisation = obligation->organisation != BYTECODE_NONE;

		if (obligation->duty < CONTRACTS_NOTIFY || obligation->duty > CONTRACTS_RETURN)
			return verify_refuse(verify, at, VERIFY_V5);
		if (obligation->due > CONTRACTS_DUE_AT || (obligation->due == CONTRACTS_DUE_NEVER) != notify)
			return verify_refuse(verify, at + 1, VERIFY_V5);
		if (notify && obligation->integer != BYTECODE_NONE)
			return verify_refuse(verify, at + 2, VERIFY_V5);
		if (!notify && !obligation_time(verify, obligation, at))
			return false;
		if (notify ? role == organisation : role || organisation)
			return verify_refuse(verify, at + 4, VERIFY_V5);
		if (role && !program_codes_have(&roles, obligation->role))
			return verify_refuse(verify, at + 4, VERIFY_V5);
		if (organisation && !verify_text(verify, obligation->organisation, CONTRACTS_TEXT_BYTES_MAX, at + 6))
			return false;
	}
	return ascending(verify, program->layout.obligations, program->obligations_count, BYTECODE_OBLIGATION_BYTES);
}

/* at: where their number stands. */
static bool duties(struct verify *verify, struct program_duties list, bool notify_only, size_t at)
{
	const struct contracts_program *program = verify->program;

	if (list.count > CONTRACTS_DUTIES_MAX)
		return verify_refuse(verify, at, VERIFY_V5);
	for (uint32_t i = list.first; i < list.first + list.count; i++) {
		size_t here = program->layout.duties + 2 * (size_t)i;

		if (!verify_use(verify->obligations, program->duties[i], program->obligations_count) ||
		    (notify_only && program->obligations[program->duties[i]].duty != CONTRACTS_NOTIFY))
			return verify_refuse(verify, here, VERIFY_V5);
		if (i > list.first && program->duties[i - 1] >= program->duties[i])
			return verify_refuse(verify, here, VERIFY_V4);
	}
	return true;
}

/* Texts are sorted, so indexes have the order of names. */
static bool name(struct verify *verify, uint32_t index, uint32_t index_before, bool first, size_t at)
{
	if (!verify_text(verify, index, CONTRACTS_NAME_BYTES_MAX, at))
		return false;
	return first || index_before < index || verify_refuse(verify, at, VERIFY_V4);
}

static bool within(uint32_t bits, enum contracts_list list)
{
	return (bits & ~contracts_list_codes(list).bits[0]) == 0;
}

static bool purposes(struct verify *verify, uint32_t index, size_t at)
{
	const struct contracts_program *program = verify->program;
	struct contracts_codes all = contracts_list_codes(CONTRACTS_PURPOSES);

	if (!verify_use(verify->code_sets, index, program->code_sets_count))
		return verify_refuse(verify, at, VERIFY_V5);
	for (size_t i = 0; i < 4; i++)
		if ((program->code_sets[index].bits[i] & ~all.bits[i]) != 0)
			return verify_refuse(verify, at, VERIFY_V9);
	return true;
}

static bool clauses(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	size_t at = program->layout.clauses;

	for (uint32_t i = 0; i < program->clauses_count; i++, at += BYTECODE_CLAUSE_BYTES) {
		const struct program_clause *clause = &program->clauses[i];

		if (!name(verify, clause->name, i > 0 ? clause[-1].name : 0, i == 0, at) ||
		    !verify_text(verify, clause->because, CONTRACTS_REASON_BYTES_MAX, at + 2))
			return false;
		if (clause->effect < CONTRACTS_PERMITS || clause->effect > CONTRACTS_REFERS)
			return verify_refuse(verify, at + 4, VERIFY_V5);
		if (!duties(verify, clause->duties, clause->effect == CONTRACTS_FORBIDS, at + 5))
			return false;
		if (clause->purposes != BYTECODE_NONE && !purposes(verify, clause->purposes, at + 6))
			return false;
		if (!within(clause->actions, CONTRACTS_ACTIONS))
			return verify_refuse(verify, at + 8, VERIFY_V5);
		if (!within(clause->categories, CONTRACTS_CATEGORIES))
			return verify_refuse(verify, at + 12, VERIFY_V5);
	}
	return true;
}

static bool tallies(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	size_t at = program->layout.tallies;

	for (uint32_t i = 0; i < program->tallies_count; i++, at += BYTECODE_TALLY_BYTES) {
		const struct program_tally *tally = &program->tallies[i];

		if (!name(verify, tally->name, i > 0 ? tally[-1].name : 0, i == 0, at))
			return false;
		if (tally->by > CONTRACTS_BY_PARTICIPANT)
			return verify_refuse(verify, at + 2, VERIFY_V5);
		if (tally->events == 0 || !within(tally->events, CONTRACTS_EVENTS) ||
		    (tally->by == CONTRACTS_BY_PARTICIPANT && (tally->events >> BYTECODE_EVENT_DOSES & 1) != 0))
			return verify_refuse(verify, at + 4, VERIFY_V5);
	}
	return true;
}

static bool milestones(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	size_t at = program->layout.milestones;

	for (uint32_t i = 0; i < program->milestones_count; i++, at += BYTECODE_MILESTONE_BYTES) {
		const struct program_milestone *milestone = &program->milestones[i];

		if (!name(verify, milestone->name, i > 0 ? milestone[-1].name : 0, i == 0, at) ||
		    !verify_text(verify, milestone->because, CONTRACTS_REASON_BYTES_MAX, at + 2))
			return false;
		if (!verify_use(verify->tallies, milestone->tally, program->tallies_count))
			return verify_refuse(verify, at + 4, VERIFY_V5);
		if (!verify_use(verify->integers, milestone->reached, program->integers_count) ||
		    program->integers[milestone->reached] < 1)
			return verify_refuse(verify, at + 6, VERIFY_V5);
		if (milestone->of_group > 1 ||
		    (milestone->of_group == 1 && program->tallies[milestone->tally].by == CONTRACTS_BY_STUDY))
			return verify_refuse(verify, at + 8, VERIFY_V5);
		if (milestone->stop > 1)
			return verify_refuse(verify, at + 9, VERIFY_V5);
		if (!duties(verify, milestone->duties, true, at + 10))
			return false;
	}
	return true;
}

bool verify_tables(struct verify *verify)
{
	return texts(verify) && numbers(verify) && text_sets(verify) &&
	       verify_text(verify, verify->program->name, CONTRACTS_NAME_BYTES_MAX, 12) && obligations(verify) &&
	       clauses(verify) && tallies(verify) && milestones(verify);
}

/* The first that is not used; count: all are. */
static uint32_t unused(const uint64_t *used, uint32_t count)
{
	uint32_t i = 0;

	while (i < count && (used[i / 64] >> (i % 64) & 1) != 0)
		i++;
	return i;
}

bool verify_all_used(struct verify *verify)
{
	const struct contracts_program *program = verify->program;
	const struct program_layout *layout = &program->layout;
	uint32_t i;

	if ((i = unused(verify->texts, program->texts_count)) < program->texts_count)
		return verify_refuse(verify, text_at(program, i), VERIFY_V6);
	if ((i = unused(verify->integers, program->integers_count)) < program->integers_count)
		return verify_refuse(verify, layout->integers + (size_t)i * 8, VERIFY_V6);
	if ((i = unused(verify->code_sets, program->code_sets_count)) < program->code_sets_count)
		return verify_refuse(verify, layout->code_sets + (size_t)i * BYTECODE_SET_BYTES, VERIFY_V6);
	if ((i = unused(verify->text_sets, program->text_sets_count)) < program->text_sets_count)
		return verify_refuse(verify,
				     layout->text_sets + 2 * (size_t)(program->text_sets[i].texts - program->text_sets[0].texts),
				     VERIFY_V6);
	if ((i = unused(verify->obligations, program->obligations_count)) < program->obligations_count)
		return verify_refuse(verify, layout->obligations + (size_t)i * BYTECODE_OBLIGATION_BYTES, VERIFY_V6);
	if ((i = unused(verify->tallies, program->tallies_count)) < program->tallies_count)
		return verify_refuse(verify, layout->tallies + (size_t)i * BYTECODE_TALLY_BYTES, VERIFY_V6);
	return true;
}
