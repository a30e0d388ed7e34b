// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/bounds.h"

#include <sys/resource.h>

#include "common/log.h"
#include "gateway/supervisor/cgroup.h"

/* Descriptors for the connections of broker and sessions, where allowed. */
#define DESCRIPTORS_WANTED 65536

/* Of the gateway beside those for connections, and during renewals. */
#define PROCESSES_OWN 64

static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max < DESCRIPTORS_WANTED)
		limit.rlim_max = DESCRIPTORS_WANTED;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* A process for each connection, and as many commands of the lobby; where a
 * service manager has the groups, its limits are those of the unit. */
static void
join_cgroup(const struct gateway_conf *settings)
{
	struct err err = {0};

	if (*settings->cgroup != '\0' && cgroup_join(settings->cgroup,
	    settings->memory_max_bytes, 2 * settings->max_connections +
	    PROCESSES_OWN, &err) < 0)
		log_warn("stays in the cgroup it was started in: %s",
		    err.text);
}

void
bounds_set(const struct gateway_conf *settings)
{
	raise_descriptor_limit();
	join_cgroup(settings);
}
