// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/capability.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"

int
capability_read(const struct rpc_cap_open_req *request, struct capability *ret,
    struct err *err)
{
	if (!name_is_valid(request->org))
		return err_set(err, EINVAL,
		    "org: not [a-z0-9][a-z0-9_.-]{0,62}");
	if (request->sandbox_id[0] != '\0' &&
	    !sandbox_id_is_valid(request->sandbox_id))
		return err_set(err, EINVAL,
		    "sandbox_id: neither empty nor a sandbox id");
	if (request->rights == 0 ||
	    (request->rights & ~(uint32_t)RPC_RIGHTS_API) != 0)
		return err_set(err, EINVAL, "rights: %#x is not some of %#x",
		    request->rights, (unsigned)RPC_RIGHTS_API);
	if (request->reach >= N_RPC_REACH)
		return err_set(err, EINVAL, "reach: %u is not below %u",
		    request->reach, (unsigned)N_RPC_REACH);
	if (request->owner[0] != '\0' && !name_is_valid(request->owner))
		return err_set(err, EINVAL,
		    "owner: not [a-z0-9][a-z0-9_.-]{0,62}");
	snprintf(ret->org, sizeof ret->org, "%s", request->org);
	snprintf(ret->sandbox_id, sizeof ret->sandbox_id, "%s",
	    request->sandbox_id);
	snprintf(ret->audit, sizeof ret->audit, "%s", request->audit);
	snprintf(ret->owner, sizeof ret->owner, "%s", request->owner);
	ret->owner_id = request->owner_id;
	ret->reach = (enum rpc_reach)request->reach;
	ret->tag = request->tag;
	ret->quota = (struct quota){.sandboxes = request->sandboxes_max,
	    .running = request->running_max,
	    .memory_bytes = request->memory_max_bytes,
	    .cpu = request->cpu_max, .disk_bytes = request->disk_max_bytes,
	    .creates_per_minute = request->creates_per_minute,
	    .ttl_s = request->ttl_max_s,
	    .hard_ttl_s = request->hard_ttl_max_s};
	ret->rights = request->rights;
	return 0;
}

int
capability_restrict(struct capability *capability,
    const struct rpc_cap_restrict_event *event, struct err *err)
{
	if (event->forced_command[0] != '\0' &&
	    capability->forced_command == NULL) {
		capability->forced_command = strdup(event->forced_command);
		if (capability->forced_command == NULL)
			return err_set(err, ENOMEM, "no memory");
	} else if (event->forced_command[0] != '\0' &&
	    strcmp(event->forced_command, capability->forced_command) != 0) {
		return err_set(err, EACCES, "forced_command: is another one");
	}
	capability->rights &= event->rights;
	return 0;
}

void
capability_fini(struct capability *capability)
{
	free(capability->forced_command);
	capability->forced_command = NULL;
}

/* One without an owner is nobody's own. */
static bool
reaches(const struct capability *capability,
    const struct sandbox_record *record)
{
	if (record->owner_id != 0 && record->owner_id == capability->owner_id)
		return true;
	switch (capability->reach) {
	case RPC_REACH_ALL:
		return true;
	case RPC_REACH_SHARED:
		return !record->is_private;
	default:
		return false;
	}
}

bool
capability_sees(const struct capability *capability,
    const struct sandbox_record *record)
{
	return strcmp(capability->org, record->org) == 0 &&
	    (capability->sandbox_id[0] == '\0' ||
	    strcmp(capability->sandbox_id, record->id) == 0) &&
	    reaches(capability, record);
}

bool
capability_is_meant(const struct capability *capability,
    const struct rpc_cap_end_req *request)
{
	if (request->org[0] == '\0' && request->owner_id == 0 &&
	    request->tag == 0)
		return false;
	return (request->org[0] == '\0' ||
	    strcmp(request->org, capability->org) == 0) &&
	    (request->owner_id == 0 ||
	    request->owner_id == capability->owner_id) &&
	    (request->tag == 0 || request->tag == capability->tag);
}
