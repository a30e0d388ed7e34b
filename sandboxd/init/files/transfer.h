// SPDX-License-Identifier: Apache-2.0
/* A file's bytes by a stream socket of their own, past the messages. */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "sandboxd/init/files/place.h"

/*
 * Sends `size` bytes of a regular file from offset on, which waits for whoever
 * reads: from the page cache, without a copy where the file system can. 0; -EIO
 * where the file is no longer that long; or -errno, with words.
 */
int transfer_send(int file_fd, uint64_t offset, uint64_t size, int sock,
    struct err *err);

/* Writes `size` bytes that come by a socket to a place, waiting for them. 0;
 * -EPIPE where they end before; or -errno, with words. */
int transfer_take(struct place *place, uint64_t size, int sock,
    struct err *err);
