// SPDX-License-Identifier: Apache-2.0
/* sandgate key: the SSH keys that let you in. */
#include "cli/public_key.h"

static const struct listing keys = {"/v1/ssh-keys", "ssh_keys",
    {{"ID", "id", LISTING_NUMBER}, {"NAME", "name", LISTING_TEXT},
	{"ALGORITHM", "algorithm", LISTING_TEXT},
	{"FINGERPRINT", "fingerprint", LISTING_TEXT},
	{"ADDED", "created_at", LISTING_TIME},
	{"LAST USED", "last_used_at", LISTING_TIME}, {NULL}}};

int
run_key(struct cli *cli, int argc, char **argv)
{
	return public_key_run(cli, &keys, argc, argv);
}
