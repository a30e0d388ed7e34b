// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/depot.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>

#include "common/log.h"
#include "common/paths.h"

static int
is_wanted(void *arg, const char *org, const char *sha256)
{
	struct err err;
	int r = index_has_content(arg, org, sha256, &err);

	if (r < 0)
		log_error("%s", err.text);
	return r;
}

static struct depot *
depot_of(struct crew_job *job)
{
	return (struct depot *)((char *)job -
	    offsetof(struct depot, sweep.job));
}

/* A folder; in the thread that writes, so that nothing comes or goes
 * meanwhile. */
static void
sweep_folder(struct crew_job *job, struct index *index)
{
	struct depot *depot = depot_of(job);
	struct sweep *sweep = &depot->sweep;
	char next[256];

	if (sweep->org[0] != '\0')
		content_sweep(&depot->content, sweep->org, sweep->folder++,
		    is_wanted, index);
	if (sweep->org[0] == '\0' || sweep->folder == CONTENT_FOLDERS) {
		content_next_org(&depot->content, sweep->org, next);
		snprintf(sweep->org, sizeof sweep->org, "%s", next);
		sweep->folder = 0;
	}
}

static void
on_swept(struct crew_job *job)
{
	struct depot *depot = depot_of(job);
	struct sweep *sweep = &depot->sweep;

	sweep->is_running = false;
	if (depot->is_closing ||
	    (sweep->org[0] == '\0' && !sweep->is_wanted_again))
		return;
	if (sweep->org[0] == '\0')
		sweep->is_wanted_again = false;
	loop_set_timer(&depot->loop, &sweep->timer, 1);
}

static void
on_sweep(struct loop_timer *timer)
{
	struct depot *depot = (struct depot *)((char *)timer -
	    offsetof(struct depot, sweep.timer));

	depot->sweep.is_running = true;
	crew_submit(depot->crew, CREW_WRITE, &depot->sweep.job);
}

bool
depot_is_sweeping(const struct depot *depot)
{
	return depot->sweep.is_running || depot->sweep.timer.due_ms != 0;
}

void
depot_sweep(struct depot *depot)
{
	if (depot_is_sweeping(depot))
		depot->sweep.is_wanted_again = true;
	else
		loop_set_timer(&depot->loop, &depot->sweep.timer, 1);
}

void
depot_release(const struct depot *depot, struct index *index, const char *org,
    const char *sha256)
{
	if (*sha256 != '\0' && is_wanted(index, org, sha256) == 0)
		content_remove(&depot->content, org, sha256);
}

int
depot_open(struct depot *depot, const char *dir, uint64_t min_free_bytes,
    struct err *err)
{
	char path[PATH_MAX];
	int r = path_join(path, sizeof path, dir, "index.db", err);

	LIST_INIT(&depot->holders);
	depot->content.dir_fd = -1;
	depot->is_closing = false;
	depot->sweep = (struct sweep){.timer.due = on_sweep,
	    .job = {.org = "", .run = sweep_folder, .done = on_swept}};
	/* None is what it was to who asked the last gateway-depot. */
	randombytes_buf(&depot->last_upload, sizeof depot->last_upload);
	/* First who has the index: two must not empty the same folder. */
	if (r == 0)
		r = index_open(path, &depot->index, err);
	if (r == 0)
		r = content_open(dir, min_free_bytes, &depot->content,
		    err);
	if (r == 0)
		r = crew_new(&depot->loop, path, depot->index, &depot->crew,
		    err);
	if (r < 0) {
		depot_close(depot);
		return r;
	}
	depot_sweep(depot);
	return 0;
}

void
depot_close(struct depot *depot)
{
	depot->is_closing = true;
	loop_stop_timer(&depot->loop, &depot->sweep.timer);
	crew_free(depot->crew);
	depot->crew = NULL;
	content_close(&depot->content);
	index_close(depot->index);
	depot->index = NULL;
}
