// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/answer.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/parse.h"
#include "gateway/depot/grep.h"
#include "gateway/depot/holder.h"
#include "gateway/depot/place.h"
#include "gateway/depot/upload.h"

#define DISKS_SIZE     131072
#define ARTIFACTS_SIZE 98304
#define FOLDERS_SIZE   65536
#define HISTORIES_SIZE 184320
#define RANDOM_LETTERS 16
#define CALLS_MAX      128 /* of a capability, at once */

/* One call being answered, in a thread; but what the loop says is its own. */
struct call {
	struct crew_job job;
	LIST_ENTRY(call) link; /* the loop's */
	struct holder *holder; /* the loop's; NULL: gone */
	struct depot *depot;
	const struct answer *answer;
	atomic_bool is_unwanted; /* set once the holder is gone */
	struct index *index;	 /* of the thread */
	struct holder_scope whose;
	const struct scope *scope;
	uint32_t id;
	struct rpc_message message; /* what request points into */
	union rpc_any request_bytes;
	const void *request;
	unsigned n_uploads;
	struct err err_bytes, *err;
	int result;
	struct rpc_frame frame; /* the reply; data NULL: none */
	bool has_removed; /* content that nobody may name now */
};

struct answer {
	const struct rpc_call *row;
	int (*answer)(struct call *call); /* in a thread, or NULL: */
	int (*begin)(struct holder *holder, const void *request, uint32_t id,
	    struct err *err);
	enum crew_class class;
};

static void
reply_with(struct call *call, const void *data, const int *fd)
{
	int r = rpc_frame_reply(call->answer->row, call->id, data, fd,
	    fd != NULL, &call->frame);

	if (r < 0)
		call->result = err_set(call->err, -r, "%s", strerror(-r));
}

static void
reply(struct call *call, const void *data)
{
	reply_with(call, data, NULL);
}

static int
reply_disk(void *arg, const struct rpc_disk_info *disk)
{
	reply(arg, disk);
	return 0;
}

static int
reply_artifact(void *arg, const struct rpc_artifact_info *artifact)
{
	reply(arg, artifact);
	return 0;
}

static void
make_id(char ret[INDEX_DISK_ID_SIZE])
{
	memcpy(ret, "dk_", 3);
	for (int i = 3; i < 3 + RANDOM_LETTERS; i++)
		ret[i] = SANDBOX_ID_ALPHABET[randombytes_uniform(32)];
	ret[3 + RANDOM_LETTERS] = '\0';
}

static int
create_disk(struct call *call)
{
	const struct rpc_disk_create_req *request = call->request;
	char id[INDEX_DISK_ID_SIZE];
	int r;

	make_id(id);
	r = index_add_disk(call->index, call->scope, request->name,
	    request->user, id, call->err);
	return r < 0 ? r : index_get_disk(call->index, call->scope, id,
	    reply_disk, call, call->err);
}

/* A list as it grows; its end is -EMSGSIZE, which means that there is more. */
struct page {
	struct rpc_list list;
	const struct rpc_layout *layout;
	uint32_t limit;
};

static int
add(struct page *page, const void *record)
{
	return page->list.count == page->limit ? -EMSGSIZE :
	    rpc_list_add(&page->list, page->layout, record);
}

static int
add_disk(void *arg, const struct rpc_disk_info *disk)
{
	return add(arg, disk);
}

static int
add_artifact(void *arg, const struct rpc_artifact_info *artifact)
{
	return add(arg, artifact);
}

static int
list_disks(struct call *call)
{
	const struct rpc_disk_list_req *request = call->request;
	auto_free uint8_t *bytes = malloc(DISKS_SIZE);
	struct page page = {{.data = bytes, .size = DISKS_SIZE},
	    &rpc_layout_disk_info, request->limit};
	int r;

	if (bytes == NULL)
		return err_set(call->err, ENOMEM, "out of memory");
	r = index_list_disks(call->index, call->scope, request, add_disk,
	    &page, call->err);
	if (r < 0 && r != -EMSGSIZE)
		return r;
	reply(call, &(struct rpc_disk_list_rep){r != 0,
	    rpc_list_bytes(&page.list)});
	return 0;
}

static int
get_disk(struct call *call)
{
	const struct rpc_disk_name *request = call->request;

	return index_get_disk(call->index, call->scope, request->id,
	    reply_disk, call, call->err);
}

static int
remove_disk(struct call *call)
{
	const struct rpc_disk_name *request = call->request;
	int r = index_remove_disk(call->index, call->scope, request->id,
	    call->err);

	if (r < 0)
		return r;
	call->has_removed = true;
	reply(call, &(struct rpc_disk_remove_rep){});
	return 0;
}

static int
get(struct call *call)
{
	const struct rpc_artifact_name *request = call->request;
	struct place place;
	int r = place_parse(request->path, &place, call->err);

	return r < 0 ? r : index_get(call->index, call->scope,
	    request->disk_id, place.folder, place.name, reply_artifact, call,
	    call->err);
}

static int
reply_open(void *arg, const struct rpc_artifact_info *artifact)
{
	struct call *call = arg;
	auto_close int fd = -1;
	int r = content_read(&call->depot->content, call->scope->org,
	    artifact->sha256, artifact->size, &fd, call->err);

	if (r == 0)
		reply_with(call, artifact, &fd);
	return r;
}

static int
open_one(struct call *call)
{
	const struct rpc_artifact_name *request = call->request;
	struct place place;
	int r = place_parse(request->path, &place, call->err);

	return r < 0 ? r : index_get(call->index, call->scope,
	    request->disk_id, place.folder, place.name, reply_open, call,
	    call->err);
}

static int
set(struct call *call)
{
	const struct rpc_artifact_set_req *request = call->request;
	struct place place;
	int r = place_parse(request->path, &place, call->err);

	if (r == 0)
		r = index_set_meta(call->index, call->scope, request->disk_id,
		    place.folder, place.name, request->meta, call->err);
	return r < 0 ? r : index_get(call->index, call->scope,
	    request->disk_id, place.folder, place.name, reply_artifact, call,
	    call->err);
}

static int
remove_one(struct call *call)
{
	const struct rpc_artifact_name *request = call->request;
	char old[INDEX_SHA256_SIZE] = "";
	struct place place;
	int r = place_parse(request->path, &place, call->err);

	if (r == 0)
		r = index_remove(call->index, call->scope, request->disk_id,
		    place.folder, place.name, old, call->err);
	if (r < 0)
		return r;
	depot_release(call->depot, call->index, call->scope->org, old);
	reply(call, &(struct rpc_artifact_remove_rep){});
	return 0;
}

/* Names as they are collected. */
struct names {
	char *data;
	uint32_t size, count;
};

static int
add_name(void *arg, const char *name)
{
	struct names *names = arg;
	const size_t n = strlen(name) + 1;

	if (names->size + n > FOLDERS_SIZE)
		return -EMSGSIZE;
	memcpy(names->data + names->size, name, n);
	names->size += (uint32_t)n;
	names->count++;
	return 0;
}

static int
list(struct call *call)
{
	const struct rpc_artifact_list_req *request = call->request;
	auto_free uint8_t *bytes = malloc(ARTIFACTS_SIZE);
	auto_free char *folders = malloc(FOLDERS_SIZE);
	struct page page = {{.data = bytes, .size = ARTIFACTS_SIZE},
	    &rpc_layout_artifact_info, request->limit};
	struct names names = {folders, 0, 0};
	char folder[PLACE_FOLDER_SIZE];
	int r = place_parse_folder(request->folder, folder, call->err);

	if (r == 0 && (bytes == NULL || folders == NULL))
		r = err_set(call->err, ENOMEM, "out of memory");
	if (r < 0)
		return r;
	if (*request->after == '\0')
		r = index_list_folders(call->index, call->scope,
		    request->disk_id, folder, add_name, &names, call->err);
	if (r == 0 || r == -EMSGSIZE)
		r = index_list(call->index, call->scope, request->disk_id,
		    folder, request->after, add_artifact, &page, call->err);
	if (r < 0 && r != -EMSGSIZE)
		return r;
	reply(call, &(struct rpc_artifact_list_rep){r != 0,
	    rpc_list_bytes(&page.list), {names.data, names.size,
	    names.count}});
	return 0;
}

static int
glob(struct call *call)
{
	const struct rpc_artifact_search_req *request = call->request;
	auto_free uint8_t *bytes = malloc(DISKS_SIZE);
	struct page page = {{.data = bytes, .size = DISKS_SIZE},
	    &rpc_layout_artifact_info, request->limit};
	int r;

	if (bytes == NULL)
		return err_set(call->err, ENOMEM, "out of memory");
	r = index_glob(call->index, call->scope, request->disk_id,
	    request->query, add_artifact, &page, call->err);
	if (r < 0 && r != -EMSGSIZE)
		return r;
	reply(call, &(struct rpc_artifact_search_rep){r != 0,
	    rpc_list_bytes(&page.list)});
	return 0;
}

static int
add_history(struct call *call)
{
	int r = index_add_history(call->index, call->scope, call->request,
	    call->err);

	if (r < 0)
		return r;
	reply(call, &(struct rpc_history_add_rep){});
	return 0;
}

static int
add_one_history(void *arg, const struct rpc_history_info *history)
{
	return add(arg, history);
}

static int
list_histories(struct call *call)
{
	const struct rpc_history_list_req *request = call->request;
	auto_free uint8_t *bytes = malloc(HISTORIES_SIZE);
	struct page page = {{.data = bytes, .size = HISTORIES_SIZE},
	    &rpc_layout_history_info, request->limit};
	int r;

	if (bytes == NULL)
		return err_set(call->err, ENOMEM, "out of memory");
	r = index_list_histories(call->index, call->scope, request,
	    add_one_history, &page, call->err);
	if (r < 0 && r != -EMSGSIZE)
		return r;
	reply(call, &(struct rpc_history_list_rep){r != 0,
	    rpc_list_bytes(&page.list)});
	return 0;
}

static int
tell_quota(struct call *call)
{
	struct index_used used = {0};
	int r = index_count(call->index, call->scope, &used, call->err);

	if (r < 0)
		return r;
	reply(call, &(struct rpc_depot_quota_rep){
	    .max_artifacts_used = used.bytes,
	    .max_artifacts_limit = call->scope->bytes_max,
	    .disks_used = used.disks, .disks_limit = DEPOT_DISKS_MAX,
	    .artifacts_used = used.artifacts,
	    .artifacts_limit = DEPOT_ARTIFACTS_MAX,
	    .uploads_used = call->n_uploads,
	    .uploads_limit = DEPOT_UPLOADS_MAX});
	return 0;
}

static int
begin_upload(struct holder *holder, const void *request, uint32_t id,
    struct err *err)
{
	return upload_begin(holder, request, id, err);
}

static int
commit_upload(struct holder *holder, const void *request, uint32_t id,
    struct err *err)
{
	return upload_commit(holder, request, id, err);
}

static int
begin_grep(struct holder *holder, const void *request, uint32_t id,
    struct err *err)
{
	return grep_begin(holder, request, id, err);
}

static const struct answer answers[] = {
    {&rpc_call_disk_create, create_disk, .class = CREW_WRITE},
    {&rpc_call_disk_list, list_disks, .class = CREW_LOOK},
    {&rpc_call_disk_get, get_disk, .class = CREW_LOOK},
    {&rpc_call_disk_remove, remove_disk, .class = CREW_WRITE},
    {&rpc_call_artifact_begin, .begin = begin_upload},
    {&rpc_call_artifact_commit, .begin = commit_upload},
    {&rpc_call_artifact_get, get, .class = CREW_LOOK},
    {&rpc_call_artifact_open, open_one, .class = CREW_LOOK},
    {&rpc_call_artifact_set, set, .class = CREW_WRITE},
    {&rpc_call_artifact_remove, remove_one, .class = CREW_WRITE},
    {&rpc_call_artifact_list, list, .class = CREW_LOOK},
    {&rpc_call_artifact_glob, glob, .class = CREW_BYTES},
    {&rpc_call_artifact_grep, .begin = begin_grep},
    {&rpc_call_history_add, add_history, .class = CREW_WRITE},
    {&rpc_call_history_list, list_histories, .class = CREW_LOOK},
    {&rpc_call_depot_quota, tell_quota, .class = CREW_LOOK},
};

const struct rpc_call *
answer_row(size_t i)
{
	return i < sizeof answers / sizeof *answers ? answers[i].row : NULL;
}

static void
run(struct crew_job *job, struct index *index)
{
	struct call *call = (struct call *)job;
	int r;

	if (atomic_load(&call->is_unwanted))
		return;
	call->index = index;
	r = call->answer->answer(call);
	if (call->result == 0)
		call->result = r;
}

static void
forget(struct call *call)
{
	struct holder *holder = call->holder;

	if (holder == NULL)
		return;
	LIST_REMOVE(call, link);
	if (holder->n_calls-- == CALLS_MAX)
		rpc_server_pause(&holder->server, false);
	call->holder = NULL;
}

static void
on_run(struct crew_job *job)
{
	struct call *call = (struct call *)job;

	if (call->has_removed && !call->depot->is_closing)
		depot_sweep(call->depot);
	if (call->result < 0 && call->err->code == 0)
		err_set(call->err, -call->result, "%s",
		    strerror(-call->result));
	if (call->holder != NULL && call->result < 0)
		rpc_server_error(&call->holder->server,
		    call->answer->row->number, call->id, call->err);
	else if (call->holder != NULL)
		rpc_server_send(&call->holder->server, &call->frame);
	forget(call);
	rpc_frame_free(&call->frame);
	rpc_message_free(&call->message);
	free(call);
}

void
answers_drop(struct holder *holder)
{
	struct call *call;

	while ((call = LIST_FIRST(&holder->calls)) != NULL) {
		LIST_REMOVE(call, link);
		atomic_store(&call->is_unwanted, true);
		call->holder = NULL;
	}
}

/* Who asks for more than is answered at once is not read meanwhile. */
static void
submit(struct holder *holder, struct call *call)
{
	LIST_INSERT_HEAD(&holder->calls, call, link);
	if (++holder->n_calls == CALLS_MAX)
		rpc_server_pause(&holder->server, true);
	crew_submit(holder->depot->crew, call->answer->class, &call->job);
}

int
answer_serve(void *arg, size_t i, struct rpc_message *message,
    const void *request, struct err *err)
{
	const struct answer *answer = &answers[i];
	struct holder *holder = arg;
	struct call *call;

	if (answer->begin != NULL)
		return answer->begin(holder, request, message->header.id, err);
	call = calloc(1, sizeof *call);
	if (call == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*call = (struct call){.job = {.org = call->whose.org, .run = run,
	    .done = on_run}, .holder = holder, .depot = holder->depot,
	    .answer = answer, .scope = &call->whose.scope,
	    .id = message->header.id, .message = *message,
	    .request = &call->request_bytes, .err = &call->err_bytes,
	    .n_uploads = uploads_count(holder)};
	*message = (struct rpc_message){0};
	memcpy(&call->request_bytes, request,
	    answer->row->request->struct_size);
	holder_copy_scope(holder, &call->whose);
	submit(holder, call);
	return 0;
}
