#include "ledger/state/map_internal.h"
#include "ledger/wire/wire.h"

struct base_hash state_map_key(enum state_table table, struct base_slice study, struct base_slice reference_cbor, uint64_t chunk)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct base_hash key;

	/* "[table, study or null, reference or null, chunk]" */
	wire_put_array(&cbor, 4);
	wire_put_uint(&cbor, (uint64_t)table);
	if (study.len > 0)
		wire_put_text(&cbor, study);
	else
		wire_put_null(&cbor);
	if (reference_cbor.len > 0)
		base_buf_append(&cbor, reference_cbor);
	else
		wire_put_null(&cbor);
	wire_put_uint(&cbor, chunk);
	key = base_sha256_of(base_buf_slice(&cbor));
	base_buf_free(&cbor);
	return key;
}
