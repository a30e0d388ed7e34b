// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/syscalls.h"

#include <netinet/in.h>
#include <sys/ioctl.h>

#include "gateway/jail/syscalls.h"

/* accept4(2) opens only what somebody else has connected, to a listener that
 * was passed in. */
#define SESSION_CALLS                                                          \
	TALKING_CALLS, SIGNAL_CALLS, ALLOW(fstatfs),                           \
	    ONLY(fcntl, 1, F_DUPFD_CLOEXEC), ONLY(fcntl, 1, F_SETPIPE_SZ),     \
	    ONLY(ioctl, 1, TIOCSWINSZ), ONLY(ioctl, 1, TIOCGWINSZ),            \
	    ONLY(ioctl, 1, TCGETS), ONLY(ioctl, 1, TCSBRK),                    \
	    ONLY(ioctl, 1, TCSBRKP), ONLY(ioctl, 1, FIONREAD),                 \
	    ONLY(setsockopt, 1, IPPROTO_TCP), ALLOW(accept4), ALLOW(alarm),    \
	    ALLOW(setitimer), /* libraries look, and live on */                \
	    REFUSE(open, ENOENT), REFUSE(openat, ENOENT),                      \
	    REFUSE(access, ENOENT), REFUSE(stat, ENOENT),                      \
	    REFUSE(socket, EACCES), REFUSE(prlimit64, EPERM),                  \
	    REFUSE(uname, EPERM), REFUSE(sysinfo, EPERM)

const struct jail_call session_calls[] = {SESSION_CALLS};
const size_t n_session_calls = sizeof session_calls / sizeof *session_calls;

const struct jail_call zygote_calls[] = {
    SESSION_CALLS,
    FORKING_CALLS,
    ALLOW(wait4),
};
const size_t n_zygote_calls = sizeof zygote_calls / sizeof *zygote_calls;
