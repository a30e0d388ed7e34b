// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/disks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/http/back/depot.h"
#include "gateway/http/back/identity.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

/* One call; its request is kept, as what gives it need not. */
struct asking {
	union {
		struct rpc_disk_create_req create;
		struct rpc_disk_list_req list;
		struct rpc_disk_name disk;
		struct rpc_artifact_name artifact;
		struct rpc_artifact_set_req set;
		struct rpc_artifact_list_req artifacts;
		struct rpc_artifact_search_req search;
		struct rpc_history_add_req deed;
		struct rpc_history_list_req histories;
	} request;
	disks_disk_done *disk_done;
	disks_artifact_done *artifact_done;
	disks_list_done *list_done;
	disks_end_done *end_done;
	void *arg;
};

static void
on_disk(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;

	(void)message;
	asking->disk_done(asking->arg, reply, err);
}

static void
on_artifact(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const int fd = message != NULL && message->n_fds > 0 ?
	    take_fd(&message->fds[0]) : -1;

	asking->artifact_done(asking->arg, reply, fd, err);
}

static void
on_end(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;

	(void)reply;
	(void)message;
	asking->end_done(asking->arg, err);
}

/* The bytes of a list say themselves how many there are. */
static void
tell_list(const struct asking *asking, const struct rpc_layout *layout,
    struct rpc_bytes bytes, bool has_more, struct rpc_strv folders,
    const struct err *err)
{
	struct records records = {layout, bytes, 0};
	struct rpc_bytes rest = bytes;
	union rpc_any record;

	while (rest.size > 0 && rpc_list_next(layout, &rest, &record))
		records.count++;
	asking->list_done(asking->arg, &records, has_more, folders, err);
}

static void
on_disks(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_disk_list_rep none = {0};
	const struct rpc_disk_list_rep *reply = data != NULL ? data : &none;

	(void)message;
	tell_list(asking, &rpc_layout_disk_info, reply->disks,
	    reply->more != 0, (struct rpc_strv){0}, err);
}

static void
on_artifacts(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_artifact_list_rep none = {0};
	const struct rpc_artifact_list_rep *reply = data != NULL ? data :
	    &none;

	(void)message;
	tell_list(asking, &rpc_layout_artifact_info, reply->artifacts,
	    reply->more != 0, reply->folders, err);
}

static void
on_found(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_artifact_search_rep none = {0};
	const struct rpc_artifact_search_rep *reply = data != NULL ? data :
	    &none;

	(void)message;
	tell_list(asking, &rpc_layout_artifact_info, reply->artifacts,
	    reply->more != 0, (struct rpc_strv){0}, err);
}

static void
on_histories(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_history_list_rep none = {0};
	const struct rpc_history_list_rep *reply = data != NULL ? data :
	    &none;

	(void)message;
	tell_list(asking, &rpc_layout_history_info, reply->histories,
	    reply->more != 0, (struct rpc_strv){0}, err);
}

static void
ask(struct identity *who, const struct rpc_call *call,
    const struct asking *wanted, rpc_client_done *done)
{
	struct asking *asking = malloc(sizeof *asking);

	if (asking != NULL) {
		*asking = *wanted;
		depot_ask(who, call, &asking->request, done, asking);
	} else if (wanted->disk_done != NULL) {
		wanted->disk_done(wanted->arg, NULL, &out_of_memory);
	} else if (wanted->artifact_done != NULL) {
		wanted->artifact_done(wanted->arg, NULL, -1, &out_of_memory);
	} else if (wanted->list_done != NULL) {
		wanted->list_done(wanted->arg, NULL, false,
		    (struct rpc_strv){0}, &out_of_memory);
	} else {
		wanted->end_done(wanted->arg, &out_of_memory);
	}
}

void
disks_create(struct identity *who, const struct rpc_disk_create_req *request,
    disks_disk_done *done, void *arg)
{
	ask(who, &rpc_call_disk_create, &(struct asking){
	    .request.create = *request, .disk_done = done, .arg = arg},
	    on_disk);
}

void
disks_get(struct identity *who, const char *id, disks_disk_done *done,
    void *arg)
{
	ask(who, &rpc_call_disk_get, &(struct asking){.request.disk = {id},
	    .disk_done = done, .arg = arg}, on_disk);
}

void
disks_list(struct identity *who, const struct rpc_disk_list_req *request,
    disks_list_done *done, void *arg)
{
	ask(who, &rpc_call_disk_list, &(struct asking){
	    .request.list = *request, .list_done = done, .arg = arg},
	    on_disks);
}

/* One that goes: whose it is, what is mounted of it, and then the disk. */
struct removal {
	struct identity *who;
	char id[64]; /* or its name, at first */
	disks_end_done *done;
	void *arg;
};

static void
end_removal(void *arg, const struct err *err)
{
	struct removal removal = *(struct removal *)arg;

	free(arg);
	removal.done(removal.arg, err);
}

static void
on_dropped(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct removal *removal = arg;

	(void)reply;
	(void)message;
	if (err != NULL)
		end_removal(removal, err);
	else
		ask(removal->who, &rpc_call_disk_remove, &(struct asking){
		    .request.disk = {removal->id}, .end_done = end_removal,
		    .arg = removal}, on_end);
}

static void
on_theirs(void *arg, const struct rpc_disk_info *disk, const struct err *err)
{
	struct removal *removal = arg;
	const struct rpc_disk_drop_req request = {removal->id};

	if (err != NULL) {
		/* Who may not remove any is told that. */
		if (err->code == ENOENT)
			on_dropped(removal, NULL, NULL, NULL);
		else
			end_removal(removal, err);
		return;
	}
	snprintf(removal->id, sizeof removal->id, "%s", disk->id);
	identity_ask_sandboxd(removal->who, &rpc_call_disk_drop, &request,
	    on_dropped, removal);
}

void
disks_remove(struct identity *who, const char *id, disks_end_done *done,
    void *arg)
{
	struct removal *removal = calloc(1, sizeof *removal);

	if (removal == NULL) {
		done(arg, &out_of_memory);
		return;
	}
	*removal = (struct removal){.who = who, .done = done, .arg = arg};
	snprintf(removal->id, sizeof removal->id, "%s", id);
	disks_get(who, removal->id, on_theirs, removal);
}

void
disks_get_artifact(struct identity *who, const struct rpc_artifact_name *name,
    disks_artifact_done *done, void *arg)
{
	ask(who, &rpc_call_artifact_get, &(struct asking){
	    .request.artifact = *name, .artifact_done = done, .arg = arg},
	    on_artifact);
}

void
disks_open_artifact(struct identity *who, const struct rpc_artifact_name *name,
    disks_artifact_done *done, void *arg)
{
	ask(who, &rpc_call_artifact_open, &(struct asking){
	    .request.artifact = *name, .artifact_done = done, .arg = arg},
	    on_artifact);
}

void
disks_set_artifact(struct identity *who,
    const struct rpc_artifact_set_req *request, disks_artifact_done *done,
    void *arg)
{
	ask(who, &rpc_call_artifact_set, &(struct asking){
	    .request.set = *request, .artifact_done = done, .arg = arg},
	    on_artifact);
}

void
disks_remove_artifact(struct identity *who,
    const struct rpc_artifact_name *name, disks_end_done *done, void *arg)
{
	ask(who, &rpc_call_artifact_remove, &(struct asking){
	    .request.artifact = *name, .end_done = done, .arg = arg}, on_end);
}

void
disks_list_artifacts(struct identity *who,
    const struct rpc_artifact_list_req *request, disks_list_done *done,
    void *arg)
{
	ask(who, &rpc_call_artifact_list, &(struct asking){
	    .request.artifacts = *request, .list_done = done, .arg = arg},
	    on_artifacts);
}

void
disks_search(struct identity *who,
    const struct rpc_artifact_search_req *request, bool is_for_text,
    disks_list_done *done, void *arg)
{
	ask(who, is_for_text ? &rpc_call_artifact_grep :
	    &rpc_call_artifact_glob, &(struct asking){
	    .request.search = *request, .list_done = done, .arg = arg},
	    on_found);
}

void
disks_add_history(struct identity *who,
    const struct rpc_history_add_req *request, disks_end_done *done, void *arg)
{
	ask(who, &rpc_call_history_add, &(struct asking){
	    .request.deed = *request, .end_done = done, .arg = arg}, on_end);
}

void
disks_list_histories(struct identity *who,
    const struct rpc_history_list_req *request, disks_list_done *done,
    void *arg)
{
	ask(who, &rpc_call_history_list, &(struct asking){
	    .request.histories = *request, .list_done = done, .arg = arg},
	    on_histories);
}
