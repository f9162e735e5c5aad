/* Passphrases: from a file, the environment or the terminal; never from argv. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

#define PASSPHRASE_BYTES_MAX 1024

static enum base_code from_file(const char *path, struct base_buf *out, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code = base_file_read(&bytes, path, PASSPHRASE_BYTES_MAX, err);
	size_t len = 0;

	if (code == BASE_OK) {
		while (len < bytes.len && bytes.data[len] != '\n' && bytes.data[len] != '\r')
			len++;
		base_buf_append(out, base_slice(bytes.data, len));
	}
	base_buf_wipe(&bytes);
	return base_wrap(err, code, "passphrase file");
}

static enum base_code from_terminal(const char *prompt, struct base_buf *out, struct base_error *err)
{
	struct termios old, quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char c;
	ssize_t n = 0;

	if (fd < 0 || tcgetattr(fd, &old) != 0) {
		if (fd >= 0)
			close(fd);
		return base_fail(err, BASE_KEY, "a passphrase is needed and there is no terminal to ask on; use --passphrase-file FILE or "
						"REGESTA_PASSPHRASE");
	}
	quiet = old;
	quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)!write(fd, prompt, strlen(prompt));
	while (out->len < PASSPHRASE_BYTES_MAX && (n = read(fd, &c, 1)) == 1 && c != '\n')
		base_buf_byte(out, (uint8_t)c);
	tcsetattr(fd, TCSAFLUSH, &old);
	(void)!write(fd, "\n", 1);
	close(fd);
	return n >= 0 ? BASE_OK : base_fail_errno(err, "reading the passphrase");
}

static bool without_asking(const struct cli *cli, struct base_buf *out, enum base_code *code, struct base_error *err)
{
	const char *path = cli_get(cli, "passphrase-file");
	const char *environment = getenv("REGESTA_PASSPHRASE");

	*code = BASE_OK;
	if (path != NULL) {
		*code = from_file(path, out, err);
		return true;
	}
	if (environment != NULL) {
		base_buf_append(out, base_slice_text(environment));
		return true;
	}
	return false;
}

enum base_code cli_passphrase(void *arg, struct base_buf *out, struct base_error *err)
{
	enum base_code code;

	/* Room first: growing would leave copies behind. */
	base_buf_reserve(out, PASSPHRASE_BYTES_MAX + 1);
	if (without_asking(arg, out, &code, err))
		return code;
	return from_terminal(_("Passphrase: "), out, err);
}

/* An exported register is always encrypted. */
static bool may_leave_out(const struct cli *cli)
{
	for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, "no-passphrase") == 0)
			return true;
	return false;
}

enum base_code cli_passphrase_new(struct cli *cli, const char *what, struct base_buf *out, struct base_error *err)
{
	struct base_buf again = BASE_BUF_INIT;
	enum base_code code;
	char prompt[160];

	if (cli_has(cli, "no-passphrase"))
		return BASE_OK;
	base_buf_reserve(out, PASSPHRASE_BYTES_MAX + 1);
	base_buf_reserve(&again, PASSPHRASE_BYTES_MAX + 1);
	if (without_asking(cli, out, &code, err))
		goto out;
	snprintf(prompt, sizeof(prompt), _("New passphrase for %s: "), what);
	code = from_terminal(prompt, out, err);
	if (code == BASE_KEY)
		code = base_fail(err, BASE_KEY,
				 may_leave_out(cli) ? N_("a passphrase for %s is needed: use --passphrase-file FILE or REGESTA_PASSPHRASE, or --no-passphrase to "
						      "keep the key unencrypted")
						    : N_("a passphrase for %s is needed: use --passphrase-file FILE or REGESTA_PASSPHRASE"), what);
	if (code == BASE_OK)
		code = from_terminal(_("Once more: "), &again, err);
	if (code == BASE_OK && !base_slice_equal(base_buf_slice(out), base_buf_slice(&again)))
		code = base_fail(err, BASE_KEY, "the two passphrases differ");
out:
	if (code == BASE_OK && out->len == 0)
		code = base_fail(err, BASE_KEY, may_leave_out(cli) ? N_("an empty passphrase protects nothing; use --no-passphrase to keep the key unencrypted")
								   : N_("an empty passphrase protects nothing"));
	base_buf_wipe(&again);
	return code;
}
