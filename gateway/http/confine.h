// SPDX-License-Identifier: Apache-2.0
/* The jail as gateway-http needs it: sockets, memory, time. */
#pragma once

#include "common/err.h"
#include "common/paths.h"
#include "gateway/jail/jail.h"
#include "gateway/settings/http_conf.h"

/* The system calls gateway-http may make. */
extern const struct jail_call http_calls[];
extern const size_t n_http_calls;

/*
 * Enters the jail for good: run_dir/empty as root directory, jail_user as
 * user. Root's to call.
 */
int confine_http(const struct paths *paths, const struct http_conf *conf,
    bool has_tls, struct err *err);
