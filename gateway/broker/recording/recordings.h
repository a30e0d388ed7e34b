// SPDX-License-Identifier: Apache-2.0
/*
 * The folder of recordings, log_dir/recordings/ORGANISATION/DAY/FILE, as the
 * broker keeps it. `dir` is log_dir/recordings, which the supervisor made;
 * `org` is a valid name, and so one component of a path.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "gateway/broker/recording/name.h"

/* Entries recordings_list tells at once. */
#define RECORDINGS_PAGE 256

/* A file of the folder; times are Unix milliseconds. */
struct recording_file {
	char id[RECORDING_ID_SIZE];
	struct recording_name name;
	uint64_t written_ms, bytes;
};

/*
 * Makes the file of a new recording, 0640, and what folders it lacks. *ret_fd
 * only appends. 0, or -errno (-EEXIST: the name is taken).
 */
int recordings_create(const char *dir, const char *org,
    const struct recording_name *name, int *ret_fd, struct err *err);

/* Removes a file just made. */
void recordings_remove(const char *dir, const char *org, const char *id);

/* Opens one for reading; -ENOENT for whatever is not a recording of org. */
int recordings_open(const char *dir, const char *org, const char *id,
    int *ret_fd, struct recording_file *ret, struct err *err);

/*
 * The newest recordings of org, those before `before` ("" = all), at most
 * RECORDINGS_PAGE into files[], newest first. Returns how many, or -errno.
 */
int recordings_list(const char *dir, const char *org, const char *before,
    struct recording_file files[RECORDINGS_PAGE], struct err *err);

/*
 * Removes up to `max` recordings that began on days wholly before before_ms,
 * and the folders that are empty then. Returns how many.
 */
int recordings_expire(const char *dir, uint64_t before_ms, int max);
