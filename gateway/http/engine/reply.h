// SPDX-License-Identifier: Apache-2.0
/* What is answered, and how libmicrohttpd is told. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/http/engine/route.h"

#define REPLY_HEADERS_MAX 8
#define REPLY_VALUE_SIZE  256
#define REPLY_UNKNOWN	  UINT64_MAX /* how many bytes there will be */

struct MHD_Connection;

struct reply_header {
	const char *name;
	char value[REPLY_VALUE_SIZE];
};

/* A connection that is HTTP no more. */
struct reply_handover {
	int fd; /* the library's, until MHD_upgrade_action closes it */
	size_t n_extra; /* bytes that were read beyond the request */
	struct MHD_UpgradeResponseHandle *upgraded;
};

struct reply {
	const char *request_id; /* told in a header; NULL: none */
	unsigned int status; /* 0: not decided yet */
	json_t *body;	     /* owned; NULL: no content */

	/* Bytes in place of a body, where media_type is not NULL. */
	const char *media_type;
	uint64_t n_bytes;
	/* As exchange_stream's; NULL: file_fd, read from where it stands. */
	ssize_t (*give)(void *arg, void *data, size_t size);
	void *give_arg;
	int file_fd; /* owned */

	/* In place of either: the connection is handed on (status 101). */
	void (*hand_on)(void *arg, const struct reply_handover *handover);
	void *hand_on_arg;

	struct reply_header headers[REPLY_HEADERS_MAX];
	size_t n_headers;

	char allow[ROUTE_ALLOW_SIZE]; /* the Allow header of a 405 */
	bool is_last;		      /* on its connection */
	/* To a HEAD, of what would come in chunks: libmicrohttpd would say the
	 * end of those, which a client takes for what comes next. It is the
	 * connection's last, too. */
	bool is_unchunked;
};

void reply_init(struct reply *reply);
void reply_fini(struct reply *reply);

/*
 * Sends it past the library, which takes none before a body has been read to
 * its end, and says that nothing follows; what the socket does not take at once
 * is lost. The body is JSON.
 */
void reply_send_early(const struct reply *reply, int fd);

/* Hands it to the connection; it has to live until the request is completed. */
int reply_send(struct reply *reply, struct MHD_Connection *connection);
