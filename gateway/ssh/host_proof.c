// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/host_proof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ssh/forward/global_request.h"
#include "gateway/ssh/libssh/host_signature.h"
#include "gateway/ssh/libssh/packet_send.h"

#define ANNOUNCEMENT "hostkeys-00@openssh.com"
#define PROOF	     "hostkeys-prove-00@openssh.com"

enum { PACKET_GLOBAL_REQUEST = 80 };

static struct {
	ssh_key key;
	ssh_string blob;
} keys[HOST_PROOF_KEYS_MAX];
static size_t n_keys;

int
host_proof_add(ssh_key key, struct err *err)
{
	if (n_keys == HOST_PROOF_KEYS_MAX)
		return err_set(err, E2BIG, "host keys: more than %d",
		    HOST_PROOF_KEYS_MAX);
	if (!host_signature_suits(ssh_key_type(key)))
		return err_set(err, EINVAL, "host key: of type %s; allowed: "
		    "ed25519, ecdsa, rsa",
		    ssh_key_type_to_char(ssh_key_type(key)));
	keys[n_keys].blob = host_signature_public_blob(key);
	if (keys[n_keys].blob == NULL)
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
host_proof_announce(ssh_session ssh)
{
	static bool is_done;
	struct packet_writer w = {.size = 0};

	if (is_done)
		return;
	is_done = true;
	packet_put_u8(&w, PACKET_GLOBAL_REQUEST);
	packet_put_text(&w, ANNOUNCEMENT);
	packet_put_u8(&w, false); /* wants no reply */
	for (size_t i = 0; i < n_keys; i++)
		put_blob(&w, keys[i].blob);
	if (!w.is_full)
		(void)packet_send(ssh, w.data, w.size);
}

/* Signs name, session and key, as a string of the answer. */
static int
put_proof(struct packet_writer *answer, size_t number)
{
	struct packet_writer w = {.size = 0};
	ssh_string blob = NULL;
	const uint8_t *session_id;
	size_t session_id_size = host_signature_session_id(&session_id);
	int r;

	packet_put_text(&w, PROOF);
	packet_put_string(&w, session_id, session_id_size);
	put_blob(&w, keys[number].blob);
	if (w.is_full || session_id_size == 0)
		return -EINVAL;
	r = host_signature_make(keys[number].key, w.data, w.size, &blob);
	if (r < 0)
		return r;
	put_blob(answer, blob);
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
host_proof_take(struct global_requests *queue,
    struct global_request *request, struct packet_reader *rest)
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
			global_request_refuse(queue, request);
			return;
		}
	} while (rest->n_bytes > 0);
	global_request_grant(queue, request, answer.data, answer.size);
}
