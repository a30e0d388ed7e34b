// SPDX-License-Identifier: Apache-2.0
/* Keeps the process there that makes views true (view/server.h). */
#pragma once

#include "sandboxd/daemon.h"

/* From its death to the next one; more where that dies at once as well. */
#define VIEWS_RETRY_MIN_MS 10
#define VIEWS_RETRY_MAX_MS 60000
/* For the next one who reads waits; for one that is later still nobody does,
 * and what is there is read as it is. */
#define VIEWS_HELD_MAX_MS 200

/* Starts it, where the host has views. */
int views_begin(struct daemon *daemon, struct err *err);
void views_end(struct daemon *daemon);

/* A child of ours ended: has another one started if it was this. Returns
 * whether it was. */
bool views_child_died(struct daemon *daemon, pid_t pid);
