// SPDX-License-Identifier: Apache-2.0
/* What sandboxd finds when it starts, after whatever ended it. */
#pragma once

#include "sandboxd/daemon.h"

/* Fills the table from the registry. */
int adopt_load(struct daemon *daemon, struct err *err);

/*
 * Removes what belongs to no row, installs the host's firewall table, takes
 * up the sandboxes that live, and finishes or undoes the rest through the
 * workers. Blocks for orphans alone; before the loop.
 */
int adopt_all(struct daemon *daemon, struct err *err);

/*
 * `--down`: ends every process, marks what is whole suspended and removes what
 * is not, then links, table, cgroups, sockets and the pool's mount. Without
 * workers. Goes on after an error and returns the first.
 */
int adopt_down(struct daemon *daemon, struct err *err);
