// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/buffer.h"
#include "common/parse.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/identity.h"

/* Events read before others have their turn. */
#define BURST 16

/* Of its socket's buffer; a few of the largest events. */
#define BUFFER_BYTES (512 * 1024)

struct inside {
	struct loop *loop;
	struct identity *who;
	char sandbox_id[SANDBOX_ID_SIZE];
	struct loop_watch watch; /* fd: our end */
	struct loop_timer silence, due;
	uint64_t timeout_ms;
	struct inside_client client;
	const struct rpc_call *call; /* that hands their_fd over; or NULL */
	const void *request;
	/* That are tried after it, one after the other; NULL: no more. */
	const void *older[INSIDE_OLDER_MAX];
	struct calls *init; /* NULL until it is attached to */
	int their_fd;	    /* until it has been handed over */
	uint32_t events;    /* that are watched for; 0 = it is not watched */
	bool is_held, is_full, is_awaited;
	bool is_closed; /* freed once nothing is under way */
	bool is_asking; /* a call is */
	bool is_ending; /* it is asked why */
	unsigned int age; /* how many of `older` were tried */
	bool is_over;	/* ended was called */
	unsigned int depth;
};

/* 0 or -errno. */
static int
watch(struct inside *inside, uint32_t events)
{
	int r = 0;

	if (events == inside->events)
		return 0;
	if (events == 0) /* an end that nobody looks at would be told again */
		loop_remove(inside->loop, &inside->watch);
	else if (inside->events == 0)
		r = loop_add(inside->loop, &inside->watch, events);
	else
		loop_change(inside->loop, &inside->watch, events);
	inside->events = r < 0 ? 0 : events;
	return r;
}

/* Looks for what it waits for, and no longer than it may. */
static void
update(struct inside *inside)
{
	bool is_over = inside->is_over || inside->is_closed ||
	    inside->is_ending;

	(void)watch(inside, is_over ? 0 :
	    (inside->is_held ? 0U : (uint32_t)EPOLLIN) |
	    (inside->is_full ? (uint32_t)EPOLLOUT : 0U));
	if (!is_over && !inside->is_held && inside->is_awaited)
		loop_set_timer(inside->loop, &inside->silence,
		    inside->timeout_ms);
	else
		loop_stop_timer(inside->loop, &inside->silence);
}

static void
release(struct inside *inside)
{
	if (!inside->is_closed || inside->is_asking || inside->depth > 0)
		return;
	update(inside);
	loop_stop_timer(inside->loop, &inside->due);
	fd_close(&inside->watch.fd);
	fd_close(&inside->their_fd);
	calls_free(inside->init);
	identity_release(inside->who);
	free(inside);
}

static void
end(struct inside *inside, const struct err *err)
{
	if (inside->is_over)
		return;
	inside->is_over = true;
	update(inside);
	if (!inside->is_closed)
		inside->client.ended(inside->client.arg, err);
}

static void
on_silence(struct loop_timer *timer)
{
	struct inside *inside = (struct inside *)((char *)timer -
	    offsetof(struct inside, silence));
	const struct err err = {ETIMEDOUT, "the sandbox does not answer"};

	inside->depth++;
	end(inside, &err);
	inside->depth--;
	release(inside);
}

static void
on_due(struct loop_timer *timer)
{
	struct inside *inside = (struct inside *)((char *)timer -
	    offsetof(struct inside, due));

	inside->depth++;
	if (!inside->is_over && !inside->is_closed &&
	    inside->client.due != NULL)
		inside->client.due(inside->client.arg);
	inside->depth--;
	release(inside);
}

/* As take, of another kind than inside.def's. */
static int
take_datagram(struct inside *inside)
{
	not_cleared uint8_t data[INSIDE_DATAGRAM_MAX];
	ssize_t n = recv(inside->watch.fd, data, sizeof data,
	    MSG_DONTWAIT | MSG_TRUNC);

	if (n <= 0)
		return n < 0 ? -errno : 0;
	if ((size_t)n > sizeof data)
		return -EBADMSG;
	inside->client.datagram(inside->client.arg, data, (size_t)n);
	return 1;
}

/* One message. 1, 0 at the end, or -errno. */
static int
take(struct inside *inside)
{
	auto_rpc_message struct rpc_message message = {0};
	const struct rpc_call *row;
	union rpc_any event;
	int r = rpc_receive(inside->watch.fd, &message, MSG_DONTWAIT);

	if (r != 1)
		return r;
	row = rpc_find_inside_call(message.header.number);
	if (row == NULL || !rpc_permits(row, RPC_PEER_OUTSIDE, 0) ||
	    rpc_open_request(row, &message, &event) < 0)
		return -EBADMSG;
	inside->client.told(inside->client.arg, row, &event);
	return 1;
}

/* One of either kind. The kernel says once that what was told it was not read
 * to the end, before what it told, which is still there. */
static int
take_next(struct inside *inside)
{
	bool is_of_kind = inside->client.datagram == NULL;
	int r = is_of_kind ? take(inside) : take_datagram(inside);

	if (r != -ECONNRESET)
		return r;
	return is_of_kind ? take(inside) : take_datagram(inside);
}

/* Of one that does not run any more, with whose doing that is. */
static void
say_why(struct rpc_bytes list, struct err *err)
{
	struct rpc_sandbox_info info;
	bool is_destroyed;

	if (!rpc_list_next(&rpc_layout_sandbox_info, &list, &info) ||
	    strcmp(info.state, "running") == 0)
		return;
	is_destroyed = strncmp(info.state, "destroy", 7) == 0;
	err_set(err, is_destroyed ? EIDRM : EPIPE, "the sandbox is %s: %s",
	    info.state, is_destroyed ? info.cause : info.reason);
	(void)err_cause(err, info.state);
}

static void
on_why(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	const struct rpc_sandbox_get_rep *reply = data;
	struct inside *inside = arg;
	struct err err = {EPIPE, "what ran in the sandbox is gone"};

	(void)message;
	if (failure == NULL)
		say_why(reply->sandbox, &err);
	inside->is_asking = false;
	inside->depth++;
	end(inside, &err);
	inside->depth--;
	release(inside);
}

/* The socket has ended: with the program, or with the sandbox. What became of
 * that is sandboxd's to say. */
static void
end_at_its_end(struct inside *inside)
{
	const struct rpc_sandbox_get_req request = {inside->sandbox_id};
	const struct err err = {EPIPE, "what ran in the sandbox is gone"};

	if (inside->is_asking) {
		end(inside, &err);
		return;
	}
	inside->is_asking = inside->is_ending = true;
	update(inside);
	identity_ask_sandboxd(inside->who, &rpc_call_sandbox_recall, &request,
	    on_why, inside);
}

static void
on_ready(struct loop_watch *watch, uint32_t events)
{
	struct inside *inside = (struct inside *)((char *)watch -
	    offsetof(struct inside, watch));
	struct err err;
	int r = 1;

	inside->depth++;
	if ((events & EPOLLOUT) && inside->is_full) {
		inside->is_full = false;
		inside->client.room(inside->client.arg);
	}
	for (int i = 0; r == 1 && i < BURST && !inside->is_held &&
	    !inside->is_closed && !inside->is_over; i++)
		r = take_next(inside);
	if (r == 0) {
		end_at_its_end(inside);
	} else if (r < 0 && r != -EAGAIN) {
		err_set(&err, -r, "what runs in the sandbox: %s", strerror(-r));
		end(inside, &err);
	} else {
		update(inside);
	}
	inside->depth--;
	release(inside);
}

static void
on_run(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct inside *inside = arg;

	(void)message;
	inside->is_asking = false;
	if (err != NULL && err->code == EINVAL &&
	    inside->age < INSIDE_OLDER_MAX &&
	    inside->older[inside->age] != NULL && !inside->is_closed) {
		inside->request = inside->older[inside->age++];
		inside_start(inside, inside->call, inside->request);
		return;
	}
	fd_close(&inside->their_fd); /* so that its end is the end */
	inside->depth++;
	if (err != NULL)
		end(inside, err);
	else if (!inside->is_closed && inside->client.started != NULL)
		inside->client.started(inside->client.arg, reply);
	inside->depth--;
	release(inside);
}

void
inside_start(struct inside *inside, const struct rpc_call *call,
    const void *request)
{
	inside->is_asking = true;
	calls_make(inside->init, call, request, inside->their_fd, on_run,
	    inside);
}

static void
ignore(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	(void)arg;
	(void)reply;
	(void)message;
	(void)err;
}

void
inside_ask(struct inside *inside, const struct rpc_call *call,
    const void *request)
{
	if (inside->init != NULL)
		calls_make(inside->init, call, request, -1, ignore, NULL);
}

static void
take_init(struct inside *inside, int init_fd)
{
	const struct calls_options options = {.loop = inside->loop,
	    .fd = init_fd, .timeout_ms = inside->timeout_ms,
	    .hangup = SANDBOX_HANGUP};
	struct err err;

	/* Who speaks there is not trusted to send any. */
	fd_refuse_passing(init_fd);
	if (calls_new(&options, &inside->init, &err) < 0)
		end(inside, &err);
	else if (inside->call != NULL)
		inside_start(inside, inside->call, inside->request);
	else if (inside->client.attached != NULL)
		inside->client.attached(inside->client.arg);
}

static void
on_attached(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct inside *inside = arg;
	const struct err err = {EBADMSG, "no connection to the sandbox came"};

	(void)reply;
	inside->is_asking = false;
	inside->depth++;
	if (inside->is_closed)
		;
	else if (failure != NULL)
		end(inside, failure);
	else if (message->n_fds != 1)
		end(inside, &err);
	else
		take_init(inside, take_fd(&message->fds[0]));
	inside->depth--;
	release(inside);
}

static int
make_socket(struct inside *inside, struct err *err)
{
	const int size = BUFFER_BYTES;
	int pair[2], r = fd_seqpacket_pair(pair);

	if (r < 0)
		return err_set(err, -r, "socket: %s", strerror(-r));
	inside->watch = (struct loop_watch){pair[0], on_ready};
	inside->their_fd = pair[1];
	/* Theirs bounds what waits for us, ours what waits for them. */
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	(void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	fd_refuse_passing(pair[0]);
	r = watch(inside, EPOLLIN);
	return r < 0 ? err_set(err, -r, "watch: %s", strerror(-r)) : 0;
}

int
inside_open(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call, const void *request,
    const struct inside_client *client, struct inside **ret, struct err *err)
{
	const struct rpc_sandbox_attach_req attach = {.id = sandbox_id};
	struct inside *inside = calloc(1, sizeof *inside);
	struct back *back = identity_back(who);
	int r;

	if (inside == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*inside = (struct inside){.loop = back->loop, .client = *client,
	    .call = call, .request = request,
	    .timeout_ms = back->timeout_ms, .silence.due = on_silence,
	    .due.due = on_due,
	    .who = who, .their_fd = -1, .watch.fd = -1};
	identity_hold(who);
	snprintf(inside->sandbox_id, sizeof inside->sandbox_id, "%s",
	    sandbox_id);
	r = make_socket(inside, err);
	if (r < 0) {
		inside_close(inside);
		return r;
	}
	*ret = inside;
	inside->is_asking = true;
	identity_ask_sandboxd(who, &rpc_call_sandbox_attach, &attach,
	    on_attached, inside);
	return 0;
}

void
inside_set_older(struct inside *inside,
    const void *const requests[INSIDE_OLDER_MAX])
{
	memcpy(inside->older, requests, sizeof inside->older);
}

unsigned int
inside_age(const struct inside *inside)
{
	return inside->age;
}

int
inside_tell(struct inside *inside, const struct rpc_call *row,
    const void *event)
{
	return inside_tell_fd(inside, row, event, -1);
}

int
inside_tell_fd(struct inside *inside, const struct rpc_call *row,
    const void *event, int fd)
{
	int r;

	if (inside->is_over)
		return -EPIPE;
	r = rpc_send_request(inside->watch.fd, row, 0, event, &fd, fd >= 0,
	    MSG_DONTWAIT);
	inside->is_full = r == -EAGAIN;
	update(inside);
	/* What else there is, the loop hears of: the socket has ended. */
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

int
inside_send(struct inside *inside, const void *data, size_t size)
{
	int r;

	if (inside->is_over)
		return -EPIPE;
	r = fd_send(inside->watch.fd, data, size, NULL, 0, MSG_DONTWAIT);
	inside->is_full = r == -EAGAIN;
	update(inside);
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

void
inside_hold(struct inside *inside, bool is_held)
{
	inside->is_held = is_held;
	update(inside);
}

void
inside_await(struct inside *inside, bool is_awaited)
{
	inside->is_awaited = is_awaited;
	update(inside);
}

void
inside_set_patience(struct inside *inside, uint64_t timeout_ms)
{
	inside->timeout_ms = timeout_ms;
	inside_await(inside, true);
}

void
inside_set_due(struct inside *inside, uint64_t in_ms)
{
	loop_set_timer(inside->loop, &inside->due, in_ms);
}

void
inside_close(struct inside *inside)
{
	if (inside == NULL)
		return;
	inside->is_closed = true;
	release(inside);
}
