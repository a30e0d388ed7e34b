// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/sftp_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct sftp_kind kinds[] = {
    {SFTP_OPEN, NULL, SFTP_SHAPE_OPEN, "open"},
    {SFTP_CLOSE, NULL, SFTP_SHAPE_CLOSE, "close"},
    {SFTP_READ, NULL, SFTP_SHAPE_READ, "read"},
    {SFTP_WRITE, NULL, SFTP_SHAPE_WRITE, "write"},
    {SFTP_SETSTAT, NULL, SFTP_SHAPE_SET, "setstat"},
    {SFTP_FSETSTAT, NULL, SFTP_SHAPE_SET_HANDLE, "setstat"},
    {SFTP_OPENDIR, NULL, SFTP_SHAPE_PATH, "opendir"},
    {SFTP_REMOVE, NULL, SFTP_SHAPE_PATH, "remove"},
    {SFTP_MKDIR, NULL, SFTP_SHAPE_PATH, "mkdir"},
    {SFTP_RMDIR, NULL, SFTP_SHAPE_PATH, "rmdir"},
    {SFTP_RENAME, NULL, SFTP_SHAPE_TWO_PATHS, "rename"},
    {SFTP_SYMLINK, NULL, SFTP_SHAPE_LINK, "symlink"},
    {SFTP_EXTENDED, "posix-rename@openssh.com", SFTP_SHAPE_TWO_PATHS,
	"rename"},
    {SFTP_EXTENDED, "hardlink@openssh.com", SFTP_SHAPE_TWO_PATHS, "hardlink"},
    {SFTP_EXTENDED, "lsetstat@openssh.com", SFTP_SHAPE_SET, "setstat"},
    {SFTP_EXTENDED, "copy-data", SFTP_SHAPE_COPY, "copy"},
};

static bool
read_two(struct packet_reader *reader, const uint8_t **first,
    uint32_t *first_size, const uint8_t **second, uint32_t *second_size)
{
	return packet_read_string(reader, first, first_size) &&
	    packet_read_string(reader, second, second_size);
}

/* *flags stays as it is where the shape has none. */
static bool
read_fields(struct packet_reader *reader, struct sftp_request *r,
    uint32_t *flags)
{
	switch (r->kind->shape) {
	case SFTP_SHAPE_PATH:
		return packet_read_string(reader, &r->path, &r->path_size);
	case SFTP_SHAPE_OPEN:
	case SFTP_SHAPE_SET:
		return packet_read_string(reader, &r->path, &r->path_size) &&
		    packet_read_u32(reader, flags);
	case SFTP_SHAPE_TWO_PATHS:
		return read_two(reader, &r->path, &r->path_size, &r->target,
		    &r->target_size);
	case SFTP_SHAPE_LINK:
		return read_two(reader, &r->target, &r->target_size, &r->path,
		    &r->path_size);
	case SFTP_SHAPE_SET_HANDLE:
		return packet_read_string(reader, &r->handle,
		    &r->handle_size) && packet_read_u32(reader, flags);
	case SFTP_SHAPE_CLOSE:
	case SFTP_SHAPE_READ:
		return packet_read_string(reader, &r->handle,
		    &r->handle_size);
	case SFTP_SHAPE_WRITE:
		return packet_read_string(reader, &r->handle,
		    &r->handle_size) && packet_skip(reader, 8) &&
		    packet_read_u32(reader, &r->data_size);
	case SFTP_SHAPE_COPY: /* what the second handle is open for is told */
		return packet_read_string(reader, &r->target,
		    &r->target_size) && packet_skip(reader, 16) &&
		    packet_read_string(reader, &r->handle, &r->handle_size);
	}
	return false;
}

/* Adds the names of the bits that are set to r->detail, by commas. */
static void
describe(struct sftp_request *r, uint32_t flags)
{
	static const char *const open_flags[] = {"read", "write", "append",
	    "create", "truncate", "exclusive", NULL};
	static const char *const attributes[] = {"size", "owner", "mode",
	    "times", NULL};
	const char *const *names = r->kind->shape == SFTP_SHAPE_OPEN ?
	    open_flags : attributes;
	size_t used = 0;

	for (size_t i = 0; names[i] != NULL; i++)
		if (flags >> i & 1)
			used += (size_t)snprintf(r->detail + used,
			    sizeof r->detail - used, "%s%s",
			    used > 0 ? "," : "", names[i]);
}

static const struct sftp_kind *
find_kind(uint8_t type, const uint8_t *extension, uint32_t size)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].type == type && (kinds[i].extension == NULL ||
		    (strlen(kinds[i].extension) == size &&
		    memcmp(kinds[i].extension, extension, size) == 0)))
			return &kinds[i];
	return NULL;
}

int
sftp_request_read(uint8_t type, struct packet_reader *reader,
    struct sftp_request *ret)
{
	struct sftp_request request = {.detail = ""};
	const uint8_t *extension = NULL;
	uint32_t size = 0, flags = 0;

	if (!packet_read_u32(reader, &request.id) || (type == SFTP_EXTENDED &&
	    !packet_read_string(reader, &extension, &size)))
		return -EBADMSG;
	request.kind = find_kind(type, extension, size);
	if (request.kind == NULL)
		return 0;
	if (!read_fields(reader, &request, &flags))
		return -EBADMSG;
	describe(&request, flags);
	*ret = request;
	return 1;
}
