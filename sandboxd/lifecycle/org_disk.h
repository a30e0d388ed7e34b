// SPDX-License-Identifier: Apache-2.0
/* What an organisation has of disk beside its sandboxes. */
#pragma once

#include "sandboxd/daemon.h"

/* Of its snapshots, its templates and the disks that it mounts, in bytes: all
 * that counts against max_disk together with quota_count's. */
uint64_t org_disk_beside(const struct daemon *daemon, const char *org);
