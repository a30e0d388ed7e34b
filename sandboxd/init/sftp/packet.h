// SPDX-License-Identifier: Apache-2.0
/* The pieces SFTP packets are made of (draft-ietf-secsh-filexfer-02). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* What follows a packet's length; as OpenSSH's. */
#define SFTP_PACKET_MAX (256 * 1024)
#define SFTP_DATA_MAX	(SFTP_PACKET_MAX - 1024) /* of a read or a write */

/* Reads a packet; after any failure everything it returns is 0 and empty. */
struct sftp_reader {
	const uint8_t *data;
	size_t left;
	bool is_bad;
};

uint8_t sftp_get_u8(struct sftp_reader *reader);
uint32_t sftp_get_u32(struct sftp_reader *reader);
uint64_t sftp_get_u64(struct sftp_reader *reader);

/* A string, not terminated, inside the packet. */
const uint8_t *sftp_get_string(struct sftp_reader *reader, size_t *ret_size);

/*
 * A string as a C string in text[size]; one that is too long or holds a NUL
 * makes the packet bad. "" where it is.
 */
void sftp_get_text(struct sftp_reader *reader, char *text, size_t size);

#define SFTP_ATTR_SIZE	      (1u << 0)
#define SFTP_ATTR_UIDGID      (1u << 1)
#define SFTP_ATTR_PERMISSIONS (1u << 2)
#define SFTP_ATTR_ACMODTIME   (1u << 3)
#define SFTP_ATTR_EXTENDED    (1u << 31)

struct sftp_attributes {
	uint32_t flags;
	uint64_t size;
	uint32_t uid, gid;
	uint32_t permissions;
	uint32_t atime, mtime;
};

void sftp_get_attributes(struct sftp_reader *reader,
    struct sftp_attributes *ret);

/* Writes to a buffer whose owner made sure that everything fits (asserted). */
struct sftp_writer {
	uint8_t *data;
	size_t used, size;
};

void sftp_put_u8(struct sftp_writer *writer, uint8_t value);
void sftp_put_u32(struct sftp_writer *writer, uint32_t value);
void sftp_put_u64(struct sftp_writer *writer, uint64_t value);
void sftp_put_string(struct sftp_writer *writer, const void *data, size_t size);
void sftp_put_text(struct sftp_writer *writer, const char *text);
void sftp_put_stat(struct sftp_writer *writer, const struct stat *st);

/* Overwrites the uint32 at an offset: a length known only now. */
void sftp_set_u32(struct sftp_writer *writer, size_t offset, uint32_t value);
