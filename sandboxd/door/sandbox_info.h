// SPDX-License-Identifier: Apache-2.0
/* A sandbox as others are told of it: rpc.def's sandbox_info. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sandboxd/lifecycle/sandbox.h"

/* Most bytes of one, encoded. */
#define SANDBOX_INFO_BYTES_MAX 4096

/* The same of a tombstone: nothing is looked up. */
ptrdiff_t sandbox_info_encode_tombstone(const struct sandbox_record *record,
    uint8_t *buffer, size_t size);

/* Writes a sandbox's sandbox_info. Its bytes, or -EMSGSIZE. */
ptrdiff_t sandbox_info_encode(const struct sandbox *sandbox, uint8_t *buffer,
    size_t size);
