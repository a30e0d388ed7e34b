// SPDX-License-Identifier: Apache-2.0
/* A sandbox of the pool, fitted to what somebody asks for. */
#pragma once

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/*
 * Does a JOB_FIT: puts the job's limits and policy in force where its init
 * waits. Nothing but init has ever run in there, so what is found by its /proc
 * is ours. -ESRCH where it lives no more.
 */
int fit_sandbox(const struct runtime *runtime, const struct job *job,
    struct err *err);
