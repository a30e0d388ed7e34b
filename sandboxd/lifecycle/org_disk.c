// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/org_disk.h"

#include "sandboxd/lifecycle/kept_disks.h"
#include "sandboxd/lifecycle/snapshots.h"
#include "sandboxd/template/templates.h"

uint64_t
org_disk_beside(const struct daemon *daemon, const char *org)
{
	return snapshots_bytes(daemon, org) +
	    templates_disk_bytes(daemon, org) + kept_disks_bytes(daemon, org);
}
