// SPDX-License-Identifier: Apache-2.0
/* An rpc_client in an sd-event loop: its socket and its deadlines. */
#pragma once

#include <systemd/sd-event.h>

#include "common/rpc_client.h"

/* Embedded in who makes the calls, zeroed until it is made; all but `client`
 * and `priority` is rpc_watch.c's. */
struct rpc_watch {
	struct rpc_client *client; /* NULL = there is none */
	int64_t priority; /* of its socket, as sd_event_source_set_priority */
	sd_event *event;
	sd_event_source *io, *timer;
	int fd; /* that io is of */
};

/* Makes a client whose `changed` is rpc_watch.c's; `event` outlives it. *watch
 * stays where it is until rpc_watch_fini. 0, or -errno with words. */
int rpc_watch_init(struct rpc_watch *watch, sd_event *event,
    const struct rpc_client_options *options, struct err *err);

/* Frees the client as well; what was under way is answered to nobody. Nothing
 * is done with one that is zeroed or freed. */
void rpc_watch_fini(struct rpc_watch *watch);
