// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/settings.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct err err;

static int
read_text(const char *text, struct settings *ret)
{
	char path[] = "/tmp/test-settings-XXXXXX";
	int fd = mkstemp(path), r;

	assert(fd >= 0);
	assert(dprintf(fd, "[sandboxd]\n%s\n", text) > 0);
	close(fd);
	r = settings_read(path, ret, &err);
	unlink(path);
	return r;
}

/* Each is refused, and the words name the key. */
static void
test_refused(void)
{
	static const char *const lines[] = {
	    "uid_base = 1000000", "uid_base = 4294901760",
	    "link_prefix = toolongprefix", "nft_table = a b",
	    "cgroup_parent = ../x", "disk_backend = zfs", "rootfs = magic",
	    "memory_limit = 128G\nmemory_limit_max = 64G",
	    "pids_limit = 1", "log_level = loud",
	    "default_template = ../../etc", "max_sandboxes = 0", "nonsense = 1",
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct settings settings;
		char key[64];

		snprintf(key, sizeof key, "%.*s", (int)strcspn(lines[i], " "),
		    lines[i]);
		assert(read_text(lines[i], &settings) == -EINVAL);
		assert(strstr(err.text, key) != NULL);
	}
}

/* The manual page has an item for every row. */
static void
test_manual(void)
{
	static char page[65536];
	FILE *file = fopen(MANUAL_PAGE, "re");
	size_t n;

	assert(file != NULL);
	n = fread(page, 1, sizeof page - 1, file);
	assert(n > 0 && n < sizeof page - 1);
	fclose(file);
	for (size_t i = 0; i < n_settings_keys; i++) {
		char item[64];

		snprintf(item, sizeof item, "\n.It Cm %s\n",
		    settings_keys[i].name);
		assert(strstr(page, item) != NULL);
	}
}

int
main(void)
{
	struct settings settings;

	assert(settings_read(NULL, &settings, &err) == 0);
	assert(settings.memory_limit_bytes == 512ULL << 20);
	assert(settings.uid_base == 0x40000000);
	assert(strcmp(settings.paths.run_dir, "/run/sandgate") == 0);
	assert(read_text("cpu_limit = 2500\ndns = 1.1.1.1", &settings) == 0);
	assert(settings.cpu_limit_millis == 2500);
	test_refused();
	test_manual();
	return 0;
}
