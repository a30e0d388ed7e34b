// SPDX-License-Identifier: Apache-2.0
/* What `egress` and `org egress` have in common. */
#pragma once

#include <jansson.h>

#include "cli/cli.h"
#include "common/err.h"

/* "egress show | set POLICY | reset | allow DEST... | deny DEST...", of the
 * ceiling of the organisation that the caller acts for; argv[0] is "egress". */
int egress_run_ceiling(struct cli *cli, int argc, char **argv);

/* Prints what all sandboxes of the caller's organisation may together, where it
 * may see that. */
void egress_print_totals(struct cli *cli);

/* Adds "out=1M" to an object of limits as the API has them: -EINVAL says which
 * words there are. */
int egress_add_limit(json_t *limits, const char *word, struct err *err);
