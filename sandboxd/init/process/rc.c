// SPDX-License-Identifier: Apache-2.0
/* Runs as the user, in a process of its own that init does not wait for. */
#include "sandboxd/init/process/rc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL	    "/bin/sh"
#define EXIT_SSHD   1
#define EXIT_NO_RUN 127

/* As popen would. It finds the end of its input at once: the cookie of X11,
 * which sshd writes there, init has put into ~/.Xauthority. */
__attribute__((noreturn)) static void
run(const char *command)
{
	int fd = open("/dev/null", O_RDONLY);

	if (fd >= 0)
		(void)dup2(fd, STDIN_FILENO);
	execl(SHELL, "sh", "-c", command, (char *)NULL);
	_exit(EXIT_NO_RUN);
}

int
rc_main(int argc, char **argv)
{
	const char *home = getenv("HOME");
	char *command, *path;
	pid_t pid;

	if (argc < 3 || home == NULL ||
	    asprintf(&path, "%s/%s", home, RC_OF_USER) < 0)
		return EXIT_SSHD;
	if (access(path, F_OK) < 0 ?
	    asprintf(&command, "%s %s", SHELL, RC_OF_ALL) < 0 :
	    asprintf(&command, "%s -c '%s %s'", argv[1], SHELL, path) < 0)
		return EXIT_SSHD;
	pid = fork();
	if (pid == 0)
		run(command);
	if (pid < 0)
		fprintf(stderr, "Could not run %s\n", path);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	execv(argv[1], argv + 2);
	perror(argv[1]);
	return EXIT_SSHD;
}
