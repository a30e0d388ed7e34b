// SPDX-License-Identifier: Apache-2.0
/* The log of what befell the caller's sandboxes, once or as it grows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc_calls.h"
#include "gateway/http/service/records.h"

struct identity;

/* Most of one answer. */
#define EVENTS_LIMIT_MAX 128

/* Some of them: id "" = of all sandboxes; the rest as rpc.def has it. The
 * strings are copied where they are kept. */
typedef struct rpc_event_list_req events_wish;

/* Called once, maybe before the function returns; err is NULL, or why not. The
 * records are struct rpc_event_info. */
typedef void events_done(void *arg, struct records *events, bool has_more,
    const struct err *err);

void events_list(struct identity *who, const events_wish *wish,
    events_done *done, void *arg);

/* Who follows: told of a page, in order, of which the first may be empty; and,
 * once, why there are no more. */
struct events_client {
	void (*page)(void *arg, struct records *events);
	void (*ended)(void *arg, const struct err *err);
	void *arg;
};

struct events_follow;

/* *ret is the caller's to events_close, whatever it was told. -ENOMEM. */
int events_follow(struct identity *who, const events_wish *wish,
    const struct events_client *client, struct events_follow **ret,
    struct err *err);

/* While it is held no page is asked for. */
void events_hold(struct events_follow *follow, bool is_held);

/* NULL does nothing. */
void events_close(struct events_follow *follow);
