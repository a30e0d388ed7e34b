// SPDX-License-Identifier: Apache-2.0
/*
 * What the broker keeps for users and organisations: tokens, SSH keys,
 * certificate authorities and revocations are added here; records.h lists and
 * removes them.
 */
#pragma once

#include "common/rpc.h"

struct identity;
struct rpc_token_info;
struct rpc_token_create_req;
struct rpc_ssh_key_info;
struct rpc_ssh_ca_info;
struct rpc_ssh_revocation_add_req;
struct rpc_ssh_revocation_info;

/* Each done is called once, maybe before the function returns; err is NULL, or
 * why there is no record. `identity` of a wish is filled in. */
typedef void credentials_token_done(void *arg, const char *secret,
    const struct rpc_token_info *token, const struct err *err);
typedef void credentials_key_done(void *arg,
    const struct rpc_ssh_key_info *key, const struct err *err);
typedef void credentials_ca_done(void *arg, const struct rpc_ssh_ca_info *ca,
    const struct err *err);
typedef void credentials_revocation_done(void *arg,
    const struct rpc_ssh_revocation_info *revocation, const struct err *err);

/* The secret is told this once. */
void credentials_create_token(struct identity *who,
    struct rpc_token_create_req *wish, credentials_token_done *done,
    void *arg);

/* A public key, one authorized_keys line, of the user or of an authority of
 * the organisation; name may be NULL. */
void credentials_add_key(struct identity *who, const char *line,
    const char *name, credentials_key_done *done, void *arg);
void credentials_add_ca(struct identity *who, const char *line,
    const char *name, credentials_ca_done *done, void *arg);

void credentials_add_revocation(struct identity *who,
    struct rpc_ssh_revocation_add_req *wish,
    credentials_revocation_done *done, void *arg);
