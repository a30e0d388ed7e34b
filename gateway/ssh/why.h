// SPDX-License-Identifier: Apache-2.0
/* What the sandbox is refused, said to who has asked for it: sb_ID+why. */
#pragma once

#include <stdint.h>

#include "common/denial.h"

struct session;
struct init_event;

/* Destinations that are remembered, so that each is said once. */
#define WHY_SAID_MAX 256

struct why {
	uint64_t said[WHY_SAID_MAX]; /* hashes; the oldest goes */
	uint32_t n_said;
};

#define WHY_LINE_SIZE (EVENT_CAUSE_SIZE + 256)

/*
 * Writes what is said of one: the cause, and where a rule of the policy's own
 * refused it, the command that allows it. 0, or -EINVAL for what is no cause.
 */
int why_format(const char *sandbox_id, const char *cause,
    char ret[WHY_LINE_SIZE]);

/* Takes note of an INIT_DENIED, and says it where it was not said before. */
void why_take(struct session *session, const struct init_event *event);
