// SPDX-License-Identifier: Apache-2.0
#include "gateway/webhook/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/jail/syscalls.h"

#define OPEN_FILES_MAX 16
#define DATA_MAX_BYTES ((rlim_t)128 * 1024 * 1024)
#define LIMITS_MAX     8

/*
 * Of those that speak to a stranger. MSG_FASTOPEN would connect without
 * connect(2). What libraries try in vain is refused; libcurl connects what it
 * was told is connected: it is told that this goes on, and then finds that it
 * is. No kill(2) of any kind: sessions are the same user.
 */
#define SPEAKING_CALLS                                                         \
	ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev),                \
	    ALLOW(recvfrom), ALLOW(recvmsg),                                   \
	    WITHOUT(sendto, 3, MSG_FASTOPEN),                                  \
	    WITHOUT(sendmsg, 2, MSG_FASTOPEN), ALLOW(close),                   \
	    ALLOW(shutdown), ALLOW(poll), ALLOW(ppoll),                        \
	    ALLOW(restart_syscall), ALLOW(fstat), ALLOW(newfstatat),           \
	    ALLOW(lseek), ONLY(fcntl, 1, F_GETFL), ONLY(fcntl, 1, F_SETFL),    \
	    ONLY(fcntl, 1, F_GETFD), ONLY(fcntl, 1, F_SETFD),                  \
	    ALLOW(setsockopt), ALLOW(getsockopt), ALLOW(getsockname),          \
	    ALLOW(getpeername), /* memory */                                   \
	    ALLOW(brk), WITHOUT(mmap, 2, PROT_EXEC),                           \
	    WITHOUT(mprotect, 2, PROT_EXEC), ALLOW(munmap), ALLOW(mremap),     \
	    ALLOW(madvise), /* time, randomness, itself */                     \
	    ALLOW(clock_gettime), ALLOW(gettimeofday), ALLOW(time),            \
	    ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(getrandom),        \
	    ALLOW(futex), ALLOW(getpid), ALLOW(gettid), ALLOW(getuid),         \
	    ALLOW(geteuid), ALLOW(getgid), ALLOW(getegid),                     \
	    ALLOW(sched_yield), ALLOW(rt_sigreturn), ALLOW(exit),              \
	    ALLOW(exit_group), /* tried in vain */                             \
	    REFUSE(ioctl, ENOTTY), REFUSE(open, ENOENT),                       \
	    REFUSE(openat, ENOENT), REFUSE(access, ENOENT),                    \
	    REFUSE(faccessat2, ENOENT), REFUSE(stat, ENOENT),                  \
	    REFUSE(lstat, ENOENT), REFUSE(readlink, ENOENT),                   \
	    REFUSE(getcwd, ENOENT), REFUSE(socketpair, EACCES),                \
	    REFUSE(pipe, EACCES), REFUSE(pipe2, EACCES),                       \
	    REFUSE(eventfd2, EACCES), REFUSE(execve, EACCES),                  \
	    REFUSE(wait4, ECHILD), REFUSE(uname, EPERM),                       \
	    REFUSE(sysinfo, EPERM)

const struct jail_call webhook_speaking_calls[] = {
    SPEAKING_CALLS,
    REFUSE(socket, EACCES),
    REFUSE(connect, EINPROGRESS),
    /* None is needed, and some could put off the end. */
    REFUSE(rt_sigaction, EPERM),
    REFUSE(rt_sigprocmask, EPERM),
    REFUSE(clone, EPERM),
    REFUSE(clone3, EPERM),
    REFUSE(vfork, EPERM),
    REFUSE(prlimit64, EPERM),
    REFUSE(prctl, EPERM),
};
const size_t n_webhook_speaking_calls =
    sizeof webhook_speaking_calls / sizeof *webhook_speaking_calls;

/* And of the zygote, and of a post that looks for its receiver. */
const struct jail_call webhook_zygote_calls[] = {
    SPEAKING_CALLS,
    ONLY(socket, 0, AF_INET),
    ONLY(socket, 0, AF_INET6),
    ALLOW(connect),
    ALLOW(bind), /* of a query, to any port */
    ALLOW(sendmmsg),
    WITHOUT(clone, 0, NAMESPACES | CLONE_VM | CLONE_THREAD),
    REFUSE(clone3, ENOSYS),
    ALLOW(alarm),
    ALLOW(setitimer),
    ALLOW(timer_create),
    ALLOW(timer_settime),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(set_robust_list),
    ALLOW(rseq),
    ALLOW(seccomp),
};
const size_t n_webhook_zygote_calls =
    sizeof webhook_zygote_calls / sizeof *webhook_zygote_calls;

static size_t
set_limits(struct jail_limit limits[LIMITS_MAX])
{
	size_t n = 0;
	struct stat st;

	limits[n++] = (struct jail_limit){RLIMIT_NOFILE, OPEN_FILES_MAX};
	limits[n++] = (struct jail_limit){RLIMIT_CORE, 0};
	limits[n++] = (struct jail_limit){RLIMIT_MEMLOCK, 0};
	/* A log that goes to a plain file has to grow. */
	if (fstat(STDERR_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		limits[n++] = (struct jail_limit){RLIMIT_FSIZE, 0};
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes of shadow */
	limits[n++] = (struct jail_limit){RLIMIT_DATA, DATA_MAX_BYTES};
#endif
	return n;
}

int
confine_webhook(const struct paths *paths, const struct webhook_conf *conf,
    struct jail_filter *ret_speaking, struct err *err)
{
	struct jail_limit limits[LIMITS_MAX];
	struct jail_filter filter = {0};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits,
	    .n_limits = set_limits(limits), .filter = &filter};
	int r = jail_filter_build(webhook_speaking_calls,
	    n_webhook_speaking_calls, ret_speaking, err);

	if (r == 0)
		r = jail_filter_build(webhook_zygote_calls,
		    n_webhook_zygote_calls, &filter, err);
	if (r == 0)
		r = jail_enter(&jail, err);
	jail_filter_free(&filter);
	return r;
}
