// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/look_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "common/egress.h"
#include "common/fd.h"
#include "sandboxd/net/netns.h"

/* Connections that have come and the resolver has not taken. */
#define BACKLOG 128

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static socklen_t
fill(const struct prefix *from, uint16_t port, union address *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->any.sa_family = from->family;
	if (from->family == AF_INET) {
		ret->ipv4.sin_port = htons(port);
		memcpy(&ret->ipv4.sin_addr, from->address, 4);
		return sizeof ret->ipv4;
	}
	ret->ipv6.sin6_port = htons(port);
	memcpy(&ret->ipv6.sin6_addr, from->address, 16);
	return sizeof ret->ipv6;
}

static int
socket_in(int netns_fd, sa_family_t family, int *ret_fd, struct err *err)
{
	int home_fd = -1, r = netns_enter(netns_fd, &home_fd, err);

	if (r < 0)
		return r;
	*ret_fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	r = *ret_fd < 0 ? err_errno(err, "socket in the sandbox") : 0;
	netns_leave(&home_fd);
	return r;
}

int
look_sockets_open(int netns_fd, sa_family_t family, int *ret_fd,
    struct err *err)
{
	struct prefix loopback = {.family = family};
	static const int yes = 1;
	union address address;
	auto_close int fd = -1;
	socklen_t size;
	int r = socket_in(netns_fd, family, &fd, err);

	if (r < 0)
		return r;
	if (family == AF_INET)
		memcpy(loopback.address, (uint8_t[]){127, 0, 0, 1}, 4);
	else
		loopback.address[15] = 1;
	size = fill(&loopback, EGRESS_LOOK_PORT, &address);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
	    bind(fd, &address.any, size) < 0 || listen(fd, BACKLOG) < 0)
		return err_errno(err, "port %d in the sandbox",
		    EGRESS_LOOK_PORT);
	*ret_fd = take_fd(&fd);
	return 0;
}

int
look_sockets_dial(int netns_fd, const struct prefix *to, uint16_t port,
    uint32_t mark, int *ret_fd, struct err *err)
{
	static const int yes = 1;
	union address address;
	const socklen_t size = fill(to, port, &address);
	auto_close int fd = -1;
	int r = socket_in(netns_fd, to->family, &fd, err);

	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes) < 0 ||
	    (connect(fd, &address.any, size) < 0 && errno != EINPROGRESS))
		return err_errno(err, "connect");
	*ret_fd = take_fd(&fd);
	return 0;
}
