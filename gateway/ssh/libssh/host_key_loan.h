// SPDX-License-Identifier: Apache-2.0
/* The host's private keys in the process of one connection. */
#pragma once

#include <libssh/server.h>

/*
 * ssh_bind_accept_fd(3) without a copy of each host key, which costs more than
 * the key exchange: ssh uses the bind's own. So neither may be freed; both end
 * with the process. SSH_OK or SSH_ERROR.
 */
int host_key_loan_accept(ssh_bind bind, ssh_session ssh, int fd);
