// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "sandboxd/door/creation.h"
#include "sandboxd/door/denied.h"
#include "sandboxd/door/egress.h"
#include "sandboxd/door/environment.h"
#include "sandboxd/door/events.h"
#include "sandboxd/door/find_name.h"
#include "sandboxd/door/holders.h"
#include "sandboxd/door/host.h"
#include "sandboxd/door/kept_disks.h"
#include "sandboxd/door/later.h"
#include "sandboxd/door/lifetimes.h"
#include "sandboxd/door/metrics.h"
#include "sandboxd/door/org_quota.h"
#include "sandboxd/door/peer.h"
#include "sandboxd/door/pool.h"
#include "sandboxd/door/repeat.h"
#include "sandboxd/door/resizing.h"
#include "sandboxd/door/sandbox_info.h"
#include "sandboxd/door/snapshots.h"
#include "sandboxd/door/templates.h"
#include "sandboxd/door/tombstones.h"
#include "sandboxd/door/usage.h"
#include "sandboxd/door/watch.h"
#include "sandboxd/lifecycle/admission.h"
#include "sandboxd/lifecycle/kept_disks.h"
#include "sandboxd/lifecycle/lifecycle.h"

/* Room for one more sandbox_info must be left in a list's page. */
#define LIST_BYTES_MAX	131072

struct sandbox *
calls_find(const struct peer *peer, const char *id, struct err *err)
{
	struct sandbox *sandbox;

	if (id[0] == '\0')
		id = peer->capability.sandbox_id;
	sandbox = sandbox_find(&peer->daemon->sandboxes, id);
	if (sandbox == NULL || !sandbox_is_there(sandbox) ||
	    !capability_sees(&peer->capability, &sandbox->record)) {
		err_set(err, ENOENT, "no such sandbox");
		return NULL;
	}
	return sandbox;
}

static int
answer_cap_open(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	static const struct rpc_cap_open_rep reply;
	const struct rpc_cap_open_req *request = data;
	const struct sandbox *sandbox;
	struct capability capability = {0};
	auto_close int far_fd = -1;
	int fds[2], r = capability_read(request, &capability, err);

	if (r < 0)
		return r;
	sandbox = sandbox_find(&peer->daemon->sandboxes,
	    capability.sandbox_id);
	if (capability.sandbox_id[0] != '\0' && (sandbox == NULL ||
	    !sandbox_is_there(sandbox) ||
	    !capability_sees(&capability, &sandbox->record)))
		return err_set(err, ENOENT, "no such sandbox");
	if ((r = fd_seqpacket_pair(fds)) < 0)
		return err_set(err, -r, "capability: %s", strerror(-r));
	far_fd = fds[1];
	fd_refuse_passing(fds[0]);
	r = peer_add(peer->daemon, fds[0], &capability, request->ttl_ms, err);
	if (r < 0)
		return r;
	log_info("capability opened org=%s sandbox=%s rights=%#x audit=%s",
	    capability.org, capability.sandbox_id, capability.rights,
	    capability.audit);
	peer_reply(peer, &rpc_call_cap_open, id, &reply, &far_fd, 1);
	return 0;
}

/* Who asks is an admin, whom it never ends. */
static int
answer_cap_end(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_cap_end_req *request = data;
	struct rpc_cap_end_rep reply = {0};
	struct peer *next;

	(void)err;
	for (struct peer *p = peer->daemon->peers; p != NULL; p = next) {
		next = p->next;
		if (p->server.who != RPC_PEER_CAPABILITY ||
		    !capability_is_meant(&p->capability, request))
			continue;
		p->is_revoked = true;
		peer_drop(p, "revoked");
		reply.count++;
	}
	peer_reply(peer, &rpc_call_cap_end, id, &reply, NULL, 0);
	return 0;
}

static int
answer_host_status(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)data;
	return host_status(peer, id, err);
}

static int
answer_host_resources(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)data;
	return host_resources(peer, id, err);
}

static int
answer_sandbox_create(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_create_req *request = data;
	struct sandbox_record record = {0};
	struct sandbox_source source = {0};
	int r;

	/* One that is for a single sandbox has no business making others. */
	if (peer->capability.sandbox_id[0] != '\0')
		return err_set(err, EACCES,
		    "this capability is for one sandbox");
	r = repeat_answer(peer, &rpc_call_sandbox_create, id,
	    request->request_key, request->request_body, err);
	if (r == 0 && (r = creation_read(peer, data, &record, &source,
	    err)) == 0)
		r = created_later(peer, id, &record, &source, err);
	if (r == 0)
		kept_disks_note(peer->daemon, &record);
	sandbox_record_fini(&record);
	return r < 0 ? r : 0;
}

static int
answer_sandbox_fork(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_fork_req *request = data;
	struct sandbox *from = calls_find(peer, request->id, err);
	struct sandbox_record record = {0};
	struct sandbox_source source = {0};
	int r;

	if (from != NULL && peer->capability.sandbox_id[0] != '\0')
		return err_set(err, EACCES,
		    "this capability is for one sandbox");
	/* What it made may have outlived it. */
	r = repeat_answer(peer, &rpc_call_sandbox_fork, id,
	    request->request_key, request->request_body, err);
	if (r == 0 && from == NULL)
		return -ENOENT;
	if (r == 0 && (r = creation_fork(peer, from, request, &record,
	    &source, err)) == 0)
		r = forked_later(peer, id, &record, &source, err);
	sandbox_record_fini(&record);
	return r < 0 ? r : 0;
}

static int
answer_snapshot_create(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_snapshot_create_req *request = data;
	const struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	return snapshot_created_later(peer, id, sandbox, request, err);
}

static int
answer_snapshot_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	return snapshots_page(peer, id, data, err);
}

static int
answer_snapshot_remove(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_snapshot_remove_req *request = data;
	struct snapshot *snapshot;

	if (strcmp(request->which, "*") == 0)
		return snapshots_remove_all(peer, id);
	snapshot = snapshots_seen(peer, request->which, err);
	if (snapshot == NULL)
		return -ENOENT;
	return snapshot_removed_later(peer, id, snapshot, err);
}

static int
answer_sandbox_restore(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_restore_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	struct sandbox_source source = {0};
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	r = snapshot_for(peer, sandbox, request->which, &source, err);
	return r < 0 ? r : restored_later(peer, id, sandbox, &source, err);
}

static int
answer_sandbox_watch(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_watch_req *request = data;

	return watch_page(peer, id, request->after, err);
}

static int
take_sandbox_moved(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)peer;
	(void)id;
	(void)data;
	return err_set(err, EACCES, "sandboxd alone says what state it is in");
}

static int
take_sandbox_owned(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)peer;
	(void)id;
	(void)data;
	return err_set(err, EACCES, "sandboxd alone says whose they are");
}

static int
answer_sandbox_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_list_req *request = data;
	const struct sandbox_table *table = &peer->daemon->sandboxes;
	auto_free uint8_t *buffer = malloc(LIST_BYTES_MAX);
	struct rpc_list list = {.data = buffer, .size = LIST_BYTES_MAX};
	struct rpc_sandbox_list_rep reply = {0};
	int r = 0;

	if (buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	for (size_t i = sandbox_after(table, request->after);
	    i < table->n && r == 0 && reply.more == 0; i++) {
		if (!capability_sees(&peer->capability,
		    &table->sorted[i]->record))
			continue;
		if (list.used + SANDBOX_INFO_BYTES_MAX > list.size)
			reply.more = 1;
		else
			r = sandbox_info_add(&list, table->sorted[i], err);
	}
	if (r < 0)
		return r;
	reply.count = list.count;
	reply.sandboxes = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_sandbox_list, id, &reply, NULL, 0);
	return 0;
}

static int
reply_sandbox(struct peer *peer, const struct rpc_call *call, uint32_t id,
    struct sandbox *sandbox, struct err *err)
{
	uint8_t buffer[SANDBOX_INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_sandbox_get_rep reply;
	int r;

	lifecycle_count_kills(sandbox);
	r = sandbox_info_add(&list, sandbox, err);
	if (r < 0)
		return r;
	reply.sandbox = rpc_list_bytes(&list);
	peer_reply(peer, call, id, &reply, NULL, 0);
	return 0;
}

static int
answer_sandbox_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_get_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	return reply_sandbox(peer, &rpc_call_sandbox_get, id, sandbox, err);
}

static int
answer_sandbox_recall(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_get_req *request = data;
	const struct capability *capability = &peer->capability;
	const char *which = request->id[0] != '\0' ? request->id :
	    capability->sandbox_id;
	struct sandbox *sandbox = sandbox_find(&peer->daemon->sandboxes,
	    which);

	if (sandbox != NULL && capability_sees(capability, &sandbox->record))
		return reply_sandbox(peer, &rpc_call_sandbox_recall, id,
		    sandbox, err);
	if (sandbox != NULL && capability->sandbox_id[0] == '\0' &&
	    strcmp(capability->org, sandbox->record.org) != 0)
		return err_set(err, EREMOTE, "%s: is another organisation's",
		    sandbox->record.id);
	return recalled_later(peer, &rpc_call_sandbox_recall, id, which, err);
}

static int
answer_sandbox_log(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_log_req *request = data;
	const char *which = request->id[0] != '\0' ? request->id :
	    peer->capability.sandbox_id;

	return log_later(peer, id, which, calls_find(peer, which, NULL), err);
}

static int
answer_sandbox_metrics(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_metrics_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);

	return sandbox == NULL ? -ENOENT :
	    metrics_of_sandbox(peer, id, sandbox, request, err);
}

static int
answer_metric_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_metric_list_req *request = data;

	return metrics_page(peer, id, request->after, err);
}

static int
answer_tombstone_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_list_req *request = data;

	return tombstones_later(peer, id, request->after, err);
}

static int
answer_sandbox_destroy(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_destroy_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	log_info("destroy asked for id=%s audit=%s", sandbox->record.id,
	    peer_audit(peer));
	return destroyed_later(peer, id, sandbox, err);
}

static int
answer_sandbox_kill(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_kill_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	log_info("kill asked for id=%s audit=%s", sandbox->record.id,
	    peer_audit(peer));
	return killed_later(peer, id, sandbox, err);
}

/* Whether it may run, where it does not: by its organisation and the host. */
static int
permit_start(const struct peer *peer, const struct sandbox *sandbox,
    struct err *err)
{
	int r = quota_check_start(&peer->capability.quota,
	    &peer->daemon->sandboxes, &sandbox->record, err);

	return r < 0 ? r : admission_check_start(sandbox, err);
}

static int
answer_sandbox_attach(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_attach_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	r = permit_start(peer, sandbox, err);
	return r < 0 ? r : attached_later(peer, id, sandbox, err);
}

static int
answer_sandbox_resume(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_resume_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	r = permit_start(peer, sandbox, err);
	return r < 0 ? r : resumed_later(peer, id, sandbox,
	    request->is_access != 0, err);
}

static int
answer_sandbox_pause(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_get_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	return paused_later(peer, id, sandbox, err);
}

static int
answer_sandbox_suspend(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_get_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	return suspended_later(peer, id, sandbox, err);
}

static int
answer_sandbox_refresh(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_refresh_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	r = permit_start(peer, sandbox, err);
	if (r == 0)
		r = lifetimes_check(&peer->daemon->settings,
		    &peer->capability, &sandbox->record, request->duration_s,
		    err);
	return r < 0 ? r : refreshed_later(peer, id, sandbox,
	    request->duration_s, err);
}

static int
answer_sandbox_change(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_sandbox_change_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	r = lifetimes_read(&peer->daemon->settings, &peer->capability,
	    request->lifetime, &sandbox->record, err);
	if (r < 0)
		return r;
	if (request->auto_resume != 0)
		sandbox->record.auto_resume = request->auto_resume == 2;
	if (request->metadata[0] != '\0')
		snprintf(sandbox->record.metadata,
		    sizeof sandbox->record.metadata, "%s", request->metadata);
	return changed_later(peer, id, sandbox, request->lifetime.size > 0,
	    err);
}

/* The handler of each row has its name; a row without one does not link. */
static const struct {
	const struct rpc_call *call;
	int (*answer)(struct peer *peer, uint32_t id, const void *request,
	    struct err *err);
} handlers[] = {
#define RPC_CALL(number, name, ...) {&rpc_call_##name, answer_##name},
#define RPC_EVENT(number, name, ...) {&rpc_call_##name, take_##name},
#include "common/rpc.def"
};

static const struct rpc_call *
row(size_t i)
{
	return i < sizeof handlers / sizeof *handlers ? handlers[i].call :
	    NULL;
}

static int
serve(void *arg, size_t i, struct rpc_message *message, const void *request,
    struct err *err)
{
	struct peer *peer = arg;
	int r;

	log_debug("call=%s audit=%s", handlers[i].call->name,
	    peer_audit(peer));
	r = handlers[i].answer(peer, message->header.id, request, err);
	if (r < 0)
		log_info("refused call=%s audit=%s: %s",
		    handlers[i].call->name, peer_audit(peer), err->text);
	return r;
}

static void
drop(void *arg, const char *why)
{
	peer_drop(arg, why);
}

static void
watch(void *arg, uint32_t events)
{
	struct peer *peer = arg;

	(void)sd_event_source_set_io_events(peer->source, events);
}

const struct rpc_server_table calls_table = {.row = row, .serve = serve,
    .drop = drop, .watch = watch,
    .queue_messages_max = PEER_QUEUE_MESSAGES_MAX,
    .queue_bytes_max = PEER_QUEUE_BYTES_MAX};
