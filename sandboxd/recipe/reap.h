// SPDX-License-Identifier: Apache-2.0
/*
 * The one teardown: whatever there is of a sandbox, from any state and however
 * far a create came, is gone after it. Idempotent. A worker's work: it blocks.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/recipe/runtime.h"

/* How long the last process of a sandbox may take to die. */
#define REAP_TIMEOUT_MS 10000

/*
 * Kills what lives and removes cgroups, link and init socket. `slot` is -1
 * where it is not known (no link is removed then). Every step is tried; the
 * first error is returned.
 */
int reap_processes(const struct runtime *runtime, const char *id,
    int64_t slot, struct err *err);

/* The same, and the disk. */
int reap_sandbox(const struct runtime *runtime, const char *id, int64_t slot,
    struct err *err);
