// SPDX-License-Identifier: Apache-2.0
/*
 * Groups of the kernel's (threaded cgroups), one a task: whatever a process of
 * one starts is in it too, and nothing gets out. Where the host has none for us
 * there are no groups.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Where init is born with the folder they are in: behind that of oom.h. */
#define GROUPS_FD 10

/* Empty ones that are kept for the next. */
#define GROUPS_SPARE_MAX 8

struct group {
	struct group *next;
	uint64_t number;
	int threads_fd; /* its cgroup.threads */
	bool is_spent;	/* what goes in stands still: not to be used again */
};

struct groups {
	int folder_fd; /* -1 = there are none */
	uint64_t last_number;
	struct group *spare;
	unsigned n_spare;
	struct group *left; /* nobody's, and not empty when last looked at */
	uint64_t looked_ms;
};

/* Takes the descriptor over, where it is a folder of that kind. */
void groups_init(struct groups *groups, int fd);

/* An empty one, the caller's to group_give_back; NULL = none is to be had. */
struct group *group_take(struct groups *groups);
void group_give_back(struct groups *groups, struct group *group);

bool group_is_empty(const struct group *group);

/* Sends SIGKILL to all in it, of whom none can start another any more. Whether
 * it is empty; else again soon: who was just being born is in it then. */
bool group_kill(const struct groups *groups, struct group *group);
