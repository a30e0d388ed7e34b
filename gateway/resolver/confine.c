// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/confine.h"

#include "gateway/jail/syscalls.h"

#define DATA_MAX_BYTES ((rlim_t)512 * 1024 * 1024)

/*
 * No socket(2), connect(2) or bind(2): every socket came from sandboxd. Where
 * those of UDP can send to, the firewall says.
 */
const struct jail_call resolver_calls[] = {
    MEMORY_CALLS,
    SOCKET_CALLS,
    FLAG_CALLS,
    LOOP_CALLS,
    ITSELF_CALLS,
    SIGNAL_CALLS,
    ALLOW(accept4),
    ONLY(setsockopt, 2, SO_LINGER),
    ONLY(fcntl, 1, F_DUPFD_CLOEXEC),
    /* libc asks for these and can do without */
    REFUSE(openat, ENOENT),
    REFUSE(ioctl, ENOTTY),
    REFUSE(newfstatat, ENOENT),
    REFUSE(prctl, EPERM),
};
const size_t n_resolver_calls =
    sizeof resolver_calls / sizeof *resolver_calls;

/* Less: sockets come by orders, and nothing is accepted. */
const struct jail_call relay_calls[] = {
    MEMORY_CALLS,
    SOCKET_CALLS,
    LOOP_CALLS,
    ITSELF_CALLS,
    SIGNAL_CALLS,
    ONLY(setsockopt, 2, SO_LINGER),
    REFUSE(openat, ENOENT),
    REFUSE(ioctl, ENOTTY),
    REFUSE(newfstatat, ENOENT),
    REFUSE(prctl, EPERM),
};
const size_t n_relay_calls = sizeof relay_calls / sizeof *relay_calls;

static int
confine(const struct paths *paths, const struct resolver_conf *conf,
    const struct jail_call *calls, size_t n_calls, struct err *err)
{
	static const struct jail_limit limits[] = {{RLIMIT_NPROC, 0}};
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits, .n_limits = 1,
	    .data_max_bytes = DATA_MAX_BYTES, .calls = calls,
	    .n_calls = n_calls};

	return jail_enter(&jail, err);
}

int
confine_resolver(const struct paths *paths, const struct resolver_conf *conf,
    struct err *err)
{
	return confine(paths, conf, resolver_calls, n_resolver_calls, err);
}

int
confine_relay(const struct paths *paths, const struct resolver_conf *conf,
    struct err *err)
{
	return confine(paths, conf, relay_calls, n_relay_calls, err);
}
