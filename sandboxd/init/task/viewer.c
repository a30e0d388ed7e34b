// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/viewer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common/fd.h"
#include "common/task_frame.h"
#include "sandboxd/init/task/inlet.h"

#define PACED_BYTES (JOURNAL_BYTES_MAX / 4)
/* Sent to one viewer before others have their turn. */
#define FRAMES_A_TURN 16

void
viewer_drop(struct viewer *viewer)
{
	struct task *task = viewer->task;

	if (viewer->events != 0)
		loop_remove(&task->init->loop, &viewer->watch);
	TAILQ_REMOVE(&task->viewers, viewer, link);
	task->n_viewers--;
	fd_close(&viewer->watch.fd);
	free(viewer);
}

bool
viewer_holds_up(const struct viewer *viewer)
{
	return viewer->is_paced && journal_weight(&viewer->task->journal,
	    viewer->position) >= PACED_BYTES;
}

/* 1 sent, 0 the socket is full, -1 nobody reads it any more. */
static int
send_frame(struct viewer *viewer, const struct task_frame *frame,
    const void *data, size_t size)
{
	struct iovec parts[2] = {
	    {(void *)(uintptr_t)frame, sizeof *frame},
	    {(void *)(uintptr_t)data, size}};
	struct msghdr msg = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};

	if (sendmsg(viewer->watch.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 1;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static int
send_gap(struct viewer *viewer, uint64_t position)
{
	struct task_frame frame = {.kind = TASK_FRAME_GAP,
	    .value = position - viewer->position, .position = position};
	int r = send_frame(viewer, &frame, NULL, 0);

	if (r > 0)
		viewer->position = position;
	return r;
}

static int
send_record(struct viewer *viewer, const struct journal_record *record,
    uint32_t offset)
{
	static const uint32_t kinds[N_JOURNAL_STREAM] = {
	    [JOURNAL_STDOUT] = TASK_FRAME_STDOUT,
	    [JOURNAL_STDERR] = TASK_FRAME_STDERR,
	    [JOURNAL_CHANNEL] = TASK_FRAME_CHANNEL};
	struct task_frame frame = {
	    .kind = kinds[record->stream],
	    .position = viewer->position,
	    .at_ms = record->at_ms,
	};
	uint32_t size = record->size - offset;
	int r;

	if (size > TASK_FRAME_DATA_MAX)
		size = TASK_FRAME_DATA_MAX;
	r = send_frame(viewer, &frame, record->data + offset, size);
	if (r > 0)
		viewer->position += size;
	return r;
}

static int
send_exit(struct viewer *viewer)
{
	const struct task *task = viewer->task;
	struct task_frame frame = {
	    .kind = TASK_FRAME_EXITED,
	    .flags = (task->is_timed_out ? TASK_FRAME_TIMED_OUT : 0) |
		(task->is_oom ? TASK_FRAME_OOM : 0),
	    .value = (uint32_t)task->wait_status,
	    .position = viewer->position,
	    .at_ms = task->ended_ms,
	};
	int r = send_frame(viewer, &frame, NULL, 0);

	return r > 0 ? -1 : r; /* the last one */
}

/* The last one, where it does not wait for the exit. */
static int
send_stop(struct viewer *viewer)
{
	struct task_frame frame = {.kind = TASK_FRAME_STOPPED,
	    .position = viewer->position};
	int r = send_frame(viewer, &frame, NULL, 0);

	return r > 0 ? -1 : r;
}

/* What became of its input, once that is known. */
static int
send_taken(struct viewer *viewer)
{
	bool is_lost = viewer->task->inlet.watch.fd < 0;
	struct task_frame frame = {
	    .kind = is_lost ? TASK_FRAME_REFUSED : TASK_FRAME_TAKEN,
	    .value = is_lost ? viewer->n_taken : viewer->n_given};
	int r = send_frame(viewer, &frame, NULL, 0);

	if (r > 0)
		viewer->n_taken = viewer->n_given;
	return r;
}

/* Input was written, or never will be, that it has not been told of. */
static bool
has_taken(const struct viewer *viewer)
{
	return viewer->n_given != viewer->n_taken &&
	    inlet_is_free(&viewer->task->inlet);
}

static int
send_next_quiet(struct viewer *viewer)
{
	if (has_taken(viewer))
		return send_taken(viewer);
	return viewer->task->state == TASK_ENDED ? send_exit(viewer) : 0;
}

/* 1 sent, 0 nothing to send or the socket is full, -1 it is to go. */
static int
send_next(struct viewer *viewer)
{
	const struct journal *journal = &viewer->task->journal;
	uint32_t offset = 0;
	const struct journal_record *record = journal_find(journal,
	    viewer->position, &offset);
	uint64_t next = record != NULL ? record->position + offset :
	    journal->end;

	if (viewer->is_quiet)
		return send_next_quiet(viewer);
	if (viewer->position >= viewer->until &&
	    viewer->task->state != TASK_ENDED)
		return send_stop(viewer);
	if (next > viewer->position)
		return send_gap(viewer, next);
	if (record != NULL)
		return send_record(viewer, record, offset);
	return viewer->task->state == TASK_ENDED ? send_exit(viewer) : 0;
}

static bool
has_more(const struct viewer *viewer)
{
	if (viewer->is_quiet)
		return has_taken(viewer) || viewer->task->state == TASK_ENDED;
	return viewer->position < viewer->task->journal.end ||
	    viewer->position >= viewer->until ||
	    viewer->task->state == TASK_ENDED;
}

static void
watch(struct viewer *viewer, uint32_t events)
{
	struct loop *loop = &viewer->task->init->loop;

	if (events == viewer->events)
		return;
	if (events == 0)
		loop_remove(loop, &viewer->watch);
	else if (viewer->events != 0)
		loop_change(loop, &viewer->watch, events);
	else if (loop_add(loop, &viewer->watch, events) < 0)
		events = 0;
	viewer->events = events;
}

void
viewer_review(struct viewer *viewer)
{
	uint32_t events = 0;
	int r = 1;

	for (int i = 0; i < FRAMES_A_TURN && r > 0; i++)
		r = send_next(viewer);
	if (r < 0) {
		viewer_drop(viewer);
		return;
	}
	if (has_more(viewer))
		events |= EPOLLOUT;
	if (inlet_is_free(&viewer->task->inlet))
		events |= EPOLLIN;
	watch(viewer, events);
}


/* False for a frame that is none. */
static bool
serve(struct viewer *viewer, const struct task_frame *frame,
    const void *data, size_t size)
{
	struct task *task = viewer->task;

	switch (frame->kind) {
	case TASK_FRAME_INPUT:
		viewer->n_given += viewer->is_quiet ? size : 0;
		inlet_write(&task->inlet, data, size);
		return true;
	case TASK_FRAME_INPUT_END:
		inlet_finish(&task->inlet);
		return size == 0;
	case TASK_FRAME_RESIZE:
		task_resize(task, (uint32_t)(frame->value >> 16),
		    (uint32_t)frame->value & UINT16_MAX);
		return size == 0;
	default:
		return false;
	}
}

/* False where the viewer is to go. */
static bool
read_frame(struct viewer *viewer)
{
	struct {
		struct task_frame frame;
		uint8_t data[TASK_FRAME_DATA_MAX];
	} message;
	ssize_t n = recv(viewer->watch.fd, &message, sizeof message,
	    MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if ((size_t)n < sizeof message.frame || (size_t)n > sizeof message)
		return false;
	return serve(viewer, &message.frame, message.data,
	    (size_t)n - sizeof message.frame);
}

static void
viewer_ready(struct watch *watch, uint32_t events)
{
	struct viewer *viewer = (struct viewer *)watch;
	struct task *task = viewer->task;

	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 &&
	    inlet_is_free(&task->inlet) && !read_frame(viewer))
		viewer_drop(viewer);
	task_review(task);
}

int
viewer_add_on(struct task *task, const struct viewer_wish *wish, int *fd,
    struct err *err)
{
	uint64_t end = task->journal.end;
	struct viewer *viewer = NULL;

	if (task->n_viewers < TASK_VIEWERS_MAX)
		viewer = calloc(1, sizeof *viewer);
	if (viewer == NULL)
		return err_set(err, EAGAIN, "process %u: at most %d at once "
		    "can be attached", task->id, TASK_VIEWERS_MAX);
	fd_refuse_passing(*fd);
	*viewer = (struct viewer){.watch = {take_fd(fd), viewer_ready},
	    .task = task,
	    .position = wish->position < end ? wish->position : end,
	    .until = wish->ends_at_now ? end : UINT64_MAX,
	    .is_paced = wish->views == INIT_ATTACH_PACED,
	    .is_quiet = wish->views == INIT_ATTACH_QUIET};
	TAILQ_INSERT_TAIL(&task->viewers, viewer, link);
	task->n_viewers++;
	viewer_review(viewer);
	return 0;
}

int
viewer_add(struct task *task, const struct viewer_wish *wish, int *ret_fd,
    struct err *err)
{
	int ends[2], r = fd_seqpacket_pair(ends);

	if (r < 0)
		return err_set(err, -r, "process %u: %s", task->id,
		    strerror(-r));
	fd_refuse_passing(ends[1]);
	r = viewer_add_on(task, wish, &ends[0], err);
	if (r == 0)
		*ret_fd = take_fd(&ends[1]);
	fd_close(&ends[0]);
	fd_close(&ends[1]);
	return r;
}
