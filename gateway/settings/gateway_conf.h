// SPDX-License-Identifier: Apache-2.0
/* Sections [paths] and [gateway], for the supervisor and the broker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/log.h"
#include "common/paths.h"
#include "common/prefix.h"
#include "gateway/settings/startups.h"

#define GATEWAY_CONF_EXEMPT_MAX 32

struct gateway_conf {
	struct paths paths;
	char ssh_listen[CONF_STRING_SIZE];
	char ssh_host[CONF_STRING_SIZE];
	char api_listen[CONF_STRING_SIZE];
	char api_cert[CONF_STRING_SIZE]; /* "" = no TLS */
	char api_key[CONF_STRING_SIZE];
	char user[CONF_STRING_SIZE];
	char admin_group[CONF_STRING_SIZE];
	char cgroup[CONF_STRING_SIZE];
	uint64_t memory_max_bytes; /* 0 = a part of the host's */
	char log_level[CONF_STRING_SIZE];
	char max_startups[CONF_STRING_SIZE];
	uint64_t max_connections;
	uint64_t max_connections_per_source;
	uint64_t max_startups_per_source;
	uint64_t max_connections_per_credential;
	uint64_t max_connections_per_sandbox; /* of those */
	uint64_t max_auth_tries;
	uint64_t auth_failure_ms;
	uint64_t zygote_renew_s;
	bool audit_required;
	uint64_t recording_keep_s; /* 0 = for ever */
	uint64_t recording_max_files;
	uint64_t recording_min_free_bytes; /* of [ssh], as sessions have it */
	uint64_t artifacts_min_free_bytes;
	uint64_t penalty_no_auth_s;
	uint64_t penalty_auth_failure_s;
	uint64_t penalty_grace_s;
	uint64_t penalty_crash_s;
	uint64_t penalty_min_s;
	uint64_t penalty_max_s;
	uint64_t penalty_sources;
	char penalty_exempt[CONF_STRING_SIZE];
	/* penalty_exempt, read */
	struct prefix exempt[GATEWAY_CONF_EXEMPT_MAX];
	size_t n_exempt;
	uint64_t login_grace_s;	  /* of section [ssh] */
	struct startups startups; /* max_startups, read */
	enum log_level level;	  /* log_level, read */
};

extern const struct conf_key settings_keys[];
extern const size_t n_settings_keys;

/*
 * Reads both sections of the file (NULL: the defaults), login_grace of the
 * session's own, and puts the host's name where ssh_host is empty. 0, or
 * -errno and the key at fault.
 */
int gateway_conf_read(const char *conf_path, struct gateway_conf *ret,
    struct err *err);
