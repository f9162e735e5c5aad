/* Makes logs for the outside judges of receipts, tiles and checkpoints: make_samples FOLDER
 *
 *     FOLDER/log-NAME/policy                     C2SP policy
 *     FOLDER/log-NAME/tiles/                     C2SP tiles with entry bundles
 *     FOLDER/log-NAME/receipts/INDEX.tlog-proof  extra = the entry
 *
 * They need only the rooms proof and keys, and reach sizes at which tiles and proofs change shape. What the
 * command itself writes is judged beside them (samples_*.sh). Keys and times are fixed, so that a judge's
 * complaint can be repeated.
 */
#include "ledger/proof/proof.h"

#include <stdlib.h>
#include <string.h>

#define ORIGIN "ledger.example/00112233445566778899aabbccddeeff"
#define NODES_MAX 3

struct log_spec {
	const char *name;
	uint64_t size;
	size_t nodes, cosigned; /* quorum: floor(2n/3) + 1 */
	uint64_t receipts[8];   /* indices; the list ends at the first that is not below size */
};

struct log {
	struct base_buf *entries;
	struct base_hash *hashes;
	uint64_t hash_count;
	struct proof_frontier frontier;
	struct base_buf note;
	char *folder;
};

static void must(enum base_code code, const struct base_error *err)
{
	if (code == BASE_OK)
		return;
	fprintf(stderr, "make_samples: %s\n", err->text);
	exit(EXIT_FAILURE);
}

static void file_write(const char *folder, const char *name, const struct base_buf *bytes)
{
	char *path = base_path(folder, name), *slash = strrchr(path, '/');
	struct base_error err;

	*slash = '\0';
	must(base_make_folder(path, 0755, &err), &err);
	*slash = '/';
	must(base_file_write(path, base_buf_slice(bytes), 0644, false, &err), &err);
	free(path);
}

/* ---- The tree ---- */

static void hash_keep(void *arg, uint64_t stored_index, const struct base_hash *hash)
{
	struct log *log = arg;

	BASE_ASSERT(stored_index == log->hash_count);
	log->hashes[log->hash_count++] = *hash;
}

static enum base_code hash_get(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	const struct log *log = arg;

	if (stored_index >= log->hash_count)
		return base_fail(err, BASE_NOT_FOUND, "no stored hash %llu", (unsigned long long)stored_index);
	*out = log->hashes[stored_index];
	return BASE_OK;
}

/* Entry i has i % 300 + 1 bytes that depend on i; the third is as long as entries of a ledger can be. */
static void entry_make(struct base_buf *out, uint64_t i)
{
	size_t len = i == 2 ? 48000 : (size_t)(i % 300) + 1;
	struct base_hash block = {{0}};

	while (out->len < len) {
		uint8_t seed[16];

		base_put_u64be(seed, i);
		base_put_u64be(seed + 8, out->len);
		block = base_sha256_of(base_slice(seed, sizeof(seed)));
		base_buf_append(out, base_slice(block.bytes, len - out->len < 32 ? len - out->len : 32));
	}
}

static void entries_make(struct log *log, uint64_t size)
{
	log->entries = base_alloc(size * sizeof(*log->entries));
	log->hashes = base_alloc(proof_stored_count(size) * sizeof(*log->hashes));
	for (uint64_t i = 0; i < size; i++) {
		struct base_hash leaf;

		entry_make(&log->entries[i], i);
		leaf = proof_leaf(base_buf_slice(&log->entries[i]));
		proof_frontier_add(&log->frontier, &leaf, hash_keep, log);
	}
}

/* ---- Signatures ---- */

static struct keys_private *key_of(uint8_t seed, enum keys_purpose purpose)
{
	struct keys_private *key;
	struct base_error err;
	uint8_t raw[32];

	memset(raw, seed, sizeof(raw));
	must(keys_private_import(&key, purpose, KEYS_ED25519, raw, &err), &err);
	return key;
}

/* The checkpoint, signed by the first node's log key and cosigned by as many as the specification says, and the policy. */
static void checkpoint_make(struct log *log, const struct log_spec *spec)
{
	struct base_hash root = proof_frontier_root(&log->frontier);
	struct base_buf text = BASE_BUF_INIT, policy = BASE_BUF_INIT;
	struct proof_vkey logs[NODES_MAX], cosigners[NODES_MAX];
	struct base_error err;

	proof_checkpoint_format(&text, ORIGIN, spec->size, &root);
	base_buf_append(&log->note, base_buf_slice(&text));
	base_buf_byte(&log->note, '\n');
	for (size_t i = 0; i < spec->nodes; i++) {
		struct keys_private *log_key = key_of((uint8_t)(1 + i), KEYS_LOG);
		struct keys_private *cosign_key = key_of((uint8_t)(101 + i), KEYS_COSIGN);
		char name[32];

		snprintf(name, sizeof(name), "clinic-%c/node", 'a' + (int)i);
		proof_vkey_make(&logs[i], ORIGIN, PROOF_ED25519, keys_private_public(log_key));
		proof_vkey_make(&cosigners[i], name, PROOF_COSIGNATURE, keys_private_public(cosign_key));
		if (i < spec->cosigned) {
			must(proof_note_sign(&log->note, base_buf_slice(&text), ORIGIN, log_key, &err), &err);
			must(proof_note_cosign(&log->note, base_buf_slice(&text), name, 1772354400 + i, cosign_key,
					       &err),
			     &err);
		}
		keys_private_close(log_key);
		keys_private_close(cosign_key);
	}
	proof_policy_write(&policy, logs, spec->nodes, cosigners, spec->nodes, 2 * spec->nodes / 3 + 1);
	file_write(log->folder, "policy", &policy);
	file_write(log->folder, "tiles/checkpoint", &log->note);
	base_buf_free(&text);
	base_buf_free(&policy);
}

/* ---- Tiles and receipts ---- */

static void tiles_make(struct log *log, uint64_t size)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err;
	unsigned width;

	for (int level = -1; proof_tile_width(level, 0, size) > 0; level++) {
		for (uint64_t n = 0; (width = proof_tile_width(level, n, size)) > 0; n++) {
			char path[96], under[128];

			bytes.len = 0;
			for (uint64_t i = 0; level < 0 && i < width; i++)
				proof_bundle_add(&bytes, base_buf_slice(&log->entries[n * PROOF_TILE_WIDTH + i]));
			if (level >= 0)
				must(proof_tile_hashes(&bytes, (unsigned)level, n, width, hash_get, log, &err), &err);
			proof_tile_path(path, level, n, width);
			snprintf(under, sizeof(under), "tiles/%s", path);
			file_write(log->folder, under, &bytes);
		}
	}
	base_buf_free(&bytes);
}

static void receipt_make(struct log *log, uint64_t index)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_path path;
	struct base_error err;
	char name[64];

	must(proof_inclusion(&path, index, log->frontier.size, hash_get, log, &err), &err);
	proof_receipt_format(&bytes, base_buf_slice(&log->entries[index]), index, &path, base_buf_slice(&log->note));
	snprintf(name, sizeof(name), "receipts/%llu.tlog-proof", (unsigned long long)index);
	file_write(log->folder, name, &bytes);
	base_buf_free(&bytes);
}

static void log_make(const char *folder, const struct log_spec *spec)
{
	struct log log = {.folder = base_path(folder, spec->name)};

	entries_make(&log, spec->size);
	checkpoint_make(&log, spec);
	tiles_make(&log, spec->size);
	for (size_t i = 0; i < 8 && spec->receipts[i] < spec->size && (i == 0 || spec->receipts[i] > 0); i++)
		receipt_make(&log, spec->receipts[i]);
	for (uint64_t i = 0; i < spec->size; i++)
		base_buf_free(&log.entries[i]);
	free(log.entries);
	free(log.hashes);
	base_buf_free(&log.note);
	free(log.folder);
}

int main(int argc, char **argv)
{
	static const struct log_spec specs[] = {
		{"log-1", 1, 1, 1, {0}},
		{"log-255", 255, 1, 1, {0, 1, 254}},
		{"log-256", 256, 1, 1, {0, 255}},
		{"log-700", 700, 3, 3, {0, 2, 255, 256, 511, 512, 699}},
	};

	if (argc != 2) {
		fprintf(stderr, "usage: make_samples FOLDER\n");
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		log_make(argv[1], &specs[i]);
	return EXIT_SUCCESS;
}
