// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/sandbox_info.h"

#include <arpa/inet.h>

#include "common/rpc_calls.h"
#include "sandboxd/daemon.h"

/* What the record knows; what has to be looked up stays 0 or "". */
static void
tell_record(const struct sandbox_record *record, struct rpc_sandbox_info *ret)
{
#define TELL_TEXT(value)  (value)
#define TELL_STATE(value) sandbox_state_name(value)
#define TELL_U32(value)	  (value)
#define TELL_U64(value)	  (value)
#define TELL_BOOL(value)  (value)
#define TELL_YES(value)	  (value)
#define SANDBOX_TOLD(since, kind, name, size, change, ...)                     \
	ret->name = TELL_##kind(record->name);
#include "common/sandbox.def"
}

ptrdiff_t
sandbox_info_encode(const struct sandbox *sandbox, uint8_t *buffer,
    size_t size)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct runtime *runtime = &sandbox->daemon->runtime;
	char address[INET_ADDRSTRLEN] = "";
	struct rpc_sandbox_info info = {.address = address};
	struct net_link link;

	tell_record(record, &info);
	if (net_link_of_slot(&runtime->egress.range, record->slot, &link,
	    NULL) == 0)
		inet_ntop(AF_INET, &link.address, address, sizeof address);
	info.oom_kills = sandbox->oom_kills;
	return rpc_encode(&rpc_layout_sandbox_info, &info, buffer, size);
}

ptrdiff_t
sandbox_info_encode_tombstone(const struct sandbox_record *record,
    uint8_t *buffer, size_t size)
{
	struct rpc_sandbox_info info = {.address = ""};

	tell_record(record, &info);
	return rpc_encode(&rpc_layout_sandbox_info, &info, buffer, size);
}
