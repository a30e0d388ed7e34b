// SPDX-License-Identifier: Apache-2.0
#include "gateway/tls/keys.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/protocol/handover.h"

#define CHAIN_MAX 16 /* certificates */

struct tls_keys {
	struct tls_keys_options options;
	struct loop_watch news;
	bool is_watched;
	SSL_CTX *context; /* NULL: none yet */
};

int
tls_start(struct err *err)
{
	if (OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS |
	    OPENSSL_INIT_LOAD_CONFIG, NULL) != 1)
		return err_set(err, EIO, "OpenSSL does not start");
	return 0;
}

/* What OpenSSL has to say, and then no more of it. */
static int
openssl_error(struct err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	err_set(err, EINVAL, "%s: %s", what, reason != NULL ? reason :
	    "not what it should be");
	ERR_clear_error();
	return -EINVAL;
}

/* Keys on a disk are not asked for by a terminal. */
static int
no_passphrase(char *data, int size, int is_written, void *arg)
{
	(void)data;
	(void)size;
	(void)is_written;
	(void)arg;
	return -1;
}

static int
take_chain(SSL_CTX *context, BIO *bio, struct err *err)
{
	X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase,
	    NULL);
	int n = 0;

	if (certificate == NULL)
		return openssl_error(err, "the certificate");
	for (; certificate != NULL; n++) {
		/* 0: one was there that is now ours to keep, or was copied. */
		long is_taken = n == 0 ?
		    SSL_CTX_use_certificate(context, certificate) :
		    SSL_CTX_add1_chain_cert(context, certificate);

		X509_free(certificate);
		if (is_taken != 1)
			return openssl_error(err, "the certificate");
		if (n == CHAIN_MAX)
			return err_set(err, EINVAL, "the certificate: more "
			    "than %d behind it", CHAIN_MAX);
		certificate = PEM_read_bio_X509(bio, NULL, no_passphrase,
		    NULL);
	}
	ERR_clear_error(); /* there is no further one: that is the end */
	return 0;
}

static int
take_key(SSL_CTX *context, BIO *bio, struct err *err)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase,
	    NULL);
	int is_taken;

	if (key == NULL)
		return openssl_error(err, "the key");
	is_taken = SSL_CTX_use_PrivateKey(context, key);
	EVP_PKEY_free(key);
	if (is_taken != 1 || SSL_CTX_check_private_key(context) != 1) {
		ERR_clear_error();
		return err_set(err, EINVAL, "the key is not the "
		    "certificate's");
	}
	return 0;
}

/* Only HTTP/1.1 is spoken behind it (RFC 7301). */
static int
choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_size,
    const unsigned char *offered, unsigned int n_offered, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, ret_size, ours, sizeof ours - 1,
	    offered, n_offered) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *
new_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* Nothing is kept of who is gone: he keeps his ticket himself. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return context;
}

/* To the log: which it is, and how long it is good. */
static void
tell(const SSL_CTX *context)
{
	const X509 *certificate = SSL_CTX_get0_certificate(context);
	char name[256] = "", until[32] = "";
	struct tm tm;

	X509_NAME_oneline(X509_get_subject_name(certificate), name,
	    sizeof name);
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) == 1)
		strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", &tm);
	log_info("TLS: certificate subject=\"%s\" until=%s", name, until);
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		log_warn("TLS: the certificate has expired");
}

int
tls_keys_take(struct tls_keys *keys, const char *cert, size_t cert_size,
    const char *key, size_t key_size, struct err *err)
{
	BIO *cert_bio = BIO_new_mem_buf(cert, (int)cert_size);
	BIO *key_bio = BIO_new_mem_buf(key, (int)key_size);
	SSL_CTX *context = new_context();
	int r = 0;

	if (cert_bio == NULL || key_bio == NULL || context == NULL)
		r = err_set(err, ENOMEM, "out of memory");
	if (r == 0)
		r = take_chain(context, cert_bio, err);
	if (r == 0)
		r = take_key(context, key_bio, err);
	BIO_free(cert_bio);
	BIO_free(key_bio);
	if (r < 0) {
		SSL_CTX_free(context);
		return r;
	}
	SSL_CTX_free(keys->context);
	keys->context = context;
	tell(context);
	return 0;
}

/* The whole of a file, from where it was opened. */
static int
read_file(int fd, char *data, size_t *ret_size, const char *what,
    struct err *err)
{
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, data + size, TLS_PEM_MAX + 1 - size)) > 0)
		size += (size_t)n;
	if (n < 0)
		return err_errno(err, "%s", what);
	if (size > TLS_PEM_MAX)
		return err_set(err, EINVAL, "%s: more than %d bytes", what,
		    TLS_PEM_MAX);
	*ret_size = size;
	return 0;
}

static int
take_files(struct tls_keys *keys, const int *fds, struct err *err)
{
	static char cert[TLS_PEM_MAX + 1], key[TLS_PEM_MAX + 1];
	size_t cert_size, key_size;
	int r = read_file(fds[HANDOVER_CERTIFICATE_CHAIN], cert, &cert_size,
	    "the certificate", err);

	if (r == 0)
		r = read_file(fds[HANDOVER_CERTIFICATE_KEY], key, &key_size,
		    "the key", err);
	if (r == 0)
		r = tls_keys_take(keys, cert, cert_size, key, key_size, err);
	explicit_bzero(key, sizeof key);
	return r;
}

static void
unwatch(struct tls_keys *keys)
{
	if (keys->is_watched)
		loop_remove(keys->options.loop, &keys->news);
	keys->is_watched = false;
}

static void
on_news(struct loop_watch *watch, uint32_t events)
{
	struct tls_keys *keys = (struct tls_keys *)((char *)watch -
	    offsetof(struct tls_keys, news));
	const bool is_first = keys->context == NULL;
	struct handover_certificate frame;
	int fds[FD_PASS_MAX];
	struct err err;
	size_t n_fds;
	ssize_t n;

	(void)events;
	n = fd_receive(watch->fd, &frame, sizeof frame, fds, &n_fds,
	    MSG_DONTWAIT);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) { /* the supervisor is gone, and so are we, soon */
		unwatch(keys);
		return;
	}
	if (n != sizeof frame || n_fds != HANDOVER_CERTIFICATE_FDS)
		log_error("TLS: what came is no certificate and key");
	else if (take_files(keys, fds, &err) < 0)
		log_error("TLS: %s; %s", err.text, is_first ?
		    "nobody is served by TLS" : "the one before stays");
	for (size_t i = 0; i < n_fds; i++)
		fd_close(&fds[i]);
	if (is_first && keys->context != NULL)
		keys->options.on_first(keys->options.arg);
}

int
tls_keys_new(const struct tls_keys_options *options, struct tls_keys **ret,
    struct err *err)
{
	struct tls_keys *keys = calloc(1, sizeof *keys);
	int r;

	if (keys == NULL)
		return err_set(err, ENOMEM, "out of memory");
	keys->options = *options;
	keys->news = (struct loop_watch){options->news_fd, on_news};
	r = loop_add(options->loop, &keys->news, EPOLLIN);
	if (r < 0) {
		free(keys);
		return err_set(err, -r, "watch certificates: %s",
		    strerror(-r));
	}
	keys->is_watched = true;
	*ret = keys;
	return 0;
}

void
tls_keys_free(struct tls_keys *keys)
{
	if (keys == NULL)
		return;
	unwatch(keys);
	SSL_CTX_free(keys->context);
	free(keys);
}

SSL *
tls_keys_begin(struct tls_keys *keys)
{
	return keys->context != NULL ? SSL_new(keys->context) : NULL;
}
