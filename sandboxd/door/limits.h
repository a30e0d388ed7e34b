// SPDX-License-Identifier: Apache-2.0
/* What limits are asked for one sandbox, against what may be asked for. */
#pragma once

#include "sandboxd/host/ceiling.h"
#include "sandboxd/lifecycle/sandbox.h"
#include "sandboxd/settings.h"

/* 0 and "" = not said; a number goes before what a size has of it. */
struct limits_wish {
	const char *size;
	uint64_t memory_bytes, pids, cpu_millis, disk_bytes;
};

/*
 * Fills in the limits of a record: what is wished, else what `before` has, and
 * where that is NULL what `otherwise` (NULL: nothing) says and then the
 * default, or what this host can give where that is less. -EINVAL names the
 * field, its value, what is allowed and whose bound it is; a disk that there is
 * grows alone.
 */
int limits_choose(const struct settings *settings,
    const struct ceilings *ceilings, const struct limits_wish *wish,
    const struct limits_wish *otherwise, const struct sandbox_record *before,
    struct sandbox_record *ret, struct err *err);
