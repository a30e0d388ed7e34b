// SPDX-License-Identifier: Apache-2.0
#include "common/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_MS 253402300799999ull /* 9999-12-31T23:59:59.999Z */

void
timestamp_format(uint64_t unix_ms, char ret_text[TIMESTAMP_SIZE])
{
	struct tm tm;
	time_t seconds;
	size_t n;

	if (unix_ms > LAST_MS)
		unix_ms = LAST_MS;
	seconds = (time_t)(unix_ms / 1000);
	gmtime_r(&seconds, &tm);
	n = strftime(ret_text, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret_text + n, TIMESTAMP_SIZE - n, ".%03uZ",
	    (unsigned int)(unix_ms % 1000));
}

int
timestamp_parse(const char *text, uint64_t *ret_unix_ms)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	unsigned int fraction_ms = 0;
	time_t seconds;

	if (rest == NULL)
		return -EINVAL;
	if (*rest == '.') {
		for (int i = 1; i <= 3; i++) {
			if (rest[i] < '0' || rest[i] > '9')
				return -EINVAL;
			fraction_ms = fraction_ms * 10 +
			    (unsigned int)(rest[i] - '0');
		}
		rest += 4;
	}
	if (strcmp(rest, "Z") != 0)
		return -EINVAL;
	seconds = timegm(&tm);
	if (seconds < 0)
		return -EINVAL;
	*ret_unix_ms = (uint64_t)seconds * 1000 + fraction_ms;
	return 0;
}
