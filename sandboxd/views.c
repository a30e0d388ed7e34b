// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/views.h"

#include <signal.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/view/server.h"

/* One that lived for so long has not died at once. */
#define LONG_MS 10000

static int
start(struct daemon *daemon, struct err *err)
{
	struct views *views = &daemon->views;
	int r = 0;

	views->started_ms = clock_monotonic_ms();
	if (views->questions_fd < 0)
		r = view_questions_open(&daemon->runtime.views,
		    &views->questions_fd, err);
	return r < 0 ? r : view_server_start(&daemon->runtime.views,
	    views->questions_fd, daemon->runtime.cgroups,
	    (uint32_t)daemon->settings.max_sandboxes, &views->pid, err);
}

static void
start_later(struct daemon *daemon)
{
	struct views *views = &daemon->views;

	if (clock_arm(&daemon->clock, &views->timer, views->retry_ms) < 0) {
		log_error("views: no timer: what sandboxes see stays as it is");
		fd_close(&views->questions_fd);
	}
	/* Nobody is to wait for one that does not come. */
	if (views->retry_ms > VIEWS_HELD_MAX_MS)
		fd_close(&views->questions_fd);
	views->retry_ms *= 2;
	if (views->retry_ms > VIEWS_RETRY_MAX_MS)
		views->retry_ms = VIEWS_RETRY_MAX_MS;
}

static void
on_due(void *data)
{
	struct daemon *daemon = data;
	struct err err = {0};

	if (start(daemon, &err) == 0)
		return;
	log_error("%s", err.text);
	start_later(daemon);
}

int
views_begin(struct daemon *daemon, struct err *err)
{
	struct views *views = &daemon->views;

	views->timer = (struct clock_timer){.fire = on_due, .data = daemon};
	views->retry_ms = VIEWS_RETRY_MIN_MS;
	views->questions_fd = -1;
	return daemon->runtime.views.path[0] == '\0' ? 0 : start(daemon, err);
}

void
views_end(struct daemon *daemon)
{
	struct views *views = &daemon->views;

	clock_disarm(&daemon->clock, &views->timer);
	if (views->pid > 0)
		kill(views->pid, SIGKILL);
	views->pid = 0;
	fd_close(&views->questions_fd);
}

bool
views_child_died(struct daemon *daemon, pid_t pid)
{
	struct views *views = &daemon->views;

	if (views->pid != pid)
		return false;
	log_error("died pid=%d: who reads what sandboxes see of themselves "
	    "waits for another one", (int)pid);
	views->pid = 0;
	if (clock_monotonic_ms() - views->started_ms > LONG_MS)
		views->retry_ms = VIEWS_RETRY_MIN_MS;
	start_later(daemon);
	return true;
}
