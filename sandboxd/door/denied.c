// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/denied.h"

#include <errno.h>
#include <string.h>

#include "sandboxd/door/calls.h"

void
denied_tell(const struct sandbox *sandbox, const char *cause)
{
	const struct rpc_sandbox_denied_event event = {cause};
	const char *id = sandbox->record.id;
	struct peer *peer = sandbox->daemon->peers, *next;

	if (sandbox->daemon->n_told_why == 0 ||
	    sandbox->hold.n_capabilities == 0)
		return;
	for (; peer != NULL; peer = next) {
		next = peer->next;
		if (peer->is_told_why &&
		    strcmp(peer->capability.sandbox_id, id) == 0)
			peer_tell(peer, &rpc_call_sandbox_denied, &event);
	}
}

void
denied_forget(struct peer *peer)
{
	if (peer->is_told_why)
		peer->daemon->n_told_why--;
	peer->is_told_why = false;
}

int
take_sandbox_why(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)id;
	(void)data;
	if (peer->capability.sandbox_id[0] == '\0')
		return err_set(err, EINVAL, "this capability is for many");
	if (!peer->is_told_why)
		peer->daemon->n_told_why++;
	peer->is_told_why = true;
	return 0;
}

int
take_sandbox_denied(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)peer;
	(void)id;
	(void)data;
	return err_set(err, EACCES, "sandboxd alone says what was refused");
}
