/* Events that must not enter, given to the ledger one by one: what the command line cannot make. Prints a line "ok …" for each.
 *   submissions              all of them, on a ledger of its own
 *   submissions newer DIR    makes DIR say that it was written by a newer version
 *   submissions unsigned DIR takes its checkpoints from it */
#include "tests/chain/fixture.h"

#include <string.h>

#include "ledger/audit/audit.h"
#include "ledger/store/store.h"

static struct fix fix;

/* Refused with that code and one sentence, and the ledger is what it was. */
static void refused(const char *name, struct base_slice bytes, enum base_code code)
{
	struct chain_submission event = {.bytes = bytes};
	struct chain_read *read = fix_read(&fix);
	uint64_t size = chain_read_size(read), height;

	chain_read_end(&read);
	ck_ok(chain_block(fix.chain, (struct base_time){++fix.now}, &event, 1, &height, &ck_err));
	ck_assert_msg(event.code == code, "%s: %s instead of %s: %s", name, base_code_name(event.code), base_code_name(code), event.err.text);
	ck_assert_msg(event.err.text[0] != '\0' && strchr(event.err.text, '\n') == NULL, "%s: no sentence", name);
	read = fix_read(&fix);
	ck_assert_msg(chain_read_size(read) == size, "%s: something was recorded", name);
	chain_read_end(&read);
	printf("ok %s: %s\n", name, event.err.text);
}

static struct base_buf submission(uint64_t cid)
{
	struct base_buf out = BASE_BUF_INIT;

	fix_submit(&fix, &out, cid, 1, false);
	return out;
}

/* The order of the group; the other S of a signature (r, s) is n - s. */
static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
				  0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

static void negate_s(uint8_t s[32])
{
	int borrow = 0;

	for (int i = 31; i >= 0; i--) {
		int d = order[i] - s[i] - borrow;

		borrow = d < 0;
		s[i] = (uint8_t)(d + (borrow ? 256 : 0));
	}
}

static void signatures(void)
{
	struct base_buf bytes = submission(100);

	negate_s(bytes.data + bytes.len - 32);
	refused("a signature with high S", base_buf_slice(&bytes), BASE_MISMATCH);
	negate_s(bytes.data + bytes.len - 32);
	bytes.data[bytes.len - 40] ^= 1;
	refused("a signature that does not verify", base_buf_slice(&bytes), BASE_MISMATCH);
	memset(bytes.data + bytes.len - 64, 0, 64);
	refused("a signature of zeros", base_buf_slice(&bytes), BASE_MISMATCH);
	base_buf_free(&bytes);
}

static void keys(void)
{
	struct keys_private *own = fix.sign;
	struct base_hash ledger = fix.id;
	struct base_buf bytes;

	fix.sign = fix_key(KEYS_SIGN, KEYS_ES256K, 77);
	bytes = submission(101);
	refused("an unknown key", base_buf_slice(&bytes), BASE_REFUSED);
	base_buf_free(&bytes);
	keys_private_close(fix.sign);
	fix.sign = own;
	fix.id.bytes[0] ^= 1;
	bytes = submission(102);
	fix.id = ledger;
	refused("an event signed for another ledger", base_buf_slice(&bytes), BASE_REFUSED);
	base_buf_free(&bytes);
}

static void slots(void)
{
	struct base_buf first = submission(103), bytes = BASE_BUF_INIT;
	uint64_t last = fix.sequence;

	(void)fix_block(&fix, &first, 1);
	fix.sequence = last - 1;
	fix_submit(&fix, &bytes, 104, 1, false);
	refused("a slot that another event has", base_buf_slice(&bytes), BASE_REFUSED);
	bytes.len = 0;
	fix.sequence = last + 1024;
	fix_submit(&fix, &bytes, 105, 1, false);
	refused("a slot too far ahead", base_buf_slice(&bytes), BASE_REFUSED);
	bytes.len = 0;
	/* At the far end of the window it is good, and the old slots are then too far behind. */
	fix.sequence = last + 1023;
	fix_submit(&fix, &bytes, 106, 1, false);
	(void)fix_block(&fix, &bytes, 1);
	last = fix.sequence;
	bytes.len = 0;
	fix.sequence = last - 1025;
	fix_submit(&fix, &bytes, 107, 1, false);
	fix.sequence = last;
	refused("a slot too far behind", base_buf_slice(&bytes), BASE_REFUSED);
	base_buf_free(&bytes);
}

static void bytes_of(void)
{
	struct base_buf good = submission(108), bad = BASE_BUF_INIT;
	uint8_t *long_event = base_alloc(60000);

	/* D2 84 43…: the length of the protected header in a longer form than it needs. */
	ck_assert_uint_eq(good.data[2], 0x58);
	base_buf_append(&bad, base_slice(good.data, 2));
	base_buf_byte(&bad, 0x59);
	base_buf_byte(&bad, 0);
	base_buf_append(&bad, base_slice(good.data + 3, good.len - 3));
	refused("CBOR that is not deterministic", base_buf_slice(&bad), BASE_MALFORMED);
	bad.len = 0;
	base_buf_append(&bad, base_buf_slice(&good));
	base_buf_byte(&bad, 0);
	refused("a byte too much", base_buf_slice(&bad), BASE_MALFORMED);
	refused("a byte too little", base_slice(good.data, good.len - 1), BASE_MALFORMED);
	refused("nothing", base_slice(NULL, 0), BASE_MALFORMED);
	memset(long_event, 0x40, 60000);
	memcpy(long_event, good.data, good.len);
	refused("an event that is over-long", base_slice(long_event, 60000), BASE_LIMIT);
	free(long_event);
	base_buf_free(&good);
	base_buf_free(&bad);
}

static void audit(void)
{
	struct audit_options options = {.signatures = true};
	struct audit_report report;

	fix_chain_close(&fix);
	ck_ok(audit_ledger(fix.ledger_path, &options, &report, &ck_err));
	printf("ok audit clean after the refused submissions\n");
}

START_TEST(submission_when_bad_is_refused)
{
	fix_ledger(&fix);
	fix_study_ready(&fix);
	signatures();
	keys();
	slots();
	bytes_of();
	audit();
	fix_close(&fix);
	fflush(stdout);
}
END_TEST

static int make_newer(const char *folder)
{
	static const struct store_spec tables[] = {{"meta", false}};
	struct store *store = NULL;
	struct store_txn *txn = NULL;
	struct base_error err = {{0}};
	uint8_t format[8];
	enum base_code code = store_open(&store, folder, tables, 1, 0, &err);

	base_put_u64be(format, 99);
	if (code == BASE_OK && (code = store_begin(&txn, store, true, &err)) == BASE_OK &&
	    (code = store_put(txn, 0, base_slice_text("format"), base_slice(format, sizeof(format)), &err)) == BASE_OK)
		code = store_commit(&txn, &err);
	store_abort(&txn);
	store_close(store);
	if (code != BASE_OK)
		fprintf(stderr, "%s\n", err.text);
	return (int)code;
}

static bool forget(void *arg, uint64_t height, struct base_slice value)
{
	(void)value;
	base_buf_append(arg, base_slice(&height, sizeof(height)));
	return true;
}

static int make_unsigned(const char *folder)
{
	static const struct store_spec tables[] = {{"checkpoints", true}};
	struct base_buf heights = BASE_BUF_INIT;
	struct store *store = NULL;
	struct store_txn *txn = NULL;
	struct base_error err = {{0}};
	enum base_code code = store_open(&store, folder, tables, 1, 0, &err);

	if (code == BASE_OK && (code = store_begin(&txn, store, true, &err)) == BASE_OK)
		code = store_walk_u64(txn, 0, 0, forget, &heights, &err);
	for (size_t at = 0; at < heights.len && code == BASE_OK; at += sizeof(uint64_t)) {
		uint64_t height;

		memcpy(&height, heights.data + at, sizeof(height));
		code = store_delete_u64(txn, 0, height, &err);
	}
	if (code == BASE_OK)
		code = store_commit(&txn, &err);
	store_abort(&txn);
	store_close(store);
	base_buf_free(&heights);
	if (code != BASE_OK)
		fprintf(stderr, "%s\n", err.text);
	return (int)code;
}

int main(int argc, char **argv)
{
	const TTest *const tests[] = {submission_when_bad_is_refused, NULL};

	if (argc == 3 && strcmp(argv[1], "newer") == 0)
		return make_newer(argv[2]);
	if (argc == 3 && strcmp(argv[1], "unsigned") == 0)
		return make_unsigned(argv[2]);
	return fix_run("submissions", tests, 120);
}
