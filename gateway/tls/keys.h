// SPDX-License-Identifier: Apache-2.0
/*
 * The certificate that a program of the gateway shows, and its key, which no
 * other program of the jail's user can read: the supervisor opens both files
 * and hands them in (handover.h, HANDOVER_CERTIFICATE_FDS), again when they
 * have changed. They are parsed here, in the jail. Connections keep what they
 * began with. OpenSSL 3, SSL_CTX_new(3).
 */
#pragma once

#include <openssl/ssl.h>

#include "common/err.h"
#include "gateway/http/engine/loop.h"

#define TLS_PEM_MAX (64 * 1024) /* bytes of a file */

struct tls_keys;

struct tls_keys_options {
	struct loop *loop;
	int news_fd; /* of the supervisor's end; not taken over */
	/* The first that can be used is there; called once. */
	void (*on_first)(void *arg);
	void *arg;
};

/* What OpenSSL reads of the host, it reads now: call it before the jail. 0 or
 * -errno. */
int tls_start(struct err *err);

/* Reads news from the loop. *ret is freed by tls_keys_free. -ENOMEM, or what
 * epoll says. */
int tls_keys_new(const struct tls_keys_options *options,
    struct tls_keys **ret, struct err *err);
void tls_keys_free(struct tls_keys *keys); /* NULL: nothing */

/* A connection with the newest: the caller's, for SSL_free(3). NULL where there
 * is none yet, or no memory. */
SSL *tls_keys_begin(struct tls_keys *keys);

/*
 * Replaces what keys has by what is in two files' bytes: PEM, the certificate
 * first, those that signed it behind it; and an unencrypted key. -EINVAL and
 * what is wrong, and then nothing is replaced.
 */
int tls_keys_take(struct tls_keys *keys, const char *cert, size_t cert_size,
    const char *key, size_t key_size, struct err *err);
