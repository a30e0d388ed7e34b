// SPDX-License-Identifier: Apache-2.0
/*
 * Looks on as an SFTP client (version 3, draft-ietf-secsh-filexfer-02, with
 * OpenSSH's extensions) and its server talk, and tells what was opened,
 * changed, removed or renamed, once the server has answered. Both sides are
 * strangers: every length is checked and every table has an end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/ssh/record/sftp_request.h"

/* Most a client may have waiting for answers, and open. */
#define SFTP_WATCH_REQUESTS_MAX 65536
#define SFTP_WATCH_HANDLES_MAX	4096
#define SFTP_WATCH_PACKET_MAX	(256 * 1024)

struct sftp_watch;

/* Bytes as they came; data = NULL: there are none. */
struct sftp_bytes {
	const uint8_t *data;
	size_t size;
};

struct sftp_event {
	const char *name;	   /* "open", "close", "rename", ... */
	struct sftp_bytes path;	   /* what it is about */
	struct sftp_bytes target;  /* the other one, or where a link leads */
	char detail[SFTP_REQUEST_DETAIL_SIZE]; /* of its flags; or "" */
	bool has_bytes;		   /* "close": what the handle was used for */
	uint64_t read_bytes, written_bytes;
	const char *result; /* "ok", the server's words, "" = none came */
};

/* Everything is told to take(arg, ...). NULL: out of memory. */
struct sftp_watch *sftp_watch_new(
    void (*take)(void *arg, const struct sftp_event *event), void *arg);

/*
 * The next bytes of one direction. 0, or -EBADMSG once they make no sense any
 * more: what follows would go unseen.
 */
int sftp_watch_feed(struct sftp_watch *watch, bool is_from_client,
    const uint8_t *data, size_t size);

/* Tells what was asked without an answer, and what is still open. */
void sftp_watch_end(struct sftp_watch *watch);

/* NULL is accepted. */
void sftp_watch_free(struct sftp_watch *watch);
