// SPDX-License-Identifier: Apache-2.0
/* How many sandboxes wait in the pool, of what templates; pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define POOL_TEMPLATES_MAX 32
#define POOL_WANTED_MAX	   1024 /* of one template */

#define POOL_UNSAID	   UINT32_MAX

/* The part of max_sandboxes that is never the pool's: one of so many. */
#define POOL_LEAVE_PARTS 8

struct pool_plan {
	struct pool_want {
		char template_name[64];
		uint32_t wanted;
	} rows[POOL_TEMPLATES_MAX];
	size_t n;
};

/*
 * Reads "TEMPLATE:NUMBER ...", "" being none. -EINVAL with what is wrong and
 * what is allowed.
 */
int pool_plan_read(const char *text, struct pool_plan *ret, struct err *err);

/* Whether it says how many of a template are wanted, and how many. */
bool pool_plan_find(const struct pool_plan *plan, const char *template_name,
    uint32_t *ret_wanted);

/* Makes it say so, or with POOL_UNSAID nothing. -ENOSPC: of no more than
 * POOL_TEMPLATES_MAX. */
int pool_plan_set(struct pool_plan *plan, const char *template_name,
    uint32_t wanted, struct err *err);

/* How many may be in the pool beside so many others, of max in all. */
uint32_t pool_plan_room(uint32_t max, uint32_t others);
