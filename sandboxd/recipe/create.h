// SPDX-License-Identifier: Apache-2.0
/* THE recipe: from a row of the registry to a running sandbox-init. */
#pragma once

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/*
 * Does a JOB_CREATE, JOB_START or JOB_BLANK, in a worker. On success ret->pid
 * is an init that was exec'd, or a blank that waits, a child of the calling
 * process's parent, and *ret_pid_fd its pidfd, the caller's. On failure what
 * was made is left for reap_sandbox() or reap_processes(), which the caller
 * runs. ret->step_us says where the time went, in the order of
 * create_step_name().
 */
int create_sandbox(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd, struct err *err);

/* The name of a step (from 0), or NULL past the last; static storage. */
const char *create_step_name(unsigned step);
