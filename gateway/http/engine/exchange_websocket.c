// SPDX-License-Identifier: Apache-2.0
/* A connection between its request and the WebSocket that it becomes. */
#include <errno.h>
#include <microhttpd.h>
#include <string.h>

#include "common/log.h"
#include "gateway/http/engine/exchange_of.h"

static const char *
header(const struct exchange *exchange, const char *name)
{
	const char *value = exchange_header(exchange, name);

	return value != NULL ? value : "";
}

/* NULL, or what the head has not. */
static const char *
find_problem(const struct exchange *exchange, char ret[WEBSOCKET_ACCEPT_SIZE])
{
	if (!websocket_has_word(header(exchange, MHD_HTTP_HEADER_UPGRADE),
	    "websocket") || !websocket_has_word(header(exchange,
	    MHD_HTTP_HEADER_CONNECTION), "upgrade"))
		return "this path is for a WebSocket: \"Connection: Upgrade\" "
		    "and \"Upgrade: websocket\"";
	if (strcmp(header(exchange, "Sec-WebSocket-Version"), "13") != 0)
		return "Sec-WebSocket-Version: must be 13";
	if (websocket_accept(header(exchange, "Sec-WebSocket-Key"), ret) < 0)
		return "Sec-WebSocket-Key: must be 16 bytes in base64";
	return NULL;
}

int
exchange_check_upgrade(struct exchange *exchange)
{
	char accept[WEBSOCKET_ACCEPT_SIZE];
	const char *problem = find_problem(exchange, accept);
	struct failure failure;

	exchange_add_header(exchange, MHD_HTTP_HEADER_UPGRADE, "websocket");
	if (problem == NULL && exchange->body_size == 0) {
		exchange_add_header(exchange, "Sec-WebSocket-Accept", "%s",
		    accept);
		return 0;
	}
	exchange_add_header(exchange, "Sec-WebSocket-Version", "13");
	failure_set(&failure, 426, "upgrade_required", NULL, "%s",
	    problem != NULL ? problem : "a WebSocket's request has no body");
	exchange_fail(exchange, &failure);
	return -EINVAL;
}

/* The library frees the connection in its next turn, and the exchange then. */
static void
close_connection(struct exchange *exchange)
{
	MHD_upgrade_action(exchange->upgraded, MHD_UPGRADE_ACTION_CLOSE);
	loop_set_timer(exchange->options->loop, &exchange->turns->due, 0);
}

static void
on_text(void *arg, const char *text, size_t size)
{
	const struct exchange *exchange = arg;

	exchange->websocket_client.text(exchange->websocket_client.arg, text,
	    size);
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	const struct exchange *exchange = arg;

	exchange->websocket_client.bytes(exchange->websocket_client.arg, data,
	    size);
}

static void
on_room(void *arg)
{
	const struct exchange *exchange = arg;

	exchange->websocket_client.room(exchange->websocket_client.arg);
}

static void
on_ended(void *arg)
{
	close_connection(arg);
}

/* Nobody has to send before the answer is there; what was sent cannot be told
 * from what intake.c has kept of it. */
static void
take_connection(void *arg, const struct reply_handover *handover)
{
	struct exchange *exchange = arg;
	const struct websocket_client *client = &exchange->websocket_client;
	const struct websocket_client between = {
	    client->text != NULL ? on_text : NULL,
	    client->bytes != NULL ? on_bytes : NULL,
	    client->room != NULL ? on_room : NULL, on_ended, exchange};
	struct err err = {0};

	exchange->upgraded = handover->upgraded;
	if (handover->n_extra > 0)
		err_set(&err, EINVAL, "a client did not wait for the answer");
	else
		(void)websocket_new(exchange->options->loop, handover->fd,
		    exchange->options->conf->idle_timeout_s * 1000, &between,
		    &exchange->websocket, &err);
	if (exchange->websocket == NULL) {
		log_debug("WebSocket: %s", err.text);
		close_connection(exchange);
		return;
	}
	exchange->opened(client->arg, exchange->websocket);
}

void
exchange_reply_websocket(struct exchange *exchange,
    void (*opened)(void *arg, struct websocket *websocket),
    const struct websocket_client *client)
{
	struct reply *reply = &exchange->reply;

	if (reply->status != 0)
		return;
	exchange->opened = opened;
	exchange->websocket_client = *client;
	reply->hand_on = take_connection;
	reply->hand_on_arg = exchange;
	reply->status = MHD_HTTP_SWITCHING_PROTOCOLS;
	exchange_wake(exchange);
}
