// SPDX-License-Identifier: Apache-2.0
/*
 * Names of scopes: whatever is added to them takes rights away and gives none,
 * and what is no name is refused.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "common/scope.h"

#define TEXT_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t
rights_of(const char *text, uint32_t if_bad)
{
	struct err err = {0};
	uint32_t rights = 0;

	if (scope_parse(text, &rights, &err) < 0)
		return if_bad;
	return rights == 0 ? UINT32_MAX : rights;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"sftp-only", "read-only",
	    "no-forward"};
	char text[TEXT_MAX], more[TEXT_MAX + 32];
	uint32_t rights;

	if (size >= sizeof text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	rights = rights_of(text, 0);
	if (rights == 0)
		return 0;
	if (text[0] != '\0' && (rights == UINT32_MAX ||
	    (rights & (RPC_RIGHT_CONTROL | RPC_RIGHT_CREATE)) != 0))
		abort();
	(void)scope_name(rights == UINT32_MAX ? 0 : rights);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(more, sizeof more, "%s%s%s", text,
		    text[0] != '\0' ? "," : "", names[i]);
		if ((rights_of(more, UINT32_MAX) & ~rights) != 0)
			abort();
	}
	return 0;
}
