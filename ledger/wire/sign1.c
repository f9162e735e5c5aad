/* COSE_Sign1, RFC 9052 §4.2: [protected: bstr, unprotected: map, payload: bstr / nil, signature: bstr]. */
#include "ledger/wire/wire_internal.h"

#define TAG_SIGN1 18
#define LABEL_ALG 1
#define LABEL_CRIT 2
#define LABEL_CONTENT_TYPE 3
#define LABEL_KID 4
#define LABEL_CWT_CLAIMS 15 /* RFC 9597 */
#define CLAIM_ISSUER 1
#define CLAIM_SUBJECT 2
#define ALG_ES256K (-47) /* RFC 8812 */
#define KID_BYTES 32
#define SIGNATURE_BYTES 64
#define HEADERS_MAX 64 /* of a foreign message: the search for duplicates is quadratic */

/* ---- Regesta's own profile ---------------------------------------------- */

static void expect_label(struct wire_reader *r, uint64_t label, const char *why_not)
{
	size_t at = r->at;

	if (wire_get_uint(r) != label && !r->failed) {
		r->at = at;
		wire_fail(r, why_not);
	}
}

/* Labels are expected in their order, so that what passes is deterministic. */
static void protected_read(struct wire_sign1 *out, struct wire_reader *r)
{
	if (wire_get_map(r) != 4)
		wire_fail(r, "the protected header has not exactly the labels 1, 3, 4 and 15");
	expect_label(r, LABEL_ALG, "label 1 (alg) is expected here");
	out->alg = wire_get_int(r);
	if (out->alg != ALG_ES256K)
		wire_fail(r, "the algorithm is not ES256K (-47)");
	expect_label(r, LABEL_CONTENT_TYPE, "label 3 (content type) is expected here");
	out->content_type = wire_get_text(r);
	expect_label(r, LABEL_KID, "label 4 (kid) is expected here");
	out->kid = wire_get_bytes(r);
	if (out->kid.len != KID_BYTES)
		wire_fail(r, "the kid is not 32 bytes");
	expect_label(r, LABEL_CWT_CLAIMS, "label 15 (CWT claims) is expected here");
	if (wire_get_map(r) != 2)
		wire_fail(r, "the CWT claims are not exactly 1 (issuer) and 2 (subject)");
	expect_label(r, CLAIM_ISSUER, "claim 1 (issuer) is expected here");
	out->issuer = wire_get_text(r);
	expect_label(r, CLAIM_SUBJECT, "claim 2 (subject) is expected here");
	out->subject = wire_get_text(r);
}

/* bstr, or nil: then data is NULL. */
static struct base_slice payload_read(struct wire_reader *r)
{
	if (wire_peek(r) != WIRE_NULL)
		return wire_get_bytes(r);
	wire_get_null(r);
	return base_slice(NULL, 0);
}

enum base_code wire_sign1_decode(struct wire_sign1 *out, struct base_slice bytes, struct base_error *err)
{
	struct wire_reader r, header;
	enum base_code code;

	if (bytes.len > WIRE_EVENT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "event is %zu bytes; at most %d are taken", bytes.len,
				 WIRE_EVENT_BYTES_MAX);
	*out = (struct wire_sign1){.alg = 0};
	wire_read(&r, bytes);
	if (wire_get_tag(&r) != TAG_SIGN1)
		wire_fail(&r, "tag 18 (COSE_Sign1) is expected here");
	wire_expect_array(&r, 4);
	out->protected_bytes = wire_get_bytes(&r);
	if (wire_get_map(&r) != 0)
		wire_fail(&r, "the unprotected header is not empty");
	out->payload = payload_read(&r);
	out->signature = wire_get_bytes(&r);
	if (out->signature.len != SIGNATURE_BYTES)
		wire_fail(&r, "the signature is not 64 bytes");
	if ((code = wire_done(&r, "event", err)) != BASE_OK)
		return code;
	wire_read(&header, out->protected_bytes);
	protected_read(out, &header);
	return wire_done(&header, "protected header of the event", err);
}

void wire_sign1_protected(struct base_buf *out, const char *content_type, struct base_slice kid, struct base_slice issuer,
			  struct base_slice subject)
{
	BASE_ASSERT(kid.len == KID_BYTES);
	wire_put_map(out, 4);
	wire_put_uint(out, LABEL_ALG);
	wire_put_int(out, ALG_ES256K);
	wire_put_uint(out, LABEL_CONTENT_TYPE);
	wire_put_cstr(out, content_type);
	wire_put_uint(out, LABEL_KID);
	wire_put_bytes(out, kid);
	wire_put_uint(out, LABEL_CWT_CLAIMS);
	wire_put_map(out, 2);
	wire_put_uint(out, CLAIM_ISSUER);
	wire_put_text(out, issuer);
	wire_put_uint(out, CLAIM_SUBJECT);
	wire_put_text(out, subject);
}

void wire_sign1_encode(struct base_buf *out, struct base_slice protected_bytes, struct base_slice payload,
		       struct base_slice signature)
{
	base_buf_reserve(out, protected_bytes.len + payload.len + signature.len + 32);
	wire_put_tag(out, TAG_SIGN1);
	wire_put_array(out, 4);
	wire_put_bytes(out, protected_bytes);
	wire_put_map(out, 0);
	if (payload.data == NULL)
		wire_put_null(out);
	else
		wire_put_bytes(out, payload);
	wire_put_bytes(out, signature);
}

void wire_sig_structure(struct base_buf *out, struct base_slice protected_bytes, struct base_slice external_aad,
			struct base_slice payload)
{
	base_buf_reserve(out, protected_bytes.len + external_aad.len + payload.len + 48);
	wire_put_array(out, 4);
	wire_put_cstr(out, "Signature1");
	wire_put_bytes(out, protected_bytes);
	wire_put_bytes(out, external_aad);
	wire_put_bytes(out, payload);
}

/* ---- Anybody's ---------------------------------------------------------- */

/* Others need not write deterministically: integers may be longer and keys in any order. */
struct lax {
	struct base_slice bytes;
	size_t at;
	struct wire_fault fault;
};

static bool lax_fail(struct lax *lax, const char *why)
{
	if (lax->fault.why == NULL)
		lax->fault = (struct wire_fault){why, lax->at};
	return false;
}

/* Reads the head of an item of that type (or, with or_type, of that). */
static bool lax_head(struct lax *lax, struct wire_head *head, enum wire_type type, enum wire_type or_type,
		     const char *why_not)
{
	if (lax->fault.why != NULL)
		return false;
	wire_head_read(head, wire_slice_from(lax->bytes, lax->at), WIRE_LAX);
	if (head->why != NULL)
		return lax_fail(lax, head->why);
	if (head->type != type && head->type != or_type)
		return lax_fail(lax, why_not);
	lax->at += head->len;
	return true;
}

static struct base_slice lax_bytes(struct lax *lax, const char *why_not)
{
	struct wire_head head;

	if (!lax_head(lax, &head, WIRE_BYTES, WIRE_BYTES, why_not))
		return base_slice(NULL, 0);
	return base_slice(head.bytes, (size_t)head.value);
}

static bool lax_item(struct lax *lax)
{
	size_t end;

	if (lax->fault.why != NULL)
		return false;
	if (!wire_item_walk(&end, &lax->fault, lax->bytes, lax->at, WIRE_LAX))
		return false;
	lax->at = end;
	return true;
}

/* A header label: an integer or a text (RFC 9052 §1.5). */
struct label {
	enum wire_type type;
	uint64_t value;
	struct base_slice text;
};
struct labels {
	struct label label[2 * HEADERS_MAX];
	size_t count;
};

static bool label_equal(const struct label *a, const struct label *b)
{
	if (a->type != b->type || a->value != b->value)
		return false;
	return a->type != WIRE_TEXT || base_slice_equal(a->text, b->text);
}

static bool label_is(const struct label *label, uint64_t value)
{
	return label->type == WIRE_UINT && label->value == value;
}

/* Reads a label, which must be in neither header yet. */
static bool lax_label(struct lax *lax, struct labels *labels)
{
	struct label *label = &labels->label[labels->count];
	size_t at = lax->at;
	struct wire_head head;

	if (lax->fault.why != NULL)
		return false;
	wire_head_read(&head, wire_slice_from(lax->bytes, at), WIRE_LAX);
	if (head.why == NULL && head.type != WIRE_UINT && head.type != WIRE_NINT && head.type != WIRE_TEXT)
		head.why = BASE_WORDS("a header label is neither an integer nor a text");
	if (head.why == NULL && head.type == WIRE_TEXT &&
	    !base_utf8_valid(base_slice(head.bytes, (size_t)head.value)))
		head.why = "a text is not UTF-8";
	if (head.why != NULL)
		return lax_fail(lax, head.why);
	*label = (struct label){head.type, head.value, base_slice(head.bytes, 0)};
	if (head.type == WIRE_TEXT)
		label->text.len = (size_t)head.value;
	for (size_t i = 0; i < labels->count; i++) {
		if (label_equal(&labels->label[i], label))
			return lax_fail(lax, "a header label occurs twice");
	}
	labels->count++;
	lax->at = at + head.len;
	return true;
}

static bool lax_headers(struct lax *lax, struct labels *labels, struct wire_sign1_any *out, bool is_protected)
{
	struct wire_head head, alg;

	if (!lax_head(lax, &head, WIRE_MAP, WIRE_MAP, "a header map is expected here"))
		return false;
	if (head.value > HEADERS_MAX)
		return lax_fail(lax, "more than 64 headers");
	for (uint64_t i = 0; i < head.value; i++) {
		const struct label *label = &labels->label[labels->count];

		if (!lax_label(lax, labels))
			return false;
		if (label_is(label, LABEL_CRIT)) {
			if (!is_protected)
				return lax_fail(lax, "label 2 (crit) is not in the protected header");
			out->has_crit = true;
		}
		if (is_protected && label_is(label, LABEL_ALG) && lax->at < lax->bytes.len) {
			wire_head_read(&alg, wire_slice_from(lax->bytes, lax->at), WIRE_LAX);
			out->has_alg = alg.value <= INT64_MAX && (alg.type == WIRE_UINT || alg.type == WIRE_NINT);
			if (out->has_alg)
				out->alg = alg.type == WIRE_UINT ? (int64_t)alg.value : -1 - (int64_t)alg.value;
		}
		if (!lax_item(lax))
			return false;
	}
	return true;
}

static void any_read(struct wire_sign1_any *out, struct lax *lax, bool untagged_ok)
{
	struct wire_head head = {.type = WIRE_TAG};
	size_t at;

	if (!lax_head(lax, &head, WIRE_TAG, untagged_ok ? WIRE_ARRAY : WIRE_TAG, "tag 18 (COSE_Sign1) is expected here"))
		return;
	if (head.type == WIRE_TAG && head.value != TAG_SIGN1) {
		lax->at = 0;
		(void)lax_fail(lax, "the tag is not 18 (COSE_Sign1)");
		return;
	}
	if (head.type == WIRE_TAG && !lax_head(lax, &head, WIRE_ARRAY, WIRE_ARRAY, "an array is expected here"))
		return;
	if (head.value != 4) {
		(void)lax_fail(lax, "a COSE_Sign1 has 4 items");
		return;
	}
	out->protected_bytes = lax_bytes(lax, "the protected header is not a byte string");
	at = lax->at;
	if (!lax_item(lax))
		return;
	out->unprotected_raw = base_slice(lax->bytes.data + at, lax->at - at);
	if (!lax_head(lax, &head, WIRE_BYTES, WIRE_NULL, "the payload is neither a byte string nor null"))
		return;
	if (head.type == WIRE_BYTES)
		out->payload = base_slice(head.bytes, (size_t)head.value);
	out->signature = lax_bytes(lax, "the signature is not a byte string");
	if (lax->at != lax->bytes.len)
		(void)lax_fail(lax, "something follows the end of the item");
}

static enum base_code any_fail(const struct lax *lax, const char *what, struct base_error *err)
{
	return base_fail(err, BASE_MALFORMED, "%s at byte %zu of %zu: %s", base_message(what), lax->fault.at, lax->bytes.len,
			 base_message(lax->fault.why));
}

enum base_code wire_sign1_any_decode(struct wire_sign1_any *out, struct base_slice bytes, bool untagged_ok,
				     struct base_error *err)
{
	struct labels labels = {.count = 0};
	struct lax lax = {.bytes = bytes};

	*out = (struct wire_sign1_any){.alg = 0};
	any_read(out, &lax, untagged_ok);
	if (lax.fault.why != NULL)
		return any_fail(&lax, "COSE_Sign1", err);
	/* RFC 9052 §3: an empty protected header is a string of no bytes, or holds an empty map; §4.4: what is signed
	 * has no bytes then. */
	lax = (struct lax){.bytes = out->protected_bytes};
	if (lax.bytes.len > 0 && lax_headers(&lax, &labels, out, true) && lax.at != lax.bytes.len)
		(void)lax_fail(&lax, "something follows the end of the item");
	if (lax.fault.why != NULL)
		return any_fail(&lax, "protected header of the COSE_Sign1", err);
	if (labels.count == 0)
		out->protected_bytes.len = 0;
	lax = (struct lax){.bytes = out->unprotected_raw};
	(void)lax_headers(&lax, &labels, out, false);
	if (lax.fault.why != NULL)
		return any_fail(&lax, "unprotected header of the COSE_Sign1", err);
	return BASE_OK;
}
