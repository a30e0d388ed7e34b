// SPDX-License-Identifier: Apache-2.0
/*
 * Recordings as the broker answers for them: it names and makes the files,
 * writes who is recorded into them, hands sessions descriptors that only
 * append and gateway-http ones that only read.
 */
#pragma once

#include "common/err.h"
#include "common/rpc.h"

struct broker;
struct connection;
struct rpc_org_get_req;
struct rpc_org_set_recorded_req;
struct rpc_recording_list_req;
struct rpc_recording_get_req;

/*
 * Answers a session that is to be recorded (record_open). 0, or -errno where
 * the session is to be dropped.
 */
int broker_recording_open(struct connection *connection,
    const struct rpc_message *message);

/*
 * These answer gateway-http, each for the identity the request names: 0 when
 * the answer went out, or -errno with *err to be sent instead.
 */
int broker_recording_org_get(struct broker *broker,
    const struct rpc_message *message, const struct rpc_org_get_req *request,
    struct err *err);
int broker_recording_org_set(struct broker *broker,
    const struct rpc_message *message,
    const struct rpc_org_set_recorded_req *request, struct err *err);
int broker_recording_list(struct broker *broker,
    const struct rpc_message *message,
    const struct rpc_recording_list_req *request, struct err *err);
int broker_recording_get(struct broker *broker,
    const struct rpc_message *message,
    const struct rpc_recording_get_req *request, struct err *err);

/* Removes some of what is older than recording_keep; call it now and then. */
void broker_recording_expire(struct broker *broker);
