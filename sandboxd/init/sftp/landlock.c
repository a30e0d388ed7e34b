// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"

/* Before version 2 nothing can be moved from one folder to another. */
#define VERSION_MIN 2
#define KERNEL_MIN  "5.19"

/* Rules are kernel memory, which whoever is root in here can have made. */
#define ROOT_ENTRIES_MAX 1024

/* Rights that headers of Linux 6.1 have no names for. */
#define TRUNCATE  (1ULL << 14) /* from version 3 on */
#define IOCTL_DEV (1ULL << 15) /* from version 5 on */

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                           \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM |        \
	    LANDLOCK_ACCESS_FS_REFER | TRUNCATE)
/* Those that there are of what is no folder. */
#define FILE_RIGHTS                                                            \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	    TRUNCATE)

/* What is not files; the host mounted it there, and nobody inside moves it. */
static const char *const hidden[] = {".", "..", "proc", "dev", "sys"};

static int
find_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

int
landlock_check(struct err *err)
{
	if (find_version() >= VERSION_MIN)
		return 0;
	return err_set(err, EOPNOTSUPP, "a login for files alone takes "
	    "Landlock, which the host's kernel does not have: Linux %s or "
	    "later, with landlock in CONFIG_LSM or lsm=", KERNEL_MIN);
}

/* All rights the kernel knows: those without a rule are refused. */
static uint64_t
known_rights(int version)
{
	return ((LANDLOCK_ACCESS_FS_REFER << 1) - 1) |
	    (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
}

static bool
is_hidden(const char *name)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (strcmp(hidden[i], name) == 0)
			return true;
	return false;
}

/* A link gives nothing: what it leads to is in / by its own name. */
static int
permit(int ruleset_fd, int root_fd, const char *name, uint64_t rights,
    struct err *err)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights};
	auto_close int fd = openat(root_fd, name,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "/%s", name);
	if (S_ISREG(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	else if (!S_ISDIR(st.st_mode))
		return 0;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset_fd,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_errno(err, "rule for /%s", name);
	return 0;
}

static int
permit_all(int ruleset_fd, DIR *root, uint64_t rights, struct err *err)
{
	const struct dirent *entry;
	int n = 0, r = 0;

	while (r == 0 && (entry = readdir(root)) != NULL) {
		if (is_hidden(entry->d_name))
			continue;
		if (++n > ROOT_ENTRIES_MAX)
			return err_set(err, E2BIG, "more than %d files and "
			    "folders in /", ROOT_ENTRIES_MAX);
		r = permit(ruleset_fd, dirfd(root), entry->d_name, rights,
		    err);
	}
	return r;
}

static int
enter(bool writes, DIR *root, struct err *err)
{
	uint64_t known = known_rights(find_version());
	struct landlock_ruleset_attr attr = {.handled_access_fs = known};
	auto_close int fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof attr, 0);
	int r;

	if (fd < 0)
		return err_errno(err, "ruleset");
	r = permit_all(fd, root, known & (READ_RIGHTS |
	    (writes ? WRITE_RIGHTS : 0)), err);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return err_errno(err, "restrict");
	return 0;
}

int
landlock_enter(bool writes, DIR **ret_root, struct err *err)
{
	DIR *root = opendir("/");
	int r;

	if (root == NULL)
		return err_errno(err, "/");
	r = enter(writes, root, err);
	if (r < 0)
		(void)closedir(root);
	else
		*ret_root = root;
	return r;
}
