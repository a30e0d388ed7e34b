// SPDX-License-Identifier: Apache-2.0
/*
 * Bases: templates that contrib/build-template made, state_dir/templates/NAME
 * with `rootfs`, read-only and owned by root. A rebuild puts the one before
 * aside, as .NAME.old.TIME, for who was made of it.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define TEMPLATE_PATH_SIZE 512

/* Most bytes of names base_names writes. */
#define BASE_NAMES_MAX 65536

/* Which tree a base is: another once it has been replaced. */
struct base_mark {
	uint64_t device, file;
};

/* The mark of a base as it is now; the errors of base_path. */
int base_mark(const char *state_dir, const char *name, struct base_mark *ret,
    struct err *err);

/* What tells a build of a base from another. */
#define BASE_VERSION_SIZE 40

/*
 * Writes the root file system's path of a base to path. -EINVAL for a bad
 * name; -ENOENT where there is no such template.
 */
int base_path(const char *state_dir, const char *name,
    char path[TEMPLATE_PATH_SIZE], struct err *err);

/* A hash of the build's template.conf; "" where it has none. -ENOENT. */
int base_version(const char *state_dir, const char *name,
    char version[BASE_VERSION_SIZE], struct err *err);

/*
 * base_path of one version of it, wherever that is now; "" is whichever is
 * there. -ENOENT, and what to do, where it was removed.
 */
int base_path_of_version(const char *state_dir, const char *name,
    const char *version, char path[TEMPLATE_PATH_SIZE], struct err *err);

/*
 * The names of all bases, sorted, each with its terminator, in *ret, which the
 * caller frees. No templates folder is none.
 */
int base_names(const char *state_dir, char **ret, uint32_t *ret_size,
    struct err *err);
