// SPDX-License-Identifier: Apache-2.0
/* What whoever holds a socket may do: fixed when it was opened. */
#pragma once

#include <stdbool.h>

#include "common/rpc_calls.h"
#include "sandboxd/lifecycle/quota.h"
#include "sandboxd/lifecycle/sandbox.h"

#define AUDIT_SIZE 512

struct capability {
	char org[NAME_SIZE];
	char sandbox_id[SANDBOX_ID_SIZE]; /* "" = every sandbox of org */
	char audit[AUDIT_SIZE];
	uint32_t rights;      /* enum rpc_right */
	char owner[NAME_SIZE]; /* of what it makes */
	uint64_t owner_id;
	enum rpc_reach reach;
	uint64_t tag; /* to end it by; 0 = none */
	struct quota quota;
	char *forced_command; /* what alone it may run; owned; NULL = any */
};

/*
 * Fills *ret from a request, whose every field is checked: -EINVAL names the
 * field. Whether the sandbox exists is not looked at.
 */
int capability_read(const struct rpc_cap_open_req *request,
    struct capability *ret, struct err *err);

/*
 * Takes away what the event says. -EACCES where it would run another command
 * than the one it is bound to.
 */
int capability_restrict(struct capability *capability,
    const struct rpc_cap_restrict_event *event, struct err *err);

/* Frees what it owns. */
void capability_fini(struct capability *capability);

/* Whether a sandbox, or one that was, exists as far as it can tell. */
bool capability_sees(const struct capability *capability,
    const struct sandbox_record *record);

/* Whether it is one of those to end. */
bool capability_is_meant(const struct capability *capability,
    const struct rpc_cap_end_req *request);
