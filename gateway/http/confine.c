// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/confine.h"

#include "gateway/http/engine/server.h"
#include "gateway/jail/syscalls.h"
#include "gateway/tls/link.h"

/* Beside the connections: listeners, claims, what libmicrohttpd opens. */
#define OTHER_FDS 64

#define LISTENERS 2
/* It and its capability; a sandbox's init, and what was started in there, both
 * ends of it for a moment; a file's bytes from there, both ends as well, and
 * the pipe on their way. */
#define FDS_PER_CONNECTION 8
/* Replies, and what a library keeps. */
#define OTHER_BYTES ((rlim_t)256 * 1024 * 1024)
/* A body, while it grows, and what the parser makes of it. */
#define BYTES_PER_BODY_BYTE 4

const struct jail_call http_calls[] = {
    MEMORY_CALLS,
    SOCKET_CALLS,
    FLAG_CALLS,
    LOOP_CALLS,
    ITSELF_CALLS,
    SIGNAL_CALLS,
    ALLOW(accept4),
    ALLOW(accept),
    ONLY(socketpair, 0, AF_UNIX), /* connected to nobody but itself */
    ALLOW(setsockopt),
    ALLOW(getsockname),
    ALLOW(getpeername),
    ONLY(fcntl, 1, F_DUPFD_CLOEXEC),
    ALLOW(eventfd2),
    ALLOW(pipe2),
    ALLOW(splice), /* from one that is there to another */
    ALLOW(poll),
    ALLOW(epoll_create1),
    ALLOW(clock_nanosleep),
    /* of logs; there are no paths */
    ALLOW(pread64),
    ALLOW(newfstatat),
    /* libc asks for these and can do without */
    REFUSE(openat, ENOENT),
    REFUSE(open, ENOENT),
    REFUSE(ioctl, ENOTTY),
    REFUSE(prctl, EPERM),
};
const size_t n_http_calls = sizeof http_calls / sizeof *http_calls;

/* What all connections of both listeners can want at once, and no more. */
int
confine_http(const struct paths *paths, const struct http_conf *conf,
    bool has_tls, struct err *err)
{
	const rlim_t connections = LISTENERS * conf->max_connections;
	const rlim_t links = has_tls ? conf->max_connections : 0;
	const struct jail_limit limits[] = {
	    {RLIMIT_NOFILE, FDS_PER_CONNECTION * connections +
		TLS_LINK_FDS * links + OTHER_FDS},
	    {RLIMIT_NPROC, 0}};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits,
	    .n_limits = sizeof limits / sizeof *limits,
	    .data_max_bytes = OTHER_BYTES + links * TLS_LINK_BYTES +
		connections * (SERVER_CONNECTION_BYTES +
		    BYTES_PER_BODY_BYTE * conf->request_max_bytes),
	    .calls = http_calls, .n_calls = n_http_calls};

	return jail_enter(&jail, err);
}
