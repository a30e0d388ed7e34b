// SPDX-License-Identifier: Apache-2.0
/* Facts about the service: templates, status, health. */
#pragma once

#include "gateway/http/engine/request.h"

/* {"templates": [names]} */
int status_templates(struct request *request, struct reply *reply,
    struct err *err);

/* {"gateway": {...}, "sandboxd": {...} or null}, and who is asking. */
int status_get(struct request *request, struct reply *reply, struct err *err);

/* {"status": "ok"}; whether this process answers, nothing more. */
int status_health(struct request *request, struct reply *reply,
    struct err *err);
