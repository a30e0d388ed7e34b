// SPDX-License-Identifier: Apache-2.0
/* Templates: state_dir/templates/NAME/rootfs, read-only, owned by root. */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define TEMPLATE_PATH_SIZE 512

/* Most bytes of names template_names writes. */
#define TEMPLATE_NAMES_MAX 65536

/*
 * Writes the root file system's path of a template to path. -EINVAL for a bad
 * name; -ENOENT where there is no such template.
 */
int template_path(const char *state_dir, const char *name,
    char path[TEMPLATE_PATH_SIZE], struct err *err);

/* Which tree a template is: another once it has been replaced. */
struct template_mark {
	uint64_t device, file;
};

/* The mark of a template as it is now; the errors of template_path. */
int template_mark(const char *state_dir, const char *name,
    struct template_mark *ret, struct err *err);

/*
 * Sets *ret to the names, in order, each terminated, *ret_size bytes in all;
 * the caller frees it. No templates folder is no template.
 */
int template_names(const char *state_dir, char **ret, uint32_t *ret_size,
    struct err *err);
