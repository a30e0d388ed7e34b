// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-broker: started as root by `gateway` with its control socket as
 * descriptor 3, and the user `sandgate` before it opens anything.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway/broker/broker.h"
#include "gateway/jail/privilege.h"

/* One descriptor a connection: as many as are allowed. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	static struct broker broker;
	const char *conf_path = PATHS_DEFAULT_CONF;
	struct err err = {0};
	int option;

	log_init("gateway-broker", LOG_LEVEL_INFO);
	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c') {
			fprintf(stderr, "usage: gateway-broker [-c file]\n");
			return 2;
		}
		conf_path = optarg;
	}
	if (gateway_conf_read(conf_path, &broker.settings, &err) < 0 ||
	    proxy_conf_read(conf_path, &broker.proxy_settings, &err) < 0)
		fatal("%s", err.text);
	log_init("gateway-broker", broker.settings.level);
	raise_descriptor_limit();
	if (privilege_become(broker.settings.user, &err) < 0)
		fatal("%s", err.text);
	if (broker_run(&broker, HANDOVER_FD, &err) < 0) {
		log_error("%s", err.text);
		return 1;
	}
	return 0;
}
