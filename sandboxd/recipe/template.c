// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/template.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/parse.h"

int
template_path(const char *state_dir, const char *name,
    char path[TEMPLATE_PATH_SIZE], struct err *err)
{
	struct stat st;
	int n;

	if (!name_is_valid(name))
		return err_set(err, EINVAL,
		    "template: not [a-z0-9][a-z0-9_.-]{0,62}");
	n = snprintf(path, TEMPLATE_PATH_SIZE, "%s/templates/%s/rootfs",
	    state_dir, name);
	if (n < 0 || n >= TEMPLATE_PATH_SIZE)
		return err_set(err, ENAMETOOLONG, "template %s: path too long",
		    name);
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(err, ENOENT, "template: there is no \"%s\"",
		    name);
	return 0;
}

int
template_mark(const char *state_dir, const char *name,
    struct template_mark *ret, struct err *err)
{
	char path[TEMPLATE_PATH_SIZE];
	struct stat st;
	int r = template_path(state_dir, name, path, err);

	if (r < 0)
		return r;
	if (stat(path, &st) < 0)
		return err_errno(err, "template %s", name);
	*ret = (struct template_mark){st.st_dev, st.st_ino};
	return 0;
}

static int
is_template(const char *state_dir, const char *name)
{
	char path[TEMPLATE_PATH_SIZE];

	return template_path(state_dir, name, path, NULL) == 0;
}

int
template_names(const char *state_dir, char **ret, uint32_t *ret_size,
    struct err *err)
{
	char folder[TEMPLATE_PATH_SIZE];
	struct dirent **entries = NULL;
	char *names = malloc(TEMPLATE_NAMES_MAX);
	uint32_t used = 0;
	int n;

	if (names == NULL)
		return err_set(err, ENOMEM, "templates: no memory");
	snprintf(folder, sizeof folder, "%s/templates", state_dir);
	n = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		size_t size = strlen(entries[i]->d_name) + 1;

		if (is_template(state_dir, entries[i]->d_name) &&
		    used + size <= TEMPLATE_NAMES_MAX) {
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
