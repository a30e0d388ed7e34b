// SPDX-License-Identifier: Apache-2.0
/* sandgate ca: whose certificates let your organisation's users in. */
#include "cli/public_key.h"

static const struct listing cas = {"/v1/ssh-cas", "ssh_cas",
    {{"ID", "id", LISTING_NUMBER}, {"NAME", "name", LISTING_TEXT},
	{"ALGORITHM", "algorithm", LISTING_TEXT},
	{"FINGERPRINT", "fingerprint", LISTING_TEXT},
	{"ADDED", "created_at", LISTING_TIME}, {NULL}}};

int
run_ca(struct cli *cli, int argc, char **argv)
{
	return public_key_run(cli, &cas, argc, argv);
}
