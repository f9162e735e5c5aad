/* x509: certificates and revocation lists, as far as keys and policies meet them.
 *
 * In this version no certificate says who may sign: keys are enrolled in events, and policies name verifier keys. So a
 * certificate, good or bad, must be refused wherever a key or a policy is read, with a sentence. The key inside a
 * certificate is taken if its algorithm is of our registry, and refused if it is not. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "ledger/proof/proof.h"
#include "ledger/wire/wire.h"
#include "tests/conformance/conformance.h"

#define REFUSED "a certificate or revocation list where a key file, a public key or a policy belongs"

static enum base_code no_passphrase(void *arg, struct base_buf *out, struct base_error *err)
{
	(void)arg;
	(void)out;
	return base_fail(err, BASE_KEY, "no passphrase");
}

static const char *refused_everywhere(struct base_slice bytes)
{
	struct keys_public publics[KEYS_IDENTITY_KEYS_MAX], public;
	struct keys_identity identity = {.count = 0};
	struct proof_policy *policy = NULL;
	struct base_error err = {""};
	struct proof_vkey vkey;
	size_t count = 0;

	if (keys_identity_parse(&identity, bytes, no_passphrase, NULL, &err) == BASE_OK) {
		keys_identity_close(&identity);
		return "it passes for a file of private keys";
	}
	if (err.text[0] == '\0')
		return "refused as a key file without a sentence";
	if (keys_identity_publics(publics, &count, bytes, &err) == BASE_OK && count > 0)
		return "it passes for a file of keys";
	if (keys_public_parse(&public, bytes, &err) == BASE_OK)
		return "it passes for a public key";
	if (proof_policy_parse(&policy, bytes, &err) == BASE_OK) {
		proof_policy_close(policy);
		return "it passes for a policy";
	}
	if (err.text[0] == '\0')
		return "refused as a policy without a sentence";
	return proof_vkey_parse(&vkey, bytes, &err) == BASE_OK ? "it passes for a verifier key" : NULL;
}

/* ---- The key inside ------------------------------------------------------------- */

static bool registry_takes(enum keys_purpose purpose, enum keys_alg alg, const uint8_t *bytes, size_t len)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct keys_public out;
	bool taken;

	wire_put_array(&cbor, 3);
	wire_put_uint(&cbor, purpose);
	wire_put_int(&cbor, alg);
	wire_put_bytes(&cbor, base_slice(bytes, len));
	taken = keys_public_parse(&out, base_buf_slice(&cbor), NULL) == BASE_OK;
	base_buf_free(&cbor);
	return taken;
}

/* NULL, or what is wrong with how the key of a certificate is met. */
static const char *key_inside(EVP_PKEY *key)
{
	uint8_t point[256];
	char group[64] = "";
	size_t len = 0, name_len = 0;
	struct keys_public out;
	bool taken;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
		len = sizeof(point);
		taken = EVP_PKEY_get_raw_public_key(key, point, &len) == 1 &&
			registry_takes(KEYS_LOG, KEYS_ED25519, point, len);
		return taken ? NULL : "its Ed25519 key is refused";
	}
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
	    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &name_len) != 1)
		return NULL; /* RSA and others have no bytes that could be taken for a key of ours */
	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) != 1)
		return NULL;
	taken = keys_es256k_import(&out, base_slice(point, len), NULL) == BASE_OK;
	if (strcmp(group, "secp256k1") == 0)
		return taken ? NULL : "its secp256k1 key is refused";
	/* A compressed point of another curve may well be one of secp256k1 too: nothing in it names its curve. */
	return taken && len == 65 ? "its key of another curve is taken as one of secp256k1" : NULL;
}

static const char *certificate_keys(struct base_slice bytes)
{
	BIO *bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
	const uint8_t *at = bytes.data;
	const char *why = NULL;
	X509 *cert;

	if (bio == NULL)
		return NULL;
	while (why == NULL && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		if (X509_get0_pubkey(cert) != NULL)
			why = key_inside(X509_get0_pubkey(cert));
		X509_free(cert);
	}
	if (why == NULL && bytes.len > 0 && (cert = d2i_X509(NULL, &at, (long)bytes.len)) != NULL) {
		if (X509_get0_pubkey(cert) != NULL)
			why = key_inside(X509_get0_pubkey(cert));
		X509_free(cert);
	}
	BIO_free(bio);
	ERR_clear_error();
	return why;
}

void x509_case(struct suite *s)
{
	struct base_buf bytes = BASE_BUF_INIT;
	const char *why;

	if (!suite_bytes(s, &bytes))
		return;
	why = refused_everywhere(base_buf_slice(&bytes));
	if (why == NULL)
		why = certificate_keys(base_buf_slice(&bytes));
	if (why == NULL)
		case_refused(s, REFUSED);
	else
		case_fail(s, NULL, "%s", why);
	base_buf_free(&bytes);
}

void suite_x509(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		x509_case(s);
	}
}
