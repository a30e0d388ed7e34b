// SPDX-License-Identifier: Apache-2.0
/* Where trees of cgroups are, on hosts of every kind. */
#include "common/cgroup_mount.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char hybrid[] =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup "
    "rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup "
    "rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n"
    "42 31 0:39 / /elsewhere rw - cgroup2 cgroup2 rw\n"
    "43 31 0:40 / /not/one rw - ext4 /dev/memory rw,memory\n"
    "nonsense\n";

static const char *
find(const char *path, const char *controller)
{
	static char mount[CGROUP_MOUNT_SIZE];
	struct err err = {0};

	assert(cgroup_mount_find(path, controller, mount, &err) == 0);
	return mount;
}

int
main(void)
{
	char path[] = "/tmp/test-cgroup-mount-XXXXXX";
	char mount[CGROUP_MOUNT_SIZE];
	struct err err = {0};
	int fd = mkstemp(path);

	assert(fd >= 0 && write(fd, hybrid, sizeof hybrid - 1) ==
	    (ssize_t)sizeof hybrid - 1);
	close(fd);
	assert(strcmp(find(path, NULL), "/sys/fs/cgroup/unified") == 0);
	assert(strcmp(find(path, "memory"), "/sys/fs/cgroup/memory") == 0);
	assert(strcmp(find(path, "cpu"), "/sys/fs/cgroup/cpu,cpuacct") == 0);
	assert(strcmp(find(path, "cpuacct"),
	    "/sys/fs/cgroup/cpu,cpuacct") == 0);
	assert(strcmp(find(path, "pids"), "") == 0);
	assert(strcmp(find(path, "mem"), "") == 0);
	unlink(path);
	assert(cgroup_mount_find(path, NULL, mount, &err) == -ENOENT);
	assert(cgroup_mount_has_word("cpuset cpu io\n", "io"));
	assert(!cgroup_mount_has_word("cpuset cpu io", "cpus"));
	assert(!cgroup_mount_has_word("", "cpu"));
	return 0;
}
