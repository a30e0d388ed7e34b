// SPDX-License-Identifier: Apache-2.0
/* What pool.c and pool_rows.c share; of no use to others. */
#pragma once

#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/lifecycle/pool_plan.h"
#include "sandboxd/lifecycle/pool_sizes.h"
#include "sandboxd/lifecycle/pool_turns.h"

TAILQ_HEAD(pool_list, sandbox);

struct pool {
	struct pool_plan plan; /* the configuration's */
	struct pool_list list; /* the oldest first */
	uint32_t n;
	struct clock_timer timer; /* until then nothing is made */
	uint64_t rested_ms; /* since when, on the clock */
	uint64_t retry_ms;
	struct pool_counter {
		char template_name[64];
		uint64_t claimed, missed;
		uint64_t made; /* n_made, when the last was begun */
	} counters[POOL_ROWS_MAX];
	size_t n_counters;
	uint64_t n_made;
	struct pool_turns turns;
};

bool pool_is_of(const struct sandbox *sandbox, const char *template_name);

/* How many of a template are in the pool, whatever becomes of them there. */
uint32_t pool_count_of(const struct pool *pool, const char *template_name);

/* Whether it is everybody's, and current: only of these does one wait. NULL
 * is not. */
bool pool_is_shared(const struct template *template);

/* How many of a template are to wait, and who says so, unless NULL. One that is
 * not there has none, whoever says so. */
uint32_t pool_wanted(const struct daemon *daemon, const char *template_name,
    enum pool_source *ret_source);

/* What is counted of a template, or NULL: there are too many. */
struct pool_counter *pool_counter(struct pool *pool, const char *template_name);
