// SPDX-License-Identifier: Apache-2.0
/* Sections [paths] and [gateway], for the supervisor and the broker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/log.h"
#include "common/paths.h"
#include "gateway/startups.h"

struct settings {
	struct paths paths;
	char ssh_listen[CONF_STRING_SIZE];
	char ssh_host[CONF_STRING_SIZE];
	char api_listen[CONF_STRING_SIZE];
	char user[CONF_STRING_SIZE];
	char admin_group[CONF_STRING_SIZE];
	char log_level[CONF_STRING_SIZE];
	char max_startups[CONF_STRING_SIZE];
	uint64_t max_connections;
	uint64_t max_connections_per_source;
	uint64_t max_auth_tries;
	uint64_t auth_failure_ms;
	uint64_t zygote_renew_s;
	uint64_t recording_keep_s; /* 0 = for ever */
	uint64_t recording_max_files;
	struct startups startups; /* max_startups, read */
	enum log_level level;	  /* log_level, read */
};

extern const struct conf_key settings_keys[];
extern const size_t n_settings_keys;

/*
 * Reads both sections of the file (NULL: the defaults) and puts the host's
 * name where ssh_host is empty. 0, or -errno and the key at fault.
 */
int settings_read(const char *conf_path, struct settings *ret,
    struct err *err);
