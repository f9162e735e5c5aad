/* Payloads of events that wait in the outbox: HOME/ledgers/ID16/outbox/payload, a payload store as the ledger's. Before such an event is
 * recorded, by whichever command, its payloads go to the ledger's store; when they are durable there they go away here. Stopped in
 * between, the event has not been recorded, and whoever sends it again goes on. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

static char *store_path(const struct cli_session *s)
{
	char *outbox = base_path(s->state_dir, "outbox"), *path = base_path(outbox, "payload");

	free(outbox);
	return path;
}

enum base_code cli_outbox_store(struct cli_session *s, bool create, struct payload_store **out, struct base_error *err)
{
	char *path = store_path(s);
	enum base_code code = BASE_OK;

	*out = NULL;
	if (create || access(path, F_OK) == 0)
		code = payload_store_open(out, path, create, err);
	free(path);
	return base_wrap(err, code, "payloads of the outbox");
}

/* ---- What an event names ---- */

struct moving {
	struct payload_store *from, *to;
	bool erase; /* the second time over: what has been copied goes away */
	struct base_error *err;
	enum base_code code;
};

static bool move_one(struct moving *m, const struct wire_cid *cid)
{
	struct base_error ignored;
	uint64_t len;
	bool there;

	/* A payload is in its place with its keys or not at all; what is left here may be half erased by then. */
	if (!m->erase && payload_store_check(m->to, cid, &len, &ignored) == BASE_OK)
		return true;
	m->code = m->erase ? payload_store_erase(m->from, cid, &there, m->err) : payload_store_copy(m->from, m->to, cid, m->err);
	if (m->code == BASE_NOT_FOUND) /* it lies with the ledger already */
		m->code = BASE_OK;
	return m->code == BASE_OK;
}

static bool move_item(void *arg, size_t index, const struct events_item *item)
{
	(void)index;
	return move_one(arg, &item->cid);
}

static enum base_code move_all(struct moving *m, const struct events_event *event)
{
	struct wire_cid cid;
	struct base_hash commitment;

	events_items(event, move_item, m);
	for (size_t i = 0; m->code == BASE_OK && cli_sealed_at(event, i, &cid, &commitment); i++)
		(void)move_one(m, &cid);
	return m->code;
}

enum base_code cli_outbox_deliver(struct cli_session *s, struct base_slice bytes, struct base_error *err)
{
	struct moving m = {.err = err, .code = BASE_OK};
	struct events_event event;
	struct base_error ignored;
	enum base_code code = cli_outbox_store(s, false, &m.from, err);

	if (code != BASE_OK || m.from == NULL)
		return code;
	if (events_decode(&event, bytes, &ignored) != BASE_OK) /* the ledger says what is wrong with it */
		goto out;
	if ((code = cli_session_payloads(s, true, err)) != BASE_OK)
		goto out;
	m.to = s->payloads;
	if ((code = move_all(&m, &event)) == BASE_OK && (code = payload_store_sync(s->payloads, err)) == BASE_OK) {
		m.erase = true;
		code = move_all(&m, &event);
	}
out:
	payload_store_close(m.from);
	return base_wrap(err, code, "payloads of the outbox");
}

enum base_code cli_outbox_erase(struct cli_session *s, const struct wire_cid *cid, struct base_error *err)
{
	struct payload_store *store;
	enum base_code code = cli_outbox_store(s, false, &store, err);
	bool there;

	if (code == BASE_OK && store != NULL)
		code = payload_store_erase(store, cid, &there, err);
	payload_store_close(store);
	return code;
}
