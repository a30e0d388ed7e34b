// SPDX-License-Identifier: Apache-2.0
/* What workers do for templates: layers made, and deleted. */
#pragma once

#include "sandboxd/recipe/job.h"
#include "sandboxd/recipe/runtime.h"

/* Files of a layer: an encoded template_kept, and the log it came with. */
#define PUBLISH_KEPT "kept"
#define PUBLISH_LOG  "log"

/* Makes job->layers[0] of the disk of job->id and has job->label lead to it. */
int publish_layer(const struct runtime *runtime, const struct job *job,
    struct err *err);

/* Has job->label lead nowhere. */
int publish_withdraw(const struct runtime *runtime, const struct job *job,
    struct err *err);

/* Deletes job->layers[0]. */
int publish_drop(const struct runtime *runtime, const struct job *job,
    struct err *err);
