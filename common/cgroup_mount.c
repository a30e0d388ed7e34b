// SPDX-License-Identifier: Apache-2.0
#include "common/cgroup_mount.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 4096

bool
cgroup_mount_has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list != '\0') {
		size_t n = strcspn(list, ", \n");

		if (n == length && strncmp(list, word, n) == 0)
			return true;
		list += n + (list[n] != '\0');
	}
	return false;
}

/* proc(5): "id parent dev root MOUNT options fields... - TYPE source OPTIONS"
 */
static bool
read_line(const char *line, const char *controller, char *ret)
{
	const char *separator = strstr(line, " - ");
	char mount[CGROUP_MOUNT_SIZE], type[32], options[1024];

	if (separator == NULL ||
	    sscanf(line, "%*s %*s %*s %*s %511s", mount) != 1 ||
	    sscanf(separator + 3, "%31s %*s %1023s", type, options) != 2)
		return false;
	if (controller == NULL ? strcmp(type, "cgroup2") != 0 :
	    strcmp(type, "cgroup") != 0 ||
	    !cgroup_mount_has_word(options, controller))
		return false;
	strcpy(ret, mount);
	return true;
}

int
cgroup_mount_find(const char *mountinfo, const char *controller, char *ret,
    struct err *err)
{
	char line[LINE_SIZE];
	FILE *file = fopen(mountinfo, "re");

	*ret = '\0';
	if (file == NULL)
		return err_errno(err, "cannot open %s", mountinfo);
	while (*ret == '\0' && fgets(line, sizeof line, file) != NULL)
		(void)read_line(line, controller, ret);
	fclose(file);
	return 0;
}
