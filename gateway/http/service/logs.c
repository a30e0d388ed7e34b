// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/logs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/http/back/back.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/service/log_file.h"

/* Who follows looks so often whether there is more. */
#define LOOK_MS 200

/* Lines of what is read. */
struct split {
	struct log_record record;
	size_t used; /* of its bytes */
	uint32_t process;
	enum output_stream stream;
	bool is_within; /* a line of those two has not ended */
};

struct logs {
	struct identity *who;
	logs_wish wish;
	char id[SANDBOX_ID_SIZE];
	struct logs_client client;
	struct loop_timer timer; /* of who follows */
	struct log_file file;	 /* its fd is ours */
	struct split split;
	uint64_t n_skip; /* the first line that is wanted; 0: it has come */
	uint64_t left_bytes;
	bool is_asking, is_closed, is_open;
	bool is_gone; /* nothing is added to the file */
	bool is_over;
};

/* The next of a record's pieces. */
static void
cut_piece(struct split *split, struct logs_piece *ret)
{
	const struct log_record *record = &split->record;
	const char *at = (const char *)record->data + split->used;
	const size_t left = record->size - split->used;
	const char *newline = memchr(at, '\n', left);
	const bool is_start = record->stream == OUTPUT_STARTED;

	*ret = (struct logs_piece){.at_ms = record->at_ms,
	    .process = record->process, .life = record->life,
	    .stream = record->stream, .data = at,
	    .size = newline == NULL || is_start ? left :
	    (size_t)(newline - at),
	    .begins = true, .ends = newline != NULL || is_start};
	split->used += ret->size + (newline != NULL && !is_start);
	ret->place = (struct logs_place){record->sequence, record->offset,
	    (uint32_t)split->used};
	if (is_start)
		return;
	ret->begins = !split->is_within ||
	    split->process != record->process ||
	    split->stream != record->stream;
	split->process = record->process;
	split->stream = record->stream;
	split->is_within = !ret->ends;
}

/* How much of a record is before the place to go on from. */
static size_t
told_before(const struct logs_place *after, const struct log_record *record)
{
	if (record->sequence != after->sequence ||
	    record->offset != after->offset)
		return 0;
	return after->used < record->size ? after->used : record->size;
}

/* 1, or 0 where there is none. */
static int
read_piece(struct logs *logs, struct logs_piece *ret)
{
	struct split *split = &logs->split;

	while (split->used >= split->record.size) {
		split->used = 0;
		split->record.size = 0;
		if (log_file_next(&logs->file, &split->record) == 0)
			return 0;
		if (split->record.at_ms < logs->wish.since_ms)
			split->record.size = 0;
		else
			split->used = told_before(&logs->wish.after,
			    &split->record);
	}
	cut_piece(split, ret);
	return 1;
}

static void
begin(struct logs *logs, const struct log_extent *extent)
{
	const uint32_t life = logs->wish.is_previous ? extent->life - 1 :
	    extent->life;

	log_file_begin(&logs->file, logs->file.fd);
	logs->split = (struct split){.used = 0};
	logs->file.life_min = logs->wish.is_whole ? 0 : life;
	logs->file.life_max = logs->wish.is_followed ||
	    logs->wish.is_whole ? UINT32_MAX : life;
	logs->file.sequence_max = extent->newest;
	if (logs->wish.after.sequence != 0)
		log_file_seek(&logs->file, logs->wish.after.sequence,
		    logs->wish.after.offset);
}

/* Which is the first of the last lines that are wanted. What a process adds
 * meanwhile is read as well. */
static void
count_lines(struct logs *logs)
{
	struct logs_piece piece;
	uint64_t n = 0;

	while (read_piece(logs, &piece) > 0)
		n += piece.begins && piece.stream != OUTPUT_STARTED;
	logs->n_skip = n > logs->wish.tail_lines ?
	    n - logs->wish.tail_lines + 1 : 0;
	/* None at all, but of what comes. */
	if (logs->wish.tail_lines == 0)
		logs->n_skip = UINT64_MAX;
}

static void
open_file(struct logs *logs)
{
	struct log_extent extent;

	log_file_look(logs->file.fd, &extent);
	if (logs->wish.tail_lines != UINT64_MAX) {
		begin(logs, &extent);
		count_lines(logs);
		if (logs->n_skip == UINT64_MAX) {
			/* It stands at their end. */
			logs->n_skip = 0;
			logs->is_over = !logs->wish.is_followed;
			logs->file.sequence_max = UINT64_MAX;
			return;
		}
	}
	begin(logs, &extent);
	if (logs->wish.is_followed)
		logs->file.sequence_max = UINT64_MAX;
}

static void
take_reply(struct logs *logs, const struct rpc_sandbox_log_rep *reply,
    struct rpc_message *message)
{
	fd_close(&logs->file.fd);
	if (message->n_fds == 1)
		logs->file.fd = take_fd(&message->fds[0]);
	logs->is_gone = reply->is_gone != 0;
	if (logs->is_open)
		log_file_move(&logs->file, logs->file.fd);
	else
		open_file(logs);
}

static void
on_reply(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct logs *logs = arg;
	const bool was_open = logs->is_open;

	logs->is_asking = false;
	if (logs->is_closed) {
		fd_close(&logs->file.fd);
		free(logs);
		return;
	}
	if (reply != NULL)
		take_reply(logs, reply, message);
	else
		logs->is_over = true;
	logs->is_open = true;
	if (was_open)
		logs->client.more(logs->client.arg);
	else
		logs->client.opened(logs->client.arg, err);
}

static void
ask(struct logs *logs)
{
	const struct rpc_sandbox_log_req request = {logs->id};

	logs->is_asking = true;
	identity_ask_sandboxd(logs->who, &rpc_call_sandbox_log, &request,
	    on_reply, logs);
}

/* Whether its file has no name any more: there is another in its place, or the
 * sandbox is gone. */
static bool
is_unnamed(const struct logs *logs)
{
	struct stat status;

	return logs->file.fd < 0 || (fstat(logs->file.fd, &status) == 0 &&
	    status.st_nlink == 0);
}

static void
on_due(struct loop_timer *timer)
{
	struct logs *logs = (struct logs *)(void *)((char *)timer -
	    offsetof(struct logs, timer));

	if (is_unnamed(logs))
		ask(logs);
	else
		logs->client.more(logs->client.arg);
}

int
logs_open(struct identity *who, const logs_wish *wish,
    const struct logs_client *client, struct logs **ret, struct err *err)
{
	struct logs *logs;

	if (!sandbox_id_is_valid(wish->id))
		return err_set(err, ENOENT, "%s: no such sandbox", wish->id);
	logs = calloc(1, sizeof *logs);
	if (logs == NULL)
		return err_set(err, ENOMEM, "out of memory");
	logs->who = who;
	logs->wish = *wish;
	snprintf(logs->id, sizeof logs->id, "%s", wish->id);
	logs->client = *client;
	logs->timer.due = on_due;
	logs->file.fd = -1;
	logs->left_bytes = wish->limit_bytes;
	*ret = logs;
	ask(logs);
	return 0;
}

/* Takes it off what is left of the bytes; whether anything of it is wanted. */
static bool
charge(struct logs *logs, struct logs_piece *piece)
{
	if (logs->left_bytes == UINT64_MAX || piece->stream == OUTPUT_STARTED)
		return true;
	if (logs->left_bytes == 0) {
		logs->is_over = true;
		return false;
	}
	if (piece->size + piece->ends > logs->left_bytes) {
		piece->ends = false;
		if (piece->size > logs->left_bytes)
			piece->size = (size_t)logs->left_bytes;
	}
	logs->left_bytes -= piece->size + piece->ends;
	return true;
}

/* Until the first line that is wanted begins. */
static bool
is_skipped(struct logs *logs, const struct logs_piece *piece)
{
	if (logs->n_skip == 0)
		return false;
	if (piece->begins && piece->stream != OUTPUT_STARTED)
		logs->n_skip--;
	return logs->n_skip > 0;
}

int
logs_next(struct logs *logs, struct logs_piece *ret)
{
	while (!logs->is_over && logs->is_open) {
		if (read_piece(logs, ret) > 0) {
			if (is_skipped(logs, ret))
				continue;
			return charge(logs, ret) ? 1 : -ENODATA;
		}
		if (!logs->wish.is_followed || logs->is_gone) {
			logs->is_over = true;
			break;
		}
		if (!logs->is_asking)
			loop_set_timer(back_loop(identity_back(logs->who)),
			    &logs->timer, LOOK_MS);
		return 0;
	}
	return logs->is_open ? -ENODATA : 0;
}

void
logs_close(struct logs *logs)
{
	if (logs == NULL)
		return;
	loop_stop_timer(back_loop(identity_back(logs->who)), &logs->timer);
	logs->is_closed = true;
	if (logs->is_asking)
		return;
	fd_close(&logs->file.fd);
	free(logs);
}
