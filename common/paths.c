// SPDX-License-Identifier: Apache-2.0
#include "common/paths.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "common/log.h"

const struct conf_key paths_keys[] = {
    {"paths", "run_dir", CONF_STRING, offsetof(struct paths, run_dir),
	"/run/sandgate", 0, 0, "", "sockets and other things of this boot"},
    {"paths", "state_dir", CONF_STRING, offsetof(struct paths, state_dir),
	"/var/lib/sandgate", 0, 0, "", "databases, templates, disks, keys"},
    {"paths", "log_dir", CONF_STRING, offsetof(struct paths, log_dir),
	"/var/log/sandgate", 0, 0, "", "the audit log"},
    {"paths", "libexec_dir", CONF_STRING, offsetof(struct paths, libexec_dir),
	SANDGATE_LIBEXEC_DIR, 0, 0, "", "the programs the daemons start"},
};
const size_t n_paths_keys = sizeof paths_keys / sizeof *paths_keys;

const char *
paths_of_arguments(int argc, char **argv, const char *program)
{
	const char *conf_path = PATHS_DEFAULT_CONF;
	int option;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			fatal("usage: %s -c file", program);
		conf_path = optarg;
	}
	if (optind != argc)
		fatal("usage: %s -c file", program);
	return conf_path;
}

int
paths_read(const char *conf_path, struct paths *ret, struct err *err)
{
	return conf_read(paths_keys, n_paths_keys, conf_path, ret, err);
}

int
path_join(char *path, size_t size, const char *dir, const char *name,
    struct err *err)
{
	int n = snprintf(path, size, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		return err_set(err, ENAMETOOLONG, "%s/%s: path too long", dir,
		    name);
	return 0;
}
