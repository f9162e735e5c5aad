/* Receipts: what is read is written again and must be the same bytes; its proof is run. */
#include "ledger/proof/proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice input = base_slice(data, size);
	struct base_buf again = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct proof_receipt receipt;
	struct proof_note note;
	struct base_hash leaf;

	if (proof_receipt_parse(&receipt, input, NULL) != BASE_OK)
		return 0;
	proof_receipt_format(&again, base_buf_slice(&receipt.extra), receipt.index, &receipt.path, receipt.note);
	if (!base_slice_equal(base_buf_slice(&again), input))
		abort();
	/* A receipt that reads has a note and a checkpoint that read. */
	if (proof_note_parse(&note, receipt.note, NULL) != BASE_OK ||
	    proof_checkpoint_parse(&checkpoint, note.text, NULL) != BASE_OK)
		abort();
	leaf = proof_leaf(base_buf_slice(&receipt.extra));
	/* Whether they hold is chance; they must end, within their arrays. */
	(void)!proof_inclusion_verify(&receipt.path, receipt.index, checkpoint.size, &leaf, &checkpoint.root, NULL);
	(void)!proof_consistency_verify(&receipt.path, receipt.index, checkpoint.size, &leaf, &checkpoint.root, NULL);
	proof_receipt_free(&receipt);
	base_buf_free(&again);
	return 0;
}
