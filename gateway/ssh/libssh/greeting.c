// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/greeting.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char invalid[] = "Invalid SSH identification string.\r\n";
static const char prefix[] = "SSH-";

size_t
greeting_bytes(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);

	return end != NULL ? (size_t)(end - data) + 1 : 0;
}

/* No NUL, and CR nowhere but at the end. */
static bool
is_text(const uint8_t *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (line[i] == '\0' ||
		    (line[i] == '\r' && i + 1 < size && line[i + 1] != '\n'))
			return false;
	return true;
}

const char *
greeting_refusal(const uint8_t *data, size_t size)
{
	size_t bytes = greeting_bytes(data, size);
	char line[GREETING_MAX_BYTES + 1];
	unsigned major, minor;
	char software;

	if (bytes == 0 && size <= GREETING_MAX_BYTES)
		return is_text(data, size) ? NULL : invalid;
	if (bytes == 0 || bytes > GREETING_MAX_BYTES || !is_text(data, bytes))
		return invalid;
	snprintf(line, sizeof line, "%.*s", (int)bytes, (const char *)data);
	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, prefix, strlen(prefix)) != 0 || sscanf(line,
	    "SSH-%5u.%5u-%c", &major, &minor, &software) != 3)
		return invalid;
	return major == 2 || (major == 1 && minor == 99) ? NULL :
	    "Protocol major versions differ.\r\n";
}
