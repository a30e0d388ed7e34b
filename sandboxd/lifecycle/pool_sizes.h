// SPDX-License-Identifier: Apache-2.0
/*
 * How many an operator said are to wait of a template (docs/POOL.md): it goes
 * before the configuration and the template, and is kept in the registry.
 */
#pragma once

#include "sandboxd/daemon.h"
#include "sandboxd/lifecycle/waiters.h"

struct pool_plan;

/* Reads what was said from daemon->registry. */
int pool_sizes_load(struct daemon *daemon, struct err *err);
void pool_sizes_end(struct daemon *daemon);

/* What is said now; of nothing, where nothing was. */
const struct pool_plan *pool_sizes_said(const struct daemon *daemon);

/*
 * Says so, POOL_UNSAID: no more; in force, and answered, once it is durable.
 * The asker is taken over, and released on an error: -EBUSY, where another is
 * being written, -ENOSPC, -ENOMEM, -EAGAIN.
 */
int pool_sizes_set(struct daemon *daemon, const char *template_name,
    uint32_t wanted, const struct asker *asker, struct err *err);

/* writer.h's: one was. */
void pool_size_written(const struct err *err, void *data);
