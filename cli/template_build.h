// SPDX-License-Identifier: Apache-2.0
/* sandgate template build: a recipe's steps in a sandbox, which is published
 * then. All of it is done by the API: no step runs on the host. */
#pragma once

#include "cli/cli.h"

struct recipe;

/* path NULL: the recipe of that name among the host's; is_own: for the
 * organisation alone. The verb's exit status. */
int template_build(struct cli *cli, const char *name, const char *path,
    bool is_own);

/* What else is done with the sandbox of that id: before the steps and after
 * them. Each returns 0, or -errno with words, and then nothing is published. */
struct template_stages {
	int (*before)(void *arg, const char *id, struct err *err);
	int (*after)(void *arg, const char *id, struct err *err);
	void *arg;
};

/* The same of a recipe that was read, or made; stages NULL: nothing else. */
int template_build_recipe(struct cli *cli, const char *name,
    const struct recipe *recipe, bool is_own,
    const struct template_stages *stages, struct err *err);
