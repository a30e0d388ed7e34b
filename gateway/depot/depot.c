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

static void
on_sweep(struct loop_timer *timer)
{
	struct depot *depot = (struct depot *)((char *)timer -
	    offsetof(struct depot, sweep.timer));
	struct sweep *sweep = &depot->sweep;
	char next[256];

	if (sweep->org[0] != '\0')
		content_sweep(&depot->content, sweep->org, sweep->folder++,
		    is_wanted, depot->index);
	if (sweep->org[0] == '\0' || sweep->folder == CONTENT_FOLDERS) {
		content_next_org(&depot->content, sweep->org, next);
		snprintf(sweep->org, sizeof sweep->org, "%s", next);
		sweep->folder = 0;
	}
	if (sweep->org[0] == '\0' && !sweep->is_wanted_again)
		return;
	if (sweep->org[0] == '\0')
		sweep->is_wanted_again = false;
	loop_set_timer(&depot->loop, timer, 1);
}

void
depot_sweep(struct depot *depot)
{
	if (depot->sweep.timer.due_ms != 0)
		depot->sweep.is_wanted_again = true;
	else
		loop_set_timer(&depot->loop, &depot->sweep.timer, 1);
}

void
depot_release(struct depot *depot, const char *org, const char *sha256)
{
	if (*sha256 != '\0' && is_wanted(depot->index, org, sha256) == 0)
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
	depot->sweep.timer.due = on_sweep;
	/* None is what it was to who asked the last gateway-depot. */
	randombytes_buf(&depot->last_upload, sizeof depot->last_upload);
	/* First who has the index: two must not empty the same folder. */
	if (r == 0)
		r = index_open(path, &depot->index, err);
	if (r == 0)
		r = content_open(dir, min_free_bytes, &depot->content,
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
	loop_stop_timer(&depot->loop, &depot->sweep.timer);
	content_close(&depot->content);
	index_close(depot->index);
	depot->index = NULL;
}
