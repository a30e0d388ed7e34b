// SPDX-License-Identifier: Apache-2.0
/* A token's requests: to the last of a second, not another's, and on again. */
#include "gateway/http/back/rates.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static struct rates *rates;
static struct err err;

static int
take(unsigned token, uint64_t per_second, uint64_t now_ms)
{
	const uint8_t hash[16] = {(uint8_t)token, (uint8_t)(token >> 8), 1};

	err = (struct err){0};
	return rates_take(&rates, hash, "max_rate", per_second, now_ms, &err);
}

int
main(void)
{
	assert(take(1, 0, 5000) == 0 && rates == NULL);
	for (int i = 0; i < 10; i++)
		assert(take(1, 10, 5000) == 0);
	assert(take(1, 10, 5000) == -EDQUOT && err.retry_s == 1);
	assert(strcmp(err.text, "max_rate: this token may ask 10 times a "
	    "second, and has; try again in 1 s") == 0);
	assert(take(2, 10, 5000) == 0);
	/* One of ten for each tenth of a second; what was refused is free. */
	assert(take(1, 10, 5099) == -EDQUOT);
	assert(take(1, 10, 5100) == 0);
	assert(take(1, 10, 5100) == -EDQUOT);
	for (int i = 0; i < 10; i++)
		assert(take(1, 10, 6100) == 0);
	assert(take(1, 10, 6100) == -EDQUOT);

	/* Many more than there is room for: nobody is refused for that. */
	for (unsigned token = 0; token < 65536; token++)
		assert(take(token, 2, 60000) == 0);
	rates_free(rates);
	return 0;
}
