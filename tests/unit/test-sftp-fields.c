// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/fields.h"

#include <assert.h>
#include <string.h>

static struct sftp_fields fields;

static bool
read_letters(const char *letters, const void *data, size_t size)
{
	static struct sftp_handle slots[] = {{.fd = -1}, {.fd = 7}};
	const struct sftp_handles handles = {slots, 2};
	struct sftp_reader in = {data, size, false};

	return sftp_fields_read(&fields, letters, &handles, &in);
}

int
main(void)
{
	static const char paths[] = "\0\0\0\1a\0\0\0\2bc";
	static const char copy[] = "\0\0\0\4\0\0\0\1" "\0\0\0\0\0\0\0\5"
	    "\0\0\0\6" "\0\0\0\4\0\0\0\0";
	static const char data[] = "\0\0\0\3xyz\0\0\0\0";

	assert(read_letters("pp", paths, sizeof paths - 1));
	assert(strcmp(fields.paths[0], "a") == 0);
	assert(strcmp(fields.paths[1], "bc") == 0);
	assert(!read_letters("pp", paths, sizeof paths - 2));
	assert(!read_letters("ppa", paths, sizeof paths - 1));
	/* A handle that is not open is the handler's to refuse. */
	assert(read_letters("hNnh", copy, sizeof copy - 1));
	assert(fields.handles[0]->fd == 7 && fields.handles[1] == NULL);
	assert(sftp_fields_file(&fields, 0) == fields.handles[0]);
	assert(fields.numbers[0] == 5 && fields.numbers[1] == 6);
	assert(sftp_fields_file(&fields, 1) == NULL);
	assert(read_letters("h", paths, sizeof paths - 1));
	assert(fields.handles[0] == NULL);
	assert(!read_letters("h", copy, 5));
	assert(read_letters("dd", data, sizeof data - 1));
	assert(fields.sizes[0] == 3 && memcmp(fields.data[0], "xyz", 3) == 0);
	assert(fields.sizes[1] == 0);
	return 0;
}
