// SPDX-License-Identifier: Apache-2.0
/*
 * The processes behind the API: the broker, on one socket for as long as both
 * live, and what is known of it. Whom it speaks for is identity.h's.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "gateway/http/back/calls.h"
#include "gateway/http/engine/loop.h"

#define BACK_HOST_SIZE 256

struct back;
struct identity;

/* *ret is the caller's. Takes over fd, the broker's; on_end(arg) is called once
 * the broker is gone. */
int back_new(struct loop *loop, int fd, uint64_t timeout_ms,
    void (*on_end)(void *arg), void *arg, struct back **ret,
    struct err *err);

/* on_cut(arg, who): who may not go on, neither by their connections nor with
 * what was begun on them. */
void back_watch_cuts(struct back *back,
    void (*on_cut)(void *arg, const struct identity *who), void *arg);

/* When nobody is identified any more. NULL does nothing. */
void back_free(struct back *back);

struct loop *back_loop(const struct back *back);

/* As calls_make, to the broker. */
void back_ask_broker(struct back *back, const struct rpc_call *call,
    const void *request, int fd, rpc_client_done *done, void *arg);

/* Where SSH is served; host lives as long as back. err is NULL, or why not. */
typedef void back_endpoint_done(void *arg, const char *host, uint32_t port,
    const struct err *err);

/* Asked once, then remembered; done is called once, maybe before this
 * returns. */
void back_find_endpoint(struct back *back, back_endpoint_done *done,
    void *arg);

/* One more request by what these showed, which may be so often, 0 = as often as
 * they like, or as often as their token may where that is less; NULL, nothing,
 * is never too often. What stands for a token counts as that. Otherwise as
 * rates_take. */
int back_count_request(struct back *back, const struct identity *who,
    const char *shown, uint64_t per_second, struct err *err);
