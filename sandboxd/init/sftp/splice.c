// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"

/* A slot each for the head and every page of the longest read. */
#define PIPE_BYTES (512 * 1024)

void
sftp_splice_init(struct sftp_splice *pages)
{
	*pages = (struct sftp_splice){.pipe_fds = {-1, -1}};
}

void
sftp_splice_fini(struct sftp_splice *pages)
{
	fd_close(&pages->pipe_fds[0]);
	fd_close(&pages->pipe_fds[1]);
}

/* Nothing is left in a pipe that is made anew. */
static void
give_up(struct sftp_splice *pages, bool for_good)
{
	sftp_splice_fini(pages);
	pages->is_unfit = for_good;
}

static bool
make_pipe(struct sftp_splice *pages)
{
	if (pages->pipe_fds[0] >= 0)
		return true;
	if (pipe2(pages->pipe_fds, O_CLOEXEC) == 0 &&
	    fcntl(pages->pipe_fds[1], F_SETPIPE_SZ, PIPE_BYTES) >= 0)
		return true;
	give_up(pages, true);
	return false;
}

size_t
sftp_splice_size(const struct sftp_splice *pages, int file_fd,
    uint64_t offset, size_t size)
{
	struct stat st;

	if (pages->is_unfit || size < SFTP_SPLICE_MIN_BYTES ||
	    fstat(file_fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    offset >= (uint64_t)st.st_size)
		return 0;
	if (size > (uint64_t)st.st_size - offset)
		size = (size_t)((uint64_t)st.st_size - offset);
	return size >= SFTP_SPLICE_MIN_BYTES ? size : 0;
}

/* Fills the pipe, without waiting for room; whether all of it came. */
static bool
take_pages(const struct sftp_splice *pages, int file_fd, uint64_t offset,
    size_t size)
{
	off_t at = (off_t)offset;

	/* Of long reads one after the other the kernel reads twice as far
	 * ahead. */
	if (offset == 0)
		(void)posix_fadvise(file_fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (size > 0) {
		ssize_t n = splice(file_fd, &at, pages->pipe_fds[1], NULL,
		    size, SPLICE_F_NONBLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		size -= (size_t)n;
	}
	return true;
}

/* Empties the pipe: the bytes moved, or -errno where none were. */
static ssize_t
pass_on(const struct sftp_splice *pages, int out_fd, size_t size)
{
	size_t left = size;

	while (left > 0) {
		ssize_t n = splice(pages->pipe_fds[0], NULL, out_fd, NULL,
		    left, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 && left == size)
			return n < 0 ? -errno : -EPIPE;
		if (n <= 0)
			break;
		left -= (size_t)n;
	}
	return (ssize_t)(size - left);
}

int
sftp_splice_send(struct sftp_splice *pages, int out_fd, const void *head,
    size_t head_size, int file_fd, uint64_t offset, size_t size)
{
	ssize_t n;

	if (!make_pipe(pages))
		return 0;
	if (write(pages->pipe_fds[1], head, head_size) !=
	    (ssize_t)head_size || !take_pages(pages, file_fd, offset, size)) {
		give_up(pages, false);
		return 0;
	}
	n = pass_on(pages, out_fd, head_size + size);
	if (n == (ssize_t)(head_size + size))
		return 1;
	/* An output that is no pipe of a kind it knows. */
	give_up(pages, true);
	return n == -EINVAL ? 0 : n < 0 ? (int)n : -EPIPE;
}
