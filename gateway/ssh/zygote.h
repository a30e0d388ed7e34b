// SPDX-License-Identifier: Apache-2.0
/*
 * The warmed process that sessions are forked from: OpenSSL and libssh have
 * done everything once, so that a session shares their pages and pays for
 * none of it.
 */
#pragma once

#include <libssh/libssh.h>
#include <libssh/server.h>

#include "gateway/jail/jail.h"
#include "gateway/settings/ssh_conf.h"

/*
 * Makes the ssh_bind every session copies its settings from, with the host
 * keys read from n_keys descriptors from first_fd on (closed). 0 or -errno.
 */
int zygote_bind(const struct ssh_conf *options, int first_fd, int n_keys,
    ssh_bind *ret, struct err *err);

/* Uses each algorithm once. 0 or -errno. */
int zygote_warm(struct err *err);

/*
 * Forks a session for each order on fd, until it reaches end of file. Returns
 * 0 then, or -errno.
 */
int zygote_run(int fd, ssh_bind bind, const struct ssh_conf *options,
    const struct jail_filter *session_filter, struct err *err);
