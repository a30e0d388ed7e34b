// SPDX-License-Identifier: Apache-2.0
/* Open files and directories of one SFTP session. */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SFTP_HANDLES_MAX 1019 /* OpenSSH's with 1024 descriptors */
#define SFTP_HANDLE_SIZE 4   /* bytes on the wire */

struct sftp_handle {
	int fd;	  /* -1: free */
	DIR *dir; /* NULL: a file */
	bool appends;
	/* A folder whose offset others move: `position` is where this is. */
	bool shares_offset;
	long position;
};

struct sftp_handles {
	struct sftp_handle *slots;
	uint32_t n_slots;
};

/*
 * Takes over fd or dir (whose descriptor fd is then); returns the number, or
 * -EMFILE or -ENOMEM with both still the caller's.
 */
int64_t sftp_handle_add(struct sftp_handles *handles, int fd, DIR *dir,
    bool appends);

/* The open handle of a number, or NULL. */
struct sftp_handle *sftp_handle_find(const struct sftp_handles *handles,
    uint32_t number);

/* Closes; 0 or -errno of close(2), after which it is closed all the same. */
int sftp_handle_close(struct sftp_handle *handle);

void sftp_handles_fini(struct sftp_handles *handles);
