// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/file.h"
#include "sandboxd/init/files/tree.h"
#include "sandboxd/init/files/walk.h"
#include "sandboxd/init/process/user.h"

#define NONE UINT32_MAX

struct wish {
	uint32_t mode, uid, gid; /* NONE: as they are */
};

static int
find_owner(const char *owner, struct wish *wish, struct err *err)
{
	auto_free char *passwd = NULL, *group = NULL;
	const char *of_group = strchr(owner, ':');
	const bool is_group_alone = of_group == owner;
	char spec[2 * USER_NAME_SIZE + 2];
	struct user user = {.gid = 0};
	int r;

	if (owner[0] == '\0')
		return 0;
	r = file_read_optional("/etc/passwd", &passwd, err);
	if (r == 0)
		r = file_read_optional("/etc/group", &group, err);
	if (r < 0)
		return r;
	if (of_group != NULL && of_group[1] == '\0')
		return err_set(err, EINVAL, "owner: no group follows \":\"");
	snprintf(spec, sizeof spec, "%s%s", is_group_alone ? "0" : "", owner);
	if (user_parse_spec(passwd, group, spec, &user) < 0)
		return err_set(err, EINVAL, "owner: no \"%.64s\" in the "
		    "sandbox", owner);
	if (!is_group_alone)
		wish->uid = user.uid;
	if (of_group != NULL)
		wish->gid = user.gid;
	return 0;
}

/* Of what fd, which may be one of O_PATH alone, is. 0 or -errno. */
static int
change_fd(const struct wish *wish, int fd)
{
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	/* First the owner: that takes set-user-ID off. */
	if ((wish->uid != NONE || wish->gid != NONE) &&
	    chown(self, wish->uid, wish->gid) < 0)
		return -errno;
	if (wish->mode != NONE && chmod(self, wish->mode & 07777) < 0)
		return -errno;
	return 0;
}

/* A name that becomes a link meanwhile is none of what was asked for. */
static int
visit(void *arg, const struct walk_entry *entry, struct err *err)
{
	auto_close int fd = -1;
	struct stat st;
	int r;

	fd = openat(entry->folder_fd, entry->name,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || S_ISLNK(st.st_mode))
		return 0;
	r = change_fd(arg, fd);
	return r < 0 ? tree_fail(err, -r, entry->path) : 0;
}

int
attributes_change(const char *path, uint32_t mode, const char *owner,
    bool is_recursive, struct err *err)
{
	struct wish wish = {mode, NONE, NONE};
	auto_close int fd = -1;
	struct stat st;
	int r = find_owner(owner, &wish, err);

	if (r < 0)
		return r;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return tree_fail(err, errno, path);
	/* A folder comes last: it may be closed by this. */
	if (is_recursive && S_ISDIR(st.st_mode))
		r = walk_folder(path, true, visit, &wish, err);
	if (r < 0)
		return r;
	r = change_fd(&wish, fd);
	return r < 0 ? tree_fail(err, -r, path) : 0;
}
