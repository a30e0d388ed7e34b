// SPDX-License-Identifier: Apache-2.0
/* One claim of gateway-proxy's: whether what somebody shows opens what they
 * ask for (broker_proxy_claim of proxy.h). */
#pragma once

#include <stdint.h>

/* cap_end's tag of what a service, or a preview, lets in; one of the two is
 * 0. */
uint64_t broker_proxy_tag(uint64_t service_id, uint64_t preview_id);
