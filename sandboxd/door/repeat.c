// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/repeat.h"

#include <stdio.h>

#include "sandboxd/door/later.h"
#include "sandboxd/door/tombstones.h"
#include "sandboxd/lifecycle/repeats.h"

int
repeat_answer(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, const char *key, const char *body, struct err *err)
{
	struct sandbox_record wanted = {.owner_id =
	    peer->capability.owner_id};
	char made[SANDBOX_ID_SIZE];
	struct sandbox *sandbox;
	int r;

	snprintf(wanted.org, sizeof wanted.org, "%s", peer->capability.org);
	snprintf(wanted.request_key, sizeof wanted.request_key, "%s", key);
	snprintf(wanted.request_body, sizeof wanted.request_body, "%s", body);
	if ((r = repeats_find(peer->daemon, &wanted, made, err)) <= 0)
		return r;
	sandbox = sandbox_find(&peer->daemon->sandboxes, made);
	if (sandbox != NULL)
		r = joined_later(peer, call, request_id, sandbox, err);
	else
		r = recalled_later(peer, call, request_id, made, err);
	return r < 0 ? r : 1;
}
