// SPDX-License-Identifier: Apache-2.0
/*
 * Replies whose data are a file's own pages, moved by splice(2) and never
 * copied here. A page in a pipe shows what is written to it later, so this is
 * for sessions that change nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Below this, copying costs less. */
#define SFTP_SPLICE_MIN_BYTES (64 * 1024)
/* What may go before the pages. */
#define SFTP_SPLICE_HEAD_BYTES 1024

struct sftp_splice {
	int pipe_fds[2]; /* what is on its way; -1 = not made yet */
	bool is_unfit;	 /* this output or this kernel cannot */
};

void sftp_splice_init(struct sftp_splice *pages);
void sftp_splice_fini(struct sftp_splice *pages);

/* How many of `size` bytes from offset a reply of pages can hold: 0 where they
 * are too few, or the file is no regular one. */
size_t sftp_splice_size(const struct sftp_splice *pages, int file_fd,
    uint64_t offset, size_t size);

/*
 * Writes head[head_size] (at most a page) and then exactly `size` bytes of
 * the file to out_fd. 1 when all was written; 0 when nothing was, as the file
 * has become shorter or this cannot be done; else -errno of writing.
 */
int sftp_splice_send(struct sftp_splice *pages, int out_fd, const void *head,
    size_t head_size, int file_fd, uint64_t offset, size_t size);
