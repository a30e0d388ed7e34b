// SPDX-License-Identifier: Apache-2.0
/* Permissions and owners of what is there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

/* As file_change_mode of common/inside.def; 0 or -errno with words. */
int attributes_change(const char *path, uint32_t mode, const char *owner,
    bool is_recursive, struct err *err);
