// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/later.h"

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/door/events.h"
#include "sandboxd/door/sandbox_info.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/contact.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "sandboxd/lifecycle/pool_sizes.h"
#include "sandboxd/lifecycle/resize.h"

static void
release(void *owner)
{
	peer_unref(owner);
}

static struct asker
make_asker(struct peer *peer, uint32_t request_id,
    void (*answer)(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err))
{
	peer_ref(peer);
	return (struct asker){.answer = answer, .release = release,
	    .owner = peer, .request_id = request_id,
	    .whose = peer_audit(peer)};
}

/* The reply to any of these has the sandbox and no more: they are one struct
 * by two names. */
_Static_assert(sizeof(struct rpc_sandbox_create_rep) ==
    sizeof(struct rpc_sandbox_get_rep), "both are one sandbox");

static void
answer_nobody(void *owner, uint32_t request_id, const struct sandbox *sandbox,
    const struct err *err)
{
	(void)owner;
	(void)request_id;
	(void)sandbox;
	if (err != NULL)
		log_error("sandbox of a revoked capability stays: %s",
		    err->text);
}

/* Nobody may have what was made: whoever asked for it was ended meanwhile. */
static void
undo(struct peer *peer, const char *id)
{
	struct sandbox *sandbox = sandbox_find(&peer->daemon->sandboxes, id);
	const struct asker asker = make_asker(peer, 0, answer_nobody);
	struct err err = {0};

	log_info("sandbox undone: id=%s", id);
	sandbox->record.request_key[0] = '\0';
	if (lifecycle_destroy(sandbox, "revoked while it was made", &asker,
	    &err) < 0)
		log_error("sandbox of a revoked capability stays: %s",
		    err.text);
}

static void
answer_with_it(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, const struct sandbox *sandbox, const struct err *err)
{
	uint8_t buffer[SANDBOX_INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_sandbox_get_rep reply;
	struct err large = {0};

	if (err == NULL && sandbox_info_add(&list, sandbox, &large) < 0)
		err = &large;
	if (err != NULL) {
		peer_error(peer, call, request_id, err);
		return;
	}
	reply.sandbox = rpc_list_bytes(&list);
	peer_reply(peer, call, request_id, &reply, NULL, 0);
}

static void
answer_made(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, const struct sandbox *sandbox, const struct err *err)
{
	if (err == NULL && peer->is_revoked && !sandbox->is_shared)
		undo(peer, sandbox->record.id);
	else
		answer_with_it(peer, call, request_id, sandbox, err);
}

static void
answer_created(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_made(owner, &rpc_call_sandbox_create, request_id, sandbox, err);
}

static void
answer_forked(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_made(owner, &rpc_call_sandbox_fork, request_id, sandbox, err);
}

static void
answer_created_before(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_create, request_id, sandbox,
	    err);
}

static void
answer_forked_before(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_fork, request_id, sandbox,
	    err);
}

static void
answer_resumed(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_resume, request_id, sandbox,
	    err);
}

static void
answer_paused(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_pause, request_id, sandbox,
	    err);
}

static void
answer_suspended(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_suspend, request_id, sandbox,
	    err);
}

static void
answer_attached(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	static const struct rpc_sandbox_attach_rep reply;
	struct peer *peer = owner;
	const struct capability *capability = &peer->capability;
	auto_close int fd = -1;
	struct err failure = {0};

	if (err == NULL && contact_open(sandbox, capability->rights,
	    capability->audit, capability->forced_command, &fd,
	    &failure) < 0)
		err = &failure;
	if (err != NULL)
		peer_error(peer, &rpc_call_sandbox_attach, request_id, err);
	else
		peer_reply(peer, &rpc_call_sandbox_attach, request_id, &reply,
		    &fd, 1);
	if (err == NULL && !peer->is_dead)
		events_connected(peer);
}

static void
answer_destroyed(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	static const struct rpc_sandbox_destroy_rep reply;

	(void)sandbox;
	if (err != NULL)
		peer_error(owner, &rpc_call_sandbox_destroy, request_id, err);
	else
		peer_reply(owner, &rpc_call_sandbox_destroy, request_id,
		    &reply, NULL, 0);
}

static void
answer_killed(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	static const struct rpc_sandbox_kill_rep reply;

	(void)sandbox;
	if (err != NULL)
		peer_error(owner, &rpc_call_sandbox_kill, request_id, err);
	else
		peer_reply(owner, &rpc_call_sandbox_kill, request_id, &reply,
		    NULL, 0);
}

static void
answer_egress_set(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	static const struct rpc_egress_set_rep reply;

	(void)sandbox;
	if (err != NULL)
		peer_error(owner, &rpc_call_egress_set, request_id, err);
	else
		peer_reply(owner, &rpc_call_egress_set, request_id, &reply,
		    NULL, 0);
}

static void
answer_ceiling_set(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	static const struct rpc_egress_ceiling_set_rep reply;

	(void)sandbox;
	if (err != NULL)
		peer_error(owner, &rpc_call_egress_ceiling_set, request_id,
		    err);
	else
		peer_reply(owner, &rpc_call_egress_ceiling_set, request_id,
		    &reply, NULL, 0);
}

static void
answer_pool_size(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	static const struct rpc_pool_set_rep reply;

	(void)sandbox;
	if (err != NULL)
		peer_error(owner, &rpc_call_pool_set, request_id, err);
	else
		peer_reply(owner, &rpc_call_pool_set, request_id, &reply, NULL,
		    0);
}

static void
answer_refreshed(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_refresh, request_id, sandbox,
	    err);
}

static void
answer_changed(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_change, request_id, sandbox,
	    err);
}

static void
answer_restored(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_restore, request_id, sandbox,
	    err);
}

int
restored_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, const struct sandbox_source *snapshot,
    struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_restored);

	return lifecycle_restore(sandbox, snapshot, peer_audit(peer), &asker,
	    err);
}

int
refreshed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, uint64_t duration_s, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_refreshed);

	return lifecycle_renew(sandbox, duration_s, &asker, err);
}

int
changed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, bool is_renewed, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_changed);

	return lifecycle_change(sandbox, is_renewed, &asker, err);
}

static void
answer_resized(void *owner, uint32_t request_id,
    const struct sandbox *sandbox, const struct err *err)
{
	answer_with_it(owner, &rpc_call_sandbox_resize, request_id, sandbox,
	    err);
}

int
resized_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, const struct sandbox_record *wanted,
    struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_resized);

	return resize_begin(sandbox, wanted, &asker, err);
}

int
created_later(struct peer *peer, uint32_t request_id,
    struct sandbox_record *record, const struct sandbox_source *source,
    struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_created);

	return lifecycle_create(peer->daemon, record,
	    source->id[0] != '\0' ? source : NULL, &asker, err);
}

int
forked_later(struct peer *peer, uint32_t request_id,
    struct sandbox_record *record, const struct sandbox_source *source,
    struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_forked);

	return lifecycle_create(peer->daemon, record, source, &asker, err);
}

int
joined_later(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, struct sandbox *sandbox, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    call == &rpc_call_sandbox_create ? answer_created_before :
	    answer_forked_before);

	return lifecycle_join(sandbox, &asker, err);
}

int
attached_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_attached);

	return lifecycle_attach(sandbox, &asker, err);
}

int
resumed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, bool is_access, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_resumed);

	return lifecycle_resume(sandbox, is_access, &asker, err);
}

int
paused_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_paused);

	return lifecycle_rest(sandbox, EVENT_PAUSE, peer_audit(peer), &asker,
	    err);
}

int
suspended_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_suspended);

	return lifecycle_rest(sandbox, EVENT_SUSPEND, peer_audit(peer),
	    &asker, err);
}

int
egress_set_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct rpc_bytes list, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_egress_set);

	return lifecycle_set_egress(sandbox, list, &asker, err);
}

int
ceiling_set_later(struct peer *peer, uint32_t request_id,
    struct rpc_bytes list, struct err *err)
{
	const struct capability *capability = &peer->capability;
	const struct asker asker = make_asker(peer, request_id,
	    answer_ceiling_set);

	return ceiling_set(peer->daemon, capability->org, list,
	    (capability->rights & RPC_RIGHT_TEMPLATES) != 0, &asker, err);
}

int
pool_set_later(struct peer *peer, uint32_t request_id,
    const char *template_name, uint32_t wanted, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_pool_size);

	return pool_sizes_set(peer->daemon, template_name, wanted, &asker,
	    err);
}

int
destroyed_later(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_destroyed);

	return lifecycle_destroy(sandbox, peer_audit(peer), &asker, err);
}

int
killed_later(struct peer *peer, uint32_t request_id, struct sandbox *sandbox,
    struct err *err)
{
	const struct asker asker = make_asker(peer, request_id,
	    answer_killed);

	return lifecycle_kill(sandbox, &asker, err);
}
