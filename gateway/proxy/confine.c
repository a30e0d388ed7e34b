// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "gateway/jail/syscalls.h"
#include "gateway/proxy/flow.h"
#include "gateway/tls/link.h"

/* Beside connections and grants: listener, claims, epoll, signals, the log. */
#define OTHER_FDS   64
#define OTHER_BYTES ((rlim_t)128 * 1024 * 1024)
#define LIMITS_MAX  8

/* As gateway/http/confine.c has it, and less: what would reach past the jail is
 * MSG_FASTOPEN, which connects, and signals to those of the same user. */
const struct jail_call proxy_calls[] = {
    ALLOW(accept4),
    ALLOW(recvfrom),
    ALLOW(recvmsg),
    WITHOUT(sendto, 3, MSG_FASTOPEN),
    WITHOUT(sendmsg, 2, MSG_FASTOPEN),
    ALLOW(getsockopt),
    ALLOW(setsockopt),
    ONLY(socketpair, 0, AF_UNIX), /* connected to nobody but itself */
    ALLOW(shutdown),
    ALLOW(read),
    ALLOW(write),
    ALLOW(writev),
    ALLOW(close),
    ONLY(fcntl, 1, F_GETFL),
    ONLY(fcntl, 1, F_SETFL),
    ALLOW(epoll_ctl),
    ALLOW(epoll_wait),
    ALLOW(epoll_pwait),
    ALLOW(futex),
    ALLOW(gettid),
    ALLOW(getpid),
    REFUSE(prctl, EPERM),
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(brk),
    WITHOUT(mmap, 2, PROT_EXEC),
    ALLOW(munmap),
    ALLOW(mremap),
    WITHOUT(mprotect, 2, PROT_EXEC),
    ALLOW(madvise),
    ALLOW(clock_gettime),
    ALLOW(gettimeofday),
    ALLOW(restart_syscall),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(getrandom),
    /* libc asks for these and can do without */
    REFUSE(openat, ENOENT),
    REFUSE(open, ENOENT),
    REFUSE(ioctl, ENOTTY),
    REFUSE(newfstatat, ENOENT),
    ALLOW(fstat),
};
const size_t n_proxy_calls = sizeof proxy_calls / sizeof *proxy_calls;

/* What all connections can want at once, and no more. */
static size_t
jail_limits(const struct proxy_conf *conf, bool has_tls,
    struct jail_limit limits[LIMITS_MAX])
{
	const rlim_t links = has_tls ? conf->max_connections : 0;
	size_t n = 0;

	limits[n++] = (struct jail_limit){RLIMIT_CORE, 0};
	limits[n++] = (struct jail_limit){RLIMIT_MEMLOCK, 0};
	/* Both ends of a connection; a capability and an init of a grant. */
	limits[n++] = (struct jail_limit){RLIMIT_NOFILE,
	    2 * conf->max_connections + TLS_LINK_FDS * links +
	    2 * GRANTS_MAX + OTHER_FDS};
	limits[n++] = (struct jail_limit){RLIMIT_NPROC, 0};
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes of shadow */
	limits[n++] = (struct jail_limit){RLIMIT_DATA, OTHER_BYTES +
	    conf->max_connections * FLOW_BYTES + links * TLS_LINK_BYTES};
#endif
	return n;
}

int
confine_proxy(const struct paths *paths, const struct proxy_conf *conf,
    bool has_tls, struct err *err)
{
	struct jail_limit limits[LIMITS_MAX];
	struct jail_filter filter = {0};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits,
	    .n_limits = jail_limits(conf, has_tls, limits), .filter = &filter};
	int r = jail_filter_build(proxy_calls, n_proxy_calls, &filter, err);

	if (r == 0)
		r = jail_enter(&jail, err);
	jail_filter_free(&filter);
	return r;
}
