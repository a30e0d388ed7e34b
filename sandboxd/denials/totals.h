// SPDX-License-Identifier: Apache-2.0
/*
 * What a total of an organisation has held back (docs/EGRESS.md, Totals) comes
 * into the log of each sandbox that it was held back from: one bell for all of
 * them, in the host's namespace, as what is counted together is counted there.
 */
#pragma once

#include "sandboxd/daemon.h"

/* Listens from now on; without it limits hold, and nobody is told. */
void totals_watch(struct daemon *daemon);
void totals_watch_end(struct daemon *daemon);
