// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/banner.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/server.h>
#include <unistd.h>

#include "common/fd.h"

/* Read once in the zygote, and the same in each of its forks. */
static ssh_string banner;

int
banner_read(const char *path, struct err *err)
{
	char text[BANNER_MAX_BYTES + 1];
	auto_close int fd = -1;
	size_t size = 0;
	ssize_t n;

	if (path[0] == '\0')
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_errno(err, "%s", path);
	while ((n = read(fd, text + size, sizeof text - size)) > 0)
		size += (size_t)n;
	if (n < 0)
		return err_errno(err, "%s", path);
	if (size > BANNER_MAX_BYTES)
		return err_set(err, EFBIG, "%s: longer than %d bytes", path,
		    BANNER_MAX_BYTES);
	banner = ssh_string_new(size);
	if (banner == NULL)
		return err_set(err, ENOMEM, "%s: out of memory", path);
	return ssh_string_fill(banner, text, size);
}

void
banner_send(ssh_session ssh)
{
	if (banner != NULL && ssh_string_len(banner) > 0)
		(void)ssh_send_issue_banner(ssh, banner);
}
