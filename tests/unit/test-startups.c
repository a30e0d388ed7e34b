// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/startups.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

int
main(void)
{
	static const char *const bad[] = {"", "10", "10:30", "10:30:5",
	    "0:30:100", "10:0:100", "10:101:100", "10:30:100:1", "a:b:c",
	    "10:30:99999999"};
	struct startups s;
	struct err err;

	assert(startups_parse("10:30:100", &s, &err) == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert(startups_parse(bad[i], &s, &err) == -EINVAL);
		assert(strstr(err.text, "max_startups") != NULL);
	}
	assert(s.begin == 10 && s.rate_percent == 30 && s.full == 100);
	assert(!startups_should_drop(&s, 9, 0));
	assert(startups_should_drop(&s, 10, 29));
	assert(!startups_should_drop(&s, 10, 30));
	assert(startups_should_drop(&s, 55, 64));
	assert(!startups_should_drop(&s, 55, 65));
	assert(startups_should_drop(&s, 100, 99));
	assert(startups_parse("5:30:5", &s, &err) == 0);
	assert(!startups_should_drop(&s, 4, 0));
	assert(startups_should_drop(&s, 5, 99));
	return 0;
}
