// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/fields.h"

#include <assert.h>
#include <string.h>

static struct sftp_handle *
get_handle(const struct sftp_handles *handles, struct sftp_reader *reader)
{
	size_t size;
	const uint8_t *data = sftp_get_string(reader, &size);
	uint32_t number;

	if (size != sizeof number)
		return NULL;
	memcpy(&number, data, sizeof number);
	return sftp_handle_find(handles, __builtin_bswap32(number));
}

bool
sftp_fields_read(struct sftp_fields *fields, const char *letters,
    const struct sftp_handles *handles, struct sftp_reader *reader)
{
	size_t n_paths = 0, n_handles = 0, n_numbers = 0, n_data = 0;

	for (; *letters != '\0'; letters++) {
		switch (*letters) {
		case 'p':
		case 'l':
		case 't':
			assert(n_paths < SFTP_FIELDS_PATHS);
			sftp_get_text(reader, fields->paths[n_paths++],
			    PATH_MAX);
			break;
		case 'h':
			assert(n_handles < SFTP_FIELDS_HANDLES);
			fields->handles[n_handles++] =
			    get_handle(handles, reader);
			break;
		case 'n':
		case 'N':
			assert(n_numbers < SFTP_FIELDS_NUMBERS);
			fields->numbers[n_numbers++] = *letters == 'n' ?
			    sftp_get_u32(reader) : sftp_get_u64(reader);
			break;
		case 'd':
			assert(n_data < SFTP_FIELDS_DATA);
			fields->data[n_data] = sftp_get_string(reader,
			    &fields->sizes[n_data]);
			n_data++;
			break;
		default:
			assert(*letters == 'a');
			sftp_get_attributes(reader, &fields->attributes);
		}
	}
	return !reader->is_bad;
}

const struct sftp_handle *
sftp_fields_file(const struct sftp_fields *fields, size_t handle)
{
	const struct sftp_handle *found = fields->handles[handle];

	return found != NULL && found->dir == NULL ? found : NULL;
}
