// SPDX-License-Identifier: Apache-2.0
/* The answer to an authentication request that libssh dropped. */
#pragma once

#include <libssh/libssh.h>

/* Sends USERAUTH_FAILURE with the methods that can go on. */
void auth_reply_refuse(ssh_session ssh);
