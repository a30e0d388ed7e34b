// SPDX-License-Identifier: Apache-2.0
/* The jail of gateway-depot: the store is its root directory. */
#pragma once

#include "gateway/jail/jail.h"
#include "gateway/settings/gateway_conf.h"

extern const struct jail_call depot_calls[];
extern const size_t n_depot_calls;

/* Locks the process in, in the folder of the store. */
int confine_depot(const struct gateway_conf *conf, struct err *err);
