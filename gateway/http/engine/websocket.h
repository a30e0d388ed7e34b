// SPDX-License-Identifier: Apache-2.0
/*
 * A WebSocket (RFC 6455) on a connection that has been an HTTP one. wslay reads
 * and writes the frames; here are the loop, the limits and the ends. Neither
 * direction keeps more than its limit: who is held reads nothing, and who is
 * full is not to be given more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "gateway/http/engine/loop.h"

#define WEBSOCKET_TEXT_MAX  (256 * 1024) /* bytes of a text message */
#define WEBSOCKET_ENOUGH    65536 /* bytes on their way out, when it is full */
#define WEBSOCKET_REASON_MAX 123  /* bytes that say why it is closed */
#define WEBSOCKET_CLOSE_MS  5000  /* for the client's half of a close */

#define WEBSOCKET_KEY_SIZE    25 /* of Sec-WebSocket-Key, terminated */
#define WEBSOCKET_ACCEPT_SIZE 29 /* of Sec-WebSocket-Accept */

/* Why it is closed. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL = 1002, /* what came was no frame */
	WEBSOCKET_POLICY = 1008, /* what came was not what may */
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_INTERNAL = 1011
};

struct websocket;

/* What is told of one; any but ended may be NULL, any may free it. */
struct websocket_client {
	/* A text message, whole; UTF-8, with a zero byte after it. */
	void (*text)(void *arg, const char *text, size_t size);
	/* Bytes of binary messages as they come; where one ends is not told. */
	void (*bytes)(void *arg, const void *data, size_t size);
	/* It was full, and is not any more. */
	void (*room)(void *arg);
	/* It is over, whoever ended it; once. */
	void (*ended)(void *arg);
	void *arg;
};

/*
 * On a socket that does not block and stays the caller's, until
 * websocket_free. A client that says nothing for idle_ms is asked (ping) at
 * half of it, and gone after it, unless it is held or reads what was sent. One
 * whose first message has not begun to come by then is closed with
 * WEBSOCKET_POLICY, whatever it answers. *ret is the caller's.
 */
int websocket_new(struct loop *loop, int fd, uint64_t idle_ms,
    const struct websocket_client *client, struct websocket **ret,
    struct err *err);

/* Tells nobody anything more. NULL does nothing. */
void websocket_free(struct websocket *websocket);

/* Sends a message; 0, or -errno: it is over, or will be. */
int websocket_send_text(struct websocket *websocket, const char *text);
int websocket_send_bytes(struct websocket *websocket, const void *data,
    size_t size);

/* Whether more should not be sent until room is told. */
bool websocket_is_full(const struct websocket *websocket);

/* Whoever is there may listen and never say anything. */
void websocket_may_listen(struct websocket *websocket);

/* While it is held nothing is read; what had been read already still comes. */
void websocket_hold(struct websocket *websocket, bool is_held);

/* Closes it behind what was sent; `why` is cut at WEBSOCKET_REASON_MAX bytes.
 * Nothing is told any more but its end. */
void websocket_close(struct websocket *websocket, enum websocket_code code,
    const char *why);

/* What Sec-WebSocket-Accept is for a key; -EINVAL: it is none. */
int websocket_accept(const char *key, char ret[WEBSOCKET_ACCEPT_SIZE]);

/* Whether a header's list has a word, in any case. */
bool websocket_has_word(const char *list, const char *word);
