// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/sizes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/conf.h"
#include "common/parse.h"

/* One entry behind its "=", which is cut into words. */
static int
read_entry(char *text, struct size *ret)
{
	char *cpus = strsep(&text, "/"), *memory = strsep(&text, "/");

	if (memory == NULL || parse_u64(cpus, &ret->cpu_millis) < 0 ||
	    ret->cpu_millis == 0 || ret->cpu_millis > 1024 ||
	    parse_size(memory, &ret->memory_bytes) < 0)
		return -EINVAL;
	ret->cpu_millis *= 1000;
	ret->disk_bytes = 0;
	return text == NULL ? 0 : parse_size(text, &ret->disk_bytes);
}

int
size_find(const char *table, const char *name, struct size *ret,
    struct err *err)
{
	char copy[CONF_STRING_SIZE], names[CONF_STRING_SIZE] = "", *rest = copy;
	size_t used = 0;
	char *entry;

	snprintf(copy, sizeof copy, "%s", table);
	while ((entry = strsep(&rest, " ")) != NULL) {
		char *value = strchr(entry, '=');
		struct size size;

		if (*entry == '\0')
			continue;
		if (value != NULL)
			*value++ = '\0';
		if (value == NULL || !name_is_valid(entry) ||
		    read_entry(value, &size) < 0)
			return err_set(err, EINVAL, "sizes: \"%s\" is not "
			    "NAME=CPUS/MEMORY or NAME=CPUS/MEMORY/DISK",
			    entry);
		if (name != NULL && strcmp(entry, name) == 0) {
			*ret = size;
			return 0;
		}
		used += (size_t)snprintf(names + used, sizeof names - used,
		    "%s%s", used > 0 ? ", " : "", entry);
	}
	if (name == NULL)
		return 0;
	return err_set(err, EINVAL, "size: \"%.32s\" is not one of %.160s",
	    name, names);
}
