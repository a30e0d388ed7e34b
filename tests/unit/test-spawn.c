// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/spawn.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

int
main(void)
{
	static const struct {
		const char *command;
		const char *rest; /* NULL: not our scp */
	} cases[] = {
	    {"scp -t /tmp", " -t /tmp"},
	    {"scp -f a", " -f a"},
	    {"  scp -v -r -p -d -t -- ~/x y", " -v -r -p -d -t -- ~/x y"},
	    {"scp -rpt .", " -rpt ."},
	    {"scp a b", NULL},
	    {"scp -r a -t b", NULL}, /* flags end at the first file */
	    {"scp -- -t", NULL},
	    {"scp -v; rm -t", NULL},
	    {"scp", NULL},
	    {"scp -", NULL},
	    {"scpx -t a", NULL},
	    {"/usr/bin/scp -t a", NULL},
	    {"echo scp -t a", NULL},
	    {"", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *rest = NULL;
		bool is_scp = spawn_is_scp(cases[i].command, &rest);

		assert(is_scp == (cases[i].rest != NULL));
		assert(!is_scp || strcmp(rest, cases[i].rest) == 0);
	}
	return 0;
}
