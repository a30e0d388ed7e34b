// SPDX-License-Identifier: Apache-2.0
/*
 * A request of SFTP that opens or changes something, as it lies in its packet.
 * Nothing is copied: what is found points there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/ssh/libssh/packet_fields.h"

#define SFTP_REQUEST_DETAIL_SIZE 64

/* draft-ietf-secsh-filexfer-02, section 3. */
enum sftp_packet {
	SFTP_INIT = 1,
	SFTP_VERSION = 2,
	SFTP_OPEN = 3,
	SFTP_CLOSE = 4,
	SFTP_READ = 5,
	SFTP_WRITE = 6,
	SFTP_SETSTAT = 9,
	SFTP_FSETSTAT = 10,
	SFTP_OPENDIR = 11,
	SFTP_REMOVE = 13,
	SFTP_MKDIR = 14,
	SFTP_RMDIR = 15,
	SFTP_RENAME = 18,
	SFTP_SYMLINK = 20,
	SFTP_STATUS = 101,
	SFTP_HANDLE = 102,
	SFTP_DATA = 103,
	SFTP_EXTENDED = 200,
};

/* How its fields are read. */
enum sftp_shape {
	SFTP_SHAPE_OPEN,       /* path, flags */
	SFTP_SHAPE_PATH,       /* path */
	SFTP_SHAPE_TWO_PATHS,  /* path, target */
	SFTP_SHAPE_LINK,       /* target, path: OpenSSH's order */
	SFTP_SHAPE_SET,	       /* path, attributes */
	SFTP_SHAPE_SET_HANDLE, /* handle, attributes */
	SFTP_SHAPE_CLOSE,      /* handle */
	SFTP_SHAPE_READ,       /* handle */
	SFTP_SHAPE_WRITE,      /* handle, offset, data */
	SFTP_SHAPE_COPY,       /* handle, offset, length, handle, offset */
};

struct sftp_kind {
	uint8_t type; /* enum sftp_packet */
	const char *extension;
	enum sftp_shape shape;
	const char *name;
};

/* What is not there is NULL, 0 or "". Of a copy, `target` is the handle that it
 * is from. */
struct sftp_request {
	const struct sftp_kind *kind;
	uint32_t id;
	const uint8_t *handle, *path, *target;
	uint32_t handle_size, path_size, target_size, data_size;
	char detail[SFTP_REQUEST_DETAIL_SIZE]; /* names of its flags */
};

/*
 * Reads what follows the type of a packet. 1, 0 for a request that only looks
 * (*ret is no use then), or -EBADMSG.
 */
int sftp_request_read(uint8_t type, struct packet_reader *reader,
    struct sftp_request *ret);
