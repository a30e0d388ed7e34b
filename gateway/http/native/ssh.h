// SPDX-License-Identifier: Apache-2.0
/* Handlers about SSH itself: where it is served, and who is let in. */
#pragma once

#include "gateway/http/engine/request.h"

/* GET /v1/ssh: the address, the host keys and what to check them by. */
int ssh_get(struct request *request, struct reply *reply, struct err *err);

/* POST /v1/sandboxes/{id}/ssh-access: a key is let in, or a token made. */
int ssh_grant(struct request *request, struct reply *reply, struct err *err);
