// SPDX-License-Identifier: Apache-2.0
/* The jails of gateway-resolver and its gateway-relay. */
#pragma once

#include "common/paths.h"
#include "gateway/jail/jail.h"
#include "gateway/settings/resolver_conf.h"

extern const struct jail_call resolver_calls[];
extern const size_t n_resolver_calls;

/* Locks this process in, for good. It holds the socket that sandboxd comes to,
 * and can make no other. */
int confine_resolver(const struct paths *paths,
    const struct resolver_conf *conf, struct err *err);

extern const struct jail_call relay_calls[];
extern const size_t n_relay_calls;

/* The same of the relay (relay.h), with calls for less. */
int confine_relay(const struct paths *paths, const struct resolver_conf *conf,
    struct err *err);
