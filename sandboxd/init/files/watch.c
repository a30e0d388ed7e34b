// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/rpc_calls.h"
#include "sandboxd/init/files/tree.h"

#define DEPTH_MAX   128
#define EVENT_BYTES 65536
#define EVENTS                                                                 \
	(IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |     \
	    IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR |           \
	    IN_EXCL_UNLINK)

/* One that is watched; name is below the first, "" is that itself. */
struct folder {
	int number;
	char *name; /* owned */
};

struct watch {
	int fd;
	const char *path;
	bool is_recursive, is_over;
	struct folder *folders; /* by number */
	size_t n, room;
	void (*tell)(void *arg, uint32_t change, const char *name);
	void *arg;
};

static struct folder *
find(struct watch *watch, int number)
{
	for (size_t low = 0, high = watch->n; low < high;) {
		size_t middle = (low + high) / 2;
		struct folder *folder = &watch->folders[middle];

		if (folder->number == number)
			return folder;
		if (folder->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
forget(struct watch *watch, struct folder *folder)
{
	free(folder->name);
	watch->n--;
	memmove(folder, folder + 1, (size_t)(watch->folders + watch->n -
	    folder) * sizeof *folder);
}

static int
keep(struct watch *watch, int number, const char *name, struct err *err)
{
	struct folder *grown, *at = find(watch, number);
	char *copy = strdup(name);
	size_t i = watch->n;

	if (copy == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (at != NULL) { /* the same folder, by a new name */
		free(at->name);
		at->name = copy;
		return 0;
	}
	if (watch->n == watch->room) {
		grown = reallocarray(watch->folders, watch->room * 2 + 16,
		    sizeof *grown);
		if (grown == NULL) {
			free(copy);
			return err_set(err, ENOMEM, "out of memory");
		}
		watch->folders = grown;
		watch->room = watch->room * 2 + 16;
	}
	while (i > 0 && watch->folders[i - 1].number > number)
		i--;
	memmove(&watch->folders[i + 1], &watch->folders[i],
	    (watch->n - i) * sizeof *watch->folders);
	watch->folders[i] = (struct folder){number, copy};
	watch->n++;
	return 0;
}

/* The path of a name below the first. */
static void
put_path(const struct watch *watch, const char *name, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%s%s%s", watch->path,
	    *name != '\0' ? "/" : "", name);
}

static int add_below(struct watch *watch, const char *name, bool is_new,
    int depth, struct err *err);

/* A folder that is gone by now, or is none, or another's, is passed over;
 * not so the first. */
static int
add(struct watch *watch, const char *name, bool is_new, int depth,
    struct err *err)
{
	char path[PATH_MAX];
	int number, r;

	put_path(watch, name, path);
	if (watch->n == WATCH_FOLDERS_MAX)
		return err_set(err, EDQUOT, "a watch has at most %d folders, "
		    "and there are more in \"%.100s\"", WATCH_FOLDERS_MAX,
		    watch->path);
	number = inotify_add_watch(watch->fd, path, *name != '\0' ?
	    EVENTS | IN_DONT_FOLLOW : EVENTS);
	if (number < 0 && errno == ENOSPC)
		return err_set(err, EDQUOT, "the user has as many folders "
		    "watched as this host lets one have "
		    "(fs.inotify.max_user_watches)");
	if (number < 0)
		return *name == '\0' ? tree_fail(err, errno, path) : 0;
	r = keep(watch, number, name, err);
	return r < 0 || !watch->is_recursive ? r :
	    add_below(watch, name, is_new, depth, err);
}

/* What is in a new folder before it is watched is told as new. */
static int
add_below(struct watch *watch, const char *name, bool is_new, int depth,
    struct err *err)
{
	char path[PATH_MAX], below[PATH_MAX];
	const struct dirent *entry;
	struct stat st;
	DIR *folder;
	int r = 0;

	put_path(watch, name, path);
	if (depth == DEPTH_MAX || (folder = opendir(path)) == NULL)
		return 0;
	while (r == 0 && (entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    snprintf(below, sizeof below, "%s%s%s", name,
		    *name != '\0' ? "/" : "", entry->d_name) >=
		    (int)sizeof below)
			continue;
		if (is_new)
			watch->tell(watch->arg, INSIDE_CHANGE_CREATED, below);
		if (fstatat(dirfd(folder), entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
			r = add(watch, below, is_new, depth + 1, err);
	}
	(void)closedir(folder);
	return r;
}

/* One was moved away: what is below it is no longer of this tree. */
static void
drop_below(struct watch *watch, const char *name)
{
	size_t size = strlen(name);

	for (size_t i = watch->n; i-- > 0;) {
		struct folder *folder = &watch->folders[i];

		if (strncmp(folder->name, name, size) != 0 ||
		    (folder->name[size] != '\0' && folder->name[size] != '/'))
			continue;
		(void)inotify_rm_watch(watch->fd, folder->number);
		forget(watch, folder);
	}
}

static const struct {
	uint32_t mask, change;
} changes[] = {
    {IN_CREATE | IN_MOVED_TO, INSIDE_CHANGE_CREATED},
    {IN_MODIFY, INSIDE_CHANGE_WRITTEN},
    {IN_DELETE, INSIDE_CHANGE_REMOVED},
    {IN_MOVED_FROM, INSIDE_CHANGE_RENAMED},
    {IN_ATTRIB, INSIDE_CHANGE_MODE},
};

static int
take_named(struct watch *watch, const struct folder *folder,
    const struct inotify_event *event, struct err *err)
{
	bool is_folder = (event->mask & IN_ISDIR) != 0;
	char name[PATH_MAX];

	if (snprintf(name, sizeof name, "%s%s%s", folder->name,
	    *folder->name != '\0' ? "/" : "", event->name) >=
	    (int)sizeof name)
		return 0;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if ((event->mask & changes[i].mask) != 0)
			watch->tell(watch->arg, changes[i].change, name);
	if (is_folder && watch->is_recursive &&
	    (event->mask & IN_MOVED_FROM) != 0)
		drop_below(watch, name);
	if (is_folder && watch->is_recursive &&
	    (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0)
		return add(watch, name, (event->mask & IN_CREATE) != 0, 0,
		    err);
	return 0;
}

static int
take(struct watch *watch, const struct inotify_event *event, struct err *err)
{
	struct folder *folder = find(watch, event->wd);

	if ((event->mask & IN_Q_OVERFLOW) != 0)
		return err_set(err, EOVERFLOW, "changes came faster than they "
		    "were read, and some are lost: list the folder and watch "
		    "it anew");
	if (folder == NULL)
		return 0;
	if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0 &&
	    *folder->name == '\0') {
		watch->tell(watch->arg, (event->mask & IN_DELETE_SELF) != 0 ?
		    INSIDE_CHANGE_REMOVED : INSIDE_CHANGE_RENAMED, "");
		watch->is_over = true;
		return 0;
	}
	if ((event->mask & IN_IGNORED) != 0) {
		forget(watch, folder);
		return 0;
	}
	return event->len > 0 ? take_named(watch, folder, event, err) : 0;
}

static int
take_all(struct watch *watch, struct err *err)
{
	static _Alignas(struct inotify_event) char buffer[EVENT_BYTES];
	ssize_t n = read(watch->fd, buffer, sizeof buffer);
	int r = 0;

	if (n < 0)
		return errno == EINTR ? 0 : err_errno(err, "watch");
	for (ssize_t at = 0; r == 0 && at < n;) {
		const struct inotify_event *event =
		    (const struct inotify_event *)(const void *)(buffer + at);

		r = take(watch, event, err);
		at += (ssize_t)(sizeof *event + event->len);
	}
	return r;
}

static int
go_on(struct watch *watch, int socket_fd, struct err *err)
{
	struct pollfd fds[] = {{.fd = socket_fd, .events = POLLIN},
	    {.fd = watch->fd, .events = POLLIN}};
	int r = 0;

	while (r == 0 && !watch->is_over) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_errno(err, "poll");
		if (fds[0].revents != 0)
			break;
		if (fds[1].revents != 0)
			r = take_all(watch, err);
	}
	return r;
}

int
watch_folder(int socket_fd, const char *path, bool is_recursive,
    void (*tell)(void *arg, uint32_t change, const char *name), void *arg,
    struct err *err)
{
	struct watch watch = {.path = path, .is_recursive = is_recursive,
	    .tell = tell, .arg = arg};
	auto_close int fd = watch.fd = inotify_init1(IN_CLOEXEC);
	int r;

	if (fd < 0)
		return err_set(err, EMFILE, "the user has as many watches as "
		    "this host lets one have (fs.inotify.max_user_instances)");
	r = add(&watch, "", false, 0, err);
	if (r == 0) {
		tell(arg, INSIDE_CHANGE_NONE, "");
		r = go_on(&watch, socket_fd, err);
	}
	for (size_t i = 0; i < watch.n; i++)
		free(watch.folders[i].name);
	free(watch.folders);
	return r;
}
