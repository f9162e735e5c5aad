/* paper: what consents and decisions of committees are made of, from options: forms, signatures, provisions, scans.
 * Everything is looked at here, so that a message names the option. What comes out is JSON for cli_draft_json. */
#ifndef CLI_PAPER_H
#define CLI_PAPER_H

#include "cli/cli.h"

/* "FILE:VERSION:LANGUAGE:AUDIENCE", or a CID in place of FILE: a blank form, which is a public document. */
BASE_MUST_USE enum base_code paper_form(const char *text, json_t **out, struct base_error *err);
/* Every --form; *out is NULL if there is none. */
BASE_MUST_USE enum base_code paper_forms(const struct cli *cli, json_t **out, struct base_error *err);
/* Every --signer "CAPACITY[:MEANS[:TIME]]", with --means and --when for what it leaves out. Without --signer:
 * capacity_default (NULL: *out is NULL). */
BASE_MUST_USE enum base_code paper_signers(const struct cli *cli, const char *capacity_default, json_t **out, struct base_error *err);

/* Options that say what a consent is about. */
#define PAPER_SCOPE_OPTIONS                                                                                                    \
	{"purpose", "CODE,...", "for these purposes, and those within them: GRU, DUO:0000042, HRESCH, ... (default: all)", true},  \
	{"category", "CODE,...", "these sorts of data (default: all)", true},                                                  \
	{"recipient", "WHO,...", "by these organisations or actors (default: anybody)", true},                                 \
	{"country", "CODE,...", "in these countries, such as DE (default: everywhere)", true},                                 \
	{"mode", "CODE,...", "view, compute, download (default: any)", true},                                                  \
	{"modifier", "CODE,...", "further conditions, such as npu or DUO:0000045", true},                                      \
	{"disease", "CODE", "for research on this disease, such as MONDO:0009861", true},                                      \
	{"from", "TIME", "first instant or day on which it holds", false},                                                     \
	{"until", "TIME", "last instant or day on which it holds", false},                                                     \
	{"collected-from", "TIME", "of data collected from then on", false},                                                   \
	{"collected-until", "TIME", "of data collected until then", false},                                                    \
	{"provisions", "FILE", "all this as JSON, nested where needed (a list as in `regesta template consent`)", false}
/* --permit, --deny and the scope, or --provisions. BASE_USAGE if nothing is permitted or denied. */
BASE_MUST_USE enum base_code paper_provisions(const struct cli *cli, json_t **out, struct base_error *err);
/* --use and the scope, or --provisions; *out is NULL if there is none: everything. */
BASE_MUST_USE enum base_code paper_scope(const struct cli *cli, json_t **out, struct base_error *err);

/* Seals what an option names (a scan, a letter) for the author and the recovery key; the draft then says that it was
 * transcribed from there, unless --capacity says otherwise. Nothing if the option was not given. */
BASE_MUST_USE enum base_code paper_scan(struct cli_session *s, struct cli_draft *draft, const char *option, struct base_error *err);
/* An option that names an event: its full id in hex. */
BASE_MUST_USE enum base_code paper_event(struct cli_session *s, const char *option, const char *text, char hex[65], struct base_error *err);
/* A time that an option gives, looked at; what was given is what goes into JSON. */
BASE_MUST_USE enum base_code paper_time(const struct cli *cli, const char *option, const char **out, struct base_error *err);
/* A code that an option gives; *out NULL if it was not given. */
BASE_MUST_USE enum base_code paper_code(const struct cli *cli, const char *option, enum events_list list, const char **out, struct base_error *err);
/* A purpose in any usual way: "GRU", "DUO:0000042", "duo.gru". BASE_USAGE names the nearest known. */
BASE_MUST_USE enum base_code paper_purpose(const char *text, uint64_t *out, struct base_error *err);

#endif
