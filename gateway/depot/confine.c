// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "common/paths.h"
#include "gateway/jail/syscalls.h"

#define DATA_MAX_BYTES ((rlim_t)512 * 1024 * 1024)
#define OPEN_FILES_MAX 65536
#define LIMITS_MAX     4

/*
 * Files, of which it sees its own alone, and sockets that others made, or that
 * are connected to nobody but themselves. No signal to anybody: the broker is
 * the same user.
 */
const struct jail_call depot_calls[] = {
    ALLOW(recvfrom),
    ALLOW(recvmsg),
    WITHOUT(sendto, 3, MSG_FASTOPEN),
    WITHOUT(sendmsg, 2, MSG_FASTOPEN),
    ONLY(socketpair, 0, AF_UNIX),
    ALLOW(setsockopt),
    ALLOW(close),
    ALLOW(epoll_ctl),
    ALLOW(epoll_wait),
    ALLOW(epoll_pwait),
    /* files */
    ALLOW(read),
    ALLOW(write),
    ALLOW(writev),
    ALLOW(pread64),
    ALLOW(pwrite64),
    ALLOW(lseek),
    ALLOW(open),
    ALLOW(openat),
    ALLOW(fstat),
    ALLOW(fstatfs),
    ALLOW(stat),
    ALLOW(lstat),
    ALLOW(newfstatat),
    ALLOW(access),
    ALLOW(faccessat),
    ALLOW(faccessat2),
    ALLOW(fsync),
    ALLOW(fdatasync),
    ALLOW(ftruncate),
    ALLOW(fallocate),
    ALLOW(unlink),
    ALLOW(unlinkat),
    ALLOW(renameat),
    ALLOW(renameat2),
    ALLOW(mkdirat),
    ALLOW(getdents64),
    ALLOW(fchmod),
    ALLOW(getcwd),
    ONLY(fcntl, 1, F_GETFL),
    ONLY(fcntl, 1, F_SETFL),
    ONLY(fcntl, 1, F_GETFD),
    ONLY(fcntl, 1, F_SETFD),
    ONLY(fcntl, 1, F_DUPFD_CLOEXEC),
    ONLY(fcntl, 1, F_SETLK),
    ONLY(fcntl, 1, F_GETLK),
    /* itself */
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(futex),
    ALLOW(getpid),
    ALLOW(gettid),
    ALLOW(geteuid),
    ALLOW(getuid),
    ALLOW(umask),
    /* memory */
    ALLOW(brk),
    WITHOUT(mmap, 2, PROT_EXEC),
    WITHOUT(mprotect, 2, PROT_EXEC),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(madvise),
    /* time, signals, chance */
    ALLOW(clock_gettime),
    ALLOW(clock_nanosleep),
    ALLOW(nanosleep),
    ALLOW(gettimeofday),
    ALLOW(restart_syscall),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(getrandom),
    /* asked for in vain */
    REFUSE(ioctl, ENOTTY),
    REFUSE(prctl, EPERM),
    REFUSE(readlink, EINVAL),
    REFUSE(fchown, EPERM),
    REFUSE(sysinfo, EPERM),
};
const size_t n_depot_calls = sizeof depot_calls / sizeof *depot_calls;

static size_t
set_limits(struct jail_limit limits[LIMITS_MAX])
{
	size_t n = 0;

	limits[n++] = (struct jail_limit){RLIMIT_CORE, 0};
	limits[n++] = (struct jail_limit){RLIMIT_MEMLOCK, 0};
	limits[n++] = (struct jail_limit){RLIMIT_NOFILE, OPEN_FILES_MAX};
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes of shadow */
	limits[n++] = (struct jail_limit){RLIMIT_DATA, DATA_MAX_BYTES};
#endif
	return n;
}

int
confine_depot(const struct gateway_conf *conf, struct err *err)
{
	struct jail_limit limits[LIMITS_MAX];
	struct jail_filter filter = {0};
	char root_dir[PATH_MAX];
	const struct jail jail = {.run_dir = conf->paths.run_dir,
	    .root_dir = root_dir, .user = conf->user, .limits = limits,
	    .n_limits = set_limits(limits), .filter = &filter};
	int r = path_join(root_dir, sizeof root_dir, conf->paths.state_dir,
	    "disks.store", err);

	if (r == 0)
		r = jail_filter_build(depot_calls, n_depot_calls, &filter,
		    err);
	if (r == 0)
		r = jail_enter(&jail, err);
	jail_filter_free(&filter);
	return r;
}
