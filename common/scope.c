// SPDX-License-Identifier: Apache-2.0
#include "common/scope.h"

#include <errno.h>
#include <string.h>

#include "common/rpc_calls.h"

/* Without these a capability reaches no sandbox at all. */
#define REACH (RPC_RIGHT_LIST | RPC_RIGHT_ATTACH)

/* Whatever two of them leave together has a name here too. */
static const struct {
	const char *name;
	uint32_t rights;
} scopes[] = {
    {"sftp-only", REACH | RPC_RIGHT_SFTP | RPC_RIGHT_SFTP_WRITE},
    {"read-only", REACH | RPC_RIGHT_SFTP},
    {"no-forward", RPC_RIGHTS_SSH &
	~(uint32_t)(RPC_RIGHT_FORWARD | RPC_RIGHT_AGENT | RPC_RIGHT_X11)},
};
#define N_SCOPES (sizeof scopes / sizeof *scopes)

/* The rights of the first `size` bytes of name; 0 = there is no such scope. */
static uint32_t
find(const char *name, size_t size)
{
	for (size_t i = 0; i < N_SCOPES; i++)
		if (strlen(scopes[i].name) == size &&
		    memcmp(scopes[i].name, name, size) == 0)
			return scopes[i].rights;
	return 0;
}

int
scope_parse(const char *text, uint32_t *ret_rights, struct err *err)
{
	uint32_t rights = RPC_RIGHTS_SSH;
	const char *name = text;
	size_t size;

	if (*text == '\0') {
		*ret_rights = 0;
		return 0;
	}
	for (;; name += size + 1) {
		uint32_t left;

		size = strcspn(name, ",");
		left = find(name, size);
		if (left == 0)
			return err_set(err, EINVAL, "scope: sftp-only, "
			    "read-only, no-forward or some of them by commas, "
			    "not \"%.64s\"", text);
		rights &= left;
		if (name[size] == '\0')
			break;
	}
	*ret_rights = rights;
	return 0;
}

const char *
scope_name(uint32_t rights)
{
	if (rights == 0)
		return "";
	for (size_t i = 0; i < N_SCOPES; i++)
		if (scopes[i].rights == rights)
			return scopes[i].name;
	return "other";
}
