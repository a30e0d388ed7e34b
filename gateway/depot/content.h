// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes of artifacts, a file each, by organisation and hash, and those that are
 * being written, by a number.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

struct content {
	int dir_fd; /* of the store */
	uint64_t min_free_bytes; /* left for others on its disk */
};

/* Makes the folders that are not there, and empties the one of what is being
 * written: nobody else may have it open. */
int content_open(const char *dir, uint64_t min_free_bytes, struct content *ret,
    struct err *err);
void content_close(struct content *content);

/* Whether something may be written: 0, or -ENOSPC and what is left free. */
int content_check_room(const struct content *content, struct err *err);

/* A fresh file, for writing; *ret_fd is the caller's. -ENOSPC as above. */
int content_begin(struct content *content, uint64_t number, int *ret_fd,
    struct err *err);

/* Has what was written of one be on the disk, which may take a while. */
int content_write_out(int fd, struct err *err);

/* Has it be there for good, by its hash, in place of one of the same hash. */
int content_place(struct content *content, uint64_t number, int fd,
    const char *org, const char *sha256, struct err *err);

/* There was no such thing; one that is not there is no error. */
void content_drop(struct content *content, uint64_t number);

/* For reading; -EIO where it is not of that size, or is not there. */
int content_read(struct content *content, const char *org, const char *sha256,
    uint64_t size, int *ret_fd, struct err *err);

void content_remove(const struct content *content, const char *org,
    const char *sha256);

/*
 * What is in one folder of an organisation's, by its number from 0 to
 * CONTENT_FOLDERS - 1, is asked about; 0 removes it, else it stays. The folder
 * goes where it is empty, and the organisation's with the last of them.
 */
#define CONTENT_FOLDERS 256
void content_sweep(struct content *content, const char *org, unsigned folder,
    int (*is_wanted)(void *arg, const char *org, const char *sha256),
    void *arg);

/* The first organisation with content after this one in order, "" = of all:
 * ret is "" where there is none. */
void content_next_org(struct content *content, const char *after,
    char ret[256]);
