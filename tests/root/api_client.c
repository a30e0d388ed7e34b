// SPDX-License-Identifier: Apache-2.0
#include "api_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void
die(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
	    text);
	exit(1);
}

void
address_of(const char *path, struct sockaddr_un *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof ret->sun_path)
		die(path, "too long");
	memcpy(ret->sun_path, path, strlen(path) + 1);
}

int
connect_to(const char *path)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address_of(path, &address);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address,
	    sizeof address) < 0)
		die(path, strerror(errno));
	return fd;
}

int
compare_samples(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}
