// SPDX-License-Identifier: Apache-2.0
/* sandgate: the command line, run by the user it belongs to. */
#include <curl/curl.h>

#include "cli/cli.h"

int
main(int argc, char **argv)
{
	struct cli cli = {0};
	int status;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	status = cli_run(&cli, argc, argv);
	curl_global_cleanup();
	return status;
}
