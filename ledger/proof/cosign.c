/* Signature lines of notes: a log's Ed25519 over the text, and cosignature/v1
 * (C2SP tlog-cosignature) over a header, a time and the text.
 * docs/formats/checkpoint.md
 */
#include "ledger/proof/proof_internal.h"

#include <string.h>

#define SIGNATURE_BYTES 64
#define COSIGNATURE_BYTES (8 + SIGNATURE_BYTES)

static void cosigned_message(struct base_buf *out, uint64_t time_s, struct base_slice text)
{
	base_buf_print(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
	base_buf_append(out, text);
}

static void line_write(struct base_buf *line, const struct proof_vkey *vkey, struct base_slice signature)
{
	struct base_buf bytes = BASE_BUF_INIT;
	uint8_t id[4];

	base_put_u32be(id, vkey->key_id);
	base_buf_append(&bytes, base_slice(id, sizeof(id)));
	base_buf_append(&bytes, signature);
	base_buf_print(line, "\xe2\x80\x94 %s ", vkey->name);
	base_base64(line, base_buf_slice(&bytes));
	base_buf_byte(line, '\n');
	base_buf_free(&bytes);
}

enum base_code proof_note_sign(struct base_buf *line, struct base_slice text, const char *name,
			       const struct keys_private *key, struct base_error *err)
{
	uint8_t signature[SIGNATURE_BYTES];
	struct proof_vkey vkey;
	enum base_code code;

	proof_vkey_make(&vkey, name, PROOF_ED25519, keys_private_public(key));
	if ((code = keys_sign(key, signature, text, err)) != BASE_OK)
		return base_wrap(err, code, "sign a note as %s", name);
	line_write(line, &vkey, base_slice(signature, sizeof(signature)));
	return BASE_OK;
}

enum base_code proof_note_cosign(struct base_buf *line, struct base_slice text, const char *name, uint64_t time_s,
				 const struct keys_private *key, struct base_error *err)
{
	struct base_buf message = BASE_BUF_INIT;
	uint8_t signature[COSIGNATURE_BYTES];
	struct proof_vkey vkey;
	enum base_code code;

	if (time_s > INT64_MAX)
		return base_fail(err, BASE_LIMIT, "a cosignature's time is at most 2^63 - 1 seconds");
	proof_vkey_make(&vkey, name, PROOF_COSIGNATURE, keys_private_public(key));
	cosigned_message(&message, time_s, text);
	base_put_u64be(signature, time_s);
	code = keys_sign(key, signature + 8, base_buf_slice(&message), err);
	base_buf_free(&message);
	if (code != BASE_OK)
		return base_wrap(err, code, "cosign a checkpoint as %s", name);
	line_write(line, &vkey, base_slice(signature, sizeof(signature)));
	return BASE_OK;
}

static enum base_code cosignature_verify(const struct proof_signature *line, const struct proof_vkey *vkey,
					 struct base_slice text, uint64_t *time_s, struct base_error *err)
{
	struct base_buf message = BASE_BUF_INIT;
	enum base_code code;

	if (line->len != COSIGNATURE_BYTES)
		return base_fail(err, BASE_MISMATCH, "the cosignature of %s is not of %d bytes", vkey->name,
				 COSIGNATURE_BYTES);
	*time_s = base_get_u64be(line->bytes);
	if (*time_s > INT64_MAX)
		return base_fail(err, BASE_MISMATCH, "the cosignature of %s has an impossible time", vkey->name);
	cosigned_message(&message, *time_s, text);
	code = keys_ed25519_verify(&vkey->key, base_buf_slice(&message), base_slice(line->bytes + 8, SIGNATURE_BYTES),
				   NULL);
	base_buf_free(&message);
	if (code != BASE_OK)
		return base_fail(err, BASE_MISMATCH,
				 "the cosignature of %s does not verify: the checkpoint or the line was altered",
				 vkey->name);
	return BASE_OK;
}

static enum base_code line_verify(const struct proof_signature *line, const struct proof_vkey *vkey,
				  struct base_slice text, uint64_t *time_s, struct base_error *err)
{
	switch (vkey->alg) {
	case PROOF_COSIGNATURE:
		return cosignature_verify(line, vkey, text, time_s, err);
	case PROOF_ML_DSA:
		return base_fail(err, BASE_VERSION,
				 "the signature of %s is ML-DSA-44, which this version reads but does not verify",
				 vkey->name);
	case PROOF_ED25519:
		break;
	}
	if (line->len != SIGNATURE_BYTES ||
	    keys_ed25519_verify(&vkey->key, text, base_slice(line->bytes, SIGNATURE_BYTES), NULL) != BASE_OK)
		return base_fail(err, BASE_MISMATCH,
				 "the signature of %s does not verify: the note or the line was altered", vkey->name);
	return BASE_OK;
}

enum base_code proof_note_verify(const struct proof_note *note, const struct proof_vkey *vkey, uint64_t *time_s,
				 struct base_error *err)
{
	uint64_t latest = 0;
	size_t found = 0;

	for (size_t i = 0; i < note->count; i++) {
		const struct proof_signature *line = &note->signatures[i];
		uint64_t time = 0;
		enum base_code code;

		if (line->key_id != vkey->key_id || !base_slice_equal(line->name, base_slice_text(vkey->name)))
			continue;
		if ((code = line_verify(line, vkey, note->text, &time, err)) != BASE_OK)
			return code;
		found++;
		if (time > latest)
			latest = time;
	}
	if (found == 0)
		return base_fail(err, BASE_NOT_FOUND, "%s (key id %08x) has not signed", vkey->name, vkey->key_id);
	if (time_s != NULL)
		*time_s = latest;
	return BASE_OK;
}
