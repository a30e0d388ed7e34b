// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/runtime.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "sandboxd/host/shared.h"

/* sandbox-init is far smaller; this bounds what a wrong path can cost. */
#define INIT_PROGRAM_MAX (64 * 1024 * 1024)

/* A host with no more processes than kernels set out with is soon full. */
#define PIDS_ENOUGH 65536

/* The levels of syslog(2) up to this are no error that a sandbox can cause. */
#define PRINTK_ENOUGH 3

static int
read_network(const struct settings *settings, struct net_range *ret,
    struct err *err)
{
	struct prefix prefix;
	static const unsigned char zero[16];

	if (prefix_parse(settings->network, &prefix) < 0 ||
	    prefix.family != AF_INET || prefix.length < 16 ||
	    prefix.length > 24)
		return err_set(err, EINVAL,
		    "network: \"%s\" is not an IPv4 prefix of /16 to /24",
		    settings->network);
	memcpy(&ret->base, prefix.address, sizeof ret->base);
	ret->prefix = prefix.length;
	if ((ntohl(ret->base.s_addr) & (0xffffffffu >> ret->prefix)) != 0)
		return err_set(err, EINVAL,
		    "network: \"%s\" has host bits set", settings->network);
	if (prefix_parse(settings->network6, &prefix) < 0 ||
	    prefix.family != AF_INET6 || prefix.length != 64 ||
	    memcmp(prefix.address + 8, zero, 8) != 0)
		return err_set(err, EINVAL,
		    "network6: \"%s\" is not an IPv6 /64 with no host bits",
		    settings->network6);
	memcpy(&ret->base6, prefix.address, sizeof ret->base6);
	snprintf(ret->link_prefix, sizeof ret->link_prefix, "%.7s",
	    settings->link_prefix);
	if (net_range_slots(ret) < settings->max_sandboxes)
		return err_set(err, EINVAL,
		    "network: \"%s\" has room for %u sandboxes, not for "
		    "max_sandboxes (%llu)",
		    settings->network, net_range_slots(ret),
		    (unsigned long long)settings->max_sandboxes);
	return 0;
}

static bool
is_loopback(const struct prefix *prefix)
{
	if (prefix->family == AF_INET)
		return prefix->address[0] == 127;
	return IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)
	    (const void *)prefix->address);
}

/* The resolvers a file names, loopback left out: a sandbox's is its own. */
static size_t
read_resolv_conf(const char *path, struct prefix *ret)
{
	FILE *file = fopen(path, "re");
	char line[512], address[64];
	size_t n = 0;

	if (file == NULL)
		return 0;
	while (n < EGRESS_RESOLVERS_MAX &&
	    fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, " nameserver %63s", address) == 1 &&
		    strchr(address, '/') == NULL &&
		    prefix_parse(address, &ret[n]) == 0 &&
		    !is_loopback(&ret[n]))
			n++;
	fclose(file);
	return n;
}

static void
write_resolv_conf(struct runtime *runtime)
{
	size_t used = 0;

	runtime->resolv_conf[0] = '\0';
	for (size_t i = 0; i < runtime->egress.n_resolvers; i++) {
		const struct prefix *resolver =
		    &runtime->egress.resolvers[i];
		char address[INET6_ADDRSTRLEN];

		inet_ntop(resolver->family, resolver->address, address,
		    sizeof address);
		used += (size_t)snprintf(runtime->resolv_conf + used,
		    RESOLV_CONF_SIZE - used, "nameserver %s\n", address);
	}
}

static enum egress_encrypted_dns
read_switch(const char *word)
{
	return strcmp(word, "allow") == 0 ? EGRESS_ENCRYPTED_DNS_ALLOWED :
	    strcmp(word, "deny") == 0 ? EGRESS_ENCRYPTED_DNS_DENIED :
	    EGRESS_ENCRYPTED_DNS_AUTO;
}

int
runtime_read_network(const struct settings *settings, struct runtime *ret,
    struct err *err)
{
	struct egress_host *egress = &ret->egress;
	int r;

	ret->settings = settings;
	egress->table = settings->nft_table;
	egress->is_closed = strcmp(settings->egress, "deny") == 0;
	egress->encrypted_dns = read_switch(settings->encrypted_dns);
	egress->is_smtp_open = settings->allow_smtp;
	egress->limits = settings->egress_limits;
	if ((r = read_network(settings, &egress->range, err)) < 0 ||
	    (r = prefix_parse_list("dns", settings->dns, egress->resolvers,
	    EGRESS_RESOLVERS_MAX, &egress->n_resolvers, err)) < 0 ||
	    (r = prefix_parse_list("allow_private", settings->allow_private,
	    egress->allowed_private, EGRESS_ALLOW_MAX,
	    &egress->n_allowed_private, err)) < 0)
		return r;
	for (size_t i = 0; i < egress->n_resolvers; i++)
		if (strchr(settings->dns, '/') != NULL)
			return err_set(err, EINVAL,
			    "dns: \"%s\" is not a list of addresses",
			    settings->dns);
	if (egress->n_resolvers == 0)
		egress->n_resolvers = read_resolv_conf("/etc/resolv.conf",
		    egress->resolvers);
	if (egress->n_resolvers == 0)
		egress->n_resolvers = read_resolv_conf(
		    "/run/systemd/resolve/resolv.conf", egress->resolvers);
	write_resolv_conf(ret);
	return 0;
}

static int
make_folder(const char *path, mode_t mode, struct err *err)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return err_errno(err, "%s", path);
	return 0;
}

static int
make_folders(struct runtime *runtime, struct err *err)
{
	const struct paths *paths = &runtime->settings->paths;
	int r;

	if ((r = path_join(runtime->init_folder, sizeof runtime->init_folder,
	    paths->run_dir, "init", err)) < 0 ||
	    (r = path_join(runtime->scratch, sizeof runtime->scratch,
	    paths->run_dir, "mnt", err)) < 0 ||
	    (r = make_folder(paths->run_dir, 0755, err)) < 0 ||
	    (r = make_folder(paths->state_dir, 0711, err)) < 0 ||
	    (r = make_folder(runtime->init_folder, 0700, err)) < 0)
		return r;
	return make_folder(runtime->scratch, 0700, err);
}

/* A copy nobody can write to, whatever happens to the file on disk. */
static int
read_init_program(const char *libexec_dir, int *ret_fd, struct err *err)
{
	char path[RUNTIME_PATH_SIZE], self[64];
	auto_close int file_fd = -1, memory_fd = -1;
	struct stat st;
	int r = path_join(path, sizeof path, libexec_dir, "sandbox-init", err);

	if (r < 0)
		return r;
	file_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file_fd < 0 || fstat(file_fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (st.st_size == 0 || st.st_size > INIT_PROGRAM_MAX)
		return err_set(err, EINVAL, "%s: not a program", path);
	memory_fd = memfd_create("sandbox-init",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory_fd < 0)
		return err_errno(err, "memfd");
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(memory_fd, file_fd, NULL, (size_t)left);

		if (n <= 0)
			return err_errno(err, "read %s", path);
		left -= n;
	}
	if (fchmod(memory_fd, 0555) < 0 || fcntl(memory_fd, F_ADD_SEALS,
	    F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return err_errno(err, "seal %s", path);
	/* Executing wants a descriptor that is not open for writing. */
	snprintf(self, sizeof self, "/proc/self/fd/%d", memory_fd);
	*ret_fd = open(self, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? err_errno(err, "%s", path) : 0;
}

/*
 * Whether the kernel gives core dumps to a program or a socket of the host
 * (core(5)); as it is when sandboxd starts.
 */
static int
read_core_pattern(bool *ret, struct err *err)
{
	static const char path[] = "/proc/sys/kernel/core_pattern";
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char first = '\0';

	if (fd < 0 || read(fd, &first, 1) < 0)
		return err_errno(err, "%s", path);
	*ret = first == '|' || first == '@';
	return 0;
}

/* Without it sandboxes have their own limits alone, as where more is in use
 * already than all may have now. */
static void
limit_all(const struct runtime *runtime)
{
	const struct cgroup_limits limits = {
	    .memory_bytes = runtime->ceilings.all_memory_bytes,
	    .pids = (uint32_t)runtime->ceilings.all_pids};
	struct err err = {0};

	if (cgroup_limit_all(runtime->cgroups, &limits, &err) < 0)
		log_warn("no limit of all sandboxes together: %s", err.text);
	if (cgroup_weigh_all(runtime->cgroups,
	    (unsigned)runtime->settings->cpu_weight, &err) < 0)
		log_warn("no cpu_weight: %s", err.text);
}

/* contrib/quickstart raises them; who installs by other means is told. */
static void
warn_of_low(const struct ceilings *ceilings, uint64_t max_sandboxes)
{
	if (ceilings->host.pids < PIDS_ENOUGH)
		log_warn("kernel.pid_max is low: all sandboxes together have "
		    "%llu processes; see etc/sysctl.conf",
		    (unsigned long long)ceilings->all_pids);
	if (host_number("/proc/sys/kernel/pty/max", 0) <
	    max_sandboxes * shared_terminals())
		log_warn("kernel.pty.max is low: fewer sandboxes than "
		    "max_sandboxes can open all pseudo-terminals the host "
		    "has; see etc/sysctl.conf");
	if (host_number("/proc/sys/fs/file-max", 0) <
	    ceilings->memory_bytes.value / SHARED_FILE_BYTES)
		log_warn("fs.file-max is low: a sandbox of much memory can "
		    "open all files the host may; see etc/sysctl.conf");
	if (host_number("/proc/sys/kernel/printk", 0) > PRINTK_ENOUGH)
		log_warn("kernel.printk has the kernel's errors written to its "
		    "console: a sandbox can cause many; see etc/sysctl.conf");
}

static int
find_ceilings(struct runtime *runtime, struct err *err)
{
	struct disk_usage disk = {0};
	struct host_size host;
	int r;

	if ((r = host_size_read(&host, err)) < 0 ||
	    (r = disk_pool_usage(runtime->disks, &disk, err)) < 0)
		return r;
	host.disk_bytes = disk.total_bytes;
	if ((r = ceilings_find(&host, runtime->settings, &runtime->ceilings,
	    err)) < 0)
		return r;
	warn_of_low(&runtime->ceilings, runtime->settings->max_sandboxes);
	limit_all(runtime);
	return view_place_open(runtime->settings->paths.run_dir,
	    host.memory_bytes, (unsigned)(host.cpu_millis / 1000),
	    &runtime->views, err);
}

static int
build_filters(struct runtime *runtime, struct err *err)
{
	const struct seccomp_wish plain = {runtime->are_cores_piped, false};
	const struct seccomp_wish nesting = {runtime->are_cores_piped, true};
	int r = seccomp_filter_build(plain, &runtime->filter, err);

	if (r < 0 || !runtime->settings->allow_nesting)
		return r;
	r = seccomp_filter_build_nested(&runtime->nesting[0], err);
	return r < 0 ? r : seccomp_filter_build(nesting, &runtime->nesting[1],
	    err);
}

int
runtime_open(const struct settings *settings, struct runtime *ret,
    struct err *err)
{
	int r;

	memset(ret, 0, sizeof *ret);
	ret->settings = settings;
	ret->init_fd = -1;
	ret->rootfs_way = rootfs_parse_way(settings->rootfs);
	if ((r = runtime_read_network(settings, ret, err)) < 0 ||
	    (r = make_folders(ret, err)) < 0 ||
	    (r = read_init_program(settings->paths.libexec_dir, &ret->init_fd,
	    err)) < 0 ||
	    (r = read_core_pattern(&ret->are_cores_piped, err)) < 0 ||
	    (r = build_filters(ret, err)) < 0 ||
	    (r = cgroup_detect(settings->cgroup_parent, &ret->cgroups,
	    err)) < 0 ||
	    (r = disk_pool_open(settings->paths.state_dir,
	    settings->disk_backend, settings->disk_pool_bytes, &ret->disks,
	    err)) < 0 ||
	    (r = find_ceilings(ret, err)) < 0) {
		runtime_close(ret);
		return r;
	}
	return 0;
}

void
runtime_close(struct runtime *runtime)
{
	if (runtime->disks != NULL)
		disk_pool_free(runtime->disks);
	if (runtime->cgroups != NULL)
		cgroup_host_free(runtime->cgroups);
	seccomp_filter_free(&runtime->filter);
	seccomp_filter_free(&runtime->nesting[0]);
	seccomp_filter_free(&runtime->nesting[1]);
	view_place_close(&runtime->views);
	fd_close(&runtime->init_fd);
	runtime->disks = NULL;
	runtime->cgroups = NULL;
}

int
runtime_init_path(const struct runtime *runtime, const char *id,
    char path[RUNTIME_PATH_SIZE], struct err *err)
{
	char name[SANDBOX_ID_SIZE + 8];

	snprintf(name, sizeof name, "%s.sock", id);
	return path_join(path, RUNTIME_PATH_SIZE, runtime->init_folder, name,
	    err);
}
