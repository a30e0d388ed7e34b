// SPDX-License-Identifier: Apache-2.0
/* The requests of SFTP, one handler a row. */
#pragma once

#include "sandboxd/init/sftp/server.h"

/*
 * Acts on the request's fields and replies; where it returns something other
 * than SFTP_OK that status is replied instead, and it has not.
 */
typedef enum sftp_status sftp_handler(struct sftp_server *server, uint32_t id,
    const struct sftp_fields *fields);

/*
 * One type of packet, or of type 200 an extension. What `changes` something
 * is refused by a server that is read-only before the handler sees it, in full.
 */
struct sftp_request {
	uint8_t type;
	const char *name, *version;
	const char *fields; /* letters, as in fields.h */
	sftp_handler *handler;
	bool changes;
};

/*
 * Reads a request of this type from *reader and serves it. SFTP_OK: it has been
 * replied to; anything else is to be replied.
 */
enum sftp_status sftp_serve_request(struct sftp_server *server, uint8_t type,
    uint32_t id, struct sftp_reader *reader);

/* The row of an extension, in extensions.c, or NULL. */
const struct sftp_request *sftp_find_extension(const char *name);

/* Adds the name and version of every extension to a VERSION packet. */
void sftp_put_extensions(struct sftp_server *server);

/* Replies with success, or returns the status of errno where r is negative. */
enum sftp_status sftp_done(struct sftp_server *server, uint32_t id, int r);

/* Replies with one name, or with what a path ("" = here) resolves to. */
enum sftp_status sftp_reply_name(struct sftp_server *server, uint32_t id,
    const char *name);
enum sftp_status sftp_reply_realpath(struct sftp_server *server, uint32_t id,
    const char *path);
