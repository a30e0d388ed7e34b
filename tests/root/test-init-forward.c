// SPDX-License-Identifier: Apache-2.0
/* The calls of init.def that forwards are made of, on a running init. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/root/init_world.h"

#define TEST_TIMEOUT_S 50
#define SANDBOX_UID    54321
#define WAIT_STEPS     200 /* of 10 ms */

/* The descriptors of a reply, or -errno in n_fds. */
struct opened {
	int fds[3], n_fds;
	uint32_t port;
	char text[128];
};

static struct opened
take(int r, struct rpc_message *m)
{
	struct opened o = {.fds = {-1, -1, -1}, .n_fds = r};

	if (r == 0)
		o.n_fds = (int)m->n_fds;
	for (int i = 0; i < o.n_fds && i < 3; i++)
		o.fds[i] = take_fd(&m->fds[i]);
	return o;
}

static void
shut(struct opened *o)
{
	for (int i = 0; i < o->n_fds; i++)
		fd_close(&o->fds[i]);
}

static struct opened
dial_unix(int sock, const char *user, const char *path)
{
	struct rpc_dial_unix_req request = {.user = user, .path = path};
	struct rpc_dial_unix_rep reply;
	auto_rpc_message struct rpc_message m = {0};
	struct err err;
	int r = rpc_dial_unix(sock, &request, &reply, &m, &err);

	return take(r, &m);
}

static struct opened
listen_tcp(int sock, const char *host, uint32_t port)
{
	struct rpc_listen_tcp_req request = {.address = host, .port = port};
	struct rpc_listen_tcp_rep reply = {.port = 0};
	auto_rpc_message struct rpc_message m = {0};
	struct err err;
	struct opened o = take(rpc_listen_tcp(sock, &request, &reply, &m,
	    &err), &m);

	o.port = reply.port;
	return o;
}

static struct opened
listen_unix(int sock, const char *user, const char *path, uint32_t replaces)
{
	struct rpc_listen_unix_req request = {.user = user, .path = path,
	    .mask = 0177, .replaces = replaces};
	struct rpc_listen_unix_rep reply;
	auto_rpc_message struct rpc_message m = {0};
	struct err err;
	int r = rpc_listen_unix(sock, &request, &reply, &m, &err);

	return take(r, &m);
}

static struct opened
agent_listen(int sock)
{
	struct rpc_agent_listen_req request = {.user = ""};
	struct rpc_agent_listen_rep reply = {.path = ""};
	auto_rpc_message struct rpc_message m = {0};
	struct err err;
	struct opened o = take(rpc_agent_listen(sock, &request, &reply, &m,
	    &err), &m);

	if (o.n_fds > 0)
		snprintf(o.text, sizeof o.text, "%s", reply.path);
	return o;
}

static struct opened
x11_listen(int sock, const char *cookie)
{
	struct rpc_x11_listen_req request = {.user = "", .protocol = "M-M-C",
	    .cookie = cookie, .screen = 3};
	struct rpc_x11_listen_rep reply = {.display = ""};
	auto_rpc_message struct rpc_message m = {0};
	struct err err;
	struct opened o = take(rpc_x11_listen(sock, &request, &reply, &m,
	    &err), &m);

	if (o.n_fds > 0)
		snprintf(o.text, sizeof o.text, "%s", reply.display);
	return o;
}

static bool
knocks(int family, uint32_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)port),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	r = family == AF_INET ?
	    connect(fd, (struct sockaddr *)&in, sizeof in) :
	    connect(fd, (struct sockaddr *)&in6, sizeof in6);
	close(fd);
	return r == 0;
}

static void
test_tcp(int sock)
{
	static const char *const hosts[] = {"", "*", "localhost", "0.0.0.0",
	    "192.0.2.7"};
	struct opened first, again;

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		first = listen_tcp(sock, hosts[i], 0);
		assert(first.n_fds == 2 && first.port > 0);
		assert(knocks(AF_INET, first.port));
		assert(knocks(AF_INET6, first.port));
		again = listen_tcp(sock, hosts[i], first.port);
		assert(again.n_fds == -EADDRINUSE);
		shut(&first);
		assert(!knocks(AF_INET, first.port));
		again = listen_tcp(sock, hosts[i], first.port);
		assert(again.n_fds == 2 && again.port == first.port);
		/* One family is enough. */
		fd_close(&again.fds[1]);
		first = listen_tcp(sock, hosts[i], again.port);
		assert(first.n_fds == 1 && first.port == again.port);
		shut(&first);
		shut(&again);
	}
	first = listen_tcp(sock, "127.0.0.1", 0);
	assert(first.n_fds == 1 && knocks(AF_INET, first.port) &&
	    !knocks(AF_INET6, first.port));
	again = listen_tcp(sock, "::1", first.port);
	assert(again.n_fds == 1 && knocks(AF_INET6, first.port));
	shut(&first);
	shut(&again);
	assert(listen_tcp(sock, "", 65536).n_fds == -EINVAL);
}

static void
test_unix(int sock)
{
	static const char path[] = "/tmp/theirs", private[] = "/tmp/private";
	char long_path[200];
	struct opened listener, dialled;
	struct ucred peer;
	socklen_t size = sizeof peer;
	struct stat st;
	int fd;

	memset(long_path, 'x', sizeof long_path);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	listener = listen_unix(sock, "", path, 0);
	assert(listener.n_fds == 1 && lstat(path, &st) == 0);
	assert(S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0600 &&
	    st.st_uid == SANDBOX_UID);
	dialled = dial_unix(sock, "", path);
	assert(dialled.n_fds == 1);
	fd = accept(listener.fds[0], NULL, NULL);
	assert(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    peer.uid == SANDBOX_UID && peer.gid == SANDBOX_UID);
	close(fd);
	shut(&dialled);
	assert(listen_unix(sock, "", path, 0).n_fds == -EADDRINUSE);
	shut(&listener);
	assert(dial_unix(sock, "", path).n_fds == -ECONNREFUSED);
	listener = listen_unix(sock, "root", path, 1);
	/* /tmp is sticky, but root may remove the file all the same. */
	assert(listener.n_fds == 1 && lstat(path, &st) == 0 &&
	    st.st_uid == 0);
	assert(dial_unix(sock, "", path).n_fds == -EACCES);
	dialled = dial_unix(sock, "root", path);
	assert(dialled.n_fds == 1);
	shut(&dialled);
	shut(&listener);
	assert(mkdir(private, 0700) == 0);
	assert(listen_unix(sock, "", "/tmp/private/s", 0).n_fds == -EACCES);
	assert(listen_unix(sock, "", long_path, 0).n_fds == -ENAMETOOLONG);
	assert(listen_unix(sock, "", "", 0).n_fds == -EINVAL);
	assert(dial_unix(sock, "", long_path).n_fds == -ENAMETOOLONG);
	assert(dial_unix(sock, "", "/tmp/nothing").n_fds == -ENOENT);
	assert(dial_unix(sock, "nobody-here", path).n_fds == -ENOENT);
}

static void
test_agent(void)
{
	int sock = init_connect(INIT_RIGHTS);
	struct opened agent = agent_listen(sock), dialled;
	char folder[128];
	struct stat st;

	assert(agent.n_fds == 1);
	assert(strncmp(agent.text, "/tmp/ssh-", 9) == 0 &&
	    strstr(agent.text, "/agent.") != NULL);
	assert(lstat(agent.text, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_uid == SANDBOX_UID);
	snprintf(folder, sizeof folder, "%.*s",
	    (int)strlen("/tmp/ssh-XXXXXXXXXX"), agent.text);
	assert(lstat(folder, &st) == 0 && (st.st_mode & 07777) == 0700 &&
	    st.st_uid == SANDBOX_UID);
	dialled = dial_unix(sock, "", agent.text);
	assert(dialled.n_fds == 1);
	shut(&dialled);
	assert(agent_listen(sock).n_fds == -EBUSY);
	shut(&agent);
	assert(lstat(agent.text, &st) == 0);
	/* It goes with the connection, however that ends. */
	close(sock);
	for (int i = 0; i < WAIT_STEPS && lstat(folder, &st) == 0; i++)
		usleep(10000);
	assert(lstat(folder, &st) < 0 && errno == ENOENT);
}

static void
test_x11(int sock)
{
	static const char cookie[] = "00112233445566778899aabbccddeeff";
	struct opened one, two;
	struct stat st;

	one = x11_listen(sock, cookie);
	assert(one.n_fds == 2 && strcmp(one.text, "localhost:10.3") == 0);
	assert(knocks(AF_INET, 6010) && knocks(AF_INET6, 6010));
	two = x11_listen(sock, cookie);
	assert(two.n_fds == 2 && strcmp(two.text, "localhost:11.3") == 0);
	shut(&one);
	shut(&two);
	assert(lstat("/home/sandbox/.Xauthority", &st) == 0 &&
	    st.st_uid == SANDBOX_UID && (st.st_mode & 07777) == 0600);
	/* A display all the same, as when xauth(1) fails under sshd. */
	one = x11_listen(sock, "not hexadecimal");
	assert(one.n_fds == 2);
	shut(&one);
}

static void
test_rights(void)
{
	static const struct {
		uint32_t without;
		uint16_t number;
	} rows[] = {{RPC_RIGHT_FORWARD, 108}, {RPC_RIGHT_FORWARD, 109},
	    {RPC_RIGHT_FORWARD, 110}, {RPC_RIGHT_AGENT, 111},
	    {RPC_RIGHT_X11, 112}};
	struct opened got;
	int sock;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sock = init_connect(INIT_RIGHTS & ~rows[i].without);
		got = rows[i].number == 108 ? dial_unix(sock, "", "/tmp/x") :
		    rows[i].number == 109 ? listen_tcp(sock, "", 0) :
		    rows[i].number == 110 ? listen_unix(sock, "", "/x", 0) :
		    rows[i].number == 111 ? agent_listen(sock) :
		    x11_listen(sock, "00");
		assert(got.n_fds < 0);
		assert(init_dropped(sock));
	}
	/* Users other than the default are a right of their own. */
	sock = init_connect(INIT_RIGHTS & ~RPC_RIGHT_ROOT);
	assert(dial_unix(sock, "root", "/tmp/x").n_fds == -EACCES);
	assert(listen_unix(sock, "root", "/x", 0).n_fds == -EACCES);
	got = listen_unix(sock, "", "/tmp/mine", 0);
	assert(got.n_fds == 1);
	shut(&got);
	close(sock);
}

int
main(int argc, char **argv)
{
	pid_t pid = argc == 2 ? init_world_enter(argv[1]) : -1;
	struct rpc_init_setup_req setup = {.hostname = "h",
	    .resolv_conf = "nameserver 127.0.0.1\n"};
	struct rpc_init_setup_rep reply;
	struct rpc_message m = {0};
	struct err err;
	int sock;

	if (pid < 0)
		return 77; /* needs root and the path of sandbox-init */
	alarm(TEST_TIMEOUT_S); /* with PID 1 gone, everything inside is */
	assert(mkdir("/home/sandbox", 0700) == 0 &&
	    chown("/home/sandbox", SANDBOX_UID, SANDBOX_UID) == 0);
	sock = init_connect(INIT_RIGHTS);
	assert(rpc_init_setup(sock, &setup, &reply, &m, &err) == 0);
	rpc_message_free(&m);
	test_tcp(sock);
	test_unix(sock);
	test_agent();
	test_x11(sock);
	test_rights();
	init_world_leave(pid);
}
