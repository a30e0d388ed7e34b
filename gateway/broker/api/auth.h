// SPDX-License-Identifier: Apache-2.0
/*
 * Who is at the other end of an API connection. Both answer gateway-http once
 * sandboxd has opened the organisation's capability; without one where sandboxd
 * is away, as keys and tokens can be managed all the same.
 */
#pragma once

#include "common/err.h"
#include "common/rpc.h"

struct broker;
struct rpc_api_auth_peer_req;
struct rpc_api_auth_token_req;
struct rpc_api_auth_signature_req;
struct rpc_api_renew_req;

/*
 * By the Unix credentials of the connection in message->fds[0]: root, or a
 * member of admin_group, is the operator, and acts for the default
 * organisation's admin unless for another. 0 when it is answered or will be,
 * else -errno for the caller to answer with.
 */
int api_auth_peer(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_auth_peer_req *request, struct err *err);

/* By a bearer token; otherwise as api_auth_peer. */
int api_auth_token(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_auth_token_req *request, struct err *err);

/* By a signed URL; otherwise the same. */
int api_auth_signature(struct broker *broker,
    const struct rpc_message *message,
    const struct rpc_api_auth_signature_req *request, struct err *err);

/* Of an identity that is known already; -EACCES where it is not any more,
 * otherwise as api_auth_peer. */
int api_renew(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_renew_req *request, struct err *err);
