// SPDX-License-Identifier: Apache-2.0
/*
 * Whose each sandbox is, as sandboxd tells (sandbox_watch in rpc.def), so that
 * a login by somebody who may not asks root nothing. What is found here lets
 * nobody in: the capability that sandboxd opens does, or does not.
 *
 * It is current from the last page of a list until the connection to sandboxd
 * ends; it connects by itself again and starts afresh. What was told before
 * a client's next message was sent is read before that message.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/err.h"
#include "common/parse.h"
#include "keys/store.h"

/* As many as sandboxd can have (max_sandboxes); about 100 bytes each. */
#define SANDBOX_INDEX_MAX 16384

#define SANDBOX_INDEX_RETRY_MS 100
/* The same where sandboxd hung up before it told everything. */
#define SANDBOX_INDEX_PAUSE_MS 1000

struct sandbox_index;

/* Begins to connect to the socket at path. current(arg) is called whenever it
 * has become current. `event` outlives it. */
int sandbox_index_new(sd_event *event, const char *path,
    void (*current)(void *arg), void *arg, struct sandbox_index **ret,
    struct err *err);
void sandbox_index_free(struct sandbox_index *index); /* NULL is accepted */

bool sandbox_index_is_current(const struct sandbox_index *index);

struct sandbox_owner {
	char id[SANDBOX_ID_SIZE];
	char org[STORE_NAME_SIZE];
	int64_t owner_id; /* a user; 0 = nobody's in particular */
	bool is_private;
};

/* Whose a sandbox is, until the next event loop turn; NULL where there is no
 * such sandbox. */
const struct sandbox_owner *sandbox_index_find(
    const struct sandbox_index *index, const char *sandbox_id);

/* How many an organisation has. */
uint32_t sandbox_index_count(const struct sandbox_index *index,
    const char *org);

/* The first of an organisation (NULL = of any) whose id comes after this one;
 * NULL. */
const struct sandbox_owner *sandbox_index_next(
    const struct sandbox_index *index, const char *org, const char *after);
