// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/snapshots.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "sandboxd/lifecycle/kept_disks.h"

/* As rpc.def has them: of one, and of a page. */
#define INFO_BYTES_MAX 1024
#define PAGE_BYTES_MAX 131072

/* Ten years; more is for ever. */
#define TTL_MAX_S 315360000

/* As its sandbox is seen. */
static bool
sees(const struct peer *peer, const struct snapshot *snapshot)
{
	const struct snapshot_record *record = &snapshot->record;
	struct sandbox_record of = {.owner_id = record->owner_id,
	    .is_private = record->is_private != 0};

	snprintf(of.id, sizeof of.id, "%s", record->sandbox);
	snprintf(of.org, sizeof of.org, "%s", record->org);
	return snapshot_is_there(snapshot) &&
	    capability_sees(&peer->capability, &of);
}

struct snapshot *
snapshots_seen(const struct peer *peer, const char *which, struct err *err)
{
	struct snapshot *snapshot = snapshots_find_named(peer->daemon,
	    peer->capability.org, which);

	if (snapshot != NULL && sees(peer, snapshot))
		return snapshot;
	err_set(err, ENOENT, "no such snapshot");
	return NULL;
}

int
snapshot_for(const struct peer *peer, const struct sandbox *sandbox,
    const char *which, struct sandbox_source *ret, struct err *err)
{
	const struct snapshot *snapshot = snapshots_seen(peer, which, err);
	const struct sandbox_record *record = &sandbox->record;

	if (snapshot == NULL)
		return -ENOENT;
	if (strcmp(snapshot->record.template_name,
	    record->template_name) != 0 ||
	    strcmp(snapshot->record.template_version,
	    record->template_version) != 0)
		return err_set(err, EINVAL, "snapshot: is of the template %s, "
		    "or of another version of it",
		    snapshot->record.template_name);
	if (snapshot->record.disk_limit_bytes > record->disk_limit_bytes)
		return err_set(err, EINVAL, "snapshot: is of a disk of %llu "
		    "bytes, and that of %s has %llu",
		    (unsigned long long)snapshot->record.disk_limit_bytes,
		    record->id, (unsigned long long)record->disk_limit_bytes);
	log_info("restore asked for id=%s snapshot=%s audit=%s", record->id,
	    snapshot->record.id, peer_audit(peer));
	memcpy(ret->id, snapshot->record.id, sizeof ret->id);
	ret->limit_bytes = snapshot->record.disk_limit_bytes;
	return 0;
}

static int
add(struct rpc_list *list, const struct snapshot *snapshot)
{
	const struct snapshot_record *record = &snapshot->record;
	const struct rpc_snapshot_info info = {.id = record->id,
	    .name = record->name, .description = record->description,
	    .sandbox = record->sandbox,
	    .template_name = record->template_name, .owner = record->owner,
	    .is_private = record->is_private != 0,
	    .created_ms = record->created_ms,
	    .expires_ms = record->expires_ms,
	    .disk_limit_bytes = record->disk_limit_bytes,
	    .bytes = record->bytes, .still_us = record->still_us};

	return rpc_list_add(list, &rpc_layout_snapshot_info, &info);
}

static void
release(void *owner)
{
	peer_unref(owner);
}

static struct snapshot_asker
make_asker(struct peer *peer, uint32_t request_id,
    void (*answer)(void *owner, uint32_t request_id,
    const struct snapshot *snapshot, const struct err *err))
{
	peer_ref(peer);
	return (struct snapshot_asker){.answer = answer, .release = release,
	    .owner = peer, .request_id = request_id,
	    .whose = peer_audit(peer)};
}

static void
answer_made(void *owner, uint32_t request_id, const struct snapshot *snapshot,
    const struct err *err)
{
	uint8_t buffer[INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_snapshot_create_rep reply;
	struct err large = {0};

	if (err == NULL && add(&list, snapshot) < 0) {
		err_set(&large, EMSGSIZE, "the snapshot is too long");
		err = &large;
	}
	reply.snapshot = rpc_list_bytes(&list);
	if (err != NULL)
		peer_error(owner, &rpc_call_snapshot_create, request_id, err);
	else
		peer_reply(owner, &rpc_call_snapshot_create, request_id,
		    &reply, NULL, 0);
}

static void
answer_removed(void *owner, uint32_t request_id,
    const struct snapshot *snapshot, const struct err *err)
{
	static const struct rpc_snapshot_remove_rep reply;

	(void)snapshot;
	if (err != NULL)
		peer_error(owner, &rpc_call_snapshot_remove, request_id, err);
	else
		peer_reply(owner, &rpc_call_snapshot_remove, request_id,
		    &reply, NULL, 0);
}

static int
check(const struct peer *peer, const struct sandbox *sandbox,
    const struct rpc_snapshot_create_req *request, struct err *err)
{
	if (sandbox->record.state == SANDBOX_CREATING)
		return sandbox_refuse(sandbox, err);
	/* Its limit may not be so: resize.h. */
	if (sandbox->resize.is_applying)
		return sandbox_refuse(sandbox, err);
	if (request->name[0] != '\0' && (!name_is_valid(request->name) ||
	    snapshot_id_is_valid(request->name)))
		return err_set(err, EINVAL, "name: not "
		    "[a-z0-9][a-z0-9_.-]{0,62}, or like an id");
	if (request->ttl_s > TTL_MAX_S)
		return err_set(err, EINVAL, "ttl: is more than %d seconds",
		    TTL_MAX_S);
	return disk_check_copies(peer->daemon->runtime.disks, err);
}

int
snapshot_created_later(struct peer *peer, uint32_t request_id,
    const struct sandbox *sandbox,
    const struct rpc_snapshot_create_req *request, struct err *err)
{
	const struct sandbox_record *from = &sandbox->record;
	const struct capability *capability = &peer->capability;
	struct snapshot_record record = {.owner_id = capability->owner_id,
	    .is_private = from->is_private,
	    .disk_limit_bytes = from->disk_limit_bytes};
	struct snapshot_asker asker;
	int r = check(peer, sandbox, request, err);

	if (r < 0)
		return r;
	snprintf(record.org, sizeof record.org, "%s", from->org);
	snprintf(record.owner, sizeof record.owner, "%s", capability->owner);
	snprintf(record.name, sizeof record.name, "%s", request->name);
	snprintf(record.description, sizeof record.description, "%s",
	    request->description);
	snprintf(record.sandbox, sizeof record.sandbox, "%s", from->id);
	snprintf(record.template_name, sizeof record.template_name, "%s",
	    from->template_name);
	snprintf(record.template_version, sizeof record.template_version,
	    "%s", from->template_version);
	asker = make_asker(peer, request_id, answer_made);
	return snapshots_make(peer->daemon, &record, request->ttl_s,
	    capability->quota.disk_bytes, &asker, err);
}

int
snapshot_removed_later(struct peer *peer, uint32_t request_id,
    struct snapshot *snapshot, struct err *err)
{
	const struct snapshot_asker asker = make_asker(peer, request_id,
	    answer_removed);

	(void)err;
	log_info("snapshot removed id=%s audit=%s", snapshot->record.id,
	    peer_audit(peer));
	snapshots_remove(snapshot, &asker);
	return 0;
}

int
snapshots_remove_all(struct peer *peer, uint32_t request_id)
{
	static const struct rpc_snapshot_remove_rep reply;

	log_info("snapshots removed org=%s audit=%s", peer->capability.org,
	    peer_audit(peer));
	for (struct snapshot *s = peer->daemon->snapshots; s != NULL;
	    s = s->next)
		if (sees(peer, s))
			snapshots_remove(s, NULL);
	kept_disks_remove_all(peer->daemon, peer->capability.org);
	peer_reply(peer, &rpc_call_snapshot_remove, request_id, &reply, NULL,
	    0);
	return 0;
}

static bool
is_asked_for(const struct snapshot_record *record,
    const struct rpc_snapshot_list_req *request)
{
	return strcmp(record->id, request->after) > 0 &&
	    (request->which[0] == '\0' ||
	    strcmp(record->id, request->which) == 0 ||
	    strcmp(record->name, request->which) == 0) &&
	    (request->sandbox[0] == '\0' ||
	    strcmp(record->sandbox, request->sandbox) == 0);
}

int
snapshots_page(struct peer *peer, uint32_t request_id,
    const struct rpc_snapshot_list_req *request, struct err *err)
{
	auto_free uint8_t *buffer = malloc(PAGE_BYTES_MAX);
	struct rpc_list list = {.data = buffer, .size = PAGE_BYTES_MAX};
	struct rpc_snapshot_list_rep reply = {0};

	if (buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	for (const struct snapshot *s = peer->daemon->snapshots;
	    s != NULL && reply.more == 0; s = s->next) {
		if (!sees(peer, s) || !is_asked_for(&s->record, request))
			continue;
		if (list.used + INFO_BYTES_MAX > list.size)
			reply.more = 1;
		else if (add(&list, s) < 0)
			return err_set(err, EMSGSIZE, "a snapshot is too "
			    "long");
	}
	reply.snapshots = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_snapshot_list, request_id, &reply, NULL,
	    0);
	return 0;
}
