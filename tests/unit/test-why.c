// SPDX-License-Identifier: Apache-2.0
/* What is said of a refusal, and the command that is told with it. */
#include "gateway/ssh/why.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALLOW "; sandgate egress allow sb_k3v9x2m7q4tz "

static const char *const rows[][2] = {
    {"tcp 192.0.2.1:443 by rule \"default\"", ALLOW "192.0.2.1:443"},
    {"tcp 192.0.2.1:443 (x.org) by rule \"web\"", ALLOW "x.org:443"},
    {"udp [2001:db8::1]:53 by rule \"default\"",
	ALLOW "[2001:db8::1]:53 --protocol udp"},
    {"icmp 2001:db8::1 by rule \"default\"", NULL},
    {"icmp [2001:db8::1] by rule \"default\"",
	ALLOW "2001:db8::1 --protocol icmp"},
    {"tcp 169.254.169.254:80 by rule \"always\": link-local", ""},
    {"tcp 192.0.2.1:80 by rule \"limit\": too many", ""},
    {"tcp 192.0.2.1:80 by rule \"default\": of the ceiling", ""},
    {"name x.org by rule \"default\"", ALLOW "x.org"},
    {"name dns.google by rule \"always\": it serves encrypted DNS", ""},
    {"anything", NULL},
};

int
main(void)
{
	char line[WHY_LINE_SIZE], wanted[WHY_LINE_SIZE];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int r = why_format("sb_k3v9x2m7q4tz", rows[i][0], line);

		if (rows[i][1] == NULL) {
			assert(r == -EINVAL);
			continue;
		}
		snprintf(wanted, sizeof wanted, "blocked: %s%s", rows[i][0],
		    rows[i][1]);
		assert(r == 0 && strcmp(line, wanted) == 0);
	}
	return 0;
}
