// SPDX-License-Identifier: Apache-2.0
/*
 * Making a sandbox without waiting, for the broker's loop: opens a capability
 * that can create, and destroy what it created should nobody want it any more.
 */
#pragma once

#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/broker/sandboxd_client.h"

struct creation;
LIST_HEAD(creations, creation);

/* What is to be made, by a capability that may create and destroy. */
struct creation_order {
	struct rpc_cap_open_req cap; /* rights are filled in */
	const char *template_name; /* "" = the default */
	bool is_ephemeral;
};

/* Receives the new sandbox, or NULL and the error. `info` lives until the
 * return. */
typedef void creation_done(void *arg, const struct rpc_sandbox_info *info,
    const struct err *err);

/*
 * Begins; done(arg, ...) follows once, after at most wait_ms for the capability
 * and wait_ms for the sandbox, never from within this call; what takes longer
 * may be made all the same, and be undone. Strings are copied.
 */
int creation_new(sd_event *event, struct sandboxd_client *sandboxd,
    const struct creation_order *order, uint32_t wait_ms, creation_done *done,
    void *arg, struct creation **ret, struct err *err);

/*
 * Forgets it; done is not called. What is made stays, and so does what is
 * being made, though an ephemeral one then ends by itself. NULL is accepted.
 */
void creation_free(struct creation *creation);

/*
 * Takes it over and back what it did: a sandbox that was made is destroyed, and
 * one that is being made as soon as it is; until then the creation is in
 * *unwanted, whose owner frees it should it end before. NULL is accepted.
 */
void creation_undo(struct creation *creation, struct creations *unwanted);
