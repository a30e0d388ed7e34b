// SPDX-License-Identifier: Apache-2.0
/* A sandbox as others are told of it: rpc.def's sandbox_info. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sandboxd/lifecycle/sandbox.h"

/* Most bytes of one, encoded. */
#define SANDBOX_INFO_BYTES_MAX 4096

/* Adds a sandbox's sandbox_info to a list being made, maybe of one. 0, or
 * -EMSGSIZE with words. */
int sandbox_info_add(struct rpc_list *list, const struct sandbox *sandbox,
    struct err *err);

/* The same of a tombstone: nothing is looked up. */
int sandbox_info_add_tombstone(struct rpc_list *list,
    const struct sandbox_record *record, struct err *err);
