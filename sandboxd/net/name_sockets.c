// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/name_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/netns.h"

/* Connections that a sandbox has begun and the resolver has not taken. */
#define BACKLOG 16

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static socklen_t
fill(const struct prefix *from, union address *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->any.sa_family = from->family;
	if (from->family == AF_INET) {
		ret->ipv4.sin_port = htons(ALWAYS_DNS_PORT);
		memcpy(&ret->ipv4.sin_addr, from->address, 4);
		return sizeof ret->ipv4;
	}
	ret->ipv6.sin6_port = htons(ALWAYS_DNS_PORT);
	memcpy(&ret->ipv6.sin6_addr, from->address, 16);
	return sizeof ret->ipv6;
}

/* The address may be taken up a moment later. */
static int
set_free(int fd, sa_family_t family)
{
	static const int yes = 1;

	return family == AF_INET ?
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes) :
	    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof yes);
}

static int
open_one(const struct prefix *at, bool is_tcp, int *ret_fd, struct err *err)
{
	union address address;
	socklen_t size = fill(at, &address);
	char text[PREFIX_TEXT_SIZE];
	static const int yes = 1;
	auto_close int fd = socket(at->family, (is_tcp ? SOCK_STREAM :
	    SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	prefix_format(at, text);
	if (fd < 0 || set_free(fd, at->family) < 0 ||
	    /* What was closed before does not keep it from being opened. */
	    (is_tcp && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes,
	    sizeof yes) < 0) ||
	    bind(fd, &address.any, size) < 0 ||
	    (is_tcp && listen(fd, BACKLOG) < 0))
		return err_errno(err, "%s port %d in the sandbox", text,
		    ALWAYS_DNS_PORT);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
open_here(const struct prefix *addresses, size_t n, struct name_sockets *ret,
    size_t *ret_n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct name_sockets *pair = &ret[*ret_n];
		int r;

		*pair = (struct name_sockets){-1, -1};
		r = open_one(&addresses[i], false, &pair->udp_fd, err);
		if (r == -EAFNOSUPPORT)
			continue;
		if (r == 0)
			r = open_one(&addresses[i], true, &pair->tcp_fd, err);
		if (r < 0) {
			fd_close(&pair->udp_fd);
			return r;
		}
		(*ret_n)++;
	}
	return 0;
}

int
name_sockets_open(int netns_fd, const struct prefix *addresses, size_t n,
    struct name_sockets *ret, size_t *ret_n, struct err *err)
{
	int home_fd = -1, r;

	*ret_n = 0;
	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = open_here(addresses, n, ret, ret_n, err);
	netns_leave(&home_fd);
	while (r < 0 && *ret_n > 0) {
		(*ret_n)--;
		fd_close(&ret[*ret_n].udp_fd);
		fd_close(&ret[*ret_n].tcp_fd);
	}
	return r;
}

int
name_sockets_dial(const struct prefix *to, bool is_tcp, uint32_t mark,
    int *ret_fd, struct err *err)
{
	union address address;
	socklen_t size = fill(to, &address);
	char text[PREFIX_TEXT_SIZE];
	auto_close int fd = socket(to->family, (is_tcp ? SOCK_STREAM :
	    SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	prefix_format(to, text);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_MARK, &mark,
	    sizeof mark) < 0 || (connect(fd, &address.any, size) < 0 &&
	    errno != EINPROGRESS))
		return err_errno(err, "resolver %s", text);
	*ret_fd = take_fd(&fd);
	return 0;
}
