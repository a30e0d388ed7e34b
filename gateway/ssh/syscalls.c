// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "gateway/jail/syscalls.h"

/*
 * No tgkill(2), though abort(3) calls it: with it one session could end all
 * others, who are the same user; who aborts dies of the filter instead. No
 * MSG_FASTOPEN, which connects without connect(2). accept4(2) opens only what
 * somebody else has connected, to a listener that was passed in.
 */
#define SESSION_CALLS                                                          \
	/* bytes */                                                            \
	ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev),                \
	    ALLOW(recvfrom), ALLOW(recvmsg),                                   \
	    WITHOUT(sendto, 3, MSG_FASTOPEN),                                  \
	    WITHOUT(sendmsg, 2, MSG_FASTOPEN),                                 \
	    ALLOW(close), ALLOW(shutdown), ALLOW(poll), ALLOW(ppoll),          \
	    ALLOW(restart_syscall), ALLOW(fstat), ALLOW(fstatfs),              \
	    ALLOW(newfstatat),                                                 \
	    ALLOW(lseek), /* descriptors */                                    \
	    ONLY(fcntl, 1, F_GETFL), ONLY(fcntl, 1, F_SETFL),                  \
	    ONLY(fcntl, 1, F_GETFD), ONLY(fcntl, 1, F_SETFD),                  \
	    ONLY(fcntl, 1, F_DUPFD_CLOEXEC), ONLY(fcntl, 1, F_SETPIPE_SZ),     \
	    ONLY(ioctl, 1, TIOCSWINSZ), ONLY(ioctl, 1, TIOCGWINSZ),            \
	    ONLY(ioctl, 1, TCGETS), ONLY(ioctl, 1, TCSBRK),                    \
	    ONLY(ioctl, 1, TCSBRKP), ONLY(ioctl, 1, FIONREAD),                 \
	    ONLY(setsockopt, 1, IPPROTO_TCP), ALLOW(getsockopt),               \
	    ALLOW(getsockname), ALLOW(getpeername), ALLOW(accept4),            \
	    /* memory */                                                       \
	    ALLOW(brk), WITHOUT(mmap, 2, PROT_EXEC),                           \
	    WITHOUT(mprotect, 2, PROT_EXEC), ALLOW(munmap), ALLOW(mremap),     \
	    ALLOW(madvise), /* time, randomness, itself */                     \
	    ALLOW(clock_gettime), ALLOW(gettimeofday), ALLOW(time),            \
	    ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(getrandom),        \
	    ALLOW(alarm), ALLOW(setitimer), ALLOW(futex), ALLOW(getpid),       \
	    ALLOW(gettid), ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid),       \
	    ALLOW(getegid), ALLOW(sched_yield), ALLOW(rt_sigaction),           \
	    ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn),                        \
	    ALLOW(exit), ALLOW(exit_group), /* libraries look, and live on */  \
	    REFUSE(open, ENOENT), REFUSE(openat, ENOENT),                      \
	    REFUSE(access, ENOENT), REFUSE(stat, ENOENT),                      \
	    REFUSE(socket, EACCES), REFUSE(prlimit64, EPERM),                  \
	    REFUSE(uname, EPERM), REFUSE(sysinfo, EPERM)

const struct jail_call session_calls[] = {SESSION_CALLS};
const size_t n_session_calls = sizeof session_calls / sizeof *session_calls;

const struct jail_call zygote_calls[] = {
    SESSION_CALLS,
    WITHOUT(clone, 0, NAMESPACES | CLONE_VM | CLONE_THREAD),
    REFUSE(clone3, ENOSYS),
    ALLOW(wait4),
    ALLOW(set_robust_list),
    ALLOW(rseq),
    ALLOW(seccomp),
};
const size_t n_zygote_calls = sizeof zygote_calls / sizeof *zygote_calls;
