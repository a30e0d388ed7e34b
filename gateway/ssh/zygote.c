// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/zygote.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway/jail/orders.h"
#include "gateway/protocol/handover.h"
#include "gateway/ssh/broker_client.h"
#include "gateway/ssh/host_proof.h"
#include "gateway/ssh/loop.h"

#define KEY_FILE_MAX_BYTES 16384

static int
import_key(ssh_bind bind, int fd, struct err *err)
{
	char text[KEY_FILE_MAX_BYTES];
	size_t size = 0;
	ssh_key key = NULL;
	bool is_first;
	ssize_t n;
	int r;

	while (size < sizeof text - 1 &&
	    (n = read(fd, text + size, sizeof text - 1 - size)) > 0)
		size += (size_t)n;
	text[size] = '\0';
	r = ssh_pki_import_privkey_base64(text, NULL, NULL, NULL, &key);
	explicit_bzero(text, sizeof text);
	if (r != SSH_OK)
		return err_set(err, EINVAL,
		    "descriptor %d holds no private key without passphrase",
		    fd);
	/* libssh proves itself by one key of a type, the first; the others are
	 * announced. Each lives as long as the process. */
	is_first = !host_proof_has_kind(ssh_key_type(key));
	r = host_proof_add(key, err);
	if (r < 0)
		return r;
	if (is_first && ssh_bind_options_set(bind,
	    SSH_BIND_OPTIONS_IMPORT_KEY, key) < 0)
		return err_set(err, EINVAL, "host key on descriptor %d: %s",
		    fd, ssh_get_error(bind));
	return 0;
}

static int
set_options(ssh_bind bind, const struct ssh_conf *o, struct err *err)
{
	/* Read libssh's own configuration file: no. */
	static const bool no = false;
	const struct {
		enum ssh_bind_options_e option;
		const void *value;
		const char *name;
	} rows[] = {
	    {SSH_BIND_OPTIONS_PROCESS_CONFIG, &no, "process_config"},
	    {SSH_BIND_OPTIONS_BANNER, o->ident, "ident"},
	    {SSH_BIND_OPTIONS_CIPHERS_C_S, o->ciphers, "ciphers"},
	    {SSH_BIND_OPTIONS_CIPHERS_S_C, o->ciphers, "ciphers"},
	    {SSH_BIND_OPTIONS_KEY_EXCHANGE, o->key_exchange, "key_exchange"},
	    {SSH_BIND_OPTIONS_HMAC_C_S, o->macs, "macs"},
	    {SSH_BIND_OPTIONS_HMAC_S_C, o->macs, "macs"},
	    {SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, o->host_key_algorithms,
		"host_key_algorithms"},
	    {SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES,
		o->public_key_algorithms, "public_key_algorithms"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (ssh_bind_options_set(bind, rows[i].option,
		    rows[i].value) < 0)
			return err_set(err, EINVAL, "[ssh] %s: %s",
			    rows[i].name, ssh_get_error(bind));
	return 0;
}

int
zygote_bind(const struct ssh_conf *options, int first_fd, int n_keys,
    ssh_bind *ret, struct err *err)
{
	ssh_bind bind = ssh_bind_new();
	int r;

	if (bind == NULL)
		return err_set(err, ENOMEM, "ssh_bind_new failed");
	r = set_options(bind, options, err);
	for (int fd = first_fd; r == 0 && fd < first_fd + n_keys; fd++) {
		r = import_key(bind, fd, err);
		(void)close(fd);
	}
	if (r < 0) {
		ssh_bind_free(bind);
		return r;
	}
	*ret = bind;
	return 0;
}

/* A key of this type, made and used for a signature where it can sign. */
static int
warm_key(int type, bool can_sign)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	EVP_PKEY *key = NULL;
	unsigned char signature[128], data[32] = {0};
	size_t size = sizeof signature;
	int ok = context != NULL && digest != NULL &&
	    EVP_PKEY_keygen_init(context) == 1 &&
	    EVP_PKEY_keygen(context, &key) == 1;

	if (ok && can_sign)
		ok = EVP_DigestSignInit(digest, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestSign(digest, signature, &size, data,
		    sizeof data) == 1;
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(digest);
	EVP_PKEY_CTX_free(context);
	return ok ? 0 : -EIO;
}

int
zygote_warm(struct err *err)
{
	static const char *const ciphers[] = {"AES-128-GCM", "AES-256-GCM",
	    "AES-128-CTR", "AES-256-CTR", "ChaCha20"};
	static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
	unsigned char bytes[32];

	if (RAND_bytes(bytes, sizeof bytes) != 1 ||
	    warm_key(EVP_PKEY_X25519, false) < 0 ||
	    warm_key(EVP_PKEY_ED25519, true) < 0)
		return err_set(err, EIO, "OpenSSL cannot make keys");
	/* Fetching loads a method into the caches that children share. */
	for (size_t i = 0; i < sizeof ciphers / sizeof *ciphers; i++)
		EVP_CIPHER_free(EVP_CIPHER_fetch(NULL, ciphers[i], NULL));
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
		EVP_MD_free(EVP_MD_fetch(NULL, digests[i], NULL));
	EVP_MAC_free(EVP_MAC_fetch(NULL, "HMAC", NULL));
	EVP_MAC_free(EVP_MAC_fetch(NULL, "POLY1305", NULL));
	EVP_KDF_free(EVP_KDF_fetch(NULL, "SSHKDF", NULL));
	return 0;
}

/* What every session starts from. */
struct origin {
	ssh_bind bind;
	const struct ssh_conf *options;
	const struct jail_filter *filter;
};

static void
become_session(const struct orders *orders, const int *fds)
{
	const struct origin *origin = orders->arg;
	struct err err;

	if (jail_filter_load(origin->filter, &err) < 0)
		fatal("%s", err.text);
	loop_run(origin->bind, origin->options, orders->order, fds[0],
	    fds[1]);
}

static void
tell_left(const int *fds)
{
	broker_client_tell_left(fds[1]);
}

int
zygote_run(int fd, ssh_bind bind, const struct ssh_conf *options,
    const struct jail_filter *session_filter, struct err *err)
{
	const struct origin origin = {bind, options, session_filter};
	struct handover_session order;
	const struct orders orders = {.order = &order,
	    .order_size = sizeof order, .n_fds = 2, .become = become_session,
	    .fail = tell_left, .arg = &origin};

	return orders_serve(&orders, fd, err);
}
