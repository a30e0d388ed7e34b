// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/host/uncharged.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* As /proc/net/protocols calls them. */
static const char *const protocols[] = {"NETLINK", "PING", "PINGv6", "RAW",
    "RAWv6"};

static bool
is_uncharged(const char *protocol)
{
	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
		if (strcmp(protocol, protocols[i]) == 0)
			return true;
	return false;
}

/* A line: the protocol, the size of a socket, how many there are, and more. */
uint64_t
uncharged_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512], protocol[64];
	uint64_t sum = 0;
	long long n;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%63s %*d %lld", protocol, &n) == 2 &&
		    is_uncharged(protocol) && n > 0)
			sum += (uint64_t)n;
	fclose(file);
	return sum;
}

uint64_t
uncharged_of_process(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/net/protocols", (int)pid);
	return uncharged_read(path);
}
