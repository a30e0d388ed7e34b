// SPDX-License-Identifier: Apache-2.0
/* The listener: takes clients in, within the limits of their number. */
#pragma once

#include "gateway/proxy/proxy.h"

/* Watches proxy->listen_fd. 0 or -errno. */
int server_start(struct proxy *proxy);

/* Takes nobody new, and cuts everybody. */
void server_stop(struct proxy *proxy);
