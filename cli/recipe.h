// SPDX-License-Identifier: Apache-2.0
/*
 * A recipe of a template (docs/TEMPLATES.md): an operator's file of lines
 * "KEY = VALUE", of which some may come again; "#" and ";" begin a comment.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "cli/cli.h"

#define RECIPE_STEPS_MAX 64
#define RECIPE_LINE_MAX	 8192

struct recipe_step {
	char *name;    /* what it is told by; owned, as all of these */
	char *command; /* of sh, as root */
};

struct recipe {
	struct recipe_step steps[RECIPE_STEPS_MAX];
	size_t n_steps;
	uint64_t step_timeout_s;
	json_t *builder;  /* of POST /v1/sandboxes, for the sandbox it is in */
	json_t *template; /* of POST /v1/templates, but name and sandbox */
};

/* Reads the file at path; to be freed whatever comes. -EINVAL names file, line
 * and what is allowed. */
int recipe_read(const struct cli *cli, const char *path, struct recipe *ret,
    struct err *err);
void recipe_free(struct recipe *recipe);
