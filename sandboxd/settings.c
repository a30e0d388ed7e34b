// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "common/log.h"
#include "common/parse.h"
#include "sandboxd/lifecycle/pool_plan.h"
#include "sandboxd/sizes.h"

#define MIB (1024ULL * 1024)
#define TIB (1024ULL * 1024 * MIB)

#define S	      "sandboxd"
#define FIELD(member) offsetof(struct settings, member)
#define LIMIT(name)   FIELD(egress_limits.of[EGRESS_LIMIT_##name])

const struct conf_key settings_keys[] = {
    {S, "log_level", CONF_STRING, FIELD(log_level), "info", 0, 0, "",
	"error, warn, info or debug"},
    {S, "max_sandboxes", CONF_U64, FIELD(max_sandboxes), "1000", 1, 16384, "",
	"sandboxes that may exist at once, suspended ones included"},
    {S, "default_template", CONF_STRING, FIELD(default_template), "base", 0, 0,
	"", "template of a create that names none"},
    {S, "max_templates", CONF_U64, FIELD(max_templates), "256", 1, 4096, "",
	"versions of templates that are kept at once, of all organisations; "
	"bases are not counted"},
    {S, "max_org_templates", CONF_U64, FIELD(max_org_templates), "32", 0,
	4096, "", "templates that one organisation may have"},
    {S, "memory_limit", CONF_SIZE, FIELD(memory_limit_bytes), "512M",
	32 * MIB, TIB, "bytes", "memory of a sandbox that asks for none"},
    {S, "memory_limit_max", CONF_SIZE, FIELD(memory_limit_max_bytes), "0", 0,
	TIB, "bytes",
	"most memory a create may ask for; 0 = all but the host's reserve"},
    {S, "pids_limit", CONF_U64, FIELD(pids_limit), "4096", 16, 1000000, "",
	"processes and threads of a sandbox that asks for none"},
    {S, "pids_limit_max", CONF_U64, FIELD(pids_limit_max), "0", 0, 1000000,
	"", "most processes and threads a create may ask for; "
	"0 = a quarter of all but the host's reserve"},
    {S, "cpu_limit", CONF_U64, FIELD(cpu_limit_millis), "1000", 10, 1024000,
	"thousandths of a CPU", "CPU time of a sandbox that asks for none"},
    {S, "cpu_limit_max", CONF_U64, FIELD(cpu_limit_max_millis), "0", 0,
	1024000, "thousandths of a CPU",
	"most CPU time a create may ask for; 0 = all CPUs"},
    {S, "disk_limit", CONF_SIZE, FIELD(disk_limit_bytes), "5G", 16 * MIB,
	1024 * TIB, "bytes", "disk of a sandbox that asks for none"},
    {S, "disk_limit_max", CONF_SIZE, FIELD(disk_limit_max_bytes), "0", 0,
	1024 * TIB, "bytes",
	"most disk a create may ask for; 0 = half of the pool"},
    {S, "sizes", CONF_STRING, FIELD(sizes),
	"shared-1x=1/256M shared-2x=2/512M shared-4x=4/1G shared-8x=8/2G "
	"performance-1x=1/2G performance-2x=2/4G performance-4x=4/8G "
	"performance-8x=8/16G shared-cpu-1x=1/256M shared-cpu-2x=2/512M "
	"shared-cpu-4x=4/1G shared-cpu-8x=8/2G", 0, 0, "",
	"sizes that can be asked for by name: NAME=CPUS/MEMORY or "
	"NAME=CPUS/MEMORY/DISK, by spaces"},
    {S, "host_memory_reserve", CONF_SIZE, FIELD(host_memory_reserve_bytes),
	"0", 0, TIB, "bytes",
	"memory that all sandboxes together leave the host, the gateway "
	"included; 0 = a quarter"},
    {S, "host_pids_reserve", CONF_U64, FIELD(host_pids_reserve), "0", 0,
	4194304, "", "processes and threads that all sandboxes together leave "
	"the host; 0 = an eighth"},
    {S, "cpu_weight", CONF_U64, FIELD(cpu_weight), "25", 1, 10000, "",
	"CPU time of all sandboxes together where others on the host want it "
	"too, of whom each group or session has 100"},
    {S, "memory_overcommit", CONF_U64, FIELD(memory_overcommit), "5000", 0,
	1000000, "percent",
	"memory promised to all sandboxes that hold some, of what they may "
	"use together; 100: no more than there is; 0: any"},
    {S, "disk_overcommit", CONF_U64, FIELD(disk_overcommit), "0", 0, 1000000,
	"percent",
	"disk promised to all sandboxes, of the pool; 100: no more than there "
	"is; 0: any"},
    {S, "disk_reserve", CONF_SIZE, FIELD(disk_reserve_bytes), "0", 0,
	1024 * TIB, "bytes",
	"free space of the pool below which nothing new is made; 0 = a "
	"fiftieth"},
    {S, "demote_below", CONF_SIZE, FIELD(demote_below_bytes), "0", 0,
	1024 * TIB, "bytes",
	"memory left on the host below which paused sandboxes are suspended, "
	"the longest paused first; 0 = host_memory_reserve"},
    {S, "uncharged_max", CONF_U64, FIELD(uncharged_max), "1024", 16, 1000000,
	"", "netlink and ICMP sockets of a sandbox, whose unread messages the "
	"kernel charges to nobody; above it all its processes are killed"},
    {S, "uid_base", CONF_U64, FIELD(uid_base), "1073741824", 65536,
	4294901760, "", "first host uid of sandboxes; a multiple of 65536"},
    {S, "network", CONF_STRING, FIELD(network), "10.213.0.0/16", 0, 0, "",
	"IPv4 prefix of sandboxes, /16 to /24"},
    {S, "network6", CONF_STRING, FIELD(network6), "fd5a:9a7e:1::/64", 0, 0, "",
	"IPv6 prefix of sandboxes, a /64"},
    {S, "allow_private", CONF_STRING, FIELD(allow_private), "", 0, 0, "",
	"private prefixes sandboxes may reach all the same, by spaces"},
    {S, "dns", CONF_STRING, FIELD(dns), "", 0, 0, "",
	"resolvers of sandboxes, by spaces; empty: the host's own"},
    {S, "egress", CONF_STRING, FIELD(egress), "allow", 0, 0, "",
	"what a sandbox without a policy of its own may reach of what is not "
	"refused to all: allow (everything) or deny (nothing)"},
    {S, "egress_out", CONF_SIZE, LIMIT(OUT), "0", 0,
	8192 * MIB, "bytes a second",
	"bytes a second that leave a sandbox, where its policy does not "
	"say; 0: any"},
    {S, "egress_in", CONF_SIZE, LIMIT(IN), "0", 0,
	8192 * MIB, "bytes a second",
	"bytes a second that come to one, where its policy does not "
	"say; 0: any"},
    {S, "egress_packets", CONF_U64, LIMIT(PACKETS), "0", 0,
	100000000, "packets a second",
	"packets a second that leave one, where its policy does not "
	"say; 0: any"},
    {S, "egress_connects", CONF_U64, LIMIT(CONNECTS), "0", 0,
	1000000, "a second",
	"connections a second that one begins, where its policy does not "
	"say; 0: any"},
    {S, "egress_connections", CONF_U64, LIMIT(CONNECTIONS), "0", 0,
	1000000, "",
	"connections that one has at once, where its policy does not "
	"say; 0: any"},
    {S, "encrypted_dns", CONF_STRING, FIELD(encrypted_dns), "auto", 0, 0, "",
	"DNS over TLS, QUIC and, at resolvers that are known to serve it, "
	"HTTPS: allow (the policy decides), deny (closed to all), or auto, "
	"closed to sandboxes whose policies have names and deny all else"},
    {S, "allow_smtp", CONF_BOOL, FIELD(allow_smtp), "no", 0, 0, "",
	"whether policies may open port 25 of TCP, by which mail is sent"},
    {S, "allow_nesting", CONF_BOOL, FIELD(allow_nesting), "no", 0, 0, "",
	"whether sandboxes may be made that make namespaces and mounts inside; "
	"docs/INSIDE.md says what that costs"},
    {S, "link_prefix", CONF_STRING, FIELD(link_prefix), "sg", 0, 0, "",
	"what names of sandboxes' links on the host begin with"},
    {S, "nft_table", CONF_STRING, FIELD(nft_table), "sandgate", 0, 0, "",
	"name of the host's nftables table"},
    {S, "cgroup_parent", CONF_STRING, FIELD(cgroup_parent), "sandgate", 0, 0,
	"", "cgroup under which sandboxes have theirs"},
    {S, "workers", CONF_U64, FIELD(n_workers), "2", 1, 16, "",
	"processes that create and destroy, each one sandbox at a time"},
    {S, "slow_workers", CONF_U64, FIELD(n_slow_workers), "1", 1, 16, "",
	"processes that do what takes long, such as deleting large trees"},
    {S, "pool", CONF_STRING, FIELD(pool), "", 0, 0, "",
	"sandboxes that are made ahead, TEMPLATE:NUMBER by spaces; empty: "
	"none"},
    {S, "blanks", CONF_U64, FIELD(n_blanks), "0", 0, POOL_WANTED_MAX, "",
	"sandboxes of any template that are half made ahead"},
    {S, "start_timeout", CONF_SECONDS, FIELD(start_timeout_s), "10s", 1, 600,
	"seconds", "how long a sandbox's init may take to answer"},
    {S, "ephemeral_linger", CONF_SECONDS, FIELD(ephemeral_linger_s), "5s", 1,
	86400, "seconds",
	"how long an ephemeral sandbox stays once nobody is connected to it"},
    {S, "suspend_grace", CONF_SECONDS, FIELD(suspend_grace_s), "10s", 0, 600,
	"seconds",
	"how long processes may take to end when their sandbox is suspended"},
    {S, "pause_keep", CONF_SECONDS, FIELD(pause_keep_s), "1d", 0, 315360000,
	"seconds",
	"how long a paused sandbox keeps its memory before it is suspended; 0: "
	"for ever"},
    {S, "ttl_max", CONF_SECONDS, FIELD(ttl_max_s), "0", 0, 315360000,
	"seconds", "most a sandbox's ttl may be; 0: anything, or none"},
    {S, "hard_ttl_max", CONF_SECONDS, FIELD(hard_ttl_max_s), "0", 0,
	315360000, "seconds",
	"most a sandbox's hard_ttl may be; 0: anything, or none"},
    {S, "tombstone_keep", CONF_SECONDS, FIELD(tombstone_keep_s), "30d", 0,
	315360000, "seconds",
	"how long it can be asked when and why a sandbox was destroyed"},
    {S, "ended_logs", CONF_SIZE, FIELD(ended_logs_bytes), "1G", 0, 1024 * TIB,
	"bytes", "what is kept of the output of sandboxes that were destroyed, "
	"all together; the oldest goes"},
    {S, "events_per_sandbox", CONF_U64, FIELD(events_per_sandbox), "1000", 16,
	1000000, "", "events that are kept of one sandbox; the oldest go"},
    {S, "events_per_organisation", CONF_U64, FIELD(events_per_org), "100000",
	16, 100000000, "",
	"events that are kept of one organisation; the oldest go"},
    {S, "disk_backend", CONF_STRING, FIELD(disk_backend), "auto", 0, 0, "",
	"auto, btrfs or plain"},
    {S, "disk_pool", CONF_SIZE, FIELD(disk_pool_bytes), "64G", 256 * MIB,
	1024 * TIB, "bytes", "most the pool file may grow to"},
    {S, "masked_paths", CONF_STRING, FIELD(masked_paths),
	"/proc/acpi /proc/asound /proc/kcore /proc/keys /proc/latency_stats "
	"/proc/sched_debug /proc/scsi /proc/timer_list /sys/firmware "
	"/sys/devices/virtual/powercap /sys/kernel/debug",
	0, 0, "", "paths that appear empty in sandboxes, by spaces"},
    {S, "rootfs", CONF_STRING, FIELD(rootfs), "auto", 0, 0, "",
	"how root file systems are mounted: auto, detached or attached"},
    {S, "fail_at", CONF_U64, FIELD(fail_at), "0", 0, 255, "",
	"for tests: the step of a start that fails; 0 is none"},
};
const size_t n_settings_keys = sizeof settings_keys / sizeof *settings_keys;

static int
check_choice(const char *name, const char *value, const char *const *choices,
    struct err *err)
{
	char all[128] = "";

	for (size_t i = 0; choices[i] != NULL; i++) {
		size_t used = strlen(all);

		if (strcmp(value, choices[i]) == 0)
			return 0;
		snprintf(all + used, sizeof all - used, "%s%s",
		    i > 0 ? ", " : "", choices[i]);
	}
	return err_set(err, EINVAL, "%s: \"%s\" is not one of %s", name, value,
	    all);
}

static int
check_name(const char *name, const char *value, size_t max, struct err *err)
{
	if (!name_is_valid(value) || strchr(value, '.') != NULL ||
	    strlen(value) > max)
		return err_set(err, EINVAL,
		    "%s: \"%s\" is not 1 to %zu of a-z 0-9 _ -", name, value,
		    max);
	return 0;
}

static int
check_maximum(const char *name, uint64_t value, uint64_t max, struct err *err)
{
	if (max != 0 && value > max)
		return err_set(err, EINVAL,
		    "%s: %llu is more than %s_max, %llu",
		    name, (unsigned long long)value, name,
		    (unsigned long long)max);
	return 0;
}

static int
check_uids(const struct settings *s, struct err *err)
{
	uint64_t end = s->uid_base + s->max_sandboxes * SANDBOX_UID_COUNT;

	if (s->uid_base % SANDBOX_UID_COUNT != 0 || end > UINT32_MAX)
		return err_set(err, EINVAL,
		    "uid_base: %llu is not a multiple of %d with room for "
		    "max_sandboxes (%llu) times %d below 2^32",
		    (unsigned long long)s->uid_base, SANDBOX_UID_COUNT,
		    (unsigned long long)s->max_sandboxes, SANDBOX_UID_COUNT);
	return 0;
}

/* A socket's path has to fit struct sockaddr_un. */
static int
check_run_dir(const struct settings *s, struct err *err)
{
	size_t max = sizeof((struct sockaddr_un *)0)->sun_path -
	    sizeof "/init/.sock" - SANDBOX_ID_SIZE;

	if (s->paths.run_dir[0] != '/' || strlen(s->paths.run_dir) > max)
		return err_set(err, EINVAL,
		    "run_dir: \"%s\" is not an absolute path of at most %zu "
		    "characters",
		    s->paths.run_dir, max);
	return 0;
}

int
settings_read(const char *conf_path, struct settings *ret, struct err *err)
{
	static const char *const backends[] = {"auto", "btrfs", "plain", NULL};
	static const char *const mounts[] = {"auto", "detached", "attached",
	    NULL};
	static const char *const defaults[] = {"allow", "deny", NULL};
	static const char *const switches[] = {"auto", "allow", "deny", NULL};
	struct pool_plan plan;
	enum log_level level;
	int r;

	memset(ret, 0, sizeof *ret);
	if ((r = paths_read(conf_path, &ret->paths, err)) < 0 ||
	    (r = conf_read(settings_keys, n_settings_keys, conf_path, ret,
	    err)) < 0)
		return r;
	if (log_parse_level(ret->log_level, &level) < 0)
		return err_set(err, EINVAL,
		    "log_level: \"%s\" is not error, warn, info or debug",
		    ret->log_level);
	if (!name_is_valid(ret->default_template))
		return err_set(err, EINVAL, "default_template: \"%s\" is not "
		    "[a-z0-9][a-z0-9_.-]{0,62}", ret->default_template);
	if ((r = check_choice("disk_backend", ret->disk_backend, backends,
	    err)) < 0 ||
	    (r = check_choice("rootfs", ret->rootfs, mounts, err)) < 0 ||
	    (r = check_choice("egress", ret->egress, defaults, err)) < 0 ||
	    (r = check_choice("encrypted_dns", ret->encrypted_dns, switches,
	    err)) < 0 ||
	    (r = check_name("link_prefix", ret->link_prefix, 7, err)) < 0 ||
	    (r = check_name("nft_table", ret->nft_table, 31, err)) < 0 ||
	    (r = check_name("cgroup_parent", ret->cgroup_parent, 63,
	    err)) < 0 ||
	    (r = check_maximum("memory_limit", ret->memory_limit_bytes,
	    ret->memory_limit_max_bytes, err)) < 0 ||
	    (r = check_maximum("pids_limit", ret->pids_limit,
	    ret->pids_limit_max, err)) < 0 ||
	    (r = check_maximum("cpu_limit", ret->cpu_limit_millis,
	    ret->cpu_limit_max_millis, err)) < 0 ||
	    (r = check_maximum("disk_limit", ret->disk_limit_bytes,
	    ret->disk_limit_max_bytes, err)) < 0 ||
	    (r = pool_plan_read(ret->pool, &plan, err)) < 0 ||
	    (r = size_find(ret->sizes, NULL, NULL, err)) < 0 ||
	    (r = check_uids(ret, err)) < 0 ||
	    (r = check_run_dir(ret, err)) < 0)
		return r;
	return 0;
}
