/* payload export, payload import, cid: ciphertexts as the rest of the world addresses them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static enum base_code write_fd(void *arg, struct base_slice bytes, struct base_error *err)
{
	return base_write_all(*(int *)arg, bytes, err);
}

static enum base_code read_fd(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	ssize_t n;

	do
		n = read(*(int *)arg, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return base_fail_errno(err, "reading");
	*got = (size_t)n;
	return BASE_OK;
}

struct nth {
	size_t wanted;
	struct wire_cid cid;
};

static bool take_nth(void *arg, size_t index, const struct events_item *item)
{
	struct nth *nth = arg;

	if (index != nth->wanted)
		return true;
	nth->cid = item->cid;
	return false;
}

/* A CID, or the item that ID#n names. */
static enum base_code find_cid(struct cli_session *s, const char *text, struct wire_cid *cid, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct nth nth = {0};
	uint64_t index;
	int64_t item;
	enum base_code code;

	if (cli_is_cid(text))
		return wire_cid_parse_text(cid, base_slice_text(text), err);
	code = cli_resolve(s, text, &index, &item, err);
	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code == BASE_OK && item < 0 && events_item_count(&event) != 1)
		code = base_fail(err, BASE_USAGE, "%.80s has %zu items; say which: %.12s#0", text, events_item_count(&event), text);
	if (code == BASE_OK) {
		nth.wanted = item < 0 ? 0 : (size_t)item;
		events_items(&event, take_nth, &nth);
		*cid = nth.cid;
	}
	return code;
}

static enum base_code run_export(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct wire_cid cid;
	struct cli_target target;
	const char *path;
	int fd = STDOUT_FILENO;
	enum base_code code = cli_need(cli, "output", &path, err);

	if (code != BASE_OK || (code = cli_session_open(&s, cli, CLI_READ, err)) != BASE_OK)
		return code;
	code = find_cid(&s, cli->argv[0], &cid, err);
	if (code == BASE_OK)
		code = cli_session_payloads(&s, false, err);
	if (code == BASE_OK && strcmp(path, "-") == 0) {
		code = payload_car_export(s.payloads, &cid, write_fd, &fd, err);
	} else if (code == BASE_OK) {
		code = cli_target_open(&target, path, true, err);
		if (code == BASE_OK)
			code = payload_car_export(s.payloads, &cid, write_fd, &target.fd, err);
		code = cli_target_close(&target, 0644, code, err);
	}
	cli_session_close(&s);
	if (code == BASE_OK && cli->json && strcmp(path, "-") != 0) {
		char text[WIRE_CID_TEXT_BYTES];

		wire_cid_text(text, &cid);
		cli_print_json(json_pack("{s:s, s:s}", "cid", text, "file", path));
	}
	return code;
}

static enum base_code run_import(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct wire_cid cid;
	char text[WIRE_CID_TEXT_BYTES];
	int fd = strcmp(cli->argv[0], "-") == 0 ? STDIN_FILENO : open(cli->argv[0], O_RDONLY | O_CLOEXEC);
	enum base_code code;

	if (fd < 0)
		return base_fail_errno(err, "%s", cli->argv[0]);
	code = cli_session_open(&s, cli, CLI_READ, err);
	if (code == BASE_OK) {
		code = cli_session_payloads(&s, true, err);
		if (code == BASE_OK)
			code = base_wrap(err, payload_car_import(s.payloads, read_fd, &fd, &cid, err), "%s", cli->argv[0]);
		if (code == BASE_OK)
			code = payload_store_sync(s.payloads, err);
		cli_session_close(&s);
	}
	if (fd != STDIN_FILENO)
		close(fd);
	if (code != BASE_OK)
		return code;
	wire_cid_text(text, &cid);
	if (cli->json)
		cli_print_json(json_pack("{s:s}", "cid", text));
	else
		puts(text);
	return BASE_OK;
}

static enum base_code run_cid(struct cli *cli, struct base_error *err)
{
	json_t *list = json_array();
	enum base_code code = BASE_OK;

	for (int i = 0; i < cli->argc && code == BASE_OK; i++) {
		struct wire_cid cid;
		char text[WIRE_CID_TEXT_BYTES];

		code = payload_cid_path(&cid, cli->argv[i], err);
		if (code != BASE_OK)
			break;
		wire_cid_text(text, &cid);
		if (cli->json)
			json_array_append_new(list, json_pack("{s:s, s:s}", "path", cli->argv[i], "cid", text));
		else
			printf("%s  %s\n", text, cli->argv[i]);
	}
	if (cli->json && code == BASE_OK)
		cli_print_json(json_pack("{s:O}", "cids", list));
	json_decref(list);
	return code;
}

static const struct cli_option export_options[] = {
	{"output", "FILE.car", "where to ('-': standard output)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_payload[] = {
	{"payload export", "Payloads", "ITEM|CID", "write an item's ciphertext as a CAR", NULL,
	 "regesta payload export 3f2a91c07d11#0 --output visit1.car", export_options, 1, 1, run_export},
	{"payload import", "Payloads", "FILE.car|-", "take a ciphertext from a CAR into the store", NULL, NULL, NULL, 1, 1, run_import},
	{"cid", "Payloads", "FILE|FOLDER...", "print the CID that Kubo prints with its profile unixfs-v1-2025", NULL,
	 "regesta cid scan.dcm folder/", NULL, 1, -1, run_cid},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
