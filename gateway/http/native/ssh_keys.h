// SPDX-License-Identifier: Apache-2.0
/* /v1/ssh-keys: the SSH keys of the caller. */
#pragma once

#include "gateway/http/native/collection.h"

extern const struct collection ssh_keys;

/* Adds {public_key, name}: 201 and the key. */
int ssh_keys_add(struct request *request, struct reply *reply,
    struct err *err);
