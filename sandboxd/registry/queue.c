// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/fd.h"

struct list {
	struct queue_task *first, **last;
};

struct queue {
	struct registry *registry;
	bool is_writer;
	pthread_t thread;
	bool has_thread;
	int done_fd; /* an eventfd: something is in `done` */
	sd_event_source *source;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	struct list waiting, done;
	unsigned n_tasks; /* not yet handed back */
	bool is_ending;
};

static void
append(struct list *list, struct queue_task *task)
{
	task->next = NULL;
	*list->last = task;
	list->last = &task->next;
}

static struct queue_task *
take_all(struct list *list)
{
	struct queue_task *first = list->first;

	list->first = NULL;
	list->last = &list->first;
	return first;
}

/* Takes the next batch, waiting for it; NULL at the end. */
static struct queue_task *
take_batch(struct queue *queue)
{
	struct queue_task *first, *last;
	unsigned n = 1;

	pthread_mutex_lock(&queue->mutex);
	while (queue->waiting.first == NULL && !queue->is_ending)
		pthread_cond_wait(&queue->changed, &queue->mutex);
	first = last = queue->waiting.first;
	while (last != NULL && last->next != NULL && queue->is_writer &&
	    n++ < QUEUE_BATCH_MAX)
		last = last->next;
	if (first != NULL) {
		queue->waiting.first = last->next;
		if (queue->waiting.first == NULL)
			queue->waiting.last = &queue->waiting.first;
		last->next = NULL;
	}
	pthread_mutex_unlock(&queue->mutex);
	return first;
}

static void
run_task(struct queue *queue, struct queue_task *task)
{
	task->result = task->run(task, queue->registry, &task->err);
}

/* All of them fail where their transaction does. */
static void
run_batch(struct queue *queue, struct queue_task *batch)
{
	enum registry_durability durability = REGISTRY_LAZY;
	struct err err = {0};
	int r;

	for (struct queue_task *t = batch; t != NULL; t = t->next)
		if (t->durability == REGISTRY_DURABLE)
			durability = REGISTRY_DURABLE;
	r = registry_begin(queue->registry, durability, &err);
	for (struct queue_task *t = batch; t != NULL && r == 0; t = t->next)
		run_task(queue, t);
	if (r == 0)
		r = registry_commit(queue->registry, &err);
	for (struct queue_task *t = batch; t != NULL && r < 0; t = t->next) {
		t->result = r;
		t->err = err;
	}
}

static void
hand_back(struct queue *queue, struct queue_task *batch)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&queue->mutex);
	while (batch != NULL) {
		struct queue_task *next = batch->next;

		append(&queue->done, batch);
		batch = next;
	}
	pthread_mutex_unlock(&queue->mutex);
	/* A counter that is full wakes the loop as well. */
	if (write(queue->done_fd, &one, sizeof one) < 0)
		return;
}

static void *
run(void *data)
{
	struct queue *queue = data;
	struct queue_task *batch;

	pthread_setname_np(pthread_self(), queue->is_writer ?
	    "sandboxd-writer" : "sandboxd-reader");
	while ((batch = take_batch(queue)) != NULL) {
		if (queue->is_writer)
			run_batch(queue, batch);
		else
			run_task(queue, batch);
		hand_back(queue, batch);
	}
	return NULL;
}

static void
finish(struct queue *queue)
{
	struct queue_task *task;

	pthread_mutex_lock(&queue->mutex);
	task = take_all(&queue->done);
	pthread_mutex_unlock(&queue->mutex);
	while (task != NULL) {
		struct queue_task *next = task->next;

		pthread_mutex_lock(&queue->mutex);
		queue->n_tasks--;
		pthread_mutex_unlock(&queue->mutex);
		task->done(task);
		task = next;
	}
}

static int
on_done(sd_event_source *source, int fd, uint32_t events, void *data)
{
	uint64_t n;

	(void)source;
	(void)events;
	if (read(fd, &n, sizeof n) == sizeof n)
		finish(data);
	return 0;
}

/* The thread inherits the mask: signals are the loop's. */
static int
start_thread(struct queue *queue)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&queue->thread, NULL, run, queue);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	queue->has_thread = r == 0;
	return -r;
}

int
queue_start(struct registry *registry, bool is_writer, sd_event *event,
    struct queue **ret, struct err *err)
{
	struct queue *queue = calloc(1, sizeof *queue);
	int r;

	if (queue == NULL) {
		registry_close(registry);
		return err_set(err, ENOMEM, "registry: no memory");
	}
	queue->registry = registry;
	queue->is_writer = is_writer;
	queue->waiting.last = &queue->waiting.first;
	queue->done.last = &queue->done.first;
	pthread_mutex_init(&queue->mutex, NULL);
	pthread_cond_init(&queue->changed, NULL);
	queue->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = queue->done_fd < 0 ? -errno : sd_event_add_io(event,
	    &queue->source, queue->done_fd, EPOLLIN, on_done, queue);
	if (r >= 0)
		r = start_thread(queue);
	if (r < 0) {
		queue_free(queue);
		return err_set(err, -r, "registry: thread: %s", strerror(-r));
	}
	*ret = queue;
	return 0;
}

int
queue_submit(struct queue *queue, struct queue_task *task, struct err *err)
{
	bool is_full;

	pthread_mutex_lock(&queue->mutex);
	is_full = queue->n_tasks >= QUEUE_TASKS_MAX;
	if (!is_full) {
		append(&queue->waiting, task);
		queue->n_tasks++;
		pthread_cond_signal(&queue->changed);
	}
	pthread_mutex_unlock(&queue->mutex);
	return !is_full ? 0 : err_set(err, EAGAIN,
	    "registry: %d tasks are waiting already", QUEUE_TASKS_MAX);
}

void
queue_free(struct queue *queue)
{
	if (queue == NULL)
		return;
	pthread_mutex_lock(&queue->mutex);
	queue->is_ending = true;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->mutex);
	if (queue->has_thread)
		pthread_join(queue->thread, NULL);
	finish(queue);
	sd_event_source_disable_unref(queue->source);
	fd_close(&queue->done_fd);
	registry_close(queue->registry);
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->mutex);
	free(queue);
}
