#include "ledger/state/access_internal.h"

#include <stdlib.h>
#include <string.h>

/* What facts of STATE_GRANT say of a permit: what was asked for, of which items, until when, decided by whom. */

/* Which items, as a bitmap. */
static bool content_items(struct base_slice map, uint64_t key, uint8_t out[EVENTS_ITEMS_MAX / 8])
{
	struct wire_reader r;
	struct base_slice bytes;

	if (!events_find(map, key, &r))
		return true;
	bytes = wire_get_bytes(&r);
	if (r.failed || bytes.len > EVENTS_ITEMS_MAX / 8)
		return false;
	memcpy(out, bytes.data, bytes.len);
	return true;
}

bool state_fold_permit(struct state_grant *grant, const struct state_fact *fact)
{
	struct base_slice map = fact->content, request;
	struct state_permit *permit = &grant->permits[grant->permit_count];
	struct wire_reader r;

	if (state_content_raw(map, STATE_GRANT_REQUEST, &request))
		base_buf_append(&grant->request, request);
	grant->has_referred = grant->has_referred || events_has(map, STATE_GRANT_REFERRED);
	grant->decided = grant->decided || events_has(map, STATE_GRANT_DECIDED);
	if (!content_items(map, STATE_GRANT_REFERRED, grant->referred))
		return false;
	if (events_find(map, STATE_GRANT_CONTRACTS, &r)) {
		uint64_t count = wire_get_array(&r);

		for (uint64_t i = 0; i < count && !r.failed; i++) {
			grant->contracts = state_grow(grant->contracts, &grant->contract_cap, grant->contract_count,
						      sizeof(*grant->contracts));
			grant->contracts[grant->contract_count++] = wire_get_hash(&r);
		}
	}
	if (!events_has(map, STATE_GRANT_PERMITTED))
		return true;
	if (grant->permit_count == sizeof(grant->permits) / sizeof(grant->permits[0]))
		return false;
	*permit = (struct state_permit){.index = fact->index, .time = fact->time, .expires = UINT64_MAX};
	(void)state_content_uint(map, STATE_GRANT_EXPIRES, &permit->expires);
	grant->permit_count++;
	return content_items(map, STATE_GRANT_PERMITTED, permit->items);
}

void state_close_grant(struct state_record *record)
{
	struct state_grant *grant = (struct state_grant *)record;

	base_buf_free(&grant->request);
	free(grant->contracts);
}
