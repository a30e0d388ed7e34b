// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandboxd/init/file.h"
#include "sandboxd/init/process/user.h"

#define HALF_YEAR_S (365 * 24 * 60 * 60 / 2)

static const char *
read_once(char **text, const char *path)
{
	if (*text == NULL && file_read_text(path, text, NULL) < 0)
		*text = strdup("");
	return *text != NULL ? *text : "";
}

void
names_find_user(struct names *names, uid_t uid, char *text, size_t size)
{
	struct user user = {.name = ""};

	(void)user_parse_passwd(read_once(&names->passwd, "/etc/passwd"), NULL,
	    uid, &user);
	snprintf(text, size, "%s", user.name);
}

void
names_find_group(struct names *names, gid_t gid, char *text, size_t size)
{
	if (user_parse_group_name(read_once(&names->group, "/etc/group"), gid,
	    text, size) < 0)
		text[0] = '\0';
}

static char
type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	case S_IFREG:
		return '-';
	default:
		return '?';
	}
}

/* "-rwxr-xr-x": text must hold 11 bytes. */
static void
mode_letters(mode_t mode, char *text)
{
	static const char letters[] = "rwxrwxrwx";
	static const struct {
		mode_t bit;
		int at;
		char with_x, without_x;
	} special[] = {{S_ISUID, 3, 's', 'S'}, {S_ISGID, 6, 's', 'S'},
	    {S_ISVTX, 9, 't', 'T'}};

	text[0] = type_letter(mode);
	for (int i = 0; i < 9; i++)
		text[i + 1] = (mode & (0400u >> i)) != 0 ? letters[i] : '-';
	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		if ((mode & special[i].bit) != 0)
			text[special[i].at] = text[special[i].at] == 'x' ?
			    special[i].with_x : special[i].without_x;
	text[10] = '\0';
}

void
names_long(struct names *names, const char *name, const struct stat *st,
    char *text, size_t size)
{
	char mode[11], user[USER_NAME_SIZE], group[USER_NAME_SIZE], date[32];
	time_t now = time(NULL);
	struct tm tm;

	mode_letters(st->st_mode, mode);
	names_find_user(names, st->st_uid, user, sizeof user);
	if (user[0] == '\0')
		snprintf(user, sizeof user, "%u", st->st_uid);
	names_find_group(names, st->st_gid, group, sizeof group);
	if (group[0] == '\0')
		snprintf(group, sizeof group, "%u", st->st_gid);
	date[0] = '\0';
	if (localtime_r(&st->st_mtime, &tm) != NULL &&
	    strftime(date, sizeof date, now - HALF_YEAR_S < st->st_mtime &&
	    now >= st->st_mtime ? "%b %e %H:%M" : "%b %e  %Y", &tm) == 0)
		date[0] = '\0';
	/* strmode(3), which OpenSSH uses, ends in a blank. */
	snprintf(text, size, "%s  %3lu %-8s %-8s %8llu %s %s", mode,
	    (unsigned long)st->st_nlink, user, group,
	    (unsigned long long)st->st_size, date, name);
}

void
names_fini(struct names *names)
{
	free(names->passwd);
	free(names->group);
	*names = (struct names){0};
}
