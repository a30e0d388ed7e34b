// SPDX-License-Identifier: Apache-2.0
/* Which disks are where: what is none, and that a text comes back as it was. */
#include "common/disk_mounts.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ID "dk_0123456789abcdef"

static struct disk_mount mounts[DISK_MOUNTS_MAX];
static struct err err;

static void
test_good(void)
{
	static const char text[] = ID ":/data,other:/mnt/b.c:ro";
	char back[DISK_MOUNTS_SIZE];

	assert(disk_mounts_parse("", mounts, &err) == 0);
	assert(disk_mounts_parse(text, mounts, &err) == 2);
	assert(strcmp(mounts[0].disk, ID) == 0 && !mounts[0].is_readonly);
	assert(strcmp(mounts[1].path, "/mnt/b.c") == 0);
	assert(mounts[1].is_readonly);
	assert(disk_mounts_print(mounts, 2, back, &err) == 0);
	assert(strcmp(back, text) == 0);
}

static void
test_bad(void)
{
	static const char *const bad[] = {",", ID, ID ":", ID ":data", ID ":/",
	    ID ":/a/", ID ":/a//b", ID ":/../a", ID ":/a/.", ID ":/a:rw",
	    ID ":/a:ro:", ID ":/a b", ID ":/a\\", ":/a", "A:/a", "../x:/a",
	    ID ":/proc", ID ":/proc/a", ID ":/dev/shm", ID ":/sys",
	    ID ":/tmp/a", ID ":/run", ID ":/a," ID ":/b", "a:/a,b:/a",
	    "a:/a,b:/a/b", "a:/a/b,b:/a", "a:/a,b:/b,c:/c,d:/d,e:/e",
	    "a:/a,"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(disk_mounts_parse(bad[i], mounts, &err) == -EINVAL);
	assert(disk_mounts_parse("a:/procession,b:/a,c:/ab", mounts, &err) ==
	    3);
}

static void
test_ids(void)
{
	assert(disk_id_is_valid(ID));
	assert(!disk_id_is_valid("dk_"));
	assert(!disk_id_is_valid("dk_/"));
	assert(!disk_id_is_valid("sb_0123456789abcdef"));
	assert(!disk_id_is_valid(ID ID));
}

int
main(void)
{
	test_good();
	test_bad();
	test_ids();
	return 0;
}
