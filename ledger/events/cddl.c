/* docs/formats/regesta.cddl: RFC 8610, from the declarations; what other rooms encode is written out here. */
#include "ledger/events/schema.h"

#include <string.h>

static const char preamble[] =
	"; Regesta: everything that is hashed or signed, in CDDL (RFC 8610).\n"
	"; Written by events_cddl() from the declarations in ledger/events/; a test keeps this file equal to it.\n"
	"; The first rule is an event. To check another structure, put e.g. \"start = entry\" in front.\n"
	"; A bstr that holds CBOR says in its comment what it holds, and a list of codes repeats their numbers:\n"
	"; validators in use follow neither .cbor nor a named choice inside an array.\n"
	"; Beyond CDDL: deterministic encoding (RFC 8949 4.2.1), ascending lists of codes, and the words of event.md.\n"
	"\n"
	"event = #6.18([\n"
	"  protected: bstr, ; event-header\n"
	"  unprotected: {},\n"
	"  payload: bstr, ; event-payload\n"
	"  signature: bstr .size 64\n"
	"])\n"
	"event-header = {\n"
	"  1 => -47, ; ES256K\n"
	"  3 => \"" EVENTS_CONTENT_TYPE "\",\n"
	"  4 => hash, ; kid\n"
	"  15 => { 1 => actor, 2 => url } ; issuer; subject: the study or the ledger's origin\n"
	"}\n";

static const char basics[] =
	"\n; ---- Types ----\n\n"
	"hash = bstr .size 32\n"
	"event-id = hash\n"
	"participant-reference = hash\n"
	"cid = bstr .size 36 ; 01 55 or 70, 12 20, SHA-256\n"
	"token = tstr .regexp \"[a-z0-9][a-z0-9._-]{0,63}\"\n"
	"study-token = token\n"
	"organisation-token = token\n"
	"actor = tstr .regexp \"[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,63}\"\n"
	"party = token / actor\n"
	"country = tstr .regexp \"[A-Z]{2}\"\n"
	"url = tstr .regexp \"[!-~]{1,255}\"\n"
	"time-ms = uint .le 253402300799999 ; milliseconds since 1970-01-01T00:00:00Z\n"
	"when = [precision-code, time-ms, offset] ; the start in UTC\n"
	"offset = uint .le 1439 / nint .ge -1439 / null ; minutes; null: unknown\n"
	"item = [event-id, uint .le 255] ; number of the item in that event\n"
	"sign-key = [1, -47, bstr .size 33]\n"
	"seal-key = [2, -31, bstr .size 32]\n"
	"recovery-key = [3, -31, bstr .size 32]\n"
	"log-key = [4, -19, bstr .size 32]\n"
	"cosign-key = [5, -19, bstr .size 32]\n"
	"validator-key = [6, -19, bstr .size 32]\n";

static const char enrolments[] =
	"\n; ---- Enrolment (enrolment.md) ----\n\n"
	"signed-enrolment = #6.18([\n"
	"  protected: bstr, ; enrolment-header\n"
	"  unprotected: {},\n"
	"  payload: bstr, ; enrolment or founder\n"
	"  signature: bstr .size 64\n"
	"])\n"
	"enrolment-header = {\n"
	"  1 => -47,\n"
	"  3 => \"" EVENTS_ENROLMENT_TYPE "\",\n"
	"  4 => hash,\n"
	"  15 => { 1 => actor, 2 => url } ; the actor; the origin, or the ledger id in hex\n"
	"}\n"
	"countersignature = #6.18([\n"
	"  protected: bstr, ; countersignature-header\n"
	"  unprotected: {},\n"
	"  payload: null, ; detached: the bytes of the signed-enrolment\n"
	"  signature: bstr .size 64\n"
	"])\n"
	"countersignature-header = {\n"
	"  1 => -47,\n"
	"  3 => \"" EVENTS_COUNTERSIGNATURE_TYPE "\",\n"
	"  4 => hash,\n"
	"  15 => { 1 => actor, 2 => tstr .size 64 } ; an administrator; the ledger id in hex\n"
	"}\n";

static const char entries[] =
	"\n; ---- Entries of the ledger (entry.md, block.md, genesis.md) ----\n\n"
	"entry = genesis-entry / event-entry / block-entry\n"
	"height = uint\n"
	"genesis-entry = [0, 0, time-ms, genesis]\n"
	"event-entry = [1, height, time-ms, bstr, outcome] ; the bstr: event\n"
	"block-entry = [2, height, time-ms, block]\n"
	"outcome = {\n"
	"  1 => verdict-code,\n"
	"  ? 2 => [1*64 uint .le 63], ; flags, ascending: flag-code\n"
	"  ? 3 => denial-code,\n"
	"  ? 4 => [1*32 tstr .size (1..64)], ; milestones\n"
	"  ? 5 => [1*256 hash], ; contracts that were asked\n"
	"  ? 6 => [1*256 judged], ; what they said of the items\n"
	"  ? 7 => [1*256 obligation], ; ascending by bytes\n"
	"  ? 8 => time-ms, ; first instant at which the permit does not hold any more\n"
	"  ? 9 => hash ; kid of the sealing key that the data's key is wrapped for\n"
	"}\n"
	"judged = [1..3, 1..63, uint / null, 0..1023 / null, 0..65535, bstr .size (1..32)] ; verdict, ground, contract, clause, fault, items\n"
	"obligation = [1..6, time-ms / null, 1..63 / organisation / null] ; duty, when, whom\n"
	"block = {\n"
	"  1 => hash, ; prev: SHA-256(00, previous block entry); zeros at genesis\n"
	"  2 => uint, ; first: index of the block's first event\n"
	"  3 => uint .ge 1, ; count of its events\n"
	"  4 => hash, ; tree: root over all lower indices\n"
	"  5 => hash, ; state: root of the map after the block\n"
	"  6 => hash, ; side: hash of the writes outside the map\n"
	"  7 => hash, ; nodes: hash of the node set in force after the block\n"
	"  8 => [uint, hash] / null ; engine: its height and block hash\n"
	"}\n"
	"genesis = {\n"
	"  1 => 2, ; format version\n"
	"  2 => url, ; origin\n"
	"  3 => [1*64 founding-organisation],\n"
	"  4 => [1*64 node],\n"
	"  5 => governance\n"
	"}\n"
	"founding-organisation = {\n"
	"  1 => token,\n"
	"  2 => tstr .size (1..200), ; title\n"
	"  3 => country,\n"
	"  4 => recovery-key,\n"
	"  5 => bstr ; signed-enrolment of its administrator, over the origin\n"
	"}\n"
	"node = {\n"
	"  1 => actor, ; organisation/node\n"
	"  2 => log-key,\n"
	"  3 => cosign-key,\n"
	"  4 => sign-key\n"
	"}\n"
	"governance = {\n"
	"  1 => \"solo\", ; ordering\n"
	"  2 => 60000, ; tolerance of block times, ms\n"
	"  3 => 1, ; executor version\n"
	"  4 => limits\n"
	"}\n";

/* Rules are named like the declarations, dots as hyphens. */
static void print_name(struct base_buf *out, const char *name)
{
	for (; *name != '\0'; name++)
		base_buf_byte(out, *name == '.' || *name == '_' ? '-' : (uint8_t)*name);
}

static void print_code_rule(struct base_buf *out, const struct events_codes *codes)
{
	print_name(out, codes->name);
	base_buf_print(out, "-code");
}

/* "(1 / 2 / 3)" */
static void print_numbers(struct base_buf *out, const struct events_codes *codes)
{
	const char *before = "(";

	for (size_t i = 0; i < codes->count; i++) {
		if (codes->codes[i].reserved)
			continue;
		base_buf_print(out, "%s%u", before, (unsigned)codes->codes[i].number);
		before = " / ";
	}
	base_buf_print(out, ")");
}

static const char *key_rule(uint64_t purpose)
{
	static const char *const rules[] = {"",	       "sign-key",   "seal-key",     "recovery-key",
					    "log-key", "cosign-key", "validator-key"};

	return rules[purpose];
}

static void print_range(struct base_buf *out, uint64_t min, uint64_t max)
{
	if (max == UINT64_MAX && min == 0)
		base_buf_print(out, "uint");
	else if (max == UINT64_MAX)
		base_buf_print(out, "uint .ge %llu", (unsigned long long)min);
	else
		base_buf_print(out, "%llu..%llu", (unsigned long long)min, (unsigned long long)max);
}

/* Rules of types that are the same wherever they stand; NULL for the others. */
static const char *type_rule(enum events_type type)
{
	static const char *const rules[EVENTS_SOURCE + 1] = {
		[EVENTS_BOOL] = "bool",
		[EVENTS_TOKEN] = "token",
		[EVENTS_STUDY] = "study-token",
		[EVENTS_ORGANISATION] = "organisation-token",
		[EVENTS_ACTOR] = "actor",
		[EVENTS_COUNTRY] = "country",
		[EVENTS_URL] = "url",
		[EVENTS_PARTY] = "party",
		[EVENTS_KIND] = "tstr",
		[EVENTS_ID] = "event-id",
		[EVENTS_HASH] = "hash",
		[EVENTS_REFERENCE] = "participant-reference",
		[EVENTS_CID] = "cid",
		[EVENTS_ITEM] = "item",
		[EVENTS_WHEN] = "when",
		[EVENTS_TIME] = "time-ms",
	};
	return rules[type];
}

static void print_type(struct base_buf *out, const struct events_field *field, enum events_type type)
{
	unsigned long long min = field->min, max = field->max;

	if (type_rule(type) != NULL) {
		base_buf_print(out, "%s", type_rule(type));
	} else if (type == EVENTS_UINT) {
		print_range(out, field->min, field->max);
	} else if (type == EVENTS_LABEL || type == EVENTS_SOURCE || type == EVENTS_PROOF) {
		base_buf_print(out, "%s .size (%llu..%llu)", type == EVENTS_PROOF ? "bstr" : "tstr", min, max);
	} else if (type == EVENTS_CODE) {
		print_code_rule(out, field->codes);
	} else if (type == EVENTS_PUBLIC) {
		base_buf_print(out, "%s", key_rule(field->min));
	} else if (type == EVENTS_LIST) {
		base_buf_print(out, "[%llu*%llu ", min, max);
		if (field->element == EVENTS_CODE)
			print_numbers(out, field->codes);
		else
			print_type(out, field, field->element);
		base_buf_print(out, "]");
	} else { /* a body is written with its kind */
		BASE_ASSERT(type == EVENTS_STRUCT && field->of != NULL);
		print_name(out, field->of->name);
	}
}

static void print_member(struct base_buf *out, const struct events_field *field, bool optional, bool last)
{
	base_buf_print(out, "  %s%u => ", optional ? "? " : "", (unsigned)field->key);
	print_type(out, field, field->type);
	base_buf_print(out, "%s ; %s: %s\n", last ? "" : ",", field->name, field->help);
}

static void print_tuple(struct base_buf *out, const struct events_struct *of)
{
	base_buf_print(out, " = [\n");
	for (size_t i = 0; i < of->count; i++) {
		const struct events_field *field = &of->fields[i];

		base_buf_print(out, "  ");
		print_type(out, field, field->type);
		base_buf_print(out, "%s%s ; %s: %s\n", field->optional ? " / null" : "", i + 1 == of->count ? "" : ",",
			       field->name, field->help);
	}
	base_buf_print(out, "]\n");
}

static void print_struct(struct base_buf *out, const struct events_struct *of)
{
	print_name(out, of->name);
	if (of->positional) {
		print_tuple(out, of);
		return;
	}
	base_buf_print(out, " = ");
	if (of->at_most == 1 && of->at_least == 1) { /* one of its members, whichever */
		for (size_t i = 0; i < of->count; i++) {
			base_buf_print(out, "%s%u => ", i == 0 ? "{ " : " // ", (unsigned)of->fields[i].key);
			print_type(out, &of->fields[i], of->fields[i].type);
		}
		base_buf_print(out, " }\n");
		return;
	}
	if (of->count == 0) {
		base_buf_print(out, "{}\n");
		return;
	}
	base_buf_print(out, "{%s\n", of->at_least > 0 ? " ; at least one of them" : "");
	for (size_t i = 0; i < of->count; i++)
		print_member(out, &of->fields[i], of->fields[i].optional, i + 1 == of->count);
	base_buf_print(out, "}\n");
}

/* Structs that were written already. */
struct seen {
	const struct events_struct *structs[160];
	size_t count;
};

static bool seen_before(struct seen *seen, const struct events_struct *of)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->structs[i] == of)
			return true;
	BASE_ASSERT(seen->count < SCHEMA_COUNT(seen->structs));
	seen->structs[seen->count++] = of;
	return false;
}

/* A struct after those that it is made of. */
static void print_structs(struct base_buf *out, struct seen *seen, const struct events_struct *of)
{
	if (seen_before(seen, of))
		return;
	for (size_t i = 0; i < of->count; i++)
		if (of->fields[i].of != NULL)
			print_structs(out, seen, of->fields[i].of);
	if (of != &events_envelope_struct)
		print_struct(out, of);
}

static void print_codes(struct base_buf *out, const struct events_codes *codes)
{
	const char *before = " = ";

	print_code_rule(out, codes);
	for (size_t i = 0; i < codes->count; i++) {
		if (codes->codes[i].reserved)
			continue;
		base_buf_print(out, "%s%u ; %s\n", before, (unsigned)codes->codes[i].number, codes->codes[i].name);
		before = "  / ";
	}
}

/* All members of the envelope stand in each kind's own rule: validators in use check no group within a map. */
static void print_kind(struct base_buf *out, const struct events_kind *kind)
{
	print_name(out, kind->name);
	base_buf_print(out, "-event = { 1 => hash, 2 => \"%s\", ", kind->name);
	for (uint64_t key = 3; key <= 10; key++) {
		const struct events_field *field = schema_field_by_key(&events_envelope_struct, key);
		bool optional = field->optional && !(key == 8 && kind->needs_reason);

		base_buf_print(out, "%s%u => ", optional ? "? " : "", (unsigned)key);
		print_type(out, field, field->type);
		base_buf_print(out, ", ");
	}
	base_buf_print(out, "11 => ");
	print_name(out, kind->name);
	base_buf_print(out, " } ; %s\n", kind->words);
}

/* What the numbers in those rules mean. */
static void print_members(struct base_buf *out)
{
	base_buf_print(out, "; 1: the ledger's id; 2: the kind; 11: the body\n");
	for (uint64_t key = 3; key <= 10; key++) {
		const struct events_field *field = schema_field_by_key(&events_envelope_struct, key);

		base_buf_print(out, "; %u: %s: %s\n", (unsigned)key, field->name, field->help);
	}
}

/* Members stand in order of their keys: some validators match a map's members in order. */
static void print_payload(struct base_buf *out)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	base_buf_print(out, "event-payload =\n");
	for (size_t i = 0; i < count; i++) {
		base_buf_print(out, "  %s", i == 0 ? "" : "/ ");
		print_name(out, kinds[i]->name);
		base_buf_print(out, "-event\n");
	}
	print_members(out);
	for (size_t i = 0; i < count; i++)
		print_kind(out, kinds[i]);
}

void events_cddl(struct base_buf *out)
{
	const struct events_kind *const *kinds;
	struct seen seen = {{NULL}, 0};
	size_t count;

	kinds = events_kinds(&count);
	base_buf_print(out, "%s", preamble);
	print_payload(out);
	base_buf_print(out, "\n; ---- What the kinds say ----\n\n");
	print_structs(out, &seen, &events_envelope_struct);
	for (size_t i = 0; i < count; i++)
		print_structs(out, &seen, &kinds[i]->body);
	base_buf_print(out, "%s", basics);
	base_buf_print(out, "%s", enrolments);
	print_structs(out, &seen, &events_enrolment_struct);
	print_structs(out, &seen, &events_founder_struct);
	base_buf_print(out, "%s", entries);
	base_buf_print(out, "\n; ---- Codes ----\n\n");
	for (unsigned list = 0; list < EVENTS_LISTS; list++)
		print_codes(out, events_codes_of((enum events_list)list));
}
