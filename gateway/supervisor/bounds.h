// SPDX-License-Identifier: Apache-2.0
/* What the gateway may take, all its processes together. */
#pragma once

#include "gateway/settings/gateway_conf.h"

/* Raises the limit of descriptors as far as that is allowed, and joins the
 * cgroup that the settings name; where it cannot, that is logged. */
void bounds_set(const struct gateway_conf *settings);
