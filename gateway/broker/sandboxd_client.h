// SPDX-License-Identifier: Apache-2.0
/*
 * The broker's connection to sandboxd: cap_open calls, many at once, told
 * apart by id. While sandboxd is away (being restarted, say) calls wait for as
 * long as each is given, and those it had not answered are asked again.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/err.h"
#include "common/rpc_calls.h"

#define SANDBOXD_CLIENT_RETRY_MS  100
#define SANDBOXD_CLIENT_CALLS_MAX 8192
#define SANDBOXD_CLIENT_END_WAIT_MS 60000

struct sandboxd_client;

/* Receives the answer: err is NULL and cap_fd the callee's to close, or cap_fd
 * is -1. It may make further calls. */
typedef void sandboxd_client_done(void *arg, int cap_fd,
    const struct err *err);

/* A client of the socket at path, not connected yet. `event` is kept. */
int sandboxd_client_new(sd_event *event, const char *path,
    struct sandboxd_client **ret, struct err *err);

/* Closes; calls still waiting are answered to nobody. NULL is accepted. */
void sandboxd_client_free(struct sandboxd_client *client);

/*
 * Asks for a capability; done(arg, ...) follows after at most wait_ms (and
 * SANDBOXD_CLIENT_RETRY_MS), never from within this call. Strings are copied.
 * An error here (-EBUSY: too many calls waiting, -ENOMEM) means that done is
 * not called.
 */
int sandboxd_client_cap_open(struct sandboxd_client *client,
    const struct rpc_cap_open_req *request, uint32_t wait_ms,
    sandboxd_client_done *done, void *arg, struct err *err);

/*
 * Ends capabilities (cap_end); nobody is told of the answer. It reaches a
 * sandboxd that is away when that is back, within SANDBOXD_CLIENT_END_WAIT_MS:
 * one that comes later than that has forgotten every capability itself.
 */
int sandboxd_client_cap_end(struct sandboxd_client *client,
    const struct rpc_cap_end_req *request, struct err *err);

/* Makes every waiting call with this arg answer to nobody. */
void sandboxd_client_forget(struct sandboxd_client *client, const void *arg);
