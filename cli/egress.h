// SPDX-License-Identifier: Apache-2.0
/* What `egress` and `org egress` have in common. */
#pragma once

#include "cli/cli.h"

/* "egress show | set POLICY | reset | allow DEST... | deny DEST...", of the
 * ceiling of the organisation that the caller acts for; argv[0] is "egress". */
int egress_run_ceiling(struct cli *cli, int argc, char **argv);
