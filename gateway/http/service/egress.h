// SPDX-License-Identifier: Apache-2.0
/* What a sandbox may reach. */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Each is called once, maybe before the function returns; err is NULL, or why
 * not. What a reply points into lives until the callback returns. */
typedef void egress_done(void *arg, const struct err *err);
typedef void egress_get_done(void *arg,
    const struct rpc_egress_get_rep *reply, const struct err *err);
typedef void egress_check_done(void *arg,
    const struct rpc_egress_check_rep *reply, const struct err *err);

/* The same of a name. */
void egress_check_name(struct identity *who, const char *id,
    struct rpc_egress_check_name_req *request, egress_check_done *done,
    void *arg);

typedef void egress_counts_done(void *arg,
    const struct rpc_egress_counts_rep *reply, const struct err *err);

/* The list is rpc.def's, of one policy or none; it may go once this returns. */
void egress_set(struct identity *who, const char *id, struct rpc_bytes list,
    egress_done *done, void *arg);

void egress_get(struct identity *who, const char *id, egress_get_done *done,
    void *arg);

/* The ceiling of the caller's organisation; an empty list ends it. */
void egress_ceiling_set(struct identity *who, struct rpc_bytes list,
    egress_done *done, void *arg);
void egress_ceiling_get(struct identity *who, egress_get_done *done,
    void *arg);

/* What would become of a packet; the request's id is filled in. */
void egress_check(struct identity *who, const char *id,
    struct rpc_egress_check_req *request, egress_check_done *done,
    void *arg);

/* What its rules have decided since they came into force. */
void egress_counts(struct identity *who, const char *id,
    egress_counts_done *done, void *arg);
