/* Values of every declaration, right and wrong, for the tests of events: written from the table itself. */
#ifndef TESTS_EVENTS_SAMPLE_H
#define TESTS_EVENTS_SAMPLE_H

#include "ledger/events/schema.h"

/* What is made wrong in an otherwise right value. Members and elements are counted in the order of writing. */
enum sample_what {
	SAMPLE_NOTHING,
	SAMPLE_MISSING, /* the member is left out; in a tuple: null */
	SAMPLE_TYPE,	/* a value of another CBOR type */
	SAMPLE_BAD,	/* the bad-th value of that type that is out of its range */
	SAMPLE_EXTRA,	/* an unknown member beside it */
	SAMPLE_TWICE,	/* the member twice */
};
struct sample_change {
	enum sample_what what;
	size_t at;
	unsigned bad;
	size_t variant; /* which member of a struct that has exactly one: see sample_variants */
	/* out */
	size_t seen;
	bool applied, must_fail;
	const struct events_field *field;
};
/* Every member is there, lists have two elements. change may be NULL. */
void sample_struct(struct base_buf *out, const struct events_struct *of, const struct events_kind *kind,
		   struct sample_change *change);

/* How many variants of a kind there are: its body says exactly one of so many things. */
size_t sample_variants(const struct events_kind *kind);

#define SAMPLE_ORIGIN "example.org/5b1d6f0c"
#define SAMPLE_STUDY "rd-registry"
#define SAMPLE_ISSUER "hospital-a/dm-07"
/* The key whose private bytes are 01 02 … 20. */
struct keys_private *sample_key(void);
struct keys_public sample_public(enum keys_purpose purpose);
const char *sample_subject(const struct events_kind *kind);
/* A COSE_Sign1 around any payload; its signature is zeros. */
void sample_unsigned(struct base_buf *out, const struct events_kind *kind, struct base_slice payload);
/* A signed event of a kind with every member that it can have. */
void sample_event(struct base_buf *out, const struct events_kind *kind);
/* The least that an envelope can say. body: borrowed. */
struct events_envelope sample_envelope(const struct events_kind *kind, struct base_slice body);
/* Its document: what events_to_json writes, without what is set when signing. */
void sample_document(struct base_buf *out, const struct events_event *event);

#endif
