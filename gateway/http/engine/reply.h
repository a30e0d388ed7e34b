// SPDX-License-Identifier: Apache-2.0
/* What is answered, and how libmicrohttpd is told. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/http/engine/route.h"

struct MHD_Connection;

struct reply {
	unsigned int status; /* 0: not decided yet */
	json_t *body;	     /* owned; NULL: no content */

	/* A file in place of a body, where file_type is not NULL. */
	const char *file_type; /* its media type */
	int file_fd;	       /* owned, read from where it stands */
	uint64_t file_bytes;

	char allow[ROUTE_ALLOW_SIZE]; /* the Allow header of a 405 */
	bool is_last;		      /* on its connection */
};

void reply_init(struct reply *reply);
void reply_fini(struct reply *reply);

/* Hands it to the connection; it has to live until the request is completed. */
int reply_send(struct reply *reply, struct MHD_Connection *connection);
