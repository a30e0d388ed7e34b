// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes of a client to sftp-server's packet parser and its requests. They name
 * files: so as root each input runs as nobody in an empty root directory, and
 * otherwise only the packet reader is run.
 */
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandboxd/init/sftp/server.h"

#define NOBODY 65534

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where inputs run; -1 where they may not. */
static int jail_fd = -1, root_fd = -1, cwd_fd = -1, null_fd = -1;
static char jail[] = "/tmp/fuzz-sftp-XXXXXX";

static void
remove_jail(void)
{
	(void)rmdir(jail);
}

static void
make_jail(void)
{
	if (geteuid() != 0 || mkdtemp(jail) == NULL)
		return;
	(void)atexit(remove_jail);
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	root_fd = open("/", O_PATH | O_CLOEXEC);
	cwd_fd = open(".", O_PATH | O_CLOEXEC);
	jail_fd = open(jail, O_PATH | O_CLOEXEC);
	if (null_fd < 0 || root_fd < 0 || cwd_fd < 0 || jail_fd < 0 ||
	    setgroups(0, NULL) < 0)
		abort();
}

/* Only for the input: the fuzzer itself has files to read and write. */
static void
enter_jail(void)
{
	if (fchdir(jail_fd) < 0 || chroot(".") < 0 || setegid(NOBODY) < 0 ||
	    seteuid(NOBODY) < 0)
		abort();
}

static void
leave_jail(void)
{
	if (seteuid(0) < 0 || setegid(0) < 0 || fchdir(root_fd) < 0 ||
	    chroot(".") < 0 || fchdir(cwd_fd) < 0)
		abort();
}

static void
read_fields(const uint8_t *data, size_t size)
{
	struct sftp_reader reader = {data, size, false};
	struct sftp_attributes attributes;
	char text[64];

	while (!reader.is_bad && reader.left > 0) {
		sftp_get_text(&reader, text, sizeof text);
		sftp_get_attributes(&reader, &attributes);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool has_tried;
	struct sftp_server server;
	size_t used;

	if (!has_tried)
		make_jail();
	has_tried = true;
	read_fields(data, size);
	if (jail_fd < 0 || sftp_server_init(&server, null_fd) < 0)
		return 0;
	enter_jail();
	(void)sftp_server_feed(&server, data, size, &used);
	(void)sftp_server_flush(&server);
	sftp_server_fini(&server);
	leave_jail();
	return 0;
}
