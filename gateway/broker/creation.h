// SPDX-License-Identifier: Apache-2.0
/*
 * Making a sandbox without waiting, for the broker's loop: opens a capability
 * that can create and nothing else, makes one call on it and closes it.
 */
#pragma once

#include <systemd/sd-event.h>

#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/broker/sandboxd_client.h"

struct creation;

/* What is to be made; `org` and `audit` are those of cap_open. */
struct creation_order {
	const char *org, *audit;
	const char *template_name; /* "" = the default */
	bool is_ephemeral;
};

/* Receives the new sandbox, or NULL and the error. The creation is freed
 * before: it must not be freed again. `info` lives until the return. */
typedef void creation_done(void *arg, const struct rpc_sandbox_info *info,
    const struct err *err);

/*
 * Begins; done(arg, ...) follows after at most wait_ms for the capability and
 * wait_ms for the sandbox, never from within this call. Strings are copied.
 */
int creation_new(sd_event *event, struct sandboxd_client *sandboxd,
    const struct creation_order *order, uint32_t wait_ms, creation_done *done,
    void *arg, struct creation **ret, struct err *err);

/*
 * Forgets it; done is not called. A sandbox that is being made already is
 * made: an ephemeral one then ends by itself. NULL is accepted.
 */
void creation_free(struct creation *creation);
