// SPDX-License-Identifier: Apache-2.0
/* Handlers of /v1/ssh-cas and /v1/ssh-revocations; see routes.c. */
#pragma once

#include "gateway/http/request.h"

int ssh_cas_list(struct request *request, struct reply *reply,
    struct err *err);
int ssh_cas_add(struct request *request, struct reply *reply,
    struct err *err);
int ssh_cas_remove(struct request *request, struct reply *reply,
    struct err *err);
int ssh_revocations_list(struct request *request, struct reply *reply,
    struct err *err);
int ssh_revocations_add(struct request *request, struct reply *reply,
    struct err *err);
int ssh_revocations_remove(struct request *request, struct reply *reply,
    struct err *err);
