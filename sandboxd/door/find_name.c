// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/find_name.h"

#include <errno.h>
#include <string.h>

static bool
is_meant(const struct peer *peer, const struct sandbox *sandbox,
    const char *name)
{
	return strcmp(sandbox->record.name, name) == 0 &&
	    sandbox_is_there(sandbox) &&
	    capability_sees(&peer->capability, &sandbox->record);
}

/* *ret_id is the sandbox's. */
static int
find(const struct peer *peer, const char *name, const char **ret_id,
    struct err *err)
{
	const struct sandbox_table *table = &peer->daemon->sandboxes;
	const struct sandbox *found = NULL;

	for (size_t i = 0; *name != '\0' && i < table->n; i++) {
		const struct sandbox *sandbox = table->sorted[i];

		if (!is_meant(peer, sandbox, name))
			continue;
		if (found != NULL)
			return err_set(err, EEXIST, "%s: the name of several "
			    "sandboxes, %s and %s among them; name one by its "
			    "id", name, found->record.id, sandbox->record.id);
		found = sandbox;
	}
	if (found == NULL)
		return err_set(err, ENOENT, "%s: no such sandbox", name);
	*ret_id = found->record.id;
	return 0;
}

int
answer_sandbox_find(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_find_req *request = data;
	struct rpc_sandbox_find_rep reply;
	int r = find(peer, request->name, &reply.id, err);

	if (r == 0)
		peer_reply(peer, &rpc_call_sandbox_find, id, &reply, NULL, 0);
	return r;
}
