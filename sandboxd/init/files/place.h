// SPDX-License-Identifier: Apache-2.0
/*
 * A file that is written where nobody sees it, and put in its place once it is
 * whole. What ends before has never been there.
 */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

#define PLACE_SIZE_ANY UINT64_MAX

/* Zeroed but for the descriptors, which are -1, it is free. */
struct place {
	int fd;	       /* of what is written; -1 = nothing is */
	int folder_fd; /* that it is to be in */
	char name[NAME_MAX + 1];
	char hidden[NAME_MAX + 1]; /* what it is called now; "" = nothing */
	mode_t mode;
	uint64_t size, written;
};

/*
 * Begins a file for path, whose folder is made where there is none; a link is
 * followed. mode 0 is that of the file it replaces, or 0644; size is what it
 * has to have in the end. 0 or -errno with words; place_undo ends it.
 */
int place_begin(struct place *place, const char *path, mode_t mode,
    uint64_t size, struct err *err);

/* The same for a name in a folder, which it takes over, also where it fails; a
 * link of that name is replaced, and nothing of what was there is kept. */
int place_begin_in(struct place *place, int folder_fd, const char *name,
    mode_t mode, uint64_t size, struct err *err);

/* Has the next bytes come behind a hole, up to `at`, which is not before what
 * was written; 0 or -errno with words. */
int place_skip(struct place *place, uint64_t at, struct err *err);

/* 0 or -errno with words. */
int place_write(struct place *place, const void *data, size_t size,
    struct err *err);

/* Puts it in its place; fd stays open until place_undo. */
int place_commit(struct place *place, struct err *err);

/* Frees it; what was not committed is gone. */
void place_undo(struct place *place);
