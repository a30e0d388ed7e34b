// SPDX-License-Identifier: Apache-2.0
/*
 * The owner's rescue: places for processes beyond the limit, in a group of
 * their own, so that a sandbox whose table of processes is full can be entered
 * and put right. Init goes into that group itself for as long as it takes to
 * start one there, which inherits it, and back; no other process has the
 * descriptors for that.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Where init is born with them; sandboxd/recipe/inside.c. */
#define RESCUE_FIRST_FD 4

/* Places in the reserve: cgroup.h's CGROUP_PIDS_RESERVE. */
#define RESCUE_PLACES 64

/* With fewer places free than this a rescue would get in, and be of no use:
 * what it starts could not. */
#define RESCUE_MARGIN 16

/* In the order of cgroup.h's enum cgroup_init_file. */
enum rescue_file {
	RESCUE_TO_MAIN,
	RESCUE_TO_RESCUE,
	RESCUE_USED,
	RESCUE_MAX,
	N_RESCUE_FILE
};

struct rescue {
	bool is_there;
	int fds[N_RESCUE_FILE];
};

/* Takes the descriptors from first_fd on over, where they are files of a
 * cgroup; else there is no rescue. */
void rescue_init(struct rescue *rescue, int first_fd);

/* The limit of processes, 0 where it is not known or there is none. */
uint32_t rescue_limit(const struct rescue *rescue);

/* Whether so few places are left that a rescue has to come from the reserve. */
bool rescue_is_due(const struct rescue *rescue);

/* Moves this process into the reserve, and back. 0 or -errno. */
int rescue_enter(const struct rescue *rescue);
int rescue_leave(const struct rescue *rescue);
