// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/host_proof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ssh/forward/global_request.h"
#include "gateway/ssh/libssh/packet_send.h"
#include "gateway/ssh/session.h"

#define ANNOUNCEMENT "hostkeys-00@openssh.com"
#define PROOF	     "hostkeys-prove-00@openssh.com"

#define SESSION_ID_MAX_BYTES 64 /* of SHA-512 */

enum { PACKET_GLOBAL_REQUEST = 80 };

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

static struct {
	ssh_key key;
	ssh_string blob;
} keys[HOST_PROOF_KEYS_MAX];
static size_t n_keys;

/* One connection a process, so one of each: what its first key exchange
 * signed, which is the session's id, and how, where it was with RSA. */
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

int
host_proof_add(ssh_key key, struct err *err)
{
	enum digest ignored;

	if (n_keys == HOST_PROOF_KEYS_MAX)
		return err_set(err, E2BIG, "host keys: more than %d",
		    HOST_PROOF_KEYS_MAX);
	if (digest_of(ssh_key_type(key), &ignored) < 0)
		return err_set(err, EINVAL, "host key: of type %s; allowed: "
		    "ed25519, ecdsa, rsa",
		    ssh_key_type_to_char(ssh_key_type(key)));
	if (ssh_pki_export_pubkey_blob(key, &keys[n_keys].blob) != SSH_OK)
		return err_set(err, ENOMEM, "host key: out of memory");
	keys[n_keys++].key = key;
	return 0;
}

/* libssh keeps one key for all curves. */
static enum ssh_keytypes_e
kind_of(enum ssh_keytypes_e type)
{
	return type == SSH_KEYTYPE_ECDSA_P384 ||
	    type == SSH_KEYTYPE_ECDSA_P521 ? SSH_KEYTYPE_ECDSA_P256 : type;
}

bool
host_proof_has_kind(enum ssh_keytypes_e type)
{
	for (size_t i = 0; i < n_keys; i++)
		if (kind_of(ssh_key_type(keys[i].key)) == kind_of(type))
			return true;
	return false;
}

static void
put_blob(struct packet_writer *w, ssh_string blob)
{
	packet_put_string(w, ssh_string_data(blob), ssh_string_len(blob));
}

void
host_proof_announce(struct session *session)
{
	struct packet_writer w = {.size = 0};

	if (session->are_keys_announced)
		return;
	session->are_keys_announced = true;
	packet_put_u8(&w, PACKET_GLOBAL_REQUEST);
	packet_put_text(&w, ANNOUNCEMENT);
	packet_put_u8(&w, false); /* wants no reply */
	for (size_t i = 0; i < n_keys; i++)
		put_blob(&w, keys[i].blob);
	if (!w.is_full)
		(void)packet_send(session->ssh, w.data, w.size);
}

/* Signs name, session and key, as a string of the answer. */
static int
put_proof(struct packet_writer *answer, size_t number)
{
	struct packet_writer w = {.size = 0};
	struct ssh_signature_struct *signature;
	ssh_string blob = NULL;
	enum digest digest;

	packet_put_text(&w, PROOF);
	packet_put_string(&w, session_id, session_id_size);
	put_blob(&w, keys[number].blob);
	if (w.is_full || session_id_size == 0 ||
	    digest_of(ssh_key_type(keys[number].key), &digest) < 0)
		return -EINVAL;
	signature = pki_do_sign(keys[number].key, w.data, w.size, digest);
	if (signature == NULL)
		return -EIO;
	if (ssh_pki_export_signature_blob(signature, &blob) == SSH_OK)
		put_blob(answer, blob);
	ssh_signature_free(signature);
	if (blob == NULL)
		return -ENOMEM;
	ssh_string_free(blob);
	return answer->is_full ? -EMSGSIZE : 0;
}

static int
find(const uint8_t *blob, uint32_t size)
{
	for (size_t i = 0; i < n_keys; i++)
		if (ssh_string_len(keys[i].blob) == size &&
		    memcmp(ssh_string_data(keys[i].blob), blob, size) == 0)
			return (int)i;
	return -ENOENT;
}

void
host_proof_take(struct session *session, struct global_request *request,
    struct packet_reader *rest)
{
	struct packet_writer answer = {.size = 0};
	const uint8_t *blob;
	uint32_t size;
	int number;

	/* The answer's size bounds the signatures that can be asked for. */
	do {
		if (!packet_read_string(rest, &blob, &size) ||
		    (number = find(blob, size)) < 0 ||
		    put_proof(&answer, (size_t)number) < 0) {
			global_request_refuse(session, request);
			return;
		}
	} while (rest->n_bytes > 0);
	global_request_grant(session, request, answer.data, answer.size);
}
