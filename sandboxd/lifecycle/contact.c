// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/contact.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_calls.h"
#include "sandboxd/daemon.h"
#include "sandboxd/template/template.h"

/* The one setup, and who waits for a kill. */
#define CALLS_MAX (1 + WAITERS_MAX)

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
	if (fd >= 0 && rights == RPC_RIGHT_CONTROL)
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
on_killed(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct sandbox *sandbox = arg;

	(void)reply;
	(void)message;
	waiters_answer(&sandbox->waiters, WAITER_KILL, sandbox, failure);
}

static void
on_setup(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct sandbox *sandbox = arg;
	struct err err;

	(void)message;
	if (reply != NULL) {
		sandbox->daemon->on_event(sandbox, EVENT_READY, NULL);
		return;
	}
	err = *failure;
	if (err.code == ETIMEDOUT)
		err_set(&err, ETIMEDOUT, "init did not answer within %llu s",
		    (unsigned long long)
		    sandbox->daemon->settings.start_timeout_s);
	else
		err_wrap(&err, "init");
	sandbox->daemon->on_event(sandbox, EVENT_SILENT, &err);
}

static int
on_told(void *arg, const struct rpc_message *message)
{
	struct sandbox *sandbox = arg;
	struct rpc_peers_event peers;
	struct rpc_oom_event oom;
	int r;

	/* It says that there were kills; how many the cgroup does. */
	if (message->header.number == rpc_call_oom.number) {
		r = rpc_open_request(&rpc_call_oom, message, &oom);
		if (r == 0)
			sandbox->daemon->on_oom(sandbox);
		return r;
	}
	r = rpc_open_request(&rpc_call_peers, message, &peers);
	if (r == 0)
		sandbox->daemon->on_attached(sandbox, peers.count);
	return r;
}

static void
on_hangup(void *arg)
{
	struct sandbox *sandbox = arg;
	struct err err = {0};

	err_set(&err, EPIPE, "init hung up");
	sandbox->daemon->on_event(sandbox, EVENT_SILENT, &err);
}

/* What its template says, where that is anything. */
static int
tell_defaults(const struct sandbox *sandbox, int fd, struct err *err)
{
	const struct template_table *table = &sandbox->daemon->templates;
	const struct template *template = template_find(table,
	    sandbox->record.template_version);
	struct rpc_template_settings settings;
	struct rpc_init_defaults_event defaults;
	auto_free char *env = NULL;
	int r;

	if (template == NULL)
		return 0;
	r = template_settings(table, template, &settings, &env, err);
	if (r < 0)
		return r;
	defaults = (struct rpc_init_defaults_event){settings.user,
	    settings.workdir, settings.entrypoint};
	if (defaults.user[0] == '\0' && defaults.workdir[0] == '\0' &&
	    defaults.entrypoint.count == 0)
		return 0;
	r = rpc_send_request(fd, &rpc_call_init_defaults, 0, &defaults, NULL,
	    0, MSG_DONTWAIT);
	return r < 0 ? err_set(err, -r, "defaults for the init of %s: %s",
	    sandbox->record.id, strerror(-r)) : 0;
}

/* A message at a time: an init that talks much gets no more than its turn. */
static int
begin(struct sandbox *sandbox, struct err *err)
{
	const struct rpc_client_options options = {
	    .calls_max = CALLS_MAX, .queue_bytes_max = RPC_FRAME_MAX,
	    .burst = 1, .event = on_told,
	    .ended = on_hangup, .arg = sandbox};
	int fd, r = open_quietly(sandbox, RPC_RIGHT_CONTROL, "sandboxd", &fd,
	    err);

	if (r < 0)
		return r;
	r = tell_defaults(sandbox, fd, err);
	if (r < 0) {
		fd_close(&fd);
		return r;
	}
	r = rpc_watch_init(&sandbox->control, sandbox->daemon->event, &options,
	    err);
	if (r < 0)
		fd_close(&fd);
	else
		rpc_client_connect(sandbox->control.client, fd);
	return r;
}

/* On the open connection; ends it where that cannot be. */
static int
ask(struct sandbox *sandbox, const struct rpc_call *call, struct err *err)
{
	const struct daemon *daemon = sandbox->daemon;
	const struct sandbox_record *record = &sandbox->record;
	const struct rpc_init_setup_req setup = {.hostname = record->id,
	    .resolv_conf = daemon->runtime.resolv_conf,
	    .env = {.data = record->env, .size = record->env_size}};
	int r = rpc_client_call(sandbox->control.client,
	    &(struct rpc_client_call){.row = call,
	    .request = &setup, .done = on_setup, .arg = sandbox,
	    .deadline_ms = clock_monotonic_ms() +
	    daemon->settings.start_timeout_s * 1000}, NULL, err);

	if (r < 0)
		contact_end(sandbox);
	return r;
}

static int
begin_and_ask(struct sandbox *sandbox, const struct rpc_call *call,
    struct err *err)
{
	int r;

	contact_end(sandbox);
	r = begin(sandbox, err);
	return r < 0 ? r : ask(sandbox, call, err);
}

int
contact_begin(struct sandbox *sandbox, struct err *err)
{
	return begin_and_ask(sandbox, &rpc_call_init_setup, err);
}

int
contact_prepare(struct sandbox *sandbox, struct err *err)
{
	return begin_and_ask(sandbox, &rpc_call_init_prepare, err);
}

int
contact_set_up(struct sandbox *sandbox, struct err *err)
{
	if (!contact_is_open(sandbox))
		return err_set(err, ENOTCONN, "no connection to init");
	return ask(sandbox, &rpc_call_init_setup, err);
}

int
contact_kill(struct sandbox *sandbox, struct err *err)
{
	static const struct rpc_kill_all_req request;
	struct rpc_client *client = sandbox->control.client;
	int r = client == NULL ? err_set(err, ENOTCONN, "no connection") :
	    rpc_client_call(client, &(struct rpc_client_call){
	    .row = &rpc_call_kill_all, .request = &request, .done = on_killed,
	    .arg = sandbox}, NULL, err);

	if (r == 0 && (rpc_client_events(client) & POLLOUT) != 0)
		r = err_set(err, EAGAIN, "it does not read");
	return r < 0 ? err_wrap(err, "the init of %s", sandbox->record.id) : 0;
}

bool
contact_is_open(const struct sandbox *sandbox)
{
	return sandbox->control.client != NULL &&
	    rpc_client_fd(sandbox->control.client) >= 0;
}

void
contact_end(struct sandbox *sandbox)
{
	const struct err gone = {ENOTCONN, "its init is gone"};

	waiters_answer(&sandbox->waiters, WAITER_KILL, sandbox, &gone);
	rpc_watch_fini(&sandbox->control);
	sandbox->hold.n_attached = 0; /* nobody is left to tell */
}
