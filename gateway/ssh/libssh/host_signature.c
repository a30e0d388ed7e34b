// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/host_signature.h"

#include <errno.h>
#include <string.h>

#define SESSION_ID_MAX_BYTES 64 /* of SHA-512 */

/* Inside libssh.a, and in none of its headers. */
enum digest { DIGEST_AUTO, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
	DIGEST_SHA512 };
struct ssh_signature_struct;
struct ssh_signature_struct *pki_do_sign(const ssh_key key,
    const unsigned char *input, size_t size, enum digest digest);
void ssh_signature_free(struct ssh_signature_struct *signature);
int ssh_pki_export_signature_blob(const struct ssh_signature_struct *signature,
    ssh_string *ret_blob);
int ssh_pki_export_pubkey_blob(const ssh_key key, ssh_string *ret_blob);
struct ssh_signature_struct *__real_pki_sign_data(const ssh_key key,
    enum digest digest, const unsigned char *input, size_t size);
struct ssh_signature_struct *__wrap_pki_sign_data(const ssh_key key,
    enum digest digest, const unsigned char *input, size_t size);

/* One connection a process, so one of each: what its first key exchange
 * signed, and how, where it was with RSA. */
static uint8_t session_id[SESSION_ID_MAX_BYTES];
static size_t session_id_size;
static enum digest rsa_digest = DIGEST_SHA512;

struct ssh_signature_struct *
__wrap_pki_sign_data(const ssh_key key, enum digest digest,
    const unsigned char *input, size_t size)
{
	if (session_id_size == 0 && size <= sizeof session_id) {
		memcpy(session_id, input, size);
		session_id_size = size;
		if (ssh_key_type(key) == SSH_KEYTYPE_RSA)
			rsa_digest = digest;
	}
	return __real_pki_sign_data(key, digest, input, size);
}

static int
digest_of(enum ssh_keytypes_e type, enum digest *ret)
{
	switch (type) {
	case SSH_KEYTYPE_ED25519:
		*ret = DIGEST_AUTO;
		return 0;
	case SSH_KEYTYPE_ECDSA_P256:
		*ret = DIGEST_SHA256;
		return 0;
	case SSH_KEYTYPE_ECDSA_P384:
		*ret = DIGEST_SHA384;
		return 0;
	case SSH_KEYTYPE_ECDSA_P521:
		*ret = DIGEST_SHA512;
		return 0;
	case SSH_KEYTYPE_RSA:
		/* A client holds us to what was negotiated. */
		*ret = rsa_digest;
		return 0;
	default:
		return -EINVAL;
	}
}

bool
host_signature_suits(enum ssh_keytypes_e type)
{
	enum digest ignored;

	return digest_of(type, &ignored) == 0;
}

size_t
host_signature_session_id(const uint8_t **ret)
{
	*ret = session_id;
	return session_id_size;
}

ssh_string
host_signature_public_blob(ssh_key key)
{
	ssh_string blob = NULL;

	return ssh_pki_export_pubkey_blob(key, &blob) == SSH_OK ? blob : NULL;
}

int
host_signature_make(ssh_key key, const void *data, size_t size,
    ssh_string *ret_blob)
{
	struct ssh_signature_struct *signature;
	enum digest digest;
	int r;

	if (digest_of(ssh_key_type(key), &digest) < 0)
		return -EINVAL;
	signature = pki_do_sign(key, data, size, digest);
	if (signature == NULL)
		return -EIO;
	r = ssh_pki_export_signature_blob(signature, ret_blob);
	ssh_signature_free(signature);
	return r == SSH_OK ? 0 : -ENOMEM;
}
