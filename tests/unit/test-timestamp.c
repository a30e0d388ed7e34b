// SPDX-License-Identifier: Apache-2.0
#include "common/timestamp.h"

#include <assert.h>
#include <string.h>

#include "common/clock.h"

int
main(void)
{
	static const char *const bad[] = {"", "now", "2026-01-31",
	    "2026-01-31T23:59:59", "2026-01-31T23:59:59.12Z",
	    "2026-01-31T23:59:59.123Zx", "2026-13-31T23:59:59Z",
	    "1969-12-31T23:59:58Z"};
	char text[TIMESTAMP_SIZE];
	uint64_t ms;

	timestamp_format(0, text);
	assert(strcmp(text, "1970-01-01T00:00:00.000Z") == 0);
	timestamp_format(1769903999123, text);
	assert(strcmp(text, "2026-01-31T23:59:59.123Z") == 0);
	assert(timestamp_parse(text, &ms) == 0 && ms == 1769903999123);
	assert(timestamp_parse("2026-01-31T23:59:59Z", &ms) == 0);
	assert(ms == 1769903999000);
	timestamp_format(UINT64_MAX, text);
	assert(strcmp(text, "9999-12-31T23:59:59.999Z") == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(timestamp_parse(bad[i], &ms) < 0);
	assert(clock_unix_ms() > 1700000000000);
	return 0;
}
