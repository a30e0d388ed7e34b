// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct settings, name)

const struct conf_key settings_keys[] = {
    {"gateway", "ssh_listen", CONF_STRING, FIELD(ssh_listen),
	"0.0.0.0:2222,[::]:2222", 0, 0, "",
	"address:port to serve SSH on, comma separated"},
    {"gateway", "ssh_host", CONF_STRING, FIELD(ssh_host), "", 0, 0, "",
	"the name users are told to connect to; empty: the host's name"},
    {"gateway", "api_listen", CONF_STRING, FIELD(api_listen), "", 0, 0, "",
	"address:port to serve the API on over TCP; empty: none"},
    {"gateway", "user", CONF_STRING, FIELD(user), "sandgate", 0, 0, "",
	"who gateway-broker runs as"},
    {"gateway", "admin_group", CONF_STRING, FIELD(admin_group), "sandgate", 0,
	0, "", "whose members may use the API's Unix socket"},
    {"gateway", "log_level", CONF_STRING, FIELD(log_level), "info", 0, 0, "",
	"error, warn, info or debug"},
    {"gateway", "max_startups", CONF_STRING, FIELD(max_startups),
	"100:30:400", 0, 0, "",
	"begin:rate:full of connections not yet authenticated, as in sshd"},
    {"gateway", "max_connections", CONF_U64, FIELD(max_connections), "4096",
	1, 100000, "", "SSH connections at once"},
    {"gateway", "max_connections_per_source", CONF_U64,
	FIELD(max_connections_per_source), "512", 1, 100000, "",
	"SSH connections at once from one IPv4 address or IPv6 /64"},
    {"gateway", "max_auth_tries", CONF_U64, FIELD(max_auth_tries), "6", 1,
	100, "", "failed claims after which a connection is cut off"},
    {"gateway", "auth_failure_ms", CONF_U64, FIELD(auth_failure_ms), "50", 0,
	10000, "ms", "how long after its request every refusal is answered"},
    {"gateway", "zygote_renew", CONF_SECONDS, FIELD(zygote_renew_s), "1h", 60,
	86400 * 30, "seconds",
	"how often sessions get a fresh address-space layout"},
    {"gateway", "recording_keep", CONF_SECONDS, FIELD(recording_keep_s), "30d",
	0, 86400 * 3660, "seconds",
	"recordings are removed, a whole day at a time, after this; 0 = never"},
    {"gateway", "recording_max_files", CONF_U64, FIELD(recording_max_files),
	"10000", 1, 1000000, "", "recordings of one SSH connection, at most"},
};
const size_t n_settings_keys = sizeof settings_keys / sizeof *settings_keys;

int
settings_read(const char *conf_path, struct settings *ret, struct err *err)
{
	int r = paths_read(conf_path, &ret->paths, err);

	if (r < 0)
		return r;
	r = conf_read(settings_keys, n_settings_keys, conf_path, ret, err);
	if (r < 0)
		return r;
	if (*ret->ssh_host == '\0' &&
	    gethostname(ret->ssh_host, sizeof ret->ssh_host - 1) < 0)
		return err_errno(err, "ssh_host: the host's name");
	if (log_parse_level(ret->log_level, &ret->level) < 0)
		return err_set(err, EINVAL, "log_level: \"%s\" is not error, "
		    "warn, info or debug", ret->log_level);
	return startups_parse(ret->max_startups, &ret->startups, err);
}
