// SPDX-License-Identifier: Apache-2.0
/*
 * A connection to the receiver of a post: the one thing for which its process
 * may connect, before it reads a byte of the receiver's.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "gateway/protocol/webhook_url.h"
#include "gateway/settings/webhook_conf.h"

/* Reads which servers to ask for names (resolver(5)); before the jail. 0 or
 * -errno. */
int dial_init(struct err *err);

/*
 * The first of the host's addresses that is allowed and answers: a connected
 * socket, the caller's. -errno and words for who made the webhook: -EACCES
 * where there are none but those that are not allowed, -ENOENT where there are
 * none at all.
 */
int dial(const struct webhook_url *url, const struct webhook_conf *conf,
    struct err *err);
