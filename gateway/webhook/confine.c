// SPDX-License-Identifier: Apache-2.0
#include "gateway/webhook/confine.h"

#include "gateway/jail/syscalls.h"

#define OPEN_FILES_MAX 16
#define DATA_MAX_BYTES ((rlim_t)128 * 1024 * 1024)

/*
 * What libraries try in vain is refused; libcurl connects what it was told is
 * connected: it is told that this goes on, and then finds that it is.
 */
const struct jail_call webhook_speaking_calls[] = {
    TALKING_CALLS,
    VAIN_CALLS,
    LASTING_CALLS,
    ALLOW(setsockopt),
    REFUSE(socket, EACCES),
    REFUSE(connect, EINPROGRESS),
};
const size_t n_webhook_speaking_calls =
    sizeof webhook_speaking_calls / sizeof *webhook_speaking_calls;

/* And of the zygote, and of a post that looks for its receiver. */
const struct jail_call webhook_zygote_calls[] = {
    TALKING_CALLS,
    VAIN_CALLS,
    FORKING_CALLS,
    TIMER_CALLS,
    SIGNAL_CALLS,
    ALLOW(setsockopt),
    ONLY(socket, 0, AF_INET),
    ONLY(socket, 0, AF_INET6),
    ALLOW(connect),
    ALLOW(bind), /* of a query, to any port */
    ALLOW(sendmmsg),
};
const size_t n_webhook_zygote_calls =
    sizeof webhook_zygote_calls / sizeof *webhook_zygote_calls;

int
confine_webhook(const struct paths *paths, const struct webhook_conf *conf,
    struct jail_filter *ret_speaking, struct err *err)
{
	static const struct jail_limit limits[] = {
	    {RLIMIT_NOFILE, OPEN_FILES_MAX}};
	static const rlim_t no_bytes = 0;
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = conf->jail_user, .limits = limits, .n_limits = 1,
	    .data_max_bytes = DATA_MAX_BYTES, .file_max_bytes = &no_bytes,
	    .calls = webhook_zygote_calls, .n_calls = n_webhook_zygote_calls};
	int r = jail_filter_build(webhook_speaking_calls,
	    n_webhook_speaking_calls, ret_speaking, err);

	return r < 0 ? r : jail_enter(&jail, err);
}
