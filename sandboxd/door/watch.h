// SPDX-License-Identifier: Apache-2.0
/*
 * Who is told whose each sandbox is, as soon as that changes: gateway-broker,
 * so that whom it refuses costs us no call. A watcher that does not read is
 * dropped like any peer; it connects again and asks for all of it.
 */
#pragma once

#include "sandboxd/door/peer.h"

/* Answers sandbox_watch; with after "" the peer watches from now on. 0, or
 * -EBUSY where WATCHERS_MAX do already. */
int watch_page(struct peer *peer, uint32_t request_id, const char *after,
    struct err *err);

/* Tells all of them whose a sandbox is, or that it is no more: to be called
 * when it has been added, and whenever sandbox_is_there() may have changed. */
void watch_tell(const struct sandbox *sandbox);

/* Tells whoever holds a capability for it alone what its state is now. */
void watch_tell_moved(const struct sandbox *sandbox);

/* From peer.c: it is gone. No-op for one that does not watch. */
void watch_end(struct peer *peer);
