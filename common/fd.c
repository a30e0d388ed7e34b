// SPDX-License-Identifier: Apache-2.0
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/un.h>

#ifndef SO_PASSRIGHTS /* of Linux 6.16; younger than many a libc */
#define SO_PASSRIGHTS 83
#endif

void
fd_close(int *fd)
{
	int saved_errno = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved_errno;
}

int
fd_send(int sock, const void *data, size_t size, const int *fds, size_t n_fds,
    int flags)
{
	union {
		char bytes[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data,
	    .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cmsg;

	if (n_fds > FD_PASS_MAX)
		return -E2BIG;
	if (n_fds > 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, n_fds * sizeof(int));
	}
	for (;;) {
		if (sendmsg(sock, &msg, flags | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

/* Collects every descriptor of a message; the kernel may split the list. */
static size_t
collect_fds(struct msghdr *msg, int fds[FD_PASS_MAX])
{
	struct cmsghdr *cmsg;
	size_t n = 0, count;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count && n < FD_PASS_MAX; i++)
			memcpy(&fds[n++], CMSG_DATA(cmsg) + i * sizeof(int),
			    sizeof(int));
	}
	return n;
}

ssize_t
fd_receive(int sock, void *data, size_t size, int fds[FD_PASS_MAX],
    size_t *ret_n_fds, int flags)
{
	union {
		char bytes[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = data, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.bytes, .msg_controllen = sizeof control};
	ssize_t n;
	size_t n_fds;

	for (size_t i = 0; i < FD_PASS_MAX; i++)
		fds[i] = -1;
	*ret_n_fds = 0;
	do
		n = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	n_fds = collect_fds(&msg, fds);
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		for (size_t i = 0; i < n_fds; i++)
			fd_close(&fds[i]);
		return -EMSGSIZE;
	}
	*ret_n_fds = n_fds;
	return n;
}

int
fd_seqpacket_pair(int ret_fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return -errno;
	return 0;
}

int
fd_seqpacket_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = -1;

	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
	    sizeof address) < 0)
		return -errno;
	return take_fd(&fd);
}

void
fd_refuse_passing(int sock)
{
	const int is_allowed = 0;

	(void)setsockopt(sock, SOL_SOCKET, SO_PASSRIGHTS, &is_allowed,
	    sizeof is_allowed);
}

int
fd_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int
fd_read_all(int fd, void *data, size_t size)
{
	char *p = data;

	while (size > 0) {
		ssize_t n = read(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -EPIPE : -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int
fd_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int
fd_check_room(int fd, uint64_t n_bytes)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	return (uint64_t)fs.f_bavail >= n_bytes / (uint64_t)fs.f_bsize ? 0 :
	    -ENOSPC;
}
