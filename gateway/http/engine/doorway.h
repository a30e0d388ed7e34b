// SPDX-License-Identifier: Apache-2.0
/*
 * A listener whose clients speak TLS: accepts them, and hands on sockets on
 * which the same is plain. Where there are as many as may be, clients wait in
 * the kernel's queue.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"
#include "gateway/http/engine/loop.h"

struct doorway;

struct doorway_options {
	struct loop *loop;
	int listen_fd; /* taken over */
	int news_fd;   /* of certificates (gateway/tls/keys.h); not taken */
	uint64_t max_connections;
	/* Whether a client is let in at all; then its plain socket, taken over
	 * by who is called. */
	bool (*admit)(void *arg, const struct sockaddr *address);
	void (*enter)(void *arg, int fd, const struct sockaddr *address,
	    socklen_t size);
	void *arg;
};

/* Listens once the first certificate is there. 0, or -errno. */
int doorway_new(const struct doorway_options *options, struct doorway **ret,
    struct err *err);

/* Nobody comes in any more; who is in may stay. */
void doorway_shut(struct doorway *doorway);

/* Cuts whoever is left. NULL: nothing. */
void doorway_free(struct doorway *doorway);
