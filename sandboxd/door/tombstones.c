// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/tombstones.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "sandboxd/disk/log.h"
#include "sandboxd/door/sandbox_info.h"

/* A page, encoded, is to fit a message. */
_Static_assert(READER_PAGE * SANDBOX_INFO_BYTES_MAX <= 131072,
    "the most of sandbox_list_rep");

static void
release(void *owner)
{
	peer_unref(owner);
}

/* The reply to each of these calls is the sandbox and no more. */
static void
recall(struct peer *peer, const struct rpc_call *call, uint32_t request_id,
    const struct sandbox_record *found, const struct err *err)
{
	uint8_t buffer[SANDBOX_INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_sandbox_get_rep reply;
	struct err large = {0};

	if (err == NULL && sandbox_info_add_tombstone(&list, found,
	    &large) < 0)
		err = &large;
	if (err != NULL) {
		peer_error(peer, call, request_id, err);
		return;
	}
	reply.sandbox = rpc_list_bytes(&list);
	peer_reply(peer, call, request_id, &reply, NULL, 0);
}

static void
answer_recall(void *owner, uint32_t request_id,
    const struct sandbox_record *found, unsigned n, const struct err *err)
{
	(void)n;
	recall(owner, &rpc_call_sandbox_recall, request_id, found, err);
}

static void
answer_create(void *owner, uint32_t request_id,
    const struct sandbox_record *found, unsigned n, const struct err *err)
{
	(void)n;
	recall(owner, &rpc_call_sandbox_create, request_id, found, err);
}

static void
answer_fork(void *owner, uint32_t request_id,
    const struct sandbox_record *found, unsigned n, const struct err *err)
{
	(void)n;
	recall(owner, &rpc_call_sandbox_fork, request_id, found, err);
}

static void
answer_list(void *owner, uint32_t request_id,
    const struct sandbox_record *found, unsigned n, const struct err *err)
{
	static uint8_t buffer[READER_PAGE * SANDBOX_INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_sandbox_list_rep reply = {.count = n,
	    .more = n == READER_PAGE};
	struct err large = {0};

	for (unsigned i = 0; i < n && err == NULL; i++)
		if (sandbox_info_add_tombstone(&list, &found[i], &large) < 0)
			err = &large;
	reply.sandboxes = rpc_list_bytes(&list);
	if (err != NULL)
		peer_error(owner, &rpc_call_tombstone_list, request_id, err);
	else
		peer_reply(owner, &rpc_call_tombstone_list, request_id,
		    &reply, NULL, 0);
}

static int
ask(struct peer *peer, struct reader_question *question, const char *id,
    struct err *err)
{
	const uint64_t keep_ms =
	    peer->daemon->settings.tombstone_keep_s * 1000;
	uint64_t now_ms = clock_unix_ms();

	snprintf(question->org, sizeof question->org, "%s",
	    peer->capability.org);
	question->owner_id = peer->capability.owner_id;
	question->reach = peer->capability.reach;
	snprintf(question->id, sizeof question->id, "%s", id);
	question->since_ms = now_ms > keep_ms ? now_ms - keep_ms : 0;
	question->release = release;
	question->owner = peer;
	peer_ref(peer);
	return reader_ask(peer->daemon->reader, question, err);
}

/* The file is opened in the loop: it is small, and its folder is at hand. */
static void
reply_log(struct peer *peer, uint32_t request_id, const char *id,
    bool is_gone)
{
	struct rpc_sandbox_log_rep reply = {.is_gone = is_gone};
	struct err err;
	auto_close int fd = disk_log_read(peer->daemon->runtime.disks, id,
	    &reply.is_gone, &err);

	/* One that is there has not written yet. */
	if (fd == -ENOENT)
		reply.is_gone = is_gone;
	else if (fd < 0)
		peer_error(peer, &rpc_call_sandbox_log, request_id, &err);
	if (fd >= 0 || fd == -ENOENT)
		peer_reply(peer, &rpc_call_sandbox_log, request_id, &reply,
		    &fd, fd >= 0 ? 1 : 0);
}

static void
answer_log(void *owner, uint32_t request_id,
    const struct sandbox_record *found, unsigned n, const struct err *err)
{
	(void)n;
	if (err != NULL)
		peer_error(owner, &rpc_call_sandbox_log, request_id, err);
	else
		reply_log(owner, request_id, found->id, true);
}

int
log_later(struct peer *peer, uint32_t request_id, const char *sandbox_id,
    const struct sandbox *sandbox, struct err *err)
{
	struct reader_question question = {.answer = answer_log,
	    .request_id = request_id};
	const char *own = peer->capability.sandbox_id;

	if (sandbox != NULL) {
		reply_log(peer, request_id, sandbox->record.id, false);
		return 0;
	}
	if (own[0] != '\0' && strcmp(own, sandbox_id) != 0)
		return err_set(err, ENOENT, "no such sandbox");
	return ask(peer, &question, sandbox_id, err);
}

int
recalled_later(struct peer *peer, const struct rpc_call *call,
    uint32_t request_id, const char *sandbox_id, struct err *err)
{
	struct reader_question question = {.answer =
	    call == &rpc_call_sandbox_create ? answer_create :
	    call == &rpc_call_sandbox_fork ? answer_fork : answer_recall,
	    .request_id = request_id};
	const char *own = peer->capability.sandbox_id;

	if (own[0] != '\0' && strcmp(own, sandbox_id) != 0)
		return err_set(err, ENOENT, "no such sandbox");
	return ask(peer, &question, sandbox_id, err);
}

/* Whoever may see one sandbox alone is not told of others that were. */
int
tombstones_later(struct peer *peer, uint32_t request_id, const char *after,
    struct err *err)
{
	struct reader_question question = {.answer = answer_list,
	    .request_id = request_id, .is_list = true};

	if (peer->capability.sandbox_id[0] != '\0')
		return err_set(err, EACCES,
		    "this capability is for one sandbox");
	return ask(peer, &question, after, err);
}
