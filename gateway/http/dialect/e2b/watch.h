// SPDX-License-Identifier: Apache-2.0
/* What changes in a folder, whether it is told or asked for. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/err.h"

/* Rows of e2b_watch_wish. */
struct watch_wish {
	const char *path;
	uint32_t is_recursive, has_entry, may_be_remote;
};

/* -EINVAL where there is no such watch. */
int watch_check(const struct watch_wish *wish, struct err *err);

/* A change as clients read it, one of inside_change but the first, below
 * N_INSIDE_CHANGE; NULL: out of memory. */
json_t *watch_event(uint32_t change, const char *name);
