// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/init_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"

/* Field 22 of /proc/PID/stat; the name in field 2 may hold anything, so the
 * count starts behind its last parenthesis. */
#define FIELDS_AFTER_NAME 20

static int
read_file(const char *path, char *text, size_t size, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return err_errno(err, "%s", path);
	text[n] = '\0';
	return 0;
}

int
process_start_ticks(pid_t pid, uint64_t *ret, struct err *err)
{
	char path[64], text[1024], *p;
	unsigned long long ticks;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (read_file(path, text, sizeof text, NULL) < 0)
		return err_set(err, ESRCH, "no process %d", (int)pid);
	p = strrchr(text, ')');
	for (int i = 0; p != NULL && i < FIELDS_AFTER_NAME; i++) {
		p = strchr(p, ' ');
		if (p != NULL)
			p++;
	}
	if (p == NULL || sscanf(p, "%llu", &ticks) != 1)
		return err_set(err, EIO, "%s: no start time", path);
	*ret = ticks;
	return 0;
}

int
process_open(pid_t pid, uint64_t start_ticks, int *ret_fd, struct err *err)
{
	auto_close int fd = -1;
	struct pollfd pollfd = {.events = POLLIN};
	uint64_t ticks;
	int r;

	if (pid <= 0)
		return err_set(err, ESRCH, "no process");
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return err_errno(err, "pidfd of %d", (int)pid);
	/* In this order: the number can only have changed hands before. */
	if ((r = process_start_ticks(pid, &ticks, err)) < 0)
		return r;
	pollfd.fd = fd;
	if (ticks != start_ticks || poll(&pollfd, 1, 0) != 0)
		return err_set(err, ESRCH, "process %d is gone", (int)pid);
	*ret_fd = take_fd(&fd);
	return 0;
}

int
process_boot_id(char *text, size_t size, struct err *err)
{
	int r = read_file("/proc/sys/kernel/random/boot_id", text, size, err);

	if (r == 0)
		text[strcspn(text, "\n")] = '\0';
	return r;
}

/* /proc is asked by number: that the process still lives afterwards says that
 * the number was still its own. */
int
process_open_network(pid_t pid, int pid_fd, int *ret_fd, struct err *err)
{
	char path[64];
	auto_close int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	if (syscall(SYS_pidfd_send_signal, pid_fd, 0, NULL, 0) < 0)
		return err_errno(err, "init");
	*ret_fd = take_fd(&fd);
	return 0;
}
