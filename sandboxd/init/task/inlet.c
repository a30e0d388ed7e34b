// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/inlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/fd.h"

/* ^D, as terminals are told that there is no more. */
#define END_OF_INPUT 4

static void
forget_data(struct task_inlet *inlet)
{
	free(inlet->data);
	inlet->data = NULL;
	inlet->size = inlet->used = 0;
}

void
inlet_end(struct task_inlet *inlet)
{
	if (inlet->watch.fd < 0)
		return;
	if (inlet->is_watched)
		loop_remove(&inlet->task->init->loop, &inlet->watch);
	inlet->is_watched = false;
	fd_close(&inlet->watch.fd);
	forget_data(inlet);
}

/* Whether all has been written. What is not, waits. */
static bool
write_some(struct task_inlet *inlet)
{
	ssize_t n;

	while (inlet->used < inlet->size) {
		n = write(inlet->watch.fd, inlet->data + inlet->used,
		    inlet->size - inlet->used);
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0 && errno != EINTR) {
			inlet_end(inlet);
			return true;
		}
		inlet->used += n > 0 ? (uint32_t)n : 0;
	}
	forget_data(inlet);
	return true;
}

static void
inlet_ready(struct watch *watch, uint32_t events)
{
	struct task_inlet *inlet = (struct task_inlet *)watch;

	(void)events;
	if (!write_some(inlet))
		return;
	if (inlet->is_watched)
		loop_remove(&inlet->task->init->loop, &inlet->watch);
	inlet->is_watched = false;
	if (inlet->is_ending)
		inlet_finish(inlet);
	task_review(inlet->task);
}

void
inlet_init(struct task *task, int fd)
{
	task->inlet = (struct task_inlet){.watch = {fd, inlet_ready},
	    .task = task};
}

bool
inlet_is_free(const struct task_inlet *inlet)
{
	return inlet->data == NULL;
}

void
inlet_write(struct task_inlet *inlet, const void *data, size_t size)
{
	if (inlet->watch.fd < 0 || size == 0)
		return;
	inlet->data = malloc(size);
	if (inlet->data == NULL)
		return;
	memcpy(inlet->data, data, size);
	inlet->size = (uint32_t)size;
	if (write_some(inlet))
		return;
	inlet->is_watched = loop_add(&inlet->task->init->loop, &inlet->watch,
	    EPOLLOUT) == 0;
	if (!inlet->is_watched)
		inlet_end(inlet);
}

void
inlet_finish(struct task_inlet *inlet)
{
	const char end = END_OF_INPUT;

	inlet->is_ending = !inlet_is_free(inlet);
	if (inlet->is_ending)
		return;
	if (inlet->task->has_tty)
		inlet_write(inlet, &end, 1);
	else
		inlet_end(inlet);
}
