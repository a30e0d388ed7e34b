// SPDX-License-Identifier: Apache-2.0
/*
 * The group of a link (netdevice(7), `ip link ... group`): a number that rules
 * see of a packet that comes in by it or goes out, and that goes with it. A
 * link is born with 0.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

/* Has a link of the caller's network namespace, of whose network /sys tells, be
 * of this group: 1, or 0 where it is already, which costs the reading of a
 * file. */
int link_group_set(const char *link, uint32_t group, struct err *err);
