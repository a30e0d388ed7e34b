// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/gateway_conf.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/parse.h"
#include "gateway/settings/certificate.h"
#include "gateway/settings/ssh_conf.h"

#define FIELD(name) offsetof(struct gateway_conf, name)

const struct conf_key settings_keys[] = {
    {"gateway", "ssh_listen", CONF_STRING, FIELD(ssh_listen),
	"0.0.0.0:2222,[::]:2222", 0, 0, "",
	"address:port to serve SSH on, comma separated"},
    {"gateway", "ssh_host", CONF_STRING, FIELD(ssh_host), "", 0, 0, "",
	"the name users are told to connect to; empty: the host's name"},
    {"gateway", "api_listen", CONF_STRING, FIELD(api_listen), "", 0, 0, "",
	"address:port to serve the API on over TCP; empty: none"},
    {"gateway", "api_cert", CONF_STRING, FIELD(api_cert), "", 0, 0, "",
	"PEM file of a certificate and its chain, with which api_listen "
	"speaks TLS; empty: it does not"},
    {"gateway", "api_key", CONF_STRING, FIELD(api_key), "", 0, 0, "",
	"PEM file of its key"},
    {"gateway", "user", CONF_STRING, FIELD(user), "sandgate", 0, 0, "",
	"who gateway-broker runs as"},
    {"gateway", "admin_group", CONF_STRING, FIELD(admin_group), "sandgate", 0,
	0, "", "whose members may use the API's Unix socket"},
    {"gateway", "cgroup", CONF_STRING, FIELD(cgroup), "sandgate-gateway", 0,
	0, "", "cgroup of the gateway's processes; empty: the one it is "
	"started in"},
    {"gateway", "memory_max", CONF_SIZE, FIELD(memory_max_bytes), "0", 0,
	1099511627776, "bytes",
	"memory of all of them together; 0 = an eighth of the host's"},
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
    {"gateway", "max_connections_per_credential", CONF_U64,
	FIELD(max_connections_per_credential), "512", 1, 100000, "",
	"SSH connections at once by one key, token or certificate's user"},
    /* Less than an init serves at once, so that one credential alone keeps
     * nobody else out of a sandbox. */
    {"gateway", "max_connections_per_sandbox", CONF_U64,
	FIELD(max_connections_per_sandbox), "192", 1, 100000, "",
	"of those, to one sandbox"},
    /* Below where max_startups begins, so that one source alone keeps nobody
     * else out. */
    {"gateway", "max_startups_per_source", CONF_U64,
	FIELD(max_startups_per_source), "64", 1, 100000, "",
	"of those, not yet authenticated"},
    {"gateway", "max_auth_tries", CONF_U64, FIELD(max_auth_tries), "6", 1,
	100, "", "failed claims after which a connection is cut off"},
    {"gateway", "auth_failure_ms", CONF_U64, FIELD(auth_failure_ms), "50", 0,
	10000, "ms", "how long after its request every refusal is answered"},
    {"gateway", "audit_required", CONF_BOOL, FIELD(audit_required), "yes", 0,
	0, "", "refuse logins that cannot be written to the audit log"},
    {"gateway", "zygote_renew", CONF_SECONDS, FIELD(zygote_renew_s), "1h", 60,
	86400 * 30, "seconds",
	"how often sessions get a fresh address-space layout"},
    {"gateway", "recording_keep", CONF_SECONDS, FIELD(recording_keep_s), "30d",
	0, 86400 * 3660, "seconds",
	"recordings are removed, a whole day at a time, after this; 0 = never"},
    {"gateway", "recording_max_files", CONF_U64, FIELD(recording_max_files),
	"10000", 1, 1000000, "", "recordings of one SSH connection, at most"},
    {"gateway", "artifacts_min_free", CONF_SIZE,
	FIELD(artifacts_min_free_bytes), "1G", 0, 1LL << 50, "bytes",
	"left free on the disk of state_dir: artifacts are refused below it"},
    {"gateway", "penalty_no_auth", CONF_SECONDS, FIELD(penalty_no_auth_s),
	"1", 0, 86400, "seconds",
	"penalty of a source for leaving without having tried to log in"},
    {"gateway", "penalty_auth_failure", CONF_SECONDS,
	FIELD(penalty_auth_failure_s), "5", 0, 86400, "seconds",
	"penalty of a source for a connection that failed to log in"},
    {"gateway", "penalty_grace", CONF_SECONDS, FIELD(penalty_grace_s), "20", 0,
	86400, "seconds", "penalty of a source for letting login_grace pass"},
    {"gateway", "penalty_crash", CONF_SECONDS, FIELD(penalty_crash_s), "90", 0,
	86400, "seconds",
	"penalty of a source whose session crashed before its login"},
    {"gateway", "penalty_min", CONF_SECONDS, FIELD(penalty_min_s), "15", 1,
	86400, "seconds", "penalties from which on a source is refused"},
    {"gateway", "penalty_max", CONF_SECONDS, FIELD(penalty_max_s), "10m", 1,
	86400, "seconds", "the most that adds up for a source"},
    {"gateway", "penalty_sources", CONF_U64, FIELD(penalty_sources), "65536",
	8, 1048576, "", "sources remembered, of IPv4 and of IPv6 each"},
    /* Behind a proxy or a tunnel everybody comes from this host. */
    {"gateway", "penalty_exempt", CONF_STRING, FIELD(penalty_exempt),
	"127.0.0.0/8 ::1", 0, 0, "",
	"addresses and prefixes without penalties and "
	"max_startups_per_source, by blanks"},
};
const size_t n_settings_keys = sizeof settings_keys / sizeof *settings_keys;

int
gateway_conf_read(const char *conf_path, struct gateway_conf *ret,
    struct err *err)
{
	struct ssh_conf options;
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
	if (*ret->cgroup != '\0' && (!name_is_valid(ret->cgroup) ||
	    strchr(ret->cgroup, '.') != NULL))
		return err_set(err, EINVAL, "cgroup: \"%s\" is not 1 to 63 of "
		    "a-z 0-9 _ -", ret->cgroup);
	r = certificate_rows_check("api_cert", ret->api_cert, "api_key",
	    ret->api_key, "api_listen", ret->api_listen, err);
	if (r == 0)
		r = prefix_parse_list("penalty_exempt", ret->penalty_exempt,
		    ret->exempt, GATEWAY_CONF_EXEMPT_MAX, &ret->n_exempt, err);
	if (r == 0)
		r = ssh_conf_read(conf_path, &options, err);
	if (r < 0)
		return r;
	ret->login_grace_s = options.login_grace_s;
	ret->recording_min_free_bytes = options.recording_min_free_bytes;
	return startups_parse(ret->max_startups, &ret->startups, err);
}
