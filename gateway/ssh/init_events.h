// SPDX-License-Identifier: Apache-2.0
/* What the sandbox's init and sandboxd tell a session, brought to the channels
 * and forwardings that it is about. */
#pragma once

struct init_client;
struct init_event;
struct session;

/* Takes what has come on one of the two sockets of s->init, so much that the
 * rest of a turn has its time; receive is the init_client's for that socket. */
void init_events_take(struct session *s,
    void (*receive)(struct init_client *client, struct init_event *event));
