// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-proxy, as the broker sees it: who may reach what of a sandbox from
 * outside (broker.def 249), and the end of that.
 */
#pragma once

#include <stdint.h>

#include "gateway/broker/broker.h"
#include "gateway/protocol/broker_calls.h"

/* A gateway-proxy's claim socket, in place of the last one's; taken over where
 * 0 is returned. */
int broker_proxy_connect(struct broker *broker, int *fd);
void broker_proxy_disconnect(struct broker *broker);

/* What it let in is cut (proxy_end), and its capabilities end; one of the two
 * is 0. */
void broker_proxy_end(struct broker *broker, uint64_t service_id,
    uint64_t preview_id);

/* Now and then: forgets what belongs to sandboxes that are no more. */
void broker_proxy_sweep(struct broker *broker);

/* Of claim.c: decides one, now or later. 0, or -errno with words. */
int broker_proxy_claim(struct broker *broker, uint32_t id,
    const struct rpc_proxy_claim_req *request, struct err *err);
