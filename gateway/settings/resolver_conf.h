// SPDX-License-Identifier: Apache-2.0
/* Section [resolver] of the configuration. */
#pragma once

#include "common/conf.h"

struct resolver_conf {
	char jail_user[CONF_STRING_SIZE];
	uint64_t queries_per_s;
};

extern const struct conf_key resolver_conf_keys[];
extern const size_t n_resolver_conf_keys;
