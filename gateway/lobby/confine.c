// SPDX-License-Identifier: Apache-2.0
#include "gateway/lobby/confine.h"

#include "gateway/jail/syscalls.h"

#define OPEN_FILES_MAX 32
#define DATA_MAX_BYTES ((rlim_t)256 * 1024 * 1024)

/*
 * What verbs and libraries try in vain is refused, so that they say so and end;
 * all else kills. libcurl 7.88 connects what it was told is connected: it is
 * told that this goes on, and then finds that it is.
 */
#define COMMAND_CALLS                                                          \
	TALKING_CALLS, VAIN_CALLS, ALLOW(setsockopt), REFUSE(mkdir, EROFS),    \
	    REFUSE(unlink, EROFS), REFUSE(chdir, ENOENT),                      \
	    REFUSE(socket, EACCES), REFUSE(connect, EINPROGRESS)

const struct jail_call lobby_command_calls[] = {COMMAND_CALLS, LASTING_CALLS};
const size_t n_lobby_command_calls =
    sizeof lobby_command_calls / sizeof *lobby_command_calls;

const struct jail_call lobby_zygote_calls[] = {
    COMMAND_CALLS,
    FORKING_CALLS,
    TIMER_CALLS,
    SIGNAL_CALLS,
    ALLOW(dup3),
    ALLOW(dup2),
};
const size_t n_lobby_zygote_calls =
    sizeof lobby_zygote_calls / sizeof *lobby_zygote_calls;

int
confine_lobby(const struct paths *paths, const struct lobby_conf *conf,
    struct jail_filter *ret_command_filter, struct err *err)
{
	static const struct jail_limit limits[] = {
	    {RLIMIT_NOFILE, OPEN_FILES_MAX}};
	static const rlim_t no_bytes = 0;
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits, .n_limits = 1,
	    .data_max_bytes = DATA_MAX_BYTES, .file_max_bytes = &no_bytes,
	    .calls = lobby_zygote_calls, .n_calls = n_lobby_zygote_calls};
	int r = jail_filter_build(lobby_command_calls, n_lobby_command_calls,
	    ret_command_filter, err);

	return r < 0 ? r : jail_enter(&jail, err);
}
