// SPDX-License-Identifier: Apache-2.0
/* Names of users and groups, and directory lines as `ls -l` has them. */
#pragma once

#include <stddef.h>
#include <sys/stat.h>

/* The image's account files, read once, when first asked. */
struct names {
	char *passwd, *group; /* NULL until read */
};

/* The name of an id in text[size]; "" where nobody is called so. */
void names_find_user(struct names *names, uid_t uid, char *text, size_t size);
void names_find_group(struct names *names, gid_t gid, char *text, size_t size);

/* One line for a file, without a line end, in text[size]. */
void names_long(struct names *names, const char *name, const struct stat *st,
    char *text, size_t size);

void names_fini(struct names *names);
