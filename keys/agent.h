// SPDX-License-Identifier: Apache-2.0
/*
 * Agents: what a model is told to be, by those who talk to it in a sandbox
 * (docs/COMPATIBILITY.md, Sandbase). They go with their user.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "keys/store.h"

#define AGENT_NAME_SIZE	  129
#define AGENT_MODEL_SIZE  129
#define AGENT_SYSTEM_SIZE 16385
#define AGENT_TOOLS_SIZE  8193

/* Of one organisation. */
#define AGENTS_MAX 100

struct agent {
	int64_t id;
	int64_t user_id; /* who made it */
	char user[STORE_NAME_SIZE];
	char name[AGENT_NAME_SIZE];
	char model[AGENT_MODEL_SIZE];	/* "" = the runner's own choice */
	char system[AGENT_SYSTEM_SIZE]; /* what it is told before all else */
	char tools[AGENT_TOOLS_SIZE];	/* JSON, an array; "" = none */
	int64_t created_ms;
};

/* Adds one of the user's; id is filled in. -EDQUOT where his organisation has
 * AGENTS_MAX. */
int agent_add(struct store *store, struct agent *agent, struct err *err);

/* Calls each(arg, agent) for those of an organisation, in order of id, system
 * and tools left out, until it returns non-zero, which is returned. */
int agent_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct agent *agent), void *arg,
    struct err *err);

/* -ENOENT where that organisation has none of this id. */
int agent_get(struct store *store, const char *org, int64_t id,
    struct agent *ret, struct err *err);

/* -ENOENT where there is none. */
int agent_remove(struct store *store, int64_t id, struct err *err);
