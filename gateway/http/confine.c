// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "gateway/http/engine/server.h"
#include "gateway/jail/syscalls.h"
#include "gateway/tls/link.h"

/* Beside the connections: listeners, claims, what libmicrohttpd opens. */
#define OTHER_FDS 64

#define LISTENERS 2
/* Replies, and what a library keeps. */
#define OTHER_BYTES ((rlim_t)256 * 1024 * 1024)
/* A body, while it grows, and what the parser makes of it. */
#define BYTES_PER_BODY_BYTE 4
#define LIMITS_MAX	    8

/*
 * What would reach past the jail: MSG_FASTOPEN connects a listener that was
 * shut down, to anywhere; tgkill(2), or F_SETOWN with F_SETSIG, ends sessions,
 * who are the same user. abort(3) calls tgkill, and dies of the filter.
 */
const struct jail_call http_calls[] = {
    /* sockets that are there already */
    {SCMP_SYS(accept4), JAIL_ALLOW},
    {SCMP_SYS(accept), JAIL_ALLOW},
    {SCMP_SYS(recvfrom), JAIL_ALLOW},
    {SCMP_SYS(recvmsg), JAIL_ALLOW},
    WITHOUT(sendto, 3, MSG_FASTOPEN),
    WITHOUT(sendmsg, 2, MSG_FASTOPEN),
    {SCMP_SYS(getsockopt), JAIL_ALLOW},
    ONLY(socketpair, 0, AF_UNIX), /* connected to nobody but itself */
    {SCMP_SYS(setsockopt), JAIL_ALLOW},
    {SCMP_SYS(getsockname), JAIL_ALLOW},
    {SCMP_SYS(getpeername), JAIL_ALLOW},
    {SCMP_SYS(shutdown), JAIL_ALLOW},
    {SCMP_SYS(read), JAIL_ALLOW},
    {SCMP_SYS(pread64), JAIL_ALLOW}, /* of logs */
    {SCMP_SYS(write), JAIL_ALLOW},
    {SCMP_SYS(readv), JAIL_ALLOW},
    {SCMP_SYS(writev), JAIL_ALLOW},
    {SCMP_SYS(close), JAIL_ALLOW},
    ONLY(fcntl, 1, F_GETFL),
    ONLY(fcntl, 1, F_SETFL),
    ONLY(fcntl, 1, F_GETFD),
    ONLY(fcntl, 1, F_SETFD),
    ONLY(fcntl, 1, F_DUPFD_CLOEXEC),
    {SCMP_SYS(eventfd2), JAIL_ALLOW},
    {SCMP_SYS(pipe2), JAIL_ALLOW},
    {SCMP_SYS(poll), JAIL_ALLOW},
    {SCMP_SYS(epoll_create1), JAIL_ALLOW},
    {SCMP_SYS(epoll_ctl), JAIL_ALLOW},
    {SCMP_SYS(epoll_wait), JAIL_ALLOW},
    {SCMP_SYS(epoll_pwait), JAIL_ALLOW},
    /* one thread, which takes locks all the same */
    {SCMP_SYS(futex), JAIL_ALLOW},
    {SCMP_SYS(gettid), JAIL_ALLOW},
    {SCMP_SYS(getpid), JAIL_ALLOW},
    {SCMP_SYS(prctl), JAIL_REFUSE, .value = EPERM},
    {SCMP_SYS(exit), JAIL_ALLOW},
    {SCMP_SYS(exit_group), JAIL_ALLOW},
    /* memory */
    {SCMP_SYS(brk), JAIL_ALLOW},
    WITHOUT(mmap, 2, PROT_EXEC),
    {SCMP_SYS(munmap), JAIL_ALLOW},
    {SCMP_SYS(mremap), JAIL_ALLOW},
    WITHOUT(mprotect, 2, PROT_EXEC),
    {SCMP_SYS(madvise), JAIL_ALLOW},
    /* time, signals, chance */
    {SCMP_SYS(clock_gettime), JAIL_ALLOW},
    {SCMP_SYS(clock_nanosleep), JAIL_ALLOW},
    {SCMP_SYS(gettimeofday), JAIL_ALLOW},
    {SCMP_SYS(restart_syscall), JAIL_ALLOW},
    {SCMP_SYS(rt_sigaction), JAIL_ALLOW},
    {SCMP_SYS(rt_sigprocmask), JAIL_ALLOW},
    {SCMP_SYS(rt_sigreturn), JAIL_ALLOW},
    {SCMP_SYS(getrandom), JAIL_ALLOW},
    /* libc asks for these and can do without */
    {SCMP_SYS(openat), JAIL_REFUSE, .value = ENOENT},
    {SCMP_SYS(open), JAIL_REFUSE, .value = ENOENT},
    {SCMP_SYS(ioctl), JAIL_REFUSE, .value = ENOTTY},
    /* of logs; there are no paths */
    {SCMP_SYS(newfstatat), JAIL_ALLOW},
    {SCMP_SYS(fstat), JAIL_ALLOW},
};
const size_t n_http_calls = sizeof http_calls / sizeof *http_calls;

/* What all connections of both listeners can want at once, and no more. */
static size_t
jail_limits(const struct http_conf *conf, bool has_tls,
    struct jail_limit limits[LIMITS_MAX])
{
	rlim_t connections = LISTENERS * conf->max_connections;
	rlim_t links = has_tls ? conf->max_connections : 0;
	size_t n = 0;

	limits[n++] = (struct jail_limit){RLIMIT_CORE, 0};
	limits[n++] = (struct jail_limit){RLIMIT_MEMLOCK, 0};
	/* A connection and its capability; a sandbox's init, and what was
	 * started in there, both ends of it for a moment. */
	limits[n++] = (struct jail_limit){RLIMIT_NOFILE,
	    5 * connections + TLS_LINK_FDS * links + OTHER_FDS};
	limits[n++] = (struct jail_limit){RLIMIT_NPROC, 0};
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes of shadow */
	limits[n++] = (struct jail_limit){RLIMIT_DATA, OTHER_BYTES +
	    links * TLS_LINK_BYTES + connections * (SERVER_CONNECTION_BYTES +
	    BYTES_PER_BODY_BYTE * conf->request_max_bytes)};
#endif
	return n;
}

int
confine_http(const struct paths *paths, const struct http_conf *conf,
    bool has_tls, struct err *err)
{
	struct jail_limit limits[LIMITS_MAX];
	struct jail_filter filter = {0};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits,
	    .n_limits = jail_limits(conf, has_tls, limits), .filter = &filter};
	int r = jail_filter_build(http_calls, n_http_calls, &filter, err);

	if (r == 0)
		r = jail_enter(&jail, err);
	jail_filter_free(&filter);
	return r;
}
