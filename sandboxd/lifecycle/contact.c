// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/contact.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_calls.h"
#include "sandboxd/daemon.h"

/* The requests that we make of an init, by the ids they have. */
#define SETUP_REQUEST_ID 1
#define KILL_REQUEST_ID	 2

static int
connect_to_init(const struct sandbox *sandbox, uint32_t rights, int *ret_fd,
    struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[RUNTIME_PATH_SIZE];
	auto_close int fd = -1;
	int r = runtime_init_path(&sandbox->daemon->runtime,
	    sandbox->record.id, path, err);

	if (r < 0)
		return r;
	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ENAMETOOLONG, "%s", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Others are given descriptors by init; we never are. */
	if (rights == RPC_RIGHT_CONTROL)
		fd_refuse_passing(fd);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return err_errno(err, "connect to the init of %s",
		    sandbox->record.id);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
open_quietly(const struct sandbox *sandbox, uint32_t rights,
    const char *audit, int *ret_fd, struct err *err)
{
	const struct rpc_init_hello_event hello = {.rights = rights,
	    .audit = audit};
	auto_close int fd = -1;
	int r = connect_to_init(sandbox, rights, &fd, err);

	if (r < 0)
		return r;
	r = rpc_send_request(fd, &rpc_call_init_hello, 0, &hello, NULL, 0,
	    MSG_DONTWAIT);
	if (r < 0)
		return err_set(err, -r, "hello to the init of %s: %s",
		    sandbox->record.id, strerror(-r));
	*ret_fd = take_fd(&fd);
	return 0;
}

int
contact_open(const struct sandbox *sandbox, uint32_t rights,
    const char *audit, const char *forced_command, int *ret_fd,
    struct err *err)
{
	const struct rpc_init_restrict_event restriction = {
	    .forced_command = forced_command};
	auto_close int fd = -1;
	int flags, r = open_quietly(sandbox, rights, audit, &fd, err);

	if (r < 0)
		return r;
	if (forced_command != NULL) {
		r = rpc_send_request(fd, &rpc_call_init_restrict, 0,
		    &restriction, NULL, 0, MSG_DONTWAIT);
		if (r < 0)
			return err_set(err, -r, "restrict: %s", strerror(-r));
	}
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return err_errno(err, "connection to init");
	*ret_fd = take_fd(&fd);
	return 0;
}

static void
read_killed(struct sandbox *sandbox, const struct rpc_message *message)
{
	struct rpc_kill_all_rep reply;
	struct err err = {0};
	int r = rpc_open_reply(&rpc_call_kill_all, message, &reply, &err);

	waiters_answer(&sandbox->waiters, WAITER_KILL, sandbox,
	    r < 0 ? &err : NULL);
}

static void
read_answer(struct sandbox *sandbox, const struct rpc_message *message)
{
	struct rpc_init_setup_rep reply;
	struct err err = {0};

	/* The deadline is what tells that an answer is due. */
	if (sandbox->deadline_source == NULL ||
	    message->header.id != SETUP_REQUEST_ID ||
	    rpc_open_reply(&rpc_call_init_setup, message, &reply, &err) < 0) {
		if (err.code == 0)
			err_set(&err, EBADMSG, "an answer to nothing");
		err_wrap(&err, "init");
		sandbox->daemon->on_event(sandbox, EVENT_SILENT, &err);
		return;
	}
	sandbox->deadline_source =
	    sd_event_source_disable_unref(sandbox->deadline_source);
	sandbox->daemon->on_event(sandbox, EVENT_READY, NULL);
}

static void
read_message(struct sandbox *sandbox, const struct rpc_message *message)
{
	struct rpc_peers_event peers;

	if (message->header.kind == RPC_KIND_REPLY &&
	    message->header.id == KILL_REQUEST_ID) {
		read_killed(sandbox, message);
		return;
	}
	if (message->header.kind != RPC_KIND_EVENT ||
	    rpc_open_request(&rpc_call_peers, message, &peers) < 0) {
		read_answer(sandbox, message);
		return;
	}
	sandbox->daemon->on_attached(sandbox, peers.count);
}

static int
on_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct sandbox *sandbox = data;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};
	int r = rpc_receive(fd, &message, MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (r == -EAGAIN)
		return 0;
	if (r > 0) {
		read_message(sandbox, &message);
		return 0;
	}
	err_set(&err, EPIPE, "init hung up");
	sandbox->daemon->on_event(sandbox, EVENT_SILENT, &err);
	return 0;
}

static int
on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct sandbox *sandbox = data;
	struct err err = {0};

	(void)source;
	(void)usec;
	err_set(&err, ETIMEDOUT, "init did not answer within %llu s",
	    (unsigned long long)
	    sandbox->daemon->settings.start_timeout_s);
	sandbox->daemon->on_event(sandbox, EVENT_SILENT, &err);
	return 0;
}

static int
watch(struct sandbox *sandbox, struct err *err)
{
	struct daemon *daemon = sandbox->daemon;
	int r = sd_event_add_io(daemon->event, &sandbox->control_source,
	    sandbox->control_fd, EPOLLIN, on_readable, sandbox);

	if (r >= 0)
		r = sd_event_add_time_relative(daemon->event,
		    &sandbox->deadline_source, CLOCK_MONOTONIC,
		    daemon->settings.start_timeout_s * 1000000, 0,
		    on_deadline, sandbox);
	return r < 0 ? err_set(err, -r, "watch init: %s", strerror(-r)) : 0;
}

int
contact_begin(struct sandbox *sandbox, struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct rpc_init_setup_req setup = {.hostname = record->id,
	    .resolv_conf = sandbox->daemon->runtime.resolv_conf,
	    .env = {.data = record->env, .size = record->env_size}};
	int r;

	contact_end(sandbox);
	r = open_quietly(sandbox, RPC_RIGHT_CONTROL, "sandboxd",
	    &sandbox->control_fd, err);
	if (r < 0)
		return r;
	r = rpc_send_request(sandbox->control_fd, &rpc_call_init_setup,
	    SETUP_REQUEST_ID, &setup, NULL, 0, MSG_DONTWAIT);
	if (r < 0)
		err_set(err, -r, "init_setup: %s", strerror(-r));
	else
		r = watch(sandbox, err);
	if (r < 0)
		contact_end(sandbox);
	return r;
}

int
contact_kill(const struct sandbox *sandbox, struct err *err)
{
	static const struct rpc_kill_all_req request;
	int r = sandbox->control_fd < 0 ? -ENOTCONN : rpc_send_request(
	    sandbox->control_fd, &rpc_call_kill_all, KILL_REQUEST_ID, &request,
	    NULL, 0, MSG_DONTWAIT);

	return r < 0 ? err_set(err, -r, "the init of %s: %s",
	    sandbox->record.id, strerror(-r)) : 0;
}

void
contact_end(struct sandbox *sandbox)
{
	const struct err gone = {ESRCH, "its init is gone"};

	waiters_answer(&sandbox->waiters, WAITER_KILL, sandbox, &gone);
	sandbox->control_source =
	    sd_event_source_disable_unref(sandbox->control_source);
	sandbox->deadline_source =
	    sd_event_source_disable_unref(sandbox->deadline_source);
	fd_close(&sandbox->control_fd);
	sandbox->hold.n_attached = 0; /* nobody is left to tell */
}
