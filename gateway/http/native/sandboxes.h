// SPDX-License-Identifier: Apache-2.0
/* /v1/sandboxes: each function answers one row of routes.c. */
#pragma once

#include "gateway/http/engine/request.h"

/* Creates one from {template, name, limits, env}: 201 and the sandbox. */
int sandboxes_create(struct request *request, struct reply *reply,
    struct err *err);

/* {"sandboxes": [...]}, every one of the organisation in order of id. */
int sandboxes_list(struct request *request, struct reply *reply,
    struct err *err);

/* One sandbox; -ENOENT also where it is another organisation's. */
int sandboxes_get(struct request *request, struct reply *reply,
    struct err *err);

/* 204 once nothing of it is left. */
int sandboxes_destroy(struct request *request, struct reply *reply,
    struct err *err);
