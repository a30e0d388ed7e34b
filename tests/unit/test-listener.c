// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/listener.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than a look or two takes, and well within its patience. */
#define HELD_S 2

static int
listen_somewhere(char *ret_entry, size_t size)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert(fd >= 0);
	assert(bind(fd, (struct sockaddr *)&address, n) == 0);
	assert(listen(fd, 1) == 0);
	assert(getsockname(fd, (struct sockaddr *)&address, &n) == 0);
	snprintf(ret_entry, size, "127.0.0.1:%u", ntohs(address.sin_port));
	return fd;
}

/* As a child of a gateway that was killed does. */
static void
test_held_for_a_while(void)
{
	int fds[LISTENERS_MAX], status;
	char entry[32];
	int fd = listen_somewhere(entry, sizeof entry);
	struct err err = {0};
	pid_t pid = fork();
	size_t n = 0;

	assert(pid >= 0);
	if (pid == 0) {
		sleep(HELD_S);
		_exit(0);
	}
	close(fd);
	assert(listener_open_tcp(entry, "listen", fds, &n, &err) == 0);
	assert(n == 1);
	close(fds[0]);
	assert(waitpid(pid, &status, 0) == pid);
}

/* Whose else it is, is told. */
static void
test_taken(void)
{
	int fds[LISTENERS_MAX];
	char entry[32];
	int fd = listen_somewhere(entry, sizeof entry);
	struct err err = {0};
	size_t n = 0;

	assert(listener_open_tcp(entry, "listen", fds, &n, &err) ==
	    -EADDRINUSE);
	assert(strstr(err.text, entry) != NULL);
	close(fd);
}

int
main(void)
{
	test_held_for_a_while();
	test_taken();
	return 0;
}
