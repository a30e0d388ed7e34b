// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "gateway/jail/syscalls.h"

#define DATA_MAX_BYTES ((rlim_t)512 * 1024 * 1024)
#define LIMITS_MAX     4

/*
 * No socket(2), connect(2) or bind(2): every socket came from sandboxd, and
 * MSG_FASTOPEN would connect one. Where those of UDP can send to, the firewall
 * says. No signal to anybody: sessions are the same user.
 */
const struct jail_call resolver_calls[] = {
    ALLOW(accept4),
    ALLOW(recvfrom),
    ALLOW(recvmsg),
    WITHOUT(sendto, 3, MSG_FASTOPEN),
    WITHOUT(sendmsg, 2, MSG_FASTOPEN),
    ALLOW(read),
    ALLOW(write),
    ALLOW(writev),
    ALLOW(close),
    /* where a connection was sent, and whether one succeeded */
    ALLOW(getsockopt),
    ONLY(setsockopt, 2, SO_LINGER),
    ALLOW(shutdown),
    ALLOW(epoll_ctl),
    ALLOW(epoll_wait),
    ALLOW(epoll_pwait),
    ONLY(fcntl, 1, F_GETFL),
    ONLY(fcntl, 1, F_SETFL),
    ONLY(fcntl, 1, F_GETFD),
    ONLY(fcntl, 1, F_SETFD),
    ONLY(fcntl, 1, F_DUPFD_CLOEXEC),
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(futex),
    ALLOW(getpid),
    ALLOW(gettid),
    /* memory */
    ALLOW(brk),
    WITHOUT(mmap, 2, PROT_EXEC),
    WITHOUT(mprotect, 2, PROT_EXEC),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(madvise),
    /* time, signals, chance */
    ALLOW(clock_gettime),
    ALLOW(gettimeofday),
    ALLOW(restart_syscall),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(getrandom),
    /* libc asks for these and can do without */
    REFUSE(openat, ENOENT),
    REFUSE(ioctl, ENOTTY),
    REFUSE(newfstatat, ENOENT),
    ALLOW(fstat),
    REFUSE(prctl, EPERM),
};
const size_t n_resolver_calls =
    sizeof resolver_calls / sizeof *resolver_calls;

static size_t
set_limits(struct jail_limit limits[LIMITS_MAX])
{
	size_t n = 0;

	limits[n++] = (struct jail_limit){RLIMIT_CORE, 0};
	limits[n++] = (struct jail_limit){RLIMIT_MEMLOCK, 0};
	limits[n++] = (struct jail_limit){RLIMIT_NPROC, 0};
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes of shadow */
	limits[n++] = (struct jail_limit){RLIMIT_DATA, DATA_MAX_BYTES};
#endif
	return n;
}

int
confine_resolver(const struct paths *paths, const struct resolver_conf *conf,
    struct err *err)
{
	struct jail_limit limits[LIMITS_MAX];
	struct jail_filter filter = {0};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits,
	    .n_limits = set_limits(limits), .filter = &filter};
	int r = jail_filter_build(resolver_calls, n_resolver_calls, &filter,
	    err);

	if (r == 0)
		r = jail_enter(&jail, err);
	jail_filter_free(&filter);
	return r;
}
