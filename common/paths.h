// SPDX-License-Identifier: Apache-2.0
/* Section [paths] of the configuration, which every program shares. */
#pragma once

#include "common/conf.h"

#define PATHS_DEFAULT_CONF SANDGATE_SYSCONF_DIR "/sandgate.conf"

struct paths {
	char run_dir[CONF_STRING_SIZE];	    /* sockets; gone after a reboot */
	char state_dir[CONF_STRING_SIZE];   /* what must survive one */
	char log_dir[CONF_STRING_SIZE];
	char libexec_dir[CONF_STRING_SIZE]; /* the programs themselves */
};

extern const struct conf_key paths_keys[];
extern const size_t n_paths_keys;

/* The file that a program's arguments name, which are "-c file" at the most;
 * others end it with a line about how it is used. Lives as long as argv. */
const char *paths_of_arguments(int argc, char **argv, const char *program);

/* Reads [paths] of the file at conf_path (NULL: defaults). 0 or -errno. */
int paths_read(const char *conf_path, struct paths *ret, struct err *err);

/* Writes "dir/name" to path[size]; -ENAMETOOLONG where it does not fit. */
int path_join(char *path, size_t size, const char *dir, const char *name,
    struct err *err);
