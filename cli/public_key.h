// SPDX-License-Identifier: Apache-2.0
/* Public keys as files, and as the API takes them. */
#pragma once

#include "cli/api.h"

/*
 * Posts the first line of the file at path ("-": stdin) as {public_key, name}
 * to a collection and prints the answer's number, algorithm and fingerprint.
 * name NULL leaves it out. Returns the verb's exit status.
 */
int public_key_add(const struct cli *cli, const char *collection,
    const char *path, const char *name);
