// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/lobby_conf.h"

#define FIELD(name) offsetof(struct lobby_conf, name)

const struct conf_key lobby_conf_keys[] = {
    {"lobby", "jail_user", CONF_STRING, FIELD(jail_user), "sandgate-net", 0, 0,
	"", "whom gateway-lobby runs as"},
    {"lobby", "command_timeout", CONF_SECONDS, FIELD(command_timeout_s), "5m",
	1, 86400, "seconds", "longest a command of the lobby may take"},
};
const size_t n_lobby_conf_keys =
    sizeof lobby_conf_keys / sizeof *lobby_conf_keys;
