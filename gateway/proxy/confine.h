// SPDX-License-Identifier: Apache-2.0
/* The jail of gateway-proxy: no file, no socket that it was not given, no other
 * process. */
#pragma once

#include "common/paths.h"
#include "gateway/jail/jail.h"
#include "gateway/settings/proxy_conf.h"

extern const struct jail_call proxy_calls[];
extern const size_t n_proxy_calls;

/* Root's to call, once, as jail_enter. */
int confine_proxy(const struct paths *paths, const struct proxy_conf *conf,
    bool has_tls, struct err *err);
