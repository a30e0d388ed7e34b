// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>

#include "common/fd.h"

int
netns_enter(int netns_fd, int *ret_home_fd, struct err *err)
{
	auto_close int home_fd =
	    open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home_fd < 0)
		return err_errno(err, "cannot open the network namespace");
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return err_errno(err, "cannot enter a network namespace");
	*ret_home_fd = take_fd(&home_fd);
	return 0;
}

void
netns_leave(int *home_fd)
{
	if (setns(*home_fd, CLONE_NEWNET) < 0)
		abort();
	fd_close(home_fd);
}
