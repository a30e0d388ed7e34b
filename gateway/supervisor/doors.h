// SPDX-License-Identifier: Apache-2.0
/* All that the gateway listens on, before it gives up the power to open it. */
#pragma once

#include "gateway/settings/gateway_conf.h"
#include "gateway/settings/proxy_conf.h"
#include "gateway/supervisor/listener.h"

struct doors {
	int ssh_fds[LISTENERS_MAX];
	size_t n_ssh_fds;
	int api_tcp_fds[LISTENERS_MAX];
	size_t n_api_tcp_fds; /* 0 = not over TCP */
	int proxy_fds[LISTENERS_MAX];
	size_t n_proxy_fds; /* 0 = no services are served */
	int api_fd;	    /* the API's Unix socket */
	int names_fd;	    /* where sandboxd comes to the resolver */
};

/* Opens them all, for the life of the process. 0, or -errno and the row or the
 * path at fault. */
int doors_open(const struct gateway_conf *settings,
    const struct proxy_conf *proxy_settings, struct doors *ret,
    struct err *err);
