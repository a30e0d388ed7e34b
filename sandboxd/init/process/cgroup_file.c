// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/cgroup_file.h"

#include <linux/magic.h>

#include "common/statfs_plain.h"

bool
cgroup_file_is(int fd)
{
	struct statfs status;

	return fstatfs_plain(fd, &status) == 0 &&
	    (status.f_type == CGROUP_SUPER_MAGIC ||
	    status.f_type == CGROUP2_SUPER_MAGIC);
}
