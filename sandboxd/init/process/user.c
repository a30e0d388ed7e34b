// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/user.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/file.h"

#define PASSWD_FIELDS 7
#define GROUP_FIELDS  4

static char default_spec[USER_NAME_SIZE]; /* "" = none */

void
user_set_default(const char *spec)
{
	(void)snprintf(default_spec, sizeof default_spec, "%s", spec);
}

/* A piece of text that is not NUL-terminated. */
struct slice {
	const char *data;
	size_t size;
};

/* The next line of *text without its end, consumed; data NULL at the end. */
static struct slice
next_line(const char **text)
{
	struct slice line = {*text, strcspn(*text, "\n")};

	if (**text == '\0')
		return (struct slice){NULL, 0};
	*text += line.size + ((*text)[line.size] == '\n');
	return line;
}

/* Splits at colons into exactly n fields; 0, or -EINVAL. */
static int
split(struct slice line, struct slice *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *colon = line.size > 0 ?
		    memchr(line.data, ':', line.size) : NULL;
		size_t size = colon != NULL ? (size_t)(colon - line.data) :
		    line.size;

		if ((colon == NULL) != (i == n - 1))
			return -EINVAL;
		fields[i] = (struct slice){line.data, size};
		if (colon != NULL) {
			line.data = colon + 1;
			line.size -= size + 1;
		}
	}
	return 0;
}

/* A uid or gid; (uid_t)-1 means "none" to the kernel and is refused. */
static int
parse_id(struct slice digits, uint32_t *ret)
{
	uint64_t id = 0;

	if (digits.size == 0 || digits.size > 10)
		return -EINVAL;
	for (size_t i = 0; i < digits.size; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return -EINVAL;
		id = id * 10 + (uint64_t)(digits.data[i] - '0');
	}
	if (id >= UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)id;
	return 0;
}

static int
equals(struct slice a, const char *b)
{
	return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}

static int
copy(struct slice from, char *to, size_t size)
{
	if (from.size >= size)
		return -EINVAL;
	memcpy(to, from.data, from.size);
	to[from.size] = '\0';
	return 0;
}

static int
parse_account(struct slice line, struct user *ret)
{
	struct slice field[PASSWD_FIELDS];

	memset(ret, 0, sizeof *ret);
	if (split(line, field, PASSWD_FIELDS) < 0 || field[0].size == 0 ||
	    copy(field[0], ret->name, sizeof ret->name) < 0 ||
	    parse_id(field[2], &ret->uid) < 0 ||
	    parse_id(field[3], &ret->gid) < 0 ||
	    copy(field[5], ret->home, sizeof ret->home) < 0 ||
	    copy(field[6], ret->shell, sizeof ret->shell) < 0)
		return -EINVAL;
	if (ret->home[0] == '\0')
		strcpy(ret->home, "/");
	if (ret->shell[0] == '\0')
		strcpy(ret->shell, "/bin/sh");
	return 0;
}

int
user_parse_passwd(const char *text, const char *name, uid_t uid,
    struct user *ret)
{
	struct slice line;
	struct user user;

	while ((line = next_line(&text)).data != NULL) {
		if (parse_account(line, &user) < 0)
			continue;
		if (name != NULL ? strcmp(user.name, name) == 0 :
		    user.uid == uid) {
			*ret = user;
			return 0;
		}
	}
	return -ENOENT;
}

/* Whether a comma-separated list has the name. */
static int
lists(struct slice members, const char *name)
{
	while (members.size > 0) {
		const char *comma = memchr(members.data, ',', members.size);
		size_t size = comma != NULL ?
		    (size_t)(comma - members.data) : members.size;

		if (equals((struct slice){members.data, size}, name))
			return 1;
		if (comma == NULL)
			break;
		members.data = comma + 1;
		members.size -= size + 1;
	}
	return 0;
}

static void
add_group(struct user *user, gid_t gid)
{
	for (size_t i = 0; i < user->n_groups; i++)
		if (user->groups[i] == gid)
			return;
	if (user->n_groups < USER_GROUPS_MAX)
		user->groups[user->n_groups++] = gid;
}

void
user_parse_groups(const char *text, struct user *user)
{
	struct slice line, field[GROUP_FIELDS];
	gid_t gid;

	add_group(user, user->gid);
	while ((line = next_line(&text)).data != NULL)
		if (split(line, field, GROUP_FIELDS) == 0 &&
		    parse_id(field[2], &gid) == 0 &&
		    lists(field[3], user->name))
			add_group(user, gid);
}

int
user_parse_group(const char *text, const char *name, gid_t *ret_gid)
{
	struct slice line, field[GROUP_FIELDS];
	gid_t gid;

	while ((line = next_line(&text)).data != NULL)
		if (split(line, field, GROUP_FIELDS) == 0 &&
		    equals(field[0], name) && parse_id(field[2], &gid) == 0) {
			*ret_gid = gid;
			return 0;
		}
	return -ENOENT;
}

int
user_parse_group_name(const char *text, gid_t gid, char *name, size_t size)
{
	struct slice line, field[GROUP_FIELDS];
	gid_t found;

	while ((line = next_line(&text)).data != NULL)
		if (split(line, field, GROUP_FIELDS) == 0 &&
		    parse_id(field[2], &found) == 0 && found == gid &&
		    copy(field[0], name, size) == 0)
			return 0;
	return -ENOENT;
}

/* One that is in no file has no home and no shell but what there always is. */
static int
find_uid(const char *passwd, struct slice digits, struct user *ret)
{
	uint32_t uid;

	if (parse_id(digits, &uid) < 0)
		return -ENOENT;
	if (user_parse_passwd(passwd, NULL, uid, ret) == 0)
		return 0;
	*ret = (struct user){.uid = uid, .home = "/", .shell = "/bin/sh"};
	(void)snprintf(ret->name, sizeof ret->name, "%u", uid);
	return 0;
}

int
user_parse_spec(const char *passwd, const char *group, const char *spec,
    struct user *ret)
{
	size_t size = strcspn(spec, ":");
	const char *of_group = spec + size + (spec[size] == ':');
	char name[USER_NAME_SIZE];
	uint32_t gid;

	if (copy((struct slice){spec, size}, name, sizeof name) < 0)
		return -ENOENT;
	if (user_parse_passwd(passwd, name, 0, ret) < 0 &&
	    find_uid(passwd, (struct slice){spec, size}, ret) < 0)
		return -ENOENT;
	if (*of_group == '\0')
		return 0;
	if (parse_id((struct slice){of_group, strlen(of_group)}, &gid) < 0 &&
	    user_parse_group(group, of_group, &gid) < 0)
		return -ENOENT;
	ret->gid = gid;
	return 0;
}

static int
find_default(const char *passwd, const char *group, struct user *ret)
{
	static const struct user root = {.name = "root", .home = "/",
	    .shell = "/bin/sh"};

	if (default_spec[0] != '\0')
		return user_parse_spec(passwd, group, default_spec, ret);
	if (user_parse_passwd(passwd, USER_DEFAULT_NAME, 0, ret) < 0 &&
	    user_parse_passwd(passwd, NULL, USER_DEFAULT_UID, ret) < 0 &&
	    user_parse_passwd(passwd, NULL, 0, ret) < 0)
		*ret = root;
	return 0;
}

int
user_find(const char *name, struct user *ret, struct err *err)
{
	auto_free char *passwd = NULL, *group = NULL;
	int r;

	r = file_read_optional("/etc/passwd", &passwd, err);
	if (r == 0)
		r = file_read_optional("/etc/group", &group, err);
	if (r < 0)
		return r;
	r = name[0] == '\0' ? find_default(passwd, group, ret) :
	    user_parse_passwd(passwd, name, 0, ret);
	if (r < 0)
		return err_set(err, ENOENT, "no user \"%s\" in the sandbox",
		    name[0] == '\0' ? default_spec : name);
	user_parse_groups(group, ret);
	return 0;
}

gid_t
user_tty_group(gid_t otherwise)
{
	auto_free char *group = NULL;
	gid_t gid = otherwise;

	if (file_read_text("/etc/group", &group, NULL) == 0)
		(void)user_parse_group(group, "tty", &gid);
	return gid;
}

int
user_become(const struct user *user)
{
	if (setgroups(user->n_groups, user->groups) < 0 ||
	    setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}
