// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "sandboxd/init/process/ttymodes.h"

#define PTY_MODE 0620 /* the owner, and write(1) by group tty */

static int
open_pair(struct pty *pty, struct err *err)
{
	const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	unsigned number;
	int locked = 0;

	pty->master_fd = open("/dev/ptmx", flags);
	if (pty->master_fd < 0)
		return err_errno(err, "/dev/ptmx");
	if (ioctl(pty->master_fd, TIOCGPTN, &number) < 0 ||
	    ioctl(pty->master_fd, TIOCSPTLCK, &locked) < 0)
		return err_errno(err, "new terminal");
	snprintf(pty->name, sizeof pty->name, "/dev/pts/%u", number);
	pty->slave_fd = ioctl(pty->master_fd, TIOCGPTPEER, flags);
	if (pty->slave_fd < 0)
		return err_errno(err, "%s", pty->name);
	return 0;
}

static void
set_size(int fd, const struct rpc_spawn_req *request)
{
	struct winsize size = {
	    .ws_row = (unsigned short)request->rows,
	    .ws_col = (unsigned short)request->columns,
	    .ws_xpixel = (unsigned short)request->width_pixels,
	    .ws_ypixel = (unsigned short)request->height_pixels,
	};

	(void)ioctl(fd, TIOCSWINSZ, &size);
}

int
pty_open(const struct rpc_spawn_req *request, const struct user *user,
    struct pty *ret, struct err *err)
{
	auto_pty struct pty pty = {.master_fd = -1, .slave_fd = -1};
	struct termios tio;
	int r;

	ret->master_fd = ret->slave_fd = -1;
	r = open_pair(&pty, err);
	if (r < 0)
		return r;
	if (fchown(pty.slave_fd, user->uid, user_tty_group(user->gid)) < 0 ||
	    fchmod(pty.slave_fd, PTY_MODE) < 0)
		return err_errno(err, "%s: give to %s", pty.name, user->name);
	set_size(pty.slave_fd, request);
	if (tcgetattr(pty.slave_fd, &tio) < 0)
		return err_errno(err, "%s", pty.name);
	ttymodes_apply(request->modes.data, request->modes.size, &tio);
	(void)tcsetattr(pty.slave_fd, TCSANOW, &tio);
	*ret = pty;
	pty.master_fd = pty.slave_fd = -1;
	return 0;
}

void
pty_close(struct pty *pty)
{
	fd_close(&pty->slave_fd);
	fd_close(&pty->master_fd);
}
