// SPDX-License-Identifier: Apache-2.0
/* What viewers write to a task: one frame waits, and then no more are read. */
#pragma once

#include "sandboxd/init/task/task.h"

/* Takes over fd, whose end of file is the task's. */
void inlet_init(struct task *task, int fd);

/* Closes it: the task reads to its end. */
void inlet_end(struct task_inlet *inlet);

/* The same after what waits to be written; of a terminal ^D. */
void inlet_finish(struct task_inlet *inlet);

/* Whether more may be written now. */
bool inlet_is_free(const struct task_inlet *inlet);

/* Writes what was sent, or keeps it until the task reads; what nobody reads any
 * more is lost, and so is what there is no memory for. */
void inlet_write(struct task_inlet *inlet, const void *data, size_t size);
