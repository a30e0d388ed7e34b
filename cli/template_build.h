// SPDX-License-Identifier: Apache-2.0
/* sandgate template build: a recipe's steps in a sandbox, which is published
 * then. All of it is done by the API: no step runs on the host. */
#pragma once

#include "cli/cli.h"

/* path NULL: the recipe of that name among the host's; is_own: for the
 * organisation alone. The verb's exit status. */
int template_build(struct cli *cli, const char *name, const char *path,
    bool is_own);
