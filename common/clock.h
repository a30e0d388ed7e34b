// SPDX-License-Identifier: Apache-2.0
/* What time it is, in milliseconds. */
#pragma once

#include <stdint.h>

/* Since 1970; may be set back. */
uint64_t clock_unix_ms(void);

/* Since some moment, the same for all processes; never goes back. */
uint64_t clock_monotonic_ms(void);
