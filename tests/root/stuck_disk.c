// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into sandboxd by tests/root/stuck-disk.sh: while the file named by
 * STUCK_DISK is there, fsync and fdatasync of the daemon itself, not of its
 * workers, do not return; the file's name with ".held" says that one waits.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pid_t daemon_pid;

static void note_daemon(void) __attribute__((constructor));

static void
note_daemon(void)
{
	daemon_pid = getpid();
}

static void
wait_while_stuck(void)
{
	static const struct timespec pause = {0, 10000000};
	const char *gate = getenv("STUCK_DISK");
	char held[4096];

	if (gate == NULL || getpid() != daemon_pid)
		return;
	snprintf(held, sizeof held, "%s.held", gate);
	while (access(gate, F_OK) == 0) {
		close(open(held, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		nanosleep(&pause, NULL);
	}
	unlink(held);
}

int
fsync(int fd)
{
	wait_while_stuck();
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	wait_while_stuck();
	return (int)syscall(SYS_fdatasync, fd);
}
