// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "gateway/jail/privilege.h"
#include "gateway/settings/gateway_conf.h"

/* Makes the folder and those above it; what is there is left as it is. */
static int
make_folder(const char *path, mode_t mode, struct err *err)
{
	char part[PATH_MAX];

	snprintf(part, sizeof part, "%s", path);
	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return err_errno(err, "%s", part);
		*p = '/';
	}
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : err_errno(err, "%s", path);
	/* mkdir obeys the umask. */
	return chmod(path, mode) < 0 ? err_errno(err, "%s", path) : 0;
}

/* Only its maker gives the file away: one that is there may be a trap. */
static int
make_audit_log(const char *log_dir, uid_t uid, gid_t gid, struct err *err)
{
	char path[PATH_MAX];
	auto_close int fd = -1;
	int r = path_join(path, sizeof path, log_dir, "audit.log", err);

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : err_errno(err, "%s", path);
	if (fchown(fd, uid, gid) < 0 || fchmod(fd, 0640) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

/* The folder above is root's alone, so this name is what we made. */
static int
give_folder(const char *path, uid_t uid, gid_t gid, struct err *err)
{
	return lchown(path, uid, gid) < 0 ? err_errno(err, "%s", path) : 0;
}

int
folders_make(const struct gateway_conf *settings, struct err *err)
{
	const struct paths *paths = &settings->paths;
	char path[PATH_MAX];
	uid_t uid;
	gid_t gid;
	int r = privilege_find_user(settings->user, &uid, &gid, err);

	if (r == 0)
		r = make_folder(paths->run_dir, 0755, err);
	if (r == 0)
		r = path_join(path, sizeof path, paths->run_dir, "empty", err);
	if (r == 0)
		r = make_folder(path, 0555, err);
	if (r == 0)
		r = make_folder(paths->state_dir, 0711, err);
	if (r == 0)
		r = make_folder(paths->log_dir, 0755, err);
	if (r == 0)
		r = make_audit_log(paths->log_dir, uid, gid, err);
	if (r == 0)
		r = path_join(path, sizeof path, paths->state_dir, "keys", err);
	if (r == 0)
		r = make_folder(path, 0700, err);
	if (r == 0)
		r = give_folder(path, uid, gid, err);
	if (r == 0)
		r = path_join(path, sizeof path, paths->state_dir,
		    "disks.store", err);
	/* Whoever starts in there has no capability to look into it. */
	if (r == 0)
		r = make_folder(path, 0711, err);
	if (r == 0)
		r = give_folder(path, uid, gid, err);
	if (r == 0)
		r = path_join(path, sizeof path, paths->log_dir, "recordings",
		    err);
	if (r == 0)
		r = make_folder(path, 0750, err);
	if (r == 0)
		r = give_folder(path, uid, gid, err);
	return r;
}

int
folders_lock(const char *run_dir, int *ret_fd, struct err *err)
{
	char path[PATH_MAX], text[32] = "";
	auto_close int fd = -1;
	int r = path_join(path, sizeof path, run_dir, "gateway.pid", err);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_errno(err, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (pread(fd, text, sizeof text - 1, 0) <= 0)
			snprintf(text, sizeof text, "unknown");
		text[strcspn(text, "\n")] = '\0';
		return err_set(err, EBUSY, "another gateway runs already as "
		    "process %s (%s)", text, path);
	}
	snprintf(text, sizeof text, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || fchmod(fd, 0644) < 0)
		return err_errno(err, "%s", path);
	r = fd_write_all(fd, text, strlen(text));
	if (r < 0)
		return err_set(err, -r, "%s: %s", path, strerror(-r));
	*ret_fd = take_fd(&fd);
	return 0;
}
