// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/address.h"
#include "common/fd.h"
#include "common/parse.h"

#define ENTRY_SIZE 80

/* The children of a gateway just killed hold its ports until they have seen
 * that, which on a busy machine takes a while. */
#define BIND_TRIES	 100
#define BIND_INTERVAL_NS (100 * 1000000)

/* Reads "1.2.3.4:22" or "[::1]:22". */
static int
parse_entry(const char *entry, union address *ret, socklen_t *ret_size)
{
	char host[ENTRY_SIZE];
	const char *colon = strrchr(entry, ':');
	uint64_t port;
	size_t n;

	if (colon == NULL || parse_u64(colon + 1, &port) < 0 || port < 1 ||
	    port > 65535)
		return -EINVAL;
	n = (size_t)(colon - entry);
	memset(ret, 0, sizeof *ret);
	if (n >= 2 && entry[0] == '[' && entry[n - 1] == ']') {
		snprintf(host, sizeof host, "%.*s", (int)(n - 2), entry + 1);
		ret->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
		    .sin6_port = htons((uint16_t)port)};
		*ret_size = sizeof ret->in6;
		return inet_pton(AF_INET6, host, &ret->in6.sin6_addr) == 1 ?
		    0 : -EINVAL;
	}
	snprintf(host, sizeof host, "%.*s", (int)n, entry);
	ret->in = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port)};
	*ret_size = sizeof ret->in;
	return inet_pton(AF_INET, host, &ret->in.sin_addr) == 1 ? 0 : -EINVAL;
}

static int
bind_patiently(int fd, const union address *address, socklen_t size)
{
	const struct timespec pause = {.tv_nsec = BIND_INTERVAL_NS};

	for (int i = 1; bind(fd, &address->any, size) < 0; i++) {
		if (errno != EADDRINUSE || i == BIND_TRIES)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int
open_entry(const char *entry, const char *key, int *ret_fd, struct err *err)
{
	union address address;
	socklen_t size;
	auto_close int fd = -1;
	int on = 1;

	if (parse_entry(entry, &address, &size) < 0)
		return err_set(err, EINVAL, "%s: \"%s\" is not address:port "
		    "with a numeric address ([..] around IPv6) and a port "
		    "from 1 to 65535", key, entry);
	fd = socket(address.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    (address.any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof on) < 0) ||
	    bind_patiently(fd, &address, size) < 0 ||
	    listen(fd, LISTENER_BACKLOG) < 0) {
		int code = errno;

		return err_set(err, code, "cannot listen on %s: %s%s%s%s",
		    entry, strerror(code), code == EADDRINUSE ?
		    " (another server? choose another with " : "",
		    code == EADDRINUSE ? key : "",
		    code == EADDRINUSE ? ")" : "");
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

int
listener_open_tcp(const char *list, const char *key,
    int fds[LISTENERS_MAX], size_t *ret_n, struct err *err)
{
	char copy[512], *save = NULL;
	size_t n = 0, n_without_ipv6 = 0;
	int r = 0;

	snprintf(copy, sizeof copy, "%s", list);
	for (char *entry = strtok_r(copy, ", ", &save);
	    entry != NULL && r == 0; entry = strtok_r(NULL, ", ", &save)) {
		if (n == LISTENERS_MAX) {
			r = err_set(err, E2BIG, "%s: more than %d addresses",
			    key, LISTENERS_MAX);
			break;
		}
		r = open_entry(entry, key, &fds[n], err);
		if (r == 0) {
			n++;
		} else if (entry[0] == '[' &&
		    (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL)) {
			n_without_ipv6++;
			r = 0;
		}
	}
	if (r == 0 && n == 0 && n_without_ipv6 == 0)
		r = err_set(err, EINVAL, "%s: no address:port in it", key);
	else if (r == 0 && n == 0)
		r = -err->code;
	if (r < 0)
		while (n > 0)
			fd_close(&fds[--n]);
	*ret_n = n;
	return r;
}

static int
open_unix(const char *path, int type, gid_t gid, mode_t mode, int *ret_fd,
    struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = -1;
	mode_t old_mask;
	int r;

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ENAMETOOLONG, "%s: too long for a socket",
		    path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "%s", path);
	(void)unlink(path);
	old_mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof address);
	(void)umask(old_mask);
	if (r < 0 || chown(path, 0, gid) < 0 || chmod(path, mode) < 0 ||
	    listen(fd, LISTENER_BACKLOG) < 0)
		return err_errno(err, "cannot listen on %s", path);
	*ret_fd = take_fd(&fd);
	return 0;
}

int
listener_open_unix(const char *path, gid_t gid, int *ret_fd, struct err *err)
{
	return open_unix(path, SOCK_STREAM, gid, 0660, ret_fd, err);
}

int
listener_open_calls(const char *path, int *ret_fd, struct err *err)
{
	return open_unix(path, SOCK_SEQPACKET, 0, 0600, ret_fd, err);
}
