// SPDX-License-Identifier: Apache-2.0
/* What sandboxes may be made from (docs/TEMPLATES.md). */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Each is called once, maybe before the function returns; err is NULL, or why
 * not. What they are given points into what lives until they return. */
typedef void templates_done(void *arg, const struct err *err);
typedef void templates_one_done(void *arg,
    const struct rpc_template_info *template,
    const struct rpc_template_settings *settings, const struct err *err);
typedef void templates_log_done(void *arg, struct rpc_bytes log,
    const struct err *err);

/* Calls each for every one; -errno from it ends that. */
void templates_list(struct identity *who,
    int (*each)(void *arg, const struct rpc_template_info *template),
    templates_done *done, void *arg);

/* What a create of the name would use, with its own settings. */
void templates_get(struct identity *who, const char *name,
    templates_one_done *done, void *arg);

/* The request is rpc.def's; settings are NULL in the answer. */
void templates_publish(struct identity *who,
    const struct rpc_template_publish_req *request, templates_one_done *done,
    void *arg);

void templates_remove(struct identity *who, const char *name,
    templates_done *done, void *arg);

void templates_log(struct identity *who, const char *name,
    templates_log_done *done, void *arg);
