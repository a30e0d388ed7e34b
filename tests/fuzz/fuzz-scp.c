// SPDX-License-Identifier: Apache-2.0
/* Control lines of a peer to scp's parser: no name it accepts leaves here. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandboxd/init/scp/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *line)
{
	struct scp_record record;

	if (scp_record_parse(line, &record) != NULL)
		return;
	if (record.type != SCP_FILE && record.type != SCP_DIRECTORY)
		return;
	assert(record.name[0] != '\0' && strchr(record.name, '/') == NULL);
	assert(strcmp(record.name, ".") != 0 && strcmp(record.name, "..") != 0);
	assert((record.mode & ~07777u) == 0 && record.size <= INT64_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *next = text, *line;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	while ((line = strsep(&next, "\n")) != NULL)
		check(line);
	free(text);
	return 0;
}
