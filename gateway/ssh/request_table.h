// SPDX-License-Identifier: Apache-2.0
/* Which global requests there are, and who takes them. */
#pragma once

#include <stdbool.h>

#include "gateway/ssh/forward/forwarding.h"
#include "gateway/ssh/libssh/packet_fields.h"

/*
 * For the packet watch's hook: takes the request and returns true, or leaves it
 * to libssh. `rest` is what follows want_reply.
 */
bool request_table_take(struct forwarding *forwarding, const char *name,
    bool wants_reply, struct packet_reader *rest);
