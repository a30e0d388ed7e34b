// SPDX-License-Identifier: Apache-2.0
#include "keys/signature.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <string.h>

#include "keys/range.h"

#define ED25519_KEY_SIZE       32
#define ED25519_SIGNATURE_SIZE 64
#define USERAUTH_REQUEST       50   /* RFC 4252 section 6 */
#define SK_USER_PRESENT	       0x01 /* OpenSSH PROTOCOL.u2f */
#define SK_USER_VERIFIED       0x04

enum key_kind { KEY_ED25519, KEY_ECDSA, KEY_RSA };

/* One row a signature algorithm. */
struct algorithm {
	const char *name;     /* in the signature */
	const char *key_name; /* in the key blob */
	enum key_kind kind;
	const char *curve; /* OpenSSL's name; ECDSA only */
	const char *digest;
	bool is_sk;
};

static const struct algorithm algorithms[] = {
    {"ssh-ed25519", "ssh-ed25519", KEY_ED25519, NULL, NULL, false},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", KEY_ECDSA, "P-256",
	"SHA256", false},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", KEY_ECDSA, "P-384",
	"SHA384", false},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", KEY_ECDSA, "P-521",
	"SHA512", false},
    {"rsa-sha2-256", "ssh-rsa", KEY_RSA, NULL, "SHA256", false},
    {"rsa-sha2-512", "ssh-rsa", KEY_RSA, NULL, "SHA512", false},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", KEY_ED25519,
	NULL, NULL, true},
    {"sk-ecdsa-sha2-nistp256@openssh.com",
	"sk-ecdsa-sha2-nistp256@openssh.com", KEY_ECDSA, "P-256", "SHA256",
	true},
};

static void
free_pkey(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void
free_pkey_context(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}

static void
free_digest_context(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static void
free_bignum(BIGNUM **p)
{
	BN_free(*p);
}

static void
free_builder(OSSL_PARAM_BLD **p)
{
	OSSL_PARAM_BLD_free(*p);
}

static void
free_params(OSSL_PARAM **p)
{
	OSSL_PARAM_free(*p);
}

static void
free_ecdsa(ECDSA_SIG **p)
{
	ECDSA_SIG_free(*p);
}

static void
free_openssl(uint8_t **p)
{
	OPENSSL_free(*p);
}

#define auto_with(function) __attribute__((cleanup(function)))

static const struct algorithm *
find_algorithm(struct range name, struct range key_name)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (range_is(name, algorithms[i].name) &&
		    range_is(key_name, algorithms[i].key_name))
			return &algorithms[i];
	return NULL;
}

/* Makes the public key that the finished parameters describe. */
static EVP_PKEY *
key_from_params(const char *type, OSSL_PARAM_BLD *builder)
{
	auto_with(free_params) OSSL_PARAM *params =
	    OSSL_PARAM_BLD_to_param(builder);
	auto_with(free_pkey_context) EVP_PKEY_CTX *context =
	    EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params == NULL || context == NULL ||
	    EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		return NULL;
	return pkey;
}

static EVP_PKEY *
rsa_key(struct range *blob)
{
	auto_with(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	auto_with(free_bignum) BIGNUM *e = NULL;
	auto_with(free_bignum) BIGNUM *n = NULL;
	struct range e_bytes, n_bytes;

	if (range_take_string(blob, &e_bytes) < 0 ||
	    range_take_string(blob, &n_bytes) < 0)
		return NULL;
	e = BN_bin2bn(e_bytes.data, (int)e_bytes.size, NULL);
	n = BN_bin2bn(n_bytes.data, (int)n_bytes.size, NULL);
	if (builder == NULL || e == NULL || n == NULL ||
	    !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) ||
	    !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n))
		return NULL;
	return key_from_params("RSA", builder);
}

static EVP_PKEY *
ecdsa_key(struct range *blob, const char *curve)
{
	auto_with(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	struct range curve_name, point;

	/* The curve's name again (RFC 5656); the key's type already says it. */
	if (range_take_string(blob, &curve_name) < 0 ||
	    range_take_string(blob, &point) < 0)
		return NULL;
	if (builder == NULL ||
	    !OSSL_PARAM_BLD_push_utf8_string(builder,
		OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) ||
	    !OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
		point.data, point.size))
		return NULL;
	return key_from_params("EC", builder);
}

static EVP_PKEY *
ed25519_key(struct range *blob)
{
	struct range point;

	if (range_take_string(blob, &point) < 0 ||
	    point.size != ED25519_KEY_SIZE)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.data,
	    point.size);
}

static EVP_PKEY *
read_key(const struct algorithm *algorithm, struct range *blob)
{
	switch (algorithm->kind) {
	case KEY_ED25519:
		return ed25519_key(blob);
	case KEY_ECDSA:
		return ecdsa_key(blob, algorithm->curve);
	case KEY_RSA:
		return rsa_key(blob);
	}
	return NULL;
}

/* The DER form OpenSSL wants of the two numbers RFC 5656 sends. */
static int
ecdsa_to_der(struct range pair, uint8_t **ret_der, size_t *ret_size)
{
	auto_with(free_ecdsa) ECDSA_SIG *sig = ECDSA_SIG_new();
	struct range r_bytes, s_bytes;
	BIGNUM *r, *s;
	int size;

	if (range_take_string(&pair, &r_bytes) < 0 ||
	    range_take_string(&pair, &s_bytes) < 0 || pair.size != 0)
		return -EBADMSG;
	r = BN_bin2bn(r_bytes.data, (int)r_bytes.size, NULL);
	s = BN_bin2bn(s_bytes.data, (int)s_bytes.size, NULL);
	if (sig == NULL || r == NULL || s == NULL ||
	    !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
		return -ENOMEM;
	}
	size = i2d_ECDSA_SIG(sig, ret_der);
	if (size <= 0)
		return -EBADMSG;
	*ret_size = (size_t)size;
	return 0;
}

/* The signature itself, over data, with everything read. 0 or -EACCES. */
static int
verify_raw(const struct algorithm *algorithm, EVP_PKEY *pkey,
    struct range signature, struct range data)
{
	auto_with(free_digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	auto_with(free_openssl) uint8_t *der = NULL;

	if (algorithm->kind == KEY_ED25519 &&
	    signature.size != ED25519_SIGNATURE_SIZE)
		return -EBADMSG;
	if (algorithm->kind == KEY_ECDSA) {
		int r = ecdsa_to_der(signature, &der, &signature.size);

		if (r < 0)
			return r;
		signature.data = der;
	}
	if (context == NULL ||
	    EVP_DigestVerifyInit_ex(context, NULL, algorithm->digest, NULL,
		NULL, pkey, NULL) != 1)
		return -EACCES;
	return EVP_DigestVerify(context, signature.data, signature.size,
	    data.data, data.size) == 1 ? 0 : -EACCES;
}

/*
 * What a security key signs: the hash of its application, its flags and
 * counter as they follow the signature, and the hash of the data.
 */
static int
sk_message(struct range application, struct range flags_and_counter,
    struct range data, uint8_t ret[SHA256_DIGEST_LENGTH * 2 + 5])
{
	if (flags_and_counter.size != 5)
		return -EBADMSG;
	if (!(flags_and_counter.data[0] & SK_USER_PRESENT))
		return -EACCES;
	SHA256(application.data, application.size, ret);
	memcpy(ret + SHA256_DIGEST_LENGTH, flags_and_counter.data, 5);
	SHA256(data.data, data.size, ret + SHA256_DIGEST_LENGTH + 5);
	return 0;
}

int
signature_verify(const uint8_t *key, size_t key_size, const uint8_t *signature,
    size_t signature_size, const uint8_t *data, size_t data_size,
    struct err *err)
{
	auto_with(free_pkey) EVP_PKEY *pkey = NULL;
	uint8_t message[SHA256_DIGEST_LENGTH * 2 + 5];
	struct range blob = {key, key_size}, rest = {signature, signature_size};
	struct range signed_data = {data, data_size};
	struct range key_name, name, raw, application;
	const struct algorithm *algorithm;
	int r;

	if (signature_size > SIGNATURE_SIZE_MAX ||
	    data_size > SIGNATURE_SIGNED_SIZE_MAX ||
	    range_take_string(&blob, &key_name) < 0 ||
	    range_take_string(&rest, &name) < 0 ||
	    range_take_string(&rest, &raw) < 0)
		return err_set(err, EBADMSG, "malformed signature");
	algorithm = find_algorithm(name, key_name);
	if (algorithm == NULL)
		return err_set(err, ENOTSUP, "signature algorithm \"%.*s\"",
		    (int)(name.size < 64 ? name.size : 64),
		    (const char *)name.data);
	pkey = read_key(algorithm, &blob);
	if (pkey == NULL)
		return err_set(err, EBADMSG, "malformed public key");
	if (algorithm->is_sk) {
		if (range_take_string(&blob, &application) < 0)
			return err_set(err, EBADMSG, "malformed public key");
		r = sk_message(application, rest, signed_data, message);
		if (r < 0)
			return err_set(err, -r, "malformed sk signature");
		signed_data = (struct range){message, sizeof message};
	} else if (rest.size != 0) {
		return err_set(err, EBADMSG, "malformed signature");
	}
	r = verify_raw(algorithm, pkey, raw, signed_data);
	return r < 0 ? err_set(err, -r, "the signature does not verify") : 0;
}

/* What a publickey request says, taken apart. */
struct userauth {
	struct range session_id, user, algorithm, blob;
};

static int
read_userauth(struct range rest, struct userauth *ret, struct err *err)
{
	struct range type, service, method, has_signature;

	if (range_take_string(&rest, &ret->session_id) < 0 ||
	    range_take_bytes(&rest, 1, &type) < 0 ||
	    range_take_string(&rest, &ret->user) < 0 ||
	    range_take_string(&rest, &service) < 0 ||
	    range_take_string(&rest, &method) < 0 ||
	    range_take_bytes(&rest, 1, &has_signature) < 0 ||
	    range_take_string(&rest, &ret->algorithm) < 0 ||
	    range_take_string(&rest, &ret->blob) < 0 || rest.size != 0)
		return err_set(err, EBADMSG, "malformed signed request");
	if (ret->session_id.size < 20 || ret->session_id.size > 64 ||
	    type.data[0] != USERAUTH_REQUEST || has_signature.data[0] != 1 ||
	    !range_is(service, "ssh-connection") ||
	    !range_is(method, "publickey"))
		return err_set(err, EBADMSG, "not a publickey request");
	return 0;
}

/* A certificate's algorithm is the signature's with a word put in. */
static bool
names_agree(struct range algorithm, struct range signature_name, bool is_plain)
{
	static const char domain[] = "@openssh.com";
	const size_t domain_size = sizeof domain - 1;
	struct range stem = signature_name;

	if (is_plain)
		return range_equals(algorithm, signature_name);
	if (stem.size > domain_size && memcmp(stem.data + stem.size -
	    domain_size, domain, domain_size) == 0)
		stem.size -= domain_size;
	return algorithm.size > stem.size &&
	    memcmp(algorithm.data, stem.data, stem.size) == 0 &&
	    range_is((struct range){algorithm.data + stem.size,
	    algorithm.size - stem.size}, "-cert-v01@openssh.com");
}

int
signature_verify_userauth(const struct signature_proof *proof,
    struct signature_claim *ret, struct err *err)
{
	struct range rest = proof->signature, name, raw;
	struct userauth request;
	bool is_plain = range_equals(proof->offered, proof->key);
	int r = read_userauth(proof->signed_data, &request, err);

	if (r < 0)
		return r;
	if (range_take_string(&rest, &name) < 0 ||
	    range_take_string(&rest, &raw) < 0)
		return err_set(err, EBADMSG, "malformed signature");
	if (!range_equals(request.blob, proof->offered) ||
	    !names_agree(request.algorithm, name, is_plain))
		return err_set(err, EACCES, "signed for another key");
	r = signature_verify(proof->key.data, proof->key.size,
	    proof->signature.data, proof->signature.size,
	    proof->signed_data.data, proof->signed_data.size, err);
	if (r < 0)
		return r;
	/* A security key's flags follow its signature, and are signed. */
	*ret = (struct signature_claim){request.session_id.data,
	    request.session_id.size, (const char *)request.user.data,
	    request.user.size, rest.size > 0 &&
	    (rest.data[0] & SK_USER_VERIFIED) != 0};
	return 0;
}
