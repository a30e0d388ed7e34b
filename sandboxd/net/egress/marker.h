// SPDX-License-Identifier: Apache-2.0
/* How a table says what it was made of, so that one that is right stays. */
#pragma once

#include "sandboxd/net/egress/policy.h"

/* "is_" and 32 hexadecimal digits, terminator included. */
#define MARKER_SIZE 36

/*
 * The frame is the name of a chain, for all that a table of this version says
 * but its policy, or where that is not short (policy_lines.h), for all of it.
 * The policy is the comment of the one rule of that chain.
 */
struct marker {
	char frame[MARKER_SIZE], policy[MARKER_SIZE];
};

/* ceiling NULL: none. */
void marker_make(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, struct marker *ret);
