// SPDX-License-Identifier: Apache-2.0
/*
 * Where the files are that sandboxes read in place of some of /proc: a tmpfs of
 * the host's, run_dir/views, with a folder for each slot that is in use. In it
 * lies a file for each kind of view, of group VIEW_GROUP(slot, kind), by which
 * it is known, and the link "about", which says whose they are: reading a link
 * is no event, as reading a file would be (server.h).
 */
#pragma once

#include <time.h>

#include "sandboxd/view/text.h"

#define VIEW_PATH_SIZE	512
#define VIEW_ABOUT_SIZE 64

#define VIEW_GROUP(slot, kind) \
	((gid_t)((slot) * (uint32_t)N_VIEW_KIND + (uint32_t)(kind)))

struct view_place {
	char path[VIEW_PATH_SIZE]; /* "" = there are no views */
	char *cpuinfo;		   /* the host's */
	uint64_t host_memory_bytes;
	unsigned n_host_cpus;
};

/*
 * Mounts it at run_dir/views, or finds it there. Where the kernel has no
 * fanotify(7) with answers there is none, and nothing below does anything.
 * Close with view_place_close, which leaves it mounted.
 */
int view_place_open(const char *run_dir, uint64_t host_memory_bytes,
    unsigned n_host_cpus, struct view_place *ret, struct err *err);
void view_place_close(struct view_place *place);
int view_place_unmount(const struct view_place *place, struct err *err);

/* A sandbox as it begins, in a slot, with what it may use. */
struct view_start {
	const char *id;
	uint32_t slot;
	struct timespec boot; /* on CLOCK_BOOTTIME of the host */
	const struct cgroup_limits *limits;
};

/* Makes its files, in place of what a former one had, with nothing used yet.
 * view_remove is for both: where there is nothing, that is no error. */
int view_make(const struct view_place *place, const struct view_start *start,
    struct err *err);
int view_remove(const struct view_place *place, uint32_t slot,
    struct err *err);

/* Puts them over those of proc, read-only, below the current folder, which is
 * the sandbox's root to be; from the host's file systems. */
int view_mount(const struct view_place *place, uint32_t slot,
    struct err *err);
