// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/paths.h"
#include "gateway/supervisor/supervisor.h"

int
main(int argc, char **argv)
{
	const char *conf_path = PATHS_DEFAULT_CONF;
	char absolute[PATH_MAX];
	struct err err = {0};
	int option;

	log_init("gateway", LOG_LEVEL_INFO);
	while ((option = getopt(argc, argv, "c:V")) != -1) {
		switch (option) {
		case 'c':
			conf_path = optarg;
			break;
		case 'V':
			printf("%s\n", SANDGATE_VERSION);
			return 0;
		default:
			fprintf(stderr, "usage: gateway [-V] [-c file]\n");
			return 2;
		}
	}
	if (realpath(conf_path, absolute) == NULL)
		fatal("%s: cannot be read", conf_path);
	if (geteuid() != 0)
		fatal("must be started by root");
	if (supervisor_run(absolute, &err) < 0) {
		log_error("%s", err.text);
		return 1;
	}
	return 0;
}
