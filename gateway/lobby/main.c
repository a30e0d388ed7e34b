// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-lobby: reads its configuration as root, warms what its commands use,
 * and goes to jail before it is given a byte of anyone. Its descriptor:
 * gateway/protocol/handover.h.
 */
#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway/lobby/confine.h"
#include "gateway/lobby/zygote.h"
#include "gateway/protocol/handover.h"

int
main(int argc, char **argv)
{
	struct lobby_conf conf;
	struct paths paths;
	struct jail_filter filter = {0};
	const char *conf_path;
	struct err err;

	log_init("gateway-lobby", LOG_LEVEL_INFO);
	conf_path = paths_of_arguments(argc, argv, "gateway-lobby");
	/* What a careless parent left open would be open in every command. */
	(void)close_range(HANDOVER_FIRST_FD, ~0U, 0);
	if (paths_read(conf_path, &paths, &err) < 0 ||
	    conf_read(lobby_conf_keys, n_lobby_conf_keys, conf_path, &conf,
	    &err) < 0)
		fatal("%s", err.text);
	(void)clearenv();
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("curl_global_init failed");
	curl_easy_cleanup(curl_easy_init());
	if (confine_lobby(&paths, &conf, &filter, &err) < 0)
		fatal("jail: %s", err.text);
	if (zygote_run(HANDOVER_FD, (unsigned int)conf.command_timeout_s,
	    &filter, &err) < 0)
		fatal("%s", err.text);
	/* Nothing to flush, and the jail has no room for exit handlers. */
	_exit(0);
}
