// SPDX-License-Identifier: Apache-2.0
/* An rpc_client in an sd-event loop: its socket and its deadlines. */
#pragma once

#include <systemd/sd-event.h>

#include "common/rpc_client.h"

/* Embedded where the client is; all its owner's but for rpc_watch.c. */
struct rpc_watch {
	sd_event *event;
	struct rpc_client *client;
	sd_event_source *io, *timer;
	int fd; /* that io is of */
};

/* Watches for a client made with rpc_watch_changed and this watch as arg of
 * its own: call it from the client's `changed`. 0 or -errno. */
int rpc_watch_init(struct rpc_watch *watch, sd_event *event,
    struct rpc_client *client);
void rpc_watch_changed(struct rpc_watch *watch);

/* Frees the client as well; what was under way is answered to nobody. */
void rpc_watch_fini(struct rpc_watch *watch);
