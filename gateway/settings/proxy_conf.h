// SPDX-License-Identifier: Apache-2.0
/* Section [proxy] of the configuration: what of sandboxes is served to those
 * outside (docs/SERVICES.md). */
#pragma once

#include "common/conf.h"

struct proxy_conf {
	char listen[CONF_STRING_SIZE];
	char cert[CONF_STRING_SIZE]; /* "" = no TLS */
	char key[CONF_STRING_SIZE];
	char url[CONF_STRING_SIZE];
	char domain[CONF_STRING_SIZE];
	char jail_user[CONF_STRING_SIZE];
	uint64_t max_connections;
	uint64_t max_connections_per_address;
	uint64_t max_connections_per_sandbox;
	uint64_t request_timeout_s;
	uint64_t answer_timeout_s;
	uint64_t idle_timeout_s;
	uint64_t stall_timeout_s;
	uint64_t start_timeout_s;
};

extern const struct conf_key proxy_conf_keys[];
extern const size_t n_proxy_conf_keys;

/* Reads the section, and checks url and domain. 0 or -errno with words. */
int proxy_conf_read(const char *conf_path, struct proxy_conf *ret,
    struct err *err);

/* Where the service of a sandbox (or its port, in digits) is, in ret[size]; ""
 * where none is served. */
void proxy_conf_url(const struct proxy_conf *conf, const char *service,
    const char *sandbox_id, char *ret, size_t size);
