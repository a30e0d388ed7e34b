// SPDX-License-Identifier: Apache-2.0
/* How a table says what it was made of, so that one that is right stays. */
#pragma once

#include "sandboxd/net/egress/policy.h"

/* "is_" and 32 hexadecimal digits, terminator included. */
#define MARKER_SIZE 36

/* The name of a chain for a host, a policy, a ceiling (NULL: none) and this
 * version's rules. */
void marker_name(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, char ret[MARKER_SIZE]);
