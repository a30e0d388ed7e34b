// SPDX-License-Identifier: Apache-2.0
/*
 * sandbox-init: PID 1 of every sandbox, the SSH helpers an image need not
 * have, and the terminals that stay. Static and self-contained: it runs in
 * images without a C library. Which one it is, its name says, or its first
 * argument.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandboxd/init/files/files.h"
#include "sandboxd/init/init.h"
#include "sandboxd/init/process/rc.h"
#include "sandboxd/init/scp/scp.h"
#include "sandboxd/init/sftp/server.h"
#include "sandboxd/init/terminal/program.h"

static int
init_main(int argc, char **argv)
{
	static struct init init;
	struct err err = {0};
	int self_fd;

	if (argc > 1) {
		fprintf(stderr, "%s: unknown argument \"%.64s\"; allowed: "
		    "sftp-server, scp\n", argv[0], argv[1]);
		return 2;
	}
	/* Before anything else can stand in its place. */
	self_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (self_fd < 0) {
		perror("sandbox-init: /proc/self/exe");
		return 1;
	}
	if (init_open(&init, INIT_LISTEN_FD, self_fd, &err) < 0) {
		fprintf(stderr, "sandbox-init: %s\n", err.text);
		return 1;
	}
	for (;;)
		init_turn(&init);
}

struct program {
	const char *name;
	int (*main)(int argc, char **argv);
};

static const struct program programs[] = {
    {"sftp-server", sftp_server_main},
    {"sandbox-files", files_main},
    {"scp", scp_main},
    {"sandbox-rc", rc_main},
    {"sandbox-terminal", terminal_main},
};

static const struct program *
find_program(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct program *program = argc > 0 ? find_program(argv[0]) : NULL;

	if (program != NULL)
		return program->main(argc, argv);
	program = argc > 1 ? find_program(argv[1]) : NULL;
	if (program != NULL)
		return program->main(argc - 1, argv + 1);
	return init_main(argc, argv);
}
