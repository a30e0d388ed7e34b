// SPDX-License-Identifier: Apache-2.0
/* The firewall of one sandbox, as a worker puts it in force. */
#pragma once

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/* Installs or replaces the table with the job's policy in a namespace. */
int firewall_install(const struct runtime *runtime, const struct job *job,
    int netns_fd, struct err *err);

/* Does a JOB_EGRESS: the same for the init that the job names. -ESRCH where
 * that lives no more. */
int firewall_change(const struct runtime *runtime, const struct job *job,
    struct err *err);
