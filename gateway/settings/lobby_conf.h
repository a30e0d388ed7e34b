// SPDX-License-Identifier: Apache-2.0
/* Section [lobby] of the configuration. */
#pragma once

#include "common/conf.h"

struct lobby_conf {
	char jail_user[CONF_STRING_SIZE];
	uint64_t command_timeout_s;
};

extern const struct conf_key lobby_conf_keys[];
extern const size_t n_lobby_conf_keys;
