// SPDX-License-Identifier: Apache-2.0
/*
 * Accounts of the image, from its /etc/passwd and /etc/group by a reader of
 * our own: a static program cannot load the image's name services, and should
 * not. Lines that make no sense are passed over.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"

#define USER_NAME_SIZE	64
#define USER_PATH_SIZE	1024
#define USER_GROUPS_MAX 64

/* The user of a sandbox who is asked for by no name. */
#define USER_DEFAULT_NAME "sandbox"
#define USER_DEFAULT_UID  1000

struct user {
	char name[USER_NAME_SIZE];
	uid_t uid;
	gid_t gid;
	char home[USER_PATH_SIZE];
	char shell[USER_PATH_SIZE]; /* never empty: /bin/sh where none is set */
	size_t n_groups;
	gid_t groups[USER_GROUPS_MAX]; /* the primary one first */
};

/*
 * Looks `name` up, or the first account with `uid` where name is NULL, in the
 * text of a passwd file; groups are left empty. 0 or -ENOENT.
 */
int user_parse_passwd(const char *text, const char *name, uid_t uid,
    struct user *ret);

/* Adds the groups of a group file that list the user, up to the maximum. */
void user_parse_groups(const char *text, struct user *user);

/* The id of a named group in the text of a group file. 0 or -ENOENT. */
int user_parse_group(const char *text, const char *name, gid_t *ret_gid);

/* The name of a group's id, in name[size]. 0 or -ENOENT. */
int user_parse_group_name(const char *text, gid_t gid, char *name, size_t size);

/*
 * Who "" is from now on: a name, a uid that need not be in /etc/passwd, or
 * either with ":" and a group; "" is as it was. One for the process.
 */
void user_set_default(const char *spec);

/*
 * Looks up such a spec in the texts of a passwd and a group file; the groups
 * but the first are left empty. 0 or -ENOENT.
 */
int user_parse_spec(const char *passwd, const char *group, const char *spec,
    struct user *ret);

/*
 * The account called `name`, groups included; "" is the default user: whoever
 * user_set_default said, or the one named "sandbox", else uid 1000, else root
 * (who exists even in an image without /etc/passwd). 0, or with words -ENOENT,
 * or -errno where the files could not be read now.
 */
int user_find(const char *name, struct user *ret, struct err *err);

/* The group terminals belong to; `otherwise` in an image without one. */
gid_t user_tty_group(gid_t otherwise);

/*
 * Makes this process the user's, groups first, for good. Only system calls: it
 * may run between vfork and exec. 0 or -errno.
 */
int user_become(const struct user *user);
