/* One participant: reference, checks, bytes. docs/formats/register.md §1, §2 */
#include "ledger/register/register_internal.h"

#include <string.h>

#include "ledger/wire/wire.h"

#define STUDY_BYTES_MAX 64

/* "ref = HMAC-SHA-256(key, study || 00 || generation)" */
struct base_hash register_reference(const uint8_t key[32], const char *study, uint64_t generation)
{
	uint8_t message[STUDY_BYTES_MAX + 1 + 8];
	size_t len = strlen(study);

	BASE_ASSERT(len <= STUDY_BYTES_MAX);
	memcpy(message, study, len);
	message[len] = 0;
	base_put_u64be(message + len + 1, generation);
	return keys_hmac(base_slice(key, 32), base_slice(message, len + 9));
}

static bool study_ok(struct base_slice study)
{
	for (size_t i = 0; i < study.len; i++) {
		uint8_t c = study.data[i];
		bool first = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!first && (i == 0 || (c != '.' && c != '_' && c != '-')))
			return false;
	}
	return study.len > 0 && study.len <= STUDY_BYTES_MAX;
}

/* No text of these errors repeats the number: errors are shown and logged where the register is not. */
static enum base_code number_check(struct base_slice number, struct base_error *err)
{
	struct base_buf printable = BASE_BUF_INIT;
	bool same;

	if (number.len == 0)
		return base_fail(err, BASE_MALFORMED, "the participant number is empty");
	if (number.len > REGISTER_NUMBER_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the participant number is longer than %d bytes",
				 REGISTER_NUMBER_BYTES_MAX);
	if (!base_utf8_valid(number))
		return base_fail(err, BASE_MALFORMED, "the participant number is not UTF-8");
	if (number.data[0] == ' ' || number.data[number.len - 1] == ' ')
		return base_fail(err, BASE_MALFORMED, "the participant number begins or ends with a space");
	base_printable(&printable, number);
	same = base_slice_equal(base_buf_slice(&printable), number);
	base_buf_wipe(&printable);
	if (!same)
		return base_fail(err, BASE_MALFORMED, "the participant number holds control characters");
	return BASE_OK;
}

enum base_code register_names_check(const char *study, const char *number, struct base_error *err)
{
	if (!study_ok(base_slice_text(study)))
		return base_fail(err, BASE_MALFORMED,
				 "a study is named by 1 to %d of a-z 0-9 . _ -, the first a letter or digit",
				 STUDY_BYTES_MAX);
	return number_check(base_slice_text(number), err);
}

void register_record_put(struct base_buf *out, const struct register_record *record)
{
	wire_put_array(out, 5);
	wire_put_cstr(out, record->entry.study);
	wire_put_cstr(out, record->entry.number);
	wire_put_bytes(out, base_slice(record->key, sizeof(record->key)));
	wire_put_uint(out, record->entry.generation);
	wire_put_bool(out, record->entry.recorded);
}

enum base_code register_record_get(struct register_record *out, struct base_slice bytes, struct base_error *err)
{
	struct base_slice study, number, key;
	struct wire_reader r;
	uint64_t generation;
	enum base_code code;
	bool recorded;

	wire_read(&r, bytes);
	wire_expect_array(&r, 5);
	study = wire_get_text(&r);
	number = wire_get_text(&r);
	key = wire_get_bytes(&r);
	generation = wire_get_uint(&r);
	recorded = wire_get_bool(&r);
	if (!r.failed && (!study_ok(study) || key.len != 32 || generation == 0))
		wire_fail(&r, "a field is out of its range");
	if ((code = wire_done(&r, "record of the register", err)) != BASE_OK ||
	    (code = number_check(number, err)) != BASE_OK)
		return code;
	/* The number holds no NUL, which would be a control character. */
	memset(out, 0, sizeof(*out));
	memcpy(out->entry.study, study.data, study.len);
	memcpy(out->entry.number, number.data, number.len);
	memcpy(out->key, key.data, sizeof(out->key));
	out->entry.generation = generation;
	out->entry.recorded = recorded;
	out->entry.reference = register_reference(out->key, out->entry.study, generation);
	return BASE_OK;
}
