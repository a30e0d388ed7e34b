// SPDX-License-Identifier: Apache-2.0
/* Collections of public keys: yours, and those of certificate authorities. */
#pragma once

#include "cli/listing.h"

/*
 * A verb with add FILE|- [--name N], list, and rm ID...: argv[0] is the verb.
 * "add" posts the first line of the file ("-": stdin) as {public_key, name} and
 * prints the answer's number, algorithm and fingerprint. Returns the verb's
 * exit status.
 */
int public_key_run(struct cli *cli, const struct listing *keys, int argc,
    char **argv);
