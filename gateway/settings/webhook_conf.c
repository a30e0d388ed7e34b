// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/webhook_conf.h"

#define FIELD(name) offsetof(struct webhook_conf, name)

const struct conf_key webhook_conf_keys[] = {
    {"webhook", "jail_user", CONF_STRING, FIELD(jail_user), "sandgate-net", 0,
	0, "", "whom gateway-webhook runs as"},
    {"webhook", "ca_file", CONF_STRING, FIELD(ca_file),
	"/etc/ssl/certs/ca-certificates.crt", 0, 0, "",
	"whom the certificates of receivers are to be signed by, PEM"},
    {"webhook", "allow_networks", CONF_STRING, FIELD(allow_networks), "", 0, 0,
	"", "networks that are posted to though they are not public, such as "
	"10.1.0.0/16, by spaces"},
    {"webhook", "timeout", CONF_SECONDS, FIELD(timeout_s), "10s", 1, 60,
	"seconds", "longest a receiver may take"},
};
const size_t n_webhook_conf_keys =
    sizeof webhook_conf_keys / sizeof *webhook_conf_keys;

int
webhook_conf_read(const char *conf_path, struct webhook_conf *ret,
    struct err *err)
{
	int r = conf_read(webhook_conf_keys, n_webhook_conf_keys, conf_path,
	    ret, err);

	return r < 0 ? r : prefix_parse_list("allow_networks",
	    ret->allow_networks, ret->networks, WEBHOOK_CONF_NETWORKS_MAX,
	    &ret->n_networks, err);
}
