// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/packet.h"

#include <assert.h>
#include <string.h>

static const uint8_t *
get(struct sftp_reader *reader, size_t size)
{
	const uint8_t *data = reader->data;

	if (reader->is_bad || size > reader->left) {
		reader->is_bad = true;
		return NULL;
	}
	reader->data += size;
	reader->left -= size;
	return data;
}

static uint64_t
get_number(struct sftp_reader *reader, size_t size)
{
	const uint8_t *data = get(reader, size);
	uint64_t value = 0;

	for (size_t i = 0; data != NULL && i < size; i++)
		value = value << 8 | data[i];
	return value;
}

uint8_t
sftp_get_u8(struct sftp_reader *reader)
{
	return (uint8_t)get_number(reader, 1);
}

uint32_t
sftp_get_u32(struct sftp_reader *reader)
{
	return (uint32_t)get_number(reader, 4);
}

uint64_t
sftp_get_u64(struct sftp_reader *reader)
{
	return get_number(reader, 8);
}

const uint8_t *
sftp_get_string(struct sftp_reader *reader, size_t *ret_size)
{
	size_t size = sftp_get_u32(reader);
	const uint8_t *data = get(reader, size);

	*ret_size = data != NULL ? size : 0;
	return data != NULL ? data : (const uint8_t *)"";
}

void
sftp_get_text(struct sftp_reader *reader, char *text, size_t size)
{
	size_t length;
	const uint8_t *data = sftp_get_string(reader, &length);

	if (length >= size || memchr(data, '\0', length) != NULL) {
		reader->is_bad = true;
		length = 0;
	}
	memcpy(text, data, length);
	text[length] = '\0';
}

void
sftp_get_attributes(struct sftp_reader *reader, struct sftp_attributes *ret)
{
	uint32_t count;
	size_t size;

	memset(ret, 0, sizeof *ret);
	ret->flags = sftp_get_u32(reader);
	if ((ret->flags & SFTP_ATTR_SIZE) != 0)
		ret->size = sftp_get_u64(reader);
	if ((ret->flags & SFTP_ATTR_UIDGID) != 0) {
		ret->uid = sftp_get_u32(reader);
		ret->gid = sftp_get_u32(reader);
	}
	if ((ret->flags & SFTP_ATTR_PERMISSIONS) != 0)
		ret->permissions = sftp_get_u32(reader);
	if ((ret->flags & SFTP_ATTR_ACMODTIME) != 0) {
		ret->atime = sftp_get_u32(reader);
		ret->mtime = sftp_get_u32(reader);
	}
	if ((ret->flags & SFTP_ATTR_EXTENDED) == 0)
		return;
	count = sftp_get_u32(reader);
	for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
		(void)sftp_get_string(reader, &size);
		(void)sftp_get_string(reader, &size);
	}
}

static void
put(struct sftp_writer *writer, const void *data, size_t size)
{
	assert(size <= writer->size - writer->used);
	if (size > 0)
		memcpy(writer->data + writer->used, data, size);
	writer->used += size;
}

void
sftp_put_u8(struct sftp_writer *writer, uint8_t value)
{
	put(writer, &value, 1);
}

void
sftp_put_u32(struct sftp_writer *writer, uint32_t value)
{
	value = __builtin_bswap32(value);
	put(writer, &value, sizeof value);
}

void
sftp_put_u64(struct sftp_writer *writer, uint64_t value)
{
	value = __builtin_bswap64(value);
	put(writer, &value, sizeof value);
}

void
sftp_put_string(struct sftp_writer *writer, const void *data, size_t size)
{
	sftp_put_u32(writer, (uint32_t)size);
	put(writer, data, size);
}

void
sftp_put_text(struct sftp_writer *writer, const char *text)
{
	sftp_put_string(writer, text, strlen(text));
}

void
sftp_put_stat(struct sftp_writer *writer, const struct stat *st)
{
	sftp_put_u32(writer, SFTP_ATTR_SIZE | SFTP_ATTR_UIDGID |
	    SFTP_ATTR_PERMISSIONS | SFTP_ATTR_ACMODTIME);
	sftp_put_u64(writer, (uint64_t)st->st_size);
	sftp_put_u32(writer, st->st_uid);
	sftp_put_u32(writer, st->st_gid);
	sftp_put_u32(writer, st->st_mode);
	sftp_put_u32(writer, (uint32_t)st->st_atime);
	sftp_put_u32(writer, (uint32_t)st->st_mtime);
}

void
sftp_set_u32(struct sftp_writer *writer, size_t offset, uint32_t value)
{
	assert(offset + sizeof value <= writer->used);
	value = __builtin_bswap32(value);
	memcpy(writer->data + offset, &value, sizeof value);
}
