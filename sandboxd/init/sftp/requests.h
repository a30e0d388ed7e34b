// SPDX-License-Identifier: Apache-2.0
/* The requests of SFTP, one handler a row. */
#pragma once

#include "sandboxd/init/sftp/server.h"

/*
 * Reads the fields from *reader, acts, and replies; where it returns something
 * other than SFTP_OK that status is replied instead, and it has not. Fields
 * that are malformed are noticed by the caller only if the handler returns
 * SFTP_BAD_MESSAGE for them.
 */
typedef enum sftp_status sftp_handler(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader);

/*
 * One type of packet. What `changes` something is refused by a server that is
 * read-only before the handler sees it, in full.
 */
struct sftp_request {
	uint8_t type;
	const char *name;
	sftp_handler *handler;
	bool changes;
};

/* The row of a packet type, or NULL. */
const struct sftp_request *sftp_find_request(uint8_t type);

/* EXTENDED: a request with a name, in extensions.c. */
sftp_handler sftp_extended;

/* Adds the name and version of every extension to a VERSION packet. */
void sftp_put_extensions(struct sftp_server *server);

/* Shared by both files. */
enum sftp_status sftp_done(struct sftp_server *server, uint32_t id, int r);
struct sftp_handle *sftp_get_handle(struct sftp_server *server,
    struct sftp_reader *reader);
enum sftp_status sftp_reply_name(struct sftp_server *server, uint32_t id,
    const char *name);

/* realpath(3) for a path whose last part need not exist. 0 or -errno. */
int sftp_resolve(const char *path, char *ret_path);
