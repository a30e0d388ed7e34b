// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/capability.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const struct rpc_call *const calls[] = {
#define RPC_CALL(number, name, ...) &rpc_call_##name,
#include "common/rpc.def"
};

/* A capability that lacks one bit of what a row asks for does not do. */
static void
test_rights(void)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		const bool is_for_capability =
		    (calls[i]->who & RPC_PEER_CAPABILITY) != 0;
		struct capability capability = {.rights = RPC_RIGHTS_API};

		assert(rpc_permits(calls[i], RPC_PEER_CAPABILITY,
		    capability.rights) == is_for_capability);
		if (calls[i]->rights == 0)
			continue;
		capability.rights &= ~calls[i]->rights;
		assert(!rpc_permits(calls[i], RPC_PEER_CAPABILITY,
		    capability.rights));
	}
}

static void
test_sight(void)
{
	struct sandbox_record record = {.id = "sb_000000000001",
	    .org = "acme"};
	struct capability all = {.org = "acme"},
	    one = {.org = "acme", .sandbox_id = "sb_000000000001"},
	    other = {.org = "acme", .sandbox_id = "sb_000000000002"},
	    foreign = {.org = "evil", .sandbox_id = "sb_000000000001"};

	assert(capability_sees(&all, &record));
	assert(capability_sees(&one, &record));
	assert(!capability_sees(&other, &record));
	assert(!capability_sees(&foreign, &record));
}

/* Whose it is and who may see it, by the reach of who asks. */
static void
test_reach(void)
{
	struct sandbox_record record = {.id = "sb_000000000001",
	    .org = "acme", .owner_id = 7};
	struct capability own = {.org = "acme", .owner_id = 7,
	    .reach = RPC_REACH_OWN}, other = own, admin = own, nobody = own;

	other.owner_id = 8;
	admin.reach = RPC_REACH_ALL;
	admin.owner_id = nobody.owner_id = 0;
	assert(capability_sees(&own, &record));
	assert(!capability_sees(&other, &record));
	assert(capability_sees(&admin, &record));
	other.reach = RPC_REACH_SHARED;
	assert(capability_sees(&other, &record));
	record.is_private = true;
	assert(!capability_sees(&other, &record));
	assert(capability_sees(&own, &record));
	assert(capability_sees(&admin, &record));
	record.owner_id = 0;
	assert(!capability_sees(&nobody, &record));
}

static void
test_ends(void)
{
	const struct capability capability = {.org = "acme", .owner_id = 7,
	    .tag = 9};

	assert(!capability_is_meant(&capability,
	    &(struct rpc_cap_end_req){"", 0, 0}));
	assert(capability_is_meant(&capability,
	    &(struct rpc_cap_end_req){"acme", 0, 0}));
	assert(capability_is_meant(&capability,
	    &(struct rpc_cap_end_req){"", 7, 9}));
	assert(!capability_is_meant(&capability,
	    &(struct rpc_cap_end_req){"evil", 7, 9}));
	assert(!capability_is_meant(&capability,
	    &(struct rpc_cap_end_req){"acme", 8, 0}));
	assert(!capability_is_meant(&capability,
	    &(struct rpc_cap_end_req){"acme", 7, 8}));
}

/* Rights go and never come back; one command stays the only one. */
static void
test_restrict(void)
{
	struct capability capability = {.rights = RPC_RIGHTS_SSH};
	struct rpc_cap_restrict_event event = {
	    .rights = ~(uint32_t)RPC_RIGHT_PTY, .forced_command = ""};
	struct err err = {0};

	assert(capability_restrict(&capability, &event, &err) == 0);
	assert(capability.rights == (RPC_RIGHTS_SSH & ~RPC_RIGHT_PTY));
	assert(capability.forced_command == NULL);
	event = (struct rpc_cap_restrict_event){~0u, "id"};
	assert(capability_restrict(&capability, &event, &err) == 0);
	assert(capability.rights == (RPC_RIGHTS_SSH & ~RPC_RIGHT_PTY));
	assert(strcmp(capability.forced_command, "id") == 0);
	assert(capability_restrict(&capability, &event, &err) == 0);
	event = (struct rpc_cap_restrict_event){0, ""};
	assert(capability_restrict(&capability, &event, &err) == 0);
	assert(capability.rights == 0);
	event = (struct rpc_cap_restrict_event){~0u, "sh"};
	assert(capability_restrict(&capability, &event, &err) == -EACCES);
	assert(strcmp(capability.forced_command, "id") == 0);
	assert(capability.rights == 0);
	capability_fini(&capability);
}

static void
test_request(void)
{
	struct rpc_cap_open_req good = {.org = "acme", .sandbox_id = "",
	    .rights = RPC_RIGHTS_SSH, .audit = "alice", .owner = ""}, bad;
	struct capability capability;
	struct err err = {0};

	assert(capability_read(&good, &capability, &err) == 0);
	assert(strcmp(capability.audit, "alice") == 0);
	bad = good;
	bad.org = "../x";
	assert(capability_read(&bad, &capability, &err) == -EINVAL);
	assert(strncmp(err.text, "org", 3) == 0);
	bad = good;
	bad.sandbox_id = "sb_UPPER0000000";
	assert(capability_read(&bad, &capability, &err) == -EINVAL);
	bad = good;
	bad.rights = RPC_RIGHT_CONTROL | RPC_RIGHT_SPAWN;
	assert(capability_read(&bad, &capability, &err) == -EINVAL);
	bad.rights = 0;
	assert(capability_read(&bad, &capability, &err) == -EINVAL);
	bad = good;
	bad.reach = N_RPC_REACH;
	assert(capability_read(&bad, &capability, &err) == -EINVAL);
	bad = good;
	bad.owner = "A b";
	assert(capability_read(&bad, &capability, &err) == -EINVAL);
}

int
main(void)
{
	test_rights();
	test_sight();
	test_reach();
	test_ends();
	test_restrict();
	test_request();
	return 0;
}
