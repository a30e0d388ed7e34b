// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/cpus.h"

#include <assert.h>
#include <stddef.h>

int
main(void)
{
	static const struct {
		const char *text;
		unsigned n;
	} rows[] = {
	    {"100000 100000\n", 1}, {"150000 100000\n", 2},
	    {"50000 100000\n", 1}, {"1000 100000\n", 1},
	    {"6400000 100000\n", 64}, {"200000\n 100000\n", 2},
	    {"max 100000\n", 0}, {"-1\n 100000\n", 0}, {"100000 0\n", 0},
	    {"0 100000\n", 0}, {"100000\n", 0}, {"", 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert(cpus_of_quota(rows[i].text) == rows[i].n);
	return 0;
}
