// SPDX-License-Identifier: Apache-2.0
/* What follows a request's id, read as its row says (requests.h). */
#pragma once

#include <limits.h>

#include "sandboxd/init/sftp/handle.h"
#include "sandboxd/init/sftp/packet.h"

#define SFTP_FIELDS_PATHS   2
#define SFTP_FIELDS_HANDLES 2
#define SFTP_FIELDS_NUMBERS 3
#define SFTP_FIELDS_DATA    2

/* Each kind in the order of the packet; the data is inside the packet. */
struct sftp_fields {
	char paths[SFTP_FIELDS_PATHS][PATH_MAX];
	struct sftp_handle *handles[SFTP_FIELDS_HANDLES]; /* NULL: not open */
	uint64_t numbers[SFTP_FIELDS_NUMBERS];
	const uint8_t *data[SFTP_FIELDS_DATA];
	size_t sizes[SFTP_FIELDS_DATA];
	struct sftp_attributes attributes;
};

/*
 * Reads one field a letter: p a path, l a path of which the last link is not
 * followed, t a text that names no file, h a handle, n a uint32, N a uint64,
 * d a string of bytes, a attributes. False for a packet that has something
 * else; a handle that names nothing is no such thing.
 */
bool sftp_fields_read(struct sftp_fields *fields, const char *letters,
    const struct sftp_handles *handles, struct sftp_reader *reader);

/* The open file of a handle; NULL: none, or a directory. */
const struct sftp_handle *sftp_fields_file(const struct sftp_fields *fields,
    size_t handle);
