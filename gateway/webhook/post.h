// SPDX-License-Identifier: Apache-2.0
/* One post, over a connection that is there: HTTP and TLS, by libcurl. */
#pragma once

#include <stddef.h>

#include "gateway/protocol/handover.h"

/* Whom certificates of receivers are to be signed by: PEM, which stays the
 * caller's; none = https is refused. Before the jail. */
void post_trust(void *pem, size_t size);

/* Speaks; what became of it goes to *ret. */
void post(const struct handover_post *order, int fd,
    struct handover_posted *ret);
