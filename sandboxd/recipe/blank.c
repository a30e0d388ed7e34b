// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/blank.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/recipe/init_process.h"

/* Where a blank keeps the two; above all that a worker has open. */
#define KEPT_TALK_FD  200
#define KEPT_IDMAP_FD 201

/* It answers at once, or has died. */
#define PARK_TIMEOUT_MS 10000

enum word { WORD_PARTS, WORD_PARK };

enum { FD_ROOT, FD_TMP, FD_LISTENER, FD_LOG, N_PARTS_FDS };
enum { FD_TALK, FD_IDMAP, N_PARK_FDS };

struct message {
	enum word word;
	bool is_nesting;
	uint64_t memory_limit_bytes;
	uint32_t n_mounts;
	char disks[DISK_MOUNTS_SIZE];
};

_Static_assert(N_PARTS_FDS + DISK_MOUNTS_MAX <= FD_PASS_MAX,
    "one message has all parts");

static int
say(int talk_fd, const struct message *message, const int *fds, size_t n_fds,
    struct err *err)
{
	int r = fd_send(talk_fd, message, sizeof *message, fds, n_fds, 0);

	return r < 0 ? err_set(err, -r, "parts: %s", strerror(-r)) : 0;
}

int
blank_send(int talk_fd, const struct blank_parts *parts, struct err *err)
{
	const size_t n = parts->mounts->n;
	struct message message = {.word = WORD_PARTS,
	    .is_nesting = parts->is_nesting,
	    .memory_limit_bytes = parts->memory_limit_bytes,
	    .n_mounts = (uint32_t)n};
	int fds[N_PARTS_FDS + DISK_MOUNTS_MAX] = {[FD_ROOT] = parts->root_fd,
	    [FD_TMP] = parts->tmp_fd, [FD_LISTENER] = parts->listener_fd,
	    [FD_LOG] = parts->log_fd};

	memcpy(fds + N_PARTS_FDS, parts->mounts->fds, n * sizeof *fds);
	snprintf(message.disks, sizeof message.disks, "%s", parts->disks);
	return say(talk_fd, &message, fds, N_PARTS_FDS + n, err);
}

int
blank_park(int talk_fd, int idmap_fd, struct err *err)
{
	const struct message message = {.word = WORD_PARK};
	const int fds[N_PARK_FDS] = {[FD_TALK] = talk_fd,
	    [FD_IDMAP] = idmap_fd};
	struct pollfd pollfd = {.fd = talk_fd, .events = POLLIN};
	char yes;
	int n, r = say(talk_fd, &message, fds, N_PARK_FDS, err);

	if (r < 0)
		return r;
	do
		n = poll(&pollfd, 1, PARK_TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n != 1 || recv(talk_fd, &yes, 1, MSG_DONTWAIT) != 1)
		return err_set(err, EIO, "it does not wait");
	return 0;
}

static int
take(int pid_fd, int number, int *ret_fd, struct err *err)
{
	*ret_fd = (int)syscall(SYS_pidfd_getfd, pid_fd, number, 0);
	return *ret_fd < 0 ? err_errno(err, "descriptor %d of a blank",
	    number) : 0;
}

int
blank_take(pid_t pid, uint64_t start_ticks, int *ret_pid_fd,
    int *ret_talk_fd, int *ret_idmap_fd, struct err *err)
{
	int r = process_open(pid, start_ticks, ret_pid_fd, err);

	if (r == 0)
		r = take(*ret_pid_fd, KEPT_TALK_FD, ret_talk_fd, err);
	return r < 0 ? r : take(*ret_pid_fd, KEPT_IDMAP_FD, ret_idmap_fd,
	    err);
}

/* Of what a blank was born with, what it needs. */
static bool
is_needed(const struct inside *inside, int fd)
{
	if (fd == inside->talk_fd || fd == inside->userns_fd ||
	    fd == inside->runtime->init_fd)
		return true;
	for (int i = 0; i < N_CGROUP_INIT_FILE; i++)
		if (fd == inside->group_fds[i])
			return true;
	return false;
}

static int
park(const struct inside *inside, int *fds, struct err *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    prctl(PR_SET_NAME, "sandboxd-blank") < 0 ||
	    dup3(fds[FD_TALK], KEPT_TALK_FD, O_CLOEXEC) < 0 ||
	    dup3(fds[FD_IDMAP], KEPT_IDMAP_FD, O_CLOEXEC) < 0)
		return err_errno(err, "park");
	for (int fd = STDERR_FILENO + 1; fd < KEPT_TALK_FD; fd++)
		if (!is_needed(inside, fd))
			close(fd);
	close_range(KEPT_IDMAP_FD + 1, ~0U, 0);
	if (send(inside->talk_fd, "y", 1, MSG_NOSIGNAL) != 1)
		return err_errno(err, "park");
	return 0;
}

/* From here on its end is the worker's alone to see: that of the socket's
 * other side is no more in here. */
static void
unpark(void)
{
	prctl(PR_SET_PDEATHSIG, 0);
	close(KEPT_TALK_FD);
	close(KEPT_IDMAP_FD);
}

static void
put(struct inside *inside, const struct message *message, const int *fds)
{
	inside->is_nesting = message->is_nesting;
	inside->memory_limit_bytes = message->memory_limit_bytes;
	inside->root_fd = fds[FD_ROOT];
	inside->tmp_fd = fds[FD_TMP];
	inside->listener_fd = fds[FD_LISTENER];
	inside->log_fd = fds[FD_LOG];
	memcpy(inside->disks, message->disks, sizeof inside->disks);
	memcpy(inside->mount_fds, fds + N_PARTS_FDS,
	    message->n_mounts * sizeof *fds);
}

int
blank_wait(struct inside *inside, struct err *err)
{
	bool is_parked = false;

	for (;;) {
		struct message message;
		int fds[FD_PASS_MAX], r;
		size_t n_fds = 0;
		ssize_t n = fd_receive(inside->talk_fd, &message,
		    sizeof message, fds, &n_fds, 0);

		if (n == -EINTR)
			continue;
		if (n != sizeof message)
			return err_set(err, ECANCELED, "the host gave up");
		if (message.word == WORD_PARTS &&
		    n_fds == N_PARTS_FDS + message.n_mounts) {
			if (is_parked)
				unpark();
			put(inside, &message, fds);
			return 0;
		}
		if (message.word != WORD_PARK || n_fds != N_PARK_FDS)
			return err_set(err, EPROTO, "an unknown word");
		if ((r = park(inside, fds, err)) < 0)
			return r;
		is_parked = true;
	}
}
