// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/confine.h"

#include <limits.h>

#include "common/paths.h"
#include "gateway/jail/syscalls.h"

#define DATA_MAX_BYTES ((rlim_t)512 * 1024 * 1024)
#define OPEN_FILES_MAX 65536

/*
 * Files, of which it sees its own alone, and sockets that others made, or that
 * are connected to nobody but themselves.
 */
const struct jail_call depot_calls[] = {
    MEMORY_CALLS,
    SOCKET_CALLS,
    FLAG_CALLS,
    LOOP_CALLS,
    ITSELF_CALLS,
    SIGNAL_CALLS,
    ONLY(socketpair, 0, AF_UNIX),
    ALLOW(setsockopt),
    /* files */
    ALLOW(pread64),
    ALLOW(pwrite64),
    ALLOW(lseek),
    ALLOW(open),
    ALLOW(openat),
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
    ONLY(fcntl, 1, F_DUPFD_CLOEXEC),
    ONLY(fcntl, 1, F_SETLK),
    ONLY(fcntl, 1, F_GETLK),
    ALLOW(flock),
    /* its threads, which are made in here */
    THREAD_CALLS,
    /* itself */
    ALLOW(geteuid),
    ALLOW(getuid),
    ALLOW(umask),
    ALLOW(clock_nanosleep),
    ALLOW(nanosleep),
    /* asked for in vain */
    REFUSE(ioctl, ENOTTY),
    REFUSE(prctl, EPERM),
    REFUSE(readlink, EINVAL),
    REFUSE(fchown, EPERM),
    REFUSE(sysinfo, EPERM),
};
const size_t n_depot_calls = sizeof depot_calls / sizeof *depot_calls;

int
confine_depot(const struct gateway_conf *conf, struct err *err)
{
	static const struct jail_limit limits[] = {
	    {RLIMIT_NOFILE, OPEN_FILES_MAX}};
	char root_dir[PATH_MAX];
	const struct jail jail = {.run_dir = conf->paths.run_dir,
	    .root_dir = root_dir, .user = conf->user, .limits = limits,
	    .n_limits = 1, .data_max_bytes = DATA_MAX_BYTES,
	    .calls = depot_calls, .n_calls = n_depot_calls};
	int r = path_join(root_dir, sizeof root_dir, conf->paths.state_dir,
	    "disks.store", err);

	return r < 0 ? r : jail_enter(&jail, err);
}
