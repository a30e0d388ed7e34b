// SPDX-License-Identifier: Apache-2.0
#include "common/rpc_server.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct rpc_server_queued {
	TAILQ_ENTRY(rpc_server_queued) link;
	struct rpc_frame frame;
};

void
rpc_server_init(struct rpc_server *server,
    const struct rpc_server_table *table, int fd, uint32_t who, void *arg)
{
	*server = (struct rpc_server){.table = table, .fd = fd, .who = who,
	    .arg = arg};
	TAILQ_INIT(&server->queue);
}

static void
take_out(struct rpc_server *server, struct rpc_server_queued *queued)
{
	TAILQ_REMOVE(&server->queue, queued, link);
	server->n_queued--;
	server->queued_bytes -= queued->frame.size;
	rpc_frame_free(&queued->frame);
	free(queued);
}

void
rpc_server_fini(struct rpc_server *server)
{
	struct rpc_server_queued *queued;

	while ((queued = TAILQ_FIRST(&server->queue)) != NULL)
		take_out(server, queued);
	fd_close(&server->fd);
	if (server->ret_is_gone != NULL)
		*server->ret_is_gone = true;
	server->ret_is_gone = NULL;
}

static void
update(struct rpc_server *server)
{
	uint32_t events = server->is_paused ? 0 : POLLIN;

	/* What is broken is told by POLLHUP. */
	if (!TAILQ_EMPTY(&server->queue))
		events = POLLOUT;
	server->table->watch(server->arg, events);
}

/* To be dropped when the loop comes round: our callers may be using it. */
static void
break_off(struct rpc_server *server, const char *why)
{
	snprintf(server->broken, sizeof server->broken, "%s", why);
	(void)shutdown(server->fd, SHUT_RDWR);
}

/* A message on its way: one of the three that are sent to peers. */
struct outgoing {
	const struct rpc_call *row; /* NULL = an error */
	uint16_t number;
	uint32_t id;
	const void *data;
	const int *fds;
	size_t n_fds;
};

static int
send_now(int fd, const struct outgoing *out)
{
	if (out->row == NULL)
		return rpc_send_error(fd, out->number, out->id, out->data,
		    MSG_DONTWAIT);
	if (out->row->kind == RPC_KIND_EVENT)
		return rpc_send_request(fd, out->row, 0, out->data, NULL, 0,
		    MSG_DONTWAIT);
	return rpc_send_reply(fd, out->row, out->id, out->data, out->fds,
	    out->n_fds, MSG_DONTWAIT);
}

static int
encode(const struct outgoing *out, struct rpc_frame *ret)
{
	if (out->row == NULL)
		return rpc_frame_error(out->number, out->id, out->data, ret);
	if (out->row->kind == RPC_KIND_EVENT)
		return rpc_frame_request(out->row, 0, out->data, NULL, 0, ret);
	return rpc_frame_reply(out->row, out->id, out->data, out->fds,
	    out->n_fds, ret);
}

/* Takes the frame over, whatever is returned. */
static int
put_in_queue(struct rpc_server *server, struct rpc_frame *frame)
{
	const struct rpc_server_table *table = server->table;
	struct rpc_server_queued *queued = NULL;
	int r = 0;

	if (server->n_queued >= table->queue_messages_max ||
	    server->queued_bytes + frame->size > table->queue_bytes_max)
		r = -EAGAIN;
	else if ((queued = malloc(sizeof *queued)) == NULL)
		r = -ENOMEM;
	if (r < 0) {
		rpc_frame_free(frame);
		return r;
	}
	queued->frame = *frame;
	TAILQ_INSERT_TAIL(&server->queue, queued, link);
	server->n_queued++;
	server->queued_bytes += queued->frame.size;
	update(server);
	return 0;
}

static void
note_failure(struct rpc_server *server, int r)
{
	if (r < 0)
		break_off(server, r == -EAGAIN ? "does not read its replies" :
		    strerror(-r));
}

static void
send_or_queue(struct rpc_server *server, const struct outgoing *out)
{
	struct rpc_frame frame;
	int r = -EAGAIN;

	if (server->broken[0] != '\0' || server->fd < 0)
		return;
	if (TAILQ_EMPTY(&server->queue))
		r = send_now(server->fd, out);
	if (r == -EAGAIN) {
		r = encode(out, &frame);
		if (r == 0)
			r = put_in_queue(server, &frame);
	}
	note_failure(server, r);
}

void
rpc_server_send(struct rpc_server *server, struct rpc_frame *frame)
{
	int r = -EAGAIN;

	if (server->broken[0] != '\0' || server->fd < 0) {
		rpc_frame_free(frame);
		return;
	}
	if (TAILQ_EMPTY(&server->queue))
		r = rpc_frame_send(server->fd, frame, MSG_DONTWAIT);
	if (r == -EAGAIN)
		r = put_in_queue(server, frame);
	else
		rpc_frame_free(frame);
	note_failure(server, r);
}

void
rpc_server_reply(struct rpc_server *server, const struct rpc_call *row,
    uint32_t id, const void *reply, const int *fds, size_t n_fds)
{
	send_or_queue(server, &(struct outgoing){.row = row, .id = id,
	    .data = reply, .fds = fds, .n_fds = n_fds});
}

void
rpc_server_error(struct rpc_server *server, uint16_t number, uint32_t id,
    const struct err *err)
{
	send_or_queue(server, &(struct outgoing){.number = number, .id = id,
	    .data = err});
}

void
rpc_server_tell(struct rpc_server *server, const struct rpc_call *row,
    const void *event)
{
	send_or_queue(server, &(struct outgoing){.row = row, .data = event});
}

bool
rpc_server_is_waiting(const struct rpc_server *server)
{
	return !TAILQ_EMPTY(&server->queue);
}

void
rpc_server_pause(struct rpc_server *server, bool is_paused)
{
	server->is_paused = is_paused;
	update(server);
}

static bool
drop(struct rpc_server *server, const char *why)
{
	server->table->drop(server->arg, why);
	return false;
}

static bool
drop_call(struct rpc_server *server, const char *what,
    const struct rpc_call *row, const struct rpc_message *message)
{
	char why[64];

	if (row != NULL)
		snprintf(why, sizeof why, "%s call=%s", what, row->name);
	else
		snprintf(why, sizeof why, "%s call number=%u", what,
		    message->header.number);
	return drop(server, why);
}

static const struct rpc_call *
find_row(const struct rpc_server *server, uint16_t number, size_t *ret_i)
{
	const struct rpc_call *row;

	for (size_t i = 0; i < RPC_SERVER_ROWS_MAX &&
	    (row = server->table->row(i)) != NULL; i++)
		if (row->number == number) {
			*ret_i = i;
			return row;
		}
	return NULL;
}

/* Whether the peer is one who may make this call, now and once more. */
static bool
is_admitted(const struct rpc_server *server, const struct rpc_call *row,
    size_t i)
{
	return rpc_permits(row, server->who, UINT32_MAX) &&
	    ((row->who & RPC_ONCE) == 0 || (server->served & 1ull << i) == 0);
}

/* A request that is not granted: refused with deny's words, or the end. */
static bool
deny(struct rpc_server *server, const struct rpc_call *row,
    const struct rpc_message *message)
{
	bool is_gone = false;
	int r;

	if (row->kind != RPC_KIND_REQUEST ||
	    message->header.kind != RPC_KIND_REQUEST ||
	    server->table->deny == NULL)
		return drop_call(server, "unpermitted", row, message);
	server->ret_is_gone = &is_gone;
	r = server->table->deny(server->arg, message, row);
	if (is_gone)
		return false;
	server->ret_is_gone = NULL;
	return r < 0 ? drop_call(server, "unpermitted", row, message) : true;
}

/* The handler's turn. */
static bool
hand_over(struct rpc_server *server, const struct rpc_call *row, size_t i,
    struct rpc_message *message, const void *request)
{
	uint32_t id = message->header.id;
	struct err err = {0};
	bool is_gone = false;
	int r;

	server->served |= 1ull << i;
	server->ret_is_gone = &is_gone;
	r = server->table->serve(server->arg, i, message, request, &err);
	if (is_gone)
		return false;
	server->ret_is_gone = NULL;
	if (r >= 0)
		return true;
	if (err.code == 0)
		err_set(&err, -r, "%s", strerror(-r));
	if (row->kind == RPC_KIND_EVENT)
		return drop(server, err.text);
	rpc_server_error(server, row->number, id, &err);
	return true;
}

bool
rpc_server_serve(struct rpc_server *server, struct rpc_message *message)
{
	union rpc_any request;
	const struct rpc_call *row;
	size_t i;

	row = find_row(server, message->header.number, &i);
	if (row == NULL)
		return drop_call(server, "unknown", NULL, message);
	if (!is_admitted(server, row, i))
		return deny(server, row, message);
	if (rpc_open_request(row, message, &request) < 0)
		return drop_call(server, "malformed", row, message);
	if (!rpc_permits(row, server->who, server->rights))
		return deny(server, row, message);
	return hand_over(server, row, i, message, &request);
}

/* True where the peer is still there and nothing waits any more. */
static bool
flush(struct rpc_server *server)
{
	struct rpc_server_queued *queued;

	while ((queued = TAILQ_FIRST(&server->queue)) != NULL) {
		int r = rpc_frame_send(server->fd, &queued->frame,
		    MSG_DONTWAIT);

		if (r == -EAGAIN)
			return false;
		if (r < 0)
			return drop(server, r == -EPIPE ? NULL : strerror(-r));
		take_out(server, queued);
	}
	update(server);
	return true;
}

/* False where there is nothing more to read, or nobody. */
static bool
read_one(struct rpc_server *server)
{
	auto_rpc_message struct rpc_message message = {0};
	int r = rpc_receive(server->fd, &message, MSG_DONTWAIT);

	if (r == -EAGAIN)
		return false;
	if (r <= 0)
		return drop(server, r == 0 || r == -ECONNRESET ? NULL :
		    strerror(-r));
	return rpc_server_serve(server, &message);
}

void
rpc_server_ready(struct rpc_server *server, uint32_t events)
{
	unsigned n = server->table->burst;

	if (server->broken[0] != '\0') {
		char why[sizeof server->broken];

		memcpy(why, server->broken, sizeof why);
		drop(server, why);
		return;
	}
	if (!TAILQ_EMPTY(&server->queue) && !flush(server))
		return;
	if (server->is_paused && (events & (POLLHUP | POLLERR)) != 0) {
		drop(server, NULL);
		return;
	}
	do
		if (server->is_paused || server->broken[0] != '\0' ||
		    !TAILQ_EMPTY(&server->queue))
			return;
	while (read_one(server) && n-- > 1);
}
