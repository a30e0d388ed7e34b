// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/session_ids.h"

#include <assert.h>
#include <string.h>

int
main(void)
{
	static struct session_ids session_ids;
	uint8_t id[32] = {0};

	for (uint32_t i = 0; i < SESSION_IDS_MAX; i++) {
		memcpy(id, &i, sizeof i);
		assert(session_ids_is_new(&session_ids, id, sizeof id));
		assert(!session_ids_is_new(&session_ids, id, sizeof id));
	}
	/* The oldest makes room for the newest, and only it. */
	memset(id, 0xff, sizeof id);
	assert(session_ids_is_new(&session_ids, id, sizeof id));
	memset(id, 0, sizeof id);
	id[0] = 1;
	assert(!session_ids_is_new(&session_ids, id, sizeof id));
	id[0] = 0;
	assert(session_ids_is_new(&session_ids, id, sizeof id));
	return 0;
}
