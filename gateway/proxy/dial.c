// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/rpc_calls.h"

struct dial {
	LIST_ENTRY(dial) link; /* while it has a grant */
	struct grant *grant;   /* NULL: it is over, but for a call */
	void (*done)(void *arg, int fd, const struct err *err);
	void *arg;
	int address;	/* index of those that are tried */
	bool is_asking; /* init is asked */
	bool is_again;	/* init was lost once */
	struct loop_timer start; /* at once */
};

/* What listens inside may do so by either alone. */
static const char *const addresses[] = {"127.0.0.1", "::1"};
#define N_ADDRESSES 2

static void advance(struct grant *grant);

/* Answers, and frees unless init still has to. */
static void
end(struct dial *dial, int fd, const struct err *err)
{
	struct loop *loop;

	if (dial->grant != NULL) {
		loop = &dial->grant->proxy->loop;
		loop_stop_timer(loop, &dial->start);
		LIST_REMOVE(dial, link);
	}
	dial->grant = NULL;
	if (dial->done != NULL)
		dial->done(dial->arg, fd, err);
	else
		dial_close(&fd);
	dial->done = NULL;
	if (!dial->is_asking)
		free(dial);
}

void
dial_end_all(struct grant *grant, int code, const char *words)
{
	struct err err;

	err_set(&err, code, "%s", words);
	while (!LIST_EMPTY(&grant->dials))
		end(LIST_FIRST(&grant->dials), -1, &err);
}

void
dial_lose_init(struct grant *grant)
{
	struct calls *init = grant->init;

	grant->init = NULL;
	calls_free(init); /* what it was asked fails, and is asked again */
}

/*
 * TCP, which is all that recv(2) and send(2) with MSG_DONTWAIT never wait for
 * and close(2) neither: whoever speaks for a sandbox is not believed.
 */
static int
check_socket(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t size = sizeof domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) < 0 ||
	    (domain != AF_INET && domain != AF_INET6) ||
	    protocol != IPPROTO_TCP)
		return -EBADMSG;
	return fd_set_nonblocking(fd);
}

void
dial_close(int *fd)
{
	const struct linger none = {0};

	if (*fd >= 0)
		(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &none,
		    sizeof none);
	fd_close(fd);
}

static void
on_dialled(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct dial *dial = arg;
	struct grant *grant = dial->grant;
	struct err err = {0};
	int fd = -1;

	(void)reply;
	dial->is_asking = false;
	if (failure == NULL && message->n_fds == 1) {
		fd = take_fd(&message->fds[0]);
		if (check_socket(fd) < 0)
			err_set(&err, EBADMSG, "no TCP connection came from "
			    "the sandbox");
	} else if (failure == NULL) {
		err_set(&err, EBADMSG, "no connection came from the sandbox");
	} else {
		err = *failure;
	}
	if (err.code != 0)
		dial_close(&fd);
	if (grant == NULL) {
		dial_close(&fd);
		free(dial);
	} else if (err.code == ECONNREFUSED &&
	    dial->address + 1 < N_ADDRESSES) {
		dial->address++;
		advance(grant);
	} else if ((err.code == EPIPE || err.code == ENOTCONN) &&
	    !dial->is_again && grant->cap != NULL) {
		dial->is_again = true;
		advance(grant);
	} else {
		end(dial, fd, &err);
	}
}

static struct dial *
find_unasked(const struct grant *grant)
{
	struct dial *dial;

	LIST_FOREACH(dial, &grant->dials, link)
		if (!dial->is_asking)
			return dial;
	return NULL;
}

/* Asks init for all that wait. From the start each time: an answer that comes
 * at once may end others. */
static void
ask_init(struct grant *grant)
{
	struct dial *dial;

	while (grant->init != NULL && (dial = find_unasked(grant)) != NULL) {
		const struct rpc_dial_tcp_req request = {
		    .host = addresses[dial->address], .port = grant->port};

		dial->is_asking = true;
		calls_make(grant->init, &rpc_call_dial_tcp, &request, -1,
		    on_dialled, dial);
	}
}

static void
on_init_end(void *arg)
{
	struct grant *grant = arg;

	/* Freed by who looks next, as it is its own caller. */
	grant->generation++;
}

static void
take_init(struct grant *grant, int init_fd)
{
	const struct calls_options options = {.loop = &grant->proxy->loop,
	    .fd = init_fd, .on_end = on_init_end, .arg = grant,
	    .timeout_ms = grant->proxy->conf.start_timeout_s * 1000};
	struct err err = {0};

	if (calls_new(&options, &grant->init, &err) < 0)
		dial_end_all(grant, err.code, err.text);
	else
		ask_init(grant);
}

static void
on_attached(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct grant *grant = arg;

	(void)reply;
	grant->is_attaching = false;
	if (failure != NULL)
		dial_end_all(grant, failure->code, failure->text);
	else if (message->n_fds != 1)
		dial_end_all(grant, EBADMSG, "no connection to the sandbox "
		    "came");
	else
		take_init(grant, take_fd(&message->fds[0]));
}

static void
attach(struct grant *grant)
{
	const struct rpc_sandbox_attach_req request = {
	    .id = grant->sandbox_id};

	grant->is_attaching = true;
	calls_make(grant->cap, &rpc_call_sandbox_attach, &request, -1,
	    on_attached, grant);
}

static void
on_state(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	const struct rpc_sandbox_get_rep *reply = data;
	struct grant *grant = arg;
	struct rpc_sandbox_info info;
	struct rpc_bytes list;

	(void)message;
	grant->is_attaching = false;
	if (failure != NULL) {
		dial_end_all(grant, failure->code, failure->text);
		return;
	}
	list = reply->sandbox;
	if (!rpc_list_next(&rpc_layout_sandbox_info, &list, &info))
		dial_end_all(grant, EBADMSG, "the sandbox's state is "
		    "malformed");
	else if (strcmp(info.state, "running") != 0)
		dial_end_all(grant, EBUSY, "the sandbox does not run, and "
		    "this service does not have it run again");
	else
		attach(grant);
}

/* Whatever those who wait need next; one whose init has hung up needs another.
 */
static void
advance(struct grant *grant)
{
	const struct rpc_sandbox_get_req request = {.id = grant->sandbox_id};

	if (grant->cap == NULL || calls_have_ended(grant->cap)) {
		grant_forget(grant);
		dial_end_all(grant, EPIPE, "sandboxd hung up");
		return;
	}
	if (grant->is_attaching)
		return;
	if (grant->init != NULL && calls_have_ended(grant->init))
		dial_lose_init(grant);
	if (grant->init != NULL) {
		ask_init(grant);
	} else if (grant->is_attaching) {
		; /* by one that was lost */
	} else if (grant->has_resume) {
		attach(grant);
	} else {
		grant->is_attaching = true;
		calls_make(grant->cap, &rpc_call_sandbox_get, &request, -1,
		    on_state, grant);
	}
}

static void
on_start(struct loop_timer *timer)
{
	struct dial *dial = (struct dial *)((char *)timer -
	    offsetof(struct dial, start));

	advance(dial->grant);
}

struct dial *
grant_dial(struct grant *grant,
    void (*done)(void *arg, int fd, const struct err *err), void *arg)
{
	struct dial *dial = calloc(1, sizeof *dial);

	if (dial == NULL)
		return NULL;
	*dial = (struct dial){.grant = grant, .done = done, .arg = arg,
	    .start.due = on_start};
	LIST_INSERT_HEAD(&grant->dials, dial, link);
	loop_set_timer(&grant->proxy->loop, &dial->start, 0);
	return dial;
}

void
grant_dial_cancel(struct dial *dial)
{
	const struct err err = {ECANCELED, "cancelled"};

	if (dial == NULL)
		return;
	dial->done = NULL;
	end(dial, -1, &err);
}
