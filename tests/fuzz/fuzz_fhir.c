/* FHIR: whatever the file and whatever was said beside it, each Consent is a document that is taken, or has reasons. The
 * first byte chooses what was said. */
#include "ledger/events/events.h"
#include "ledger/fhir/fhir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fhir_options options_of(uint8_t choice)
{
	static const struct fhir_patient any = {.reference = NULL, .participant = {{1}}};
	static const struct fhir_form form = {NULL, "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna", "2.1", "de", "adult"};
	static const struct fhir_party party = {"Organization/o1", "hospital-b"};
	static const char *const purposes[] = {"hl7.treat"};
	struct fhir_options o = {.study = "rare-01", .patients = &any, .forms = &form, .parties = &party, .purposes = purposes};

	o.patient_count = o.form_count = o.party_count = 1;
	o.purpose_count = choice & 1;
	o.root = (choice >> 1 & 3) == 3 ? FHIR_ROOT_UNSAID : (enum fhir_root)(choice >> 1 & 3);
	o.means = "paper";
	o.signer = (choice & 8) != 0 ? "parent" : NULL;
	o.when = (choice & 16) != 0 ? "2025-01-01" : NULL;
	if ((choice & 32) != 0) {
		o.withdrawn = "2025-06";
		o.existing = "restrict";
		o.annuls = "0c5a2ae1bd21b6bb1a6eb9ddc5ce42c5bd1c0ba29d0d1b9ba2e6a0ea2d5f3e11";
	}
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fhir_options options;
	struct events_document document;
	struct fhir_file file;
	struct base_error err;

	if (size == 0)
		return 0;
	options = options_of(data[0]);
	if (fhir_consents(&file, base_slice(data + 1, size - 1), &options, &err) == BASE_OK) {
		for (size_t i = 0; i < file.count; i++) {
			const struct fhir_consent *consent = &file.consents[i];

			BASE_ASSERT((consent->reason_count > 0) == (consent->document.len == 0));
			if (consent->reason_count > 0)
				continue;
			BASE_ASSERT(events_document_parse(&document, base_buf_slice(&consent->document), &err) == BASE_OK);
			events_document_free(&document);
		}
		BASE_ASSERT(fhir_refusal(&file, &err) == BASE_OK || err.text[0] != '\0');
	}
	fhir_file_free(&file);
	return 0;
}
