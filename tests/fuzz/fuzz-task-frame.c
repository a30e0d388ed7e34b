// SPDX-License-Identifier: Apache-2.0
/*
 * Frames of one who is attached to a process (common/task_frame.h), as init
 * reads them: what is no frame costs him his place, and no more; what he gives
 * is in the process's input in its order, and nothing else is.
 *	input	frames: their size (two bytes), then as they are
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/task_frame.h"
#include "sandboxd/init/task/inlet.h"
#include "sandboxd/init/task/viewer.h"

#define FRAMES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
open_task(struct task *task, struct init *init, int *ret_read_fd)
{
	int fds[2];

	memset(task, 0, sizeof *task);
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	task->init = init;
	task->id = 1;
	TAILQ_INIT(&task->viewers);
	journal_init(&task->journal);
	for (int i = 0; i < N_JOURNAL_STREAM; i++)
		task->outlets[i] = (struct task_outlet){
		    .watch.fd = -1, .task = task};
	inlet_init(task, fds[1]);
	*ret_read_fd = fds[0];
}

/* What a frame puts into the input; more is never taken than that. */
static size_t
given_by(const uint8_t *frame, size_t size)
{
	struct task_frame head;

	if (size < sizeof head)
		return 0;
	memcpy(&head, frame, sizeof head);
	return head.kind == TASK_FRAME_INPUT ? size - sizeof head :
	    head.kind == TASK_FRAME_INPUT_END;
}

static size_t
drain(int fd)
{
	uint8_t part[4096];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0)
		all += (size_t)n;
	return all;
}

/* Sends each, lets init have its turn, and reads what came through. */
static void
say_all(struct init *init, int sock, int read_fd, const uint8_t *data,
    size_t size)
{
	size_t given = 0, came = 0;

	for (int i = 0; i < FRAMES_MAX && size >= 2; i++) {
		size_t n = (size_t)(data[0] << 8 | data[1]);

		data += 2;
		size -= 2;
		n = n < size ? n : size;
		if (n == 0 || send(sock, data, n, MSG_DONTWAIT |
		    MSG_NOSIGNAL) < 0)
			break;
		given += given_by(data, n);
		for (int turn = 0; turn < 3; turn++) {
			loop_wait(&init->loop, 0);
			came += drain(read_fd);
		}
		if (came > given)
			abort();
		data += n;
		size -= n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct init init;
	struct viewer_wish wish = {.views = size % 3 == 0 ? INIT_ATTACH :
	    size % 3 == 1 ? INIT_ATTACH_PACED : INIT_ATTACH_QUIET};
	struct err err;
	struct task task;
	int read_fd, sock;

	if (init.loop.epoll_fd == 0 && loop_init(&init.loop) < 0)
		abort();
	open_task(&task, &init, &read_fd);
	if (viewer_add(&task, &wish, &sock, &err) < 0)
		abort();
	say_all(&init, sock, read_fd, data, size);
	close(sock);
	while (!TAILQ_EMPTY(&task.viewers))
		viewer_drop(TAILQ_FIRST(&task.viewers));
	inlet_end(&task.inlet);
	journal_fini(&task.journal);
	close(read_fd);
	return 0;
}
