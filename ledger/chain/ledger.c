/* Making, opening and closing a ledger; the keys of its actors. */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURES_FILE "genesis.sig"
#define SIGNATURES_BYTES_MAX (64u << 10)
#define CACHE_BYTES (64u << 20)

const struct store_spec chain_tables[CHAIN_TABLES] = {
	[CHAIN_ENTRIES] = {"entries", true},         [CHAIN_HASHES] = {"hashes", true},
	[CHAIN_BLOCKS] = {"blocks", true},           [CHAIN_ROWS] = {"rows", true},
	[CHAIN_SIDE] = {"side", false},              [CHAIN_POSTINGS] = {"postings", true},
	[CHAIN_CHECKPOINTS] = {"checkpoints", true}, [CHAIN_META] = {"meta", false},
};

/* ---- Making ------------------------------------------------------------- */

enum base_code chain_tip_put(struct store_txn *txn, const struct chain_tip *tip, struct base_error *err)
{
	uint8_t row[16];

	base_put_u64be(row, tip->size);
	base_put_u64be(row + 8, tip->height);
	return store_put(txn, CHAIN_META, base_slice_text(CHAIN_META_TIP), base_slice(row, sizeof(row)), err);
}

/* Leaf 0 and its block, in txn. */
static enum base_code found_in(struct store_txn *txn, const struct chain_genesis *genesis, struct base_slice entry, bool building,
			       struct base_error *err)
{
	struct base_hash id = base_sha256_of(entry);
	struct chain_work work;
	uint8_t format[8];
	enum base_code code;

	chain_work_open(&work, &id, base_slice_text(genesis->origin), NULL);
	base_put_u64be(format, CHAIN_FORMAT);
	chain_work_begin(&work, txn, genesis->time);
	if ((code = chain_work_genesis(&work, entry, err)) != BASE_OK || (code = chain_work_seal(&work, NULL, err)) != BASE_OK)
		goto out;
	if (building && (code = store_put(txn, CHAIN_META, base_slice_text(CHAIN_META_BUILDING), base_slice("1", 1), err)) != BASE_OK)
		goto out;
	code = store_put(txn, CHAIN_META, base_slice_text(CHAIN_META_FORMAT), base_slice(format, sizeof(format)), err);
	if (code == BASE_OK)
		code = chain_tip_put(txn, &work.tip, err);
out:
	chain_work_close(&work);
	return code;
}

static enum base_code found_once(struct store *store, const char *folder, const struct chain_genesis *genesis, struct base_slice entry,
				 struct base_slice signatures, bool building, struct base_error *err)
{
	char *path = base_path(folder, SIGNATURES_FILE);
	struct store_txn *txn = NULL;
	struct base_slice there;
	enum base_code code;

	if ((code = store_begin(&txn, store, true, err)) != BASE_OK)
		goto out;
	if (store_get(txn, CHAIN_META, base_slice_text(CHAIN_META_FORMAT), &there) != BASE_NOT_FOUND) {
		code = base_fail(err, BASE_EXISTS, "%s: there is a ledger already", folder);
		goto out;
	}
	/* Before the commit that makes it a ledger; what a crash leaves here is replaced by the next attempt. */
	if ((code = base_file_write(path, signatures, 0644, true, err)) != BASE_OK)
		goto out;
	if ((code = found_in(txn, genesis, entry, building, err)) != BASE_OK)
		goto out;
	code = store_commit(&txn, err);
out:
	store_abort(&txn);
	free(path);
	return code;
}

enum base_code chain_found(const char *folder, struct base_slice genesis_entry, struct base_slice signatures, bool building,
			   struct base_error *err)
{
	struct chain_genesis *genesis = NULL;
	struct store *store = NULL;
	enum base_code code;

	if ((code = chain_genesis_decode(&genesis, genesis_entry, err)) != BASE_OK)
		goto out;
	if ((code = chain_genesis_verify(genesis, genesis_entry, signatures, err)) != BASE_OK)
		goto out;
	if ((code = base_make_folder(folder, 0700, err)) != BASE_OK)
		goto out;
	if ((code = store_open(&store, folder, chain_tables, CHAIN_TABLES, STORE_CREATE, err)) != BASE_OK)
		goto out;
	code = BASE_BUSY;
	for (int attempt = 0; attempt < CHAIN_ATTEMPTS && code == BASE_BUSY; attempt++)
		code = found_once(store, folder, genesis, genesis_entry, signatures, building, err);
out:
	store_close(store);
	chain_genesis_close(genesis);
	return code;
}

enum base_code chain_create(const char *folder, struct base_slice genesis_entry, struct base_slice signatures, struct base_error *err)
{
	return base_wrap(err, chain_found(folder, genesis_entry, signatures, false, err), "create ledger");
}

enum base_code chain_signatures_read(const char *folder, struct base_buf *out, struct base_error *err)
{
	char *path = base_path(folder, SIGNATURES_FILE);
	enum base_code code = base_file_read_regular(out, path, SIGNATURES_BYTES_MAX, err);

	free(path);
	return code;
}

/* ---- Opening ------------------------------------------------------------ */

static enum base_code check_format(struct store_txn *txn, const char *folder, struct base_error *err)
{
	struct base_slice value;
	enum base_code code = store_get(txn, CHAIN_META, base_slice_text(CHAIN_META_FORMAT), &value);

	if (code == BASE_NOT_FOUND)
		return base_fail(err, BASE_NOT_FOUND, "%s: there is no ledger in this folder", folder);
	if (code != BASE_OK)
		return base_fail(err, code, "%s: cannot read the database", folder);
	if (value.len != 8)
		return base_fail(err, BASE_STORAGE, "%s: the database is damaged: it does not say its format", folder);
	if (base_get_u64be(value.data) > CHAIN_FORMAT)
		return base_fail(err, BASE_VERSION,
				 "%s: the ledger has format %" PRIu64 ", this program reads up to %d: use a newer version of Regesta", folder,
				 base_get_u64be(value.data), CHAIN_FORMAT);
	if (base_get_u64be(value.data) < CHAIN_FORMAT)
		return base_fail(err, BASE_VERSION,
				 "%s: the ledger has format %" PRIu64 " of an early version of Regesta, which this one does not read any more "
				 "(it reads %d)", folder, base_get_u64be(value.data), CHAIN_FORMAT);
	if (store_get(txn, CHAIN_META, base_slice_text(CHAIN_META_BUILDING), &value) != BASE_NOT_FOUND)
		return base_fail(err, BASE_STORAGE, "%s: a restore into this folder was interrupted: remove it and restore again", folder);
	return BASE_OK;
}

static enum base_code load(struct chain *chain, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct chain_source source = {0};
	struct chain_tip tip;
	struct base_slice entry;
	enum base_code code;

	if ((code = store_begin(&txn, chain->store, false, err)) != BASE_OK)
		goto out;
	chain_source_begin(&source, txn, 0);
	if ((code = check_format(txn, chain->folder, err)) != BASE_OK)
		goto out;
	if ((code = chain_source_entry(&source, 0, &entry, err)) != BASE_OK)
		goto out;
	if ((code = chain_genesis_decode(&chain->genesis, entry, err)) != BASE_OK)
		goto out;
	chain->id = base_sha256_of(entry);
	code = chain_source_tip(&source, &tip, err);
out:
	chain_source_end(&source);
	store_abort(&txn);
	return code;
}

static enum base_code take_signer(struct chain *chain, const struct chain_signer *signer, struct base_error *err)
{
	size_t len;

	if (signer->log == NULL || signer->cosign == NULL || signer->cosign_name == NULL || signer->signed_path == NULL)
		return base_fail(err, BASE_KEY, "a node signs with a log key, a cosigner key and a name, and keeps a record of it");
	len = strlen(signer->cosign_name);
	chain->signer = *signer;
	chain->cosign_name = base_alloc(len + 1);
	memcpy(chain->cosign_name, signer->cosign_name, len);
	return chain_checkpoint_open(chain, err);
}

enum base_code chain_open(struct chain **out, const char *folder, unsigned flags, const struct chain_signer *signer,
			  struct base_error *err)
{
	struct chain *chain = base_alloc(sizeof(*chain));
	enum base_code code;

	(void)pthread_mutex_init(&chain->lock, NULL);
	chain->read_only = (flags & CHAIN_READ_ONLY) != 0;
	chain->folder = base_alloc(strlen(folder) + 1);
	memcpy(chain->folder, folder, strlen(folder));
	code = store_open(&chain->store, folder, chain_tables, CHAIN_TABLES,
			  (chain->read_only ? STORE_READ_ONLY : 0u) | ((flags & CHAIN_DISTRUST) != 0 ? STORE_CHECK : 0u), err);
	if (code != BASE_OK)
		goto out;
	if ((code = load(chain, err)) != BASE_OK)
		goto out;
	chain->cache = state_cache_open(CACHE_BYTES);
	chain_work_open(&chain->work, &chain->id, base_slice_text(chain->genesis->origin), chain->cache);
	if (signer != NULL && !chain->read_only)
		code = take_signer(chain, signer, err);
out:
	if (code == BASE_OK)
		*out = chain;
	else
		chain_close(chain);
	return base_wrap(err, code, "open ledger");
}

void chain_close(struct chain *chain)
{
	if (chain == NULL)
		return;
	/* What this fails to store is signed again at the next open. */
	if (chain->pending) {
		enum base_code ignored = chain_flush(chain, NULL);

		(void)ignored;
	}
	chain_work_close(&chain->work);
	state_cache_close(chain->cache);
	chain_signed_close(chain->record);
	base_buf_free(&chain->pending_note);
	store_close(chain->store);
	chain_genesis_close(chain->genesis);
	free(chain->cosign_name);
	free(chain->folder);
	(void)pthread_mutex_destroy(&chain->lock);
	free(chain);
}

const struct base_hash *chain_id(const struct chain *chain)
{
	return &chain->id;
}

const char *chain_origin(const struct chain *chain)
{
	return chain->genesis->origin;
}

const struct chain_genesis *chain_founding(const struct chain *chain)
{
	return chain->genesis;
}

enum base_code chain_signatures(const struct chain *chain, struct base_buf *out, struct base_error *err)
{
	return chain_signatures_read(chain->folder, out, err);
}

enum base_code chain_refresh(struct chain *chain, struct store_txn *txn, struct base_error *err)
{
	struct chain_source source;
	struct chain_tip tip;
	enum base_code code;

	chain_source_begin(&source, txn, 0);
	if ((code = chain_source_tip(&source, &tip, err)) != BASE_OK)
		goto out;
	if (chain->work_current && tip.size == chain->work.tip.size && base_hash_equal(&tip.prev, &chain->work.tip.prev))
		goto out;
	chain->work_current = false;
	if ((code = proof_frontier_load(&chain->work.frontier, tip.size, chain_source_hash, &source, err)) != BASE_OK)
		goto out;
	chain->work.tip = tip;
	chain->work_current = true;
out:
	chain_source_end(&source);
	return code;
}

/* ---- Keys --------------------------------------------------------------- */

static struct chain_cached_key *key_slot(struct chain *chain, const struct base_hash *kid)
{
	return &chain->keys[base_get_u32be(kid->bytes) & (CHAIN_KEYS_CACHED - 1)];
}

enum base_code chain_key(struct chain *chain, const struct base_hash *kid, struct keys_public *out, struct base_error *err)
{
	struct chain_cached_key *slot = key_slot(chain, kid);
	struct chain_read *read = NULL;
	enum base_code code;
	bool hit;

	/* A kid is the hash of its key, and is never given to another: what was found once stays right. */
	(void)pthread_mutex_lock(&chain->lock);
	hit = slot->used && base_hash_equal(&slot->kid, kid);
	if (hit)
		*out = slot->key;
	(void)pthread_mutex_unlock(&chain->lock);
	if (hit)
		return BASE_OK;
	if ((code = chain_read_begin(&read, chain, err)) != BASE_OK)
		return code;
	code = chain_read_key(read, kid, out, err);
	chain_read_end(&read);
	if (code != BASE_OK)
		return code;
	(void)pthread_mutex_lock(&chain->lock);
	*slot = (struct chain_cached_key){.used = true, .kid = *kid, .key = *out};
	(void)pthread_mutex_unlock(&chain->lock);
	return BASE_OK;
}
