// SPDX-License-Identifier: Apache-2.0
/* Descriptors that init was born with: files of its cgroup, or of the host's
 * choosing in their place. */
#pragma once

#include <stdbool.h>

/* Whether it is open, and a file of a cgroup, of either version. */
bool cgroup_file_is(int fd);
