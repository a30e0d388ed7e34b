// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandboxd/init/process/cgroup_file.h"

#define NUMBER_SIZE 24

void
rescue_init(struct rescue *rescue, int first_fd)
{
	rescue->is_there = true;
	for (int i = 0; i < N_RESCUE_FILE; i++) {
		rescue->fds[i] = first_fd + i;
		rescue->is_there = rescue->is_there &&
		    cgroup_file_is(first_fd + i) &&
		    fcntl(first_fd + i, F_SETFD, FD_CLOEXEC) == 0;
	}
}

/* 0 where it is not a number, as "max" is not. */
static uint32_t
number_of(const struct rescue *rescue, enum rescue_file file)
{
	char text[NUMBER_SIZE] = "";

	if (!rescue->is_there ||
	    pread(rescue->fds[file], text, sizeof text - 1, 0) <= 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 10);
}

uint32_t
rescue_limit(const struct rescue *rescue)
{
	return number_of(rescue, RESCUE_MAX);
}

bool
rescue_is_due(const struct rescue *rescue)
{
	uint64_t limit = rescue_limit(rescue);

	return limit > 0 && number_of(rescue, RESCUE_USED) + (uint64_t)
	    RESCUE_MARGIN > limit;
}

/* "0" is who writes it. */
static int
move(const struct rescue *rescue, enum rescue_file file)
{
	return write(rescue->fds[file], "0", 1) == 1 ? 0 : -errno;
}

int
rescue_enter(const struct rescue *rescue)
{
	return move(rescue, RESCUE_TO_RESCUE);
}

int
rescue_leave(const struct rescue *rescue)
{
	return move(rescue, RESCUE_TO_MAIN);
}
