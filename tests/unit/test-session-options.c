// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <stdio.h>

#include "gateway/ssh/options.h"

int
main(void)
{
	static const struct {
		const char *name;
		bool is_accepted;
	} rows[] = {{"LANG", true}, {"LC_ALL", true}, {"LC_", true},
	    {"COLORTERM", true}, {"LD_PRELOAD", false}, {"LANGUAGE", false},
	    {"", false}, {"PATH", false}};
	struct ssh_options options;
	struct err err = {0};

	assert(ssh_options_read(NULL, &options, &err) == 0);
	assert(options.max_sessions == 64 && options.max_auth_tries == 6);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (ssh_options_accept_env(&options, rows[i].name) !=
		    rows[i].is_accepted) {
			fprintf(stderr, "%s\n", rows[i].name);
			return 1;
		}
	return 0;
}
