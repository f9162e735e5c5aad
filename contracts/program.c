/* What a program says of itself. */
#include "contracts/program.h"

static struct contracts_text text(const struct contracts_program *program, uint16_t index)
{
	return index == BYTECODE_NONE ? (struct contracts_text){NULL, 0} : program->texts[index];
}

struct contracts_cost contracts_program_cost(const struct contracts_program *program)
{
	return program->cost;
}

struct contracts_reads contracts_program_reads(const struct contracts_program *program)
{
	return program->reads;
}

struct contracts_text contracts_program_name(const struct contracts_program *program, uint32_t *version)
{
	*version = program->version;
	return text(program, program->name);
}

size_t contracts_program_clauses(const struct contracts_program *program)
{
	return program->clauses_count;
}

struct contracts_clause contracts_program_clause(const struct contracts_program *program, size_t index)
{
	const struct program_clause *clause = &program->clauses[index];

	return (struct contracts_clause){.name = text(program, clause->name),
					 .because = text(program, clause->because),
					 .effect = (enum contracts_effect)clause->effect};
}

size_t contracts_program_obligations(const struct contracts_program *program)
{
	return program->obligations_count;
}

struct contracts_obligation contracts_program_obligation(const struct contracts_program *program, size_t index)
{
	const struct program_obligation *obligation = &program->obligations[index];

	return (struct contracts_obligation){
		.duty = (enum contracts_duty)obligation->duty,
		.due = (enum contracts_due)obligation->due,
		.time = obligation->due == CONTRACTS_DUE_NEVER ? 0 : program->integers[obligation->integer],
		.role = obligation->role,
		.organisation = text(program, obligation->organisation)};
}

size_t contracts_program_tallies(const struct contracts_program *program)
{
	return program->tallies_count;
}

struct contracts_tally contracts_program_tally(const struct contracts_program *program, size_t index)
{
	const struct program_tally *tally = &program->tallies[index];

	return (struct contracts_tally){
		.name = text(program, tally->name), .by = (enum contracts_by)tally->by, .events = tally->events};
}

size_t contracts_program_milestones(const struct contracts_program *program)
{
	return program->milestones_count;
}

struct contracts_milestone contracts_program_milestone(const struct contracts_program *program, size_t index)
{
	const struct program_milestone *milestone = &program->milestones[index];

	return (struct contracts_milestone){.name = text(program, milestone->name),
					    .because = text(program, milestone->because),
					    .tally = milestone->tally,
					    .of_group = milestone->of_group != 0,
					    .threshold = program->integers[milestone->reached],
					    .stop_enrolling = milestone->stop != 0};
}
