// SPDX-License-Identifier: Apache-2.0
/*
 * The server of a login for files alone. The kernel holds what may be read and
 * changed (landlock.h, syscalls.h). What is here besides keeps it from waiting
 * for others, and from showing and setting attributes of what is no file.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"
#include "sandboxd/init/sftp/server.h"

/* For good: this process can no more than the requests take. The server keeps
 * an open /, which cannot be opened any more. 0 or -errno with words. */
int confine_enter(struct sftp_server *server, struct err *err);

/*
 * open(2) that never waits, of regular files and folders alone: not even for a
 * moment does it open the other end of somebody's FIFO. -1 with errno.
 */
int confine_open(const char *path, int flags, mode_t mode);

/* Whether path, its last link followed or not, is in /proc or /sys or is a
 * terminal, or passes through /proc to where its text does not say. */
bool confine_hides(const char *path, bool follows);

/*
 * opendir(3), also of /, of which all handles share one offset: *ret_shares
 * says so (struct sftp_handle). NULL with errno.
 */
DIR *confine_opendir(const struct sftp_server *server, const char *path,
    bool *ret_shares);
