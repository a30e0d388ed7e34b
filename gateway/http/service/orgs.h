// SPDX-License-Identifier: Apache-2.0
/*
 * Organisations and their users, one at a time; records.h lists them. Which
 * organisation's users is said by the identity.
 */
#pragma once

#include <stdbool.h>

#include "common/rpc.h"

struct identity;
struct rpc_org_info;
struct rpc_org_set_req;
struct rpc_user_info;

/* Each done is called once, maybe before the function returns; err is NULL, or
 * why not. What they point to lives until the return. */
typedef void orgs_done(void *arg, const struct rpc_org_info *org,
    const struct err *err);
typedef void orgs_user_done(void *arg, const struct rpc_user_info *user,
    const struct err *err);
typedef void orgs_end_done(void *arg, const struct err *err);

/* name "" = the caller's. `identity` of a wish is filled in. */
void orgs_get(struct identity *who, const char *name, orgs_done *done,
    void *arg);
void orgs_add(struct identity *who, const char *name, orgs_done *done,
    void *arg);
void orgs_set(struct identity *who, struct rpc_org_set_req *wish,
    orgs_done *done, void *arg);

/* -ENOTEMPTY where it has sandboxes and they do not have to go too. */
void orgs_remove(struct identity *who, const char *name, bool must,
    orgs_end_done *done, void *arg);

/* role may be NULL where one is added: a member. */
void orgs_get_user(struct identity *who, const char *name,
    orgs_user_done *done, void *arg);
void orgs_add_user(struct identity *who, const char *name, const char *role,
    orgs_user_done *done, void *arg);
void orgs_set_user(struct identity *who, const char *name, const char *role,
    orgs_user_done *done, void *arg);
void orgs_remove_user(struct identity *who, const char *name,
    orgs_end_done *done, void *arg);
