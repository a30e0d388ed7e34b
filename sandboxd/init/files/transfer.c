// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

#define STEP_BYTES  (1024 * 1024) /* of one sendfile(2) */
#define BLOCK_BYTES (256 * 1024)

static uint8_t block[BLOCK_BYTES];

static size_t
step_of(uint64_t left, size_t most)
{
	return left < most ? (size_t)left : most;
}

/* Of a file system whose pages cannot be handed on: how many, or -errno. */
static ssize_t
copy(int file_fd, off_t offset, uint64_t left, int sock)
{
	ssize_t n = pread(file_fd, block, step_of(left, sizeof block), offset);
	int r = n > 0 ? fd_write_all(sock, block, (size_t)n) : 0;

	return r < 0 ? r : n < 0 ? -errno : n;
}

int
transfer_send(int file_fd, uint64_t offset, uint64_t size, int sock,
    struct err *err)
{
	bool is_copied = false;
	ssize_t n;

	/* The kernel reads twice as far ahead. */
	(void)posix_fadvise(file_fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (size > 0) {
		off_t at = (off_t)offset;

		if (is_copied)
			n = copy(file_fd, at, size, sock);
		else if ((n = sendfile(sock, file_fd, &at,
		    step_of(size, STEP_BYTES))) < 0)
			n = -errno;
		if (n == -EINTR)
			continue;
		if (n == -EINVAL && !is_copied) {
			is_copied = true;
			continue;
		}
		if (n < 0)
			return err_set(err, (int)-n, "read: %s",
			    strerror((int)-n));
		if (n == 0)
			return err_set(err, EIO, "the file became shorter");
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

int
transfer_take(struct place *place, uint64_t size, int sock, struct err *err)
{
	ssize_t n;
	int r = 0;

	while (r == 0 && size > 0) {
		n = recv(sock, block, step_of(size, sizeof block), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "receive");
		if (n == 0)
			return err_set(err, EPIPE, "the bytes end too early");
		r = place_write(place, block, (size_t)n, err);
		size -= (uint64_t)n;
	}
	return r;
}
