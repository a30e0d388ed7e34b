// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-lobby's jail: gateway/jail/jail.h with the system calls of its two
 * stages. A command can read, write and ask for connections to the API; no
 * more fork, no handler of its own for the signal that ends it in time.
 */
#pragma once

#include "common/paths.h"
#include "gateway/jail/jail.h"
#include "gateway/settings/lobby_conf.h"

extern const struct jail_call lobby_zygote_calls[];
extern const size_t n_lobby_zygote_calls;
extern const struct jail_call lobby_command_calls[];
extern const size_t n_lobby_command_calls;

/*
 * Locks the zygote in and compiles the filter of its commands, which the
 * caller is to free. 0, or -errno: exit then.
 */
int confine_lobby(const struct paths *paths, const struct lobby_conf *conf,
    struct jail_filter *ret_command_filter, struct err *err);
