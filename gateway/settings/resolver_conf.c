// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/resolver_conf.h"

#define FIELD(name) offsetof(struct resolver_conf, name)

const struct conf_key resolver_conf_keys[] = {
    {"resolver", "jail_user", CONF_STRING, FIELD(jail_user), "sandgate-net", 0,
	0, "", "whom gateway-resolver runs as"},
    {"resolver", "queries", CONF_U64, FIELD(queries_per_s), "100", 1, 100000,
	"a second", "names one sandbox may ask for; what it did not use in "
	"four seconds is kept"},
};
const size_t n_resolver_conf_keys =
    sizeof resolver_conf_keys / sizeof *resolver_conf_keys;
