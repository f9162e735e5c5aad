/* Identities: the keys of one owner in one file. docs/formats/keys.md §4 */
#include "ledger/keys/keys_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct keys_private *keys_identity_find(const struct keys_identity *id, enum keys_purpose purpose)
{
	for (size_t i = 0; i < id->count; i++)
		if (id->keys[i]->public.purpose == purpose)
			return id->keys[i];
	return NULL;
}

void keys_identity_close(struct keys_identity *id)
{
	for (size_t i = 0; i < id->count; i++)
		keys_private_close(id->keys[i]);
	memset(id, 0, sizeof(*id));
}

/* ---- Writing ------------------------------------------------------------ */

static enum base_code block_encode(struct base_buf *out, const struct keys_private *key, struct base_slice passphrase,
				   struct base_error *err)
{
	struct base_buf plain = BASE_BUF_INIT, sealed = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	keys_pkcs8_encode(&plain, key);
	if (passphrase.len == 0)
		keys_pem_write(out, &key->public, false, base_buf_slice(&plain));
	else if ((code = keys_pkcs8_encrypt(&sealed, base_buf_slice(&plain), passphrase, err)) == BASE_OK)
		keys_pem_write(out, &key->public, true, base_buf_slice(&sealed));
	base_buf_free(&sealed);
	base_buf_wipe(&plain);
	return code;
}

enum base_code keys_identity_encode(struct base_buf *out, const struct keys_identity *id, struct base_slice passphrase,
				    struct base_error *err)
{
	enum base_code code = BASE_OK;

	if (id->count == 0 || id->count > KEYS_IDENTITY_KEYS_MAX)
		return base_fail(err, BASE_USAGE, "an identity has 1 to %d keys, not %zu", KEYS_IDENTITY_KEYS_MAX,
				 id->count);
	for (size_t i = 0; i < id->count; i++)
		if (keys_identity_find(id, id->keys[i]->public.purpose) != id->keys[i])
			return base_fail(err, BASE_USAGE, "an identity has at most one %s key",
					 keys_purpose_name(id->keys[i]->public.purpose));
	base_buf_reserve(out, id->count * 2 * KEYS_DER_BYTES_MAX);
	for (size_t i = 0; i < id->count && code == BASE_OK; i++) {
		if (i > 0)
			base_buf_byte(out, '\n');
		code = block_encode(out, id->keys[i], passphrase, err);
	}
	return code;
}

enum base_code keys_identity_write(const struct keys_identity *id, const char *path, struct base_slice passphrase,
				   struct base_error *err)
{
	struct base_buf file = BASE_BUF_INIT;
	enum base_code code;

	if ((code = keys_identity_encode(&file, id, passphrase, err)) == BASE_OK)
		code = base_file_write(path, base_buf_slice(&file), 0600, false, err);
	base_buf_wipe(&file);
	return code;
}

/* ---- Reading ------------------------------------------------------------ */

struct passphrase {
	keys_passphrase_fn get;
	void *arg;
	bool asked;
	struct base_buf text;
};

static enum base_code passphrase_ask(struct passphrase *passphrase, struct base_error *err)
{
	enum base_code code;

	if (passphrase->asked)
		return BASE_OK;
	if (passphrase->get == NULL)
		return base_fail(err, BASE_KEY, "the private keys are encrypted, and no passphrase is given");
	base_buf_reserve(&passphrase->text, 4096);
	if ((code = passphrase->get(passphrase->arg, &passphrase->text, err)) != BASE_OK)
		return code;
	passphrase->asked = true;
	return BASE_OK;
}

static enum base_code block_decode(struct keys_private **out, const struct keys_pem_block *block,
				   struct passphrase *passphrase, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT, plain = BASE_BUF_INIT;
	char hex[2 * KEYS_PUBLIC_BYTES_MAX + 1];
	struct keys_private *key = NULL;
	enum base_code code;

	if ((code = keys_pem_bytes(&bytes, block, err)) != BASE_OK)
		goto out;
	base_buf_reserve(&plain, KEYS_DER_BYTES_MAX);
	if (!block->encrypted)
		base_buf_append(&plain, base_buf_slice(&bytes));
	else if ((code = passphrase_ask(passphrase, err)) != BASE_OK ||
		 (code = keys_pkcs8_decrypt(&plain, base_buf_slice(&bytes), base_buf_slice(&passphrase->text), err)) !=
			 BASE_OK)
		goto out;
	if ((code = keys_pkcs8_decode(&key, block->purpose, base_buf_slice(&plain), err)) != BASE_OK)
		goto out;
	base_hex(hex, base_slice(key->public.bytes, key->public.len));
	if (!base_slice_equal(block->public_hex, base_slice_text(hex))) {
		keys_private_close(key);
		code = base_fail(err, BASE_MALFORMED, "the public key that is written above it is not its own");
		goto out;
	}
	*out = key;
out:
	base_buf_wipe(&plain);
	base_buf_wipe(&bytes);
	(void)base_wrap(err, code, "%s key", keys_purpose_name(block->purpose));
	return code;
}

static enum base_code block_fits(const struct keys_identity *id, const struct keys_pem_block *block, bool encrypted,
				 struct base_error *err)
{
	if (id->count == KEYS_IDENTITY_KEYS_MAX)
		return base_fail(err, BASE_LIMIT, "more than %d keys in one file", KEYS_IDENTITY_KEYS_MAX);
	if (keys_identity_find(id, block->purpose) != NULL)
		return base_fail(err, BASE_MALFORMED, "two %s keys in one file", keys_purpose_name(block->purpose));
	if (id->count > 0 && encrypted != block->encrypted)
		return base_fail(err, BASE_MALFORMED, "the %s key is %s, unlike those before it",
				 keys_purpose_name(block->purpose), base_message(encrypted ? BASE_WORDS("not encrypted") : BASE_WORDS("encrypted")));
	return BASE_OK;
}

enum base_code keys_identity_parse(struct keys_identity *out, struct base_slice pem, keys_passphrase_fn get_passphrase,
				   void *arg, struct base_error *err)
{
	struct passphrase passphrase = {.get = get_passphrase, .arg = arg};
	struct keys_identity id = {.count = 0};
	struct keys_pem_block block = {0};
	struct keys_pem_reader r;
	bool found, encrypted = false;
	enum base_code code;

	if (pem.len > KEYS_IDENTITY_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "larger than %d bytes", KEYS_IDENTITY_BYTES_MAX);
	keys_pem_read(&r, pem);
	while ((code = keys_pem_next(&r, &block, &found, err)) == BASE_OK && found) {
		if ((code = block_fits(&id, &block, encrypted, err)) != BASE_OK)
			break;
		encrypted = block.encrypted;
		if ((code = block_decode(&id.keys[id.count], &block, &passphrase, err)) != BASE_OK)
			break;
		BASE_ASSERT(id.keys[id.count] != NULL);
		id.count++;
	}
	base_buf_wipe(&passphrase.text);
	if (code != BASE_OK) {
		keys_identity_close(&id);
		return code;
	}
	*out = id;
	return BASE_OK;
}

enum base_code keys_identity_publics(struct keys_public *out, size_t *count, struct base_slice pem,
				     struct base_error *err)
{
	struct keys_pem_block block = {0};
	struct keys_pem_reader r;
	enum base_code code;
	bool found;

	*count = 0;
	if (pem.len > KEYS_IDENTITY_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "larger than %d bytes", KEYS_IDENTITY_BYTES_MAX);
	keys_pem_read(&r, pem);
	while ((code = keys_pem_next(&r, &block, &found, err)) == BASE_OK && found) {
		struct keys_public *key = &out[*count];
		uint8_t room[KEYS_PUBLIC_BYTES_MAX];
		struct base_buf bytes = {room, 0, sizeof(room)}; /* borrowed; never grows */

		if (*count == KEYS_IDENTITY_KEYS_MAX)
			return base_fail(err, BASE_LIMIT, "more than %d keys in one file", KEYS_IDENTITY_KEYS_MAX);
		memset(key, 0, sizeof(*key));
		key->purpose = block.purpose;
		key->alg = keys_purpose_alg(block.purpose);
		if (block.public_hex.len > 2 * sizeof(room) || !base_unhex(&bytes, block.public_hex))
			return base_fail(err, BASE_MALFORMED, "%s key: the public key is not hex",
					 keys_purpose_name(block.purpose));
		if ((code = keys_public_check(key->alg, base_buf_slice(&bytes), err)) != BASE_OK)
			return base_wrap(err, code, "%s key", keys_purpose_name(block.purpose));
		memcpy(key->bytes, bytes.data, bytes.len);
		key->len = bytes.len;
		++*count;
	}
	return code;
}

/* One descriptor for the checks and the bytes, so that what is checked is what is read. */
static enum base_code file_read_private(struct base_buf *out, const char *path, struct base_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
	enum base_code code = BASE_OK;
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", path);
	if (fstat(fd, &st) != 0) {
		code = base_fail_errno(err, "cannot read %s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		code = base_fail(err, BASE_IO, "%s is not a file", path);
		goto out;
	}
	if ((st.st_mode & 077) != 0) {
		code = base_fail(err, BASE_KEY,
				 "%s may be used by others than its owner (mode %03o); \"chmod 600\" mends that", path,
				 (unsigned)st.st_mode & 0777U);
		goto out;
	}
	base_buf_reserve(out, KEYS_IDENTITY_BYTES_MAX + 1);
	while ((got = read(fd, out->data + out->len, KEYS_IDENTITY_BYTES_MAX + 1 - out->len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			code = base_fail_errno(err, "cannot read %s", path);
			break;
		}
		out->len += (size_t)got;
		if (out->len > KEYS_IDENTITY_BYTES_MAX) {
			code = base_fail(err, BASE_LIMIT, "%s is larger than %d bytes", path, KEYS_IDENTITY_BYTES_MAX);
			break;
		}
	}
out:
	(void)close(fd);
	return code;
}

enum base_code keys_identity_read(struct keys_identity *out, const char *path, keys_passphrase_fn get_passphrase,
				  void *arg, struct base_error *err)
{
	struct base_buf file = BASE_BUF_INIT;
	enum base_code code;

	if ((code = file_read_private(&file, path, err)) == BASE_OK &&
	    (code = keys_identity_parse(out, base_buf_slice(&file), get_passphrase, arg, err)) != BASE_OK)
		code = base_wrap(err, code, "%s", path);
	base_buf_wipe(&file);
	return code;
}
