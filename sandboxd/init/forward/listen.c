// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/forward/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/fd.h"

#define BACKLOG	     128 /* sshd's */
#define TRIES_OF_ANY 8	 /* ports the kernel may offer that are half free */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
loopback(int family, uint16_t port, union address *ret)
{
	memset(ret, 0, sizeof *ret);
	if (family == AF_INET) {
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = htons(port);
		ret->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof ret->in;
	}
	ret->in6.sin6_family = AF_INET6;
	ret->in6.sin6_port = htons(port);
	ret->in6.sin6_addr = in6addr_loopback;
	return sizeof ret->in6;
}

/* One listening socket and its port (0 = any, told back), or -errno. */
static int
listen_family(int family, uint16_t *port)
{
	auto_close int fd = socket(family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	union address address;
	socklen_t size = loopback(family, *port, &address);
	int on = 1;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof on);
	if (bind(fd, &address.any, size) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, &address.any, &size) < 0)
		return -errno;
	*port = ntohs(family == AF_INET ? address.in.sin_port :
	    address.in6.sin6_port);
	return take_fd(&fd);
}

/* Whether the machine lacks the family, rather than the port. */
static bool
is_absent(int error)
{
	return error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL ||
	    error == -EINVAL;
}

static int
listen_once(int family, uint16_t port, bool needs_all,
    struct listen_sockets *ret)
{
	static const int families[LISTEN_FDS_MAX] = {AF_INET, AF_INET6};
	int error = -EADDRNOTAVAIL, fd;

	*ret = (struct listen_sockets){.fds = {-1, -1}, .port = port};
	for (size_t i = 0; i < LISTEN_FDS_MAX; i++) {
		if (family != AF_UNSPEC && family != families[i])
			continue;
		fd = listen_family(families[i], &ret->port);
		if (fd >= 0) {
			ret->fds[ret->n_fds++] = fd;
			continue;
		}
		error = fd;
		if (needs_all && !is_absent(fd)) {
			listen_close(ret);
			return fd;
		}
	}
	return ret->n_fds > 0 ? 0 : error;
}

int
listen_tcp(int family, uint16_t port, bool needs_all,
    struct listen_sockets *ret)
{
	int r = listen_once(family, port, needs_all || port == 0, ret);

	for (int i = 1; i < TRIES_OF_ANY && port == 0 && r == -EADDRINUSE; i++)
		r = listen_once(family, port, true, ret);
	return r;
}

int
listen_unix(const char *path, mode_t mask, bool replaces,
    struct listen_sockets *ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = -1;

	*ret = (struct listen_sockets){.fds = {-1, -1}};
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	if (path[0] == '\0') /* or the kernel would choose a name */
		return -EINVAL;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (replaces)
		(void)unlink(path);
	(void)umask(mask);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return -errno;
	ret->fds[ret->n_fds++] = take_fd(&fd);
	return 0;
}

void
listen_close(struct listen_sockets *sockets)
{
	for (size_t i = 0; i < sockets->n_fds; i++)
		fd_close(&sockets->fds[i]);
	sockets->n_fds = 0;
}
