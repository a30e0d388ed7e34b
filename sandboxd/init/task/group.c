// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/statfs_plain.h"
#include "sandboxd/init/loop.h"

#define NAME_SIZE 64
#define LOOK_MS	  1000 /* between two looks at what was left */
#define LIST_SIZE 4096

void
groups_init(struct groups *groups, int fd)
{
	struct statfs status;
	struct stat st;
	bool is_folder = fstatfs_plain(fd, &status) == 0 &&
	    status.f_type == CGROUP2_SUPER_MAGIC && fstat(fd, &st) == 0 &&
	    S_ISDIR(st.st_mode);

	*groups = (struct groups){.folder_fd = -1};
	if (is_folder && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		groups->folder_fd = fd;
}

static void
name_file(const struct group *group, const char *file, char ret[NAME_SIZE])
{
	snprintf(ret, NAME_SIZE, "%" PRIu64 "%s%s", group->number,
	    *file != '\0' ? "/" : "", file);
}

static bool
write_file(const struct groups *groups, const struct group *group,
    const char *file, const char *value)
{
	char name[NAME_SIZE];
	auto_close int fd = -1;

	name_file(group, file, name);
	fd = openat(groups->folder_fd, name, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, value, strlen(value)) > 0;
}

/* False: somebody is in it. */
static bool
remove_group(const struct groups *groups, struct group *group)
{
	char name[NAME_SIZE];

	name_file(group, "", name);
	if (unlinkat(groups->folder_fd, name, AT_REMOVEDIR) < 0 &&
	    errno == EBUSY)
		return false;
	fd_close(&group->threads_fd);
	free(group);
	return true;
}

/* Those that nobody has any more, once they are empty. */
static void
look_after(struct groups *groups)
{
	struct group **link = &groups->left, *group;
	uint64_t now_ms = loop_now_ms();

	if (groups->left == NULL || now_ms - groups->looked_ms < LOOK_MS)
		return;
	groups->looked_ms = now_ms;
	while ((group = *link) != NULL) {
		struct group *next = group->next;

		if (remove_group(groups, group))
			*link = next;
		else
			link = &group->next;
	}
}

/* NULL: there may be no more, or no memory. */
static struct group *
make_group(struct groups *groups)
{
	struct group *group = calloc(1, sizeof *group);
	char name[NAME_SIZE];

	if (group == NULL)
		return NULL;
	group->number = ++groups->last_number;
	name_file(group, "", name);
	if (mkdirat(groups->folder_fd, name, 0755) < 0) {
		free(group);
		return NULL;
	}
	group->threads_fd = -1;
	name_file(group, "cgroup.threads", name);
	if (write_file(groups, group, "cgroup.type", "threaded"))
		group->threads_fd = openat(groups->folder_fd, name,
		    O_RDWR | O_CLOEXEC);
	if (group->threads_fd >= 0)
		return group;
	(void)remove_group(groups, group);
	return NULL;
}

struct group *
group_take(struct groups *groups)
{
	struct group *group = groups->spare;

	if (groups->folder_fd < 0)
		return NULL;
	look_after(groups);
	if (group == NULL)
		return make_group(groups);
	groups->spare = group->next;
	groups->n_spare--;
	return group;
}

void
group_give_back(struct groups *groups, struct group *group)
{
	if (group == NULL)
		return;
	if (!group->is_spent && groups->n_spare < GROUPS_SPARE_MAX &&
	    group_is_empty(group)) {
		group->next = groups->spare;
		groups->spare = group;
		groups->n_spare++;
	} else if (!remove_group(groups, group)) {
		group->next = groups->left;
		groups->left = group;
	}
}

bool
group_is_empty(const struct group *group)
{
	char text[1];

	return pread(group->threads_fd, text, sizeof text, 0) == 0;
}

/* Of the threads listed now each; false: none is. */
static bool
kill_listed(const struct group *group)
{
	char text[LIST_SIZE + 1];
	ssize_t n = pread(group->threads_fd, text, LIST_SIZE, 0);
	char *at = text, *end;
	long number;

	if (n <= 0)
		return false;
	text[n] = '\0';
	while ((end = strchr(at, '\n')) != NULL) {
		number = strtol(at, NULL, 10);
		if (number > 1)
			(void)kill((pid_t)number, SIGKILL);
		at = end + 1;
	}
	return true;
}

/* What stands still does not fork, and dies of SIGKILL all the same. */
bool
group_kill(const struct groups *groups, struct group *group)
{
	if (!group->is_spent)
		(void)write_file(groups, group, "cgroup.freeze", "1");
	group->is_spent = true;
	return !kill_listed(group);
}
