// SPDX-License-Identifier: Apache-2.0
/*
 * sftp-server: SFTP version 3 with OpenSSH's extensions, run as the sandbox's
 * user over stdin and stdout. It has no rights of its own: what the user may
 * do to files, the client may; that of a login for files alone has less
 * (confine.h).
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>

#include "sandboxd/init/sftp/fields.h"
#include "sandboxd/init/sftp/names.h"
#include "sandboxd/init/sftp/quota.h"
#include "sandboxd/init/sftp/splice.h"

enum sftp_status {
	SFTP_OK,
	SFTP_EOF,
	SFTP_NO_SUCH_FILE,
	SFTP_PERMISSION_DENIED,
	SFTP_FAILURE,
	SFTP_BAD_MESSAGE,
	SFTP_NO_CONNECTION,
	SFTP_CONNECTION_LOST,
	SFTP_OP_UNSUPPORTED,
	N_SFTP_STATUS
};

enum sftp_reply {
	SFTP_VERSION = 2,
	SFTP_STATUS = 101,
	SFTP_HANDLE = 102,
	SFTP_DATA = 103,
	SFTP_NAME = 104,
	SFTP_ATTRS = 105,
	SFTP_EXTENDED_REPLY = 201,
};

struct sftp_server {
	int out_fd;
	bool is_initialised;
	bool is_read_only; /* what changes a file is refused */
	bool has_changed;  /* it did something that may change one */
	DIR *root;	   /* /, where it is confined; else NULL */
	struct sftp_handles handles;
	struct names names;
	struct quota quota;
	struct sftp_fields fields; /* of the request being served */
	struct sftp_writer out;    /* replies not yet written */
	struct sftp_splice splice;
	int error; /* of writing a reply; 0, or -errno that ends the session */
};

/* 0 or -ENOMEM. Replies go to out_fd, which stays the caller's. */
int sftp_server_init(struct sftp_server *server, int out_fd);
void sftp_server_fini(struct sftp_server *server);

/*
 * Serves every whole packet of data[size]; *ret_used is how much that was.
 * Returns 0, or -EBADMSG for what cannot be SFTP and -EMSGSIZE for a packet
 * that is too long (end the session), or the error of writing the replies.
 */
int sftp_server_feed(struct sftp_server *server, const uint8_t *data,
    size_t size, size_t *ret_used);

/* Writes the replies that are still here. 0 or -errno. */
int sftp_server_flush(struct sftp_server *server);

/*
 * Replies, for requests: begin, put the fields to server->out, end. A status
 * is whole by itself, with OpenSSH's words for it or with others.
 */
size_t sftp_reply_begin(struct sftp_server *server, enum sftp_reply type,
    uint32_t id);
void sftp_reply_end(struct sftp_server *server, size_t start);
void sftp_reply_status(struct sftp_server *server, uint32_t id,
    enum sftp_status status);
void sftp_reply_words(struct sftp_server *server, uint32_t id,
    enum sftp_status status, const char *words);

/* The status of a positive errno, or SFTP_OK of 0. */
enum sftp_status sftp_status_of(int code);

/*
 * The program: reads stdin to its end; -R makes it read-only, as OpenSSH's, -C
 * confines it. Returns the exit status.
 */
int sftp_server_main(int argc, char **argv);
