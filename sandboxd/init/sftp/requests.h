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

/*
 * Shared by both files. sftp_done replies with success, or returns the status
 * of errno where r is negative; the two that call something with the request's
 * one or two paths end with it.
 */
enum sftp_status sftp_done(struct sftp_server *server, uint32_t id, int r);
enum sftp_status sftp_on_path(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader, int (*call)(const char *path));
enum sftp_status sftp_on_paths(struct sftp_server *server, uint32_t id,
    struct sftp_reader *reader, int (*call)(const char *, const char *));

/* The open file of the handle that comes next; NULL: none, or a directory. */
struct sftp_handle *sftp_get_file(struct sftp_server *server,
    struct sftp_reader *reader);

/* Replies with one name, or with what a path ("" = here) resolves to. */
enum sftp_status sftp_reply_name(struct sftp_server *server, uint32_t id,
    const char *name);
enum sftp_status sftp_reply_realpath(struct sftp_server *server, uint32_t id,
    const char *path);
