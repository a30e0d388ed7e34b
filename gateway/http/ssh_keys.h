// SPDX-License-Identifier: Apache-2.0
/* /v1/ssh-keys: the SSH keys of the caller. */
#pragma once

#include "gateway/http/request.h"

/* {"ssh_keys": [...]} */
int ssh_keys_list(struct request *request, struct reply *reply,
    struct err *err);

/* Adds {public_key, name}: 201 and the key. */
int ssh_keys_add(struct request *request, struct reply *reply,
    struct err *err);

/* 204; -ENOENT where the caller has no such key. */
int ssh_keys_remove(struct request *request, struct reply *reply,
    struct err *err);
