// SPDX-License-Identifier: Apache-2.0
/* Large buffers on the stack. */
#pragma once

/*
 * Before one that is written before it is read: all of it would be cleared at
 * each call otherwise (-ftrivial-auto-var-init=zero), however little is used.
 */
#define not_cleared __attribute__((uninitialized))
