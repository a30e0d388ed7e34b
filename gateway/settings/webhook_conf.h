// SPDX-License-Identifier: Apache-2.0
/* Section [webhook] of the configuration. */
#pragma once

#include "common/conf.h"
#include "common/prefix.h"

#define WEBHOOK_CONF_NETWORKS_MAX 16

struct webhook_conf {
	char jail_user[CONF_STRING_SIZE];
	char ca_file[CONF_STRING_SIZE];
	char allow_networks[CONF_STRING_SIZE];
	uint64_t timeout_s;
	/* allow_networks, read */
	struct prefix networks[WEBHOOK_CONF_NETWORKS_MAX];
	size_t n_networks;
};

extern const struct conf_key webhook_conf_keys[];
extern const size_t n_webhook_conf_keys;

/* Reads the section; -errno and the key at fault. */
int webhook_conf_read(const char *conf_path, struct webhook_conf *ret,
    struct err *err);
