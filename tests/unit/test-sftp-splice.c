// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/splice.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

#define FILE_BYTES 300000
#define ROOM_BYTES (512 * 1024)

static uint8_t content[FILE_BYTES];

static int
make_file(void)
{
	FILE *file = tmpfile();
	int fd;

	assert(file != NULL);
	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (uint8_t)(i * 2654435761U >> 13);
	fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	assert(fd >= 0 && fclose(file) == 0);
	assert(fd_write_all(fd, content, sizeof content) == 0);
	return fd;
}

static void
test_size(int file_fd)
{
	struct sftp_splice pages;
	int null_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	sftp_splice_init(&pages);
	assert(sftp_splice_size(&pages, file_fd, 0, 100000) == 100000);
	assert(sftp_splice_size(&pages, file_fd, 200001, 261120) == 99999);
	/* Too few, at the end, beyond it, of no size. */
	assert(sftp_splice_size(&pages, file_fd, 0, 4096) == 0);
	assert(sftp_splice_size(&pages, file_fd, 299000, 261120) == 0);
	assert(sftp_splice_size(&pages, file_fd, UINT64_MAX, 261120) == 0);
	assert(sftp_splice_size(&pages, null_fd, 0, 261120) == 0);
	fd_close(&null_fd);
}

static void
expect(int fd, const char *head, size_t offset, size_t size)
{
	static uint8_t got[ROOM_BYTES];

	assert(fd_read_all(fd, got, strlen(head) + size) == 0);
	assert(memcmp(got, head, strlen(head)) == 0);
	assert(memcmp(got + strlen(head), content + offset, size) == 0);
}

static void
test_pipe(int file_fd)
{
	struct sftp_splice pages;
	uint8_t byte;
	int ends[2];

	sftp_splice_init(&pages);
	assert(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	assert(fcntl(ends[1], F_SETPIPE_SZ, ROOM_BYTES) > 0);
	assert(sftp_splice_send(&pages, ends[1], "head", 4, file_fd, 12345,
	    261120) == 1);
	expect(ends[0], "head", 12345, 261120);
	/* Shorter than was thought: nothing is written, and the next is. */
	assert(sftp_splice_send(&pages, ends[1], "head", 4, file_fd, 200000,
	    100001) == 0);
	assert(read(ends[0], &byte, 1) == -1 && errno == EAGAIN);
	assert(sftp_splice_send(&pages, ends[1], "", 0, file_fd, 200000,
	    100000) == 1);
	expect(ends[0], "", 200000, 100000);
	fd_close(&ends[0]);
	assert(sftp_splice_send(&pages, ends[1], "head", 4, file_fd, 0,
	    100000) == -EPIPE);
	fd_close(&ends[1]);
	sftp_splice_fini(&pages);
}

/* An output that is no pipe: a socket is as good, a file to append is not. */
static void
test_others(int file_fd)
{
	struct sftp_splice pages;
	int fds[2], size = ROOM_BYTES, append_fd;
	char path[] = "/tmp/test-sftp-splice-XXXXXX";

	sftp_splice_init(&pages);
	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	assert(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof size) == 0);
	assert(sftp_splice_send(&pages, fds[1], "head", 4, file_fd, 1,
	    65536) == 1);
	expect(fds[0], "head", 1, 65536);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	append_fd = mkostemp(path, O_APPEND | O_CLOEXEC);
	assert(append_fd >= 0 && unlink(path) == 0);
	assert(sftp_splice_send(&pages, append_fd, "head", 4, file_fd, 0,
	    65536) == 0);
	assert(lseek(append_fd, 0, SEEK_END) == 0);
	assert(sftp_splice_size(&pages, file_fd, 0, 65536) == 0);
	fd_close(&append_fd);
	sftp_splice_fini(&pages);
}

int
main(void)
{
	int file_fd = make_file();

	assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	test_size(file_fd);
	test_pipe(file_fd);
	test_others(file_fd);
	fd_close(&file_fd);
	return 0;
}
