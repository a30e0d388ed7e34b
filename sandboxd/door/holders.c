// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/holders.h"

#include <errno.h>

#include "common/parse.h"
#include "sandboxd/daemon.h"
#include "sandboxd/door/capability.h"

/* A word that is none of ours is told as it is: it is theirs to read. */
int
take_sandbox_used(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_used_event *event = data;
	const bool is_held = event->is_held != 0;
	int change = (is_held ? 1 : 0) - (peer->is_using ? 1 : 0);

	(void)id;
	if (!name_is_valid(event->kind))
		return err_set(err, EINVAL, "kind: not a word");
	if (peer->capability.sandbox_id[0] == '\0')
		return err_set(err, EINVAL, "this capability is for many");
	peer->is_using = is_held;
	peer->daemon->on_used(peer->daemon, peer->capability.sandbox_id,
	    event->kind, change);
	return 0;
}

int
take_cap_restrict(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	int r = capability_restrict(&peer->capability, data, err);

	(void)id;
	peer->server.rights = peer->capability.rights;
	return r;
}
