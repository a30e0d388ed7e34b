// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/cgroup/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cgroup_mount.h"
#include "common/fd.h"
#include "common/parse.h"
#include "sandboxd/cgroup/backend.h"

/* Between two tries to remove a group: most processes die within the first. */
#define REMOVE_PAUSE_MIN_US 100u
#define REMOVE_PAUSE_MAX_US 2000u

/* The v1 controllers, by the option that names them in the mounts. */
static const char *const controllers[N_CGROUP_TREE] = {
    [CGROUP_MEMORY] = "memory",
    [CGROUP_PIDS] = "pids",
    [CGROUP_CPU] = "cpu",
    [CGROUP_FREEZER] = "freezer",
    [CGROUP_CPUACCT] = "cpuacct",
    [CGROUP_CPUSET] = "cpuset",
};

int
cgroup_file_path(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, char *path, struct err *err)
{
	int n = snprintf(path, CGROUP_PATH_SIZE, "%s/%s%s%s%s%s",
	    host->mounts[tree], host->parent, id ? "/" : "", id ? id : "",
	    file ? "/" : "", file ? file : "");

	if (n < 0 || n >= CGROUP_PATH_SIZE)
		return err_set(err, ENAMETOOLONG, "cgroup path of %s",
		    id ? id : host->parent);
	return 0;
}

int
cgroup_write(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, const char *value, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	auto_close int fd = -1;
	int r;

	r = cgroup_file_path(host, tree, id, file, path, err);
	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	if (write(fd, value, strlen(value)) < 0)
		return err_errno(err, "cannot write \"%s\" to %s", value, path);
	return 0;
}

int
cgroup_read(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, char *text, size_t size, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	auto_close int fd = -1;
	ssize_t n;
	int r;

	r = cgroup_file_path(host, tree, id, file, path, err);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read(fd, text, size - 1)) < 0)
		return err_errno(err, "cannot read %s", path);
	text[n] = '\0';
	return 0;
}

uint64_t
cgroup_value_of(const char *text, const char *key)
{
	size_t length = strlen(key);
	const char *line = text;

	while (line) {
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return strtoull(line + length + 1, NULL, 10);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return 0;
}

static int
read_mounts(struct cgroup_host *host, const char *mountinfo, struct err *err)
{
	int r = 0;

	/* That of the unified tree is NULL. */
	for (int tree = 0; r == 0 && tree < N_CGROUP_TREE; tree++)
		r = cgroup_mount_find(mountinfo, controllers[tree],
		    host->mounts[tree], err);
	return r;
}

/* Whether the unified tree has all the controllers limits need. */
static bool
unified_has_limits(const struct cgroup_host *host)
{
	static const char *const needed[] = {"memory", "pids", "cpu"};
	char path[CGROUP_PATH_SIZE + 32], text[512];
	auto_close int fd = -1;
	ssize_t n;

	if (host->mounts[CGROUP_UNIFIED][0] == '\0')
		return false;
	(void)snprintf(path, sizeof path, "%s/cgroup.controllers",
	    host->mounts[CGROUP_UNIFIED]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read(fd, text, sizeof text - 1)) < 0)
		return false;
	text[n] = '\0';
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!cgroup_mount_has_word(text, needed[i]))
			return false;
	return true;
}

static int
choose_backend(struct cgroup_host *host, struct err *err)
{
	if (unified_has_limits(host)) {
		host->name = "v2";
		host->backend = host->processes = &cgroup_v2;
		for (int tree = CGROUP_MEMORY; tree < N_CGROUP_TREE; tree++)
			host->mounts[tree][0] = '\0';
		return 0;
	}
	for (int tree = CGROUP_MEMORY; tree <= CGROUP_CPU; tree++)
		if (host->mounts[tree][0] == '\0')
			return err_set(err, ENOTSUP,
			    "no cgroup controller \"%s\", neither v2 nor v1",
			    controllers[tree]);
	host->backend = &cgroup_v1;
	if (host->mounts[CGROUP_UNIFIED][0] != '\0') {
		host->name = "v1+v2";
		host->processes = &cgroup_v2;
		host->mounts[CGROUP_FREEZER][0] = '\0';
		return 0;
	}
	host->name = "v1";
	host->processes = &cgroup_v1;
	if (host->mounts[CGROUP_FREEZER][0] == '\0')
		return err_set(
		    err, ENOTSUP, "no cgroup freezer, neither v2 nor v1");
	return 0;
}

int
cgroup_make_folder(const char *path, struct err *err)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make %s", path);
	return 0;
}

/* Makes the parent, which may be "a/b", and on v2 hands the controllers
 * down to what will be below it. */
static int
make_parent(
    const struct cgroup_host *host, enum cgroup_tree tree, struct err *err)
{
	bool is_cpuset = tree == CGROUP_CPUSET;
	bool is_limited = tree == CGROUP_UNIFIED && host->backend == &cgroup_v2;
	char path[CGROUP_PATH_SIZE];
	size_t length = strlen(host->mounts[tree]);
	int r;

	r = cgroup_file_path(host, tree, NULL, NULL, path, err);
	if (r < 0)
		return r;
	for (;;) {
		char rest = path[length];

		path[length] = '\0';
		if ((r = cgroup_make_folder(path, err)) < 0 ||
		    (is_limited && (r = cgroup_v2_delegate(path, err)) < 0) ||
		    (is_cpuset && length > strlen(host->mounts[tree]) &&
			(r = cgroup_v1_open_cpuset(path, err)) < 0))
			return r;
		path[length] = rest;
		if (rest == '\0')
			return 0;
		length += 1 + strcspn(path + length + 1, "/");
	}
}

int
cgroup_detect_in(const char *mountinfo, const char *parent,
    struct cgroup_host **ret, struct err *err)
{
	auto_free struct cgroup_host *host = calloc(1, sizeof *host);
	int r;

	if (!host)
		return err_set(err, ENOMEM, "no memory for cgroups");
	if (strlen(parent) >= sizeof host->parent || parent[0] == '\0' ||
	    parent[0] == '/' || strstr(parent, ".."))
		return err_set(err, EINVAL, "cgroup parent \"%s\"", parent);
	strcpy(host->parent, parent);
	if ((r = read_mounts(host, mountinfo, err)) < 0 ||
	    (r = choose_backend(host, err)) < 0)
		return r;
	for (int tree = 0; tree < N_CGROUP_TREE; tree++) {
		if (host->mounts[tree][0] == '\0')
			continue;
		r = make_parent(host, tree, err);
		if (r < 0 && tree != CGROUP_CPUSET)
			return r;
		/* Nothing depends on it. */
		if (r < 0)
			host->mounts[tree][0] = '\0';
	}
	*ret = host;
	host = NULL;
	return 0;
}

int
cgroup_detect(const char *parent, struct cgroup_host **ret, struct err *err)
{
	return cgroup_detect_in("/proc/self/mountinfo", parent, ret, err);
}

void
cgroup_host_free(struct cgroup_host *host)
{
	free(host);
}

const char *
cgroup_backend(const struct cgroup_host *host)
{
	return host->name;
}

int
cgroup_limit_all(const struct cgroup_host *host,
    const struct cgroup_limits *limits, struct err *err)
{
	return host->backend->set_total(host, limits, err);
}

int
cgroup_weigh_all(const struct cgroup_host *host, unsigned weight,
    struct err *err)
{
	return host->backend->set_weight(host, weight, err);
}

int
cgroup_check_id(const char *id, struct err *err)
{
	if (!sandbox_id_is_valid(id))
		return err_set(err, EINVAL, "not a sandbox id: \"%s\"", id);
	return 0;
}

int
cgroup_create(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	int r;

	r = cgroup_check_id(id, err);
	for (int tree = 0; r == 0 && tree < N_CGROUP_TREE; tree++) {
		if (host->mounts[tree][0] == '\0')
			continue;
		r = cgroup_file_path(host, tree, id, NULL, path, err);
		if (r == 0)
			r = cgroup_make_folder(path, err);
	}
	if (r == 0)
		r = cgroup_make_leaves(host, id, err);
	if (r == 0)
		r = host->backend->set_limits(host, id, limits, err);
	if (r < 0)
		(void)cgroup_remove(host, id, 0, NULL);
	return r;
}

int
cgroup_change(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err)
{
	int r = cgroup_check_id(id, err);

	return r < 0 ? r : host->backend->set_limits(host, id, limits, err);
}

int
cgroup_resize(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err)
{
	uint64_t used = 0;
	int r = cgroup_check_id(id, err);

	if (r == 0)
		r = host->backend->shrink(host, id, limits->memory_bytes,
		    &used, err);
	if (r < 0)
		return r;
	if (used > limits->memory_bytes)
		return err_set(err, EBUSY, "memory: %llu bytes are in use, "
		    "more than %llu; end something in it first",
		    (unsigned long long)used,
		    (unsigned long long)limits->memory_bytes);
	return host->backend->set_limits(host, id, limits, err);
}

int
cgroup_open(const struct cgroup_host *host, const char *id, int *ret_fd,
    struct err *err)
{
	char path[CGROUP_PATH_SIZE], group[CGROUP_GROUP_SIZE];
	int fd, r;

	if (host->mounts[CGROUP_UNIFIED][0] == '\0') {
		*ret_fd = -1;
		return 0;
	}
	if ((r = cgroup_check_id(id, err)) < 0)
		return r;
	cgroup_of_processes(host, CGROUP_UNIFIED, id, group);
	r = cgroup_file_path(host, CGROUP_UNIFIED, group, NULL, path, err);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	*ret_fd = fd;
	return 0;
}

/* It goes into the parent group, which is empty otherwise, and out of it by its
 * end. It must not outlive us with our lock. */
static void
ask_for_grace_period(int procs_fd)
{
	if (dup2(procs_fd, 0) == 0)
		close_range(1, ~0U, 0);
	_exit(write(0, "0", 1) != 1);
}

bool
cgroup_announce(const struct cgroup_host *host)
{
	char path[CGROUP_PATH_SIZE];
	auto_close int fd = -1;

	if (host->backend != &cgroup_v1 ||
	    cgroup_file_path(host, CGROUP_PIDS, NULL, "cgroup.procs", path,
		NULL) < 0)
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && fork() == 0)
		ask_for_grace_period(fd);
	return true;
}

int
cgroup_attach(const struct cgroup_host *host, const char *id, pid_t pid,
    bool is_in_v2, struct err *err)
{
	char text[CGROUP_VALUE_SIZE], group[CGROUP_GROUP_SIZE];
	int r;

	r = cgroup_check_id(id, err);
	(void)snprintf(text, sizeof text, "%d", (int)pid);
	for (int tree = 0; r == 0 && tree < N_CGROUP_TREE; tree++) {
		if (host->mounts[tree][0] == '\0' ||
		    (tree == CGROUP_UNIFIED && is_in_v2))
			continue;
		cgroup_of_processes(host, tree, id, group);
		r = cgroup_write(host, tree, group, "cgroup.procs", text, err);
	}
	return r;
}

int
cgroup_freeze_within(const struct cgroup_host *host, const char *id,
    int wait_ms, struct err *err)
{
	int r = cgroup_check_id(id, err);

	return r < 0 ? r :
	    host->processes->freeze(host, id, true, wait_ms, err);
}

int
cgroup_freeze(const struct cgroup_host *host, const char *id, struct err *err)
{
	return cgroup_freeze_within(host, id, CGROUP_FREEZE_WAIT_MS, err);
}

int
cgroup_unwritten(const struct cgroup_host *host, const char *id,
    uint64_t *ret_bytes, struct err *err)
{
	int r = cgroup_check_id(id, err);

	if (r == 0)
		r = host->backend->unwritten(host, id, ret_bytes, err);
	if (r == -ENOENT)
		*ret_bytes = 0;
	return r == -ENOENT ? 0 : r;
}

int
cgroup_thaw(const struct cgroup_host *host, const char *id, struct err *err)
{
	int r = cgroup_check_id(id, err);

	return r < 0 ? r : host->processes->freeze(host, id, false,
	    CGROUP_FREEZE_WAIT_MS, err);
}

bool
cgroup_is_frozen(const struct cgroup_host *host, const char *id)
{
	return cgroup_check_id(id, NULL) == 0 &&
	    host->processes->is_frozen(host, id);
}

int
cgroup_kill(const struct cgroup_host *host, const char *id, struct err *err)
{
	int r = cgroup_check_id(id, err);

	if (r == 0)
		r = host->processes->kill(host, id, err);
	return r == -ENOENT ? 0 : r;
}

int
cgroup_first_process(const struct cgroup_host *host, const char *id,
    pid_t *ret, struct err *err)
{
	enum cgroup_tree tree = CGROUP_UNIFIED;
	char text[CGROUP_VALUE_SIZE], group[CGROUP_GROUP_SIZE];
	int r = cgroup_check_id(id, err);

	if (host->mounts[CGROUP_UNIFIED][0] == '\0')
		tree = CGROUP_MEMORY;
	if (r < 0)
		return r;
	cgroup_of_processes(host, tree, id, group);
	r = cgroup_read(
	    host, tree, group, "cgroup.procs", text, sizeof text, err);
	if (r == 0)
		*ret = (pid_t)strtol(text, NULL, 10);
	return r;
}

int
cgroup_oom_kills(const struct cgroup_host *host, const char *id, uint32_t *ret,
    struct err *err)
{
	int r = cgroup_check_id(id, err);

	return r < 0 ? r : host->backend->oom_kills(host, id, ret, err);
}

int
cgroup_remove_folder(const char *path, uint64_t *left_us, struct err *err)
{
	unsigned pause_us = REMOVE_PAUSE_MIN_US;

	for (;;) {
		const struct timespec pause = {.tv_nsec = pause_us * 1000L};

		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY || *left_us < pause_us)
			return err_errno(err, "cannot remove %s", path);
		(void)nanosleep(&pause, NULL);
		*left_us -= pause_us;
		if (pause_us < REMOVE_PAUSE_MAX_US)
			pause_us *= 2;
	}
}

/* Removes the group of id, or the parent's, from every tree; goes on after a
 * failure and reports the first. */
static int
remove_everywhere(const struct cgroup_host *host, const char *id,
    uint64_t *left_us, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	int first = 0, r;

	for (int tree = 0; tree < N_CGROUP_TREE; tree++) {
		if (host->mounts[tree][0] == '\0')
			continue;
		r = cgroup_file_path(
		    host, tree, id, NULL, path, first == 0 ? err : NULL);
		if (r == 0)
			r = cgroup_remove_folder(
			    path, left_us, first == 0 ? err : NULL);
		if (first == 0)
			first = r;
	}
	return first;
}

int
cgroup_remove(const struct cgroup_host *host, const char *id,
    unsigned timeout_ms, struct err *err)
{
	uint64_t left_us = (uint64_t)timeout_ms * 1000;
	int r = cgroup_check_id(id, err), below;

	if (r < 0)
		return r;
	below = cgroup_remove_tasks(host, id, &left_us, err);
	if (below == 0)
		below = cgroup_remove_leaves(host, id, &left_us, err);
	r = remove_everywhere(host, id, &left_us, below == 0 ? err : NULL);
	return below < 0 ? below : r;
}

int
cgroup_remove_parent(const struct cgroup_host *host, struct err *err)
{
	uint64_t left_us = 0;

	return remove_everywhere(host, NULL, &left_us, err);
}

/* Whether a tree before this one has told of the group already. */
static bool
was_listed(
    const struct cgroup_host *host, enum cgroup_tree tree, const char *id)
{
	char path[CGROUP_PATH_SIZE];

	for (int earlier = 0; earlier < (int)tree; earlier++)
		if (host->mounts[earlier][0] != '\0' &&
		    cgroup_file_path(host, earlier, id, NULL, path, NULL) ==
			0 &&
		    access(path, F_OK) == 0)
			return true;
	return false;
}

int
cgroup_list(const struct cgroup_host *host,
    void (*found)(const char *id, void *data), void *data, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	struct dirent *entry;
	DIR *dir;
	int r;

	for (int tree = 0; tree < N_CGROUP_TREE; tree++) {
		if (host->mounts[tree][0] == '\0')
			continue;
		r = cgroup_file_path(host, tree, NULL, NULL, path, err);
		if (r < 0)
			return r;
		dir = opendir(path);
		if (!dir)
			return err_errno(err, "cannot list %s", path);
		while ((entry = readdir(dir)))
			if (entry->d_type == DT_DIR &&
			    sandbox_id_is_valid(entry->d_name) &&
			    !was_listed(host, tree, entry->d_name))
				found(entry->d_name, data);
		(void)closedir(dir);
	}
	return 0;
}
