// SPDX-License-Identifier: Apache-2.0
#include "common/scope.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/rpc_calls.h"

static void
test_names(void)
{
	static const struct {
		const char *text, *name;
		uint32_t has, lacks;
	} rows[] = {
	    {"", "", 0, 0},
	    {"sftp-only", "sftp-only", RPC_RIGHT_ATTACH | RPC_RIGHT_SFTP |
		RPC_RIGHT_SFTP_WRITE, RPC_RIGHT_SPAWN | RPC_RIGHT_PTY |
		RPC_RIGHT_FORWARD | RPC_RIGHT_ROOT | RPC_RIGHT_AGENT},
	    {"read-only", "read-only", RPC_RIGHT_ATTACH | RPC_RIGHT_SFTP,
		RPC_RIGHT_SFTP_WRITE | RPC_RIGHT_SPAWN | RPC_RIGHT_FORWARD},
	    {"no-forward", "no-forward", RPC_RIGHT_SPAWN | RPC_RIGHT_PTY |
		RPC_RIGHT_SFTP | RPC_RIGHT_SFTP_WRITE | RPC_RIGHT_ROOT,
		RPC_RIGHT_FORWARD | RPC_RIGHT_AGENT | RPC_RIGHT_X11},
	    {"sftp-only,no-forward", "sftp-only", RPC_RIGHT_SFTP_WRITE,
		RPC_RIGHT_SPAWN},
	    {"no-forward,read-only", "read-only", RPC_RIGHT_SFTP,
		RPC_RIGHT_SFTP_WRITE},
	    {"read-only,sftp-only,no-forward", "read-only", RPC_RIGHT_SFTP,
		RPC_RIGHT_SFTP_WRITE},
	};
	struct err err;
	uint32_t rights;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert(scope_parse(rows[i].text, &rights, &err) == 0);
		assert((rights & rows[i].has) == rows[i].has);
		assert((rights & rows[i].lacks) == 0);
		assert((rights & ~(uint32_t)RPC_RIGHTS_SSH) == 0);
		assert(strcmp(scope_name(rights), rows[i].name) == 0);
	}
	assert(strcmp(scope_name(RPC_RIGHT_PTY), "other") == 0);
}

static void
test_refusals(void)
{
	static const char *const texts[] = {",", "sftp-only,", ",read-only",
	    "sftp", "SFTP-ONLY", "sftp-only read-only", "sftp-onlyx"};
	struct err err;
	uint32_t rights = 7;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert(scope_parse(texts[i], &rights, &err) == -EINVAL);
		assert(strncmp(err.text, "scope: sftp-only, ", 18) == 0);
		assert(rights == 7);
	}
}

int
main(void)
{
	test_names();
	test_refusals();
	return 0;
}
