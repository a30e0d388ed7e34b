// SPDX-License-Identifier: Apache-2.0
/* All that the root daemon is at run time; one of it, on main's stack. */
#pragma once

#include <systemd/sd-event.h>

#include "sandboxd/lifecycle/sandbox.h"
#include "sandboxd/recipe/runtime.h"
#include "sandboxd/recipe/worker.h"
#include "sandboxd/registry/registry.h"

/* Connections told whose sandboxes are: the broker's, and one to spare while
 * that is replaced. */
#define WATCHERS_MAX 4

struct daemon {
	struct settings settings;
	struct runtime runtime;
	struct worker_pool *workers;
	struct registry *registry;
	struct sandbox_table sandboxes;
	sd_event *event;
	char boot_id[BOOT_ID_SIZE];
	uint64_t started_ms;
	int listen_fd;
	uid_t peer_uid;	    /* who besides root may connect */
	struct peer *peers; /* all there are */
	unsigned n_peers;
	bool is_ending; /* peers go because we do */
	struct peer *watchers[WATCHERS_MAX]; /* watch.c; NULL = free */
};
