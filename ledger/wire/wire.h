/* wire: the bytes that are hashed and signed.
 *
 * Tour
 *   1. Deterministic CBOR (RFC 8949 §4.2.1), read and written: shortest
 *      integers, definite lengths, map keys in ascending bytewise order of
 *      their encoding, no duplicates, no floats, UTF-8 checked. docs/formats/cbor.md
 *   2. COSE_Sign1 (RFC 9052 §4.2), tag 18, as Regesta's events use it:
 *      structure only; signatures are made and verified in keys. docs/formats/event.md
 *   3. CIDs (CIDv1, sha2-256, raw or dag-pb), their text, unsigned varints.
 *      docs/formats/cid.md
 *
 * A reader latches its first failure: call on, check once, and require that
 * nothing is left over (wire_done). Everything read is borrowed from the input.
 */
#ifndef LEDGER_WIRE_WIRE_H
#define LEDGER_WIRE_WIRE_H

#include "ledger/base/base.h"

/* ---- 1. CBOR ------------------------------------------------------------ */

#define WIRE_DEPTH_MAX 16

enum wire_type {
	WIRE_UINT,
	WIRE_NINT,
	WIRE_BYTES,
	WIRE_TEXT,
	WIRE_ARRAY,
	WIRE_MAP,
	WIRE_TAG,
	WIRE_BOOL,
	WIRE_NULL,
	WIRE_END,     /* nothing left */
	WIRE_INVALID, /* the next bytes are not deterministic CBOR, or the reader has failed */
};

/* Writing never fails. The caller writes map keys in ascending order of their
 * encoding, or has wire_sort_map put them so. */
void wire_put_uint(struct base_buf *out, uint64_t v);
void wire_put_nint(struct base_buf *out, uint64_t n); /* the integer -1 - n */
void wire_put_int(struct base_buf *out, int64_t v);
void wire_put_bytes(struct base_buf *out, struct base_slice v);
void wire_put_text(struct base_buf *out, struct base_slice v); /* asserts UTF-8 */
void wire_put_cstr(struct base_buf *out, const char *v);
void wire_put_array(struct base_buf *out, uint64_t count);
void wire_put_map(struct base_buf *out, uint64_t pairs);
void wire_put_tag(struct base_buf *out, uint64_t tag);
void wire_put_bool(struct base_buf *out, bool v);
void wire_put_null(struct base_buf *out);
void wire_put_hash(struct base_buf *out, const struct base_hash *v); /* bstr .size 32 */
/* Sorts the pairs of the map that begins at buf->data[map_at] and ends with
 * buf; its keys and values are well-formed already. False: a key occurs twice. */
BASE_MUST_USE bool wire_sort_map(struct base_buf *buf, size_t map_at);

/* Checks one whole item and that nothing follows it: determinism, UTF-8,
 * sorted unique keys, at most WIRE_DEPTH_MAX arrays, maps and tags around each
 * other, no floats, no simple values but false, true, null. What passes here reads without failure below as long as
 * the types are right. err says what is wrong at which byte offset. */
BASE_MUST_USE enum base_code wire_check(struct base_slice bytes, struct base_error *err);
/* The same for a CBOR sequence (RFC 8742): the length of the first item. */
BASE_MUST_USE enum base_code wire_check_first(struct base_slice bytes, size_t *len, struct base_error *err);

struct wire_reader {
	struct base_slice all;  /* for offsets in messages */
	size_t at;
	bool failed;
	const char *why; /* static text of the first failure */
	size_t why_at;
};
void wire_read(struct wire_reader *r, struct base_slice bytes);
enum wire_type wire_peek(const struct wire_reader *r);
uint64_t wire_get_uint(struct wire_reader *r); /* 0 after a failure, as all of these */
uint64_t wire_get_nint(struct wire_reader *r); /* n of the negative integer -1 - n */
int64_t wire_get_int(struct wire_reader *r);   /* uint or nint within int64 */
struct base_slice wire_get_bytes(struct wire_reader *r);
struct base_slice wire_get_text(struct wire_reader *r);
uint64_t wire_get_array(struct wire_reader *r);
uint64_t wire_get_map(struct wire_reader *r); /* key order is the business of wire_check */
uint64_t wire_get_tag(struct wire_reader *r);
bool wire_get_bool(struct wire_reader *r);
void wire_get_null(struct wire_reader *r);
struct base_hash wire_get_hash(struct wire_reader *r); /* bstr of exactly 32 bytes */
struct base_slice wire_get_raw(struct wire_reader *r); /* the encoding of the next whole item */
void wire_expect_array(struct wire_reader *r, uint64_t count);
void wire_fail(struct wire_reader *r, const char *why); /* latches a failure of the caller's own */
/* BASE_OK if nothing failed and nothing is left; else BASE_MALFORMED, naming what and the offset. */
BASE_MUST_USE enum base_code wire_done(const struct wire_reader *r, const char *what, struct base_error *err);

/* ---- 2. COSE_Sign1 ------------------------------------------------------ */

/* An event's size, tag and signature included (design: one line of a receipt). */
#define WIRE_EVENT_BYTES_MAX 40000

struct wire_sign1 {
	struct base_slice protected_bytes; /* content of the bstr */
	int64_t alg;
	struct base_slice content_type; /* text, empty if absent */
	struct base_slice kid;
	struct base_slice issuer;  /* CWT claim 1 */
	struct base_slice subject; /* CWT claim 2 */
	struct base_slice payload; /* data NULL when detached (nil) */
	struct base_slice signature;
};
/* Strict profile of Regesta (docs/formats/event.md): tag 18, protected header
 * exactly {1: -47, 3: content type, 4: kid of 32 bytes, 15: {1: issuer, 2: subject}},
 * empty unprotected header, 64-byte signature, deterministic. */
BASE_MUST_USE enum base_code wire_sign1_decode(struct wire_sign1 *out, struct base_slice bytes, struct base_error *err);
/* Protected header bytes of that profile. */
void wire_sign1_protected(struct base_buf *out, const char *content_type, struct base_slice kid, struct base_slice issuer,
			  struct base_slice subject);
void wire_sign1_encode(struct base_buf *out, struct base_slice protected_bytes, struct base_slice payload /* data NULL: nil */,
		       struct base_slice signature);
/* ["Signature1", protected, external_aad = h'', payload] (RFC 9052 §4.4). */
void wire_sig_structure(struct base_buf *out, struct base_slice protected_bytes, struct base_slice external_aad,
			struct base_slice payload);

/* A COSE_Sign1 of anybody (conformance, receipts): any protected and
 * unprotected headers, tag optional if untagged_ok. Structure is checked,
 * headers are only split: protected map as raw bytes, unprotected as raw. */
struct wire_sign1_any {
	struct base_slice protected_bytes; /* as it is signed: no bytes for an empty map */
	struct base_slice unprotected_raw, payload, signature;
	bool has_alg; /* protected, and an integer */
	int64_t alg;
	bool has_crit;
};
BASE_MUST_USE enum base_code wire_sign1_any_decode(struct wire_sign1_any *out, struct base_slice bytes, bool untagged_ok,
						   struct base_error *err);

/* ---- 3. CIDs ------------------------------------------------------------ */

#define WIRE_CID_BYTES 36 /* 01 codec 12 20 hash */
#define WIRE_CID_TEXT_BYTES 64
enum wire_codec { WIRE_RAW = 0x55, WIRE_DAG_PB = 0x70 };

struct wire_cid {
	enum wire_codec codec;
	struct base_hash hash;
};
void wire_cid_bytes(uint8_t out[WIRE_CID_BYTES], const struct wire_cid *cid);
BASE_MUST_USE enum base_code wire_cid_parse(struct wire_cid *out, struct base_slice bytes, struct base_error *err);
void wire_cid_text(char out[WIRE_CID_TEXT_BYTES], const struct wire_cid *cid); /* base32 "bafy…", "bafk…" */
/* Our profile only: CIDv1, base32 lower case, raw or dag-pb, sha2-256. */
BASE_MUST_USE enum base_code wire_cid_parse_text(struct wire_cid *out, struct base_slice text, struct base_error *err);
bool wire_cid_equal(const struct wire_cid *a, const struct wire_cid *b);

/* Any CID as the multiformats define it, for reading foreign DAGs and CARs:
 * v0 and v1, any codec and hash function; text in any base that
 * wire_multibase_decode reads. A SHA-256 that is not 32 bytes is refused. */
struct wire_cid_any {
	unsigned version;
	uint64_t codec;
	uint64_t hash_code;
	struct base_slice digest; /* borrowed */
	size_t len;               /* bytes used */
};
BASE_MUST_USE enum base_code wire_cid_any_parse(struct wire_cid_any *out, struct base_slice bytes, struct base_error *err);
/* binary is appended to; out borrows from it. */
BASE_MUST_USE enum base_code wire_cid_any_parse_text(struct wire_cid_any *out, struct base_buf *binary, struct base_slice text,
						     struct base_error *err);

/* What may be the text of a CIDv1 by its characters: 8 to 256 digits of the base
 * that its prefix names. It need not decode. For conformance tests. */
bool wire_cid_syntax_valid(struct base_slice text);

/* Unsigned varint of the multiformats: at most 9 bytes (so v < 2^63), minimal. */
void wire_put_varint(struct base_buf *out, uint64_t v);
BASE_MUST_USE enum base_code wire_get_varint(uint64_t *out, size_t *used, struct base_slice bytes, struct base_error *err);
void wire_base32(struct base_buf *out, struct base_slice bytes); /* RFC 4648 §6 lower case, unpadded */
bool wire_unbase32(struct base_buf *out, struct base_slice text);
/* Multibase text with its prefix: base 2, 8, 10, 16, 32 (also hex, padded, z),
 * 36, 58 (btc, flickr), 64 (also url, padded). Refuses other prefixes, digits
 * that are not of the base, wrong padding and unused bits that are not zero. */
BASE_MUST_USE enum base_code wire_multibase_decode(struct base_buf *out, struct base_slice text, struct base_error *err);
bool wire_multibase_syntax_valid(struct base_slice text); /* prefix known, digits of its base; need not decode */

#endif
