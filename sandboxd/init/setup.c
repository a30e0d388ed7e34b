// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/setup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/file.h"
#include "sandboxd/init/process/user.h"

#define WORKSPACE "/workspace"

static const char hosts_format[] =
    "127.0.0.1\tlocalhost\n"
    "127.0.1.1\t%s\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "ff02::1\tip6-allnodes\n"
    "ff02::2\tip6-allrouters\n";

static int
write_names(const char *hostname, struct err *err)
{
	char text[sizeof hosts_format + 128];
	int r;

	if (hostname[0] == '\0' || strspn(hostname, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != strlen(hostname))
		return err_set(err, EINVAL,
		    "hostname: 1 to 63 letters, digits, \"_\", \".\" or \"-\"");
	snprintf(text, sizeof text, "%s\n", hostname);
	r = file_write_text("/etc/hostname", text, 0644, err);
	if (r < 0)
		return r;
	snprintf(text, sizeof text, hosts_format, hostname);
	return file_write_text("/etc/hosts", text, 0644, err);
}

/* As of the host's name, which is nobody else's: its first 16 bytes. */
static int
write_machine_id(const char *hostname, struct err *err)
{
	char text[32 + 2] = "";
	const size_t length = strlen(hostname);

	for (size_t i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x",
		    i < length ? (unsigned char)hostname[i] : 0u);
	text[32] = '\n';
	return file_write_text("/etc/machine-id", text, 0444, err);
}

static int
make_workspace(struct err *err)
{
	auto_close int fd = -1;
	struct user user;

	if (mkdir(WORKSPACE, 0755) < 0)
		return errno == EEXIST ? 0 : err_errno(err, WORKSPACE);
	/* One that is no more must not keep root out. */
	if (user_find("", &user, NULL) < 0)
		return 0;
	fd = open(WORKSPACE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0755) < 0 ||
	    fchown(fd, user.uid, user.gid) < 0)
		return err_errno(err, WORKSPACE);
	return 0;
}

static void
renew(int folder_fd, const char *name)
{
	/* What cannot be, as a link into /proc, is nobody's secret. */
	(void)utimensat(folder_fd, name, NULL, AT_SYMLINK_NOFOLLOW);
}

static void
renew_entries(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, "..") != 0)
			renew(dirfd(folder), entry->d_name);
	(void)closedir(folder);
}

void
setup_renew(void)
{
	static const char *const paths[] = {"/", "/etc", "/etc/hostname",
	    "/etc/hosts", "/etc/machine-id", "/etc/resolv.conf",
	    WORKSPACE, "/tmp", "/run",
	    "/dev/shm"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		renew(AT_FDCWD, paths[i]);
	renew_entries("/dev");
}

int
setup_files(const struct rpc_init_setup_req *request, struct err *err)
{
	int r;

	if (mkdir("/etc", 0755) < 0 && errno != EEXIST)
		return err_errno(err, "/etc");
	r = write_names(request->hostname, err);
	if (r == 0)
		r = write_machine_id(request->hostname, err);
	if (r == 0 && request->resolv_conf[0] != '\0')
		r = file_write_text("/etc/resolv.conf", request->resolv_conf,
		    0644, err);
	return r == 0 ? make_workspace(err) : r;
}
