/* Sealing and the CID of a large file, as a ratio to AES-256-GCM and SHA-256 done one after the other over the same
 * bytes, on one thread:
 *   baseline  every segment encrypted, in memory; then every segment hashed
 *   memory    payload_seal_stream() into the DAG builder, from memory
 *   file      the same, read from a file in the page cache
 *   store     payload_store_seal() and payload_store_sync(): written and durable (the disk's share included)
 * Usage: bench_seal [MiB] [folder] */
#include "ledger/payload/payload_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define ROUNDS 3

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum base_code code, const struct base_error *err)
{
	if (code == BASE_OK)
		return;
	(void)fprintf(stderr, "bench_seal: %s\n", err->text);
	exit(EXIT_FAILURE);
}

static const struct payload_context CONTEXT = {{{1}}, "BENCH", "bench"};

struct memory {
	const uint8_t *bytes;
	size_t len, at;
};

static enum base_code memory_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct memory *memory = arg;

	(void)err;
	*got = memory->len - memory->at < cap ? memory->len - memory->at : cap;
	memcpy(buf, memory->bytes + memory->at, *got);
	memory->at += *got;
	return BASE_OK;
}

static enum base_code file_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	ssize_t n = read(*(int *)arg, buf, cap);

	if (n < 0)
		return base_fail_errno(err, "cannot read");
	*got = (size_t)n;
	return BASE_OK;
}

static enum base_code dag_write(void *arg, struct base_slice bytes, struct base_error *err)
{
	return payload_dag_add(arg, bytes, err);
}

static double baseline(uint8_t *bytes, size_t len)
{
	uint8_t key[32] = {1}, nonce[12] = {0};
	struct keys_gcm *gcm = keys_gcm_open(key);
	uint8_t *out = base_alloc(len + 16 * (len / MIB));
	double begin;
	volatile uint8_t keep = 0;

	memset(out, 1, len + 16 * (len / MIB)); /* page faults are not what is measured */
	begin = now();
	for (size_t at = 0, to = 0; at < len; at += MIB, to += MIB + 16) {
		base_put_u32be(nonce + 7, (uint32_t)(at / MIB));
		keys_gcm_seal(gcm, out + to, nonce, base_slice(NULL, 0), base_slice(bytes + at, MIB));
	}
	for (size_t at = 0; at < len; at += MIB) {
		struct base_hash hash = base_sha256_of(base_slice(out + at, MIB));

		keep = (uint8_t)(keep ^ hash.bytes[0]);
	}
	begin = now() - begin;
	keys_gcm_close(gcm);
	free(out);
	return begin;
}

static double sealing(payload_read_fn read_fn, void *arg, size_t len)
{
	struct payload_dag *dag = payload_dag_begin(NULL, NULL);
	struct payload_seal seal;
	struct base_error err;
	struct wire_cid cid;
	double begin = now();

	must(payload_seal_random(&seal, &err), &err);
	must(payload_seal_stream(&seal, &CONTEXT, len, read_fn, arg, dag_write, dag, &err), &err);
	must(payload_dag_end(dag, &cid, NULL, &err), &err);
	return now() - begin;
}

static double storing(const char *folder, int fd, size_t len)
{
	char *path = base_path(folder, "store");
	struct payload_store *store;
	struct base_error err;
	struct wire_cid cid;
	uint8_t key[32];
	double begin = now();

	must(payload_store_open(&store, path, true, &err), &err);
	must(payload_store_seal(store, &CONTEXT, len, file_read, &fd, NULL, 0, &cid, key, NULL, &err), &err);
	must(payload_store_sync(store, &err), &err);
	begin = now() - begin;
	payload_store_close(store);
	payload_remove_tree(path);
	free(path);
	return begin;
}

static void report(const char *what, double seconds, double base, size_t len)
{
	printf("  %-9s %7.1f MiB/s   %.2f\n", what, (double)len / (double)MIB / seconds, base / seconds);
}

static void run(const char *folder, size_t len)
{
	double best[4] = {1e9, 1e9, 1e9, 1e9}, took;
	char *path = base_path(folder, "plain");
	uint8_t *bytes = base_alloc(len);
	struct base_error err;
	int fd;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		must(base_fail_errno(&err, "cannot create %s", path), &err);
	must(base_write_all(fd, base_slice(bytes, len), &err), &err);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct memory memory = {bytes, len, 0};

		best[0] = (took = baseline(bytes, len)) < best[0] ? took : best[0];
		best[1] = (took = sealing(memory_read, &memory, len)) < best[1] ? took : best[1];
		(void)lseek(fd, 0, SEEK_SET);
		best[2] = (took = sealing(file_read, &fd, len)) < best[2] ? took : best[2];
		(void)lseek(fd, 0, SEEK_SET);
		best[3] = (took = storing(folder, fd, len)) < best[3] ? took : best[3];
	}
	(void)close(fd);
	(void)unlink(path);
	free(bytes);
	free(path);
	printf("seal and CID of %zu MiB, best of %d, as a ratio to AES-256-GCM then SHA-256:\n", len / MIB, ROUNDS);
	report("baseline", best[0], best[0], len);
	report("memory", best[1], best[0], len);
	report("file", best[2], best[0], len);
	report("store", best[3], best[0], len);
	printf("seal_ratio %.3f\n", best[0] / best[2]);
}

int main(int argc, char **argv)
{
	uint64_t mib = 256;
	char temporary[] = "/tmp/regesta-bench-XXXXXX";
	const char *folder;

	if (argc > 1 && (!base_parse_u64(base_slice_text(argv[1]), &mib) || mib == 0 || mib > 65536)) {
		(void)fprintf(stderr, "usage: bench_seal [MiB] [folder]\n");
		return EXIT_FAILURE;
	}
	folder = argc > 2 ? argv[2] : mkdtemp(temporary);
	if (folder == NULL)
		return EXIT_FAILURE;
	run(folder, (size_t)mib * MIB);
	if (argc <= 2)
		(void)rmdir(folder);
	return EXIT_SUCCESS;
}
