// SPDX-License-Identifier: Apache-2.0
/* Disks that a sandbox is to have, as a request says them. */
#pragma once

#include "gateway/http/engine/exchange.h"

/*
 * Reads common/disk_mounts.h's text and looks each disk up, by its id or its
 * name, as the caller may see it. Ends in done with the same text by ids, which
 * lives until it returns, or fails the exchange.
 */
void disk_mounts_resolve(struct exchange *exchange, const char *text,
    void (*done)(struct exchange *exchange, const char *disks));
