/* All commands in the order of the help page. */
#include <stdlib.h>

#include "cli/cli.h"

static const struct cli_command *const tables[] = {
	cli_cmd_init,
	cli_cmd_key,
	cli_cmd_actor,
	cli_cmd_limits,
	cli_cmd_contract,
	cli_cmd_study,
	cli_cmd_ethics,
	cli_cmd_consent,
	cli_cmd_consent_import,
	cli_cmd_participant,
	cli_cmd_agreement,
	cli_cmd_import,
	cli_cmd_rights,
	cli_cmd_submit,
	cli_cmd_record,
	cli_cmd_consent_show,
	cli_cmd_access,
	cli_cmd_request,
	cli_cmd_outbox,
	cli_cmd_custody,
	cli_cmd_open,
	cli_cmd_show,
	cli_cmd_list_cover,
	cli_cmd_list,
	cli_cmd_lineage,
	cli_cmd_report,
	cli_cmd_receipt,
	cli_cmd_verify,
	cli_cmd_audit,
	cli_cmd_copies,
	cli_cmd_payload,
	cli_cmd_register,
	cli_cmd_help,
};

#define COMMANDS_MAX 128

const struct cli_command *const *cli_commands(void)
{
	static const struct cli_command *all[COMMANDS_MAX + 1];
	size_t count = 0;

	if (all[0] != NULL)
		return all;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct cli_command *c = tables[i]; c->name != NULL; c++) {
			BASE_ASSERT(count < COMMANDS_MAX);
			all[count++] = c;
		}
	}
	return all;
}
