// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/confine.h"

#include "gateway/jail/syscalls.h"
#include "gateway/proxy/flow.h"
#include "gateway/tls/link.h"

/* Beside connections and grants: listener, claims, epoll, signals, the log. */
#define OTHER_FDS   64
#define OTHER_BYTES ((rlim_t)128 * 1024 * 1024)

const struct jail_call proxy_calls[] = {
    MEMORY_CALLS,
    SOCKET_CALLS,
    FLAG_CALLS,
    LOOP_CALLS,
    ITSELF_CALLS,
    SIGNAL_CALLS,
    ALLOW(accept4),
    ALLOW(setsockopt),
    ONLY(socketpair, 0, AF_UNIX), /* connected to nobody but itself */
    /* libc asks for these and can do without */
    REFUSE(openat, ENOENT),
    REFUSE(open, ENOENT),
    REFUSE(ioctl, ENOTTY),
    REFUSE(newfstatat, ENOENT),
    REFUSE(prctl, EPERM),
};
const size_t n_proxy_calls = sizeof proxy_calls / sizeof *proxy_calls;

/* What all connections can want at once, and no more: both ends of each; a
 * capability and an init of a grant. */
int
confine_proxy(const struct paths *paths, const struct proxy_conf *conf,
    bool has_tls, struct err *err)
{
	const rlim_t links = has_tls ? conf->max_connections : 0;
	const struct jail_limit limits[] = {
	    {RLIMIT_NOFILE, 2 * conf->max_connections + TLS_LINK_FDS * links +
		2 * GRANTS_MAX + OTHER_FDS},
	    {RLIMIT_NPROC, 0}};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits,
	    .n_limits = sizeof limits / sizeof *limits,
	    .data_max_bytes = OTHER_BYTES + conf->max_connections *
		FLOW_BYTES + links * TLS_LINK_BYTES,
	    .calls = proxy_calls, .n_calls = n_proxy_calls};

	return jail_enter(&jail, err);
}
