/* Signed notes and verifier keys: what is read is written again and must be the same bytes. */
#include "ledger/proof/proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(struct base_slice input)
{
	struct base_buf again = BASE_BUF_INIT, signature = BASE_BUF_INIT;
	struct proof_note note;
	bool whole = true;
	uint8_t id[4];

	if (proof_note_parse(&note, input, NULL) != BASE_OK)
		return;
	base_buf_append(&again, note.text);
	base_buf_byte(&again, '\n');
	for (size_t i = 0; i < note.count; i++) {
		const struct proof_signature *line = &note.signatures[i];

		whole = whole && line->len > 0;
		base_put_u32be(id, line->key_id);
		signature.len = 0;
		base_buf_append(&signature, base_slice(id, sizeof(id)));
		base_buf_append(&signature, base_slice(line->bytes, line->len));
		base_buf_print(&again, "\xe2\x80\x94 ");
		base_buf_append(&again, line->name);
		base_buf_byte(&again, ' ');
		base_base64(&again, base_buf_slice(&signature));
		base_buf_byte(&again, '\n');
	}
	/* Signatures longer than any that we verify are not kept. */
	if (whole && !base_slice_equal(base_buf_slice(&again), input))
		abort();
	base_buf_free(&again);
	base_buf_free(&signature);
}

static void vkey(struct base_slice input)
{
	struct base_buf again = BASE_BUF_INIT;
	struct proof_vkey vkey;

	if (proof_vkey_parse(&vkey, input, NULL) != BASE_OK)
		return;
	proof_vkey_format(&again, &vkey);
	if (!base_slice_equal(base_buf_slice(&again), input))
		abort();
	base_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	note(base_slice(data, size));
	vkey(base_slice(data, size));
	return 0;
}
