// SPDX-License-Identifier: Apache-2.0
#include "common/disk_mounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_LETTERS                                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/"

bool
disk_id_is_valid(const char *text)
{
	size_t n;

	if (strncmp(text, "dk_", 3) != 0)
		return false;
	n = strspn(text + 3, SANDBOX_ID_ALPHABET);
	return n > 0 && text[3 + n] == '\0' && 3 + n < SANDBOX_ID_SIZE;
}

/* Whether a is b or below it. */
static bool
is_at(const char *a, const char *b)
{
	const size_t n = strlen(b);

	return strncmp(a, b, n) == 0 && (a[n] == '\0' || a[n] == '/');
}

/* No part of it is empty, "." or "..". */
static bool
is_straight(const char *path)
{
	while (*path == '/') {
		const size_t n = strcspn(++path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && strncmp(path, "..", 2) == 0))
			return false;
		path += n;
	}
	return *path == '\0';
}

static int
check_path(const char *path, struct err *err)
{
	static const char *const taken[] = {"/dev", "/proc", "/sys", "/run",
	    "/tmp"};

	if (path[0] != '/' || path[1] == '\0' || !is_straight(path) ||
	    path[strspn(path, PATH_LETTERS)] != '\0')
		return err_set(err, EINVAL, "disks: \"%.64s\" must be an "
		    "absolute path of letters, digits and \"._-\"", path);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (is_at(path, taken[i]))
			return err_set(err, EINVAL, "disks: nothing can be "
			    "mounted at or below %s", taken[i]);
	return 0;
}

static int
check_others(const struct disk_mount *mounts, size_t n,
    const struct disk_mount *mount, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(mounts[i].disk, mount->disk) == 0)
			return err_set(err, EINVAL, "disks: %.64s is there "
			    "twice", mount->disk);
		if (is_at(mounts[i].path, mount->path) ||
		    is_at(mount->path, mounts[i].path))
			return err_set(err, EINVAL, "disks: %.100s and %.100s "
			    "are at or below each other", mounts[i].path,
			    mount->path);
	}
	return 0;
}

/* "ID:/PATH[:ro]" */
static int
parse_one(char *text, struct disk_mount *ret, struct err *err)
{
	const char *disk = strsep(&text, ":"), *path = strsep(&text, ":");

	*ret = (struct disk_mount){.is_readonly = text != NULL};
	if (!name_is_valid(disk) || path == NULL || (text != NULL &&
	    strcmp(text, "ro") != 0) || strlen(path) >= sizeof ret->path)
		return err_set(err, EINVAL, "disks: \"%.64s\": must be "
		    "DISK:/PATH or DISK:/PATH:ro, the path of at most %d "
		    "bytes", disk, DISK_MOUNT_PATH_SIZE - 1);
	snprintf(ret->disk, sizeof ret->disk, "%s", disk);
	snprintf(ret->path, sizeof ret->path, "%s", path);
	return check_path(path, err);
}

int
disk_mounts_parse(const char *text, struct disk_mount ret[DISK_MOUNTS_MAX],
    struct err *err)
{
	char copy[DISK_MOUNTS_SIZE], *rest = copy, *one;
	int n = 0, r;

	if (*text == '\0')
		return 0;
	if (strlen(text) >= sizeof copy)
		return err_set(err, EINVAL, "disks: at most %d bytes",
		    DISK_MOUNTS_SIZE - 1);
	strcpy(copy, text);
	while ((one = strsep(&rest, ",")) != NULL) {
		if (n == DISK_MOUNTS_MAX)
			return err_set(err, EINVAL, "disks: a sandbox may "
			    "have at most %d", DISK_MOUNTS_MAX);
		if ((r = parse_one(one, &ret[n], err)) < 0 ||
		    (r = check_others(ret, (size_t)n, &ret[n], err)) < 0)
			return r;
		n++;
	}
	return n;
}

int
disk_mounts_print(const struct disk_mount *mounts, size_t n,
    char ret[DISK_MOUNTS_SIZE], struct err *err)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const int added = snprintf(ret + used, DISK_MOUNTS_SIZE - used,
		    "%s%s:%s%s", i > 0 ? "," : "", mounts[i].disk,
		    mounts[i].path, mounts[i].is_readonly ? ":ro" : "");

		if (added < 0 || (size_t)added >= DISK_MOUNTS_SIZE - used)
			return err_set(err, EINVAL, "disks: more than %d "
			    "bytes in all", DISK_MOUNTS_SIZE - 1);
		used += (size_t)added;
	}
	return 0;
}
