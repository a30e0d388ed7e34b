// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/template/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/parse.h"

#define HASH_BYTES 16

/* Of a template.conf, which has a few lines. */
#define CONF_BYTES_MAX 4096

/* Where a base is: its own place, or where a rebuild put it. */
static int
folder_path(const char *state_dir, const char *folder, const char *file,
    char path[TEMPLATE_PATH_SIZE], struct err *err)
{
	int n = snprintf(path, TEMPLATE_PATH_SIZE, "%s/templates/%s/%s",
	    state_dir, folder, file);

	if (n < 0 || n >= TEMPLATE_PATH_SIZE)
		return err_set(err, ENAMETOOLONG, "template %.64s: path too "
		    "long", folder);
	return 0;
}

static int
root_path(const char *state_dir, const char *folder,
    char path[TEMPLATE_PATH_SIZE], struct err *err)
{
	struct stat st;
	int r = folder_path(state_dir, folder, "rootfs", path, err);

	if (r == 0 && (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
		r = err_set(err, ENOENT, "template: there is no \"%s\"",
		    folder);
	return r;
}

int
base_path(const char *state_dir, const char *name,
    char path[TEMPLATE_PATH_SIZE], struct err *err)
{
	if (!name_is_valid(name))
		return err_set(err, EINVAL,
		    "template: not [a-z0-9][a-z0-9_.-]{0,62}");
	return root_path(state_dir, name, path, err);
}

int
base_mark(const char *state_dir, const char *name, struct base_mark *ret,
    struct err *err)
{
	char path[TEMPLATE_PATH_SIZE];
	struct stat st;
	int r = base_path(state_dir, name, path, err);

	if (r < 0)
		return r;
	if (stat(path, &st) < 0)
		return err_errno(err, "template %s", name);
	*ret = (struct base_mark){st.st_dev, st.st_ino};
	return 0;
}

static int
read_version(const char *state_dir, const char *folder,
    char version[BASE_VERSION_SIZE], struct err *err)
{
	unsigned char text[CONF_BYTES_MAX], hash[HASH_BYTES];
	char path[TEMPLATE_PATH_SIZE];
	auto_close int fd = -1;
	ssize_t n;
	int r = folder_path(state_dir, folder, "template.conf", path, err);

	if (r < 0)
		return r;
	version[0] = '\0';
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, "%s", path);
	n = read(fd, text, sizeof text);
	if (n < 0)
		return err_errno(err, "%s", path);
	(void)crypto_generichash(hash, sizeof hash, text,
	    (unsigned long long)n, NULL, 0);
	(void)sodium_bin2hex(version, BASE_VERSION_SIZE, hash, sizeof hash);
	return 0;
}

int
base_version(const char *state_dir, const char *name,
    char version[BASE_VERSION_SIZE], struct err *err)
{
	char path[TEMPLATE_PATH_SIZE];
	int r = base_path(state_dir, name, path, err);

	return r < 0 ? r : read_version(state_dir, name, version, err);
}

/* Whether that folder has that version of a base. */
static bool
is_version(const char *state_dir, const char *folder, const char *version)
{
	char has[BASE_VERSION_SIZE];

	return read_version(state_dir, folder, has, NULL) == 0 &&
	    strcmp(has, version) == 0;
}

/* The folder that a rebuild of `name` put that version in. */
static int
find_old(const char *state_dir, const char *name, const char *version,
    char folder[NAME_MAX + 1])
{
	char path[TEMPLATE_PATH_SIZE], prefix[NAME_MAX + 1];
	const struct dirent *entry;
	int r = -ENOENT;
	DIR *dir;

	(void)snprintf(prefix, sizeof prefix, ".%.64s.old.", name);
	if (folder_path(state_dir, ".", "", path, NULL) < 0 ||
	    (dir = opendir(path)) == NULL)
		return -ENOENT;
	while (r < 0 && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    is_version(state_dir, entry->d_name, version)) {
			(void)snprintf(folder, NAME_MAX + 1, "%s",
			    entry->d_name);
			r = 0;
		}
	(void)closedir(dir);
	return r;
}

int
base_path_of_version(const char *state_dir, const char *name,
    const char *version, char path[TEMPLATE_PATH_SIZE], struct err *err)
{
	char folder[NAME_MAX + 1];

	if (version[0] == '\0' || (name_is_valid(name) &&
	    is_version(state_dir, name, version)))
		return base_path(state_dir, name, path, err);
	if (find_old(state_dir, name, version, folder) < 0)
		return err_set(err, ENOENT, "template: the build of %.64s "
		    "that it was made on is gone; build it again", name);
	return root_path(state_dir, folder, path, err);
}

static bool
is_base(const char *state_dir, const char *name)
{
	char path[TEMPLATE_PATH_SIZE];

	return base_path(state_dir, name, path, NULL) == 0;
}

int
base_names(const char *state_dir, char **ret, uint32_t *ret_size,
    struct err *err)
{
	char folder[TEMPLATE_PATH_SIZE];
	struct dirent **entries = NULL;
	char *names = malloc(BASE_NAMES_MAX);
	uint32_t used = 0;
	int n;

	if (names == NULL)
		return err_set(err, ENOMEM, "templates: no memory");
	snprintf(folder, sizeof folder, "%s/templates", state_dir);
	n = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		size_t size = strlen(entries[i]->d_name) + 1;

		if (is_base(state_dir, entries[i]->d_name) &&
		    used + size <= BASE_NAMES_MAX) {
			memcpy(names + used, entries[i]->d_name, size);
			used += (uint32_t)size;
		}
		free(entries[i]);
	}
	free(entries);
	*ret = names;
	*ret_size = used;
	return 0;
}
