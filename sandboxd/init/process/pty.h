// SPDX-License-Identifier: Apache-2.0
/* A pseudo-terminal of the sandbox's own /dev/pts. */
#pragma once

#include "common/err.h"
#include "common/rpc_calls.h"
#include "sandboxd/init/process/user.h"

#define PTY_NAME_SIZE 32

struct pty {
	int master_fd;
	int slave_fd;
	char name[PTY_NAME_SIZE]; /* "/dev/pts/0" */
};

/*
 * Opens a terminal that belongs to the user, with the size and modes of the
 * request. Both descriptors are close-on-exec and pty_close's to close.
 * 0, or -errno with words and both descriptors -1.
 */
int pty_open(const struct rpc_spawn_req *request, const struct user *user,
    struct pty *ret, struct err *err);

/* Closes what *pty holds; harmless where descriptors were taken. */
void pty_close(struct pty *pty);
#define auto_pty __attribute__((cleanup(pty_close)))
