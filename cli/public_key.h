// SPDX-License-Identifier: Apache-2.0
/* Collections of public keys: yours, and those of certificate authorities. */
#pragma once

#include "cli/api.h"

struct public_key_collection {
	const char *path;   /* of the API */
	const char *member; /* the array in its list */
	void (*print)(const json_t *array);
};

/*
 * A verb with add FILE|- [--name N], list, and rm ID...: argv[0] is the verb.
 * "add" posts the first line of the file ("-": stdin) as {public_key, name} and
 * prints the answer's number, algorithm and fingerprint. Returns the verb's
 * exit status.
 */
int public_key_run(struct cli *cli, const struct public_key_collection *keys,
    int argc, char **argv);
