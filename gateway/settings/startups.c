// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/startups.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

#define STARTUPS_MAX 1000000

int
startups_parse(const char *text, struct startups *ret, struct err *err)
{
	uint64_t numbers[3] = {0};
	char copy[64];
	char *save = NULL;
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", text);
	for (char *word = strtok_r(copy, ":", &save); word != NULL;
	    word = strtok_r(NULL, ":", &save)) {
		if (n >= 3 || parse_u64(word, &numbers[n]) < 0)
			n = 4;
		else
			n++;
	}
	if (n != 3 || strlen(text) >= sizeof copy || numbers[0] < 1 ||
	    numbers[0] > numbers[2] || numbers[1] < 1 || numbers[1] > 100 ||
	    numbers[2] > STARTUPS_MAX)
		return err_set(err, EINVAL, "max_startups: \"%s\" is not "
		    "begin:rate:full with 1 <= begin <= full <= %d and a rate "
		    "of 1 to 100 %%", text, STARTUPS_MAX);
	*ret = (struct startups){(uint32_t)numbers[0], (uint32_t)numbers[1],
	    (uint32_t)numbers[2]};
	return 0;
}

bool
startups_should_drop(const struct startups *startups, uint32_t n,
    uint32_t random)
{
	uint64_t percent;

	if (n < startups->begin)
		return false;
	if (n >= startups->full)
		return true;
	percent = startups->rate_percent +
	    (uint64_t)(100 - startups->rate_percent) *
	    (n - startups->begin) / (startups->full - startups->begin);
	return random % 100 < percent;
}
