/* COSE_Sign1: the strict reader takes one encoding only, and takes nothing
 * that the lax reader refuses. */
#include "ledger/wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_strict(const struct wire_sign1 *sign1, struct base_slice bytes)
{
	struct base_buf header = BASE_BUF_INIT, again = BASE_BUF_INIT, content_type = BASE_BUF_INIT;

	base_buf_append(&content_type, sign1->content_type);
	base_buf_byte(&content_type, '\0');
	wire_sign1_protected(&header, (const char *)content_type.data, sign1->kid, sign1->issuer, sign1->subject);
	/* A content type that holds a NUL cannot be given to wire_sign1_protected. */
	if (base_slice_text((const char *)content_type.data).len == sign1->content_type.len)
		BASE_ASSERT(base_slice_equal(base_buf_slice(&header), sign1->protected_bytes));
	BASE_ASSERT(wire_check(sign1->protected_bytes, NULL) == BASE_OK);
	wire_sign1_encode(&again, sign1->protected_bytes, sign1->payload, sign1->signature);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&again), bytes));
	BASE_ASSERT(wire_check(bytes, NULL) == BASE_OK);
	base_buf_free(&header);
	base_buf_free(&again);
	base_buf_free(&content_type);
}

static void check_any(const struct wire_sign1_any *any)
{
	struct base_buf out = BASE_BUF_INIT;
	struct wire_reader r;

	wire_sig_structure(&out, any->protected_bytes, base_slice("aad", 3), any->payload);
	wire_read(&r, base_buf_slice(&out));
	wire_expect_array(&r, 4);
	(void)wire_get_text(&r);
	BASE_ASSERT(base_slice_equal(wire_get_bytes(&r), any->protected_bytes));
	(void)wire_get_bytes(&r);
	BASE_ASSERT(base_slice_equal(wire_get_bytes(&r), any->payload));
	BASE_ASSERT(wire_done(&r, "Sig_structure", NULL) == BASE_OK);
	base_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes = base_slice(data, size);
	struct base_error err = {""};
	struct wire_sign1_any any;
	struct wire_sign1 sign1;

	if (wire_sign1_decode(&sign1, bytes, &err) == BASE_OK) {
		BASE_ASSERT(wire_sign1_any_decode(&any, bytes, false, &err) == BASE_OK);
		BASE_ASSERT(any.has_alg && any.alg == sign1.alg && !any.has_crit);
		check_strict(&sign1, bytes);
	}
	if (wire_sign1_any_decode(&any, bytes, true, &err) == BASE_OK)
		check_any(&any);
	return 0;
}
