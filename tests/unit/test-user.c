// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/user.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const char passwd[] =
    "root:x:0:0:root:/root:/bin/bash\n"
    "\n"
    "# a comment\n"
    "short:x:5:5\n"
    "+nis::::::\n"
    "bad:x:12a:5::/:/bin/sh\n"
    "none:x:4294967295:5::/:/bin/sh\n"
    "long:x:1:1:a:b:c:d\n"
    ":x:7:7::/:/bin/sh\n"
    "bare:x:8:9:::\n"
    "sandbox:x:1000:1000:,,,:/home/sandbox:/bin/zsh\n"
    "sandbox:x:2000:2000::/second:/bin/sh\n"
    "last:x:3000:3000::/l:/bin/sh";

static const char group[] =
    "root:x:0:\n"
    "tty:x:5:\n"
    "broken\n"
    "sudo:x:27:other,sandbox\n"
    "near:x:28:sandboxed,sand\n"
    "users:x:100:sandbox,last\n"
    "sandbox:x:1000:sandbox\n"
    "last:x:3000:";

static void
test_passwd(void)
{
	struct user user;

	assert(user_parse_passwd(passwd, "sandbox", 0, &user) == 0);
	assert(user.uid == 1000 && strcmp(user.shell, "/bin/zsh") == 0);
	assert(strcmp(user.home, "/home/sandbox") == 0);
	assert(user_parse_passwd(passwd, NULL, 3000, &user) == 0);
	assert(strcmp(user.name, "last") == 0);
	assert(user_parse_passwd(passwd, "bare", 0, &user) == 0);
	assert(strcmp(user.home, "/") == 0);
	assert(strcmp(user.shell, "/bin/sh") == 0);

	static const char *const absent[] = {"short", "bad", "none", "long",
	    "", "roo", "root:x", "#"};

	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		assert(user_parse_passwd(passwd, absent[i], 0, &user) ==
		    -ENOENT);
	assert(user_parse_passwd("", "root", 0, &user) == -ENOENT);
}

static void
test_groups(void)
{
	struct user user = {.name = "sandbox", .gid = 1000};
	char name[16];
	gid_t gid;

	user_parse_groups(group, &user);
	assert(user.n_groups == 3 && user.groups[0] == 1000 &&
	    user.groups[1] == 27 && user.groups[2] == 100);
	assert(user_parse_group(group, "tty", &gid) == 0 && gid == 5);
	assert(user_parse_group(group, "broken", &gid) == -ENOENT);
	assert(user_parse_group_name(group, 3000, name, sizeof name) == 0);
	assert(strcmp(name, "last") == 0);
	assert(user_parse_group_name(group, 3000, name, 4) == -ENOENT);
}

/* As images say whom they are for. */
static void
test_specs(void)
{
	static const struct {
		const char *spec, *name;
		uid_t uid;
		gid_t gid;
	} good[] = {
	    {"sandbox", "sandbox", 1000, 1000}, {"3000", "last", 3000, 3000},
	    {"4000", "4000", 4000, 0}, {"4000:50", "4000", 4000, 50},
	    {"sandbox:tty", "sandbox", 1000, 5},
	    {"last:0", "last", 3000, 0}, {"bare:", "bare", 8, 9},
	};
	static const char *const bad[] = {"nobody", "sandbox:nobody", ":5",
	    "-1", "4294967295", "12a", "1000:12a", ""};
	struct user user;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert(user_parse_spec(passwd, group, good[i].spec,
		    &user) == 0);
		assert(strcmp(user.name, good[i].name) == 0);
		assert(user.uid == good[i].uid && user.gid == good[i].gid);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(user_parse_spec(passwd, group, bad[i], &user) ==
		    -ENOENT);
}

int
main(void)
{
	test_passwd();
	test_groups();
	test_specs();
	return 0;
}
