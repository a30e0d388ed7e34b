// SPDX-License-Identifier: Apache-2.0
/* Section [http] of the configuration. */
#pragma once

#include "common/conf.h"

struct http_conf {
	char jail_user[CONF_STRING_SIZE];
	uint64_t max_connections;
	uint64_t max_connections_per_address;
	uint64_t max_requests_per_second;
	uint64_t request_max_bytes;
	uint64_t idle_timeout_s;
	uint64_t stall_timeout_s;
	uint64_t request_timeout_s;
	uint64_t call_timeout_s;
	char aliases_zwrm[CONF_STRING_SIZE];
	char aliases_sandbase[CONF_STRING_SIZE];
	char aliases_e2b[CONF_STRING_SIZE];
	char aliases_sandbox0[CONF_STRING_SIZE];
	char mcp_origins[CONF_STRING_SIZE];
};

extern const struct conf_key http_conf_keys[];
extern const size_t n_http_conf_keys;
