// SPDX-License-Identifier: Apache-2.0
/*
 * A thread with one connection to the registry, so that no fsync, and no read
 * of a slow disk, is the loop's. Tasks run in the order they came in; each is
 * handed back in the loop. A writer's tasks that wait together become one
 * transaction, with one fsync where any of them asks for it.
 *
 * The thread makes no process, takes no signal and does not log. Workers are
 * forked by the loop's thread, before there is this one; one that is replaced
 * later uses nothing that this thread may have held at its fork but malloc,
 * which glibc makes safe there.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "sandboxd/registry/registry.h"

/* Tasks waiting at once; more are refused. */
#define QUEUE_TASKS_MAX 65536

/* Tasks of one transaction. */
#define QUEUE_BATCH_MAX 64

/* The first member of what it is about. */
struct queue_task {
	/* In the thread; 0 or -errno, which becomes result and err. */
	int (*run)(struct queue_task *task, struct registry *registry,
	    struct err *err);
	/* In the loop, or in queue_free; owns the task from then on. */
	void (*done)(struct queue_task *task);
	enum registry_durability durability;
	int result;
	struct err err;
	struct queue_task *next;
};

struct queue;

/* Starts the thread on a connection, which it owns from then on also where it
 * could not be started. */
int queue_start(struct registry *registry, bool is_writer, sd_event *event,
    struct queue **ret, struct err *err);

/* Hands a task over. -EAGAIN where there are too many; then it stays the
 * caller's. Never waits. */
int queue_submit(struct queue *queue, struct queue_task *task,
    struct err *err);

/* Runs what is waiting, ends the thread, hands everything back, and closes
 * the connection. */
void queue_free(struct queue *queue);
