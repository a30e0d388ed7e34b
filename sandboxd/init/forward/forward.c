// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/forward/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/process/deputy.h"
#include "sandboxd/init/process/xauth.h"

#define AGENT_FOLDER "/tmp/ssh-XXXXXXXXXX"
#define AGENT_UMASK  022 /* as sshd: the folder is what keeps others out */

/* X11's ports, and the displays sshd gives away. */
#define X11_PORT	  6000
#define X11_FIRST_DISPLAY 10
#define X11_LAST_DISPLAY  1000

static int
run_dial_unix(const void *arg, const struct user *user,
    struct deputy_report *report, struct listen_sockets *sockets)
{
	const struct rpc_dial_unix_req *request = arg;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = -1;

	(void)user;
	(void)report;
	if (strlen(request->path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, request->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address,
	    sizeof address) < 0)
		return -errno;
	sockets->fds[sockets->n_fds++] = take_fd(&fd);
	return 0;
}

static const struct deputy_work dial_unix = {.name = "connect",
    .run = run_dial_unix};

void
forward_dial_unix(struct peer *peer, const struct rpc_dial_unix_req *request,
    const struct user *user, struct answer *answer)
{
	deputy_start(peer, &dial_unix, user, request, answer);
}

void
forward_listen_tcp(struct peer *peer, const struct rpc_listen_tcp_req *request,
    struct answer *answer)
{
	struct listen_sockets sockets;
	int family = AF_UNSPEC, r;

	if (request->port > UINT16_MAX) {
		err_set(&answer->err, EINVAL, "port: 0 to 65535, not %u",
		    request->port);
		peer_answer(peer, answer);
		return;
	}
	if (strcmp(request->address, "127.0.0.1") == 0)
		family = AF_INET;
	else if (strcmp(request->address, "::1") == 0)
		family = AF_INET6;
	r = listen_tcp(family, (uint16_t)request->port, false, &sockets);
	if (r < 0) {
		err_set(&answer->err, -r, "listen on port %u: %s",
		    request->port, strerror(-r));
	} else {
		answer->listen_tcp.port = sockets.port;
		memcpy(answer->fds, sockets.fds, sizeof sockets.fds);
		answer->n_fds = sockets.n_fds;
	}
	peer_answer(peer, answer);
}

static int
run_listen_unix(const void *arg, const struct user *user,
    struct deputy_report *report, struct listen_sockets *sockets)
{
	const struct rpc_listen_unix_req *request = arg;

	(void)user;
	(void)report;
	return listen_unix(request->path, (mode_t)(request->mask & 0777),
	    request->replaces != 0, sockets);
}

static const struct deputy_work listen_unix_work = {.name = "listen",
    .run = run_listen_unix};

void
forward_listen_unix(struct peer *peer,
    const struct rpc_listen_unix_req *request, const struct user *user,
    struct answer *answer)
{
	deputy_start(peer, &listen_unix_work, user, request, answer);
}

static int
run_agent(const void *arg, const struct user *user,
    struct deputy_report *report, struct listen_sockets *sockets)
{
	char folder[] = AGENT_FOLDER;
	int r;

	(void)arg;
	(void)user;
	(void)umask(AGENT_UMASK);
	if (mkdtemp(folder) == NULL)
		return -errno;
	snprintf(report->text, sizeof report->text, "%s/agent.%d", folder,
	    (int)getpid());
	r = listen_unix(report->text, AGENT_UMASK, false, sockets);
	if (r < 0)
		(void)rmdir(folder);
	return r;
}

static void
settle_agent(const struct deputy_report *report, struct answer *answer)
{
	memcpy(answer->text, report->text, sizeof answer->text);
	answer->agent_listen.path = answer->text;
}

static void
end_agent(const struct deputy_report *report)
{
	char path[ANSWER_TEXT_SIZE];
	char *slash;

	snprintf(path, sizeof path, "%s", report->text);
	(void)unlink(path);
	slash = strrchr(path, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	(void)rmdir(path);
}

static const struct deputy_work agent = {.name = "agent's socket",
    .run = run_agent, .settle = settle_agent, .end = end_agent};

void
forward_agent(struct peer *peer, const struct user *user,
    struct answer *answer)
{
	if (deputy_is_at(peer, &agent)) {
		err_set(&answer->err, EBUSY, "the agent has a socket already");
		peer_answer(peer, answer);
		return;
	}
	deputy_start(peer, &agent, user, NULL, answer);
}

static int
run_x11(const void *arg, const struct user *user, struct deputy_report *report,
    struct listen_sockets *sockets)
{
	const struct rpc_x11_listen_req *request = arg;
	unsigned display = X11_FIRST_DISPLAY;
	int r;

	do
		r = listen_tcp(AF_UNSPEC, (uint16_t)(X11_PORT + display),
		    true, sockets);
	while (r == -EADDRINUSE && ++display <= X11_LAST_DISPLAY);
	if (r < 0)
		return r;
	snprintf(report->text, sizeof report->text, "localhost:%u.%u", display,
	    request->screen);
	/* As where xauth(1) fails under sshd: there is a display all the
	 * same, and it may let nobody in. */
	(void)xauth_add(user->home, display, request->protocol,
	    request->cookie);
	return 0;
}

static void
settle_x11(const struct deputy_report *report, struct answer *answer)
{
	memcpy(answer->text, report->text, sizeof answer->text);
	answer->x11_listen.display = answer->text;
}

static const struct deputy_work x11 = {.name = "X11 display", .run = run_x11,
    .settle = settle_x11};

void
forward_x11(struct peer *peer, const struct rpc_x11_listen_req *request,
    const struct user *user, struct answer *answer)
{
	deputy_start(peer, &x11, user, request, answer);
}
