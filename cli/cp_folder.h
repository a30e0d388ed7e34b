// SPDX-License-Identifier: Apache-2.0
/* A folder into or out of a sandbox, by the API, for which a token does. */
#pragma once

#include "cli/cli.h"

/* Whether a local path is a folder, by its last link. */
bool cp_is_folder(const char *path);

/*
 * As cp -r has it: into a folder that is there, under the last name of the
 * source, or else as one of that name. Modes are kept, but for set-user-ID and
 * set-group-ID; links are copied as links. The exit status; CP_NOT_A_FOLDER,
 * and nothing was done, where the one to get from the sandbox is none.
 */
#define CP_NOT_A_FOLDER (-1)
int cp_put_folder(struct cli *cli, const char *folder, const char *id,
    const char *to);
int cp_get_folder(struct cli *cli, const char *id, const char *from,
    const char *to);
