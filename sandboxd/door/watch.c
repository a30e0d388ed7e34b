// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"

#define PAGE_BYTES_MAX 131072

void
watch_end(struct peer *peer)
{
	struct peer **watchers = peer->daemon->watchers;

	for (size_t i = 0; i < WATCHERS_MAX; i++)
		if (watchers[i] == peer)
			watchers[i] = NULL;
}

static int
begin(struct peer *peer, struct err *err)
{
	struct peer **watchers = peer->daemon->watchers;

	watch_end(peer);
	for (size_t i = 0; i < WATCHERS_MAX; i++)
		if (watchers[i] == NULL) {
			watchers[i] = peer;
			return 0;
		}
	return err_set(err, EBUSY, "%d watch already", WATCHERS_MAX);
}

int
watch_page(struct peer *peer, uint32_t request_id, const char *after,
    struct err *err)
{
	const struct sandbox_table *table = &peer->daemon->sandboxes;
	auto_free uint8_t *buffer = malloc(PAGE_BYTES_MAX);
	struct rpc_list list = {.data = buffer, .size = PAGE_BYTES_MAX};
	struct rpc_sandbox_watch_rep reply;
	size_t i = sandbox_after(table, after);

	if (buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	if (*after == '\0' && begin(peer, err) < 0)
		return -EBUSY;
	for (; i < table->n; i++) {
		const struct sandbox *sandbox = table->sorted[i];
		const struct rpc_sandbox_owner owner = {
		    sandbox->record.id, sandbox->record.org,
		    sandbox->record.owner_id, sandbox->record.is_private};

		if (sandbox_is_there(sandbox) && rpc_list_add(&list,
		    &rpc_layout_sandbox_owner, &owner) < 0)
			break;
	}
	reply = (struct rpc_sandbox_watch_rep){.count = list.count,
	    .more = i < table->n, .owners = rpc_list_bytes(&list)};
	peer_reply(peer, &rpc_call_sandbox_watch, request_id, &reply, NULL, 0);
	return 0;
}

void
watch_tell(const struct sandbox *sandbox)
{
	const struct rpc_sandbox_owned_event event = {sandbox->record.id,
	    sandbox_is_there(sandbox) ? sandbox->record.org : "",
	    sandbox->record.owner_id, sandbox->record.is_private};

	for (size_t i = 0; i < WATCHERS_MAX; i++)
		if (sandbox->daemon->watchers[i] != NULL)
			peer_tell(sandbox->daemon->watchers[i],
			    &rpc_call_sandbox_owned, &event);
}

void
watch_tell_moved(const struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct rpc_sandbox_moved_event event = {
	    .state = sandbox_state_name(record->state),
	    .reason = sandbox_is_there(sandbox) ? record->reason :
		record->cause};
	struct peer *peer = sandbox->daemon->peers, *next;

	if (sandbox->hold.n_capabilities == 0)
		return;
	for (; peer != NULL; peer = next) {
		next = peer->next;
		if (strcmp(peer->capability.sandbox_id, record->id) == 0)
			peer_tell(peer, &rpc_call_sandbox_moved, &event);
	}
}
