// SPDX-License-Identifier: Apache-2.0
/* Which addresses are everybody's (the registries of RFC 6890), and which are
 * somebody's own network, into which a stranger's URL must not lead. */
#pragma once

#include "common/prefix.h"

/* Whether the address is public, or in one of the networks that the operator
 * named. */
bool public_is_allowed(const struct prefix *address,
    const struct prefix *networks, size_t n_networks);
