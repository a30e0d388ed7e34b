// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/quota.h"

#include "common/log.h"
#include "gateway/broker/broker.h"
#include "keys/org.h"

void
broker_quota_fill(struct broker *broker, struct rpc_cap_open_req *cap)
{
	struct err err = {0};
	struct org org;

	if (org_get(broker->store, cap->org, &org, &err) < 0) {
		log_error("quota of org=%s: %s", cap->org, err.text);
		/* No sandbox is as small as a byte. */
		cap->memory_max_bytes = cap->disk_max_bytes = 1;
		return;
	}
	cap->sandboxes_max = org_limit(&org, ORG_SANDBOXES);
	cap->running_max = org_limit(&org, ORG_RUNNING);
	cap->memory_max_bytes = org_limit(&org, ORG_MEMORY);
	cap->cpu_max = org_limit(&org, ORG_CPU);
	cap->disk_max_bytes = org_limit(&org, ORG_DISK);
	cap->creates_per_minute = org_limit(&org, ORG_CREATES);
	cap->ttl_max_s = org_limit(&org, ORG_TTL);
	cap->hard_ttl_max_s = org_limit(&org, ORG_HARD_TTL);
}
